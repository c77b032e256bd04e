/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of examples/k8s-audit that API servers read. A real one reads them in tests/k8s/run;
 * here is what can be said of them without.
 */
#include <stdlib.h>
#include "base/util.h"
#include "config/yaml.h"
#include "lib/test.h"
#include "schema/limits.h"

#define FOLDER "examples/k8s-audit/"

/* The only document of a file. */
static const struct lnr_yaml *load(struct lnr_arena *a, const char *path)
{
	const struct lnr_yaml **docs;
	struct lnr_err err = {0};
	size_t n, len;
	char *text;
	assert_ok(lnr_read_file(path, LNR_YAML_BYTES, &text, &len, &err), &err);
	assert_ok(lnr_yaml_parse(a, path, (struct lnr_str){text, len}, &docs, &n, &err), &err);
	assert_int_equal(n, 1);
	free(text);
	return docs[0];
}

static struct lnr_str text(const struct lnr_yaml *map, const char *key)
{
	const struct lnr_yaml *v = lnr_yaml_get(map, key);
	return v && v->kind == LNR_YAML_SCALAR ? v->text : LNR_STR("");
}

/* Whether a list of texts holds this one. */
static bool holds(const struct lnr_yaml *list, const char *want)
{
	for (uint32_t i = 0; list && list->kind == LNR_YAML_SEQ && i < list->n; i++) {
		if (lnr_str_eq(list->kids[i]->text, lnr_str_c(want)))
			return true;
	}
	return false;
}

/* Level that the first rule of the policy gives a resource; users of rules are passed over. */
static struct lnr_str level_of(
	const struct lnr_yaml *policy, const char *group, const char *resource, const char *verb)
{
	const struct lnr_yaml *rules = lnr_yaml_get(policy, "rules");
	for (uint32_t i = 0; i < rules->n; i++) {
		const struct lnr_yaml *r = rules->kids[i], *verbs = lnr_yaml_get(r, "verbs"),
				      *res = lnr_yaml_get(r, "resources");
		if (lnr_yaml_get(r, "users") || lnr_yaml_get(r, "userGroups") ||
			lnr_yaml_get(r, "nonResourceURLs") || (verbs && !holds(verbs, verb)))
			continue;
		if (!res)
			return text(r, "level");
		for (uint32_t k = 0; k < res->n; k++) {
			const struct lnr_yaml *of = lnr_yaml_get(res->kids[k], "resources");
			if (lnr_str_eq(text(res->kids[k], "group"), lnr_str_c(group)) &&
				(!of || holds(of, resource)))
				return text(r, "level");
		}
	}
	return LNR_STR("None");
}

static void policy_records_what_rules_need(void **state)
{
	(void)state;
	static const struct {
		const char *group, *resource, *verb, *level;
	} cases[] = {
		{"", "pods", "create", "RequestResponse"},
		{"", "pods/ephemeralcontainers", "patch", "RequestResponse"},
		{"apps", "deployments", "create", "RequestResponse"},
		{"batch", "cronjobs", "update", "RequestResponse"},
		{"rbac.authorization.k8s.io", "clusterrolebindings", "create", "RequestResponse"},
		{"", "configmaps", "update", "Request"},
		{"", "services", "create", "Request"},
		{"networking.k8s.io", "ingresses", "create", "Request"},
		{"", "pods/exec", "create", "Metadata"},
		{"", "pods/exec", "get", "Metadata"},
		/* Whatever is done with them: their content is in no log. */
		{"", "secrets", "create", "Metadata"},
		{"", "secrets", "get", "Metadata"},
		{"", "serviceaccounts/token", "create", "Metadata"},
		{"", "pods", "list", "Metadata"},
		{"", "persistentvolumes", "create", "Request"},
		{"apiregistration.k8s.io", "apiservices", "create", "Request"},
		{"certificates.k8s.io", "certificatesigningrequests", "create", "Request"},
		{"", "events", "create", "None"},
		{"", "events", "delete", "Metadata"},
		{"example.org", "things", "create", "Metadata"},
	};
	struct lnr_arena a = {0};
	const struct lnr_yaml *p = load(&a, FOLDER "policy.yaml");
	assert_str(text(p, "apiVersion"), "audit.k8s.io/v1");
	assert_str(text(p, "kind"), "Policy");
	const struct lnr_yaml *omit = lnr_yaml_get(p, "omitStages");
	assert_true(holds(omit, "RequestReceived") && omit->n == 1);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_str got = level_of(p, cases[i].group, cases[i].resource, cases[i].verb);
		if (!lnr_str_eq(got, lnr_str_c(cases[i].level)))
			fail_msg("%s %s: %.*s, not %s", cases[i].verb, cases[i].resource,
				LNR_STR_ARG(got), cases[i].level);
	}
	lnr_arena_done(&a);
}

/* The member of a list of {name: …, KEY: …} with this name. */
static const struct lnr_yaml *named(
	const struct lnr_yaml *map, const char *list, struct lnr_str name, const char *key)
{
	const struct lnr_yaml *l = lnr_yaml_get(map, list);
	for (uint32_t i = 0; l && i < l->n; i++) {
		if (lnr_str_eq(text(l->kids[i], "name"), name))
			return lnr_yaml_get(l->kids[i], key);
	}
	return NULL;
}

static void webhook_points_where_lanner_listens(void **state)
{
	(void)state;
	struct lnr_arena a = {0};
	const struct lnr_yaml *w = load(&a, FOLDER "webhook.yaml");
	const struct lnr_yaml *lanner = load(&a, FOLDER "lanner.yaml");
	const struct lnr_yaml *context = named(
		w, "contexts", text(w, "current-context"), "context");
	assert_non_null(context);
	assert_non_null(named(w, "users", text(context, "user"), "user"));
	const struct lnr_yaml *cluster = named(w, "clusters", text(context, "cluster"), "cluster");
	assert_non_null(cluster);
	assert_bytes(text(cluster, "server"), text(lnr_yaml_get(lanner, "k8s_audit"), "listen"));
	lnr_arena_done(&a);
}

static void others_are_yaml(void **state)
{
	(void)state;
	struct lnr_arena a = {0};
	const struct lnr_yaml *k = load(&a, FOLDER "kubeadm.yaml");
	const struct lnr_yaml *api = lnr_yaml_get(k, "apiServer");
	assert_int_equal(lnr_yaml_get(api, "extraArgs")->n, 3);
	assert_int_equal(lnr_yaml_get(load(&a, FOLDER "k3s.yaml"), "kube-apiserver-arg")->n, 3);
	lnr_arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_records_what_rules_need),
		cmocka_unit_test(webhook_points_where_lanner_listens),
		cmocka_unit_test(others_are_yaml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
