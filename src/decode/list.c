/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over the tables feeds three writers. A writer is a row of functions; it sees categories
 * in order and inside them events in order of their numbers, generic calls after the others.
 */
#include "decode/list.h"
#include "base/json.h"
#include "decode/schema.h"

struct entry {
	const char *name;
	const struct lnr_event_info *info;
	bool available;
};

struct list {
	struct lnr_buf *out;
	struct lnr_json json;
};

struct writer {
	const char *format;
	void (*begin)(struct list *l);
	void (*category)(struct list *l, const char *title);
	void (*event)(struct list *l, const struct entry *e);
	void (*category_end)(struct list *l);
	void (*end)(struct list *l);
};

static char direction(const struct entry *e)
{
	return e->info->type & 1 ? '<' : '>';
}

/* Modes have a table to be shown with, but are numbers to those who read the list. */
static const struct lnr_flag *listed_flags(const struct lnr_param_info *p)
{
	switch (p->type) {
	case LNR_PT_FLAGS8:
	case LNR_PT_FLAGS16:
	case LNR_PT_FLAGS32:
	case LNR_PT_ENUMFLAGS8:
	case LNR_PT_ENUMFLAGS16:
	case LNR_PT_ENUMFLAGS32:
		return p->flags ? p->flags->flags : NULL;
	default:
		return NULL;
	}
}

/* --- text and markdown -----------------------------------------------------------------------*/

static void params_text(struct list *l, const struct lnr_event_info *info, const char *emphasis)
{
	for (unsigned i = 0; i < info->nparams; i++) {
		const struct lnr_param_info *p = &info->params[i];
		const struct lnr_flag *flag = listed_flags(p);
		const char *sep = ": ";

		lnr_buf_printf(l->out, "%s%s **%s**", i ? ", " : "", lnr_pt_name(p->type), p->name);
		for (; flag && flag->name; flag++, sep = ", ")
			lnr_buf_printf(l->out, "%s%s%s%s", sep, emphasis, flag->name, emphasis);
	}
}

static void heading(struct list *l)
{
	lnr_buf_cstr(l->out, "Event schema *version*: " LNR_EVENT_SCHEMA_VERSION "\n");
}

static void text_category(struct list *l, const char *title)
{
	lnr_buf_printf(l->out, "\n## %s\n\n", title);
}

static void text_event(struct list *l, const struct entry *e)
{
	lnr_buf_printf(l->out, "%c %s(", direction(e), e->name);
	params_text(l, e->info, "");
	lnr_buf_cstr(l->out, ")\n");
}

static void markdown_category(struct list *l, const char *title)
{
	text_category(l, title);
	lnr_buf_cstr(l->out, "Default | Dir | Name | Params\n:-------|:----|:-----|:-----\n");
}

static void markdown_event(struct list *l, const struct entry *e)
{
	lnr_buf_printf(
		l->out, "%s | `%c` | `%s` | ", e->available ? "Yes" : "No", direction(e), e->name);
	params_text(l, e->info, "*");
	lnr_buf_chr(l->out, '\n');
}

static void nothing(struct list *l)
{
	(void)l;
}

/* --- JSON ------------------------------------------------------------------------------------*/

static void json_text(struct list *l, const char *key, const char *value)
{
	lnr_json_key(&l->json, lnr_str_c(key));
	lnr_json_str(&l->json, lnr_str_c(value));
}

static void json_begin(struct list *l)
{
	lnr_json_init(&l->json, l->out);
	lnr_json_open(&l->json, '{');
	json_text(l, "schema_version", LNR_EVENT_SCHEMA_VERSION);
}

static void json_category(struct list *l, const char *title)
{
	lnr_json_key(&l->json, lnr_str_c(title));
	lnr_json_open(&l->json, '[');
}

static void json_param(struct list *l, const struct lnr_param_info *p)
{
	const struct lnr_flag *flag = listed_flags(p);

	lnr_json_open(&l->json, '{');
	json_text(l, "type", lnr_pt_name(p->type));
	json_text(l, "name", p->name);
	if (flag) {
		lnr_json_key(&l->json, LNR_STR("flags"));
		lnr_json_open(&l->json, '[');
		for (; flag->name; flag++)
			lnr_json_str(&l->json, lnr_str_c(flag->name));
		lnr_json_close(&l->json, ']');
	}
	lnr_json_close(&l->json, '}');
}

static void json_event(struct list *l, const struct entry *e)
{
	char dir[2] = {direction(e), '\0'};

	lnr_json_open(&l->json, '{');
	json_text(l, "name", e->name);
	json_text(l, "dir", dir);
	lnr_json_key(&l->json, LNR_STR("available"));
	lnr_json_bool(&l->json, e->available);
	lnr_json_key(&l->json, LNR_STR("params"));
	lnr_json_open(&l->json, '[');
	for (unsigned i = 0; i < e->info->nparams; i++)
		json_param(l, &e->info->params[i]);
	lnr_json_close(&l->json, ']');
	lnr_json_close(&l->json, '}');
}

static void json_category_end(struct list *l)
{
	lnr_json_close(&l->json, ']');
}

static void json_end(struct list *l)
{
	lnr_json_close(&l->json, '}');
	lnr_buf_chr(l->out, '\n');
}

/* --- the walk --------------------------------------------------------------------------------*/

static const struct writer writers[] = {
	{"text", heading, text_category, text_event, nothing, nothing},
	{"markdown", heading, markdown_category, markdown_event, nothing, nothing},
	{"json", json_begin, json_category, json_event, json_category_end, json_end},
};

/* Which source classes make up which category; iterator records are nobody's business. */
static const struct {
	const char *title;
	unsigned sources;
} categories[] = {
	{"Syscall events", LNR_EC_SYSCALL},
	{"Tracepoint events", LNR_EC_TRACEPOINT},
	{"Plugin events", LNR_EC_PLUGIN},
	{"Metaevents", LNR_EC_METAEVENT | LNR_EC_INTERNAL},
};

static bool is_generic(unsigned type)
{
	return type == LNR_EV_GENERIC_E || type == LNR_EV_GENERIC_X;
}

/* An event without calls is always there. */
static bool available(unsigned type)
{
	bool calls = false;

	for (unsigned code = 0; code < lnr_syscall_count(); code++) {
		const struct lnr_syscall_info *s = lnr_syscall_info(code);

		if (!s || (s->enter_event != type && s->exit_event != type))
			continue;
		if (!lnr_syscall_in_set(LNR_STR("default_ignored"), code))
			return true;
		calls = true;
	}
	return !calls;
}

static void list_events(struct list *l, const struct writer *w, unsigned sources)
{
	for (unsigned type = 0; type < LNR_EVENT_COUNT; type++) {
		const struct lnr_event_info *info = lnr_event_info(type);

		if (!(info->source_class & sources) || is_generic(type) ||
			info->flags & (LNR_EF_OLD_VERSION | LNR_EF_UNUSED))
			continue;
		w->event(l, &(struct entry){info->name, info, available(type)});
	}
}

static void list_generic(struct list *l, const struct writer *w)
{
	for (unsigned code = 0; code < lnr_syscall_count(); code++) {
		const struct lnr_syscall_info *s = lnr_syscall_info(code);

		if (!s || code == LNR_SC_UNKNOWN || s->enter_event != LNR_EV_GENERIC_E)
			continue;
		for (unsigned type = LNR_EV_GENERIC_E; type <= LNR_EV_GENERIC_X; type++)
			w->event(l, &(struct entry){s->name, lnr_event_info(type), true});
	}
}

int lnr_events_list(struct lnr_buf *out, const char *format, struct lnr_err *err)
{
	struct list l = {.out = out};
	const struct writer *w = NULL;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(writers); i++)
		if (strcmp(writers[i].format, format) == 0)
			w = &writers[i];
	if (!w)
		return lnr_fail(err, -EINVAL,
			"unknown list format '%s', expected text, markdown or json", format);

	w->begin(&l);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(categories); i++) {
		w->category(&l, categories[i].title);
		list_events(&l, w, categories[i].sources);
		if (categories[i].sources & LNR_EC_SYSCALL)
			list_generic(&l, w);
		w->category_end(&l);
	}
	w->end(&l);
	return out->failed ? lnr_fail(err, -ENOMEM, "the list of events does not fit") : 0;
}
