/* SPDX-License-Identifier: Apache-2.0 */
/* Which tables there are, and what one plugin instance holds of them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/tables_priv.h"

/* --- the tables of an engine --- */

struct lnr_table_kind *lnr_table_kind_of(
	const struct lnr_tables *t, const struct lnr_table_class *cls)
{
	struct lnr_table_kind *k = t->kinds;
	while (k && k->cls != cls)
		k = k->next;
	return k;
}

/* The class and, through its fields, those of its sub-tables; these nest two deep. */
static int add_class(struct lnr_tables *t, const struct lnr_table_class *cls, bool alone)
{
	struct lnr_table_kind *k = lnr_table_kind_of(t, cls);
	if (k)
		return 0;
	k = lnr_arena_new(&t->arena, struct lnr_table_kind);
	if (!k)
		return -ENOMEM;
	k->cls = cls;
	k->alone = alone;
	k->fixed = lnr_arena_calloc(&t->arena, cls->n_fields + 1, sizeof(*k->fixed));
	k->added = cls->grows ? lnr_arena_calloc(&t->arena, LNR_PLUGIN_COLUMNS_MAX,
					sizeof(struct lnr_table_column *))
			      : NULL;
	if (!k->fixed || (cls->grows && !k->added))
		return -ENOMEM;
	k->next = t->kinds;
	t->kinds = k;
	int r = 0;
	for (unsigned i = 0; !r && i < cls->n_fields; i++) {
		const struct lnr_table_field *f = &cls->fields[i];
		k->fixed[i] = (struct lnr_table_column){.cls = cls,
			.name = f->name,
			.type = f->type,
			.read_only = f->read_only,
			.shared = f->shared,
			.index = i,
			.sub = f->sub};
		if (f->sub)
			r = add_class(t, f->sub, false);
	}
	return r;
}

int lnr_tables_new(
	const struct lnr_table_class *const *classes, size_t n, void *user, struct lnr_tables **ret)
{
	struct lnr_tables *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->user = user;
	lnr_arena_init(&t->arena, LNR_PLUGIN_ARENA_BYTES);
	lnr_arena_init(&t->scratch, LNR_SCRATCH_BYTES);
	int r = 0;
	for (size_t i = 0; !r && i < n; i++)
		r = add_class(t, classes[i], true);
	if (r)
		t = lnr_tables_free(t);
	else
		*ret = t;
	return r;
}

struct lnr_tables *lnr_tables_free(struct lnr_tables *t)
{
	if (!t)
		return NULL;
	lnr_arena_done(&t->scratch);
	lnr_arena_done(&t->arena);
	free(t);
	return NULL;
}

void lnr_tables_abandon(struct lnr_tables *t)
{
	if (!t)
		return;
	__atomic_store_n(&t->abandoned, true, __ATOMIC_SEQ_CST);
	__atomic_store_n(&t->thread, 0, __ATOMIC_SEQ_CST);
}

/* --- what one instance holds --- */

struct lnr_table_owner *lnr_table_owner_new(struct lnr_tables *t, struct lnr_plugin_instance *inst)
{
	struct lnr_table_owner *o = calloc(1, sizeof(*o));
	if (o) {
		o->all = t;
		o->inst = inst;
	}
	return o;
}

void lnr_table_owner_enter(struct lnr_table_owner *o)
{
	if (!o || __atomic_load_n(&o->all->abandoned, __ATOMIC_RELAXED))
		return;
	if (!o->all->depth++)
		__atomic_store_n(&o->all->thread, pthread_self(), __ATOMIC_RELAXED);
	o->depth++;
}

void lnr_entry_free(struct lnr_table_owner *o, struct lnr_entry *e)
{
	*(e->prev ? &e->prev->next : &o->entries) = e->next;
	if (e->next)
		e->next->prev = e->prev;
	e->state = LNR_ENTRY_FREE;
	e->next = o->free_entries;
	o->free_entries = e;
}

/* Sub-tables first: one may be of an entry that is unmade here. */
static void collect(struct lnr_table_owner *o)
{
	for (struct lnr_table *t = o->subs, *next; t; t = next) {
		next = t->next;
		t->stale = true;
		t->next = o->free_subs;
		o->free_subs = t;
	}
	o->subs = NULL;
	while (o->entries) {
		struct lnr_entry *e = o->entries;
		if (e->state == LNR_ENTRY_MADE)
			e->kind->cls->ops->unmake(o->all->user, &e->of, e->pos.made);
		lnr_entry_free(o, e);
	}
	if (o->n_loans)
		lnr_theirs_collect(o);
}

void lnr_table_owner_leave(struct lnr_table_owner *o)
{
	if (!o || __atomic_load_n(&o->all->abandoned, __ATOMIC_RELAXED))
		return;
	if (!--o->depth && (o->subs || o->entries || o->n_loans))
		collect(o);
	if (--o->all->depth)
		return;
	__atomic_store_n(&o->all->thread, 0, __ATOMIC_RELAXED);
	if (o->all->scratch.used_bytes)
		lnr_arena_reset(&o->all->scratch);
}

static void free_handles(struct lnr_table *t)
{
	for (struct lnr_table *next; t; t = next) {
		next = t->next;
		free(t);
	}
}

bool lnr_table_owner_looks(const struct lnr_table_owner *o)
{
	const struct lnr_table *t = o ? o->tables : NULL;
	while (t && !t->kind)
		t = t->next;
	return t;
}

void lnr_table_owner_end(struct lnr_table_owner *o)
{
	for (struct lnr_table_theirs *f = o ? o->all->theirs : NULL; f; f = f->next) {
		if (f->by == o)
			f->by = NULL;
	}
}

struct lnr_table_owner *lnr_table_owner_free(struct lnr_table_owner *o)
{
	if (!o)
		return NULL;
	collect(o);
	free_handles(o->tables);
	free_handles(o->free_subs);
	for (struct lnr_entry *e = o->free_entries, *next; e; e = next) {
		next = e->next;
		free(e);
	}
	free(o->loans);
	free(o->infos);
	free(o->fieldinfos);
	free(o->columns);
	free(o);
	return NULL;
}

void lnr_table_error(struct lnr_table_owner *o, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(o->inst->owner_error, sizeof(o->inst->owner_error), fmt, ap);
	va_end(ap);
}

/* From another thread the error cannot be told: the text belongs to the thread of the calls. */
static bool may_call(const struct lnr_table_owner *o)
{
	return pthread_equal(__atomic_load_n(&o->all->thread, __ATOMIC_RELAXED), pthread_self());
}

struct lnr_table *lnr_table_of(void *handle)
{
	struct lnr_table *t = handle;
	if (!t || !may_call(t->owner))
		return NULL;
	if (!t->stale) {
		t->owner->inst->owner_error[0] = 0;
		return t;
	}
	lnr_table_error(t->owner, "a sub-table is used after the call in which it was read");
	return NULL;
}

static struct lnr_table *new_sub(struct lnr_table_owner *o)
{
	struct lnr_table *t = o->free_subs;
	if (t) {
		o->free_subs = t->next;
		return t;
	}
	t = o->n_subs < LNR_PLUGIN_HELD_MAX ? calloc(1, sizeof(*t)) : NULL;
	if (t)
		o->n_subs++;
	return t;
}

struct lnr_table *lnr_table_handle(
	struct lnr_table_owner *o, const char *name, uint32_t key_type, bool sub)
{
	const struct lnr_plugin_init_tables *f = lnr_table_functions();
	struct lnr_table *t = sub ? new_sub(o) : calloc(1, sizeof(*t));
	if (!t) {
		lnr_table_error(o, "out of memory, or too many sub-tables in one call");
		return NULL;
	}
	struct lnr_table **list = sub ? &o->subs : &o->tables;
	*t = (struct lnr_table){.in = {.name = name,
					.key_type = key_type,
					.table = t,
					.reader = f->reader_ext->base,
					.writer = *f->writer_ext,
					.fields = f->fields,
					.reader_ext = f->reader_ext,
					.writer_ext = f->writer_ext,
					.fields_ext = f->fields_ext},
		.owner = o,
		.sub = sub,
		.next = *list};
	*list = t;
	return t;
}

/* --- tables by name --- */

static struct lnr_table_owner *owner_of(void *instance)
{
	struct lnr_plugin_instance *i = instance;
	if (!i)
		return NULL;
	if (!i->tables) {
		/* No engine, no state: a plugin that is only looked at. */
		snprintf(i->owner_error, sizeof(i->owner_error), "state tables are not offered");
		return NULL;
	}
	if (!may_call(i->tables))
		return NULL;
	i->owner_error[0] = 0;
	return i->tables;
}

static struct lnr_table_theirs *find_theirs(const struct lnr_tables *t, const char *name)
{
	struct lnr_table_theirs *f = t->theirs;
	while (f && strcmp(f->in.name, name) != 0)
		f = f->next;
	return f;
}

static struct lnr_table_kind *find_kind(const struct lnr_tables *t, const char *name)
{
	struct lnr_table_kind *k = t->kinds;
	while (k && !(k->alone && strcmp(k->cls->name, name) == 0))
		k = k->next;
	return k;
}

static struct lnr_plugin_table_info *list_tables(void *owner, uint32_t *n)
{
	struct lnr_table_owner *o = owner_of(owner);
	uint32_t at = 0, max = 0;
	*n = 0;
	if (!o)
		return NULL;
	for (const struct lnr_table_kind *k = o->all->kinds; k; k = k->next)
		max++;
	for (const struct lnr_table_theirs *f = o->all->theirs; f; f = f->next)
		max++;
	struct lnr_plugin_table_info *v = reallocarray(o->infos, max + 1, sizeof(*v));
	if (!v) {
		lnr_table_error(o, "out of memory");
		return NULL;
	}
	o->infos = v;
	for (const struct lnr_table_kind *k = o->all->kinds; k; k = k->next) {
		if (k->alone && !find_theirs(o->all, k->cls->name))
			v[at++] = (struct lnr_plugin_table_info){k->cls->name, k->cls->key_type};
	}
	for (const struct lnr_table_theirs *f = o->all->theirs; f; f = f->next)
		v[at++] = (struct lnr_plugin_table_info){f->in.name, f->in.key_type};
	*n = at;
	return v;
}

static void *get_table(void *owner, const char *name, uint32_t key_type)
{
	struct lnr_table_owner *o = owner_of(owner);
	if (!o || !name)
		return NULL;
	struct lnr_table_theirs *f = find_theirs(o->all, name);
	struct lnr_table_kind *k = f ? NULL : find_kind(o->all, name);
	if (!f && !k) {
		lnr_table_error(o, "there is no table '%.100s'", name);
		return NULL;
	}
	uint32_t type = f ? f->in.key_type : k->cls->key_type;
	if (type != key_type) {
		lnr_table_error(
			o, "table '%.100s' has keys of type %u, not %u", name, type, key_type);
		return NULL;
	}
	for (struct lnr_table *t = o->tables; t; t = t->next) {
		if (t->theirs == f && t->kind == k)
			return t;
	}
	struct lnr_table *t = lnr_table_handle(o, f ? f->in.name : k->cls->name, type, false);
	if (t) {
		t->kind = k;
		t->theirs = f;
		t->to = f ? &f->in : NULL;
	}
	return t;
}

/* --- tables that plugins add --- */

static bool complete(const struct lnr_plugin_table_input *in)
{
	const struct lnr_plugin_table_reader *r = &in->reader;
	const struct lnr_plugin_table_writer *w = &in->writer;
	const struct lnr_plugin_table_fields *f = &in->fields;
	return r->get_table_name && r->get_table_size && r->get_table_entry &&
	       r->read_entry_field && w->clear_table && w->erase_table_entry &&
	       w->create_table_entry && w->destroy_table_entry && w->add_table_entry &&
	       w->write_entry_field && f->list_table_fields && f->get_table_field &&
	       f->add_table_field;
}

static void no_release(void *t, void *entry)
{
	(void)t;
	(void)entry;
}

static uint32_t no_iterate(void *t, uint32_t (*each)(void *, void *), void *user)
{
	(void)t;
	(void)each;
	(void)user;
	return 0;
}

int lnr_table_take_input(struct lnr_table_owner *o, const struct lnr_plugin_table_input *in,
	struct lnr_table_theirs *ret)
{
	/* Up to fields both versions are the same; what follows is not there in 3.0. */
	memcpy(&ret->in, in, offsetof(struct lnr_plugin_table_input, reader_ext));
	bool ok = complete(&ret->in);
	if (ok && o->inst->plugin->api_minor >= 1) {
		ok = in->reader_ext && in->writer_ext && in->fields_ext &&
		     in->reader_ext->release_table_entry && in->reader_ext->iterate_entries &&
		     memcmp(&in->reader, &in->reader_ext->base, sizeof(in->reader)) == 0 &&
		     memcmp(&in->writer, in->writer_ext, sizeof(in->writer)) == 0 &&
		     memcmp(&in->fields, in->fields_ext, sizeof(in->fields)) == 0;
		if (ok)
			ret->reader = *in->reader_ext;
	} else {
		ret->reader = (struct lnr_plugin_table_reader_ext){
			ret->in.reader, no_release, no_iterate};
	}
	if (!ok) {
		lnr_table_error(o,
			"table '%.100s': functions are missing, or differ between the "
			"two forms",
			in->name);
		return -EINVAL;
	}
	ret->writer = ret->in.writer;
	ret->fields = ret->in.fields;
	ret->in.reader_ext = &ret->reader;
	ret->in.writer_ext = &ret->writer;
	ret->in.fields_ext = &ret->fields;
	return 0;
}

static bool is_key_type(uint32_t type)
{
	return (type >= LNR_PLUGIN_ST_INT8 && type <= LNR_PLUGIN_ST_STRING) ||
	       type == LNR_PLUGIN_ST_BOOL;
}

static int32_t add_table(void *owner, const struct lnr_plugin_table_input *in)
{
	struct lnr_table_owner *o = owner_of(owner);
	size_t n = 0;
	if (!o)
		return LNR_PLUGIN_FAILURE;
	if (!in || !in->name || !*in->name || !in->table || !is_key_type(in->key_type)) {
		lnr_table_error(o, "a table needs a name, a handle and a type of its keys");
		return LNR_PLUGIN_FAILURE;
	}
	const struct lnr_table_kind *k = find_kind(o->all, in->name);
	if (find_theirs(o->all, in->name) || (k && !k->cls->yields)) {
		lnr_table_error(o, "there is a table '%.100s' already", in->name);
		return LNR_PLUGIN_FAILURE;
	}
	for (const struct lnr_table_theirs *f = o->all->theirs; f; f = f->next)
		n++;
	struct lnr_table_theirs *f = n < LNR_PLUGIN_TABLES_MAX ? lnr_arena_new(&o->all->arena,
									 struct lnr_table_theirs)
							       : NULL;
	const char *name = f ? lnr_arena_strdup(&o->all->arena, lnr_str_c(in->name)) : NULL;
	if (!name) {
		lnr_table_error(o, "out of memory, or more than %d tables of plugins",
			LNR_PLUGIN_TABLES_MAX);
		return LNR_PLUGIN_FAILURE;
	}
	if (lnr_table_take_input(o, in, f))
		return LNR_PLUGIN_FAILURE;
	f->in.name = name;
	f->by = o;
	f->next = o->all->theirs;
	o->all->theirs = f;
	return LNR_PLUGIN_SUCCESS;
}

const struct lnr_plugin_init_tables *lnr_table_functions(void)
{
	static const struct lnr_plugin_table_fields fields = {
		lnr_table_list_fields, lnr_table_get_field, lnr_table_add_field};
	static const struct lnr_plugin_table_reader_ext reader = {
		{lnr_table_name, lnr_table_size, lnr_table_get_entry, lnr_table_read},
		lnr_table_release, lnr_table_iterate};
	static const struct lnr_plugin_table_writer writer = {lnr_table_clear, lnr_table_erase,
		lnr_table_make, lnr_table_unmake, lnr_table_add, lnr_table_write};
	static const struct lnr_plugin_init_tables tables = {.list_tables = list_tables,
		.get_table = get_table,
		.add_table = add_table,
		.fields = {lnr_table_list_fields, lnr_table_get_field, lnr_table_add_field},
		.fields_ext = &fields,
		.reader_ext = &reader,
		.writer_ext = &writer};
	return &tables;
}
