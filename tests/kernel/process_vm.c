/* SPDX-License-Identifier: Apache-2.0 */
/* process_vm_readv, process_vm_writev: the bytes are those of the local vector. */
#include "lib/ring.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SNAPLEN 12

struct copied {
	pid_t pid;
	char from[16], to[16];
};

/* The other process is the caller itself. */
static void copy(void *out)
{
	struct copied *c = out;
	c->pid = getpid();
	memcpy(c->from, "0123456789abcdef", 16);
	struct iovec local[] = {{c->to, 4}, {c->to + 8, 2}, {c->to + 10, 6}};
	struct iovec remote[] = {{c->from, 16}};
	struct iovec bad[] = {{NULL, 5}};
	syscall(SYS_process_vm_readv, c->pid, local, 3, remote, 1, 0);
	syscall(SYS_process_vm_readv, c->pid, local, 3, remote, 1, 1);
	syscall(SYS_process_vm_writev, c->pid, remote, 1, local, 2, 0);
	syscall(SYS_process_vm_writev, c->pid, bad, 1, remote, 1, 0);
}

static void read_other(void **state)
{
	struct lnr_kt *k = *state;
	const struct copied *c = lnr_kt_act(k, copy);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PROCESS_VM_READV_X, 0);
	assert_param_s64(e, "res", 12);
	assert_param_s64(e, "pid", c->pid);
	assert_param_bytes(e, "data", "0123456789ab", SNAPLEN);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PROCESS_VM_READV_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "pid", c->pid);
	assert_param_absent(e, "data");
	assert_all_params(e);
}

static void write_other(void **state)
{
	struct lnr_kt *k = *state;
	const struct copied *c = lnr_kt_act(k, copy);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PROCESS_VM_WRITEV_X, 0);
	assert_param_s64(e, "res", 6);
	assert_param_s64(e, "pid", c->pid);
	assert_param_bytes(e, "data", "012345", 6);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PROCESS_VM_WRITEV_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_s64(e, "pid", c->pid);
	assert_param_absent(e, "data");
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){
			       .calls = "process_vm_readv process_vm_writev", .snaplen = SNAPLEN});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_other),
		cmocka_unit_test(write_other),
	};
	return cmocka_run_group_tests_name("process_vm", tests, setup, lnr_kt_teardown);
}
