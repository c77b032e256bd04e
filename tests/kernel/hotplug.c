/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor that comes online after the start. Only on a machine of its own (tests/kernel/matrix
 * says LNR_OWN_MACHINE=1): a processor is switched off and on.
 */
#include "lib/ring.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "capture/capture.h"
#include "decode/schema.h"

static bool set_online(const char *value)
{
	FILE *f = fopen("/sys/devices/system/cpu/cpu1/online", "w");
	if (!f)
		return false;
	bool ok = fputs(value, f) >= 0;
	return fclose(f) == 0 && ok;
}

/* Calls on that processor, from a child of the test. */
static void act_there(void)
{
	cpu_set_t set;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		CPU_ZERO(&set);
		CPU_SET(1, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			_exit(1);
		syscall(SYS_getppid);
		_exit(0);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void new_processor(void **state)
{
	(void)state;
	uint8_t calls[LNR_SC_COUNT / 8 + 1] = {0};
	struct lnr_ring_opts o = {
		.size = sizeof(o),
		.buffer_bytes = 1u << 16,
		.cpus_per_buffer = 1,
		.online_only = true,
		.syscalls = calls,
		.syscalls_len = sizeof(calls),
		.only_tgid = (uint32_t)getpid(),
	};
	struct lnr_capture *c = NULL;
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	calls[LNR_SC_GETPPID / 8] |= 1u << LNR_SC_GETPPID % 8;
	if (!getenv("LNR_OWN_MACHINE") || !set_online("0")) {
		print_message("not on this machine\n");
		skip();
	}
	int r = lnr_ring_open(&o, &c, &err);
	bool back = set_online("1");
	assert_ok(r, &err);
	assert_true(back);
	act_there();
	while ((r = lnr_capture_next(c, &item, &err)) == 0)
		;
	assert_code(r, -ESTALE);
	assert_has(err.msg, "processor 1 came online");
	lnr_capture_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_processor),
	};
	return cmocka_run_group_tests_name("hotplug", tests, NULL, NULL);
}
