/* SPDX-License-Identifier: Apache-2.0 */
/* What loading a file gave: entries, codes, and the form programs read (spec 15.8). */
#include "rules/load_priv.h"

#include "base/util.h"
#include "schema/limits.h"

/* Name of the code, short text, long text. */
static const struct {
	const char *name, *brief, *full;
} codes[LNR_LOAD_CODE_COUNT] = {
	[LNR_LOAD_ERR_FILE_READ] = {"LOAD_ERR_FILE_READ", "Cannot read file",
		"The rules file could not be opened or read."},
	[LNR_LOAD_ERR_YAML_PARSE] = {"LOAD_ERR_YAML_PARSE", "Not valid YAML",
		"The content does not follow the grammar of YAML."},
	[LNR_LOAD_ERR_YAML_VALIDATE] = {"LOAD_ERR_YAML_VALIDATE", "Not valid as rules",
		"The content is YAML, but its items, keys or values are not those of rules."},
	[LNR_LOAD_ERR_COMPILE_CONDITION] = {"LOAD_ERR_COMPILE_CONDITION", "Invalid condition",
		"A condition does not follow the grammar, or a field, operator or value in it does "
		"not fit."},
	[LNR_LOAD_ERR_COMPILE_OUTPUT] = {"LOAD_ERR_COMPILE_OUTPUT", "Invalid output",
		"An output text, or a field that is added to it, names something unknown."},
	[LNR_LOAD_ERR_VALIDATE] = {"LOAD_ERR_VALIDATE", "Contradiction between items",
		"An item does not fit the items before it or this version."},
	[LNR_LOAD_ERR_EXTENSION] = {"LOAD_ERR_EXTENSION", "Extension error", "Reserved."},
	[LNR_LOAD_UNKNOWN_SOURCE] = {"LOAD_UNKNOWN_SOURCE", "Unknown event source",
		"The rule belongs to an event source that nothing provides; it is left out."},
	[LNR_LOAD_UNSAFE_NA_CHECK] = {"LOAD_UNSAFE_NA_CHECK", "Comparison with <NA>",
		"A field of audit events is compared with the text <NA>; use \"exists\" to test "
		"whether it is there."},
	[LNR_LOAD_NO_EVTTYPE] = {"LOAD_NO_EVTTYPE", "Condition without event type",
		"The condition does not say which event types it is about, so that it is evaluated "
		"for very many events, or for none."},
	[LNR_LOAD_UNKNOWN_FILTER] = {"LOAD_UNKNOWN_FILTER", "Unknown field or event type",
		"The rule names a field or event type that does not exist and asks to be left out "
		"then."},
	[LNR_LOAD_UNUSED_MACRO] = {"LOAD_UNUSED_MACRO", "Unused macro",
		"No rule and no other macro refers to the macro."},
	[LNR_LOAD_UNUSED_LIST] = {"LOAD_UNUSED_LIST", "Unused list",
		"No condition, exception or other list refers to the list."},
	[LNR_LOAD_UNKNOWN_ITEM] = {"LOAD_UNKNOWN_ITEM", "Unknown item",
		"The item is no rule, macro, list or requirement; it is ignored."},
	[LNR_LOAD_DEPRECATED_ITEM] = {"LOAD_DEPRECATED_ITEM", "Deprecated",
		"Something is used that has a successor and will go away."},
	[LNR_LOAD_WARNING_EXTENSION] = {"LOAD_WARNING_EXTENSION", "Extension warning", "Reserved."},
	[LNR_LOAD_APPEND_NO_VALUES] = {"LOAD_APPEND_NO_VALUES", "Exception without values",
		"An exception is appended to a rule but brings no values."},
	[LNR_LOAD_EXCEPTION_NAME_NOT_UNIQUE] = {"LOAD_EXCEPTION_NAME_NOT_UNIQUE",
		"Exception name used twice",
		"Two exceptions of one rule have the same name; values appended later go to the "
		"first."},
	[LNR_LOAD_INVALID_MACRO_NAME] = {"LOAD_INVALID_MACRO_NAME", "Unusual macro name",
		"A macro of this name cannot be referred to: letters first, then letters, digits "
		"and _."},
	[LNR_LOAD_INVALID_LIST_NAME] = {"LOAD_INVALID_LIST_NAME", "Unusual list name",
		"The name of the list has blanks, quotes, parentheses, commas or = in it."},
	[LNR_LOAD_COMPILE_CONDITION] = {"LOAD_COMPILE_CONDITION", "Remark about a condition",
		"The condition is valid, but may not mean what it says."},
	[LNR_LOAD_UNKNOWN_KEY] = {"LOAD_UNKNOWN_KEY", "Unknown key",
		"The item has a key that means nothing; it is ignored."},
};

const char *lnr_load_code_name(enum lnr_load_code code)
{
	return codes[code].name;
}

const char *lnr_load_code_short(enum lnr_load_code code)
{
	return codes[code].brief;
}

const char *lnr_load_code_long(enum lnr_load_code code)
{
	return codes[code].full;
}

/* --- entries --------------------------------------------------------------------------------- */

void lnr_load_list_init(struct lnr_load_list *list)
{
	*list = (struct lnr_load_list){.end = &list->first};
}

void lnr_load_list_add(struct lnr_load_list *list, struct lnr_load_entry *e)
{
	*list->end = e;
	list->end = &e->next;
	list->n++;
}

static struct lnr_str arena_vprintf(struct lnr_arena *a, const char *fmt, va_list ap)
{
	char buf[1024];
	int n = vsnprintf(buf, sizeof(buf), fmt, ap);
	/* A longer message quotes something long; its end says nothing more. */
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(buf) ? (size_t)n : sizeof(buf) - 1;
	return lnr_arena_str(a, (struct lnr_str){buf, len});
}

struct lnr_load_entry *lnr_load_entry_new(struct lnr_loader *l, enum lnr_load_code code,
	const struct lnr_ctx *ctx, const char *fmt, va_list ap)
{
	struct lnr_load_entry *e = lnr_arena_new(&l->arena, struct lnr_load_entry);
	if (!e || !ctx)
		return NULL;
	e->code = code;
	e->ctx = ctx;
	e->msg = arena_vprintf(&l->arena, fmt, ap);
	e->spot = (struct lnr_spot){.file = ctx->file, .offset = ctx->offset};
	if (ctx->type == LNR_CTX_CONDITION) /* its sums point nowhere */
		e->spot.offset = ctx->up->offset;
	return e->msg.ptr ? e : NULL;
}

int lnr_load_error(struct lnr_loader *l, enum lnr_load_code code, const struct lnr_ctx *ctx,
	const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct lnr_load_entry *e = lnr_load_entry_new(l, code, ctx, fmt, ap);
	va_end(ap);
	if (!e)
		return -ENOMEM;
	lnr_load_list_add(&l->result->errors, e);
	l->failed = true;
	return -EINVAL;
}

bool lnr_load_go_on(const struct lnr_loader *l, int rc)
{
	return !rc ||
	       (rc == -EINVAL && l->opts.all_errors && l->result->errors.n < LNR_RULES_ERRORS);
}

int lnr_load_warn(struct lnr_loader *l, enum lnr_load_code code, const struct lnr_ctx *ctx,
	const char *fmt, ...)
{
	if (l->result->warnings.n >= LNR_RULES_WARNINGS) {
		l->result->dropped_warnings++;
		return 0;
	}
	va_list ap;
	va_start(ap, fmt);
	struct lnr_load_entry *e = lnr_load_entry_new(l, code, ctx, fmt, ap);
	va_end(ap);
	if (!e)
		return -ENOMEM;
	lnr_load_list_add(&l->result->warnings, e);
	return 0;
}

struct lnr_load_entry *lnr_load_last(struct lnr_loader *l, bool error)
{
	struct lnr_load_list *list = error ? &l->result->errors : &l->result->warnings;
	if (!list->n || (!error && l->result->dropped_warnings))
		return NULL;
	return (struct lnr_load_entry *)((char *)list->end - offsetof(struct lnr_load_entry, next));
}

void lnr_load_hint(struct lnr_loader *l, bool error, const char *fmt, ...)
{
	struct lnr_load_entry *e = lnr_load_last(l, error);
	if (!e)
		return;
	va_list ap;
	va_start(ap, fmt);
	e->hint = arena_vprintf(&l->arena, fmt, ap);
	va_end(ap);
	l->no_memory = l->no_memory || !e->hint.ptr;
}

void lnr_load_spot(struct lnr_loader *l, bool error, struct lnr_spot spot)
{
	struct lnr_load_entry *e = lnr_load_last(l, error);
	if (e && spot.file)
		e->spot = spot;
}

int lnr_load_repeat(struct lnr_loader *l, const struct lnr_load_list *list)
{
	/* A part of another result's list ends by its count. */
	const struct lnr_load_entry *e = list->first;
	for (unsigned i = 0; i < list->n; i++, e = e->next) {
		if (l->result->warnings.n >= LNR_RULES_WARNINGS) {
			l->result->dropped_warnings++;
			continue;
		}
		struct lnr_load_entry *copy = lnr_arena_new(&l->arena, struct lnr_load_entry);
		if (!copy)
			return -ENOMEM;
		*copy = *e;
		copy->next = NULL;
		lnr_load_list_add(&l->result->warnings, copy);
	}
	return 0;
}

/* --- the public view ------------------------------------------------------------------------- */

bool lnr_load_result_ok(const struct lnr_load_result *r)
{
	return r->errors.n == 0;
}

unsigned lnr_load_result_errors(const struct lnr_load_result *r)
{
	return r->errors.n;
}

unsigned lnr_load_result_warnings(const struct lnr_load_result *r)
{
	return r->warnings.n + r->dropped_warnings;
}

static void json_location(struct lnr_json *j, const struct lnr_ctx *c)
{
	bool condition = c->type == LNR_CTX_CONDITION;
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("item_type"));
	lnr_json_str(j, lnr_str_c(lnr_ctx_names[c->type]));
	lnr_json_key(j, LNR_STR("item_name"));
	lnr_json_str(j, condition ? LNR_STR("") : c->name);
	lnr_json_key(j, LNR_STR("position"));
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("name"));
	lnr_json_str(j, condition ? c->name : c->file->name);
	lnr_json_key(j, LNR_STR("line"));
	lnr_json_u64(j, c->line);
	lnr_json_key(j, LNR_STR("column"));
	lnr_json_u64(j, c->column);
	lnr_json_key(j, LNR_STR("offset"));
	lnr_json_u64(j, c->offset);
	lnr_json_close(j, '}');
	lnr_json_close(j, '}');
}

/* Longest chain: the nested values of an exception, two links a level. */
static void json_chain(struct lnr_json *j, const struct lnr_ctx *ctx)
{
	const struct lnr_ctx *chain[2 * LNR_YAML_DEPTH + 8];
	size_t n = 0;
	for (; ctx && n < LNR_ARRAY_SIZE(chain); ctx = ctx->up)
		chain[n++] = ctx;
	lnr_json_open(j, '[');
	while (n)
		json_location(j, chain[--n]);
	lnr_json_close(j, ']');
}

static void json_entry(struct lnr_json *j, const struct lnr_load_entry *e, bool error)
{
	struct lnr_buf snippet;
	lnr_buf_init(&snippet, 0);
	lnr_ctx_snippet(e->ctx, &snippet);
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("context"));
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("locations"));
	json_chain(j, e->ctx);
	lnr_json_key(j, LNR_STR("snippet"));
	lnr_json_str(j, lnr_buf_view(&snippet));
	lnr_json_close(j, '}');
	lnr_json_key(j, LNR_STR("code"));
	lnr_json_str(j, lnr_str_c(codes[e->code].name));
	lnr_json_key(j, LNR_STR("codedesc"));
	lnr_json_str(j, lnr_str_c(error ? codes[e->code].brief : codes[e->code].full));
	lnr_json_key(j, LNR_STR("message"));
	lnr_json_str(j, e->msg);
	if (e->deprecated_field) {
		lnr_json_key(j, LNR_STR("deprecated_field"));
		lnr_json_str(j, lnr_str_c(e->deprecated_field));
	}
	lnr_json_close(j, '}');
	if (snippet.failed)
		j->out->failed = true;
	lnr_buf_done(&snippet);
}

static void json_entries(
	struct lnr_json *j, const char *key, const struct lnr_load_list *list, bool error)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_open(j, '[');
	for (const struct lnr_load_entry *e = list->first; e; e = e->next)
		json_entry(j, e, error);
	lnr_json_close(j, ']');
}

void lnr_load_result_json(const struct lnr_load_result *r, struct lnr_json *j)
{
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("name"));
	lnr_json_str(j, r->file->name);
	lnr_json_key(j, LNR_STR("successful"));
	lnr_json_bool(j, r->errors.n == 0);
	if (r->schema != LNR_SCHEMA_NONE) {
		lnr_json_key(j, LNR_STR("schema_valid"));
		lnr_json_bool(j, r->schema == LNR_SCHEMA_OK);
		lnr_json_key(j, LNR_STR("schema_warnings"));
		lnr_json_open(j, '[');
		for (unsigned i = 0; r->schema == LNR_SCHEMA_FAILED && i < r->n_findings; i++)
			lnr_json_str(j, r->findings[i]);
		lnr_json_close(j, ']');
	}
	json_entries(j, "errors", &r->errors, true);
	json_entries(j, "warnings", &r->warnings, false);
	lnr_json_close(j, '}');
}
