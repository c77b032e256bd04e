/* SPDX-License-Identifier: Apache-2.0 */
/* Which event sources there are, which are wanted, and the plugins that would bring more. */
#include <errno.h>
#include "cli/session_priv.h"
#include "lanner/config.h"

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

static const char *plugin_name(const struct lnr_config *c, size_t i)
{
	char key[48];
	snprintf(key, sizeof(key), "plugins[%zu].name", i);
	return lnr_config_str(c, key);
}

static bool is_configured(const struct lnr_config *c, const char *name)
{
	for (size_t i = 0; i < lnr_config_count(c, "plugins"); i++) {
		if (strcmp(plugin_name(c, i), name) == 0)
			return true;
	}
	return false;
}

/* load_plugins, when it is there at all, names those that count. */
static bool is_loaded(const struct lnr_config *c, const char *name)
{
	const char *p;
	if (!lnr_config_has(c, "load_plugins"))
		return is_configured(c, name);
	for (size_t i = 0; (p = lnr_config_item(c, "load_plugins", i)); i++) {
		if (strcmp(p, name) == 0)
			return true;
	}
	return false;
}

bool lnr_session_has_plugin(const struct lnr_config *config, const char *name)
{
	return is_loaded(config, name);
}

static int check_plugins(const struct lnr_config *c, struct lnr_err *err)
{
	const char *p;
	for (size_t i = 0; (p = lnr_config_item(c, "load_plugins", i)); i++) {
		if (!is_configured(c, p) && strcmp(p, built_in) != 0)
			return lnr_fail(err, -ENOENT,
				"load_plugins: there is no plugin \"%s\" in plugins", p);
	}
	for (size_t i = 0; i < lnr_config_count(c, "plugins"); i++) {
		char key[64];
		p = plugin_name(c, i);
		if (!is_loaded(c, p) || strcmp(p, built_in) == 0)
			continue;
		snprintf(key, sizeof(key), "plugins[%zu].library_path", i);
		return lnr_fail(err, -ENOTSUP,
			"plugins: \"%s\" (%s) cannot be loaded: this version has no plugins; leave "
			"it out of load_plugins",
			p, lnr_config_str(c, key));
	}
	return 0;
}

int lnr_session_check_sources(
	const struct lnr_config *config, const struct lnr_run_opts *o, struct lnr_err *err)
{
	static const char source[] = "syscall";
	const struct lnr_opt_list *lists[] = {&o->enable_source, &o->disable_source};
	int r = check_plugins(config, err);
	/* A file has the sources that it has. */
	if (r || o->capture_file || strcmp(lnr_config_str(config, "engine.kind"), "replay") == 0)
		return r;
	if (o->enable_source.n && o->disable_source.n)
		return lnr_fail(
			err, -EINVAL, "--enable-source and --disable-source exclude each other");
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < lists[i]->n; k++) {
			if (strcmp(lists[i]->v[k], source) != 0)
				return lnr_fail(err, -ENOENT,
					"there is no event source \"%s\"; there is: %s",
					lists[i]->v[k], source);
		}
	}
	if (in_list(&o->disable_source, source))
		return lnr_fail(err, -EINVAL, "no event source is left: %s is disabled", source);
	return 0;
}
