/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From parse tree to typed tree, and the plain evaluator.
 *
 * Everything is checked here: fields, arguments, operator against type, constants, transformers,
 * field-to-field comparisons (spec rules-language.md 7-10). After compilation evaluation cannot
 * fail.
 */
#ifndef LNR_RULES_COND_H
#define LNR_RULES_COND_H

#include "rules/tree.h"

/* Receives compiler hints (spec 15.3); `node` has the place. */
typedef void lnr_cond_warn_fn(void *user, const struct lnr_ast *node, const char *msg);

struct lnr_cond_opts {
	const struct lnr_fieldset *fields;
	struct lnr_arena *arena; /* result; lives as long as the tree */
	/* Extra names that evt.type may be compared with (plugin asynchronous events). */
	const struct lnr_str *async_names;
	size_t n_async_names;
	lnr_cond_warn_fn *warn; /* or NULL */
	void *user;
	struct lnr_interner
		*interner; /* shares equal checks and expressions of a rule set; or NULL */
};

/*
 * 0; -ENOENT: unknown field or event type (what skip-if-unknown-filter covers); -EINVAL: any other
 * refusal; -ENOMEM. *err says where and why, with a did-you-mean.
 */
int lnr_cond_compile(const struct lnr_cond_opts *opts, const struct lnr_ast *ast,
	const struct lnr_node **ret, struct lnr_cond_err *err);

/* Shares equal expressions and checks, hands out their ids. */
struct lnr_interner *lnr_interner_new(struct lnr_arena *arena);
struct lnr_interner *lnr_interner_free(struct lnr_interner *in);
uint32_t lnr_interner_exprs(const struct lnr_interner *in); /* how many ids exist */
uint32_t lnr_interner_checks(const struct lnr_interner *in);
uint32_t lnr_interner_slots(const struct lnr_interner *in); /* of LNR_FIELD_SLOT fields */

/*
 * Reference evaluator: walks the tree left to right with short circuit. `ctx->ev` is the event.
 */
bool lnr_node_eval(const struct lnr_node *node, struct lnr_field_ctx *ctx);
/* One expression; false = absent. Borrowed until the next event. */
bool lnr_expr_eval(const struct lnr_expr *e, struct lnr_field_ctx *ctx, struct lnr_val *ret);
/*
 * Compile one expression text on its own (a field or transformer in an output format): the longest
 * prefix of `text` that parses and compiles. *ret_len = bytes used. -ENOENT when none does; -EINVAL
 * when an argument names what does not exist.
 */
int lnr_expr_compile_prefix(const struct lnr_cond_opts *opts, struct lnr_str text,
	const struct lnr_expr **ret, size_t *ret_len, struct lnr_cond_err *err);

/*
 * A check for people, "proc.name in (a, b)": at most `max` constants, then how many there are; 0 =
 * all.
 */
void lnr_check_print(struct lnr_buf *out, const struct lnr_node *check, uint32_t max);
/* A constant as it could be written, without quotes. */
void lnr_const_print(struct lnr_buf *out, const struct lnr_val *v);

/*
 * Event codes a condition can match (spec 11): bit n of byte n/8 = event type n. -EINVAL with *err
 * for evt.type inside a transformer or compared with a field.
 */
#define LNR_EVSET_BYTES ((LNR_EVENT_COUNT + 7) / 8)
struct lnr_evset {
	uint8_t bits[LNR_EVSET_BYTES];
};
int lnr_ast_events(const struct lnr_ast *ast, const struct lnr_str *async_names, size_t n_async,
	struct lnr_evset *ret, struct lnr_cond_err *err);
/* Syscall codes (LNR_SC_) likewise, for choosing what to capture; bit n of byte n/8. */
#define LNR_SCSET_BYTES 64
struct lnr_scset {
	uint8_t bits[LNR_SCSET_BYTES];
};
int lnr_ast_syscalls(const struct lnr_ast *ast, struct lnr_scset *ret);
static inline bool lnr_evset_has(const struct lnr_evset *s, unsigned n)
{
	return n < LNR_EVENT_COUNT && (s->bits[n / 8] >> (n % 8) & 1);
}
unsigned lnr_evset_count(const struct lnr_evset *s);

#endif
