/* SPDX-License-Identifier: Apache-2.0 */
/* What plugins call on the handle of a table (spec plugin-abi.md 12.2), for tables of the host. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/tables_priv.h"

/* --- errors --- */

static const char *reason(int r)
{
	switch (r) {
	case -ENOENT:
		return "there is no such entry";
	case -EROFS:
		return "it is read-only";
	case -EINVAL:
		return "the key or the value is not possible";
	case -ENOSPC:
		return "it is full";
	case -EBUSY:
		return "no entry comes or goes during an iteration";
	default:
		return "out of memory";
	}
}

static int32_t result(struct lnr_table *t, const char *what, int r)
{
	if (!r)
		return LNR_PLUGIN_SUCCESS;
	lnr_table_error(t->owner, "table '%s': cannot %s: %s", t->in.name, what, reason(r));
	return LNR_PLUGIN_FAILURE;
}

static void *user_of(const struct lnr_table *t)
{
	return t->owner->all->user;
}

/* --- keys, entries --- */

/* A key as the table's class takes it: narrower integers keep their sign. */
static bool take_key(const struct lnr_table *t, const union lnr_plugin_state_data *key,
	struct lnr_table_pos *ret)
{
	*ret = (struct lnr_table_pos){0};
	if (!key)
		return false;
	switch (t->in.key_type) {
	case LNR_PLUGIN_ST_INT64:
	case LNR_PLUGIN_ST_UINT64:
		ret->key = key->u64;
		return true;
	case LNR_PLUGIN_ST_STRING:
		ret->text = key->str;
		return key->str && strnlen(key->str, LNR_PLUGIN_KEY_BYTES) < LNR_PLUGIN_KEY_BYTES;
	default:
		return false;
	}
}

static struct lnr_entry *entry_new(
	struct lnr_table *t, enum lnr_entry_state state, const struct lnr_table_pos *pos)
{
	struct lnr_table_owner *o = t->owner;
	struct lnr_entry *e = o->free_entries;
	if (e) {
		o->free_entries = e->next;
	} else {
		e = o->n_entries < LNR_PLUGIN_HELD_MAX ? calloc(1, sizeof(*e)) : NULL;
		if (!e) {
			lnr_table_error(o, "out of memory, or too many entries are held");
			return NULL;
		}
		o->n_entries++;
	}
	e->state = state;
	e->kind = t->kind;
	e->of = t->of;
	e->pos = *pos;
	if (pos->text) {
		memcpy(e->text, pos->text, strlen(pos->text) + 1);
		e->pos.text = e->text;
	}
	e->prev = NULL;
	e->next = o->entries;
	if (e->next)
		e->next->prev = e;
	o->entries = e;
	return e;
}

/* An entry of this table's kind that is not given back. */
static struct lnr_entry *entry_of(struct lnr_table *t, void *handle)
{
	struct lnr_entry *e = handle;
	if (e && e->state != LNR_ENTRY_FREE && e->kind == t->kind)
		return e;
	lnr_table_error(t->owner, "table '%s': the entry was given back, or is of another table",
		t->in.name);
	return NULL;
}

/* Sub-tables of an entry that was made follow it into the table, or go with it. */
static void move_subs(struct lnr_table_owner *o, const void *made, const struct lnr_table_pos *to)
{
	for (struct lnr_table *t = o->subs; t; t = t->next) {
		if (t->of.made != made)
			continue;
		if (to)
			t->of = *to;
		else
			t->stale = true;
	}
	for (struct lnr_entry *e = o->entries; e; e = e->next) {
		if (e->of.made == made && to)
			e->of = *to;
	}
}

/* --- fields --- */

static const struct lnr_table_column *find_column(const struct lnr_table_kind *k, const char *name)
{
	for (size_t i = 0; i < k->cls->n_fields; i++) {
		if (strcmp(k->fixed[i].name, name) == 0)
			return &k->fixed[i];
	}
	for (size_t i = 0; i < k->n_added; i++) {
		if (strcmp(k->added[i]->name, name) == 0)
			return k->added[i];
	}
	return NULL;
}

const struct lnr_plugin_table_fieldinfo *lnr_table_list_fields(void *handle, uint32_t *n)
{
	struct lnr_table *t = lnr_table_of(handle);
	*n = 0;
	if (!t)
		return NULL;
	if (!t->kind)
		return lnr_theirs_list_fields(t, n);
	const struct lnr_table_kind *k = t->kind;
	struct lnr_plugin_table_fieldinfo *v = reallocarray(
		t->owner->fieldinfos, k->cls->n_fields + k->n_added + 1, sizeof(*v));
	if (!v) {
		result(t, "list the fields", -ENOMEM);
		return NULL;
	}
	t->owner->fieldinfos = v;
	for (size_t i = 0; i < k->cls->n_fields + k->n_added; i++) {
		const struct lnr_table_column *c = i < k->cls->n_fields
							   ? &k->fixed[i]
							   : k->added[i - k->cls->n_fields];
		v[i] = (struct lnr_plugin_table_fieldinfo){c->name, c->type, c->read_only};
	}
	*n = (uint32_t)(k->cls->n_fields + k->n_added);
	return v;
}

/* Plugins pass it back unchanged; the interface has no const there. */
static void *column_handle(const struct lnr_table_column *c)
{
	return (void *)(uintptr_t)c;
}

void *lnr_table_get_field(void *handle, const char *name, uint32_t type)
{
	struct lnr_table *t = lnr_table_of(handle);
	if (!t || !name)
		return NULL;
	if (!t->kind)
		return lnr_theirs_get_field(t, name, type, false);
	const struct lnr_table_column *c = find_column(t->kind, name);
	if (c && c->type == type)
		return column_handle(c);
	if (c)
		lnr_table_error(t->owner, "table '%s': field '%.100s' has type %u, not %u",
			t->in.name, name, c->type, type);
	else
		lnr_table_error(t->owner, "table '%s' has no field '%.100s'", t->in.name, name);
	return NULL;
}

static bool is_value_type(uint32_t type)
{
	return (type >= LNR_PLUGIN_ST_INT8 && type <= LNR_PLUGIN_ST_STRING) ||
	       type == LNR_PLUGIN_ST_BOOL;
}

static void *new_column(struct lnr_table *t, const char *name, uint32_t type)
{
	struct lnr_table_kind *k = t->kind;
	struct lnr_arena *a = &t->owner->all->arena;
	if (!k->cls->grows || !is_value_type(type) || !*name) {
		lnr_table_error(t->owner, "table '%s': a field '%.100s' of type %u cannot be added",
			t->in.name, name, type);
		return NULL;
	}
	if (k->n_added == LNR_PLUGIN_COLUMNS_MAX) {
		result(t, "add a field", -ENOSPC);
		return NULL;
	}
	struct lnr_table_column *c = lnr_arena_new(a, struct lnr_table_column);
	const char *own = c ? lnr_arena_strdup(a, lnr_str_c(name)) : NULL;
	if (!own) {
		result(t, "add a field", -ENOMEM);
		return NULL;
	}
	*c = (struct lnr_table_column){.cls = k->cls,
		.name = own,
		.type = type,
		.shared = true,
		.index = (unsigned)(k->cls->n_fields + k->n_added)};
	k->added[k->n_added++] = c;
	return c;
}

void *lnr_table_add_field(void *handle, const char *name, uint32_t type)
{
	struct lnr_table *t = lnr_table_of(handle);
	if (!t || !name)
		return NULL;
	if (!t->kind)
		return lnr_theirs_get_field(t, name, type, true);
	const struct lnr_table_column *c = find_column(t->kind, name);
	if (!c)
		return new_column(t, name, type);
	if (c->shared && c->type == type)
		return column_handle(c);
	lnr_table_error(t->owner, "table '%s' has a field '%.100s' already", t->in.name, name);
	return NULL;
}

/* --- reading --- */

const char *lnr_table_name(void *handle)
{
	struct lnr_table *t = lnr_table_of(handle);
	return t ? t->in.name : NULL;
}

uint64_t lnr_table_size(void *handle)
{
	struct lnr_table *t = lnr_table_of(handle);
	if (!t)
		return UINT64_MAX;
	return t->kind ? t->kind->cls->ops->size(user_of(t), &t->of) : lnr_theirs_size(t);
}

void *lnr_table_get_entry(void *handle, const union lnr_plugin_state_data *key)
{
	struct lnr_table *t = lnr_table_of(handle);
	struct lnr_table_pos pos;
	if (!t)
		return NULL;
	if (!t->kind)
		return lnr_theirs_get_entry(t, key);
	if (take_key(t, key, &pos) && t->kind->cls->ops->has(user_of(t), &t->of, &pos))
		return entry_new(t, LNR_ENTRY_HELD, &pos);
	result(t, "get an entry", -ENOENT);
	return NULL;
}

/* The handle of a sub-table; it stands for the same fields in every entry. */
static int32_t read_sub(struct lnr_table *t, const struct lnr_entry *e,
	const struct lnr_table_column *col, union lnr_plugin_state_data *out)
{
	if (!e->pos.made && !t->kind->cls->ops->has(user_of(t), &e->of, &e->pos))
		return result(t, "read a sub-table", -ENOENT);
	struct lnr_table *s = lnr_table_handle(t->owner, col->sub->name, col->sub->key_type, true);
	if (!s)
		return LNR_PLUGIN_FAILURE;
	s->kind = lnr_table_kind_of(t->owner->all, col->sub);
	s->of = (struct lnr_table_pos){.key = e->pos.key, .made = e->pos.made};
	out->table = s;
	return LNR_PLUGIN_SUCCESS;
}

/* The field that a plugin passes, when it is one of this table; else the reason is set. */
static const struct lnr_table_column *column_of(struct lnr_table *t, const void *field)
{
	const struct lnr_table_column *c = field;
	if (c && c->cls == (t->kind ? t->kind->cls : NULL))
		return c;
	lnr_table_error(t->owner, "table '%s': the field is of another table", t->in.name);
	return NULL;
}

int32_t lnr_table_read(
	void *handle, void *entry, const void *field, union lnr_plugin_state_data *out)
{
	struct lnr_table *t = lnr_table_of(handle);
	if (!out)
		return LNR_PLUGIN_FAILURE;
	*out = (union lnr_plugin_state_data){0};
	const struct lnr_table_column *col = t ? column_of(t, field) : NULL;
	if (!col)
		return LNR_PLUGIN_FAILURE;
	if (!t->kind)
		return lnr_theirs_read(t, entry, col, out);
	const struct lnr_entry *e = entry_of(t, entry);
	if (!e)
		return LNR_PLUGIN_FAILURE;
	if (col->sub)
		return read_sub(t, e, col, out);
	return result(t, "read a field",
		t->kind->cls->ops->read(
			user_of(t), &e->of, &e->pos, col, &t->owner->all->scratch, out));
}

/* One that was not acquired is left alone: some wrappers give back what an iteration lent. */
void lnr_table_release(void *handle, void *entry)
{
	struct lnr_table *t = lnr_table_of(handle);
	struct lnr_entry *e = entry;
	if (!t || !e)
		return;
	if (!t->kind)
		lnr_theirs_release(t, entry, false);
	else if (e->state == LNR_ENTRY_HELD)
		lnr_entry_free(t->owner, e);
}

static uint32_t iterate(struct lnr_table *t, uint32_t (*each)(void *, void *), void *user)
{
	const struct lnr_table_ops *ops = t->kind->cls->ops;
	struct lnr_table_pos pos = {0};
	size_t at = 0;
	uint32_t go_on = 1;
	while (go_on && ops->next(user_of(t), &t->of, &at, &pos)) {
		struct lnr_entry *e = entry_new(t, LNR_ENTRY_STEP, &pos);
		if (!e)
			return 0;
		go_on = each(user, e);
		lnr_entry_free(t->owner, e);
	}
	return go_on != 0;
}

uint32_t lnr_table_iterate(void *handle, uint32_t (*each)(void *, void *), void *user)
{
	struct lnr_table *t = lnr_table_of(handle);
	if (!t || !each)
		return 0;
	if (!t->kind)
		return lnr_theirs_iterate(t, each, user);
	t->owner->all->walking++;
	uint32_t r = iterate(t, each, user);
	t->owner->all->walking--;
	return r;
}

/* --- writing --- */

/* May entries come or go? */
static int may_change(const struct lnr_table *t, bool there)
{
	if (!there)
		return -EROFS;
	return t->owner->all->walking ? -EBUSY : 0;
}

int32_t lnr_table_clear(void *handle)
{
	struct lnr_table *t = lnr_table_of(handle);
	if (!t)
		return LNR_PLUGIN_FAILURE;
	if (!t->kind)
		return lnr_theirs_clear(t);
	const struct lnr_table_ops *ops = t->kind->cls->ops;
	int r = may_change(t, ops->clear);
	return result(t, "clear it", r ? r : ops->clear(user_of(t), &t->of));
}

int32_t lnr_table_erase(void *handle, const union lnr_plugin_state_data *key)
{
	struct lnr_table *t = lnr_table_of(handle);
	struct lnr_table_pos pos;
	if (!t)
		return LNR_PLUGIN_FAILURE;
	if (!t->kind)
		return lnr_theirs_erase(t, key);
	const struct lnr_table_ops *ops = t->kind->cls->ops;
	int r = may_change(t, ops->erase);
	if (!r)
		r = take_key(t, key, &pos) ? ops->erase(user_of(t), &t->of, &pos) : -EINVAL;
	return result(t, "erase an entry", r);
}

void *lnr_table_make(void *handle)
{
	struct lnr_table *t = lnr_table_of(handle);
	struct lnr_table_pos pos = {0};
	if (!t)
		return NULL;
	if (!t->kind)
		return lnr_theirs_make(t);
	const struct lnr_table_ops *ops = t->kind->cls->ops;
	int r = ops->make ? ops->make(user_of(t), &t->of, &pos.made) : -EROFS;
	if (r) {
		result(t, "make an entry", r);
		return NULL;
	}
	struct lnr_entry *e = entry_new(t, LNR_ENTRY_MADE, &pos);
	if (!e)
		ops->unmake(user_of(t), &t->of, pos.made);
	return e;
}

void lnr_table_unmake(void *handle, void *entry)
{
	struct lnr_table *t = lnr_table_of(handle);
	struct lnr_entry *e;
	if (!t)
		return;
	if (!t->kind) {
		lnr_theirs_release(t, entry, true);
		return;
	}
	e = entry_of(t, entry);
	if (!e || e->state != LNR_ENTRY_MADE)
		return;
	move_subs(t->owner, e->pos.made, NULL);
	t->kind->cls->ops->unmake(user_of(t), &e->of, e->pos.made);
	lnr_entry_free(t->owner, e);
}

/* The handle stays and is that of the entry in the table from now on. */
void *lnr_table_add(void *handle, const union lnr_plugin_state_data *key, void *entry)
{
	struct lnr_table *t = lnr_table_of(handle);
	struct lnr_table_pos pos;
	if (!t)
		return NULL;
	if (!t->kind)
		return lnr_theirs_add(t, key, entry);
	struct lnr_entry *e = entry_of(t, entry);
	if (!e)
		return NULL;
	const struct lnr_table_ops *ops = t->kind->cls->ops;
	int r = may_change(t, ops->add);
	if (!r)
		r = e->state == LNR_ENTRY_MADE && take_key(t, key, &pos)
			    ? ops->add(user_of(t), &t->of, &pos, e->pos.made)
			    : -EINVAL;
	if (r) {
		result(t, "add an entry", r);
		return NULL;
	}
	move_subs(t->owner, e->pos.made, &pos);
	e->state = LNR_ENTRY_HELD;
	e->of = t->of;
	e->pos = pos;
	return e;
}

int32_t lnr_table_write(
	void *handle, void *entry, const void *field, const union lnr_plugin_state_data *in)
{
	struct lnr_table *t = lnr_table_of(handle);
	const struct lnr_table_column *col = t ? column_of(t, field) : NULL;
	if (!col || !in)
		return LNR_PLUGIN_FAILURE;
	if (!t->kind)
		return lnr_theirs_write(t, entry, col, in);
	const struct lnr_entry *e = entry_of(t, entry);
	const struct lnr_table_ops *ops = t->kind->cls->ops;
	if (!e)
		return LNR_PLUGIN_FAILURE;
	if (col->read_only || !ops->write)
		return result(t, "write a field", -EROFS);
	if (col->type == LNR_PLUGIN_ST_STRING && in->str &&
		strnlen(in->str, LNR_PLUGIN_VALUE_BYTES + 1) > LNR_PLUGIN_VALUE_BYTES)
		return result(t, "write a field", -EINVAL);
	return result(t, "write a field", ops->write(user_of(t), &e->of, &e->pos, col, in));
}
