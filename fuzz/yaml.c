/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML reader: the input is a file. What comes out must keep its promises: places inside the text,
 * weights that add up, and the first of equal keys found again.
 */
#include <stdlib.h>
#include "config/yaml.h"
#include "schema/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void convert(const struct lnr_yaml *n)
{
	bool b;
	uint64_t u;
	int64_t s;
	double d;

	/* What is a number without sign is one with sign, too, unless it is too large. */
	if (lnr_yaml_u64(n, &u) && u <= INT64_MAX && (!lnr_yaml_s64(n, &s) || s != (int64_t)u))
		abort();
	lnr_yaml_bool(n, &b);
	lnr_yaml_double(n, &d);
}

static void check_keys(const struct lnr_yaml *n)
{
	for (uint32_t i = 0; i < n->n && i < 64; i++) {
		const struct lnr_yaml *key = n->kids[2 * i], *first = NULL;

		if (key->kind > LNR_YAML_SCALAR || memchr(key->text.ptr, 0, key->text.len))
			continue;
		for (uint32_t k = 0; !first; k++) {
			if (n->kids[2 * k]->kind <= LNR_YAML_SCALAR &&
				lnr_str_eq(n->kids[2 * k]->text, key->text))
				first = n->kids[2 * k + 1];
		}
		if (lnr_yaml_get(n, key->text.ptr) != first)
			abort();
	}
}

/* Weight of what is below, every alias followed: bounded, so this recursion is, too. */
static uint64_t walk(const struct lnr_yaml *n, size_t size, unsigned depth)
{
	uint64_t weight = 1;
	uint32_t kids = n->kind == LNR_YAML_MAP ? 2 * n->n : n->n;

	if (depth > LNR_YAML_DEPTH || n->offset > size || n->column > n->offset ||
		n->line > n->offset)
		abort();
	if (n->kind == LNR_YAML_SEQ || n->kind == LNR_YAML_MAP) {
		for (uint32_t i = 0; i < kids; i++)
			weight += walk(n->kids[i], size, depth + 1);
	} else if (n->text.ptr[n->text.len] != '\0') {
		abort();
	}
	if (weight != n->weight)
		abort();
	convert(n);
	if (n->kind == LNR_YAML_MAP)
		check_keys(n);
	return weight;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_arena a = {0};
	struct lnr_err err = {0};
	struct lnr_str text = {(const char *)data, size};
	const struct lnr_yaml **docs;
	uint64_t total = 0;
	size_t n;
	int rc = lnr_yaml_parse(&a, "f", text, &docs, &n, &err);

	if (rc && !err.msg[0])
		abort();
	if (lnr_yaml_utf8(&a, &text))
		abort();
	for (size_t i = 0; !rc && i < n; i++)
		total += walk(docs[i], text.len, 0);
	if (total > LNR_YAML_NODES)
		abort();
	lnr_arena_done(&a);
	return 0;
}
