/* SPDX-License-Identifier: Apache-2.0 */
/* The table `threads` (spec plugin-abi.md 13.1). */
#include <string.h>
#include "base/util.h"
#include "state/plugin_tables_priv.h"

void lnr_table_get_int(const void *at, uint32_t type, union lnr_plugin_state_data *ret)
{
	switch (type) {
	case LNR_PLUGIN_ST_UINT8:
		memcpy(&ret->u8, at, sizeof(ret->u8));
		break;
	case LNR_PLUGIN_ST_UINT16:
		memcpy(&ret->u16, at, sizeof(ret->u16));
		break;
	case LNR_PLUGIN_ST_UINT32:
		memcpy(&ret->u32, at, sizeof(ret->u32));
		break;
	default:
		memcpy(&ret->u64, at, sizeof(ret->u64));
	}
}

void lnr_table_set_int(void *at, uint32_t type, const union lnr_plugin_state_data *in)
{
	switch (type) {
	case LNR_PLUGIN_ST_UINT8:
		memcpy(at, &in->u8, sizeof(in->u8));
		break;
	case LNR_PLUGIN_ST_UINT16:
		memcpy(at, &in->u16, sizeof(in->u16));
		break;
	case LNR_PLUGIN_ST_UINT32:
		memcpy(at, &in->u32, sizeof(in->u32));
		break;
	default:
		memcpy(at, &in->u64, sizeof(in->u64));
	}
}

int lnr_table_set_text(struct lnr_state *st, struct lnr_blob **slot, const char *text)
{
	return lnr_blob_set_in(&st->slab, slot, lnr_str_c(text ? text : ""));
}

/* --- fields --- */

enum how {
	INT,  /* a member of struct lnr_task */
	TEXT, /* the same, a struct lnr_blob * */
	MARK, /* a bit of its flags */
	TID,
	PID,
	PTID,
	FLAGS, /* as the clone call numbers them */
	CWD,
	CONTAINER,
	SUB,
};

#define T(member) offsetof(struct lnr_task, t.member)
/* name, type, read-only, sub-table, how, offset or bit */
#define ROWS(X)                                                                         \
	X("tid", INT64, false, NULL, TID, 0)                                            \
	X("pid", INT64, false, NULL, PID, 0)                                            \
	X("ptid", INT64, false, NULL, PTID, 0)                                          \
	X("reaper_tid", INT64, false, NULL, INT, offsetof(struct lnr_task, reaper_tid)) \
	X("sid", INT64, false, NULL, INT, T(sid))                                       \
	X("comm", STRING, false, NULL, TEXT, T(comm))                                   \
	X("exe", STRING, false, NULL, TEXT, T(exe))                                     \
	X("exe_path", STRING, false, NULL, TEXT, T(exepath))                            \
	X("exe_writable", BOOL, false, NULL, MARK, LNR_TF_EXE_WRITABLE)                 \
	X("exe_upper_layer", BOOL, false, NULL, MARK, LNR_TF_EXE_UPPER)                 \
	X("exe_lower_layer", BOOL, false, NULL, MARK, LNR_TF_EXE_LOWER)                 \
	X("exe_from_memfd", BOOL, false, NULL, MARK, LNR_TF_EXE_MEMFD)                  \
	X("args", TABLE, true, &lnr_table_args, SUB, 0)                                 \
	X("env", TABLE, true, &lnr_table_env, SUB, 0)                                   \
	X("cgroups", TABLE, true, &lnr_table_cgroups, SUB, 0)                           \
	X("flags", UINT32, false, NULL, FLAGS, 0)                                       \
	X("fd_limit", INT64, false, NULL, INT, T(fdlimit))                              \
	X("uid", UINT32, false, NULL, INT, T(uid))                                      \
	X("gid", UINT32, false, NULL, INT, T(gid))                                      \
	X("loginuid", UINT32, false, NULL, INT, T(loginuid))                            \
	X("exe_ino", UINT64, false, NULL, INT, T(exe_ino))                              \
	X("exe_ino_ctime", UINT64, false, NULL, INT, T(exe_ino_ctime))                  \
	X("exe_ino_mtime", UINT64, false, NULL, INT, T(exe_ino_mtime))                  \
	X("vtid", INT64, false, NULL, INT, T(vtid))                                     \
	X("vpid", INT64, false, NULL, INT, T(vpid))                                     \
	X("vpgid", INT64, false, NULL, INT, T(vpgid))                                   \
	X("pgid", INT64, false, NULL, INT, T(pgid))                                     \
	X("pidns_init_start_ts", UINT64, false, NULL, INT, T(pidns_init_start_ts))      \
	X("root", STRING, false, NULL, TEXT, T(root))                                   \
	X("tty", UINT32, false, NULL, INT, T(tty))                                      \
	X("file_descriptors", TABLE, true, &lnr_table_fds, SUB, 0)                      \
	X("cwd", STRING, true, NULL, CWD, 0)                                            \
	X("container_id", STRING, false, NULL, CONTAINER, 0)

/*
 * The last one is a field that the reference's container plugin adds. The container of a thread is
 * known here anyway, so other plugins find the field without it, and it finds its own.
 */
#define FIELD(name, type, ro, sub, how, at) {name, LNR_PLUGIN_ST_##type, ro, how == CONTAINER, sub},
static const struct lnr_table_field fields[] = {ROWS(FIELD)};
#define PLACE(name, type, ro, sub, how, at) {how, at},
static const struct {
	enum how how;
	size_t at;
} places[] = {ROWS(PLACE)};

/* --- reading --- */

static uint64_t threads_size(void *user, const struct lnr_table_pos *of)
{
	(void)of;
	return ((struct lnr_state *)user)->tasks.len;
}

static bool threads_has(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos)
{
	(void)of;
	return lnr_table_task(user, pos);
}

static bool threads_next(
	void *user, const struct lnr_table_pos *of, size_t *at, struct lnr_table_pos *ret)
{
	struct lnr_state *st = user;
	void *k;
	(void)of;
	*ret = (struct lnr_table_pos){0};
	return lnr_idmap_next(&st->tasks, at, &ret->key, &k);
}

static int threads_read(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos,
	const struct lnr_table_column *col, struct lnr_arena *scratch,
	union lnr_plugin_state_data *ret)
{
	struct lnr_task *k = lnr_table_task(user, pos);
	(void)of;
	(void)scratch;
	if (!k)
		return -ENOENT;
	if (col->index >= LNR_ARRAY_SIZE(fields)) {
		lnr_extra_get(
			k->extra, col->index - (unsigned)LNR_ARRAY_SIZE(fields), col->type, ret);
		return 0;
	}
	const char *at = (const char *)k + places[col->index].at;
	const struct lnr_blob *text = NULL;
	switch (places[col->index].how) {
	case INT:
		lnr_table_get_int(at, col->type, ret);
		return 0;
	case MARK:
		ret->b = (k->t.flags & places[col->index].at) != 0;
		return 0;
	case TID:
		ret->s64 = k->t.tid;
		return 0;
	case PID:
		ret->s64 = k->t.pid;
		return 0;
	case PTID:
		ret->s64 = k->t.ptid;
		return 0;
	case FLAGS:
		ret->u32 = lnr_thread_flags_as_clone(&k->t);
		return 0;
	case CWD:
		/* Blobs and the constants end with a NUL. */
		ret->str = lnr_state_cwd(user, &k->t).ptr;
		return 0;
	case TEXT:
		text = *(struct lnr_blob *const *)(const void *)at;
		break;
	case CONTAINER:
		text = k->t.container_id;
		break;
	case SUB:
		return -EINVAL;
	}
	ret->str = text ? text->data : "";
	return 0;
}

/* --- writing --- */

/* Ids of a thread in the table tie it to others; its own cannot change. */
static int write_id(
	struct lnr_state *st, struct lnr_task *k, bool in_table, enum how how, int64_t id)
{
	int64_t *member = how == TID ? &k->t.tid : how == PID ? &k->t.pid : &k->t.ptid;
	if (!in_table) {
		*member = id;
		return 0;
	}
	if (id < 0 || (how == TID && id != k->t.tid))
		return -EINVAL;
	st->changed = true;
	if (how == PID)
		lnr_task_set_pid(st, k, id);
	else if (how == PTID)
		lnr_task_set_parent(st, k, id);
	return 0;
}

/* Whether it leads its process is what the table is built on. */
static void write_flags(struct lnr_thread *t, bool in_table, uint32_t clone_flags)
{
	struct lnr_thread of = {0};
	lnr_thread_clone_flags(&of, UINT32_MAX);
	uint32_t mask = of.flags & ~(in_table ? (uint32_t)LNR_TF_MAIN : 0);
	of.flags = 0;
	lnr_thread_clone_flags(&of, clone_flags);
	t->flags = (t->flags & ~mask) | (of.flags & mask);
}

static int write_container(struct lnr_state *st, struct lnr_task *k, const char *text)
{
	if (text && strnlen(text, LNR_CONTAINER_ID_BYTES_MAX) >= LNR_CONTAINER_ID_BYTES_MAX)
		return -EINVAL;
	st->changed = true;
	k->container_gen = 0;
	if (text && *text)
		return lnr_table_set_text(st, &k->t.container_id, text);
	k->t.container_id = lnr_blob_unref(k->t.container_id);
	return 0;
}

static int threads_write(void *user, const struct lnr_table_pos *of,
	const struct lnr_table_pos *pos, const struct lnr_table_column *col,
	const union lnr_plugin_state_data *in)
{
	struct lnr_state *st = user;
	struct lnr_task *k = lnr_table_task(st, pos);
	(void)of;
	if (!k)
		return -ENOENT;
	if (col->index >= LNR_ARRAY_SIZE(fields))
		return lnr_extra_set(&st->extras, &k->extra,
			col->index - (unsigned)LNR_ARRAY_SIZE(fields), col->type, in);
	char *at = (char *)k + places[col->index].at;
	enum how how = places[col->index].how;
	switch (how) {
	case INT:
		lnr_table_set_int(at, col->type, in);
		return 0;
	case MARK:
		k->t.flags &= ~(uint32_t)places[col->index].at;
		k->t.flags |= in->b ? (uint32_t)places[col->index].at : 0;
		return 0;
	case TEXT:
		return lnr_table_set_text(st, (struct lnr_blob **)(void *)at, in->str);
	case TID:
	case PID:
	case PTID:
		return write_id(st, k, !pos->made, how, in->s64);
	case FLAGS:
		write_flags(&k->t, !pos->made, in->u32);
		return 0;
	case CONTAINER:
		return write_container(st, k, in->str);
	case CWD:
	case SUB:
		break;
	}
	return -EROFS;
}

/* --- entries that come and go --- */

/* With descriptors of its own, because plugins look at their fields before it has a place. */
static int threads_make(void *user, const struct lnr_table_pos *of, void **ret)
{
	struct lnr_state *st = user;
	struct lnr_task *k = lnr_task_new(st, -1, -1);
	(void)of;
	if (k)
		k->t.fds = lnr_fds_new(&st->slab);
	if (!k || !k->t.fds) {
		lnr_task_free(st, k);
		return -ENOMEM;
	}
	*ret = k;
	return 0;
}

static void threads_unmake(void *user, const struct lnr_table_pos *of, void *made)
{
	(void)of;
	lnr_task_free(user, made);
}

static int threads_add(
	void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos, void *made)
{
	struct lnr_state *st = user;
	struct lnr_task *k = made;
	struct lnr_fdtable *fds = k->t.fds;
	int64_t was = k->t.tid;
	(void)of;
	if ((int64_t)pos->key < 0)
		return -EINVAL;
	k->t.tid = (int64_t)pos->key;
	/* Threads of a process use their leader's descriptors. */
	if (!lnr_thread_is_main(&k->t))
		k->t.fds = NULL;
	int r = lnr_task_put(st, k, true);
	if (r) {
		k->t.tid = was;
		k->t.fds = fds;
		return r;
	}
	if (k->t.fds != fds)
		lnr_fds_unref(&st->slab, fds);
	st->changed = true;
	return 0;
}

static int threads_erase(
	void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos)
{
	struct lnr_state *st = user;
	(void)of;
	if (!lnr_table_task(st, pos))
		return -ENOENT;
	st->changed = true;
	lnr_task_remove(st, (int64_t)pos->key);
	return 0;
}

/* Removal moves a later entry to the place of the one that goes, so each place is looked at again.
 */
static int threads_clear(void *user, const struct lnr_table_pos *of)
{
	struct lnr_state *st = user;
	size_t at = 0;
	(void)of;
	st->changed = true;
	while (st->tasks.len) {
		uint64_t tid;
		void *k;
		if (lnr_idmap_next(&st->tasks, &at, &tid, &k)) {
			lnr_task_erase(st, k);
			at--;
		} else {
			at = 0;
		}
	}
	return 0;
}

static const struct lnr_table_ops threads_ops = {
	.size = threads_size,
	.has = threads_has,
	.next = threads_next,
	.read = threads_read,
	.write = threads_write,
	.make = threads_make,
	.unmake = threads_unmake,
	.add = threads_add,
	.erase = threads_erase,
	.clear = threads_clear,
};

const struct lnr_table_class lnr_table_threads = {
	.name = "threads",
	.key_type = LNR_PLUGIN_ST_INT64,
	.grows = true,
	.fields = fields,
	.n_fields = LNR_ARRAY_SIZE(fields),
	.ops = &threads_ops,
};

const struct lnr_table_class *const *lnr_state_table_classes(size_t *ret_n)
{
	static const struct lnr_table_class *const classes[] = {
		&lnr_table_threads, &lnr_table_containers};
	*ret_n = LNR_ARRAY_SIZE(classes);
	return classes;
}
