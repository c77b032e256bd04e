/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the probe: make a system call, read its record back, assert every parameter.
 *
 * One ring per test binary, opened by the group's setup; it watches the test program and its
 * descendants. An act is a function that runs in a fresh child, so that its calls are the only ones
 * of that process; what it finds out (descriptors, inode numbers) it leaves in `out`, memory shared
 * with the test. Nothing between fork and act calls the kernel.
 *
 *	static void act(void *out)
 *	{
 *		int *fd = out;
 *		*fd = socket(AF_INET, SOCK_STREAM, 0);
 *		lnr_kt_check(*fd >= 0);
 *	}
 *	static void ok(void **state)
 *	{
 *		struct lnr_kt *k = *state;
 *		const int *fd = lnr_kt_act(k, act);
 *		struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 0);
 *		assert_param_s64(e, "fd", *fd);
 *		…
 *		assert_all_params(e);
 *	}
 *	static int setup(void **state)
 *	{
 *		return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "socket bind"});
 *	}
 *
 * On a machine that does not let us load the probe the tests fail and say why; with LNR_NO_BPF=1 in
 * the environment they are skipped.
 */
#ifndef LNR_TESTS_LIB_RING_H
#define LNR_TESTS_LIB_RING_H

#include <errno.h>
#include <sys/types.h>
#include "decode/event.h"
#include "lib/test.h"

/* Bytes of `out`. */
#define LNR_KT_OUT 65536

struct lnr_kt;

struct lnr_kt_event {
	struct lnr_event ev; /* its record lives until the next act */
	uint64_t asserted;   /* bit n: parameter n was looked at */
};

struct lnr_kt_opts {
	const char *calls;	/* names as in schema/syscalls.def, separated by blanks */
	const char *state_only; /* the same: only as far as they change state; NULL = none */
	uint32_t snaplen;	/* 0 = the default */
	bool drop_failed;
	bool dir; /* make a directory, and work there until the teardown removes it */
};

/* Group setup and teardown. Setup fails only when the arguments are wrong. */
int lnr_kt_setup(void **state, const struct lnr_kt_opts *opts);
int lnr_kt_teardown(void **state);

/*
 * Run `act` in a child, wait for it, take all records there are. Fails the test when the child does
 * not end well, skips it when there is no ring. Returns what the act wrote to `out`, which it gets
 * zeroed. An act must wait for children of its own.
 */
void *lnr_kt_act(struct lnr_kt *k, void (*act)(void *out));
/* In an act: end the child with a message unless `cond`. Changes errno never. */
#define lnr_kt_check(cond) lnr_kt_check_((cond), #cond, __FILE__, __LINE__)
void lnr_kt_check_(bool cond, const char *text, const char *file, int line);
/* What the kernel returned: syscall() hides the error number. */
static inline long lnr_kt_result(long r)
{
	return r == -1 ? -errno : r;
}
/* Process id of the latest act. */
pid_t lnr_kt_pid(const struct lnr_kt *k);

/* The n-th record (from 0) of that type of the act's first thread; fails the test without. */
struct lnr_kt_event *lnr_kt_event(struct lnr_kt *k, unsigned type, unsigned n);
/* The same of another thread; 0 = of any. */
struct lnr_kt_event *lnr_kt_event_of(struct lnr_kt *k, pid_t tid, unsigned type, unsigned n);
/* How many there are of that type; of the act's first thread. */
unsigned lnr_kt_count(struct lnr_kt *k, unsigned type);

/* --- parameters by name; each marks what it looked at -----------------------------------------*/

#define assert_param_absent(e, name)	  lnr_kt_absent((e), (name), __FILE__, __LINE__)
#define assert_param_s64(e, name, want)	  lnr_kt_s64((e), (name), (want), __FILE__, __LINE__)
#define assert_param_u64(e, name, want)	  lnr_kt_u64((e), (name), (want), __FILE__, __LINE__)
#define assert_param_str(e, name, want)	  lnr_kt_text((e), (name), (want), __FILE__, __LINE__)
#define assert_param_bytes(e, name, p, n) lnr_kt_bytes((e), (name), (p), (n), __FILE__, __LINE__)
/* SOCKADDR of AF_INET or AF_INET6, by what the text is; port in host order. */
#define assert_param_addr(e, name, ip, port) \
	lnr_kt_addr((e), (name), (ip), (port), __FILE__, __LINE__)
#define assert_param_addr_unix(e, name, path) \
	lnr_kt_addr_unix((e), (name), (path), __FILE__, __LINE__)
#define assert_param_tuple(e, name, sip, sport, dip, dport) \
	lnr_kt_tuple((e), (name), (sip), (sport), (dip), (dport), __FILE__, __LINE__)
/* Kernel addresses of both ends are returned, if wanted, for comparison with other records. */
#define assert_param_tuple_unix(e, name, path, ret_source, ret_dest) \
	lnr_kt_tuple_unix((e), (name), (path), (ret_source), (ret_dest), __FILE__, __LINE__)
/* DYN: which alternative, and its integer value. */
#define assert_param_dyn(e, name, alternative, want) \
	lnr_kt_dyn((e), (name), (alternative), (want), __FILE__, __LINE__)
/* Marks a parameter whose value the test cannot know. */
#define ignore_param(e, name) ((void)lnr_kt_param((e), (name), __FILE__, __LINE__))
/* Value of an integer that must be there. */
#define param_u64(e, name) lnr_kt_value((e), (name), __FILE__, __LINE__)
/* The record has as many parameters as its table, and each was looked at. */
#define assert_all_params(e) lnr_kt_all((e), __FILE__, __LINE__)

unsigned lnr_kt_param(struct lnr_kt_event *e, const char *name, const char *file, int line);
uint64_t lnr_kt_value(struct lnr_kt_event *e, const char *name, const char *file, int line);
void lnr_kt_absent(struct lnr_kt_event *e, const char *name, const char *file, int line);
void lnr_kt_s64(struct lnr_kt_event *e, const char *name, int64_t want, const char *file, int line);
void lnr_kt_u64(
	struct lnr_kt_event *e, const char *name, uint64_t want, const char *file, int line);
void lnr_kt_text(
	struct lnr_kt_event *e, const char *name, const char *want, const char *file, int line);
void lnr_kt_bytes(struct lnr_kt_event *e, const char *name, const void *want, size_t len,
	const char *file, int line);
void lnr_kt_addr(struct lnr_kt_event *e, const char *name, const char *ip, uint16_t port,
	const char *file, int line);
void lnr_kt_addr_unix(
	struct lnr_kt_event *e, const char *name, const char *path, const char *file, int line);
void lnr_kt_tuple(struct lnr_kt_event *e, const char *name, const char *sip, uint16_t sport,
	const char *dip, uint16_t dport, const char *file, int line);
void lnr_kt_tuple_unix(struct lnr_kt_event *e, const char *name, const char *path,
	uint64_t *ret_source, uint64_t *ret_dest, const char *file, int line);
void lnr_kt_dyn(struct lnr_kt_event *e, const char *name, uint8_t alternative, uint64_t want,
	const char *file, int line);
void lnr_kt_all(struct lnr_kt_event *e, const char *file, int line);

#endif
