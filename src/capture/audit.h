/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes audit as a source of events (spec k8s-audit.md 1-3): request bodies of a webhook, or
 * lines of files, become records of type plugin event with plugin id 1, one per audit event.
 *
 * An input puts documents (one request body, one line) into a bounded queue; the capture's next()
 * takes them out, splits them into events and hands those out. Only the queue is shared between
 * threads.
 */
#ifndef LNR_CAPTURE_AUDIT_H
#define LNR_CAPTURE_AUDIT_H

#include "capture/capture.h"

/* Of recorded events too; the id of the reference's plugin (spec k8s-audit.md, head). */
#define LNR_AUDIT_PLUGIN_ID 1
#define LNR_AUDIT_SOURCE    "k8s_audit"

struct lnr_audit_opts {
	size_t size;
	const char *open_params; /* spec k8s-audit.md 2: URL, path or directory */
	const char *init_config; /* JSON object as spec k8s-audit.md 1; "" = defaults */
	struct lnr_log *log;
	const struct lnr_clock *clock; /* NULL = the system's */
};
/* Opens the input: binds the port, opens the file. Texts are copied. */
int lnr_audit_open(
	const struct lnr_audit_opts *opts, struct lnr_capture **ret, struct lnr_err *err);
/* Is that text a configuration? Opens nothing. */
int lnr_audit_check(const char *init_config, struct lnr_err *err);

/* --- documents on their way from an input to next() (audit_queue.c) --- */

struct lnr_audit_queue;

/* At most `docs` documents of together `bytes` bytes wait. NULL: no memory. */
struct lnr_audit_queue *lnr_audit_queue_new(size_t docs, size_t bytes);
/* After its producers. Takes NULL; returns NULL. */
struct lnr_audit_queue *lnr_audit_queue_free(struct lnr_audit_queue *q);
/*
 * Hand over `doc`, memory of malloc(). 0: taken, freed by the queue's side. -EAGAIN: no room now,
 * -EPIPE: closed; then it stays the caller's. Any thread, never blocks.
 */
int lnr_audit_queue_put(struct lnr_audit_queue *q, char *doc, size_t len);
/* Oldest document, the caller's from now on; NULL when there was none for timeout_ms. */
char *lnr_audit_queue_take(struct lnr_audit_queue *q, int timeout_ms, size_t *ret_len);
void lnr_audit_queue_close(struct lnr_audit_queue *q);

/* --- the webhook (audit_web.c) --- */

/* All texts are borrowed until lnr_audit_web_start() returns; NULL = absent. */
struct lnr_audit_web_opts {
	size_t size;
	const char *url;	 /* http:// or https://, as in open_params */
	const char *certificate; /* PEM with key and chain, either order; https only */
	const char *client_ca;	 /* PEM; clients must show a certificate signed by it */
	const char *token_file;	 /* its first line must come as "Authorization: Bearer" */
	size_t max_body;	 /* bytes */
	struct lnr_log *log;
	const struct lnr_clock *clock;
	const char *clients; /* addresses and networks that may connect, as lnr_net_allow_parse() */
};
struct lnr_audit_web_stats {
	uint64_t requests, taken;
	uint64_t refused_full;	 /* 429: no room in the queue */
	uint64_t refused_bad;	 /* 4xx of any other kind */
	uint64_t refused_auth;	 /* 401, or TLS without a valid client certificate */
	uint64_t refused_limit;	 /* connections beyond the limit, bodies too large or too slow */
	uint64_t refused_client; /* connections of addresses that are not on the list */
	uint64_t connections;	 /* accepted */
	uint64_t open;		 /* connections now */
};
struct lnr_audit_web;
/* Listens when it returns 0; threads of its own put bodies into `q`. */
int lnr_audit_web_start(const struct lnr_audit_web_opts *opts, struct lnr_audit_queue *q,
	struct lnr_audit_web **ret, struct lnr_err *err);
/* Where it listens; for a URL with port 0. */
uint16_t lnr_audit_web_port(const struct lnr_audit_web *w);
void lnr_audit_web_stats(struct lnr_audit_web *w, struct lnr_audit_web_stats *ret);
/* Waits at most 5 s for requests under way. Takes NULL; returns NULL. */
struct lnr_audit_web *lnr_audit_web_stop(struct lnr_audit_web *w);

#endif
