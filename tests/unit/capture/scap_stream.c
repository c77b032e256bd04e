/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/scap_stream.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/failalloc.h"
#include "schema/limits.h"
#include "unit/capture/build.h"

/* Bytes that compress somewhat and tell their place. */
static void pattern(struct lnr_buf *b, size_t len)
{
	for (size_t i = 0; i < len; i += 4) {
		uint32_t v = (uint32_t)(i * 2654435761u) & 0xffff00ff;

		lnr_buf_add(b, &v, len - i < 4 ? len - i : 4);
	}
}

/* Read all of a stream in steps of `step` and compare. */
static void assert_content(struct lnr_scap_stream *s, const struct lnr_buf *want, size_t step)
{
	struct lnr_err err = {0};
	size_t at = 0;

	while (at < want->len) {
		size_t n = want->len - at < step ? want->len - at : step;

		assert_ok(lnr_scap_need(s, n, &err), &err);
		assert_int_equal(s->offset, at);
		assert_memory_equal(lnr_scap_at(s), want->ptr + at, n);
		lnr_scap_take(s, n);
		at += n;
	}
	assert_code(lnr_scap_need(s, 1, &err), -ENODATA);
	/* Sticky. */
	assert_code(lnr_scap_need(s, 1, &err), -ENODATA);
	assert_int_equal(s->offset, want->len);
}

static void memory_plain_and_gzip(void **state)
{
	static const size_t lens[] = {0, 1, 2, 3, 1000, LNR_SCAP_RAW_BYTES, LNR_SCAP_RAW_BYTES + 1,
		LNR_SCAP_WINDOW_BYTES - 1, 3 * LNR_SCAP_WINDOW_BYTES + 17};
	static const size_t steps[] = {1, 7, 4096, 100000, 2 * LNR_SCAP_WINDOW_BYTES};

	(void)state;
	for (size_t l = 0; l < LNR_ARRAY_SIZE(lens); l++) {
		struct lnr_buf want, gz;

		lnr_buf_init(&want, 0);
		lnr_buf_init(&gz, 0);
		pattern(&want, lens[l]);
		put_gzip(&gz, want.ptr, want.len);
		for (size_t i = 0; i < LNR_ARRAY_SIZE(steps); i++)
			for (int z = 0; z <= 1; z++) {
				const struct lnr_buf *src = z ? &gz : &want;
				struct lnr_scap_stream s;

				if (steps[i] == 1 && lens[l] > 5000)
					continue;
				assert_ok(
					lnr_scap_stream_memory(&s, src->ptr, src->len, NULL), NULL);
				assert_content(&s, &want, steps[i]);
				assert_true(lnr_scap_stream_progress(&s) == 1);
				lnr_scap_stream_done(&s);
			}
		lnr_buf_done(&want);
		lnr_buf_done(&gz);
	}
}

static void members_follow_each_other(void **state)
{
	struct lnr_buf want, gz;
	struct lnr_scap_stream s;

	(void)state;
	lnr_buf_init(&want, 0);
	lnr_buf_init(&gz, 0);
	pattern(&want, 200000);
	put_gzip(&gz, want.ptr, 7);
	put_gzip(&gz, want.ptr + 7, 0);
	put_gzip(&gz, want.ptr + 7, 99993);
	put_gzip(&gz, want.ptr + 100000, 100000);
	assert_ok(lnr_scap_stream_memory(&s, gz.ptr, gz.len, NULL), NULL);
	assert_content(&s, &want, 5000);
	lnr_scap_stream_done(&s);

	/* Padding with zeros is no damage, however long. */
	for (int i = 0; i < 100000; i++)
		lnr_buf_chr(&gz, 0);
	assert_ok(lnr_scap_stream_memory(&s, gz.ptr, gz.len, NULL), NULL);
	assert_content(&s, &want, 5000);
	lnr_scap_stream_done(&s);
	lnr_buf_done(&want);
	lnr_buf_done(&gz);
}

/* What precedes damage is readable; then the reason. */
static void assert_broken(const struct lnr_buf *src, size_t good, const char *reason)
{
	struct lnr_scap_stream s;
	struct lnr_err err = {0};
	int r;

	assert_ok(lnr_scap_stream_memory(&s, src->ptr, src->len, NULL), NULL);
	assert_ok(lnr_scap_need(&s, good, &err), &err);
	r = lnr_scap_need(&s, 1u << 20, &err);
	assert_code(r, -EBADMSG);
	assert_has(err.msg, reason);
	lnr_scap_stream_done(&s);
}

static void damaged_gzip(void **state)
{
	struct lnr_buf want, gz;

	(void)state;
	lnr_buf_init(&want, 0);
	lnr_buf_init(&gz, 0);
	pattern(&want, 20000);
	put_gzip(&gz, want.ptr, want.len);

	/* Garbage behind the end, one byte and more. */
	lnr_buf_chr(&gz, 'x');
	assert_broken(&gz, want.len, "garbage behind");
	lnr_buf_chr(&gz, 'y');
	assert_broken(&gz, want.len, "garbage behind");
	lnr_buf_cut(&gz, gz.len - 2);
	lnr_buf_chr(&gz, 0x1f);
	assert_broken(&gz, want.len, "garbage behind");
	lnr_buf_cut(&gz, gz.len - 1);

	/* The checksum is off. */
	gz.ptr[gz.len - 6] ^= 1;
	assert_broken(&gz, 0, "after");
	gz.ptr[gz.len - 6] ^= 1;

	/* Cut anywhere. */
	for (size_t n = 2; n < gz.len; n += 1 + n / 7) {
		struct lnr_buf cut = gz;

		cut.len = n;
		assert_broken(&cut, 0, "cut off after");
	}
	lnr_buf_done(&want);
	lnr_buf_done(&gz);
}

static void files_pipes_and_what_is_neither(void **state)
{
	struct lnr_test_dir dir;
	struct lnr_buf want;
	struct lnr_scap_stream s;
	struct lnr_err err = {0};
	char *path;
	int p[2], saved, status;
	pid_t pid;

	(void)state;
	lnr_test_dir_init(&dir);
	lnr_buf_init(&want, 0);
	pattern(&want, 700000);
	path = lnr_test_file(&dir, "x", lnr_buf_view(&want));
	assert_ok(lnr_scap_stream_open(&s, path, &err), &err);
	assert_content(&s, &want, 12345);
	lnr_scap_stream_done(&s);
	free(path);

	assert_code(lnr_scap_stream_open(&s, dir.path, &err), -EISDIR);
	lnr_scap_stream_done(&s);
	path = lnr_test_path(&dir, "missing");
	assert_code(lnr_scap_stream_open(&s, path, &err), -ENOENT);
	assert_has(err.msg, "missing");
	lnr_scap_stream_done(&s);
	free(path);
	lnr_test_dir_done(&dir);

	/* Standard input, in pieces from another process. */
	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		size_t at = 0;

		close(p[0]);
		while (at < want.len) {
			ssize_t n = write(
				p[1], want.ptr + at, want.len - at < 3000 ? want.len - at : 3000);
			if (n <= 0)
				_exit(1);
			at += (size_t)n;
		}
		_exit(0);
	}
	close(p[1]);
	saved = dup(STDIN_FILENO);
	assert_int_equal(dup2(p[0], STDIN_FILENO), STDIN_FILENO);
	close(p[0]);
	assert_ok(lnr_scap_stream_open(&s, "-", &err), &err);
	assert_true(lnr_scap_stream_progress(&s) == -1);
	assert_content(&s, &want, 12345);
	lnr_scap_stream_done(&s);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), 0); /* not closed */
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	lnr_buf_done(&want);
}

/* A pipe where nothing comes does not hold who can wait. */
static void silence_is_not_the_end(void **state)
{
	struct lnr_scap_stream s;
	struct lnr_err err = {0};
	int p[2], saved = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(dup2(p[0], STDIN_FILENO), STDIN_FILENO);
	close(p[0]);
	assert_ok(lnr_scap_stream_open(&s, "-", &err), &err);
	s.interruptible = true;
	assert_code(lnr_scap_need(&s, 4, &err), -EAGAIN);
	assert_int_equal(write(p[1], "ab", 2), 2);
	assert_code(lnr_scap_need(&s, 4, &err), -EAGAIN);
	assert_int_equal(write(p[1], "cd", 2), 2);
	assert_ok(lnr_scap_need(&s, 4, &err), &err);
	assert_memory_equal(lnr_scap_at(&s), "abcd", 4);
	lnr_scap_take(&s, 4);
	close(p[1]);
	assert_code(lnr_scap_need(&s, 1, &err), -ENODATA);
	lnr_scap_stream_done(&s);
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
}

/* What a file claims does not decide what is allocated. */
static void window_grows_with_what_arrives(void **state)
{
	struct lnr_buf want;
	struct lnr_scap_stream s;
	struct lnr_err err = {0};

	(void)state;
	lnr_buf_init(&want, 0);
	pattern(&want, 1000);
	assert_ok(lnr_scap_stream_memory(&s, want.ptr, want.len, &err), &err);
	assert_code(lnr_scap_need(&s, SIZE_MAX / 4, &err), -ENODATA);
	assert_int_equal(s.cap, LNR_SCAP_WINDOW_BYTES);
	assert_int_equal(lnr_scap_avail(&s), 1000);
	assert_ok(lnr_scap_skip(&s, 999, &err), &err);
	assert_ok(lnr_scap_need(&s, 1, &err), &err);
	assert_code(lnr_scap_skip(&s, 2, &err), -ENODATA);
	lnr_scap_stream_done(&s);
	lnr_buf_done(&want);
}

static int read_both(void *arg)
{
	const struct lnr_buf *src = arg;
	int r = 0;

	for (int i = 0; !r && i < 2; i++) {
		struct lnr_scap_stream s;
		struct lnr_err err = {0};

		r = lnr_scap_stream_memory(&s, src[i].ptr, src[i].len, &err);
		if (!r)
			r = lnr_scap_need(&s, 600000, &err);
		lnr_scap_stream_done(&s);
	}
	return r;
}

static void survives_failing_allocations(void **state)
{
	struct lnr_buf src[2];

	(void)state;
	lnr_buf_init(&src[0], 0);
	lnr_buf_init(&src[1], 0);
	pattern(&src[0], 600000);
	put_gzip(&src[1], src[0].ptr, src[0].len);
	lnr_test_each_alloc_fails(read_both, src);
	lnr_buf_done(&src[0]);
	lnr_buf_done(&src[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_plain_and_gzip),
		cmocka_unit_test(members_follow_each_other),
		cmocka_unit_test(damaged_gzip),
		cmocka_unit_test(files_pipes_and_what_is_neither),
		cmocka_unit_test(silence_is_not_the_end),
		cmocka_unit_test(window_grows_with_what_arrives),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
