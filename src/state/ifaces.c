/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_priv.h"

#include <stdlib.h>

void lnr_ifaces_done(struct lnr_ifaces *l)
{
	free(l->list);
	*l = (struct lnr_ifaces){NULL, 0, 0};
}

void lnr_ifaces_clear(struct lnr_ifaces *l)
{
	l->n = 0;
}

/* Addresses are few and looked at in order, so a plain array does. */
int lnr_state_add_iface(struct lnr_state *st, const struct lnr_iface *iface)
{
	struct lnr_ifaces *l = &st->ifaces;
	if (l->n == LNR_IFACES_MAX)
		return -ENOSPC;
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;
		struct lnr_iface *list = realloc(l->list, cap * sizeof(*list));
		if (!list)
			return -ENOMEM;
		l->list = list;
		l->cap = cap;
	}
	l->list[l->n++] = *iface;
	return 0;
}

const struct lnr_iface *lnr_state_ifaces(struct lnr_state *st, size_t *ret_n)
{
	*ret_n = st->ifaces.n;
	return st->ifaces.list;
}

static bool same_subnet4(const struct lnr_iface *i, const uint8_t *addr)
{
	for (int b = 0; b < 4; b++)
		if ((i->addr.addr[b] ^ addr[b]) & i->mask.addr[b])
			return false;
	return true;
}

/* The reference takes 64 bits as the subnet of any IPv6 address, whatever the mask says. */
static bool same_subnet6(const uint8_t *a, const uint8_t *b)
{
	return !memcmp(a, b, 8);
}

/*
 * Own address, else one of the same subnet, else the first that is not loopback (spec 7.4). Masks
 * that are missing are zero, and then every address is of the subnet.
 */
void lnr_ifaces_guess4(const struct lnr_ifaces *l, const uint8_t *other, uint8_t *ret)
{
	static const uint8_t loopback[4] = {127, 0, 0, 1};
	const struct lnr_iface *subnet = NULL, *first = NULL;
	for (size_t n = 0; n < l->n; n++) {
		const struct lnr_iface *i = &l->list[n];
		if (i->addr.family != LNR_AF_INET)
			continue;
		if (!memcmp(i->addr.addr, other, 4)) {
			memcpy(ret, i->addr.addr, 4);
			return;
		}
		if (!subnet && same_subnet4(i, other))
			subnet = i;
		if (!first && memcmp(i->addr.addr, loopback, 4))
			first = i;
	}
	const struct lnr_iface *i = subnet ? subnet : first;
	memcpy(ret, i ? i->addr.addr : (const uint8_t[4]){0}, 4);
}

void lnr_ifaces_guess6(const struct lnr_ifaces *l, const uint8_t *other, uint8_t *ret)
{
	static const uint8_t loopback[16] = {[15] = 1};
	const struct lnr_iface *subnet = NULL, *first = NULL;
	for (size_t n = 0; n < l->n; n++) {
		const struct lnr_iface *i = &l->list[n];
		if (i->addr.family != LNR_AF_INET6)
			continue;
		if (!memcmp(i->addr.addr, other, 16)) {
			memcpy(ret, i->addr.addr, 16);
			return;
		}
		if (!subnet && same_subnet6(i->addr.addr, other))
			subnet = i;
		if (!first && memcmp(i->addr.addr, loopback, 16))
			first = i;
	}
	const struct lnr_iface *i = subnet ? subnet : first;
	memcpy(ret, i ? i->addr.addr : (const uint8_t[16]){0}, 16);
}

/*
 * A container is its own machine as long as its address is known; when not, any container's address
 * is taken for it, because what leaves it shows one of those (fields 6.3).
 */
bool lnr_state_is_local_ip(
	struct lnr_state *st, const struct lnr_thread *t, const struct lnr_ip *ip)
{
	bool in_container = t && t->container_id;
	if (in_container && ip->family == LNR_AF_INET6)
		return false; /* containers' IPv6 addresses are not known */
	if (in_container) {
		const struct lnr_container *c = lnr_containers_get(
			st->containers, lnr_blob_str(t->container_id));
		int own = c ? lnr_container_is_ip(c, ip) : -1;
		if (own > 0)
			return true;
		if (own < 0)
			return lnr_containers_has_ip(st->containers, ip);
	}
	for (size_t n = 0; n < st->ifaces.n; n++) {
		const struct lnr_iface *i = &st->ifaces.list[n];
		if (i->addr.family != ip->family)
			continue;
		if (ip->family == LNR_AF_INET ? !memcmp(i->addr.addr, ip->addr, 4)
					      : same_subnet6(i->addr.addr, ip->addr))
			return true;
	}
	return false;
}
