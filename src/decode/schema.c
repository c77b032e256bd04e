/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events, parameters, types and flag tables: the rows of schema/ expanded to constant objects.
 *
 * Rows of variable number (parameters of an event, names of a flag table) stand back to back in one
 * array; an enumeration made from the same rows gives the index where each owner's begin. Names are
 * searched by a scan over an array of their lengths: about 450 bytes, two or three comparisons of
 * text, done when rules are loaded and never per event.
 */
#include "decode/schema.h"
#include "decode/schema_priv.h"
#include "schema/record.h"

_Static_assert(LNR_EV_COUNT == LNR_EVENT_COUNT, "an event row changes the count in schema.h");
_Static_assert(LNR_EV_COUNT <= UINT16_MAX, "the record's type has 16 bits");

/* --- flag tables -----------------------------------------------------------------------------*/

/*
 * Each table starts with an empty row that also ends the table before it. A name may stand twice in
 * a table, so the line tells rows apart.
 */
#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
enum {
#define LNR_FLAG_TABLE(table)	     FLAGS_START_##table,
#define LNR_FLAG(table, name, value) PASTE(FLAGS_AT_##table##_, __LINE__),
#include "schema/flags.def"
	FLAGS_END
};

static const struct lnr_flag flags[] = {
#define LNR_FLAG_TABLE(table)	     {NULL, 0},
#define LNR_FLAG(table, name, value) {#name, (uint32_t)(value)},
#include "schema/flags.def"
	{NULL, 0},
};

enum {
	FLAG_TABLE_NONE = -1,
#define LNR_FLAG_TABLE(table) FLAG_TABLE_##table,
#include "schema/flags.def"
	FLAG_TABLE_COUNT
};

static const struct lnr_flag_table flag_tables[] = {
#define LNR_FLAG_TABLE(table) {#table, &flags[FLAGS_START_##table + 1]},
#include "schema/flags.def"
};

/* --- dynamic parameter tables ----------------------------------------------------------------*/

enum {
#define LNR_DYN_TABLE(table)		    DYNS_START_##table,
#define LNR_DYN(table, index, type, format) DYNS_AT_##table##_##index,
#include "schema/dynamic.def"
};

static const struct lnr_dyn dyns[] = {
#define LNR_DYN_TABLE(table)		    {LNR_PT_NONE, LNR_PF_NA},
#define LNR_DYN(table, index, type, format) {LNR_PT_##type, LNR_PF_##format},
#include "schema/dynamic.def"
	{LNR_PT_NONE, LNR_PF_NA},
};

enum {
	DYN_TABLE_NONE = -1,
#define LNR_DYN_TABLE(table) DYN_TABLE_##table,
#include "schema/dynamic.def"
};

static const struct lnr_dyn_table dyn_tables[] = {
#define LNR_DYN_TABLE(table) {#table, &dyns[DYNS_START_##table + 1]},
#include "schema/dynamic.def"
};

/* The index byte of the value is the row's place. */
#define LNR_DYN(table, index, type, format)                                           \
	_Static_assert(DYNS_AT_##table##_##index == DYNS_START_##table + 1 + (index), \
		#table ": rows out of order");
#include "schema/dynamic.def"

/* --- parameters and events -------------------------------------------------------------------*/

/* An event's own entry has the value of its first parameter. */
enum {
#define LNR_EVENT(event, number, name, category, source, flags, nparams) \
	PARAMS_OF_##event, PARAMS_BEFORE_##event = PARAMS_OF_##event - 1,
#define LNR_PARAM(event, index, name, type, format, flag_table, dyn_table, dirfd) \
	PARAM_##event##_##index,
#include "schema/events.def"
};

#define LNR_PARAM(event, index, name, type, format, flag_table, dyn_table, dirfd) \
	_Static_assert(PARAM_##event##_##index == PARAMS_OF_##event + (index) &&  \
			       (index) < LNR_PARAMS_MAX && (dirfd) < (index),     \
		#event ": parameter rows out of order");
#include "schema/events.def"

/* A table by its index, NULL for NONE. */
#define TABLE_OR_NULL(tables, index) \
	((int)(index) < 0 ? NULL : &(tables)[(int)(index) < 0 ? 0 : (index)])

static const struct lnr_param_info params[] = {
#define LNR_PARAM(event, index, pname, ptype, format, flag_table, dyn_table, dirfd) \
	{                                                                           \
		.name = #pname,                                                     \
		.type = LNR_PT_##ptype,                                             \
		.fmt = LNR_PF_##format,                                             \
		.dirfd_param = (dirfd),                                             \
		.flags = TABLE_OR_NULL(flag_tables, FLAG_TABLE_##flag_table),       \
		.dyn = TABLE_OR_NULL(dyn_tables, DYN_TABLE_##dyn_table),            \
	},
#include "schema/events.def"
};

const struct lnr_event_info lnr_event_table[LNR_EVENT_COUNT] = {
#define LNR_EVENT(event, number, text, cat, source, eflags, count) \
	[number] = {                                               \
		.name = (text),                                    \
		.enum_name = #event,                               \
		.type = (number),                                  \
		.nparams = (count),                                \
		.category = LNR_EC_##cat,                          \
		.source_class = LNR_EC_##source,                   \
		.flags = (eflags),                                 \
		.params = &params[PARAMS_OF_##event],              \
	},
#include "schema/events.def"
};

static const uint8_t event_name_len[LNR_EVENT_COUNT] = {
#define LNR_EVENT(event, number, name, category, source, flags, nparams) \
	[number] = sizeof(name) - 1,
#include "schema/events.def"
};

static const uint8_t event_enum_len[LNR_EVENT_COUNT] = {
#define LNR_EVENT(event, number, name, category, source, flags, nparams) \
	[number] = sizeof(#event) - 1,
#include "schema/events.def"
};

const struct lnr_event_info *lnr_event_info(unsigned type)
{
	return type < LNR_EVENT_COUNT ? &lnr_event_table[type] : NULL;
}

int lnr_event_param(const struct lnr_event_info *info, struct lnr_str name)
{
	for (unsigned i = 0; i < info->nparams; i++)
		if (lnr_str_eq(lnr_str_c(info->params[i].name), name))
			return (int)i;
	return -1;
}

int lnr_event_find(struct lnr_str name, unsigned from)
{
	for (unsigned i = from; i < LNR_EVENT_COUNT; i++)
		if (event_name_len[i] == name.len && name.len > 0 &&
			memcmp(lnr_event_table[i].name, name.ptr, name.len) == 0)
			return (int)i;
	return -1;
}

int lnr_event_by_enum(struct lnr_str enum_name)
{
	for (unsigned i = 0; i < LNR_EVENT_COUNT; i++)
		if (event_enum_len[i] == enum_name.len && enum_name.len > 0 &&
			memcmp(lnr_event_table[i].enum_name, enum_name.ptr, enum_name.len) == 0)
			return (int)i;
	return -1;
}

/* --- types -----------------------------------------------------------------------------------*/

static const struct {
	const char *name;
	uint8_t size;
} types[LNR_PT_COUNT] = {
#define LNR_TYPE(number, name, size) [number] = {#name, size},
#include "schema/types.def"
};

unsigned lnr_pt_size(unsigned pt)
{
	return pt < LNR_PT_COUNT ? types[pt].size : 0;
}

const char *lnr_pt_name(unsigned pt)
{
	/* The one type whose name in listings is not that of its enumeration. */
	if (pt == LNR_PT_DYN)
		return "DYNAMIC";
	return pt < LNR_PT_COUNT ? types[pt].name : NULL;
}

const struct lnr_flag_table *lnr_flag_table(struct lnr_str name)
{
	for (size_t i = 0; i < FLAG_TABLE_COUNT; i++)
		if (lnr_str_eq(lnr_str_c(flag_tables[i].name), name))
			return &flag_tables[i];
	return NULL;
}
