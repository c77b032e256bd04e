/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of tables for an owner that has none. */
#include "plugin/tables.h"

#include <stdio.h>
#include "plugin/host.h"

static void refuse(void *owner, const char *what, const char *name)
{
	struct lnr_plugin_instance *i = owner;
	snprintf(i->owner_error, sizeof(i->owner_error),
		"%s '%.100s': state tables are not offered", what, name ? name : "");
}

static struct lnr_plugin_table_info *list_tables(void *owner, uint32_t *n)
{
	(void)owner;
	*n = 0;
	return NULL;
}

static void *get_table(void *owner, const char *name, uint32_t key_type)
{
	(void)key_type;
	refuse(owner, "no table", name);
	return NULL;
}

static int32_t add_table(void *owner, const struct lnr_plugin_table_input *in)
{
	refuse(owner, "cannot add table", in ? in->name : NULL);
	return LNR_PLUGIN_NOT_SUPPORTED;
}

/* What follows takes the handle of a table, and nobody has one: each answers "not there". */

static const struct lnr_plugin_table_fieldinfo *list_fields(void *t, uint32_t *n)
{
	(void)t;
	*n = 0;
	return NULL;
}

static void *no_field(void *t, const char *name, uint32_t type)
{
	(void)t;
	(void)name;
	(void)type;
	return NULL;
}

static const char *no_name(void *t)
{
	(void)t;
	return NULL;
}

static uint64_t no_size(void *t)
{
	(void)t;
	return UINT64_MAX;
}

static void *no_entry(void *t, const union lnr_plugin_state_data *key)
{
	(void)t;
	(void)key;
	return NULL;
}

static int32_t no_read(void *t, void *entry, const void *field, union lnr_plugin_state_data *out)
{
	(void)t;
	(void)entry;
	(void)field;
	out->u64 = 0;
	return LNR_PLUGIN_FAILURE;
}

static void ignore_entry(void *t, void *entry)
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

static int32_t no_clear(void *t)
{
	(void)t;
	return LNR_PLUGIN_FAILURE;
}

static int32_t no_erase(void *t, const union lnr_plugin_state_data *key)
{
	(void)t;
	(void)key;
	return LNR_PLUGIN_FAILURE;
}

static void *no_create(void *t)
{
	(void)t;
	return NULL;
}

static void *no_add(void *t, const union lnr_plugin_state_data *key, void *entry)
{
	(void)t;
	(void)key;
	(void)entry;
	return NULL;
}

static int32_t no_write(
	void *t, void *entry, const void *field, const union lnr_plugin_state_data *in)
{
	(void)t;
	(void)entry;
	(void)field;
	(void)in;
	return LNR_PLUGIN_FAILURE;
}

#define FIELDS                                  \
	{                                       \
		list_fields, no_field, no_field \
	}
static const struct lnr_plugin_table_fields fields = FIELDS;
static const struct lnr_plugin_table_reader_ext reader = {
	{no_name, no_size, no_entry, no_read}, ignore_entry, no_iterate};
static const struct lnr_plugin_table_writer writer = {
	no_clear, no_erase, no_create, ignore_entry, no_add, no_write};

const struct lnr_plugin_init_tables *lnr_plugin_no_tables(void)
{
	static const struct lnr_plugin_init_tables tables = {.list_tables = list_tables,
		.get_table = get_table,
		.add_table = add_table,
		.fields = FIELDS,
		.fields_ext = &fields,
		.reader_ext = &reader,
		.writer_ext = &writer};
	return &tables;
}

const struct lnr_plugin_table_reader_ext *lnr_plugin_no_reader(void)
{
	return &reader;
}

const struct lnr_plugin_table_writer *lnr_plugin_no_writer(void)
{
	return &writer;
}
