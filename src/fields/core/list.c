/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listings of fields as text, Markdown and JSON (engine-config-cli.md 4.1). All three walk the same
 * two levels, classes and rows; a class whose rows are spread over several files appears as one, at
 * the place of its first part.
 */
#include "fields/core/list.h"

#include "fields/core/set.h"

/* Columns of the text form. */
/* Names in a column of this width, descriptions behind it, as the reference lays them out. */
#define GUTTER 30
#define WIDTH  120

/* Usable in rules, but nothing to recommend. */
#define NOT_LISTED (LNR_FIELD_HIDDEN | LNR_FIELD_DEPRECATED | LNR_FIELD_PRINT_ONLY)

/* One listing under way. */
struct list {
	struct lnr_buf *out;
	struct lnr_json json;
	const struct lnr_fieldset *set;
	const struct lnr_fields_list_opts *opts;
	const char *source;
	/* What is listed as the sources of a class that all sources have. */
	const char *own_sources[2];
	const char *const *sources;
};

/* --- which classes and rows --- */

static bool listed(const struct lnr_field *f)
{
	return !(f->flags & NOT_LISTED);
}

static bool has_listed(const struct lnr_field_class *cls)
{
	for (const struct lnr_field *f = cls->fields; f->name; f++)
		if (listed(f))
			return true;
	return false;
}

/* A class without a source belongs to all of them. */
static bool wanted(const struct list *l, const struct lnr_field_class *cls)
{
	if (cls->hidden)
		return false;
	return !l->source || !*cls->source || strcmp(cls->source, l->source) == 0;
}

/* Next class that is shown and is not a part of one shown before. */
static const struct lnr_field_class *next_class(const struct list *l, size_t *pos)
{
	const struct lnr_field_class *cls, *earlier;

	while ((cls = lnr_fieldset_next(l->set, pos))) {
		size_t from = 0;
		if (!wanted(l, cls))
			continue;
		while ((earlier = lnr_fieldset_next(l->set, &from)) != cls)
			if (lnr_field_class_same(earlier, cls))
				break;
		if (earlier == cls)
			return cls;
	}
	return NULL;
}

/* Next part of a class; start with *pos = 0. */
static const struct lnr_field_class *next_part(
	const struct list *l, const struct lnr_field_class *whole, size_t *pos)
{
	const struct lnr_field_class *cls;

	while ((cls = lnr_fieldset_next(l->set, pos)))
		if (lnr_field_class_same(cls, whole) && has_listed(cls))
			return cls;
	return NULL;
}

static bool shows_anything(const struct list *l, const struct lnr_field_class *whole)
{
	size_t pos = 0;

	return next_part(l, whole, &pos);
}

/* Calls fn for each row of a class, all its parts. */
static void each_field(struct list *l, const struct lnr_field_class *whole,
	void (*fn)(struct list *l, const struct lnr_field *f))
{
	const struct lnr_field_class *part;
	size_t pos = 0;

	while ((part = next_part(l, whole, &pos)))
		for (const struct lnr_field *f = part->fields; f->name; f++)
			if (listed(f))
				fn(l, f);
}

/* Calls fn for each class that has something to show. */
static void each_class(
	struct list *l, void (*fn)(struct list *l, const struct lnr_field_class *cls))
{
	const struct lnr_field_class *cls;
	size_t pos = 0;

	while ((cls = next_class(l, &pos)))
		if (shows_anything(l, cls))
			fn(l, cls);
}

/* Sources of a class: its own, or those that have every class. */
static void each_source(struct list *l, const struct lnr_field_class *cls,
	void (*fn)(struct list *l, const char *source))
{
	if (*cls->source) {
		fn(l, cls->source);
		return;
	}
	for (const char *const *s = l->sources; *s; s++)
		fn(l, *s);
}

/* --- text --- */

static void pad_to_gutter(struct lnr_buf *out, size_t used)
{
	for (; used < GUTTER; used++)
		lnr_buf_chr(out, ' ');
}

/* Words behind the gutter, lines filled up to the width. The first line is begun already. */
static void wrap(struct lnr_buf *out, struct lnr_str text)
{
	struct lnr_str word;
	size_t column = GUTTER;

	while (lnr_str_split(&text, ' ', &word)) {
		if (column > GUTTER && column + 1 + word.len > WIDTH) {
			lnr_buf_chr(out, '\n');
			pad_to_gutter(out, 0);
			column = GUTTER;
		}
		if (column > GUTTER) {
			lnr_buf_chr(out, ' ');
			column++;
		}
		lnr_buf_str(out, word);
		column += word.len;
	}
	lnr_buf_chr(out, '\n');
}

/* Labels of a class are in the column of the names, their text in that of descriptions. */
static void text_label(struct lnr_buf *out, const char *label)
{
	lnr_buf_cstr(out, label);
	pad_to_gutter(out, strlen(label));
}

static void type_text(struct lnr_buf *out, const struct lnr_field *f)
{
	bool is_list = f->flags & LNR_FIELD_LIST;

	lnr_buf_printf(out, is_list ? "LIST(%s)" : "%s", lnr_pt_name(f->type));
}

/* A name that reaches into the gutter gets a line of its own. */
static void text_field(struct list *l, const struct lnr_field *f)
{
	struct lnr_buf desc;

	lnr_buf_cstr(l->out, f->name);
	if (strlen(f->name) >= GUTTER)
		lnr_buf_chr(l->out, '\n');
	pad_to_gutter(l->out, strlen(f->name) >= GUTTER ? 0 : strlen(f->name));
	lnr_buf_init(&desc, 0);
	if (l->opts->verbose) {
		lnr_buf_cstr(&desc, "(Type: ");
		type_text(&desc, f);
		lnr_buf_cstr(&desc, ") ");
	}
	if (f->flags & LNR_FIELD_FILTER_ONLY)
		lnr_buf_cstr(&desc, "(FILTER ONLY) ");
	lnr_buf_cstr(&desc, f->desc);
	if (desc.failed)
		l->out->failed = true;
	wrap(l->out, lnr_buf_view(&desc));
	lnr_buf_done(&desc);
}

static void text_source(struct list *l, const char *source)
{
	lnr_buf_printf(l->out, "%s ", source);
}

static void text_class(struct list *l, const struct lnr_field_class *cls)
{
	lnr_buf_cstr(l->out, "-------------------------------\n");
	text_label(l->out, "Field Class:");
	lnr_buf_printf(l->out, *cls->short_desc ? "%s (%s)\n" : "%s\n", cls->name, cls->short_desc);
	text_label(l->out, "Description:");
	wrap(l->out, lnr_str_c(cls->desc));
	text_label(l->out, "Event Sources:");
	each_source(l, cls, text_source);
	lnr_buf_cstr(l->out, "\n\n");
	each_field(l, cls, text_field);
	lnr_buf_chr(l->out, '\n');
}

/* --- markdown --- */

/* A bar would end the cell. */
static void cell(struct lnr_buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '|')
			lnr_buf_chr(out, '\\');
		lnr_buf_chr(out, *s);
	}
}

static void markdown_field(struct list *l, const struct lnr_field *f)
{
	lnr_buf_printf(l->out, "`%s` | ", f->name);
	type_text(l->out, f);
	lnr_buf_cstr(l->out, " | ");
	cell(l->out, f->desc);
	lnr_buf_chr(l->out, '\n');
}

static void markdown_class(struct list *l, const struct lnr_field_class *cls)
{
	lnr_buf_printf(l->out, "## Field Class: %s\n\n%s\n\nEvent Sources: ", cls->name, cls->desc);
	each_source(l, cls, text_source);
	lnr_buf_cstr(l->out, "\n\nName | Type | Description\n:----|:-----|:-----------\n");
	each_field(l, cls, markdown_field);
	lnr_buf_chr(l->out, '\n');
}

/* --- JSON --- */

static void json_source(struct list *l, const char *source)
{
	lnr_json_str(&l->json, lnr_str_c(source));
}

/* null: takes no argument. An empty list of types: a resolve() function knows better. */
static void json_argument(struct lnr_json *j, uint32_t flags)
{
	if (!(flags & (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_ALLOWED))) {
		lnr_json_null(j);
		return;
	}
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("required"));
	lnr_json_bool(j, flags & LNR_FIELD_ARG_REQUIRED);
	lnr_json_key(j, LNR_STR("type"));
	lnr_json_open(j, '[');
	if (flags & LNR_FIELD_ARG_INDEX)
		lnr_json_str(j, LNR_STR("INDEX"));
	if (flags & LNR_FIELD_ARG_KEY)
		lnr_json_str(j, LNR_STR("KEY"));
	lnr_json_close(j, ']');
	lnr_json_close(j, '}');
}

static void json_field(struct list *l, const struct lnr_field *f)
{
	struct lnr_json *j = &l->json;

	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("name"));
	lnr_json_str(j, lnr_str_c(f->name));
	lnr_json_key(j, LNR_STR("type"));
	lnr_json_str(j, lnr_str_c(lnr_pt_name(f->type)));
	lnr_json_key(j, LNR_STR("desc"));
	lnr_json_str(j, lnr_str_c(f->desc));
	lnr_json_key(j, LNR_STR("is_list"));
	lnr_json_bool(j, f->flags & LNR_FIELD_LIST);
	lnr_json_key(j, LNR_STR("argument"));
	json_argument(j, f->flags);
	lnr_json_close(j, '}');
}

static void json_class(struct list *l, const struct lnr_field_class *cls)
{
	struct lnr_json *j = &l->json;

	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("name"));
	lnr_json_str(j, lnr_str_c(cls->name));
	lnr_json_key(j, LNR_STR("desc"));
	lnr_json_str(j, lnr_str_c(cls->desc));
	lnr_json_key(j, LNR_STR("event_sources"));
	lnr_json_open(j, '[');
	each_source(l, cls, json_source);
	lnr_json_close(j, ']');
	lnr_json_key(j, LNR_STR("fields"));
	lnr_json_open(j, '[');
	each_field(l, cls, json_field);
	lnr_json_close(j, ']');
	lnr_json_close(j, '}');
}

/* --- names only --- */

static void text_name(struct list *l, const struct lnr_field *f)
{
	lnr_buf_printf(l->out, "%s\n", f->name);
}

static void markdown_name(struct list *l, const struct lnr_field *f)
{
	lnr_buf_printf(l->out, "- %s\n", f->name);
}

static void json_name(struct list *l, const struct lnr_field *f)
{
	lnr_json_str(&l->json, lnr_str_c(f->name));
}

static void text_names(struct list *l, const struct lnr_field_class *cls)
{
	each_field(l, cls, text_name);
}

static void markdown_names(struct list *l, const struct lnr_field_class *cls)
{
	each_field(l, cls, markdown_name);
}

static void json_names(struct list *l, const struct lnr_field_class *cls)
{
	each_field(l, cls, json_name);
}

/* --- all --- */

static void list_json(struct list *l)
{
	bool names = l->opts->names_only;

	lnr_json_init(&l->json, l->out);
	lnr_json_open(&l->json, '{');
	lnr_json_key(&l->json, names ? LNR_STR("fieldnames") : LNR_STR("fieldclasses"));
	lnr_json_open(&l->json, '[');
	each_class(l, names ? json_names : json_class);
	lnr_json_close(&l->json, ']');
	lnr_json_close(&l->json, '}');
	lnr_buf_chr(l->out, '\n');
}

/* A source exists when it has a class of its own; classes for all sources do not tell. */
static bool source_exists(const struct list *l)
{
	const struct lnr_field_class *cls;
	size_t pos = 0;

	while ((cls = lnr_fieldset_next(l->set, &pos)))
		if (strcmp(cls->source, l->source) == 0)
			return true;
	return false;
}

int lnr_fields_list(struct lnr_buf *out, const struct lnr_fieldset *set,
	const struct lnr_fields_list_opts *opts, struct lnr_err *err)
{
	const char *format = opts->format ? opts->format : "text";
	struct list l = {.out = out, .set = set, .opts = opts};

	l.source = opts->source ? opts->source : lnr_fieldset_source(set);
	l.own_sources[0] = l.source ? l.source : "syscall";
	l.sources = opts->sources ? opts->sources : l.own_sources;
	if (l.source && !source_exists(&l))
		return lnr_fail(err, -ENOENT, "no event source is called '%s'", l.source);
	if (strcmp(format, "json") == 0)
		list_json(&l);
	else if (strcmp(format, "markdown") == 0)
		each_class(&l, opts->names_only ? markdown_names : markdown_class);
	else if (strcmp(format, "text") == 0)
		each_class(&l, opts->names_only ? text_names : text_class);
	else
		return lnr_fail(err, -EINVAL,
			"unknown format '%s': text, markdown and json are known", format);
	return out->failed ? lnr_fail(err, -ENOMEM, "out of memory") : 0;
}
