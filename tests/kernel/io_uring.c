/* SPDX-License-Identifier: Apache-2.0 */
/* io_uring_setup, io_uring_enter, io_uring_register. */
#include "lib/ring.h"

#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPCODE_UNREGISTER_BUFFERS 1

struct made {
	struct io_uring_params p;
	long fd;
};

static void use(void *out)
{
	struct made *m = out;
	m->p.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
	m->p.cq_entries = 32;
	m->fd = lnr_kt_result(syscall(SYS_io_uring_setup, 4, &m->p));
	struct io_uring_params bad = {.flags = IORING_SETUP_IOPOLL | IORING_SETUP_SQ_AFF,
		.sq_thread_cpu = 3,
		.sq_thread_idle = 7};
	syscall(SYS_io_uring_setup, 0, &bad);
	syscall(SYS_io_uring_setup, 1, NULL);
	syscall(SYS_io_uring_enter, m->fd, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
	syscall(SYS_io_uring_enter, -1, 5, 6, IORING_ENTER_GETEVENTS, 0x1234567812345678, 8);
	syscall(SYS_io_uring_register, m->fd, OPCODE_UNREGISTER_BUFFERS, NULL, 0);
	syscall(SYS_io_uring_register, -1, 2, m, 9);
}

/* Some machines have it switched off; the record is there all the same. */
static void test_setup(void **state)
{
	struct lnr_kt *k = *state;
	const struct made *m = lnr_kt_act(k, use);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_IO_URING_SETUP_X, 0);
	assert_param_s64(e, "res", m->fd);
	assert_param_u64(e, "entries", 4);
	assert_param_u64(e, "sq_entries", m->p.sq_entries);
	assert_param_u64(e, "cq_entries", m->p.cq_entries);
	assert_param_u64(e, "flags", LNR_IORING_SETUP_CQSIZE | LNR_IORING_SETUP_CLAMP);
	assert_param_u64(e, "sq_thread_cpu", 0);
	assert_param_u64(e, "sq_thread_idle", 0);
	assert_param_u64(e, "features", m->p.features & 0x7ff);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_IO_URING_SETUP_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_u64(e, "entries", 0);
	assert_param_u64(e, "sq_entries", 0);
	assert_param_u64(e, "cq_entries", 0);
	assert_param_u64(e, "flags",
		LNR_IORING_SETUP_IOPOLL | LNR_IORING_SQ_NEED_WAKEUP | LNR_IORING_SETUP_SQ_AFF);
	assert_param_u64(e, "sq_thread_cpu", 3);
	assert_param_u64(e, "sq_thread_idle", 7);
	assert_param_u64(e, "features", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_IO_URING_SETUP_X, 2);
	assert_param_u64(e, "entries", 1);
	assert_param_u64(e, "sq_entries", 0);
}

static void test_enter(void **state)
{
	struct lnr_kt *k = *state;
	const struct made *m = lnr_kt_act(k, use);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_IO_URING_ENTER_X, 0);
	if (m->fd >= 0)
		assert_param_s64(e, "res", 0);
	else
		ignore_param(e, "res");
	assert_param_s64(e, "fd", m->fd);
	assert_param_u64(e, "to_submit", 0);
	assert_param_u64(e, "min_complete", 0);
	assert_param_u64(e, "flags", LNR_IORING_ENTER_SQ_WAKEUP);
	assert_param_u64(e, "sig", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_IO_URING_ENTER_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "to_submit", 5);
	assert_param_u64(e, "min_complete", 6);
	assert_param_u64(e, "flags", LNR_IORING_ENTER_GETEVENTS);
	assert_param_u64(e, "sig", 0x12345678);
	assert_all_params(e);
}

static void test_register(void **state)
{
	struct lnr_kt *k = *state;
	const struct made *m = lnr_kt_act(k, use);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_IO_URING_REGISTER_X, 0);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_s64(e, "fd", m->fd);
	assert_param_u64(e, "opcode", OPCODE_UNREGISTER_BUFFERS);
	assert_param_u64(e, "arg", 0);
	assert_param_u64(e, "nr_args", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_IO_URING_REGISTER_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "opcode", 2);
	assert_param_u64(e, "arg", (uint64_t)(uintptr_t)m);
	assert_param_u64(e, "nr_args", 9);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "io_uring_setup io_uring_enter "
								  "io_uring_register"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setup),
		cmocka_unit_test(test_enter),
		cmocka_unit_test(test_register),
	};
	return cmocka_run_group_tests_name("io_uring", tests, setup, lnr_kt_teardown);
}
