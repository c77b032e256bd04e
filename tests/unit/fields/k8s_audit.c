/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ka.*, json.*: what the reference collection does not have, which is run as a whole by the suite
 * k8s-audit: what is mended, what is ours, and events that nobody sends by accident.
 */
#include "base/json_read.h"
#include "capture/audit.h"
#include "fixture.h"
#include "lanner/plugin.h"

static int setup(void **state)
{
	static const char *const plugins[] = {"k8saudit", "json"};
	int r = fx_setup(state);
	struct fx *f = *state;
	const struct lnr_field_class *cls;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(plugins); i++) {
		assert_ok(lnr_field_builtin_class(&f->arena, plugins[i], &cls), NULL);
		assert_ok(lnr_fieldset_add(f->set, cls), NULL);
	}
	return r;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, fx_teardown)

static void event(struct fx *f, const char *data)
{
	fx_begin(f, LNR_PLUGIN_EVENT, -1);
	lnr_record_u32(&f->b, LNR_AUDIT_PLUGIN_ID);
	lnr_record_bytes(&f->b, data, strlen(data));
	fx_end(f);
}

#define A "{\"auditID\":\"x\","

static void gives_what_the_reference_means(void **state)
{
	struct fx *f = *state;
	event(f,
		A "\"sourceIPs\":[\"10.0.0.1\",\"192.0.2.7\"],\"requestObject\":{\"spec\":{"
		  "\"securityContext\":{\"runAsUser\":7},\"ports\":[{\"port\":1},{\"port\":2}],"
		  "\"containers\":[{\"image\":\"host:5000/a:1\",\"securityContext\":{\"runAsUser\":"
		  "5,\"runAsGroup\":6,\"capabilities\":{\"add\":[\"SYS_ADMIN\",\"CHOWN\"]}}},"
		  "{\"image\":\"host:5000/b@sha256:ab\"},{\"image\":\"c:2\",\"securityContext\":{"
		  "\"capabilities\":{\"add\":[\"KILL\"]}}}]}}}");
	want_rows(f, {"ka.sourceips", "(10.0.0.1,192.0.2.7)"}, {"ka.sourceips[1]", "(192.0.2.7)"},
		{"ka.sourceips[2]", "(absent)"},
		{"ka.req.pod.containers.eff_run_as_user", "(5,7,7)"},
		{"ka.req.pod.containers.eff_run_as_user[1]", "(7)"},
		{"ka.req.pod.containers.eff_run_as_user[3]", "(absent)"},
		{"ka.req.pod.containers.eff_run_as_group", "(6,0,0)"},
		{"ka.req.pod.initContainers.eff_run_as_user", "(absent)"},
		{"ka.req.pod.containers.image.repository", "(host:5000/a,host:5000/b,c)"},
		{"ka.req.container.image.repository", "host:5000/a"},
		{"ka.req.pod.containers.add_capabilities", "(SYS_ADMIN,CHOWN,KILL)"},
		{"ka.req.pod.containers.add_capabilities[2]", "(KILL)"},
		{"ka.req.pod.containers.add_capabilities[1]", "(absent)"},
		{"ka.req.service.ports", "([{\"port\":1},{\"port\":2}])"},
		{"ka.req.service.ports[1]", "({\"port\":2})"},
		{"ka.req.service.ports[2]", "(absent)"});
}

static void decodes_parameters_beside_bad_ones(void **state)
{
	struct fx *f = *state;
	event(f, A "\"requestURI\":\"/exec?a;b=1&%zz=2&command=%2Fbin%2fsh&command=no&empty=&none&"
		   "x%3dy=a+b%2B%&%zz=3#f?command=z\"}");
	want_rows(f, {"ka.uri.param[command]", "/bin/sh"}, {"ka.uri.param[empty]", ""},
		{"ka.uri.param[none]", ""}, {"ka.uri.param[\"x=y\"]", "a b+%"},
		{"ka.uri.param[%zz]", "2"}, {"ka.uri.param[\"a;b\"]", "1"},
		{"ka.uri.param[COMMAND]", "(absent)"}, {"ka.uri.param[f?command]", "(absent)"});
	event(f, A "\"requestURI\":\"/exec\"}");
	absent(f, "ka.uri.param[command]");
	event(f, A "\"requestURI\":\"?&&=x&\"}");
	absent(f, "ka.uri.param[x]");
}

static void knows_more_than_the_reference(void **state)
{
	struct fx *f = *state;
	event(f, A
		"\"level\":\"Metadata\",\"user\":{\"uid\":\"u1\",\"extra\":{\"a/b.c\":[\"1\",\"2\"],"
		"\"one\":\"x\"}},\"impersonatedUser\":{\"groups\":[\"g\",\"h\"]},\"objectRef\":{"
		"\"uid\":\"o1\",\"apiGroup\":\"apps\"},\"responseStatus\":{\"message\":\"no\"},"
		"\"annotations\":{\"x.io/y\":\"z\"}}");
	want_rows(f, {"ka.level", "Metadata"}, {"ka.user.uid", "u1"},
		{"ka.user.extra[a/b.c]", "(1,2)"}, {"ka.user.extra[one]", "(x)"},
		{"ka.user.extra[two]", "(absent)"}, {"ka.impuser.groups", "(g,h)"},
		{"ka.target.uid", "o1"}, {"ka.target.apigroup", "apps"},
		{"ka.response.message", "no"}, {"ka.annotation[x.io/y]", "z"},
		{"ka.annotation[x.io]", "(absent)"});
}

#define POD(image)                                                                                   \
	"{\"hostPID\":true,\"containers\":[{\"name\":\"n\",\"image\":\"" image "\",\"command\":["    \
	"\"a\",\"b c\"],\"ports\":[{\"containerPort\":80},{\"hostPort\":81,\"containerPort\":1}]}]," \
	"\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":\"/etc\"}}]}"

static void looks_into_templates(void **state)
{
	static const char *const events[] = {A "\"requestObject\":{\"spec\":" POD("i") "}}",
		A "\"requestObject\":{\"spec\":{\"template\":{\"spec\":" POD("i") "}}}}",
		A
		"\"requestObject\":{\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":{\"spec\":" POD(
			"i") "}}}}}}"};
	struct fx *f = *state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(events); i++) {
		event(f, events[i]);
		want_rows(f, {"ka.req.podspec.containers.image", "(i)"},
			{"ka.req.podspec.containers.image[0]", "(i)"},
			{"ka.req.podspec.containers.image[1]", "(absent)"},
			{"ka.req.podspec.containers.command", "(a b c)"},
			{"ka.req.podspec.containers.host_port", "(80,81)"},
			{"ka.req.podspec.host_pid", "true"},
			{"ka.req.podspec.containers.eff_run_as_user", "(0)"},
			{"ka.req.podspec.volumes.volume_type", "(hostPath)"},
			{"ka.req.podspec.volumes.hostpath", "(/etc)"},
			{"ka.req.podspec.initContainers.name", "(absent)"});
		want(f, "ka.req.pod.containers.image", i ? "(absent)" : "(i)");
		want(f, "ka.req.pod.host_pid", i ? "(absent)" : "true");
	}
	event(f, A "\"verb\":\"get\"}");
	absent(f, "ka.req.podspec.containers.image");
	absent(f, "ka.req.podspec.host_pid");
}

/* Arrays where objects are expected, and the other way round. */
static void bears_wrong_shapes(void **state)
{
	struct fx *f = *state;
	event(f, A "\"requestObject\":[{\"spec\":{\"volumes\":[{\"name\":1,\"secret\":{}}]}},{}]}");
	want(f, "ka.req.pod.volumes.volume_type", "(secret)");
	want(f, "ka.req.pod.volumes.volume_type[0]", "(secret)");
	absent(f, "ka.req.pod.volumes.volume_type[1]");
	absent(f, "ka.req.pod.containers.image");
	event(f, A "\"requestObject\":{\"spec\":[3,[{\"containers\":[{\"image\":\"x\"}]}],null]}}");
	absent(f, "ka.req.pod.containers.image");
	absent(f, "ka.req.pod.containers.privileged");
	absent(f, "ka.req.container.privileged");
	event(f,
		A "\"requestObject\":{\"spec\":{\"containers\":{\"image\":\"x:1\",\"ports\":7}}}}");
	want(f, "ka.req.pod.containers.image[5]", "(x:1)");
	absent(f, "ka.req.pod.containers.host_port");
	absent(f, "ka.req.container.image");
	event(f, "{\"auditID\":null,\"verb\":null}");
	want(f, "ka.verb", "null");
	event(f, "{\"verb\":\"get\"}");
	absent(f, "ka.verb");
	absent(f, "ka.req.binding.subject.has_name[x]");
	want(f, "json.value[/verb]", "get");
}

static void gives_json_of_any_plugin(void **state)
{
	struct fx *f = *state;
	event(f, "[{\"a\" : [1, {\"b\":\"\\u00e9\\n\"}]}]");
	want_rows(f, {"json.value[/0/a/1/b]", "\xc3\xa9\n"},
		{"jevt.value[0/a]", "[1,{\"b\":\"\\u00e9\\n\"}]"},
		{"json.obj",
			"[\n  {\n    \"a\": [\n      1,\n      {\n        \"b\": \"\\u00e9\\n\"\n"
			"      }\n    ]\n  }\n]"},
		{"json.rawtime", "1700000000123456789"}, {"json.value[/1]", "(absent)"});
	want_json(f, "json.value[/0/a/1/b]", "\"\xc3\xa9\\n\"");
	want_json(f, "jevt.rawtime", "\"1700000000123456789\"");
	static const char *const none[] = {"", "x", " {}", "\"a\"", "{", "{}}", "7"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(none); i++) {
		event(f, none[i]);
		absent(f, "json.value[/a]");
		absent(f, "json.obj");
		absent(f, "jevt.rawtime");
	}
	/* System calls have no such data. */
	fx_begin(f, LNR_EV_SYSCALL_CHDIR_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "{\"a\":1}");
	fx_end(f);
	absent(f, "json.value[/a]");
	absent(f, "ka.verb");
}

/* A part of a larger document that was read already, as the audit source hands it over. */
static void takes_what_was_read(void **state)
{
	static const char batch[] = "[1," A "\"verb\":\"get\"}," A "\"verb\":\"list\"}]";
	struct fx *f = *state;
	struct lnr_json_node nodes[32];
	struct lnr_json_doc d;
	assert_ok(lnr_json_parse(lnr_str_c(batch), nodes, 32, &d, NULL), NULL);
	event(f, "{}");
	d.root = lnr_json_element(&d, 0, 2);
	f->ev.json = &d;
	want(f, "ka.verb", "list");
	want(f, "json.value[/verb]", "list");
	want(f, "json.obj", "{\n  \"auditID\": \"x\",\n  \"verb\": \"list\"\n}");
}

static void refuses_bad_arguments(void **state)
{
	static const char *const bad[] = {"json.value", "json.value[]", "json.value[a]]",
		"json.obj[x]", "ka.verb[x]", "ka.uri.param", "ka.user.groups[0]",
		"ka.req.pod.containers.image[x]", "ka.req.pod.containers.image[-1]",
		"ka.req.binding.subjects[0]", "ka.user.extra"};
	struct fx *f = *state;
	struct lnr_field_ref ref;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++)
		assert_code(lnr_field_resolve(f->set, lnr_str_c(bad[i]), &f->arena, &ref, NULL),
			-EINVAL);
	/* Only who loads the plugins has the fields. */
	struct lnr_fieldset *set = lnr_fieldset_new("k8s_audit");
	assert_code(lnr_field_resolve(set, LNR_STR("ka.verb"), &f->arena, &ref, NULL), -ENOENT);
	lnr_fieldset_unref(set);
}

/* Scratch memory that is too small loses values, each counted, and nothing else. */
static void counts_values_without_memory(void **state)
{
	struct fx *f = *state;
	struct lnr_arena small;
	event(f, A "\"user\":{\"groups\":[\"\\n\",\"\\n\"]},\"requestURI\":\"/\\u0041?a=b\"}");
	lnr_arena_init(&small, 1);
	f->ev.scratch = &small;
	absent(f, "ka.user.groups");
	absent(f, "json.value[/requestURI]");
	assert_true(f->ctx.n_nomem > 0);
	lnr_arena_done(&small);
	f->ev.scratch = &f->scratch;
	f->ev.json = NULL;
	want(f, "ka.user.groups", "(\n,\n)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_what_the_reference_means),
		TEST(decodes_parameters_beside_bad_ones),
		TEST(knows_more_than_the_reference),
		TEST(looks_into_templates),
		TEST(bears_wrong_shapes),
		TEST(gives_json_of_any_plugin),
		TEST(takes_what_was_read),
		TEST(refuses_bad_arguments),
		TEST(counts_values_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
