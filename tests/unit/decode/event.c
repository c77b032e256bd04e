/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: what the builder writes the parser reads back, for every event, and whatever else comes
 * is refused or read inside its bounds.
 */
#include <stdlib.h>
#include "decode/event.h"
#include "lib/test.h"

/* Values are random, the run is not. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

struct fixture {
	struct lnr_event ev;
	uint8_t buf[1 << 18];
	uint8_t values[1 << 17];
	uint64_t seed;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (!f)
		return -1;
	f->seed = 88172645463325252u;
	for (size_t i = 0; i < sizeof(f->values); i++)
		f->values[i] = (uint8_t)next_random(&f->seed);
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

/*
 * The record in a heap block of exactly its size, so that the sanitizer sees a read beyond it.
 * Parses, and touches everything that accessors can reach.
 */
static int parse_exact(struct lnr_event *ev, const uint8_t *rec, size_t len, struct lnr_err *err)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lnr_sockaddr sa;
	struct lnr_tuple tuple;
	uint64_t u, sum = 0;
	int64_t s;
	int r;

	assert_non_null(copy);
	if (len)
		memcpy(copy, rec, len);
	r = lnr_event_parse(ev, copy, len, 1, err);
	for (unsigned i = 0; r == 0 && i < LNR_PARAMS_MAX + 2; i++) {
		struct lnr_str b = lnr_param_bytes(ev, i), t = lnr_param_str(ev, i);

		for (size_t k = 0; k < b.len; k++)
			sum += (uint8_t)b.ptr[k];
		assert_true(t.len <= b.len);
		assert_int_equal(lnr_param_present(ev, i), b.ptr != NULL);
		assert_int_equal(lnr_param_u64(ev, i, &u), lnr_param_s64(ev, i, &s));
		lnr_param_sockaddr(ev, i, &sa);
		lnr_param_tuple(ev, i, &tuple);
	}
	free(copy);
	ev->record = NULL;
	return sum == UINT64_MAX ? 1 : r;
}

/* Lengths of a record of `type` with random values; every fourth parameter is absent. */
static uint32_t random_len(struct fixture *f, const struct lnr_event_info *info, unsigned i)
{
	unsigned size = i < info->nparams ? lnr_pt_size(info->params[i].type) : 0;
	uint64_t r = next_random(&f->seed);

	if (r % 4 == 0)
		return 0;
	if (size)
		return size;
	if (info->flags & LNR_EF_LARGE_PAYLOAD && i < 2 && r % 3 == 0)
		return 70000 + (r >> 32) % 1000;
	return 1 + (r >> 32) % 200;
}

static size_t build_random(
	struct fixture *f, unsigned type, uint32_t nparams, uint32_t lens[LNR_PARAMS_MAX])
{
	struct lnr_record_builder b;

	lnr_record_begin(&b, f->buf, sizeof(f->buf), type, 1000 + type, -(int64_t)type, nparams);
	for (uint32_t i = 0; i < nparams; i++) {
		lens[i] = random_len(f, lnr_event_info(type), i);
		lnr_record_bytes(&b, f->values + i * 7, lens[i]);
	}
	return lnr_record_end(&b);
}

static void check_values(struct fixture *f, uint32_t nparams, const uint32_t *lens)
{
	const struct lnr_event *ev = &f->ev;

	for (uint32_t i = 0; i < nparams; i++) {
		struct lnr_str v = lnr_param_bytes(ev, i);
		uint64_t u = 0, want = 0;

		assert_int_equal(lnr_param_present(ev, i), lens[i] > 0);
		assert_int_equal(v.len, lens[i]);
		if (lens[i] == 0) {
			assert_null(v.ptr);
			assert_false(lnr_param_u64(ev, i, &u));
			assert_int_equal(lnr_param_u64_or(ev, i, 17), 17);
			assert_int_equal(lnr_param_s64_or(ev, i, -17), -17);
			continue;
		}
		assert_memory_equal(v.ptr, f->values + i * 7, lens[i]);
		if (lens[i] == 1 || lens[i] == 2 || lens[i] == 4 || lens[i] == 8) {
			memcpy(&want, f->values + i * 7, lens[i]); /* little-endian */
			assert_true(lnr_param_u64(ev, i, &u));
			assert_int_equal(u, want);
			assert_int_equal(lnr_param_u64_or(ev, i, 0), want);
		} else {
			assert_false(lnr_param_u64(ev, i, &u));
		}
	}
	for (uint32_t i = nparams; i < LNR_PARAMS_MAX; i++)
		assert_false(lnr_param_present(ev, i));
}

static void test_round_trip_of_every_event(void **state)
{
	struct fixture *f = *state;
	uint32_t lens[LNR_PARAMS_MAX];

	for (unsigned type = 0; type < LNR_EVENT_COUNT; type++) {
		const struct lnr_event_info *info = lnr_event_info(type);

		/* Fewer parameters than the table, as many, more. */
		for (unsigned round = 0; round < 12; round++) {
			uint32_t n = round % 3 == 0 ? info->nparams
				     : round % 3 == 1
					     ? next_random(&f->seed) % (info->nparams + 1u)
					     : next_random(&f->seed) % (LNR_PARAMS_MAX + 1u);
			size_t len = build_random(f, type, n, lens);

			assert_int_not_equal(len, 0);
			f->ev.num = 5;
			f->ev.scratch = (struct lnr_arena *)f;
			f->ev.has_res = true;
			f->ev.thread = (struct lnr_thread *)f;
			f->ev.exectime_ns = 1;
			memset(f->ev.param, 0xff, sizeof(f->ev.param));
			/* What follows the record belongs to the next one. */
			assert_int_equal(lnr_event_parse(&f->ev, f->buf, len + 100, 3, NULL), 0);
			assert_ptr_equal(f->ev.info, info);
			assert_ptr_equal(f->ev.record, f->buf);
			assert_int_equal(f->ev.record_len, len);
			assert_int_equal(f->ev.type, type);
			assert_int_equal(f->ev.ts, 1000 + type);
			assert_int_equal(f->ev.tid, -(int64_t)type);
			assert_int_equal(f->ev.cpu, 3);
			assert_int_equal(f->ev.nparams, n);
			assert_int_equal(lnr_event_is_exit(&f->ev), type & 1);
			assert_int_equal(f->ev.num, 5);
			assert_ptr_equal(f->ev.scratch, f);
			assert_false(f->ev.has_res);
			assert_null(f->ev.thread);
			assert_int_equal(f->ev.exectime_ns, 0);
			for (uint32_t i = n; i < info->nparams; i++)
				assert_int_equal(f->ev.param[i].len, 0);
			check_values(f, n, lens);
		}
	}
}

/* Every beginning of a record is refused: as it stands, and with a length that admits to it. */
static void test_truncated_records(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_EXECVE_19_X,
		LNR_EV_SOCKET_CONNECT_X, LNR_EV_CONTAINER_JSON_2_E, LNR_EV_SYSCALL_CLOSE_X};
	struct fixture *f = *state;
	uint32_t lens[LNR_PARAMS_MAX];

	for (size_t t = 0; t < LNR_ARRAY_SIZE(types); t++) {
		unsigned n = lnr_event_info(types[t])->nparams;
		size_t len, step;

		do
			len = build_random(f, types[t], n, lens);
		while (lens[n - 1] == 0);
		step = len > 10000 ? 997 : 1;
		for (size_t cut = 0; cut < len; cut += step) {
			struct lnr_err err = {0};
			uint32_t len32 = (uint32_t)cut;

			assert_int_equal(parse_exact(&f->ev, f->buf, cut, &err), -EBADMSG);
			assert_int_equal(err.code, -EBADMSG);
			assert_int_not_equal(err.msg[0], '\0');
			assert_int_equal(parse_exact(&f->ev, f->buf, cut, NULL), -EBADMSG);
			assert_int_equal(f->ev.nparams, 0);
			if (cut < 20)
				continue;
			memcpy(f->buf + 16, &len32, 4);
			assert_int_equal(parse_exact(&f->ev, f->buf, cut, &err), -EBADMSG);
			len32 = (uint32_t)len;
			memcpy(f->buf + 16, &len32, 4);
		}
		assert_int_equal(parse_exact(&f->ev, f->buf, len, NULL), 0);
	}
}

/* One length after another set to each of some hostile values: never out of bounds. */
static void test_corrupt_lengths(void **state)
{
	static const uint32_t bad[] = {0, 1, 2, 7, 8, 9, 127, 255, 256, 4095, 32767, 32768, 65534,
		65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
	struct fixture *f = *state;
	uint32_t lens[LNR_PARAMS_MAX];

	for (unsigned type = 0; type < LNR_EVENT_COUNT; type++) {
		const struct lnr_event_info *info = lnr_event_info(type);
		unsigned width = info->flags & LNR_EF_LARGE_PAYLOAD ? 4 : 2;
		size_t len = build_random(f, type, info->nparams, lens);

		for (unsigned i = 0; i < info->nparams; i++)
			for (size_t k = 0; k < LNR_ARRAY_SIZE(bad); k++) {
				uint8_t *at = f->buf + 26 + (size_t)i * width;
				uint32_t v = width == 2 ? bad[k] & 0xffff : bad[k], old = 0;
				uint64_t end = (uint64_t)len - lens[i] + v;

				memcpy(&old, at, width);
				memcpy(at, &v, width);
				assert_int_equal(parse_exact(&f->ev, f->buf, len, NULL),
					end > len ? -EBADMSG : 0);
				memcpy(at, &old, width);
			}
	}
}

static int parse_header(struct fixture *f, uint32_t len, unsigned type, uint32_t nparams,
	size_t readable, struct lnr_err *err)
{
	struct lnr_record h = {
		.ts = 1, .tid = 2, .len = len, .type = (uint16_t)type, .nparams = nparams};

	memset(f->buf, 0, readable + sizeof(h));
	memcpy(f->buf, &h, sizeof(h));
	return parse_exact(&f->ev, f->buf, readable, err);
}

static void test_hostile_headers(void **state)
{
	struct fixture *f = *state;
	struct lnr_err err = {0};

	assert_int_equal(parse_header(f, 26, 0, 0, 26, NULL), 0);
	assert_int_equal(parse_header(f, 25, 0, 0, 26, &err), -EBADMSG);
	assert_non_null(strstr(err.msg, "25"));
	assert_int_equal(parse_header(f, 0, 0, 0, 26, NULL), -EBADMSG);
	assert_int_equal(parse_header(f, 27, 0, 0, 26, &err), -EBADMSG);
	assert_non_null(strstr(err.msg, "27"));
	assert_int_equal(parse_header(f, UINT32_MAX, 0, 0, 26, NULL), -EBADMSG);
	assert_int_equal(parse_header(f, 26, LNR_EVENT_COUNT, 0, 26, &err), -ENOENT);
	assert_non_null(strstr(err.msg, "454"));
	assert_int_equal(parse_header(f, 26, UINT16_MAX, 0, 26, NULL), -ENOENT);
	/* A bad length is worse than an unknown number: the next record cannot be found. */
	assert_int_equal(parse_header(f, 27, UINT16_MAX, 0, 26, NULL), -EBADMSG);
	/* Lengths alone reach beyond the record. */
	assert_int_equal(parse_header(f, 26, 0, 1, 26, NULL), -EBADMSG);
	assert_int_equal(parse_header(f, 27, 0, 1, 27, NULL), -EBADMSG);
	assert_int_equal(parse_header(f, 28, 0, 1, 28, NULL), 0);
	assert_int_equal(parse_header(f, 29, LNR_EV_ASYNCEVENT_E, 1, 29, NULL), -EBADMSG);
	assert_int_equal(parse_header(f, 30, LNR_EV_ASYNCEVENT_E, 1, 30, NULL), 0);
	assert_int_equal(parse_header(f, 90, 0, 32, 90, NULL), 0);
	assert_int_equal(parse_header(f, 92, 0, 33, 92, &err), -EBADMSG);
	assert_non_null(strstr(err.msg, "33"));
	assert_int_equal(parse_header(f, 92, 0, UINT32_MAX, 92, NULL), -EBADMSG);
	/* 26 + 2 * n wraps at 32 bits. */
	assert_int_equal(parse_header(f, 92, 0, 0x7fffffff, 92, NULL), -EBADMSG);
	assert_int_equal(parse_exact(&f->ev, f->buf, 0, NULL), -EBADMSG);
}

static void test_unaligned_record(void **state)
{
	struct fixture *f = *state;
	uint32_t lens[LNR_PARAMS_MAX];
	size_t len = build_random(f, LNR_EV_SYSCALL_OPENAT_2_X, 7, lens);

	for (unsigned shift = 1; shift < 8; shift++) {
		memmove(f->buf + shift, f->buf + shift - 1, len);
		assert_int_equal(lnr_event_parse(&f->ev, f->buf + shift, len, 0, NULL), 0);
		check_values(f, 7, lens);
	}
}

static void test_integers(void **state)
{
	struct fixture *f = *state;
	struct lnr_record_builder b;
	uint64_t u;
	int64_t s;

	lnr_record_begin(&b, f->buf, sizeof(f->buf), LNR_EV_GENERIC_X, 1, 2, 6);
	lnr_record_u8(&b, 0x80);
	lnr_record_u16(&b, 0x8001);
	lnr_record_u32(&b, 0x80000002);
	lnr_record_u64(&b, 0x8000000000000003);
	lnr_record_bytes(&b, "abc", 3);
	lnr_record_empty(&b);
	assert_int_equal(parse_exact(&f->ev, f->buf, lnr_record_end(&b), NULL), 0);
	assert_int_equal(lnr_event_parse(&f->ev, f->buf, sizeof(f->buf), 0, NULL), 0);
	assert_true(lnr_param_u64(&f->ev, 0, &u) && u == 0x80);
	assert_true(lnr_param_u64(&f->ev, 1, &u) && u == 0x8001);
	assert_true(lnr_param_u64(&f->ev, 2, &u) && u == 0x80000002);
	assert_true(lnr_param_u64(&f->ev, 3, &u) && u == 0x8000000000000003);
	assert_true(lnr_param_s64(&f->ev, 0, &s) && s == -128);
	assert_true(lnr_param_s64(&f->ev, 1, &s) && s == -32767);
	assert_true(lnr_param_s64(&f->ev, 2, &s) && s == -2147483646);
	assert_true(lnr_param_s64(&f->ev, 3, &s) && s == INT64_MIN + 3);
	assert_int_equal(lnr_param_s64_or(&f->ev, 0, 5), -128);
	for (unsigned i = 4; i < 8; i++) {
		assert_false(lnr_param_u64(&f->ev, i, &u));
		assert_false(lnr_param_s64(&f->ev, i, &s));
	}
	assert_false(lnr_param_present(&f->ev, UINT32_MAX));
	assert_int_equal(lnr_param_u64_or(&f->ev, UINT32_MAX, 9), 9);
}

static void test_text(void **state)
{
	struct fixture *f = *state;
	struct lnr_record_builder b;
	struct lnr_str s;

	lnr_record_begin(&b, f->buf, sizeof(f->buf), LNR_EV_SYSCALL_OPEN_X, 1, 2, 5);
	lnr_record_str(&b, "/etc/passwd");
	lnr_record_str(&b, "");
	lnr_record_str(&b, NULL);
	lnr_record_bytes(&b, "cut", 3);
	lnr_record_bytes(&b, "a\0b", 4);
	assert_int_equal(lnr_event_parse(&f->ev, f->buf, lnr_record_end(&b), 0, NULL), 0);
	s = lnr_param_str(&f->ev, 0);
	assert_str(s, "/etc/passwd");
	assert_int_equal(lnr_param_bytes(&f->ev, 0).len, 12);
	/* The empty text is there, the absent one is not. */
	s = lnr_param_str(&f->ev, 1);
	assert_non_null(s.ptr);
	assert_int_equal(s.len, 0);
	s = lnr_param_str(&f->ev, 2);
	assert_null(s.ptr);
	assert_str(lnr_param_str(&f->ev, 3), "cut");
	assert_str(lnr_param_str(&f->ev, 4), "a");
	assert_int_equal(lnr_param_bytes(&f->ev, 4).len, 4);
	assert_null(lnr_param_str(&f->ev, 5).ptr);
}

/* One parameter with these bytes. */
static void put_bytes(struct fixture *f, const void *ptr, size_t len)
{
	struct lnr_record_builder b;

	lnr_record_begin(&b, f->buf, sizeof(f->buf), LNR_EV_SOCKET_BIND_X, 1, 2, 1);
	lnr_record_bytes(&b, ptr, len);
	assert_int_equal(lnr_event_parse(&f->ev, f->buf, lnr_record_end(&b), 0, NULL), 0);
}

static void test_socket_addresses(void **state)
{
	static const uint8_t v4[] = {LNR_AF_INET, 10, 0, 0, 1, 0x90, 0x1f};
	uint8_t v6[19] = {LNR_AF_INET6, 0x20, 0x01, 0x0d, 0xb8}, unix_addr[32] = "?/run/x.sock";
	struct fixture *f = *state;
	struct lnr_sockaddr sa;

	v6[16] = 7;
	v6[17] = 0xbb;
	v6[18] = 0x01;
	unix_addr[0] = LNR_AF_UNIX;
	put_bytes(f, v4, sizeof(v4));
	assert_true(lnr_param_sockaddr(&f->ev, 0, &sa));
	assert_int_equal(sa.family, LNR_AF_INET);
	assert_int_equal(sa.ip.family, LNR_AF_INET);
	assert_memory_equal(sa.ip.addr, v4 + 1, 4);
	assert_int_equal(sa.port, 8080);
	assert_null(sa.path.ptr);
	put_bytes(f, v6, sizeof(v6));
	assert_true(lnr_param_sockaddr(&f->ev, 0, &sa));
	assert_int_equal(sa.family, LNR_AF_INET6);
	assert_memory_equal(sa.ip.addr, v6 + 1, 16);
	assert_int_equal(sa.port, 443);
	put_bytes(f, unix_addr, 13);
	assert_true(lnr_param_sockaddr(&f->ev, 0, &sa));
	assert_int_equal(sa.family, LNR_AF_UNIX);
	assert_int_equal(sa.ip.family, 0);
	assert_str(sa.path, "/run/x.sock");
	/* An unnamed socket, and a family of which only the number is known. */
	put_bytes(f, unix_addr, 1);
	assert_true(lnr_param_sockaddr(&f->ev, 0, &sa));
	assert_int_equal(sa.path.len, 0);
	put_bytes(f, "\x10", 1);
	assert_true(lnr_param_sockaddr(&f->ev, 0, &sa));
	assert_int_equal(sa.family, LNR_AF_NETLINK);
	assert_int_equal(sa.ip.family, 0);
	for (size_t len = 0; len < sizeof(v4); len++) {
		put_bytes(f, v4, len);
		assert_false(lnr_param_sockaddr(&f->ev, 0, &sa));
		assert_int_equal(sa.family, 0);
	}
	for (size_t len = 0; len < sizeof(v6); len++) {
		put_bytes(f, v6, len);
		assert_false(lnr_param_sockaddr(&f->ev, 0, &sa));
	}
	assert_false(lnr_param_sockaddr(&f->ev, 1, &sa));
}

static void test_socket_tuples(void **state)
{
	static const uint8_t v4[13] = {
		LNR_AF_INET, 127, 0, 0, 1, 0x39, 0x30, 93, 184, 216, 34, 0x50, 0};
	uint8_t v6[37] = {LNR_AF_INET6, [16] = 1, [17] = 2, [18] = 0, [34] = 9, [35] = 1, [36] = 1};
	uint8_t un[24] = {LNR_AF_UNIX, 1, 0, 0, 0, 0, 0, 0, 0x80, 2, [17] = '/', 'd', 'e', 'v', 0};
	struct fixture *f = *state;
	struct lnr_tuple t;

	put_bytes(f, v4, sizeof(v4));
	assert_true(lnr_param_tuple(&f->ev, 0, &t));
	assert_int_equal(t.family, LNR_AF_INET);
	assert_memory_equal(t.sip.addr, v4 + 1, 4);
	assert_memory_equal(t.dip.addr, v4 + 7, 4);
	assert_int_equal(t.sip.family, LNR_AF_INET);
	assert_int_equal(t.dip.family, LNR_AF_INET);
	assert_int_equal(t.sport, 12345);
	assert_int_equal(t.dport, 80);
	assert_null(t.path.ptr);
	put_bytes(f, v6, sizeof(v6));
	assert_true(lnr_param_tuple(&f->ev, 0, &t));
	assert_int_equal(t.sip.addr[15], 1);
	assert_int_equal(t.sport, 2);
	assert_int_equal(t.dip.addr[15], 9);
	assert_int_equal(t.dport, 257);
	put_bytes(f, un, sizeof(un));
	assert_true(lnr_param_tuple(&f->ev, 0, &t));
	assert_int_equal(t.family, LNR_AF_UNIX);
	assert_int_equal(t.source, 0x8000000000000001);
	assert_int_equal(t.dest, 2);
	assert_str(t.path, "/dev");
	put_bytes(f, un, 17);
	assert_true(lnr_param_tuple(&f->ev, 0, &t));
	assert_int_equal(t.path.len, 0);
	put_bytes(f, "\x10", 1);
	assert_true(lnr_param_tuple(&f->ev, 0, &t));
	assert_int_equal(t.family, LNR_AF_NETLINK);
	for (size_t len = 0; len < 37; len++) {
		put_bytes(f, v6, len);
		assert_false(lnr_param_tuple(&f->ev, 0, &t));
		assert_int_equal(t.family, 0);
		put_bytes(f, v4, len < 13 ? len : 12);
		assert_false(lnr_param_tuple(&f->ev, 0, &t));
		put_bytes(f, un, len < 17 ? len : 16);
		assert_false(lnr_param_tuple(&f->ev, 0, &t));
	}
}

static void test_builder_refuses(void **state)
{
	struct fixture *f = *state;
	struct lnr_record_builder b;

	/* Parameters missing, one too many, a value that no 16-bit length can say. */
	lnr_record_begin(&b, f->buf, sizeof(f->buf), LNR_EV_SYSCALL_CLOSE_X, 1, 2, 2);
	lnr_record_u64(&b, 1);
	assert_int_equal(lnr_record_end(&b), 0);
	lnr_record_u64(&b, 1);
	assert_int_equal(lnr_record_end(&b), 26 + 4 + 16);
	lnr_record_u64(&b, 1);
	assert_int_equal(lnr_record_end(&b), 0);
	lnr_record_begin(&b, f->buf, sizeof(f->buf), LNR_EV_SYSCALL_CLOSE_X, 1, 2, 1);
	lnr_record_bytes(&b, f->values, 65536);
	assert_true(b.failed);
	/* Once failed it stays failed. */
	lnr_record_u8(&b, 1);
	assert_int_equal(lnr_record_end(&b), 0);
	lnr_record_begin(&b, f->buf, sizeof(f->buf), LNR_EV_SYSCALL_CLOSE_X, 1, 2, 1);
	lnr_record_bytes(&b, f->values, 65535);
	assert_int_equal(lnr_record_end(&b), 26 + 2 + 65535);
	lnr_record_begin(&b, f->buf, sizeof(f->buf), LNR_EV_CONTAINER_JSON_2_E, 1, 2, 1);
	lnr_record_bytes(&b, f->values, 65536);
	assert_int_equal(lnr_record_end(&b), 26 + 4 + 65536);
	lnr_record_begin(&b, f->buf, sizeof(f->buf), UINT16_MAX + 1, 1, 2, 0);
	assert_int_equal(lnr_record_end(&b), 0);
	lnr_record_begin(&b, f->buf, sizeof(f->buf), 0, 1, 2, UINT32_MAX);
	assert_int_equal(lnr_record_end(&b), 0);

	/* Every size of buffer: whole or nothing, never beyond. */
	for (size_t cap = 0; cap < 60; cap++) {
		uint8_t *exact = malloc(cap ? cap : 1);

		assert_non_null(exact);
		lnr_record_begin(&b, exact, cap, LNR_EV_SYSCALL_CLOSE_X, 1, 2, 3);
		lnr_record_u64(&b, 1);
		lnr_record_u32(&b, 1);
		lnr_record_u16(&b, 1);
		assert_int_equal(lnr_record_end(&b), cap < 26 + 6 + 14 ? 0 : 26 + 6 + 14);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip_of_every_event),
		cmocka_unit_test(test_truncated_records),
		cmocka_unit_test(test_corrupt_lengths),
		cmocka_unit_test(test_hostile_headers),
		cmocka_unit_test(test_unaligned_record),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_socket_addresses),
		cmocka_unit_test(test_socket_tuples),
		cmocka_unit_test(test_builder_refuses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
