/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields whose values a test sets, for tests of rules: a class with one field per value type and
 * one per special behaviour, a context, and a compiler at hand.
 *
 *	x.<type>	scalar of that type: x.int64, x.charbuf, x.ipaddr …
 *	l.<type>	list of it
 *	any.<type>	one candidate is enough (ancestors): charbuf, int64
 *	end.<type>	ends of a connection: ipaddr, ipnet, port
 *	x.one …		x.one, x.two, x.three: more texts
 *	x.cnt		counts its evaluations; has a slot
 *	x.own		compares itself: `=` with "magic" is true, `<` is left to the usual way
 *	x.norhs		a text that cannot be compared with a field
 *	x.notrans	a text that transformers refuse
 *	x.key[ARG]	a text with an argument; x.index[N] a number
 *
 * A field without a value is absent.
 */
#ifndef LNR_TESTS_LIB_FIELDS_H
#define LNR_TESTS_LIB_FIELDS_H

#include "lib/test.h"
#include "rules/cond.h"

#define LNR_TEST_FIELDS_MAX 160

struct lnr_test_fields {
	struct lnr_arena arena; /* trees and values */
	struct lnr_arena scratch;
	struct lnr_fieldset *set;
	struct lnr_interner *interner;
	struct lnr_field rows[LNR_TEST_FIELDS_MAX];
	char names[LNR_TEST_FIELDS_MAX][32];
	unsigned n_rows;
	struct lnr_field_class cls;
	struct lnr_val values[LNR_TEST_FIELDS_MAX];
	bool present[LNR_TEST_FIELDS_MAX];
	unsigned reads[LNR_TEST_FIELDS_MAX]; /* how often each was asked */
	struct lnr_event ev;
	struct lnr_field_ctx ctx;
	uint64_t slots[16];
	char hints[2048]; /* of the last compilation: "line:column text\n" … */
};

void lnr_test_fields_init(struct lnr_test_fields *f);
void lnr_test_fields_done(struct lnr_test_fields *f);
/* Forget all values. */
void lnr_test_fields_clear(struct lnr_test_fields *f);

void lnr_test_set_s64(struct lnr_test_fields *f, const char *name, int64_t v);
void lnr_test_set_u64(struct lnr_test_fields *f, const char *name, uint64_t v);
void lnr_test_set_double(struct lnr_test_fields *f, const char *name, double v);
void lnr_test_set_str(struct lnr_test_fields *f, const char *name, struct lnr_str v);
void lnr_test_set_ip(struct lnr_test_fields *f, const char *name, const char *ip);
/* Items separated by '|', each converted as a constant of the field's type; "" = no item. */
void lnr_test_set_list(struct lnr_test_fields *f, const char *name, const char *items);
void lnr_test_unset(struct lnr_test_fields *f, const char *name);
unsigned lnr_test_reads(const struct lnr_test_fields *f, const char *name);

struct lnr_cond_opts lnr_test_opts(struct lnr_test_fields *f);
/* Parse and compile. */
int lnr_test_compile(struct lnr_test_fields *f, const char *text, const struct lnr_node **ret,
	struct lnr_cond_err *err);
/* The same, and evaluate with the reference evaluator; the test fails when it does not compile. */
bool lnr_test_cond(struct lnr_test_fields *f, const char *text);

#endif
