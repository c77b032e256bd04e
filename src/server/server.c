/* SPDX-License-Identifier: Apache-2.0 */
/* Health, versions and metrics over HTTP (spec engine-config-cli 2.7), by libmicrohttpd. */
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/log.h"
#include "base/util.h"
#include "lanner/config.h"
#include "lanner/plugins.h"
#include "net/listen.h"
#include "net/tls.h"
#include "schema/limits.h"
#include "server/metrics_priv.h"

struct lnr_server {
	struct MHD_Daemon *daemon;
	struct lnr_metrics *metrics; /* NULL = /metrics is not there */
	struct lnr_log *log;
	char *health;
	char *versions;
	char *pem;
};

void lnr_versions_json(const struct lnr_plugins *plugins, struct lnr_buf *out)
{
	const char *name, *version;
	lnr_buf_printf(out,
		"{\"default_driver_version\":\"%s\",\"driver_api_version\":\"%s\","
		"\"driver_schema_version\":\"%s\",\"engine_version\":\"62\","
		"\"engine_version_semver\":\"%s\",\"falco_version\":\"%s\","
		"\"lanner_version\":\"%s\",\"libs_version\":\"%s\",\"plugin_api_version\":\"%s\"",
		LNR_DRIVER_API, LNR_DRIVER_API, LNR_DRIVER_SCHEMA, LNR_ENGINE_VERSION,
		LNR_FALCO_VERSION, lnr_version(), LNR_LIBS_VERSION, LNR_PLUGIN_API);
	for (size_t i = 0; plugins && lnr_plugins_get(plugins, i, &name, &version); i++) {
		lnr_buf_cstr(out, i ? ",\"" : ",\"plugin_versions\":{\"");
		lnr_json_escape(out, lnr_str_c(name));
		lnr_buf_cstr(out, "\":\"");
		lnr_json_escape(out, lnr_str_c(version));
		lnr_buf_chr(out, '"');
	}
	lnr_buf_cstr(out, plugins && lnr_plugins_count(plugins) ? "}}" : "}");
}

static enum MHD_Result answer(
	struct MHD_Connection *c, unsigned status, const char *type, const struct lnr_buf *body)
{
	struct lnr_str text = lnr_buf_view(body);
	struct MHD_Response *r = MHD_create_response_from_buffer(
		text.len, (void *)(uintptr_t)text.ptr, MHD_RESPMEM_MUST_COPY);
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	enum MHD_Result ok = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **state)
{
	static const char json[] = "application/json";
	struct lnr_server *s = user;
	struct lnr_buf b;
	(void)version;
	(void)data;
	/* A body is read and thrown away: nothing here takes one. */
	if (!*state) {
		*state = s;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	lnr_buf_init(&b, LNR_METRICS_BYTES);
	bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	const char *type = json;
	unsigned status = 200;
	if (get && strcmp(url, s->health) == 0) {
		lnr_buf_cstr(&b, "{\"status\": \"ok\"}");
	} else if (get && strcmp(url, "/versions") == 0) {
		lnr_buf_cstr(&b, s->versions);
	} else if (get && s->metrics && strcmp(url, "/metrics") == 0) {
		type = "text/plain; version=0.0.4";
		if (lnr_metrics_prometheus(s->metrics, &b))
			status = 503;
	} else {
		type = "text/plain";
		status = 404;
	}
	enum MHD_Result ok = answer(c, status, type, &b);
	lnr_buf_done(&b);
	return ok;
}

static int address(const struct lnr_config *c, struct sockaddr_storage *ret, struct lnr_err *err)
{
	const char *text = lnr_config_str(c, "webserver.listen_address");
	if (!lnr_net_address(text, (uint16_t)lnr_config_int(c, "webserver.listen_port"), ret))
		return 0;
	return lnr_fail(err, -EINVAL, "webserver.listen_address: \"%s\" is no address", text);
}

/* One file holds certificate and key. */
static int read_pem(struct lnr_server *s, const struct lnr_config *c, struct lnr_err *err)
{
	if (!lnr_config_bool(c, "webserver.ssl_enabled"))
		return 0;
	int r = lnr_net_read_pem(lnr_config_str(c, "webserver.ssl_certificate"), &s->pem, err);
	return r ? lnr_wrap(err, r, "webserver.ssl_certificate") : 0;
}

static int start(struct lnr_server *s, const struct lnr_config *c, struct lnr_err *err)
{
	struct sockaddr_storage addr;
	int64_t threads = lnr_config_int(c, "webserver.threadiness");
	int r = address(c, &addr, err);
	if (r)
		return r;
	if (threads <= 0)
		threads = sysconf(_SC_NPROCESSORS_ONLN);
	if (threads > LNR_WEB_THREADS_MAX)
		threads = LNR_WEB_THREADS_MAX;
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;
	if (addr.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	if (s->pem)
		flags |= MHD_USE_TLS;
	struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, s->pem},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, s->pem},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)LNR_NET_TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL}};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
	/* Signals are for the thread that steps the engine. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = 0;
	s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, s, MHD_OPTION_SOCK_ADDR, &addr,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)LNR_WEB_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LNR_WEB_TIMEOUT_S,
		MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? (unsigned)threads : 0u, MHD_OPTION_ARRAY,
		s->pem ? tls : none, MHD_OPTION_END);
	int saved = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (s->daemon)
		return 0;
	return lnr_fail(err, -EIO, "cannot start the web server on %s port %d: %s",
		lnr_config_str(c, "webserver.listen_address"),
		(int)lnr_config_int(c, "webserver.listen_port"),
		saved	 ? strerror(saved)
		: s->pem ? "the certificate or its key cannot be used"
			 : "refused");
}

int lnr_server_new(const struct lnr_server_opts *opts, struct lnr_server **ret, struct lnr_err *err)
{
	struct lnr_server *s = calloc(1, sizeof(*s));
	if (!s)
		return lnr_fail(err, -ENOMEM, "out of memory");
	s->metrics = opts->metrics;
	s->log = opts->log;
	s->health = strdup(lnr_config_str(opts->config, "webserver.k8s_healthz_endpoint"));
	struct lnr_buf versions;
	lnr_buf_init(&versions, 0);
	lnr_versions_json(opts->plugins, &versions);
	s->versions = lnr_buf_take(&versions);
	int r = s->health && s->versions ? read_pem(s, opts->config, err)
					 : lnr_fail(err, -ENOMEM, "out of memory");
	if (!r)
		r = start(s, opts->config, err);
	if (r) {
		lnr_server_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

struct lnr_server *lnr_server_free(struct lnr_server *s)
{
	if (!s)
		return NULL;
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	free(s->health);
	free(s->versions);
	free(s->pem);
	free(s);
	return NULL;
}
