/* SPDX-License-Identifier: Apache-2.0 */
/* Constants by type (spec rules-language.md 7). */
#include "lib/test.h"

#include "rules/types.h"

/* A text and the value it has, as its 64 bits, or refused. */
struct number {
	unsigned type;
	const char *text;
	int64_t value;
	bool refused;
};

/* reason: a flat list of constants and what they become */
static void numbers(void **state)
{
	static const struct number cases[] = {
		{LNR_PT_INT64, "0", 0, false},
		{LNR_PT_INT64, "-1", -1, false},
		{LNR_PT_INT64, "+1", 1, false},
		{LNR_PT_INT64, "007", 7, false},
		{LNR_PT_INT64, " \t\n\v\f\r7", 7, false},
		{LNR_PT_INT64, "9223372036854775807", INT64_MAX, false},
		{LNR_PT_INT64, "9223372036854775808", INT64_MAX, false},
		{LNR_PT_INT64, "-9223372036854775808", INT64_MIN, false},
		{LNR_PT_INT64, "-99999999999999999999999", INT64_MIN, false},
		{LNR_PT_INT64, "", 0, true},
		{LNR_PT_INT64, "+", 0, true},
		{LNR_PT_INT64, "-", 0, true},
		{LNR_PT_INT64, " ", 0, true},
		{LNR_PT_INT64, "7 ", 0, true},
		{LNR_PT_INT64, "- 7", 0, true},
		{LNR_PT_INT64, "0x10", 0, true},
		{LNR_PT_INT64, "1.0", 0, true},
		{LNR_PT_INT64, "1.", 0, true},
		{LNR_PT_INT64, "1e+3", 0, true},
		{LNR_PT_INT64, "12abc", 0, true},
		{LNR_PT_INT64, "5-3", 0, true},
		{LNR_PT_INT64, "nan", 0, true},
		{LNR_PT_INT8, "127", 127, false},
		{LNR_PT_INT8, "128", -128, false},
		{LNR_PT_INT8, "255", -1, false},
		{LNR_PT_INT8, "256", 0, false},
		{LNR_PT_INT16, "32768", -32768, false},
		{LNR_PT_INT16, "-32769", 32767, false},
		{LNR_PT_INT16, "99999999999", (int16_t)(99999999999 & 0xffff), false},
		{LNR_PT_INT32, "2147483648", INT32_MIN, false},
		{LNR_PT_INT32, "4294967295", -1, false},
		{LNR_PT_INT32, "99999999999999999999", -1, false}, /* saturated, then cut */
		{LNR_PT_PID, "-1", -1, false},
		{LNR_PT_FD, "3", 3, false},
		{LNR_PT_ERRNO, "-13", -13, false},
		{LNR_PT_UINT64, "18446744073709551615", -1, false},
		{LNR_PT_UINT64, "18446744073709551616", -1, false},
		{LNR_PT_UINT64, "-1", -1, false},
		{LNR_PT_UINT64, "-18446744073709551615", 1, false},
		{LNR_PT_UINT64, "1.5", 0, true},
		{LNR_PT_UINT32, "-1", UINT32_MAX, false},
		{LNR_PT_UINT32, "4294967296", 0, false},
		{LNR_PT_UINT16, "65536", 0, false},
		{LNR_PT_UINT8, "-1", 255, false},
		{LNR_PT_FLAGS8, "256", 0, false},
		{LNR_PT_FLAGS16, "65537", 1, false},
		{LNR_PT_FLAGS32, "4294967297", 1, false},
		{LNR_PT_ENUMFLAGS8, "257", 1, false},
		{LNR_PT_ENUMFLAGS32, "O_RDONLY", 0, true},
		{LNR_PT_MODE, "0666", 666, false},
		{LNR_PT_RELTIME, "1000000000", 1000000000, false},
		{LNR_PT_RELTIME, "1s", 0, true},
		{LNR_PT_ABSTIME, "-5", -5, false},
		{LNR_PT_BOOL, "true", 1, false},
		{LNR_PT_BOOL, "false", 0, false},
		{LNR_PT_BOOL, "True", 0, true},
		{LNR_PT_BOOL, "1", 0, true},
		{LNR_PT_BOOL, "true ", 0, true},
		{LNR_PT_BOOL, "", 0, true},
		{LNR_PT_PORT, "", 0, false},
		{LNR_PT_PORT, "80", 80, false},
		{LNR_PT_PORT, "65536", 0, false},
		{LNR_PT_PORT, "70000", 4464, false},
		{LNR_PT_PORT, "2147483647", 65535, false},
		{LNR_PT_PORT, "2147483648", 0, true},
		{LNR_PT_PORT, "99999999999999999999", 0, true},
		{LNR_PT_PORT, "-1", 0, true},
		{LNR_PT_PORT, "+80", 0, true},
		{LNR_PT_PORT, "0x50", 0, true},
		{LNR_PT_PORT, "80 ", 0, true},
		{LNR_PT_PORT, "no-such-service", 0, true},
		{LNR_PT_SIGTYPE, "9", 0, true},
		{LNR_PT_SYSCALLID, "1", 0, true},
		{LNR_PT_UID, "1", 0, true},
		{LNR_PT_SOCKADDR, "1", 0, true},
		{LNR_PT_DYN, "1", 0, true},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		const struct number *c = &cases[i];
		struct lnr_val v;
		struct lnr_err err = {0};
		int r = lnr_const_parse(c->type, lnr_str_c(c->text), &v, &err);

		if (r != (c->refused ? -EINVAL : 0))
			fail_msg("%s '%s': %d %s", lnr_pt_name(c->type), c->text, r, err.msg);
		if (c->refused)
			assert_true(err.msg[0]);
		else if (v.s64 != c->value || v.type != c->type)
			fail_msg("%s '%s': %lld", lnr_pt_name(c->type), c->text, (long long)v.s64);
	}
}

/* The service names are those of the machine; these are in every database. */
static void services(void **state)
{
	struct lnr_val v;

	(void)state;
	assert_ok(lnr_const_parse(LNR_PT_PORT, LNR_STR("http"), &v, NULL), NULL);
	assert_int_equal(v.u64, 80);
	assert_ok(lnr_const_parse(LNR_PT_PORT, LNR_STR("ssh"), &v, NULL), NULL);
	assert_int_equal(v.u64, 22);
	assert_code(lnr_const_parse(LNR_PT_PORT, LNR_STR("HTTP"), &v, NULL), -EINVAL);
}

static void doubles(void **state)
{
	struct lnr_val v;

	(void)state;
	assert_ok(lnr_const_parse(LNR_PT_DOUBLE, LNR_STR("-12"), &v, NULL), NULL);
	assert_true(v.d == -12.0);
	assert_ok(lnr_const_parse(LNR_PT_DOUBLE, LNR_STR("4294967295"), &v, NULL), NULL);
	assert_true(v.d == -1.0); /* read as a 32-bit number */
	assert_code(lnr_const_parse(LNR_PT_DOUBLE, LNR_STR("1.5"), &v, NULL), -EINVAL);
}

static void addresses(void **state)
{
	static const char *const good[] = {"10.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1",
		"fe80::1", "::ffff:a00:1", "1:2:3:4:5:6:7:8"};
	static const char *const bad[] = {"", "ten", "10.0.0.256", "10.0.0", "10.0.0.1.2",
		"10.0.0.1/8", "010.0.0.1", "10.0.0.-1", "10.0.0.1 ", "0xa.0.0.1", "example.com",
		"10.0.0.*", "10.0.0.1:80", "12345::", "::g", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"fe80::1%eth0", "[::1]", "::ffff:10.0.0.1", "::1/128"};
	struct lnr_ip ip;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(good); i++)
		assert_ok(lnr_ip_parse(lnr_str_c(good[i]), &ip, NULL), NULL);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++)
		assert_code(lnr_ip_parse(lnr_str_c(bad[i]), &ip, NULL), -EINVAL);
	assert_ok(lnr_ip_parse(LNR_STR("10.0.0.1"), &ip, NULL), NULL);
	assert_int_equal(ip.family, LNR_AF_INET);
	assert_memory_equal(ip.addr, "\x0a\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_ok(lnr_ip_parse(LNR_STR("fe80::1"), &ip, NULL), NULL);
	assert_int_equal(ip.family, LNR_AF_INET6);
}

static void networks(void **state)
{
	static const struct {
		const char *text;
		int bits; /* -1 = refused */
	} cases[] = {{"10.0.0.0/8", 8}, {"10.1.2.3/8", 8}, {"10.0.0.0/0", 0}, {"10.0.0.0/32", 32},
		{"10.0.0.0/33", -1}, {"10.0.0.0/-1", -1}, {"10.0.0.0", -1}, {"10.0.0/8", -1},
		{"10.0.0.0/255.0.0.0", -1}, {"10.0.0.0/264", 8}, {"10.0.0.0/8a", -1},
		{"10.0.0.0/08", 8}, {"10.0.0.0/+8", 8}, {"10.0.0.0/ 8", 8}, {"10.0.0.0/", -1},
		{"abc/8", -1}, {"/8", -1}, {"/", -1}, {"", -1}, {"10.0.0.0\\8", -1},
		{"fe80::/10", 10}, {"::/0", -1}, {"::/1", 1}, {"::1/128", 128}, {"::1/129", -1},
		{"::1", -1}, {"::/257", 1}, {"2001:db8::/x", -1}};
	struct lnr_net net;
	struct lnr_ip in, out;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		int r = lnr_net_parse(lnr_str_c(cases[i].text), &net, NULL);

		if (r != (cases[i].bits < 0 ? -EINVAL : 0) || (!r && net.bits != cases[i].bits))
			fail_msg("'%s': %d, %u bits", cases[i].text, r, net.bits);
	}

	assert_ok(lnr_net_parse(LNR_STR("10.77.255.255/12"), &net, NULL), NULL);
	assert_memory_equal(net.ip.addr, "\x0a\x40\0\0", 4); /* host bits are gone */
	lnr_ip_parse(LNR_STR("10.79.255.255"), &in, NULL);
	lnr_ip_parse(LNR_STR("10.80.0.0"), &out, NULL);
	assert_true(lnr_net_has(&net, &in));
	assert_false(lnr_net_has(&net, &out));
	lnr_ip_parse(LNR_STR("::ffff:a4f:1"), &out, NULL); /* mapped forms are not unified */
	assert_false(lnr_net_has(&net, &out));
	lnr_net_parse(LNR_STR("0.0.0.0/0"), &net, NULL);
	assert_true(lnr_net_has(&net, &in));
	assert_false(lnr_net_has(&net, &out));
}

static void texts(void **state)
{
	struct lnr_val v;
	char text[300];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_ok(lnr_const_parse(LNR_PT_CHARBUF, (struct lnr_str){text, 255}, &v, NULL), NULL);
	assert_int_equal(v.str.len, 255);
	assert_code(
		lnr_const_parse(LNR_PT_CHARBUF, (struct lnr_str){text, 256}, &v, NULL), -EINVAL);
	assert_ok(lnr_const_parse(LNR_PT_FSPATH, LNR_STR("a\0b"), &v, NULL), NULL);
	assert_str(v.str, "a");
	assert_ok(lnr_const_parse(LNR_PT_BYTEBUF, LNR_STR("a\0b"), &v, NULL), NULL);
	assert_int_equal(v.str.len, 3);
	assert_ok(lnr_const_parse(LNR_PT_FSRELPATH, (struct lnr_str){NULL, 0}, &v, NULL), NULL);
	assert_non_null(v.str.ptr);
}

static void classes(void **state)
{
	(void)state;
	assert_int_equal(lnr_type_class(LNR_PT_CHARBUF, true), LNR_TC_LIST);
	assert_int_equal(lnr_type_class(LNR_PT_UINT64, true), LNR_TC_LIST);
	assert_int_equal(lnr_type_class(LNR_PT_IPNET, true), LNR_TC_LIST);
	assert_int_equal(lnr_type_class(LNR_PT_INT64, true), 0);
	assert_int_equal(lnr_type_class(LNR_PT_FSPATH, true), 0);
	assert_int_equal(lnr_type_class(LNR_PT_UID, false), 0);
	assert_int_equal(lnr_type_class(LNR_PT_SIGSET, false), 0);
	assert_int_equal(lnr_type_class(LNR_PT_PID32, false), 0);
	/* Every type has words, and every comparable one a kind of value. */
	for (unsigned pt = 0; pt < LNR_PT_COUNT; pt++) {
		assert_true(lnr_type_words(pt, false)[0]);
		if (lnr_type_class(pt, false))
			assert_int_not_equal(lnr_pt_kind(pt), LNR_VK_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(services),
		cmocka_unit_test(doubles),
		cmocka_unit_test(addresses),
		cmocka_unit_test(networks),
		cmocka_unit_test(texts),
		cmocka_unit_test(classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
