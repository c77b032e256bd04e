/* SPDX-License-Identifier: Apache-2.0 */
/* mlock, mlock2, munlock, mlockall, munlockall. */
#include "lib/ring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BAD_ADDRESS 0x1000

static void lock(void *out)
{
	void **page = out;
	*page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	lnr_kt_check(*page != MAP_FAILED);
	syscall(SYS_mlock, *page, 4096);
	syscall(SYS_mlock, BAD_ADDRESS, 10);
	syscall(SYS_mlock2, *page, 4096, 1);
	syscall(SYS_mlock2, *page, 4096, 2);
	syscall(SYS_munlock, *page, 4096);
	syscall(SYS_munlock, BAD_ADDRESS, 11);
	syscall(SYS_mlockall, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	syscall(SYS_munlockall);
	syscall(SYS_mlockall, 0x70);
}

static void assert_range(
	struct lnr_kt *k, unsigned type, unsigned n, int64_t res, uint64_t addr, uint64_t len)
{
	struct lnr_kt_event *e = lnr_kt_event(k, type, n);
	assert_param_s64(e, "res", res);
	assert_param_u64(e, "addr", addr);
	assert_param_u64(e, "len", len);
	assert_all_params(e);
}

static void ranges(void **state)
{
	struct lnr_kt *k = *state;
	uint64_t page = *(uintptr_t *)lnr_kt_act(k, lock);
	assert_range(k, LNR_EV_SYSCALL_MLOCK_X, 0, 0, page, 4096);
	assert_range(k, LNR_EV_SYSCALL_MLOCK_X, 1, -ENOMEM, BAD_ADDRESS, 10);
	assert_range(k, LNR_EV_SYSCALL_MUNLOCK_X, 0, 0, page, 4096);
	assert_range(k, LNR_EV_SYSCALL_MUNLOCK_X, 1, -ENOMEM, BAD_ADDRESS, 11);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_MLOCK2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "addr", page);
	assert_param_u64(e, "len", 4096);
	assert_param_u64(e, "flags", LNR_MLOCK_ONFAULT);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MLOCK2_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", 0);
}

static void all(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, lock);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_MLOCKALL_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "flags",
		LNR_MLOCKALL_MCL_CURRENT | LNR_MLOCKALL_MCL_FUTURE | LNR_MLOCKALL_MCL_ONFAULT);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MLOCKALL_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MUNLOCKALL_X, 0);
	assert_param_s64(e, "res", 0);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "mlock mlock2 munlock mlockall munlockall"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(all),
	};
	return cmocka_run_group_tests_name("mlock", tests, setup, lnr_kt_teardown);
}
