/* SPDX-License-Identifier: (Apache-2.0 OR BSD-2-Clause OR GPL-2.0-only) */
/*
 * The event record: one layout for the kernel ring, capture files and plugins (scap record,
 * spec events-and-state 1). Included by the BPF target and by user space; fixed-width types only,
 * host byte order, no pointers.
 *
 *	 0 ts  8 tid  16 len  20 type  22 nparams  26 lengths[nparams]  .. parameters back to back
 *
 * A parameter of length 0 is absent. A record from the probe is at most LNR_RECORD_MAX bytes. An
 * event may only grow by appended parameters; a reader accepts fewer than its table lists and skips
 * what it does not know.
 */
#ifndef LNR_SCHEMA_RECORD_H
#define LNR_SCHEMA_RECORD_H

#ifdef __LNR_BPF__
#include "kernel/types.h" /* u8 … s64 without a dumped kernel header */
#define LNR_U16 __u16
#define LNR_U32 __u32
#define LNR_U64 __u64
#else
#include <stdint.h>
#define LNR_U16 uint16_t
#define LNR_U32 uint32_t
#define LNR_U64 uint64_t
#endif

#define LNR_RECORD_MAX 65536u
#define LNR_PARAM_MAX  65535u
#define LNR_PARAMS_MAX 32u /* PPM_MAX_EVENT_PARAMS */

struct lnr_record {
	LNR_U64 ts;	 /* ns since the Unix epoch */
	LNR_U64 tid;	 /* host pid namespace */
	LNR_U32 len;	 /* whole record, these 26 bytes included */
	LNR_U16 type;	 /* enum lnr_event_type */
	LNR_U32 nparams; /* followed by that many lengths */
} __attribute__((packed));

_Static_assert(sizeof(struct lnr_record) == 26, "the record header is part of the file format");

#endif
