/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loader from inside. Files of this folder that start with load, items, lists, exceptions,
 * result or describe share it; nobody else includes it.
 *
 *	text ─ yaml ─► items*.c ─► load_collect.c ─► lists.c, load_macros.c, load_rules.c ─►
 *ruleset.c decode       what is defined    text → tree → typed tree
 *
 * Two memories: `arena` lives as long as the loader (places, messages, names), `mem` as long as
 * anything compiled (it is shared with rule sets). Items are compiled again after every file, as
 * the reference does; what did not change since the last time is taken from the item.
 *
 * Functions return 0, -EINVAL when an error was recorded in the result, or -ENOMEM.
 */
#ifndef LNR_RULES_LOAD_PRIV_H
#define LNR_RULES_LOAD_PRIV_H

#include "base/hash.h"
#include "config/yaml.h"
#include "rules/load.h"
#include "rules/ruleset_priv.h"

/* --- places ---------------------------------------------------------------------------------- */

struct lnr_load_file {
	struct lnr_str name, text;
};

enum lnr_ctx_type {
	LNR_CTX_FILE,
	LNR_CTX_ITEM, /* unknown or malformed */
	LNR_CTX_ENGINE_VERSION,
	LNR_CTX_PLUGINS,
	LNR_CTX_PLUGINS_ENTRY,
	LNR_CTX_PLUGINS_ALTERNATIVE,
	LNR_CTX_LIST,
	LNR_CTX_LIST_ITEM,
	LNR_CTX_MACRO,
	LNR_CTX_MACRO_CONDITION,
	LNR_CTX_RULE,
	LNR_CTX_RULE_CONDITION,
	LNR_CTX_RULE_OUTPUT,
	LNR_CTX_RULE_PRIORITY,
	LNR_CTX_CONDITION, /* a position inside a condition text */
	LNR_CTX_EXCEPTIONS,
	LNR_CTX_EXCEPTION,
	LNR_CTX_EXCEPTION_VALUES,
	LNR_CTX_EXCEPTION_VALUE,
	LNR_CTX_OVERRIDE,
	LNR_CTX_VALUE,
	LNR_CTX_COUNT
};

/* One location of a chain; `up` leads to the file. Constant, in the loader's arena. */
struct lnr_ctx {
	const struct lnr_ctx *up;
	const struct lnr_load_file *file;
	enum lnr_ctx_type type;
	struct lnr_str name;
	uint32_t line, column, offset; /* 0-based in the file; sums for LNR_CTX_CONDITION */
	struct lnr_str text;	       /* LNR_CTX_CONDITION: the condition */
	uint32_t text_at;	       /* … and the position in it */
};

/* --- results --------------------------------------------------------------------------------- */

/* Errors first. Names and texts: result.c. */
enum lnr_load_code {
	LNR_LOAD_ERR_FILE_READ,
	LNR_LOAD_ERR_YAML_PARSE,
	LNR_LOAD_ERR_YAML_VALIDATE,
	LNR_LOAD_ERR_COMPILE_CONDITION,
	LNR_LOAD_ERR_COMPILE_OUTPUT,
	LNR_LOAD_ERR_VALIDATE,
	LNR_LOAD_ERR_EXTENSION,
	LNR_LOAD_UNKNOWN_SOURCE,
	LNR_LOAD_UNSAFE_NA_CHECK,
	LNR_LOAD_NO_EVTTYPE,
	LNR_LOAD_UNKNOWN_FILTER,
	LNR_LOAD_UNUSED_MACRO,
	LNR_LOAD_UNUSED_LIST,
	LNR_LOAD_UNKNOWN_ITEM,
	LNR_LOAD_DEPRECATED_ITEM,
	LNR_LOAD_WARNING_EXTENSION,
	LNR_LOAD_APPEND_NO_VALUES,
	LNR_LOAD_EXCEPTION_NAME_NOT_UNIQUE,
	LNR_LOAD_INVALID_MACRO_NAME,
	LNR_LOAD_INVALID_LIST_NAME,
	LNR_LOAD_COMPILE_CONDITION,
	LNR_LOAD_UNKNOWN_KEY,
	LNR_LOAD_CODE_COUNT
};

/* Where a person should look; unlike the chain it is exact inside conditions. */
struct lnr_spot {
	const struct lnr_load_file *file; /* NULL = unknown */
	uint32_t offset, len;
	bool inserted; /* the name of a list whose entries stand in its place */
};

struct lnr_load_entry {
	enum lnr_load_code code;
	const struct lnr_ctx *ctx;
	struct lnr_str msg;
	struct lnr_str hint;	      /* what was expected, did-you-mean; empty = none */
	const char *deprecated_field; /* or NULL */
	struct lnr_spot spot;
	struct lnr_load_entry *next;
};

struct lnr_load_list {
	struct lnr_load_entry *first, **end;
	unsigned n;
};

enum lnr_schema_state { LNR_SCHEMA_NONE, LNR_SCHEMA_OK, LNR_SCHEMA_FAILED };

struct lnr_load_result {
	struct lnr_load_result *next;
	const struct lnr_load_file *file;
	const struct lnr_ctx *ctx;
	struct lnr_load_list errors, warnings;
	unsigned dropped_warnings; /* beyond LNR_RULES_WARNINGS */
	enum lnr_schema_state schema;
	struct lnr_str *findings; /* of the schema, one line each */
	unsigned n_findings;
};

/* --- items ----------------------------------------------------------------------------------- */

/* A text that appends make longer; each part knows where it stands in which file. */
struct lnr_text_part {
	struct lnr_text_part *next;
	uint32_t at; /* in the joined text */
	const struct lnr_load_file *file;
	uint32_t offset; /* of the YAML node */
};

struct lnr_text {
	struct lnr_buf buf;
	struct lnr_text_part *parts, **end;
};

struct lnr_list_item {
	struct lnr_str name;
	const struct lnr_ctx *ctx;
	uint32_t index, visibility; /* spec 4 */
	uint32_t seq;		    /* place in order of definition */
	struct lnr_str *items;	    /* heap */
	size_t n_items, cap_items;
	/* of the last compilation */
	const struct lnr_str *compiled; /* `items` itself when it names no list */
	size_t n_compiled;
	struct lnr_str sub; /* the text that replaces the name; ptr NULL = not made yet */
	uint32_t *later;    /* seq of later lists that may occur in `sub`, ascending */
	size_t n_later;
	bool used;
	struct lnr_list_item *same_token; /* next list whose name has the same first token */
};

/* A reference to a macro in a parsed condition, in order of occurrence. */
struct lnr_macro_ref {
	const struct lnr_ast *node;
	const struct lnr_macro_item *macro; /* as of the last expansion */
	uint32_t version;		    /* its version then */
};

/* A condition text after list substitution, parsed and expanded. Kept from file to file. */
struct lnr_parsed {
	struct lnr_str text;
	const struct lnr_ast *ast; /* NULL = not parsed, or does not parse */
	struct lnr_macro_ref *refs;
	size_t n_refs;
	const struct lnr_ast *expanded; /* with macros in place; NULL = not done */
	uint32_t version;		/* changes with `expanded` */
};

struct lnr_macro_item {
	struct lnr_str name;
	const struct lnr_ctx *ctx, *cond_ctx;
	uint32_t index, visibility;
	uint32_t seq;
	struct lnr_text cond;
	/* of the last compilation */
	struct lnr_parsed parsed;
	bool used;
	bool broken;	  /* reported, or names one that was; only with all_errors */
	bool fresh;	  /* parsed.expanded is of this compilation */
	bool resolved;	  /* had its turn in this compilation */
	bool visiting;	  /* on the path while looking for loops */
	uint32_t visited; /* seq + 1 of the macro for which it was looked at last */
};

/* A scalar or a list of values of an exception (spec 3.7). */
struct lnr_ex_value {
	bool is_list;
	struct lnr_str text;
	struct lnr_ex_value *items;
	size_t n;
};

struct lnr_exception {
	struct lnr_str name;
	const struct lnr_ctx *ctx;
	struct lnr_ex_value fields, comps;
	struct lnr_ex_value *values; /* heap */
	size_t n_values, cap_values;
};

struct lnr_exceptions {
	struct lnr_exception *v; /* heap */
	size_t n, cap;
};

/* What compiling a rule gave, kept for the next file. */
struct lnr_compiled_rule {
	bool valid;	  /* nothing changed the item since */
	uint32_t version; /* of `parsed` that the rest was made from */
	struct lnr_parsed parsed;
	struct lnr_rule rule;
	struct lnr_str output_text;    /* with what was appended */
	struct lnr_str *extra_texts;   /* formats of rule.extra */
	struct lnr_load_list warnings; /* said again for every later file */
};

struct lnr_rule_item {
	struct lnr_str name, source;
	const struct lnr_ctx *ctx, *cond_ctx, *output_ctx;
	uint32_t index, visibility;
	const struct lnr_loader_source *src; /* NULL = unknown source: never compiled */
	struct lnr_text cond, output, desc;
	enum lnr_priority priority;
	bool enabled, capture, warn_evttypes, skip_unknown;
	uint32_t capture_duration_ms;
	struct lnr_str *tags; /* sorted, unique; heap */
	size_t n_tags;
	struct lnr_exceptions exceptions;
	struct lnr_compiled_rule done;
	bool compiled; /* in the last compilation; then id is its rule */
	uint32_t id;
};

/* Growing array of pointers to items plus a look-up by name. */
struct lnr_item_table {
	void **v;
	size_t n, cap;
	struct lnr_strmap by_name;
};

struct lnr_version {
	uint32_t v[3];
};

struct lnr_plugin_req {
	struct lnr_str name, version;
};

struct lnr_plugin_reqs {
	struct lnr_plugin_req *v; /* the first is the main one */
	size_t n;
};

/* --- the loader ------------------------------------------------------------------------------ */

struct lnr_loader {
	struct lnr_arena arena;
	struct lnr_rules_mem *mem;
	struct lnr_loader_opts opts; /* arrays copied into the arena */
	struct lnr_load_result *results, **results_end;
	unsigned n_results;

	/* collector */
	struct lnr_item_table lists, macros, rules;
	uint32_t counter;
	struct lnr_version engine_version; /* highest asked for */
	struct lnr_plugin_reqs *plugin_reqs;
	size_t n_plugin_reqs, cap_plugin_reqs;

	/* the file at hand */
	struct lnr_load_result *result;
	bool no_memory;	     /* for a hint or a place: the file is not loaded either */
	unsigned spots_left; /* how many positions may still be looked up exactly */
	unsigned hints_left; /* how many names may still be compared */

	/* compilation */
	struct lnr_arena scratch;      /* of one compilation: list texts */
	struct lnr_strmap list_tokens; /* first token of a name → struct lnr_list_item chain */
	size_t scanned;		       /* bytes looked at for list names, LNR_RULES_SCAN_BYTES */
	struct lnr_buf text, text2;    /* the condition being made */
	struct lnr_rule *built;	       /* rules of the compilation at hand */
	uint32_t n_built, cap_built;
	bool failed; /* an error was recorded; with all_errors work goes on */

	/* the last valid compilation */
	struct lnr_rule *active;
	uint32_t n_active;
	uint32_t *order; /* enabled ids in evaluation order */
	uint32_t n_order;
	bool *on;		     /* by id: in the order */
	struct lnr_ruleset *ruleset; /* of that order; NULL = not built yet */
};

/* --- load_context.c -------------------------------------------------------------------------- */

extern const char *const lnr_ctx_names[LNR_CTX_COUNT];
/* A location at a YAML node. NULL = out of memory. `name` must live in the arena. */
const struct lnr_ctx *lnr_ctx_node(struct lnr_loader *l, const struct lnr_ctx *up,
	enum lnr_ctx_type type, struct lnr_str name, const struct lnr_yaml *node);
/* A position inside a condition: `at`, line and column as in struct lnr_cond_err (all 0 = none). */
const struct lnr_ctx *lnr_ctx_condition(struct lnr_loader *l, const struct lnr_ctx *up,
	struct lnr_str text, uint32_t at, uint32_t line, uint32_t column);
/* The source line of a position with a caret below (spec 15.6). */
void lnr_ctx_snippet(const struct lnr_ctx *ctx, struct lnr_buf *out);

/* --- load_place.c ---------------------------------------------------------------------------- */

/* Where byte `at` of a scalar's text stands in the file, given where the node begins. */
uint32_t lnr_place_scalar(
	const struct lnr_load_file *file, uint32_t node_offset, struct lnr_str text, uint32_t at);
/* The first `token` soon after `from`, or `from` itself. */
struct lnr_spot lnr_place_token(
	const struct lnr_load_file *file, uint32_t from, struct lnr_str token);
/* Where byte `at` of an item's joined text stands. */
struct lnr_spot lnr_place_text(const struct lnr_text *t, uint32_t at);
/*
 * Where a place in a parsed condition stands: in the rule's or a macro's own text, with list
 * substitution and exceptions undone. `at` points into a text that was parsed, which says whose it
 * is; `rule` is the one being compiled, or NULL.
 */
struct lnr_spot lnr_place_condition(
	struct lnr_loader *l, const struct lnr_rule_item *rule, const char *at, size_t len);
/* The same for a node, or rather for what of it the message quotes. */
struct lnr_spot lnr_place_node(struct lnr_loader *l, const struct lnr_rule_item *rule,
	const struct lnr_ast *node, const char *msg);

/* --- result.c -------------------------------------------------------------------------------- */

/* Record an error and return -EINVAL (or -ENOMEM). */
int lnr_load_error(struct lnr_loader *l, enum lnr_load_code code, const struct lnr_ctx *ctx,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Whether to go on with the next item after `rc`: with all_errors, up to LNR_RULES_ERRORS. */
bool lnr_load_go_on(const struct lnr_loader *l, int rc);
/* Record a warning. 0 or -ENOMEM. */
int lnr_load_warn(struct lnr_loader *l, enum lnr_load_code code, const struct lnr_ctx *ctx,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Add to the entry recorded last; nothing when there is none. */
void lnr_load_hint(struct lnr_loader *l, bool error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void lnr_load_spot(struct lnr_loader *l, bool error, struct lnr_spot spot);
struct lnr_load_entry *lnr_load_last(struct lnr_loader *l, bool error);
/* Make an entry without recording it; NULL = out of memory. */
struct lnr_load_entry *lnr_load_entry_new(struct lnr_loader *l, enum lnr_load_code code,
	const struct lnr_ctx *ctx, const char *fmt, va_list ap);
void lnr_load_list_init(struct lnr_load_list *list);
void lnr_load_list_add(struct lnr_load_list *list, struct lnr_load_entry *e);
/* Record a copy of each entry as a warning of the file at hand. */
int lnr_load_repeat(struct lnr_loader *l, const struct lnr_load_list *list);
const char *lnr_load_code_name(enum lnr_load_code code);
const char *lnr_load_code_short(enum lnr_load_code code);
const char *lnr_load_code_long(enum lnr_load_code code);

/* --- load_hint.c ----------------------------------------------------------------------------- */

/* Candidates for a did-you-mean: offer all, then ask for the best. */
struct lnr_suggest {
	struct lnr_loader *l;
	struct lnr_str want, best;
	unsigned distance;
};
void lnr_suggest_init(struct lnr_loader *l, struct lnr_suggest *s, struct lnr_str want);
void lnr_suggest_offer(struct lnr_suggest *s, struct lnr_str candidate);
/* False when nothing is close. */
bool lnr_suggest_best(const struct lnr_suggest *s, struct lnr_str *ret);

/* --- load_schema.c --------------------------------------------------------------------------- */

int lnr_load_schema(struct lnr_loader *l, const struct lnr_yaml *const *docs, size_t n,
	struct lnr_load_result *r);

/* --- items.c, items_rule.c, exceptions.c ------------------------------------------------------ */

int lnr_items_read(struct lnr_loader *l, const struct lnr_yaml *const *docs, size_t n,
	const struct lnr_ctx *file);
int lnr_items_rule(struct lnr_loader *l, const struct lnr_yaml *item, const struct lnr_ctx *up,
	const struct lnr_ctx **ret_ctx);

enum lnr_need { LNR_REQUIRED, LNR_OPTIONAL, LNR_OPTIONAL_EMPTY };
/* Spec 2, scalar decoding. *ret_node is NULL when the key may be skipped and is. */
int lnr_item_scalar(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, const struct lnr_yaml **ret_node);
int lnr_item_str(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, struct lnr_str *ret);
int lnr_item_bool(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, bool *ret);
int lnr_item_u32(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, uint32_t *ret);
/* A sequence of scalars in the arena. */
int lnr_item_seq(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, struct lnr_str **ret, size_t *ret_n);
bool lnr_version_parse(struct lnr_str s, struct lnr_version *ret);
bool lnr_version_fits(const struct lnr_version *have, const struct lnr_version *want);

/* Spec 3.8. Bits of struct lnr_overrides are indexes into the key table of items_override.c. */
enum lnr_override_key {
	LNR_OV_CONDITION,
	LNR_OV_EXCEPTIONS,
	LNR_OV_OUTPUT,
	LNR_OV_DESC,
	LNR_OV_TAGS,
	LNR_OV_PRIORITY,
	LNR_OV_ENABLED,
	LNR_OV_CAPTURE,
	LNR_OV_CAPTURE_DURATION,
	LNR_OV_WARN_EVTTYPES,
	LNR_OV_SKIP_UNKNOWN,
	LNR_OV_ITEMS,
	LNR_OV_COUNT
};
extern const char *const lnr_override_keys[LNR_OV_COUNT];
struct lnr_overrides {
	uint32_t append, replace; /* bits 1 << enum lnr_override_key */
};
/* `appendable` and `replaceable` say what the item's kind allows. */
int lnr_item_overrides(struct lnr_loader *l, const struct lnr_yaml *item, uint32_t appendable,
	uint32_t replaceable, const struct lnr_ctx *ctx, struct lnr_overrides *ret);

/* Read the exceptions of an item; `update` = of an append or override. */
int lnr_exceptions_read(struct lnr_loader *l, const struct lnr_yaml *item, bool update,
	const struct lnr_ctx *ctx, struct lnr_exceptions *ret);
/* Checks and defaults of one that is being defined. `src` NULL = unknown source. */
int lnr_exception_check(
	struct lnr_loader *l, const struct lnr_loader_source *src, struct lnr_exception *ex);
/* Move one to the end of a list. */
int lnr_exceptions_push(struct lnr_exceptions *to, struct lnr_exception *ex);
int lnr_exception_add_values(struct lnr_exception *to, const struct lnr_exception *from);
struct lnr_exception *lnr_exceptions_find(const struct lnr_exceptions *v, struct lnr_str name);
void lnr_exceptions_done(struct lnr_exceptions *v);
/*
 * The condition with the exceptions joined to it (spec 5.5). ret_ends[i], unless NULL, is where the
 * text of exception i ends.
 */
int lnr_exceptions_text(
	struct lnr_loader *l, const struct lnr_rule_item *r, struct lnr_buf *out, size_t *ret_ends);

/* --- load_collect.c --------------------------------------------------------------------------- */

/* A whole definition, or a part of one; bits of `set` say which members count. */
struct lnr_rule_update {
	struct lnr_str name;
	const struct lnr_ctx *ctx;
	uint32_t set; /* bits 1 << enum lnr_override_key */
	struct lnr_str source;
	const struct lnr_yaml *cond, *output, *desc;
	enum lnr_priority priority;
	bool enabled, capture, warn_evttypes, skip_unknown;
	uint32_t capture_duration_ms;
	struct lnr_str *tags;
	size_t n_tags;
	struct lnr_exceptions exceptions;
};

int lnr_collect_list(struct lnr_loader *l, struct lnr_str name, const struct lnr_ctx *ctx,
	const struct lnr_str *items, size_t n, bool append);
int lnr_collect_macro(struct lnr_loader *l, struct lnr_str name, const struct lnr_ctx *ctx,
	const struct lnr_ctx *cond_ctx, const struct lnr_yaml *cond, bool append);
int lnr_collect_rule(struct lnr_loader *l, struct lnr_rule_update *u,
	const struct lnr_ctx *cond_ctx, const struct lnr_ctx *output_ctx);
int lnr_collect_append(struct lnr_loader *l, struct lnr_rule_update *u);
int lnr_collect_replace(struct lnr_loader *l, struct lnr_rule_update *u);
int lnr_collect_enable(
	struct lnr_loader *l, struct lnr_str name, const struct lnr_ctx *ctx, bool enabled);
void lnr_collect_done(struct lnr_loader *l);
static inline void *lnr_item_find(const struct lnr_item_table *t, struct lnr_str name)
{
	return lnr_strmap_get(&t->by_name, name);
}

/* --- lists.c, load_macros.c, load_rules.c ------------------------------------------------------
 */

int lnr_lists_compile(struct lnr_loader *l);
/*
 * Replace list names in `text` (spec 5.2). The result is in l->text2 or `text` itself. With
 * `ret_map` (heap, the caller frees it) also where each byte of the result came from.
 */
int lnr_lists_substitute(
	struct lnr_loader *l, struct lnr_str text, struct lnr_str *ret, uint32_t **ret_map);
/* The text of an item with a blank is put in quotes (spec 5.2). */
void lnr_quote_item(struct lnr_buf *out, struct lnr_str item);

/* Parse a condition text unless *p holds it already. `rule` NULL = of a macro. */
int lnr_parse_condition(struct lnr_loader *l, struct lnr_str text, const struct lnr_ctx *cond_ctx,
	const struct lnr_rule_item *rule, struct lnr_parsed *p);
int lnr_macros_compile(struct lnr_loader *l);
/*
 * Put macros in place in a rule's condition; p->version tells whether that changed anything.
 * -ECANCELED: it names a macro that was reported already.
 */
int lnr_macros_expand(struct lnr_loader *l, const struct lnr_rule_item *rule, struct lnr_parsed *p);

extern const char *const lnr_deprecated_fields[]; /* load_output.c; ends with NULL */
int lnr_rules_compile(struct lnr_loader *l);
/* Output text, formats and extra fields of a rule. -ENOENT: skip it. */
int lnr_rule_output(struct lnr_loader *l, struct lnr_rule_item *r, struct lnr_compiled_rule *ret);
/* Take what was compiled as active, enable by flag and priority. */
int lnr_load_activate(struct lnr_loader *l);

#endif
