/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state as tables for plugins (spec plugin-abi.md 13): `threads` with what hangs on a thread,
 * and `containers`. `user` of lnr_tables_new() is the state. Names and types of fields are those
 * that plugins written for the reference look up.
 */
#ifndef LNR_STATE_PLUGIN_TABLES_H
#define LNR_STATE_PLUGIN_TABLES_H

#include "plugin/tables.h"
#include "state/state.h"

/* The tables that stand alone. */
const struct lnr_table_class *const *lnr_state_table_classes(size_t *ret_n);
/* Plugins may have changed the state: the event at hand finds its thread and descriptor again. */
void lnr_state_settle(struct lnr_state *st, struct lnr_event *ev);

#endif
