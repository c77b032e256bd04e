/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between the agent and the process of an isolated plugin, over a stream socket.
 *
 *	u32 length of the body │ u16 kind │ u16 0 │ body
 *
 * Both ends are the same program on the same machine, so that integers stay as they are. The agent
 * takes nothing for granted that arrives: a body is read through struct lnr_wire_in, which knows
 * where it ends. Texts carry their length and a NUL behind it. Not thread-safe; the child has a
 * lock around lnr_wire_send().
 */
#ifndef LNR_PLUGIN_WIRE_H
#define LNR_PLUGIN_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/str.h"

enum lnr_wire_kind {
	LNR_WIRE_NONE, /* nothing is sent with this */
	/* agent to plugin; one answer each, unless said otherwise */
	LNR_WIRE_LOAD,	  /* path → SAID */
	LNR_WIRE_INIT,	  /* config → STARTED */
	LNR_WIRE_OPEN,	  /* params → DONE */
	LNR_WIRE_NEXT,	  /* → BATCH */
	LNR_WIRE_ASK,	  /* one more field that may be asked for; no answer */
	LNR_WIRE_WANT,	  /* numbers of fields whose values come with each event; no answer */
	LNR_WIRE_FORGET,  /* all fields; no answer */
	LNR_WIRE_EXTRACT, /* event, numbers → VALUES */
	LNR_WIRE_TEXT,	  /* event → SAID_TEXT */
	LNR_WIRE_PARAMS,  /* list_open_params → SAID_TEXT */
	LNR_WIRE_METRICS, /* → NUMBERS */
	LNR_WIRE_END,	  /* close and destroy → DONE, and the process ends */
	/* plugin to agent */
	LNR_WIRE_SAID,
	LNR_WIRE_STARTED,
	LNR_WIRE_DONE,
	LNR_WIRE_BATCH,
	LNR_WIRE_VALUES,
	LNR_WIRE_SAID_TEXT,
	LNR_WIRE_NUMBERS,
	LNR_WIRE_ERROR, /* a text, in place of any answer */
	LNR_WIRE_LOG,	/* severity, component, text; at any time */
};

/* Which event a question is about. */
enum {
	LNR_WIRE_EVENT_OWN,   /* u32 place in the plugin's last batch */
	LNR_WIRE_EVENT_OTHER, /* u64 number, source, u32 length, bytes */
	LNR_WIRE_EVENT_SAME,  /* as the last OTHER */
};

struct lnr_wire {
	int fd; /* -1 = closed */
	struct lnr_buf out;
	uint8_t *in;
	size_t cap, at, len; /* in[at…len) has arrived and was not handed out */
};

/* What is left of a body. After `bad` everything reads as 0 or NULL. */
struct lnr_wire_in {
	const uint8_t *p;
	size_t left;
	bool bad;
};

struct lnr_wire_msg {
	enum lnr_wire_kind kind;
	struct lnr_wire_in body;
};

void lnr_wire_init(struct lnr_wire *w, int fd);
/* Closes the socket, frees. Takes a zeroed one with fd -1, too. */
void lnr_wire_done(struct lnr_wire *w);

/* --- writing --- */

void lnr_wire_begin(struct lnr_wire *w, enum lnr_wire_kind kind);
void lnr_wire_u32(struct lnr_wire *w, uint32_t v);
void lnr_wire_u64(struct lnr_wire *w, uint64_t v);
void lnr_wire_bytes(struct lnr_wire *w, const void *p, size_t n);
/* NULL stays NULL. */
void lnr_wire_text(struct lnr_wire *w, const char *text);
/* So that what follows is aligned to 8 when the body is. */
void lnr_wire_align(struct lnr_wire *w);
/* A u32 to be filled in later: where it is, and its value. */
size_t lnr_wire_hole(struct lnr_wire *w);
void lnr_wire_fill(struct lnr_wire *w, size_t at, uint32_t v);
/*
 * Send what was written, waiting at most until `deadline_ns` (monotonic; 0 = for ever). -EAGAIN:
 * time is up, the stream is broken. -EPIPE: nobody is there. -ENOMEM: it did not fit.
 */
int lnr_wire_send(struct lnr_wire *w, uint64_t deadline_ns);

/* --- reading --- */

/*
 * Next message; its body is borrowed until the next call. -EAGAIN: not whole by `deadline_ns` (0 =
 * wait for ever), ask again. -EPIPE: the other end is gone. -EBADMSG: too long. -ENOMEM.
 */
int lnr_wire_recv(struct lnr_wire *w, uint64_t deadline_ns, struct lnr_wire_msg *ret);

uint32_t lnr_wire_get_u32(struct lnr_wire_in *in);
uint64_t lnr_wire_get_u64(struct lnr_wire_in *in);
const void *lnr_wire_get_bytes(struct lnr_wire_in *in, size_t n);
/* With a NUL behind it; ptr NULL = NULL was sent, or bad. */
struct lnr_str lnr_wire_get_text(struct lnr_wire_in *in);
/* Skip what lnr_wire_align() wrote; `body` is where the body began. */
void lnr_wire_get_align(struct lnr_wire_in *in, const uint8_t *body);

#endif
