/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What plugins say in JSON: the text up to the first NUL as a list of fields, as a list of names
 * and as a schema that the rest is checked against. Whatever comes must be refused with a reason or
 * give fields that a rule could name.
 */
#include <stdlib.h>
#include <string.h>
#include "plugin/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_fields(const char *text, struct lnr_arena *a)
{
	const struct lnr_plugin_field *f = NULL;
	struct lnr_err err = {0};
	size_t n = 0;
	int r = lnr_plugin_parse_fields(text, a, &f, &n, &err);
	must(r == 0 || (err.msg[0] && err.code == r));
	must((r == 0) == (n > 0));
	for (size_t i = 0; i < n; i++) {
		must(f[i].name[0] && f[i].desc[0] && f[i].display && f[i].type);
		must(!f[i].arg_required || f[i].arg_index || f[i].arg_key);
		must(!strpbrk(f[i].name, " []\n"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_plugin_names names;
	struct lnr_err err = {0};
	struct lnr_arena a;
	char *text = malloc(size + 2);
	must(text);
	if (size)
		memcpy(text, data, size);
	text[size] = text[size + 1] = 0;
	lnr_arena_init(&a, 0);
	check_fields(text, &a);
	if (lnr_plugin_parse_names(text, &a, &names, &err) == 0) {
		for (size_t i = 0; i < names.n; i++)
			must(names.v[i].len && lnr_plugin_admits(&names, names.v[i]));
	}
	lnr_err_clear(&err);
	int r = lnr_plugin_check_config(text, text + strlen(text) + (strlen(text) < size), &err);
	must(r == 0 || (r == -EINVAL && err.msg[0]));
	lnr_arena_done(&a);
	free(text);
	return 0;
}
