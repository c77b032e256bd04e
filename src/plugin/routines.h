/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routines (spec plugin-abi.md 11): functions of plugins that run again and again beside the
 * events, on threads of the host, until they return 0. The threads start with the first routine and
 * are few; a routine that returns at once does not keep one busy. Tables of state are not for
 * routines.
 *
 * One pool per engine. Plugins subscribe during capture_open() mostly; any thread may.
 */
#ifndef LNR_PLUGIN_ROUTINES_H
#define LNR_PLUGIN_ROUTINES_H

#include "plugin/host.h"

struct lnr_routines;

struct lnr_routines *lnr_routines_new(void); /* NULL when only memory is lacking */
/* Remove all, wait for those that run. Takes NULL; returns NULL. */
struct lnr_routines *lnr_routines_free(struct lnr_routines *r);
/* The functions that plugins get; they find the pool through the instance. */
const struct lnr_plugin_routines *lnr_routines_functions(void);
/* How many there are. */
unsigned lnr_routines_count(struct lnr_routines *r);

#endif
