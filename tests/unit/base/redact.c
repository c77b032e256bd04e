/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets go, everything else comes out as it was. */
#include "base/redact.h"

#include <stdlib.h>
#include "lib/test.h"

static const struct {
	const char *text, *want;
} hidden[] = {
	{"cannot post to https://joe:pa:ss@host:8080/x",
		"cannot post to https://joe:***@host:8080/x"},
	{"https://0123456789abcdef0123@host", "https://***@host"},
	{"http://h/x?a=1&access_token=abc&b=2", "http://h/x?a=1&access_token=***&b=2"},
	{"-o webserver.reload_token=s3cret -v", "-o webserver.reload_token=*** -v"},
	{"PASSWORD = 'a b' next", "PASSWORD = '***' next"},
	{"{\"api_key\": \"x\", \"n\": 1}", "{\"api_key\": \"***\", \"n\": 1}"},
	{"Authorization: Basic YTpi\r\nHost: h", "Authorization: ***\r\nHost: h"},
	{"X-Auth-Token: abc def", "X-Auth-Token: ***"},
	{"curl -H 'Authorization: Bearer xyz' h", "curl -H 'Authorization: ***' h"},
	{"sent Bearer 12345678 to it", "sent Bearer *** to it"},
	{"secret=a,secret=b", "secret=***,secret=***"},
	{"ftp://a:b@c ftp://d:e@f", "ftp://a:***@c ftp://d:***@f"},
};

static const char *const plain[] = {
	"",
	"cannot read /run/secrets/token: No such file or directory",
	"webserver.reload_token: must not be empty",
	"https://host/path?q=1@2",
	"git://joe@host/x",
	"the basic idea, a bearer of news",
	"wrong or no token",
	"token=",
	"a = b: c",
	"://",
	"=",
	":",
	"/tmp/x | schema validation: failed for <root>[a]: unknown key",
};

static void check(const char *text, const char *want)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_redact(&b, lnr_str_c(text));
	assert_str(lnr_buf_view(&b), want);
	lnr_buf_done(&b);
}

static void hides(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(hidden); i++)
		check(hidden[i].text, hidden[i].want);
}

static void leaves_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(plain); i++)
		check(plain[i], plain[i]);
}

static void knows_names(void **state)
{
	(void)state;
	assert_true(lnr_redact_name(LNR_STR("http_output.headers.X-Api-Key")));
	assert_true(lnr_redact_name(LNR_STR("PASSWD")));
	assert_false(lnr_redact_name(LNR_STR("webserver.ssl_certificate")));
	assert_false(lnr_redact_name(LNR_STR("k8s_audit.token_file")));
	assert_false(lnr_redact_name(LNR_STR("")));
}

/* Whatever comes, nothing is read beyond its end, and what is hidden once stays so. */
static void takes_anything(void **state)
{
	static const char bits[] = "abtoken=:/@\"' \n\0Bearer ://secret=";
	struct lnr_test_random r;
	(void)state;
	lnr_test_random_init(&r);
	for (int round = 0; round < 2000; round++) {
		char text[64];
		struct lnr_buf once, twice;
		size_t n = lnr_test_random_below(&r, sizeof(text));
		for (size_t i = 0; i < n; i++)
			text[i] = bits[lnr_test_random_below(&r, sizeof(bits))];
		lnr_buf_init(&once, 0);
		lnr_buf_init(&twice, 0);
		char *own = malloc(n ? n : 1); /* so that a sanitizer sees its end */
		memcpy(own, text, n);
		lnr_redact(&once, (struct lnr_str){own, n});
		lnr_redact(&twice, lnr_buf_view(&once));
		assert_bytes(lnr_buf_view(&twice), lnr_buf_view(&once));
		free(own);
		lnr_buf_done(&once);
		lnr_buf_done(&twice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hides), cmocka_unit_test(leaves_alone),
		cmocka_unit_test(knows_names), cmocka_unit_test(takes_anything)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
