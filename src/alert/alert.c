/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include "alert/alert_priv.h"
#include "base/clock.h"
#include "base/err.h"

/* Fields of one output: the format's, extra ones, and the time. Bounded by the rule's text. */
#define PENDING_INLINE 64

struct collector {
	struct lnr_alert_pending inline_[PENDING_INLINE], *v;
	size_t n, cap;
	struct lnr_buf *work;
	struct lnr_field_ctx *ctx;
};

static int collect_begin(struct collector *c, struct lnr_str key)
{
	if (c->n == c->cap) {
		size_t cap = c->cap * 2;
		struct lnr_alert_pending *v = malloc(cap * sizeof(*v));
		if (!v)
			return -ENOMEM;
		memcpy(v, c->v, c->n * sizeof(*v));
		if (c->v != c->inline_)
			free(c->v);
		c->v = v;
		c->cap = cap;
	}
	/* A key said again replaces what it said before (extra fields over the output's). */
	for (size_t i = 0; i < c->n; i++) {
		if (lnr_str_eq(c->v[i].key, key)) {
			c->v[i] = c->v[--c->n];
			break;
		}
	}
	c->v[c->n++] = (struct lnr_alert_pending){key, c->work->len, 0};
	return 0;
}

static void collect_end(struct collector *c)
{
	struct lnr_alert_pending *p = &c->v[c->n - 1];
	p->len = c->work->len - p->at;
}

static int collect_expr(struct collector *c, struct lnr_str key, const struct lnr_expr *e)
{
	int r = collect_begin(c, key);
	if (r)
		return r;
	struct lnr_json j;
	lnr_json_init(&j, c->work);
	struct lnr_val v;
	bool field = e->kind == LNR_EXPR_FIELD;
	bool there = field ? lnr_field_get_output(c->ctx, &e->field, &v)
			   : lnr_expr_eval(e, c->ctx, &v);
	if (!there)
		lnr_json_null(&j);
	else
		lnr_val_json(&j, c->ctx, field ? &e->field : NULL, &v,
			field ? e->field.def->fmt : LNR_PF_NA);
	collect_end(c);
	return 0;
}

static int collect_time(struct collector *c, bool iso8601)
{
	int r = collect_begin(c, iso8601 ? LNR_STR("evt.time.iso8601") : LNR_STR("evt.time"));
	if (r)
		return r;
	lnr_buf_u64(c->work, c->ctx->ev->ts);
	collect_end(c);
	return 0;
}

/* Everything output_fields shows, in the order in which later ones replace earlier ones. */
static int collect(struct collector *c, const struct lnr_rule *rule, bool iso8601)
{
	const struct lnr_expr *e;
	int r = 0;
	for (size_t i = 0; !r && (e = lnr_format_field(rule->output, i)); i++)
		r = collect_expr(c, e->text, e);
	if (!r)
		r = collect_time(c, iso8601);
	for (uint32_t i = 0; !r && i < rule->n_extra; i++) {
		const struct lnr_extra_field *x = &rule->extra[i];
		if (x->raw) {
			r = collect_expr(c, x->key, x->raw);
			continue;
		}
		r = collect_begin(c, x->key);
		if (r)
			break;
		struct lnr_buf text;
		lnr_buf_init(&text, 0);
		lnr_format_text(x->format, c->ctx, &text);
		lnr_buf_chr(c->work, '"');
		lnr_json_escape(c->work, lnr_buf_view(&text));
		lnr_buf_chr(c->work, '"');
		if (text.failed)
			r = -ENOMEM;
		lnr_buf_done(&text);
		collect_end(c);
	}
	return r;
}

static int by_key(const void *a, const void *b)
{
	const struct lnr_alert_pending *x = a, *y = b;
	return lnr_str_cmp(x->key, y->key);
}

void lnr_alert_ids_init(struct lnr_alert_ids *ids)
{
	ids->seq = 0;
	/* Early in boot the pool may be empty; the time alone still makes ids ascend. */
	if (getrandom(&ids->node, sizeof(ids->node), GRND_NONBLOCK) != (ssize_t)sizeof(ids->node))
		ids->node = (uint64_t)time(NULL) * UINT64_C(0x9e3779b97f4a7c15);
}

void lnr_alert_id_text(uint64_t high, uint64_t low, char out[LNR_ALERT_ID_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned at = 0;
	for (unsigned i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[at++] = '-';
		out[at++] = digits[(i < 16 ? high >> (60 - 4 * i) : low >> (124 - 4 * i)) & 15];
	}
	out[at] = 0;
}

/*
 * UUID version 7 (RFC 9562 5.7): 48 bits of milliseconds, a counter of 32 bits over rand_a and the
 * beginning of rand_b (6.2, method 1), 42 bits of the node. Text order is time order.
 */
void lnr_alert_id_next(struct lnr_alert_ids *ids, uint64_t ts_ns, char out[LNR_ALERT_ID_SIZE])
{
	uint64_t ms = ts_ns / LNR_NS_PER_MS, seq = ids->seq++;
	uint64_t high = ms << 16 | UINT64_C(7) << 12 | seq >> 20;
	uint64_t low = UINT64_C(2) << 62 | (seq & 0xfffff) << 42 |
		       (ids->node & ((UINT64_C(1) << 42) - 1));
	lnr_alert_id_text(high, low, out);
}

/* Copy into the alert's own memory, NUL-terminated. */
static struct lnr_str put(char **at, struct lnr_str s)
{
	struct lnr_str r = {*at, s.len};
	if (s.len)
		memcpy(*at, s.ptr, s.len);
	(*at)[s.len] = 0;
	*at += s.len + 1;
	return r;
}

/* One block: struct, tag views, value views, text. */
struct lnr_alert *lnr_alert_assemble(const struct lnr_alert_parts *p)
{
	size_t size = sizeof(struct lnr_alert) + p->n_tags * sizeof(struct lnr_str) +
		      p->n_values * sizeof(struct lnr_alert_value);
	size += p->rule.len + p->source.len + p->message.len + p->hostname.len + 4;
	for (uint32_t i = 0; i < p->n_tags; i++)
		size += p->tags[i].len + 1;
	for (size_t i = 0; i < p->n_values; i++)
		size += p->values[i].key.len + p->values[i].len + 2;
	struct lnr_alert *a = malloc(size);
	if (!a)
		return NULL;
	memset(a, 0, sizeof(*a));
	a->bytes = (uint32_t)size; /* buffers are far smaller than 4 GiB */
	atomic_init(&a->refs, 1);
	struct lnr_str *tags = (struct lnr_str *)a->data;
	struct lnr_alert_value *values = (struct lnr_alert_value *)(tags + p->n_tags);
	char *at = (char *)(values + p->n_values);
	a->rule = put(&at, p->rule);
	a->source = put(&at, p->source);
	a->message = put(&at, p->message);
	a->hostname = put(&at, p->hostname);
	for (uint32_t i = 0; i < p->n_tags; i++)
		tags[i] = put(&at, p->tags[i]);
	for (size_t i = 0; i < p->n_values; i++) {
		values[i].key = put(&at, p->values[i].key);
		values[i].json = put(
			&at, (struct lnr_str){p->json + p->values[i].at, p->values[i].len});
	}
	a->tags = tags;
	a->n_tags = p->n_tags;
	a->values = values;
	a->n_values = (uint32_t)p->n_values;
	return a;
}

int lnr_alert_new(const struct lnr_rule *rule, struct lnr_field_ctx *ctx, struct lnr_str hostname,
	bool iso8601, struct lnr_alert_ids *ids, struct lnr_buf *work, struct lnr_alert **ret)
{
	struct collector c = {.cap = PENDING_INLINE, .work = work, .ctx = ctx};
	c.v = c.inline_;
	lnr_buf_clear(work);
	lnr_format_text(rule->output, ctx, work);
	size_t message_len = work->len;
	int r = collect(&c, rule, iso8601);
	if (!r && work->failed)
		r = -ENOMEM;
	if (!r) {
		qsort(c.v, c.n, sizeof(*c.v), by_key);
		struct lnr_alert_parts p = {.rule = rule->name,
			.source = rule->source,
			.message = {work->ptr, message_len},
			.hostname = hostname,
			.tags = rule->tags,
			.n_tags = rule->n_tags,
			.values = c.v,
			.n_values = c.n,
			.json = work->ptr};
		struct lnr_alert *a = lnr_alert_assemble(&p);
		if (a) {
			a->priority = (uint8_t)rule->priority;
			a->time_ns = ctx->ev->ts;
			a->event_num = ctx->ev->num;
			lnr_alert_id_next(ids, ctx->ev->ts, a->id);
			*ret = a;
		} else {
			r = -ENOMEM;
		}
	}
	if (c.v != c.inline_)
		free(c.v);
	return r;
}

int lnr_alert_internal(const char *rule, int priority, uint64_t time_ns, const char *message,
	const char *const *fields, const char *hostname, struct lnr_alert **ret)
{
	size_t n = 0;
	while (fields && fields[2 * n])
		n++;
	struct lnr_alert_pending *v = calloc(n + 1, sizeof(*v));
	struct lnr_buf json;
	if (!v)
		return -ENOMEM;
	lnr_buf_init(&json, 0);
	for (size_t i = 0; i < n; i++) {
		v[i] = (struct lnr_alert_pending){
			lnr_str_c(fields[2 * i]), json.len, strlen(fields[2 * i + 1])};
		lnr_buf_cstr(&json, fields[2 * i + 1]);
	}
	struct lnr_alert_parts p = {.rule = lnr_str_c(rule),
		.source = LNR_STR("internal"),
		.message = lnr_str_c(message),
		.hostname = lnr_str_c(hostname),
		.values = v,
		.n_values = n,
		.json = json.ptr ? json.ptr : ""};
	struct lnr_alert *a = json.failed ? NULL : lnr_alert_assemble(&p);
	lnr_buf_done(&json);
	free(v);
	if (!a)
		return -ENOMEM;
	struct lnr_alert_ids ids;
	lnr_alert_ids_init(&ids);
	lnr_alert_id_next(&ids, time_ns, a->id);
	a->internal = true;
	a->priority = (uint8_t)priority;
	a->time_ns = time_ns;
	*ret = a;
	return 0;
}

struct lnr_alert *lnr_alert_ref(struct lnr_alert *a)
{
	atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
	return a;
}

struct lnr_alert *lnr_alert_unref(struct lnr_alert *a)
{
	if (a && atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) == 1)
		free(a);
	return NULL;
}

const char *lnr_alert_rule(const struct lnr_alert *a)
{
	return a->rule.ptr;
}

const char *lnr_alert_source(const struct lnr_alert *a)
{
	return a->source.ptr;
}

const char *lnr_alert_message(const struct lnr_alert *a)
{
	return a->message.ptr;
}

int lnr_alert_priority(const struct lnr_alert *a)
{
	return a->priority;
}

uint64_t lnr_alert_time_ns(const struct lnr_alert *a)
{
	return a->time_ns;
}

uint64_t lnr_alert_event_num(const struct lnr_alert *a)
{
	return a->event_num;
}

const char *lnr_alert_id(const struct lnr_alert *a)
{
	return a->id;
}
