/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema/setters.h with primitives that write into a buffer: every event is written with its typed
 * setters and read back by the parser.
 */
#include "decode/event.h"
#include "lib/test.h"
#include "schema/record.h"

struct lnr_emit {
	struct lnr_record_builder b;
	uint8_t buf[4096];
	unsigned next;	   /* position that must come now */
	unsigned disorder; /* how often another one came */
};

#define LNR_EMIT_AT(e, index)                          \
	do {                                           \
		(e)->disorder += (e)->next != (index); \
		(e)->next = (index) + 1;               \
	} while (0)

static void lnr_emit_begin(struct lnr_emit *e, unsigned type, unsigned nparams, bool large)
{
	e->next = 0;
	lnr_record_begin(&e->b, e->buf, sizeof(e->buf), type, 1, 2, nparams);
	assert_int_equal(e->b.large, large);
}

static void lnr_emit_u8(struct lnr_emit *e, unsigned index, unsigned char v)
{
	assert_int_equal(index, e->b.n);
	lnr_record_u8(&e->b, v);
}

static void lnr_emit_u16(struct lnr_emit *e, unsigned index, unsigned short v)
{
	assert_int_equal(index, e->b.n);
	lnr_record_u16(&e->b, v);
}

static void lnr_emit_u32(struct lnr_emit *e, unsigned index, unsigned int v)
{
	assert_int_equal(index, e->b.n);
	lnr_record_u32(&e->b, v);
}

static void lnr_emit_u64(struct lnr_emit *e, unsigned index, unsigned long long v)
{
	assert_int_equal(index, e->b.n);
	lnr_record_u64(&e->b, v);
}

static void lnr_emit_empty(struct lnr_emit *e, unsigned index)
{
	(void)index;
	lnr_record_empty(&e->b);
}

static void lnr_emit_variable(struct lnr_emit *e, unsigned index)
{
	assert_int_equal(index, e->b.n);
	lnr_record_str(&e->b, "variable");
}

static void lnr_emit_end(struct lnr_emit *e, unsigned type, unsigned nparams)
{
	assert_int_equal(nparams, e->b.n);
	assert_ptr_equal(lnr_event_info(type), lnr_event_info(((struct lnr_record *)e->buf)->type));
}

#include "schema/setters.h"

/* Value of a parameter: negative, so that sign extension shows. */
static int value_at(int index)
{
	return -3 - index;
}

/* Which writer a type has, told apart by whether its size is fixed. */
#define PUT_(event, index, name)  lnr_put_##event##_##name(e, value_at(index));
#define MARK_(event, index, name) lnr_begin_param_##event##_##name(e);
#define WRITE_INT8		  PUT_
#define WRITE_INT16		  PUT_
#define WRITE_INT32		  PUT_
#define WRITE_INT64		  PUT_
#define WRITE_UINT8		  PUT_
#define WRITE_UINT16		  PUT_
#define WRITE_UINT32		  PUT_
#define WRITE_UINT64		  PUT_
#define WRITE_ERRNO		  PUT_
#define WRITE_FD		  PUT_
#define WRITE_PID		  PUT_
#define WRITE_FD32		  PUT_
#define WRITE_PID32		  PUT_
#define WRITE_SYSCALLID		  PUT_
#define WRITE_SIGTYPE		  PUT_
#define WRITE_RELTIME		  PUT_
#define WRITE_ABSTIME		  PUT_
#define WRITE_PORT		  PUT_
#define WRITE_L4PROTO		  PUT_
#define WRITE_SOCKFAMILY	  PUT_
#define WRITE_BOOL		  PUT_
#define WRITE_IPV4ADDR		  PUT_
#define WRITE_FLAGS8		  PUT_
#define WRITE_FLAGS16		  PUT_
#define WRITE_FLAGS32		  PUT_
#define WRITE_ENUMFLAGS8	  PUT_
#define WRITE_ENUMFLAGS16	  PUT_
#define WRITE_ENUMFLAGS32	  PUT_
#define WRITE_UID		  PUT_
#define WRITE_GID		  PUT_
#define WRITE_MODE		  PUT_
#define WRITE_SIGSET		  PUT_
#define WRITE_CHARBUF		  MARK_
#define WRITE_BYTEBUF		  MARK_
#define WRITE_SOCKADDR		  MARK_
#define WRITE_SOCKTUPLE		  MARK_
#define WRITE_FDLIST		  MARK_
#define WRITE_FSPATH		  MARK_
#define WRITE_FSRELPATH		  MARK_
#define WRITE_CHARBUFARRAY	  MARK_
#define WRITE_CHARBUF_PAIR_ARRAY  MARK_
#define WRITE_DYN		  MARK_
#define WRITE_IPV6ADDR		  MARK_
#define WRITE_IPADDR		  MARK_

static void check_event(struct lnr_emit *e, struct lnr_event *ev, unsigned type)
{
	size_t len = lnr_record_end(&e->b);

	assert_int_not_equal(len, 0);
	assert_int_equal(lnr_event_parse(ev, e->buf, len, 0, NULL), 0);
	assert_int_equal(ev->type, type);
	assert_int_equal(ev->nparams, ev->info->nparams);
	assert_int_equal(e->disorder, 0);
}

static void check_values(const struct lnr_event *ev)
{
	for (unsigned i = 0; i < ev->nparams; i++) {
		unsigned size = lnr_pt_size(ev->info->params[i].type);
		int64_t v;

		/* IPV6ADDR is too wide for a setter by value. */
		if (size == 0 || size > 8) {
			assert_str(lnr_param_str(ev, i), "variable");
			continue;
		}
		assert_int_equal(ev->param[i].len, size);
		assert_true(lnr_param_s64(ev, i, &v));
		assert_int_equal(v, value_at((int)i));
	}
}

/* One function per event, so that none is too long for the compiler's patience. */
#define LNR_EVENT(event, number, name, category, source, flags, nparams) \
	}                                                                \
	static void write_##event(struct lnr_emit *e)                    \
	{                                                                \
		lnr_begin_##event(e);
#define LNR_PARAM(event, index, name, type, format, flag_table, dyn_table, dirfd) \
	WRITE_##type(event, index, name)
static void write_nothing(struct lnr_emit *e)
{
	(void)e;
#include "schema/events.def"
}

#define LNR_EVENT(event, number, name, category, source, flags, nparams) \
	}                                                                \
	static void leave_out_##event(struct lnr_emit *e)                \
	{                                                                \
		lnr_begin_##event(e);
#define LNR_PARAM(event, index, name, type, format, flag_table, dyn_table, dirfd) \
	lnr_skip_##event##_##name(e);
static void leave_out_nothing(struct lnr_emit *e)
{
	(void)e;
#include "schema/events.def"
}

static const struct {
	unsigned type;
	void (*write)(struct lnr_emit *e);
	void (*leave_out)(struct lnr_emit *e);
	void (*end)(struct lnr_emit *e);
} writers[] = {
#define LNR_EVENT(event, number, name, category, source, flags, nparams) \
	{number, write_##event, leave_out_##event, lnr_end_##event},
#include "schema/events.def"
};

static void test_every_setter(void **state)
{
	static struct lnr_emit e;
	static struct lnr_event ev;

	(void)state;
	write_nothing(&e);
	leave_out_nothing(&e);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(writers); i++) {
		writers[i].write(&e);
		writers[i].end(&e);
		check_event(&e, &ev, writers[i].type);
		check_values(&ev);
		writers[i].leave_out(&e);
		writers[i].end(&e);
		check_event(&e, &ev, writers[i].type);
		for (unsigned p = 0; p < ev.nparams; p++)
			assert_false(lnr_param_present(&ev, p));
	}
}

/* A position left out, and two exchanged: the hook sees both. */
static void test_order_is_seen(void **state)
{
	static struct lnr_emit e;

	(void)state;
	lnr_begin_SYSCALL_OPENAT_2_X(&e);
	lnr_skip_SYSCALL_OPENAT_2_X_fd(&e);
	lnr_skip_SYSCALL_OPENAT_2_X_name(&e);
	assert_int_equal(e.disorder, 1);
	e.disorder = 0;
	lnr_begin_SYSCALL_CLOSE_X(&e);
	lnr_skip_SYSCALL_CLOSE_X_fd(&e);
	lnr_skip_SYSCALL_CLOSE_X_res(&e);
	lnr_end_SYSCALL_CLOSE_X(&e);
	assert_int_equal(e.disorder, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_setter),
		cmocka_unit_test(test_order_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
