/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules files, loaded how, and what is said about them (spec engine-config-cli 2.1, 6). */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/util.h"
#include "cli/session.h"
#include "lanner/config.h"
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

struct path_list {
	char **v;
	size_t n;
};

static int path_add(struct path_list *l, const char *path)
{
	char **v = realloc(l->v, (l->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n] = strdup(path);
	return v[l->n] ? (l->n++, 0) : -ENOMEM;
}

static void paths_done(struct path_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

static int only_yaml(const struct dirent *d)
{
	return is_yaml(d->d_name);
}

/* A directory gives its regular *.yaml and *.yml files in order of name. */
static int add_dir(struct path_list *l, const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, only_yaml, alphasort), r = 0;
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];
		struct stat st;
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (!r && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			r = path_add(l, path);
		free(names[i]);
	}
	free(names);
	return r;
}

/* Entries that do not exist are left out; *ret_seen counts those that do. */
static int add_path(struct path_list *l, const char *path, size_t *ret_seen)
{
	struct stat st;
	if (stat(path, &st))
		return 0;
	++*ret_seen;
	if (S_ISDIR(st.st_mode))
		return add_dir(l, path);
	return is_yaml(path) ? path_add(l, path) : 0;
}

static int collect(const struct lnr_config *config, const struct lnr_run_opts *o,
	struct path_list *l, size_t *ret_seen)
{
	char def[PATH_MAX];
	const char *p;
	int r = 0;
	*ret_seen = 0;
	if (o->rules.n) {
		for (size_t i = 0; !r && i < o->rules.n; i++) {
			struct stat st;
			if (stat(o->rules.v[i], &st))
				return lnr_die(
					"cannot read rules %s: %s", o->rules.v[i], strerror(errno));
			++*ret_seen;
			r = S_ISDIR(st.st_mode) ? add_dir(l, o->rules.v[i])
						: path_add(l, o->rules.v[i]);
		}
	} else {
		const char *key = lnr_config_has(config, "rules_files") ? "rules_files"
									: "rules_file";
		for (size_t i = 0; !r && (p = lnr_config_item(config, key, i)); i++)
			r = add_path(l, p, ret_seen);
		if (!lnr_config_has(config, key) && lnr_cli_default_rules(def, sizeof(def)))
			r = add_path(l, def, ret_seen);
	}
	return r ? lnr_die("cannot collect the rules files: %s", strerror(-r)) : 0;
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

static int make_rules(const struct lnr_config *config, const struct lnr_run_opts *o,
	bool all_errors, struct lnr_rules **ret, struct lnr_err *err)
{
	static const char *const levels[] = {"emergency", "alert", "critical", "error", "warning",
		"notice", "informational", "debug"};
	const char *priority = lnr_config_str(config, "priority");
	struct lnr_rules_opts ro = {
		.size = sizeof(ro), .min_priority = -1, .all_errors = all_errors};
	for (int i = 0; i < 8; i++) {
		if (strcasecmp(priority, levels[i]) == 0)
			ro.min_priority = i;
	}
	if (strcasecmp(priority, "info") == 0)
		ro.min_priority = 6;
	if (ro.min_priority < 0)
		return lnr_fail(err, -EINVAL, "priority: unknown priority \"%s\"", priority);
	struct lnr_buf append;
	lnr_buf_init(&append, 0);
	const char *fixed[129] = {0};
	for (size_t i = 0; i < 64; i++) {
		if (!lnr_config_pair(config, "static_fields", i, &fixed[2 * i], &fixed[2 * i + 1]))
			break;
	}
	ro.static_fields = fixed;
	int r = 0;
	if (lnr_config_has(config, "append_output"))
		r = lnr_config_json(config, "append_output", &append);
	if (!r && append.len)
		ro.append_output_json = append.ptr;
	(void)o;
	if (!r)
		r = lnr_rules_new(&ro, ret, err);
	lnr_buf_done(&append);
	return r;
}

/* For people: everything that is wrong with carets; warnings go to the log. */
static void report(const struct lnr_rules *rules, unsigned i, struct lnr_log *log)
{
	struct lnr_buf b;
	if (lnr_rules_file_ok(rules, i) && !lnr_rules_file_warnings(rules, i))
		return;
	lnr_buf_init(&b, 0);
	if (!lnr_rules_file_ok(rules, i)) {
		lnr_rules_report_explain(rules, i, &b);
		fwrite(b.ptr ? b.ptr : "", 1, b.len, stderr);
	} else {
		lnr_rules_report_text(rules, i, true, &b);
		lnr_log(log, LNR_LOG_WARNING, "%.*s", (int)b.len, b.ptr ? b.ptr : "");
	}
	lnr_buf_done(&b);
}

int lnr_session_rules(const struct lnr_config *config, const struct lnr_run_opts *o,
	struct lnr_log *log, struct lnr_rules **ret)
{
	struct lnr_err err = {0};
	struct path_list paths = {0};
	struct lnr_rules *rules = NULL;
	size_t seen;
	int status = collect(config, o, &paths, &seen);
	if (!status && !seen)
		status = lnr_die("no rules files: none of rules_files exists and -r is not given");
	if (!status && make_rules(config, o, true, &rules, &err))
		status = lnr_die("%s", err.msg);
	bool bad = false;
	for (size_t i = 0; !status && i < paths.n; i++) {
		lnr_log(log, LNR_LOG_INFO, "Loading rules from: %s", paths.v[i]);
		int r = lnr_rules_add_file(rules, paths.v[i], &err);
		if (r && lnr_rules_files(rules) == i)
			status = lnr_die("%s", err.msg); /* unreadable, not invalid */
		else
			report(rules, (unsigned)i, log);
		bad |= r != 0;
	}
	if (!status && bad)
		status = lnr_die("rules files are invalid");
	if (!status && lnr_rules_check_plugins(rules, &err))
		status = lnr_die("%s", err.msg);
	paths_done(&paths);
	if (status) {
		lnr_rules_free(rules);
		return status;
	}
	select_rules(config, rules);
	*ret = rules;
	return 0;
}

int lnr_session_validate(
	const struct lnr_config *config, const struct lnr_run_opts *o, struct lnr_log *log)
{
	struct lnr_err err = {0};
	struct lnr_rules *rules;
	bool json = lnr_config_bool(config, "json_output"), bad = false;
	if (make_rules(config, o, false, &rules, &err))
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
