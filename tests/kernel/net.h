/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets on the loopback interface, for acts: every step must succeed. */
#ifndef LNR_TESTS_KERNEL_NET_H
#define LNR_TESTS_KERNEL_NET_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/ring.h"

union net_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

/* 127.0.0.1 or ::1. */
static inline socklen_t net_loopback(union net_addr *a, int family, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->sa.sa_family = (sa_family_t)family;
	if (family == AF_INET6) {
		a->in6.sin6_addr = in6addr_loopback;
		a->in6.sin6_port = htons(port);
		return sizeof(a->in6);
	}
	a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->in.sin_port = htons(port);
	return sizeof(a->in);
}

/* A path, or an abstract name when it begins with '@'. */
static inline socklen_t net_unix(union net_addr *a, const char *name)
{
	size_t len = strlen(name);
	memset(a, 0, sizeof(*a));
	a->un.sun_family = AF_UNIX;
	lnr_kt_check(len < sizeof(a->un.sun_path));
	memcpy(a->un.sun_path, name, len);
	if (name[0] != '@')
		return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	a->un.sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static inline int net_socket(int family, int type)
{
	int fd = socket(family, type, 0);
	lnr_kt_check(fd >= 0);
	return fd;
}

/* Port that the kernel chose. */
static inline uint16_t net_port(int fd)
{
	union net_addr a;
	socklen_t len = sizeof(a);
	lnr_kt_check(getsockname(fd, &a.sa, &len) == 0);
	return ntohs(a.sa.sa_family == AF_INET6 ? a.in6.sin6_port : a.in.sin_port);
}

/* A socket bound to a free port of the loopback address. */
static inline int net_bound(int family, int type, uint16_t *ret_port)
{
	union net_addr a;
	int fd = net_socket(family, type);
	lnr_kt_check(bind(fd, &a.sa, net_loopback(&a, family, 0)) == 0);
	*ret_port = net_port(fd);
	return fd;
}

#endif
