/* SPDX-License-Identifier: Apache-2.0 */
/* The audit source as a capture: an input of documents, and the reader that takes them apart. */
#include "capture/audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include "capture/audit_priv.h"
#include "schema/limits.h"

struct audit_source {
	struct lnr_capture base;
	struct lnr_log *log;
	const struct lnr_clock *clock;
	/* One of the two is the input. */
	struct lnr_audit_file *file;
	struct lnr_audit_web *web;
	struct lnr_audit_queue *queue;	      /* of the web */
	char *body;			      /* out of the queue, being read */
	struct lnr_audit_web_stats web_stats; /* of a web that has been stopped */
	bool finished;
	struct lnr_audit_reader reader;
	uint64_t documents, bad_documents;
	uint64_t told_bad, told_large, told_ns; /* when losses were last written to the log */
};

static struct audit_source *source_of(struct lnr_capture *c)
{
	return (struct audit_source *)c;
}

/* --- losses --- */

/* At most so often, however much garbage comes: the counters have the rest. */
#define TELL_NS (60 * LNR_NS_PER_SEC)

static void tell(struct audit_source *s, const char *why)
{
	uint64_t bad = s->bad_documents + s->reader.bad_events, large = s->reader.too_large;
	if (bad == s->told_bad && large == s->told_large)
		return;
	uint64_t now = lnr_mono_ns(s->clock);
	if (s->told_ns && now - s->told_ns < TELL_NS)
		return;
	lnr_log(s->log, LNR_LOG_WARNING,
		"Kubernetes audit: %" PRIu64 " documents or events dropped because they are none, "
		"%" PRIu64 " because they are too large%s%s",
		bad - s->told_bad, large - s->told_large, *why ? "; the last: " : "", why);
	s->told_bad = bad;
	s->told_large = large;
	s->told_ns = now ? now : 1;
}

/* --- events --- */

/* As the kernel's ring. */
#define WAIT_MS 30

static int next_document(struct audit_source *s, struct lnr_str *ret, struct lnr_err *err)
{
	free(s->body);
	s->body = NULL;
	if (s->file)
		return lnr_audit_file_next(s->file, ret, err);
	s->body = lnr_audit_queue_take(s->queue, WAIT_MS, &ret->len);
	ret->ptr = s->body;
	return s->body ? 0 : s->finished ? -ENODATA : -EAGAIN;
}

static int source_next(struct lnr_capture *c, struct lnr_capture_item *ret, struct lnr_err *err)
{
	struct audit_source *s = source_of(c);
	struct lnr_err why = {0};
	for (int fruitless = 0; lnr_audit_reader_next(&s->reader, ret); fruitless++) {
		struct lnr_str text;
		tell(s, "");
		if (fruitless == LNR_AUDIT_FRUITLESS)
			return -EAGAIN;
		int r = next_document(s, &text, err);
		if (r)
			return r;
		s->documents++;
		if (lnr_audit_reader_begin(&s->reader, text, &why)) {
			s->bad_documents++;
			tell(s, why.msg);
		}
	}
	return 0;
}

static unsigned source_stats(struct lnr_capture *c, struct lnr_stat *ret, unsigned max)
{
	const struct audit_source *s = source_of(c);
	struct lnr_audit_web_stats w = s->web_stats;
	struct lnr_audit_file_stats f = {0};
	if (s->web)
		lnr_audit_web_stats(s->web, &w);
	if (s->file)
		lnr_audit_file_stats(s->file, &f);
	const struct lnr_stat all[] = {{"n_plugin_evts", s->reader.events},
		{"n_audit_events", s->reader.events}, {"n_audit_documents", s->documents},
		{"n_audit_bad_documents", s->bad_documents},
		{"n_audit_bad_events", s->reader.bad_events},
		{"n_audit_trimmed_events", s->reader.trimmed},
		{"n_audit_too_large_events", s->reader.too_large},
		{"n_audit_file_too_long_lines", f.too_long},
		{"n_audit_file_rotations", f.rotations},
		{"n_audit_file_truncations", f.truncations}, {"n_audit_web_requests", w.requests},
		{"n_audit_web_taken", w.taken}, {"n_audit_web_refused_full", w.refused_full},
		{"n_audit_web_refused_bad", w.refused_bad},
		{"n_audit_web_refused_auth", w.refused_auth},
		{"n_audit_web_refused_limit", w.refused_limit},
		{"n_audit_web_refused_client", w.refused_client}};
	unsigned n = 0;
	for (; n < LNR_ARRAY_SIZE(all) && n < max; n++)
		ret[n] = all[n];
	return n;
}

/* Senders were told that the bodies in the queue are taken. */
static void source_finish(struct lnr_capture *c)
{
	struct audit_source *s = source_of(c);
	if (!s->web)
		return;
	lnr_audit_web_stats(s->web, &s->web_stats);
	s->web = lnr_audit_web_stop(s->web);
	lnr_audit_queue_close(s->queue);
	s->finished = true;
}

static struct lnr_capture *source_close(struct lnr_capture *c)
{
	struct audit_source *s = source_of(c);
	if (s->queue)
		lnr_audit_queue_close(s->queue);
	lnr_audit_web_stop(s->web);
	lnr_audit_queue_free(s->queue);
	lnr_audit_file_close(s->file);
	lnr_audit_reader_done(&s->reader);
	free(s->body);
	free(s);
	return NULL;
}

static const struct lnr_capture_ops source_ops = {
	.name = "source_plugin",
	.next = source_next,
	.stats = source_stats,
	.finish = source_finish,
	.close = source_close,
};

/* --- opening --- */

static int open_web(struct audit_source *s, struct lnr_str url, const char *text,
	const struct lnr_audit_config *cfg, struct lnr_err *err)
{
	const struct lnr_audit_web_opts o = {.size = sizeof(o),
		.url = text,
		.certificate = lnr_str_starts(url, LNR_STR("https:")) ? cfg->certificate : NULL,
		.client_ca = cfg->client_ca,
		.token_file = cfg->token_file,
		.max_body = cfg->max_batch,
		.log = s->log,
		.clock = s->clock,
		.clients = cfg->clients};
	s->queue = lnr_audit_queue_new(
		LNR_AUDIT_QUEUE_DOCS, LNR_AUDIT_QUEUE_BODIES * cfg->max_batch);
	if (!s->queue)
		return lnr_fail(err, -ENOMEM, "out of memory");
	return lnr_audit_web_start(&o, s->queue, &s->web, err);
}

/* A document in a file may be as large as one in a request. */
static int open_file(struct audit_source *s, const char *path, bool follow,
	const struct lnr_audit_config *cfg, struct lnr_err *err)
{
	size_t max = cfg->max_batch > cfg->max_event ? cfg->max_batch : cfg->max_event;
	if (!*path)
		return lnr_fail(err, -EINVAL,
			"open_params is missing: a URL to listen on (http://127.0.0.1:9765/k8s-audit), "
			"a file to follow (file:///var/log/audit.log), a file or directory to read");
	return lnr_audit_file_open(path, follow, max, s->clock, &s->file, err);
}

/* Text before "://", or "" when it is a path. */
static struct lnr_str scheme_of(struct lnr_str url)
{
	ptrdiff_t at = lnr_str_find(url, LNR_STR("://"));
	struct lnr_str s = lnr_str_sub(url, 0, at > 0 ? (size_t)at : 0);
	return lnr_str_chr(s, '/') < 0 ? s : LNR_STR("");
}

static int open_input(struct audit_source *s, const char *text, const struct lnr_audit_config *cfg,
	struct lnr_err *err)
{
	struct lnr_str url = lnr_str_c(text), scheme = scheme_of(url);
	if (lnr_str_eq(scheme, LNR_STR("http")) || lnr_str_eq(scheme, LNR_STR("https")))
		return open_web(s, url, text, cfg, err);
	if (lnr_str_eq(scheme, LNR_STR("file")))
		return open_file(s, text + strlen("file://"), true, cfg, err);
	if (scheme.len)
		return lnr_fail(err, -EINVAL,
			"open_params: \"%.*s://\" is none of http, https, file",
			LNR_STR_ARG(scheme));
	return open_file(s, text, false, cfg, err);
}

int lnr_audit_open(const struct lnr_audit_opts *opts, struct lnr_capture **ret, struct lnr_err *err)
{
	struct lnr_audit_config cfg;
	if (opts->size != sizeof(*opts))
		return lnr_fail(err, -EINVAL, "struct lnr_audit_opts has size %zu, expected %zu",
			opts->size, sizeof(*opts));
	struct audit_source *s = calloc(1, sizeof(*s));
	if (!s)
		return lnr_fail(err, -ENOMEM, "out of memory");
	s->base.ops = &source_ops;
	s->log = opts->log;
	s->clock = opts->clock ? opts->clock : lnr_clock_system();
	int r = lnr_audit_config_parse(opts->init_config ? opts->init_config : "", &cfg, err);
	if (!r) {
		lnr_audit_reader_init(&s->reader, cfg.max_event);
		r = open_input(s, opts->open_params ? opts->open_params : "", &cfg, err);
	}
	lnr_audit_config_done(&cfg);
	if (r) {
		source_close(&s->base);
		return lnr_wrap(err, r, "Kubernetes audit");
	}
	*ret = &s->base;
	return 0;
}

int lnr_audit_check(const char *init_config, struct lnr_err *err)
{
	struct lnr_audit_config cfg;
	int r = lnr_audit_config_parse(init_config, &cfg, err);
	lnr_audit_config_done(&cfg);
	return r;
}
