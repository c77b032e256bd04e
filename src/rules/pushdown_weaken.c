/* SPDX-License-Identifier: Apache-2.0 */
/* From a rule's tree to what a probe can see of it. */
#include "rules/pushdown_priv.h"

#include "rules/eval.h"
#include "rules/fold.h"
#include "rules/glob.h"
#include "rules/ops.h"
#include "schema/params.h"

/* --- where the facts are ------------------------------------------------------------------- */

/* The path operand that fd.name or fs.path.name is about. */
static void path_facts(unsigned type, struct lnr_probe_facts *f)
{
	static const struct {
		uint16_t type;
		int16_t fd_path, fs_path;
	} paths[] = {
#define P(event, param)	  LNR_P_SYSCALL_##event##_##param
#define ONE(event, param) {LNR_EV_SYSCALL_##event, -1, P(event, param)}
		{LNR_EV_SYSCALL_OPEN_X, P(OPEN_X, name), P(OPEN_X, name)},
		{LNR_EV_SYSCALL_OPENAT_2_X, P(OPENAT_2_X, name), P(OPENAT_2_X, name)},
		{LNR_EV_SYSCALL_OPENAT2_X, P(OPENAT2_X, name), P(OPENAT2_X, name)},
		{LNR_EV_SYSCALL_CREAT_X, P(CREAT_X, name), -1},
		ONE(MKDIR_2_X, path),
		ONE(MKDIRAT_X, path),
		ONE(RMDIR_2_X, path),
		ONE(UNLINK_2_X, path),
		ONE(UNLINKAT_2_X, name),
		ONE(CHMOD_X, filename),
		ONE(FCHMODAT_X, filename),
		ONE(CHOWN_X, path),
		ONE(LCHOWN_X, path),
		ONE(FCHOWNAT_X, pathname),
		ONE(UMOUNT2_X, name),
#undef ONE
#undef P
	};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(paths); i++) {
		if (paths[i].type == type) {
			f->fd_path = paths[i].fd_path;
			f->fs_path = paths[i].fs_path;
		}
	}
}

struct lnr_probe_facts lnr_probe_facts(unsigned type)
{
	struct lnr_probe_facts f = {-1, -1, -1, -1, -1, -1, -1, -1};
	const struct lnr_event_info *info = lnr_event_info(type);
	unsigned first;

	if (!info || !(info->source_class & LNR_EC_SYSCALL) || !(type & 1) ||
		type == LNR_EV_GENERIC_X || !info->nparams)
		return f;
	first = info->params[0].type;
	if (first == LNR_PT_ERRNO || first == LNR_PT_FD || first == LNR_PT_PID)
		f.result = 0;
	path_facts(type, &f);
	switch (type) {
	case LNR_EV_SYSCALL_OPEN_X:
		f.open_flags = LNR_P_SYSCALL_OPEN_X_flags;
		break;
	case LNR_EV_SYSCALL_OPENAT_2_X:
		f.open_flags = LNR_P_SYSCALL_OPENAT_2_X_flags;
		break;
	case LNR_EV_SYSCALL_OPENAT2_X:
		f.open_flags = LNR_P_SYSCALL_OPENAT2_X_flags;
		break;
	case LNR_EV_SOCKET_CONNECT_X:
		f.address = LNR_P_SOCKET_CONNECT_X_tuple;
		break;
	case LNR_EV_SYSCALL_EXECVE_19_X:
	case LNR_EV_SYSCALL_EXECVEAT_X:
		f.comm = (int16_t)lnr_event_param(info, LNR_STR("comm"));
		f.uid = (int16_t)lnr_event_param(info, LNR_STR("uid"));
		f.cgroups = (int16_t)lnr_event_param(info, LNR_STR("cgroups"));
		break;
	default:
		break;
	}
	return f;
}

/* --- one check ----------------------------------------------------------------------------- */

struct test {
	enum lnr_probe_fact fact;
	enum lnr_probe_how how;
	const struct lnr_val *vals; /* NULL: those of the check */
	uint32_t n_vals;
	bool always;	     /* the checked value is there whenever the fact is */
	const char *why;     /* not possible, and why */
	struct lnr_str text; /* the one value, when ptr is set */
};

static struct test lost(const char *why)
{
	return (struct test){.why = why};
}

static bool is_op(const struct lnr_node *n, const char *name)
{
	return strcmp(lnr_op_canonical(n->op)->name, name) == 0;
}

static bool is_field(const struct lnr_node *n, const char *name)
{
	return n->lhs->kind == LNR_EXPR_FIELD && !n->lhs->field.has_arg &&
	       strcmp(n->lhs->field.def->name, name) == 0;
}

/* = != in, and the modifiers that say the same: equal to one of the constants, or to none. */
static bool equality(const struct lnr_node *n, enum lnr_probe_how *ret)
{
	*ret = is_op(n, "!=") ? LNR_PROBE_NE : LNR_PROBE_EQ;
	if (is_op(n, "in") || is_op(n, "intersects"))
		return true;
	if (is_op(n, "="))
		return n->mod == LNR_MOD_NONE || n->mod == LNR_MOD_ANYOF;
	return is_op(n, "!=") && (n->mod == LNR_MOD_NONE || n->mod == LNR_MOD_ALLOF);
}

static bool order(const struct lnr_node *n, enum lnr_probe_how *ret)
{
	static const struct {
		const char *op;
		enum lnr_probe_how how;
	} ops[] = {{"<", LNR_PROBE_LT}, {"<=", LNR_PROBE_LE}, {">", LNR_PROBE_GT},
		{">=", LNR_PROBE_GE}};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(ops); i++) {
		if (is_op(n, ops[i].op)) {
			*ret = ops[i].how;
			return true;
		}
	}
	return false;
}

static struct test number(const struct lnr_node *n, enum lnr_probe_fact fact)
{
	struct test t = {.fact = fact};

	if (equality(n, &t.how) || order(n, &t.how))
		return t;
	return lost("this operator is not one that a probe has");
}

/* glob with a plain beginning or end. */
static struct test path_pattern(const struct lnr_node *n)
{
	const struct lnr_glob *const *globs = n->prep;
	struct test t = {.fact = LNR_PROBE_PATH};

	if (n->mod != LNR_MOD_NONE)
		return lost("patterns are tested one at a time");
	switch (globs[0]->kind) {
	case LNR_GLOB_EXACT:
		t.how = LNR_PROBE_EQ;
		break;
	case LNR_GLOB_PREFIX:
		t.how = LNR_PROBE_PREFIX;
		break;
	case LNR_GLOB_SUFFIX:
		t.how = LNR_PROBE_SUFFIX;
		break;
	case LNR_GLOB_TOKENS:
	case LNR_GLOB_SYSTEM:
		/* Every match begins like this. */
		t.how = LNR_PROBE_PREFIX;
		break;
	default:
		return lost("a probe does not search inside a path");
	}
	if (!globs[0]->text.len)
		return lost("the pattern has no fixed beginning");
	t.text = globs[0]->text;
	return t;
}

static bool plain_paths(const struct lnr_node *n)
{
	for (uint32_t i = 0; i < n->n_consts; i++) {
		if (lnr_glob_is_pattern(n->consts[i].str))
			return false;
	}
	return true;
}

static struct test path(const struct lnr_node *n)
{
	struct test t = {.fact = LNR_PROBE_PATH};

	if (equality(n, &t.how))
		return t;
	if (is_op(n, "glob"))
		return path_pattern(n);
	if (is_op(n, "pmatch")) {
		t.how = LNR_PROBE_BELOW;
		return plain_paths(n) ? t : lost("a path pattern");
	}
	if (n->mod != LNR_MOD_NONE && n->mod != LNR_MOD_ANYOF)
		return lost("a probe asks for one of several, not for all");
	if (is_op(n, "startswith"))
		t.how = LNR_PROBE_PREFIX;
	else if (is_op(n, "endswith"))
		t.how = LNR_PROBE_SUFFIX;
	else
		return lost("a probe does not search inside a path");
	return t;
}

/* What holds for the directory or the last component, said about the whole path. */
static struct test path_part(const struct lnr_node *n, bool directory)
{
	struct test t = path(n);

	if (t.why || t.how == LNR_PROBE_NE)
		return lost("about a part of the path, and not an equality");
	if (t.how == LNR_PROBE_EQ)
		t.how = directory ? LNR_PROBE_DIRECTORY : LNR_PROBE_BASENAME;
	else if (directory ? t.how == LNR_PROBE_SUFFIX : t.how != LNR_PROBE_SUFFIX)
		return lost("about a part of the path, and not an equality");
	return t;
}

static const struct lnr_val zero = {.type = LNR_PT_INT64, .s64 = 0};
static const struct lnr_val read_bit = {.type = LNR_PT_UINT32, .u64 = LNR_O_RDONLY};
static const struct lnr_val write_bit = {.type = LNR_PT_UINT32, .u64 = LNR_O_WRONLY};

/* A check of true or false: the test, or its opposite. */
static struct test boolean(const struct lnr_node *n, struct test yes, struct test no)
{
	enum lnr_probe_how how;

	if (!equality(n, &how) || n->n_consts != 1)
		return lost("this operator is not one that a probe has");
	return (how == LNR_PROBE_EQ) == (n->consts[0].u64 == 1) ? yes : no;
}

/* fd.num of a call that opens: the result, but every failure shows as -1. */
static struct test opened_fd(const struct lnr_node *n)
{
	enum lnr_probe_how how;
	int64_t c;

	if (n->n_consts != 1 || (!equality(n, &how) && !order(n, &how)))
		return lost("this operator is not one that a probe has");
	c = n->consts[0].s64;
	if ((how == LNR_PROBE_GE && c == 0) || (how == LNR_PROBE_GT && c == -1) ||
		(how == LNR_PROBE_NE && c == -1))
		return (struct test){
			.fact = LNR_PROBE_RESULT, .how = LNR_PROBE_GE, .vals = &zero, .n_vals = 1};
	if ((how == LNR_PROBE_LT && c == 0) || (how == LNR_PROBE_LE && c == -1) ||
		(how == LNR_PROBE_EQ && c == -1))
		return (struct test){
			.fact = LNR_PROBE_RESULT, .how = LNR_PROBE_LT, .vals = &zero, .n_vals = 1};
	return lost("only whether the descriptor is one");
}

/* container.id = host */
static struct test host(const struct lnr_node *n)
{
	enum lnr_probe_how how;

	if (!equality(n, &how) || n->n_consts != 1 ||
		!lnr_str_eq(n->consts[0].str, LNR_STR("host")))
		return lost("needs to know containers by id");
	return (struct test){.fact = LNR_PROBE_HOST, .how = how};
}

static const char *why_not(const struct lnr_node *n)
{
	static const struct {
		const char *begin, *why;
	} reasons[] = {
		{"proc.a", "needs the process tree"},
		{"proc.p", "needs the process tree"},
		{"proc.s", "needs the process tree"},
		{"proc.v", "needs the process tree"},
		{"proc.", "needs what is known about the process"},
		{"thread.", "needs what is known about the process"},
		{"user.", "needs what is known about the process"},
		{"group.", "needs what is known about the process"},
		{"fd", "needs the descriptor table"},
		{"fs.path", "a path that the probe would have to resolve"},
		{"container.", "needs container metadata"},
		{"k8s", "needs container metadata"},
		{"evt.arg", "an argument as text"},
	};

	if (n->rhs)
		return "compares two fields";
	if (n->lhs->kind != LNR_EXPR_FIELD)
		return "a computed value";
	for (size_t i = 0; i < LNR_ARRAY_SIZE(reasons); i++) {
		if (lnr_str_starts(lnr_str_c(n->lhs->field.def->name), lnr_str_c(reasons[i].begin)))
			return reasons[i].why;
	}
	return "nothing that a probe compares";
}

static struct test test_of(const struct lnr_probe_facts *f, const struct lnr_node *n)
{
	const struct test failed = {.fact = LNR_PROBE_RESULT,
		.how = LNR_PROBE_LT,
		.vals = &zero,
		.n_vals = 1,
		.always = true};
	const struct test done = {.fact = LNR_PROBE_RESULT,
		.how = LNR_PROBE_GE,
		.vals = &zero,
		.n_vals = 1,
		.always = true};
	struct test t;

	if (n->rhs || n->lhs->kind != LNR_EXPR_FIELD || n->op->form == LNR_OPF_ALONE)
		return lost(why_not(n));
	if (f->result >= 0) {
		if (is_field(n, "evt.failed"))
			return boolean(n, failed, done);
		if (is_field(n, "evt.rawres")) {
			t = number(n, LNR_PROBE_RESULT);
			t.always = true;
			return t;
		}
		if (is_field(n, "fd.num") && f->fd_path >= 0)
			return opened_fd(n);
		if (is_field(n, "evt.res") && n->n_consts == 1 && n->mod == LNR_MOD_NONE &&
			lnr_str_eq(n->consts[0].str, LNR_STR("SUCCESS")) && is_op(n, "="))
			return done;
	}
	if (f->open_flags >= 0) {
		struct test other;

		t = (struct test){
			.fact = LNR_PROBE_OPEN, .how = LNR_PROBE_BITS, .n_vals = 1, .always = true};
		other = t;

		t.vals = is_field(n, "evt.is_open_write") ? &write_bit : &read_bit;
		other.vals = t.vals;
		other.how = LNR_PROBE_NE; /* none of the bits */
		if (is_field(n, "evt.is_open_read") || is_field(n, "evt.is_open_write"))
			return boolean(n, t, other);
	}
	if (f->fd_path >= 0 && is_field(n, "fd.name"))
		return path(n);
	if (f->fd_path >= 0 && is_field(n, "fd.directory"))
		return path_part(n, true);
	if (f->fd_path >= 0 && is_field(n, "fd.filename"))
		return path_part(n, false);
	if (f->fs_path >= 0 && is_field(n, "fs.path.name"))
		return path(n);
	if (f->address >= 0 && (is_field(n, "fd.sip") || is_field(n, "fd.snet")))
		return number(n, LNR_PROBE_ADDRESS);
	if (f->address >= 0 && is_field(n, "fd.sport"))
		return number(n, LNR_PROBE_PORT);
	if (f->comm >= 0 && is_field(n, "proc.name") &&
		(is_op(n, "=") || is_op(n, "!=") || is_op(n, "in")))
		return number(n, LNR_PROBE_COMM);
	if (f->uid >= 0 && is_field(n, "user.uid"))
		return number(n, LNR_PROBE_UID);
	if (is_field(n, "container.id"))
		return host(n);
	return lost(why_not(n));
}

/* --- trees --------------------------------------------------------------------------------- */

static const struct lnr_probe_node always = {.kind = LNR_NODE_TRUE};
static const struct lnr_probe_node never = {.kind = LNR_NODE_FALSE};

static int weaken_check(struct lnr_weakener *w, const struct lnr_node *n, bool negated,
	const struct lnr_probe_node **ret)
{
	enum lnr_fold fold = lnr_fold_check(n, w->type, w->scratch);
	struct lnr_probe_node *p;
	struct test t;

	if (fold != LNR_FOLD_NO) {
		*ret = (fold == LNR_FOLD_TRUE) != negated ? &always : &never;
		return 0;
	}
	t = test_of(&w->facts, n);
	if (!t.why && negated && !t.always)
		t = lost("under a `not` an absent value would decide");
	if (t.why) {
		if (w->lost)
			w->lost(w->user, n, t.why);
		*ret = &always;
		return 0;
	}
	p = lnr_arena_new(w->arena, struct lnr_probe_node);
	if (!p)
		return -ENOMEM;
	p->kind = LNR_NODE_CHECK;
	p->fact = (uint8_t)t.fact;
	p->how = (uint8_t)t.how;
	p->negated = negated;
	p->vals = t.vals ? t.vals : n->consts;
	p->n_vals = t.vals ? t.n_vals : n->n_consts;
	if (t.text.ptr) {
		struct lnr_val *v = lnr_arena_new(w->arena, struct lnr_val);

		if (!v)
			return -ENOMEM;
		v->type = LNR_PT_CHARBUF;
		v->str = t.text;
		p->vals = v;
		p->n_vals = 1;
	}
	p->check = n;
	*ret = p;
	return 0;
}

int lnr_weaken(struct lnr_weakener *w, const struct lnr_node *n, bool negated,
	const struct lnr_probe_node **ret)
{
	bool both = (n->kind == LNR_NODE_AND) != negated;
	uint8_t neutral = both ? LNR_NODE_TRUE : LNR_NODE_FALSE;
	struct lnr_probe_node *p;

	if (n->kind == LNR_NODE_CHECK)
		return weaken_check(w, n, negated, ret);
	if (n->kind == LNR_NODE_NOT)
		return lnr_weaken(w, n->kids[0], !negated, ret);
	if (n->kind == LNR_NODE_TRUE || n->kind == LNR_NODE_FALSE) {
		*ret = (n->kind == LNR_NODE_TRUE) != negated ? &always : &never;
		return 0;
	}
	p = lnr_arena_new(w->arena, struct lnr_probe_node);
	if (p)
		p->kids = lnr_arena_calloc(w->arena, n->n_kids, sizeof(*p->kids));
	if (!p || !p->kids)
		return -ENOMEM;
	p->kind = both ? LNR_NODE_AND : LNR_NODE_OR;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		const struct lnr_probe_node *kid;
		int r = lnr_weaken(w, n->kids[i], negated, &kid);

		if (r)
			return r;
		if (kid->kind == neutral)
			continue;
		if (kid->kind == LNR_NODE_TRUE || kid->kind == LNR_NODE_FALSE) {
			*ret = kid; /* it decides alone */
			return 0;
		}
		p->kids[p->n_kids++] = kid;
	}
	*ret = p->n_kids > 1 ? p : p->n_kids == 1 ? p->kids[0] : both ? &always : &never;
	return 0;
}
