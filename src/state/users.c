/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User and group names per container (spec 9). The host's own database is read when the state
 * starts; ids it lacks are asked of the name service once, so that directories behind it (LDAP,
 * sssd) work without being enumerated.
 */
#include "base/hash.h"
#include "base/util.h"
#include "state/state_priv.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

/* A user or a group. Its texts stand behind it. */
struct entry {
	union {
		struct lnr_user user;
		struct lnr_group group;
	};
	uint64_t miss_until; /* 0 = known; else looked for in vain, and not again until then */
	char text[];
};

/* One container's; the host's has an empty id. */
struct table {
	struct table *next;
	struct lnr_idmap users, groups; /* of struct entry */
	struct lnr_str id;		/* behind the struct */
};

struct lnr_users {
	struct lnr_strmap by_id; /* of struct table */
	struct table *first, *host;
	size_t count; /* entries, all tables together */
	bool import;
	lnr_users_fn *tell; /* of changes; NULL nobody */
	void *tell_arg;
	/* What everyone is when nothing is imported. */
	struct lnr_user any_user;
	struct lnr_group any_group;
};

static const struct lnr_str na = LNR_STR("<NA>");

/* --- tables --- */

static struct table *table_get(struct lnr_users *u, struct lnr_str container)
{
	return container.len ? lnr_strmap_get(&u->by_id, container) : u->host;
}

/* Made with the first entry: most containers are never asked for a name. */
static struct table *table_make(struct lnr_users *u, struct lnr_str container)
{
	struct table *t = table_get(u, container);
	if (t || container.len >= LNR_CONTAINER_ID_BYTES_MAX)
		return t;
	t = calloc(1, sizeof(*t) + container.len + 1);
	if (!t)
		return NULL;
	if (container.len)
		memcpy(t + 1, container.ptr, container.len);
	t->id = (struct lnr_str){(char *)(t + 1), container.len};
	lnr_idmap_init(&t->users);
	lnr_idmap_init(&t->groups);
	if (container.len && lnr_strmap_set(&u->by_id, t->id, t, NULL)) {
		free(t);
		return NULL;
	}
	t->next = u->first;
	u->first = t;
	return t;
}

static size_t map_free(struct lnr_idmap *m)
{
	size_t pos = 0, n = m->len;
	uint64_t id;
	void *e;
	while (lnr_idmap_next(m, &pos, &id, &e))
		free(e);
	lnr_idmap_done(m);
	return n;
}

void lnr_users_tell(struct lnr_users *u, lnr_users_fn *fn, void *arg)
{
	u->tell = fn;
	u->tell_arg = arg;
}

static void tell(
	struct lnr_users *u, const struct table *t, bool groups, const struct entry *e, bool gone)
{
	if (u->tell && !e->miss_until)
		u->tell(u->tell_arg, t->id, groups ? NULL : &e->user, groups ? &e->group : NULL,
			gone);
}

static void tell_all_gone(struct lnr_users *u, const struct table *t, bool groups)
{
	size_t pos = 0;
	uint64_t id;
	void *e;
	while (lnr_idmap_next(groups ? &t->groups : &t->users, &pos, &id, &e))
		tell(u, t, groups, e, true);
}

static void table_free(struct lnr_users *u, struct table *t)
{
	struct table **at = &u->first;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	u->count -= map_free(&t->users) + map_free(&t->groups);
	free(t);
}

struct lnr_users *lnr_users_new(bool import)
{
	struct lnr_users *u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->import = import;
	u->any_user = (struct lnr_user){.name = na, .home = na, .shell = na};
	u->any_group.name = na;
	lnr_strmap_init(&u->by_id);
	u->host = table_make(u, LNR_STR(""));
	return u->host ? u : lnr_users_free(u);
}

struct lnr_users *lnr_users_free(struct lnr_users *u)
{
	if (!u)
		return NULL;
	while (u->first)
		table_free(u, u->first);
	lnr_strmap_done(&u->by_id);
	free(u);
	return NULL;
}

void lnr_users_drop(struct lnr_users *u, struct lnr_str container)
{
	struct table *t = container.len ? lnr_strmap_remove(&u->by_id, container) : NULL;
	if (!t)
		return;
	tell_all_gone(u, t, false);
	tell_all_gone(u, t, true);
	table_free(u, t);
}

/* --- entries --- */

static struct entry *entry_get(const struct lnr_idmap *m, uint32_t id)
{
	struct entry *e = lnr_idmap_get(m, id);
	return e && !e->miss_until ? e : NULL;
}

static struct lnr_str put_text(char **at, struct lnr_str s)
{
	struct lnr_str r = {*at, s.len};
	if (s.len)
		memcpy(*at, s.ptr, s.len);
	(*at)[s.len] = '\0';
	*at += s.len + 1;
	return r;
}

/*
 * In place of another of the same id. The budget is of all tables together, so that one container
 * with a huge database cannot take more than there is.
 */
static int entry_put(struct lnr_users *u, struct lnr_idmap *m, uint32_t id, struct entry *e)
{
	void *old = NULL;
	if (!e)
		return -ENOMEM;
	int r = -ENOSPC;
	if (lnr_idmap_get(m, id) || u->count < LNR_USERS_MAX)
		r = lnr_idmap_set(m, id, e, &old);
	if (r) {
		free(e);
		return r;
	}
	if (!old)
		u->count++;
	free(old);
	return 0;
}

static void entry_remove(struct lnr_users *u, struct table *t, bool groups, uint32_t id)
{
	struct entry *e = lnr_idmap_remove(groups ? &t->groups : &t->users, id);
	if (!e)
		return;
	u->count--;
	tell(u, t, groups, e, true);
	free(e);
}

static struct lnr_str cut(struct lnr_str s, size_t bytes_max)
{
	return lnr_str_sub(s, 0, bytes_max - 1);
}

/* "+name", "-name": entries that tell the C library to ask elsewhere, not users (passwd(5)). */
static bool is_compat(struct lnr_str name)
{
	return name.len && (name.ptr[0] == '+' || name.ptr[0] == '-');
}

/* One allocation per entry: its texts stand behind it. */
int lnr_users_add(struct lnr_users *u, struct lnr_str container, const struct lnr_user *user)
{
	if (is_compat(user->name) || !u->import)
		return 0;
	struct table *t = table_make(u, container);
	if (!t)
		return -ENOMEM;
	struct lnr_str name = cut(user->name, LNR_USER_NAME_BYTES_MAX),
		       home = cut(user->home, LNR_USER_PATH_BYTES_MAX),
		       shell = cut(user->shell, LNR_USER_PATH_BYTES_MAX);
	const struct entry *old = entry_get(&t->users, user->uid);
	if (old && old->user.gid == user->gid && lnr_str_eq(old->user.name, name) &&
		lnr_str_eq(old->user.home, home) && lnr_str_eq(old->user.shell, shell))
		return 0; /* as most are when a database is read again */
	struct entry *e = malloc(sizeof(*e) + name.len + home.len + shell.len + 3);
	if (e) {
		char *at = e->text;
		e->miss_until = 0;
		e->user = (struct lnr_user){.uid = user->uid,
			.gid = user->gid,
			.name = put_text(&at, name),
			.home = put_text(&at, home),
			.shell = put_text(&at, shell)};
	}
	int r = entry_put(u, &t->users, user->uid, e);
	if (!r)
		tell(u, t, false, e, false);
	return r;
}

int lnr_groups_add(struct lnr_users *u, struct lnr_str container, const struct lnr_group *group)
{
	if (is_compat(group->name) || !u->import)
		return 0;
	struct table *t = table_make(u, container);
	if (!t)
		return -ENOMEM;
	struct lnr_str name = cut(group->name, LNR_USER_NAME_BYTES_MAX);
	const struct entry *old = entry_get(&t->groups, group->gid);
	if (old && lnr_str_eq(old->group.name, name))
		return 0;
	struct entry *e = malloc(sizeof(*e) + name.len + 1);
	if (e) {
		char *at = e->text;
		e->miss_until = 0;
		e->group = (struct lnr_group){.gid = group->gid, .name = put_text(&at, name)};
	}
	int r = entry_put(u, &t->groups, group->gid, e);
	if (!r)
		tell(u, t, true, e, false);
	return r;
}

const struct lnr_user *lnr_users_get(struct lnr_users *u, struct lnr_str container, uint32_t uid)
{
	if (!u->import) {
		u->any_user.uid = uid;
		return &u->any_user;
	}
	struct table *t = table_get(u, container);
	struct entry *e = t ? entry_get(&t->users, uid) : NULL;
	return e ? &e->user : NULL;
}

const struct lnr_group *lnr_groups_get(struct lnr_users *u, struct lnr_str container, uint32_t gid)
{
	if (!u->import) {
		u->any_group.gid = gid;
		return &u->any_group;
	}
	struct table *t = table_get(u, container);
	struct entry *e = t ? entry_get(&t->groups, gid) : NULL;
	return e ? &e->group : NULL;
}

void lnr_users_remove(struct lnr_users *u, struct lnr_str container, uint32_t uid)
{
	struct table *t = table_get(u, container);
	if (t)
		entry_remove(u, t, false, uid);
}

void lnr_groups_remove(struct lnr_users *u, struct lnr_str container, uint32_t gid)
{
	struct table *t = table_get(u, container);
	if (t)
		entry_remove(u, t, true, gid);
}

/* Next known entry of all tables; *pos is 32 bits of table number, 32 of place in its map. */
/* Misses are no entries and are passed over. */
static struct entry *entry_next(
	struct lnr_users *u, size_t *pos, bool groups, struct lnr_str *ret_container)
{
	size_t number = *pos >> 32, in_map = *pos & UINT32_MAX, n = 0;
	for (struct table *t = u->first; t; t = t->next, n++) {
		if (n < number)
			continue;
		if (n > number)
			in_map = 0;
		uint64_t id;
		void *e;
		while (lnr_idmap_next(groups ? &t->groups : &t->users, &in_map, &id, &e)) {
			if (((struct entry *)e)->miss_until)
				continue;
			*pos = n << 32 | in_map;
			*ret_container = t->id;
			return e;
		}
	}
	*pos = n << 32;
	return NULL;
}

const struct lnr_user *lnr_users_next(
	struct lnr_users *u, size_t *pos, struct lnr_str *ret_container)
{
	struct entry *e = entry_next(u, pos, false, ret_container);
	return e ? &e->user : NULL;
}

const struct lnr_group *lnr_groups_next(
	struct lnr_users *u, size_t *pos, struct lnr_str *ret_container)
{
	struct entry *e = entry_next(u, pos, true, ret_container);
	return e ? &e->group : NULL;
}

/* --- databases --- */

/* Fields of one line; how many there are, at most `max`. */
static unsigned split_line(struct lnr_str line, struct lnr_str *fields, unsigned max)
{
	unsigned n = 0;
	while (n < max && lnr_str_split(&line, ':', &fields[n]))
		n++;
	return n;
}

/* Ids are decimal and have 32 bits; anything else makes the line malformed. */
static bool parse_id(struct lnr_str s, uint32_t *ret)
{
	uint64_t id;
	if (lnr_str_u64(s, &id) || id > UINT32_MAX)
		return false;
	*ret = (uint32_t)id;
	return true;
}

void lnr_users_parse(struct lnr_users *u, struct lnr_str container, struct lnr_str text)
{
	struct lnr_str line, f[7]; /* name:password:uid:gid:comment:home:shell */
	while (lnr_str_split(&text, '\n', &line)) {
		struct lnr_user user;
		if (split_line(line, f, 7) < 7 || !parse_id(f[2], &user.uid) ||
			!parse_id(f[3], &user.gid))
			continue;
		user.name = f[0];
		user.home = f[5];
		user.shell = f[6];
		lnr_users_add(u, container, &user);
	}
}

void lnr_groups_parse(struct lnr_users *u, struct lnr_str container, struct lnr_str text)
{
	struct lnr_str line, f[3]; /* name:password:gid:members */
	while (lnr_str_split(&text, '\n', &line)) {
		struct lnr_group group;
		if (split_line(line, f, 3) < 3 || !parse_id(f[2], &group.gid))
			continue;
		group.name = f[0];
		lnr_groups_add(u, container, &group);
	}
}

/*
 * Asking is expensive (a name service may be on the network), and processes of one unknown user
 * come by thousands.
 */
static bool missed(
	struct lnr_users *u, struct lnr_str container, bool groups, uint32_t id, uint64_t now)
{
	struct table *t = table_make(u, container);
	if (!t)
		return true;
	struct lnr_idmap *m = groups ? &t->groups : &t->users;
	struct entry *e = lnr_idmap_get(m, id);
	if (e && (!e->miss_until || e->miss_until > now))
		return true;
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (entry_put(u, m, id, e))
			return true;
	}
	e->miss_until = now + LNR_USER_MISS_S * LNR_NS_PER_SEC;
	return false;
}

bool lnr_users_missed(struct lnr_users *u, struct lnr_str container, uint32_t uid, uint64_t now)
{
	return missed(u, container, false, uid, now);
}

bool lnr_groups_missed(struct lnr_users *u, struct lnr_str container, uint32_t gid, uint64_t now)
{
	return missed(u, container, true, gid, now);
}

void lnr_users_ask_again(
	struct lnr_users *u, struct lnr_str container, bool groups, uint32_t id, uint64_t when)
{
	struct table *t = table_get(u, container);
	struct entry *e = t ? lnr_idmap_get(groups ? &t->groups : &t->users, id) : NULL;
	if (e && e->miss_until)
		e->miss_until = when;
}

/* --- what the state asks for --- */

/* A file of the host or of a host root. */
static void read_host_file(struct lnr_state *st, const char *file, bool groups)
{
	char path[LNR_PATH_BYTES_MAX];
	char *text = NULL;
	size_t len;
	if (snprintf(path, sizeof(path), "%s/etc/%s", st->host_root, file) >= (int)sizeof(path) ||
		lnr_read_file(path, LNR_USER_DB_BYTES_MAX, &text, &len, NULL))
		return; /* no such file: no names */
	(groups ? lnr_groups_parse : lnr_users_parse)(
		st->users, LNR_STR(""), (struct lnr_str){text, len});
	free(text);
}

void lnr_state_import_users(struct lnr_state *st)
{
	if (!st->opts.import_users)
		return;
	read_host_file(st, "passwd", false);
	read_host_file(st, "group", true);
}

/*
 * With a host root the names are in its files; this program's name service would answer for another
 * machine.
 */
static void ask_host_user(struct lnr_state *st, uint32_t uid)
{
	if (st->host_root[0]) {
		read_host_file(st, "passwd", false);
		return;
	}
	char buf[4096];
	struct passwd pw, *r = NULL;
	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &r) || !r)
		return;
	const struct lnr_user user = {.uid = uid,
		.gid = r->pw_gid,
		.name = lnr_str_c(r->pw_name),
		.home = lnr_str_c(r->pw_dir),
		.shell = lnr_str_c(r->pw_shell)};
	lnr_users_add(st->users, LNR_STR(""), &user);
}

static void ask_host_group(struct lnr_state *st, uint32_t gid)
{
	if (st->host_root[0]) {
		read_host_file(st, "group", true);
		return;
	}
	char buf[16384]; /* members stand in it too */
	struct group gr, *r = NULL;
	if (getgrgid_r(gid, &gr, buf, sizeof(buf), &r) || !r)
		return;
	const struct lnr_group group = {.gid = gid, .name = lnr_str_c(r->gr_name)};
	lnr_groups_add(st->users, LNR_STR(""), &group);
}

/*
 * The whole file is read with the first unknown id, and its other users are known from then on.
 * What starts a container sees the host's files for a moment longer.
 */
static void ask_container(struct lnr_state *st, struct lnr_task *k, bool groups)
{
	struct lnr_str container = lnr_blob_str(k->t.container_id);
	uint32_t id = groups ? k->t.gid : k->t.uid;
	char *text;
	int r = lnr_proc_container_file(st, k->t.pid, groups ? "group" : "passwd", &text);
	if (r == -EAGAIN)
		lnr_users_ask_again(st->users, container, groups, id,
			st->now + LNR_USER_AGAIN_MS * LNR_NS_PER_MS);
	if (r)
		return;
	(groups ? lnr_groups_parse : lnr_users_parse)(st->users, container, lnr_str_c(text));
	free(text);
}

void lnr_state_need_user(struct lnr_state *st, struct lnr_task *k)
{
	uint32_t uid = k->t.uid;
	struct lnr_str container = lnr_blob_str(k->t.container_id);
	if (uid == UINT32_MAX || lnr_users_get(st->users, container, uid))
		return;
	if (!container.len && uid == 0) {
		const struct lnr_user root = {.gid = k->t.gid,
			.name = LNR_STR("root"),
			.home = LNR_STR("/root"),
			.shell = na};
		lnr_users_add(st->users, container, &root);
	} else if (st->proc && !lnr_users_missed(st->users, container, uid, st->now)) {
		if (container.len)
			ask_container(st, k, false);
		else
			ask_host_user(st, uid);
	}
}

void lnr_state_need_group(struct lnr_state *st, struct lnr_task *k)
{
	uint32_t gid = k->t.gid;
	struct lnr_str container = lnr_blob_str(k->t.container_id);
	if (gid == UINT32_MAX || lnr_groups_get(st->users, container, gid))
		return;
	if (!container.len && gid == 0) {
		const struct lnr_group root = {.name = LNR_STR("root")};
		lnr_groups_add(st->users, container, &root);
	} else if (st->proc && !lnr_groups_missed(st->users, container, gid, st->now)) {
		if (container.len)
			ask_container(st, k, true);
		else
			ask_host_group(st, gid);
	}
}

/* --- events --- */

static struct lnr_str text_of(const struct lnr_event *ev, unsigned param)
{
	struct lnr_str s = lnr_param_str(ev, param);
	return s.ptr ? s : LNR_STR("");
}

/* Recorded changes; also of containers, so that a replay shows the names of then. */
void lnr_parse_user(struct lnr_state *st, struct lnr_event *ev)
{
	uint64_t uid;
	if (!lnr_param_u64(ev, LNR_P_USER_ADDED_E_uid, &uid))
		return;
	struct lnr_str container = text_of(ev, LNR_P_USER_ADDED_E_container_id);
	if (ev->type == LNR_EV_USER_DELETED_E) {
		lnr_users_remove(st->users, container, (uint32_t)uid);
		return;
	}
	const struct lnr_user user = {.uid = (uint32_t)uid,
		.gid = (uint32_t)lnr_param_u64_or(ev, LNR_P_USER_ADDED_E_gid, UINT32_MAX),
		.name = text_of(ev, LNR_P_USER_ADDED_E_name),
		.home = text_of(ev, LNR_P_USER_ADDED_E_home),
		.shell = text_of(ev, LNR_P_USER_ADDED_E_shell)};
	if (lnr_users_add(st->users, container, &user))
		st->counters[LNR_CNT_NO_MEMORY]++;
}

void lnr_parse_group(struct lnr_state *st, struct lnr_event *ev)
{
	uint64_t gid;
	if (!lnr_param_u64(ev, LNR_P_GROUP_ADDED_E_gid, &gid))
		return;
	struct lnr_str container = text_of(ev, LNR_P_GROUP_ADDED_E_container_id);
	if (ev->type == LNR_EV_GROUP_DELETED_E) {
		lnr_groups_remove(st->users, container, (uint32_t)gid);
		return;
	}
	const struct lnr_group group = {
		.gid = (uint32_t)gid, .name = text_of(ev, LNR_P_GROUP_ADDED_E_name)};
	if (lnr_groups_add(st->users, container, &group))
		st->counters[LNR_CNT_NO_MEMORY]++;
}
