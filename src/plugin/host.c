/* SPDX-License-Identifier: Apache-2.0 */
/* Load a plugin, check what it exports, copy what it says about itself (spec plugin-abi.md 1-3). */
#include "plugin/host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/util.h"
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
static int copy_text(struct lnr_plugin *p, const char *what, const char *text, struct lnr_str *ret,
	struct lnr_err *err)
{
	if (!text)
		return lnr_fail(err, -EINVAL, "%s() gives nothing", what);
	size_t len = strnlen(text, LNR_PLUGIN_TEXT_BYTES + 1);
	if (len > LNR_PLUGIN_TEXT_BYTES)
		return lnr_fail(
			err, -EFBIG, "%s() gives more than %u bytes", what, LNR_PLUGIN_TEXT_BYTES);
	*ret = lnr_arena_str(&p->arena, (struct lnr_str){text, len});
	return ret->ptr ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
}

static int read_source(struct lnr_plugin *p, struct lnr_err *err)
{
	int r = 0;
	if (!(p->caps & LNR_PLUGIN_CAN_SOURCE))
		return 0;
	p->id = p->api.get_id ? p->api.get_id() : 0;
	const char *source = p->api.get_event_source ? p->api.get_event_source() : NULL;
	if (source && *source)
		r = copy_text(p, "get_event_source", source, &p->source, err);
	if (!r && !p->id != !p->source.len)
		r = lnr_fail(err, -EINVAL, "needs both an id and an event source, or neither");
	static const char *const reserved[] = {"syscall", "internal", "plugins"};
	for (size_t i = 0; !r && i < LNR_ARRAY_SIZE(reserved); i++) {
		if (lnr_str_eq(p->source, lnr_str_c(reserved[i])))
			r = lnr_fail(err, -EINVAL, "event source '%s' is reserved", reserved[i]);
	}
	return r;
}

/* A list of sources; a plugin that has its own sees that one as well (spec 16). */
static int read_sources(struct lnr_plugin *p, const char *(*get)(void),
	struct lnr_plugin_names *ret, struct lnr_err *err)
{
	int r = lnr_plugin_parse_names(get ? get() : NULL, &p->arena, ret, err);
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

static int read_async(struct lnr_plugin *p, struct lnr_err *err)
{
	int r = read_sources(p, p->api.get_async_event_sources, &p->async_sources, err);
	if (!r)
		r = lnr_plugin_parse_names(
			p->api.get_async_events(), &p->arena, &p->async_names, err);
	if (!r && !p->async_names.n)
		r = lnr_fail(err, -EINVAL, "names no asynchronous event");
	for (size_t i = 0; !r && i < p->async_names.n; i++) {
		if (p->async_names.v[i].len > LNR_PLUGIN_EVENT_NAME_BYTES)
			r = lnr_fail(err, -EINVAL, "asynchronous event '%s' has a too long name",
				p->async_names.v[i].ptr);
	}
	return r;
}

static int read_schema(struct lnr_plugin *p, struct lnr_err *err)
{
	int32_t type = LNR_PLUGIN_SCHEMA_NONE;
	struct lnr_str s;
	const char *text = p->api.get_init_schema ? p->api.get_init_schema(&type) : NULL;
	if (!text || type != LNR_PLUGIN_SCHEMA_JSON)
		return 0;
	int r = copy_text(p, "get_init_schema", text, &s, err);
	p->schema = s.ptr;
	return r;
}

static int read_facts(struct lnr_plugin *p, struct lnr_err *err)
{
	int r = copy_text(p, "get_name", p->api.get_name(), &p->name, err);
	if (!r && !p->name.len)
		r = lnr_fail(err, -EINVAL, "get_name() gives an empty name");
	if (!r)
		r = copy_text(p, "get_description", p->api.get_description(), &p->description, err);
	if (!r)
		r = copy_text(p, "get_contact", p->api.get_contact(), &p->contact, err);
	if (!r)
		r = copy_text(p, "get_version", p->api.get_version(), &p->version, err);
	if (!r && !is_semver(p->version.ptr))
		r = lnr_fail(err, -EINVAL, "\"%.64s\" is no version number", p->version.ptr);
	if (!r)
		r = read_source(p, err);
	if (!r && p->caps & LNR_PLUGIN_CAN_EXTRACT) {
		const char *json = p->api.get_fields();
		r = lnr_plugin_parse_fields(
			json ? json : "", &p->arena, &p->fields, &p->n_fields, err);
		if (!r)
			r = read_sources(
				p, p->api.get_extract_event_sources, &p->extract_sources, err);
	}
	if (!r && p->caps & LNR_PLUGIN_CAN_PARSE)
		r = read_sources(p, p->api.get_parse_event_sources, &p->parse_sources, err);
	if (!r && p->caps & LNR_PLUGIN_CAN_ASYNC)
		r = read_async(p, err);
	return r ? r : read_schema(p, err);
}

/* --- life --- */

static int load(struct lnr_plugin *p, struct lnr_err *err)
{
	int r = lnr_check_trusted_file(p->path, err);
	if (r)
		return r;
	/* Bound at once, so that a missing function shows here; never unmapped, see host.h. */
	void *lib = dlopen(p->path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!lib)
		return lnr_fail(err, -ELIBBAD, "cannot load: %s", dlerror());
	r = find_symbols(lib, &p->api, err);
	if (!r)
		r = lnr_plugin_api_check(p->api.get_required_api_version(), &p->api_minor, err);
	if (!r)
		r = find_caps(p, err);
	if (!r)
		r = read_facts(p, err);
	dlclose(lib);
	return r;
}

int lnr_plugin_load(const char *path, struct lnr_plugin **ret, struct lnr_err *err)
{
	struct lnr_plugin *p = calloc(1, sizeof(*p));
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	lnr_arena_init(&p->arena, LNR_PLUGIN_ARENA_BYTES);
	p->config = p->open_params = "";
	p->path = lnr_arena_strdup(&p->arena, lnr_str_c(path));
	int r = p->path ? load(p, err) : lnr_fail(err, -ENOMEM, "out of memory");
	if (r) {
		lnr_plugin_free(p);
		return lnr_wrap(err, r, "plugin %s", path);
	}
	*ret = p;
	return 0;
}

struct lnr_plugin *lnr_plugin_free(struct lnr_plugin *p)
{
	if (!p)
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
