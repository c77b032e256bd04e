/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The webhook's two halves: audit_web.c has connections (who may come, how long, how many),
 * audit_web_request.c what is said on them. One thread runs both; only the counters are read by
 * others.
 */
#ifndef LNR_CAPTURE_AUDIT_WEB_PRIV_H
#define LNR_CAPTURE_AUDIT_WEB_PRIV_H

#include <microhttpd.h>
#include <pthread.h>
#include "capture/audit.h"
#include "net/file_mark.h"
#include "net/listen.h"
#include "net/tls.h"
#include "schema/limits.h"

/* --- requests --- */

/* Why requests and connections are turned away; each has its counter and its message. */
enum web_refusal {
	WEB_FULL,
	WEB_BAD,
	WEB_AUTH,
	WEB_LIMIT,
	WEB_CLIENT,
	WEB_REFUSALS,
};

struct web_request {
	bool begun, answered;
	unsigned status; /* 0 = fine so far */
	const char *reason;
	char *body;
	size_t len, cap;
	size_t thrown_away; /* bytes that came after `status` was set */
};

/* --- connections --- */

enum web_phase {
	WEB_OPENING, /* handshake, first header */
	WEB_ASKING,  /* a header came, its answer is not away */
	WEB_IDLE,
};

struct web_conn {
	struct web_conn *next, *prev;
	int fd;
	struct lnr_net_ip peer, owner;
	enum web_phase phase;
	uint64_t since_ns, until_ns; /* of the phase */
	bool known;		     /* a request of it was taken */
	bool cut;		     /* we end it, and have counted why */
	bool verified;		     /* its certificate */
	bool greeted;		     /* the handshake is complete */
	bool asked;		     /* a first line came */
	struct lnr_net_identity *identity;
	struct web_request request;
};

struct web_said {
	uint64_t next_ns, unsaid;
};

struct lnr_audit_web {
	struct lnr_audit_queue *queue;
	struct lnr_log *log;
	const struct lnr_clock *clock;
	size_t max_body, max_bodies;
	char *path;
	bool mutual;
	struct lnr_net_allow *allow;
	struct lnr_net_tls *tls; /* NULL = plain HTTP */
	char *token_file;
	unsigned char token[32]; /* SHA-256 */
	struct lnr_file_mark token_mark;
	uint64_t token_look_ns;

	struct lnr_net_listener listener;
	struct MHD_Daemon *daemon;
	int wake; /* eventfd: stop */
	pthread_t thread;
	bool started;
	char why[300]; /* what libmicrohttpd said before that */

	/* The thread's own. */
	struct web_conn *conns, *adding;
	size_t n_conns; /* without those that are cut */
	size_t bodies;	/* bytes held by requests */
	bool stopping;
	uint64_t stop_ns, accept_ns, look_ns, tell_ns; /* not before */
	struct web_said said[WEB_REFUSALS];

	/* Atomic. */
	uint64_t requests, taken, connections, open;
	uint64_t refused[WEB_REFUSALS];
};

/* Counts, and logs now and then. */
void lnr_audit_web_refused(struct lnr_audit_web *w, enum web_refusal why,
	const struct lnr_net_ip *peer, const char *reason);
/* A phase begins, with the time it may take. */
void lnr_audit_web_phase(struct lnr_audit_web *w, struct web_conn *c, enum web_phase phase);
struct web_conn *lnr_audit_web_conn(struct MHD_Connection *connection);

/* Callbacks of libmicrohttpd; `user` is the struct lnr_audit_web. */
enum MHD_Result lnr_audit_web_handle(void *user, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **state);
void lnr_audit_web_completed(void *user, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why);
void *lnr_audit_web_first_line(void *user, const char *uri, struct MHD_Connection *connection);
/* Reads the token file. */
int lnr_audit_web_token(struct lnr_audit_web *w, struct lnr_err *err);
void lnr_audit_web_forget(struct lnr_audit_web *w, struct web_request *q);

#endif
