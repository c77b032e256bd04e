/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation over the real fields: what follows from the type of an event, arguments whose type is
 * the event's, values remembered for one event. Operators on all types are tested in ops.c.
 */
#include "rules/eval.h"
#include "lib/test.h"

#include <stdlib.h>
#include "lib/fields.h"
#include "rules/fold.h"
#include "rules/intern.h"
#include "tests/lib/conds.h"

#define OPEN   LNR_EV_SYSCALL_OPEN_X
#define OPENAT LNR_EV_SYSCALL_OPENAT_2_X
#define CLOSE  LNR_EV_SYSCALL_CLOSE_X
#define READ   LNR_EV_SYSCALL_READ_X
#define MOUNT  LNR_EV_SYSCALL_MOUNT_X

static int setup(void **state)
{
	static struct lnr_test_fields f;

	lnr_test_fields_init(&f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	lnr_test_fields_done(*state);
	return 0;
}

static const struct lnr_node *tree(struct lnr_test_fields *f, const char *text)
{
	const struct lnr_node *n = NULL;
	struct lnr_cond_err err = {0};

	if (lnr_test_compile(f, text, &n, &err))
		fail_msg("%s: %s", text, err.msg);
	return n;
}

/* --- folding ------------------------------------------------------------------------------- */

static void fold(struct lnr_test_fields *f, const char *text, unsigned type, enum lnr_fold want)
{
	enum lnr_fold got = lnr_fold_check(tree(f, text), type, &f->scratch);

	lnr_arena_reset(&f->scratch);
	if (got != want)
		fail_msg("%s for event %u: %d", text, type, got);
}

static void by_type(void **state)
{
	struct lnr_test_fields *f = *state;

	fold(f, "evt.type = open", OPEN, LNR_FOLD_TRUE);
	fold(f, "evt.type = open", CLOSE, LNR_FOLD_FALSE);
	fold(f, "evt.type != open", CLOSE, LNR_FOLD_TRUE);
	fold(f, "evt.type in (open, openat)", OPENAT, LNR_FOLD_TRUE);
	fold(f, "evt.type in (open, openat)", READ, LNR_FOLD_FALSE);
	fold(f, "evt.type exists", READ, LNR_FOLD_TRUE);
	fold(f, "evt.dir = <", READ, LNR_FOLD_TRUE);
	fold(f, "evt.dir = <", LNR_EV_SYSCALL_OPEN_E, LNR_FOLD_FALSE);
	fold(f, "evt.is_io = true", READ, LNR_FOLD_TRUE);
	fold(f, "evt.is_io = true", CLOSE, LNR_FOLD_FALSE);
	fold(f, "evt.is_io_write = false", READ, LNR_FOLD_TRUE);
	fold(f, "evt.io_dir = read", READ, LNR_FOLD_TRUE);
	fold(f, "evt.type.is.open = 1", OPEN, LNR_FOLD_TRUE);
	fold(f, "evt.is_async = true", OPEN, LNR_FOLD_FALSE);
	/* Event types that stand for many things. */
	fold(f, "evt.type = open", LNR_EV_GENERIC_X, LNR_FOLD_NO);
	fold(f, "evt.type = open", LNR_EV_GENERIC_E, LNR_FOLD_NO);
	fold(f, "evt.type = open", LNR_EV_ASYNCEVENT_E, LNR_FOLD_NO);
	/* Everything else is up to the event. */
	fold(f, "proc.name = open", OPEN, LNR_FOLD_NO);
	fold(f, "evt.is_open_write = true", OPEN, LNR_FOLD_NO);
	fold(f, "evt.failed = true", OPEN, LNR_FOLD_NO);
	fold(f, "proc.name = val(evt.type)", OPEN, LNR_FOLD_NO);
	fold(f, "evt.type = open", UINT16_MAX, LNR_FOLD_NO);
}

static void without_argument(void **state)
{
	struct lnr_test_fields *f = *state;

	fold(f, "evt.arg.flags contains a", CLOSE, LNR_FOLD_FALSE);
	fold(f, "evt.arg.flags exists", CLOSE, LNR_FOLD_FALSE);
	fold(f, "evt.arg.flags != a", CLOSE, LNR_FOLD_FALSE);
	fold(f, "evt.arg.flags contains a", OPEN, LNR_FOLD_NO);
	fold(f, "evt.rawarg.flags > 3", CLOSE, LNR_FOLD_FALSE);
	fold(f, "evt.rawarg.flags > 3", OPENAT, LNR_FOLD_NO);
	fold(f, "tolower(evt.arg.flags) = a", CLOSE, LNR_FOLD_FALSE);
	fold(f, "concat(evt.type, evt.arg.flags) = a", CLOSE, LNR_FOLD_FALSE);
	fold(f, "proc.name = val(evt.arg.flags)", CLOSE, LNR_FOLD_FALSE);
	/* An argument by its place is another matter. */
	fold(f, "evt.arg[5] = a", CLOSE, LNR_FOLD_NO);
	fold(f, "evt.args contains flags", CLOSE, LNR_FOLD_NO);
}

/* --- arguments with the type of the event's parameter -------------------------------------- */

static bool eval(struct lnr_test_fields *f, const char *text, unsigned type, const char *params)
{
	const struct lnr_node *n = tree(f, text);
	uint8_t record[1024];
	size_t len = lnr_test_record(record, sizeof(record), type, 100, params);
	struct lnr_event ev = {.scratch = &f->scratch};
	struct lnr_field_ctx ctx = {.ev = &ev, .source = LNR_STR("syscall"), .plugin = f};
	bool yes;

	assert_ok(lnr_event_parse(&ev, record, len, 0, NULL), NULL);
	ev.has_res = lnr_param_s64(&ev, 0, &ev.res); /* as the state does */
	yes = lnr_node_eval(n, &ctx);
	lnr_arena_reset(&f->scratch);
	return yes;
}

/* "flags" of a mount is a number, "type" of a mount a text, "type" of a socket a number. */
static void raw_arguments(void **state)
{
	struct lnr_test_fields *f = *state;

	assert_true(eval(f, "evt.rawarg.flags = 16", MOUNT, "res=0|flags=16"));
	assert_false(eval(f, "evt.rawarg.flags = 17", MOUNT, "res=0|flags=16"));
	assert_true(eval(f, "evt.rawarg.flags in (1, 16)", MOUNT, "res=0|flags=16"));
	assert_true(eval(f, "evt.rawarg.flags > 15", MOUNT, "res=0|flags=16"));
	assert_false(eval(f, "evt.rawarg.flags > 16", MOUNT, "res=0|flags=16"));
	assert_false(eval(f, "evt.rawarg.flags exists", MOUNT, "res=0"));
	assert_true(eval(f, "evt.rawarg.res < 0", MOUNT, "res=-13"));
	assert_true(eval(f, "evt.rawarg.res = -13", MOUNT, "res=-13"));
	assert_true(eval(f, "evt.rawarg.dir = /mnt", MOUNT, "res=0|dir=/mnt"));
	assert_true(eval(f, "evt.rawarg.dir startswith /m", MOUNT, "res=0|dir=/mnt"));
	assert_false(eval(f, "evt.rawarg.dir = /mn", MOUNT, "res=0|dir=/mnt"));
	/* A number where this event has a text: its bytes are compared, \2\x08 here. */
	assert_true(eval(f, "evt.rawarg.type > 2050", MOUNT, "res=0|type=ext4"));
	assert_false(eval(f, "evt.rawarg.type < 2050", MOUNT, "res=0|type=ext4"));
	assert_false(eval(f, "evt.rawarg.type = 2050", MOUNT, "res=0|type=ext4"));
	assert_true(eval(f, "evt.rawarg.type = 2050", MOUNT, "res=0|type=\2\x08"));
	assert_false(eval(f, "evt.rawarg.flags = 16", CLOSE, "res=0"));
	assert_true(eval(f, "evt.arg.res = EACCES", MOUNT, "res=-13"));
	assert_true(eval(f, "evt.arg[0] = EACCES", MOUNT, "res=-13"));
	assert_true(eval(f, "evt.arg.dir in (/a, /mnt)", MOUNT, "res=0|dir=/mnt"));
	assert_true(eval(f, "evt.type = mount and evt.failed = true", MOUNT, "res=-13"));
	assert_false(eval(f, "evt.failed = true or evt.rawres = -13", MOUNT, "res=0"));
}

/* --- values of one event ------------------------------------------------------------------- */

static void remembered(void **state)
{
	struct lnr_test_fields *f = *state;
	const struct lnr_node *n = tree(f, "x.one = a"), *m = tree(f, "tolower(x.one) = a"),
			      *c = tree(f, "x.cnt = 2"), *gone = tree(f, "x.two = a");
	struct lnr_expr_cache cache = {.gen = 1};
	struct lnr_val tmp;

	cache.slots = calloc(lnr_interner_exprs(f->interner), sizeof(*cache.slots));
	assert_non_null(cache.slots);
	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("a"));
	assert_true(lnr_check_eval(n, &f->ctx, &cache));
	assert_true(lnr_check_eval(m, &f->ctx, &cache));
	assert_true(lnr_check_eval(n, &f->ctx, &cache));
	assert_int_equal(lnr_test_reads(f, "x.one"), 1);
	/* So is being absent. */
	assert_false(lnr_check_eval(gone, &f->ctx, &cache));
	lnr_test_set_str(f, "x.two", LNR_STR("a"));
	assert_false(lnr_check_eval(gone, &f->ctx, &cache));
	assert_int_equal(lnr_test_reads(f, "x.two"), 1);
	assert_null(lnr_expr_get(gone->lhs, &f->ctx, &cache, &tmp));
	assert_non_null(lnr_expr_get(gone->lhs, &f->ctx, NULL, &tmp));
	/* But not what differs each time. */
	assert_false(lnr_check_eval(c, &f->ctx, &cache));
	assert_true(lnr_check_eval(c, &f->ctx, &cache));
	/* The next event. */
	cache.gen++;
	lnr_test_set_str(f, "x.one", LNR_STR("b"));
	assert_false(lnr_check_eval(n, &f->ctx, &cache));
	assert_false(lnr_check_eval(m, &f->ctx, &cache));
	assert_true(lnr_check_eval(gone, &f->ctx, &cache));
	assert_int_equal(lnr_test_reads(f, "x.one"), 2);
	lnr_arena_reset(&f->scratch);
	free(cache.slots);
}

/* An expression alone, as output formats use it. */
static void expressions(void **state)
{
	struct lnr_test_fields *f = *state;
	struct lnr_val v;

	lnr_test_fields_clear(f);
	assert_false(lnr_expr_eval(tree(f, "toupper(x.one) = a")->lhs, &f->ctx, &v));
	lnr_test_set_str(f, "x.one", LNR_STR("ab"));
	assert_true(lnr_expr_eval(tree(f, "toupper(x.one) = a")->lhs, &f->ctx, &v));
	assert_str(v.str, "AB");
	assert_true(lnr_expr_eval(tree(f, "len(x.one) = 1")->lhs, &f->ctx, &v));
	assert_int_equal(v.u64, 2);
	assert_false(lnr_expr_eval(tree(f, "concat(x.one, x.two) = a")->lhs, &f->ctx, &v));
	/* More arguments than fit on the stack. */
	assert_true(lnr_expr_eval(
		tree(f, "concat(x.one, 'a', x.one, 'b', x.one, 'c') = a")->lhs, &f->ctx, &v));
	assert_str(v.str, "abaabbabc");
	assert_true(lnr_expr_eval(
		tree(f, "join('-', (x.one, 'x', 'y', x.one, 'z')) = a")->lhs, &f->ctx, &v));
	assert_str(v.str, "ab-x-y-ab-z");
	lnr_arena_reset(&f->scratch);
}

/* No memory for a value: it is absent. */
static void no_memory(void **state)
{
	struct lnr_test_fields *f = *state;
	struct lnr_arena none;
	struct lnr_val v;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("ab"));
	lnr_arena_init(&none, 1);
	f->ev.scratch = &none;
	assert_false(lnr_expr_eval(tree(f, "toupper(x.one) = a")->lhs, &f->ctx, &v));
	assert_false(lnr_expr_eval(
		tree(f, "concat(x.one, 'a', x.one, 'b', x.one, 'c') = a")->lhs, &f->ctx, &v));
	assert_false(lnr_expr_eval(tree(f, "join('-', (x.one, 'x')) = a")->lhs, &f->ctx, &v));
	assert_true(lnr_node_eval(tree(f, "not toupper(x.one) = AB"), &f->ctx));
	f->ev.scratch = &f->scratch;
	lnr_arena_done(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_type),
		cmocka_unit_test(without_argument),
		cmocka_unit_test(raw_arguments),
		cmocka_unit_test(remembered),
		cmocka_unit_test(expressions),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
