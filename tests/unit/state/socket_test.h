/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and socket calls for tests, written as people write addresses. */
#ifndef LNR_TESTS_SOCKET_TEST_H
#define LNR_TESTS_SOCKET_TEST_H

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "state_test.h"

/* "127.0.0.1:80", "2001:db8::1:80" (the last colon) or, for a unix socket, "/path", at out. */
static UNUSED size_t put_addr(uint8_t *out, const char *text, uint8_t *ret_family)
{
	char host[64];
	if (text[0] == '/' || text[0] == '@') {
		*ret_family = LNR_AF_UNIX;
		size_t n = strlen(text) + 1;
		memcpy(out, text, n);
		return n;
	}
	const char *colon = strrchr(text, ':');
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	uint16_t port = (uint16_t)atoi(colon + 1);
	bool v6 = strchr(host, ':');
	*ret_family = v6 ? LNR_AF_INET6 : LNR_AF_INET;
	size_t n = v6 ? 16 : 4;
	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, host, out), 1);
	memcpy(out + n, &port, 2);
	return n + 2;
}

static UNUSED void rig_addr(struct rig *r, unsigned param, const char *text)
{
	uint8_t b[128];
	size_t n = put_addr(b + 1, text, &b[0]);
	rig_bytes(r, param, b, n + 1);
}

/* Both ends of the same family. */
static UNUSED void rig_tuple(struct rig *r, unsigned param, const char *source, const char *dest)
{
	uint8_t b[128], family;
	size_t n = 1;
	n += put_addr(b + n, source, &b[0]);
	n += put_addr(b + n, dest, &family);
	assert_int_equal(family, b[0]);
	rig_bytes(r, param, b, n);
}

static UNUSED void rig_unix_tuple(
	struct rig *r, unsigned param, uint64_t source, uint64_t dest, const char *path)
{
	uint8_t b[200];
	b[0] = LNR_AF_UNIX;
	memcpy(b + 1, &source, 8);
	memcpy(b + 9, &dest, 8);
	memcpy(b + 17, path, strlen(path) + 1);
	rig_bytes(r, param, b, 17 + strlen(path) + 1);
}

static UNUSED void rig_socket_enter(
	struct rig *r, int64_t res, uint32_t domain, uint32_t type, uint32_t proto)
{
	rig_begin(r, LNR_EV_SOCKET_SOCKET_X, 100);
	rig_num(r, LNR_P_SOCKET_SOCKET_X_fd, res);
	rig_num(r, LNR_P_SOCKET_SOCKET_X_domain, domain);
	rig_num(r, LNR_P_SOCKET_SOCKET_X_type, type);
	rig_num(r, LNR_P_SOCKET_SOCKET_X_proto, proto);
	rig_enter(r);
}

static UNUSED void rig_socket(
	struct rig *r, int64_t res, uint32_t domain, uint32_t type, uint32_t proto)
{
	rig_socket_enter(r, res, domain, type, proto);
	rig_leave(r);
}

static UNUSED void rig_bind_enter(struct rig *r, int64_t res, int64_t fd, const char *addr)
{
	rig_begin(r, LNR_EV_SOCKET_BIND_X, 100);
	rig_num(r, LNR_P_SOCKET_BIND_X_res, res);
	rig_num(r, LNR_P_SOCKET_BIND_X_fd, fd);
	if (addr)
		rig_addr(r, LNR_P_SOCKET_BIND_X_addr, addr);
	rig_enter(r);
}

static UNUSED void rig_bind(struct rig *r, int64_t res, int64_t fd, const char *addr)
{
	rig_bind_enter(r, res, fd, addr);
	rig_leave(r);
}

/* A connect as today's producers tell it; NULL for what is absent. */
static UNUSED void rig_connect_enter(struct rig *r, int64_t res, int64_t fd, const char *source,
	const char *dest, const char *addr)
{
	rig_begin(r, LNR_EV_SOCKET_CONNECT_X, 100);
	rig_num(r, LNR_P_SOCKET_CONNECT_X_res, res);
	rig_num(r, LNR_P_SOCKET_CONNECT_X_fd, fd);
	if (source)
		rig_tuple(r, LNR_P_SOCKET_CONNECT_X_tuple, source, dest);
	if (addr)
		rig_addr(r, LNR_P_SOCKET_CONNECT_X_addr, addr);
	rig_enter(r);
}

static UNUSED void rig_connect(
	struct rig *r, int64_t res, int64_t fd, const char *source, const char *dest)
{
	rig_connect_enter(r, res, fd, source, dest, dest);
	rig_leave(r);
}

/* Receiving and sending; the tuple stands at the same place for calls of one kind. */
static UNUSED void rig_recvfrom_enter(
	struct rig *r, int64_t res, int64_t fd, const char *source, const char *dest)
{
	rig_begin(r, LNR_EV_SOCKET_RECVFROM_X, 100);
	rig_num(r, LNR_P_SOCKET_RECVFROM_X_res, res);
	rig_num(r, LNR_P_SOCKET_RECVFROM_X_fd, fd);
	if (source)
		rig_tuple(r, LNR_P_SOCKET_RECVFROM_X_tuple, source, dest);
	rig_enter(r);
}

static UNUSED void rig_sendto_enter(
	struct rig *r, int64_t res, int64_t fd, const char *source, const char *dest)
{
	rig_begin(r, LNR_EV_SOCKET_SENDTO_X, 100);
	rig_num(r, LNR_P_SOCKET_SENDTO_X_res, res);
	rig_num(r, LNR_P_SOCKET_SENDTO_X_fd, fd);
	if (source)
		rig_tuple(r, LNR_P_SOCKET_SENDTO_X_tuple, source, dest);
	rig_enter(r);
}

static UNUSED struct lnr_ip ip_of(const char *text)
{
	struct lnr_ip ip = {.family = strchr(text, ':') ? LNR_AF_INET6 : LNR_AF_INET};
	assert_int_equal(
		inet_pton(ip.family == LNR_AF_INET ? AF_INET : AF_INET6, text, ip.addr), 1);
	return ip;
}

static UNUSED void rig_iface(struct rig *r, const char *name, const char *addr, const char *mask)
{
	struct lnr_iface i = {.addr = ip_of(addr), .mask = ip_of(mask)};
	snprintf(i.name, sizeof(i.name), "%s", name);
	assert_int_equal(lnr_state_add_iface(r->st, &i), 0);
}

/* The addresses of a machine with one network. */
static UNUSED void rig_ifaces(struct rig *r)
{
	rig_iface(r, "lo", "127.0.0.1", "255.0.0.0");
	rig_iface(r, "eth0", "10.30.0.5", "255.255.255.0");
	rig_iface(r, "lo", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	rig_iface(r, "eth0", "fd12:30::5", "ffff:ffff:ffff:ffff::");
}

/* The name as it would be made now. */
#define assert_rendered(rig, fd, want)                                            \
	do {                                                                      \
		const struct lnr_fd *rendered_ = (fd);                            \
		assert_non_null(rendered_);                                       \
		assert_str(lnr_fd_render_name(&(rig)->scratch, rendered_), want); \
	} while (0)

#endif
