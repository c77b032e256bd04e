/* SPDX-License-Identifier: Apache-2.0 */
/* Joining of paths (spec events-and-state 7.6). */
#include "state_test.h"

static const struct {
	const char *base, *path, *want;
} joins[] = {
	/* absolute */
	{"/srv/", "/etc/passwd", "/etc/passwd"},
	{"", "/etc/passwd", "/etc/passwd"},
	{"<UNKNOWN>", "/x", "/x"},
	{"/srv/", "/", "/"},
	{"/srv/", "//", "/"},
	{"/srv/", "////etc//passwd", "/etc/passwd"},
	{"/srv/", "/etc/", "/etc"},
	{"/srv/", "/etc//", "/etc"},
	{"/srv/", "/./etc/./passwd/.", "/etc/passwd"},
	{"/srv/", "/..", "/"},
	{"/srv/", "/../..", "/"},
	{"/srv/", "/../../etc", "/etc"},
	{"/srv/", "/a/..", "/"},
	{"/srv/", "/a/../", "/"},
	{"/srv/", "/a/b/../..", "/"},
	{"/srv/", "/a/b/../c", "/a/c"},
	{"/srv/", "/a/b/../../../c", "/c"},
	{"/srv/", "/a/./../b", "/b"},
	/* relative */
	{"/srv/", "file", "/srv/file"},
	{"/srv/", "./file", "/srv/file"},
	{"/srv/", "dir/", "/srv/dir"},
	{"/srv/", ".", "/srv"},
	{"/srv/", "./", "/srv"},
	{"/srv/", "././.", "/srv"},
	{"/srv/", "..", "/"},
	{"/srv/", "../", "/"},
	{"/srv/", "../..", "/"},
	{"/srv/", "../../../..", "/"},
	{"/srv/", "../etc/x", "/etc/x"},
	{"/srv/a/", "..", "/srv"},
	{"/srv/a/", "../b", "/srv/b"},
	{"/srv/a/", "x/../../y", "/srv/y"},
	{"/srv/", "a//b///c", "/srv/a/b/c"},
	{"/", "a", "/a"},
	{"/", "..", "/"},
	{"/", ".", "/"},
	{"/", "../a", "/a"},
	/* dots that are part of a name */
	{"/srv/", "...", "/srv/..."},
	{"/srv/", "..a", "/srv/..a"},
	{"/srv/", ".a", "/srv/.a"},
	{"/srv/", "a..", "/srv/a.."},
	{"/srv/", "a.", "/srv/a."},
	{"/srv/", "a./b", "/srv/a./b"},
	{"/srv/", "a../b", "/srv/a../b"},
	{"/srv/", "..a/..b", "/srv/..a/..b"},
	{"/srv/", ".../..", "/srv"},
	{"/srv/", " ", "/srv/ "},
	/* nothing */
	{"/srv/", "", ""},
	{"", "", ""},
	{"", "a", "a"},
	{"", "a/b", "a/b"},
	{"", ".", ""},
	{"", "..", ""},
	{"", "./a", "a"},
	{"", "../a", "a"},
	{"", "a/../b", "b"},
	{"", "a/b/../../c", "c"},
	/* bases without a slash at the end */
	{"<UNKNOWN>", "name", "<UNKNOWN>name"},
	{"<UNKNOWN>", "./name", "<UNKNOWN>./name"},
	{"<UNKNOWN>", "a/../b", "b"}, /* no slash before which to stop */
	{"", "a/..//b", "/b"},
	{"x", "a/..//b", "b"},
	{"./", "name", "./name"},
	{"./", "../name", "name"},
	/* a base is taken as it is */
	{"/a/../b/", "c", "/a/../b/c"},
	{"/a//b/", "c", "/a//b/c"},
	{"/a//b/", "../c", "/a//c"},
	{"pipe:[5]/", "x", "pipe:[5]/x"},
};

static void join_table(void **state)
{
	struct lnr_arena a;
	(void)state;
	lnr_arena_init(&a, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(joins); i++) {
		struct lnr_str got = lnr_path_join(
			&a, lnr_str_c(joins[i].base), lnr_str_c(joins[i].path));
		if (!lnr_str_eq(got, lnr_str_c(joins[i].want)))
			fail_msg("\"%s\" + \"%s\" is \"%.*s\", not \"%s\"", joins[i].base,
				joins[i].path, LNR_STR_ARG(got), joins[i].want);
	}
	/* A text ends at its first NUL. */
	assert_str(lnr_path_join(&a, LNR_STR("/w/"), LNR_STR("a\0b")), "/w/a");
	assert_str(lnr_path_join(&a, (struct lnr_str){NULL, 0}, LNR_STR("a")), "a");
	assert_str(lnr_path_join(&a, LNR_STR("/w/"), (struct lnr_str){NULL, 0}), "");
	lnr_arena_done(&a);
}

static void too_long(void **state)
{
	static const char cut[] = "/DIR_TOO_LONG/FILENAME_TOO_LONG";
	static char base[2000], path[2000];
	struct lnr_arena a;
	(void)state;
	lnr_arena_init(&a, 0);
	memset(base, 'b', sizeof(base));
	memset(path, 'p', sizeof(path));
	base[0] = '/';
	/* 1023 bytes fit, and it is the texts that count, not what is left of them. */
	for (size_t n = 1; n < 1023; n += 73) {
		struct lnr_str got = lnr_path_join(
			&a, (struct lnr_str){base, n}, (struct lnr_str){path, 1023 - n});
		assert_int_equal(got.len, 1023);
		got = lnr_path_join(
			&a, (struct lnr_str){base, n}, (struct lnr_str){path, 1024 - n});
		assert_str(got, cut);
	}
	path[0] = '/';
	assert_int_equal(lnr_path_join(&a, LNR_STR(""), (struct lnr_str){path, 1023}).len, 1023);
	assert_str(lnr_path_join(&a, LNR_STR(""), (struct lnr_str){path, 1024}), cut);
	assert_str(lnr_path_join(&a, LNR_STR("/srv/"), (struct lnr_str){path, 1020}), cut);
	memset(path, '/', sizeof(path));
	assert_str(lnr_path_join(&a, LNR_STR("/w/"), (struct lnr_str){path, 1024}), cut);
	assert_str(lnr_path_join(&a, LNR_STR("/w/"), (struct lnr_str){path, 1020}), "/");
	lnr_arena_done(&a);
}

/* Random texts of the characters that matter: no crash, no growth, idempotent when absolute. */
static void random_paths(void **state)
{
	static const char alphabet[] = "//..ab";
	struct lnr_test_random rnd;
	struct lnr_arena a;
	char base[40], path[40];
	(void)state;
	lnr_test_random_init(&rnd);
	lnr_arena_init(&a, 0);
	for (int round = 0; round < 50000; round++) {
		size_t nb = lnr_test_random_below(&rnd, sizeof(base)),
		       np = lnr_test_random_below(&rnd, sizeof(path));
		for (size_t i = 0; i < nb; i++)
			base[i] = alphabet[lnr_test_random_below(&rnd, sizeof(alphabet) - 1)];
		for (size_t i = 0; i < np; i++)
			path[i] = alphabet[lnr_test_random_below(&rnd, sizeof(alphabet) - 1)];
		struct lnr_str got = lnr_path_join(
			&a, (struct lnr_str){base, nb}, (struct lnr_str){path, np});
		assert_true(got.len <= nb + np);
		if (np && path[0] == '/') {
			assert_true(got.len >= 1 && got.ptr[0] == '/');
			assert_true(lnr_str_find(got, LNR_STR("//")) < 0);
			assert_true(lnr_str_find(got, LNR_STR("/../")) < 0);
			assert_bytes(lnr_path_join(&a, LNR_STR("/q/"), got), got);
		}
		lnr_arena_reset(&a);
	}
	lnr_arena_done(&a);
}

static void chdir_to(struct rig *r, unsigned type, int64_t tid, int64_t res, const char *path)
{
	rig_begin(r, type, tid);
	rig_num(r, LNR_P_SYSCALL_CHDIR_X_res, res);
	if (path)
		rig_str(r, LNR_P_SYSCALL_CHDIR_X_path, path);
	rig_step(r);
}

static void directories(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	chdir_to(&r, LNR_EV_SYSCALL_CHDIR_X, 100, 0, "sub/dir/");
	assert_str(lnr_state_cwd(r.st, t), "/srv/sub/dir/");
	chdir_to(&r, LNR_EV_SYSCALL_CHDIR_X, 100, -2, "/nowhere");
	assert_str(lnr_state_cwd(r.st, t), "/srv/sub/dir/");
	chdir_to(&r, LNR_EV_SYSCALL_CHDIR_X, 100, 0, "..");
	assert_str(lnr_state_cwd(r.st, t), "/srv/sub/");
	chdir_to(&r, LNR_EV_SYSCALL_CHDIR_X, 100, 0, "/");
	assert_str(lnr_state_cwd(r.st, t), "/");
	chdir_to(&r, LNR_EV_SYSCALL_GETCWD_X, 100, 5, "/real");
	assert_str(lnr_state_cwd(r.st, t), "/real/");
	chdir_to(&r, LNR_EV_SYSCALL_GETCWD_X, 100, -34, NULL);
	assert_str(lnr_state_cwd(r.st, t), "/real/");
	/* A thread has no directory of its own to step from. */
	rig_clone(&r, (struct clone_call){.tid = 100,
			      .res = 101,
			      .pid = 100,
			      .ptid = 1,
			      .flags = LNR_CL_CLONE_THREAD});
	chdir_to(&r, LNR_EV_SYSCALL_CHDIR_X, 101, 0, "x");
	assert_str(lnr_state_cwd(r.st, t), "x/");
	chdir_to(&r, LNR_EV_SYSCALL_CHDIR_X, 101, 0, "/opt");
	assert_str(lnr_state_cwd(r.st, rig_thread(&r, 101)), "/opt/");
	/* By descriptor. */
	rig_openat(&r, 100, 7, "/srv/data");
	rig_begin(&r, LNR_EV_SYSCALL_FCHDIR_X, 100);
	rig_num(&r, LNR_P_SYSCALL_FCHDIR_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_FCHDIR_X_fd, 7);
	rig_step(&r);
	assert_str(lnr_state_cwd(r.st, t), "/srv/data/");
	rig_begin(&r, LNR_EV_SYSCALL_FCHDIR_X, 100);
	rig_num(&r, LNR_P_SYSCALL_FCHDIR_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_FCHDIR_X_fd, 99);
	rig_step(&r);
	assert_str(lnr_state_cwd(r.st, t), "/srv/data/");
	rig_begin(&r, LNR_EV_SYSCALL_FCHDIR_X, 100);
	rig_num(&r, LNR_P_SYSCALL_FCHDIR_X_res, -13);
	rig_num(&r, LNR_P_SYSCALL_FCHDIR_X_fd, 0);
	rig_step(&r);
	assert_str(lnr_state_cwd(r.st, t), "/srv/data/");
	/* A child begins where its parent is. */
	rig_fork(&r, 100, 200);
	assert_str(lnr_state_cwd(r.st, rig_thread(&r, 200)), "/srv/data/");
	chdir_to(&r, LNR_EV_SYSCALL_CHDIR_X, 200, 0, "..");
	assert_str(lnr_state_cwd(r.st, t), "/srv/data/");
	assert_str(lnr_state_cwd(r.st, rig_thread(&r, 200)), "/srv/");
	rig_done(&r);
}

static void roots(void **state)
{
	static const struct {
		const char *path;
		int64_t res;
		const char *want;
	} cases[] = {
		{"jail", -1, NULL},
		{"jail", 0, "/srv/jail"},
		{"/a//b/", 0, "/a//b/"}, /* as it was passed */
		{"..", 0, "/"},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		rig_begin(&r, LNR_EV_SYSCALL_CHROOT_X, 100);
		rig_num(&r, LNR_P_SYSCALL_CHROOT_X_res, cases[i].res);
		rig_str(&r, LNR_P_SYSCALL_CHROOT_X_path, cases[i].path);
		rig_step(&r);
		if (cases[i].want)
			assert_blob(t->root, cases[i].want);
		else
			assert_null(t->root);
	}
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(join_table),
		cmocka_unit_test(too_long),
		cmocka_unit_test(random_paths),
		cmocka_unit_test(directories),
		cmocka_unit_test(roots),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
