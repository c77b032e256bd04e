/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event schema as tables: what schema/ says, expanded once (schema.c). All objects are constant
 * and live for ever. Enumerations: enum lnr_event_type (LNR_EV_<NAME>, the enum of events.json
 * without PPME_), enum lnr_pt (LNR_PT_<TYPE>), enum lnr_pf (LNR_PF_<FMT>), LNR_EF_<FLAG>,
 * LNR_EC_<CATEGORY>, enum lnr_sc (LNR_SC_<NAME>, PPM_SC_ of events.json), LNR_UF_<FLAG>, and the
 * constants of events.json as LNR_<NAME without PPM_>, for example LNR_O_CREAT, LNR_AF_INET.
 */
#ifndef LNR_DECODE_SCHEMA_H
#define LNR_DECODE_SCHEMA_H

#include "base/str.h"
#include "schema/schema.h"

struct lnr_flag {
	const char *name; /* NULL ends the list */
	uint32_t value;
};

struct lnr_flag_table {
	const char *name; /* "file_flags" */
	const struct lnr_flag *flags;
};

/* One alternative of a DYN parameter; ends with type LNR_PT_NONE. */
struct lnr_dyn {
	uint8_t type, fmt;
};

struct lnr_dyn_table {
	const char *name;
	const struct lnr_dyn *alts;
};

struct lnr_param_info {
	const char *name;
	uint8_t type;	    /* enum lnr_pt */
	uint8_t fmt;	    /* enum lnr_pf */
	int8_t dirfd_param; /* FSRELPATH: parameter with its directory descriptor; -1 none */
	const struct lnr_flag_table *flags; /* or NULL */
	const struct lnr_dyn_table *dyn;    /* or NULL */
};

struct lnr_event_info {
	const char *name;      /* what evt.type shows, "open" */
	const char *enum_name; /* "SYSCALL_OPEN_X" */
	uint16_t type;	       /* its own number; odd = exit */
	uint8_t nparams;
	uint16_t category;     /* LNR_EC_ without the source class */
	uint16_t source_class; /* LNR_EC_SYSCALL, _TRACEPOINT, _PLUGIN, _METAEVENT, _ITER … */
	uint32_t flags;	       /* LNR_EF_ */
	const struct lnr_param_info *params;
};

struct lnr_syscall_info {
	const char *name;  /* "openat" */
	uint16_t code;	   /* enum lnr_sc */
	int16_t nr_x86_64; /* -1 = no such call there */
	int16_t nr_aarch64;
	uint16_t enter_event,
		exit_event; /* 0, 1 (generic) for calls without an event of their own */
	uint16_t flags;	    /* LNR_UF_ */
};

#define LNR_EVENT_COUNT 454u

/* NULL when out of range. */
const struct lnr_event_info *lnr_event_info(unsigned type);
/* First parameter of that name, or -1. */
int lnr_event_param(const struct lnr_event_info *info, struct lnr_str name);
/* Next event with that name at or after `from`, or -1. */
int lnr_event_find(struct lnr_str name, unsigned from);
/* Event by its enum name ("SYSCALL_OPEN_X"), or -1. */
int lnr_event_by_enum(struct lnr_str enum_name);
unsigned lnr_syscall_count(void);
/* By code (enum lnr_sc); NULL when out of range. */
const struct lnr_syscall_info *lnr_syscall_info(unsigned code);
const struct lnr_syscall_info *lnr_syscall_by_name(struct lnr_str name);
/* By the number of this machine's architecture; NULL when unknown. */
const struct lnr_syscall_info *lnr_syscall_by_nr(int nr);
/* x86_64 number for an ia32 one, -1 = none. */
int lnr_syscall_ia32(int nr);
/* Size of a fixed-size parameter type, 0 = variable. */
unsigned lnr_pt_size(unsigned pt);
const char *lnr_pt_name(unsigned pt); /* "CHARBUF", as field listings show it */
const struct lnr_flag_table *lnr_flag_table(struct lnr_str name);
const char *lnr_errno_name(int64_t positive_errno); /* "ENOENT" or NULL */
const char *lnr_signal_name(unsigned sig);	    /* "SIGKILL" or NULL */
const char *lnr_cap_name(unsigned bit);		    /* "CAP_CHOWN" or NULL */
/* Member of a syscall set of events.json ("state", "simple", "io" …). */
bool lnr_syscall_in_set(struct lnr_str set, unsigned code);

#endif
