/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a spool finds on disk. The first byte says what the input is:
 *
 *	r	the bytes of a segment, as they are
 *	f	contents of frames, each behind two bytes of its length: sums are right, so that the
 *		alert inside is what is looked at
 *	c	the bytes of a cursor, before a segment of one alert
 *
 * Whatever it is, the spool opens, its reader comes to an end, and what is delivered is an alert
 * whose lines are JSON in every shape.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "alert/codec.h"
#include "outputs/spool.h"
#include "outputs/spool_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEGMENT "p4-0000000000000001.seg"
#define CURSOR	"x.cursor"

/* A directory for all inputs of this process; what one leaves the next one replaces. */
static char dir[] = "/tmp/lnr-fuzz-spool-XXXXXX";
static int dir_fd = -1;

static void remove_dir(void)
{
	unlinkat(dir_fd, SEGMENT, 0);
	unlinkat(dir_fd, SEGMENT ".damaged", 0);
	unlinkat(dir_fd, CURSOR, 0);
	rmdir(dir);
}

static void put(const char *name, struct lnr_str bytes)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes.ptr, bytes.len) != (ssize_t)bytes.len)
		abort();
	close(fd);
}

static void begin(struct lnr_buf *b)
{
	const struct lnr_spool_header h = {.priority = 4, .first = 1, .salt = 0x1234};
	lnr_buf_init(b, 0);
	lnr_spool_put_header(b, &h);
}

static void add(struct lnr_buf *b, struct lnr_str body, uint64_t number)
{
	size_t at = lnr_spool_frame_begin(b);
	lnr_buf_str(b, body);
	lnr_spool_frame_end(b, at, number, 0x1234);
}

static void frames(struct lnr_buf *b, const uint8_t *p, size_t n)
{
	uint64_t number = 1;
	while (n >= 2) {
		size_t len = (size_t)p[0] | (size_t)p[1] << 8;
		p += 2;
		n -= 2;
		if (len > n)
			len = n;
		add(b, (struct lnr_str){(const char *)p, len}, number++);
		p += len;
		n -= len;
	}
}

static void one_alert(struct lnr_buf *b)
{
	struct lnr_alert *a;
	struct lnr_buf body;
	lnr_buf_init(&body, 0);
	if (lnr_alert_internal("r", 4, 1, "m", NULL, "h", &a))
		abort();
	lnr_alert_encode(a, &body);
	add(b, lnr_buf_view(&body), 1);
	lnr_alert_unref(a);
	lnr_buf_done(&body);
}

/* One line, and JSON when it is to be. */
static void check_lines(const struct lnr_alert *a)
{
	static const struct lnr_alert_format forms[] = {
		{.json = true, .output = true, .output_fields = true, .tags = true, .id = true},
		{.json = true, .shape = LNR_ALERT_ECS},
		{.json = true, .shape = LNR_ALERT_OCSF},
		{.json = false},
	};
	struct lnr_buf line;
	lnr_buf_init(&line, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(forms); i++) {
		lnr_buf_clear(&line);
		lnr_alert_write(a, &forms[i], &line);
		if (line.failed)
			abort();
		if (!forms[i].json)
			continue;
		json_t *j = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, NULL);
		/* jansson refuses some numbers that are JSON, and NUL in keys. */
		if (memchr(line.ptr, '\n', line.len) || (!j && !strpbrk(line.ptr, "eE\\")))
			abort();
		json_decref(j);
	}
	lnr_buf_done(&line);
}

/* What was read is written the same way again. */
static void check_codec(const struct lnr_alert *a)
{
	struct lnr_buf x, y;
	struct lnr_alert *back;
	lnr_buf_init(&x, 0);
	lnr_buf_init(&y, 0);
	lnr_alert_encode(a, &x);
	if (lnr_alert_decode(lnr_buf_view(&x), &back))
		abort();
	lnr_alert_encode(back, &y);
	if (!lnr_str_eq(lnr_buf_view(&x), lnr_buf_view(&y)))
		abort();
	lnr_alert_unref(back);
	lnr_buf_done(&x);
	lnr_buf_done(&y);
}

static void read_all(void)
{
	const struct lnr_spool_opts o = {
		.dir = dir, .max_bytes = 1 << 20, .sync = LNR_SPOOL_SYNC_NEVER};
	struct lnr_spool *s;
	struct lnr_spool_reader *r;
	struct lnr_alert *a;
	if (lnr_spool_open(&o, &s, NULL) || lnr_spool_expect(s, "x", NULL) ||
		lnr_spool_reader_open(s, "x", NULL, &r))
		abort();
	while (!lnr_spool_next(r, 0, &a)) {
		check_lines(a);
		check_codec(a);
		lnr_alert_unref(a);
		lnr_spool_taken(r);
	}
	lnr_spool_reader_close(r);
	lnr_spool_unref(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_buf b = {0}, start = {0};
	if (size < 1)
		return 0;
	if (dir_fd < 0) {
		if (!mkdtemp(dir))
			abort();
		dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir_fd < 0)
			abort();
		atexit(remove_dir);
	}
	/* From the beginning, whatever an earlier input left. */
	lnr_spool_put_cursor(&start, 1, 1);
	put(CURSOR, lnr_buf_view(&start));
	switch (data[0]) {
	case 'f':
		begin(&b);
		frames(&b, data + 1, size - 1);
		break;
	case 'c':
		begin(&b);
		one_alert(&b);
		put(CURSOR, (struct lnr_str){(const char *)data + 1, size - 1});
		break;
	default:
		lnr_buf_add(&b, data + 1, size - 1);
		break;
	}
	put(SEGMENT, lnr_buf_view(&b));
	read_all();
	lnr_buf_done(&b);
	lnr_buf_done(&start);
	return 0;
}
