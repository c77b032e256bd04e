/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/test.h"
#include "plugin/host.h"

static int parse(struct lnr_arena *a, const char *json, const struct lnr_plugin_field **ret,
	size_t *n, struct lnr_err *err)
{
	lnr_arena_init(a, 0);
	return lnr_plugin_parse_fields(json, a, ret, n, err);
}

static void bad(const char *json, const char *why)
{
	const struct lnr_plugin_field *f = NULL;
	struct lnr_err err = {0};
	struct lnr_arena a;
	size_t n = 0;

	assert_code(parse(&a, json, &f, &n, &err), -EINVAL);
	assert_has(err.msg, why);
	assert_null(f);
	lnr_arena_done(&a);
}

#define FIELD(rest) "[{\"name\":\"a.b\",\"type\":\"string\",\"desc\":\"d\"," rest "}]"

static void accepted(void **state)
{
	const struct lnr_plugin_field *f;
	struct lnr_err err = {0};
	struct lnr_arena a;
	size_t n;

	(void)state;
	assert_ok(parse(&a,
			  "[{\"name\":\"a\",\"type\":\"ipnet\",\"desc\":\"d\",\"arg\":null,"
			  "\"properties\":null,\"addOutput\":true,\"isList\":true,\"new\":[]},"
			  "{\"name\":\"b.c\",\"type\":\"uint64\",\"desc\":\"d\",\"display\":\"D\","
			  "\"properties\":[\"hidden\",\"other\"],\"arg\":{\"isIndex\":true}}]",
			  &f, &n, &err),
		&err);
	assert_int_equal(n, 2);
	assert_string_equal(f[0].name, "a");
	assert_int_equal(f[0].type, LNR_PLUGIN_FT_IPNET);
	assert_true(f[0].suggested && f[0].list && !f[0].hidden && !f[0].arg_key);
	assert_string_equal(f[1].display, "D");
	assert_true(f[1].hidden && f[1].arg_index && !f[1].arg_required && !f[1].list);
	lnr_arena_done(&a);
}

static void refused(void **state)
{
	(void)state;
	bad("", "fields");
	bad("{}", "array");
	bad("[]", "expected 1");
	bad("[1]", "object");
	bad("[{\"type\":\"string\",\"desc\":\"d\"}]", "name");
	bad("[{\"name\":\"a b\",\"type\":\"string\",\"desc\":\"d\"}]", "cannot be");
	bad("[{\"name\":\"a\",\"desc\":\"d\"}]", "type");
	bad("[{\"name\":\"a\",\"type\":\"word\",\"desc\":\"d\"}]", "word");
	bad("[{\"name\":\"a\",\"type\":\"string\",\"desc\":\"\"}]", "desc");
	bad(FIELD("\"isList\":1"), "isList");
	bad(FIELD("\"arg\":[]"), "arg");
	bad(FIELD("\"arg\":{\"isRequired\":true}"), "neither index nor key");
	bad(FIELD("\"arg\":{\"isKey\":\"yes\"}"), "isKey");
	bad(FIELD("\"properties\":[1]"), "properties");
}

static void names(void **state)
{
	struct lnr_plugin_names names;
	struct lnr_arena a;

	(void)state;
	lnr_arena_init(&a, 0);
	assert_ok(lnr_plugin_parse_names(NULL, &a, &names, NULL), NULL);
	assert_int_equal(names.n, 0);
	assert_ok(lnr_plugin_parse_names("", &a, &names, NULL), NULL);
	assert_ok(lnr_plugin_parse_names("[]", &a, &names, NULL), NULL);
	assert_true(lnr_plugin_admits(&names, LNR_STR("any")));
	assert_ok(lnr_plugin_parse_names("[\"x\",\"y\"]", &a, &names, NULL), NULL);
	assert_int_equal(names.n, 2);
	assert_str(names.v[1], "y");
	assert_true(lnr_plugin_admits(&names, LNR_STR("x")));
	assert_false(lnr_plugin_admits(&names, LNR_STR("any")));
	assert_code(lnr_plugin_parse_names("[1]", &a, &names, NULL), -EINVAL);
	assert_code(lnr_plugin_parse_names("[\"\"]", &a, &names, NULL), -EINVAL);
	assert_code(lnr_plugin_parse_names("{\"x\":1}", &a, &names, NULL), -EINVAL);
	lnr_arena_done(&a);
}

/* --- configurations --- */

static void fits(const char *schema, const char *config)
{
	struct lnr_err err = {0};
	assert_ok(lnr_plugin_check_config(schema, config, &err), &err);
}

static void fits_not(const char *schema, const char *config, const char *why)
{
	struct lnr_err err = {0};
	assert_code(lnr_plugin_check_config(schema, config, &err), -EINVAL);
	assert_has(err.msg, why);
}

static void configurations(void **state)
{
	static const char closed[] =
		"{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"n\"],"
		"\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9},"
		"\"s\":{\"type\":[\"string\",\"null\"],\"minLength\":2,\"pattern\":\"^a\"},"
		"\"l\":{\"items\":{\"enum\":[\"x\",1]},\"minItems\":1}}}";
	static const char refs[] =
		"{\"$ref\":\"#/definitions/top\",\"definitions\":{\"top\":{\"properties\":"
		"{\"v\":{\"$ref\":\"#/$defs/one\"}}}},\"$defs\":{\"one\":{\"oneOf\":"
		"[{\"type\":\"string\"},{\"type\":\"number\"},{\"type\":\"integer\"}]}}}";

	(void)state;
	fits(closed, "{\"n\":1}");
	fits(closed, "{\"n\":9,\"s\":null,\"l\":[1,\"x\"]}");
	fits_not(closed, "{}", "n");
	fits_not(closed, "[]", "object");
	fits_not(closed, "{", "line 1");
	fits_not(closed, "{\"n\":0}", "too small");
	fits_not(closed, "{\"n\":10}", "too large");
	fits_not(closed, "{\"n\":1.5}", "integer");
	fits_not(closed, "{\"n\":1,\"m\":2}", "m");
	fits_not(closed, "{\"n\":1,\"s\":\"a\"}", "length");
	fits_not(closed, "{\"n\":1,\"s\":\"ba\"}", "match");
	fits_not(closed, "{\"n\":1,\"l\":[2]}", "l[0]");
	fits_not(closed, "{\"n\":1,\"l\":[]}", "elements");
	fits(refs, "{\"v\":\"text\"}");
	fits(refs, "{\"v\":1.5}");
	fits_not(refs, "{\"v\":1}", "exactly one"); /* number and integer */
	fits_not(refs, "{\"v\":true}", "v");
	fits_not("[]", "{}", "schema");
	fits_not("{\"$ref\":\"#/nowhere\"}", "{}", "nowhere");
	/* It ends, whatever the schema says. */
	fits_not("{\"$ref\":\"#\"}", "{}", "too deep");
	fits_not("{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "{}", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refused),
		cmocka_unit_test(names),
		cmocka_unit_test(configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
