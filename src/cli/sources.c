/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins of the configuration, and which event sources there are and are wanted. */
#include <errno.h>
#include <stdlib.h>
#include "base/json.h"
#include "cli/session_priv.h"
#include "lanner/config.h"
#include "lanner/plugins.h"

/* Its fields are part of Lanner; a configuration that loads it is right. */
static const char built_in[] = "container";

static bool in_list(const struct lnr_opt_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], name) == 0)
			return true;
	}
	return false;
}

/* plugins[i].key; "" when it is absent or null. */
static const char *plugin_text(const struct lnr_config *c, size_t i, const char *key)
{
	char path[64];
	snprintf(path, sizeof(path), "plugins[%zu].%s", i, key);
	const char *s = lnr_config_has(c, path) ? lnr_config_str(c, path) : "";
	/* A null reads as the word, and no plugin can tell it from one. */
	return strcmp(s, "null") == 0 || strcmp(s, "~") == 0 ? "" : s;
}

static bool plugin_bool(const struct lnr_config *c, size_t i, const char *key, bool otherwise)
{
	char path[64];
	snprintf(path, sizeof(path), "plugins[%zu].%s", i, key);
	return lnr_config_has(c, path) ? lnr_config_bool(c, path) : otherwise;
}

static uint32_t plugin_start_ms(const struct lnr_config *c, size_t i)
{
	char path[64];
	snprintf(path, sizeof(path), "plugins[%zu].start_timeout", i);
	return lnr_config_has(c, path) ? (uint32_t)lnr_config_int(c, path) * 1000 : 0;
}

static bool find_plugin(const struct lnr_config *c, const char *name, size_t *ret)
{
	for (size_t i = 0; i < lnr_config_count(c, "plugins"); i++) {
		if (strcmp(plugin_text(c, i, "name"), name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool lnr_session_has_container(const struct lnr_config *config)
{
	const char *p;
	if (!lnr_config_has(config, "load_plugins"))
		return true;
	for (size_t i = 0; (p = lnr_config_item(config, "load_plugins", i)); i++) {
		if (strcmp(p, built_in) == 0)
			return true;
	}
	return false;
}

/* --- loading --- */

/* Configurations as JSON live here until the library has copied them. */
struct entries {
	struct lnr_plugin_entry *v;
	struct lnr_buf *init;
	size_t n;
};

static int add_entry(struct entries *e, const struct lnr_config *c, size_t i, struct lnr_err *err)
{
	char path[64];
	struct lnr_buf *init = &e->init[e->n];
	struct lnr_plugin_entry *p = &e->v[e->n++];
	lnr_buf_init(init, 0);
	*p = (struct lnr_plugin_entry){.name = plugin_text(c, i, "name"),
		.library_path = plugin_text(c, i, "library_path"),
		.init_config = plugin_text(c, i, "init_config"),
		.open_params = plugin_text(c, i, "open_params"),
		.isolated = plugin_bool(c, i, "isolated", false),
		.restart = plugin_bool(c, i, "restart", true),
		.start_ms = plugin_start_ms(c, i)};
	snprintf(path, sizeof(path), "plugins[%zu].init_config", i);
	if (*p->init_config || !lnr_config_has(c, path))
		return 0;
	int r = lnr_config_json(c, path, init);
	if (r || init->failed)
		return lnr_fail(err, -ENOMEM, "%s: out of memory", path);
	/* A map; anything else that has no text is empty. */
	if (init->len && init->ptr[0] == '{')
		p->init_config = init->ptr;
	return 0;
}

/* load_plugins, when it is there at all, says which and in what order. */
static int add_entries(struct entries *e, const struct lnr_config *c, struct lnr_err *err)
{
	int r = 0;
	size_t at;
	const char *p;
	if (!lnr_config_has(c, "load_plugins")) {
		for (size_t i = 0; !r && i < lnr_config_count(c, "plugins"); i++) {
			if (strcmp(plugin_text(c, i, "name"), built_in) != 0)
				r = add_entry(e, c, i, err);
		}
		return r;
	}
	for (size_t i = 0; !r && (p = lnr_config_item(c, "load_plugins", i)); i++) {
		if (strcmp(p, built_in) == 0)
			continue;
		if (!find_plugin(c, p, &at))
			return lnr_fail(err, -ENOENT,
				"load_plugins: there is no plugin \"%s\" in plugins", p);
		r = add_entry(e, c, at, err);
	}
	return r;
}

/* --- the key k8s_audit: the same as an entry of plugins --- */

static void put_text(
	struct lnr_json *j, const struct lnr_config *c, const char *key, const char *name)
{
	if (!lnr_config_has(c, key) || !*lnr_config_str(c, key))
		return;
	lnr_json_key(j, lnr_str_c(name));
	lnr_json_str(j, lnr_str_c(lnr_config_str(c, key)));
}

static void put_audit(const struct lnr_config *c, struct lnr_buf *out)
{
	struct lnr_json j;
	const char *a;
	lnr_json_init(&j, out);
	lnr_json_open(&j, '{');
	put_text(&j, c, "k8s_audit.certificate", "sslCertificate");
	put_text(&j, c, "k8s_audit.client_ca", "clientCA");
	put_text(&j, c, "k8s_audit.token_file", "tokenFile");
	lnr_json_key(&j, LNR_STR("allowFrom"));
	lnr_json_open(&j, '[');
	for (size_t i = 0; (a = lnr_config_item(c, "k8s_audit.allow_from", i)); i++)
		lnr_json_str(&j, lnr_str_c(a));
	lnr_json_close(&j, ']');
	lnr_json_key(&j, LNR_STR("maxEventSize"));
	lnr_json_s64(&j, lnr_config_int(c, "k8s_audit.max_event_size"));
	lnr_json_key(&j, LNR_STR("webhookMaxBatchSize"));
	lnr_json_s64(&j, lnr_config_int(c, "k8s_audit.max_batch_size"));
	lnr_json_close(&j, '}');
}

static bool has_entry(const struct entries *e, const char *name)
{
	for (size_t i = 0; i < e->n; i++) {
		if (strcmp(e->v[i].name, name) == 0)
			return true;
	}
	return false;
}

static void add_name(struct entries *e, const char *name)
{
	lnr_buf_init(&e->init[e->n], 0);
	e->v[e->n++] = (struct lnr_plugin_entry){.name = name};
}

static int add_audit(struct entries *e, const struct lnr_config *c, struct lnr_err *err)
{
	const char *listen = lnr_config_str(c, "k8s_audit.listen");
	const char *open = lnr_config_str(c, "k8s_audit.open_params");
	if (!*listen && !*open)
		return 0;
	if (*listen && *open)
		return lnr_fail(
			err, -EINVAL, "k8s_audit: listen and open_params exclude each other");
	if (has_entry(e, "k8saudit"))
		return lnr_fail(err, -EEXIST,
			"k8s_audit and the plugin k8saudit exclude each other: both are the source "
			"k8s_audit");
	struct lnr_buf *init = &e->init[e->n];
	lnr_buf_init(init, 0);
	struct lnr_plugin_entry *p = &e->v[e->n++];
	*p = (struct lnr_plugin_entry){.name = "k8saudit", .open_params = *listen ? listen : open};
	put_audit(c, init);
	if (init->failed)
		return lnr_fail(err, -ENOMEM, "k8s_audit: out of memory");
	p->init_config = init->ptr;
	/* Rules for audit events use both. */
	if (!has_entry(e, "json"))
		add_name(e, "json");
	return 0;
}

/* What needs neither library nor configuration. */
static const struct lnr_plugin_entry built_in_plugins[] = {{.name = "k8saudit"}, {.name = "json"}};

int lnr_setup_plugins(struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_err *err)
{
	size_t max = lnr_config_count(s->config, "plugins") +
		     lnr_config_count(s->config, "load_plugins") + 3;
	struct entries e = {.v = calloc(max, sizeof(*e.v)), .init = calloc(max, sizeof(*e.init))};
	int r = e.v && e.init ? add_entries(&e, s->config, err)
			      : lnr_fail(err, -ENOMEM, "out of memory");
	if (!r)
		r = add_audit(&e, s->config, err);
	/* lanner replay: a file may hold audit events, whether this machine has such a source or
	 * not. */
	if (!r && !e.n && o->capture_file) {
		for (size_t i = 0; i < LNR_ARRAY_SIZE(built_in_plugins); i++)
			add_name(&e, built_in_plugins[i].name);
	}
	if (!r) {
		const struct lnr_plugins_opts po = {
			.size = sizeof(po), .entries = e.v, .n_entries = e.n};
		r = lnr_plugins_new(&po, &s->plugins, err);
	}
	for (size_t i = 0; i < e.n; i++)
		lnr_buf_done(&e.init[i]);
	free(e.init);
	free(e.v);
	return r;
}

int lnr_cli_plugins(const char *path, struct lnr_setup *ret)
{
	const struct lnr_run_opts o = {.config = path};
	struct lnr_err err = {0};
	char text[1400];
	const char *found;
	const struct lnr_plugins_opts po = {.size = sizeof(po),
		.entries = built_in_plugins,
		.n_entries = LNR_ARRAY_SIZE(built_in_plugins)};
	*ret = (struct lnr_setup){0};
	int r = path ? lnr_setup_config(ret, &o, &found, &err)
		     : lnr_plugins_new(&po, &ret->plugins, &err);
	if (!r && path)
		r = lnr_setup_plugins(ret, &o, &err);
	return r ? lnr_die("%s", lnr_err_text(&err, text, sizeof(text))) : 0;
}

/* --- sources --- */

static bool is_source(const struct lnr_setup *s, const char *name)
{
	const char *p;
	for (size_t i = 0; (p = lnr_plugins_source(s->plugins, i)); i++) {
		if (strcmp(p, name) == 0)
			return true;
	}
	return strcmp(name, "syscall") == 0;
}

static void name_sources(const struct lnr_setup *s, struct lnr_buf *out)
{
	const char *p;
	lnr_buf_cstr(out, "syscall");
	for (size_t i = 0; (p = lnr_plugins_source(s->plugins, i)); i++)
		lnr_buf_printf(out, ", %s", p);
}

static bool wants(const struct lnr_run_opts *o, const char *source)
{
	return o->enable_source.n ? in_list(&o->enable_source, source)
				  : !in_list(&o->disable_source, source);
}

static bool is_replay(const struct lnr_setup *s, const struct lnr_run_opts *o)
{
	return o->capture_file || strcmp(lnr_config_str(s->config, "engine.kind"), "replay") == 0;
}

const char *lnr_setup_source(const struct lnr_setup *s, const struct lnr_run_opts *o, size_t i)
{
	const char *p;
	if (is_replay(s, o))
		return i ? NULL : "syscall"; /* one reader for all that is in the file */
	if (wants(o, "syscall") && i-- == 0)
		return "syscall";
	for (size_t k = 0; (p = lnr_plugins_source(s->plugins, k)); k++) {
		if (wants(o, p) && i-- == 0)
			return p;
	}
	return NULL;
}

static int check_wanted(
	const struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_err *err)
{
	const struct lnr_opt_list *lists[] = {&o->enable_source, &o->disable_source};
	struct lnr_buf names;
	int r = 0;
	lnr_buf_init(&names, 0);
	name_sources(s, &names);
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; !r && k < lists[i]->n; k++) {
			if (!is_source(s, lists[i]->v[k]))
				r = lnr_fail(err, -ENOENT,
					"there is no event source \"%s\"; there is: %s",
					lists[i]->v[k], names.ptr);
		}
	}
	if (!r && !lnr_setup_source(s, o, 0))
		r = lnr_fail(err, -EINVAL, "no event source is left of: %s", names.ptr);
	lnr_buf_done(&names);
	return r;
}

int lnr_setup_sources(struct lnr_setup *s, const struct lnr_run_opts *o,
	const struct lnr_plugins *running, struct lnr_log *log, struct lnr_err *err)
{
	int r = lnr_plugins_try(s->plugins, running, log, err);
	/* A file has the sources that it has. */
	if (r || is_replay(s, o))
		return r;
	if (o->enable_source.n && o->disable_source.n)
		return lnr_fail(
			err, -EINVAL, "--enable-source and --disable-source exclude each other");
	for (size_t i = 0; i < lnr_plugins_count(s->plugins); i++) {
		const char *name, *version;
		if (lnr_plugins_get(s->plugins, i, &name, &version) &&
			!lnr_plugins_used(s->plugins, i))
			return lnr_fail(err, -EINVAL,
				"plugin '%s' is loaded and of no use: it is for none of the event "
				"sources that there are",
				name);
	}
	return check_wanted(s, o, err);
}
