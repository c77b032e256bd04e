/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of the state: plugin_tables.c has threads, plugin_fds.c descriptors, plugin_lists.c
 * arguments, environment and cgroups, plugin_containers.c containers.
 */
#ifndef LNR_STATE_PLUGIN_TABLES_PRIV_H
#define LNR_STATE_PLUGIN_TABLES_PRIV_H

#include <errno.h>
#include "state/state_priv.h"
#include "state/plugin_tables.h"

extern const struct lnr_table_class lnr_table_threads, lnr_table_fds, lnr_table_args, lnr_table_env,
	lnr_table_cgroups, lnr_table_containers;

/* The thread at `pos`, which may be one that is not in the table; NULL = none such. */
static inline struct lnr_task *lnr_table_task(struct lnr_state *st, const struct lnr_table_pos *pos)
{
	return pos->made ? pos->made : lnr_idmap_get(&st->tasks, pos->key);
}

/* Plain integers of `type` at `at`. BOOL is not among them. */
void lnr_table_get_int(const void *at, uint32_t type, union lnr_plugin_state_data *ret);
void lnr_table_set_int(void *at, uint32_t type, const union lnr_plugin_state_data *in);
/* A text, NULL as the empty one. */
int lnr_table_set_text(struct lnr_state *st, struct lnr_blob **slot, const char *text);

#endif
