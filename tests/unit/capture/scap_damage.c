/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files that are cut, lie about their lengths or meet an exhausted heap: everything before
 * the damage is delivered, then there is a reason, and nothing is read outside its bounds.
 */
#include "capture/scap.h"

#include "lib/failalloc.h"
#include "schema/limits.h"
#include "unit/capture/build.h"

static void version_1_damage(void **state)
{
	uint8_t rec[64];
	struct lnr_record *head = (struct lnr_record *)rec;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct lnr_buf b;

		make_close(rec, 1, 1, 1);
		switch (i) {
		case 0: /* parameters end early, whatever their number */
			memset(rec + sizeof(*head), 0, 4);
			memset(rec + sizeof(*head) + 4, 0, 16);
			break;
		case 1: /* parameters end late */
			rec[sizeof(*head)] = 200;
			rec[sizeof(*head) + 2] = 200;
			break;
		case 2:
			head->type = LNR_EV_PLUGINEVENT_E; /* younger than version 1 */
			break;
		}
		lnr_buf_init(&b, 0);
		put_section(&b);
		put_event(&b, LNR_SCAP_EV_V1, 0, 0, rec);
		/* The length of the record: section, block head, cpu, ts, tid. */
		if (i >= 3) {
			uint32_t len = i == 3 ? 3 : UINT32_MAX - 1;

			memcpy(b.ptr + LNR_SCAP_SHB_LEN + LNR_SCAP_HEAD + 2 + 16, &len, 4);
		}
		assert_ends(&b, 0, -EBADMSG, "capture is damaged at byte 28");
		lnr_buf_done(&b);
	}
}

/* Place of the record in a file of section and one event of block version 2. */
#define REC (LNR_SCAP_SHB_LEN + LNR_SCAP_HEAD + 2)

static void lengths_inside_a_record(void **state)
{
	static const struct {
		size_t at;
		unsigned bytes;
		uint32_t value;
		const char *what;
	} wrong[] = {
		{REC + 16, 4, 25, "shorter than its header"},
		{REC + 16, 4, 0, "no length"},
		{REC + 16, 4, 51, "longer than the block"},
		{REC + 16, 4, UINT32_MAX, "much longer"},
		{REC + 22, 4, 100, "lengths do not fit"},
		{REC + 22, 4, UINT32_MAX, "nor the multiplication"},
		{REC + 26, 2, 9, "a parameter too long"},
		{REC + 26, 2, 0xffff, "much too long"},
		{REC + 28, 2, 9, "the second too"},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(wrong); i++) {
		struct lnr_buf b;

		lnr_buf_init(&b, 0);
		put_section(&b);
		put_close(&b, 1);
		put_close(&b, 2);
		assert_ends(&b, 2, -ENODATA, NULL);
		memcpy(b.ptr + wrong[i].at, &wrong[i].value, wrong[i].bytes);
		assert_ends(&b, 0, -EBADMSG, "event does not fit");
		lnr_buf_done(&b);
	}
}

static void impossible_block_lengths(void **state)
{
	static const struct {
		uint32_t len;
		const char *text;
	} bad[] = {{0, "length of a block"}, {8, "length of a block"}, {13, "length of a block"},
		{UINT32_MAX, "length of a block"}, {32, "too short"}, {65548, "too long"},
		{UINT32_MAX - 3, "too long"}};
	struct lnr_buf b;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++) {
		lnr_buf_init(&b, 0);
		put_section(&b);
		put_close(&b, 1);
		put_close(&b, 2);
		memcpy(b.ptr + LNR_SCAP_SHB_LEN + 4, &bad[i].len, 4);
		assert_ends(&b, 0, -EBADMSG, bad[i].text);
		assert_ends(&b, 0, -EBADMSG, "at byte 28");
		lnr_buf_done(&b);
	}
	/* A claimed length far beyond the file: cut off, without that much memory. */
	lnr_buf_init(&b, 0);
	put_section(&b);
	put_close(&b, 1);
	put32(&b, LNR_SCAP_EV_V2_LARGE);
	put32(&b, LNR_SCAP_EVENT_BYTES);
	lnr_buf_cstr(&b, "abc");
	assert_ends(&b, 1, -EBADMSG, "cut off at byte");
	lnr_buf_done(&b);
}

/* A file with a bit of everything; `ends` gets the offset behind each block. */
static void build_small(struct lnr_buf *b, size_t ends[32], unsigned *ret_n)
{
	struct lnr_buf body;
	unsigned n = 0;
	uint8_t rec[64];

	lnr_buf_init(&body, 0);
	put_section(b);
	ends[n++] = b->len;
	for (int i = 0; i < 45; i++)
		put32(&body, (uint32_t)i);
	put_block(b, LNR_SCAP_MI, body.ptr, body.len);
	ends[n++] = b->len;
	put_block(b, 0x4242, "unknown", 7);
	ends[n++] = b->len;
	put_user(b, 1);
	ends[n++] = b->len;
	put_close_enter(b, 2);
	ends[n++] = b->len;
	make_close(rec, 3, 1, 5);
	put_event(b, LNR_SCAP_EVF_V1, 1, 0, rec);
	ends[n++] = b->len;
	put_event(b, LNR_SCAP_EV_V2_LARGE, 1, 0, rec);
	ends[n++] = b->len;
	*ret_n = n;
	lnr_buf_done(&body);
}

static void cut_at_every_byte(void **state)
{
	/* Events delivered once the n-th block is whole; the enter event is stored. */
	static const unsigned events[] = {0, 0, 0, 0, 1, 1, 2, 3};
	struct lnr_buf b;
	size_t ends[32];
	unsigned n_blocks;

	(void)state;
	lnr_buf_init(&b, 0);
	build_small(&b, ends, &n_blocks);
	for (size_t len = 0; len <= b.len; len++) {
		unsigned whole = 0, n;
		struct lnr_err err = {0};
		uint8_t *copy = malloc(len ? len : 1); /* exact, for the sanitizer */
		int r;

		while (whole < n_blocks && ends[whole] <= len)
			whole++;
		memcpy(copy, b.ptr, len);
		r = read_bytes(copy, len, &n, &err);
		assert_int_equal(n, events[whole]);
		if (whole > 3 && ends[whole - 1] == len) {
			assert_code(r, -ENODATA);
		} else {
			assert_code(r, -EBADMSG);
			assert_true(err.msg[0] != '\0');
		}
		free(copy);
	}
	lnr_buf_done(&b);
}

/* Whatever a length is changed to: an end, no crash, never more events than before. */
static void every_length_damaged(void **state)
{
	static const uint32_t values[] = {0, 1, 3, 4, 8, 11, 12, 16, 20, 27, 0x7f, 0xff, 0xffff,
		0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffc, 0xffffffff};
	struct lnr_buf b;
	size_t ends[32];
	unsigned n_blocks, n;

	(void)state;
	lnr_buf_init(&b, 0);
	build_small(&b, ends, &n_blocks);
	for (size_t at = 0; at + 4 <= b.len; at++)
		for (size_t v = 0; v < LNR_ARRAY_SIZE(values); v++)
			for (unsigned bytes = 1; bytes <= 4; bytes *= 2) {
				uint8_t *copy = malloc(b.len);
				int r;

				memcpy(copy, b.ptr, b.len);
				memcpy(copy + at, &values[v], bytes);
				r = read_bytes(copy, b.len, &n, NULL);
				assert_true(r < 0 && r != -EAGAIN && r != -ENOMEM);
				assert_true(n <= 4);
				free(copy);
			}
	lnr_buf_done(&b);
}

static void damage_is_final(void **state)
{
	struct lnr_buf b;
	struct lnr_capture *c;
	struct lnr_capture_item item;
	struct lnr_err err = {0};

	(void)state;
	lnr_buf_init(&b, 0);
	put_section(&b);
	put_close(&b, 1);
	put_close(&b, 2);
	put_close(&b, 3);
	b.ptr[LNR_SCAP_SHB_LEN + (b.len - LNR_SCAP_SHB_LEN) / 3 + 4] = 1;
	c = open_buf(&b);
	next_ok(c);
	for (int i = 0; i < 3; i++) {
		lnr_err_clear(&err);
		assert_code(lnr_capture_next(c, &item, &err), -EBADMSG);
		assert_has(err.msg, "capture is damaged at byte");
	}
	lnr_capture_close(c);
	lnr_buf_done(&b);
}

static int read_once(void *arg)
{
	const struct lnr_buf *b = arg;
	struct lnr_err err = {0};
	unsigned n;
	int r = read_bytes(b->ptr, b->len, &n, &err);

	return r == -ENODATA && n == 3 ? 0 : r;
}

static void survives_failing_allocations(void **state)
{
	struct lnr_buf b;
	size_t ends[32];
	unsigned n;

	(void)state;
	lnr_buf_init(&b, 0);
	build_small(&b, ends, &n);
	lnr_test_each_alloc_fails(read_once, &b);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1_damage),
		cmocka_unit_test(lengths_inside_a_record),
		cmocka_unit_test(impossible_block_lengths),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(every_length_damaged),
		cmocka_unit_test(damage_is_final),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
