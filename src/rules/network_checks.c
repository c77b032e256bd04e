/* SPDX-License-Identifier: Apache-2.0 */
/* From checks to predicates: which can be answered by a table, and what the others cost. */
#include "rules/network_priv.h"

#include <stdlib.h>
#include "rules/glob.h"
#include "rules/ops.h"

/* How a check is to be answered. */
struct plan {
	uint8_t kind; /* enum lnr_net_pred_kind; TABLE and NOT_TABLE with what follows */
	enum lnr_net_table_kind table;
	bool globs; /* keys are the texts of prepared patterns */
};

static bool is_op(const struct lnr_node *n, const char *name)
{
	return strcmp(lnr_op_canonical(n->op)->name, name) == 0;
}

/* --- plans --------------------------------------------------------------------------------- */

/* Patterns that are beginnings, ends or substrings, all of one kind. */
static bool plan_glob(const struct lnr_node *n, struct plan *p)
{
	const struct lnr_glob *const *globs = n->prep;
	static const int8_t kinds[] = {[LNR_GLOB_EXACT] = LNR_NET_EQUAL,
		[LNR_GLOB_PREFIX] = LNR_NET_PREFIX,
		[LNR_GLOB_SUFFIX] = LNR_NET_SUFFIX,
		[LNR_GLOB_CONTAINS] = LNR_NET_CONTAINS,
		[LNR_GLOB_NEVER] = -1,
		[LNR_GLOB_ANY] = -1,
		[LNR_GLOB_TOKENS] = -1,
		[LNR_GLOB_SYSTEM] = -1};

	for (uint32_t i = 0; i < n->n_consts; i++) {
		int8_t kind = kinds[globs[i]->kind];

		if (globs[i]->kind != globs[0]->kind)
			return false;
		if (globs[i]->fold && kind != LNR_NET_CONTAINS)
			return false;
		if (kind < 0)
			return false;
		p->table = globs[i]->fold ? LNR_NET_ICONTAINS : (enum lnr_net_table_kind)kind;
	}
	p->globs = true;
	return n->n_consts > 0;
}

/* Operators of texts and bytes that have a table. */
static bool plan_text(const struct lnr_node *n, struct plan *p)
{
	static const struct {
		const char *op;
		enum lnr_net_table_kind table;
	} ops[] = {{"=", LNR_NET_EQUAL}, {"in", LNR_NET_EQUAL}, {"intersects", LNR_NET_EQUAL},
		{"startswith", LNR_NET_PREFIX}, {"bstartswith", LNR_NET_PREFIX},
		{"endswith", LNR_NET_SUFFIX}, {"contains", LNR_NET_CONTAINS},
		{"bcontains", LNR_NET_CONTAINS}, {"icontains", LNR_NET_ICONTAINS},
		{"pmatch", LNR_NET_PATH}};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(ops); i++) {
		if (is_op(n, ops[i].op)) {
			p->table = ops[i].table;
			return true;
		}
	}
	return (is_op(n, "glob") || is_op(n, "iglob")) && plan_glob(n, p);
}

/* Several candidate values: a table may answer when one of them is enough. */
static bool one_is_enough(const struct lnr_node *n)
{
	uint32_t flags = lnr_check_flags(n);

	if (flags & LNR_FIELD_ANY)
		return true;
	if (flags & LNR_FIELD_ENDPOINTS)
		return !(n->op->flags & LNR_OP_NEEDS_ALL);
	return !n->lhs->is_list || is_op(n, "intersects");
}

static bool plan_table(const struct lnr_node *n, struct plan *p)
{
	unsigned cls = lnr_type_class(n->lhs->type, false);

	if (n->mod != LNR_MOD_NONE && n->mod != LNR_MOD_ANYOF)
		return false;
	if (!one_is_enough(n))
		return false;
	if (cls == LNR_TC_STRING || cls == LNR_TC_BYTES)
		return plan_text(n, p);
	if (!is_op(n, "=") && !is_op(n, "in") && !is_op(n, "intersects"))
		return false;
	p->table = n->lhs->type == LNR_PT_IPNET ? LNR_NET_NETWORK : LNR_NET_EQUAL;
	/* A truth value is compared faster than looked up; fractions have no hash to speak of. */
	return cls == LNR_TC_ADDRESS || (cls == LNR_TC_NUMBER && n->lhs->type != LNR_PT_DOUBLE);
}

/* != of one value: there is one, and it is none of the constants. */
static bool plan_unequal(const struct lnr_node *n, struct plan *p)
{
	unsigned cls = lnr_type_class(n->lhs->type, n->lhs->is_list);

	if (!is_op(n, "!=") || (lnr_check_flags(n) & (LNR_FIELD_ANY | LNR_FIELD_ENDPOINTS)))
		return false;
	if (n->mod != LNR_MOD_NONE && (n->mod != LNR_MOD_ALLOF || !n->n_consts))
		return false;
	p->table = n->lhs->type == LNR_PT_IPNET ? LNR_NET_NETWORK : LNR_NET_EQUAL;
	return cls == LNR_TC_STRING || cls == LNR_TC_BYTES || cls == LNR_TC_ADDRESS;
}

static struct plan plan(const struct lnr_node *n)
{
	struct plan p = {.kind = LNR_NET_CHECK};
	bool scalar = !n->lhs->is_list &&
		      !(lnr_check_flags(n) & (LNR_FIELD_ANY | LNR_FIELD_ENDPOINTS));

	/* Values that differ each time, compare themselves or change their type: as the tree. */
	if (n->lhs->id == UINT32_MAX || n->texts || n->rhs || n->retypes || n->lhs->may_nul)
		return p;
	if (n->op->form == LNR_OPF_ALONE)
		p.kind = LNR_NET_EXISTS;
	else if (plan_table(n, &p))
		p.kind = LNR_NET_TABLE;
	else if (plan_unequal(n, &p))
		p.kind = LNR_NET_NOT_TABLE;
	else if (scalar && n->mod == LNR_MOD_NONE && n->n_consts == 1 &&
		 n->lhs->type == LNR_PT_BOOL && (is_op(n, "=") || is_op(n, "!=")))
		p.kind = LNR_NET_BOOL;
	else if (scalar && n->mod == LNR_MOD_NONE && n->n_consts == 1 &&
		 (n->op->form == LNR_OPF_NUMBER || is_op(n, "!=")) &&
		 lnr_type_class(n->lhs->type, false) == LNR_TC_NUMBER &&
		 n->lhs->type != LNR_PT_DOUBLE)
		p.kind = LNR_NET_NUMBER;
	return p;
}

/* --- predicates ---------------------------------------------------------------------------- */

static int new_pred(struct lnr_net_builder *b, const struct lnr_node *check, uint32_t *ret)
{
	struct lnr_network *net = b->net;

	if (net->n_preds == b->cap_preds) {
		uint32_t cap = b->cap_preds ? b->cap_preds * 2 : 64;
		void *p = reallocarray(net->preds, cap, sizeof(*net->preds));

		if (!p)
			return -ENOMEM;
		net->preds = p;
		b->cap_preds = cap;
	}
	net->preds[net->n_preds] = (struct lnr_net_pred){.kind = LNR_NET_CHECK,
		.table = LNR_NET_NONE,
		.other = LNR_NET_NONE,
		.expr = check->lhs,
		.check = check};
	*ret = net->n_preds++;
	return 0;
}

static int table_for(struct lnr_net_builder *b, const struct lnr_expr *expr,
	enum lnr_net_table_kind kind, uint32_t *ret)
{
	struct lnr_network *net = b->net;
	uint64_t key = (uint64_t)expr->id * 16 + kind;
	uintptr_t found = (uintptr_t)lnr_idmap_get(&b->by_key, key);

	if (found) {
		*ret = (uint32_t)found - 1;
		return 0;
	}
	if (net->n_tables == b->cap_tables) {
		uint32_t cap = b->cap_tables ? b->cap_tables * 2 : 32;
		void *t = reallocarray(net->tables, cap, sizeof(*net->tables));
		void *d;

		if (!t)
			return -ENOMEM;
		net->tables = t;
		d = reallocarray(b->drafts, cap, sizeof(*b->drafts));
		if (!d)
			return -ENOMEM;
		b->drafts = d;
		b->cap_tables = cap;
	}
	net->tables[net->n_tables] = (struct lnr_net_table){.kind = (uint8_t)kind, .expr = expr};
	b->drafts[net->n_tables] = (struct lnr_net_draft_table){.keys = NULL};
	*ret = net->n_tables++;
	return lnr_idmap_set(&b->by_key, key, (void *)((uintptr_t)*ret + 1), NULL);
}

/* One predicate more in the table, with all constants of the check. */
static int add_to_table(
	struct lnr_net_builder *b, const struct lnr_node *n, const struct plan *p, uint32_t *ret)
{
	const struct lnr_glob *const *globs = n->prep;
	uint32_t table;
	int r = table_for(b, n->lhs, p->table, &table);

	if (!r)
		r = new_pred(b, n, ret);
	if (r)
		return r;
	b->net->preds[*ret].kind = LNR_NET_TABLE;
	b->net->preds[*ret].table = table;
	b->drafts[table].n_preds++;
	for (uint32_t i = 0; i < n->n_consts; i++) {
		struct lnr_net_key *k = lnr_arena_new(&b->work, struct lnr_net_key);

		if (!k)
			return -ENOMEM;
		k->val = n->consts[i];
		if (p->globs)
			k->val.str = globs[i]->text;
		k->pred = *ret;
		k->next = b->drafts[table].keys;
		b->drafts[table].keys = k;
		b->drafts[table].n_keys++;
	}
	return 0;
}

static int new_number(struct lnr_net_builder *b, const struct lnr_node *n, uint32_t *ret)
{
	static const struct {
		const char *op;
		uint8_t order;
	} orders[] = {{"<", 1}, {"<=", 3}, {">", 4}, {">=", 6}, {"!=", 5}};
	struct lnr_net_pred *p;
	int r = new_pred(b, n, ret);

	if (r)
		return r;
	p = &b->net->preds[*ret];
	p->kind = LNR_NET_NUMBER;
	p->is_signed = lnr_pt_kind(n->lhs->type) == LNR_VK_S64;
	p->number = n->consts[0].u64;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(orders); i++) {
		if (is_op(n, orders[i].op))
			p->order = orders[i].order;
	}
	return 0;
}

static int collect_check(struct lnr_net_builder *b, const struct lnr_node *n)
{
	struct plan p = plan(n);
	uint32_t pred, other = LNR_NET_NONE;
	int r;

	if (lnr_idmap_get(&b->by_check, (uint64_t)(uintptr_t)n))
		return 0;
	switch ((enum lnr_net_pred_kind)p.kind) {
	case LNR_NET_TABLE:
		r = add_to_table(b, n, &p, &pred);
		break;
	case LNR_NET_NOT_TABLE:
		r = add_to_table(b, n, &p, &other);
		if (!r)
			r = new_pred(b, n, &pred);
		if (!r) {
			b->net->preds[pred].kind = LNR_NET_NOT_TABLE;
			b->net->preds[pred].other = other;
			b->net->preds[other].is_part = true;
		}
		break;
	case LNR_NET_NUMBER:
		r = new_number(b, n, &pred);
		break;
	default:
		r = new_pred(b, n, &pred);
		if (!r && p.kind == LNR_NET_BOOL)
			b->net->preds[pred].want = (n->consts[0].u64 == 1) == is_op(n, "=");
		if (!r)
			b->net->preds[pred].kind = p.kind;
	}
	if (r)
		return r;
	return lnr_idmap_set(
		&b->by_check, (uint64_t)(uintptr_t)n, (void *)((uintptr_t)pred + 1), NULL);
}

static bool may_fold(const struct lnr_expr *e)
{
	if (e->kind == LNR_EXPR_FIELD)
		return (e->field.def->flags & LNR_FIELD_BY_TYPE) ||
		       lnr_str_starts(lnr_str_c(e->field.def->name), LNR_STR("evt.arg")) ||
		       lnr_str_eq(lnr_str_c(e->field.def->name), LNR_STR("evt.rawarg"));
	for (uint32_t i = 0; i < e->n_args; i++) {
		if (may_fold(e->args[i]))
			return true;
	}
	return false;
}

/* Remember the check if its result may follow from the type of event. */
static int collect_foldable(struct lnr_net_builder *b, const struct lnr_node *n)
{
	uint64_t key = (uint64_t)(uintptr_t)n;

	if (!may_fold(n->lhs) && !(n->rhs && may_fold(n->rhs)))
		return 0;
	if (lnr_idmap_get(&b->fold_index, key))
		return 0;
	if (b->n_foldable == b->cap_foldable) {
		uint32_t cap = b->cap_foldable ? b->cap_foldable * 2 : 32;
		void *p = reallocarray(b->foldable, cap, sizeof(*b->foldable));

		if (!p)
			return -ENOMEM;
		b->foldable = p;
		b->cap_foldable = cap;
	}
	b->foldable[b->n_foldable++] = n;
	return lnr_idmap_set(&b->fold_index, key, (void *)(uintptr_t)b->n_foldable, NULL);
}

int lnr_net_collect(struct lnr_net_builder *b, const struct lnr_node *n)
{
	int r = 0;

	if (n->kind == LNR_NODE_CHECK) {
		r = collect_foldable(b, n);
		return r ? r : collect_check(b, n);
	}
	for (uint32_t i = 0; !r && i < n->n_kids; i++)
		r = lnr_net_collect(b, n->kids[i]);
	return r;
}

uint32_t lnr_net_pred_of(const struct lnr_net_builder *b, const struct lnr_node *check)
{
	return (uint32_t)(uintptr_t)lnr_idmap_get(&b->by_check, (uint64_t)(uintptr_t)check) - 1;
}

bool lnr_net_is_volatile(const struct lnr_node *n)
{
	if (n->kind == LNR_NODE_CHECK)
		return n->lhs->is_volatile || (n->rhs && n->rhs->is_volatile);
	for (uint32_t i = 0; i < n->n_kids; i++) {
		if (lnr_net_is_volatile(n->kids[i]))
			return true;
	}
	return false;
}

/* --- estimates ----------------------------------------------------------------------------- */

/*
 * Rough numbers: they decide in which order things are asked, never what the answer is. Costs were
 * measured on one machine with the benchmark; what matters is which is larger.
 */
static float expr_cost(const struct lnr_expr *e)
{
	static const struct {
		const char *begin;
		float cost;
	} costs[] = {{"evt.args", 400}, {"evt.info", 400}, {"evt.arg", 80}, {"evt.abspath", 100},
		{"evt.time", 200}, {"evt.datetime", 200}, {"evt.", 5}, {"proc.cmdline", 60},
		{"proc.exeline", 60}, {"proc.args", 60}, {"proc.env", 100}, {"proc.a", 150},
		{"proc.pcmdline", 80}, {"proc.p", 25}, {"proc.s", 40}, {"proc.v", 40},
		{"proc.", 10}, {"thread.cap", 150}, {"thread.cgroup", 100}, {"thread.", 10},
		{"fd.types", 100}, {"fd.", 12}, {"fdlist.", 200}, {"fs.path", 60}, {"user.", 25},
		{"group.", 25}, {"container.", 25}, {"k8s", 40}};
	float cost = 20;

	if (e->kind == LNR_EXPR_CONST)
		return 1;
	if (e->kind != LNR_EXPR_FIELD) {
		for (uint32_t i = 0; i < e->n_args; i++)
			cost += expr_cost(e->args[i]);
		return cost;
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(costs); i++) {
		if (lnr_str_starts(e->text, lnr_str_c(costs[i].begin))) {
			cost = costs[i].cost;
			break;
		}
	}
	return e->field.def->flags & LNR_FIELD_ANY ? cost + 150 : cost;
}

/* Fields that have few values say little when they are equal to one. */
static bool has_few_values(const struct lnr_expr *e)
{
	static const char *const few[] = {"fd.type", "fd.typechar", "evt.res", "user.", "group.",
		"evt.dir", "fd.l4proto", "fd.sockfamily", "container.id", "container.type",
		"proc.tty", "evt.io_dir", "evt.category", "evt.type", "syscall.type", "fd.num",
		"evt.rawres"};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(few); i++) {
		if (lnr_str_starts(e->text, lnr_str_c(few[i])))
			return true;
	}
	return false;
}

static float table_odds(const struct lnr_net_pred *p, enum lnr_net_table_kind kind)
{
	static const float odds[] = {[LNR_NET_EQUAL] = 0.01f,
		[LNR_NET_NETWORK] = 0.3f,
		[LNR_NET_PREFIX] = 0.03f,
		[LNR_NET_SUFFIX] = 0.02f,
		[LNR_NET_CONTAINS] = 0.03f,
		[LNR_NET_ICONTAINS] = 0.03f,
		[LNR_NET_PATH] = 0.05f};
	float f = odds[kind] * (1 + 0.05f * (float)p->check->n_consts);

	if (kind == LNR_NET_EQUAL && has_few_values(p->expr))
		f = 0.4f;
	return f < 0.5f ? f : 0.5f;
}

void lnr_net_estimate(const struct lnr_network *net, struct lnr_net_pred *p)
{
	static const float tables[] = {[LNR_NET_EQUAL] = 8,
		[LNR_NET_NETWORK] = 25,
		[LNR_NET_PREFIX] = 10,
		[LNR_NET_SUFFIX] = 10,
		[LNR_NET_CONTAINS] = 50,
		[LNR_NET_ICONTAINS] = 60,
		[LNR_NET_PATH] = 40};

	p->cost = expr_cost(p->expr);
	p->odds = 0.3f;
	switch ((enum lnr_net_pred_kind)p->kind) {
	case LNR_NET_TABLE:
		p->cost += tables[net->tables[p->table].kind];
		p->odds = table_odds(p, (enum lnr_net_table_kind)net->tables[p->table].kind);
		break;
	case LNR_NET_NOT_TABLE:
		p->cost += 10;
		p->odds = 1 - table_odds(p, LNR_NET_EQUAL);
		break;
	case LNR_NET_EXISTS:
		p->odds = 0.9f;
		break;
	case LNR_NET_BOOL:
		p->odds = p->want ? 0.2f : 0.8f;
		break;
	case LNR_NET_NUMBER:
		p->odds = p->order == 5 ? 0.9f : 0.5f;
		break;
	case LNR_NET_CHECK:
		p->cost += 60;
		if (p->check->rhs)
			p->cost += expr_cost(p->check->rhs);
		break;
	}
}
