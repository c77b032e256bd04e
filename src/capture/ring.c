/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of this machine's kernel: load the probe, attach it, read its rings in order of time.
 *
 * libbpf's own ring reader hands records to a callback as they come; merging several rings by time
 * needs to look at their heads without taking them, so the ring pages are mapped and read here
 * (layout: kernel/bpf/ringbuf.c, part of the kernel's user interface).
 *
 * Sleeping: an empty look sleeps on a timer first, so that a busy machine's events are taken in
 * batches and no producer pays for a wake-up. Only after several empty looks in a row the consumer
 * declares itself asleep (lnr_consumer_asleep) and waits in epoll; the next producer wakes it.
 */
#include "capture/ring_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* linux/bpf.h */
#define RING_BUSY    (UINT32_C(1) << 31)
#define RING_DISCARD (UINT32_C(1) << 30)
#define RING_HEADER  8

/* Empty looks before asking for a wake-up, and how long each sleeps. */
#define NAPS	 4
#define NAP_NS	 200000
#define SLEEP_MS 30

static uint64_t ring_round(uint64_t len)
{
	len &= ~(uint64_t)(RING_BUSY | RING_DISCARD);
	return (len + RING_HEADER + 7) & ~UINT64_C(7);
}

/* Look at the head of a ring: its record, or NULL when there is none or it is still being written.
 */
static const struct lnr_record *ring_peek(struct lnr_kernel_ring *r)
{
	for (;;) {
		/* The producer writes its position at every event: look only when needed. */
		if (r->at >= r->produced)
			r->produced = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
		if (r->at >= r->produced)
			return NULL;
		const uint32_t *head = (const uint32_t *)(r->data + (r->at & r->mask));
		uint32_t len = __atomic_load_n(head, __ATOMIC_ACQUIRE);
		if (len & RING_BUSY)
			return NULL;
		if (!(len & RING_DISCARD)) {
			r->next_at = r->at + ring_round(len);
			return (const struct lnr_record *)(head + 2);
		}
		r->at += ring_round(len);
		__atomic_store_n(r->consumer, r->at, __ATOMIC_RELEASE);
	}
}

/* Give back what was handed out last. */
static void ring_release(struct lnr_ring *c)
{
	struct lnr_kernel_ring *r = c->lent;
	if (!r)
		return;
	r->at = r->next_at;
	r->head = NULL;
	c->lent = NULL;
	/* The producer needs the space rarely; telling it every time would bounce the cache line.
	 */
	if (r->at - r->told > r->mask / 16) {
		r->told = r->at;
		__atomic_store_n(r->consumer, r->at, __ATOMIC_RELEASE);
	}
}

static void tell_all(struct lnr_ring *c)
{
	for (unsigned i = 0; i < c->n_rings; i++) {
		struct lnr_kernel_ring *r = &c->rings[i];
		if (r->told != r->at) {
			r->told = r->at;
			__atomic_store_n(r->consumer, r->at, __ATOMIC_RELEASE);
		}
	}
}

/* The ring whose head is oldest, or NULL. Heads are kept between calls until they are taken. */
static struct lnr_kernel_ring *oldest(struct lnr_ring *c)
{
	struct lnr_kernel_ring *best = NULL;
	for (unsigned i = 0; i < c->n_rings; i++) {
		struct lnr_kernel_ring *r = &c->rings[i];
		if (!r->head)
			r->head = ring_peek(r);
		if (r->head && (!best || r->head->ts < best->head->ts))
			best = r;
	}
	return best;
}

static void wait_for_events(struct lnr_ring *c)
{
	struct epoll_event ev[1];
	tell_all(c);
	if (c->idle++ < NAPS) {
		struct timespec nap = {.tv_nsec = NAP_NS};
		nanosleep(&nap, NULL);
		return;
	}
	__atomic_store_n(c->asleep, 1, __ATOMIC_SEQ_CST);
	/* What came before the flag was seen would sleep with us. */
	if (!oldest(c))
		epoll_wait(c->epoll, ev, 1, SLEEP_MS);
	__atomic_store_n(c->asleep, 0, __ATOMIC_RELAXED);
}

/* A processor without a ring: its events are lost, and no selection of ours can change that. */
static int explain_cpu(const struct lnr_record *r, struct lnr_err *err)
{
	uint32_t cpu;
	memcpy(&cpu, (const char *)r + sizeof(*r) + 2 * sizeof(uint16_t), sizeof(cpu));
	return lnr_fail(err, -ESTALE,
		"processor %u came online after the start and has no ring buffer: start again",
		cpu);
}

static int ring_next(struct lnr_capture *base, struct lnr_capture_item *ret, struct lnr_err *err)
{
	struct lnr_ring *c = (struct lnr_ring *)base;
	ring_release(c);
	struct lnr_kernel_ring *r = oldest(c);
	if (!r) {
		wait_for_events(c);
		r = oldest(c);
		if (!r)
			return -EAGAIN;
	}
	if (r->head->type == LNR_EV_CPU_HOTPLUG_E)
		return explain_cpu(r->head, err);
	c->idle = 0;
	c->lent = r;
	ret->record = r->head;
	ret->len = r->head->len;
	ret->cpu = r->cpu;
	ret->flags = 0;
	return 0;
}

/* --- mapping --- */

int lnr_ring_map(struct lnr_kernel_ring *r, int fd, size_t size, unsigned cpu, struct lnr_err *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	r->fd = fd;
	r->cpu = (uint16_t)cpu;
	r->mask = size - 1;
	r->consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (r->consumer == MAP_FAILED) {
		r->consumer = NULL;
		return lnr_fail(err, -errno, "cannot map a ring buffer: %s", strerror(errno));
	}
	/* Producer page and the data twice behind it, so that a record never wraps. */
	char *p = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (p == MAP_FAILED)
		return lnr_fail(err, -errno, "cannot map a ring buffer: %s", strerror(errno));
	r->producer = (uint64_t *)p;
	r->data = p + page;
	return 0;
}

static void ring_unmap(struct lnr_kernel_ring *r)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	if (r->consumer)
		munmap(r->consumer, page);
	if (r->producer)
		munmap(r->producer, page + 2 * (r->mask + 1));
	if (r->fd > 0)
		close(r->fd);
}

/* --- counters --- */

static const struct {
	const char *name;
	enum lnr_count count;
} drop_names[] = {
	{"n_drops_buffer_clone_fork_exit", LNR_COUNT_DROP_CLONE},
	{"n_drops_buffer_execve_exit", LNR_COUNT_DROP_EXEC},
	{"n_drops_buffer_connect_enter", LNR_COUNT_DROP_CONNECT_ENTER},
	{"n_drops_buffer_connect_exit", LNR_COUNT_DROP_CONNECT},
	{"n_drops_buffer_open_enter", LNR_COUNT_DROP_OPEN_ENTER},
	{"n_drops_buffer_open_exit", LNR_COUNT_DROP_OPEN},
	{"n_drops_buffer_dir_file_exit", LNR_COUNT_DROP_DIR_FILE},
	{"n_drops_buffer_other_interest_exit", LNR_COUNT_DROP_OTHER_INTEREST},
	{"n_drops_buffer_close_exit", LNR_COUNT_DROP_CLOSE},
	{"n_drops_buffer_proc_exit", LNR_COUNT_DROP_PROC},
};

static void add_stat(struct lnr_stat *ret, unsigned max, unsigned *n, const char *name, uint64_t v)
{
	if (*n < max) {
		snprintf(ret[*n].name, sizeof(ret[*n].name), "%s", name);
		ret[*n].value = v;
	}
	++*n;
}

static void add_cpus(struct lnr_ring *c, struct lnr_stat *ret, unsigned max, unsigned *n)
{
	char name[64];
	for (unsigned cpu = 0; cpu < c->n_cpus && cpu < LNR_CPUS_MAX; cpu++) {
		const __u64 *v = c->skel->bss->lnr_counters[cpu].n;
		uint64_t drops = v[LNR_COUNT_DROP_SCRATCH];
		for (unsigned i = LNR_COUNT_DROP_CLONE; i <= LNR_COUNT_DROP_REST; i++)
			drops += v[i];
		snprintf(name, sizeof(name), "n_evts_cpu_%u", cpu);
		add_stat(ret, max, n, name, v[LNR_COUNT_EVENTS]);
		snprintf(name, sizeof(name), "n_drops_cpu_%u", cpu);
		add_stat(ret, max, n, name, drops);
	}
}

/*
 * What the kernel counts of each attached program, under the name of its hook. It counts only with
 * kernel.bpf_stats_enabled, which is left to the administrator: two looks at the clock cost every
 * system call of the machine more than the dispatcher itself.
 */
static void add_programs(struct lnr_ring *c, struct lnr_stat *ret, unsigned max, unsigned *n)
{
	struct bpf_program *p;
	char name[64];
	bpf_object__for_each_program(p, c->skel->obj)
	{
		const char *hook = strrchr(bpf_program__section_name(p), '/');
		struct bpf_prog_info info = {0};
		uint32_t len = sizeof(info);
		int fd = bpf_program__fd(p);
		if (fd < 0 || !hook || !bpf_program__autoattach(p) ||
			bpf_obj_get_info_by_fd(fd, &info, &len) || !info.run_cnt)
			continue;
		snprintf(name, sizeof(name), "%.40s.run_cnt", hook + 1);
		add_stat(ret, max, n, name, info.run_cnt);
		snprintf(name, sizeof(name), "%.40s.run_time_ns", hook + 1);
		add_stat(ret, max, n, name, info.run_time_ns);
		snprintf(name, sizeof(name), "%.40s.avg_time_ns", hook + 1);
		add_stat(ret, max, n, name, info.run_time_ns / info.run_cnt);
	}
}

static unsigned ring_stats(struct lnr_capture *base, struct lnr_stat *ret, unsigned max)
{
	struct lnr_ring *c = (struct lnr_ring *)base;
	uint64_t sum[LNR_COUNT_MAX] = {0}, buffer = 0;
	unsigned n = 0;
	for (unsigned cpu = 0; cpu < c->n_cpus && cpu < LNR_CPUS_MAX; cpu++) {
		for (unsigned i = 0; i < LNR_COUNT_MAX; i++)
			sum[i] += c->skel->bss->lnr_counters[cpu].n[i];
	}
	for (unsigned i = LNR_COUNT_DROP_CLONE; i <= LNR_COUNT_DROP_REST; i++)
		buffer += sum[i];
	add_stat(ret, max, &n, "n_evts", sum[LNR_COUNT_EVENTS]);
	add_stat(ret, max, &n, "n_drops_buffer_total", buffer);
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(drop_names); i++)
		add_stat(ret, max, &n, drop_names[i].name, sum[drop_names[i].count]);
	add_stat(ret, max, &n, "n_drops_scratch_map", sum[LNR_COUNT_DROP_SCRATCH]);
	add_stat(ret, max, &n, "n_drops", buffer + sum[LNR_COUNT_DROP_SCRATCH]);
	add_stat(ret, max, &n, "n_unreadable_strings", sum[LNR_COUNT_UNREADABLE]);
	add_stat(ret, max, &n, "n_unwanted", sum[LNR_COUNT_UNWANTED]);
	if (c->stats)
		add_programs(c, ret, max, &n);
	add_cpus(c, ret, max, &n);
	return n < max ? n : max;
}

static double ring_progress(struct lnr_capture *base)
{
	(void)base;
	return -1;
}

static struct lnr_capture *ring_close(struct lnr_capture *base)
{
	struct lnr_ring *c = (struct lnr_ring *)base;
	if (!c)
		return NULL;
	lnr_ring_detach(c);
	for (unsigned i = 0; i < c->n_more; i++)
		lanner_bpf__destroy(c->more[i]);
	lanner_bpf__destroy(c->skel);
	for (unsigned i = 0; i < c->n_rings; i++)
		ring_unmap(&c->rings[i]);
	if (c->epoll > 0)
		close(c->epoll);
	free(c->rings);
	free(c);
	return NULL;
}

const struct lnr_capture_ops lnr_ring_ops = {
	.name = "modern_bpf",
	.next = ring_next,
	.stats = ring_stats,
	.progress = ring_progress,
	.close = ring_close,
};
