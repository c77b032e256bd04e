/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules files: load, check, select, describe. A struct lnr_rules collects files in order, as Falco
 * does (later files append to and override earlier ones), and keeps the last valid compilation,
 * which engines take. Not thread-safe; what it compiled is.
 */
#ifndef LANNER_RULES_H
#define LANNER_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lnr_err;
struct lnr_buf;
struct lnr_plugins;
struct lnr_rules;

struct lnr_rules_opts {
	size_t size;
	int min_priority; /* 0 emergency … 7 debug; equal or more urgent rules are enabled */
	bool all_errors;  /* report every error of a file, not only the first */
	/* Keys and values of static_fields: key, value, …, NULL. NULL = none. */
	const char *const *static_fields;
	/* append_output as a JSON array, the form it has in the configuration; NULL = none. */
	const char *append_output_json;
	/*
	 * Without the fields of containers and pods and without an answer to rules that require
	 * the plugin "container": as the reference when it does not load that plugin, whose work is
	 * built in here.
	 */
	bool no_container_plugin;
	/* Other event sources whose rules are accepted, NULL-terminated; NULL = none. */
	const char *const *sources;
	/* Their sources, fields and events are known to the rules; outlives them. NULL = none. */
	const struct lnr_plugins *plugins;
};

/* opts NULL = defaults with min_priority debug. */
int lnr_rules_new(const struct lnr_rules_opts *opts, struct lnr_rules **ret, struct lnr_err *err);
struct lnr_rules *lnr_rules_free(struct lnr_rules *r); /* takes NULL; returns NULL */

/*
 * Add a file (or a text under a name). -EINVAL: its rules are refused; the reasons are in the
 * reports below. Files that others than root and the caller may write are refused (-EPERM).
 */
int lnr_rules_add_file(struct lnr_rules *r, const char *path, struct lnr_err *err);
int lnr_rules_add_text(
	struct lnr_rules *r, const char *name, const char *text, size_t len, struct lnr_err *err);
/* Plugin requirements, after all files. */
int lnr_rules_check_plugins(struct lnr_rules *r, struct lnr_err *err);
/* The configuration's rule selection: pattern and tag may be NULL. Returns how many rules changed.
 */
unsigned lnr_rules_select(struct lnr_rules *r, bool enable, const char *pattern, const char *tag);

unsigned lnr_rules_files(const struct lnr_rules *r);
/* Per file, in order of addition. */
bool lnr_rules_file_ok(const struct lnr_rules *r, unsigned i);
unsigned lnr_rules_file_errors(const struct lnr_rules *r, unsigned i);
unsigned lnr_rules_file_warnings(const struct lnr_rules *r, unsigned i);
/* One JSON object (Falco's load result), the text forms, or the explanation with carets. */
void lnr_rules_report_json(const struct lnr_rules *r, unsigned i, struct lnr_buf *out);
void lnr_rules_report_text(
	const struct lnr_rules *r, unsigned i, bool verbose, struct lnr_buf *out);
void lnr_rules_report_explain(const struct lnr_rules *r, unsigned i, struct lnr_buf *out);

/* Descriptions (-L, -l NAME): name NULL = everything. -ENOENT: no such rule. */
int lnr_rules_describe(struct lnr_rules *r, const char *name, bool json, struct lnr_buf *out);
/* What the kernel could test for each event type, and what not and why. */
int lnr_rules_kernel(struct lnr_rules *r, struct lnr_buf *out, struct lnr_err *err);

/* Names of system calls of enabled rules that are not armed without base_syscalls.all. */
int lnr_rules_ignored(struct lnr_rules *r, struct lnr_buf *out);

/* The fields that rules made with these options may use; see lnr_list_fields(). */
int lnr_rules_list_fields(const struct lnr_rules_opts *opts, struct lnr_buf *out,
	const char *format, const char *source, bool names_only, bool verbose, struct lnr_err *err);

uint32_t lnr_rules_count(const struct lnr_rules *r);
/* Name of rule i in definition order; *ret_enabled after selection. NULL past the end. */
const char *lnr_rules_name(const struct lnr_rules *r, uint32_t i, bool *ret_enabled);

#ifdef __cplusplus
}
#endif

#endif
