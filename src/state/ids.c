/* SPDX-License-Identifier: Apache-2.0 */
/* Who a thread is: users, session, capabilities, limits (spec 7.4). */
#include "state/state_priv.h"

#define UNSET UINT32_MAX

/*
 * The calls take -1 for "as it is". The reference stores it all the same, and replays must show
 * what it shows; on a live machine a name looked up under it would say nothing, so there the id
 * stays.
 */
static bool new_id(struct lnr_state *st, struct lnr_event *ev, unsigned param, uint32_t *ret)
{
	uint64_t id;
	if (!ev->thread || !ev->has_res || ev->res || !lnr_param_u64(ev, param, &id) ||
		((uint32_t)id == UNSET && st->proc))
		return false;
	*ret = (uint32_t)id;
	return true;
}

static void set_uid(struct lnr_state *st, struct lnr_event *ev, unsigned param)
{
	uint32_t uid;
	if (!new_id(st, ev, param, &uid))
		return;
	ev->uid_before = ev->thread->uid;
	ev->thread->uid = uid;
	lnr_state_need_user(st, lnr_task_of(ev->thread));
}

static void set_gid(struct lnr_state *st, struct lnr_event *ev, unsigned param)
{
	uint32_t gid;
	if (!new_id(st, ev, param, &gid))
		return;
	ev->thread->gid = gid;
	lnr_state_need_group(st, lnr_task_of(ev->thread));
}

void lnr_parse_setuid(struct lnr_state *st, struct lnr_event *ev)
{
	set_uid(st, ev, LNR_P_SYSCALL_SETUID_X_uid);
}

void lnr_parse_setgid(struct lnr_state *st, struct lnr_event *ev)
{
	set_gid(st, ev, LNR_P_SYSCALL_SETGID_X_gid);
}

/* Also setreuid: the effective id stands at the same place. */
_Static_assert((int)LNR_P_SYSCALL_SETRESUID_X_euid == (int)LNR_P_SYSCALL_SETREUID_X_euid &&
		       (int)LNR_P_SYSCALL_SETRESGID_X_egid == (int)LNR_P_SYSCALL_SETREGID_X_egid,
	"one parser for both calls");

void lnr_parse_setresuid(struct lnr_state *st, struct lnr_event *ev)
{
	set_uid(st, ev, LNR_P_SYSCALL_SETRESUID_X_euid);
}

void lnr_parse_setresgid(struct lnr_state *st, struct lnr_event *ev)
{
	set_gid(st, ev, LNR_P_SYSCALL_SETRESGID_X_egid);
}

/* A successful call makes the caller leader of the session that has its id. */
void lnr_parse_setsid(struct lnr_state *st, struct lnr_event *ev)
{
	(void)st;
	if (ev->thread && ev->has_res && ev->res >= 0)
		ev->thread->sid = ev->res;
}

/* Sets as the probe reports them, whatever thread the call named: it can change its own only. */
void lnr_parse_capset(struct lnr_state *st, struct lnr_event *ev)
{
	(void)st;
	struct lnr_thread *t = ev->thread;
	if (!t || !ev->has_res || ev->res < 0)
		return;
	t->cap_inheritable = lnr_param_u64_or(
		ev, LNR_P_SYSCALL_CAPSET_X_cap_inheritable, t->cap_inheritable);
	t->cap_permitted = lnr_param_u64_or(
		ev, LNR_P_SYSCALL_CAPSET_X_cap_permitted, t->cap_permitted);
	t->cap_effective = lnr_param_u64_or(
		ev, LNR_P_SYSCALL_CAPSET_X_cap_effective, t->cap_effective);
}

/* The first process of a user namespace has every capability in it (user_namespaces(7)). */
static void new_user_namespace(struct lnr_event *ev, uint64_t flags)
{
	struct lnr_thread *t = ev->thread;
	if (!t || !ev->has_res || ev->res < 0 || !(flags & LNR_CL_CLONE_NEWUSER))
		return;
	uint64_t all = (UINT64_C(1) << LNR_CAP_COUNT) - 1;
	t->cap_inheritable = t->cap_permitted = t->cap_effective = all;
}

void lnr_parse_unshare(struct lnr_state *st, struct lnr_event *ev)
{
	(void)st;
	new_user_namespace(ev, lnr_param_u64_or(ev, LNR_P_SYSCALL_UNSHARE_X_flags, 0));
}

void lnr_parse_setns(struct lnr_state *st, struct lnr_event *ev)
{
	(void)st;
	new_user_namespace(ev, lnr_param_u64_or(ev, LNR_P_SYSCALL_SETNS_X_nstype, 0));
}

/* RLIM_INFINITY reads -1 and is left out, as in the reference. */
static void set_fdlimit(struct lnr_task *k, int64_t limit)
{
	struct lnr_task *main = lnr_task_main(k);
	if (main && limit != -1)
		main->t.fdlimit = limit;
}

/* getrlimit and setrlimit have the same parameters. */
void lnr_parse_rlimit(struct lnr_state *st, struct lnr_event *ev)
{
	(void)st;
	if (!ev->thread || !ev->has_res || ev->res < 0 ||
		lnr_param_u64_or(ev, LNR_P_SYSCALL_SETRLIMIT_X_resource, LNR_RLIMIT_UNKNOWN) !=
			LNR_RLIMIT_NOFILE)
		return;
	set_fdlimit(
		lnr_task_of(ev->thread), lnr_param_s64_or(ev, LNR_P_SYSCALL_SETRLIMIT_X_cur, -1));
}

/* Of another process, by its host id; 0 is the caller itself (prlimit(2)). */
void lnr_parse_prlimit(struct lnr_state *st, struct lnr_event *ev)
{
	int64_t pid;
	if (!ev->has_res || ev->res ||
		lnr_param_u64_or(ev, LNR_P_SYSCALL_PRLIMIT_X_resource, LNR_RLIMIT_UNKNOWN) !=
			LNR_RLIMIT_NOFILE ||
		!lnr_param_s64(ev, LNR_P_SYSCALL_PRLIMIT_X_pid, &pid))
		return;
	int64_t limit = lnr_param_s64_or(ev, LNR_P_SYSCALL_PRLIMIT_X_newcur, -1);
	if (limit == -1)
		return;
	struct lnr_task *k = lnr_task_fetch(st, pid ? pid : ev->tid);
	if (k && !lnr_task_invalid(k))
		set_fdlimit(k, limit);
}
