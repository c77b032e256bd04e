/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Parameter positions by name: LNR_P_<EVENT>_<parameter>, for example
 * LNR_P_SYSCALL_OPENAT_2_X_name is 2. For code that knows which event it looks at; a misspelt name
 * does not compile.
 */
#ifndef LNR_SCHEMA_PARAMS_H
#define LNR_SCHEMA_PARAMS_H

enum lnr_param_index {
#define LNR_PARAM(event, index, name, type, format, flag_table, dyn_table, dirfd) \
	LNR_P_##event##_##name = index,
#include "schema/events.def"
};

/* Number of parameters of an event. */
enum lnr_param_count {
#define LNR_EVENT(event, number, name, category, source, flags, nparams) \
	LNR_NPARAMS_##event = nparams,
#include "schema/events.def"
};

#endif
