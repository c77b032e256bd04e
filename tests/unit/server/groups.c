/* SPDX-License-Identifier: Apache-2.0 */
/* Every name that the source and the state count belongs where the reference has it. */
#include "lib/test.h"
#include "server/metrics_priv.h"

static const struct {
	const char *name;
	enum lnr_metric_group group;
} rows[] = {
	{"n_threads", LNR_METRIC_STATE},
	{"n_drops_full_threadtable", LNR_METRIC_STATE},
	{"n_evts", LNR_METRIC_KERNEL},
	{"n_drops_buffer_open_exit", LNR_METRIC_KERNEL},
	{"n_evts_cpu_12", LNR_METRIC_CPU},
	{"n_drops_cpu_0", LNR_METRIC_CPU},
	{"n_evts_task", LNR_METRIC_ITER},
	{"n_drops_task", LNR_METRIC_ITER},
	{"n_evts_task_file_pipe", LNR_METRIC_ITER},
	{"sys_enter.run_cnt", LNR_METRIC_LIBBPF},
	{"n_containers", LNR_METRIC_OTHER},
};

static void knows_groups(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		if (lnr_metric_group(rows[i].name) != rows[i].group)
			fail_msg("%s", rows[i].name);
	}
}

static void groups_are_switched(void **state)
{
	struct lnr_metrics m = {.per_cpu = true};
	(void)state;
	assert_false(lnr_metric_group_on(&m, LNR_METRIC_CPU)); /* not without its sum */
	m.kernel = true;
	assert_true(lnr_metric_group_on(&m, LNR_METRIC_CPU));
	assert_true(lnr_metric_group_on(&m, LNR_METRIC_KERNEL));
	assert_false(lnr_metric_group_on(&m, LNR_METRIC_ITER));
	assert_false(lnr_metric_group_on(&m, LNR_METRIC_LIBBPF));
	assert_false(lnr_metric_group_on(&m, LNR_METRIC_STATE));
	m.iter = m.libbpf = m.state = true;
	assert_true(lnr_metric_group_on(&m, LNR_METRIC_ITER));
	assert_true(lnr_metric_group_on(&m, LNR_METRIC_LIBBPF));
	assert_true(lnr_metric_group_on(&m, LNR_METRIC_STATE));
	assert_false(lnr_metric_group_on(&m, LNR_METRIC_OTHER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_groups), cmocka_unit_test(groups_are_switched)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
