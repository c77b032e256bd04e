/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of typed trees as text. */
#include "rules/cond.h"

#include "rules/ops.h"

static void print_bytes(struct lnr_buf *out, struct lnr_str s)
{
	for (size_t i = 0; i < s.len; i++)
		lnr_buf_printf(out, "%02x", (unsigned char)s.ptr[i]);
}

void lnr_const_print(struct lnr_buf *out, const struct lnr_val *v)
{
	struct lnr_val ip = {.type = LNR_PT_IPADDR};

	if (v->type == LNR_PT_IPNET) {
		ip.ip = v->net.ip;
		lnr_val_text(out, NULL, &ip, LNR_PF_NA);
		lnr_buf_printf(out, "/%u", v->net.bits);
	} else if (v->type == LNR_PT_DOUBLE) {
		lnr_buf_printf(out, "%.0f", v->d); /* constants are whole numbers */
	} else if (v->type == LNR_PT_BYTEBUF) {
		print_bytes(out, v->str);
	} else {
		lnr_val_text(out, NULL, v, LNR_PF_DEC);
	}
}

void lnr_check_print(struct lnr_buf *out, const struct lnr_node *n, uint32_t max)
{
	static const char *const mods[] = {"", "oneof ", "anyof ", "allof "};
	bool list = n->op->form == LNR_OPF_LIST || n->mod != LNR_MOD_NONE;

	lnr_buf_str(out, n->lhs->text);
	lnr_buf_printf(out, " %s", n->op->name);
	if (n->op->form == LNR_OPF_ALONE)
		return;
	lnr_buf_printf(out, " %s", mods[n->mod]);
	if (n->rhs) {
		bool field = n->rhs->kind == LNR_EXPR_FIELD;

		lnr_buf_cstr(out, field ? "val(" : "");
		lnr_buf_str(out, n->rhs->text);
		lnr_buf_cstr(out, field ? ")" : "");
		return;
	}
	if (list)
		lnr_buf_chr(out, '(');
	for (uint32_t i = 0; i < n->n_consts && (!max || i < max); i++) {
		if (i)
			lnr_buf_cstr(out, ", ");
		lnr_const_print(out, &n->consts[i]);
	}
	if (max && n->n_consts > max)
		lnr_buf_printf(out, ", … (%u)", n->n_consts);
	if (list)
		lnr_buf_chr(out, ')');
}
