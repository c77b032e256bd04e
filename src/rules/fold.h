/* SPDX-License-Identifier: Apache-2.0 */
/* What a check is for all events of one type. For this folder. */
#ifndef LNR_RULES_FOLD_H
#define LNR_RULES_FOLD_H

#include "rules/cond.h"

enum lnr_fold { LNR_FOLD_NO, LNR_FOLD_TRUE, LNR_FOLD_FALSE };

/*
 * LNR_FOLD_NO: it depends on the event. Known are values that follow from the type of the event,
 * and that an event has no argument of some name. `scratch` is used.
 */
enum lnr_fold lnr_fold_check(
	const struct lnr_node *check, unsigned event_type, struct lnr_arena *scratch);

#endif
