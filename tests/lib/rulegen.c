/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/rulegen.h"

#include <stdlib.h>
#include "rules/pushdown.h"

/* --- choices ------------------------------------------------------------------------------- */

uint64_t lnr_gen_below(struct lnr_gen *g, uint64_t n)
{
	if (g->n_bytes) {
		uint64_t v = *g->bytes++;

		g->n_bytes--;
		if (n > 256 && g->n_bytes) {
			v = v << 8 | *g->bytes++;
			g->n_bytes--;
		}
		return v % n;
	}
	return lnr_u64_hash(lnr_u64_hash(g->seed++)) % n;
}

static bool one_in(struct lnr_gen *g, unsigned n)
{
	return lnr_gen_below(g, n) == 0;
}

#define PICK(g, array) ((array)[lnr_gen_below((g), LNR_ARRAY_SIZE(array))])

/* Values that rules and events share, so that they meet. */
static const char *const words[] = {"bash", "sh", "sshd", "nginx", "cat", "python3", "ba", "a", "",
	"root", "host", "x y", "BASH", "f", "SUCCESS", "ENOENT", "<NA>", "file", "read",
	"YmFzaABzaA=="};
static const char *const paths[] = {"/etc/passwd", "/etc/shadow", "/etc", "/etc/ssh/sshd_config",
	"/usr/bin/bash", "/bin/sh", "/tmp/x", "/tmp/../etc/passwd", "rel/file", "/", "passwd",
	"/var/log/syslog", "/home/u/.ssh/id_rsa", "./a", "/etc//passwd", "/dev/null",
	"/proc/self/mem", "/usr/lib/libc.so.6"};
static const char *const pieces[] = {"/etc", "/etc/", "/usr/bin", "passwd", ".ssh", "bash", "s",
	"sh", "/tmp/", "conf", "", "/", "log", "id_rsa", "ETC", "Bash"};
static const char *const patterns[] = {"/etc/*", "*bash", "*ss*", "/home/*/.ssh/*", "?ash", "*",
	"[bs]*", "/usr/[a-z]*/*", "a\\*", "/etc/passwd", "*.conf", "s?"};
static const char *const regexes[] = {
	".*bash", "/etc/.*", "[a-z]+", "(ba|s)h?.*", "", "a{2,3}", "^/usr/(bin|lib)/.*$"};
static const char *const numbers[] = {
	"0", "1", "-1", "2", "3", "22", "80", "443", "1000", "-2", "4096", "100", "7"};
static const char *const addresses[] = {"10.0.0.1", "127.0.0.1", "8.8.8.8", "::1", "fd00::1"};
static const char *const networks[] = {
	"10.0.0.0/8", "127.0.0.0/8", "::/1", "0.0.0.0/0", "fd00::/8", "10.0.0.1/32"};
static const char *const event_names[] = {"open", "openat", "execve", "connect", "close", "clone",
	"read", "write", "unlinkat", "procexit", "mount", "getpid", "setuid", "rename", "dup"};

/* --- conditions ---------------------------------------------------------------------------- */

static const char *const text_fields[] = {"proc.name", "proc.pname", "proc.exepath", "proc.cmdline",
	"proc.args", "proc.cwd", "proc.exe", "fd.name", "fd.directory", "fd.filename", "fd.type",
	"fd.typechar", "fd.l4proto", "fs.path.name", "fs.path.source", "evt.res", "evt.arg.name",
	"evt.arg.path", "evt.arg.fd", "evt.arg[0]", "evt.category", "evt.io_dir", "user.name",
	"proc.aname[1]", "proc.aname[2]", "proc.env[A]", "container.id", "fd.nameraw", "evt.args",
	"proc.sname", "group.name", "evt.rawarg.name", "evt.rawarg.path", "proc.args[0]"};
static const char *const any_fields[] = {"proc.aname", "proc.aexepath", "proc.acmdline"};
static const char *const number_fields[] = {"proc.pid", "proc.ppid", "fd.num", "evt.rawres",
	"user.uid", "evt.cpu", "fd.sport", "fd.cport", "fd.port", "proc.apid", "evt.rawarg.flags",
	"evt.rawarg.fd", "evt.rawarg.res", "evt.count.error", "len(proc.name)", "len(proc.args)",
	"proc.nthreads", "evt.num", "thread.tid", "proc.vpid", "evt.count", "evt.type.is.open",
	"evt.rawarg.mode", "evt.rawarg.type", "evt.rawarg.dev", "fd.dev.major", "proc.cmdnargs",
	"evt.buflen", "user.loginuid"};
static const char *const bool_fields[] = {"evt.is_open_write", "evt.is_open_read",
	"evt.is_open_create", "evt.failed", "fd.is_server", "evt.is_io", "evt.is_io_write",
	"proc.is_exe_writable", "evt.is_async", "evt.is_wait", "thread.ismain", "fd.connected"};
static const char *const text_ops[] = {"=", "!=", "contains", "icontains", "startswith", "endswith",
	"glob", "iglob", "regex", "==", "<", ">="};
static const char *const number_ops[] = {"=", "!=", "<", "<=", ">", ">=", "=="};
static const char *const mods[] = {"anyof", "allof", "oneof"};

static const char *text_constant(struct lnr_gen *g, const char *op)
{
	if (strcmp(op, "regex") == 0)
		return PICK(g, regexes);
	if (strcmp(op, "glob") == 0 || strcmp(op, "iglob") == 0)
		return PICK(g, patterns);
	switch (lnr_gen_below(g, 3)) {
	case 0:
		return PICK(g, words);
	case 1:
		return PICK(g, paths);
	default:
		return PICK(g, pieces);
	}
}

static void quoted(struct lnr_buf *out, const char *text)
{
	lnr_buf_chr(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			lnr_buf_chr(out, '\\');
		lnr_buf_chr(out, *text);
	}
	lnr_buf_chr(out, '"');
}

static void list(struct lnr_gen *g, struct lnr_buf *out, const char *op,
	const char *(*item)(struct lnr_gen *, const char *op))
{
	uint64_t n = lnr_gen_below(g, one_in(g, 6) ? 12 : 5);

	lnr_buf_chr(out, '(');
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			lnr_buf_cstr(out, ", ");
		quoted(out, item(g, op));
	}
	lnr_buf_chr(out, ')');
}

static const char *number_constant(struct lnr_gen *g, const char *op)
{
	(void)op;
	return PICK(g, numbers);
}

/* A sign makes no port. */
static const char *port_constant(struct lnr_gen *g, const char *op)
{
	const char *s = number_constant(g, op);

	return s[0] == '-' ? s + 1 : s;
}

static const char *address_constant(struct lnr_gen *g, const char *op)
{
	(void)op;
	return PICK(g, addresses);
}

static const char *network_constant(struct lnr_gen *g, const char *op)
{
	(void)op;
	return PICK(g, networks);
}

static const char *event_constant(struct lnr_gen *g, const char *op)
{
	(void)op;
	return PICK(g, event_names);
}

static void text_lhs(struct lnr_gen *g, struct lnr_buf *out)
{
	static const char *const plain[] = {"proc.name", "fd.name", "proc.exepath", "proc.cmdline"};

	switch (lnr_gen_below(g, 12)) {
	case 0:
		lnr_buf_printf(out, "tolower(%s)", PICK(g, plain));
		break;
	case 1:
		lnr_buf_printf(out, "basename(%s)", PICK(g, plain));
		break;
	case 2:
		lnr_buf_printf(out, "concat(%s, \"-\", %s)", PICK(g, plain), PICK(g, plain));
		break;
	case 3:
		lnr_buf_cstr(out, one_in(g, 2) ? "b64(proc.args)" : "join(\"+\", fd.types)");
		break;
	case 4:
		lnr_buf_cstr(out, PICK(g, any_fields));
		break;
	default:
		lnr_buf_cstr(out, PICK(g, text_fields));
	}
}

static void text_check(struct lnr_gen *g, struct lnr_buf *out)
{
	const char *op = PICK(g, text_ops);
	bool symbol = strchr("=!<>", op[0]);

	if (op[0] == '<' || op[0] == '>') {
		lnr_buf_printf(out, "%s %s %s", PICK(g, text_fields), op, PICK(g, numbers));
		return;
	}
	text_lhs(g, out);
	switch (lnr_gen_below(g, 8)) {
	case 0:
		lnr_buf_printf(out, " %s %s ", op, PICK(g, mods));
		list(g, out, op, text_constant);
		return;
	case 1:
	case 2:
		lnr_buf_cstr(out, one_in(g, 6) ? " intersects " : " in ");
		list(g, out, "in", text_constant);
		return;
	case 3:
		lnr_buf_cstr(out, " pmatch ");
		list(g, out, one_in(g, 2) ? "glob" : "pmatch", text_constant);
		return;
	case 4:
		if (one_in(g, 2)) {
			lnr_buf_cstr(out, " exists");
			return;
		}
		break;
	default:
		break;
	}
	lnr_buf_printf(out, symbol ? "%s" : " %s ", op);
	quoted(out, text_constant(g, op));
}

static void number_check(struct lnr_gen *g, struct lnr_buf *out)
{
	const char *op = PICK(g, number_ops), *field = PICK(g, number_fields);
	const char *(*constant)(struct lnr_gen *,
		const char *) = strstr(field, "port") ? port_constant : number_constant;

	lnr_buf_cstr(out, field);
	switch (lnr_gen_below(g, 6)) {
	case 0:
		lnr_buf_cstr(out, one_in(g, 6) ? " intersects " : " in ");
		list(g, out, "in", constant);
		return;
	case 1:
		lnr_buf_printf(out, " %s %s ", one_in(g, 2) ? "!=" : "=", PICK(g, mods));
		list(g, out, op, constant);
		return;
	case 2:
		if (one_in(g, 3)) {
			lnr_buf_cstr(out, " exists");
			return;
		}
		break;
	default:
		break;
	}
	lnr_buf_printf(out, " %s %s", op, constant(g, op));
}

static void address_check(struct lnr_gen *g, struct lnr_buf *out)
{
	static const char *const ips[] = {"fd.sip", "fd.cip", "fd.ip", "fd.rip"};
	static const char *const nets[] = {"fd.snet", "fd.net", "fd.cnet"};
	bool net = one_in(g, 2);

	lnr_buf_cstr(out, net ? PICK(g, nets) : PICK(g, ips));
	if (one_in(g, 2)) {
		lnr_buf_printf(out, " %s %s", one_in(g, 3) ? "!=" : "=",
			net ? PICK(g, networks) : PICK(g, addresses));
		return;
	}
	if (one_in(g, 4))
		lnr_buf_printf(out, " %s %s ", one_in(g, 2) ? "=" : "!=", PICK(g, mods));
	else
		lnr_buf_cstr(out, one_in(g, 4) ? " intersects " : " in ");
	list(g, out, "in", net ? network_constant : address_constant);
}

static void other_check(struct lnr_gen *g, struct lnr_buf *out)
{
	static const char *const comparable[] = {"proc.pname", "proc.exepath", "fd.name",
		"proc.cmdline", "fs.path.name", "evt.res", "proc.name"};

	switch (lnr_gen_below(g, 9)) {
	case 0:
		lnr_buf_printf(out, "util.cnt %s %s", PICK(g, number_ops), PICK(g, numbers));
		break;
	case 1:
		lnr_buf_printf(out, "evt.deltatime > %s", PICK(g, numbers));
		break;
	case 2:
		lnr_buf_printf(out, "%s %s val(%s)", PICK(g, comparable),
			one_in(g, 2) ? "contains" : "!=", PICK(g, comparable));
		break;
	case 3:
		lnr_buf_printf(out, "proc.pid %s val(proc.ppid)", PICK(g, number_ops));
		break;
	case 4:
		lnr_buf_printf(out, "fd.types %s ", one_in(g, 2) ? "in" : "intersects");
		list(g, out, "in", text_constant);
		break;
	case 5:
		lnr_buf_printf(out, "evt.buffer %s %s", one_in(g, 2) ? "bcontains" : "bstartswith",
			one_in(g, 2) ? "61" : "2f65");
		break;
	case 6:
		lnr_buf_cstr(out, "evt.buffer contains ");
		quoted(out, PICK(g, pieces));
		break;
	case 7:
		lnr_buf_printf(out, "syscall.type %s ", one_in(g, 2) ? "in" : "intersects");
		list(g, out, "in", event_constant);
		break;
	default:
		lnr_buf_printf(out, "evt.dir = %s", one_in(g, 2) ? "<" : "'>'");
	}
}

static void check(struct lnr_gen *g, struct lnr_buf *out)
{
	switch (lnr_gen_below(g, 16)) {
	case 0:
	case 1:
	case 2:
		lnr_buf_printf(out, "evt.type %s ", one_in(g, 8) ? "intersects" : "in");
		list(g, out, "in", event_constant);
		break;
	case 3:
		lnr_buf_printf(
			out, "evt.type %s %s", one_in(g, 2) ? "=" : "!=", PICK(g, event_names));
		break;
	case 4:
	case 5:
	case 6:
		number_check(g, out);
		break;
	case 7:
	case 8:
		lnr_buf_printf(out, "%s %s %s", PICK(g, bool_fields), one_in(g, 3) ? "!=" : "=",
			one_in(g, 2) ? "true" : "false");
		break;
	case 9:
		address_check(g, out);
		break;
	case 10:
		other_check(g, out);
		break;
	default:
		text_check(g, out);
	}
}

static void tree(struct lnr_gen *g, struct lnr_buf *out, unsigned depth)
{
	const char *word;
	uint64_t n;

	if (one_in(g, 6))
		lnr_buf_cstr(out, "not ");
	if (depth == 0 || one_in(g, 3)) {
		check(g, out);
		return;
	}
	word = one_in(g, 2) ? " and " : " or ";
	n = 2 + lnr_gen_below(g, 3);
	lnr_buf_chr(out, '(');
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			lnr_buf_cstr(out, word);
		tree(g, out, depth - 1);
	}
	lnr_buf_chr(out, ')');
}

/* What many rules begin with. */
static const char *const common[] = {"evt.is_open_write = true", "evt.is_open_read = true",
	"evt.failed = false", "fd.num >= 0", "not evt.is_io = true", "container.id != host",
	"fd.typechar = f", "proc.pid > 100", "not proc.name = bash", "proc.name exists"};

/* Rules of which a probe can see all or most. */
static void visible_condition(struct lnr_gen *g, struct lnr_buf *out)
{
	static const char *const fields[] = {
		"fd.name", "fs.path.name", "fd.directory", "fd.filename"};
	static const char *const ops[] = {"=", "startswith", "endswith", "glob", "!="};
	static const char *const near[] = {
		"/etc/passwd", "/etc/pass", "/etc", "passwd", "/etc/*", "*/passwd", "/etc/p*d"};
	const char *op;

	switch (lnr_gen_below(g, 4)) {
	case 0:
		lnr_buf_printf(out, "evt.type = connect and fd.%s %s %s",
			one_in(g, 2) ? "sport" : "cport", PICK(g, number_ops),
			port_constant(g, ""));
		break;
	case 1:
		lnr_buf_printf(out, "evt.type = connect and fd.%s %s %s",
			one_in(g, 2) ? "snet" : "net", one_in(g, 3) ? "!=" : "=",
			PICK(g, networks));
		break;
	case 2:
		lnr_buf_cstr(out, "evt.type = execve and ");
		if (one_in(g, 3))
			lnr_buf_printf(
				out, "user.uid %s %s", PICK(g, number_ops), PICK(g, numbers));
		else if (one_in(g, 2))
			lnr_buf_printf(out, "container.id %s host", one_in(g, 2) ? "=" : "!=");
		else
			lnr_buf_printf(out, "proc.name %s bash", one_in(g, 2) ? "=" : "!=");
		break;
	default:
		lnr_buf_cstr(
			out, "evt.type in (open, openat, openat2, creat, unlinkat, mkdir) and ");
		op = PICK(g, ops);
		lnr_buf_printf(out, "%s %s ", PICK(g, fields), one_in(g, 8) ? (op = "pmatch") : op);
		if (strcmp(op, "pmatch") == 0)
			list(g, out, "pmatch", text_constant);
		else
			quoted(out, one_in(g, 2) ? PICK(g, near) : text_constant(g, op));
	}
	if (one_in(g, 3))
		lnr_buf_printf(out, " and %s", PICK(g, common));
}

/* Mostly the form that real rules have: a type, and things about it. */
void lnr_gen_condition(struct lnr_gen *g, struct lnr_buf *out)
{
	if (g->visible || one_in(g, 8)) {
		visible_condition(g, out);
		return;
	}
	if (!one_in(g, 4)) {
		lnr_buf_cstr(out, "evt.type in ");
		list(g, out, "in", event_constant);
		lnr_buf_cstr(out, " and ");
	}
	while (one_in(g, 2))
		lnr_buf_printf(out, "%s and ", PICK(g, common));
	tree(g, out, (unsigned)lnr_gen_below(g, 4));
	while (one_in(g, 3)) {
		lnr_buf_cstr(out, " and ");
		tree(g, out, 1);
	}
}

/* --- events -------------------------------------------------------------------------------- */

static const uint16_t event_types[] = {LNR_EV_SYSCALL_OPEN_X, LNR_EV_SYSCALL_OPENAT_2_X,
	LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_EXECVE_19_X, LNR_EV_SYSCALL_EXECVE_19_X,
	LNR_EV_SOCKET_CONNECT_X, LNR_EV_SYSCALL_CLOSE_X, LNR_EV_SYSCALL_CLONE_20_X,
	LNR_EV_SYSCALL_CLONE_20_X, LNR_EV_SYSCALL_READ_X, LNR_EV_SYSCALL_WRITE_X,
	LNR_EV_SYSCALL_UNLINKAT_2_X, LNR_EV_PROCEXIT_1_E, LNR_EV_SYSCALL_MOUNT_X, LNR_EV_GENERIC_X,
	LNR_EV_SYSCALL_SETUID_X, LNR_EV_SYSCALL_RENAME_X, LNR_EV_SYSCALL_DUP_1_X,
	LNR_EV_SOCKET_SOCKET_X, LNR_EV_SYSCALL_CREAT_X, LNR_EV_SYSCALL_MKDIR_2_X,
	LNR_EV_SYSCALL_OPENAT2_X};

static void tuple(struct lnr_gen *g, struct lnr_record_builder *b)
{
	static const uint8_t ips[][4] = {{10, 0, 0, 1}, {127, 0, 0, 1}, {8, 8, 8, 8}};
	static const uint16_t ports[] = {22, 80, 443, 40000};
	uint8_t bytes[13] = {LNR_AF_INET};
	uint16_t port;

	memcpy(bytes + 1, PICK(g, ips), 4);
	port = PICK(g, ports);
	memcpy(bytes + 5, &port, 2);
	memcpy(bytes + 7, PICK(g, ips), 4);
	port = PICK(g, ports);
	memcpy(bytes + 11, &port, 2);
	lnr_record_bytes(b, bytes, sizeof(bytes));
}

static const char *text_value(struct lnr_gen *g)
{
	return one_in(g, 2) ? PICK(g, words) : PICK(g, paths);
}

/* Items with their NUL, back to back. */
static void items(struct lnr_gen *g, struct lnr_record_builder *b)
{
	char bytes[256];
	size_t n = 0;

	for (uint64_t i = lnr_gen_below(g, 4); i > 0; i--) {
		const char *s = one_in(g, 4) ? "A=bash" : text_value(g);

		memcpy(bytes + n, s, strlen(s) + 1);
		n += strlen(s) + 1;
	}
	lnr_record_bytes(b, bytes, n);
}

static void integer(struct lnr_gen *g, struct lnr_record_builder *b, unsigned type, unsigned size)
{
	static const int64_t results[] = {0, 0, 0, 3, 4, -1, -2, -13};
	static const int64_t small[] = {0, 1, 2, 3, 4, 5, 7, 22, 100, 1000, -1, 4096};
	int64_t v = PICK(g, small);

	if (type == LNR_PT_ERRNO || type == LNR_PT_FD)
		v = PICK(g, results);
	else if (type == LNR_PT_PID)
		v = (int64_t)lnr_gen_below(g, 5) + 100;
	lnr_record_bytes(b, &v, size); /* little-endian */
}

static void parameter(
	struct lnr_gen *g, struct lnr_record_builder *b, const struct lnr_param_info *info)
{
	unsigned size = lnr_pt_size(info->type);

	if (one_in(g, 12)) {
		lnr_record_empty(b);
		return;
	}
	switch (info->type) {
	case LNR_PT_CHARBUF:
		lnr_record_str(b, text_value(g));
		break;
	case LNR_PT_FSPATH:
	case LNR_PT_FSRELPATH:
		lnr_record_str(b, PICK(g, paths));
		break;
	case LNR_PT_BYTEBUF:
		items(g, b);
		break;
	case LNR_PT_SOCKTUPLE:
		tuple(g, b);
		break;
	default:
		if (size && size <= 8)
			integer(g, b, info->type, size);
		else
			lnr_record_empty(b);
	}
}

size_t lnr_gen_record(struct lnr_gen *g, void *buf, size_t cap, uint64_t ts)
{
	uint16_t type = PICK(g, event_types);
	const struct lnr_event_info *info = lnr_event_info(type);
	struct lnr_record_builder b;

	lnr_record_begin(&b, buf, cap, type, ts, (int64_t)lnr_gen_below(g, 5) + 100, info->nparams);
	for (unsigned i = 0; i < info->nparams; i++)
		parameter(g, &b, &info->params[i]);
	return lnr_record_end(&b);
}

/* --- comparison ---------------------------------------------------------------------------- */

#define MAX_RULES 64

struct side {
	struct lnr_matcher *all, *first;
};

struct round {
	struct lnr_rules_mem *mem;
	struct lnr_ruleset *rs;
	struct lnr_fieldset *fields;
	struct lnr_buf texts[MAX_RULES];
	uint32_t n_texts;
	struct side net, tree;
	struct lnr_pushdown *pd;
	struct lnr_state *state;
	struct lnr_arena scratch;
	struct lnr_event ev;
	struct lnr_field_ctx ctx;
};

static int add_rule(struct round *r, struct lnr_gen *g, struct lnr_rule *rule, struct lnr_buf *why)
{
	struct lnr_buf *text = &r->texts[r->n_texts++];
	struct lnr_cond_opts o = {
		.fields = r->fields, .arena = &r->mem->arena, .interner = r->mem->interner};
	const struct lnr_ast *ast;
	struct lnr_cond_err err;
	int rc;

	lnr_buf_init(text, 0);
	lnr_gen_condition(g, text);
	rc = lnr_cond_parse(&r->mem->arena, lnr_buf_view(text), 0, &ast, &err);
	if (!rc)
		rc = lnr_cond_compile(&o, ast, &rule->cond, &err);
	if (!rc)
		rc = lnr_ast_events(ast, NULL, 0, &rule->events, &err);
	if (rc) {
		lnr_buf_printf(why, "%.*s\n%u:%u %s\n", LNR_STR_ARG(lnr_buf_view(text)), err.line,
			err.column, err.msg);
		return rc;
	}
	rule->events.bits[LNR_EV_ASYNCEVENT_E / 8] |= (uint8_t)(1u << LNR_EV_ASYNCEVENT_E % 8);
	return 0;
}

static int make_rules(struct round *r, struct lnr_gen *g, uint32_t n, struct lnr_buf *why)
{
	struct lnr_rule rules[MAX_RULES] = {0};
	uint32_t order[MAX_RULES], enabled = 0;
	struct lnr_ruleset_source source = {.name = LNR_STR("syscall"), .fields = r->fields};
	int rc = lnr_rules_mem_new(0, &r->mem);

	g->visible = one_in(g, 3);

	for (uint32_t i = 0; !rc && i < n; i++) {
		rules[i] = (struct lnr_rule){.id = i, .source = LNR_STR("syscall")};
		rc = add_rule(r, g, &rules[i], why);
		if (!one_in(g, 10))
			order[enabled++] = i;
	}
	/* The order of evaluation need not be that of definition. */
	for (uint32_t i = enabled; i > 1 && one_in(g, 3); i--) {
		uint32_t k = (uint32_t)lnr_gen_below(g, i), t = order[k];

		order[k] = order[i - 1];
		order[i - 1] = t;
	}
	if (!rc)
		rc = lnr_ruleset_build(r->mem, &source, 1, rules, n, order, enabled, &r->rs);
	if (!rc)
		rc = lnr_matcher_new(r->rs, source.name, true, &r->net.all);
	if (!rc)
		rc = lnr_matcher_new(r->rs, source.name, false, &r->net.first);
	if (!rc)
		rc = lnr_matcher_new(r->rs, source.name, true, &r->tree.all);
	if (!rc)
		rc = lnr_matcher_new(r->rs, source.name, false, &r->tree.first);
	return rc ? rc : lnr_pushdown_new(r->rs, NULL, &r->pd);
}

static void describe(struct round *r, const struct lnr_rule *const *a, unsigned na,
	const struct lnr_rule *const *b, unsigned nb, const char *what, struct lnr_buf *why)
{
	lnr_buf_printf(why, "%s on %s (%u), tid %lld\n", what, r->ev.info->name, r->ev.type,
		(long long)r->ev.tid);
	for (unsigned i = 0; i < na || i < nb; i++) {
		const struct lnr_rule *x = i < na ? a[i] : NULL, *y = i < nb ? b[i] : NULL;

		if (x == y)
			continue;
		if (x)
			lnr_buf_printf(why, "network %u: %s\n", x->id, r->texts[x->id].ptr);
		if (y)
			lnr_buf_printf(why, "tree %u: %s\n", y->id, r->texts[y->id].ptr);
		break;
	}
}

static bool same(struct round *r, struct lnr_matcher *net, struct lnr_matcher *walk, unsigned max,
	const char *what, bool wanted, struct lnr_gen_seen *seen, struct lnr_buf *why)
{
	const struct lnr_rule *a[MAX_RULES], *b[MAX_RULES];
	unsigned na, nb;

	na = lnr_matcher_eval(net, &r->ctx, a, max);
	nb = lnr_matcher_eval_tree(walk, &r->ctx, b, max);
	seen->matches += nb;
	if (na != nb || memcmp(a, b, na * sizeof(*a)) != 0) {
		describe(r, a, na, b, nb, what, why);
		return false;
	}
	if (nb && !wanted) {
		describe(r, NULL, 0, b, nb, "dropped by the kernel predicate", why);
		return false;
	}
	return true;
}

static bool one_event(struct round *r, struct lnr_gen *g, uint64_t number,
	struct lnr_gen_seen *seen, struct lnr_buf *why)
{
	static const unsigned maxima[] = {MAX_RULES, MAX_RULES, MAX_RULES, 1, 2};
	uint8_t record[8192];
	size_t len = lnr_gen_record(
		g, record, sizeof(record), UINT64_C(1700000000000000000) + number * 1000);
	unsigned max = PICK(g, maxima);
	bool ok = true, wanted;
	int64_t res;

	if (!len || lnr_event_parse(&r->ev, record, len, (uint16_t)lnr_gen_below(g, 4), NULL))
		return true;
	r->ev.num = number;
	wanted = lnr_pushdown_wants(r->pd, &r->ev);
	seen->dropped += !wanted;
	if (lnr_event_is_exit(&r->ev) && lnr_param_s64(&r->ev, 0, &res) && res < 0 &&
		!lnr_pushdown_wants_failed(r->pd, r->ev.type)) {
		seen->failures += wanted;
		wanted = false;
	}
	if (lnr_state_enter(r->state, &r->ev)) {
		ok = same(r, r->net.all, r->tree.all, max, "all", wanted, seen, why) &&
		     same(r, r->net.first, r->tree.first, MAX_RULES, "first", wanted, seen, why);
		seen->evals += 2;
	}
	lnr_state_leave(r->state, &r->ev);
	lnr_arena_reset(&r->scratch);
	return ok;
}

static void round_done(struct round *r)
{
	lnr_pushdown_free(r->pd);
	lnr_matcher_free(r->net.all);
	lnr_matcher_free(r->net.first);
	lnr_matcher_free(r->tree.all);
	lnr_matcher_free(r->tree.first);
	lnr_ruleset_unref(r->rs);
	lnr_rules_mem_unref(r->mem);
	lnr_fieldset_unref(r->fields);
	lnr_state_free(r->state);
	lnr_arena_done(&r->scratch);
	for (uint32_t i = 0; i < r->n_texts; i++)
		lnr_buf_done(&r->texts[i]);
	free(r);
}

bool lnr_gen_compare(struct lnr_gen *g, uint32_t n_rules, uint32_t n_events,
	struct lnr_gen_seen *seen, struct lnr_buf *why)
{
	static const struct lnr_state_opts opts = {
		.size = sizeof(opts), .max_threads = 64, .host_root = "/nonexistent"};
	struct round *r = calloc(1, sizeof(*r));
	bool ok = true;
	int rc;

	if (!r)
		return true;
	lnr_arena_init(&r->scratch, 0);
	r->fields = lnr_fieldset_new("syscall");
	rc = r->fields ? lnr_state_new(&opts, &r->state, NULL) : -ENOMEM;
	if (!rc)
		rc = make_rules(r, g, n_rules < MAX_RULES ? n_rules : MAX_RULES, why);
	if (rc)
		ok = rc == -ENOMEM;
	r->ev.scratch = &r->scratch;
	r->ctx = (struct lnr_field_ctx){
		.ev = &r->ev, .state = r->state, .source = LNR_STR("syscall"), .time_mode = 'h'};
	for (uint32_t i = 0; !rc && ok && i < n_events; i++)
		ok = one_event(r, g, i + 1, seen, why);
	round_done(r);
	return ok;
}
