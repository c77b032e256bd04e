/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets of a network namespace by inode, read from /proc/PID/net (proc(5)). A namespace's tables
 * are read once, with the first of its processes that has a socket.
 */
#include "state/proc_priv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"

struct sock {
	struct lnr_fd fd; /* type, ends, l4 or source; names are in `path` */
	struct lnr_str path;
};

struct lnr_netns {
	struct lnr_idmap socks; /* by inode */
	struct lnr_arena arena;
};

/* --- lines --- */

/* "0100007F:0016": words of 32 bits as the machine stores them, then the port. */
static bool take_end(struct lnr_str word, bool v6, struct lnr_ip *ip, uint16_t *port)
{
	unsigned words = v6 ? 4 : 1;
	uint64_t v;
	if (word.len != words * 8 + 5 || word.ptr[words * 8] != ':')
		return false;
	ip->family = v6 ? LNR_AF_INET6 : LNR_AF_INET;
	for (unsigned i = 0; i < words; i++) {
		if (!lnr_proc_hex(lnr_str_sub(word, i * 8, i * 8 + 8), &v))
			return false;
		uint32_t w = (uint32_t)v;
		memcpy(ip->addr + i * 4, &w, 4);
	}
	if (!lnr_proc_hex(lnr_str_sub(word, words * 8 + 1, word.len), &v))
		return false;
	*port = (uint16_t)v;
	return true;
}

/* IPv4 addresses fill four bytes; the rest is zero. */
static bool is_zero(const struct lnr_ip *ip)
{
	static const uint8_t zero[16];
	return !memcmp(ip->addr, zero, 16);
}

bool lnr_proc_parse_inet(
	struct lnr_str line, bool v6, uint8_t l4, uint64_t *ret_ino, struct lnr_fd *ret)
{
	memset(ret, 0, sizeof(*ret));
	/* sl local remote st tx:rx tr:when retrnsmt uid timeout inode */
	struct lnr_str slot = lnr_proc_word(&line);
	if (!lnr_str_ends(slot, LNR_STR(":")) ||
		!take_end(lnr_proc_word(&line), v6, &ret->sip, &ret->sport) ||
		!take_end(lnr_proc_word(&line), v6, &ret->dip, &ret->dport))
		return false;
	for (int i = 0; i < 6; i++)
		lnr_proc_word(&line);
	if (lnr_str_u64(lnr_proc_word(&line), ret_ino))
		return false;
	ret->l4 = l4;
	ret->ino = *ret_ino;
	/* Without a peer it waits for one. */
	bool server = is_zero(&ret->dip);
	if (server) {
		ret->dip = (struct lnr_ip){0};
		ret->dport = 0;
	}
	ret->type = v6 ? (server ? LNR_FD_IPV6_SERVSOCK : LNR_FD_IPV6_SOCK)
		       : (server ? LNR_FD_IPV4_SERVSOCK : LNR_FD_IPV4_SOCK);
	return true;
}

bool lnr_proc_parse_unix(
	struct lnr_str line, uint64_t *ret_ino, uint64_t *ret_addr, struct lnr_str *ret_path)
{
	/* Num: RefCount Protocol Flags Type St Inode Path */
	struct lnr_str num = lnr_proc_word(&line);
	if (!lnr_str_ends(num, LNR_STR(":")) ||
		!lnr_proc_hex(lnr_str_sub(num, 0, num.len - 1), ret_addr))
		return false;
	for (int i = 0; i < 5; i++)
		lnr_proc_word(&line);
	if (lnr_str_u64(lnr_proc_word(&line), ret_ino))
		return false;
	/* The path may hold blanks: all that follows the one blank. */
	*ret_path = line.len && line.ptr[0] == ' ' ? lnr_str_sub(line, 1, line.len) : LNR_STR("");
	return true;
}

bool lnr_proc_parse_netlink(struct lnr_str line, uint64_t *ret_ino)
{
	/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
	if (lnr_str_starts(line, LNR_STR("sk")))
		return false;
	for (int i = 0; i < 9; i++)
		lnr_proc_word(&line);
	return !lnr_str_u64(lnr_proc_word(&line), ret_ino);
}

/* --- tables --- */

static const struct table {
	const char *name;
	uint8_t family, l4;
} tables[] = {
	{"net/tcp", LNR_AF_INET, LNR_L4_TCP},
	{"net/udp", LNR_AF_INET, LNR_L4_UDP},
	{"net/raw", LNR_AF_INET, LNR_L4_RAW},
	{"net/icmp", LNR_AF_INET, LNR_L4_ICMP},
	{"net/unix", LNR_AF_UNIX, LNR_L4_NA},
	{"net/netlink", LNR_AF_NETLINK, LNR_L4_NA},
	{"net/tcp6", LNR_AF_INET6, LNR_L4_TCP},
	{"net/udp6", LNR_AF_INET6, LNR_L4_UDP},
	{"net/raw6", LNR_AF_INET6, LNR_L4_RAW},
	{"net/icmp6", LNR_AF_INET6, LNR_L4_ICMP},
};

/* One socket into the table; headers and broken lines are no sockets. */
static void take_line(struct lnr_netns *n, const struct table *t, struct lnr_str line)
{
	struct sock s = {.path = LNR_STR("")};
	uint64_t ino = 0;
	bool ok;
	switch (t->family) {
	case LNR_AF_UNIX:
		ok = lnr_proc_parse_unix(line, &ino, &s.fd.source, &s.path);
		s.fd.type = LNR_FD_UNIX_SOCK;
		break;
	case LNR_AF_NETLINK:
		ok = lnr_proc_parse_netlink(line, &ino);
		s.fd.type = LNR_FD_NETLINK;
		break;
	default:
		ok = lnr_proc_parse_inet(line, t->family == LNR_AF_INET6, t->l4, &ino, &s.fd);
	}
	/* Connections that no process holds any more have no inode. */
	if (!ok || !ino)
		return;
	s.fd.ino = ino;
	struct sock *kept = lnr_arena_new(&n->arena, struct sock);
	if (!kept)
		return;
	*kept = s;
	kept->path = lnr_arena_str(&n->arena, s.path);
	lnr_idmap_set(&n->socks, ino, kept, NULL);
}

static void read_table(struct lnr_netns *n, int dir, const struct table *t)
{
	int fd = openat(dir, t->name, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
	if (!f) {
		if (fd >= 0)
			close(fd);
		return; /* no such protocol here */
	}
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	while ((len = getline(&line, &cap, f)) > 0) {
		if (line[len - 1] == '\n')
			len--;
		take_line(n, t, (struct lnr_str){line, (size_t)len});
	}
	free(line);
	fclose(f);
}

/* Namespaces are told apart by the inode of their link. */
static struct lnr_netns *netns_of(struct lnr_proc *p, int dir)
{
	struct stat sb;
	/* Kernels without namespaces have one, and it has no number. */
	uint64_t id = fstatat(dir, "ns/net", &sb, 0) ? 0 : sb.st_ino;
	struct lnr_netns *n = lnr_idmap_get(&p->netns, id);
	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	lnr_idmap_init(&n->socks);
	lnr_arena_init(&n->arena, 0);
	if (lnr_idmap_set(&p->netns, id, n, NULL)) {
		free(n);
		return NULL;
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(tables); i++)
		read_table(n, dir, &tables[i]);
	return n;
}

void lnr_proc_forget_sockets(struct lnr_proc *p)
{
	if (p->scanning)
		return;
	size_t pos = 0;
	uint64_t id;
	void *v;
	while (lnr_idmap_next(&p->netns, &pos, &id, &v)) {
		struct lnr_netns *n = v;
		lnr_idmap_done(&n->socks);
		lnr_arena_done(&n->arena);
		free(n);
	}
	lnr_idmap_clear(&p->netns);
}

bool lnr_proc_socket(
	struct lnr_proc *p, int dir, uint64_t ino, struct lnr_state *st, struct lnr_fd *ret)
{
	struct lnr_netns *n = netns_of(p, dir);
	struct sock *s = n ? lnr_idmap_get(&n->socks, ino) : NULL;
	if (!s)
		return false;
	lnr_fd_copy(ret, &s->fd);
	if (s->path.len)
		lnr_state_set_blob(st, &ret->name, s->path);
	return true;
}
