/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins of a configuration: which shared objects are loaded and what they declare. Read-only once
 * made, so that several engines may use it. Rules borrow it: free it after them; engines count
 * themselves among its users.
 *
 *	const struct lnr_plugin_entry e[] = {{.name = "json", .library_path = "libjson.so"}};
 *	const struct lnr_plugins_opts o = {.size = sizeof(o), .entries = e, .n_entries = 1};
 *	lnr_plugins_new(&o, &plugins, &err);
 *	ro.plugins = plugins;
 *	lnr_rules_new(&ro, &rules, &err);
 */
#ifndef LANNER_PLUGINS_H
#define LANNER_PLUGINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lnr_err;
struct lnr_buf;
struct lnr_log;
struct lnr_plugins;

/* Texts are copied; NULL counts as empty. */
struct lnr_plugin_entry {
	const char *name;	  /* the plugin's own */
	const char *library_path; /* a relative one is below the plugin directory */
	const char *init_config;  /* JSON, or any text for a plugin without schema */
	const char *open_params;
	/*
	 * In a process of its own, without capabilities: what it does wrong costs its events and
	 * fields only. For sources and fields; a plugin that does more is refused.
	 */
	bool isolated;
	bool restart; /* isolated: start it again when it ends unasked, after 1 s, 2 s … 60 s */
	uint32_t start_ms; /* what it may take to start, to open and to end; 0 = 30000 */
};

struct lnr_plugins_opts {
	size_t size;
	const struct lnr_plugin_entry *entries; /* those to load, in order */
	size_t n_entries;
	const char *directory; /* of relative paths; NULL = where the reference keeps them */
	/*
	 * Program and arguments, NULL-terminated, that do nothing but lnr_plugins_child(), for
	 * isolated plugins; outlives them. NULL = this program with the argument "plugin-child".
	 */
	const char *const *child;
};

/*
 * Load and check the libraries, without starting them. Fails when one cannot be loaded, when two
 * have the same name, or when it is not called what its entry says and has a source of its own.
 */
int lnr_plugins_new(
	const struct lnr_plugins_opts *opts, struct lnr_plugins **ret, struct lnr_err *err);
struct lnr_plugins *lnr_plugins_ref(struct lnr_plugins *p);
/* One user less; the last one frees it. Takes NULL; returns NULL. */
struct lnr_plugins *lnr_plugins_unref(struct lnr_plugins *p);

/*
 * Start each with its configuration and stop it again: is the configuration right? A source that
 * `running` (or NULL) has as well may hold a port: of that one only the schema is checked.
 */
int lnr_plugins_try(const struct lnr_plugins *p, const struct lnr_plugins *running,
	struct lnr_log *log, struct lnr_err *err);

size_t lnr_plugins_count(const struct lnr_plugins *p);
/* Has it a part in events of system calls, or in those that any of the plugins provides? */
bool lnr_plugins_used(const struct lnr_plugins *p, size_t i);
/* Name and version; false past the end. */
bool lnr_plugins_get(
	const struct lnr_plugins *p, size_t i, const char **ret_name, const char **ret_version);
/* Event sources that plugins provide, one after the other; NULL past the end. */
const char *lnr_plugins_source(const struct lnr_plugins *p, size_t i);

/* What --list-plugins shows. */
void lnr_plugins_list(const struct lnr_plugins *p, struct lnr_buf *out);
/* What --plugin-info shows about one; the plugin is started for it. -ENOENT: no such name. */
int lnr_plugins_info(const struct lnr_plugins *p, const char *name, struct lnr_log *log,
	struct lnr_buf *out, struct lnr_err *err);

/* What the process of an isolated plugin runs. Returns its exit status, or not at all. */
int lnr_plugins_child(void);

#ifdef __cplusplus
}
#endif

#endif
