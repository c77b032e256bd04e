/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel predicate for people. */
#include "rules/pushdown.h"

#include <stdlib.h>
#include "rules/ops.h"
#include "rules/pushdown_priv.h"
#include "rules/ruleset_priv.h"

/* Constants shown of one test; a list of a thousand paths helps nobody. */
#define SHOWN 6
/* Reasons shown of one rule. */
#define REASONS 8

static void print_vals(struct lnr_buf *out, const struct lnr_val *vals, uint32_t n)
{
	if (n != 1)
		lnr_buf_cstr(out, "one of ");
	for (uint32_t i = 0; i < n && i < SHOWN; i++) {
		if (i)
			lnr_buf_cstr(out, ", ");
		lnr_const_print(out, &vals[i]);
	}
	if (n > SHOWN)
		lnr_buf_printf(out, " … (%u)", n);
}

static void print_test(struct lnr_buf *out, const struct lnr_probe_node *n)
{
	static const char *const facts[] = {[LNR_PROBE_PATH] = "path",
		[LNR_PROBE_RESULT] = "result",
		[LNR_PROBE_OPEN] = "opened",
		[LNR_PROBE_ADDRESS] = "server",
		[LNR_PROBE_PORT] = "server port",
		[LNR_PROBE_COMM] = "program",
		[LNR_PROBE_UID] = "user",
		[LNR_PROBE_HOST] = "task"};
	static const char *const hows[] = {[LNR_PROBE_EQ] = "is",
		[LNR_PROBE_NE] = "is not",
		[LNR_PROBE_LT] = "<",
		[LNR_PROBE_LE] = "<=",
		[LNR_PROBE_GT] = ">",
		[LNR_PROBE_GE] = ">=",
		[LNR_PROBE_PREFIX] = "begins with",
		[LNR_PROBE_SUFFIX] = "ends with",
		[LNR_PROBE_BASENAME] = "has the last part",
		[LNR_PROBE_DIRECTORY] = "is or is in",
		[LNR_PROBE_BELOW] = "is at or below"};

	if (n->negated)
		lnr_buf_cstr(out, "not ");
	lnr_buf_cstr(out, facts[n->fact]);
	lnr_buf_chr(out, ' ');
	if (n->fact == LNR_PROBE_OPEN) {
		lnr_buf_printf(out, "%sfor %s", n->how == LNR_PROBE_NE ? "not " : "",
			n->vals[0].u64 == LNR_O_WRONLY ? "writing" : "reading");
		return;
	}
	if (n->fact == LNR_PROBE_HOST) {
		lnr_buf_cstr(out, n->how == LNR_PROBE_NE ? "in a container" : "in no container");
		return;
	}
	lnr_buf_cstr(out, hows[n->how]);
	lnr_buf_chr(out, ' ');
	print_vals(out, n->vals, n->n_vals);
}

static void print_tree(struct lnr_buf *out, const struct lnr_probe_node *n)
{
	if (n->kind == LNR_NODE_CHECK) {
		print_test(out, n);
		return;
	}
	lnr_buf_chr(out, '(');
	for (uint32_t i = 0; i < n->n_kids; i++) {
		if (i)
			lnr_buf_cstr(out, n->kind == LNR_NODE_AND ? " and " : " or ");
		print_tree(out, n->kids[i]);
	}
	lnr_buf_chr(out, ')');
}

struct reasons {
	struct {
		const struct lnr_node *check;
		const char *why;
	} v[REASONS];
	uint32_t n;
};

static void add_reason(void *user, const struct lnr_node *check, const char *why)
{
	struct reasons *r = user;

	for (uint32_t i = 0; i < r->n && i < REASONS; i++) {
		if (r->v[i].check == check)
			return;
	}
	if (r->n < REASONS) {
		r->v[r->n].check = check;
		r->v[r->n].why = why;
	}
	r->n++;
}

static void print_rule(struct lnr_buf *out, const struct lnr_rule *rule,
	const struct lnr_probe_node *clause, const struct reasons *lost)
{
	lnr_buf_printf(out, "  %.*s: ", LNR_STR_ARG(rule->name));
	if (clause->kind == LNR_NODE_TRUE)
		lnr_buf_cstr(out, "every event");
	else
		print_tree(out, clause);
	lnr_buf_chr(out, '\n');
	for (uint32_t i = 0; i < lost->n && i < REASONS; i++) {
		lnr_buf_cstr(out, "    not pushed: ");
		lnr_check_print(out, lost->v[i].check, SHOWN);
		lnr_buf_printf(out, " (%s)\n", lost->v[i].why);
	}
	if (lost->n > REASONS)
		lnr_buf_printf(out, "    … and %u more\n", lost->n - REASONS);
}

/* The block of one event type without its heading. */
static int print_type(const struct lnr_ruleset *rs, const struct lnr_source_rules *s, unsigned type,
	struct lnr_arena *arena, struct lnr_buf *out, bool *ret_all)
{
	struct reasons lost;
	struct lnr_weakener w = {.arena = arena,
		.scratch = arena,
		.type = type,
		.facts = lnr_probe_facts(type),
		.lost = add_reason,
		.user = &lost};

	*ret_all = false;
	for (uint32_t i = s->first[type]; i < s->first[type + 1]; i++) {
		const struct lnr_rule *rule = &rs->rules[s->by_event[i]];
		const struct lnr_probe_node *clause;
		int r;

		lost.n = 0;
		r = lnr_weaken(&w, rule->cond, false, &clause);
		if (r)
			return r;
		if (clause->kind == LNR_NODE_FALSE)
			continue;
		*ret_all |= clause->kind == LNR_NODE_TRUE;
		print_rule(out, rule, clause, &lost);
	}
	return out->failed ? -ENOMEM : 0;
}

/* Events that are made today: the others stand only in old captures. */
static bool is_current(const struct lnr_event_info *info)
{
	return info && !(info->flags & (LNR_EF_OLD_VERSION | LNR_EF_UNUSED));
}

static void print_heading(
	struct lnr_buf *out, const unsigned *types, unsigned n, bool all, unsigned rest)
{
	for (unsigned i = 0; i < n; i++) {
		const struct lnr_event_info *info = lnr_event_info(types[i]);

		lnr_buf_printf(out, "%s%s%s", i ? ", " : "", info->name,
			info->type & 1 ? "" : " (enter or state)");
	}
	if (rest)
		lnr_buf_printf(out, " and %u more", rest);
	lnr_buf_cstr(
		out, all ? ": nothing can be dropped\n" : ": dropped unless one of these holds\n");
}

/* What stands below the heading of one event type, without keeping the text. */
struct block {
	uint64_t hash[2];
	size_t len; /* 0 = nothing to show */
	bool all;
};

static int measure(const struct lnr_ruleset *rs, const struct lnr_source_rules *s, unsigned type,
	struct lnr_arena *arena, struct lnr_buf *work, struct block *ret)
{
	int r;

	*ret = (struct block){.len = 0};
	if (!is_current(lnr_event_info(type)))
		return 0;
	lnr_buf_clear(work);
	r = print_type(rs, s, type, arena, work, &ret->all);
	lnr_arena_reset(arena);
	ret->len = work->len;
	for (unsigned i = 0; i < 2; i++)
		ret->hash[i] = lnr_str_hash(lnr_buf_view(work), i + 1);
	return r;
}

static bool same_block(const struct block *a, const struct block *b)
{
	return a->len == b->len && a->hash[0] == b->hash[0] && a->hash[1] == b->hash[1];
}

/* Event types with the same block are shown together. */
static int print_groups(const struct lnr_ruleset *rs, const struct lnr_source_rules *s,
	struct block *blocks, struct lnr_arena *arena, struct lnr_buf *out)
{
	for (unsigned t = 0; t < LNR_EVENT_COUNT; t++) {
		unsigned types[12], n = 0, rest = 0;
		const struct block block = blocks[t];
		bool all;
		int r;

		for (unsigned u = t; block.len && u < LNR_EVENT_COUNT; u++) {
			if (!same_block(&block, &blocks[u]))
				continue;
			blocks[u].len = 0; /* shown */
			if (n < LNR_ARRAY_SIZE(types))
				types[n++] = u;
			else
				rest++;
		}
		if (!block.len)
			continue;
		print_heading(out, types, n, block.all, rest);
		r = print_type(rs, s, t, arena, out, &all);
		lnr_arena_reset(arena);
		if (r)
			return r;
	}
	return 0;
}

int lnr_pushdown_print(struct lnr_ruleset *rs, struct lnr_buf *out)
{
	const struct lnr_source_rules *s = lnr_ruleset_source(rs, LNR_STR("syscall"));
	struct block *blocks = calloc(LNR_EVENT_COUNT, sizeof(*blocks));
	struct lnr_arena arena;
	struct lnr_buf work;
	int r = blocks ? 0 : -ENOMEM;

	lnr_arena_init(&arena, 0);
	lnr_buf_init(&work, 0);
	for (unsigned t = 0; s && !r && t < LNR_EVENT_COUNT; t++)
		r = measure(rs, s, t, &arena, &work, &blocks[t]);
	if (s && !r)
		r = print_groups(rs, s, blocks, &arena, out);
	lnr_buf_done(&work);
	lnr_arena_done(&arena);
	free(blocks);
	return r ? r : out->failed ? -ENOMEM : 0;
}
