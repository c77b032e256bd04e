/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/aggregate.h"

#include <stdlib.h>
#include <time.h>
#include "alert/alert_priv.h"
#include "base/clock.h"
#include "base/hash.h"
#include "schema/limits.h"

/* One window. All have the same length, so the order of beginning is the order of ending. */
struct window {
	struct window *next;
	uint64_t end_ns;
	uint64_t count, first_ns, last_ns; /* of what was held back */
	struct lnr_alert *last;		   /* NULL = nothing was */
	struct lnr_str key;
	char text[];
};

struct lnr_aggregate {
	uint64_t window_ns;
	struct lnr_strmap windows;
	struct window *first, **tail;
	struct lnr_alert_ids ids;
	struct lnr_buf key;
	char **fields;
	size_t n_fields;
};

struct lnr_aggregate *lnr_aggregate_new(
	uint64_t window_ns, const struct lnr_str *fields, size_t n_fields)
{
	struct lnr_aggregate *g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->window_ns = window_ns;
	g->tail = &g->first;
	lnr_strmap_init(&g->windows);
	lnr_alert_ids_init(&g->ids);
	lnr_buf_init(&g->key, LNR_ALERT_BYTES);
	g->fields = calloc(n_fields + 1, sizeof(*g->fields));
	for (size_t i = 0; g->fields && i < n_fields; i++) {
		g->fields[i] = lnr_str_dup(fields[i]);
		if (!g->fields[i])
			return lnr_aggregate_free(g);
		g->n_fields++;
	}
	return g->fields ? g : lnr_aggregate_free(g);
}

static struct window *window_free(struct window *w)
{
	lnr_alert_unref(w->last);
	free(w);
	return NULL;
}

struct lnr_aggregate *lnr_aggregate_free(struct lnr_aggregate *g)
{
	if (!g)
		return NULL;
	for (struct window *w = g->first, *next; w; w = next) {
		next = w->next;
		window_free(w);
	}
	for (size_t i = 0; i < g->n_fields; i++)
		free(g->fields[i]);
	free(g->fields);
	lnr_strmap_done(&g->windows);
	lnr_buf_done(&g->key);
	free(g);
	return NULL;
}

static void push(struct lnr_aggregate *g, struct window *w)
{
	w->next = NULL;
	*g->tail = w;
	g->tail = &w->next;
}

static struct window *pop(struct lnr_aggregate *g)
{
	struct window *w = g->first;
	g->first = w->next;
	if (!g->first)
		g->tail = &g->first;
	return w;
}

/* Parts are ended by their length, so that no two lists of parts read the same. */
static void key_add(struct lnr_buf *key, struct lnr_str s)
{
	lnr_buf_str(key, s);
	lnr_buf_add(key, &s.len, sizeof(s.len));
}

static struct lnr_str make_key(struct lnr_aggregate *g, const struct lnr_alert *a)
{
	lnr_buf_clear(&g->key);
	key_add(&g->key, a->source);
	key_add(&g->key, a->rule);
	if (!g->n_fields)
		key_add(&g->key, a->message);
	for (size_t f = 0; f < g->n_fields; f++) {
		struct lnr_str value = LNR_STR("");
		for (uint32_t i = 0; i < a->n_values; i++) {
			if (lnr_str_eq(a->values[i].key, lnr_str_c(g->fields[f])))
				value = a->values[i].json;
		}
		key_add(&g->key, value);
	}
	return lnr_buf_view(&g->key);
}

/* NULL: no room, no memory. */
static struct window *open_window(struct lnr_aggregate *g, struct lnr_str key, uint64_t now_ns)
{
	if (g->windows.len >= LNR_AGGREGATE_MAX || g->key.failed)
		return NULL;
	struct window *w = malloc(sizeof(*w) + key.len);
	if (!w)
		return NULL;
	*w = (struct window){.end_ns = now_ns + g->window_ns, .key = {w->text, key.len}};
	memcpy(w->text, key.ptr, key.len);
	if (lnr_strmap_set(&g->windows, w->key, w, NULL))
		return window_free(w);
	push(g, w);
	return w;
}

bool lnr_aggregate_add(struct lnr_aggregate *g, struct lnr_alert *a, uint64_t now_ns)
{
	if (a->internal)
		return true;
	struct lnr_str key = make_key(g, a);
	struct window *w = g->key.failed ? NULL : lnr_strmap_get(&g->windows, key);
	/* Ended but not yet told: it counts towards the summary that is about to be. */
	if (!w) {
		(void)open_window(g, key, now_ns);
		return true;
	}
	if (!w->count++)
		w->first_ns = a->time_ns;
	w->last_ns = a->time_ns;
	lnr_alert_unref(w->last);
	w->last = lnr_alert_ref(a);
	return false;
}

/* --- summaries --- */

static void put_utc(struct lnr_buf *out, uint64_t ns)
{
	time_t s = (time_t)(ns / LNR_NS_PER_SEC);
	struct tm tm;
	char day[32];
	gmtime_r(&s, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	lnr_buf_printf(out, "%s.%03uZ", day, (unsigned)(ns % LNR_NS_PER_SEC / LNR_NS_PER_MS));
}

static int by_key(const void *a, const void *b)
{
	const struct lnr_alert_pending *x = a, *y = b;
	return lnr_str_cmp(x->key, y->key);
}

/* The values of the last alert, and what was counted. `text` gets all of their JSON. */
static struct lnr_alert_pending *collect(
	const struct window *w, struct lnr_buf *text, size_t *ret_n)
{
	const struct {
		struct lnr_str key;
		uint64_t v;
	} counted[] = {{LNR_STR(LNR_ALERT_COUNT), w->count},
		{LNR_STR(LNR_ALERT_FIRST), w->first_ns}, {LNR_STR(LNR_ALERT_LAST), w->last_ns}};
	const struct lnr_alert *a = w->last;
	struct lnr_alert_pending *v = calloc(a->n_values + LNR_ARRAY_SIZE(counted), sizeof(*v));
	size_t n = 0;
	if (!v)
		return NULL;
	for (uint32_t i = 0; i < a->n_values; i++) {
		v[n++] = (struct lnr_alert_pending){
			a->values[i].key, text->len, a->values[i].json.len};
		lnr_buf_str(text, a->values[i].json);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(counted); i++) {
		size_t at = text->len;
		lnr_buf_u64(text, counted[i].v);
		v[n++] = (struct lnr_alert_pending){counted[i].key, at, text->len - at};
	}
	qsort(v, n, sizeof(*v), by_key);
	*ret_n = n;
	return v;
}

static struct lnr_alert *summarise(struct lnr_aggregate *g, const struct window *w)
{
	const struct lnr_alert *a = w->last;
	struct lnr_buf message, json;
	struct lnr_alert *ret = NULL;
	size_t n = 0;
	lnr_buf_init(&message, LNR_ALERT_BYTES);
	lnr_buf_init(&json, LNR_ALERT_BYTES);
	lnr_buf_str(&message, a->message);
	lnr_buf_printf(&message, " (%llu more from ", (unsigned long long)w->count);
	put_utc(&message, w->first_ns);
	lnr_buf_cstr(&message, " to ");
	put_utc(&message, w->last_ns);
	lnr_buf_chr(&message, ')');
	struct lnr_alert_pending *values = collect(w, &json, &n);
	if (values && !message.failed && !json.failed) {
		const struct lnr_alert_parts p = {.rule = a->rule,
			.source = a->source,
			.message = lnr_buf_view(&message),
			.hostname = a->hostname,
			.tags = a->tags,
			.n_tags = a->n_tags,
			.values = values,
			.n_values = n,
			.json = json.ptr};
		ret = lnr_alert_assemble(&p);
	}
	if (ret) {
		ret->priority = a->priority;
		ret->time_ns = a->time_ns;
		ret->event_num = a->event_num;
		lnr_alert_id_next(&g->ids, a->time_ns, ret->id);
	}
	free(values);
	lnr_buf_done(&message);
	lnr_buf_done(&json);
	/* Without memory for the summary the last alert itself still tells of the matter. */
	return ret ? ret : lnr_alert_ref(w->last);
}

struct lnr_alert *lnr_aggregate_next(struct lnr_aggregate *g, uint64_t now_ns)
{
	while (g->first && g->first->end_ns <= now_ns) {
		struct window *w = pop(g);
		struct lnr_alert *a = w->last ? summarise(g, w) : NULL;
		if (a && now_ns != UINT64_MAX) {
			w->last = lnr_alert_unref(w->last);
			w->count = 0;
			w->end_ns = now_ns + g->window_ns;
			push(g, w);
		} else {
			lnr_strmap_remove(&g->windows, w->key);
			window_free(w);
		}
		if (a)
			return a;
	}
	return NULL;
}

uint64_t lnr_aggregate_due_ns(const struct lnr_aggregate *g)
{
	return g->first ? g->first->end_ns : UINT64_MAX;
}
