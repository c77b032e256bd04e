/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel predicate, case by case: what it refuses, what it must not refuse, and what it says
 * about itself. Every event is also shown to the rules, so that a case cannot demand what is wrong.
 */
#include "rules/pushdown.h"
#include "lib/test.h"

#include <stdio.h>
#include "lib/failalloc.h"
#include "tests/lib/conds.h"

#define OPEN	 LNR_EV_SYSCALL_OPEN_X
#define OPENAT	 LNR_EV_SYSCALL_OPENAT_2_X
#define OPENAT2	 LNR_EV_SYSCALL_OPENAT2_X
#define CREAT	 LNR_EV_SYSCALL_CREAT_X
#define UNLINKAT LNR_EV_SYSCALL_UNLINKAT_2_X
#define UNLINK	 LNR_EV_SYSCALL_UNLINK_2_X
#define MKDIR	 LNR_EV_SYSCALL_MKDIR_2_X
#define CONNECT	 LNR_EV_SOCKET_CONNECT_X
#define EXECVE	 LNR_EV_SYSCALL_EXECVE_19_X
#define CLOSE	 LNR_EV_SYSCALL_CLOSE_X
#define SETUID	 LNR_EV_SYSCALL_SETUID_X

/* How a case ends: dropped; kept and no rule matches; kept and one does. */
enum end { DROPS, KEEPS, MATCHES };

static struct lnr_fieldset *fields;

static int setup(void **state)
{
	(void)state;
	fields = lnr_fieldset_new("syscall");
	return fields ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	lnr_fieldset_unref(fields);
	return 0;
}

static void make(struct lnr_test_rules *r, const char *const *conds, uint32_t n)
{
	char why[600] = "";
	int rc = lnr_test_rules_init(r, fields, conds, n, why, sizeof(why));

	if (rc)
		fail_msg("%d %s", rc, why);
}

/* A process with a socket. */
static void add_process(struct lnr_state *st)
{
	struct lnr_thread *t = lnr_state_add_thread(st, 100, 100);
	struct lnr_fd *fd;

	assert_non_null(t);
	assert_ok(lnr_blob_set(&t->cwd, LNR_STR("/home/")), NULL);
	fd = lnr_state_add_fd(st, t, 5);
	assert_non_null(fd);
	fd->type = LNR_FD_IPV4_SOCK;
}

/* Whether the rules match the event, by the tree walker, after the state has seen it. */
static bool matches(struct lnr_ruleset *rs, const struct lnr_state_opts *opts, unsigned type,
	const char *params)
{
	struct lnr_state_opts o = {
		.size = sizeof(o), .max_threads = 16, .host_root = "/nonexistent"};
	struct lnr_event ev = {.num = 1};
	struct lnr_field_ctx ctx = {.ev = &ev, .source = LNR_STR("syscall")};
	const struct lnr_rule *found;
	struct lnr_matcher *m;
	struct lnr_arena scratch;
	uint8_t record[4096];
	size_t len = lnr_test_record(record, sizeof(record), type, 100, params);
	bool yes = false;

	if (opts) {
		o.engines_off = opts->engines_off;
		o.static_container = opts->static_container;
	}
	assert_ok(lnr_state_new(&o, &ctx.state, NULL), NULL);
	assert_ok(lnr_matcher_new(rs, LNR_STR("syscall"), true, &m), NULL);
	add_process(ctx.state);
	lnr_arena_init(&scratch, 0);
	ev.scratch = &scratch;
	assert_ok(lnr_event_parse(&ev, record, len, 0, NULL), NULL);
	if (lnr_state_enter(ctx.state, &ev))
		yes = lnr_matcher_eval_tree(m, &ctx, &found, 1);
	lnr_state_leave(ctx.state, &ev);
	lnr_matcher_free(m);
	lnr_state_free(ctx.state);
	lnr_arena_done(&scratch);
	return yes;
}

static void check_with(const struct lnr_state_opts *opts, const char *cond, unsigned type,
	const char *params, enum end want)
{
	struct lnr_event ev = {0};
	struct lnr_test_rules r;
	struct lnr_pushdown *pd;
	uint8_t record[4096];
	size_t len = lnr_test_record(record, sizeof(record), type, 100, params);
	bool wanted, matched;

	make(&r, &cond, 1);
	assert_ok(lnr_pushdown_new(r.rs, opts, &pd), NULL);
	assert_ok(lnr_event_parse(&ev, record, len, 0, NULL), NULL);
	wanted = lnr_pushdown_wants(pd, &ev);
	matched = matches(r.rs, opts, type, params);
	if (wanted != (want != DROPS) || matched != (want == MATCHES))
		fail_msg("%s\n%s %s: %s, %s", cond, ev.info->name, params,
			wanted ? "kept" : "dropped", matched ? "matches" : "does not match");
	lnr_pushdown_free(pd);
	lnr_test_rules_done(&r);
}

static void check(const char *cond, unsigned type, const char *params, enum end want)
{
	check_with(NULL, cond, type, params, want);
}

/* --- paths --------------------------------------------------------------------------------- */

static void whole_paths(void **state)
{
	const char *eq = "evt.type = open and fd.name = /etc/passwd";
	const char *ne = "evt.type = open and fd.name != /etc/passwd";
	const char *in = "evt.type in (openat, openat2) and fd.name in (/etc/passwd, /etc/shadow)";

	(void)state;
	check(eq, OPEN, "fd=3|name=/etc/passwd", MATCHES);
	check(eq, OPEN, "fd=3|name=/etc/passwd2", DROPS);
	check(eq, OPEN, "fd=3|name=/etc/passw", DROPS);
	check(eq, OPENAT, "fd=3|name=/etc/passwd", DROPS); /* no rule for it */
	check(ne, OPEN, "fd=3|name=/etc/passwd", DROPS);
	check(ne, OPEN, "fd=3|name=/etc/group", MATCHES);
	check(in, OPENAT, "fd=3|dirfd=-100|name=/etc/shadow", MATCHES);
	check(in, OPENAT, "fd=3|dirfd=-100|name=/etc/group", DROPS);
	check(in, OPENAT2, "fd=3|dirfd=-100|name=/etc/passwd", MATCHES);
	check(in, OPENAT2, "fd=3|dirfd=-100|name=/", KEEPS);
	check("evt.type = open and fd.name != anyof (/a, /b)", OPEN, "fd=3|name=/a", MATCHES);
	check("evt.type = open and fd.name != allof (/a, /b)", OPEN, "fd=3|name=/a", DROPS);
	check("evt.type = open and fd.name = anyof (/a, /b)", OPEN, "fd=3|name=/c", DROPS);
	check("evt.type = open and fd.name = allof (/a, /b)", OPEN, "fd=3|name=/c", KEEPS);
	check("evt.type = creat and fd.name = /tmp/a", CREAT, "fd=3|name=/tmp/a", MATCHES);
	check("evt.type = creat and fd.name = /tmp/a", CREAT, "fd=3|name=/tmp/b", DROPS);
	check("fs.path.name = /tmp/a", UNLINKAT, "res=0|dirfd=-100|name=/tmp/a", MATCHES);
	check("fs.path.name = /tmp/a", UNLINKAT, "res=0|dirfd=-100|name=/tmp/b", DROPS);
	check("fs.path.name = /tmp/a", UNLINK, "res=0|path=/tmp/b", DROPS);
	check("fs.path.name = /tmp/a", MKDIR, "res=0|path=/tmp/b", DROPS);
	check("fs.path.name = /tmp/a", MKDIR, "res=0|path=/tmp/a", MATCHES);
}

/* Whatever joining or cleaning changes is not known to a probe. */
static void unclean_paths(void **state)
{
	static const char *const unclean[] = {"etc/passwd", "/etc//passwd", "/etc/./passwd",
		"/tmp/../etc/passwd", "/etc/passwd/", "./x", "..", "/..", "/.", "//", "/", "",
		"/etc/passwd/."};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(unclean); i++) {
		char params[64];
		struct lnr_test_rules r;
		struct lnr_pushdown *pd;
		struct lnr_event ev = {0};
		uint8_t record[512];
		const char *cond = "evt.type = open and fd.name = /etc/nothing";
		size_t len;

		snprintf(params, sizeof(params), "fd=3|name=%s", unclean[i]);
		len = lnr_test_record(record, sizeof(record), OPEN, 100, params);
		assert_ok(lnr_event_parse(&ev, record, len, 0, NULL), NULL);
		make(&r, &cond, 1);
		assert_ok(lnr_pushdown_new(r.rs, NULL, &pd), NULL);
		if (!lnr_pushdown_wants(pd, &ev))
			fail_msg("'%s' is dropped", unclean[i]);
		/* What the producer cut is not known either. */
		len = lnr_test_record(record, sizeof(record), OPEN, 100, "fd=3|name=/a/b");
		assert_ok(lnr_event_parse(&ev, record, len, 0, NULL), NULL);
		assert_false(lnr_pushdown_wants(pd, &ev));
		ev.truncated[0] = 2;
		assert_true(lnr_pushdown_wants(pd, &ev));
		lnr_pushdown_free(pd);
		lnr_test_rules_done(&r);
	}
	check("evt.type = open and fd.name = /etc/passwd", OPEN, "fd=3|name=/tmp/../etc/passwd",
		MATCHES);
	check("evt.type = open and fd.name = /etc/passwd", OPEN, "fd=3|name=/etc//passwd", MATCHES);
	check("evt.type = open and fd.name = /etc/passwd", OPEN, "fd=3|name=/etc/..passwd", DROPS);
	check("evt.type = open and fd.name = /etc/passwd", OPEN, "fd=3|name=/etc/.passwd", DROPS);
	check("evt.type = open and fd.name = /etc/passwd", OPEN, "fd=3", KEEPS);
}

static void parts_of_paths(void **state)
{
	const char *dir = "evt.type = open and fd.directory = /etc/ssh";
	const char *file = "evt.type = open and fd.filename in (passwd, shadow)";

	(void)state;
	check(dir, OPEN, "fd=3|name=/etc/ssh/sshd_config", MATCHES);
	check(dir, OPEN, "fd=3|name=/etc/ssh/a/b", DROPS);
	check(dir, OPEN, "fd=3|name=/etc/sshd", DROPS);
	check(dir, OPEN, "fd=3|name=/ssh", DROPS);
	check("evt.type = open and fd.directory = /", OPEN, "fd=3|name=/vmlinuz", MATCHES);
	check("evt.type = open and fd.directory = /", OPEN, "fd=3|name=/etc/a", DROPS);
	check("evt.type = open and fd.directory startswith /etc", OPEN, "fd=3|name=/etc/x/a",
		MATCHES);
	check("evt.type = open and fd.directory startswith /etc", OPEN, "fd=3|name=/usr/a", DROPS);
	check("evt.type = open and fd.directory endswith ssh", OPEN, "fd=3|name=/usr/a", KEEPS);
	check("evt.type = open and fd.directory != /etc", OPEN, "fd=3|name=/etc/a", KEEPS);
	check("evt.type = open and fd.directory != /etc", OPEN, "fd=3|name=/etc", MATCHES);
	check("evt.type = open and fd.directory pmatch (/etc)", OPEN, "fd=3|name=/etc/a/b",
		MATCHES);
	check("evt.type = open and fd.directory pmatch (/etc)", OPEN, "fd=3|name=/usr/a/b", DROPS);
	check(file, OPEN, "fd=3|name=/etc/passwd", MATCHES);
	check(file, OPEN, "fd=3|name=/shadow", MATCHES);
	check(file, OPEN, "fd=3|name=/etc/passwd2", DROPS);
	check(file, OPEN, "fd=3|name=/passwd/x", DROPS);
	check("evt.type = open and fd.filename endswith .conf", OPEN, "fd=3|name=/a/b.conf",
		MATCHES);
	check("evt.type = open and fd.filename endswith .conf", OPEN, "fd=3|name=/a/b.cf", DROPS);
	check("evt.type = open and fd.filename startswith b", OPEN, "fd=3|name=/a/c", KEEPS);
	check("evt.type = open and fd.filename != b", OPEN, "fd=3|name=/a/b", KEEPS);
}

static void path_patterns(void **state)
{
	const char *pm = "evt.type = open and fd.name pmatch (/etc, /usr/bin)";

	(void)state;
	check("evt.type = open and fd.name startswith /etc/", OPEN, "fd=3|name=/etc/a", MATCHES);
	check("evt.type = open and fd.name startswith /etc/", OPEN, "fd=3|name=/usr/a", DROPS);
	check("evt.type = open and fd.name startswith anyof (/etc/, /us)", OPEN, "fd=3|name=/usr/a",
		MATCHES);
	check("evt.type = open and fd.name startswith anyof (/etc/, /us)", OPEN, "fd=3|name=/var",
		DROPS);
	check("evt.type = open and fd.name startswith allof (/e, /etc)", OPEN, "fd=3|name=/var",
		KEEPS);
	check("evt.type = open and fd.name endswith .so", OPEN, "fd=3|name=/a.so", MATCHES);
	check("evt.type = open and fd.name endswith .so", OPEN, "fd=3|name=/a.s", DROPS);
	check("evt.type = open and fd.name contains x", OPEN, "fd=3|name=/a.s", KEEPS);
	check("evt.type = open and fd.name glob /etc/*", OPEN, "fd=3|name=/etc/a", MATCHES);
	check("evt.type = open and fd.name glob /etc/*", OPEN, "fd=3|name=/usr/a", DROPS);
	check("evt.type = open and fd.name glob *.so", OPEN, "fd=3|name=/usr/a", DROPS);
	check("evt.type = open and fd.name glob /etc/passwd", OPEN, "fd=3|name=/etc/passwd",
		MATCHES);
	check("evt.type = open and fd.name glob /etc/passwd", OPEN, "fd=3|name=/etc/passwd2",
		DROPS);
	check("evt.type = open and fd.name glob '/home/*/.ssh/*'", OPEN,
		"fd=3|name=/home/u/.ssh/id", MATCHES);
	check("evt.type = open and fd.name glob '/home/*/.ssh/*'", OPEN, "fd=3|name=/home/u/x",
		KEEPS);
	check("evt.type = open and fd.name glob '/home/*/.ssh/*'", OPEN, "fd=3|name=/root/x",
		DROPS);
	check("evt.type = open and fd.name glob '*a*'", OPEN, "fd=3|name=/root/x", KEEPS);
	check("evt.type = open and fd.name glob '?root'", OPEN, "fd=3|name=/rooty", KEEPS);
	check("evt.type = open and fd.name glob anyof ('/etc/*')", OPEN, "fd=3|name=/x", KEEPS);
	check(pm, OPEN, "fd=3|name=/etc", MATCHES);
	check(pm, OPEN, "fd=3|name=/etc/a/b", MATCHES);
	check(pm, OPEN, "fd=3|name=/usr/bin/a", MATCHES);
	check(pm, OPEN, "fd=3|name=/usr/lib", DROPS);
	check(pm, OPEN, "fd=3|name=/etcetera", DROPS);
	check("evt.type = open and fd.name pmatch (/usr/*/x)", OPEN, "fd=3|name=/etcetera", KEEPS);
}

/* --- numbers, addresses, programs ---------------------------------------------------------- */

static void results(void **state)
{
	(void)state;
	check("evt.failed = true", UNLINKAT, "res=-13", MATCHES);
	check("evt.failed = true", UNLINKAT, "res=0", DROPS);
	check("evt.failed = false", UNLINKAT, "res=-13", DROPS);
	check("evt.failed != false", UNLINKAT, "res=0", DROPS);
	check("not evt.failed = true", UNLINKAT, "res=-13", DROPS);
	check("not evt.failed = true", UNLINKAT, "res=0", MATCHES);
	check("evt.failed in (true, false)", UNLINKAT, "res=0", MATCHES);
	check("evt.rawres < 0", CLOSE, "res=-9", MATCHES);
	check("evt.rawres < 0", CLOSE, "res=0", DROPS);
	check("evt.rawres <= -1", CLOSE, "res=0", DROPS);
	check("evt.rawres > 0", CLOSE, "res=0", DROPS);
	check("evt.rawres >= 0", CLOSE, "res=-1", DROPS);
	check("evt.rawres in (-1, -9)", CLOSE, "res=-9", MATCHES);
	check("evt.rawres in (-1, -9)", CLOSE, "res=-2", DROPS);
	check("not evt.rawres = -9", CLOSE, "res=-9", DROPS);
	check("not evt.rawres != -9", CLOSE, "res=-9", MATCHES);
	check("evt.res = SUCCESS", CLOSE, "res=-9", DROPS);
	check("evt.res = SUCCESS", CLOSE, "res=0", MATCHES);
	check("evt.res = EBADF", CLOSE, "res=0", KEEPS);
	check("fd.num >= 0 and evt.type = open", OPEN, "fd=-2|name=/a", DROPS);
	check("fd.num >= 0 and evt.type = open", OPEN, "fd=4|name=/a", MATCHES);
	check("fd.num > -1 and evt.type = open", OPEN, "fd=-2|name=/a", DROPS);
	check("fd.num < 0 and evt.type = open", OPEN, "fd=4|name=/a", DROPS);
	/* Every failure shows as -1. */
	check("fd.num > -5 and evt.type = open", OPEN, "fd=-9|name=/a", MATCHES);
	check("fd.num != -9 and evt.type = open", OPEN, "fd=-9|name=/a", MATCHES);
	check("fd.num != -1 and evt.type = open", OPEN, "fd=-9|name=/a", DROPS);
	check("fd.num = 4 and evt.type = open", OPEN, "fd=5|name=/a", KEEPS);
	check("fd.num >= 0", CLOSE, "res=-9", KEEPS); /* its descriptor is another parameter */
}

static void open_flags(void **state)
{
	(void)state;
	/* Our own bits: 1 for reading, 2 for writing, 3 for both. */
	check("evt.is_open_write = true", OPEN, "fd=3|name=/a|flags=1", DROPS);
	check("evt.is_open_write = true", OPEN, "fd=3|name=/a|flags=2", MATCHES);
	check("evt.is_open_write = true", OPENAT, "fd=3|name=/a|flags=7", MATCHES);
	check("evt.is_open_read = true", OPENAT2, "fd=3|name=/a|flags=2", DROPS);
	check("evt.is_open_read = true", OPENAT2, "fd=3|name=/a|flags=3", MATCHES);
	check("evt.is_open_read = false and evt.type = open", OPEN, "fd=3|name=/a|flags=1", DROPS);
	check("evt.is_open_read = false and evt.type = open", OPEN, "fd=3|name=/a|flags=2",
		MATCHES);
	check("not evt.is_open_read = true and evt.type = open", OPEN, "fd=3|name=/a|flags=1",
		DROPS);
	check("evt.is_open_write = true", CLOSE, "res=0", KEEPS);
}

static void connects(void **state)
{
	const char *port = "evt.type = connect and fd.sport = 443";

	(void)state;
	check(port, CONNECT, "res=0|tuple=1.2.3.4:443|fd=5", MATCHES);
	check(port, CONNECT, "res=0|tuple=1.2.3.4:80|fd=5", DROPS);
	check(port, CONNECT, "res=0|fd=5", KEEPS);
	check(port, CONNECT, "res=-111|tuple=1.2.3.4:80|fd=5", KEEPS);
	check(port, CONNECT, "res=-115|tuple=1.2.3.4:80|fd=5", KEEPS);
	check("evt.type = connect and fd.sport > 1024", CONNECT, "res=0|tuple=1.2.3.4:80|fd=5",
		DROPS);
	check("evt.type = connect and fd.sip = 1.2.3.4", CONNECT, "res=0|tuple=1.2.3.4:80|fd=5",
		MATCHES);
	check("evt.type = connect and fd.sip = 1.2.3.4", CONNECT, "res=0|tuple=1.2.3.5:80|fd=5",
		DROPS);
	check("evt.type = connect and fd.sip != 1.2.3.4", CONNECT, "res=0|tuple=1.2.3.4:80|fd=5",
		DROPS);
	check("evt.type = connect and fd.snet in (10.0.0.0/8, 1.2.0.0/16)", CONNECT,
		"res=0|tuple=1.2.3.4:80|fd=5", MATCHES);
	check("evt.type = connect and fd.snet in (10.0.0.0/8, 1.2.0.0/16)", CONNECT,
		"res=0|tuple=1.3.3.4:80|fd=5", DROPS);
	check("evt.type = connect and fd.cport = 443", CONNECT, "res=0|tuple=1.2.3.4:80|fd=5",
		KEEPS);
	/* Absent values decide under a `not`: the descriptor may be unknown. */
	check("evt.type = connect and not fd.sport = 443", CONNECT, "res=0|tuple=1.2.3.4:443|fd=5",
		KEEPS);
}

static void programs(void **state)
{
	const char *name = "evt.type = execve and proc.name in (bash, sh)";
	const char *who = "res=0|exe=/bin/x|tid=100|pid=100|ptid=1|comm=";
	char params[200];

	(void)state;
	snprintf(params, sizeof(params), "%sbash", who);
	check(name, EXECVE, params, MATCHES);
	snprintf(params, sizeof(params), "%scat", who);
	check(name, EXECVE, params, DROPS);
	check("evt.type = execve and proc.name != cat", EXECVE, params, DROPS);
	check("evt.type = execve and proc.name startswith b", EXECVE, params, KEEPS);
	check("evt.type = execve and not proc.name = cat", EXECVE, params, KEEPS);
	check("evt.type = execve and user.uid = 0", EXECVE, "res=0|tid=100|pid=100|comm=a|uid=7",
		DROPS);
	check("evt.type = execve and user.uid = 7", EXECVE, "res=0|tid=100|pid=100|comm=a|uid=7",
		MATCHES);
	/* A failed exec leaves the process what it was. */
	check(name, EXECVE, "res=-2|tid=100|pid=100|comm=cat", KEEPS);
	check("evt.type = execve and user.uid = 0", EXECVE, "res=-2|tid=100|pid=100|uid=7", KEEPS);
	check("evt.type = execve and proc.exepath = /bin/x", EXECVE, params, KEEPS);
}

#define DOCKER "/docker/aaaaaaaaaaaabbbbbbbbbbbbccccccccccccddddddddddddeeeeeeeeeeeeffff"

static void containers(void **state)
{
	const char *host = "evt.type = execve and container.id = host";
	const char *other = "evt.type = execve and container.id != host";
	const char *in = "res=0|tid=100|pid=100|comm=a|cgroups=cpu=/;memory=" DOCKER ";";
	const char *out = "res=0|tid=100|pid=100|comm=a|cgroups=cpu=/;memory=/user.slice;";
	const char *bad = "res=0|tid=100|pid=100|comm=a|cgroups=cpu=" DOCKER ";memory;";
	const char *none = "res=0|tid=100|pid=100|comm=a";
	const struct lnr_state_opts off = {.engines_off = UINT32_MAX},
				    fixed = {.static_container = "x"};

	(void)state;
	check(host, EXECVE, out, MATCHES);
	check(host, EXECVE, in, DROPS);
	check(host, EXECVE, none, MATCHES);
	check(host, EXECVE, bad, MATCHES);
	check(other, EXECVE, in, MATCHES);
	check(other, EXECVE, out, DROPS);
	check(other, EXECVE, none, KEEPS);
	check("evt.type = execve and not container.id = host", EXECVE, out, KEEPS);
	check("evt.type = execve and container.id = abc", EXECVE, out, KEEPS);
	check("evt.type = open and container.id = host", OPEN, "fd=3|name=/a", MATCHES);
	/* Without engines a container is the host, too. */
	check_with(&off, host, EXECVE, in, MATCHES);
	check_with(&off, other, EXECVE, out, DROPS);
	check_with(&fixed, other, EXECVE, out, MATCHES);
	check_with(&fixed, host, EXECVE, in, KEEPS);
}

/* --- trees --------------------------------------------------------------------------------- */

static void trees(void **state)
{
	static const char *const any[] = {"evt.type = open and fd.name = /a and proc.name = b",
		"evt.type = open and fd.name = /b", "!evt.type = open and fd.name = /c",
		"evt.type = close"};
	struct lnr_test_rules r;
	struct lnr_pushdown *pd;
	const struct lnr_probe_node *n;

	(void)state;
	make(&r, any, 4);
	assert_ok(lnr_pushdown_new(r.rs, NULL, &pd), NULL);
	n = lnr_pushdown_tree(pd, OPEN);
	assert_int_equal(n->kind, LNR_NODE_OR);
	assert_int_equal(n->n_kids, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(n->kids[i]->kind, LNR_NODE_CHECK);
		assert_int_equal(n->kids[i]->fact, LNR_PROBE_PATH);
		assert_int_equal(n->kids[i]->how, LNR_PROBE_EQ);
		assert_str(n->kids[i]->vals[0].str, i ? "/b" : "/a");
	}
	assert_int_equal(lnr_pushdown_tree(pd, CLOSE)->kind, LNR_NODE_TRUE);
	assert_int_equal(lnr_pushdown_tree(pd, CREAT)->kind, LNR_NODE_FALSE);
	assert_int_equal(lnr_pushdown_tree(pd, LNR_EVENT_COUNT)->kind, LNR_NODE_FALSE);
	assert_int_equal(lnr_pushdown_tree(pd, UINT32_MAX)->kind, LNR_NODE_FALSE);
	lnr_pushdown_free(pd);
	assert_null(lnr_pushdown_free(NULL));
	lnr_test_rules_done(&r);

	check("evt.type = open and (fd.name = /a or fd.name = /b)", OPEN, "fd=3|name=/c", DROPS);
	check("evt.type = open and (fd.name = /a or proc.name = b)", OPEN, "fd=3|name=/c", KEEPS);
	check("evt.type = open and not (fd.name = /a and evt.failed = false)", OPEN, "fd=3|name=/a",
		KEEPS);
	check("evt.type = close and not (evt.failed = false or evt.rawres = -3)", CLOSE, "res=-3",
		DROPS);
	check("evt.type = close and not (evt.failed = false or evt.rawres = -3)", CLOSE, "res=-4",
		MATCHES);
	check("evt.type = close and not (evt.failed = false and evt.rawres = 0)", CLOSE, "res=0",
		DROPS);
	check("not (evt.type = close and evt.failed = true)", CLOSE, "res=-3", DROPS);
	check("not (evt.type = close and evt.failed = true)", OPEN, "fd=-3|name=/a", MATCHES);
	check("not evt.type = open", OPEN, "fd=3|name=/a", DROPS);
	check("evt.type != close", OPEN, "fd=3|name=/a", MATCHES);
	/* Not a system call's end: nothing is known. */
	check("evt.rawres = 0", LNR_EV_PROCEXIT_1_E, "status=0", KEEPS);
	check("evt.type = setuid and evt.rawres = 0", SETUID, "res=-1", DROPS);
}

/* --- for people ---------------------------------------------------------------------------- */

static void expect_print(const char *const *conds, uint32_t n, const char *words)
{
	struct lnr_str rest = lnr_str_c(words), word;
	struct lnr_test_rules r;
	struct lnr_buf out;

	make(&r, conds, n);
	lnr_buf_init(&out, 0);
	assert_ok(lnr_pushdown_print(r.rs, &out), NULL);
	while (lnr_str_split(&rest, '|', &word)) {
		if (lnr_str_find(lnr_buf_view(&out), word) < 0)
			fail_msg("%s\nlacks '%.*s'", out.ptr, LNR_STR_ARG(word));
	}
	lnr_buf_done(&out);
	lnr_test_rules_done(&r);
}

static void printed(void **state)
{
	static const char *const shown[] = {
		"evt.type in (open, openat, openat2) and evt.is_open_write = true and "
		"fd.name startswith /etc/ and proc.pname = bash",
		"evt.type = open and not evt.failed = true and fd.filename in (a, b, c, d, e, f, g)",
		"evt.type = execve and container.id != host and proc.aname = sh and "
		"tolower(proc.name) = x and fd.name = val(proc.name) and proc.name != cat",
		"evt.type = connect and fd.snet = 10.0.0.0/8 and fd.sport >= 1024",
		"evt.type = close and fd.name contains a",
		"evt.type = creat and fd.name glob '?a' and fd.name contains a",
		"evt.type = unlinkat and (fs.path.name pmatch (/a) or fs.path.name endswith b)",
		"evt.type = openat2 and evt.is_open_read != true and fd.directory = /x",
	};

	(void)state;
	expect_print(shown, LNR_ARRAY_SIZE(shown),
		"open: dropped unless one of these holds\n"
		"|  r0: (opened for writing and path begins with /etc/)\n"
		"|    not pushed: proc.pname = bash (needs the process tree)\n"
		"|  r1: (not result < 0 and path has the last part one of a, b, c, d, e, f … (7))\n"
		"|  r2: (task in a container and program is not cat)\n"
		"|    not pushed: proc.aname = sh (needs the process tree)\n"
		"|    not pushed: tolower(proc.name) = x (a computed value)\n"
		"|    not pushed: fd.name = val(proc.name) (compares two fields)\n"
		"|  r3: (server is 10.0.0.0/8 and server port >= 1024)\n"
		"|close: nothing can be dropped\n  r4: every event\n"
		"|    not pushed: fd.name contains a (needs the descriptor table)\n"
		"|  r5: every event\n"
		"|    not pushed: fd.name glob ?a (the pattern has no fixed beginning)\n"
		"|    not pushed: fd.name contains a (a probe does not search inside a path)\n"
		"|  r6: (path is at or below /a or path ends with b)\n"
		"|  r7: (opened not for reading and path is or is in /x)\n");
}

static int derive(void *arg)
{
	static const char *const conds[] = {"evt.type = open and fd.name glob '/etc/*' and "
					    "(fd.name endswith a or not evt.failed = true)",
		"evt.type in (open, execve) and proc.name in (a, b)"};
	struct lnr_pushdown *pd = NULL;
	struct lnr_test_rules r;
	struct lnr_buf out;
	char why[600];
	int rc = lnr_test_rules_init(&r, fields, conds, 2, why, sizeof(why));

	(void)arg;
	if (rc)
		return rc;
	lnr_buf_init(&out, 0);
	rc = lnr_pushdown_new(r.rs, NULL, &pd);
	if (!rc)
		rc = lnr_pushdown_print(r.rs, &out);
	lnr_buf_done(&out);
	lnr_pushdown_free(pd);
	lnr_test_rules_done(&r);
	return rc;
}

static void failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(derive, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_paths),
		cmocka_unit_test(unclean_paths),
		cmocka_unit_test(parts_of_paths),
		cmocka_unit_test(path_patterns),
		cmocka_unit_test(results),
		cmocka_unit_test(open_flags),
		cmocka_unit_test(connects),
		cmocka_unit_test(programs),
		cmocka_unit_test(containers),
		cmocka_unit_test(trees),
		cmocka_unit_test(printed),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
