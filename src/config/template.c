/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file to begin with: every key of the table with its default, as a comment, and
 * one line that says what it is. What an installed Lanner needs is switched on.
 */
#include "config/config_priv.h"

/* Keys that the installed file sets; everything else stays a comment. */
static const struct {
	const char *key, *value;
} installed[] = {
	{"rules_files", "[/usr/share/lanner/lanner_rules.yaml, /etc/lanner/rules.d]"},
	{"stdout_output.enabled", "true"},
	{"log_stderr", "true"},
	{"log_syslog", "false"},
	/* The service has a /tmp of its own. */
	{"capture.path_prefix", "/var/log/lanner/capture"},
};

static const char *installed_value(const char *path)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(installed); i++) {
		if (strcmp(installed[i].key, path) == 0)
			return installed[i].value;
	}
	return NULL;
}

/* Does anything below this map stand in the installed file? */
static bool any_installed(const char *map)
{
	size_t n = strlen(map);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(installed); i++) {
		if (strncmp(installed[i].key, map, n) == 0 && installed[i].key[n] == '.')
			return true;
	}
	return false;
}

/* Has the map keys of its own? Else they are the user's. */
static bool has_keys(const struct lnr_option *map)
{
	size_t n = strlen(map->path);
	for (const struct lnr_option *o = map + 1; o->path; o++) {
		if (strncmp(o->path, map->path, n) == 0 && o->path[n] == '.' &&
			o->path[n + 1] != '*')
			return true;
	}
	return false;
}

static void put_value(struct lnr_buf *out, const struct lnr_option *o)
{
	bool text = o->type == LNR_OPTION_STR &&
		    (!*o->def || strpbrk(o->def, ":#{}[],&*?|<>=!%@`\"' "));
	if (o->type == LNR_OPTION_LIST)
		lnr_buf_cstr(out, "[]");
	else if (text)
		lnr_buf_printf(out, "\"%s\"", o->def);
	else
		lnr_buf_cstr(out, o->def);
}

int lnr_config_template(struct lnr_buf *out)
{
	lnr_buf_cstr(out,
		"# Lanner's configuration; the keys are those of Falco. Lines that begin with #\n"
		"# show defaults. `lanner config -c FILE` prints what is in effect and why.\n");
	for (const struct lnr_option *o = lnr_options; o->path; o++) {
		unsigned depth = 0;
		const char *name = o->path;
		if (strpbrk(o->path, "[*") || o->flags & LNR_OPTION_DEPRECATED)
			continue;
		if (strncmp(o->path, "container_engines", 17) == 0)
			continue;
		for (const char *p = o->path; *p; p++) {
			if (*p == '.') {
				depth++;
				name = p + 1;
			}
		}
		const char *set = installed_value(o->path);
		bool live = set || (o->type == LNR_OPTION_MAP && any_installed(o->path));
		if (depth == 0)
			lnr_buf_chr(out, '\n');
		if (*o->help)
			lnr_buf_printf(out, "%*s# %s\n", (int)(2 * depth), "", o->help);
		lnr_buf_printf(out, "%s%*s%s:", live ? "" : "#", (int)(2 * depth), "", name);
		if (o->type == LNR_OPTION_MAP && !has_keys(o)) {
			lnr_buf_cstr(out, " {}");
		} else if (o->type != LNR_OPTION_MAP) {
			lnr_buf_chr(out, ' ');
			if (set)
				lnr_buf_cstr(out, set);
			else
				put_value(out, o);
		}
		lnr_buf_chr(out, '\n');
	}
	return out->failed ? -ENOMEM : 0;
}
