/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interfaces and users of capture files made by hand, and all tables together: between events, in
 * quantity, cut and damaged (spec scap-format 3.5, 3.6).
 */
#include "lib/failalloc.h"
#include "unit/capture/tables.h"

/* --- interfaces, users ------------------------------------------------------------------------ */

static void interfaces_of_every_kind(void **state)
{
	static const uint32_t types[] = {LNR_SCAP_IL_V1, LNR_SCAP_IL_V1_OLD, LNR_SCAP_IL_V2};

	(void)state;
	for (size_t k = 0; k < LNR_ARRAY_SIZE(types); k++) {
		static char long_name[200];
		struct env e;
		const struct lnr_iface *list;
		size_t n;

		memset(long_name, 'n', sizeof(long_name) - 1);
		env_init(&e);
		for (uint16_t type = 1; type <= 4; type++)
			put_iface(&e, k == 2 ? 2 : 1, type, type == 4 ? long_name : "eth0");
		put_table(&e, types[k]);
		assert_ok(env_load(&e), &e.err);
		list = lnr_state_ifaces(e.st, &n);
		assert_int_equal(n, 4);
		for (size_t i = 0; i < 4; i++) {
			bool v6 = i & 1;
			uint8_t first = (uint8_t)((i + 1) * 16);

			assert_int_equal(list[i].addr.family, v6 ? LNR_AF_INET6 : LNR_AF_INET);
			assert_int_equal(list[i].addr.addr[0], first);
			assert_int_equal(list[i].mask.addr[0], (uint8_t)(first + (v6 ? 16 : 4)));
			assert_int_equal(
				list[i].broadcast.addr[0], (uint8_t)(first + (v6 ? 32 : 8)));
			assert_int_equal(list[i].link_speed, i < 2 ? 1000 : 0);
			assert_int_equal(strlen(list[i].name),
				i == 3 ? sizeof(list[i].name) - 1 : strlen("eth0"));
		}
		env_done(&e);
	}
}

static void damaged_interfaces(void **state)
{
	static char name[1025];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	for (int i = 0; i < 4; i++) {
		struct env e;

		env_init(&e);
		/* Unknown kinds, a name of 1024, a name longer than the entry. */
		put_iface(&e, 2, i == 0 ? 0 : i == 1 ? 5 : 1, i == 2 ? name : "eth0");
		if (i == 3)
			e.entry.ptr[6] = 100;
		put_table(&e, LNR_SCAP_IL_V2);
		assert_code(env_load(&e), -EBADMSG);
		assert_has(e.err.msg, "interface");
		env_done(&e);
	}
}

static void users_and_groups(void **state)
{
	static const uint32_t types[] = {LNR_SCAP_UL_V1, LNR_SCAP_UL_V1_OLD, LNR_SCAP_UL_V2};

	(void)state;
	for (size_t k = 0; k < LNR_ARRAY_SIZE(types); k++) {
		const unsigned version = k == 2 ? 2 : 1;
		struct env e;
		struct lnr_users *users;
		const struct lnr_user *u;
		const struct lnr_group *g;

		env_init(&e);
		put_user_entry(&e, version, 1000, "alice");
		put_group_entry(&e, version, 50, "staff");
		put_user_entry(&e, version, 1001, "bob");
		put_table(&e, types[k]);
		/* A later list wins. */
		put_user_entry(&e, version, 1001, "robert");
		put_table(&e, types[k]);
		assert_ok(env_load(&e), &e.err);
		users = lnr_state_users(e.st);
		u = lnr_users_get(users, LNR_STR(""), 1001);
		assert_non_null(u);
		assert_str(u->name, "robert");
		assert_str(u->home, "/home/x");
		assert_str(u->shell, "/bin/sh");
		assert_int_equal(u->gid, 1002);
		g = lnr_groups_get(users, LNR_STR(""), 50);
		if (g)
			assert_str(g->name, "staff");
		env_done(&e);
	}
}

static void damaged_users(void **state)
{
	static char name[257];

	(void)state;
	memset(name, 'u', sizeof(name) - 1);
	for (int i = 0; i < 3; i++) {
		struct env e;

		env_init(&e);
		name[i == 0 ? 255 : 256] = '\0';
		put_user_entry(&e, 2, 1000, name);
		name[255] = 'u';
		if (i == 2)
			e.entry.ptr[4] = 2; /* neither user nor group */
		put_table(&e, LNR_SCAP_UL_V2);
		if (i == 0) {
			assert_ok(env_load(&e), &e.err);
		} else {
			assert_code(env_load(&e), -EBADMSG);
			assert_has(e.err.msg, "user or group");
		}
		env_done(&e);
	}
}

/* --- the whole -------------------------------------------------------------------------------- */

static void build_all(struct env *e)
{
	for (int i = 0; i < 45; i++)
		put32(&e->entry, 1);
	put_table(e, LNR_SCAP_MI);
	put_iface(e, 2, 1, "lo");
	put_iface(e, 2, 2, "lo");
	put_table(e, LNR_SCAP_IL_V2);
	put_user_entry(e, 2, 0, "root");
	put_group_entry(e, 2, 0, "root");
	put_table(e, LNR_SCAP_UL_V2);
	put_thread(e, 9, 10, TAIL_MAX);
	put_thread(e, 9, 12, 0);
	put_table(e, LNR_SCAP_PL_V9);
	put_every_fd(e, 2);
	put_table(e, LNR_SCAP_FDL_V2);
}

static void tables_between_events(void **state)
{
	struct env e;
	struct lnr_capture_item item;
	size_t n;

	(void)state;
	env_init(&e);
	put_parent(&e);
	put_thread(&e, 9, 12, 0);
	put_table(&e, LNR_SCAP_PL_V9);
	put_close(&e.b, 1);
	build_all(&e);
	put_close(&e.b, 2);
	put_section(&e.b);
	put_thread(&e, 9, 14, 2);
	put_table(&e, LNR_SCAP_PL_V9);
	assert_ok(env_load(&e), &e.err);
	assert_null(lnr_state_thread(e.st, 10, false));
	assert_ok(lnr_capture_next(e.c, &item, &e.err), &e.err);
	assert_null(lnr_state_thread(e.st, 10, false));
	assert_ok(lnr_capture_next(e.c, &item, &e.err), &e.err);
	assert_thread(&e, 9, 10, TAIL_MAX);
	assert_every_fd(&e, 2);
	assert_null(lnr_state_thread(e.st, 14, false));
	assert_ok(lnr_capture_next(e.c, &item, &e.err), &e.err);
	assert_non_null(lnr_state_thread(e.st, 14, false));
	assert_non_null(lnr_state_thread(e.st, 10, false));
	lnr_state_ifaces(e.st, &n);
	assert_int_equal(n, 2);
	/* What replays of the reference show: its own boot time is no part of a file's state. */
	assert_int_equal(lnr_state_boot_ts(e.st), 0);
	assert_int_equal(lnr_scap_machine(e.c)->boot_ts, (uint64_t)1 << 32 | 1);
	assert_code(lnr_capture_next(e.c, &item, &e.err), -ENODATA);
	env_done(&e);
}

/* A table larger than the window, entry by entry. */
static void many_threads(void **state)
{
	struct env e;

	(void)state;
	env_init(&e);
	put_parent(&e);
	for (uint64_t tid = 10; tid < 5010; tid++)
		put_thread(&e, tid & 1 ? 9 : 9, tid, TAIL_MAX);
	put_table(&e, LNR_SCAP_PL_V9);
	for (uint64_t tid = 6000; tid < 11000; tid++)
		put_thread(&e, 8, tid, 0);
	put_table(&e, LNR_SCAP_PL_V8);
	assert_true(e.b.len > 1500000);
	assert_ok(env_load(&e), &e.err);
	for (int64_t tid = 10; tid < 5010; tid += 333)
		assert_thread(&e, 9, tid, TAIL_MAX);
	for (int64_t tid = 6000; tid < 11000; tid += 333)
		assert_thread(&e, 8, tid, 0);
	env_done(&e);
}

static void cut_at_every_byte(void **state)
{
	struct env e;
	size_t all;

	(void)state;
	env_init(&e);
	build_all(&e);
	all = e.b.len;
	for (size_t len = 1; len <= all; len++) {
		struct lnr_err err = {0};
		struct lnr_capture *c = NULL;
		uint8_t *copy = malloc(len);
		int r;

		memcpy(copy, e.b.ptr, len);
		lnr_state_free(e.st);
		assert_ok(new_state(&e.st, &err), &err);
		r = lnr_scap_open_memory(copy, len, NULL, &c, &err);
		if (!r)
			r = c->ops->populate(c, e.st, &err);
		/* Without an event it is never whole. */
		assert_code(r, -EBADMSG);
		lnr_capture_close(c);
		free(copy);
	}
	env_done(&e);
}

/* Any byte replaced: read or refused, inside its bounds. */
static void every_byte_damaged(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	struct env e;
	unsigned refused = 0;

	(void)state;
	env_init(&e);
	build_all(&e);
	put_close(&e.b, 1);
	for (size_t at = LNR_SCAP_SHB_LEN; at < e.b.len; at++)
		for (size_t v = 0; v < LNR_ARRAY_SIZE(values); v++) {
			struct lnr_capture *c = NULL;
			uint8_t *copy = malloc(e.b.len);
			int r;

			memcpy(copy, e.b.ptr, e.b.len);
			copy[at] = values[v];
			lnr_state_free(e.st);
			assert_ok(new_state(&e.st, NULL), NULL);
			r = lnr_scap_open_memory(copy, e.b.len, NULL, &c, NULL);
			if (!r)
				r = c->ops->populate(c, e.st, NULL);
			if (!r)
				r = read_all(c, NULL, NULL);
			assert_true(r == -ENODATA || r == -EBADMSG);
			refused += r == -EBADMSG;
			lnr_capture_close(c);
			free(copy);
		}
	assert_true(refused > 100);
	env_done(&e);
}

static int load_all(void *arg)
{
	const struct lnr_buf *b = arg;
	struct lnr_capture *c = NULL;
	struct lnr_state *st = NULL;
	struct lnr_err err = {0};
	int r = new_state(&st, &err);

	if (!r)
		r = lnr_scap_open_memory(b->ptr, b->len, NULL, &c, &err);
	if (!r)
		r = c->ops->populate(c, st, &err);
	lnr_capture_close(c);
	lnr_state_free(st);
	return r;
}

static void survives_failing_allocations(void **state)
{
	struct env e;

	(void)state;
	env_init(&e);
	build_all(&e);
	put_close(&e.b, 1);
	/* The state may go on without a thread or a descriptor. */
	lnr_test_each_alloc_may_fail(load_all, &e.b);
	env_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_of_every_kind),
		cmocka_unit_test(damaged_interfaces),
		cmocka_unit_test(users_and_groups),
		cmocka_unit_test(damaged_users),
		cmocka_unit_test(tables_between_events),
		cmocka_unit_test(many_threads),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(every_byte_damaged),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
