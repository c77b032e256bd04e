/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus' lines of several engines as one text. A metric may have one line with its type, and
 * all its samples stand behind that; two samples of the same name and labels would be refused, so
 * that what two engines both count is added up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "schema/limits.h"
#include "server/metrics_priv.h"

void lnr_samples_init(struct lnr_samples *s)
{
	*s = (struct lnr_samples){0};
	lnr_arena_init(&s->arena, LNR_METRICS_BYTES);
}

void lnr_samples_clear(struct lnr_samples *s)
{
	lnr_arena_reset(&s->arena);
	s->n = 0;
	s->failed = false;
}

void lnr_samples_done(struct lnr_samples *s)
{
	lnr_arena_done(&s->arena);
	free(s->v);
	*s = (struct lnr_samples){0};
}

void lnr_samples_add(struct lnr_samples *s, const char *name, const char *type, const char *labels,
	const char *value)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct lnr_sample *v = realloc(s->v, cap * sizeof(*v));
		if (!v) {
			s->failed = true;
			return;
		}
		s->v = v;
		s->cap = cap;
	}
	struct lnr_sample *one = &s->v[s->n];
	*one = (struct lnr_sample){.name = lnr_arena_strdup(&s->arena, lnr_str_c(name)),
		.type = type,
		.labels = lnr_arena_strdup(&s->arena, lnr_str_c(labels))};
	snprintf(one->value, sizeof(one->value), "%s", value);
	if (one->name && one->labels)
		s->n++;
	else
		s->failed = true;
}

void lnr_samples_append(struct lnr_samples *s, const struct lnr_samples *more)
{
	for (size_t i = 0; i < more->n; i++)
		lnr_samples_add(
			s, more->v[i].name, more->v[i].type, more->v[i].labels, more->v[i].value);
	s->failed |= more->failed;
}

static int by_metric(const void *a, const void *b)
{
	const struct lnr_sample *x = a, *y = b;
	int r = strcmp(x->name, y->name);
	return r ? r : strcmp(x->labels, y->labels);
}

/* Whole numbers stay exact; plugins may have others. */
static void add_up(struct lnr_sample *to, const char *value)
{
	if (!to->value[strspn(to->value, "0123456789")] && !value[strspn(value, "0123456789")])
		snprintf(to->value, sizeof(to->value), "%" PRIu64,
			(uint64_t)strtoull(to->value, NULL, 10) +
				(uint64_t)strtoull(value, NULL, 10));
	else
		snprintf(to->value, sizeof(to->value), "%.17g",
			strtod(to->value, NULL) + strtod(value, NULL));
}

void lnr_samples_write(struct lnr_samples *s, struct lnr_buf *out)
{
	const char *name = "";
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_metric);
	for (size_t i = 0; i < s->n; i++) {
		struct lnr_sample *one = &s->v[i];
		while (i + 1 < s->n && by_metric(one, &s->v[i + 1]) == 0)
			add_up(one, s->v[++i].value);
		if (strcmp(name, one->name) != 0)
			lnr_buf_printf(out,
				"# HELP %s https://falco.org/docs/metrics/\n# TYPE %s %s\n",
				one->name, one->name, one->type);
		name = one->name;
		lnr_buf_printf(out, "%s%s %s\n", name, one->labels, one->value);
	}
}
