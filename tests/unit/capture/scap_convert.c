/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversion table against the reference facts (spec events.json, "conversions"), and the
 * converter against a plain evaluation of those facts.
 */
#include "capture/scap_convert.h"

#include <jansson.h>
#include "decode/event.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"
#include "unit/capture/reference.h"

struct facts {
	json_t *root, *rows; /* rows: borrowed */
};

static int setup(void **state)
{
	static struct facts f;

	f.root = reference_json("spec/events.json");
	f.rows = json_object_get(f.root, "conversions");
	*state = &f;
	return f.rows ? 0 : -1;
}

static int teardown(void **state)
{
	json_decref(((struct facts *)*state)->root);
	return 0;
}

static const char *text(json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
}

/* Event number of "PPME_X". */
static unsigned event_of(const char *name)
{
	int type;

	assert_memory_equal(name, "PPME_", 5);
	type = lnr_event_by_enum(lnr_str_c(name + 5));
	assert_true(type >= 0);
	return (unsigned)type;
}

static json_t *find_fact(const struct facts *f, unsigned type, unsigned nparams)
{
	size_t i;
	json_t *row;

	json_array_foreach(
		f->rows, i, row) if (event_of(text(row, "event")) == type &&
				     json_integer_value(json_object_get(row, "nparams")) ==
					     (json_int_t)nparams) return row;
	return NULL;
}

static const struct lnr_conversion *find_row(unsigned type, unsigned nparams)
{
	size_t n;
	const struct lnr_conversion *rows = lnr_conversions(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].event == type && rows[i].nparams == nparams)
			return &rows[i];
	return NULL;
}

/* --- the table -------------------------------------------------------------------------------- */

static unsigned action_of(const char *name)
{
	static const struct {
		const char *name;
		unsigned action;
	} names[] = {{"PASS", LNR_CONV_PASS}, {"STORE", LNR_CONV_STORE},
		{"STORE_AND_PASS", LNR_CONV_STORE_AND_PASS}, {"ADD_PARAMS", LNR_CONV_ADD},
		{"CHANGE_TYPE", LNR_CONV_CHANGE}};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].action;
	return 0;
}

static unsigned from_of(json_t *p)
{
	const char *from = text(p, "from");
	bool opt = strcmp(text(p, "fallback"), "empty") == 0;

	if (strcmp(from, "FROM_OLD") == 0)
		return LNR_FROM_OLD;
	if (strcmp(from, "FROM_ENTER") == 0)
		return opt ? LNR_FROM_ENTER_OPT : LNR_FROM_ENTER;
	if (strcmp(from, "FROM_DEFAULT") == 0)
		return LNR_FROM_DEFAULT;
	if (strcmp(from, "FROM_EMPTY") == 0)
		return LNR_FROM_EMPTY;
	return strcmp(from, "FROM_CALLBACK") == 0 && opt ? LNR_FROM_BUILT : 0;
}

/* Parameters of a fact against the sources of a row: kind, number and the names at both ends. */
static void assert_same_sources(json_t *fact, const struct lnr_conversion *row)
{
	const struct lnr_event_info *to = lnr_event_info(row->to), *from;
	unsigned dst = row->action == LNR_CONV_ADD ? row->nparams : 0, s = 0, k = 0;
	size_t i;
	json_t *p;

	json_array_foreach(json_object_get(fact, "params"), i, p)
	{
		const struct lnr_conv_source *src;

		while (s < 4 && k == row->source[s].n) {
			s++;
			k = 0;
		}
		assert_true(s < 4);
		src = &row->source[s];
		assert_int_equal(src->from, from_of(p));
		assert_true(dst < to->nparams);
		assert_string_equal(to->params[dst].name, text(p, "dst"));
		if (json_object_get(p, "index")) {
			unsigned index = src->first + k;

			assert_int_equal(index, json_integer_value(json_object_get(p, "index")));
			from = lnr_event_info(
				src->from == LNR_FROM_OLD ? row->event : row->event - 1u);
			assert_true(index < from->nparams);
			assert_string_equal(from->params[index].name, text(p, "src"));
		}
		dst++;
		k++;
	}
	/* Nothing more in the row than in the fact. */
	for (; s < 4; s++, k = 0)
		assert_int_equal(k, row->source[s].n);
}

static void table_is_the_reference(void **state)
{
	const struct facts *f = *state;
	size_t n, i;
	const struct lnr_conversion *rows = lnr_conversions(&n);
	json_t *fact;

	assert_int_equal(n, 253);
	assert_int_equal(n, json_array_size(f->rows));
	json_array_foreach(f->rows, i, fact)
	{
		unsigned type = event_of(text(fact, "event"));
		json_int_t nparams = json_integer_value(json_object_get(fact, "nparams"));
		const struct lnr_conversion *row = find_row(type, (unsigned)nparams);

		assert_non_null(row);
		assert_int_equal(row->action, action_of(text(fact, "action")));
		assert_int_equal(row->to,
			row->action == LNR_CONV_CHANGE ? event_of(text(fact, "to")) : type);
		assert_same_sources(fact, row);
	}
	/* In order and without repetition, so the other direction holds too. */
	for (i = 1; i < n; i++)
		assert_true(rows[i - 1].event < rows[i].event ||
			    (rows[i - 1].event == rows[i].event &&
				    rows[i - 1].nparams < rows[i].nparams));
}

static void hidden_enter_events(void **state)
{
	/* Spec scap-format 7.3: delivered after conversion, but kept for their arguments. */
	static const unsigned want[] = {LNR_EV_SYSCALL_OPEN_E, LNR_EV_SYSCALL_CREAT_E,
		LNR_EV_SYSCALL_OPENAT_2_E, LNR_EV_SYSCALL_OPENAT2_E, LNR_EV_SOCKET_CONNECT_E,
		LNR_EV_SYSCALL_EXECVE_19_E, LNR_EV_SYSCALL_EXECVEAT_E};
	struct lnr_scap_converter c;
	unsigned found = 0;
	size_t n;
	const struct lnr_conversion *rows = lnr_conversions(&n);

	(void)state;
	lnr_scap_converter_init(&c);
	for (size_t i = 0; i < n; i++)
		if (rows[i].action == LNR_CONV_PASS || rows[i].action == LNR_CONV_STORE_AND_PASS) {
			assert_true(c.event[rows[i].event].hidden);
			found++;
		}
	assert_int_equal(found, LNR_ARRAY_SIZE(want));
	for (size_t i = 0; i < LNR_ARRAY_SIZE(want); i++)
		assert_true(c.event[want[i]].hidden);
	assert_false(c.event[LNR_EV_PROCEXIT_1_E].hidden);
	assert_false(c.event[LNR_EV_SCHEDSWITCH_6_E].hidden);
	assert_false(c.event[LNR_EV_CONTAINER_JSON_2_E].hidden);
	lnr_scap_converter_done(&c);
}

/* --- the converter ---------------------------------------------------------------------------- */

/* A record with parameters that tell event, number and position apart. */
struct model {
	unsigned type, n;
	struct lnr_str param[LNR_PARAMS_MAX];
	char bytes[LNR_PARAMS_MAX][24];
};

static void model_fill(struct model *m, unsigned type, unsigned n, unsigned salt)
{
	const struct lnr_event_info *info = lnr_event_info(type);

	m->type = type;
	m->n = n;
	for (unsigned i = 0; i < n; i++) {
		unsigned size = lnr_pt_size(info->params[i].type);

		size = size ? size : 1 + (i * 7 + salt) % 20;
		for (unsigned k = 0; k < size; k++)
			m->bytes[i][k] = (char)(type * 31 + i * 5 + k + salt);
		m->param[i] = (struct lnr_str){m->bytes[i], size};
	}
}

static const struct lnr_record *model_record(const struct model *m, int64_t tid, uint8_t buf[4096])
{
	struct lnr_record_builder b;

	lnr_record_begin(&b, buf, 4096, m->type, 12345, tid, m->n);
	for (unsigned i = 0; i < m->n; i++)
		lnr_record_bytes(&b, m->param[i].ptr, m->param[i].len);
	assert_true(lnr_record_end(&b) > 0);
	return (const struct lnr_record *)buf;
}

static struct lnr_str default_of(const struct lnr_param_info *p)
{
	static const char zero[16], ones[4] = {-1, -1, -1, -1};
	bool id = p->type == LNR_PT_UID || p->type == LNR_PT_GID;

	return (struct lnr_str){id ? ones : zero, lnr_pt_size(p->type)};
}

static bool managed(const struct lnr_event_info *info, unsigned nparams)
{
	return info->flags & LNR_EF_CONVERTER_MANAGED &&
	       (!(info->type & 1) || info->flags & LNR_EF_OLD_VERSION || nparams != info->nparams);
}

/*
 * What becomes of `m` by the facts. True: delivered, `m` is the result. *enter is the pending enter
 * event, set to n = 0 and type 0 when used up.
 */
static bool evaluate(const struct facts *f, struct model *m, struct model *enter, bool *ret_built)
{
	for (;;) {
		const struct lnr_event_info *info = lnr_event_info(m->type), *to;
		json_t *fact, *p;
		unsigned action, dst;
		size_t i;
		struct model next;
		bool used = false;

		if (info->flags & LNR_EF_UNUSED)
			return false;
		if (!managed(info, m->n))
			return !(info->flags & LNR_EF_OLD_VERSION);
		fact = find_fact(f, m->type, m->n);
		assert_non_null(fact);
		action = action_of(text(fact, "action"));
		if (action <= LNR_CONV_STORE_AND_PASS)
			return action != LNR_CONV_STORE;
		next = *m;
		next.type = action == LNR_CONV_CHANGE ? event_of(text(fact, "to")) : m->type;
		to = lnr_event_info(next.type);
		dst = action == LNR_CONV_CHANGE ? 0 : m->n;
		json_array_foreach(json_object_get(fact, "params"), i, p)
		{
			unsigned from = from_of(p);
			size_t k = (size_t)json_integer_value(json_object_get(p, "index"));
			unsigned max = lnr_pt_size(to->params[dst].type);
			struct lnr_str v = {NULL, 0};

			if (from == LNR_FROM_OLD)
				v = m->param[k];
			else if (from == LNR_FROM_DEFAULT)
				v = default_of(&to->params[dst]);
			else if (from == LNR_FROM_BUILT)
				*ret_built = true;
			else if (from != LNR_FROM_EMPTY) {
				if (enter->type == m->type - 1 && enter->n > k) {
					v = enter->param[k];
					used = true;
				} else if (from == LNR_FROM_ENTER) {
					v = default_of(&to->params[dst]);
				}
			}
			if (max && v.len > max)
				v.len = max;
			next.param[dst++] = v;
		}
		next.n = dst;
		if (used)
			*enter = (struct model){.n = 0};
		/* Values are borrowed from the first model and from `enter`: only views change. */
		m->type = next.type;
		m->n = next.n;
		memcpy(m->param, next.param, sizeof(m->param));
	}
}

static void assert_same_record(const struct lnr_record *got, const struct model *want)
{
	struct lnr_event ev;
	struct lnr_err err = {0};

	assert_int_equal(got->type, want->type);
	assert_int_equal(got->ts, 12345);
	assert_ok(lnr_event_parse(&ev, got, got->len, 0, &err), &err);
	assert_int_equal(ev.nparams, want->n);
	for (unsigned i = 0; i < want->n; i++)
		assert_bytes(((struct lnr_str){(const char *)ev.param[i].ptr, ev.param[i].len}),
			want->param[i]);
}

/* One row with or without its enter event before it. */
static void run_row(const struct facts *f, const struct lnr_conversion *row, bool with_enter)
{
	static uint8_t buf[4096], enter_buf[4096];
	struct model m, enter = {.n = 0}, enter_bytes;
	struct lnr_scap_converter c;
	const struct lnr_record *rec, *out = NULL;
	struct lnr_err err = {0};
	bool want, built = false;
	int got;

	lnr_scap_converter_init(&c);
	if (with_enter && row->event & 1) {
		const struct lnr_event_info *info = lnr_event_info(row->event - 1u);

		/* Only what the table stores can be pending. */
		const struct lnr_conversion *e = find_row(row->event - 1u, info->nparams);

		if (e && (e->action == LNR_CONV_STORE || e->action == LNR_CONV_STORE_AND_PASS)) {
			model_fill(&enter, row->event - 1u, info->nparams, 3);
			rec = model_record(&enter, 77, enter_buf);
			assert_true(lnr_scap_convertible(&c, rec));
			got = lnr_scap_convert(&c, rec, &out, &err);
			assert_int_equal(got, e->action == LNR_CONV_STORE_AND_PASS);
			assert_int_equal(c.n_stored, 1);
		}
	}
	enter_bytes = enter;
	for (unsigned i = 0; i < enter.n; i++)
		enter.param[i].ptr = enter_bytes.bytes[i];
	model_fill(&m, row->event, row->nparams, 0);
	rec = model_record(&m, 77, buf);
	want = evaluate(f, &m, &enter, &built);
	assert_true(lnr_scap_convertible(&c, rec));
	got = lnr_scap_convert(&c, rec, &out, &err);
	if (got < 0)
		print_error("%s\n", err.msg);
	assert_int_equal(got, want);
	if (want && !built)
		assert_same_record(out, &m);
	lnr_scap_converter_done(&c);
}

static void every_row_does_what_it_says(void **state)
{
	size_t n;
	const struct lnr_conversion *rows = lnr_conversions(&n);

	for (size_t i = 0; i < n; i++) {
		run_row(*state, &rows[i], false);
		run_row(*state, &rows[i], true);
	}
}

/* Feed one record; returns what the converter says. */
static int feed(struct lnr_scap_converter *c, unsigned type, int64_t tid, unsigned nparams,
	const struct lnr_record **ret)
{
	static uint8_t buf[4096];
	struct lnr_err err = {0};
	struct model m;
	const struct lnr_record *rec;

	model_fill(&m, type, nparams, (unsigned)tid);
	rec = model_record(&m, tid, buf);
	if (!lnr_scap_convertible(c, rec)) {
		*ret = rec;
		return 1;
	}
	return lnr_scap_convert(c, rec, ret, &err);
}

static void longest_chain(void **state)
{
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	struct lnr_event ev;

	(void)state;
	lnr_scap_converter_init(&c);
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_EXECVE_8_X, 5, 8, &out), 1);
	assert_int_equal(out->type, LNR_EV_SYSCALL_EXECVE_19_X);
	assert_int_equal(out->nparams, lnr_event_info(LNR_EV_SYSCALL_EXECVE_19_X)->nparams);
	assert_ok(lnr_event_parse(&ev, out, out->len, 0, NULL), NULL);
	assert_int_equal(c.n_converted, 1);
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLONE_11_X, 5, 11, &out), 1);
	assert_int_equal(out->type, LNR_EV_SYSCALL_CLONE_20_X);
	/* The enter side of the same chain ends as an event that rules do not see. */
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_EXECVE_8_E, 5, 0, &out), 1);
	assert_int_equal(out->type, LNR_EV_SYSCALL_EXECVE_19_E);
	assert_true(c.event[out->type].hidden);
	lnr_scap_converter_done(&c);
}

static uint64_t param_of(const struct lnr_record *rec, unsigned i, uint64_t absent)
{
	struct lnr_event ev;

	assert_ok(lnr_event_parse(&ev, rec, rec->len, 0, NULL), NULL);
	return lnr_param_u64_or(&ev, i, absent);
}

static void pending_event_is_per_thread_and_used_once(void **state)
{
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	struct model m;
	uint64_t want[3];

	(void)state;
	lnr_scap_converter_init(&c);
	for (int64_t tid = 1; tid <= 2; tid++) {
		assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_E, tid, 1, &out), 0);
		model_fill(&m, LNR_EV_SYSCALL_CLOSE_E, 1, (unsigned)tid);
		memcpy(&want[tid], m.bytes[0], 8);
	}
	for (int64_t tid = 2; tid; tid--) {
		assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_X, tid, 1, &out), 1);
		assert_int_equal(param_of(out, 1, 0), want[tid]);
	}
	/* Used up: the second exit has the type's zero. */
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_X, 1, 1, &out), 1);
	assert_int_equal(param_of(out, 1, 99), 0);
	assert_int_equal(c.pending.len, 0);

	/* The enter event of another call counts as missing and is left alone. */
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_READ_E, 1, 2, &out), 0);
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_X, 1, 1, &out), 1);
	assert_int_equal(param_of(out, 1, 99), 0);
	assert_int_equal(c.pending.len, 1);

	/* The next enter event replaces it; another section forgets it. */
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_E, 1, 1, &out), 0);
	assert_int_equal(c.pending.len, 1);
	lnr_scap_converter_clear(&c);
	assert_int_equal(c.pending.len, 0);
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_X, 1, 1, &out), 1);
	assert_int_equal(param_of(out, 1, 99), 0);
	lnr_scap_converter_done(&c);
}

static void pending_events_have_a_bound(void **state)
{
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	size_t bytes;

	(void)state;
	lnr_scap_converter_init(&c);
	c.pending_max = 100;
	for (int64_t tid = 1; tid <= 1000; tid++)
		assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_E, tid, 1, &out), 0);
	assert_int_equal(c.pending.len, 100);
	assert_int_equal(c.n_evicted, 900);
	/* The youngest are there, the oldest are not. */
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_X, 1000, 1, &out), 1);
	assert_int_not_equal(param_of(out, 1, 0), 0);
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_CLOSE_X, 900, 1, &out), 1);
	assert_int_equal(param_of(out, 1, 99), 0);
	lnr_scap_converter_clear(&c);

	/* Bytes: entries of one size make room for those of another. */
	bytes = c.pending_bytes;
	c.pending_max_bytes = bytes;
	assert_true(bytes > 0);
	for (int64_t tid = 1; tid <= 1000; tid++) {
		unsigned big = tid % 2 ? LNR_EV_SYSCALL_MMAP_E : LNR_EV_SYSCALL_CLOSE_E;

		assert_int_equal(feed(&c, big, tid, lnr_event_info(big)->nparams, &out), 0);
		assert_true(c.pending_bytes <= bytes);
	}
	assert_true(c.pending.len > 0);
	lnr_scap_converter_done(&c);
}

static void nothing_known(void **state)
{
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	const struct lnr_event_info *info = lnr_event_info(LNR_EV_SYSCALL_CLOSE_X);
	static uint8_t buf[LNR_RECORD_MAX];
	struct lnr_record_builder b;
	struct lnr_err err = {0};

	(void)state;
	lnr_scap_converter_init(&c);
	/* A number of parameters that no version ever had, fewer and more. */
	assert_int_equal(feed(&c, LNR_EV_SYSCALL_OPENAT2_X, 1, 3, &out), -EBADMSG);
	lnr_record_begin(&b, buf, sizeof(buf), LNR_EV_SYSCALL_CLOSE_X, 1, 1, info->nparams + 1u);
	for (unsigned i = 0; i <= info->nparams; i++)
		lnr_record_u64(&b, i);
	assert_true(lnr_record_end(&b) > 0);
	assert_true(lnr_scap_convertible(&c, (struct lnr_record *)buf));
	assert_code(lnr_scap_convert(&c, (struct lnr_record *)buf, &out, &err), -EBADMSG);
	assert_has(err.msg, "SYSCALL_CLOSE_X");

	/* What fits before and not after is refused; what fits exactly is not. */
	for (int over = 0; over <= 1; over++) {
		struct lnr_record *rec = (struct lnr_record *)buf;
		size_t name = LNR_RECORD_MAX - sizeof(*rec) - 6 * 2 - 8 - 4 - 4;
		uint16_t lens[4] = {8, (uint16_t)(name + (size_t)over), 4, 4};

		/* OPEN_X gains dev and ino, both absent: four bytes of lengths. */
		memset(buf, 'x', sizeof(buf));
		*rec = (struct lnr_record){.type = LNR_EV_SYSCALL_OPEN_X, .nparams = 4};
		rec->len = (uint32_t)(sizeof(*rec) + 8 + 8 + lens[1] + 4 + 4);
		memcpy(buf + sizeof(*rec), lens, sizeof(lens));
		assert_true(rec->len <= LNR_RECORD_MAX);
		assert_code(lnr_scap_convert(&c, rec, &out, &err), over ? -EBADMSG : 1);
		if (!over)
			assert_true(out->len <= LNR_RECORD_MAX);
	}
	assert_has(err.msg, "does not fit");
	lnr_scap_converter_done(&c);
}

static void passes_what_is_of_today(void **state)
{
	struct lnr_scap_converter c;
	struct lnr_record rec = {.len = sizeof(rec)};

	(void)state;
	lnr_scap_converter_init(&c);
	for (unsigned i = 0; i < LNR_EVENT_COUNT; i++) {
		const struct lnr_event_info *info = lnr_event_info(i);

		rec.type = (uint16_t)i;
		rec.nparams = info->nparams;
		if (info->flags & (LNR_EF_UNUSED | LNR_EF_OLD_VERSION))
			assert_true(lnr_scap_convertible(&c, &rec));
		else if (i & 1 || !(info->flags & LNR_EF_CONVERTER_MANAGED))
			assert_false(lnr_scap_convertible(&c, &rec));
		/* Events that were never converted may have any number of parameters. */
		rec.nparams = 1000;
		if (!(info->flags &
			    (LNR_EF_UNUSED | LNR_EF_OLD_VERSION | LNR_EF_CONVERTER_MANAGED)))
			assert_false(lnr_scap_convertible(&c, &rec));
	}
	lnr_scap_converter_done(&c);
}

static void old_enter_events_vanish(void **state)
{
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	unsigned dropped = 0;

	(void)state;
	lnr_scap_converter_init(&c);
	for (unsigned i = 0; i < LNR_EVENT_COUNT; i++) {
		const struct lnr_event_info *info = lnr_event_info(i);
		bool old = info->flags & LNR_EF_OLD_VERSION;

		if (!(info->flags & LNR_EF_UNUSED) &&
			(!old || info->flags & LNR_EF_CONVERTER_MANAGED))
			continue;
		assert_int_equal(feed(&c, i, 1, info->nparams, &out), 0);
		dropped++;
		assert_int_equal(c.n_dropped, dropped);
	}
	assert_true(dropped > 50);
	lnr_scap_converter_done(&c);
}

static void container_becomes_json(void **state)
{
	static const char want[] = "{\"id\":\"0123456789ab\",\"type\":7,\"name\":\"a\\\"b\","
				   "\"image\":\"img:1\"}";
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	uint8_t buf[512];
	struct lnr_record_builder b;
	struct lnr_err err = {0};
	struct lnr_event ev;

	(void)state;
	lnr_scap_converter_init(&c);
	lnr_record_begin(&b, buf, sizeof(buf), LNR_EV_CONTAINER_E, 9, -1, 4);
	lnr_record_str(&b, "0123456789ab");
	lnr_record_u32(&b, 7);
	lnr_record_str(&b, "a\"b");
	lnr_record_str(&b, "img:1");
	assert_true(lnr_record_end(&b) > 0);
	assert_int_equal(lnr_scap_convert(&c, (struct lnr_record *)buf, &out, &err), 1);
	assert_int_equal(out->type, LNR_EV_CONTAINER_JSON_2_E);
	assert_ok(lnr_event_parse(&ev, out, out->len, 0, &err), &err);
	assert_bytes(lnr_param_bytes(&ev, 0), ((struct lnr_str){want, sizeof(want)}));

	/* Without an id there is nothing to tell. */
	lnr_record_begin(&b, buf, sizeof(buf), LNR_EV_CONTAINER_E, 9, -1, 4);
	for (int i = 0; i < 4; i++)
		lnr_record_empty(&b);
	assert_true(lnr_record_end(&b) > 0);
	assert_int_equal(lnr_scap_convert(&c, (struct lnr_record *)buf, &out, &err), 1);
	assert_ok(lnr_event_parse(&ev, out, out->len, 0, &err), &err);
	assert_false(lnr_param_present(&ev, 0));
	lnr_scap_converter_done(&c);
}

/* Bytes behind the last parameter are not parameters of the result. */
static void slack_is_not_copied(void **state)
{
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	uint8_t buf[512] = {0};
	struct lnr_record_builder b;
	struct lnr_record *rec = (struct lnr_record *)buf;

	(void)state;
	lnr_scap_converter_init(&c);
	lnr_record_begin(&b, buf, sizeof(buf), LNR_EV_SYSCALL_CLOSE_X, 9, 4, 1);
	lnr_record_u64(&b, 17);
	assert_true(lnr_record_end(&b) > 0);
	memset(buf + rec->len, 0xee, 10);
	rec->len += 10;
	assert_int_equal(lnr_scap_convert(&c, rec, &out, NULL), 1);
	assert_int_equal(param_of(out, 0, 0), 17);
	assert_int_equal(param_of(out, 1, 99), 0);
	lnr_scap_converter_done(&c);
}

static int convert_some(void *arg)
{
	struct lnr_scap_converter c;
	const struct lnr_record *out;
	int r;

	(void)arg;
	lnr_scap_converter_init(&c);
	r = feed(&c, LNR_EV_SYSCALL_CLOSE_E, 1, 1, &out);
	r = r < 0 ? r : feed(&c, LNR_EV_SYSCALL_CLOSE_X, 1, 1, &out);
	r = r < 0 ? r : feed(&c, LNR_EV_SYSCALL_EXECVE_8_X, 1, 8, &out);
	r = r < 0 ? r : feed(&c, LNR_EV_SYSCALL_OPENAT_E, 2, 4, &out);
	lnr_scap_converter_done(&c);
	return r < 0 ? r : 0;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(convert_some, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_the_reference),
		cmocka_unit_test(hidden_enter_events),
		cmocka_unit_test(every_row_does_what_it_says),
		cmocka_unit_test(longest_chain),
		cmocka_unit_test(pending_event_is_per_thread_and_used_once),
		cmocka_unit_test(pending_events_have_a_bound),
		cmocka_unit_test(nothing_known),
		cmocka_unit_test(passes_what_is_of_today),
		cmocka_unit_test(old_enter_events_vanish),
		cmocka_unit_test(container_becomes_json),
		cmocka_unit_test(slack_is_not_copied),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
