/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request of the webhook (spec k8s-audit.md 2): path, method, token, type and size are judged
 * at its header, the body is gathered, and 200 is said once the queue has it. A refusal waits for
 * the end of the body, which is thrown away meanwhile: a sender that is still writing would find
 * the connection reset instead of the reason.
 */
#include <errno.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/util.h"
#include "capture/audit_web_priv.h"

/* First room for a body: most batches of a small cluster fit. */
#define BODY_BYTES_MIN ((size_t)16 << 10)

static const char too_large[] = "body too large\n";

/* --- token --- */

static void digest(struct lnr_str s, unsigned char ret[32])
{
	/* Cannot fail for a digest that every GnuTLS has; if it did, nothing would match zeros. */
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, s.ptr, s.len, ret) < 0)
		memset(ret, 0, 32);
}

int lnr_audit_web_token(struct lnr_audit_web *w, struct lnr_err *err)
{
	LNR_AUTO_FREE char *text = NULL;
	size_t len;
	struct lnr_file_mark mark = lnr_file_mark(w->token_file);
	int r = lnr_read_file(w->token_file, LNR_AUDIT_WEB_TOKEN_BYTES, &text, &len, err);
	if (r)
		return r;
	struct lnr_str line = {text, strcspn(text, "\n")};
	line = lnr_str_trim(line);
	if (line.len == 0)
		return lnr_fail(err, -EINVAL, "%s: its first line is empty", w->token_file);
	digest(line, w->token);
	w->token_mark = mark;
	gnutls_memset(text, 0, len);
	return 0;
}

/* A new token takes effect without a restart; while it cannot be read the old one stays. */
static void renew_token(struct lnr_audit_web *w)
{
	uint64_t now = lnr_mono_ns(w->clock);
	struct lnr_err err = {0};
	if (now < w->token_look_ns)
		return;
	w->token_look_ns = now + LNR_NS_PER_SEC;
	struct lnr_file_mark mark = lnr_file_mark(w->token_file);
	if (lnr_file_mark_eq(&mark, &w->token_mark))
		return;
	if (lnr_audit_web_token(w, &err)) {
		lnr_log(w->log, LNR_LOG_WARNING, "new token not used, the old one stays: %s",
			err.msg);
		/* Said once per change of the file. */
		w->token_mark = mark;
	}
}

static bool has_token(struct lnr_audit_web *w, struct MHD_Connection *connection)
{
	static const struct lnr_str scheme = LNR_STR("bearer ");
	unsigned char given[32];
	struct lnr_str v = lnr_str_c(MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION));
	renew_token(w);
	if (!lnr_str_ieq(lnr_str_sub(v, 0, scheme.len), scheme))
		return false;
	/* Digests have one length and tell nothing about how much of a guess was right. */
	digest(lnr_str_trim(lnr_str_sub(v, scheme.len, v.len)), given);
	return gnutls_memcmp(given, w->token, sizeof(given)) == 0;
}

/* --- the header --- */

static bool path_matches(const char *path, const char *url)
{
	size_t len = strlen(path);
	return path[len - 1] == '/' ? strncmp(url, path, len) == 0 : strcmp(url, path) == 0;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	const char *v = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
	return v ? v : "";
}

static void refuse(struct lnr_audit_web *w, struct web_conn *c, unsigned status,
	enum web_refusal why, const char *reason)
{
	struct web_request *q = &c->request;
	q->status = status;
	q->reason = reason;
	lnr_audit_web_forget(w, q);
	lnr_audit_web_refused(w, why, &c->peer, reason);
}

static void judge(struct lnr_audit_web *w, struct web_conn *c, struct MHD_Connection *connection,
	const char *url, const char *method)
{
	uint64_t length;
	const char *encoding = header(connection, MHD_HTTP_HEADER_CONTENT_ENCODING);
	if (w->mutual && !c->verified)
		refuse(w, c, MHD_HTTP_UNAUTHORIZED, WEB_AUTH, "client certificate needed\n");
	else if (!path_matches(w->path, url))
		refuse(w, c, MHD_HTTP_NOT_FOUND, WEB_BAD, "not found\n");
	else if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
		refuse(w, c, MHD_HTTP_METHOD_NOT_ALLOWED, WEB_BAD, "method is not POST\n");
	else if (w->token_file && !has_token(w, connection))
		refuse(w, c, MHD_HTTP_UNAUTHORIZED, WEB_AUTH, "bearer token needed\n");
	else if (lnr_str_ifind(lnr_str_c(header(connection, MHD_HTTP_HEADER_CONTENT_TYPE)),
			 LNR_STR("application/json")) < 0)
		refuse(w, c, MHD_HTTP_BAD_REQUEST, WEB_BAD, "wrong Content-Type\n");
	else if (*encoding && !lnr_str_ieq(lnr_str_c(encoding), LNR_STR("identity")))
		refuse(w, c, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, WEB_BAD,
			"Content-Encoding not understood\n");
	else if (!lnr_str_u64(
			 lnr_str_c(header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH)), &length) &&
		 length > w->max_body)
		refuse(w, c, MHD_HTTP_BAD_REQUEST, WEB_LIMIT, too_large);
}

/* --- the body --- */

void lnr_audit_web_forget(struct lnr_audit_web *w, struct web_request *q)
{
	w->bodies -= q->cap;
	free(q->body);
	q->body = NULL;
	q->len = q->cap = 0;
}

/* Bytes held by all requests of one owner of addresses. */
static size_t held_by(const struct lnr_audit_web *w, const struct lnr_net_ip *owner)
{
	size_t sum = 0;
	for (const struct web_conn *c = w->conns; c; c = c->next) {
		if (memcmp(&c->owner, owner, sizeof(*owner)) == 0)
			sum += c->request.cap;
	}
	return sum;
}

/*
 * Room for `more` bytes, within what one body, those of one address (half of all, so that nobody
 * shuts the others out) and all together may have.
 */
static int grow(struct lnr_audit_web *w, struct web_conn *c, size_t more)
{
	struct web_request *q = &c->request;
	size_t cap = q->cap ? q->cap : BODY_BYTES_MIN;
	if (more > w->max_body - q->len)
		return -EFBIG;
	while (cap - q->len < more)
		cap *= 2;
	/* Doubling need not go beyond what can come. */
	if (cap > w->max_body)
		cap = w->max_body;
	if (cap == q->cap)
		return 0;
	if (cap - q->cap > w->max_bodies - w->bodies ||
		held_by(w, &c->owner) + cap - q->cap > w->max_bodies / 2)
		return -EAGAIN;
	char *p = realloc(q->body, cap);
	if (!p)
		return -EAGAIN;
	w->bodies += cap - q->cap;
	q->body = p;
	q->cap = cap;
	return 0;
}

/* Takes a piece; false ends the connection. */
static bool gather(struct lnr_audit_web *w, struct web_conn *c, const char *data, size_t size)
{
	struct web_request *q = &c->request;
	if (!q->status) {
		int r = grow(w, c, size);
		if (!r) {
			memcpy(q->body + q->len, data, size);
			q->len += size;
			return true;
		}
		if (r == -EFBIG)
			refuse(w, c, MHD_HTTP_BAD_REQUEST, WEB_LIMIT, too_large);
		else
			refuse(w, c, MHD_HTTP_TOO_MANY_REQUESTS, WEB_FULL,
				"too many bodies at a time\n");
	}
	q->thrown_away += size;
	/* Its refusal is counted already; whoever goes on sending has no use for the answer. */
	return q->thrown_away <= 2 * w->max_body;
}

/* --- the answer --- */

static enum MHD_Result answer(
	const struct lnr_audit_web *w, struct web_request *q, struct MHD_Connection *connection)
{
	const char *text = q->status == MHD_HTTP_OK ? "" : q->reason;
	char seconds[12];
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	if (!r)
		return MHD_NO;
	/* A header that cannot be added for lack of memory is missing, no more. */
	if (*text)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain");
	switch (q->status) {
	case MHD_HTTP_TOO_MANY_REQUESTS:
	case MHD_HTTP_SERVICE_UNAVAILABLE:
		snprintf(seconds, sizeof(seconds), "%d", LNR_AUDIT_WEB_RETRY_S);
		MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
		break;
	case MHD_HTTP_METHOD_NOT_ALLOWED:
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
		break;
	case MHD_HTTP_UNAUTHORIZED:
		MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
		break;
	}
	if (w->stopping)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	enum MHD_Result ok = MHD_queue_response(connection, q->status, r);
	MHD_destroy_response(r);
	q->answered = ok == MHD_YES;
	return ok;
}

static void hand_over(struct lnr_audit_web *w, struct web_conn *c)
{
	struct web_request *q = &c->request;
	/* The queue counts the text: give back what doubling took too much. An empty body is one
	 * too, and is counted as malformed by whoever reads it. */
	char *p = realloc(q->body, q->len ? q->len : 1);
	if (!p && !q->body) {
		refuse(w, c, MHD_HTTP_TOO_MANY_REQUESTS, WEB_FULL, "no memory\n");
		return;
	}
	if (p)
		q->body = p;
	int r = lnr_audit_queue_put(w->queue, q->body, q->len);
	if (r == -EPIPE) {
		refuse(w, c, MHD_HTTP_SERVICE_UNAVAILABLE, WEB_FULL, "ending\n");
	} else if (r) {
		refuse(w, c, MHD_HTTP_TOO_MANY_REQUESTS, WEB_FULL,
			"too many batches wait to be judged\n");
	} else {
		q->body = NULL; /* the queue's */
		lnr_audit_web_forget(w, q);
		q->status = MHD_HTTP_OK;
		c->known = true;
		__atomic_add_fetch(&w->taken, 1, __ATOMIC_RELAXED);
	}
}

/* --- callbacks --- */

void *lnr_audit_web_first_line(void *user, const char *uri, struct MHD_Connection *connection)
{
	(void)user;
	(void)uri;
	lnr_audit_web_conn(connection)->asked = true;
	return NULL;
}

static enum MHD_Result begin(struct lnr_audit_web *w, struct web_conn *c,
	struct MHD_Connection *connection, const char *url, const char *method)
{
	struct web_request *q = &c->request;
	uint64_t length = 0;
	q->begun = true;
	__atomic_add_fetch(&w->requests, 1, __ATOMIC_RELAXED);
	lnr_audit_web_phase(w, c, WEB_ASKING);
	judge(w, c, connection, url, method);
	if (!q->status)
		return MHD_YES;
	(void)lnr_str_u64(lnr_str_c(header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH)), &length);
	/* Who asks first has sent nothing yet; a body without end is not waited for. */
	if (*header(connection, MHD_HTTP_HEADER_EXPECT) || length > 2 * w->max_body)
		return answer(w, q, connection);
	return MHD_YES;
}

enum MHD_Result lnr_audit_web_handle(void *user, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **state)
{
	struct lnr_audit_web *w = user;
	struct web_conn *c = lnr_audit_web_conn(connection);
	(void)version;
	if (!*state) {
		*state = c;
		return begin(w, c, connection, url, method);
	}
	if (*size) {
		bool go_on = gather(w, c, data, *size);
		*size = 0;
		return go_on ? MHD_YES : MHD_NO;
	}
	if (!c->request.status)
		hand_over(w, c);
	return answer(w, &c->request, connection);
}

/* Comes once per request whose first line was read, however it ended. */
void lnr_audit_web_completed(void *user, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why)
{
	struct lnr_audit_web *w = user;
	struct web_conn *c = lnr_audit_web_conn(connection);
	struct web_request *q = &c->request;
	(void)state;
	(void)why;
	/* A header or a chunk that is no HTTP, a sender that went away in the middle. */
	if (!q->answered && !q->status && !c->cut)
		lnr_audit_web_refused(w, WEB_BAD, &c->peer, "broken request");
	lnr_audit_web_forget(w, q);
	*q = (struct web_request){0};
	lnr_audit_web_phase(w, c, WEB_IDLE);
}
