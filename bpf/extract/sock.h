/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Sockets and addresses (spec events-and-state 5.3). A descriptor is a socket when its inode says
 * so; both ends come from the kernel's own structure, and from user memory only what the kernel
 * does not keep, the destination of one datagram.
 *
 * The writers are global functions, verified once: `at` is where in the record of variable size
 * that is being built on this CPU, the result how many bytes, 0 = absent.
 */
#ifndef LNR_BPF_EXTRACT_SOCK_H
#define LNR_BPF_EXTRACT_SOCK_H

#include "emit/emit.h"
#include "extract/file.h"
#include "extract/flags.h"

#define LNR_S_IFMT   0170000
#define LNR_S_IFSOCK 0140000
#define LNR_UN_PATH  108 /* sun_path of struct sockaddr_un */
#define LNR_UN_HEAD  2	 /* what comes before it */

enum { LNR_OUTBOUND, LNR_INBOUND };

/* What an address begins with in user memory; for AF_INET the address follows at once. */
struct lnr_user_in {
	u16 family, port;
	u32 addr;
};
struct lnr_user_in6 {
	u16 family, port;
	u32 flow;
	u64 addr[2];
};

static __always_inline u16 lnr_ntohs(u16 v)
{
	return __builtin_bswap16(v);
}

/*
 * The socket behind a descriptor of the current task, or NULL. A descriptor of a socket's place in
 * the file system (O_PATH) has such an inode too, but nothing behind it.
 */
static __always_inline struct sock *lnr_sock(s32 fd)
{
	struct file *f = lnr_file(fd);
	if ((BPF_CORE_READ(f, f_inode, i_mode) & LNR_S_IFMT) != LNR_S_IFSOCK)
		return NULL;
	struct socket *s = BPF_CORE_READ(f, private_data);
	return BPF_CORE_READ(s, sk);
}

/* A kernel-side unix name at `p`, its NUL included. Abstract names lose their leading NUL. */
static __always_inline u32 lnr_unix_name(u8 *p, struct unix_address *a)
{
	u32 len = BPF_CORE_READ(a, len) - LNR_UN_HEAD;
	const char *name = (void *)__builtin_preserve_access_index(&a->name) + LNR_UN_HEAD;
	u8 first = 0;
	p[0] = 0;
	if (!a || !len || len > LNR_UN_PATH)
		return 1;
	bpf_probe_read_kernel(&first, 1, name);
	if (!first) {
		name++;
		len--;
	}
	/* Nothing ends an abstract name but its length: one byte more is the NUL that is put there.
	 * Older verifiers have lost by now what the length was compared with. */
	asm volatile("%0 &= 0x7f" : "+r"(len));
	long n = bpf_probe_read_kernel_str(p, len + 1, name);
	return n < 1 ? 1 : n;
}

/* The same of an address of `len` bytes in user memory, by way of the work area. */
static __always_inline u32 lnr_user_unix_name(u8 *p, u8 *work, u64 user, u32 len)
{
	len -= LNR_UN_HEAD;
	if (len > LNR_UN_PATH)
		len = LNR_UN_PATH;
	asm volatile("%0 &= 0x7f" : "+r"(len));
	p[0] = 0;
	if (bpf_probe_read_user(work, len, (void *)(user + LNR_UN_HEAD)))
		return 1;
	work[len] = 0;
	long n = bpf_probe_read_kernel_str(p, LNR_UN_PATH + 1, len && !work[0] ? work + 1 : work);
	return n < 1 ? 1 : n;
}

/*
 * First eight bytes of an address in user memory: all that AF_INET has, and the family of the
 * others. Shorter ones have a family only.
 */
static __always_inline void lnr_user_in(struct lnr_user_in *a, u64 user, u32 len)
{
	a->family = LNR_AF_UNSPEC;
	if (!user || (s32)len < LNR_UN_HEAD)
		return;
	if (len >= sizeof(*a) ? bpf_probe_read_user(a, sizeof(*a), (void *)user)
			      : bpf_probe_read_user(a, sizeof(a->family), (void *)user))
		a->family = LNR_AF_UNSPEC;
}

/* SOCKADDR: an address of `len` bytes in user memory. */
__noinline int lnr_write_addr(u32 at, u64 user, u32 len)
{
	struct lnr_scratch *s = lnr_scratch_get();
	struct lnr_user_in in = {0};
	lnr_user_in(&in, user, len);
	if (!s)
		return 0;
	asm volatile("%0 &= 0xffff" : "+r"(at));
	u8 *p = s->b + at;
	p[0] = in.family;
	if (in.family == LNR_AF_INET && len >= sizeof(in)) {
		*(u32 *)(p + 1) = in.addr;
		*(u16 *)(p + 5) = lnr_ntohs(in.port);
		return 7;
	}
	if (in.family == LNR_AF_INET6) {
		struct lnr_user_in6 a;
		if (len < sizeof(a) || bpf_probe_read_user(&a, sizeof(a), (void *)user))
			return 0;
		*(u64 *)(p + 1) = a.addr[0];
		*(u64 *)(p + 9) = a.addr[1];
		*(u16 *)(p + 17) = lnr_ntohs(a.port);
		return 19;
	}
	if (in.family == LNR_AF_UNIX)
		return 1 + lnr_user_unix_name(p + 1, s->b + LNR_SCRATCH_WORK, user, len);
	return 0;
}

/*
 * What every socket begins with: remote and local address side by side, a hash, remote and local
 * port in network and host order, family (include/net/sock.h, unchanged since 3.13). One copy
 * instead of three where a kernel has them so; the loader decides.
 */
struct lnr_sock_head {
	u64 addrs;
	u32 hash, ports;
	u16 family;
} __attribute__((packed));

#define LNR_SOCK_AT(kernel, member)                           \
	(bpf_core_field_offset(struct sock_common, kernel) == \
		__builtin_offsetof(struct lnr_sock_head, member))

static __always_inline void lnr_sock_head(struct sock *sk, struct lnr_sock_head *h)
{
	if (LNR_SOCK_AT(skc_addrpair, addrs) && LNR_SOCK_AT(skc_portpair, ports) &&
		LNR_SOCK_AT(skc_family, family)) {
		bpf_core_read(h, sizeof(*h), &sk->__sk_common);
		return;
	}
	h->addrs = BPF_CORE_READ(sk, __sk_common.skc_addrpair);
	h->ports = BPF_CORE_READ(sk, __sk_common.skc_portpair);
	h->family = BPF_CORE_READ(sk, __sk_common.skc_family);
}

static __always_inline u32 lnr_tuple_in(
	u8 *p, const struct lnr_sock_head *h, u64 user, u32 len, u32 inbound)
{
	u32 raddr = h->addrs, laddr = h->addrs >> 32;
	u16 rport = lnr_ntohs(h->ports), lport = h->ports >> 16;
	struct lnr_user_in a;
	if (!rport && user && len >= sizeof(a) &&
		!bpf_probe_read_user(&a, sizeof(a), (void *)user)) {
		raddr = a.addr;
		rport = lnr_ntohs(a.port);
	}
	p[0] = LNR_AF_INET;
	*(u32 *)(p + 1) = inbound ? raddr : laddr;
	*(u16 *)(p + 5) = inbound ? rport : lport;
	*(u32 *)(p + 7) = inbound ? laddr : raddr;
	*(u16 *)(p + 11) = inbound ? lport : rport;
	return 13;
}

static __always_inline u32 lnr_tuple_in6(
	u8 *p, struct sock *sk, const struct lnr_sock_head *h, u64 user, u32 len, u32 inbound)
{
	u16 rport = lnr_ntohs(h->ports), lport = h->ports >> 16;
	u32 r = inbound ? 1 : 19, l = inbound ? 19 : 1;
	struct lnr_user_in in = {0};
	struct lnr_user_in6 a;
	bpf_core_read(p + r, 16, &sk->__sk_common.skc_v6_daddr);
	bpf_core_read(p + l, 16, &sk->__sk_common.skc_v6_rcv_saddr);
	if (!rport)
		lnr_user_in(&in, user, len);
	if (in.family == LNR_AF_INET && len >= sizeof(in)) {
		/* A datagram of an IPv6 socket to an IPv4 address, mapped as it will be. */
		rport = lnr_ntohs(in.port);
		*(u64 *)(p + r) = 0;
		*(u64 *)(p + r + 8) = (u64)in.addr << 32 | 0xffff0000;
	} else if (in.family && len >= sizeof(a) &&
		   !bpf_probe_read_user(&a, sizeof(a), (void *)user)) {
		rport = lnr_ntohs(a.port);
		*(u64 *)(p + r) = a.addr[0];
		*(u64 *)(p + r + 8) = a.addr[1];
	}
	p[0] = LNR_AF_INET6;
	*(u16 *)(p + r + 16) = rport;
	*(u16 *)(p + l + 16) = lport;
	return 37;
}

static __always_inline u32 lnr_tuple_unix(
	u8 *p, u8 *work, struct sock *sk, u64 user, u32 len, u32 inbound)
{
	struct unix_sock *u = (void *)sk;
	struct sock *peer = BPF_CORE_READ(u, peer);
	struct unix_sock *named = inbound ? u : (void *)peer;
	struct unix_address *name = BPF_CORE_READ(named, addr);
	struct lnr_user_in in = {0};
	p[0] = LNR_AF_UNIX;
	*(u64 *)(p + 1) = inbound ? (u64)sk : (u64)peer;
	*(u64 *)(p + 9) = inbound ? (u64)peer : (u64)sk;
	if (!inbound && !name)
		lnr_user_in(&in, user, len);
	if (in.family == LNR_AF_UNIX)
		return 17 + lnr_user_unix_name(p + 17, work, user, len);
	return 17 + lnr_unix_name(p + 17, name);
}

/*
 * SOCKTUPLE of a descriptor; `user` is an address of `len` bytes the caller gave or got, 0 without.
 */
__noinline int lnr_write_tuple(u32 at, s32 fd, u64 user, u32 len, u32 inbound)
{
	struct lnr_scratch *s = lnr_scratch_get();
	struct sock *sk = lnr_sock(fd);
	if (!s || !sk)
		return 0;
	asm volatile("%0 &= 0xffff" : "+r"(at));
	u8 *p = s->b + at;
	struct lnr_sock_head h;
	lnr_sock_head(sk, &h);
	switch (h.family) {
	case LNR_AF_INET:
		return lnr_tuple_in(p, &h, user, len, inbound);
	case LNR_AF_INET6:
		return lnr_tuple_in6(p, sk, &h, user, len, inbound);
	case LNR_AF_UNIX:
		return lnr_tuple_unix(p, s->b + LNR_SCRATCH_WORK, sk, user, len, inbound);
	default:
		return 0;
	}
}

/* Parameters begun last. */
static __always_inline void lnr_emit_addr(struct lnr_emit *e, u64 user, u32 len)
{
	u32 n = lnr_write_addr(e->at, user, len);
	asm volatile("%0 &= 0xff" : "+r"(n));
	lnr_emit_done(e, n);
}

static __always_inline void lnr_emit_tuple(
	struct lnr_emit *e, s32 fd, u64 user, u32 len, const u32 inbound)
{
	u32 n = lnr_write_tuple(e->at, fd, user, len, inbound);
	asm volatile("%0 &= 0xff" : "+r"(n));
	lnr_emit_done(e, n);
}

/* --- numbers of the interface --- */

/* Families that the table knows; their numbers are the native ones. */
#define LNR_FAMILIES_KNOWN (((1ULL << 40) - 1) & ~(1ULL << 12 | 1ULL << 27 | 1ULL << 28))

static __always_inline u8 lnr_family_of(u64 x)
{
	u8 f = x;
	return f < 40 && LNR_FAMILIES_KNOWN >> f & 1 ? f : LNR_AF_UNSPEC;
}

/* SOCK_CLOEXEC and SOCK_NONBLOCK are the O_ bits (include/linux/net.h). */
static __always_inline u32 lnr_sock_flags(u64 type)
{
	return LNR_MAP(type, NAT_O_CLOEXEC, LNR_O_CLOEXEC) |
	       LNR_MAP(type, NAT_O_NONBLOCK, LNR_O_NONBLOCK);
}

#endif
