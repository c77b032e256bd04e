/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the spool share: one in a directory of its own, alerts with a word and a
 * length. */
#ifndef LNR_TESTS_SPOOL_TEST_H
#define LNR_TESTS_SPOOL_TEST_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "base/util.h"
#include "lib/test.h"
#include "outputs/spool.h"

#define TS	 UINT64_C(1700000102123456789)
#define SMALLEST (1u << 20) /* of what a configuration may ask for */

struct bench {
	struct lnr_test_dir dir;
	char path[96];
	struct lnr_spool *s;
};

static __attribute__((unused)) int try_open(
	struct bench *b, uint64_t max_bytes, enum lnr_spool_sync sync)
{
	const struct lnr_spool_opts o = {.dir = b->path, .max_bytes = max_bytes, .sync = sync};
	return lnr_spool_open(&o, &b->s, NULL);
}

static __attribute__((unused)) void start(struct bench *b)
{
	lnr_test_dir_init(&b->dir);
	snprintf(b->path, sizeof(b->path), "%s/spool", b->dir.path);
	assert_code(try_open(b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
}

static __attribute__((unused)) void stop(struct bench *b)
{
	b->s = lnr_spool_unref(b->s);
}

static __attribute__((unused)) void again(struct bench *b)
{
	stop(b);
	assert_code(try_open(b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
}

static __attribute__((unused)) void done(struct bench *b)
{
	stop(b);
	lnr_test_dir_done(&b->dir);
}

static __attribute__((unused)) struct lnr_alert *make(int priority, const char *word, size_t extra)
{
	struct lnr_alert *a;
	char *text = malloc(strlen(word) + extra + 1);
	assert_non_null(text);
	strcpy(text, word);
	memset(text + strlen(word), '.', extra);
	text[strlen(word) + extra] = 0;
	assert_code(lnr_alert_internal("r", priority, TS, text, NULL, "n1", &a), 0);
	free(text);
	return a;
}

static __attribute__((unused)) void append(
	struct bench *b, int priority, const char *word, size_t extra)
{
	struct lnr_alert *a = make(priority, word, extra);
	lnr_spool_append(b->s, &a, 1, NULL);
	lnr_alert_unref(a);
}

static __attribute__((unused)) void append_numbered(
	struct bench *b, unsigned from, unsigned to, int priority, size_t extra)
{
	char word[16];
	for (unsigned i = from; i < to; i++) {
		snprintf(word, sizeof(word), "m%u", i);
		append(b, priority, word, extra);
	}
}

static __attribute__((unused)) struct lnr_spool_reader *reader(struct bench *b, const char *name)
{
	struct lnr_spool_reader *r;
	assert_code(lnr_spool_expect(b->s, name, NULL), 0);
	assert_code(lnr_spool_reader_open(b->s, name, NULL, &r), 0);
	return r;
}

/* Up to `n` alerts, taken; their words (up to a '.') joined by blanks. */
static __attribute__((unused)) char *take_words(struct lnr_spool_reader *r, unsigned n)
{
	struct lnr_buf got;
	struct lnr_alert *a;
	lnr_buf_init(&got, 0);
	lnr_buf_cstr(&got, "");
	while (n-- && !lnr_spool_next(r, 0, &a)) {
		const char *m = lnr_alert_message(a);
		lnr_buf_printf(&got, "%s%.*s", got.len ? " " : "", (int)strcspn(m, "."), m);
		lnr_alert_unref(a);
		lnr_spool_taken(r);
	}
	return lnr_buf_take(&got);
}

static __attribute__((unused)) void takes(struct lnr_spool_reader *r, unsigned n, const char *want)
{
	LNR_AUTO_FREE char *got = take_words(r, n);
	assert_string_equal(got, want);
}

/* So many alerts in a row, beginning with m<from>. */
static __attribute__((unused)) void takes_numbered(
	struct lnr_spool_reader *r, unsigned from, unsigned to)
{
	struct lnr_alert *a;
	char want[16];
	for (unsigned i = from; i < to; i++) {
		snprintf(want, sizeof(want), "m%u", i);
		assert_code(lnr_spool_next(r, 0, &a), 0);
		const char *m = lnr_alert_message(a);
		assert_true(strncmp(m, want, strlen(want)) == 0);
		assert_true(m[strlen(want)] == 0 || m[strlen(want)] == '.');
		lnr_alert_unref(a);
		lnr_spool_taken(r);
	}
}

static __attribute__((unused)) uint64_t lost(struct bench *b, const char *name)
{
	uint64_t waiting, n;
	lnr_spool_reader_stats(b->s, name, &waiting, &n);
	return n;
}

static __attribute__((unused)) struct lnr_spool_stats stats(struct bench *b)
{
	struct lnr_spool_stats st;
	lnr_spool_stats(b->s, &st);
	return st;
}

/* The one segment there is, or NULL. */
static __attribute__((unused)) char *segment_path(struct bench *b)
{
	DIR *d = opendir(b->path);
	char *found = NULL;
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		if (!strstr(e->d_name, ".seg"))
			continue;
		assert_null(found);
		char name[400];
		snprintf(name, sizeof(name), "%s/%s", b->path, e->d_name);
		found = strdup(name);
	}
	closedir(d);
	return found;
}

#endif
