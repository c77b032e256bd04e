/* SPDX-License-Identifier: Apache-2.0 */
/* What an open ring counts: events by CPU, and run times of its programs while the kernel counts.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "capture/capture.h"
#include "decode/event.h"
#include "lib/test.h"

#define MAX 2560

static struct lnr_stat stats[MAX];

static uint64_t sum_of(unsigned n, const char *start, const char *end, unsigned *ret_found)
{
	uint64_t sum = 0;
	*ret_found = 0;
	for (unsigned i = 0; i < n; i++) {
		struct lnr_str name = lnr_str_c(stats[i].name);
		if (lnr_str_starts(name, lnr_str_c(start)) && lnr_str_ends(name, lnr_str_c(end))) {
			sum += stats[i].value;
			++*ret_found;
		}
	}
	return sum;
}

static void counts(void **state)
{
	const struct lnr_syscall_info *call = lnr_syscall_by_name(LNR_STR("mkdir"));
	uint8_t bits[64] = {0};
	struct lnr_capture *c;
	struct lnr_err err = {0};
	unsigned found;
	(void)state;
	bits[call->code / 8] |= (uint8_t)(1u << (call->code % 8));
	const struct lnr_ring_opts o = {.size = sizeof(o),
		.syscalls = bits,
		.syscalls_len = sizeof(bits),
		.stats = true,
		.only_tgid = (uint32_t)getpid(),
		.buffer_bytes = 1 << 20};
	assert_ok(lnr_ring_open(&o, &c, &err), &err);
	/* The kernel counts as long as this is open, whatever the administrator chose. */
	int counting = bpf_enable_stats(BPF_STATS_RUN_TIME);
	for (int i = 0; i < 100; i++)
		mkdir("/no/such/directory", 0700);
	unsigned n = c->ops->stats(c, stats, MAX);
	if (counting >= 0)
		close(counting);
	uint64_t all = sum_of(n, "n_evts", "n_evts", &found);
	assert_int_equal(found, 1);
	assert_true(all >= 100);
	assert_true(sum_of(n, "n_evts_cpu_", "", &found) >= 100);
	assert_int_equal(found, (unsigned)sysconf(_SC_NPROCESSORS_CONF));
	sum_of(n, "n_drops_cpu_", "", &found);
	assert_int_equal(found, (unsigned)sysconf(_SC_NPROCESSORS_CONF));
	if (counting >= 0) {
		assert_true(sum_of(n, "", ".run_cnt", &found) >= 100);
		assert_true(found >= 1);
		uint64_t time = sum_of(n, "", ".run_time_ns", &found);
		assert_true(time > sum_of(n, "", ".avg_time_ns", &found));
		assert_true(found >= 1);
	}
	lnr_capture_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(counts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
