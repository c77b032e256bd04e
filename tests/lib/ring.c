/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ring.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/util.h"
#include "capture/capture.h"

#define SYSCALL_BYTES (LNR_SC_COUNT / 8 + 1)
/* The kernel's clock and ours may differ by what was between two readings when the ring was opened.
 */
#define CLOCK_SLACK_NS 2000000

struct lnr_kt {
	struct lnr_capture *c; /* NULL = cannot be had here, see err */
	struct lnr_err err;
	uint8_t calls[SYSCALL_BYTES], state_only[SYSCALL_BYTES];
	struct lnr_test_dir dir;
	bool in_dir;
	void *out;
	pid_t pid;
	struct lnr_kt_event **events; /* of the latest act, each with its record behind it */
	size_t n, cap;
};

/* --- opening --- */

static int set_calls(uint8_t *set, const char *names)
{
	char name[64];
	int at = 0, n;
	while (names && sscanf(names + at, " %63s%n", name, &n) == 1) {
		const struct lnr_syscall_info *s = lnr_syscall_by_name(lnr_str_c(name));
		if (!s) {
			print_error("no system call is named \"%s\"\n", name);
			return -1;
		}
		set[s->code / 8] |= (uint8_t)(1u << s->code % 8);
		at += n;
	}
	return 0;
}

int lnr_kt_setup(void **state, const struct lnr_kt_opts *opts)
{
	struct lnr_kt *k = calloc(1, sizeof(*k));
	if (!k || set_calls(k->calls, opts->calls) || set_calls(k->calls, opts->state_only) ||
		set_calls(k->state_only, opts->state_only)) {
		free(k);
		return -1;
	}
	k->out = mmap(NULL, LNR_KT_OUT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k->out == MAP_FAILED) {
		free(k);
		return -1;
	}
	struct lnr_ring_opts o = {
		.size = sizeof(o),
		.buffer_bytes = 1u << 20,
		.snaplen = opts->snaplen,
		.drop_failed = opts->drop_failed,
		.syscalls = k->calls,
		.syscalls_len = sizeof(k->calls),
		.state_only = k->state_only,
		.only_tgid = (uint32_t)getpid(),
	};
	if (lnr_ring_open(&o, &k->c, &k->err))
		k->c = NULL;
	if (opts->dir) {
		lnr_test_dir_init(&k->dir);
		k->in_dir = true;
		assert_int_equal(chdir(k->dir.path), 0);
	}
	*state = k;
	return 0;
}

static void forget(struct lnr_kt *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->events[i]);
	k->n = 0;
}

int lnr_kt_teardown(void **state)
{
	struct lnr_kt *k = *state;
	forget(k);
	if (k->in_dir) {
		assert_int_equal(chdir("/"), 0);
		lnr_test_dir_done(&k->dir);
	}
	lnr_capture_close(k->c);
	munmap(k->out, LNR_KT_OUT);
	free(k->events);
	free(k);
	return 0;
}

/* --- acting --- */

void lnr_kt_check_(bool cond, const char *text, const char *file, int line)
{
	int saved = errno;
	if (!cond) {
		dprintf(STDERR_FILENO, "%s:%d: %s is false, errno %d (%s)\n", file, line, text,
			saved, strerror(saved));
		_exit(1);
	}
	errno = saved;
}

static void keep(struct lnr_kt *k, const struct lnr_capture_item *item)
{
	if (k->n == k->cap) {
		k->cap = k->cap ? 2 * k->cap : 64;
		k->events = realloc(k->events, k->cap * sizeof(*k->events));
		assert_non_null(k->events);
	}
	struct lnr_kt_event *e = calloc(1, sizeof(*e) + item->len);
	assert_non_null(e);
	k->events[k->n++] = e;
	memcpy(e + 1, item->record, item->len);
	assert_ok(lnr_event_parse(&e->ev, e + 1, item->len, item->cpu, &k->err), &k->err);
}

/*
 * All that was recorded until `end_ns`. The reader's own sleeping may be watched, too, hence not
 * only until there is nothing left.
 */
static void collect(struct lnr_kt *k, uint64_t end_ns)
{
	struct lnr_capture_item item;
	int r;
	while ((r = lnr_capture_next(k->c, &item, &k->err)) == 0) {
		if (((const struct lnr_record *)item.record)->ts > end_ns)
			break;
		keep(k, &item);
	}
	if (r != -EAGAIN)
		assert_ok(r, &k->err);
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * LNR_NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/*
 * The probe reads what is in memory and does not fault. A forked child has none of its image's
 * pages until it looks at them, and a call that fails early leaves its strings unread. The
 * sanitizer would take one byte of each page for somebody's.
 */
__attribute__((no_sanitize("address"))) static void touch_image(void)
{
	extern const char __executable_start[], edata[];
	for (const volatile char *p = __executable_start; p < edata; p += 4096)
		(void)*p;
}

void *lnr_kt_act(struct lnr_kt *k, void (*act)(void *out))
{
	int status = -1;
	const char *no_bpf = getenv("LNR_NO_BPF");
	if (!k->c && no_bpf && !strcmp(no_bpf, "1") &&
		(k->err.code == -EPERM || k->err.code == -ENOTSUP)) {
		print_message("not here: %s\n", k->err.msg);
		skip();
	}
	assert_ok(k->c ? 0 : k->err.code, &k->err);
	forget(k);
	memset(k->out, 0, LNR_KT_OUT);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		touch_image();
		act(k->out);
		_exit(0);
	}
	k->pid = pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	collect(k, now_ns() + CLOCK_SLACK_NS);
	assert_int_equal(status, 0);
	return k->out;
}

pid_t lnr_kt_pid(const struct lnr_kt *k)
{
	return k->pid;
}

/* --- finding --- */

static struct lnr_kt_event *find(struct lnr_kt *k, pid_t tid, unsigned type, unsigned n)
{
	for (size_t i = 0; i < k->n; i++) {
		struct lnr_kt_event *e = k->events[i];
		if (e->ev.type == type && (!tid || e->ev.tid == tid) && n-- == 0)
			return e;
	}
	return NULL;
}

struct lnr_kt_event *lnr_kt_event_of(struct lnr_kt *k, pid_t tid, unsigned type, unsigned n)
{
	struct lnr_kt_event *e = find(k, tid, type, n);
	if (!e) {
		print_error("no record %u of %s by thread %d among %zu:\n", n,
			lnr_event_info(type)->enum_name, (int)tid, k->n);
		for (size_t i = 0; i < k->n; i++)
			print_error("  %ld %s\n", (long)k->events[i]->ev.tid,
				k->events[i]->ev.info->enum_name);
		fail();
	}
	return e;
}

struct lnr_kt_event *lnr_kt_event(struct lnr_kt *k, unsigned type, unsigned n)
{
	return lnr_kt_event_of(k, k->pid, type, n);
}

unsigned lnr_kt_count(struct lnr_kt *k, unsigned type)
{
	unsigned n = 0;
	while (find(k, k->pid, type, n))
		n++;
	return n;
}

/* --- parameters --- */

static void wrong(struct lnr_kt_event *e, const char *name, const char *file, int line,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static void wrong(
	struct lnr_kt_event *e, const char *name, const char *file, int line, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_error("%s %s %s\n", e->ev.info->enum_name, name, text);
	_fail(file, line);
}

unsigned lnr_kt_param(struct lnr_kt_event *e, const char *name, const char *file, int line)
{
	int i = lnr_event_param(e->ev.info, lnr_str_c(name));
	if (i < 0)
		wrong(e, name, file, line, "is not a parameter of this event");
	e->asserted |= UINT64_C(1) << i;
	return (unsigned)i;
}

static unsigned present(struct lnr_kt_event *e, const char *name, const char *file, int line)
{
	unsigned i = lnr_kt_param(e, name, file, line);
	if (!lnr_param_present(&e->ev, i))
		wrong(e, name, file, line, "is absent");
	return i;
}

uint64_t lnr_kt_value(struct lnr_kt_event *e, const char *name, const char *file, int line)
{
	uint64_t v = 0;
	unsigned i = present(e, name, file, line);
	unsigned size = lnr_pt_size(e->ev.info->params[i].type);
	if (size && size != e->ev.param[i].len)
		wrong(e, name, file, line, "has %u bytes, not %u", e->ev.param[i].len, size);
	if (!lnr_param_u64(&e->ev, i, &v))
		wrong(e, name, file, line, "is not an integer");
	return v;
}

void lnr_kt_absent(struct lnr_kt_event *e, const char *name, const char *file, int line)
{
	unsigned i = lnr_kt_param(e, name, file, line);
	if (lnr_param_present(&e->ev, i))
		wrong(e, name, file, line, "has %u bytes, not none", e->ev.param[i].len);
}

void lnr_kt_s64(struct lnr_kt_event *e, const char *name, int64_t want, const char *file, int line)
{
	int64_t v = 0;
	lnr_kt_value(e, name, file, line);
	lnr_param_s64(&e->ev, lnr_kt_param(e, name, file, line), &v);
	if (v != want)
		wrong(e, name, file, line, "is %ld, not %ld", (long)v, (long)want);
}

void lnr_kt_u64(struct lnr_kt_event *e, const char *name, uint64_t want, const char *file, int line)
{
	uint64_t v = lnr_kt_value(e, name, file, line);
	if (v != want)
		wrong(e, name, file, line, "is %lu (%#lx), not %lu (%#lx)", (unsigned long)v,
			(unsigned long)v, (unsigned long)want, (unsigned long)want);
}

void lnr_kt_text(
	struct lnr_kt_event *e, const char *name, const char *want, const char *file, int line)
{
	unsigned i = present(e, name, file, line);
	lnr_test_assert_bytes(lnr_param_str(&e->ev, i), lnr_str_c(want), name, file, line);
	/* The NUL belongs to the record, and nothing behind it. */
	if (e->ev.param[i].len != strlen(want) + 1)
		wrong(e, name, file, line, "has %u bytes, not %zu", e->ev.param[i].len,
			strlen(want) + 1);
}

void lnr_kt_bytes(struct lnr_kt_event *e, const char *name, const void *want, size_t len,
	const char *file, int line)
{
	unsigned i = present(e, name, file, line);
	lnr_test_assert_bytes(lnr_param_bytes(&e->ev, i),
		(struct lnr_str){.ptr = want, .len = (uint32_t)len}, name, file, line);
}

void lnr_kt_dyn(struct lnr_kt_event *e, const char *name, uint8_t alternative, uint64_t want,
	const char *file, int line)
{
	struct lnr_str s = lnr_param_bytes(&e->ev, present(e, name, file, line));
	const struct lnr_param_info *p = &e->ev.info->params[lnr_kt_param(e, name, file, line)];
	unsigned size = lnr_pt_size(p->dyn->alts[alternative].type);
	uint64_t v = 0;
	if ((uint8_t)s.ptr[0] != alternative || s.len != 1 + size || size > sizeof(v))
		wrong(e, name, file, line, "is alternative %u in %zu bytes, not %u in %u",
			(uint8_t)s.ptr[0], (size_t)s.len, alternative, 1 + size);
	memcpy(&v, s.ptr + 1, size);
	if (v != want)
		wrong(e, name, file, line, "is %lu, not %lu", (unsigned long)v,
			(unsigned long)want);
}

void lnr_kt_all(struct lnr_kt_event *e, const char *file, int line)
{
	const struct lnr_event_info *info = e->ev.info;
	if (e->ev.nparams != info->nparams)
		wrong(e, "record", file, line, "has %u parameters, not %u", e->ev.nparams,
			info->nparams);
	for (unsigned i = 0; i < info->nparams; i++) {
		if (!(e->asserted >> i & 1))
			wrong(e, info->params[i].name, file, line, "was not looked at");
	}
}

/* --- addresses --- */

static void check_ip(struct lnr_kt_event *e, const char *name, const struct lnr_ip *got,
	const char *want, const char *file, int line)
{
	uint8_t addr[16] = {0};
	bool six = strchr(want, ':') != NULL;
	char text[INET6_ADDRSTRLEN] = "?";
	if (inet_pton(six ? AF_INET6 : AF_INET, want, addr) != 1)
		wrong(e, name, file, line, "cannot be \"%s\"", want);
	if (got->family == (six ? LNR_AF_INET6 : LNR_AF_INET) &&
		memcmp(got->addr, addr, six ? 16 : 4) == 0)
		return;
	inet_ntop(got->family == LNR_AF_INET6 ? AF_INET6 : AF_INET, got->addr, text, sizeof(text));
	wrong(e, name, file, line, "is \"%s\", not \"%s\"", text, want);
}

static void check_port(struct lnr_kt_event *e, const char *name, uint16_t got, uint16_t want,
	const char *file, int line)
{
	if (got != want)
		wrong(e, name, file, line, "has port %u, not %u", got, want);
}

void lnr_kt_addr(struct lnr_kt_event *e, const char *name, const char *ip, uint16_t port,
	const char *file, int line)
{
	struct lnr_sockaddr a;
	if (!lnr_param_sockaddr(&e->ev, present(e, name, file, line), &a))
		wrong(e, name, file, line, "is not an address");
	check_ip(e, name, &a.ip, ip, file, line);
	check_port(e, name, a.port, port, file, line);
}

void lnr_kt_addr_unix(
	struct lnr_kt_event *e, const char *name, const char *path, const char *file, int line)
{
	struct lnr_sockaddr a;
	unsigned i = present(e, name, file, line);
	if (!lnr_param_sockaddr(&e->ev, i, &a) || a.family != LNR_AF_UNIX)
		wrong(e, name, file, line, "is not a unix address");
	lnr_test_assert_bytes(a.path, lnr_str_c(path), name, file, line);
	if (e->ev.param[i].len != 1 + strlen(path) + 1)
		wrong(e, name, file, line, "has %u bytes", e->ev.param[i].len);
}

void lnr_kt_tuple(struct lnr_kt_event *e, const char *name, const char *sip, uint16_t sport,
	const char *dip, uint16_t dport, const char *file, int line)
{
	struct lnr_tuple t;
	if (!lnr_param_tuple(&e->ev, present(e, name, file, line), &t))
		wrong(e, name, file, line, "is not a tuple");
	check_ip(e, name, &t.sip, sip, file, line);
	check_port(e, name, t.sport, sport, file, line);
	check_ip(e, name, &t.dip, dip, file, line);
	check_port(e, name, t.dport, dport, file, line);
}

void lnr_kt_tuple_unix(struct lnr_kt_event *e, const char *name, const char *path,
	uint64_t *ret_source, uint64_t *ret_dest, const char *file, int line)
{
	struct lnr_tuple t;
	unsigned i = present(e, name, file, line);
	if (!lnr_param_tuple(&e->ev, i, &t) || t.family != LNR_AF_UNIX)
		wrong(e, name, file, line, "is not a unix tuple");
	lnr_test_assert_bytes(t.path, lnr_str_c(path), name, file, line);
	if (e->ev.param[i].len != 17 + strlen(path) + 1)
		wrong(e, name, file, line, "has %u bytes", e->ev.param[i].len);
	if (ret_source)
		*ret_source = t.source;
	if (ret_dest)
		*ret_dest = t.dest;
}
