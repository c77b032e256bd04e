/* SPDX-License-Identifier: Apache-2.0 */
/* Invariants of a state, for tests and fuzzing. Walks everything: not for the hot path. */
#ifndef LNR_STATE_CHECK_H
#define LNR_STATE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct lnr_state;

/* False: something is wrong, and `why` says what. Between events only. */
bool lnr_state_check(struct lnr_state *st, char *why, size_t size);

#endif
