/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of state that plugins are offered: none for now. A plugin always gets functions to
 * call (some call them unasked, spec plugin-abi.md 12.1); they find no table, and the reason is
 * what get_owner_last_error() then says.
 */
#ifndef LNR_PLUGIN_TABLES_H
#define LNR_PLUGIN_TABLES_H

#include "lanner/plugin.h"

const struct lnr_plugin_init_tables *lnr_plugin_no_tables(void);
const struct lnr_plugin_table_reader_ext *lnr_plugin_no_reader(void);
const struct lnr_plugin_table_writer *lnr_plugin_no_writer(void);

#endif
