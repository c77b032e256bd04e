/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The binary interface of plugins, for those who write them in C and for the host that loads them.
 *
 * A plugin is a shared object that exports functions named plugin_…, those of struct
 * lnr_plugin_api below. It is the interface of Falco's plugins, version 3.12: one shared object
 * serves both programs. A plugin says with get_required_api_version() which version it was written
 * against; the host takes the same major version and anything up to its own minor version.
 *
 * Ownership. Texts that a function returns belong to the plugin and are copied by the host before
 * it calls the plugin again. A batch of events is valid until the next next_batch() or close(), a
 * result of extract_fields() until the next extract_fields(). What the host passes is valid during
 * the call; the addresses of its functions for ever. One thread at a time calls an instance.
 *
 *	const char *plugin_get_name(void)
 *	{
 *		return "clock";
 *	}
 *
 * Sizes and offsets are those of LP64 machines, little endian.
 */
#ifndef LANNER_PLUGIN_H
#define LANNER_PLUGIN_H

#include <assert.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LNR_PLUGIN_API_MAJOR 3
#define LNR_PLUGIN_API_MINOR 12
#define LNR_PLUGIN_API_PATCH 0
/* Bytes of an error text that the host lends to a plugin. */
#define LNR_PLUGIN_ERROR_BYTES 1024
/* Where the data of an event of a plugin begins, counted from its header. */
#define LNR_PLUGIN_PAYLOAD_AT 38

/* What functions return. */
enum {
	LNR_PLUGIN_TIMEOUT = -1, /* no data for now */
	LNR_PLUGIN_SUCCESS = 0,
	LNR_PLUGIN_FAILURE = 1, /* ask get_last_error() */
	LNR_PLUGIN_EOF = 2,
	LNR_PLUGIN_NOT_SUPPORTED = 3,
};

/* Types of fields. */
enum {
	LNR_PLUGIN_FT_UINT64 = 8,
	LNR_PLUGIN_FT_STRING = 9,
	LNR_PLUGIN_FT_RELTIME = 20, /* ns */
	LNR_PLUGIN_FT_ABSTIME = 21, /* ns since the epoch */
	LNR_PLUGIN_FT_BOOL = 25,
	LNR_PLUGIN_FT_IPADDR = 40,
	LNR_PLUGIN_FT_IPNET = 41,
};

/* Form of the text that get_init_schema() returns. */
enum { LNR_PLUGIN_SCHEMA_NONE = 0, LNR_PLUGIN_SCHEMA_JSON = 1 };

/* Types in state tables. */
enum {
	LNR_PLUGIN_ST_INT8 = 1,
	LNR_PLUGIN_ST_INT16,
	LNR_PLUGIN_ST_INT32,
	LNR_PLUGIN_ST_INT64,
	LNR_PLUGIN_ST_UINT8,
	LNR_PLUGIN_ST_UINT16,
	LNR_PLUGIN_ST_UINT32,
	LNR_PLUGIN_ST_UINT64,
	LNR_PLUGIN_ST_STRING,
	LNR_PLUGIN_ST_TABLE,
	LNR_PLUGIN_ST_BOOL = 25,
};

enum {
	LNR_PLUGIN_LOG_FATAL = 1,
	LNR_PLUGIN_LOG_CRITICAL,
	LNR_PLUGIN_LOG_ERROR,
	LNR_PLUGIN_LOG_WARNING,
	LNR_PLUGIN_LOG_NOTICE,
	LNR_PLUGIN_LOG_INFO,
	LNR_PLUGIN_LOG_DEBUG,
	LNR_PLUGIN_LOG_TRACE,
};

/* --- events --- */

#pragma pack(push, 1)
/* Header of an event; the lengths of its parameters and then their bytes follow. */
struct lnr_plugin_event {
	uint64_t ts;  /* ns since the epoch; all bits set = now */
	uint64_t tid; /* all bits set = none */
	uint32_t len; /* of the whole event, header included */
	uint16_t type;
	uint32_t nparams;
};
#pragma pack(pop)

/* Event types that plugins make. */
enum {
	/* u32 plugin id, data; 32-bit lengths. */
	LNR_PLUGIN_EVENT = 322,
	/* u32 plugin id, name with NUL, data; 32-bit lengths. */
	LNR_PLUGIN_ASYNC_EVENT = 402,
};

struct lnr_plugin_event_input {
	const struct lnr_plugin_event *evt;
	uint64_t evtnum; /* from 1, never twice */
	const char *evtsrc;
};

/* --- extraction --- */

struct lnr_plugin_bytes {
	uint32_t len;
	const void *ptr;
};

/* Where in the event the values of a field stand; both NULL = not said. */
struct lnr_plugin_value_offsets {
	uint32_t *start, *length;
};

struct lnr_plugin_extract_field {
	union {
		const char **str;
		uint64_t *u64;
		uint32_t *u32;
		uint32_t *boolean;
		struct lnr_plugin_bytes *buf;
	} res;		     /* out: array of res_len values */
	uint64_t res_len;    /* out: 0 = the event has no such value */
	uint32_t field_id;   /* position in the array of get_fields() */
	const char *field;   /* name without argument */
	const char *arg_key; /* or NULL */
	uint64_t arg_index;  /* all bits set when no index was given */
	uint32_t arg_present;
	uint32_t ftype;
	uint32_t flist; /* not 0: a list is expected */
};

/* --- state tables --- */

union lnr_plugin_state_data {
	int8_t s8;
	int16_t s16;
	int32_t s32;
	int64_t s64;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	const char *str;
	uint32_t b;
	void *table;
};

struct lnr_plugin_table_info {
	const char *name;
	uint32_t key_type;
};

struct lnr_plugin_table_fieldinfo {
	const char *name;
	uint32_t field_type;
	uint32_t read_only;
};

/* Tables, entries and fields are handles of whoever made the functions. */
struct lnr_plugin_table_fields {
	const struct lnr_plugin_table_fieldinfo *(*list_table_fields)(void *t, uint32_t *n);
	void *(*get_table_field)(void *t, const char *name, uint32_t type);
	void *(*add_table_field)(void *t, const char *name, uint32_t type);
};

struct lnr_plugin_table_reader {
	const char *(*get_table_name)(void *t);
	uint64_t (*get_table_size)(void *t); /* all bits set on error */
	void *(*get_table_entry)(void *t, const union lnr_plugin_state_data *key);
	int32_t (*read_entry_field)(
		void *t, void *entry, const void *field, union lnr_plugin_state_data *out);
};

struct lnr_plugin_table_reader_ext {
	struct lnr_plugin_table_reader base;
	void (*release_table_entry)(void *t, void *entry);
	uint32_t (*iterate_entries)(void *t, uint32_t (*each)(void *user, void *entry), void *user);
};

struct lnr_plugin_table_writer {
	int32_t (*clear_table)(void *t);
	int32_t (*erase_table_entry)(void *t, const union lnr_plugin_state_data *key);
	void *(*create_table_entry)(void *t);
	void (*destroy_table_entry)(void *t, void *entry);
	void *(*add_table_entry)(void *t, const union lnr_plugin_state_data *key, void *entry);
	int32_t (*write_entry_field)(
		void *t, void *entry, const void *field, const union lnr_plugin_state_data *in);
};

/* A table that a plugin adds; its handles given to plugins have this form as well. */
struct lnr_plugin_table_input {
	const char *name;
	uint32_t key_type;
	void *table;
	struct lnr_plugin_table_reader reader;
	struct lnr_plugin_table_writer writer;
	struct lnr_plugin_table_fields fields;
	const struct lnr_plugin_table_reader_ext *reader_ext; /* this and the next two since 3.1 */
	const struct lnr_plugin_table_writer *writer_ext;
	const struct lnr_plugin_table_fields *fields_ext;
};

struct lnr_plugin_init_tables {
	struct lnr_plugin_table_info *(*list_tables)(void *owner, uint32_t *n);
	void *(*get_table)(void *owner, const char *name, uint32_t key_type);
	int32_t (*add_table)(void *owner, const struct lnr_plugin_table_input *in);
	struct lnr_plugin_table_fields fields;
	const struct lnr_plugin_table_fields *fields_ext;
	const struct lnr_plugin_table_reader_ext *reader_ext;
	const struct lnr_plugin_table_writer *writer_ext;
};

/* --- inputs of the functions --- */

struct lnr_plugin_init_input {
	const char *config;
	void *owner;
	const char *(*get_owner_last_error)(void *owner);
	const struct lnr_plugin_init_tables *tables;
	/* From any thread; component NULL = the plugin's name. Since 3.3. */
	void (*log_fn)(void *owner, const char *component, const char *msg, int32_t severity);
};

struct lnr_plugin_set_config_input {
	const char *config;
};

struct lnr_plugin_extract_input {
	void *owner;
	const char *(*get_owner_last_error)(void *owner);
	uint32_t num_fields;
	struct lnr_plugin_extract_field *fields;
	struct lnr_plugin_table_reader table_reader;
	const struct lnr_plugin_table_reader_ext *table_reader_ext;
	struct lnr_plugin_value_offsets *value_offsets; /* since 3.11; NULL = not wanted */
};

struct lnr_plugin_parse_input {
	void *owner;
	const char *(*get_owner_last_error)(void *owner);
	struct lnr_plugin_table_reader table_reader;
	struct lnr_plugin_table_writer table_writer;
	const struct lnr_plugin_table_reader_ext *table_reader_ext;
	const struct lnr_plugin_table_writer *table_writer_ext;
};

struct lnr_plugin_routines {
	void *(*subscribe)(void *owner, uint32_t (*fn)(void *plugin, void *state), void *state);
	int32_t (*unsubscribe)(void *owner, void *routine);
};

struct lnr_plugin_listen_input {
	void *owner;
	const struct lnr_plugin_routines *routines;
	const struct lnr_plugin_table_reader_ext *table_reader_ext;
	const struct lnr_plugin_table_writer *table_writer_ext;
	const char *(*get_owner_last_error)(void *owner);
};

/* --- metrics --- */

enum {
	LNR_PLUGIN_METRIC_U32,
	LNR_PLUGIN_METRIC_S32,
	LNR_PLUGIN_METRIC_U64,
	LNR_PLUGIN_METRIC_S64,
	LNR_PLUGIN_METRIC_DOUBLE,
	LNR_PLUGIN_METRIC_FLOAT,
	LNR_PLUGIN_METRIC_INT,
};

struct lnr_plugin_metric {
	const char *name;
	uint32_t type; /* 0 grows only, 1 goes up and down */
	union {
		uint32_t u32;
		int32_t s32;
		uint64_t u64;
		int64_t s64;
		double d;
		float f;
		int i;
	} value;
	uint32_t value_type;
};

/* --- what a plugin exports, in the order of the interface --- */

/* err NULL, or LNR_PLUGIN_ERROR_BYTES long. */
typedef int32_t lnr_plugin_async_fn(void *owner, const struct lnr_plugin_event *evt, char *err);

/*
 * Symbol plugin_X for each member X. `s` is what init() returned, `h` what open() returned; both
 * are the plugin's and never looked into. Needed by all: get_required_api_version, init, destroy,
 * get_last_error, get_name, get_description, get_contact, get_version. A source has open, close and
 * next_batch, and get_id with get_event_source unless its events are system calls. Fields need
 * get_fields and extract_fields, parsing parse_event, asynchronous events get_async_events and
 * set_async_event_handler, listening capture_open and capture_close.
 */
struct lnr_plugin_api {
	const char *(*get_required_api_version)(void);
	const char *(*get_init_schema)(int32_t *ret_type);
	void *(*init)(const struct lnr_plugin_init_input *in, int32_t *rc);
	void (*destroy)(void *s);
	const char *(*get_last_error)(void *s);
	const char *(*get_name)(void);
	const char *(*get_description)(void);
	const char *(*get_contact)(void);
	const char *(*get_version)(void);
	uint32_t (*get_id)(void);
	const char *(*get_event_source)(void);
	void *(*open)(void *s, const char *params, int32_t *rc);
	void (*close)(void *s, void *h);
	const char *(*list_open_params)(void *s, int32_t *rc);
	const char *(*get_progress)(void *s, void *h, uint32_t *ret_percent100);
	const char *(*event_to_string)(void *s, const struct lnr_plugin_event_input *in);
	int32_t (*next_batch)(void *s, void *h, uint32_t *n, struct lnr_plugin_event ***evts);
	uint16_t *(*get_extract_event_types)(uint32_t *n, void *s);
	const char *(*get_extract_event_sources)(void);
	const char *(*get_fields)(void);
	int32_t (*extract_fields)(void *s, const struct lnr_plugin_event_input *evt,
		const struct lnr_plugin_extract_input *in);
	uint16_t *(*get_parse_event_types)(uint32_t *n, void *s);
	const char *(*get_parse_event_sources)(void);
	int32_t (*parse_event)(void *s, const struct lnr_plugin_event_input *evt,
		const struct lnr_plugin_parse_input *in);
	const char *(*get_async_event_sources)(void);
	const char *(*get_async_events)(void);
	int32_t (*set_async_event_handler)(void *s, void *owner, lnr_plugin_async_fn *handler);
	int32_t (*dump_state)(void *s, void *owner, lnr_plugin_async_fn *handler);
	int32_t (*set_config)(void *s, const struct lnr_plugin_set_config_input *in);
	struct lnr_plugin_metric *(*get_metrics)(void *s, uint32_t *n);
	int32_t (*capture_open)(void *s, const struct lnr_plugin_listen_input *in);
	int32_t (*capture_close)(void *s, const struct lnr_plugin_listen_input *in);
	const char *(*get_required_event_schema_version)(void *s);
};

/* The layout is the contract: a difference would be found at run time otherwise, by a crash. */
#if defined(__LP64__) && !defined(__cplusplus)
static_assert(sizeof(struct lnr_plugin_event) == 26, "event header");
static_assert(sizeof(struct lnr_plugin_extract_field) == 64, "extract field");
static_assert(sizeof(struct lnr_plugin_table_input) == 152, "table input");
static_assert(sizeof(struct lnr_plugin_init_tables) == 72, "tables at init");
static_assert(sizeof(struct lnr_plugin_init_input) == 40, "init input");
static_assert(sizeof(struct lnr_plugin_extract_input) == 80, "extract input");
static_assert(sizeof(struct lnr_plugin_parse_input) == 112, "parse input");
static_assert(sizeof(struct lnr_plugin_listen_input) == 40, "listen input");
static_assert(sizeof(struct lnr_plugin_metric) == 32, "metric");
static_assert(sizeof(struct lnr_plugin_api) == 264, "table of functions");
#endif

#ifdef __cplusplus
}
#endif

#endif
