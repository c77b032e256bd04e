/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * All maps and globals of the probe. Read-only settings (const volatile) are set by the loader
 * before load, so that the verifier removes what they switch off; the others say who writes them
 * and when.
 */
#ifndef LNR_BPF_BASE_MAPS_H
#define LNR_BPF_BASE_MAPS_H

#include "kernel/structs.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "base/shared.h"
#include "schema/limits.h"
#include "schema/record.h"
#include "schema/schema.h"

/* CLOCK_REALTIME minus CLOCK_BOOTTIME when the capture was opened, ns. */
const volatile __u64 lnr_boot_offset = 0;
/* CPUs that share a ring; 0 = all. */
const volatile __u32 lnr_cpus_per_ring = 0;
/* Bytes of I/O data kept per event. */
const volatile __u32 lnr_snaplen = 80;
const volatile bool lnr_drop_failed = false;
/* Test aid: only this process and its descendants; 0 = all. */
const volatile __u32 lnr_only_tgid = 0;
/* The kernel has storage per task for programs of these kinds (5.12). */
const volatile bool lnr_keeps_passed = false;

/* Bits of enum lnr_want by system call number. Written by the loader, at any time. */
__u8 lnr_wanted[LNR_SYSCALLS_MAX];
/* By number, which may be a native or an ia32 one: is one of the two wanted? Written by the loader.
 */
__u8 lnr_looked_at[LNR_SYSCALLS_MAX];
/* x86_64 number of an ia32 one, 0xffff = none. Written by the loader before attach. */
__u16 lnr_ia32[LNR_SYSCALLS_MAX];
/* LNR_SC_ code by native number. Written by the loader before attach. */
__u16 lnr_codes[LNR_SYSCALLS_MAX];
/*
 * Set by the consumer when it goes to sleep, cleared by the first producer that wakes it: a wake-up
 * costs the watched process about a microsecond, so there is one per sleep and not one per record.
 */
__u32 lnr_consumer_asleep __attribute__((aligned(64))); /* read at every event */
/* By CPU, written by the probe on that CPU, read by the loader. */
struct lnr_counters lnr_counters[LNR_CPUS_MAX] __attribute__((aligned(64)));

/* One ring per group of CPUs. The loader makes the rings. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, LNR_RINGS_MAX);
	__type(key, u32);
	__type(value, u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 4096);
		});
} lnr_rings SEC(".maps");

/*
 * Where a record of variable size grows before it is copied out, one per CPU. Twice the record
 * size, so that a masked offset plus a bounded length stays inside; the last 8 KiB are work space
 * for strings that are built backwards. An array by CPU and not a per-CPU map, whose values are
 * limited to 32 KiB. Programs on these hooks run with preemption off.
 */
#define LNR_SCRATCH_SIZE (2 * LNR_RECORD_MAX + 8192)
#define LNR_SCRATCH_WORK (2 * LNR_RECORD_MAX)
struct lnr_scratch {
	u8 b[LNR_SCRATCH_SIZE];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the loader sets the number of CPUs */
	__type(key, u32);
	__type(value, struct lnr_scratch);
} lnr_scratch SEC(".maps");

/* Programs by system call number, filled by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, LNR_SYSCALLS_MAX);
	__type(key, u32);
	__type(value, u32);
} lnr_calls SEC(".maps");

/* Continuations of programs that are too large for one (enum lnr_part). */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u32);
} lnr_parts SEC(".maps");

/* What the caller of the call under way passed, by thread; see extract/passed.h. */
struct lnr_passed {
	u32 nr;	 /* of the call, plus 1; 0 = nothing is kept */
	u32 len; /* of the text, its NUL included */
	u64 how[3];
	u8 text[LNR_PASSED_BYTES];
};
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE); /* made only with lnr_keeps_passed */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct lnr_passed);
} lnr_passed SEC(".maps");

/* Only with lnr_only_tgid: descendants of that process, by tgid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u8);
} lnr_family SEC(".maps");

static __always_inline void lnr_count(u32 what)
{
	u32 cpu = bpf_get_smp_processor_id() & (LNR_CPUS_MAX - 1);
	lnr_counters[cpu].n[what & (LNR_COUNT_MAX - 1)]++;
}

static __always_inline struct lnr_scratch *lnr_scratch_get(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&lnr_scratch, &cpu);
}

static __always_inline void *lnr_ring(void)
{
	u32 cpu = bpf_get_smp_processor_id(), i = 0;
	if (lnr_cpus_per_ring)
		i = cpu / lnr_cpus_per_ring;
	return bpf_map_lookup_elem(&lnr_rings, &i);
}

/* An empty record wakes it; its epoll knows all rings, so any will do. */
__noinline int lnr_wake(u32 first)
{
	void *ring = bpf_map_lookup_elem(&lnr_rings, &first);
	void *none = ring ? bpf_ringbuf_reserve(ring, 8, 0) : NULL;
	lnr_consumer_asleep = 0;
	if (none)
		bpf_ringbuf_discard(none, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/*
 * After a record was handed over: wake the consumer only when it said that it sleeps. Asked before,
 * the answer could be no while the consumer looks at a record that is not finished and lies down.
 * Handing over is a full barrier here (xchg in kernel/bpf/ringbuf.c), saying so one there.
 */
static __always_inline void lnr_wake_if_asleep(void)
{
	if (lnr_consumer_asleep)
		lnr_wake(0);
}

#endif
