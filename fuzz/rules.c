/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole loader: the input is one rules file, or two with a line "%%%" between them. Whatever it
 * holds must load or be refused with a place, describe itself, select, and give a rule set.
 */
#include <stdlib.h>
#include "rules/load_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entries(const struct lnr_load_list *list)
{
	unsigned n = 0;

	for (const struct lnr_load_entry *e = list->first; e; e = e->next, n++) {
		if (!e->msg.len || !e->spot.file || e->spot.offset > e->spot.file->text.len)
			abort();
		for (const struct lnr_ctx *c = e->ctx; c; c = c->up) {
			if (!c->up && c->type != LNR_CTX_FILE)
				abort();
		}
	}
	if (n != list->n)
		abort();
}

static void check_result(const struct lnr_load_result *r, int rc)
{
	struct lnr_buf out;
	struct lnr_json j;

	if (lnr_load_result_ok(r) != (rc == 0))
		abort();
	check_entries(&r->errors);
	check_entries(&r->warnings);
	lnr_buf_init(&out, 0);
	lnr_json_init(&j, &out);
	lnr_load_result_json(r, &j);
	lnr_load_result_text(r, true, &out);
	lnr_load_result_explain(r, &out);
	lnr_buf_done(&out);
}

static void check_ruleset(struct lnr_loader *l)
{
	struct lnr_ruleset *rs;

	lnr_loader_select(l, false, LNR_STR("*a*"), LNR_STR("t"));
	lnr_loader_select(l, true, LNR_STR("*"), LNR_STR(""));
	if (lnr_loader_ruleset(l, &rs))
		return;
	for (uint32_t i = 0; i < rs->n_sources; i++) {
		const struct lnr_source_rules *s = &rs->sources[i];
		for (uint32_t k = 0; k < s->first[LNR_EVENT_COUNT]; k++) {
			if (s->by_event[k] >= rs->n_rules ||
				!lnr_ruleset_enabled(rs, s->by_event[k]))
				abort();
		}
	}
	lnr_ruleset_unref(rs);
}

static void load(struct lnr_str text, bool all_errors)
{
	struct lnr_loader_source src = {.name = LNR_STR("syscall")};
	struct lnr_loader_opts o = {.size = sizeof(o),
		.sources = &src,
		.n_sources = 1,
		.min_priority = LNR_PRIO_DEBUG,
		.all_errors = all_errors};
	struct lnr_loader *l = NULL;
	struct lnr_str mark = LNR_STR("\n%%%\n"), second = {NULL, 0};
	ptrdiff_t at = lnr_str_find(text, mark);

	if (at >= 0) {
		second = lnr_str_sub(text, (size_t)at + mark.len, text.len);
		text = lnr_str_sub(text, 0, (size_t)at);
	}
	src.fields = lnr_fieldset_new("syscall");
	if (src.fields && !lnr_loader_new(&o, &l, NULL)) {
		const struct lnr_load_result *r = NULL;
		int rc = lnr_loader_add(l, "a", text, &r);

		if (rc != -ENOMEM)
			check_result(r, rc);
		if (rc != -ENOMEM && second.ptr) {
			rc = lnr_loader_add(l, "b", second, &r);
			if (rc != -ENOMEM)
				check_result(r, rc);
		}
		lnr_loader_check_plugins(l, NULL);
		if (rc == 0) {
			struct lnr_buf out;
			lnr_buf_init(&out, 0);
			lnr_loader_validation_json(l, true, NULL, &out);
			lnr_loader_describe_text(l, NULL, &out);
			lnr_buf_done(&out);
		}
		check_ruleset(l);
	}
	lnr_loader_free(l);
	lnr_fieldset_unref(src.fields);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_str text = {(const char *)data, size};

	load(text, false);
	load(text, true);
	return 0;
}
