/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/conds.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

/* --- rules --------------------------------------------------------------------------------- */

static int add_rule(struct lnr_test_rules *r, struct lnr_fieldset *fields, const char *text,
	struct lnr_rule *rule, char *why, size_t why_size)
{
	struct lnr_cond_opts o = {
		.fields = fields, .arena = &r->mem->arena, .interner = r->mem->interner};
	struct lnr_cond_err err = {0};
	const struct lnr_ast *ast;
	int rc = lnr_cond_parse(&r->mem->arena, lnr_str_c(text), 0, &ast, &err);

	if (!rc)
		rc = lnr_ast_events(ast, NULL, 0, &rule->events, &err);
	if (!rc)
		rc = lnr_cond_compile(&o, ast, &rule->cond, &err);
	if (rc == -ENOMEM)
		return rc;
	if (rc) {
		snprintf(why, why_size, "%s: %s", text, err.msg);
		return -EINVAL;
	}
	return 0;
}

int lnr_test_rules_init(struct lnr_test_rules *r, struct lnr_fieldset *fields,
	const char *const *conds, uint32_t n, char *why, size_t why_size)
{
	struct lnr_ruleset_source source = {.name = LNR_STR("syscall"), .fields = fields};
	struct lnr_rule *rules = NULL;
	uint32_t *order = NULL, n_order = 0;
	int rc;

	*r = (struct lnr_test_rules){NULL, NULL};
	rc = lnr_rules_mem_new(0, &r->mem);
	if (rc)
		return rc;
	rules = lnr_arena_calloc(&r->mem->arena, n, sizeof(*rules));
	order = lnr_arena_calloc(&r->mem->arena, n, sizeof(*order));
	if (!rules || !order)
		rc = -ENOMEM;
	for (uint32_t i = 0; !rc && i < n; i++) {
		bool off = conds[i][0] == '!';
		const char *name = lnr_arena_printf(&r->mem->arena, "r%u", i);

		if (!name) {
			rc = -ENOMEM;
			break;
		}
		rules[i] = (struct lnr_rule){
			.id = i, .name = lnr_str_c(name), .source = source.name};
		if (!off)
			order[n_order++] = i;
		rc = add_rule(r, fields, conds[i] + off, &rules[i], why, why_size);
	}
	if (!rc)
		rc = lnr_ruleset_build(r->mem, &source, 1, rules, n, order, n_order, &r->rs);
	if (rc)
		lnr_test_rules_done(r);
	return rc;
}

void lnr_test_rules_done(struct lnr_test_rules *r)
{
	lnr_ruleset_unref(r->rs);
	lnr_rules_mem_unref(r->mem);
	*r = (struct lnr_test_rules){NULL, NULL};
}

/* --- events -------------------------------------------------------------------------------- */

static void add_tuple(struct lnr_record_builder *b, struct lnr_str text)
{
	uint8_t bytes[13] = {LNR_AF_INET, 10, 9, 9, 9};
	uint16_t port = 40000;
	char ip[32];
	ptrdiff_t colon = lnr_str_chr(text, ':');

	if (colon < 0 || colon >= (ptrdiff_t)sizeof(ip))
		abort();
	memcpy(bytes + 5, &port, 2);
	memcpy(ip, text.ptr, (size_t)colon);
	ip[colon] = '\0';
	if (inet_pton(AF_INET, ip, bytes + 7) != 1)
		abort();
	port = (uint16_t)strtoul(text.ptr + colon + 1, NULL, 10);
	memcpy(bytes + 11, &port, 2);
	lnr_record_bytes(b, bytes, sizeof(bytes));
}

static void add_param(
	struct lnr_record_builder *b, const struct lnr_param_info *info, struct lnr_str text)
{
	char copy[600];
	int64_t number;

	if (text.len >= sizeof(copy))
		abort();
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	switch (info->type) {
	case LNR_PT_CHARBUF:
	case LNR_PT_FSPATH:
	case LNR_PT_FSRELPATH:
		lnr_record_str(b, copy);
		return;
	case LNR_PT_BYTEBUF:
		for (size_t i = 0; i < text.len; i++) {
			if (copy[i] == ';')
				copy[i] = '\0';
		}
		lnr_record_bytes(b, copy, text.len);
		return;
	case LNR_PT_SOCKTUPLE:
		add_tuple(b, text);
		return;
	default:
		number = strtoll(copy, NULL, 0);
		lnr_record_bytes(b, &number, lnr_pt_size(info->type)); /* little-endian */
	}
}

/* "name=" … up to the next '|'; ptr NULL when it is not there. */
static struct lnr_str find_param(const char *params, const char *name)
{
	struct lnr_str rest = lnr_str_c(params), part;

	while (lnr_str_split(&rest, '|', &part)) {
		ptrdiff_t eq = lnr_str_chr(part, '=');

		if (eq < 0)
			abort();
		if (lnr_str_eq(lnr_str_sub(part, 0, (size_t)eq), lnr_str_c(name)))
			return lnr_str_sub(part, (size_t)eq + 1, part.len);
	}
	return (struct lnr_str){NULL, 0};
}

size_t lnr_test_record(void *buf, size_t cap, unsigned type, int64_t tid, const char *params)
{
	const struct lnr_event_info *info = lnr_event_info(type);
	struct lnr_record_builder b;
	unsigned given = *params != '\0', used = 0;
	size_t len;

	if (!info)
		abort();
	for (const char *p = params; *p; p++)
		given += *p == '|';
	lnr_record_begin(&b, buf, cap, type, UINT64_C(1700000000000000000), tid, info->nparams);
	for (unsigned i = 0; i < info->nparams; i++) {
		struct lnr_str text = {NULL, 0};

		if (*params)
			text = find_param(params, info->params[i].name);
		if (text.ptr)
			add_param(&b, &info->params[i], text);
		else
			lnr_record_empty(&b);
		used += text.ptr != NULL;
	}
	len = lnr_record_end(&b);
	if (!len || used != given)
		abort();
	return len;
}
