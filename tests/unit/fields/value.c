/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text and JSON, and the clean-up of strings. */
#include "fixture.h"

static struct lnr_str text_of(struct fx *f, const struct lnr_val *v, unsigned fmt)
{
	lnr_buf_clear(&f->out);
	lnr_val_text(&f->out, &f->ctx, v, fmt);
	return lnr_buf_view(&f->out);
}

static struct lnr_str json_of(struct fx *f, const struct lnr_val *v, unsigned fmt)
{
	struct lnr_json j;

	lnr_buf_clear(&f->out);
	lnr_json_init(&j, &f->out);
	lnr_val_json(&j, &f->ctx, NULL, v, fmt);
	return lnr_buf_view(&f->out);
}

static void test_numbers(void **state)
{
	static const struct {
		uint8_t type, fmt;
		int64_t v;
		const char *text, *json;
	} rows[] = {
		{LNR_PT_INT64, LNR_PF_DEC, -5, "-5", "-5"},
		{LNR_PT_INT64, LNR_PF_ID, 5, "5", "5"},
		{LNR_PT_INT64, LNR_PF_NA, 5, "5", "\"5\""},
		{LNR_PT_UINT64, LNR_PF_DEC, -1, "18446744073709551615", "18446744073709551615"},
		{LNR_PT_UINT64, LNR_PF_HEX, 0xabc, "ABC", "\"ABC\""},
		{LNR_PT_INT32, LNR_PF_HEX, -1, "FFFFFFFF", "\"FFFFFFFF\""},
		{LNR_PT_UINT8, LNR_PF_HEX, 0x1ff, "FF", "\"FF\""},
		{LNR_PT_UINT32, LNR_PF_OCT, 0644, "644", "\"644\""},
		{LNR_PT_RELTIME, LNR_PF_10_PADDED_DEC, 42, "000000042", "\"000000042\""},
		{LNR_PT_RELTIME, LNR_PF_10_PADDED_DEC, 12345678901, "12345678901",
			"\"12345678901\""},
		{LNR_PT_PORT, LNR_PF_DEC, 443, "443", "443"},
		{LNR_PT_BOOL, LNR_PF_NA, 1, "true", "true"},
		{LNR_PT_BOOL, LNR_PF_NA, 0, "false", "false"},
		{LNR_PT_UID, LNR_PF_DEC, 4294967295, "4294967295", "4294967295"},
		{LNR_PT_FD, LNR_PF_DEC, -100, "-100", "-100"},
		{LNR_PT_ERRNO, LNR_PF_DEC, -2, "-2", "-2"},
		{LNR_PT_MODE, LNR_PF_OCT, 0755, "755", "\"755\""},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_val v = {.type = rows[i].type, .s64 = rows[i].v};
		assert_str(text_of(f, &v, rows[i].fmt), rows[i].text);
		assert_str(json_of(f, &v, rows[i].fmt), rows[i].json);
	}
}

static void test_value_format_wins(void **state)
{
	struct fx *f = *state;
	struct lnr_val v = {.type = LNR_PT_UINT32, .fmt = LNR_PF_HEX, .u64 = 255};

	assert_str(text_of(f, &v, LNR_PF_DEC), "FF");
	assert_str(json_of(f, &v, LNR_PF_DEC), "\"FF\"");
}

static void test_other_kinds(void **state)
{
	struct fx *f = *state;
	struct lnr_val d = {.type = LNR_PT_DOUBLE, .d = 12.34};
	struct lnr_val ip = {.type = LNR_PT_IPADDR, .ip = {LNR_AF_INET, {192, 0, 2, 1}}};
	struct lnr_val ip6 = {
		.type = LNR_PT_IPADDR, .ip = {LNR_AF_INET6, {0x20, 1, 0xd, 0xb8, [15] = 1}}};
	struct lnr_val net = {.type = LNR_PT_IPNET, .ip = ip.ip};
	struct lnr_val none = {.type = LNR_PT_SOCKADDR, .str = LNR_STR("xx")};

	assert_str(text_of(f, &d, LNR_PF_NA), "12.3");
	assert_str(json_of(f, &d, LNR_PF_NA), "12.34");
	assert_str(text_of(f, &ip, LNR_PF_NA), "192.0.2.1");
	assert_str(json_of(f, &ip, LNR_PF_NA), "\"192.0.2.1\"");
	assert_str(text_of(f, &ip6, LNR_PF_NA), "2001:db8::1");
	assert_str(text_of(f, &net, LNR_PF_NA), "<IPNET>");
	assert_str(text_of(f, &none, LNR_PF_NA), "");
}

static void test_kinds_cover_types(void **state)
{
	(void)state;
	static const uint8_t none[] = {LNR_PT_NONE, LNR_PT_SOCKADDR, LNR_PT_SOCKTUPLE,
		LNR_PT_FDLIST, LNR_PT_DYN, LNR_PT_CHARBUFARRAY, LNR_PT_CHARBUF_PAIR_ARRAY,
		LNR_PT_IPV4NET, LNR_PT_IPV6NET};

	for (unsigned pt = 0; pt < LNR_PT_COUNT; pt++) {
		bool expected = !memchr(none, (int)pt, sizeof(none));
		assert_int_equal(lnr_pt_kind(pt) != LNR_VK_NONE, expected);
	}
	assert_int_equal(lnr_pt_kind(250), LNR_VK_NONE);
}

static void test_clean_up(void **state)
{
#define BAD "\xef\xbf\xbd"
	static const struct {
		struct lnr_str in;
		const char *out;
	} rows[] = {
		{LNR_STR("plain text"), "plain text"},
		{LNR_STR(""), ""},
		{LNR_STR("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
			"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
		{LNR_STR("a\nb\tc\x01"), "a" BAD "b" BAD "c" BAD},
		{LNR_STR("\x7f"), BAD},
		{LNR_STR("a\0b"), "a" BAD "b"},
		{LNR_STR("\xc2\x85"), BAD},	    /* C1 */
		{LNR_STR("\xc2\xa0"), "\xc2\xa0"},  /* no-break space is printable */
		{LNR_STR("\xef\xb7\x90"), BAD},	    /* U+FDD0 */
		{LNR_STR("\xef\xbf\xbf"), BAD},	    /* U+FFFF */
		{LNR_STR("\xf0\x9f\xbf\xbe"), BAD}, /* U+1FFFE */
		{LNR_STR("\xff\xfe"), BAD BAD},
		{LNR_STR("\xe2\x82"), BAD}, /* cut off: one maximal part */
		{LNR_STR("\xe2\x82x"), BAD "x"},
		{LNR_STR("\xc0\xaf"), BAD BAD},		/* overlong */
		{LNR_STR("\xed\xa0\x80"), BAD BAD BAD}, /* surrogate */
		{LNR_STR("\xf4\x90\x80\x80"), BAD BAD BAD BAD},
		{LNR_STR("\x80x"), BAD "x"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_val v = {.type = LNR_PT_CHARBUF, .str = rows[i].in};
		assert_str(text_of(f, &v, LNR_PF_NA), rows[i].out);
	}
	struct lnr_val v = {.type = LNR_PT_FSPATH, .str = LNR_STR("a\"b\n\xff")};
	assert_str(json_of(f, &v, LNR_PF_NA), "\"a\\\"b" BAD BAD "\"");
#undef BAD
}

static void test_lists(void **state)
{
	struct fx *f = *state;
	struct lnr_val items[3] = {
		{.type = LNR_PT_CHARBUF, .str = LNR_STR("a")},
		{.type = LNR_PT_CHARBUF, .str = LNR_STR("b c")},
		{.type = LNR_PT_CHARBUF, .str = LNR_STR("")},
	};
	struct lnr_val v = {.type = LNR_PT_CHARBUF, .is_list = true};

	v.list.items = items;
	assert_str(text_of(f, &v, LNR_PF_NA), "()");
	assert_str(json_of(f, &v, LNR_PF_NA), "[]");
	v.list.n = 3;
	assert_str(text_of(f, &v, LNR_PF_NA), "(a,b c,)");
	assert_str(json_of(f, &v, LNR_PF_NA), "[\"a\",\"b c\",\"\"]");
}

/* Text of lists is cut at 1023 bytes, between characters; JSON is whole. */
static void test_long_list(void **state)
{
	struct fx *f = *state;
	struct lnr_val items[600], v = {.type = LNR_PT_CHARBUF, .is_list = true};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(items); i++)
		items[i] = (struct lnr_val){.type = LNR_PT_CHARBUF, .str = LNR_STR("\xe2\x82\xac")};
	v.list.items = items;
	v.list.n = LNR_ARRAY_SIZE(items);
	lnr_buf_clear(&f->out);
	lnr_buf_cstr(&f->out, "before ");
	lnr_val_text(&f->out, &f->ctx, &v, LNR_PF_NA);
	struct lnr_str s = lnr_buf_view(&f->out);
	assert_in_range(s.len, 7 + 1020, 7 + 1023);
	assert_true(lnr_str_ends(s, LNR_STR("\xe2\x82\xac")) || s.ptr[s.len - 1] == ',');
	s = json_of(f, &v, LNR_PF_NA);
	assert_int_equal(s.len, 2 + 600 * 5 + 599);
}

static void test_byte_buffers(void **state)
{
	struct fx *f = *state;
	struct lnr_val v = {.type = LNR_PT_BYTEBUF, .str = LNR_STR("GET /\r\n\0\xff~")};

	assert_str(text_of(f, &v, LNR_PF_NA), "GET /....~");
	assert_str(json_of(f, &v, LNR_PF_NA), "\"GET /....~\"");
	f->ctx.buffer_format = LNR_BUFFER_BASE64;
	assert_str(text_of(f, &v, LNR_PF_NA), "R0VUIC8NCgD/fg==");
	f->ctx.buffer_format = LNR_BUFFER_HEX;
	assert_str(text_of(f, &v, LNR_PF_NA), "\n\t0x0000: 4745 5420 2f0d 0a00 ff7e\n");
	f->ctx.buffer_format = LNR_BUFFER_HEXASCII;
	assert_str(text_of(f, &v, LNR_PF_NA),
		"\n\t0x0000: 4745 5420 2f0d 0a00 ff7e                 GET /....~\n");
	v.str = LNR_STR("");
	assert_str(text_of(f, &v, LNR_PF_NA), "");
	f->ctx.buffer_format = LNR_BUFFER_BASE64;
	assert_str(text_of(f, &v, LNR_PF_NA), "");
}

/* Steps join without seams, whatever the length. */
static void test_long_byte_buffers(void **state)
{
	struct fx *f = *state;
	char bytes[200];
	struct lnr_val v = {.type = LNR_PT_BYTEBUF};

	memset(bytes, 'a', sizeof(bytes));
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		v.str = (struct lnr_str){bytes, n};
		f->ctx.buffer_format = LNR_BUFFER_PRINTABLE;
		assert_int_equal(text_of(f, &v, LNR_PF_NA).len, n);
		f->ctx.buffer_format = LNR_BUFFER_BASE64;
		struct lnr_str s = text_of(f, &v, LNR_PF_NA);
		assert_int_equal(s.len, (n + 2) / 3 * 4);
		/* Padding at the end only. */
		ptrdiff_t pad = lnr_str_chr(s, '=');
		assert_true(pad < 0 || (size_t)pad + 2 >= s.len);
	}
	f->ctx.buffer_format = LNR_BUFFER_HEX;
	v.str = (struct lnr_str){bytes, 49};
	struct lnr_str s = text_of(f, &v, LNR_PF_NA);
	assert_true(lnr_str_ends(s, LNR_STR("\n\t0x0030: 61\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_numbers),
		FX_TEST(test_value_format_wins),
		FX_TEST(test_other_kinds),
		FX_TEST(test_kinds_cover_types),
		FX_TEST(test_clean_up),
		FX_TEST(test_lists),
		FX_TEST(test_long_list),
		FX_TEST(test_byte_buffers),
		FX_TEST(test_long_byte_buffers),
	};

	return cmocka_run_group_tests_name("fields/value", tests, NULL, NULL);
}
