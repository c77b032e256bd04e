/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The enumerations that the rows of this folder stand for. Included by user space and by the BPF
 * target: nothing but integer constants, no header needed.
 *
 * A row has its number written in it where the number is part of a format (capture files, the
 * plugin interface), so the order of rows never matters to a reader of old data.
 */
#ifndef LNR_SCHEMA_SCHEMA_H
#define LNR_SCHEMA_SCHEMA_H

/*
 * Version of the event table as plugins and reports see it: major when an event changes its
 * meaning, minor when events or parameters come.
 */
#define LNR_EVENT_SCHEMA_VERSION "4.5.1"

/* Value types of parameters and fields. */
enum lnr_pt {
#define LNR_TYPE(number, name, size) LNR_PT_##name = number,
#include "schema/types.def"
	LNR_PT_COUNT
};

/* How a value is printed. */
enum lnr_pf {
#define LNR_FORMAT(number, name) LNR_PF_##name = number,
#include "schema/types.def"
	LNR_PF_COUNT
};

/* Properties of an event, bits. */
enum lnr_ef {
#define LNR_EVENT_FLAG(name, value) LNR_EF_##name = value,
#include "schema/types.def"
};

/* What an event is about (below LNR_EC_SYSCALL) and who produces it (from there). */
enum lnr_ec {
#define LNR_CATEGORY(name, value) LNR_EC_##name = value,
#include "schema/types.def"
};

/* Properties of a system call, bits. */
enum lnr_uf {
#define LNR_SYSCALL_FLAG(name, value) LNR_UF_##name = value,
#include "schema/types.def"
};

/* Event numbers. Even = enter, odd = exit of the same call. */
enum lnr_event_type {
#define LNR_EVENT(event, number, name, category, source, flags, nparams) LNR_EV_##event = number,
#include "schema/events.def"
	LNR_EV_COUNT
};

/* System call and tracepoint codes. */
enum lnr_sc {
#define LNR_SYSCALL(code, name, text, x86_64, aarch64, event, flags) LNR_SC_##name = code,
#include "schema/syscalls.def"
	LNR_SC_COUNT /* highest code + 1; some codes below have no row */
};

/* Sets of them. */
enum lnr_set {
#define LNR_SET(set) LNR_SET_##set,
#include "schema/sets.def"
	LNR_SET_COUNT
};

/* Numbers that parameters carry. */
enum lnr_const {
#define LNR_CONST(name, value) LNR_##name = value,
#include "schema/constants.def"
};

/* Capability bit numbers, and the masks made of them. */
enum lnr_cap {
#define LNR_CAP(name, bit) LNR_CAP_BIT_##name = bit,
#include "schema/caps.def"
	LNR_CAP_COUNT
};
enum lnr_cap_mask {
#define LNR_CAP(name, bit) LNR_CAP_##name = 1ULL << bit,
#include "schema/caps.def"
};

#endif
