/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of the machine that events come from (spec 11). */
#ifndef LNR_STATE_IFACES_H
#define LNR_STATE_IFACES_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct lnr_iface;

struct lnr_ifaces {
	struct lnr_iface *list;
	size_t n, cap;
};

void lnr_ifaces_done(struct lnr_ifaces *l);
void lnr_ifaces_clear(struct lnr_ifaces *l);
/*
 * The machine's own address for a connection with `other`: that address itself when it is one, else
 * one of the same subnet, else the first that is not loopback; zeros when there is none.
 */
void lnr_ifaces_guess4(const struct lnr_ifaces *l, const uint8_t *other, uint8_t *ret);
void lnr_ifaces_guess6(const struct lnr_ifaces *l, const uint8_t *other, uint8_t *ret);

#endif
