/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules files, loaded how, and what is said about them (spec engine-config-cli 2.1, 6). */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/json.h"
#include "base/util.h"
#include "cli/session_priv.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"

static bool is_yaml(const char *name)
{
	struct lnr_str s = lnr_str_c(name);
	return lnr_str_ends(s, LNR_STR(".yaml")) || lnr_str_ends(s, LNR_STR(".yml"));
}

const char *lnr_cli_default_rules(char *buf, size_t size)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		self[n] = 0;
		char *slash = strrchr(self, '/');
		*slash = 0;
		snprintf(buf, size, "%s/share/lanner_rules.yaml", self);
		if (access(buf, R_OK) == 0)
			return buf;
		snprintf(buf, size, "%s/../share/lanner/lanner_rules.yaml", self);
		if (access(buf, R_OK) == 0)
			return buf;
	}
	snprintf(buf, size, "/etc/lanner/lanner_rules.yaml");
	return access(buf, R_OK) == 0 ? buf : NULL;
}

int lnr_paths_add(struct lnr_paths *l, const char *path)
{
	char **v = realloc(l->v, (l->n + 2) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n] = strdup(path);
	if (!v[l->n])
		return -ENOMEM;
	v[++l->n] = NULL;
	return 0;
}

void lnr_paths_done(struct lnr_paths *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct lnr_paths){0};
}

static int only_yaml(const struct dirent *d)
{
	return is_yaml(d->d_name);
}

/* A directory gives its regular *.yaml and *.yml files in order of name. */
static int add_dir(struct lnr_setup *s, const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, only_yaml, alphasort), r = lnr_paths_add(&s->dirs, dir);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];
		struct stat st;
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (!r && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			r = lnr_paths_add(&s->files, path);
		free(names[i]);
	}
	free(names);
	return r;
}

/* Entries that do not exist are left out; *ret_seen counts those that do. */
static int add_path(struct lnr_setup *s, struct lnr_log *log, const char *path, size_t *ret_seen)
{
	struct stat st;
	if (stat(path, &st))
		return 0;
	++*ret_seen;
	if (S_ISDIR(st.st_mode))
		return add_dir(s, path);
	if (is_yaml(path))
		return lnr_paths_add(&s->files, path);
	lnr_log(log, LNR_LOG_WARNING, "%s is left out: rules files end in .yaml or .yml", path);
	return 0;
}

static int collect(struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_log *log,
	size_t *ret_seen, struct lnr_err *err)
{
	char def[PATH_MAX];
	const char *p;
	int r = 0;
	*ret_seen = 0;
	for (size_t i = 0; !r && i < o->rules.n; i++) {
		if (access(o->rules.v[i], F_OK))
			return lnr_fail(err, -errno, "cannot read rules %s: %s", o->rules.v[i],
				strerror(errno));
		r = add_path(s, log, o->rules.v[i], ret_seen);
	}
	if (!o->rules.n) {
		const char *key = lnr_config_has(s->config, "rules_files") ? "rules_files"
									   : "rules_file";
		for (size_t i = 0; !r && (p = lnr_config_item(s->config, key, i)); i++)
			r = add_path(s, log, p, ret_seen);
		/* The starter rules are for who has no configuration, or names none. */
		if (!lnr_config_has(s->config, key) && !lnr_config_file(s->config, 0) &&
			lnr_cli_default_rules(def, sizeof(def)))
			r = add_path(s, log, def, ret_seen);
	}
	return r ? lnr_fail(err, r, "cannot collect the rules files: %s", strerror(-r)) : 0;
}

static void select_rules(const struct lnr_config *config, struct lnr_rules *rules)
{
	static const char *const words[] = {"enable", "disable"};
	size_t n = lnr_config_count(config, "rules");
	for (size_t i = 0; i < n; i++) {
		for (int w = 0; w < 2; w++) {
			char key[64], sub[80];
			snprintf(key, sizeof(key), "rules[%zu].%s", i, words[w]);
			if (!lnr_config_has(config, key))
				continue;
			snprintf(sub, sizeof(sub), "%s.rule", key);
			if (lnr_config_has(config, sub))
				lnr_rules_select(rules, w == 0, lnr_config_str(config, sub), NULL);
			snprintf(sub, sizeof(sub), "%s.tag", key);
			if (lnr_config_has(config, sub))
				lnr_rules_select(rules, w == 0, NULL, lnr_config_str(config, sub));
			break; /* enable counts when both are there */
		}
	}
}

/* Alerts in another schema tell the whole event, not only what the rule's output names. */
static void put_shape_fields(const struct lnr_config *c, struct lnr_buf *out)
{
	const char *word = lnr_config_str(c, "json_format"), *field;
	enum lnr_alert_shape shape = strcmp(word, "ecs") == 0	 ? LNR_ALERT_ECS
				     : strcmp(word, "ocsf") == 0 ? LNR_ALERT_OCSF
								 : LNR_ALERT_FALCO;
	if (shape == LNR_ALERT_FALCO || !lnr_config_bool(c, "json_output"))
		return;
	lnr_buf_cstr(out, "[{\"match\":{\"source\":\"syscall\"},\"extra_fields\":[");
	for (size_t i = 0; (field = lnr_alert_shape_field(shape, i)); i++)
		lnr_buf_printf(out, "%s\"%s\"", i ? "," : "", field);
	lnr_buf_cstr(out, "]}]");
}

/*
 * append_output of the configuration as JSON, behind what the shape of alerts needs, with what -p
 * appends to every output behind it.
 */
static void put_append(const struct lnr_config *c, const char *print, struct lnr_buf *out)
{
	put_shape_fields(c, out);
	if (lnr_config_count(c, "append_output")) {
		size_t joint = out->len;
		lnr_config_json(c, "append_output", out);
		/* Two lists become one: "…]" and "[…" meet as "…,…". */
		if (joint && out->len > joint && !out->failed) {
			out->ptr[joint - 1] = ',';
			memmove(out->ptr + joint, out->ptr + joint + 1, out->len - joint);
			out->len--;
		}
	}
	/* Words that once stood for container fields mean nothing any more. */
	static const char *const old[] = {"c", "container", "k", "kubernetes"};
	for (size_t i = 0; print && i < LNR_ARRAY_SIZE(old); i++) {
		if (strcmp(print, old[i]) == 0)
			return;
	}
	if (!print)
		return;
	if (out->len && out->ptr[out->len - 1] == ']')
		lnr_buf_cut(out, out->len - 1);
	lnr_buf_cstr(out, out->len > 1 ? ",{\"extra_output\":\"" : "[{\"extra_output\":\"");
	lnr_json_escape(out, lnr_str_c(print));
	lnr_buf_cstr(out, "\"}]");
}

static int min_priority(const struct lnr_config *c)
{
	static const char *const levels[] = {"emergency", "alert", "critical", "error", "warning",
		"notice", "informational", "debug"};
	const char *priority = lnr_config_str(c, "priority");
	for (int i = 0; i < 8; i++) {
		if (strcasecmp(priority, levels[i]) == 0)
			return i;
	}
	return strcasecmp(priority, "info") == 0 ? 6 : -1;
}

static int make_rules(const struct lnr_setup *s, const struct lnr_run_opts *o, bool all_errors,
	struct lnr_rules **ret, struct lnr_err *err)
{
	const struct lnr_config *config = s->config;
	struct lnr_rules_opts ro = {.size = sizeof(ro),
		.min_priority = min_priority(config),
		.all_errors = all_errors,
		.no_container_plugin = !lnr_session_has_container(config),
		.plugins = s->plugins};
	struct lnr_buf append;
	size_t n = 0;
	const char *key, *value;
	if (ro.min_priority < 0)
		return lnr_fail(err, -EINVAL, "priority: unknown priority \"%s\"",
			lnr_config_str(config, "priority"));
	while (lnr_config_pair(config, "static_fields", n, &key, &value))
		n++;
	const char **fixed = calloc(2 * n + 1, sizeof(*fixed));
	if (!fixed)
		return lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		lnr_config_pair(config, "static_fields", i, &fixed[2 * i], &fixed[2 * i + 1]);
	ro.static_fields = fixed;
	lnr_buf_init(&append, 0);
	put_append(config, o->print, &append);
	ro.append_output_json = append.len ? append.ptr : NULL;
	int r = append.failed ? lnr_fail(err, -ENOMEM, "out of memory")
			      : lnr_rules_new(&ro, ret, err);
	lnr_buf_done(&append);
	free(fixed);
	return r;
}

/* For people: everything that is wrong with carets; warnings go to the log. */
static void report(
	const struct lnr_rules *rules, unsigned i, struct lnr_log *log, struct lnr_buf *why)
{
	struct lnr_buf b;
	if (!lnr_rules_file_ok(rules, i)) {
		lnr_rules_report_explain(rules, i, why);
		return;
	}
	if (!lnr_rules_file_warnings(rules, i))
		return;
	lnr_buf_init(&b, 0);
	lnr_rules_report_text(rules, i, true, &b);
	lnr_log(log, LNR_LOG_WARNING, "%.*s", (int)b.len, b.ptr ? b.ptr : "");
	lnr_buf_done(&b);
}

static int add_files(
	struct lnr_setup *s, struct lnr_log *log, struct lnr_buf *why, struct lnr_err *err)
{
	struct lnr_buf summary;
	bool bad = false;
	int r = 0;
	lnr_buf_init(&summary, 0);
	for (size_t i = 0; i < s->files.n; i++) {
		lnr_log(log, LNR_LOG_INFO, "Loading rules from: %s", s->files.v[i]);
		r = lnr_rules_add_file(s->rules, s->files.v[i], err);
		if (r && lnr_rules_files(s->rules) == i)
			break; /* unreadable, not invalid */
		report(s->rules, (unsigned)i, log, why);
		if (r) {
			lnr_rules_report_text(s->rules, (unsigned)i, false, &summary);
			lnr_buf_chr(&summary, '\n');
		}
		bad |= r != 0;
		r = 0;
	}
	if (!r && bad) {
		struct lnr_str text = lnr_str_trim(lnr_buf_view(&summary));
		lnr_err_clear(err);
		r = lnr_fail(err, -EINVAL, "invalid rules: %.*s", LNR_STR_ARG(text));
	}
	lnr_buf_done(&summary);
	return r;
}

int lnr_setup_rules(struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_log *log,
	struct lnr_buf *why, struct lnr_err *err)
{
	size_t seen;
	int r = collect(s, o, log, &seen, err);
	if (!r && !seen)
		r = lnr_fail(err, -ENOENT,
			"no rules files: none of rules_files exists and -r is not given");
	if (!r)
		r = make_rules(s, o, true, &s->rules, err);
	if (!r)
		r = add_files(s, log, why, err);
	if (!r)
		r = lnr_rules_check_plugins(s->rules, err);
	if (!r)
		select_rules(s->config, s->rules);
	return r;
}

/* What a newcomer without any configuration wants to see; options that are given win. */
static const char *const defaults[] = {
	"stdout_output.enabled=true", "log_stderr=true", "log_syslog=false"};

int lnr_setup_config(struct lnr_setup *s, const struct lnr_run_opts *o, const char **ret_path,
	struct lnr_err *err)
{
	const char *path = o->config;
	size_t n = 0;
	if (!path && access("/etc/falco/falco.yaml", R_OK) == 0)
		path = "/etc/falco/falco.yaml";
	if (!path && access("/etc/lanner/lanner.yaml", R_OK) == 0)
		path = "/etc/lanner/lanner.yaml";
	const char **all = calloc(LNR_ARRAY_SIZE(defaults) + o->overrides.n + 1, sizeof(*all));
	if (!all)
		return lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !path && i < LNR_ARRAY_SIZE(defaults); i++)
		all[n++] = defaults[i];
	for (size_t i = 0; i < o->overrides.n; i++)
		all[n++] = o->overrides.v[i];
	int r = lnr_config_new(&s->config, err);
	if (!r)
		r = lnr_config_load(s->config, path, all, err);
	free(all);
	*ret_path = path;
	return r;
}

void lnr_setup_done(struct lnr_setup *s)
{
	lnr_rules_free(s->rules);
	lnr_plugins_unref(s->plugins); /* the rules named their fields */
	lnr_config_free(s->config);
	lnr_paths_done(&s->files);
	lnr_paths_done(&s->dirs);
	*s = (struct lnr_setup){0};
}

int lnr_setup_validate(const struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_log *log)
{
	struct lnr_err err = {0};
	struct lnr_rules *rules;
	bool json = lnr_config_bool(s->config, "json_output"), bad = false;
	if (make_rules(s, o, false, &rules, &err))
		return lnr_die("%s", err.msg);
	struct lnr_buf out, summary;
	lnr_buf_init(&out, 0);
	lnr_buf_init(&summary, 0);
	if (json)
		lnr_buf_cstr(&out, "{\"falco_load_results\":[");
	int status = 0;
	for (size_t i = 0; !status && i < o->validate.n; i++) {
		const char *path = o->validate.v[i];
		int r = lnr_rules_add_file(rules, path, &err);
		unsigned at = lnr_rules_files(rules) - 1;
		if (r && lnr_rules_files(rules) == i) {
			status = lnr_die("%s", err.msg);
			break;
		}
		if (lnr_rules_check_plugins(rules, &err)) {
			status = lnr_die("%s", err.msg);
			break;
		}
		bool ok = lnr_rules_file_ok(rules, at), warned = lnr_rules_file_warnings(rules, at);
		bad |= !ok;
		if (json) {
			lnr_buf_cstr(&out, i ? "," : "");
			lnr_rules_report_json(rules, at, &out);
		} else if (ok && warned) {
			struct lnr_buf text;
			lnr_buf_init(&text, 0);
			lnr_rules_report_text(rules, at, true, &text);
			lnr_log(log, LNR_LOG_WARNING, "%.*s", (int)text.len, text.ptr);
			lnr_buf_done(&text);
			lnr_buf_printf(&out, "%s: Ok, with warnings\n", path);
		} else {
			lnr_rules_report_text(rules, at, true, &out);
			lnr_buf_chr(&out, '\n');
		}
		if (!ok) {
			lnr_rules_report_text(rules, at, false, &summary);
			lnr_buf_chr(&summary, '\n');
		}
	}
	if (!status && json)
		lnr_buf_chr(&out, ']');
	if (!status && !bad && (o->describe_all || o->describe_one)) {
		lnr_buf_cstr(&out, json ? ",\"falco_describe_results\":" : "\n");
		if (lnr_rules_describe(rules, o->describe_one, json, &out))
			status = lnr_die("there is no rule \"%s\"", o->describe_one);
	}
	if (!status && json)
		lnr_buf_cstr(&out, "}\n");
	if (!status)
		status = lnr_print(&out);
	if (!status && bad)
		status = lnr_die("%.*s", (int)summary.len, summary.ptr ? summary.ptr : "");
	lnr_buf_done(&out);
	lnr_buf_done(&summary);
	lnr_rules_free(rules);
	return status;
}
