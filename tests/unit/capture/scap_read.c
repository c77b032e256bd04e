/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks and records of capture files made by hand: every kind and version, and everything that can
 * be wrong with one (spec scap-format 1 to 4).
 */
#include "capture/scap.h"

#include "schema/limits.h"
#include "unit/capture/build.h"

static uint64_t stat_of(struct lnr_capture *c, const char *name)
{
	struct lnr_stat stats[32];
	unsigned n = c->ops->stats(c, stats, LNR_ARRAY_SIZE(stats));

	for (unsigned i = 0; i < n; i++)
		if (strcmp(stats[i].name, name) == 0)
			return stats[i].value;
	fail_msg("no counter %s", name);
	return 0;
}

static void event_blocks_of_every_kind(void **state)
{
	static const struct {
		uint32_t type;
		uint32_t flags, want;
	} kinds[] = {{LNR_SCAP_EV_V1, 0, 0}, {LNR_SCAP_EV_V1_OLD, 0, 0}, {LNR_SCAP_EV_V2, 0, 0},
		{LNR_SCAP_EV_V2_LARGE, 0, 0}, {LNR_SCAP_EVF_V1, 1, 1}, {LNR_SCAP_EVF_V1, 0, 0},
		{LNR_SCAP_EVF_V2, 1, 1}, {LNR_SCAP_EVF_V2, 2, 0}, {LNR_SCAP_EVF_V2_LARGE, 3, 1}};
	struct lnr_buf b;
	struct lnr_capture *c;

	(void)state;
	lnr_buf_init(&b, 0);
	put_section(&b);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(kinds); i++) {
		uint8_t rec[64];

		make_close(rec, 1000 + i, 50 + (int64_t)i, 7);
		put_event(&b, kinds[i].type, (uint16_t)(0xff00 + i), kinds[i].flags, rec);
	}
	c = open_buf(&b);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(kinds); i++) {
		struct lnr_capture_item item = next_ok(c);
		uint8_t rec[64];

		assert_int_equal(item.len, make_close(rec, 1000 + i, 50 + (int64_t)i, 7));
		assert_memory_equal(item.record, rec, item.len);
		assert_int_equal(item.cpu, 0xff00 + i);
		assert_int_equal(item.flags, kinds[i].want ? LNR_ITEM_STATE_ONLY : 0);
	}
	assert_code(lnr_capture_next(c, &(struct lnr_capture_item){0}, NULL), -ENODATA);
	assert_code(lnr_capture_next(c, &(struct lnr_capture_item){0}, NULL), -ENODATA);
	assert_int_equal(stat_of(c, "file_events"), LNR_ARRAY_SIZE(kinds));
	assert_int_equal(stat_of(c, "file_bytes"), b.len);
	assert_true(c->ops->progress(c) == 1);
	assert_string_equal(c->ops->name, "scap_file");
	assert_null(lnr_scap_machine(c));
	assert_null(lnr_scap_hostname(c));
	lnr_capture_close(c);
	lnr_buf_done(&b);
}

static void large_payloads(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 300000, 5u << 20};
	struct lnr_buf b, data;
	struct lnr_capture *c;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_init(&data, 0);
	put_section(&b);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(sizes); i++) {
		size_t cap = sizes[i] + 64;
		uint8_t *rec = malloc(cap);
		struct lnr_record_builder rb;

		while (data.len < sizes[i])
			lnr_buf_chr(&data, (char)data.len);
		lnr_record_begin(&rb, rec, cap, LNR_EV_PLUGINEVENT_E, i, -1, 2);
		lnr_record_u32(&rb, 4);
		lnr_record_bytes(&rb, data.ptr, sizes[i]);
		assert_true(lnr_record_end(&rb) > 0);
		put_event(&b, i & 1 ? LNR_SCAP_EVF_V2_LARGE : LNR_SCAP_EV_V2_LARGE, 0, 0, rec);
		free(rec);
	}
	c = open_buf(&b);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(sizes); i++) {
		struct lnr_capture_item item = next_ok(c);
		struct lnr_event ev;

		assert_ok(lnr_event_parse(&ev, item.record, item.len, 0, NULL), NULL);
		assert_int_equal(ev.param[1].len, sizes[i]);
		if (sizes[i])
			assert_memory_equal(ev.param[1].ptr, data.ptr, sizes[i]);
	}
	lnr_capture_close(c);
	lnr_buf_done(&data);
	lnr_buf_done(&b);
}

static void one_or_several_gzip_members(void **state)
{
	struct lnr_buf b, gz;
	struct lnr_err err = {0};
	unsigned n;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_init(&gz, 0);
	put_section(&b);
	for (int i = 0; i < 2000; i++)
		put_close(&b, (uint64_t)i);
	for (size_t cut = 0; cut < b.len; cut += b.len / 3 + 1) {
		lnr_buf_clear(&gz);
		put_gzip(&gz, b.ptr, cut);
		put_gzip(&gz, b.ptr + cut, b.len - cut);
		assert_code(read_bytes(gz.ptr, gz.len, &n, &err), -ENODATA);
		assert_int_equal(n, 2000);
	}
	/* Cut in the middle: the events before are delivered. */
	assert_code(read_bytes(gz.ptr, gz.len - 40, &n, &err), -EBADMSG);
	assert_in_range(n, 1000, 1999);
	assert_has(err.msg, "cut off");
	lnr_buf_done(&gz);
	lnr_buf_done(&b);
}

/* Old records: how many parameters they have is found out. */
static void number_of_parameters_of_version_1(void **state)
{
	struct lnr_buf b;
	struct lnr_capture *c;

	(void)state;
	/* The table says three: any count up to it, in every mix of lengths that is not ambiguous.
	 */
	for (unsigned n = 0; n <= 3; n++)
		for (uint32_t salt = 0; salt < 200; salt++) {
			uint8_t rec[128];
			struct lnr_record_builder rb;
			struct lnr_capture_item item;

			lnr_record_begin(&rb, rec, sizeof(rec), LNR_EV_PAGE_FAULT_E, salt, 1, n);
			for (unsigned i = 0; i < n; i++)
				lnr_record_bytes(&rb, "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7",
					(salt * (i + 3)) % 10);
			assert_true(lnr_record_end(&rb) > 0);
			lnr_buf_init(&b, 0);
			put_section(&b);
			put_event(&b, LNR_SCAP_EV_V1, 0, 0, rec);
			c = open_buf(&b);
			item = next_ok(c);
			assert_int_equal(((const struct lnr_record *)item.record)->nparams, n);
			assert_memory_equal(item.record, rec, item.len);
			lnr_capture_close(c);
			lnr_buf_done(&b);
		}
}

/* Producers of version 1 counted three bytes too many for two events. */
static void length_that_was_wrong(void **state)
{
	static const unsigned types[] = {LNR_EV_NOTIFICATION_E, LNR_EV_INFRASTRUCTURE_EVENT_E};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		uint8_t rec[128] = {0};
		struct lnr_record_builder rb;
		struct lnr_record *head = (struct lnr_record *)rec;
		const struct lnr_event_info *info = lnr_event_info(types[i]);
		struct lnr_buf b;
		unsigned n;

		lnr_record_begin(&rb, rec, sizeof(rec), types[i], 5, 1, info->nparams);
		for (unsigned k = 0; k < info->nparams; k++)
			lnr_record_bytes(&rb, "\xff\xff\xff", 3);
		assert_true(lnr_record_end(&rb) > 0);
		head->len += 3;
		lnr_buf_init(&b, 0);
		put_section(&b);
		put_event(&b, LNR_SCAP_EV_V1, 0, 0, rec);
		put_close(&b, 9);
		/* Read either way; what is out of use is not delivered. */
		assert_code(read_bytes(b.ptr, b.len, &n, NULL), -ENODATA);
		assert_int_equal(n, info->flags & LNR_EF_UNUSED ? 1 : 2);
		lnr_buf_done(&b);

		/* With the right length it would be three short. */
		head->len -= 3;
		lnr_buf_init(&b, 0);
		put_section(&b);
		put_event(&b, LNR_SCAP_EV_V1, 0, 0, rec);
		assert_ends(&b, 0, -EBADMSG, "version 1");
		lnr_buf_done(&b);
	}
}

/* Options of pcapng behind the record, as Wireshark's tools write comments. */
static void options_behind_a_record(void **state)
{
	struct lnr_buf b, body;
	struct lnr_capture *c;
	struct lnr_capture_item item;
	uint8_t rec[64];
	uint32_t len = make_close(rec, 1, 1, 1);

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_init(&body, 0);
	put_section(&b);
	put16(&body, 3);
	lnr_buf_add(&body, rec, len);
	while (body.len % 4)
		lnr_buf_chr(&body, 0);
	put16(&body, 1);
	put_text(&body, "a comment!!!", 12);
	put32(&body, 0);
	put_block(&b, LNR_SCAP_EV_V2, body.ptr, body.len);
	put_close(&b, 2);
	c = open_buf(&b);
	item = next_ok(c);
	assert_int_equal(item.len, len);
	assert_memory_equal(item.record, rec, len);
	next_ok(c);
	lnr_capture_close(c);
	lnr_buf_done(&body);
	lnr_buf_done(&b);
}

static void unknown_blocks_and_events(void **state)
{
	struct lnr_buf b;
	struct lnr_capture *c;
	uint8_t rec[64];

	(void)state;
	lnr_buf_init(&b, 0);
	put_section(&b);
	put_block(&b, 0x12345678, "in the head", 11);
	put_block(&b, 0x00000bad, "", 0);
	put_close(&b, 1);
	put_block(&b, 0x12345678, "between events", 14);
	make_close(rec, 2, 1, 1);
	((struct lnr_record *)rec)->type = LNR_EVENT_COUNT;
	put_event(&b, LNR_SCAP_EV_V2, 0, 0, rec);
	put_event(&b, LNR_SCAP_EV_V1, 0, 0, rec);
	((struct lnr_record *)rec)->type = 0xffff;
	put_event(&b, LNR_SCAP_EVF_V2_LARGE, 0, 0, rec);
	put_close(&b, 3);
	c = open_buf(&b);
	assert_int_equal(((const struct lnr_record *)next_ok(c).record)->ts, 1);
	assert_int_equal(((const struct lnr_record *)next_ok(c).record)->ts, 3);
	assert_int_equal(stat_of(c, "file_blocks_skipped"), 3);
	assert_int_equal(stat_of(c, "file_events_unknown"), 3);
	lnr_capture_close(c);

	/* The second length counts in other blocks, not in those of events. */
	b.ptr[b.len - 4] ^= 4;
	assert_ends(&b, 2, -ENODATA, NULL);
	b.ptr[b.len - 4] ^= 4;
	b.ptr[LNR_SCAP_SHB_LEN + 8 + 12] ^= 4;
	assert_ends(&b, 0, -EBADMSG, "two lengths");
	lnr_buf_done(&b);
}

static void section_headers(void **state)
{
	struct lnr_buf b, body;
	struct lnr_err err = {0};
	const uint32_t swapped = LNR_SCAP_MAGIC_SWAPPED;

	(void)state;
	lnr_buf_init(&b, 0);
	assert_ends(&b, 0, -EBADMSG, "empty");
	lnr_buf_cstr(&b, "x");
	assert_ends(&b, 0, -EBADMSG, "not a capture");
	lnr_buf_cstr(&b, "yz, some text that is not a capture");
	assert_ends(&b, 0, -EBADMSG, "not a capture");
	lnr_buf_clear(&b);

	put_section(&b);
	assert_ends(&b, 0, -EBADMSG, "no events");
	put_block(&b, 0x77, "abc", 3);
	assert_ends(&b, 0, -EBADMSG, "no events");
	put_close(&b, 1);
	assert_ends(&b, 1, -ENODATA, NULL);

	b.ptr[12] = 2; /* major version */
	assert_code(read_bytes(b.ptr, b.len, NULL, &err), -ENOTSUP);
	assert_has(err.msg, "version 2");
	b.ptr[12] = 1;
	b.ptr[14] = 9; /* minor version says nothing */
	assert_ends(&b, 1, -ENODATA, NULL);
	b.ptr[12] = 0; /* nor does a smaller major one */
	assert_ends(&b, 1, -ENODATA, NULL);
	b.ptr[8] ^= 1;
	assert_ends(&b, 0, -EBADMSG, "magic");
	b.ptr[8] ^= 1;
	memcpy(b.ptr + 8, &swapped, 4);
	assert_code(read_bytes(b.ptr, b.len, NULL, &err), -ENOTSUP);
	assert_has(err.msg, "byte order");
	lnr_buf_clear(&b);

	/* Too short, and with options. */
	lnr_buf_init(&body, 0);
	put32(&body, LNR_SCAP_MAGIC);
	put32(&body, 0x00020001);
	put_block(&b, LNR_SCAP_SHB, body.ptr, body.len);
	put_close(&b, 1);
	assert_ends(&b, 0, -EBADMSG, "too short");
	lnr_buf_clear(&b);
	put64(&body, 123);
	put16(&body, 2);
	put_str(&body, "hardware");
	put_block(&b, LNR_SCAP_SHB, body.ptr, body.len);
	put_close(&b, 1);
	assert_ends(&b, 1, -ENODATA, NULL);
	lnr_buf_done(&body);
	lnr_buf_done(&b);
}

/* Put one after the other. */
static void captures_in_a_row(void **state)
{
	struct lnr_buf b;
	struct lnr_capture *c;
	uint8_t rec[128];
	struct lnr_record_builder rb;

	(void)state;
	lnr_buf_init(&b, 0);
	put_section(&b);
	/* An enter event of the first does not belong to an exit of the second. */
	lnr_record_begin(&rb, rec, sizeof(rec), LNR_EV_SYSCALL_CLOSE_E, 1, 100, 1);
	lnr_record_u64(&rb, 42);
	lnr_record_end(&rb);
	put_event(&b, LNR_SCAP_EV_V2, 0, 0, rec);
	put_close(&b, 2);
	put_section(&b);
	put_block(&b, 0x4711, "?", 1);
	lnr_record_begin(&rb, rec, sizeof(rec), LNR_EV_SYSCALL_CLOSE_X, 3, 100, 1);
	lnr_record_u64(&rb, 0);
	lnr_record_end(&rb);
	put_event(&b, LNR_SCAP_EV_V2, 0, 0, rec);
	c = open_buf(&b);
	assert_int_equal(((const struct lnr_record *)next_ok(c).record)->ts, 2);
	{
		struct lnr_capture_item item = next_ok(c);
		struct lnr_event ev;

		assert_ok(lnr_event_parse(&ev, item.record, item.len, 0, NULL), NULL);
		assert_int_equal(ev.ts, 3);
		assert_int_equal(lnr_param_s64_or(&ev, 1, 99), 0);
	}
	assert_code(lnr_capture_next(c, &(struct lnr_capture_item){0}, NULL), -ENODATA);
	lnr_capture_close(c);
	/* A section that ends with its header is no damage behind events. */
	put_section(&b);
	assert_ends(&b, 2, -ENODATA, NULL);
	lnr_buf_done(&b);
}

static void put_open_enter(struct lnr_buf *b, uint64_t ts)
{
	uint8_t rec[128];
	struct lnr_record_builder rb;

	lnr_record_begin(&rb, rec, sizeof(rec), LNR_EV_SYSCALL_OPEN_E, ts, 1, 3);
	lnr_record_str(&rb, "/etc/passwd");
	lnr_record_u32(&rb, 1);
	lnr_record_u32(&rb, 0);
	assert_true(lnr_record_end(&rb) > 0);
	put_event(b, LNR_SCAP_EV_V2, 0, 0, rec);
}

/* Flags of the delivered records as text: s = only state, r = for rules. */
static void assert_flags(const struct lnr_buf *b, const char *want)
{
	struct lnr_capture *c = open_buf(b);
	struct lnr_capture_item item;
	char got[32] = "";
	size_t n = 0;

	while (!lnr_capture_next(c, &item, NULL) && n < sizeof(got) - 1)
		got[n++] = item.flags & LNR_ITEM_STATE_ONLY ? 's' : 'r';
	assert_string_equal(got, want);
	lnr_capture_close(c);
}

static void what_rules_do_not_see(void **state)
{
	struct lnr_buf b;

	(void)state;
	lnr_buf_init(&b, 0);
	put_section(&b);
	put_user(&b, 1);
	put_user(&b, 2);
	put_close(&b, 3);
	put_user(&b, 4);
	put_open_enter(&b, 5);
	put_close(&b, 6);
	assert_flags(&b, "ssrrsr");
	/* Another section sets its own scene. */
	put_section(&b);
	put_user(&b, 7);
	put_close(&b, 8);
	put_user(&b, 9);
	assert_flags(&b, "ssrrsrsrr");
	/* An enter event ends the scene, also one that is stored. */
	lnr_buf_clear(&b);
	put_section(&b);
	put_user(&b, 1);
	put_open_enter(&b, 2);
	put_user(&b, 3);
	assert_flags(&b, "ssr");
	lnr_buf_clear(&b);
	put_section(&b);
	put_user(&b, 1);
	put_close_enter(&b, 2);
	put_user(&b, 3);
	assert_flags(&b, "sr");
	lnr_buf_done(&b);
}

static void opening_files(void **state)
{
	struct lnr_test_dir dir;
	struct lnr_buf b, gz;
	struct lnr_capture *c = NULL;
	struct lnr_err err = {0};
	char *path;
	unsigned n;

	(void)state;
	lnr_test_dir_init(&dir);
	lnr_buf_init(&b, 0);
	lnr_buf_init(&gz, 0);
	put_section(&b);
	for (int i = 0; i < 20000; i++)
		put_close(&b, (uint64_t)i);
	put_gzip(&gz, b.ptr, b.len);
	path = lnr_test_file(&dir, "x.scap", lnr_buf_view(&gz));
	assert_ok(lnr_scap_open(path, NULL, &c, &err), &err);
	assert_true(c->ops->progress(c) < 1);
	assert_code(read_all(c, &n, &err), -ENODATA);
	assert_int_equal(n, 20000);
	assert_true(c->ops->progress(c) == 1);
	lnr_capture_close(c);
	free(path);

	path = lnr_test_file(&dir, "bad.scap", LNR_STR("no capture at all"));
	assert_code(lnr_scap_open(path, NULL, &c, &err), -EBADMSG);
	assert_has(err.msg, "bad.scap");
	free(path);
	path = lnr_test_path(&dir, "missing.scap");
	assert_code(lnr_scap_open(path, NULL, &c, &err), -ENOENT);
	assert_has(err.msg, "missing.scap");
	free(path);
	lnr_buf_done(&gz);
	lnr_buf_done(&b);
	lnr_test_dir_done(&dir);
}

static void machine_block(void **state)
{
	struct lnr_buf b, body;
	struct lnr_capture *c;
	const struct lnr_scap_machine *m;
	struct lnr_capture *mem;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_init(&body, 0);
	put32(&body, 12);
	put64(&body, 1u << 30);
	put64(&body, 4194304);
	for (int i = 0; i < 128; i++)
		lnr_buf_chr(&body, i < 3 ? "box"[i] : 0);
	put64(&body, 1234567890123456789u);
	for (int i = 0; i < 3; i++)
		put64(&body, 0);
	put_section(&b);
	put_block(&b, LNR_SCAP_MI, body.ptr, body.len);
	put_close(&b, 1);
	c = open_buf(&b);
	/* Known as soon as it is open. */
	m = lnr_scap_machine(c);
	assert_non_null(m);
	assert_int_equal(m->cpus, 12);
	assert_int_equal(m->memory_bytes, 1u << 30);
	assert_int_equal(m->max_pid, 4194304);
	assert_int_equal(m->boot_ts, 1234567890123456789u);
	assert_string_equal(lnr_scap_hostname(c), "box");
	lnr_capture_close(c);

	/* 128 bytes without a NUL; the other number; too short. */
	lnr_buf_clear(&b);
	memset(body.ptr + 20, 'h', 128);
	put_section(&b);
	put_block(&b, LNR_SCAP_MI_OLD, body.ptr, body.len);
	put_close(&b, 1);
	c = open_buf(&b);
	assert_int_equal(strlen(lnr_scap_hostname(c)), 128);
	lnr_capture_close(c);
	lnr_buf_clear(&b);
	put_section(&b);
	put_block(&b, LNR_SCAP_MI, body.ptr, 176);
	put_close(&b, 1);
	assert_ends(&b, 0, -EBADMSG, "machine");
	/* An empty name is none. */
	lnr_buf_clear(&b);
	memset(body.ptr + 20, 0, 128);
	put_section(&b);
	put_block(&b, LNR_SCAP_MI, body.ptr, body.len);
	put_close(&b, 1);
	c = open_buf(&b);
	assert_null(lnr_scap_hostname(c));
	lnr_capture_close(c);

	/* Other sources have none. */
	assert_ok(lnr_capture_memory(NULL, 0, &mem, NULL), NULL);
	assert_null(lnr_scap_machine(mem));
	assert_null(lnr_scap_hostname(NULL));
	lnr_capture_close(mem);
	lnr_buf_done(&body);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_blocks_of_every_kind),
		cmocka_unit_test(large_payloads),
		cmocka_unit_test(one_or_several_gzip_members),
		cmocka_unit_test(number_of_parameters_of_version_1),
		cmocka_unit_test(length_that_was_wrong),
		cmocka_unit_test(options_behind_a_record),
		cmocka_unit_test(unknown_blocks_and_events),
		cmocka_unit_test(section_headers),
		cmocka_unit_test(captures_in_a_row),
		cmocka_unit_test(what_rules_do_not_see),
		cmocka_unit_test(opening_files),
		cmocka_unit_test(machine_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
