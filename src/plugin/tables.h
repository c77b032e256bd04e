/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State tables for plugins (spec plugin-abi.md 12, 13): those of the host, and those that plugins
 * add for each other.
 *
 * Whoever has the data describes each kind of table as a struct lnr_table_class: its fields and the
 * functions that reach entries. Everything that the binary interface wants beside that is done
 * here: handles, acquired entries, types, errors, fields that plugins add, tables of plugins. One
 * struct lnr_tables belongs to one engine; it must outlive the plugin instances that use it. A
 * plugin may call only while the host calls it and from the same thread; any other call is refused.
 *
 * Entries are named by their keys and looked up for each access: nothing dangles when a plugin
 * removes what it, or another, still holds. A handle that was given back, or that is left over from
 * an earlier call, stays a valid address and is refused.
 */
#ifndef LNR_PLUGIN_TABLES_H
#define LNR_PLUGIN_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "base/err.h"
#include "lanner/plugin.h"

struct lnr_plugin_instance;
struct lnr_tables;
struct lnr_table_class;

/* A field that entries of a class have from the start. */
struct lnr_table_field {
	const char *name;
	uint8_t type; /* LNR_PLUGIN_ST_ */
	bool read_only;
	bool shared; /* a plugin that adds a field of this name and type gets this one */
	const struct lnr_table_class *sub; /* type TABLE: what the sub-table is */
};

/* A field of one class in one engine. Plugins hold its address for the life of the engine. */
struct lnr_table_column {
	const struct lnr_table_class *cls; /* NULL = of a table of a plugin */
	const char *name;
	uint32_t type;
	bool read_only, shared;
	unsigned index; /* in cls->fields; from n_fields on: added by plugins, in this order */
	const struct lnr_table_class *sub;
	void *theirs; /* the handle that the plugin gave */
};

/* Which entry. Tables with texts as keys have no sub-tables. */
struct lnr_table_pos {
	uint64_t key; /* integers, with their sign */
	const char *text;
	void *made; /* of make(): not in the table, has no key yet */
};

/*
 * `user` is that of lnr_tables_new(), `of` the entry whose field the table is (unused by tables
 * that stand alone). Functions return 0 or a negative errno: -ENOENT the entry, or `of`, is not
 * there; -EROFS; -EINVAL value or key not possible; -ENOSPC full; -ENOMEM. A missing function
 * means -EROFS.
 */
struct lnr_table_ops {
	uint64_t (*size)(void *user, const struct lnr_table_pos *of);
	bool (*has)(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos);
	/* The entry after *at, which starts at 0. False at the end. Nothing is removed meanwhile.
	 */
	bool (*next)(
		void *user, const struct lnr_table_pos *of, size_t *at, struct lnr_table_pos *ret);
	/* Texts live in the entry, or in `scratch`, which is emptied when the plugin returns. */
	int (*read)(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos,
		const struct lnr_table_column *col, struct lnr_arena *scratch,
		union lnr_plugin_state_data *ret);
	int (*write)(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos,
		const struct lnr_table_column *col, const union lnr_plugin_state_data *in);
	int (*make)(void *user, const struct lnr_table_pos *of, void **ret);
	void (*unmake)(void *user, const struct lnr_table_pos *of, void *made);
	/* Put `made` in under pos->key, in place of what was there; takes it on success. */
	int (*add)(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos,
		void *made);
	int (*erase)(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos);
	int (*clear)(void *user, const struct lnr_table_pos *of);
};

struct lnr_table_class {
	const char *name;
	uint8_t key_type; /* LNR_PLUGIN_ST_, an integer or STRING */
	bool grows;	  /* plugins may add fields */
	bool yields;	  /* a plugin's table of the same name takes its place */
	const struct lnr_table_field *fields;
	size_t n_fields;
	const struct lnr_table_ops *ops;
};

/* Tables that stand alone, by name; classes of sub-tables are found through their fields. */
int lnr_tables_new(const struct lnr_table_class *const *classes, size_t n, void *user,
	struct lnr_tables **ret);
/* After the instances. Takes NULL; returns NULL. */
struct lnr_tables *lnr_tables_free(struct lnr_tables *t);
/*
 * Instead of that, when a call of a plugin did not return and may go on at any time: it finds that
 * nothing is allowed, in memory that is never freed. Takes NULL.
 */
void lnr_tables_abandon(struct lnr_tables *t);

/* --- for instance.c --- */

struct lnr_table_owner; /* what one instance holds */

/* NULL when only memory is lacking. */
struct lnr_table_owner *lnr_table_owner_new(struct lnr_tables *t, struct lnr_plugin_instance *inst);
/* Has the plugin asked for a table of the host? */
bool lnr_table_owner_looks(const struct lnr_table_owner *o);
/* Before the plugin is destroyed: its tables are gone for the others. Takes NULL. */
void lnr_table_owner_end(struct lnr_table_owner *o);
/* After that, so that all it has stays valid until then. Takes NULL; returns NULL. */
struct lnr_table_owner *lnr_table_owner_free(struct lnr_table_owner *o);
/* Around each call of the plugin in which it may use tables. Calls nest. */
void lnr_table_owner_enter(struct lnr_table_owner *o);
/* What it forgot to give back is given back. */
void lnr_table_owner_leave(struct lnr_table_owner *o);

/* What plugins are given; reader, writer and fields are in it, too. */
const struct lnr_plugin_init_tables *lnr_table_functions(void);

#endif
