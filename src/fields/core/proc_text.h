/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of a process that several fields show in several forms: of the process itself, of its
 * parent, of each ancestor, of a session or group leader. Private to fields/.
 */
#ifndef LNR_FIELDS_PROC_TEXT_H
#define LNR_FIELDS_PROC_TEXT_H

#include "fields/core/get.h"

enum lnr_proc_text {
	LNR_PROC_NAME, /* comm */
	LNR_PROC_EXE,  /* first argument */
	LNR_PROC_EXEPATH,
	LNR_PROC_ARGS,	  /* arguments behind the first, joined by blanks */
	LNR_PROC_CMDLINE, /* comm and arguments; empty without comm */
	LNR_PROC_EXELINE, /* exe, blank, arguments */
	LNR_PROC_ENV,	  /* whole environment, joined by blanks */
};

/* False only when scratch memory is exhausted (counted). `t` is a thread of the process. */
bool lnr_proc_text(struct lnr_field_ctx *ctx, struct lnr_thread *t, enum lnr_proc_text what,
	struct lnr_str *ret);
/*
 * Value of an environment variable without surrounding blanks; len 0 when it is not set or empty.
 * The environment is the leader's.
 */
struct lnr_str lnr_proc_env(struct lnr_field_ctx *ctx, struct lnr_thread *t, struct lnr_str name);

/*
 * The ancestors of the event's process, nearest first, without the process itself: start with
 * lnr_up_begin(), then lnr_up_next() until NULL. Stops at an unknown parent, at a loop, and after
 * LNR_ANCESTORS_MAX.
 */
struct lnr_up {
	struct lnr_field_ctx *ctx;
	struct lnr_thread *at;	 /* last one handed out, or the process */
	struct lnr_thread *mark; /* an earlier one; meeting it again is a loop (Brent) */
	unsigned steps, mark_at;
};
/* False: no thread, or its process is not known. */
bool lnr_up_begin(struct lnr_up *up, struct lnr_field_ctx *ctx);
struct lnr_thread *lnr_up_next(struct lnr_up *up);

#endif
