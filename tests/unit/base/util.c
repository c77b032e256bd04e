/* SPDX-License-Identifier: Apache-2.0 */
#include "base/util.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "lib/failalloc.h"
#include "lib/test.h"

#define ANY_SIZE ((size_t)1 << 30)

static int setup(void **state)
{
	static struct lnr_test_dir dir;

	lnr_test_dir_init(&dir);
	*state = &dir;
	return 0;
}

static int teardown(void **state)
{
	lnr_test_dir_done(*state);
	return 0;
}

static void cleans_up(void **state)
{
	int fds[2], kept;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	{
		LNR_AUTO_CLOSE int fd = fds[1];
		LNR_AUTO_CLOSE int none = -1;
		LNR_AUTO_FREE char *text = strdup("freed, or the leak checker tells");

		assert_non_null(text);
		assert_int_equal(none, -1);
		kept = fd;
	}
	assert_int_equal(fcntl(kept, F_GETFD), -1);
	close(fds[0]);
	{
		LNR_AUTO_FREE char *text = strdup("moved");
		char *mine = lnr_take(text);

		assert_null(text);
		assert_string_equal(mine, "moved");
		free(mine);
	}
}

static void reads_files(void **state)
{
	char content[10000], *text = NULL, *path;
	struct lnr_err err = {0};
	size_t len = 0;

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (char)(i * 7);
	path = lnr_test_file(*state, "f", (struct lnr_str){content, sizeof(content)});
	assert_ok(lnr_read_file(path, ANY_SIZE, &text, &len, &err), &err);
	assert_bytes(((struct lnr_str){text, len}), ((struct lnr_str){content, sizeof(content)}));
	assert_int_equal(text[len], '\0');
	free(text);
	/* A limit is kept to the byte. */
	assert_ok(lnr_read_file(path, sizeof(content), &text, NULL, &err), &err);
	free(text);
	text = NULL;
	assert_code(lnr_read_file(path, sizeof(content) - 1, &text, &len, &err), -EFBIG);
	assert_null(text);
	assert_has(err.msg, "larger than 9999 bytes");
	assert_has(err.msg, path);
	free(path);

	path = lnr_test_file(*state, "empty", LNR_STR(""));
	assert_ok(lnr_read_file(path, 0, &text, &len, &err), &err);
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	free(text);
	free(path);
}

static void reads_files_without_a_size(void **state)
{
	struct lnr_err err = {0};
	char *text = NULL;
	size_t len = 0;

	(void)state;
	assert_ok(lnr_read_file("/proc/self/maps", ANY_SIZE, &text, &len, &err), &err);
	assert_true(len > 0);
	assert_int_equal(strlen(text), len);
	free(text);
	assert_ok(lnr_read_file("/dev/null", 10, &text, &len, &err), &err);
	assert_int_equal(len, 0);
	free(text);
	assert_code(lnr_read_file("/dev/zero", 100000, &text, &len, &err), -EFBIG);
}

static void says_why_not(void **state)
{
	const struct lnr_test_dir *d = *state;
	LNR_AUTO_FREE char *none = lnr_test_path(d, "none");
	struct lnr_err err = {0};
	char *text;

	assert_code(lnr_read_file(none, ANY_SIZE, &text, NULL, &err), -ENOENT);
	assert_has(err.msg, "cannot open");
	assert_has(err.msg, none);
	assert_has(err.msg, strerror(ENOENT));
	assert_code(lnr_read_file(d->path, ANY_SIZE, &text, NULL, &err), -EISDIR);
	assert_code(lnr_read_file(none, ANY_SIZE, &text, NULL, NULL), -ENOENT);
	assert_code(lnr_read_trusted_file(none, ANY_SIZE, &text, NULL, &err), -ENOENT);
	assert_code(lnr_read_trusted_file(d->path, ANY_SIZE, &text, NULL, &err), -EISDIR);
}

/* --- trust ------------------------------------------------------------------------------------*/

static int trust(const char *path, struct lnr_err *err)
{
	LNR_AUTO_FREE char *text = NULL;

	return lnr_read_trusted_file(path, ANY_SIZE, &text, NULL, err);
}

static void judges_the_file(void **state)
{
	LNR_AUTO_FREE char *path = lnr_test_file(*state, "rules", LNR_STR("x"));
	struct lnr_err err = {0};

	assert_ok(trust(path, &err), &err);
	assert_int_equal(chmod(path, 0644), 0);
	assert_ok(trust(path, &err), &err);
	assert_int_equal(chmod(path, 0602), 0);
	assert_code(trust(path, &err), -EPERM);
	assert_has(err.msg, path);
	assert_has(err.msg, "everyone");
	assert_int_equal(chmod(path, 0620), 0);
	if (getegid() == 0) {
		/* Group root is root. */
		assert_ok(trust(path, &err), &err);
		assert_int_equal(chown(path, (uid_t)-1, 4321), 0);
		assert_int_equal(chmod(path, 0620), 0);
	}
	assert_code(trust(path, &err), -EPERM);
	assert_has(err.msg, "group");
	assert_int_equal(chmod(path, 0640), 0);
	assert_ok(trust(path, &err), &err);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 4321, 0), 0);
		assert_code(trust(path, &err), -EPERM);
		assert_has(err.msg, "another user");
	}
}

static void judges_the_directories(void **state)
{
	LNR_AUTO_FREE char *outer = lnr_test_path(*state, "outer");
	LNR_AUTO_FREE char *inner = lnr_test_path(*state, "outer/inner");
	LNR_AUTO_FREE char *link = lnr_test_path(*state, "link");
	LNR_AUTO_FREE char *path = NULL;
	struct lnr_err err = {0};

	assert_int_equal(mkdir(outer, 0755) | mkdir(inner, 0755), 0);
	path = lnr_test_file(*state, "outer/inner/rules", LNR_STR("x"));
	assert_int_equal(symlink(path, link), 0);
	assert_ok(trust(path, &err), &err);
	assert_ok(trust(link, &err), &err);

	assert_int_equal(chmod(outer, 0777), 0);
	assert_code(trust(path, &err), -EPERM);
	assert_has(err.msg, outer);
	assert_has(err.msg, "everyone");
	/* A link in a clean directory does not launder where it leads. */
	assert_code(trust(link, &err), -EPERM);
	assert_int_equal(chmod(outer, 01777), 0);
	assert_ok(trust(path, &err), &err);
	assert_int_equal(chmod(outer, 0755), 0);
	assert_int_equal(chmod(inner, 0757), 0);
	assert_code(trust(path, &err), -EPERM);
	assert_has(err.msg, inner);
	assert_int_equal(chmod(inner, 0755), 0);
	assert_ok(trust(path, &err), &err);
	if (geteuid() == 0) {
		/* The owner of a sticky directory may replace what it holds. */
		assert_int_equal(chown(outer, 4321, 0) | chmod(outer, 01755), 0);
		assert_code(trust(path, &err), -EPERM);
		assert_has(err.msg, "another user");
	}
}

static void trusts_devices_and_pipes(void **state)
{
	struct lnr_err err = {0};
	char name[32];
	int fds[2];

	(void)state;
	/* Writable by everyone, yet always empty. */
	assert_ok(trust("/dev/null", &err), &err);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	close(fds[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	assert_ok(trust(name, &err), &err);
	close(fds[0]);
}

static int read_it(void *arg)
{
	struct lnr_err err;
	char *text = NULL;
	int rc = lnr_read_trusted_file(arg, ANY_SIZE, &text, NULL, &err);

	free(text);
	return rc;
}

static void survives_failing_allocations(void **state)
{
	LNR_AUTO_FREE char *path = lnr_test_file(*state, "alloc", LNR_STR("x"));
	char maps[] = "/proc/self/maps";

	lnr_test_each_alloc_fails(read_it, path);
	lnr_test_each_alloc_fails(read_it, maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleans_up),
		cmocka_unit_test(reads_files),
		cmocka_unit_test(reads_files_without_a_size),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(judges_the_file),
		cmocka_unit_test(judges_the_directories),
		cmocka_unit_test(trusts_devices_and_pipes),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
