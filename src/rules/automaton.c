/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/automaton.h"

#include <errno.h>
#include <stdlib.h>

#define NONE UINT32_MAX
/* In a cell: a needle ends in the state that it leads to. */
#define ENDS UINT32_C(0x80000000)

struct lnr_automaton {
	uint32_t *cells; /* state times width plus column: next state times width, ENDS */
	uint8_t column[256];
	bool starts[256];  /* a needle begins with the byte */
	size_t shortest;   /* needle */
	uint32_t width;	   /* columns */
	uint32_t *needle;  /* of a state: what ends there, or NONE */
	uint32_t *shorter; /* of a state: nearest state for a suffix where a needle ends, or NONE */
};

static uint8_t fold_byte(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Column 0 is for all bytes that are in no needle. */
static void make_columns(
	struct lnr_automaton *a, const struct lnr_str *needles, uint32_t n, bool fold)
{
	bool used[256] = {false};

	for (uint32_t i = 0; i < n; i++) {
		for (size_t k = 0; k < needles[i].len; k++)
			used[(uint8_t)needles[i].ptr[k]] = true;
	}
	a->width = 1;
	for (unsigned c = 0; c < 256; c++) {
		if (used[c])
			a->column[c] = (uint8_t)a->width++;
	}
	for (unsigned c = 0; fold && c < 256; c++)
		a->column[c] = a->column[fold_byte((uint8_t)c)];
	a->shortest = SIZE_MAX;
	for (uint32_t i = 0; i < n; i++) {
		if (needles[i].len < a->shortest)
			a->shortest = needles[i].len;
	}
}

/* The tree of the needles; cells hold state numbers, 0 = no child (nothing leads to the root). */
static uint32_t make_tree(struct lnr_automaton *a, const struct lnr_str *needles, uint32_t n)
{
	uint32_t states = 1;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t s = 0;

		for (size_t k = 0; k < needles[i].len; k++) {
			uint32_t *cell =
				&a->cells[s * a->width + a->column[(uint8_t)needles[i].ptr[k]]];

			if (!*cell)
				*cell = states++;
			s = *cell;
		}
		a->needle[s] = i;
	}
	return states;
}

/*
 * Breadth first, so that the state for the longest proper suffix is complete before it is needed:
 * missing transitions are taken from it.
 */
static void fill_in(struct lnr_automaton *a, uint32_t states, uint32_t *queue, uint32_t *suffix)
{
	uint32_t head = 0, tail = 0;

	for (uint32_t c = 0; c < a->width; c++) {
		if (a->cells[c])
			queue[tail++] = a->cells[c];
	}
	while (head < tail) {
		uint32_t s = queue[head++], f = suffix[s];

		a->shorter[s] = a->needle[f] != NONE ? f : a->shorter[f];
		for (uint32_t c = 0; c < a->width; c++) {
			uint32_t *cell = &a->cells[s * a->width + c];
			uint32_t via = a->cells[f * a->width + c];

			if (!*cell) {
				*cell = via;
				continue;
			}
			suffix[*cell] = via;
			queue[tail++] = *cell;
		}
	}
	for (unsigned c = 0; c < 256; c++)
		a->starts[c] = a->cells[a->column[c]] != 0;
	for (size_t i = 0; i < (size_t)states * a->width; i++) {
		uint32_t s = a->cells[i];
		bool ends = a->needle[s] != NONE || a->shorter[s] != NONE;

		a->cells[i] = s * a->width | (ends ? ENDS : 0);
	}
}

int lnr_automaton_new(struct lnr_arena *arena, const struct lnr_str *needles, uint32_t n, bool fold,
	size_t max_cells, const struct lnr_automaton **ret)
{
	struct lnr_automaton *a = lnr_arena_new(arena, struct lnr_automaton);
	size_t most = 1;
	uint32_t *queue, *suffix, states;

	if (!a)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		most += needles[i].len;
	make_columns(a, needles, n, fold);
	if (most * a->width > max_cells || most * a->width >= ENDS)
		return -E2BIG;
	a->cells = lnr_arena_calloc(arena, most * a->width, sizeof(*a->cells));
	a->needle = lnr_arena_alloc(arena, most * sizeof(*a->needle));
	a->shorter = lnr_arena_alloc(arena, most * sizeof(*a->shorter));
	queue = calloc(most, sizeof(*queue));
	suffix = calloc(most, sizeof(*suffix));
	if (a->cells && a->needle && a->shorter && queue && suffix) {
		memset(a->needle, 0xff, most * sizeof(*a->needle));
		memset(a->shorter, 0xff, most * sizeof(*a->shorter));
		states = make_tree(a, needles, n);
		fill_in(a, states, queue, suffix);
		*ret = a;
	} else {
		a = NULL;
	}
	free(queue);
	free(suffix);
	return a ? 0 : -ENOMEM;
}

static void tell(const struct lnr_automaton *a, uint32_t state,
	void (*hit)(void *user, uint32_t needle), void *user)
{
	if (a->needle[state] != NONE)
		hit(user, a->needle[state]);
	for (state = a->shorter[state]; state != NONE; state = a->shorter[state])
		hit(user, a->needle[state]);
}

void lnr_automaton_run(const struct lnr_automaton *a, struct lnr_str text,
	void (*hit)(void *user, uint32_t needle), void *user)
{
	const uint32_t *cells = a->cells;
	uint32_t at = 0;

	if (text.len < a->shortest)
		return;
	for (size_t i = 0; i < text.len; i++) {
		/* In the root one step does not wait for the one before: several at a time. */
		if (!at) {
			while (!a->starts[(uint8_t)text.ptr[i]]) {
				if (++i == text.len)
					return;
			}
		}
		at = cells[at + a->column[(uint8_t)text.ptr[i]]];
		if (at & ENDS) {
			at &= ~ENDS;
			tell(a, at / a->width, hit, user);
		}
	}
}
