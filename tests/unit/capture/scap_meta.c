/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads and descriptors of capture files made by hand, read into a state: every version, every
 * limit, everything that can be wrong with an entry (spec scap-format 3.3, 3.4).
 */
#include "unit/capture/tables.h"

/* --- threads ---------------------------------------------------------------------------------- */

static void threads_of_every_version(void **state)
{
	static const struct {
		uint32_t type;
		unsigned version;
	} kinds[] = {{LNR_SCAP_PL_V1, 1}, {LNR_SCAP_PL_V1_OLD, 1}, {LNR_SCAP_PL_V2, 2},
		{LNR_SCAP_PL_V2_OLD, 2}, {LNR_SCAP_PL_V3, 3}, {LNR_SCAP_PL_V3_OLD, 3},
		{LNR_SCAP_PL_V4, 4}, {LNR_SCAP_PL_V5, 5}, {LNR_SCAP_PL_V6, 6}, {LNR_SCAP_PL_V7, 7},
		{LNR_SCAP_PL_V8, 8}, {LNR_SCAP_PL_V9, 9}};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(kinds); i++) {
		struct env e;

		env_init(&e);
		put_parent(&e);
		/* Two blocks: entries add up. */
		for (uint64_t tid = 10; tid < 13; tid++)
			put_thread(&e, kinds[i].version, tid, 0);
		put_table(&e, kinds[i].type);
		put_thread(&e, kinds[i].version, 20, 0);
		put_table(&e, kinds[i].type);
		assert_ok(env_load(&e), &e.err);
		for (int64_t tid = 10; tid < 13; tid++)
			assert_thread(&e, kinds[i].version, tid, 0);
		assert_thread(&e, kinds[i].version, 20, 0);
		assert_null(lnr_state_thread(e.st, 13, false));
		env_done(&e);
	}
}

static void fields_that_version_9_appends(void **state)
{
	struct env e;

	(void)state;
	for (unsigned tail = 0; tail <= TAIL_MAX; tail++) {
		unsigned bytes = 0, known = tail;

		for (unsigned i = 0; i < tail; i++)
			bytes += tail_size[i];
		env_init(&e);
		put_parent(&e);
		put_thread(&e, 9, 10, tail);
		put_thread(&e, 9, 11, TAIL_MAX);
		put_table(&e, LNR_SCAP_PL_V9);
		assert_ok(env_load(&e), &e.err);
		/* Up to 29 bytes are what producers before 0.10 wrote, without the first two. */
		if (bytes > 29 || tail == 0)
			assert_thread(&e, 9, 10, known);
		assert_thread(&e, 9, 11, TAIL_MAX);
		env_done(&e);
	}
}

static void tail_of_old_producers(void **state)
{
	struct env e;
	struct lnr_thread *t;
	size_t at;

	(void)state;
	env_init(&e);
	put_thread(&e, 9, 10, 0);
	at = 0;
	put32(&e.entry, 500); /* loginuid */
	lnr_buf_chr(&e.entry, 1);
	put64(&e.entry, 1);
	put64(&e.entry, 2);
	put64(&e.entry, 3);
	close_entry(&e, at, true);
	put_table(&e, LNR_SCAP_PL_V9);
	assert_ok(env_load(&e), &e.err);
	t = lnr_state_thread(e.st, 10, false);
	assert_non_null(t);
	assert_int_equal(t->loginuid, 500);
	assert_true(t->flags & LNR_TF_EXE_WRITABLE);
	assert_int_equal(t->cap_inheritable, 1);
	assert_int_equal(t->cap_permitted, 2);
	assert_int_equal(t->cap_effective, 3);
	assert_int_equal(t->tty, 0);
	assert_int_equal(t->pidns_init_start_ts, 0);
	env_done(&e);
}

/* What a later version appends is skipped, however long. */
static void entries_of_the_future(void **state)
{
	static const size_t more[] = {1, 3, 4, 100, 40000, 1000000};
	struct env e;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(more); i++) {
		env_init(&e);
		put_parent(&e);
		put_thread(&e, 9, 10, TAIL_MAX);
		for (size_t k = 0; k < more[i]; k++)
			lnr_buf_chr(&e.entry, 0x5a);
		close_entry(&e, 0, true);
		put_thread(&e, 9, 11, TAIL_MAX);
		put_table(&e, LNR_SCAP_PL_V9);
		assert_ok(env_load(&e), &e.err);
		assert_thread(&e, 9, 10, TAIL_MAX);
		assert_thread(&e, 9, 11, TAIL_MAX);
		env_done(&e);
	}
}

static void strings_at_their_limits(void **state)
{
	/* Place of each string in an entry of version 5, and the longest it may be. */
	static const struct {
		unsigned place;
		size_t max;
	} strings[] = {{0, 1024}, {1, 1024}, {2, 4096}, {3, 1024}, {4, 4096}, {5, 4096}, {6, 1024}};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(strings); i++)
		for (int over = 0; over <= 1; over++) {
			static char text[5000];
			struct env e;
			struct lnr_buf *b;

			memset(text, 'x', sizeof(text));
			env_init(&e);
			b = &e.entry;
			for (int k = 0; k < 3; k++)
				put64(b, 10);
			for (unsigned s = 0; s < 7; s++) {
				put_text(b, text,
					s == strings[i].place ? strings[i].max + (size_t)over : 0);
				if (s == 3)
					for (int k = 0; k < 12; k++) /* fdlimit to minor faults */
						put32(b, 0);
				if (s == 4)
					for (int k = 0; k < 2; k++)
						put64(b, 0);
			}
			put_table(&e, LNR_SCAP_PL_V5);
			if (over) {
				assert_code(env_load(&e), -EBADMSG);
				assert_has(e.err.msg, "damaged thread entry at byte");
			} else {
				assert_ok(env_load(&e), &e.err);
				assert_non_null(lnr_state_thread(e.st, 10, false));
			}
			env_done(&e);
		}
}

/* --- descriptors ------------------------------------------------------------------------------ */

static void descriptors_of_every_kind(void **state)
{
	static const struct {
		uint32_t type;
		unsigned version;
	} kinds[] = {{LNR_SCAP_FDL_V1, 1}, {LNR_SCAP_FDL_V1_OLD, 1}, {LNR_SCAP_FDL_V2, 2}};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(kinds); i++) {
		struct env e;

		env_init(&e);
		put_thread(&e, 8, 10, 0);
		put_table(&e, LNR_SCAP_PL_V8);
		put_every_fd(&e, kinds[i].version);
		put_table(&e, kinds[i].type);
		/* A list of nobody we know, and an empty one. */
		put64(&e.entry, 999);
		put_table(&e, kinds[i].type);
		put64(&e.entry, 10);
		put_table(&e, kinds[i].type);
		assert_ok(env_load(&e), &e.err);
		assert_every_fd(&e, kinds[i].version);
		assert_int_equal(lnr_state_fd_count(e.st, lnr_state_thread(e.st, 10, false)), 21);
		env_done(&e);
	}
}

static void odd_descriptors(void **state)
{
	struct env e;
	size_t at;

	(void)state;
	env_init(&e);
	put_thread(&e, 8, 10, 0);
	put_table(&e, LNR_SCAP_PL_V8);
	put64(&e.entry, 10);
	/* A type of a later version: kept by its number, its payload skipped. */
	at = e.entry.len;
	put_fd_head(&e, 2, 5, 99);
	lnr_buf_cstr(&e.entry, "whatever it is");
	close_entry(&e, at, true);
	/* More after a known one. */
	at = e.entry.len;
	put_fd_head(&e, 2, 6, LNR_FD_FILE_V2);
	put32(&e.entry, 1);
	put_str(&e.entry, "/x");
	put32(&e.entry, 7);
	put64(&e.entry, 12345);
	close_entry(&e, at, true);
	/* FILE_V2 without its device. */
	at = e.entry.len;
	put_fd_head(&e, 2, 7, LNR_FD_FILE_V2);
	put32(&e.entry, 1);
	put_str(&e.entry, "/y");
	close_entry(&e, at, true);
	/* Numbers no event can name, and a kind that is never written. */
	for (int i = 0; i < 3; i++) {
		at = e.entry.len;
		put_fd_head(&e, 2,
			i == 0	 ? -1
			: i == 1 ? INT64_MAX
				 : 8,
			i == 2 ? LNR_FD_UNKNOWN : LNR_FD_FIFO);
		if (i < 2)
			put_str(&e.entry, "f");
		close_entry(&e, at, true);
	}
	put_table(&e, LNR_SCAP_FDL_V2);
	assert_ok(env_load(&e), &e.err);
	assert_int_equal(get_fd(&e, 5)->type, LNR_FD_UNSUPPORTED);
	assert_str(lnr_blob_str(get_fd(&e, 5)->name), "unknown-type:[99]");
	assert_int_equal(get_fd(&e, 6)->dev, 7);
	assert_int_equal(get_fd(&e, 7)->dev, 0);
	assert_null(get_fd(&e, 8));
	assert_int_equal(lnr_state_fd_count(e.st, lnr_state_thread(e.st, 10, false)), 3);
	env_done(&e);

	/* Version 1 has no way around an unknown type. */
	env_init(&e);
	put64(&e.entry, 10);
	put_fd_head(&e, 1, 5, 99);
	put_table(&e, LNR_SCAP_FDL_V1);
	assert_code(env_load(&e), -EBADMSG);
	assert_has(e.err.msg, "descriptor");
	env_done(&e);
}

/* Who listens is a server on connections to that port; the writer's counterpart is in
 * scap_roundtrip.c. */
static void sockets_get_their_role(void **state)
{
	struct env e;
	size_t at;

	(void)state;
	env_init(&e);
	put_thread(&e, 8, 10, 0);
	put_table(&e, LNR_SCAP_PL_V8);
	put64(&e.entry, 10);
	at = e.entry.len;
	put_fd_head(&e, 2, 3, LNR_FD_IPV4_SOCK);
	lnr_buf_add(&e.entry, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
	put16(&e.entry, 80);
	put16(&e.entry, 5000);
	lnr_buf_chr(&e.entry, LNR_L4_TCP);
	close_entry(&e, at, true);
	at = e.entry.len;
	put_fd_head(&e, 2, 4, LNR_FD_IPV4_SERVSOCK);
	put32(&e.entry, 0);
	put16(&e.entry, 80);
	lnr_buf_chr(&e.entry, LNR_L4_TCP);
	close_entry(&e, at, true);
	put_table(&e, LNR_SCAP_FDL_V2);
	assert_ok(env_load(&e), &e.err);
	assert_true(get_fd(&e, 3)->flags & LNR_FDF_ROLE_SERVER);
	assert_str(lnr_blob_str(get_fd(&e, 3)->name), "10.0.0.2:5000->10.0.0.1:80");
	env_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_of_every_version),
		cmocka_unit_test(fields_that_version_9_appends),
		cmocka_unit_test(tail_of_old_producers),
		cmocka_unit_test(entries_of_the_future),
		cmocka_unit_test(strings_at_their_limits),
		cmocka_unit_test(descriptors_of_every_kind),
		cmocka_unit_test(odd_descriptors),
		cmocka_unit_test(sockets_get_their_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
