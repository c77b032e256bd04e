/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls the kernel is asked for.
 *
 * When base_syscalls says something, its rules hold as they are written down (spec events-and-state
 * 6.2). Without it the reference arms everything that touches state; here a call is armed only when
 *a loaded rule names it or a field that a loaded rule uses depends on it, and calls that are
 *frequent but rarely change state are armed in a form whose uninteresting part the probe drops:
 *
 *	close		Every way to get a descriptor is armed, so a number that is reused is
 *			overwritten and a stale entry is never looked at; only descriptors 0 to 2
 *are read on other events (proc.stdin.type …). Fields over the whole table (fd.types,
 *proc.fdopencount, proc.fdusage) arm it whole. fcntl		F_DUPFD and F_SETFD only. recvmsg
 *Calls with control data only: they can pass descriptors. send, recv	Not at all: on other events
 *they would only rename datagram sockets.
 *
 * Plugins that look at the state, or parse events, get what the reference would arm: nobody knows
 * what they look at.
 */
#include "engine/engine_priv.h"

#include <stdio.h>
#include "rules/pushdown.h"
#include "state/state.h"

struct needs {
	bool fds;      /* descriptors of the process are looked at */
	bool fd_table; /* all of them */
};

static const char *const table_fields[] = {"fd.types", "proc.fdopencount", "proc.fdusage"};

/* Fields that look at descriptors, by the beginning of their name. */
static const char *const fd_fields[] = {"fd.", "fdlist.", "fs.path.", "proc.std", "proc.fd",
	"evt.arg", "evt.rawarg", "evt.info", "evt.abspath", "evt.category", "evt.is_syslog",
	"evt.buflen", "evt.count.error"};

static void needs_of_field(const struct lnr_field_ref *ref, struct needs *n)
{
	const char *name = ref->def->name;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(fd_fields); i++) {
		if (strncmp(name, fd_fields[i], strlen(fd_fields[i])) == 0)
			n->fds = true;
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(table_fields); i++) {
		if (strcmp(name, table_fields[i]) == 0)
			n->fd_table = true;
	}
}

static void needs_of_expr(const struct lnr_expr *e, struct needs *n)
{
	if (!e)
		return;
	if (e->kind == LNR_EXPR_FIELD)
		needs_of_field(&e->field, n);
	for (uint32_t i = 0; i < e->n_args; i++)
		needs_of_expr(e->args[i], n);
}

static void needs_of_node(const struct lnr_node *node, struct needs *n)
{
	needs_of_expr(node->lhs, n);
	needs_of_expr(node->rhs, n);
	for (uint32_t i = 0; i < node->n_kids; i++)
		needs_of_node(node->kids[i], n);
}

static void needs_of_rules(const struct lnr_ruleset *rs, struct needs *n)
{
	for (uint32_t i = 0; i < lnr_ruleset_count(rs); i++) {
		if (!lnr_ruleset_enabled(rs, i))
			continue;
		const struct lnr_rule *rule = lnr_ruleset_rule(rs, i);
		const struct lnr_expr *e;
		needs_of_node(rule->cond, n);
		for (size_t k = 0; (e = lnr_format_field(rule->output, k)); k++)
			needs_of_expr(e, n);
		for (uint32_t k = 0; k < rule->n_extra; k++)
			needs_of_expr(rule->extra[k].raw, n);
	}
}

static void set_add(struct lnr_scset *s, const struct lnr_scset *other)
{
	for (size_t i = 0; i < LNR_SCSET_BYTES; i++)
		s->bits[i] |= other->bits[i];
}

static void set_sub(struct lnr_scset *s, const struct lnr_scset *other)
{
	for (size_t i = 0; i < LNR_SCSET_BYTES; i++)
		s->bits[i] &= (uint8_t)~other->bits[i];
}

static void named_set(const char *name, struct lnr_scset *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned c = 0; c < lnr_syscall_count(); c++)
		lnr_scset_put(ret, c, lnr_syscall_in_set(lnr_str_c(name), c));
}

static bool put_name(struct lnr_scset *s, const char *name, bool on)
{
	const struct lnr_syscall_info *info = lnr_syscall_by_name(lnr_str_c(name));
	if (info)
		lnr_scset_put(s, info->code, on);
	return info;
}

static bool intersects(const struct lnr_scset *a, const struct lnr_scset *b)
{
	for (size_t i = 0; i < LNR_SCSET_BYTES; i++) {
		if (a->bits[i] & b->bits[i])
			return true;
	}
	return false;
}

/* Spec 6.1, "repair base" and "repair additions". */
static void repair(struct lnr_scset *s)
{
	static const char *const base[] = {"clone", "clone3", "fork", "vfork", "execve", "execveat",
		"fchdir", "chdir", "chroot", "capset", "setgid", "setgid32", "setpgid", "setresgid",
		"setresgid32", "setresuid", "setresuid32", "setsid", "setuid", "setuid32", "prctl",
		"sched_process_exit"};
	struct lnr_scset net, file, io, io_other, in = *s;
	named_set("net", &net);
	named_set("file", &file);
	named_set("io", &io);
	named_set("io_other", &io_other);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(base); i++)
		put_name(s, base[i], true);
	if (intersects(&in, &net)) {
		put_name(s, "socket", true);
		put_name(s, "getsockopt", true);
		put_name(s, "close", true);
	}
	struct lnr_scset servers = {0};
	put_name(&servers, "accept", true);
	put_name(&servers, "accept4", true);
	put_name(&servers, "listen", true);
	if (intersects(&in, &servers))
		put_name(s, "bind", true);
	if (intersects(&in, &file) || intersects(&in, &io) || intersects(&in, &io_other))
		put_name(s, "close", true);
}

/* The configuration's own wish, spec 6.2. */
static void select_as_told(const struct lnr_scset *rules, const struct lnr_select_opts *opts,
	struct lnr_selection *ret)
{
	struct lnr_scset positive = {0}, negative = {0}, state, io;
	bool any_positive = false;
	for (const char *const *n = opts->custom_set; n && *n; n++) {
		bool minus = **n == '!';
		if (!put_name(minus ? &negative : &positive, *n + minus, true))
			lnr_log(opts->log, LNR_LOG_WARNING,
				"base_syscalls.custom_set: no system call is named \"%s\"",
				*n + minus);
		else if (!minus)
			any_positive = true;
	}
	named_set("state", &state);
	named_set("io", &io);
	ret->wanted = *rules;
	if (opts->repair && !any_positive)
		repair(&ret->wanted);
	else
		set_add(&ret->wanted, any_positive ? &positive : &state);
	set_sub(&ret->wanted, &negative);
	if (!opts->all) {
		set_sub(&io, &state);
		set_sub(&ret->wanted, &io);
	}
	if (opts->repair && opts->custom_set && opts->custom_set[0])
		repair(&ret->wanted);
}

/* Only what rules and the state behind their fields need. */
static void select_by_need(
	const struct lnr_ruleset *rs, const struct lnr_scset *rules, struct lnr_selection *ret)
{
	static const char *const lifecycle[] = {"clone", "clone3", "fork", "vfork", "execve",
		"execveat", "chdir", "fchdir", "chroot", "setuid", "setgid", "setresuid",
		"setresgid", "setreuid", "setregid", "setsid", "setpgid", "capset", "unshare",
		"setns", "prctl", "setrlimit", "prlimit64"};
	static const char *const partly[] = {"close", "fcntl", "recvmsg", "recvmmsg"};
	static const char *const hot[] = {
		"sendto", "sendmsg", "sendmmsg", "recvfrom", "getsockopt", "shutdown"};
	struct needs needs = {0};
	struct lnr_scset io, state;
	named_set("state", &state);
	named_set("io", &io);
	set_sub(&io, &state);
	needs_of_rules(rs, &needs);
	ret->wanted = *rules;
	/* As the reference: high-volume calls stay off unless base_syscalls.all says otherwise. */
	set_sub(&ret->wanted, &io);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(lifecycle); i++)
		put_name(&ret->wanted, lifecycle[i], true);
	if (!needs.fds)
		return;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(hot); i++)
		put_name(&state, hot[i], false);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(partly); i++) {
		const struct lnr_syscall_info *info = lnr_syscall_by_name(lnr_str_c(partly[i]));
		bool whole = needs.fd_table && i == 0;
		if (info && !whole && !lnr_scset_has(&ret->wanted, info->code))
			lnr_scset_put(&ret->state_only, info->code, true);
	}
	set_add(&ret->wanted, &state);
	set_add(&ret->wanted, &ret->state_only);
}

/*
 * Calls whose failures nobody looks at: no rule can match one, and the state learns nothing from
 * it. Without memory for the answer they come all the same.
 */
static void select_successes(struct lnr_ruleset *rs, struct lnr_selection *ret)
{
	struct lnr_pushdown *pd;
	if (lnr_pushdown_new(rs, NULL, &pd))
		return;
	for (unsigned c = 0; c < lnr_syscall_count(); c++) {
		const struct lnr_syscall_info *info = lnr_syscall_info(c);
		if (info && lnr_scset_has(&ret->wanted, c) &&
			!lnr_state_needs_failed(info->exit_event) &&
			!lnr_pushdown_wants_failed(pd, info->exit_event))
			lnr_scset_put(&ret->success_only, c, true);
	}
	lnr_pushdown_free(pd);
}

void lnr_ignored_syscalls(struct lnr_scset *ret)
{
	struct lnr_scset state;
	named_set("io", ret);
	named_set("state", &state);
	set_sub(ret, &state);
}

void lnr_scset_names(const struct lnr_scset *s, const char *between, struct lnr_buf *out)
{
	bool first = true;
	for (unsigned c = 0; c < lnr_syscall_count(); c++) {
		if (!lnr_scset_has(s, c))
			continue;
		lnr_buf_cstr(out, first ? "" : between);
		lnr_buf_cstr(out, lnr_syscall_info(c)->name);
		first = false;
	}
}

void lnr_select_syscalls(
	struct lnr_ruleset *rs, const struct lnr_select_opts *opts, struct lnr_selection *ret)
{
	struct lnr_scset rules = {0};
	memset(ret, 0, sizeof(*ret));
	if (rs)
		lnr_ruleset_syscalls(rs, &rules);
	bool told = opts->all || opts->repair || (opts->custom_set && opts->custom_set[0]);
	if (told || !rs)
		select_as_told(&rules, opts, ret);
	else
		select_by_need(rs, &rules, ret);
	if (opts->whole_state && !told) {
		struct lnr_scset state;
		named_set("state", &state);
		set_add(&ret->wanted, &state);
		set_sub(&ret->state_only, &state);
	}
	put_name(&ret->wanted, "sched_process_exit", true);
	/* Who says which calls to ask for wants to see them. */
	if (!told && rs && !opts->keep_unwanted)
		select_successes(rs, ret);
}
