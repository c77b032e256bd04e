/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors of a thread's process as a table (spec plugin-abi.md 13.2). */
#include <string.h>
#include "base/util.h"
#include "state/sockmem.h"
#include "state/plugin_tables_priv.h"

/* --- fields --- */

enum how {
	INT,  /* a member of struct lnr_fd */
	TEXT, /* the same, a struct lnr_blob * */
	TYPE,
	FLAGS, /* as the reference numbers them */
	NUMBER,
	NONE, /* what is not kept here: empty */
	SOCK, /* a part of the socket's addresses, see sockmem.h */
};

#define F(member) offsetof(struct lnr_fd, member)
/*
 * name, type, how, offset. The destination of IPv4 sockets is misspelt in the reference
 * (userspace/libsinsp/fdinfo.cpp); the name that it should have is there, too.
 */
#define ROWS(X)                                           \
	X("type", UINT8, TYPE, 0)                         \
	X("open_flags", UINT32, INT, F(open_flags))       \
	X("name", STRING, TEXT, F(name))                  \
	X("name_raw", STRING, TEXT, F(raw))               \
	X("old_name", STRING, NONE, 0)                    \
	X("flags", UINT32, FLAGS, 0)                      \
	X("dev", UINT32, INT, F(dev))                     \
	X("mount_id", UINT32, INT, F(mount_id))           \
	X("ino", UINT64, INT, F(ino))                     \
	X("pid", INT64, INT, F(pid))                      \
	X("fd", INT64, NUMBER, 0)                         \
	X("socket_ipv4_src_ip", UINT32, SOCK, 0)          \
	X("socket_ipv4_dest_dip", UINT32, SOCK, 4)        \
	X("socket_ipv4_dest_ip", UINT32, SOCK, 4)         \
	X("socket_ipv4_src_port", UINT16, SOCK, 8)        \
	X("socket_ipv4_dst_port", UINT16, SOCK, 10)       \
	X("socket_ipv4_l4_proto", UINT8, SOCK, 12)        \
	X("socket_ipv6_src_ip_low", UINT64, SOCK, 0)      \
	X("socket_ipv6_src_ip_high", UINT64, SOCK, 8)     \
	X("socket_ipv6_dest_ip_low", UINT64, SOCK, 16)    \
	X("socket_ipv6_dest_ip_high", UINT64, SOCK, 24)   \
	X("socket_ipv6_src_port", UINT16, SOCK, 32)       \
	X("socket_ipv6_dst_port", UINT16, SOCK, 34)       \
	X("socket_ipv6_l4_proto", UINT8, SOCK, 36)        \
	X("socket_ipv4_server_ip", UINT32, SOCK, 0)       \
	X("socket_ipv4_server_port", UINT16, SOCK, 4)     \
	X("socket_ipv4_server_l4_proto", UINT8, SOCK, 6)  \
	X("socket_ipv6_server_ip_low", UINT64, SOCK, 0)   \
	X("socket_ipv6_server_ip_high", UINT64, SOCK, 8)  \
	X("socket_ipv6_server_port", UINT16, SOCK, 16)    \
	X("socket_ipv6_server_l4_proto", UINT8, SOCK, 18) \
	X("socket_unix_src", UINT64, SOCK, 0)             \
	X("socket_unix_dest", UINT64, SOCK, 8)

#define FIELD(name, type, how, at) {name, LNR_PLUGIN_ST_##type, false, false, NULL},
static const struct lnr_table_field fields[] = {ROWS(FIELD)};
#define PLACE(name, type, how, at) {how, at},
static const struct {
	enum how how;
	size_t at;
} places[] = {ROWS(PLACE)};

/* --- which table --- */

/* One that is not in the table has its own, whatever ids it was given. */
static struct lnr_fdtable *table_of(struct lnr_state *st, const struct lnr_table_pos *of)
{
	struct lnr_task *k = lnr_table_task(st, of);
	struct lnr_task *main = of->made ? k : lnr_task_main(k);
	return main ? main->t.fds : NULL;
}

/* The same, to be changed. NULL: there is no such thread, or no memory. */
static struct lnr_fdtable *own_table(struct lnr_state *st, const struct lnr_table_pos *of)
{
	struct lnr_task *k = lnr_table_task(st, of);
	if (of->made)
		return k->t.fds;
	st->changed = true;
	return k ? lnr_task_fds_own(st, k) : NULL;
}

static struct lnr_fd *find(struct lnr_fdtable *t, const struct lnr_table_pos *pos)
{
	if (pos->made)
		return pos->made;
	return t ? lnr_fds_get(t, (int64_t)pos->key) : NULL;
}

/* --- flags --- */

static const struct {
	uint16_t ours;
	uint32_t theirs;
} flag_map[] = {
	{LNR_FDF_FROM_PROC, 1 << 0},
	{LNR_FDF_ROLE_CLIENT, 1 << 2},
	{LNR_FDF_ROLE_SERVER, 1 << 3},
	{LNR_FDF_CONNECTED, 1 << 13},
	{LNR_FDF_CLONED, 1 << 14},
	{LNR_FDF_CONN_PENDING, 1 << 15},
	{LNR_FDF_CONN_FAILED, 1 << 16},
	{LNR_FDF_UPPER_LAYER, 1 << 17},
	{LNR_FDF_LOWER_LAYER, 1 << 18},
};

static uint32_t flags_of(const struct lnr_fd *fd)
{
	uint32_t theirs = 0;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(flag_map); i++)
		theirs |= fd->flags & flag_map[i].ours ? flag_map[i].theirs : 0;
	return theirs;
}

static void set_flags(struct lnr_fd *fd, uint32_t theirs)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(flag_map); i++) {
		fd->flags &= (uint16_t)~flag_map[i].ours;
		if (theirs & flag_map[i].theirs)
			fd->flags |= flag_map[i].ours;
	}
}

/* --- reading --- */

static uint64_t fds_size(void *user, const struct lnr_table_pos *of)
{
	const struct lnr_fdtable *t = table_of(user, of);
	return t ? t->count : 0;
}

static bool fds_has(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos)
{
	return find(table_of(user, of), pos);
}

/* *at is the entry before; nothing is removed during an iteration. */
static bool fds_next(
	void *user, const struct lnr_table_pos *of, size_t *at, struct lnr_table_pos *ret)
{
	const struct lnr_fdtable *t = *at ? NULL : table_of(user, of);
	const struct lnr_fd_node *n = *at ? lnr_fds_next((const struct lnr_fd_node *)*at)
					  : (t ? lnr_fds_first(t) : NULL);
	if (!n)
		return false;
	*at = (size_t)n;
	*ret = (struct lnr_table_pos){.key = (uint64_t)(int64_t)n->fd.num};
	return true;
}

static int fds_read(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos,
	const struct lnr_table_column *col, struct lnr_arena *scratch,
	union lnr_plugin_state_data *ret)
{
	struct lnr_fd *fd = find(table_of(user, of), pos);
	(void)scratch;
	if (!fd)
		return -ENOENT;
	if (col->index >= LNR_ARRAY_SIZE(fields)) {
		lnr_extra_get(
			fd->extra, col->index - (unsigned)LNR_ARRAY_SIZE(fields), col->type, ret);
		return 0;
	}
	const char *at = (const char *)fd + places[col->index].at;
	switch (places[col->index].how) {
	case INT:
		lnr_table_get_int(at, col->type, ret);
		break;
	case TEXT: {
		const struct lnr_blob *b = *(struct lnr_blob *const *)(const void *)at;
		ret->str = b ? b->data : "";
		break;
	}
	case TYPE:
		ret->u8 = (uint8_t)fd->type;
		break;
	case FLAGS:
		ret->u32 = flags_of(fd);
		break;
	case NUMBER:
		ret->s64 = fd->num;
		break;
	case NONE:
		ret->str = "";
		break;
	case SOCK:
		lnr_sock_load(fd);
		lnr_table_get_int(fd->mem + places[col->index].at, col->type, ret);
		break;
	}
	return 0;
}

/* --- writing --- */

static int write_field(struct lnr_state *st, struct lnr_fd *fd, bool in_table, unsigned index,
	uint32_t type, const union lnr_plugin_state_data *in)
{
	char *at = (char *)fd + places[index].at;
	switch (places[index].how) {
	case INT:
		lnr_table_set_int(at, type, in);
		return 0;
	case TEXT:
		return lnr_table_set_text(st, (struct lnr_blob **)(void *)at, in->str);
	case TYPE:
		/* The addresses are read anew, as the new kind has them. */
		lnr_sock_load(fd);
		fd->type = (int8_t)in->u8;
		lnr_sock_show(fd);
		return 0;
	case FLAGS:
		set_flags(fd, in->u32);
		return 0;
	case NUMBER:
		if (in->s64 != (int32_t)in->s64 || (in_table && in->s64 != fd->num))
			return -EINVAL;
		fd->num = (int32_t)in->s64;
		return 0;
	case NONE:
		return 0;
	case SOCK:
		lnr_sock_load(fd);
		lnr_table_set_int(fd->mem + places[index].at, type, in);
		lnr_sock_show(fd);
		return 0;
	}
	return -EROFS;
}

static int fds_write(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos,
	const struct lnr_table_column *col, const union lnr_plugin_state_data *in)
{
	struct lnr_state *st = user;
	struct lnr_fd *fd = find(table_of(st, of), pos);
	if (!fd)
		return -ENOENT;
	/* A table that a fork shares must not show the child what is written for the parent. */
	if (!pos->made) {
		struct lnr_fdtable *t = own_table(st, of);
		fd = t ? find(t, pos) : NULL;
		if (!fd)
			return -ENOMEM;
	}
	if (col->index >= LNR_ARRAY_SIZE(fields))
		return lnr_extra_set(&st->extras, &fd->extra,
			col->index - (unsigned)LNR_ARRAY_SIZE(fields), col->type, in);
	return write_field(st, fd, !pos->made, col->index, col->type, in);
}

static int fds_make(void *user, const struct lnr_table_pos *of, void **ret)
{
	struct lnr_state *st = user;
	struct lnr_fd *fd = lnr_slab_take(&st->slab, sizeof(*fd));
	(void)of;
	if (!fd)
		return -ENOMEM;
	*fd = (struct lnr_fd){.num = -1, .type = LNR_FD_UNINITIALIZED};
	*ret = fd;
	return 0;
}

static void fds_unmake(void *user, const struct lnr_table_pos *of, void *made)
{
	struct lnr_state *st = user;
	(void)of;
	lnr_fd_reset(made);
	lnr_slab_put(&st->slab, made, sizeof(struct lnr_fd));
}

static int fds_add(
	void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos, void *made)
{
	struct lnr_state *st = user;
	bool is_new;
	int64_t num = (int64_t)pos->key;
	if (!lnr_table_task(st, of))
		return -ENOENT;
	if (num < 0 || num != (int32_t)num)
		return -EINVAL;
	struct lnr_fdtable *t = own_table(st, of);
	if (!t)
		return -ENOMEM;
	uint32_t max = st->opts.max_fds_per_process;
	struct lnr_fd *fd = lnr_fds_add(&st->slab, t, num, max, &is_new);
	if (!fd)
		return t->count >= max ? -ENOSPC : -ENOMEM;
	st->counters[LNR_CNT_ADDED_FDS] += is_new;
	lnr_fd_copy(fd, made);
	fds_unmake(user, of, made);
	return 0;
}

static int fds_erase(void *user, const struct lnr_table_pos *of, const struct lnr_table_pos *pos)
{
	struct lnr_state *st = user;
	if (!find(table_of(st, of), pos))
		return -ENOENT;
	struct lnr_fdtable *t = own_table(st, of);
	if (!t)
		return -ENOMEM;
	st->counters[LNR_CNT_REMOVED_FDS] += lnr_fds_remove(&st->slab, t, (int64_t)pos->key);
	return 0;
}

static bool any(const struct lnr_fd *fd, const void *arg)
{
	(void)fd;
	(void)arg;
	return true;
}

static int fds_clear(void *user, const struct lnr_table_pos *of)
{
	struct lnr_state *st = user;
	if (!lnr_table_task(st, of))
		return -ENOENT;
	struct lnr_fdtable *t = own_table(st, of);
	if (!t)
		return -ENOMEM;
	st->counters[LNR_CNT_REMOVED_FDS] += lnr_fds_filter(&st->slab, t, any, NULL);
	return 0;
}

static const struct lnr_table_ops fds_ops = {
	.size = fds_size,
	.has = fds_has,
	.next = fds_next,
	.read = fds_read,
	.write = fds_write,
	.make = fds_make,
	.unmake = fds_unmake,
	.add = fds_add,
	.erase = fds_erase,
	.clear = fds_clear,
};

const struct lnr_table_class lnr_table_fds = {
	.name = "file_descriptors",
	.key_type = LNR_PLUGIN_ST_INT64,
	.grows = true,
	.fields = fields,
	.n_fields = LNR_ARRAY_SIZE(fields),
	.ops = &fds_ops,
};
