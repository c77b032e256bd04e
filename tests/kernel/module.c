/* SPDX-License-Identifier: Apache-2.0 */
/* init_module, finit_module, delete_module, bpf. No call here loads or removes anything. */
#include "lib/ring.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IMAGE_BYTES 100000

struct loaded {
	int fd;
	long init, finit, delete, map, unknown;
};

static void load(void *out)
{
	struct loaded *l = out;
	char *image = mmap(NULL, IMAGE_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	lnr_kt_check(image != MAP_FAILED);
	memset(image, 'x', IMAGE_BYTES);
	l->fd = open("/dev/null", O_RDONLY);
	l->init = lnr_kt_result(syscall(SYS_init_module, "not a module", 12, "key=value"));
	syscall(SYS_init_module, image, IMAGE_BYTES, "");
	syscall(SYS_init_module, NULL, 0, NULL);
	l->finit = lnr_kt_result(syscall(SYS_finit_module, l->fd, "a=1 b=2", 1 | 2));
	syscall(SYS_finit_module, -1, NULL, 4);
	l->delete = lnr_kt_result(
		syscall(SYS_delete_module, "no_such_module", O_NONBLOCK | O_TRUNC));
	syscall(SYS_delete_module, NULL, 0);
	union bpf_attr a = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
	l->map = lnr_kt_result(syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a)));
	l->unknown = lnr_kt_result(syscall(SYS_bpf, -7, &a, sizeof(a)));
}

static void test_init(void **state)
{
	struct lnr_kt *k = *state;
	const struct loaded *l = lnr_kt_act(k, load);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_INIT_MODULE_X, 0);
	assert_param_s64(e, "res", l->init);
	assert_param_bytes(e, "img", "not a module", 12);
	assert_param_u64(e, "length", 12);
	assert_param_str(e, "uargs", "key=value");
	assert_all_params(e);
	/* An image longer than a record is cut, and its length is not. */
	e = lnr_kt_event(k, LNR_EV_SYSCALL_INIT_MODULE_X, 1);
	struct lnr_str img = lnr_param_bytes(&e->ev, 1);
	assert_in_range(img.len, 32768, 65535);
	for (uint32_t i = 0; i < img.len; i++)
		assert_int_equal(img.ptr[i], 'x');
	assert_param_u64(e, "length", IMAGE_BYTES);
	assert_param_str(e, "uargs", "");
	e = lnr_kt_event(k, LNR_EV_SYSCALL_INIT_MODULE_X, 2);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_absent(e, "img");
	assert_param_u64(e, "length", 0);
	assert_param_absent(e, "uargs");
	assert_all_params(e);
}

static void test_finit(void **state)
{
	struct lnr_kt *k = *state;
	const struct loaded *l = lnr_kt_act(k, load);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FINIT_MODULE_X, 0);
	assert_param_s64(e, "res", l->finit);
	assert_param_s64(e, "fd", l->fd);
	assert_param_str(e, "uargs", "a=1 b=2");
	assert_param_u64(e, "flags", 1 | 2);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FINIT_MODULE_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_s64(e, "fd", -1);
	assert_param_absent(e, "uargs");
	assert_param_u64(e, "flags", 4);
	assert_all_params(e);
}

static void test_delete(void **state)
{
	struct lnr_kt *k = *state;
	const struct loaded *l = lnr_kt_act(k, load);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_DELETE_MODULE_X, 0);
	assert_param_s64(e, "res", l->delete);
	assert_param_str(e, "name", "no_such_module");
	assert_param_u64(e, "flags", LNR_DELETE_MODULE_O_NONBLOCK | LNR_DELETE_MODULE_O_TRUNC);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_DELETE_MODULE_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_absent(e, "name");
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
}

static void test_bpf(void **state)
{
	struct lnr_kt *k = *state;
	const struct loaded *l = lnr_kt_act(k, load);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_BPF_2_X, 0);
	assert_param_s64(e, "fd", l->map);
	assert_param_s64(e, "cmd", BPF_MAP_CREATE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_BPF_2_X, 1);
	assert_true(l->unknown < 0);
	assert_param_s64(e, "fd", l->unknown);
	assert_param_s64(e, "cmd", -7);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "init_module finit_module "
								  "delete_module bpf"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_finit),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_bpf),
	};
	return cmocka_run_group_tests_name("module", tests, setup, lnr_kt_teardown);
}
