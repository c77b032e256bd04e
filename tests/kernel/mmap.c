/* SPDX-License-Identifier: Apache-2.0 */
/* mmap, munmap, brk with the memory use after the call; mprotect. */
#include "lib/ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIG	    (64l << 20)
#define BAD_ADDRESS 0x1001

struct mapped {
	uint64_t addr, brk;
	unsigned long vm_size_kb; /* with the big mapping */
	int fd;
};

static unsigned long vm_size_kb(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	lnr_kt_check(f && fscanf(f, "%lu", &pages) == 1);
	fclose(f);
	return pages * 4;
}

static void map(void *out)
{
	struct mapped *m = out;
	vm_size_kb(); /* what reading it allocates comes first */
	m->fd = open("/dev/zero", O_RDWR);
	lnr_kt_check(m->fd >= 0);
	long r = syscall(SYS_mmap, NULL, BIG, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_NORESERVE | MAP_ANONYMOUS, -1, 0L);
	m->addr = (uint64_t)r;
	lnr_kt_check(r > 0);
	m->vm_size_kb = vm_size_kb();
	syscall(SYS_mmap, BAD_ADDRESS, 4096L, PROT_EXEC, MAP_SHARED | MAP_FIXED, m->fd, 0x5000L);
	syscall(SYS_mprotect, r, 4096, PROT_READ | PROT_EXEC);
	syscall(SYS_mprotect, BAD_ADDRESS, 10, PROT_NONE | PROT_GROWSDOWN);
	syscall(SYS_munmap, r, BIG);
	syscall(SYS_munmap, BAD_ADDRESS, 0);
	m->brk = (uint64_t)syscall(SYS_brk, 0);
	syscall(SYS_brk, m->brk + 4096);
}

/* Of the memory counters, the size is exact; some pages are resident, none is swapped out by us. */
static void assert_memory(struct lnr_kt_event *e, unsigned long size_kb)
{
	assert_param_u64(e, "vm_size", (uint32_t)size_kb); /* a sanitizer maps terabytes */
	assert_true(param_u64(e, "vm_rss") < size_kb);
	ignore_param(e, "vm_swap");
}

/* The calls that reading statm makes are not known: find ours by their arguments. */
static struct lnr_kt_event *find(struct lnr_kt *k, unsigned type, const char *name, uint64_t value)
{
	for (unsigned i = 0; i < lnr_kt_count(k, type); i++) {
		struct lnr_kt_event *e = lnr_kt_event(k, type, i);
		if (param_u64(e, name) == value)
			return e;
	}
	fail_msg("no record with %s %lx", name, (unsigned long)value);
	return NULL;
}

static void test_mmap(void **state)
{
	struct lnr_kt *k = *state;
	const struct mapped *m = lnr_kt_act(k, map);
	struct lnr_kt_event *e = find(k, LNR_EV_SYSCALL_MMAP_X, "length", BIG);
	assert_param_s64(e, "res", (int64_t)m->addr);
	assert_memory(e, m->vm_size_kb);
	assert_param_u64(e, "addr", 0);
	assert_param_u64(e, "prot", LNR_PROT_READ | LNR_PROT_WRITE);
	assert_param_u64(e, "flags", LNR_MAP_PRIVATE | LNR_MAP_NORESERVE | LNR_MAP_ANONYMOUS);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "offset", 0);
	assert_all_params(e);
	e = find(k, LNR_EV_SYSCALL_MMAP_X, "addr", BAD_ADDRESS);
	assert_param_s64(e, "res", -EINVAL);
	assert_memory(e, m->vm_size_kb);
	assert_param_u64(e, "length", 4096);
	assert_param_u64(e, "prot", LNR_PROT_EXEC);
	assert_param_u64(e, "flags", LNR_MAP_SHARED | LNR_MAP_FIXED);
	assert_param_s64(e, "fd", m->fd);
	assert_param_u64(e, "offset", 0x5000);
	assert_all_params(e);
}

static void test_munmap(void **state)
{
	struct lnr_kt *k = *state;
	const struct mapped *m = lnr_kt_act(k, map);
	struct lnr_kt_event *e = find(k, LNR_EV_SYSCALL_MUNMAP_X, "addr", m->addr);
	assert_param_s64(e, "res", 0);
	assert_memory(e, m->vm_size_kb - BIG / 1024);
	assert_param_u64(e, "length", BIG);
	assert_all_params(e);
	e = find(k, LNR_EV_SYSCALL_MUNMAP_X, "addr", BAD_ADDRESS);
	assert_param_s64(e, "res", -EINVAL);
	assert_memory(e, m->vm_size_kb - BIG / 1024);
	assert_param_u64(e, "length", 0);
	assert_all_params(e);
}

static void test_brk(void **state)
{
	struct lnr_kt *k = *state;
	const struct mapped *m = lnr_kt_act(k, map);
	struct lnr_kt_event *e = find(k, LNR_EV_SYSCALL_BRK_4_X, "addr", m->brk + 4096);
	assert_param_u64(e, "res", m->brk + 4096);
	assert_memory(e, m->vm_size_kb - BIG / 1024 + 4);
	assert_all_params(e);
}

static void test_mprotect(void **state)
{
	struct lnr_kt *k = *state;
	const struct mapped *m = lnr_kt_act(k, map);
	struct lnr_kt_event *e = find(k, LNR_EV_SYSCALL_MPROTECT_X, "addr", m->addr);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "length", 4096);
	assert_param_u64(e, "prot", LNR_PROT_READ | LNR_PROT_EXEC);
	assert_all_params(e);
	e = find(k, LNR_EV_SYSCALL_MPROTECT_X, "addr", BAD_ADDRESS);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "length", 10);
	assert_param_u64(e, "prot", LNR_PROT_GROWSDOWN);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "mmap munmap brk mprotect"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mmap),
		cmocka_unit_test(test_munmap),
		cmocka_unit_test(test_brk),
		cmocka_unit_test(test_mprotect),
	};
	return cmocka_run_group_tests_name("mmap", tests, setup, lnr_kt_teardown);
}
