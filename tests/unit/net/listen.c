/* SPDX-License-Identifier: Apache-2.0 */
#include "net/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

static struct lnr_net_ip ip(const char *text)
{
	struct sockaddr_storage a;
	struct lnr_net_ip out;
	assert_code(lnr_net_address(text, 0, &a), 0);
	lnr_net_ip_of((struct sockaddr *)&a, &out);
	return out;
}

static void reads_addresses(void **state)
{
	(void)state;
	struct sockaddr_storage a;
	assert_code(lnr_net_address("127.0.0.1", 80, &a), 0);
	assert_int_equal(a.ss_family, AF_INET);
	assert_int_equal(ntohs(((struct sockaddr_in *)&a)->sin_port), 80);
	assert_code(lnr_net_address("::1", 81, &a), 0);
	assert_int_equal(a.ss_family, AF_INET6);
	assert_int_equal(ntohs(((struct sockaddr_in6 *)&a)->sin6_port), 81);
	static const char *const bad[] = {
		"", "localhost", "1.2.3", "1.2.3.4.5", "[::1]", "1.2.3.4 "};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++)
		assert_code(lnr_net_address(bad[i], 1, &a), -EINVAL);
}

static void listens(void **state)
{
	(void)state;
	static const struct {
		const char *host, *client;
	} cases[] = {{"127.0.0.1", "127.0.0.1"}, {"", "127.0.0.1"}, {"localhost", "127.0.0.1"}};
	struct lnr_err err = {0};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_net_listener l, again;
		struct sockaddr_storage a;
		assert_ok(lnr_net_listen(cases[i].host, 0, &l, &err), &err);
		assert_true(l.n >= 1 && l.port != 0);
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		assert_code(lnr_net_address(cases[i].client, l.port, &a), 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(struct sockaddr_in)), 0);
		close(fd);
		/* A port that is taken is said, with its number. */
		assert_code(lnr_net_listen(cases[i].host, l.port, &again, &err), -EADDRINUSE);
		char number[16];
		snprintf(number, sizeof(number), "port %u", l.port);
		assert_has(err.msg, number);
		lnr_net_listener_done(&l);
		lnr_net_listener_done(&l);
	}
	struct lnr_net_listener l;
	assert_code(lnr_net_listen("no.such.host.invalid", 0, &l, &err), -EINVAL);
	assert_has(err.msg, "no.such.host.invalid");
	assert_code(lnr_net_listen("192.0.2.1", 0, &l, &err), -EADDRNOTAVAIL);
}

static void compares_addresses(void **state)
{
	(void)state;
	char buf[46];
	struct lnr_net_ip a = ip("192.0.2.1"), b = ip("::ffff:192.0.2.1");
	assert_memory_equal(&a, &b, sizeof(a));
	assert_string_equal(lnr_net_ip_text(&a, buf, sizeof(buf)), "192.0.2.1");
	a = lnr_net_ip_owner(&a);
	assert_memory_equal(&a, &b, sizeof(a));
	a = ip("2001:db8:1:2:3::4");
	a = lnr_net_ip_owner(&a);
	assert_string_equal(lnr_net_ip_text(&a, buf, sizeof(buf)), "2001:db8:1:2::");
}

static void allows_networks(void **state)
{
	(void)state;
	static const struct {
		const char *list, *ip;
		bool want;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.0/24", "192.0.3.0", false},
		{"192.0.2.128/25", "192.0.2.127", false},
		{"192.0.2.128/25", "::ffff:192.0.2.129", true},
		{"0.0.0.0/0", "203.0.113.9", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "203.0.113.9", true},
		{"2001:db8::/33", "2001:db8:7fff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{" 192.0.2.1,\n2001:db8::1\t", "2001:db8::1", true},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_net_allow *a;
		struct lnr_err err = {0};
		struct lnr_net_ip from = ip(cases[i].ip);
		assert_ok(lnr_net_allow_parse(cases[i].list, &a, &err), &err);
		if (lnr_net_allowed(a, &from) != cases[i].want)
			fail_msg("%s in %s", cases[i].ip, cases[i].list);
		assert_true(lnr_net_allowed(NULL, &from));
		lnr_net_allow_free(a);
	}
}

static void refuses_what_is_no_network(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " , ", "192.0.2.1/33", "::1/129", "host", "1.2.3.4/",
		"1.2.3.4/x", "1.2.3.4/-1", "/8",
		"1111111111111111111111111111111111111111111111111111111111111111111111"};
	struct lnr_net_allow *a = NULL;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++) {
		struct lnr_err err = {0};
		assert_code(lnr_net_allow_parse(bad[i], &a, &err), -EINVAL);
		assert_true(err.msg[0]);
	}
	char *many = malloc((LNR_NET_ALLOW_MAX + 1) * 4 + 1);
	assert_non_null(many);
	for (int i = 0; i <= LNR_NET_ALLOW_MAX; i++)
		memcpy(many + i * 4, "::1 ", 5);
	assert_code(lnr_net_allow_parse(many, &a, NULL), -EINVAL);
	many[LNR_NET_ALLOW_MAX * 4] = '\0';
	assert_code(lnr_net_allow_parse(many, &a, NULL), 0);
	lnr_net_allow_free(a);
	free(many);
}

static int parse_once(void *arg)
{
	struct lnr_net_allow *a = NULL;
	int r = lnr_net_allow_parse(arg, &a, NULL);
	lnr_net_allow_free(a);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(parse_once, (void *)(uintptr_t) "192.0.2.1 ::1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_addresses),
		cmocka_unit_test(listens),
		cmocka_unit_test(compares_addresses),
		cmocka_unit_test(allows_networks),
		cmocka_unit_test(refuses_what_is_no_network),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
