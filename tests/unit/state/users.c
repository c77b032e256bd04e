/* SPDX-License-Identifier: Apache-2.0 */
/* Names of users and groups, per container (spec events-and-state 9). */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/failalloc.h"
#include "schema/limits.h"
#include "state_test.h"
#include "state/state_priv.h"

#define HOST LNR_STR("")
#define C1   LNR_STR("0123456789ab")

static struct lnr_users *parsed(const char *passwd, const char *group)
{
	struct lnr_users *u = lnr_users_new(true);
	assert_non_null(u);
	lnr_users_parse(u, HOST, lnr_str_c(passwd));
	lnr_groups_parse(u, HOST, lnr_str_c(group));
	return u;
}

static void passwd(void **state)
{
	(void)state;
	struct lnr_users *u = parsed("root:x:0:0:root:/root:/bin/bash\n"
				     "daemon:x:1:1::/:\n"
				     "\n"
				     "short:x:2:2:a:/b\n"
				     "no-number:x:abc:3::/:\n"
				     "no-group:x:3:-1::/:\n"
				     "huge:x:4294967296:3::/:\n"
				     "+nis::5:5:::\n"
				     "-nis::6:6:::\n"
				     "last:x:4294967295:7:gecos, with, commas:/h:/s:more:fields",
		"root:x:0:\nwheel:x:10:root,me\nbad:x\nbad:x:x:\n+:::\nlast:x:11");
	const struct lnr_user *user = lnr_users_get(u, HOST, 0);
	assert_non_null(user);
	assert_str(user->name, "root");
	assert_str(user->home, "/root");
	assert_str(user->shell, "/bin/bash");
	assert_int_equal(user->gid, 0);
	assert_str(lnr_users_get(u, HOST, 1)->shell, "");
	for (uint32_t id = 2; id < 10; id++)
		assert_null(lnr_users_get(u, HOST, id));
	assert_str(lnr_users_get(u, HOST, UINT32_MAX)->name, "last");
	assert_int_equal(lnr_users_get(u, HOST, UINT32_MAX)->gid, 7);
	assert_str(lnr_groups_get(u, HOST, 10)->name, "wheel");
	assert_str(lnr_groups_get(u, HOST, 11)->name, "last");
	assert_null(lnr_groups_get(u, HOST, 12));
	lnr_users_free(u);
	lnr_users_free(NULL);
}

static void containers(void **state)
{
	(void)state;
	struct lnr_users *u = parsed("me:x:1000:1000::/home/me:/bin/sh\n", "me:x:1000:\n");
	const struct lnr_user other = {.uid = 1000, .name = LNR_STR("app")};
	const struct lnr_group group = {.gid = 1000, .name = LNR_STR("apps")};
	assert_null(lnr_users_get(u, C1, 1000));
	assert_int_equal(lnr_users_add(u, C1, &other), 0);
	assert_int_equal(lnr_groups_add(u, C1, &group), 0);
	assert_str(lnr_users_get(u, C1, 1000)->name, "app");
	assert_str(lnr_groups_get(u, C1, 1000)->name, "apps");
	assert_str(lnr_users_get(u, HOST, 1000)->name, "me");
	/* Changed in place. */
	const struct lnr_user changed = {.uid = 1000, .name = LNR_STR("app2")};
	assert_int_equal(lnr_users_add(u, C1, &changed), 0);
	assert_str(lnr_users_get(u, C1, 1000)->name, "app2");
	/* All are walked over, each once. */
	size_t pos = 0;
	unsigned users = 0, groups = 0, inside = 0;
	struct lnr_str container;
	while (lnr_users_next(u, &pos, &container)) {
		users++;
		inside += lnr_str_eq(container, C1);
	}
	pos = 0;
	while (lnr_groups_next(u, &pos, &container))
		groups++;
	assert_int_equal(users, 2);
	assert_int_equal(inside, 1);
	assert_int_equal(groups, 2);
	lnr_users_remove(u, C1, 1000);
	lnr_users_remove(u, C1, 1001);
	lnr_users_remove(u, LNR_STR("nowhere"), 1);
	lnr_groups_remove(u, C1, 1000);
	assert_null(lnr_users_get(u, C1, 1000));
	assert_null(lnr_groups_get(u, C1, 1000));
	assert_int_equal(lnr_users_add(u, C1, &other), 0);
	lnr_users_drop(u, C1);
	lnr_users_drop(u, C1);
	assert_null(lnr_users_get(u, C1, 1000));
	/* The host's cannot be dropped. */
	lnr_users_drop(u, HOST);
	assert_non_null(lnr_users_get(u, HOST, 1000));
	/* An id that no container has. */
	char longer[LNR_CONTAINER_ID_BYTES_MAX + 1];
	memset(longer, 'x', sizeof(longer));
	assert_code(lnr_users_add(u, (struct lnr_str){longer, LNR_CONTAINER_ID_BYTES_MAX}, &other),
		-ENOMEM);
	lnr_users_free(u);
}

static void long_texts(void **state)
{
	static char text[5000];
	(void)state;
	memset(text, 'y', sizeof(text));
	struct lnr_users *u = lnr_users_new(true);
	struct lnr_str s = {text, sizeof(text)};
	const struct lnr_user user = {.uid = 1, .name = s, .home = s, .shell = s};
	const struct lnr_group group = {.gid = 1, .name = s};
	assert_int_equal(lnr_users_add(u, HOST, &user), 0);
	assert_int_equal(lnr_groups_add(u, HOST, &group), 0);
	assert_int_equal(lnr_users_get(u, HOST, 1)->name.len, LNR_USER_NAME_BYTES_MAX - 1);
	assert_int_equal(lnr_users_get(u, HOST, 1)->home.len, LNR_USER_PATH_BYTES_MAX - 1);
	assert_int_equal(lnr_users_get(u, HOST, 1)->shell.len, LNR_USER_PATH_BYTES_MAX - 1);
	assert_int_equal(lnr_groups_get(u, HOST, 1)->name.len, LNR_USER_NAME_BYTES_MAX - 1);
	lnr_users_free(u);
}

/* Nothing imported: everyone is somebody, nobody has a name. */
static void not_imported(void **state)
{
	(void)state;
	struct lnr_users *u = lnr_users_new(false);
	lnr_users_parse(u, HOST, LNR_STR("me:x:7:7::/:/\n"));
	lnr_groups_parse(u, HOST, LNR_STR("me:x:7:\n"));
	const struct lnr_user *user = lnr_users_get(u, C1, 7);
	assert_int_equal(user->uid, 7);
	assert_str(user->name, "<NA>");
	assert_str(user->home, "<NA>");
	assert_str(user->shell, "<NA>");
	assert_int_equal(lnr_groups_get(u, HOST, 9)->gid, 9);
	assert_str(lnr_groups_get(u, HOST, 9)->name, "<NA>");
	lnr_users_free(u);
}

/* What was not found is not looked for again at once. */
static void misses(void **state)
{
	const uint64_t now = 1000 * LNR_NS_PER_SEC, later = now + LNR_USER_MISS_S * LNR_NS_PER_SEC;
	size_t pos = 0;
	struct lnr_str container;
	(void)state;
	struct lnr_users *u = parsed("me:x:7:7::/:/\n", "me:x:7:\n");
	assert_true(lnr_users_missed(u, HOST, 7, now)); /* known: nothing to look for */
	assert_false(lnr_users_missed(u, HOST, 8, now));
	assert_true(lnr_users_missed(u, HOST, 8, now));
	assert_true(lnr_users_missed(u, HOST, 8, later - 1));
	assert_null(lnr_users_get(u, HOST, 8));
	assert_false(lnr_users_missed(u, HOST, 8, later));
	assert_true(lnr_users_missed(u, HOST, 8, later));
	/* Soon again, when the answer was not to be had yet; what is known stays known. */
	lnr_users_ask_again(u, HOST, false, 8, later + 5);
	lnr_users_ask_again(u, HOST, false, 7, later + 5);
	lnr_users_ask_again(u, C1, true, 9, later + 5);
	assert_true(lnr_users_missed(u, HOST, 8, later + 4));
	assert_false(lnr_users_missed(u, HOST, 8, later + 5));
	assert_true(lnr_users_missed(u, HOST, 7, later + 100));
	assert_false(lnr_groups_missed(u, HOST, 8, now));
	assert_true(lnr_groups_missed(u, HOST, 8, now));
	/* They are not users. */
	assert_non_null(lnr_users_next(u, &pos, &container));
	assert_null(lnr_users_next(u, &pos, &container));
	lnr_users_parse(u, HOST, LNR_STR("found:x:8:8::/:/\n"));
	assert_str(lnr_users_get(u, HOST, 8)->name, "found");
	lnr_users_free(u);
}

static void budget(void **state)
{
	(void)state;
	struct lnr_users *u = lnr_users_new(true);
	const struct lnr_user user = {.uid = 7, .name = LNR_STR("me")};
	for (uint32_t id = 0; id < LNR_USERS_MAX; id++) {
		const struct lnr_user one = {.uid = id, .name = LNR_STR("u")};
		assert_int_equal(lnr_users_add(u, HOST, &one), 0);
	}
	const struct lnr_user more = {.uid = LNR_USERS_MAX, .name = LNR_STR("u")};
	assert_code(lnr_users_add(u, HOST, &more), -ENOSPC);
	assert_code(lnr_users_add(u, C1, &more), -ENOSPC);
	assert_true(lnr_users_missed(u, HOST, LNR_USERS_MAX, 1));
	/* Those that are there can still change, and make room. */
	assert_int_equal(lnr_users_add(u, HOST, &user), 0);
	assert_str(lnr_users_get(u, HOST, 7)->name, "me");
	lnr_users_remove(u, HOST, 7);
	assert_int_equal(lnr_users_add(u, C1, &more), 0);
	lnr_users_free(u);
}

/* --- events --- */

static void user_event(
	struct rig *r, unsigned type, uint32_t uid, const char *name, const char *container)
{
	rig_begin(r, type, -1);
	rig_num(r, LNR_P_USER_ADDED_E_uid, uid);
	rig_num(r, LNR_P_USER_ADDED_E_gid, 5);
	if (name)
		rig_str(r, LNR_P_USER_ADDED_E_name, name);
	rig_str(r, LNR_P_USER_ADDED_E_home, "/home/u");
	rig_str(r, LNR_P_USER_ADDED_E_shell, "/bin/sh");
	if (container)
		rig_str(r, LNR_P_USER_ADDED_E_container_id, container);
	rig_enter(r);
	assert_null(r->ev.thread);
	rig_leave(r);
}

static void group_event(
	struct rig *r, unsigned type, uint32_t gid, const char *name, const char *container)
{
	rig_begin(r, type, -1);
	rig_num(r, LNR_P_GROUP_ADDED_E_gid, gid);
	rig_str(r, LNR_P_GROUP_ADDED_E_name, name);
	if (container)
		rig_str(r, LNR_P_GROUP_ADDED_E_container_id, container);
	rig_step(r);
}

static void events(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_users *u = lnr_state_users(r.st);
	user_event(&r, LNR_EV_USER_ADDED_E, 1000, "me", "");
	user_event(&r, LNR_EV_USER_ADDED_E, 1000, "app", "0123456789ab");
	user_event(&r, LNR_EV_USER_ADDED_E, 1001, NULL, NULL);
	assert_str(lnr_users_get(u, HOST, 1000)->name, "me");
	assert_str(lnr_users_get(u, HOST, 1000)->home, "/home/u");
	assert_str(lnr_users_get(u, HOST, 1000)->shell, "/bin/sh");
	assert_int_equal(lnr_users_get(u, HOST, 1000)->gid, 5);
	assert_str(lnr_users_get(u, C1, 1000)->name, "app");
	assert_str(lnr_users_get(u, HOST, 1001)->name, "");
	user_event(&r, LNR_EV_USER_DELETED_E, 1000, "me", "");
	assert_null(lnr_users_get(u, HOST, 1000));
	assert_non_null(lnr_users_get(u, C1, 1000));
	group_event(&r, LNR_EV_GROUP_ADDED_E, 1000, "mine", "");
	group_event(&r, LNR_EV_GROUP_ADDED_E, 1000, "apps", "0123456789ab");
	assert_str(lnr_groups_get(u, HOST, 1000)->name, "mine");
	assert_str(lnr_groups_get(u, C1, 1000)->name, "apps");
	group_event(&r, LNR_EV_GROUP_DELETED_E, 1000, "apps", "0123456789ab");
	assert_null(lnr_groups_get(u, C1, 1000));
	assert_non_null(lnr_groups_get(u, HOST, 1000));
	/* Without an id. */
	rig_begin(&r, LNR_EV_USER_ADDED_E, -1);
	rig_str(&r, LNR_P_USER_ADDED_E_name, "nobody");
	rig_step(&r);
	rig_begin(&r, LNR_EV_GROUP_DELETED_E, -1);
	rig_step(&r);
	rig_done(&r);
}

/* The host's root is known without a database, so that nothing need be read for it. */
static void root(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_users *u = lnr_state_users(r.st);
	assert_null(lnr_users_get(u, HOST, 0));
	rig_begin(&r, LNR_EV_SYSCALL_SETUID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_uid, 0);
	rig_step(&r);
	rig_begin(&r, LNR_EV_SYSCALL_SETGID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETGID_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_SETGID_X_gid, 0);
	rig_step(&r);
	assert_str(lnr_users_get(u, HOST, 0)->name, "root");
	assert_str(lnr_users_get(u, HOST, 0)->home, "/root");
	assert_str(lnr_groups_get(u, HOST, 0)->name, "root");
	/* Others stay unknown in a file: there is nobody to ask. */
	assert_null(lnr_users_get(u, HOST, 1000));
	rig_done(&r);
}

/* --- a machine's own database --- */

static void host_root(void **state)
{
	struct lnr_test_dir d;
	char path[128], proc[128];
	(void)state;
	lnr_test_dir_init(&d);
	snprintf(path, sizeof(path), "mkdir %s/etc", d.path);
	assert_int_equal(system(path), 0);
	free(lnr_test_file(&d, "etc/passwd", LNR_STR("me:x:1000:1000::/home/me:/bin/sh\n")));
	free(lnr_test_file(&d, "etc/group", LNR_STR("mine:x:1000:\n")));
	snprintf(proc, sizeof(proc), "%s/proc", d.path);
	assert_int_equal(symlink("/proc", proc), 0);
	struct rig r;
	rig_init_opts(&r, (struct lnr_state_opts){.live = true, .host_root = d.path});
	struct lnr_users *u = lnr_state_users(r.st);
	rig_populate(&r); /* user and group 1000: asked for */
	assert_str(lnr_users_get(u, HOST, 1000)->home, "/home/me");
	assert_str(lnr_groups_get(u, HOST, 1000)->name, "mine");
	/* Added meanwhile. */
	free(lnr_test_file(&d, "etc/passwd",
		LNR_STR("me:x:1000:1000::/home/me:/bin/sh\nnew:x:1001:1001::/n:/s\n")));
	rig_begin(&r, LNR_EV_SYSCALL_SETUID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_uid, 1001);
	rig_step(&r);
	assert_str(lnr_users_get(u, HOST, 1001)->name, "new");
	rig_done(&r);
	lnr_test_dir_done(&d);
}

static void name_service(void **state)
{
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.live = true, .host_root = ""});
	rig_populate(&r);
	struct lnr_users *u = lnr_state_users(r.st);
	/* 1 is daemon or bin on every Linux system. */
	rig_begin(&r, LNR_EV_SYSCALL_SETUID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_uid, 1);
	rig_step(&r);
	rig_begin(&r, LNR_EV_SYSCALL_SETGID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETGID_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_SETGID_X_gid, 1);
	rig_step(&r);
	if (getpwuid(1))
		assert_str(lnr_users_get(u, HOST, 1)->name, getpwuid(1)->pw_name);
	if (getgrgid(1))
		assert_str(lnr_groups_get(u, HOST, 1)->name, getgrgid(1)->gr_name);
	rig_begin(&r, LNR_EV_SYSCALL_SETUID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_SETUID_X_uid, 4000000000);
	rig_step(&r);
	assert_null(lnr_users_get(u, HOST, 4000000000));
	rig_done(&r);
}

/* --- who is told --- */

struct heard {
	unsigned users, groups, gone;
	char last[64];
};

static void hear(void *arg, struct lnr_str container, const struct lnr_user *u,
	const struct lnr_group *g, bool gone)
{
	struct heard *h = arg;
	h->users += u != NULL;
	h->groups += g != NULL;
	h->gone += gone;
	snprintf(h->last, sizeof(h->last), "%.*s:%.*s", LNR_STR_ARG(container),
		LNR_STR_ARG(u ? u->name : g->name));
}

static void told(void **state)
{
	struct heard h = {0};
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.live = true, .on_user = hear, .user = &h});
	struct lnr_users *u = lnr_state_users(r.st);
	h = (struct heard){0};
	lnr_users_parse(u, C1, LNR_STR("a:x:1:1::/:/s\nb:x:2:1::/:/s\n"));
	lnr_groups_parse(u, C1, LNR_STR("g:x:1:\n"));
	assert_int_equal(h.users, 2);
	assert_int_equal(h.groups, 1);
	assert_string_equal(h.last, "0123456789ab:g");
	/* The same again is nothing new. */
	lnr_users_parse(u, C1, LNR_STR("a:x:1:1::/:/s\nb:x:2:1::/:/other\n"));
	lnr_groups_parse(u, C1, LNR_STR("g:x:1:\n"));
	assert_int_equal(h.users, 3);
	assert_int_equal(h.groups, 1);
	assert_false(lnr_users_missed(u, C1, 9, 1));
	lnr_users_remove(u, C1, 9);
	assert_int_equal(h.users, 3);
	lnr_users_remove(u, C1, 1);
	assert_int_equal(h.gone, 1);
	assert_string_equal(h.last, "0123456789ab:a");
	lnr_users_drop(u, C1);
	assert_int_equal(h.gone, 3);
	rig_done(&r);
	assert_int_equal(h.gone, 3); /* the end is no news */
	/* A file tells its users itself. */
	rig_init_opts(&r, (struct lnr_state_opts){.on_user = hear, .user = &h});
	user_event(&r, LNR_EV_USER_ADDED_E, 1000, "me", "");
	assert_int_equal(h.users, 5);
	rig_done(&r);
}

static int each_alloc(void *arg)
{
	(void)arg;
	const struct lnr_user user = {.uid = 1, .name = LNR_STR("u")};
	const struct lnr_group group = {.gid = 1, .name = LNR_STR("g")};
	struct lnr_users *u = lnr_users_new(true);
	int r = u ? 0 : -ENOMEM;
	if (!r)
		r = lnr_users_add(u, HOST, &user);
	if (!r)
		r = lnr_users_add(u, C1, &user);
	if (!r)
		r = lnr_groups_add(u, C1, &group);
	if (!r)
		r = lnr_users_add(u, C1, &user);
	lnr_users_free(u);
	return r;
}

static void allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(each_alloc, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwd),
		cmocka_unit_test(containers),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(not_imported),
		cmocka_unit_test(misses),
		cmocka_unit_test(budget),
		cmocka_unit_test(events),
		cmocka_unit_test(root),
		cmocka_unit_test(host_root),
		cmocka_unit_test(name_service),
		cmocka_unit_test(told),
		cmocka_unit_test(allocations),
	};
	return cmocka_run_group_tests_name("state/users", tests, NULL, NULL);
}
