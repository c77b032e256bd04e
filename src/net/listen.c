/* SPDX-License-Identifier: Apache-2.0 */
#include "net/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/str.h"
#include "base/util.h"
#include "schema/limits.h"

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

int lnr_net_address(const char *text, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_storage out = {0};
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		memcpy(&out, &v4, sizeof(v4));
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		memcpy(&out, &v6, sizeof(v6));
	else
		return -EINVAL;
	*ret = out;
	return 0;
}

/* --- listening --- */

static uint16_t *port_of(struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET6 ? &((struct sockaddr_in6 *)a)->sin6_port
					: &((struct sockaddr_in *)a)->sin_port;
}

/* One socket more, or a negative errno. With `both`, an IPv6 socket takes IPv4 as well. */
static int add(struct lnr_net_listener *l, struct sockaddr_storage *addr, bool both)
{
	static const int yes = 1;
	const int only = !both;
	socklen_t len = addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						    : sizeof(struct sockaddr_in);
	LNR_AUTO_CLOSE int fd = socket(
		addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	*port_of(addr) = htons(l->port);
	/* A restart must not wait for connections of the one before. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)))
		return -errno;
	if (addr->ss_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)))
		return -errno;
	if (bind(fd, (struct sockaddr *)addr, len) || listen(fd, LNR_NET_BACKLOG) ||
		getsockname(fd, (struct sockaddr *)addr, &len))
		return -errno;
	l->port = ntohs(*port_of(addr));
	l->fds[l->n++] = fd;
	fd = -1;
	return 0;
}

/* A machine without IPv6 refuses its sockets in one of these ways. */
static bool not_here(int r)
{
	return r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL;
}

static int add_all(struct lnr_net_listener *l)
{
	struct sockaddr_storage v6 = {.ss_family = AF_INET6}, v4 = {.ss_family = AF_INET};
	int r = add(l, &v6, true);
	return not_here(r) ? add(l, &v4, false) : r;
}

static int add_name(struct lnr_net_listener *l, const char *host, struct lnr_err *err)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found;
	int r = getaddrinfo(host, NULL, &hints, &found);
	if (r)
		return lnr_fail(err, -EINVAL, "cannot find the address of \"%s\": %s", host,
			gai_strerror(r));
	int first = -EADDRNOTAVAIL;
	r = 0;
	for (struct addrinfo *i = found; i && l->n < LNR_NET_LISTEN_MAX; i = i->ai_next) {
		struct sockaddr_storage addr = {0};
		if (i->ai_addrlen > sizeof(addr))
			continue;
		memcpy(&addr, i->ai_addr, i->ai_addrlen);
		r = add(l, &addr, false);
		if (!r)
			first = 0;
		else if (!not_here(r))
			break;
		else
			r = 0;
	}
	freeaddrinfo(found);
	return r ? r : first;
}

int lnr_net_listen(
	const char *host, uint16_t port, struct lnr_net_listener *ret, struct lnr_err *err)
{
	struct lnr_net_listener l = {.port = port};
	struct sockaddr_storage addr;
	int r;
	lnr_err_clear(err);
	if (!*host)
		r = add_all(&l);
	else if (!lnr_net_address(host, port, &addr))
		r = add(&l, &addr, false);
	else
		r = add_name(&l, host, err);
	if (!r) {
		*ret = l;
		return 0;
	}
	lnr_net_listener_done(&l);
	if (err && err->code)
		return err->code;
	return lnr_fail(err, r, "cannot listen on %s port %u: %s", *host ? host : "all addresses",
		port, strerror(-r));
}

void lnr_net_listener_done(struct lnr_net_listener *l)
{
	while (l->n)
		close(l->fds[--l->n]);
}

/* --- addresses --- */

void lnr_net_ip_of(const struct sockaddr *sa, struct lnr_net_ip *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, sa, sizeof(v4));
		memcpy(ret->b, mapped, sizeof(mapped));
		memcpy(ret->b + 12, &v4.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, sa, sizeof(v6));
		memcpy(ret->b, &v6.sin6_addr, 16);
	}
}

static bool is_v4(const struct lnr_net_ip *ip)
{
	return memcmp(ip->b, mapped, sizeof(mapped)) == 0;
}

struct lnr_net_ip lnr_net_ip_owner(const struct lnr_net_ip *ip)
{
	struct lnr_net_ip owner = *ip;
	if (!is_v4(ip))
		memset(owner.b + 8, 0, 8);
	return owner;
}

const char *lnr_net_ip_text(const struct lnr_net_ip *ip, char *buf, size_t size)
{
	bool v4 = is_v4(ip);
	if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip->b + 12 : ip->b, buf, (socklen_t)size))
		snprintf(buf, size, "?");
	return buf;
}

/* --- who may connect --- */

struct network {
	struct lnr_net_ip ip;
	unsigned bits; /* of 128 */
};

struct lnr_net_allow {
	size_t n;
	struct network nets[];
};

static bool in_network(const struct network *net, const struct lnr_net_ip *ip)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	if (memcmp(net->ip.b, ip->b, whole) != 0)
		return false;
	return !rest || (net->ip.b[whole] ^ ip->b[whole]) >> (8 - rest) == 0;
}

static int parse_network(struct lnr_str s, struct network *ret, struct lnr_err *err)
{
	char text[INET6_ADDRSTRLEN + 8];
	struct sockaddr_storage addr;
	uint64_t bits = 0;
	ptrdiff_t slash = lnr_str_chr(s, '/');
	struct lnr_str host = slash < 0 ? s : lnr_str_sub(s, 0, (size_t)slash);
	if (host.len >= sizeof(text))
		return lnr_fail(err, -EINVAL, "\"%.*s\" is no address", LNR_STR_ARG(s));
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	if (lnr_net_address(text, 0, &addr))
		return lnr_fail(err, -EINVAL, "\"%.*s\" is no address", LNR_STR_ARG(s));
	unsigned width = addr.ss_family == AF_INET ? 32 : 128;
	if (slash < 0)
		bits = width;
	else if (lnr_str_u64(lnr_str_sub(s, (size_t)slash + 1, s.len), &bits) || bits > width)
		return lnr_fail(err, -EINVAL, "\"%.*s\": a network has 0 to %u bits",
			LNR_STR_ARG(s), width);
	lnr_net_ip_of((struct sockaddr *)&addr, &ret->ip);
	ret->bits = (unsigned)bits + 128 - width;
	return 0;
}

/* Takes the next word off the front of *s; false when there is none. */
static bool next_word(struct lnr_str *s, struct lnr_str *ret)
{
	static const char between[] = ", \t\r\n";
	size_t from = 0;
	while (from < s->len && memchr(between, s->ptr[from], sizeof(between) - 1))
		from++;
	size_t to = from;
	while (to < s->len && !memchr(between, s->ptr[to], sizeof(between) - 1))
		to++;
	*ret = lnr_str_sub(*s, from, to);
	*s = lnr_str_sub(*s, to, s->len);
	return ret->len > 0;
}

int lnr_net_allow_parse(const char *text, struct lnr_net_allow **ret, struct lnr_err *err)
{
	struct lnr_str s = lnr_str_c(text), word;
	size_t n = 0;
	while (next_word(&s, &word))
		n++;
	if (n == 0 || n > LNR_NET_ALLOW_MAX)
		return lnr_fail(
			err, -EINVAL, "%zu addresses, where 1 to %d may be", n, LNR_NET_ALLOW_MAX);
	LNR_AUTO_FREE struct lnr_net_allow *a = calloc(1, sizeof(*a) + n * sizeof(a->nets[0]));
	if (!a)
		return lnr_fail(err, -ENOMEM, "out of memory");
	for (s = lnr_str_c(text); next_word(&s, &word); a->n++) {
		int r = parse_network(word, &a->nets[a->n], err);
		if (r)
			return r;
	}
	*ret = lnr_take(a);
	return 0;
}

bool lnr_net_allowed(const struct lnr_net_allow *a, const struct lnr_net_ip *ip)
{
	for (size_t i = 0; a && i < a->n; i++) {
		if (in_network(&a->nets[i], ip))
			return true;
	}
	return !a;
}

struct lnr_net_allow *lnr_net_allow_free(struct lnr_net_allow *a)
{
	free(a);
	return NULL;
}
