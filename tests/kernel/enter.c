/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The copies of what callers passed, made before the kernel looks at it: kept until the return
 * where there is storage per task and room in it, else sent as enter events.
 */
#include "net.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "base/util.h"
#include "capture/ring_priv.h"
#include "schema/limits.h"

#define NAME "/nowhere/lanner-enter"
/* Written to by the act: a page that nobody has touched cannot be read before the kernel has. */
static char nowhere[LNR_PASSED_BYTES + 64];

static void open_nowhere(void)
{
	struct open_how how = {
		.flags = O_CREAT | O_WRONLY, .mode = 0640, .resolve = RESOLVE_NO_SYMLINKS};
#ifdef SYS_open
	lnr_kt_check(syscall(SYS_open, nowhere, O_RDWR | O_CREAT, 0711) < 0);
	lnr_kt_check(syscall(SYS_creat, nowhere, 0604) < 0);
#endif
	lnr_kt_check(syscall(SYS_openat, AT_FDCWD, nowhere, O_RDONLY | O_CLOEXEC, 0777) < 0);
	lnr_kt_check(syscall(SYS_openat2, 99, nowhere, &how, sizeof(how)) < 0);
}

static void open_nothing(void *out)
{
	(void)out;
	memcpy(nowhere, NAME, sizeof(NAME));
	open_nowhere();
	lnr_kt_check(syscall(SYS_openat, 7, NULL, O_WRONLY) < 0);
}

/* A path of `len` characters that begins with NAME. */
static void name_nowhere(size_t len)
{
	memset(nowhere, 'x', len);
	memcpy(nowhere, NAME, sizeof(NAME) - 1);
	nowhere[len] = 0;
}

/* The longest that is kept, and one more. */
static void open_kept(void *out)
{
	(void)out;
	name_nowhere(LNR_PASSED_BYTES - 2);
	open_nowhere();
}

static void open_long(void *out)
{
	(void)out;
	name_nowhere(LNR_PASSED_BYTES - 1);
	open_nowhere();
}

static const unsigned enter_types[] = {LNR_EV_SYSCALL_OPEN_E, LNR_EV_SYSCALL_CREAT_E,
	LNR_EV_SYSCALL_OPENAT_2_E, LNR_EV_SYSCALL_OPENAT2_E};

static unsigned count_enters(struct lnr_kt *k)
{
	unsigned n = 0;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(enter_types); i++)
		n += lnr_kt_count(k, enter_types[i]);
	return n;
}

/* Exits say what was passed, whoever kept it. */
static void assert_exits(struct lnr_kt *k, const char *path)
{
	struct lnr_kt_event *e;
#ifdef SYS_open
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_X, 0);
	assert_param_str(e, "name", path);
	assert_param_u64(e, "flags", LNR_O_RDWR | LNR_O_CREAT);
	assert_param_u64(e, "mode", 0711);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CREAT_X, 0);
	assert_param_str(e, "name", path);
	assert_param_u64(e, "mode", 0604);
#endif
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, 0);
	assert_param_s64(e, "dirfd", LNR_AT_FDCWD);
	assert_param_str(e, "name", path);
	assert_param_u64(e, "flags", LNR_O_RDONLY | LNR_O_CLOEXEC);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT2_X, 0);
	assert_param_s64(e, "dirfd", 99);
	assert_param_str(e, "name", path);
	assert_param_u64(e, "flags", LNR_O_WRONLY | LNR_O_CREAT);
	assert_param_u64(e, "mode", 0640);
	assert_param_u64(e, "resolve", LNR_RESOLVE_NO_SYMLINKS);
}

/* What is kept makes no record of its own. */
static void kept(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, open_nothing);
	assert_exits(k, NAME);
	assert_param_absent(lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, 1), "name");
	if (lnr_ring_keeps_passed())
		assert_int_equal(count_enters(k), 0);
	lnr_kt_act(k, open_kept);
	name_nowhere(LNR_PASSED_BYTES - 2);
	assert_exits(k, nowhere);
	if (lnr_ring_keeps_passed())
		assert_int_equal(count_enters(k), 0);
}

/* Enter events come right before their exit and say the same. */
static void sent(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, open_long);
	name_nowhere(LNR_PASSED_BYTES - 1);
	assert_exits(k, nowhere);
	struct lnr_kt_event *e;
#ifdef SYS_open
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_E, 0);
	assert_param_str(e, "name", nowhere);
	assert_param_u64(e, "flags", LNR_O_RDWR | LNR_O_CREAT);
	assert_param_u64(e, "mode", 0711);
	assert_all_params(e);
	assert_true(e->ev.ts <= lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_X, 0)->ev.ts);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CREAT_E, 0);
	assert_param_str(e, "name", nowhere);
	assert_param_u64(e, "mode", 0604);
	assert_all_params(e);
#endif
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_E, 0);
	assert_param_s64(e, "dirfd", LNR_AT_FDCWD);
	assert_param_str(e, "name", nowhere);
	assert_param_u64(e, "flags", LNR_O_RDONLY | LNR_O_CLOEXEC);
	assert_param_u64(e, "mode", 0);
	assert_all_params(e);
	assert_true(e->ev.ts <= lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, 0)->ev.ts);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT2_E, 0);
	assert_param_s64(e, "dirfd", 99);
	assert_param_str(e, "name", nowhere);
	assert_param_u64(e, "flags", LNR_O_WRONLY | LNR_O_CREAT);
	assert_param_u64(e, "mode", 0640);
	assert_param_u64(e, "resolve", LNR_RESOLVE_NO_SYMLINKS);
	assert_all_params(e);
}

struct ends {
	int fd;
	uint16_t port;
};

static void connect_somewhere(void *out)
{
	struct ends *x = out;
	union net_addr a;
	net_bound(AF_INET, SOCK_STREAM, &x->port);
	x->fd = net_socket(AF_INET, SOCK_STREAM);
	lnr_kt_check(connect(x->fd, &a.sa, net_loopback(&a, AF_INET, x->port)) < 0);
	lnr_kt_check(connect(-1, &a.sa, net_unix(&a, "@lanner enter test")) < 0);
}

static void connects(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, connect_somewhere);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_E, 0);
	assert_param_s64(e, "fd", x->fd);
	assert_param_addr(e, "addr", "127.0.0.1", x->port);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_E, 1);
	assert_param_s64(e, "fd", -1);
	assert_param_addr_unix(e, "addr", "lanner enter test");
	assert_true(e->ev.ts <= lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 1)->ev.ts);
}

/*
 * What the copies are for: the name is changed while the call is under way. A FIFO without a writer
 * holds the call for as long as that takes.
 */
static char name[64] = "fifo";
static struct lnr_test_dir dir;
static atomic_int opener; /* thread that is about to open */

static bool sleeps(int tid)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	int fd = open(path, O_RDONLY);
	lnr_kt_check(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	const char *state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

static void *change_name(void *arg)
{
	(void)arg;
	while (!opener || !sleeps(opener))
		usleep(1000);
	memcpy(name, "good", 5);
	lnr_kt_check(open("fifo", O_WRONLY) >= 0);
	return NULL;
}

static void open_and_change(void *out)
{
	pthread_t t;
	(void)out;
	lnr_kt_check(chdir(dir.path) == 0 && mkfifo("fifo", 0600) == 0);
	lnr_kt_check(pthread_create(&t, NULL, change_name, NULL) == 0);
	opener = getpid();
	lnr_kt_check(syscall(SYS_openat, AT_FDCWD, name, O_RDONLY) >= 0);
	lnr_kt_check(pthread_join(t, NULL) == 0);
}

static void changed(void **state)
{
	struct lnr_kt *k = *state;
	lnr_test_dir_init(&dir);
	lnr_kt_act(k, open_and_change);
	if (lnr_ring_keeps_passed()) {
		assert_int_equal(count_enters(k), 0);
		assert_param_str(lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, 0), "name", "fifo");
	} else {
		assert_param_str(lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_E, 0), "name", "fifo");
		assert_param_str(lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, 0), "name", "good");
	}
	lnr_test_dir_done(&dir);
}

static int setup(void **state)
{
	struct lnr_hook_report hook[32];
	unsigned n = lnr_ring_probe(hook, LNR_ARRAY_SIZE(hook));
	for (unsigned i = 0; i < n && i < LNR_ARRAY_SIZE(hook); i++) {
		if (strcmp(hook[i].name, "tracepoint/syscalls/sys_enter_openat") == 0 &&
			hook[i].result) {
			print_message("not here: %s\n", hook[i].reason);
			exit(0);
		}
	}
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "open creat openat openat2 connect"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept),
		cmocka_unit_test(sent),
		cmocka_unit_test(connects),
		cmocka_unit_test(changed),
	};
	return cmocka_run_group_tests_name("enter", tests, setup, lnr_kt_teardown);
}
