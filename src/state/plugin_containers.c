/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table `containers` (spec plugin-abi.md 13.3). The reference has it from its container plugin;
 * what that is for is built in here, and so is the table. When that plugin is loaded all the same,
 * its own takes the place of this one.
 */
#include <string.h>
#include "base/util.h"
#include "state/plugin_tables_priv.h"

enum { IP, USER, ID, IMAGE, NAME, TYPE };

static const struct lnr_table_field fields[] = {
	[IP] = {"ip", LNR_PLUGIN_ST_STRING, true, false, NULL},
	[USER] = {"user", LNR_PLUGIN_ST_STRING, true, false, NULL},
	[ID] = {"id", LNR_PLUGIN_ST_STRING, true, false, NULL},
	[IMAGE] = {"image", LNR_PLUGIN_ST_STRING, true, false, NULL},
	[NAME] = {"name", LNR_PLUGIN_ST_STRING, true, false, NULL},
	[TYPE] = {"type", LNR_PLUGIN_ST_UINT32, true, false, NULL},
};

static struct lnr_container *find(struct lnr_state *st, const struct lnr_table_pos *pos)
{
	/* The empty id stands for the host elsewhere; it is no container. */
	return *pos->text ? lnr_containers_get(st->containers, lnr_str_c(pos->text)) : NULL;
}

static uint64_t containers_size(void *user, const struct lnr_table_pos *of)
{
	struct lnr_state *st = user;
	(void)of;
	return lnr_containers_count(st->containers);
}

static bool containers_has(
	void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos)
{
	(void)of;
	return find(user, pos);
}

/* Ids end with a NUL where they are kept. */
static bool containers_next(
	void *user, const struct lnr_table_pos *of, size_t *at, struct lnr_table_pos *ret)
{
	struct lnr_state *st = user;
	struct lnr_container *c = lnr_containers_next(st->containers, at);
	(void)of;
	if (c)
		*ret = (struct lnr_table_pos){.text = c->id.ptr};
	return c;
}

static int containers_read(void *user, const struct lnr_table_pos *of,
	const struct lnr_table_pos *pos, const struct lnr_table_column *col,
	struct lnr_arena *scratch, union lnr_plugin_state_data *ret)
{
	static const char *const keys[] = {
		[IP] = "ip", [USER] = "User", [IMAGE] = "image", [NAME] = "name"};
	const struct lnr_container *c = find(user, pos);
	(void)of;
	(void)scratch;
	if (!c)
		return -ENOENT;
	if (col->index == TYPE) {
		ret->u32 = (uint32_t)c->type;
		return 0;
	}
	const char *s = col->index == ID
				? c->id.ptr
				: json_string_value(json_object_get(c->meta, keys[col->index]));
	ret->str = s ? s : "";
	return 0;
}

static const struct lnr_table_ops containers_ops = {
	.size = containers_size,
	.has = containers_has,
	.next = containers_next,
	.read = containers_read,
};

const struct lnr_table_class lnr_table_containers = {
	.name = "containers",
	.key_type = LNR_PLUGIN_ST_STRING,
	.yields = true,
	.fields = fields,
	.n_fields = LNR_ARRAY_SIZE(fields),
	.ops = &containers_ops,
};
