/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the tables for plugins.
 *
 *	tables.c	which tables there are, and what one instance holds of them
 *	tables_call.c	the functions that plugins call, for tables of the host
 *	tables_theirs.c	the same for tables of plugins
 */
#ifndef LNR_PLUGIN_TABLES_PRIV_H
#define LNR_PLUGIN_TABLES_PRIV_H

#include <pthread.h>
#include "plugin/host.h"
#include "plugin/tables.h"
#include "schema/limits.h"

/* A class at work in one engine. */
struct lnr_table_kind {
	const struct lnr_table_class *cls;
	struct lnr_table_column *fixed;	 /* cls->n_fields */
	struct lnr_table_column **added; /* by plugins; grows, addresses stay */
	size_t n_added;
	struct lnr_table_kind *next;
	bool alone; /* has a name of its own, is no sub-table */
};

/* A table that a plugin added. */
struct lnr_table_theirs {
	struct lnr_plugin_table_input in; /* complete, name is ours */
	struct lnr_plugin_table_reader_ext reader;
	struct lnr_plugin_table_writer writer;
	struct lnr_plugin_table_fields fields;
	struct lnr_table_owner *by; /* NULL = the plugin is gone */
	struct lnr_table_theirs *next;
};

struct lnr_tables {
	void *user;
	struct lnr_table_kind *kinds;
	struct lnr_table_theirs *theirs;
	struct lnr_arena arena;	  /* columns, names */
	struct lnr_arena scratch; /* until the outermost call returns */
	pthread_t thread;	  /* of the calls in progress; read by any thread, so atomic */
	unsigned depth;
	bool abandoned;	  /* atomic; `user` is gone */
	unsigned walking; /* iterations in progress: no entry comes or goes */
};

enum lnr_entry_state {
	LNR_ENTRY_FREE, /* given back */
	LNR_ENTRY_HELD, /* in the table, acquired */
	LNR_ENTRY_MADE, /* not in the table */
	LNR_ENTRY_STEP, /* lent during one step of an iteration */
};

struct lnr_entry {
	enum lnr_entry_state state;
	struct lnr_table_kind *kind;
	struct lnr_table_pos of, pos;
	struct lnr_entry *prev, *next;
	char text[LNR_PLUGIN_KEY_BYTES];
};

/* A table in the hands of one plugin. */
struct lnr_table {
	struct lnr_plugin_table_input in; /* first: some plugins read it (spec 12.4) */
	struct lnr_table_owner *owner;
	struct lnr_table_kind *kind;	 /* the host's; NULL = a plugin's */
	struct lnr_table_pos of;	 /* of a sub-table */
	struct lnr_table_theirs *theirs; /* the plugin's table that it is, or is below */
	/* What the plugin's functions take: theirs->in, or that of a sub-table. */
	const struct lnr_plugin_table_input *to;
	bool sub, stale;
	struct lnr_table *next;
};

/* An entry of a plugin's table that another holds. */
struct lnr_table_loan {
	struct lnr_table_theirs *theirs;
	const struct lnr_plugin_table_input *to;
	void *entry;
	bool made;
};

struct lnr_table_owner {
	struct lnr_tables *all;
	struct lnr_plugin_instance *inst;
	struct lnr_table *tables;		  /* top level, kept */
	struct lnr_table *subs, *free_subs;	  /* of the calls in progress; to be used again */
	struct lnr_entry *entries, *free_entries; /* not free, doubly linked; to be used again */
	size_t n_entries, n_subs;		  /* made in all */
	struct lnr_table_loan *loans;
	size_t n_loans, max_loans;
	struct lnr_plugin_table_info *infos; /* answer of list_tables() */
	struct lnr_plugin_table_fieldinfo *fieldinfos;
	struct lnr_table_column **columns; /* of tables of plugins, known to this instance */
	size_t n_columns;
	unsigned depth;
};

/* --- tables.c --- */

/* Set the text that get_owner_last_error() gives. */
void lnr_table_error(struct lnr_table_owner *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The handle that a plugin passed, when it may use it now; else NULL, and the reason is set. */
struct lnr_table *lnr_table_of(void *t);
/* A top-level handle, or one for a sub-table; NULL = the budget is used up. */
struct lnr_table *lnr_table_handle(
	struct lnr_table_owner *o, const char *name, uint32_t key_type, bool sub);
/* It is given back; its memory is used again. */
void lnr_entry_free(struct lnr_table_owner *o, struct lnr_entry *e);
struct lnr_table_kind *lnr_table_kind_of(
	const struct lnr_tables *t, const struct lnr_table_class *cls);
/* The rest of `in` from the legacy functions or the extended ones, or -EINVAL with the reason. */
int lnr_table_take_input(struct lnr_table_owner *o, const struct lnr_plugin_table_input *in,
	struct lnr_table_theirs *ret);

/* --- tables_call.c: as struct lnr_plugin_table_fields and its kin have them --- */

const struct lnr_plugin_table_fieldinfo *lnr_table_list_fields(void *t, uint32_t *n);
void *lnr_table_get_field(void *t, const char *name, uint32_t type);
void *lnr_table_add_field(void *t, const char *name, uint32_t type);
const char *lnr_table_name(void *t);
uint64_t lnr_table_size(void *t);
void *lnr_table_get_entry(void *t, const union lnr_plugin_state_data *key);
int32_t lnr_table_read(void *t, void *entry, const void *field, union lnr_plugin_state_data *out);
void lnr_table_release(void *t, void *entry);
uint32_t lnr_table_iterate(void *t, uint32_t (*each)(void *, void *), void *user);
int32_t lnr_table_clear(void *t);
int32_t lnr_table_erase(void *t, const union lnr_plugin_state_data *key);
void *lnr_table_make(void *t);
void lnr_table_unmake(void *t, void *entry);
void *lnr_table_add(void *t, const union lnr_plugin_state_data *key, void *entry);
int32_t lnr_table_write(
	void *t, void *entry, const void *field, const union lnr_plugin_state_data *in);

/* --- tables_theirs.c --- */

const struct lnr_plugin_table_fieldinfo *lnr_theirs_list_fields(struct lnr_table *t, uint32_t *n);
void *lnr_theirs_get_field(struct lnr_table *t, const char *name, uint32_t type, bool add);
uint64_t lnr_theirs_size(struct lnr_table *t);
void *lnr_theirs_get_entry(struct lnr_table *t, const union lnr_plugin_state_data *key);
int32_t lnr_theirs_read(struct lnr_table *t, void *entry, const struct lnr_table_column *col,
	union lnr_plugin_state_data *out);
void lnr_theirs_release(struct lnr_table *t, void *entry, bool made);
uint32_t lnr_theirs_iterate(struct lnr_table *t, uint32_t (*each)(void *, void *), void *user);
int32_t lnr_theirs_clear(struct lnr_table *t);
int32_t lnr_theirs_erase(struct lnr_table *t, const union lnr_plugin_state_data *key);
void *lnr_theirs_make(struct lnr_table *t);
void *lnr_theirs_add(struct lnr_table *t, const union lnr_plugin_state_data *key, void *entry);
int32_t lnr_theirs_write(struct lnr_table *t, void *entry, const struct lnr_table_column *col,
	const union lnr_plugin_state_data *in);
/* Give back all that the owner holds. */
void lnr_theirs_collect(struct lnr_table_owner *o);

#endif
