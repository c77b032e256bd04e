/* SPDX-License-Identifier: Apache-2.0 */
/* Load a plugin, check what it exports, copy what it says about itself (spec plugin-abi.md 1-3). */
#include "plugin/host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/util.h"
#include "plugin/isolated.h"
#include "schema/limits.h"

/* One row per function: its symbol without prefix, its place in the table, and who needs it. */
#define ROW(member, needed)                                                        \
	{                                                                          \
		"plugin_" #member, offsetof(struct lnr_plugin_api, member), needed \
	}
static const struct {
	const char *symbol;
	size_t at;
	bool needed;
} symbols[] = {
	ROW(get_required_api_version, true),
	ROW(get_init_schema, false),
	ROW(init, true),
	ROW(destroy, true),
	ROW(get_last_error, true),
	ROW(get_name, true),
	ROW(get_description, true),
	ROW(get_contact, true),
	ROW(get_version, true),
	ROW(get_id, false),
	ROW(get_event_source, false),
	ROW(open, false),
	ROW(close, false),
	ROW(list_open_params, false),
	ROW(get_progress, false),
	ROW(event_to_string, false),
	ROW(next_batch, false),
	ROW(get_extract_event_types, false),
	ROW(get_extract_event_sources, false),
	ROW(get_fields, false),
	ROW(extract_fields, false),
	ROW(get_parse_event_types, false),
	ROW(get_parse_event_sources, false),
	ROW(parse_event, false),
	ROW(get_async_event_sources, false),
	ROW(get_async_events, false),
	ROW(set_async_event_handler, false),
	ROW(dump_state, false),
	ROW(set_config, false),
	ROW(get_metrics, false),
	ROW(capture_open, false),
	ROW(capture_close, false),
	ROW(get_required_event_schema_version, false),
};
#undef ROW

/* --- versions --- */

bool lnr_plugin_version(const char *text, unsigned ret[static 3])
{
	int end = 0;
	/* Digits only: sscanf alone would take signs and blanks. */
	if (strnlen(text, 64) >= 64 || strspn(text, "0123456789.") != strlen(text))
		return false;
	return sscanf(text, "%9u.%9u.%9u%n", &ret[0], &ret[1], &ret[2], &end) == 3 && !text[end];
}

int lnr_plugin_api_check(const char *version, unsigned *ret_minor, struct lnr_err *err)
{
	unsigned v[3];
	if (!version || !lnr_plugin_version(version, v))
		return lnr_fail(err, -EINVAL, "\"%.64s\" is no version of the plugin interface",
			version ? version : "");
	if (v[0] != LNR_PLUGIN_API_MAJOR || v[1] > LNR_PLUGIN_API_MINOR ||
		(v[1] == LNR_PLUGIN_API_MINOR && v[2] > LNR_PLUGIN_API_PATCH))
		return lnr_fail(err, -ENOTSUP,
			"needs version %s of the plugin interface, this is %d.%d.%d", version,
			LNR_PLUGIN_API_MAJOR, LNR_PLUGIN_API_MINOR, LNR_PLUGIN_API_PATCH);
	*ret_minor = v[1];
	return 0;
}

/* Three numbers, then nothing or a suffix as semantic versions have. */
static bool is_semver(const char *text)
{
	unsigned v[3];
	char head[64];
	size_t n = strcspn(text, "-+");
	if (n >= sizeof(head))
		return false;
	memcpy(head, text, n);
	head[n] = 0;
	return lnr_plugin_version(head, v);
}

/* --- symbols and capabilities --- */

static int find_symbols(void *lib, struct lnr_plugin_api *api, struct lnr_err *err)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(symbols); i++) {
		void *f = dlsym(lib, symbols[i].symbol);
		if (!f && symbols[i].needed)
			return lnr_fail(err, -EINVAL, "has no function %s()", symbols[i].symbol);
		memcpy((char *)api + symbols[i].at, &f, sizeof(f));
	}
	return 0;
}

/* Spec 2: which capabilities are there, and which are half there. */
static int find_caps(struct lnr_plugin *p, struct lnr_err *err)
{
	const struct lnr_plugin_api *a = &p->api;
	int source = !!a->open + !!a->close + !!a->next_batch;
	if (source && source != 3)
		return lnr_fail(err, -EINVAL,
			"open, close and next_batch must be there together or not at all");
	if (a->extract_fields && !a->get_fields)
		return lnr_fail(err, -EINVAL, "has extract_fields but no get_fields");
	if (a->set_async_event_handler && !a->get_async_events)
		return lnr_fail(
			err, -EINVAL, "has set_async_event_handler but no get_async_events");
	if (a->capture_open && !a->capture_close)
		return lnr_fail(err, -EINVAL, "has capture_open but no capture_close");
	p->caps = (source ? LNR_PLUGIN_CAN_SOURCE : 0) |
		  (a->extract_fields ? LNR_PLUGIN_CAN_EXTRACT : 0) |
		  (a->parse_event ? LNR_PLUGIN_CAN_PARSE : 0) |
		  (a->set_async_event_handler ? LNR_PLUGIN_CAN_ASYNC : 0) |
		  (a->capture_open ? LNR_PLUGIN_CAN_LISTEN : 0);
	return p->caps ? 0 : lnr_fail(err, -EINVAL, "has no capability");
}

/* --- what it says about itself --- */

/* A text is copied at once: the next call may write into the same memory (spec 18). */
static int copy_text(struct lnr_plugin *p, enum lnr_plugin_text which, const char *text,
	struct lnr_plugin_said *said, struct lnr_err *err)
{
	static const char *const what[] = {[LNR_SAID_API] = "get_required_api_version",
		[LNR_SAID_NAME] = "get_name",
		[LNR_SAID_DESCRIPTION] = "get_description",
		[LNR_SAID_CONTACT] = "get_contact",
		[LNR_SAID_VERSION] = "get_version",
		[LNR_SAID_SOURCE] = "get_event_source",
		[LNR_SAID_FIELDS] = "get_fields",
		[LNR_SAID_EXTRACT_SOURCES] = "get_extract_event_sources",
		[LNR_SAID_PARSE_SOURCES] = "get_parse_event_sources",
		[LNR_SAID_ASYNC_SOURCES] = "get_async_event_sources",
		[LNR_SAID_ASYNC_EVENTS] = "get_async_events",
		[LNR_SAID_SCHEMA] = "get_init_schema"};
	if (!text)
		return 0;
	size_t len = strnlen(text, LNR_PLUGIN_TEXT_BYTES + 1);
	if (len > LNR_PLUGIN_TEXT_BYTES)
		return lnr_fail(err, -EFBIG, "%s() gives more than %u bytes", what[which],
			LNR_PLUGIN_TEXT_BYTES);
	said->text[which] = lnr_arena_strdup(&p->arena, (struct lnr_str){text, len});
	return said->text[which] ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
}

/* Everything that can be asked before it is started, by what it can do. */
static int listen_to(struct lnr_plugin *p, struct lnr_plugin_said *said, struct lnr_err *err)
{
	const struct lnr_plugin_api *a = &p->api;
	int32_t form = LNR_PLUGIN_SCHEMA_NONE;
	struct {
		enum lnr_plugin_text which;
		const char *(*get)(void);
		bool asked;
	} rows[] = {
		{LNR_SAID_NAME, a->get_name, true},
		{LNR_SAID_DESCRIPTION, a->get_description, true},
		{LNR_SAID_CONTACT, a->get_contact, true},
		{LNR_SAID_VERSION, a->get_version, true},
		{LNR_SAID_SOURCE, a->get_event_source, p->caps & LNR_PLUGIN_CAN_SOURCE},
		{LNR_SAID_FIELDS, a->get_fields, p->caps & LNR_PLUGIN_CAN_EXTRACT},
		{LNR_SAID_EXTRACT_SOURCES, a->get_extract_event_sources,
			p->caps & LNR_PLUGIN_CAN_EXTRACT},
		{LNR_SAID_PARSE_SOURCES, a->get_parse_event_sources,
			p->caps & LNR_PLUGIN_CAN_PARSE},
		{LNR_SAID_ASYNC_SOURCES, a->get_async_event_sources,
			p->caps & LNR_PLUGIN_CAN_ASYNC},
		{LNR_SAID_ASYNC_EVENTS, a->get_async_events, p->caps & LNR_PLUGIN_CAN_ASYNC},
	};
	int r = 0;
	for (size_t i = 0; !r && i < LNR_ARRAY_SIZE(rows); i++) {
		if (rows[i].asked && rows[i].get)
			r = copy_text(p, rows[i].which, rows[i].get(), said, err);
	}
	if (p->caps & LNR_PLUGIN_CAN_SOURCE && a->get_id)
		said->id = a->get_id();
	const char *schema = a->get_init_schema ? a->get_init_schema(&form) : NULL;
	if (!r && form == LNR_PLUGIN_SCHEMA_JSON)
		r = copy_text(p, LNR_SAID_SCHEMA, schema, said, err);
	return r;
}

static int read_text(const struct lnr_plugin_said *said, enum lnr_plugin_text which,
	const char *what, struct lnr_str *ret, struct lnr_err *err)
{
	if (!said->text[which])
		return lnr_fail(err, -EINVAL, "%s() gives nothing", what);
	*ret = lnr_str_c(said->text[which]);
	return 0;
}

static int read_source(
	struct lnr_plugin *p, const struct lnr_plugin_said *said, struct lnr_err *err)
{
	static const char *const reserved[] = {"syscall", "internal", "plugins"};
	const char *source = said->text[LNR_SAID_SOURCE];
	p->id = said->id;
	p->source = source && *source ? lnr_str_c(source) : LNR_STR("");
	if (!p->id != !p->source.len)
		return lnr_fail(err, -EINVAL, "needs both an id and an event source, or neither");
	for (size_t i = 0; i < LNR_ARRAY_SIZE(reserved); i++) {
		if (lnr_str_eq(p->source, lnr_str_c(reserved[i])))
			return lnr_fail(err, -EINVAL, "event source '%s' is reserved", reserved[i]);
	}
	return 0;
}

/* A list of sources; a plugin that has its own sees that one as well (spec 16). */
static int read_sources(
	struct lnr_plugin *p, const char *json, struct lnr_plugin_names *ret, struct lnr_err *err)
{
	int r = lnr_plugin_parse_names(json, &p->arena, ret, err);
	if (r || !p->source.len)
		return r;
	for (size_t i = 0; i < ret->n; i++) {
		if (lnr_str_eq(ret->v[i], p->source))
			return 0;
	}
	struct lnr_str *v = lnr_arena_calloc(&p->arena, ret->n + 1, sizeof(*v));
	if (!v)
		return lnr_fail(err, -ENOMEM, "out of memory");
	if (ret->n)
		memcpy(v, ret->v, ret->n * sizeof(*v));
	v[ret->n] = p->source;
	*ret = (struct lnr_plugin_names){v, ret->n + 1};
	return 0;
}

static int read_async(struct lnr_plugin *p, const struct lnr_plugin_said *said, struct lnr_err *err)
{
	int r = read_sources(p, said->text[LNR_SAID_ASYNC_SOURCES], &p->async_sources, err);
	if (!r)
		r = lnr_plugin_parse_names(
			said->text[LNR_SAID_ASYNC_EVENTS], &p->arena, &p->async_names, err);
	if (!r && !p->async_names.n)
		r = lnr_fail(err, -EINVAL, "names no asynchronous event");
	for (size_t i = 0; !r && i < p->async_names.n; i++) {
		if (p->async_names.v[i].len > LNR_PLUGIN_EVENT_NAME_BYTES)
			r = lnr_fail(err, -EINVAL, "asynchronous event '%s' has a too long name",
				p->async_names.v[i].ptr);
	}
	return r;
}

static int read_fields(
	struct lnr_plugin *p, const struct lnr_plugin_said *said, struct lnr_err *err)
{
	const char *json = said->text[LNR_SAID_FIELDS];
	int r = lnr_plugin_parse_fields(json ? json : "", &p->arena, &p->fields, &p->n_fields, err);
	return r ? r
		 : read_sources(p, said->text[LNR_SAID_EXTRACT_SOURCES], &p->extract_sources, err);
}

/* What was said, checked and taken apart. */
static int read_facts(struct lnr_plugin *p, const struct lnr_plugin_said *said, struct lnr_err *err)
{
	int r = read_text(said, LNR_SAID_NAME, "get_name", &p->name, err);
	if (!r && !p->name.len)
		r = lnr_fail(err, -EINVAL, "get_name() gives an empty name");
	if (!r)
		r = read_text(said, LNR_SAID_DESCRIPTION, "get_description", &p->description, err);
	if (!r)
		r = read_text(said, LNR_SAID_CONTACT, "get_contact", &p->contact, err);
	if (!r)
		r = read_text(said, LNR_SAID_VERSION, "get_version", &p->version, err);
	if (!r && !is_semver(p->version.ptr))
		r = lnr_fail(err, -EINVAL, "\"%.64s\" is no version number", p->version.ptr);
	if (!r && p->caps & LNR_PLUGIN_CAN_SOURCE)
		r = read_source(p, said, err);
	if (!r && p->caps & LNR_PLUGIN_CAN_EXTRACT)
		r = read_fields(p, said, err);
	if (!r && p->caps & LNR_PLUGIN_CAN_PARSE)
		r = read_sources(p, said->text[LNR_SAID_PARSE_SOURCES], &p->parse_sources, err);
	if (!r && p->caps & LNR_PLUGIN_CAN_ASYNC)
		r = read_async(p, said, err);
	p->schema = said->text[LNR_SAID_SCHEMA];
	return r;
}

/* --- life --- */

/* Which symbols the library has, one bit per row. */
static uint64_t functions_of(const struct lnr_plugin_api *api)
{
	static_assert(LNR_ARRAY_SIZE(symbols) <= 64, "one bit each");
	uint64_t bits = 0;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(symbols); i++) {
		void *f;
		memcpy(&f, (const char *)api + symbols[i].at, sizeof(f));
		bits |= (uint64_t)(f != NULL) << i;
	}
	return bits;
}

static bool said_has(const struct lnr_plugin_said *said, const char *symbol)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(symbols); i++) {
		if (strcmp(symbols[i].symbol, symbol) == 0)
			return said->functions >> i & 1;
	}
	return false;
}

static int load_library(struct lnr_plugin *p, struct lnr_err *err)
{
	struct lnr_plugin_said *said = &p->said;
	/* Bound at once, so that a missing function shows here; never unmapped, see host.h. */
	void *lib = dlopen(p->path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!lib)
		return lnr_fail(err, -ELIBBAD, "cannot load: %s", dlerror());
	int r = find_symbols(lib, &p->api, err);
	dlclose(lib);
	if (!r)
		r = copy_text(p, LNR_SAID_API, p->api.get_required_api_version(), said, err);
	if (!r)
		r = lnr_plugin_api_check(said->text[LNR_SAID_API], &p->api_minor, err);
	if (!r)
		r = find_caps(p, err);
	said->functions = functions_of(&p->api);
	return r ? r : listen_to(p, said, err);
}

/*
 * The process of the plugin has loaded it and says what there is. What it has is replaced by
 * functions that ask that process.
 */
static int load_isolated(struct lnr_plugin *p, struct lnr_err *err)
{
	static const char *const inside[] = {
		"plugin_parse_event", "plugin_set_async_event_handler", "plugin_capture_open"};
	int r = lnr_plugin_isolated_load(p, err);
	for (size_t i = 0; !r && i < LNR_ARRAY_SIZE(inside); i++) {
		if (said_has(&p->said, inside[i]))
			return lnr_fail(err, -ENOTSUP,
				"cannot be isolated: %s() works inside the process only",
				inside[i]);
	}
	for (size_t i = 0; !r && i < LNR_ARRAY_SIZE(symbols); i++) {
		if (!(p->said.functions >> i & 1))
			continue;
		memcpy((char *)&p->api + symbols[i].at,
			(const char *)lnr_plugin_isolated_api() + symbols[i].at, sizeof(void *));
	}
	if (!r)
		r = lnr_plugin_api_check(p->said.text[LNR_SAID_API], &p->api_minor, err);
	if (!r)
		r = find_caps(p, err);
	return r;
}

static int load(struct lnr_plugin *p, const struct lnr_plugin_load_opts *o, struct lnr_err *err)
{
	lnr_arena_init(&p->arena, LNR_PLUGIN_ARENA_BYTES);
	p->config = p->open_params = "";
	p->isolated = o->isolated;
	p->restart = o->restart;
	p->child = o->child;
	p->start_ms = o->start_ms ? o->start_ms : LNR_PLUGIN_START_MS;
	p->path = lnr_arena_strdup(&p->arena, lnr_str_c(o->path));
	if (!p->path)
		return lnr_fail(err, -ENOMEM, "out of memory");
	int r = lnr_check_trusted_file(p->path, err);
	if (!r)
		r = p->isolated ? load_isolated(p, err) : load_library(p, err);
	return r ? r : read_facts(p, &p->said, err);
}

int lnr_plugin_load_with(
	const struct lnr_plugin_load_opts *o, struct lnr_plugin **ret, struct lnr_err *err)
{
	struct lnr_plugin *p = calloc(1, sizeof(*p));
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	int r = load(p, o, err);
	if (r) {
		lnr_plugin_free(p);
		return lnr_wrap(err, r, "plugin %s", o->path);
	}
	*ret = p;
	return 0;
}

int lnr_plugin_load(const char *path, struct lnr_plugin **ret, struct lnr_err *err)
{
	const struct lnr_plugin_load_opts o = {.path = path};
	return lnr_plugin_load_with(&o, ret, err);
}

struct lnr_plugin *lnr_plugin_free(struct lnr_plugin *p)
{
	if (!p || p->stuck)
		return NULL;
	lnr_arena_done(&p->arena);
	free(p);
	return NULL;
}

bool lnr_plugin_admits(const struct lnr_plugin_names *sources, struct lnr_str source)
{
	for (size_t i = 0; i < sources->n; i++) {
		if (lnr_str_eq(sources->v[i], source))
			return true;
	}
	return !sources->n;
}
