/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of capture files made by hand, and what a state must hold once it has read them.
 */
#ifndef LNR_TESTS_UNIT_CAPTURE_TABLES_H
#define LNR_TESTS_UNIT_CAPTURE_TABLES_H

#include "state/state.h"
#include "unit/capture/build.h"

struct env {
	struct lnr_buf b;     /* the file */
	struct lnr_buf entry; /* body of the block being made */
	struct lnr_state *st;
	struct lnr_capture *c;
	struct lnr_err err;
};

static inline int new_state(struct lnr_state **ret, struct lnr_err *err)
{
	const struct lnr_state_opts o = {.size = sizeof(o),
		.clock = lnr_clock_system(),
		.max_proc_lookups = -1,
		.import_users = true};

	return lnr_state_new(&o, ret, err);
}

static inline void env_init(struct env *e)
{
	*e = (struct env){.st = NULL};
	lnr_buf_init(&e->b, 0);
	lnr_buf_init(&e->entry, 0);
	put_section(&e->b);
}

/* The parent of all threads below: a state knows no parent that is not there. */
#define PARENT 2

/* Open and populate; what populate says. */
static inline int env_load(struct env *e)
{
	int r;

	assert_ok(new_state(&e->st, &e->err), &e->err);
	put_close(&e->b, 1);
	r = lnr_scap_open_memory(e->b.ptr, e->b.len, NULL, &e->c, &e->err);
	return r ? r : e->c->ops->populate(e->c, e->st, &e->err);
}

static inline void env_done(struct env *e)
{
	lnr_capture_close(e->c);
	lnr_state_free(e->st);
	lnr_buf_done(&e->b);
	lnr_buf_done(&e->entry);
}

static inline void put_table(struct env *e, uint32_t type)
{
	put_block(&e->b, type, e->entry.ptr, e->entry.len);
	lnr_buf_clear(&e->entry);
}

/* The u32 in front of the entry that starts at `at`. */
static inline void close_entry(struct env *e, size_t at, bool counts_itself)
{
	uint32_t len = (uint32_t)(e->entry.len - at) - (counts_itself ? 0 : 4);

	memcpy(e->entry.ptr + at, &len, 4);
}

#define TAIL_MAX 14 /* fields that version 9 may append */

/* Bytes of the appended fields, in order. */
static const unsigned tail_size[TAIL_MAX] = {8, 4, 4, 1, 8, 8, 8, 1, 8, 8, 8, 1, 1, 8};

/* An entry of any version; its first `tail` appended fields are there. */
static inline void put_thread(struct env *e, unsigned version, uint64_t tid, unsigned tail)
{
	struct lnr_buf *b = &e->entry;
	size_t at = b->len;

	if (version >= 9)
		put32(b, 0);
	put64(b, tid);
	put64(b, tid);
	put64(b, tid == PARENT ? 0 : PARENT);
	if (version >= 6)
		put64(b, 61);
	if (version >= 8)
		put64(b, 81);
	put_str(b, "comm");
	put_str(b, "/bin/exe");
	if (version >= 7)
		put_str(b, "/usr/bin/exe");
	put_text(b, "one\0two", 7); /* the last NUL is missing */
	put_str(b, "/home/user");
	put64(b, 1024);
	put32(b, LNR_CL_CHILD_IN_PIDNS | LNR_CL_PIPE_SRC);
	put32(b, 1000);
	put32(b, 1001);
	if (version >= 2) {
		put32(b, 21);
		put32(b, 22);
		put32(b, 23);
		put64(b, 24);
		put64(b, 25);
	}
	if (version >= 3)
		put_text(b, "A=1\0B=2\0", 8);
	if (version >= 4) {
		put64(b, 41);
		put64(b, 42);
		put_text(b, "cpu=/a\0memory=/b", 16);
	}
	if (version >= 5)
		put_str(b, "/root");
	for (unsigned i = 0; i < tail; i++)
		for (unsigned k = 0; k < tail_size[i]; k++)
			lnr_buf_chr(b, k == 0 ? (char)(100 + i) : 0);
	if (version >= 9)
		close_entry(e, at, true);
}

static inline void put_parent(struct env *e)
{
	put_thread(e, 9, PARENT, 0);
	put_table(e, LNR_SCAP_PL_V9);
}

static inline void assert_thread(struct env *e, unsigned version, int64_t tid, unsigned tail)
{
	struct lnr_thread *t = lnr_state_thread(e->st, tid, false);
	uint32_t exe_flags = LNR_TF_EXE_WRITABLE | LNR_TF_EXE_UPPER | LNR_TF_EXE_MEMFD |
			     LNR_TF_EXE_LOWER;

	assert_non_null(t);
	assert_int_equal(t->tid, tid);
	assert_int_equal(t->pid, tid);
	assert_int_equal(t->ptid, PARENT);
	assert_int_equal(t->sid, version >= 6 ? 61 : -1);
	assert_int_equal(t->vpgid, version >= 8 ? 81 : -1);
	assert_str(lnr_blob_str(t->comm), "comm");
	assert_str(lnr_blob_str(t->exe), "/bin/exe");
	assert_str(lnr_blob_str(t->exepath), version >= 7 ? "/usr/bin/exe" : "");
	assert_bytes(lnr_blob_str(t->args), ((struct lnr_str){"one\0two", 8}));
	assert_str(lnr_state_cwd(e->st, t), "/home/user/");
	assert_int_equal(t->fdlimit, 1024);
	assert_true(t->flags & LNR_TF_IN_PIDNS);
	assert_true(t->flags & LNR_TF_PIPE_SRC);
	assert_true(t->flags & LNR_TF_ACTIVE);
	assert_false(t->flags & (LNR_TF_PIPE_DST | LNR_TF_CLONE_INVERTED | LNR_TF_NAME_CHANGED));
	assert_int_equal(t->uid, 1000);
	assert_int_equal(t->gid, 1001);
	assert_int_equal(t->vm_size, version >= 2 ? 21 : 0);
	assert_int_equal(t->vm_rss, version >= 2 ? 22 : 0);
	assert_int_equal(t->vm_swap, version >= 2 ? 23 : 0);
	assert_int_equal(t->pf_major, version >= 2 ? 24 : 0);
	assert_int_equal(t->pf_minor, version >= 2 ? 25 : 0);
	if (version >= 3)
		assert_bytes(lnr_blob_str(t->env), ((struct lnr_str){"A=1\0B=2", 8}));
	else
		assert_int_equal(lnr_blob_str(t->env).len, 0);
	assert_int_equal(t->vtid, version >= 4 ? 41 : -1);
	assert_int_equal(t->vpid, version >= 4 ? 42 : -1);
	if (version >= 4)
		assert_bytes(lnr_blob_str(t->cgroups), ((struct lnr_str){"cpu=/a\0memory=/b", 17}));
	assert_str(lnr_blob_str(t->root), version >= 5 ? "/root" : "");
	/* Fields that were appended, by their place. */
	assert_int_equal(t->pidns_init_start_ts, tail > 0 ? 100 : 0);
	assert_int_equal(t->tty, tail > 1 ? 101 : 0);
	assert_int_equal(t->loginuid, tail > 2 ? 102 : UINT32_MAX);
	assert_int_equal(t->flags & exe_flags,
		(tail > 3 ? LNR_TF_EXE_WRITABLE : 0) | (tail > 7 ? LNR_TF_EXE_UPPER : 0) |
			(tail > 11 ? LNR_TF_EXE_MEMFD : 0) | (tail > 12 ? LNR_TF_EXE_LOWER : 0));
	assert_int_equal(t->cap_inheritable, tail > 4 ? 104 : 0);
	assert_int_equal(t->cap_permitted, tail > 5 ? 105 : 0);
	assert_int_equal(t->cap_effective, tail > 6 ? 106 : 0);
	assert_int_equal(t->exe_ino, tail > 8 ? 108 : 0);
	assert_int_equal(t->exe_ino_ctime, tail > 9 ? 109 : 0);
	assert_int_equal(t->exe_ino_mtime, tail > 10 ? 110 : 0);
	assert_int_equal(t->pgid, tail > 13 ? 113 : -1);
}

static inline void put_fd_head(struct env *e, unsigned version, int64_t num, uint8_t type)
{
	if (version >= 2)
		put32(&e->entry, 0);
	put64(&e->entry, (uint64_t)num);
	put64(&e->entry, (uint64_t)num + 1000);
	lnr_buf_chr(&e->entry, (char)type);
}

/* One descriptor of every kind, numbered like its type. */
static inline void put_every_fd(struct env *e, unsigned version)
{
	static const uint8_t ip6[32] = {0xfd, [15] = 1, [16] = 0xfd, [31] = 2};

	put64(&e->entry, 10);
	for (uint8_t type = 1; type <= LNR_FD_PIDFD; type++) {
		size_t at = e->entry.len;
		struct lnr_buf *b = &e->entry;

		put_fd_head(e, version, type, type);
		switch (type) {
		case LNR_FD_IPV4_SOCK:
			lnr_buf_add(b, "\x0a\x01\x02\x03\x0a\x04\x05\x06", 8);
			put16(b, 4444);
			put16(b, 80);
			lnr_buf_chr(b, LNR_L4_TCP);
			break;
		case LNR_FD_IPV6_SOCK:
			lnr_buf_add(b, ip6, 32);
			put16(b, 5555);
			put16(b, 443);
			lnr_buf_chr(b, LNR_L4_UDP);
			break;
		case LNR_FD_IPV4_SERVSOCK:
			lnr_buf_add(b, "\x7f\x00\x00\x01", 4);
			put16(b, 22);
			lnr_buf_chr(b, LNR_L4_TCP);
			break;
		case LNR_FD_IPV6_SERVSOCK:
			lnr_buf_add(b, ip6, 16);
			put16(b, 23);
			lnr_buf_chr(b, LNR_L4_TCP);
			break;
		case LNR_FD_UNIX_SOCK:
			put64(b, 0x1111);
			put64(b, 0x2222);
			put_str(b, "/run/x.sock");
			break;
		case LNR_FD_FILE_V2:
			put32(b, LNR_O_RDWR | LNR_FD_UPPER_LAYER);
			put_str(b, "/etc/passwd");
			if (version >= 2)
				put32(b, 77);
			break;
		default:
			put_str(b, "name");
		}
		if (version >= 2)
			close_entry(e, at, true);
	}
}

static inline struct lnr_fd *get_fd(struct env *e, int64_t num)
{
	struct lnr_thread *t = lnr_state_thread(e->st, 10, false);

	assert_non_null(t);
	return lnr_state_fd(e->st, t, num);
}

static inline void assert_every_fd(struct env *e, unsigned version)
{
	for (int type = 1; type <= LNR_FD_PIDFD; type++) {
		struct lnr_fd *fd = get_fd(e, type);

		assert_non_null(fd);
		assert_int_equal(fd->num, type);
		assert_int_equal(fd->type, type);
		assert_int_equal(fd->ino, 1000 + type);
		switch (type) {
		case LNR_FD_IPV4_SOCK:
			assert_memory_equal(fd->sip.addr, "\x0a\x01\x02\x03", 4);
			assert_memory_equal(fd->dip.addr, "\x0a\x04\x05\x06", 4);
			assert_int_equal(fd->sport, 4444);
			assert_int_equal(fd->dport, 80);
			assert_int_equal(fd->l4, LNR_L4_TCP);
			assert_str(lnr_blob_str(fd->name), "10.1.2.3:4444->10.4.5.6:80");
			break;
		case LNR_FD_IPV6_SOCK:
			assert_int_equal(fd->sip.addr[15], 1);
			assert_int_equal(fd->dip.addr[15], 2);
			assert_int_equal(fd->sport, 5555);
			assert_int_equal(fd->dport, 443);
			assert_int_equal(fd->l4, LNR_L4_UDP);
			break;
		case LNR_FD_IPV4_SERVSOCK:
			assert_memory_equal(fd->sip.addr, "\x7f\x00\x00\x01", 4);
			assert_int_equal(fd->sport, 22);
			break;
		case LNR_FD_IPV6_SERVSOCK:
			assert_int_equal(fd->sip.addr[15], 1);
			assert_int_equal(fd->sport, 23);
			break;
		case LNR_FD_UNIX_SOCK:
			assert_int_equal(fd->source, 0x1111);
			assert_int_equal(fd->dest, 0x2222);
			assert_str(lnr_blob_str(fd->name), "/run/x.sock");
			break;
		case LNR_FD_FILE_V2:
			assert_int_equal(fd->open_flags, LNR_O_RDWR | LNR_FD_UPPER_LAYER);
			assert_true(fd->flags & LNR_FDF_UPPER_LAYER);
			assert_int_equal(fd->dev, version >= 2 ? 77 : 0);
			assert_str(lnr_blob_str(fd->name), "/etc/passwd");
			break;
		default:
			assert_str(lnr_blob_str(fd->name), "name");
		}
		assert_true(fd->flags & LNR_FDF_FROM_PROC);
	}
}

static inline void put_iface(struct env *e, unsigned version, uint16_t type, const char *name)
{
	size_t at = e->entry.len, ip = type == 2 || type == 4 ? 16 : 4;

	if (version >= 2)
		put32(&e->entry, 0);
	put16(&e->entry, type);
	put16(&e->entry, (uint16_t)strlen(name));
	for (size_t i = 0; i < 3 * ip; i++)
		lnr_buf_chr(&e->entry, (char)(type * 16 + i));
	if (type <= 2)
		put64(&e->entry, 1000);
	lnr_buf_cstr(&e->entry, name);
	if (version >= 2)
		close_entry(e, at, false);
}

static inline void put_user_entry(struct env *e, unsigned version, uint32_t uid, const char *name)
{
	size_t at = e->entry.len;

	if (version >= 2)
		put32(&e->entry, 0);
	lnr_buf_chr(&e->entry, 0);
	put32(&e->entry, uid);
	put32(&e->entry, uid + 1);
	put_str(&e->entry, name);
	put_str(&e->entry, "/home/x");
	put_str(&e->entry, "/bin/sh");
	if (version >= 2)
		close_entry(e, at, true);
}

static inline void put_group_entry(struct env *e, unsigned version, uint32_t gid, const char *name)
{
	size_t at = e->entry.len;

	if (version >= 2)
		put32(&e->entry, 0);
	lnr_buf_chr(&e->entry, 1);
	put32(&e->entry, gid);
	put_str(&e->entry, name);
	if (version >= 2)
		close_entry(e, at, true);
}

#endif
