/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin without library: what is known of it stands in a row. */
#include <stdlib.h>
#include "plugin/host.h"
#include "schema/limits.h"

static int copy(struct lnr_plugin *p, struct lnr_str *ret, const char *text)
{
	*ret = lnr_arena_str(&p->arena, lnr_str_c(text));
	return ret->ptr ? 0 : -ENOMEM;
}

static int fill(struct lnr_plugin *p, const char *path)
{
	const struct lnr_plugin_builtin *b = p->builtin;
	struct lnr_str where;
	if (copy(p, &where, path) || copy(p, &p->name, b->name) ||
		copy(p, &p->version, b->version) || copy(p, &p->description, b->description) ||
		copy(p, &p->contact, b->contact) || copy(p, &p->source, b->source))
		return -ENOMEM;
	p->path = where.ptr;
	p->id = b->id;
	p->caps = LNR_PLUGIN_CAN_EXTRACT | (b->id ? LNR_PLUGIN_CAN_SOURCE : 0);
	p->schema = b->schema;
	p->config = p->open_params = "";
	if (!*b->fields_of)
		return 0;
	p->extract_sources.v = lnr_arena_new(&p->arena, struct lnr_str);
	if (!p->extract_sources.v)
		return -ENOMEM;
	p->extract_sources.n = 1;
	return copy(p, p->extract_sources.v, b->fields_of);
}

int lnr_plugin_builtin(const struct lnr_plugin_builtin *b, const char *path,
	struct lnr_plugin **ret, struct lnr_err *err)
{
	struct lnr_plugin *p = calloc(1, sizeof(*p));
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	p->builtin = b;
	lnr_arena_init(&p->arena, LNR_PLUGIN_ARENA_BYTES);
	int r = fill(p, path);
	if (r) {
		lnr_plugin_free(p);
		return lnr_fail(err, r, "out of memory");
	}
	*ret = p;
	return 0;
}
