/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts to a URL, one POST each (spec engine-config-cli 2.4). One connection serves them one after
 * the other as long as the server keeps it.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include "base/buf.h"
#include "outputs/driver.h"
#include "schema/limits.h"

struct http {
	CURL *curl;
	struct curl_slist *headers;
	long attempts;
	bool reliable, tell_id;
	bool gzip;
	z_stream deflate; /* when gzip */
	struct lnr_buf packed;
	uint64_t wait_ms; /* asked for by the last answer */
	char why[CURL_ERROR_SIZE];
};

static size_t swallow(char *ptr, size_t size, size_t n, void *user)
{
	(void)ptr;
	(void)user;
	return size * n;
}

static size_t echo(char *ptr, size_t size, size_t n, void *user)
{
	(void)user;
	fwrite(ptr, size, n, stdout);
	fflush(stdout);
	return size * n;
}

/* The first that is set: one certificate, a bundle, a directory. */
static void set_authorities(CURL *c, const struct lnr_config *cfg)
{
	const char *one = lnr_config_str(cfg, "http_output.ca_cert");
	const char *bundle = lnr_config_str(cfg, "http_output.ca_bundle");
	if (*one || *bundle)
		curl_easy_setopt(c, CURLOPT_CAINFO, *one ? one : bundle);
	else
		curl_easy_setopt(c, CURLOPT_CAPATH, lnr_config_str(cfg, "http_output.ca_path"));
}

static void set_tls(CURL *c, const struct lnr_config *cfg)
{
	if (lnr_config_bool(cfg, "http_output.insecure")) {
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (lnr_config_bool(cfg, "http_output.mtls")) {
		curl_easy_setopt(
			c, CURLOPT_SSLCERT, lnr_config_str(cfg, "http_output.client_cert"));
		curl_easy_setopt(c, CURLOPT_SSLKEY, lnr_config_str(cfg, "http_output.client_key"));
	}
	set_authorities(c, cfg);
}

static void http_close(void *self)
{
	struct http *h = self;
	if (!h)
		return;
	curl_slist_free_all(h->headers);
	if (h->curl)
		curl_easy_cleanup(h->curl);
	if (h->gzip)
		deflateEnd(&h->deflate);
	lnr_buf_done(&h->packed);
	free(h);
}

/* Without quotes that a shell or a template left around it. */
static char *clean_url(const char *url)
{
	size_t n = strlen(url);
	if (n >= 2 && (url[0] == '"' || url[0] == '\'') && url[n - 1] == url[0])
		return strndup(url + 1, n - 2);
	return strdup(url);
}

static bool add_header(struct http *h, const char *line)
{
	struct curl_slist *all = curl_slist_append(h->headers, line);
	if (all)
		h->headers = all;
	return all;
}

/* What could end a header early and begin another one, or the body. */
static bool is_header(const char *name, const char *value)
{
	return *name && !strpbrk(name, ":\r\n \t") && !strpbrk(value, "\r\n");
}

static int add_headers(struct http *h, const struct lnr_output_ctx *ctx, struct lnr_err *err)
{
	const struct lnr_config *cfg = ctx->config;
	const char *name, *value;
	bool good = add_header(
		h, ctx->json ? "Content-Type: application/json" : "Content-Type: text/plain");
	if (lnr_config_bool(cfg, "http_output.compress_uploads"))
		good &= add_header(h, "TE: gzip");
	if (h->gzip)
		good &= add_header(h, "Content-Encoding: gzip");
	for (size_t i = 0; good && lnr_config_pair(cfg, "http_output.headers", i, &name, &value);
		i++) {
		struct lnr_buf line;
		if (!is_header(name, value))
			return lnr_fail(err, -EINVAL,
				"http_output.headers: \"%s\" cannot be a header", name);
		lnr_buf_init(&line, 0);
		/* For curl a semicolon stands for an empty value; "name:" would remove it. */
		lnr_buf_printf(&line, *value ? "%s: %s" : "%s;", name, value);
		good = !line.failed && add_header(h, line.ptr);
		lnr_buf_done(&line);
	}
	return good ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
}

static int set_compression(struct http *h, const struct lnr_config *cfg, struct lnr_err *err)
{
	if (strcmp(lnr_config_str(cfg, "http_output.compression"), "gzip") != 0)
		return 0;
	/* 15 bits of window, 16 more for gzip's wrapping (zlib.h). */
	if (deflateInit2(&h->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
		    Z_DEFAULT_STRATEGY) != Z_OK)
		return lnr_fail(err, -ENOMEM, "out of memory");
	h->gzip = true;
	return 0;
}

static void set_options(struct http *h, const struct lnr_config *cfg, const char *url)
{
	const char *agent = lnr_config_str(cfg, "http_output.user_agent");
	bool show = lnr_config_bool(cfg, "http_output.echo");
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->headers);
	curl_easy_setopt(h->curl, CURLOPT_USERAGENT, *agent ? agent : NULL);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, -1L);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, show ? echo : swallow);
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->why);
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)lnr_config_int(cfg, "output_timeout"));
	curl_easy_setopt(h->curl, CURLOPT_TCP_KEEPALIVE,
		(long)lnr_config_bool(cfg, "http_output.keep_alive"));
	set_tls(h->curl, cfg);
}

static int http_open(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err)
{
	const struct lnr_config *cfg = ctx->config;
	struct http *h = calloc(1, sizeof(*h));
	char *url = clean_url(lnr_config_str(cfg, "http_output.url"));
	int r = h && url && (h->curl = curl_easy_init()) ? 0
							 : lnr_fail(err, -ENOMEM, "out of memory");
	if (!r) {
		lnr_buf_init(&h->packed, LNR_ALERT_BYTES);
		h->reliable = ctx->reliable;
		h->tell_id = ctx->reliable || lnr_config_bool(cfg, "json_include_id_property");
		/* Who delivers tries again by itself, with pauses. */
		h->attempts = ctx->reliable ? 1
					    : 1 + (long)lnr_config_int(cfg,
							  "http_output.max_consecutive_timeouts");
		r = set_compression(h, cfg, err);
	}
	if (!r)
		r = add_headers(h, ctx, err);
	if (!r)
		set_options(h, cfg, url);
	free(url); /* curl has copied it */
	if (r)
		http_close(h);
	else
		*ret = h;
	return r;
}

static int pack(struct http *h, struct lnr_str line, struct lnr_err *err)
{
	z_stream *z = &h->deflate;
	lnr_buf_clear(&h->packed);
	size_t most = deflateBound(z, line.len);
	char *to = lnr_buf_room(&h->packed, most);
	if (!to || deflateReset(z) != Z_OK)
		return lnr_fail(err, -ENOMEM, "out of memory");
	z->next_in = (Bytef *)(uintptr_t)line.ptr;
	z->avail_in = (uInt)line.len;
	z->next_out = (Bytef *)to;
	z->avail_out = (uInt)most;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return lnr_fail(err, -EIO, "cannot compress the alert");
	h->packed.len = most - z->avail_out;
	to[h->packed.len] = 0;
	return 0;
}

/*
 * What an answer means when alerts come again. Refused is only what speaks of this one alert; what
 * is wrong with the address, the rights or the server can be mended, and until then alerts wait.
 */
static int judge(struct http *h, struct lnr_err *err)
{
	long status = 0;
	curl_off_t asked = 0;
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return 0;
	curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &asked);
	if (asked > 0 && asked < LNR_RETRY_ASKED_MS)
		h->wait_ms = (uint64_t)asked * 1000;
	switch (status) {
	case 400: /* bad request */
	case 411: /* length required */
	case 413: /* content too large */
	case 414: /* URI too long */
	case 415: /* unsupported media type */
	case 422: /* unprocessable content */
	case 431: /* header fields too large */
		return lnr_fail(err, -EBADMSG, "the server answers %ld", status);
	default:
		return lnr_fail(err, -EAGAIN, "the server answers %ld", status);
	}
}

static int http_send(
	void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err)
{
	struct http *h = self;
	CURLcode r = CURLE_OK;
	char text[64];
	/* Lets a receiver see that it has the alert already; in front of the constant ones. */
	struct curl_slist id = {.data = text, .next = h->headers};
	h->wait_ms = 0;
	if (h->gzip) {
		int rc = pack(h, line, err);
		if (rc)
			return rc;
		line = lnr_buf_view(&h->packed);
	}
	snprintf(text, sizeof(text), "Idempotency-Key: \"%s\"", lnr_alert_id(a));
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->tell_id ? &id : h->headers);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, line.ptr);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)line.len);
	for (long i = 0; i < h->attempts; i++) {
		h->why[0] = 0;
		r = curl_easy_perform(h->curl);
		if (r != CURLE_OPERATION_TIMEDOUT)
			break;
	}
	if (r != CURLE_OK)
		return lnr_fail(err, -EIO, "cannot post the alert: %s",
			h->why[0] ? h->why : curl_easy_strerror(r));
	/* Any answer counts as delivered, as in the reference, unless alerts come again. */
	return h->reliable ? judge(h, err) : 0;
}

static uint64_t http_wait_ms(void *self)
{
	return ((struct http *)self)->wait_ms;
}

const struct lnr_output_driver lnr_output_driver_http = {
	.name = "http",
	.desc = "a URL, one POST for each alert",
	.order = 50,
	.open = http_open,
	.send = http_send,
	.wait_ms = http_wait_ms,
	.close = http_close,
};
