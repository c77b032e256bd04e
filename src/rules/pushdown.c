/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel predicate of a rule set, and its judgement of a record. */
#include "rules/pushdown.h"

#include <stdlib.h>
#include "rules/pushdown_priv.h"
#include "rules/ruleset_priv.h"
#include "rules/types.h"
#include "rules/valset.h"
#include "schema/limits.h"

struct lnr_pushdown {
	struct lnr_ruleset *rs;
	/* Cgroups without a container, or with one, say what container.id is. */
	bool host_is_host, container_is_not;
	struct lnr_arena arena;
	const struct lnr_probe_node *trees[LNR_EVENT_COUNT];
	struct lnr_probe_facts facts[LNR_EVENT_COUNT];
};

static const struct lnr_probe_node always = {.kind = LNR_NODE_TRUE};
static const struct lnr_probe_node never = {.kind = LNR_NODE_FALSE};

/* --- derivation ---------------------------------------------------------------------------- */

/* One rule after the other until one wants everything. */
static int derive_type(struct lnr_pushdown *pd, const struct lnr_source_rules *s, unsigned type,
	struct lnr_arena *scratch)
{
	struct lnr_weakener w = {
		.arena = &pd->arena, .scratch = scratch, .type = type, .facts = pd->facts[type]};
	uint32_t n = s->first[type + 1] - s->first[type];
	struct lnr_probe_node *or_;

	pd->trees[type] = &never;
	if (!n)
		return 0;
	or_ = lnr_arena_new(&pd->arena, struct lnr_probe_node);
	if (or_)
		or_->kids = lnr_arena_calloc(&pd->arena, n, sizeof(*or_->kids));
	if (!or_ || !or_->kids)
		return -ENOMEM;
	or_->kind = LNR_NODE_OR;
	for (uint32_t i = 0; i < n; i++) {
		const struct lnr_rule *rule = &pd->rs->rules[s->by_event[s->first[type] + i]];
		const struct lnr_probe_node *clause;
		int r = lnr_weaken(&w, rule->cond, false, &clause);

		if (r)
			return r;
		if (clause->kind == LNR_NODE_TRUE) {
			pd->trees[type] = &always;
			return 0;
		}
		if (clause->kind != LNR_NODE_FALSE)
			or_->kids[or_->n_kids++] = clause;
	}
	if (or_->n_kids)
		pd->trees[type] = or_->n_kids == 1 ? or_->kids[0] : or_;
	return 0;
}

int lnr_pushdown_new(
	struct lnr_ruleset *rs, const struct lnr_state_opts *state, struct lnr_pushdown **ret)
{
	const struct lnr_source_rules *s = lnr_ruleset_source(rs, LNR_STR("syscall"));
	struct lnr_pushdown *pd = calloc(1, sizeof(*pd));
	struct lnr_arena scratch;
	int r = 0;

	if (!pd)
		return -ENOMEM;
	pd->rs = lnr_ruleset_ref(rs);
	pd->host_is_host = !state || !state->static_container;
	pd->container_is_not = !state || (!state->static_container && !state->engines_off);
	lnr_arena_init(&pd->arena, 0);
	lnr_arena_init(&scratch, 0);
	for (unsigned t = 0; !r && t < LNR_EVENT_COUNT; t++) {
		pd->facts[t] = lnr_probe_facts(t);
		pd->trees[t] = &never;
		if (s)
			r = derive_type(pd, s, t, &scratch);
		lnr_arena_reset(&scratch);
	}
	lnr_arena_done(&scratch);
	if (r) {
		lnr_pushdown_free(pd);
		return r;
	}
	*ret = pd;
	return 0;
}

struct lnr_pushdown *lnr_pushdown_free(struct lnr_pushdown *pd)
{
	if (!pd)
		return NULL;
	lnr_ruleset_unref(pd->rs);
	lnr_arena_done(&pd->arena);
	free(pd);
	return NULL;
}

const struct lnr_probe_node *lnr_pushdown_tree(const struct lnr_pushdown *pd, unsigned event_type)
{
	return event_type < LNR_EVENT_COUNT ? pd->trees[event_type] : &never;
}

/* --- judging a record ---------------------------------------------------------------------- */

enum answer { NO, YES, UNKNOWN };

static enum answer from_bool(bool b)
{
	return b ? YES : NO;
}

/* Absolute, and nothing in it that joining and cleaning would change (events-and-state 7.6). */
static bool is_clean_path(struct lnr_str p)
{
	struct lnr_str rest, part;

	if (!p.len || p.len >= LNR_STATE_PATH_BYTES_MAX || p.ptr[0] != '/')
		return false;
	rest = lnr_str_sub(p, 1, p.len);
	while (lnr_str_split(&rest, '/', &part)) {
		if (!part.len || lnr_str_eq(part, LNR_STR(".")) || lnr_str_eq(part, LNR_STR("..")))
			return false;
	}
	return true;
}

static bool is_below(struct lnr_str p, struct lnr_str dir)
{
	struct lnr_str rest = dir, part, own = lnr_str_sub(p, 1, p.len), mine;

	while (rest.ptr && lnr_str_split(&rest, '/', &part)) {
		if (!part.len)
			continue;
		if (!lnr_str_split(&own, '/', &mine) || !lnr_str_eq(part, mine))
			return false;
	}
	return true;
}

static bool path_is(const struct lnr_probe_node *n, struct lnr_str p, struct lnr_str c)
{
	size_t slash = (size_t)lnr_str_rchr(p, '/');

	switch ((enum lnr_probe_how)n->how) {
	case LNR_PROBE_PREFIX:
		return lnr_str_starts(p, c);
	case LNR_PROBE_SUFFIX:
		return lnr_str_ends(p, c);
	case LNR_PROBE_BASENAME:
		return lnr_str_eq(lnr_str_sub(p, slash + 1, p.len), c);
	case LNR_PROBE_DIRECTORY:
		return lnr_str_eq(p, c) || lnr_str_eq(lnr_str_sub(p, 0, slash ? slash : 1), c);
	case LNR_PROBE_BELOW:
		return is_below(p, c);
	default:
		return lnr_str_eq(p, c);
	}
}

static enum answer ask_path(const struct lnr_probe_node *n, struct lnr_str p)
{
	bool any = false;

	if (!p.ptr || !is_clean_path(p))
		return UNKNOWN;
	for (uint32_t i = 0; !any && i < n->n_vals; i++)
		any = path_is(n, p, n->vals[i].str);
	return from_bool(any != (n->how == LNR_PROBE_NE));
}

/* Equality and order of numbers, texts and addresses. */
static enum answer ask_value(const struct lnr_probe_node *n, const struct lnr_val *v)
{
	bool any = false, ok = true;
	int c;

	if (n->how == LNR_PROBE_EQ || n->how == LNR_PROBE_NE) {
		for (uint32_t i = 0; !any && i < n->n_vals; i++)
			any = n->vals[i].type == LNR_PT_IPNET ? lnr_net_has(&n->vals[i].net, &v->ip)
							      : lnr_val_eq(v, &n->vals[i]);
		return from_bool(any != (n->how == LNR_PROBE_NE));
	}
	c = lnr_val_cmp(v, &n->vals[0], &ok);
	if (!ok)
		return UNKNOWN;
	switch ((enum lnr_probe_how)n->how) {
	case LNR_PROBE_LT:
		return from_bool(c < 0);
	case LNR_PROBE_LE:
		return from_bool(c <= 0);
	case LNR_PROBE_GT:
		return from_bool(c > 0);
	case LNR_PROBE_GE:
		return from_bool(c >= 0);
	default:
		return UNKNOWN;
	}
}

static enum answer ask_flags(const struct lnr_probe_node *n, uint64_t flags)
{
	bool has = flags & n->vals[0].u64;

	return from_bool(has != (n->how == LNR_PROBE_NE));
}

/* Only a connect that went through, or is on its way, leaves its peer in the state. */
static bool connected(const struct lnr_event *ev, unsigned tuple, struct lnr_tuple *ret)
{
	int64_t res;

	return lnr_param_s64(ev, 0, &res) && res == 0 && lnr_param_tuple(ev, tuple, ret) &&
	       (ret->family == LNR_AF_INET || ret->family == LNR_AF_INET6);
}

/* The cgroups of the record: some are there, and none names a container. */
static enum answer ask_host(const struct lnr_pushdown *pd, const struct lnr_probe_node *n,
	const struct lnr_event *ev, unsigned param)
{
	struct lnr_str all = lnr_param_bytes(ev, param), one;
	bool host = true;
	int type;

	if (!all.ptr || !all.len)
		return UNKNOWN;
	while (lnr_str_split(&all, '\0', &one)) {
		ptrdiff_t eq = lnr_str_chr(one, '=');

		if (eq < 0 && one.len)
			return UNKNOWN; /* no list of cgroups: the state keeps what it knows */
		if (eq < 0)
			continue;
		struct lnr_str path = lnr_str_sub(one, (size_t)eq + 1, one.len);
		bool named = lnr_cgroup_container(path, &type).len > 0;
		if (named != (lnr_cgroup_container_live(path, &type).len > 0))
			return UNKNOWN; /* a file and this machine read it differently */
		if (named)
			host = false;
	}
	if (!(host ? pd->host_is_host : pd->container_is_not))
		return UNKNOWN;
	return from_bool(host == (n->how == LNR_PROBE_EQ));
}

/* Only an exec that went through replaces what is known about the process. */
static bool executed(const struct lnr_event *ev)
{
	int64_t res;

	return lnr_param_s64(ev, 0, &res) && res == 0;
}

static enum answer ask(
	const struct lnr_pushdown *pd, const struct lnr_probe_node *n, const struct lnr_event *ev)
{
	const struct lnr_probe_facts *f = &pd->facts[ev->type];
	struct lnr_val v = {.type = LNR_PT_INT64};
	struct lnr_tuple tuple;
	int path = f->fd_path >= 0 ? f->fd_path : f->fs_path;

	switch ((enum lnr_probe_fact)n->fact) {
	case LNR_PROBE_PATH:
		/* What the producer cut or could not read is not what the rules will see. */
		if (path < 0 || (ev->truncated[path / 8] >> path % 8 & 1))
			return UNKNOWN;
		return ask_path(n, lnr_param_str(ev, (unsigned)path));
	case LNR_PROBE_RESULT:
		return lnr_param_s64(ev, (unsigned)f->result, &v.s64) ? ask_value(n, &v) : UNKNOWN;
	case LNR_PROBE_OPEN:
		return lnr_param_u64(ev, (unsigned)f->open_flags, &v.u64) ? ask_flags(n, v.u64)
									  : UNKNOWN;
	case LNR_PROBE_ADDRESS:
		if (!connected(ev, (unsigned)f->address, &tuple))
			return UNKNOWN;
		v.type = LNR_PT_IPADDR;
		v.ip = tuple.dip;
		return ask_value(n, &v);
	case LNR_PROBE_PORT:
		if (!connected(ev, (unsigned)f->address, &tuple))
			return UNKNOWN;
		v.type = LNR_PT_PORT;
		v.u64 = tuple.dport;
		return ask_value(n, &v);
	case LNR_PROBE_COMM:
		v.type = LNR_PT_CHARBUF;
		v.str = lnr_param_str(ev, (unsigned)f->comm);
		return v.str.ptr && executed(ev) ? ask_value(n, &v) : UNKNOWN;
	case LNR_PROBE_UID:
		v.type = LNR_PT_UINT32;
		return lnr_param_u64(ev, (unsigned)f->uid, &v.u64) && executed(ev)
			       ? ask_value(n, &v)
			       : UNKNOWN;
	case LNR_PROBE_HOST:
		return f->cgroups >= 0 && executed(ev) ? ask_host(pd, n, ev, (unsigned)f->cgroups)
						       : UNKNOWN;
	case LNR_PROBE_NONE:
		break;
	}
	return UNKNOWN;
}

static bool wants(
	const struct lnr_pushdown *pd, const struct lnr_probe_node *n, const struct lnr_event *ev)
{
	enum answer a;

	switch ((enum lnr_node_kind)n->kind) {
	case LNR_NODE_TRUE:
		return true;
	case LNR_NODE_FALSE:
		return false;
	case LNR_NODE_CHECK:
		a = ask(pd, n, ev);
		return a == UNKNOWN || (a == YES) != n->negated;
	case LNR_NODE_AND:
		for (uint32_t i = 0; i < n->n_kids; i++) {
			if (!wants(pd, n->kids[i], ev))
				return false;
		}
		return true;
	case LNR_NODE_OR:
		for (uint32_t i = 0; i < n->n_kids; i++) {
			if (wants(pd, n->kids[i], ev))
				return true;
		}
		return false;
	case LNR_NODE_NOT:
		break;
	}
	return true;
}

/* A test of the result, of which no more is known than that it is below zero. */
static enum answer ask_failed(const struct lnr_probe_node *n)
{
	bool reachable = false; /* one of the constants may be the result */

	for (uint32_t i = 0; i < n->n_vals; i++)
		reachable |= n->vals[i].s64 < 0;
	switch ((enum lnr_probe_how)n->how) {
	case LNR_PROBE_EQ:
		return reachable ? UNKNOWN : NO;
	case LNR_PROBE_NE:
		return reachable ? UNKNOWN : YES;
	case LNR_PROBE_LT:
	case LNR_PROBE_LE:
		return reachable ? UNKNOWN : YES;
	case LNR_PROBE_GT:
	case LNR_PROBE_GE:
		return reachable ? UNKNOWN : NO;
	default:
		return UNKNOWN;
	}
}

static bool wants_failed(const struct lnr_probe_node *n)
{
	enum answer a;

	switch ((enum lnr_node_kind)n->kind) {
	case LNR_NODE_FALSE:
		return false;
	case LNR_NODE_CHECK:
		a = n->fact == LNR_PROBE_RESULT ? ask_failed(n) : UNKNOWN;
		return a == UNKNOWN || (a == YES) != n->negated;
	case LNR_NODE_AND:
		for (uint32_t i = 0; i < n->n_kids; i++) {
			if (!wants_failed(n->kids[i]))
				return false;
		}
		return true;
	case LNR_NODE_OR:
		for (uint32_t i = 0; i < n->n_kids; i++) {
			if (wants_failed(n->kids[i]))
				return true;
		}
		return false;
	case LNR_NODE_TRUE:
	case LNR_NODE_NOT:
		break;
	}
	return true;
}

bool lnr_pushdown_wants_failed(const struct lnr_pushdown *pd, unsigned event_type)
{
	return event_type >= LNR_EVENT_COUNT || pd->facts[event_type].result < 0 ||
	       wants_failed(pd->trees[event_type]);
}

bool lnr_pushdown_wants(const struct lnr_pushdown *pd, const struct lnr_event *ev)
{
	return wants(pd, lnr_pushdown_tree(pd, ev->type), ev);
}
