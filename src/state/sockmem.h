/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of a socket, kept as the reference keeps them: one piece of memory that each kind
 * of socket reads in its own way.
 *
 *	IPV4_SOCK	sip 0..3   dip 4..7    sport 8,9    dport 10,11  l4 12
 *	IPV4_SERVSOCK	ip 0..3    port 4,5    l4 6
 *	IPV6_SOCK	sip 0..15  dip 16..31  sport 32,33  dport 34,35  l4 36
 *	IPV6_SERVSOCK	ip 0..15   port 16,17  l4 18
 *	UNIX_SOCK	source 0..7   dest 8..15
 *
 * A socket changes its kind without its memory being rewritten: an IPv6 socket that connects to an
 * IPv4-mapped address reads its protocol where its IPv6 address was, finds none and is called
 * "<unknown>". Rules, captures and their expected results know these texts, so they are kept.
 * Addresses are in network order, ports in host order.
 */
#ifndef LNR_STATE_SOCKMEM_H
#define LNR_STATE_SOCKMEM_H

#include "state/fd.h"

struct lnr_state;

/* Make fd->mem valid, from the members of a descriptor that was filled by hand. */
void lnr_sock_load(struct lnr_fd *fd);
/* Show fd->mem in the members, as fd->type reads it. */
void lnr_sock_show(struct lnr_fd *fd);
/* Both together for a new socket. */
void lnr_sock_clear(struct lnr_fd *fd);

/* Also true of the zero address, which means any (RFC 4291 2.5.2, 2.5.5.2). */
bool lnr_ip_is_mapped(const uint8_t *ip6);

bool lnr_sock_is_tcp4(const struct lnr_fd *fd);
bool lnr_sock_is_udp4(const struct lnr_fd *fd);
uint16_t lnr_sock_u16(const struct lnr_fd *fd, unsigned at);
void lnr_sock_set_l4(struct lnr_fd *fd, uint8_t l4);
/* l4 of the kind's own place, moved to the place of `to`'s kind; the kind stays. */
void lnr_sock_carry_l4(struct lnr_fd *fd, int from, int to);
/* The bound address of a server. fd->type is set before. */
void lnr_sock_set_server(struct lnr_fd *fd, const uint8_t *ip, uint16_t port);

/*
 * Set both ends, of kind IPV4_SOCK or IPV6_SOCK (`v6`). False: they are already so, in one
 * direction or the other (told only when fd->type is that kind), or nothing differs.
 */
bool lnr_sock_set_ends(struct lnr_fd *fd, bool v6, const uint8_t *sip, uint16_t sport,
	const uint8_t *dip, uint16_t dport);
void lnr_sock_set_dest(struct lnr_fd *fd, bool v6, const uint8_t *dip, uint16_t dport);
void lnr_sock_swap(struct lnr_fd *fd);
void lnr_sock_set_unix(struct lnr_fd *fd, uint64_t source, uint64_t dest);
/* A missing end completed from the machine's addresses (spec 7.4, applying a tuple). */
void lnr_sock_complete(struct lnr_state *st, struct lnr_fd *fd);

#endif
