/* SPDX-License-Identifier: Apache-2.0 */
/* A state filled from a list of processes (spec events-and-state 8.3). */
#include "socket_test.h"

static struct lnr_fd *add_fd(struct rig *r, int64_t pid, int64_t num, int type, const char *name)
{
	struct lnr_fd *fd = lnr_state_add_fd(r->st, rig_thread(r, pid), num);
	assert_non_null(fd);
	fd->type = (int8_t)type;
	if (name)
		assert_int_equal(lnr_blob_set(&fd->name, lnr_str_c(name)), 0);
	return fd;
}

static void add_socket(struct rig *r, int64_t num, int type, int l4, const char *sip,
	uint16_t sport, const char *dip, uint16_t dport)
{
	struct lnr_fd *fd = add_fd(r, 100, num, type, NULL);
	fd->l4 = (uint8_t)l4;
	fd->sip = ip_of(sip);
	fd->sport = sport;
	if (dip)
		fd->dip = ip_of(dip);
	fd->dport = dport;
}

static void threads(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_process(&r, 1, 0, "init");
	struct lnr_thread *t = rig_process(&r, 100, 1, "sh"), *other;
	assert_int_equal(lnr_blob_set(&t->exepath, LNR_STR("/bin/sh (deleted)")), 0);
	assert_int_equal(lnr_blob_set(&t->env, LNR_STR("A=1\0")), 0);
	assert_int_equal(lnr_blob_set(&t->cgroups, LNR_STR("mem=/\0")), 0);
	other = lnr_state_add_thread(r.st, 101, 100);
	other->ptid = 1;
	assert_int_equal(lnr_blob_set(&other->cwd, LNR_STR("/elsewhere")), 0);
	assert_int_equal(lnr_blob_set(&other->env, LNR_STR("A=1\0")), 0);
	assert_int_equal(lnr_blob_set(&other->exepath, LNR_STR(" (deleted)")), 0);
	lnr_state_added(r.st);
	assert_blob(t->exepath, "/bin/sh");
	assert_blob(other->exepath, " (deleted)");
	assert_str(lnr_state_cwd(r.st, t), "/srv/");
	assert_str(lnr_state_cwd(r.st, other), "/srv/");
	assert_non_null(t->env);
	assert_null(other->env);
	assert_bytes(lnr_blob_str(t->cgroups), LNR_STR("memory=/\0"));
	assert_ptr_equal(lnr_state_leader(r.st, other), t);
	assert_ptr_equal(lnr_state_parent(r.st, other), rig_thread(&r, 1));
	assert_int_equal(t->nthreads, 2);
	assert_int_equal(lnr_state_nthreads(r.st, other), 2);
	assert_null(lnr_state_parent(r.st, rig_thread(&r, 1)));
	/* Once more: what was there already is left alone. */
	assert_int_equal(lnr_blob_set(&t->exepath, LNR_STR("/x (deleted)")), 0);
	lnr_state_added(r.st);
	assert_blob(t->exepath, "/x (deleted)");
	assert_str(lnr_state_cwd(r.st, t), "/srv/");
	char why[128];
	assert_true(lnr_state_check(r.st, why, sizeof(why)));
	rig_done(&r);
}

/* Servers are told from clients by the ports that are listened on. */
static void roles(void **state)
{
	static const struct {
		int num, type, role;
		const char *name;
	} rows[] = {
		{5, LNR_FD_IPV4_SERVSOCK, 0, "0.0.0.0:80"},
		/* As /proc has it: the own end first. */
		{6, LNR_FD_IPV4_SOCK, LNR_FDF_ROLE_SERVER, "10.0.0.9:4000->10.30.0.5:80"},
		{7, LNR_FD_IPV4_SOCK, LNR_FDF_ROLE_CLIENT, "10.30.0.5:4001->10.0.0.9:80"},
		{8, LNR_FD_IPV6_SERVSOCK, 0, ":::443"},
		{9, LNR_FD_IPV4_SOCK, LNR_FDF_ROLE_SERVER, "10.0.0.9:4000->10.30.0.5:443"},
		{10, LNR_FD_IPV6_SOCK, 0, "2001:db8::1:443->2001:db8::2:4000"},
		{11, LNR_FD_IPV4_SOCK, LNR_FDF_ROLE_CLIENT, "10.30.0.5:68->10.0.0.9:67"},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_process(&r, 100, 0, "sh");
	rig_ifaces(&r);
	/* The server's socket need not come first. */
	add_socket(&r, 6, LNR_FD_IPV4_SOCK, LNR_L4_TCP, "10.30.0.5", 80, "10.0.0.9", 4000);
	add_socket(&r, 7, LNR_FD_IPV4_SOCK, LNR_L4_TCP, "10.30.0.5", 4001, "10.0.0.9", 80);
	add_socket(&r, 5, LNR_FD_IPV4_SERVSOCK, LNR_L4_TCP, "0.0.0.0", 80, NULL, 0);
	add_socket(&r, 8, LNR_FD_IPV6_SERVSOCK, LNR_L4_TCP, "::", 443, NULL, 0);
	add_socket(&r, 9, LNR_FD_IPV6_SOCK, LNR_L4_TCP, "::ffff:10.30.0.5", 443, "::ffff:10.0.0.9",
		4000);
	add_socket(&r, 10, LNR_FD_IPV6_SOCK, LNR_L4_TCP, "2001:db8::1", 443, "2001:db8::2", 4000);
	add_socket(&r, 11, LNR_FD_IPV4_SOCK, LNR_L4_UDP, "0.0.0.0", 68, "10.0.0.9", 67);
	lnr_state_added(r.st);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_fd *fd = rig_fd(&r, 100, rows[i].num);
		assert_name(fd, rows[i].name);
		assert_int_equal(fd->type, rows[i].type);
		assert_int_equal(
			fd->flags & (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER), rows[i].role);
		assert_int_equal(!!(fd->flags & LNR_FDF_CONNECTED),
			fd->l4 == LNR_L4_TCP && !lnr_fd_is_server_sock(fd));
		assert_true(fd->flags & LNR_FDF_FROM_PROC);
	}
	rig_done(&r);
}

static void unix_sockets(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_process(&r, 100, 0, "sh");
	struct lnr_fd *fd = add_fd(&r, 100, 5, LNR_FD_UNIX_SOCK, "/run/log");
	fd->source = 1;
	fd->dest = 2;
	add_fd(&r, 100, 6, LNR_FD_UNIX_SOCK, NULL);
	add_fd(&r, 100, 7, LNR_FD_FILE_V2, "/x");
	lnr_state_added(r.st);
	assert_true(rig_fd(&r, 100, 5)->flags & LNR_FDF_ROLE_SERVER);
	assert_name(rig_fd(&r, 100, 5), "/run/log");
	assert_int_equal(rig_fd(&r, 100, 5)->dest, 2);
	assert_true(rig_fd(&r, 100, 6)->flags & LNR_FDF_ROLE_CLIENT);
	assert_false(rig_fd(&r, 100, 7)->flags & (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER));
	/* Walked in the reference's order, each once. */
	size_t pos = 0;
	unsigned n = 0;
	while (lnr_state_fd_next(r.st, rig_thread(&r, 100), &pos))
		n++;
	assert_int_equal(n, 3);
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), 3);
	rig_done(&r);
}

/* A list that names a parent after its child, one twice, and threads without a leader. */
static void disorder(void **state)
{
	struct rig r;
	char why[128];
	(void)state;
	rig_init(&r);
	rig_process(&r, 300, 200, "grandchild");
	rig_process(&r, 200, 100, "child");
	rig_process(&r, 100, 300, "loop");
	lnr_state_add_thread(r.st, 401, 400)->ptid = 100;
	lnr_state_add_thread(r.st, 402, 400)->ptid = 100;
	rig_thread(&r, 402)->flags |= LNR_TF_SHARED_FILES;
	rig_process(&r, 200, 100, "again");
	lnr_state_added(r.st);
	if (!lnr_state_check(r.st, why, sizeof(why)))
		fail_msg("%s", why);
	assert_blob(rig_thread(&r, 200)->comm, "again");
	assert_ptr_equal(lnr_state_parent(r.st, rig_thread(&r, 300)), rig_thread(&r, 200));
	assert_ptr_equal(lnr_state_ancestor(r.st, rig_thread(&r, 300), 2), rig_thread(&r, 100));
	assert_null(lnr_state_ancestor(r.st, rig_thread(&r, 300), 100));
	assert_null(lnr_state_leader(r.st, rig_thread(&r, 401)));
	assert_str(lnr_state_cwd(r.st, rig_thread(&r, 401)), "./");
	assert_null(lnr_state_fd(r.st, rig_thread(&r, 401), 0));
	/* One that shares its leader's descriptors has none without it. */
	assert_null(lnr_state_add_fd(r.st, rig_thread(&r, 402), 0));
	assert_non_null(lnr_state_add_fd(r.st, rig_thread(&r, 401), 0));
	assert_non_null(lnr_state_fd(r.st, rig_thread(&r, 401), 0));
	rig_done(&r);
}

static void clone_flags(void **state)
{
	struct lnr_thread t = {.tid = 7, .pid = 7};
	(void)state;
	lnr_thread_clone_flags(&t, LNR_CL_CHILD_IN_PIDNS);
	assert_true(t.flags & LNR_TF_IN_PIDNS);
	lnr_thread_clone_flags(&t, LNR_CL_CLONE_FILES);
	assert_true(t.flags & LNR_TF_SHARED_FILES);
	lnr_thread_clone_flags(&t, LNR_CL_IS_MAIN_THREAD);
	assert_true(t.flags & LNR_TF_MAIN);
	lnr_thread_clone_flags(&t, LNR_CL_CLONE_INVERTED);
	assert_true(t.flags & LNR_TF_CLONE_INVERTED);
}

static void budgets(void **state)
{
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.max_threads = 3, .max_fds_per_process = 2});
	for (int i = 1; i <= 3; i++)
		rig_process(&r, i, i - 1, "p");
	assert_null(lnr_state_add_thread(r.st, 4, 4));
	assert_int_equal(rig_counter(&r, "n_drops_full_threadtable"), 1);
	assert_non_null(lnr_state_add_fd(r.st, rig_thread(&r, 1), 0));
	assert_non_null(lnr_state_add_fd(r.st, rig_thread(&r, 1), 1));
	assert_null(lnr_state_add_fd(r.st, rig_thread(&r, 1), 2));
	assert_int_equal(rig_counter(&r, "n_drops_full_fdtable"), 1);
	lnr_state_added(r.st);
	assert_int_equal(rig_counter(&r, "n_threads"), 3);
	assert_int_equal(rig_counter(&r, "n_fds"), 2);
	rig_done(&r);
}

/* Names and values come in one order, and a smaller array gets its beginning. */
static void counters(void **state)
{
	const char *names[64];
	uint64_t values[64];
	struct rig r;
	(void)state;
	rig_init(&r);
	unsigned n = lnr_state_counters(r.st, names, values, 64);
	assert_true(n > 15 && n <= 64);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(names[i], names[k]);
	names[2] = NULL;
	assert_int_equal(lnr_state_counters(r.st, names, values, 2), n);
	assert_null(names[2]);
	struct lnr_err err = {0};
	assert_code(lnr_state_scan(r.st, &err), -EINVAL);
	assert_has(err.msg, "files");
	rig_done(&r);
}

static void options(void **state)
{
	struct lnr_state_opts opts = {.size = sizeof(opts) - 1};
	struct lnr_state *st;
	struct lnr_err err = {0};
	(void)state;
	assert_code(lnr_state_new(&opts, &st, &err), -EINVAL);
	assert_has(err.msg, "size");
	lnr_state_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads),
		cmocka_unit_test(roles),
		cmocka_unit_test(unix_sockets),
		cmocka_unit_test(disorder),
		cmocka_unit_test(clone_flags),
		cmocka_unit_test(budgets),
		cmocka_unit_test(counters),
		cmocka_unit_test(options),
	};
	return cmocka_run_group_tests_name("state/fill", tests, NULL, NULL);
}
