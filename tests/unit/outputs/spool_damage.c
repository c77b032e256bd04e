/* SPDX-License-Identifier: Apache-2.0 */
/* A spool whose files were cut, changed, or left behind by a killed process. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "unit/outputs/spool_test.h"

/* Cut at every byte: what was written before it is there, the rest is counted. */
static void survives_a_torn_end(void **state)
{
	(void)state;
	struct bench b;
	LNR_AUTO_FREE char *whole = NULL;
	size_t len, ends[4];
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	for (unsigned i = 0; i < 4; i++) {
		append_numbered(&b, i, i + 1, 4, 20);
		LNR_AUTO_FREE char *p = segment_path(&b);
		struct stat st;
		assert_int_equal(stat(p, &st), 0);
		ends[i] = (size_t)st.st_size;
	}
	lnr_spool_reader_close(r);
	LNR_AUTO_FREE char *path = segment_path(&b), *cursor = NULL;
	size_t cursor_len;
	char cursor_path[128];
	snprintf(cursor_path, sizeof(cursor_path), "%s/x.cursor", b.path);
	assert_ok(lnr_read_file(path, 1 << 20, &whole, &len, NULL), NULL);
	assert_ok(lnr_read_file(cursor_path, 1 << 20, &cursor, &cursor_len, NULL), NULL);
	stop(&b);
	for (size_t cut = 0; cut <= len; cut++) {
		unsigned left = 0;
		while (left < 4 && ends[left] <= cut)
			left++;
		LNR_AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(fd, whole, cut), cut);
		LNR_AUTO_CLOSE int c = open(cursor_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(c, cursor, cursor_len), cursor_len);
		assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
		bool torn = cut >= 36 && cut != 36 && (left == 0 || ends[left - 1] != cut);
		assert_int_equal(stats(&b).torn, torn);
		r = reader(&b, "x");
		append(&b, 4, "new", 0);
		takes_numbered(r, 0, left);
		takes(r, 9, "new");
		assert_int_equal(lost(&b, "x"), 0);
		lnr_spool_reader_close(r);
		stop(&b);
		assert_int_not_equal(access(path, F_OK), 0);
	}
	assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
	done(&b);
}

/* Any byte changed costs at most the alert it belongs to. */
static void survives_changed_bytes(void **state)
{
	(void)state;
	struct bench b;
	LNR_AUTO_FREE char *whole = NULL;
	size_t len;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	append_numbered(&b, 0, 4, 4, 5);
	lnr_spool_reader_close(r);
	LNR_AUTO_FREE char *path = segment_path(&b);
	LNR_AUTO_FREE char *cursor = NULL;
	size_t cursor_len;
	char cursor_path[128];
	snprintf(cursor_path, sizeof(cursor_path), "%s/x.cursor", b.path);
	assert_ok(lnr_read_file(path, 1 << 20, &whole, &len, NULL), NULL);
	assert_ok(lnr_read_file(cursor_path, 1 << 20, &cursor, &cursor_len, NULL), NULL);
	stop(&b);
	for (size_t at = 0; at < len; at++) {
		LNR_AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		LNR_AUTO_CLOSE int c = open(cursor_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		char changed = (char)(whole[at] ^ 0x55);
		assert_int_equal(write(fd, whole, len), len);
		assert_int_equal(pwrite(fd, &changed, 1, (off_t)at), 1);
		assert_int_equal(write(c, cursor, cursor_len), cursor_len);
		assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
		r = reader(&b, "x");
		LNR_AUTO_FREE char *got = take_words(r, 9);
		unsigned n = 0;
		for (const char *p = got; (p = strchr(p, 'm')); p++)
			n++;
		/* In the header: nobody knows what it is, so it is put aside. */
		char aside[160];
		snprintf(aside, sizeof(aside), "%s.damaged", path);
		assert_int_equal(n, at < 36 ? 0 : 3);
		assert_int_equal(access(aside, F_OK) == 0, at < 36);
		unlink(aside);
		assert_true(stats(&b).damaged || stats(&b).torn);
		lnr_spool_reader_close(r);
		stop(&b);
		unlink(path);
	}
	assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
	done(&b);
}

/* Without a cursor that can be read everything kept comes again. */
static void repeats_when_a_cursor_is_damaged(void **state)
{
	(void)state;
	struct bench b;
	char path[128], text[56];
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	append_numbered(&b, 0, 6, 4, 0);
	takes_numbered(r, 0, 3);
	lnr_spool_reader_close(r);
	stop(&b);
	snprintf(path, sizeof(path), "%s/x.cursor", b.path);
	/* One slot: the other still knows, perhaps one alert less. */
	LNR_AUTO_CLOSE int fd = open(path, O_RDWR);
	assert_int_equal(pread(fd, text, sizeof(text), 0), sizeof(text));
	for (int slot = 0; slot < 2; slot++) {
		char zero[28] = {0};
		assert_int_equal(pwrite(fd, text, sizeof(text), 0), sizeof(text));
		assert_int_equal(pwrite(fd, zero, sizeof(zero), slot * 28), sizeof(zero));
		assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
		assert_code(lnr_spool_expect(b.s, "x", NULL), 0);
		uint64_t waiting, none;
		lnr_spool_reader_stats(b.s, "x", &waiting, &none);
		assert_true(waiting == 3 || waiting == 4);
		stop(&b);
	}
	assert_int_equal(ftruncate(fd, 10), 0);
	assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
	r = reader(&b, "x");
	takes_numbered(r, 0, 6);
	assert_int_equal(lost(&b, "x"), 0);
	assert_int_equal(stats(&b).damaged, 1);
	lnr_spool_reader_close(r);
	done(&b);
}

/* A child appends and reads until it is killed. What it said it had appended is taken by it, or
 * found afterwards. */
static void survives_kills(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_test_random rnd;
	unsigned next = 0, twice = 0, wanted = 0;
	lnr_test_random_init(&rnd);
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	lnr_spool_reader_close(r);
	stop(&b);
	for (int round = 0; round < 20; round++) {
		int said[2];
		assert_int_equal(pipe2(said, O_CLOEXEC), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (!child) {
			/* So large that it never is full: nothing has to give way. */
			if (try_open(&b, 64u << 20, LNR_SPOOL_SYNC_INTERVAL))
				_exit(1);
			r = reader(&b, "x");
			for (unsigned i = next;; i++) {
				struct lnr_alert *a;
				append_numbered(&b, i, i + 1, (int)(i % 8), i % 300);
				unsigned word[2] = {i, UINT32_MAX};
				if (i % 3 == 0 && !lnr_spool_next(r, 0, &a)) {
					word[1] = (unsigned)atoi(lnr_alert_message(a) + 1);
					lnr_alert_unref(a);
				}
				if (write(said[1], word, sizeof(word)) != sizeof(word))
					_exit(1);
				if (word[1] != UINT32_MAX)
					lnr_spool_taken(r);
			}
		}
		close(said[1]);
		usleep((unsigned)lnr_test_random_below(&rnd, 20000));
		kill(child, SIGKILL);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		/* Delivered numbers ascend; the last one may come twice. */
		unsigned word[2];
		while (read(said[0], word, sizeof(word)) == sizeof(word)) {
			next = word[0] + 1;
			if (word[1] == UINT32_MAX)
				continue;
			twice += word[1] < wanted;
			assert_true(word[1] <= wanted);
			wanted = word[1] + 1;
		}
		close(said[0]);
		assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
		r = reader(&b, "x");
		struct lnr_alert *a;
		while (!lnr_spool_next(r, 0, &a)) {
			unsigned n = (unsigned)atoi(lnr_alert_message(a) + 1);
			twice += n < wanted;
			assert_true(n <= wanted);
			wanted = n + 1;
			lnr_alert_unref(a);
			lnr_spool_taken(r);
		}
		assert_true(wanted >= next);
		next = wanted;
		lnr_spool_reader_close(r);
		stop(&b);
	}
	assert_true(next > 20);
	assert_true(twice <= 20);
	assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_a_torn_end),
		cmocka_unit_test(survives_changed_bytes),
		cmocka_unit_test(repeats_when_a_cursor_is_damaged),
		cmocka_unit_test(survives_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
