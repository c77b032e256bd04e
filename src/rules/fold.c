/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/fold.h"

#include "rules/eval.h"

/* Events whose name and meaning are in their parameters. */
static bool open_ended(unsigned type)
{
	return type == LNR_EV_GENERIC_E || type == LNR_EV_GENERIC_X || type == LNR_EV_ASYNCEVENT_E;
}

/* evt.arg.NAME and evt.rawarg.NAME of an event that has no such parameter. */
static bool has_no_argument(const struct lnr_expr *e, const struct lnr_event_info *info)
{
	struct lnr_str name = lnr_str_c(e->field.def->name);

	if (!lnr_str_eq(name, LNR_STR("evt.arg")) && !lnr_str_eq(name, LNR_STR("evt.rawarg")))
		return false;
	return e->field.has_arg && !e->field.has_index && e->field.arg_is_suffix &&
	       lnr_event_param(info, e->field.arg) < 0;
}

static bool known_absent(const struct lnr_expr *e, const struct lnr_event_info *info)
{
	if (e->kind == LNR_EXPR_FIELD)
		return has_no_argument(e, info);
	for (uint32_t i = 0; i < e->n_args; i++) {
		if (known_absent(e->args[i], info))
			return true;
	}
	return false;
}

enum lnr_fold lnr_fold_check(
	const struct lnr_node *check, unsigned event_type, struct lnr_arena *scratch)
{
	const struct lnr_event_info *info = lnr_event_info(event_type);
	struct lnr_event ev = {.type = (uint16_t)event_type, .info = info, .scratch = scratch};
	struct lnr_field_ctx ctx = {.ev = &ev};
	struct lnr_val v;

	if (!info || check->texts)
		return LNR_FOLD_NO;
	if (known_absent(check->lhs, info) || (check->rhs && known_absent(check->rhs, info)))
		return LNR_FOLD_FALSE;
	if (check->rhs || check->lhs->is_volatile || open_ended(event_type) ||
		!(lnr_check_flags(check) & LNR_FIELD_BY_TYPE))
		return LNR_FOLD_NO;
	if (!lnr_field_get(&ctx, &check->lhs->field, &v))
		return LNR_FOLD_FALSE;
	return lnr_check_compare(check, &ctx, &v, NULL) ? LNR_FOLD_TRUE : LNR_FOLD_FALSE;
}
