/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Typed writers of event parameters, one per LNR_PARAM row. Included by the BPF target (and by
 * tests), after the includer has defined struct lnr_emit and the primitives below.
 *
 *	lnr_begin_<EVENT>(e)                 header and length table
 *	lnr_put_<EVENT>_<parameter>(e, v)    parameters of fixed size
 *	lnr_begin_param_<EVENT>_<parameter>(e)
 *	                                     parameters of variable size: marks the position; the
 *	                                     includer's own function writes the value after it
 *	lnr_skip_<EVENT>_<parameter>(e)      any parameter: absent, length 0
 *	lnr_end_<EVENT>(e)                   all parameters must be there
 *
 * A misspelt event or parameter does not compile, nor does a typed setter for a string. Order is
 * what LNR_EMIT_AT(e, index) makes of it: it is called at the start of every writer with the
 * parameter's position, and by lnr_end_ with the number of parameters. When struct lnr_emit is a
 * local variable of a function that everything is inlined into, a position kept in it folds to a
 * constant and the order is checked by the compiler for nothing:
 *
 *	void lnr_emit_out_of_order(void) __attribute__((error("event parameter out of order")));
 *	#define LNR_EMIT_AT(e, index) \
 *		do { \
 *			if ((e)->next != (index)) \
 *				lnr_emit_out_of_order(); \
 *			(e)->next = (index) + 1; \
 *		} while (0)
 *
 * Primitives, static inline, to be defined by the includer. `index` is a constant:
 *
 *	void lnr_emit_begin(struct lnr_emit *e, unsigned type, unsigned nparams, bool large);
 *	void lnr_emit_u8(struct lnr_emit *e, unsigned index, unsigned char v);
 *	void lnr_emit_u16(struct lnr_emit *e, unsigned index, unsigned short v);
 *	void lnr_emit_u32(struct lnr_emit *e, unsigned index, unsigned int v);
 *	void lnr_emit_u64(struct lnr_emit *e, unsigned index, unsigned long long v);
 *	void lnr_emit_empty(struct lnr_emit *e, unsigned index);
 *	void lnr_emit_variable(struct lnr_emit *e, unsigned index);
 *	void lnr_emit_end(struct lnr_emit *e, unsigned type, unsigned nparams);
 *
 * Values of 8 bytes are signed where the type is (FD, PID, ERRNO, INT64), so that a descriptor
 * given as a C int is sign-extended by the call itself (spec events-and-state 5.1).
 */
#ifndef LNR_SCHEMA_SETTERS_H
#define LNR_SCHEMA_SETTERS_H

#include "schema/schema.h"

#ifndef LNR_EMIT_AT
#define LNR_EMIT_AT(e, index)
#endif

#define LNR_SETTER_FN_ static inline __attribute__((always_inline, unused)) void

/* One macro per storage; below, which type is stored how. */
#define LNR_SETTER_(event, index, name, ctype, prim)                         \
	LNR_SETTER_FN_ lnr_put_##event##_##name(struct lnr_emit *e, ctype v) \
	{                                                                    \
		LNR_EMIT_AT(e, index);                                       \
		prim(e, index, v);                                           \
	}
#define LNR_SETTER_S64_(event, index, name) LNR_SETTER_(event, index, name, long long, lnr_emit_u64)
#define LNR_SETTER_U64_(event, index, name) \
	LNR_SETTER_(event, index, name, unsigned long long, lnr_emit_u64)
#define LNR_SETTER_S32_(event, index, name) LNR_SETTER_(event, index, name, int, lnr_emit_u32)
#define LNR_SETTER_U32_(event, index, name) \
	LNR_SETTER_(event, index, name, unsigned int, lnr_emit_u32)
#define LNR_SETTER_U16_(event, index, name) \
	LNR_SETTER_(event, index, name, unsigned short, lnr_emit_u16)
#define LNR_SETTER_U8_(event, index, name) \
	LNR_SETTER_(event, index, name, unsigned char, lnr_emit_u8)
#define LNR_SETTER_VAR_(event, index, name)                                 \
	LNR_SETTER_FN_ lnr_begin_param_##event##_##name(struct lnr_emit *e) \
	{                                                                   \
		LNR_EMIT_AT(e, index);                                      \
		lnr_emit_variable(e, index);                                \
	}

#define LNR_SETTER_INT8(event, index, name)		  LNR_SETTER_U8_(event, index, name)
#define LNR_SETTER_INT16(event, index, name)		  LNR_SETTER_U16_(event, index, name)
#define LNR_SETTER_INT32(event, index, name)		  LNR_SETTER_S32_(event, index, name)
#define LNR_SETTER_INT64(event, index, name)		  LNR_SETTER_S64_(event, index, name)
#define LNR_SETTER_UINT8(event, index, name)		  LNR_SETTER_U8_(event, index, name)
#define LNR_SETTER_UINT16(event, index, name)		  LNR_SETTER_U16_(event, index, name)
#define LNR_SETTER_UINT32(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_UINT64(event, index, name)		  LNR_SETTER_U64_(event, index, name)
#define LNR_SETTER_ERRNO(event, index, name)		  LNR_SETTER_S64_(event, index, name)
#define LNR_SETTER_FD(event, index, name)		  LNR_SETTER_S64_(event, index, name)
#define LNR_SETTER_PID(event, index, name)		  LNR_SETTER_S64_(event, index, name)
#define LNR_SETTER_FD32(event, index, name)		  LNR_SETTER_S32_(event, index, name)
#define LNR_SETTER_PID32(event, index, name)		  LNR_SETTER_S32_(event, index, name)
#define LNR_SETTER_SYSCALLID(event, index, name)	  LNR_SETTER_U16_(event, index, name)
#define LNR_SETTER_SIGTYPE(event, index, name)		  LNR_SETTER_U8_(event, index, name)
#define LNR_SETTER_RELTIME(event, index, name)		  LNR_SETTER_U64_(event, index, name)
#define LNR_SETTER_ABSTIME(event, index, name)		  LNR_SETTER_U64_(event, index, name)
#define LNR_SETTER_PORT(event, index, name)		  LNR_SETTER_U16_(event, index, name)
#define LNR_SETTER_L4PROTO(event, index, name)		  LNR_SETTER_U8_(event, index, name)
#define LNR_SETTER_SOCKFAMILY(event, index, name)	  LNR_SETTER_U8_(event, index, name)
#define LNR_SETTER_BOOL(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_IPV4ADDR(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_FLAGS8(event, index, name)		  LNR_SETTER_U8_(event, index, name)
#define LNR_SETTER_FLAGS16(event, index, name)		  LNR_SETTER_U16_(event, index, name)
#define LNR_SETTER_FLAGS32(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_ENUMFLAGS8(event, index, name)	  LNR_SETTER_U8_(event, index, name)
#define LNR_SETTER_ENUMFLAGS16(event, index, name)	  LNR_SETTER_U16_(event, index, name)
#define LNR_SETTER_ENUMFLAGS32(event, index, name)	  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_UID(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_GID(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_MODE(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_SIGSET(event, index, name)		  LNR_SETTER_U32_(event, index, name)
#define LNR_SETTER_CHARBUF(event, index, name)		  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_BYTEBUF(event, index, name)		  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_SOCKADDR(event, index, name)		  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_SOCKTUPLE(event, index, name)	  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_FDLIST(event, index, name)		  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_FSPATH(event, index, name)		  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_FSRELPATH(event, index, name)	  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_CHARBUFARRAY(event, index, name)	  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_CHARBUF_PAIR_ARRAY(event, index, name) LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_DYN(event, index, name)		  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_IPV6ADDR(event, index, name)		  LNR_SETTER_VAR_(event, index, name)
#define LNR_SETTER_IPADDR(event, index, name)		  LNR_SETTER_VAR_(event, index, name)

#define LNR_PARAM(event, index, name, type, format, flag_table, dyn_table, dirfd) \
	LNR_SETTER_##type(event, index, name)                                     \
		LNR_SETTER_FN_ lnr_skip_##event##_##name(struct lnr_emit *e)      \
	{                                                                         \
		LNR_EMIT_AT(e, index);                                            \
		lnr_emit_empty(e, index);                                         \
	}
#define LNR_EVENT(event, number, name, category, source, flags, nparams)                \
	LNR_SETTER_FN_ lnr_begin_##event(struct lnr_emit *e)                            \
	{                                                                               \
		lnr_emit_begin(e, number, nparams, !!(LNR_EF_LARGE_PAYLOAD & (flags))); \
	}                                                                               \
	LNR_SETTER_FN_ lnr_end_##event(struct lnr_emit *e)                              \
	{                                                                               \
		LNR_EMIT_AT(e, nparams);                                                \
		lnr_emit_end(e, number, nparams);                                       \
	}
#include "schema/events.def"

#endif
