/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: falco.yaml as it is, and what Lanner adds (spec engine-config-cli 1, 2).
 *
 * A key is a row of one table (src/config/options.c): path, type, default, range, one line of help;
 * reading, checking, printing and the documentation come from it. Not thread-safe while it is being
 * filled; read-only afterwards.
 *
 *	lnr_config_new(&c, &err);
 *	lnr_config_load(c, "/etc/falco/falco.yaml", overrides, &err);
 *	if (lnr_config_bool(c, "json_output"))
 *		...
 */
#ifndef LANNER_CONFIG_H
#define LANNER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lnr_err;
struct lnr_buf;
struct lnr_config;

int lnr_config_new(struct lnr_config **ret, struct lnr_err *err);
struct lnr_config *lnr_config_free(struct lnr_config *c); /* takes NULL; returns NULL */

/*
 * Read `path` (NULL = no file), apply the -o texts of `overrides` (NULL-terminated, NULL = none)
 * that concern config_files, merge those files, apply all overrides, check. Once per struct
 * lnr_config. Wrong values whose use would be an error for the reference fail here with file and
 * line where there is one; what is only suspicious becomes a finding.
 */
int lnr_config_load(
	struct lnr_config *c, const char *path, const char *const *overrides, struct lnr_err *err);

/*
 * Values, by path ("engine.replay.capture_file", "rules_files[0]"). Missing or inconvertible values
 * give the default of the key's row. Texts live as long as the configuration.
 */
bool lnr_config_bool(const struct lnr_config *c, const char *key);
int64_t lnr_config_int(const struct lnr_config *c, const char *key);
double lnr_config_double(const struct lnr_config *c, const char *key);
const char *lnr_config_str(const struct lnr_config *c, const char *key);
/* Was it written anywhere (file or -o)? */
bool lnr_config_has(const struct lnr_config *c, const char *key);
/* Elements of a list key as texts (a scalar counts as one); NULL past the end. */
const char *lnr_config_item(const struct lnr_config *c, const char *key, size_t i);
size_t lnr_config_count(const struct lnr_config *c, const char *key);
/* Entry i of a map key in order of the file: its key and text value; false past the end. */
bool lnr_config_pair(const struct lnr_config *c, const char *key, size_t i, const char **ret_key,
	const char **ret_value);
/*
 * Milliseconds of a duration as Prometheus writes it: "1y2w3d4h5m6s7ms", each part at most once and
 * in this order, blanks ignored. 0 = malformed.
 */
uint64_t lnr_config_duration_ms(const char *text);
/* The subtree as JSON; scalars that read as numbers or booleans become such. */
int lnr_config_json(const struct lnr_config *c, const char *key, struct lnr_buf *out);

/* Files read, main file first; NULL past the end. */
const char *lnr_config_file(const struct lnr_config *c, size_t i);
/*
 * One line per file and per finding: "F | schema validation: ok", "F | … failed for <root>[key]:
 * …", deprecated keys. *ret_warning says which kind it is. NULL past the end.
 */
const char *lnr_config_finding(const struct lnr_config *c, size_t i, bool *ret_warning);

/*
 * More findings: about keys and values that came by -o. The reference takes those as they are, so a
 * run does not remark upon them. 0 or -ENOMEM.
 */
int lnr_config_check_options(struct lnr_config *c);

/* The effective configuration: every key, its value without secrets, and where it comes from. */
int lnr_config_print(const struct lnr_config *c, bool origins, struct lnr_buf *out);
/* The merged tree as YAML, without secrets (part of --support). */
int lnr_config_yaml(const struct lnr_config *c, struct lnr_buf *out);
/* A file to begin with: every key explained in one line, defaults as comments. */
int lnr_config_template(struct lnr_buf *out);
/* JSON schema of the configuration, and of rules files. */
int lnr_config_schema(struct lnr_buf *out);
int lnr_rules_schema(struct lnr_buf *out);

#ifdef __cplusplus
}
#endif

#endif
