/* SPDX-License-Identifier: Apache-2.0 */
#include "state/sockmem.h"

#include <arpa/inet.h>

#include "state/state_priv.h"

/* Where a kind of socket keeps what. */
struct layout {
	uint8_t dip, sport, dport, l4; /* the source is always first */
	uint8_t ip_len;
};

static const struct layout layouts[] = {
	[LNR_FD_IPV4_SOCK] = {4, 8, 10, 12, 4},
	[LNR_FD_IPV4_SERVSOCK] = {0, 4, 0, 6, 4},
	[LNR_FD_IPV6_SOCK] = {16, 32, 34, 36, 16},
	[LNR_FD_IPV6_SERVSOCK] = {0, 16, 0, 18, 16},
};

static void put_u16(struct lnr_fd *fd, unsigned at, uint16_t v)
{
	memcpy(fd->mem + at, &v, sizeof(v));
}

uint16_t lnr_sock_u16(const struct lnr_fd *fd, unsigned at)
{
	uint16_t v;
	memcpy(&v, fd->mem + at, sizeof(v));
	return v;
}

/* A descriptor filled by a scan or a file has its members set and no memory yet. */
void lnr_sock_load(struct lnr_fd *fd)
{
	if (fd->flags & LNR_FDF_MEM)
		return;
	fd->flags |= LNR_FDF_MEM;
	memset(fd->mem, 0, sizeof(fd->mem));
	if (lnr_fd_is_inet(fd)) {
		const struct layout *l = &layouts[fd->type];
		memcpy(fd->mem, fd->sip.addr, l->ip_len);
		put_u16(fd, l->sport, fd->sport);
		fd->mem[l->l4] = fd->l4;
		if (l->dport) {
			memcpy(fd->mem + l->dip, fd->dip.addr, l->ip_len);
			put_u16(fd, l->dport, fd->dport);
		}
	} else if (fd->type == LNR_FD_UNIX_SOCK) {
		memcpy(fd->mem, &fd->source, 8);
		memcpy(fd->mem + 8, &fd->dest, 8);
	}
}

/* Members that the kind does not have read as unset. */
void lnr_sock_show(struct lnr_fd *fd)
{
	fd->sip = fd->dip = (struct lnr_ip){0};
	fd->sport = fd->dport = 0;
	fd->l4 = LNR_L4_UNKNOWN;
	if (lnr_fd_is_inet(fd)) {
		const struct layout *l = &layouts[fd->type];
		uint8_t family = l->ip_len == 4 ? LNR_AF_INET : LNR_AF_INET6;
		fd->sip.family = family;
		memcpy(fd->sip.addr, fd->mem, l->ip_len);
		fd->sport = lnr_sock_u16(fd, l->sport);
		fd->l4 = fd->mem[l->l4];
		if (l->dport) {
			fd->dip.family = family;
			memcpy(fd->dip.addr, fd->mem + l->dip, l->ip_len);
			fd->dport = lnr_sock_u16(fd, l->dport);
		}
	} else if (fd->type == LNR_FD_UNIX_SOCK) {
		memcpy(&fd->source, fd->mem, 8);
		memcpy(&fd->dest, fd->mem + 8, 8);
	}
}

void lnr_sock_clear(struct lnr_fd *fd)
{
	memset(fd->mem, 0, sizeof(fd->mem));
	fd->flags |= LNR_FDF_MEM;
	lnr_sock_show(fd);
}

/* The reference counts :: among them, so a socket bound to any address becomes an IPv4 one. */
bool lnr_ip_is_mapped(const uint8_t *ip6)
{
	static const uint8_t zero[16], mapped[12] = {[10] = 0xff, [11] = 0xff};
	return !memcmp(ip6, mapped, 12) || !memcmp(ip6, zero, 16);
}

bool lnr_sock_is_tcp4(const struct lnr_fd *fd)
{
	return fd->type == LNR_FD_IPV4_SOCK && fd->l4 == LNR_L4_TCP;
}

bool lnr_sock_is_udp4(const struct lnr_fd *fd)
{
	return fd->type == LNR_FD_IPV4_SOCK && fd->l4 == LNR_L4_UDP;
}

void lnr_sock_set_l4(struct lnr_fd *fd, uint8_t l4)
{
	if (lnr_fd_is_inet(fd))
		fd->mem[layouts[fd->type].l4] = l4;
}

void lnr_sock_carry_l4(struct lnr_fd *fd, int from, int to)
{
	fd->mem[layouts[to].l4] = fd->mem[layouts[from].l4];
}

void lnr_sock_set_server(struct lnr_fd *fd, const uint8_t *ip, uint16_t port)
{
	const struct layout *l = &layouts[fd->type];
	memcpy(fd->mem, ip, l->ip_len);
	put_u16(fd, l->sport, port);
}

bool lnr_sock_set_ends(struct lnr_fd *fd, bool v6, const uint8_t *sip, uint16_t sport,
	const uint8_t *dip, uint16_t dport)
{
	int kind = v6 ? LNR_FD_IPV6_SOCK : LNR_FD_IPV4_SOCK;
	const struct layout *l = &layouts[kind];
	/* Compared where the tuple's kind has its places, whatever the socket's kind is at present.
	 */
	bool same = !memcmp(fd->mem, sip, l->ip_len) && lnr_sock_u16(fd, l->sport) == sport &&
		    !memcmp(fd->mem + l->dip, dip, l->ip_len) &&
		    lnr_sock_u16(fd, l->dport) == dport;
	bool turned = !memcmp(fd->mem, dip, l->ip_len) && lnr_sock_u16(fd, l->sport) == dport &&
		      !memcmp(fd->mem + l->dip, sip, l->ip_len) &&
		      lnr_sock_u16(fd, l->dport) == sport;
	if (same || (turned && fd->type == kind))
		return false;
	memcpy(fd->mem, sip, l->ip_len);
	put_u16(fd, l->sport, sport);
	lnr_sock_set_dest(fd, v6, dip, dport);
	return true;
}

void lnr_sock_set_dest(struct lnr_fd *fd, bool v6, const uint8_t *dip, uint16_t dport)
{
	const struct layout *l = &layouts[v6 ? LNR_FD_IPV6_SOCK : LNR_FD_IPV4_SOCK];
	memcpy(fd->mem + l->dip, dip, l->ip_len);
	put_u16(fd, l->dport, dport);
}

/* Client first, server second: whoever is which end. */
void lnr_sock_swap(struct lnr_fd *fd)
{
	const struct layout *l =
		&layouts[fd->type == LNR_FD_IPV4_SOCK ? LNR_FD_IPV4_SOCK : LNR_FD_IPV6_SOCK];
	uint8_t ip[16];
	uint16_t port = lnr_sock_u16(fd, l->sport);
	memcpy(ip, fd->mem, l->ip_len);
	memcpy(fd->mem, fd->mem + l->dip, l->ip_len);
	put_u16(fd, l->sport, lnr_sock_u16(fd, l->dport));
	memcpy(fd->mem + l->dip, ip, l->ip_len);
	put_u16(fd, l->dport, port);
}

void lnr_sock_set_unix(struct lnr_fd *fd, uint64_t source, uint64_t dest)
{
	memcpy(fd->mem, &source, 8);
	memcpy(fd->mem + 8, &dest, 8);
}

void lnr_sock_complete(struct lnr_state *st, struct lnr_fd *fd)
{
	static const uint8_t zero[16];
	if (fd->type != LNR_FD_IPV4_SOCK && fd->type != LNR_FD_IPV6_SOCK)
		return;
	const struct layout *l = &layouts[fd->type];
	uint8_t *sip = fd->mem, *dip = fd->mem + l->dip;
	bool no_source = !memcmp(sip, zero, l->ip_len);
	if (!no_source && memcmp(dip, zero, l->ip_len))
		return;
	/* The end that is known chooses the interface; both unknown ends up at the first one. */
	const uint8_t *known = no_source ? dip : sip;
	uint8_t guess[16];
	if (fd->type == LNR_FD_IPV4_SOCK)
		lnr_ifaces_guess4(&st->ifaces, known, guess);
	else
		lnr_ifaces_guess6(&st->ifaces, known, guess);
	/* A socket that talks to itself would tell nothing. */
	if (!memcmp(guess, known, l->ip_len) &&
		lnr_sock_u16(fd, l->sport) == lnr_sock_u16(fd, l->dport))
		return;
	memcpy(no_source ? sip : dip, guess, l->ip_len);
}

/* --- names (fields 6.2) --- */

static void ip_text(const uint8_t *ip, unsigned len, char *out, size_t size)
{
	inet_ntop(len == 4 ? AF_INET : AF_INET6, ip, out, (socklen_t)size);
}

static struct lnr_str ends_text(struct lnr_arena *scratch, const uint8_t *sip, unsigned sport,
	const uint8_t *dip, unsigned dport, unsigned len, bool ports)
{
	char s[INET6_ADDRSTRLEN], d[INET6_ADDRSTRLEN];
	ip_text(sip, len, s, sizeof(s));
	ip_text(dip, len, d, sizeof(d));
	char *r = ports ? lnr_arena_printf(scratch, "%s:%u->%s:%u", s, sport, d, dport)
			: lnr_arena_printf(scratch, "%s->%s", s, d);
	return lnr_str_c(r ? r : "");
}

/* Like the parameter of bind is printed: without brackets around IPv6 addresses. */
static struct lnr_str server_text(struct lnr_arena *scratch, const struct lnr_fd *fd)
{
	char ip[INET6_ADDRSTRLEN];
	ip_text(fd->sip.addr, layouts[fd->type].ip_len, ip, sizeof(ip));
	char *r = lnr_arena_printf(scratch, "%s:%u", ip, fd->sport);
	return lnr_str_c(r ? r : "");
}

/* IPv6 sockets with two IPv4 addresses show those, and ports from where IPv4 sockets have them. */
static struct lnr_str mapped_text(struct lnr_arena *scratch, const struct lnr_fd *fd, bool ports)
{
	uint16_t sport, dport;
	memcpy(&sport, fd->sip.addr + layouts[LNR_FD_IPV4_SOCK].sport, 2);
	memcpy(&dport, fd->sip.addr + layouts[LNR_FD_IPV4_SOCK].dport, 2);
	return ends_text(scratch, fd->sip.addr + 12, sport, fd->dip.addr + 12, dport, 4, ports);
}

struct lnr_str lnr_fd_render_name(struct lnr_arena *scratch, const struct lnr_fd *fd)
{
	if (lnr_fd_is_server_sock(fd))
		return server_text(scratch, fd);
	if (fd->type == LNR_FD_UNIX_SOCK) {
		char *r = lnr_arena_printf(scratch, "%llx->%llx", (unsigned long long)fd->source,
			(unsigned long long)fd->dest);
		return lnr_str_c(r ? r : "");
	}
	bool v6 = fd->type == LNR_FD_IPV6_SOCK;
	if (fd->type != LNR_FD_IPV4_SOCK && !v6)
		return fd->name ? lnr_blob_str(fd->name) : LNR_STR("");
	bool ports = fd->l4 == LNR_L4_TCP || fd->l4 == LNR_L4_UDP;
	bool bare = fd->l4 == LNR_L4_ICMP || (fd->l4 == LNR_L4_RAW && !v6);
	if (!ports && !bare)
		return LNR_STR("<unknown>");
	if (v6 && lnr_ip_is_mapped(fd->sip.addr) && lnr_ip_is_mapped(fd->dip.addr))
		return mapped_text(scratch, fd, ports);
	return ends_text(
		scratch, fd->sip.addr, fd->sport, fd->dip.addr, fd->dport, v6 ? 16 : 4, ports);
}

/* --- sockets that no event told of --- */

static struct lnr_str adopted_name(struct lnr_state *st, const struct lnr_fd *fd)
{
	if (lnr_fd_is_server_sock(fd))
		return server_text(&st->scratch, fd);
	return ends_text(&st->scratch, fd->sip.addr, fd->sport, fd->dip.addr, fd->dport,
		layouts[fd->type].ip_len, true);
}

static void set_adopted_name(struct lnr_state *st, struct lnr_fd *fd)
{
	lnr_state_set_blob(st, &fd->name, adopted_name(st, fd));
	lnr_arena_reset(&st->scratch);
}

/*
 * What events would have left behind, had they been seen (spec 8.3). Unix sockets with a name are
 * those that were bound.
 */
void lnr_sock_adopt(struct lnr_state *st, struct lnr_fd *fd)
{
	if (fd->type == LNR_FD_UNIX_SOCK) {
		fd->flags |= fd->name && fd->name->len ? LNR_FDF_ROLE_SERVER : LNR_FDF_ROLE_CLIENT;
		lnr_sock_load(fd);
		return;
	}
	if (!lnr_fd_is_inet(fd))
		return;
	if (fd->type == LNR_FD_IPV6_SOCK && lnr_ip_is_mapped(fd->sip.addr) &&
		lnr_ip_is_mapped(fd->dip.addr)) {
		fd->type = LNR_FD_IPV4_SOCK;
		memmove(fd->sip.addr, fd->sip.addr + 12, 4);
		memmove(fd->dip.addr, fd->dip.addr + 12, 4);
	}
	fd->flags &= ~LNR_FDF_MEM;
	lnr_sock_load(fd);
	if (!lnr_fd_is_server_sock(fd)) {
		if (fd->l4 == LNR_L4_TCP)
			fd->flags |= LNR_FDF_CONNECTED;
		if (fd->type == LNR_FD_IPV4_SOCK)
			lnr_sock_complete(st, fd);
	}
	lnr_sock_show(fd);
	set_adopted_name(st, fd);
}

void lnr_sock_note_port(const struct lnr_fd *fd, uint8_t *ports)
{
	if (lnr_fd_is_server_sock(fd))
		ports[fd->sport / 8] |= (uint8_t)(1u << fd->sport % 8);
}

/* IPv4 only: the reference leaves IPv6 sockets without a role. */
void lnr_sock_adopt_role(struct lnr_state *st, struct lnr_fd *fd, const uint8_t *ports)
{
	if (fd->type != LNR_FD_IPV4_SOCK)
		return;
	if (!(ports[fd->sport / 8] & 1u << fd->sport % 8)) {
		fd->flags |= LNR_FDF_ROLE_CLIENT;
		return;
	}
	lnr_sock_load(fd);
	lnr_sock_swap(fd);
	lnr_sock_show(fd);
	set_adopted_name(st, fd);
	fd->flags |= LNR_FDF_ROLE_SERVER;
}
