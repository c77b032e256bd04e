/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read /proc share. */
#ifndef LNR_STATE_PROC_PRIV_H
#define LNR_STATE_PROC_PRIV_H

#include "state/state_priv.h"

struct lnr_netns;

struct lnr_proc {
	int dir;   /* /proc of the host */
	char *buf; /* LNR_PROC_FILE_BYTES_MAX, for one file at a time */
	/* Budget of look-ups between scans (spec 8.2). */
	uint64_t period_start;
	int64_t lookups, socket_lookups;
	/* Sockets by network namespace, during a scan only. */
	struct lnr_idmap netns;
	bool scanning;
	struct lnr_proc_cgroups *cgroups;
	char init_mnt[64]; /* mount namespace of the first process; "" unknown */
	/* Its root directory. */
	dev_t root_dev;
	ino_t root_ino;
};

/* --- proc.c --- */
/*
 * A file below an open directory into p->buf, with a NUL behind; its length, or a negative errno.
 * At most `max` bytes (and the buffer's), in one piece: not for lists that grow record by record.
 * *ret_ctime_ns may be NULL.
 */
ssize_t lnr_proc_read(
	struct lnr_proc *p, int dir, const char *name, size_t max, uint64_t *ret_ctime_ns);
/* Target of a link into p->buf; empty when it cannot be read. */
struct lnr_str lnr_proc_link(struct lnr_proc *p, int dir, const char *name);
int lnr_proc_dir(int dir, const char *name);

/* --- proc_thread.c --- */
/*
 * Thread `tid` whose directory is open, added to the table but not linked. A thread that is not its
 * process's leader takes from `leader` (may be NULL) what is common to a process. *ret_pid (may be
 * NULL) gets its process. NULL: gone, a kernel thread, or no room.
 */
struct lnr_task *lnr_proc_add_task(
	struct lnr_state *st, int dir, int64_t tid, struct lnr_task *leader, int64_t *ret_pid);

/* --- proc_fd.c --- */
/* All descriptors of k, whose directory is open. Sockets only when `sockets`. */
void lnr_proc_add_fds(struct lnr_state *st, struct lnr_task *k, int dir, bool sockets);
void lnr_proc_add_fd(struct lnr_state *st, struct lnr_task *k, int dir, int64_t num);

/* --- proc_net.c --- */
/* Fill a socket from its inode, looked up in the network namespace of the process. */
bool lnr_proc_socket(
	struct lnr_proc *p, int dir, uint64_t ino, struct lnr_state *st, struct lnr_fd *ret);
void lnr_proc_forget_sockets(struct lnr_proc *p);
/* Lines of /proc/net/{tcp,udp,...}, for tests: what one line says. */
bool lnr_proc_parse_inet(
	struct lnr_str line, bool v6, uint8_t l4, uint64_t *ret_ino, struct lnr_fd *ret);
bool lnr_proc_parse_unix(
	struct lnr_str line, uint64_t *ret_ino, uint64_t *ret_addr, struct lnr_str *ret_path);
bool lnr_proc_parse_netlink(struct lnr_str line, uint64_t *ret_ino);

/* --- proc_cgroup.c --- */
struct lnr_proc_cgroups *lnr_proc_cgroups_new(struct lnr_state *st);
struct lnr_proc_cgroups *lnr_proc_cgroups_free(struct lnr_proc_cgroups *c);
/* /proc/PID/cgroup as "subsys=path" items, in k->t.cgroups. */
void lnr_proc_set_cgroups(struct lnr_state *st, struct lnr_task *k, struct lnr_str text);

/* Fields of a text, one after the other: blanks in front are skipped. */
struct lnr_str lnr_proc_word(struct lnr_str *s);
bool lnr_proc_hex(struct lnr_str s, uint64_t *ret);

#endif
