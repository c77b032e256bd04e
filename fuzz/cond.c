/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions: the text up to the first NUL is parsed, printed, compiled and evaluated; bytes after
 * it choose the events, see tests/lib/rulegen.h. What is printed must mean the same; a refusal must
 * have a place and a reason; the network and the kernel predicate must agree with the tree walker.
 */
#include "tests/lib/rulegen.c"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EVENTS 6

static struct round r;
static struct lnr_arena macros;
static const struct lnr_ast *macro_tree;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void start(void)
{
	static const struct lnr_state_opts opts = {
		.size = sizeof(opts), .max_threads = 64, .host_root = "/nonexistent"};
	struct lnr_cond_err err;

	r.fields = lnr_fieldset_new("syscall");
	must(r.fields && lnr_state_new(&opts, &r.state, NULL) == 0);
	lnr_arena_init(&r.scratch, 0);
	lnr_arena_init(&macros, 0);
	must(lnr_cond_parse(&macros, LNR_STR("proc.name = bash or evt.type in (open, openat)"), 0,
		     &macro_tree, &err) == 0);
	r.ev.scratch = &r.scratch;
	r.ctx = (struct lnr_field_ctx){
		.ev = &r.ev, .state = r.state, .source = LNR_STR("syscall"), .time_mode = 'h'};
}

static void check_err(const struct lnr_cond_err *err, size_t len)
{
	size_t n = strnlen(err->msg, sizeof(err->msg));

	must(n > 0 && n < sizeof(err->msg));
	must(err->offset <= len && err->line && err->column);
}

static bool prints_quoted(struct lnr_str s)
{
	static const char causes[] = " =\\\"'\b\f\n\r\t"; /* and NUL */

	for (size_t i = 0; i < s.len; i++) {
		if (memchr(causes, s.ptr[i], sizeof(causes)))
			return true;
	}
	return false;
}

static bool has_quote(struct lnr_str s)
{
	return lnr_str_chr(s, '"') >= 0 || lnr_str_chr(s, '\'') >= 0;
}

/*
 * The canonical text is for people: quotes that it leaves out may have been needed (spec 6.3), and
 * no quoted text ends with a backslash (6.1).
 */
static int is_lossy(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	(void)user;
	switch ((enum lnr_ast_kind)n->kind) {
	case LNR_AST_CONST:
		return lnr_str_ends(n->value, LNR_STR("\\")) ||
		       (n->quoted && !prints_quoted(n->value));
	case LNR_AST_FIELD:
	case LNR_AST_TRANSFORMER:
		return n->has_arg && (lnr_str_ends(n->arg, LNR_STR("\\")) ||
					     (has_quote(n->text) && !prints_quoted(n->arg)));
	case LNR_AST_NOT:
		return parent && parent->kind == LNR_AST_NOT;
	default:
		return 0;
	}
}

/* The same tree comes out of what it is printed as. */
static void check_print(const struct lnr_ast *ast)
{
	struct lnr_arena arena;
	struct lnr_buf first, second;
	struct lnr_cond_err err;
	const struct lnr_ast *again;
	int rc;

	if (lnr_ast_walk(ast, is_lossy, NULL))
		return;
	lnr_arena_init(&arena, 0);
	lnr_buf_init(&first, 0);
	lnr_buf_init(&second, 0);
	lnr_ast_print(&first, ast);
	/* Printing adds parentheses, so the default depth can be too little. */
	rc = lnr_cond_parse(&arena, lnr_buf_view(&first), 1u << 20, &again, &err);
	if (rc)
		fprintf(stderr, "%.*s\n%u:%u %s\n", LNR_STR_ARG(lnr_buf_view(&first)), err.line,
			err.column, err.msg);
	must(rc == 0);
	lnr_ast_print(&second, again);
	must(lnr_str_eq(lnr_buf_view(&first), lnr_buf_view(&second)));
	lnr_buf_done(&first);
	lnr_buf_done(&second);
	lnr_arena_done(&arena);
}

static const struct lnr_ast *find_macro(struct lnr_str name, void *user)
{
	(void)user;
	return lnr_str_starts(name, LNR_STR("m")) ? macro_tree : NULL;
}

static void evaluate(const struct lnr_rule *rule, struct lnr_gen *g)
{
	struct lnr_ruleset_source source = {.name = LNR_STR("syscall"), .fields = r.fields};
	const uint32_t order[] = {0};
	struct lnr_gen_seen seen = {0};
	struct lnr_buf why;

	lnr_buf_init(&why, 0);
	must(lnr_ruleset_build(r.mem, &source, 1, rule, 1, order, 1, &r.rs) == 0);
	must(lnr_matcher_new(r.rs, source.name, true, &r.net.all) == 0);
	must(lnr_matcher_new(r.rs, source.name, false, &r.net.first) == 0);
	must(lnr_matcher_new(r.rs, source.name, true, &r.tree.all) == 0);
	must(lnr_matcher_new(r.rs, source.name, false, &r.tree.first) == 0);
	must(lnr_pushdown_new(r.rs, NULL, &r.pd) == 0);
	must(lnr_pushdown_print(r.rs, &why) == 0);
	lnr_buf_clear(&why);
	for (unsigned i = 0; i < EVENTS; i++) {
		if (!one_event(&r, g, i + 1, &seen, &why)) {
			fprintf(stderr, "%s\n", why.ptr);
			abort();
		}
	}
	lnr_pushdown_free(r.pd);
	lnr_matcher_free(r.net.all);
	lnr_matcher_free(r.net.first);
	lnr_matcher_free(r.tree.all);
	lnr_matcher_free(r.tree.first);
	lnr_ruleset_unref(r.rs);
	lnr_buf_done(&why);
}

static void compile(const struct lnr_ast *ast, size_t len, struct lnr_gen *g)
{
	struct lnr_cond_opts o = {
		.fields = r.fields, .arena = &r.mem->arena, .interner = r.mem->interner};
	struct lnr_rule rule = {.source = LNR_STR("syscall")};
	const struct lnr_ast *unknown = NULL;
	struct lnr_cond_err err = {0};
	struct lnr_buf text;
	int rc = lnr_ast_expand(&r.mem->arena, ast, find_macro, NULL, &ast, &unknown);

	if (rc) {
		must((rc == -ENOENT || rc == -E2BIG) && unknown);
		return;
	}
	rc = lnr_ast_events(ast, NULL, 0, &rule.events, &err);
	if (rc) {
		must(rc == -EINVAL);
		check_err(&err, len);
	}
	must(lnr_ast_syscalls(ast, &rule.syscalls) == 0);
	if (lnr_cond_compile(&o, ast, &rule.cond, &err)) {
		/* A place may be in the text of the macro. */
		must(err.node);
		check_err(&err, len < 64 ? 64 : len);
		return;
	}
	if (rc)
		return;
	rule.events.bits[LNR_EV_ASYNCEVENT_E / 8] |= (uint8_t)(1u << LNR_EV_ASYNCEVENT_E % 8);
	lnr_buf_init(&text, 0);
	lnr_ast_print(&text, ast);
	r.texts[0] = text;
	evaluate(&rule, g);
	lnr_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t len = nul ? (size_t)(nul - data) : size;
	struct lnr_gen g = {.bytes = nul ? nul + 1 : NULL, .n_bytes = nul ? size - len - 1 : 0};
	struct lnr_cond_err err = {0};
	const struct lnr_ast *ast;
	int rc;

	if (!r.fields)
		start();
	must(lnr_rules_mem_new(0, &r.mem) == 0);
	rc = lnr_cond_parse(
		&r.mem->arena, (struct lnr_str){(const char *)data, len}, 0, &ast, &err);
	if (rc) {
		must(rc == -EINVAL);
		check_err(&err, len);
	} else {
		check_print(ast);
		compile(ast, len, &g);
	}
	lnr_rules_mem_unref(r.mem);
	return 0;
}
