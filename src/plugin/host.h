/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins: shared objects that implement include/lanner/plugin.h (spec plugin-abi.md).
 *
 * lnr_plugin_load() maps the library, checks it and copies everything it says about itself: a
 * struct lnr_plugin is read-only from then on and may be shared. lnr_plugin_start() makes an
 * instance of it with its configuration; each engine has instances of its own, and one thread calls
 * an instance (its log function may be called from any). Only the library named is opened, and only
 * when nobody but root and the caller can have written it. A library stays mapped until the process
 * ends, because some language runtimes cannot be unmapped.
 *
 *	r = lnr_plugin_load("/usr/share/falco/plugins/libjson.so", &p, &err);
 *	if (!r)
 *		r = lnr_plugin_start(p, log, &inst, &err);
 *	…
 *	lnr_plugin_stop(inst);
 *	lnr_plugin_free(p);
 */
#ifndef LNR_PLUGIN_HOST_H
#define LNR_PLUGIN_HOST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "lanner/plugin.h"

enum {
	LNR_PLUGIN_CAN_SOURCE = 1 << 0,
	LNR_PLUGIN_CAN_EXTRACT = 1 << 1,
	LNR_PLUGIN_CAN_PARSE = 1 << 2,
	LNR_PLUGIN_CAN_ASYNC = 1 << 3,
	LNR_PLUGIN_CAN_LISTEN = 1 << 4,
};

/* A field as declared (spec 8.1). Its position is the id it is asked by. */
struct lnr_plugin_field {
	const char *name, *display, *desc; /* display "" when absent */
	uint32_t type;			   /* LNR_PLUGIN_FT_ */
	bool list, arg_required, arg_index, arg_key;
	bool hidden;	/* not listed */
	bool suggested; /* for rule outputs */
};

struct lnr_plugin_names {
	struct lnr_str *v;
	size_t n;
};

/* A set of event types; spec 16: without a list a plugin sees all types or only its own. */
struct lnr_plugin_types {
	bool all;
	uint8_t bits[512 / 8];
};

/* A plugin that is part of Lanner: no library, and nothing of its own that runs. */
struct lnr_plugin_builtin {
	const char *name, *version, *description, *contact;
	const char *source; /* "" = none; with the id below */
	uint32_t id;
	const char *fields_of; /* event source that its fields are for; "" = all */
	const char *schema;    /* of the configuration, JSON */
	/* Is that a configuration of it? NULL = any is. */
	int (*check)(const char *config, struct lnr_err *err);
	bool text; /* the data of its events is the line about them */
};

/* Texts that a plugin gives before it is started. */
enum lnr_plugin_text {
	LNR_SAID_API,
	LNR_SAID_NAME,
	LNR_SAID_DESCRIPTION,
	LNR_SAID_CONTACT,
	LNR_SAID_VERSION,
	LNR_SAID_SOURCE,
	LNR_SAID_FIELDS,
	LNR_SAID_EXTRACT_SOURCES,
	LNR_SAID_PARSE_SOURCES,
	LNR_SAID_ASYNC_SOURCES,
	LNR_SAID_ASYNC_EVENTS,
	LNR_SAID_SCHEMA,
	LNR_SAID_COUNT,
};

/* What a library says as it stands there, not yet checked; in the plugin's arena. */
struct lnr_plugin_said {
	const char *text[LNR_SAID_COUNT]; /* NULL = not there */
	uint32_t id;
	uint64_t functions; /* which are there, a bit each; for host.c */
};

struct lnr_plugin {
	struct lnr_plugin_api api;		  /* of a built-in one all functions are NULL */
	const struct lnr_plugin_builtin *builtin; /* NULL = has a library */
	const char *path;
	struct lnr_str name, version, description, contact;
	struct lnr_str source; /* event source it provides; empty = none, or system calls */
	uint32_t id;	       /* 0 = none */
	unsigned caps;	       /* LNR_PLUGIN_CAN_ */
	unsigned api_minor;    /* version it was written against: 3.api_minor */
	const struct lnr_plugin_field *fields;
	size_t n_fields;
	/* Event sources that each capability is for; none = all (spec 16). */
	struct lnr_plugin_names extract_sources, parse_sources, async_sources;
	struct lnr_plugin_names async_names;
	const char *schema; /* of the configuration, JSON; NULL = none */
	/* Set by who loads it for a configuration. */
	const char *config, *open_params; /* "" = none */
	unsigned index;			  /* among the plugins of one configuration */
	bool isolated;			  /* each instance is a process, see isolated.h */
	bool restart;			  /* isolated: started again when it ends unasked */
	const char *const *child;	  /* isolated: the program, NULL-terminated; borrowed */
	uint32_t start_ms;		  /* what it may take to start, open, end */
	bool stuck;			  /* a call of an instance did not return: stays for ever */
	struct lnr_plugin_said said;
	struct lnr_arena arena;
};

struct lnr_plugin_load_opts {
	const char *path;
	bool isolated, restart;
	const char *const *child; /* as in struct lnr_plugin; outlives the plugin */
	uint32_t start_ms;	  /* 0 = LNR_PLUGIN_START_MS */
};
int lnr_plugin_load_with(
	const struct lnr_plugin_load_opts *o, struct lnr_plugin **ret, struct lnr_err *err);
/* Into this process. */
int lnr_plugin_load(const char *path, struct lnr_plugin **ret, struct lnr_err *err);
/* The same for one that is built in; `path` is where its library was looked for, "" = nowhere. */
int lnr_plugin_builtin(const struct lnr_plugin_builtin *b, const char *path,
	struct lnr_plugin **ret, struct lnr_err *err);
/* After its instances. Takes NULL; returns NULL. */
struct lnr_plugin *lnr_plugin_free(struct lnr_plugin *p);

struct lnr_async;
struct lnr_async_sink;
struct lnr_routines;
struct lnr_tables;
struct lnr_table_owner;

/* A plugin at work. */
struct lnr_plugin_instance {
	const struct lnr_plugin *plugin;
	void *state;			/* the plugin's */
	bool stuck;			/* a call did not return: it is not called again */
	struct lnr_table_owner *tables; /* NULL = state tables are not offered */
	struct lnr_plugin_types extract_types, parse_types;
	struct lnr_log *log;
	struct lnr_async *async;     /* takes events from its threads, atomic; NULL = not now */
	struct lnr_async_sink *sink; /* of a dump in progress */
	/* Asynchronous events that were taken, and those that were refused; atomic. */
	uint64_t n_async, n_async_refused;
	struct lnr_routines *routines; /* atomic; NULL = none may be added */
	bool listening;		       /* capture_open() was well, capture_close() is due */
	char owner_error[256];	       /* what get_owner_last_error() tells the plugin; "" = none */
};

/* Is its configuration what its schema says? Nothing is started. */
int lnr_plugin_check(const struct lnr_plugin *p, struct lnr_err *err);
/*
 * Check the configuration against the plugin's schema and start an instance. An empty
 * configuration is {} for a plugin with a schema. `tables` (NULL = none are offered) outlive it.
 */
int lnr_plugin_start_with(const struct lnr_plugin *p, struct lnr_tables *tables,
	struct lnr_log *log, struct lnr_plugin_instance **ret, struct lnr_err *err);
/* The same without tables. */
int lnr_plugin_start(const struct lnr_plugin *p, struct lnr_log *log,
	struct lnr_plugin_instance **ret, struct lnr_err *err);
/*
 * fn(arg), which calls the plugin, within its start_ms. -ETIMEDOUT: it did not return, and may
 * still use `arg`; the instance is not called any more, and memory of both stays (see limit.h).
 */
int lnr_plugin_call(struct lnr_plugin_instance *i, void (*fn)(void *arg), void *arg);
/* Takes NULL; returns NULL. */
struct lnr_plugin_instance *lnr_plugin_stop(struct lnr_plugin_instance *i);
/* The plugin's own reason for a failure, or a word that it gave none. */
const char *lnr_plugin_last_error(const struct lnr_plugin_instance *i);
/*
 * Ask for one field, whose inputs are set. False = the event has no such value. The result is valid
 * until the next call for this instance.
 */
bool lnr_plugin_extract(struct lnr_plugin_instance *i, const struct lnr_plugin_event_input *evt,
	struct lnr_plugin_extract_field *f);

/* The event is one that the plugin wants to see and may learn from. False = it failed. */
bool lnr_plugin_parse(struct lnr_plugin_instance *i, const struct lnr_plugin_event_input *evt);
/* One line about an event of its source, or NULL; valid until the next call. */
const char *lnr_plugin_event_text(
	struct lnr_plugin_instance *i, const struct lnr_plugin_event_input *evt);

/* The source is open: tell the plugin so, when it listens. With `routines` for it. */
int lnr_plugin_capture_begin(
	struct lnr_plugin_instance *i, struct lnr_routines *routines, struct lnr_err *err);
int lnr_plugin_capture_end(struct lnr_plugin_instance *i, struct lnr_err *err);
/* Another configuration while it works. -ENOTSUP: the plugin cannot. */
int lnr_plugin_set_config(struct lnr_plugin_instance *i, const char *config, struct lnr_err *err);
/*
 * Does the plugin understand events of this version of the schema (spec 1)? One that looks only at
 * events of plugins understands all.
 */
int lnr_plugin_schema_check(
	const struct lnr_plugin_instance *i, const char *version, struct lnr_err *err);

/* The instances of one event source, by plugin index; NULL where a plugin is not for it. */
struct lnr_plugin_set {
	struct lnr_plugin_instance **v;
	size_t n;
	struct lnr_plugin_instance *source; /* whose events these are; NULL = nobody's */
	bool stuck;			    /* one of them did not come back from its start */
	struct lnr_tables *tables;	    /* of state, which all of them see; NULL = none */
	struct lnr_async *async;	    /* NULL = no plugin has asynchronous events */
	struct lnr_routines *routines;	    /* NULL = no plugin listens */
	uint64_t n_parse_failed;
};

/* Does a capability's list of sources admit `source`? */
bool lnr_plugin_admits(const struct lnr_plugin_names *sources, struct lnr_str source);
static inline bool lnr_plugin_types_has(const struct lnr_plugin_types *t, unsigned type)
{
	return t->all || (type < 512 && t->bits[type / 8] >> (type % 8) & 1);
}

/* The lines that --list-plugins and --plugin-info share. */
void lnr_plugin_describe(const struct lnr_plugin *p, struct lnr_buf *out);
/* Schema and suggested open parameters, the rest of --plugin-info; inst NULL = schema only. */
void lnr_plugin_describe_more(
	const struct lnr_plugin *p, const struct lnr_plugin_instance *inst, struct lnr_buf *out);

/* --- parts, for tests --- */

/* Three numbers with dots between, nothing else. */
bool lnr_plugin_version(const char *text, unsigned ret[static 3]);
/* As plugins call it: the reason why a function of the host failed, or NULL. */
const char *lnr_plugin_owner_error(void *owner);
/* "3.4.0" against the version of this header (spec 1). */
int lnr_plugin_api_check(const char *version, unsigned *ret_minor, struct lnr_err *err);
/* The JSON text of get_fields(); everything of *ret lives in `arena`. */
int lnr_plugin_parse_fields(const char *json, struct lnr_arena *arena,
	const struct lnr_plugin_field **ret, size_t *ret_n, struct lnr_err *err);
/* A JSON array of names; NULL and "" are none. */
int lnr_plugin_parse_names(const char *json, struct lnr_arena *arena, struct lnr_plugin_names *ret,
	struct lnr_err *err);
/* A configuration text against a JSON schema (spec 14.2); -EINVAL names path and reason. */
int lnr_plugin_check_config(const char *schema, const char *config, struct lnr_err *err);

#endif
