/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longest part of a value that a message shows. */
#define SHOWN_BYTES 300

static void show(char *out, size_t size, struct lnr_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n + 5 < size; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c >= 0x20 && c < 0x7f)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
	}
	out[n] = '\0';
}

void lnr_test_assert_bytes(
	struct lnr_str got, struct lnr_str want, const char *what, const char *file, int line)
{
	char a[SHOWN_BYTES], b[SHOWN_BYTES];

	if (lnr_str_eq(got, want))
		return;
	show(a, sizeof(a), got);
	show(b, sizeof(b), want);
	print_error("%s is \"%s\" (%zu bytes), not \"%s\" (%zu bytes)\n", what, a, got.len, b,
		want.len);
	_fail(file, line);
}

static const char *code_name(int code)
{
	const char *name = code < 0 ? strerrorname_np(-code) : NULL;

	return code == 0 ? "success" : name ? name : "no errno";
}

void lnr_test_assert_code(
	int got, int want, const struct lnr_err *err, const char *what, const char *file, int line)
{
	char text[1400] = "";

	if (got == want)
		return;
	if (err)
		lnr_err_text(err, text, sizeof(text));
	print_error("%s gives %d (%s), not %d (%s) %s\n", what, got, code_name(got), want,
		code_name(want), text);
	_fail(file, line);
}

void lnr_test_assert_has(
	const char *got, const char *want, const char *what, const char *file, int line)
{
	if (got && strstr(got, want))
		return;
	print_error("%s does not contain \"%s\": %s\n", what, want, got ? got : "NULL");
	_fail(file, line);
}

/* --- files ------------------------------------------------------------------------------------*/

void lnr_test_dir_init(struct lnr_test_dir *d)
{
	const char *tmp = getenv("TMPDIR");

	/* A TMPDIR too long for the path falls back. */
	if (!tmp || snprintf(d->path, sizeof(d->path), "%s/lanner-test-XXXXXX", tmp) >=
			    (int)sizeof(d->path))
		snprintf(d->path, sizeof(d->path), "/tmp/lanner-test-XXXXXX");
	if (!mkdtemp(d->path))
		fail_msg("cannot make the directory %s", d->path);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void lnr_test_dir_done(struct lnr_test_dir *d)
{
	/* Never outside what lnr_test_dir_init() made, whatever happened to the struct. */
	if (strstr(d->path, "/lanner-test-"))
		nftw(d->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	d->path[0] = '\0';
}

char *lnr_test_path(const struct lnr_test_dir *d, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", d->path, name) < 0)
		fail_msg("out of memory");
	return path;
}

char *lnr_test_file(const struct lnr_test_dir *d, const char *name, struct lnr_str content)
{
	char *path = lnr_test_path(d, name);
	FILE *f = fopen(path, "we");

	if (!f || fchmod(fileno(f), 0600))
		fail_msg("cannot create %s", path);
	if ((content.len && fwrite(content.ptr, content.len, 1, f) != 1) || fclose(f))
		fail_msg("cannot write %s", path);
	return path;
}

/* --- randomness -------------------------------------------------------------------------------*/

void lnr_test_random_init(struct lnr_test_random *r)
{
	const char *seed = getenv("LNR_TEST_SEED");

	r->state = seed ? strtoull(seed, NULL, 0) : 1;
}

/* A counter behind a strong mix: every seed is good, the period is 2^64. */
uint64_t lnr_test_random_u64(struct lnr_test_random *r)
{
	return lnr_u64_hash(lnr_u64_hash(r->state++));
}

uint64_t lnr_test_random_below(struct lnr_test_random *r, uint64_t n)
{
	return lnr_test_random_u64(r) % n;
}
