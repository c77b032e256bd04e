/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules files to a rule set (spec rules-language.md 1-5, 14, 15). One loader holds the collector:
 * files are added in order, each addition compiles everything collected so far, and the last
 * successful compilation is what lnr_loader_ruleset() gives. Not thread-safe.
 */
#ifndef LNR_RULES_LOAD_H
#define LNR_RULES_LOAD_H

#include "rules/ruleset.h"

struct lnr_loader;

/* An event source that rules may name. */
struct lnr_loader_source {
	struct lnr_str name;
	struct lnr_fieldset *fields; /* counted by the loader */
	const struct lnr_str *async_names;
	size_t n_async_names;
};

/* A loaded plugin: for required_plugin_versions, and for descriptions to name it. */
struct lnr_loader_plugin {
	struct lnr_str name, version;	      /* "1.2.3" */
	struct lnr_str source;		      /* event source it provides; empty = none */
	const struct lnr_field_class *fields; /* NULL = none; must outlive the loader */
	const struct lnr_str *field_sources;  /* sources they apply to */
	size_t n_field_sources;
	const struct lnr_str *async_names, *async_sources; /* asynchronous events */
	size_t n_async_names, n_async_sources;
};

/* One entry of the configuration's append_output, already split up. */
struct lnr_append_output {
	struct lnr_str source, rule; /* empty = any */
	const struct lnr_str *tags;
	size_t n_tags;
	struct lnr_str extra_output; /* empty = none */
	bool suggested;
	/* Key and format; format with ptr NULL = raw field of that name. */
	const struct lnr_str (*fields)[2];
	size_t n_fields;
};

struct lnr_loader_opts {
	size_t size; /* sizeof(struct lnr_loader_opts) */
	const struct lnr_loader_source *sources;
	size_t n_sources;
	const struct lnr_loader_plugin *plugins;
	size_t n_plugins;
	const struct lnr_append_output *append;
	size_t n_append;
	enum lnr_priority min_priority;
	bool all_errors; /* go on after an error where it makes sense, for people; else as the
			    reference */
};

int lnr_loader_new(
	const struct lnr_loader_opts *opts, struct lnr_loader **ret, struct lnr_err *err);
struct lnr_loader *lnr_loader_free(struct lnr_loader *l);

/* What loading one file gave. Owned by the loader, valid until it is freed. */
struct lnr_load_result;
/*
 * Add a file's content under `name` and compile. 0 when the file is valid (warnings may exist),
 * -EINVAL when it is not (*ret says why), -ENOMEM. *ret is set in every case but -ENOMEM.
 */
int lnr_loader_add(struct lnr_loader *l, const char *name, struct lnr_str content,
	const struct lnr_load_result **ret);
bool lnr_load_result_ok(const struct lnr_load_result *r);
unsigned lnr_load_result_errors(const struct lnr_load_result *r);
unsigned lnr_load_result_warnings(const struct lnr_load_result *r);
/* Spec 15.8, one JSON object. */
void lnr_load_result_json(const struct lnr_load_result *r, struct lnr_json *j);
/* Spec 15.7; verbose = false: the one-line form. */
void lnr_load_result_text(const struct lnr_load_result *r, bool verbose, struct lnr_buf *out);
/* For people: file:line:column, the line, a caret, what was expected, did-you-mean. */
void lnr_load_result_explain(const struct lnr_load_result *r, struct lnr_buf *out);
/* Results in the order of lnr_loader_add(); NULL past the end. */
const struct lnr_load_result *lnr_loader_result(const struct lnr_loader *l, unsigned i);

/* Plugin requirements after all files (spec 3.2); -EINVAL with a reason. */
int lnr_loader_check_plugins(struct lnr_loader *l, struct lnr_err *err);
/*
 * Configuration selections in order (engine-config-cli 6): enable or disable by rule pattern or
 * tag. Returns how many rules changed.
 */
unsigned lnr_loader_select(
	struct lnr_loader *l, bool enable, struct lnr_str rule_pattern, struct lnr_str tag);
/* Compiled rules as they are enabled now; a new reference owned by the caller. */
int lnr_loader_ruleset(struct lnr_loader *l, struct lnr_ruleset **ret);

/* Description (spec 14): all, or one rule (-ENOENT when unknown). */
int lnr_loader_describe_json(struct lnr_loader *l, const char *rule, struct lnr_json *j);
int lnr_loader_describe_text(struct lnr_loader *l, const char *rule, struct lnr_buf *out);
/*
 * The line that validation prints as JSON (spec 15.9): {"falco_load_results": […]}, and when all
 * files are valid and `describe` is set, also {"falco_describe_results": {…}} in it, for all or the
 * one rule.
 */
int lnr_loader_validation_json(
	struct lnr_loader *l, bool describe, const char *rule, struct lnr_buf *out);

#endif
