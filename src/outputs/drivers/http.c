/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts to a URL, one POST each (spec engine-config-cli 2.4). */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include "outputs/driver.h"

struct http {
	CURL *curl;
	struct curl_slist *headers;
	long attempts;
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

static int http_open(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err)
{
	const struct lnr_config *cfg = ctx->config;
	struct http *h = calloc(1, sizeof(*h));
	char *url = clean_url(lnr_config_str(cfg, "http_output.url"));
	if (h) {
		h->curl = curl_easy_init();
		h->headers = curl_slist_append(NULL,
			ctx->json ? "Content-Type: application/json" : "Content-Type: text/plain");
	}
	if (h && lnr_config_bool(cfg, "http_output.compress_uploads"))
		h->headers = curl_slist_append(h->headers, "TE: gzip");
	if (!h || !h->curl || !h->headers || !url) {
		http_close(h);
		free(url);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	const char *agent = lnr_config_str(cfg, "http_output.user_agent");
	bool show = lnr_config_bool(cfg, "http_output.echo");
	h->attempts = 1 + (long)lnr_config_int(cfg, "http_output.max_consecutive_timeouts");
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
	free(url); /* curl has copied it */
	*ret = h;
	return 0;
}

static int http_send(
	void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err)
{
	struct http *h = self;
	CURLcode r = CURLE_OK;
	(void)a;
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, line.ptr);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)line.len);
	for (long i = 0; i < h->attempts; i++) {
		h->why[0] = 0;
		r = curl_easy_perform(h->curl);
		if (r != CURLE_OPERATION_TIMEDOUT)
			break;
	}
	/* Any answer counts as delivered, as in the reference. */
	return r == CURLE_OK ? 0
			     : lnr_fail(err, -EIO, "cannot post the alert: %s",
				       h->why[0] ? h->why : curl_easy_strerror(r));
}

const struct lnr_output_driver lnr_output_driver_http = {
	.name = "http",
	.desc = "a URL, one POST for each alert",
	.order = 50,
	.open = http_open,
	.send = http_send,
	.close = http_close,
};
