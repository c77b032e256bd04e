/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables that plugins added, for other plugins: calls are passed on, with handles of the provider.
 * Fields are wrapped, because a value of type TABLE has to be: its handle is the provider's
 * struct lnr_plugin_table_input, which knows nothing of who asks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/tables_priv.h"

/* False, and the reason is set: the provider was stopped. */
static bool there(struct lnr_table *t)
{
	if (t->theirs->by)
		return true;
	lnr_table_error(t->owner, "table '%s': its plugin is gone", t->in.name);
	return false;
}

/* A provider that fails has said why. */
static void blame(struct lnr_table *t)
{
	lnr_table_error(t->owner, "table '%s': %.180s", t->in.name,
		lnr_plugin_last_error(t->theirs->by->inst));
}

static int32_t passed(struct lnr_table *t, int32_t rc)
{
	if (rc != LNR_PLUGIN_SUCCESS)
		blame(t);
	return rc;
}

/* --- fields --- */

const struct lnr_plugin_table_fieldinfo *lnr_theirs_list_fields(struct lnr_table *t, uint32_t *n)
{
	if (!there(t))
		return NULL;
	const struct lnr_plugin_table_fieldinfo *v = t->to->fields_ext->list_table_fields(
		t->to->table, n);
	if (!v) {
		*n = 0;
		blame(t);
	}
	return v;
}

/* The wrapper of a provider's field; one for each handle and type, however often it is asked. */
static struct lnr_table_column *wrap(
	struct lnr_table *t, const char *name, uint32_t type, void *theirs)
{
	struct lnr_table_owner *o = t->owner;
	for (size_t i = 0; i < o->n_columns; i++) {
		struct lnr_table_column *c = o->columns[i];
		if (c->theirs == theirs && c->type == type && strcmp(c->name, name) == 0)
			return c;
	}
	struct lnr_table_column **v = o->n_columns < LNR_PLUGIN_FIELDS_MAX
					      ? reallocarray(o->columns, o->n_columns + 1,
							sizeof(struct lnr_table_column *))
					      : NULL;
	if (v)
		o->columns = v;
	struct lnr_arena *a = &o->all->arena;
	struct lnr_table_column *c = v ? lnr_arena_new(a, struct lnr_table_column) : NULL;
	const char *own = c ? lnr_arena_strdup(a, lnr_str_c(name)) : NULL;
	if (!own) {
		lnr_table_error(o, "out of memory, or too many fields");
		return NULL;
	}
	*c = (struct lnr_table_column){.name = own, .type = type, .theirs = theirs};
	o->columns[o->n_columns++] = c;
	return c;
}

void *lnr_theirs_get_field(struct lnr_table *t, const char *name, uint32_t type, bool add)
{
	if (!there(t))
		return NULL;
	if (add && type == LNR_PLUGIN_ST_TABLE) {
		lnr_table_error(t->owner, "table '%s': a sub-table cannot be added", t->in.name);
		return NULL;
	}
	const struct lnr_plugin_table_fields *f = t->to->fields_ext;
	void *theirs = add ? f->add_table_field(t->to->table, name, type)
			   : f->get_table_field(t->to->table, name, type);
	if (theirs)
		return wrap(t, name, type, theirs);
	blame(t);
	return NULL;
}

/* --- entries --- */

/* Remember what is to be given back; false = no room, and it is given back at once. */
static bool lend(struct lnr_table *t, void *entry, bool made)
{
	struct lnr_table_owner *o = t->owner;
	if (o->n_loans == o->max_loans && o->max_loans < LNR_PLUGIN_HELD_MAX) {
		size_t max = o->max_loans ? 2 * o->max_loans : 16;
		struct lnr_table_loan *v = reallocarray(o->loans, max, sizeof(*v));
		if (v) {
			o->loans = v;
			o->max_loans = max;
		}
	}
	if (o->n_loans == o->max_loans) {
		if (made)
			t->to->writer_ext->destroy_table_entry(t->to->table, entry);
		else
			t->to->reader_ext->release_table_entry(t->to->table, entry);
		lnr_table_error(o, "out of memory, or too many entries are held");
		return false;
	}
	o->loans[o->n_loans++] = (struct lnr_table_loan){t->theirs, t->to, entry, made};
	return true;
}

/* The newest loan of that entry; mostly it is the last one. */
static struct lnr_table_loan *find_loan(struct lnr_table *t, const void *entry, bool made)
{
	struct lnr_table_owner *o = t->owner;
	for (size_t i = o->n_loans; i-- > 0;) {
		struct lnr_table_loan *l = &o->loans[i];
		if (l->entry == entry && l->made == made && l->theirs == t->theirs)
			return l;
	}
	return NULL;
}

static void loan_out(struct lnr_table_owner *o, struct lnr_table_loan *l)
{
	*l = o->loans[--o->n_loans];
}

static void give_back(const struct lnr_table_loan *l)
{
	if (!l->theirs->by)
		return;
	if (l->made)
		l->to->writer_ext->destroy_table_entry(l->to->table, l->entry);
	else
		l->to->reader_ext->release_table_entry(l->to->table, l->entry);
}

void lnr_theirs_collect(struct lnr_table_owner *o)
{
	while (o->n_loans)
		give_back(&o->loans[--o->n_loans]);
}

uint64_t lnr_theirs_size(struct lnr_table *t)
{
	uint64_t n = there(t) ? t->to->reader_ext->base.get_table_size(t->to->table) : UINT64_MAX;
	if (n == UINT64_MAX && t->theirs->by)
		blame(t);
	return n;
}

void *lnr_theirs_get_entry(struct lnr_table *t, const union lnr_plugin_state_data *key)
{
	if (!there(t) || !key)
		return NULL;
	void *e = t->to->reader_ext->base.get_table_entry(t->to->table, key);
	if (!e)
		blame(t);
	return e && lend(t, e, false) ? e : NULL;
}

void lnr_theirs_release(struct lnr_table *t, void *entry, bool made)
{
	struct lnr_table_loan *l = find_loan(t, entry, made);
	if (!l)
		return;
	struct lnr_table_loan copy = *l;
	loan_out(t->owner, l);
	give_back(&copy);
}

/* A sub-table comes as the provider's own description of it, complete since tables have any. */
static int32_t wrap_sub(struct lnr_table *t, union lnr_plugin_state_data *out)
{
	const struct lnr_plugin_table_input *in = out->table;
	out->table = NULL;
	if (!in || !in->reader_ext || !in->writer_ext || !in->fields_ext) {
		lnr_table_error(t->owner, "table '%s': a sub-table is incomplete", t->in.name);
		return LNR_PLUGIN_FAILURE;
	}
	struct lnr_table *s = lnr_table_handle(
		t->owner, in->name ? in->name : t->in.name, in->key_type, true);
	if (!s)
		return LNR_PLUGIN_FAILURE;
	s->theirs = t->theirs;
	s->to = in;
	out->table = s;
	return LNR_PLUGIN_SUCCESS;
}

int32_t lnr_theirs_read(struct lnr_table *t, void *entry, const struct lnr_table_column *col,
	union lnr_plugin_state_data *out)
{
	if (!there(t) || !entry)
		return LNR_PLUGIN_FAILURE;
	int32_t rc = passed(
		t, t->to->reader_ext->base.read_entry_field(t->to->table, entry, col->theirs, out));
	if (rc == LNR_PLUGIN_SUCCESS && col->type == LNR_PLUGIN_ST_TABLE)
		return wrap_sub(t, out);
	return rc;
}

uint32_t lnr_theirs_iterate(struct lnr_table *t, uint32_t (*each)(void *, void *), void *user)
{
	return there(t) ? t->to->reader_ext->iterate_entries(t->to->table, each, user) : 0;
}

/* --- writing --- */

int32_t lnr_theirs_clear(struct lnr_table *t)
{
	return there(t) ? passed(t, t->to->writer_ext->clear_table(t->to->table))
			: LNR_PLUGIN_FAILURE;
}

int32_t lnr_theirs_erase(struct lnr_table *t, const union lnr_plugin_state_data *key)
{
	return there(t) && key ? passed(t, t->to->writer_ext->erase_table_entry(t->to->table, key))
			       : LNR_PLUGIN_FAILURE;
}

void *lnr_theirs_make(struct lnr_table *t)
{
	void *e = there(t) ? t->to->writer_ext->create_table_entry(t->to->table) : NULL;
	if (!e && t->theirs->by)
		blame(t);
	return e && lend(t, e, true) ? e : NULL;
}

/* What was made is the table's, and the caller holds what the provider answers. */
void *lnr_theirs_add(struct lnr_table *t, const union lnr_plugin_state_data *key, void *entry)
{
	struct lnr_table_loan *l = find_loan(t, entry, true);
	if (!there(t) || !key)
		return NULL;
	if (!l) {
		lnr_table_error(t->owner, "table '%s': the entry is not a new one", t->in.name);
		return NULL;
	}
	void *e = t->to->writer_ext->add_table_entry(t->to->table, key, entry);
	if (!e) {
		blame(t);
		return NULL;
	}
	/* The provider may have used tables of ours meanwhile: find the place again. */
	l = find_loan(t, entry, true);
	if (l)
		loan_out(t->owner, l);
	return lend(t, e, false) ? e : NULL;
}

int32_t lnr_theirs_write(struct lnr_table *t, void *entry, const struct lnr_table_column *col,
	const union lnr_plugin_state_data *in)
{
	return there(t) && entry ? passed(t, t->to->writer_ext->write_entry_field(
						     t->to->table, entry, col->theirs, in))
				 : LNR_PLUGIN_FAILURE;
}
