/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments, environment and cgroups of a thread as tables (spec plugin-abi.md 13.2): lists, whose
 * keys are places from 0. The state keeps each list as items with NULs in between, so a change
 * writes the list anew; reading is what plugins do.
 */
#include <string.h>
#include "base/util.h"
#include "state/plugin_tables_priv.h"

/* An element that is not in a list yet: one text, or subsystem and path. */
struct item {
	struct lnr_blob *text[2];
};

/* The list that a class stands for, or NULL. */
static struct lnr_blob **args_of(struct lnr_task *k)
{
	return k ? &k->t.args : NULL;
}

static struct lnr_blob **env_of(struct lnr_task *k)
{
	return k ? &k->t.env : NULL;
}

static struct lnr_blob **cgroups_of(struct lnr_task *k)
{
	return k ? &k->t.cgroups : NULL;
}

static const struct lnr_str none = {NULL, 0};

static struct lnr_str text_of(struct lnr_blob *const *slot)
{
	return slot && *slot ? lnr_blob_str(*slot) : none;
}

static uint64_t count(struct lnr_str list)
{
	uint64_t n = 0;
	for (size_t i = 0; i < list.len; i++)
		n += list.ptr[i] == '\0';
	return n;
}

/* Where element `key` begins and how long it is, without its NUL; false = there are fewer. */
static bool find(struct lnr_str list, uint64_t key, struct lnr_str *ret)
{
	size_t at = 0;
	for (; at < list.len; key--) {
		size_t len = strlen(list.ptr + at); /* a NUL is behind each blob */
		if (!key) {
			*ret = (struct lnr_str){list.ptr + at, len};
			return true;
		}
		at += len + 1;
	}
	return false;
}

static bool next(struct lnr_str list, size_t *at, struct lnr_table_pos *ret)
{
	struct lnr_str unused;
	if (!find(list, *at, &unused))
		return false;
	*ret = (struct lnr_table_pos){.key = (*at)++};
	return true;
}

/* Elements of cgroups are "subsystem=path"; `index` says which part. */
static struct lnr_str part_of(struct lnr_str item, bool pair, unsigned index)
{
	ptrdiff_t eq = pair ? lnr_str_chr(item, '=') : -1;
	if (!pair)
		return item;
	if (index == 0)
		return lnr_str_sub(item, 0, eq < 0 ? item.len : (size_t)eq);
	return eq < 0 ? none : lnr_str_sub(item, (size_t)eq + 1, item.len);
}

static int read_part(struct lnr_str list, const struct lnr_table_pos *pos, bool pair,
	unsigned index, struct lnr_arena *scratch, union lnr_plugin_state_data *ret)
{
	struct lnr_str item;
	ret->str = "";
	if (pos->made) {
		const struct item *m = pos->made;
		if (m->text[index])
			ret->str = m->text[index]->data;
		return 0;
	}
	if (!find(list, pos->key, &item))
		return -ENOENT;
	item = part_of(item, pair, index);
	/* The end of an element ends in a NUL already. */
	if (item.len && item.ptr[item.len])
		ret->str = lnr_arena_strdup(scratch, item);
	else if (item.len)
		ret->str = item.ptr;
	return ret->str ? 0 : -ENOMEM;
}

/*
 * The list with element `key` replaced by `item`, or without it when item.ptr is NULL. Missing
 * elements before it become empty ones.
 */
static int edit(struct lnr_state *st, struct lnr_blob **slot, uint64_t key, struct lnr_str item)
{
	struct lnr_str list = text_of(slot), old, rest = none;
	uint64_t n = count(list), gap = key > n ? key - n : 0;
	size_t head = list.len;
	if (key >= LNR_PLUGIN_LIST_MAX)
		return -EINVAL;
	if (find(list, key, &old)) {
		head = (size_t)(old.ptr - list.ptr);
		rest = lnr_str_sub(list, head + old.len + 1, list.len);
	}
	size_t len = head + gap + (item.ptr ? item.len + 1 : 0) + rest.len;
	if (len > LNR_PLUGIN_LIST_BYTES)
		return -ENOSPC;
	char *text = lnr_arena_calloc(&st->scratch, len + 1, 1);
	if (!text)
		return -ENOMEM;
	char *at = text;
	if (head)
		memcpy(at, list.ptr, head);
	at += head + gap;
	if (item.len)
		memcpy(at, item.ptr, item.len);
	at += item.ptr ? item.len + 1 : 0;
	if (rest.len)
		memcpy(at, rest.ptr, rest.len);
	int r = lnr_blob_set_in(&st->slab, slot, (struct lnr_str){text, len});
	lnr_arena_reset(&st->scratch);
	return r;
}

/* The text of an element from its parts, in st->scratch. */
static int join(struct lnr_state *st, struct lnr_str first, struct lnr_str second, bool pair,
	struct lnr_str *ret)
{
	char *s = pair ? lnr_arena_printf(
				 &st->scratch, "%.*s=%.*s", LNR_STR_ARG(first), LNR_STR_ARG(second))
		       : lnr_arena_strdup(&st->scratch, first);
	*ret = lnr_str_c(s);
	return s ? 0 : -ENOMEM;
}

static int write_part(struct lnr_state *st, struct lnr_blob **slot, const struct lnr_table_pos *pos,
	bool pair, unsigned index, const char *text)
{
	struct lnr_str item, part[2];
	if (pos->made) {
		struct item *m = pos->made;
		return lnr_table_set_text(st, &m->text[index], text);
	}
	if (!slot || !find(text_of(slot), pos->key, &item))
		return -ENOENT;
	part[0] = part_of(item, pair, 0);
	part[1] = part_of(item, pair, 1);
	part[index] = lnr_str_c(text ? text : "");
	int r = join(st, part[0], part[1], pair, &item);
	if (!r)
		r = edit(st, slot, pos->key, item);
	lnr_arena_reset(&st->scratch);
	return r;
}

static int make(void *user, const struct lnr_table_pos *of, void **ret)
{
	struct lnr_state *st = user;
	struct item *m = lnr_slab_take(&st->slab, sizeof(*m));
	(void)of;
	if (!m)
		return -ENOMEM;
	*m = (struct item){0};
	*ret = m;
	return 0;
}

static void unmake(void *user, const struct lnr_table_pos *of, void *made)
{
	struct lnr_state *st = user;
	struct item *m = made;
	(void)of;
	lnr_blob_unref(m->text[0]);
	lnr_blob_unref(m->text[1]);
	lnr_slab_put(&st->slab, m, sizeof(*m));
}

static int add(
	struct lnr_state *st, struct lnr_blob **slot, uint64_t key, struct item *m, bool pair)
{
	struct lnr_str item, first = text_of(&m->text[0]), second = text_of(&m->text[1]);
	if (!slot)
		return -ENOENT;
	if (!first.ptr)
		first = LNR_STR("");
	int r = join(st, first, second.ptr ? second : LNR_STR(""), pair, &item);
	if (!r)
		r = edit(st, slot, key, item);
	lnr_arena_reset(&st->scratch);
	if (!r)
		unmake(st, NULL, m);
	return r;
}

static int erase(struct lnr_state *st, struct lnr_blob **slot, uint64_t key)
{
	struct lnr_str unused;
	if (!find(text_of(slot), key, &unused))
		return -ENOENT;
	return edit(st, slot, key, none);
}

static int clear(struct lnr_blob **slot)
{
	if (!slot)
		return -ENOENT;
	*slot = lnr_blob_unref(*slot);
	return 0;
}

/* --- the three classes: the same functions for three lists --- */

#define CLASS(list, pair)                                                                          \
	static uint64_t list##_size(void *user, const struct lnr_table_pos *of)                    \
	{                                                                                          \
		return count(text_of(list##_of(lnr_table_task(user, of))));                        \
	}                                                                                          \
	static bool list##_has(                                                                    \
		void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos)       \
	{                                                                                          \
		struct lnr_str unused;                                                             \
		return pos->made ||                                                                \
		       find(text_of(list##_of(lnr_table_task(user, of))), pos->key, &unused);      \
	}                                                                                          \
	static bool list##_next(                                                                   \
		void *user, const struct lnr_table_pos *of, size_t *at, struct lnr_table_pos *ret) \
	{                                                                                          \
		return next(text_of(list##_of(lnr_table_task(user, of))), at, ret);                \
	}                                                                                          \
	static int list##_read(void *user, const struct lnr_table_pos *of,                         \
		const struct lnr_table_pos *pos, const struct lnr_table_column *col,               \
		struct lnr_arena *scratch, union lnr_plugin_state_data *ret)                       \
	{                                                                                          \
		return read_part(text_of(list##_of(lnr_table_task(user, of))), pos, pair,          \
			col->index, scratch, ret);                                                 \
	}                                                                                          \
	static int list##_write(void *user, const struct lnr_table_pos *of,                        \
		const struct lnr_table_pos *pos, const struct lnr_table_column *col,               \
		const union lnr_plugin_state_data *in)                                             \
	{                                                                                          \
		return write_part(user, list##_of(lnr_table_task(user, of)), pos, pair,            \
			col->index, in->str);                                                      \
	}                                                                                          \
	static int list##_add(void *user, const struct lnr_table_pos *of,                          \
		const struct lnr_table_pos *pos, void *made)                                       \
	{                                                                                          \
		return add(user, list##_of(lnr_table_task(user, of)), pos->key, made, pair);       \
	}                                                                                          \
	static int list##_erase(                                                                   \
		void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos)       \
	{                                                                                          \
		return erase(user, list##_of(lnr_table_task(user, of)), pos->key);                 \
	}                                                                                          \
	static int list##_clear(void *user, const struct lnr_table_pos *of)                        \
	{                                                                                          \
		return clear(list##_of(lnr_table_task(user, of)));                                 \
	}                                                                                          \
	static const struct lnr_table_ops list##_ops = {                                           \
		.size = list##_size,                                                               \
		.has = list##_has,                                                                 \
		.next = list##_next,                                                               \
		.read = list##_read,                                                               \
		.write = list##_write,                                                             \
		.make = make,                                                                      \
		.unmake = unmake,                                                                  \
		.add = list##_add,                                                                 \
		.erase = list##_erase,                                                             \
		.clear = list##_clear,                                                             \
	};                                                                                         \
	const struct lnr_table_class lnr_table_##list = {                                          \
		.name = #list,                                                                     \
		.key_type = LNR_PLUGIN_ST_UINT64,                                                  \
		.fields = list##_fields,                                                           \
		.n_fields = LNR_ARRAY_SIZE(list##_fields),                                         \
		.ops = &list##_ops,                                                                \
	}

static const struct lnr_table_field args_fields[] = {{.name = "value",
	.type = LNR_PLUGIN_ST_STRING}},
				    env_fields[] = {{.name = "value",
					    .type = LNR_PLUGIN_ST_STRING}},
				    cgroups_fields[] = {
					    {.name = "first", .type = LNR_PLUGIN_ST_STRING},
					    {.name = "second", .type = LNR_PLUGIN_ST_STRING}};

CLASS(args, false);
CLASS(env, false);
CLASS(cgroups, true);
