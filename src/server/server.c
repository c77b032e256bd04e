/* SPDX-License-Identifier: Apache-2.0 */
/* Health, versions and metrics over HTTP (spec engine-config-cli 2.7), by libmicrohttpd. */
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/util.h"
#include "lanner/config.h"
#include "lanner/plugins.h"
#include "net/listen.h"
#include "net/tls.h"
#include "schema/limits.h"
#include "server/metrics_priv.h"

/* A request for a reload, suspended until it is answered. */
struct waiter {
	struct MHD_Connection *connection;
	struct waiter *next;
	bool taken, answered;
	unsigned status;
	struct lnr_buf body;
};

struct lnr_server {
	struct MHD_Daemon *daemon;
	struct lnr_log *log;
	char *health;
	char *token; /* of reloads; "" = they are not served */
	char *pem;
	uint64_t alive_ns; /* atomic */
	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t gone;	     /* one that waited has its answer */
	struct lnr_metrics *metrics; /* counted; NULL = /metrics is not there */
	char *versions;
	struct waiter *waiting;
	unsigned n_waiting;
	bool closing;
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

/* --- what is served --- */

static void health(struct lnr_server *s, struct lnr_buf *out, unsigned *status)
{
	uint64_t seen = __atomic_load_n(&s->alive_ns, __ATOMIC_RELAXED);
	uint64_t now = lnr_mono_ns(lnr_clock_system());
	uint64_t ago = now > seen ? (now - seen) / LNR_NS_PER_SEC : 0;
	if (ago < LNR_HEALTH_S) {
		lnr_buf_cstr(out, "{\"status\": \"ok\"}");
		return;
	}
	*status = MHD_HTTP_SERVICE_UNAVAILABLE;
	lnr_buf_printf(out, "{\"status\": \"no event for %" PRIu64 " s\"}", ago);
}

static void metrics(struct lnr_server *s, struct lnr_buf *out, unsigned *status)
{
	pthread_mutex_lock(&s->lock);
	struct lnr_metrics *m = lnr_metrics_ref(s->metrics);
	pthread_mutex_unlock(&s->lock);
	/* Waits for the engines, so without the lock. */
	if (!m)
		*status = MHD_HTTP_NOT_FOUND;
	else if (lnr_metrics_prometheus(m, out))
		*status = MHD_HTTP_SERVICE_UNAVAILABLE;
	lnr_metrics_free(m);
}

/* Takes as long for a wrong token as for a right one. */
static bool may_reload(struct lnr_server *s, struct MHD_Connection *c)
{
	static const char bearer[] = "Bearer ";
	const char *given = MHD_lookup_connection_value(
		c, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
	size_t n = strlen(s->token);
	if (!given || strncasecmp(given, bearer, sizeof(bearer) - 1) != 0)
		return false;
	given += sizeof(bearer) - 1;
	return strlen(given) == n && CRYPTO_memcmp(given, s->token, n) == 0;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, const char *why)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_buf_printf(&b, "{\"status\": \"%s\"}", why);
	enum MHD_Result ok = answer(c, status, "application/json", &b);
	lnr_buf_done(&b);
	return ok;
}

/* The connection sleeps; lnr_server_reload_answer() wakes it and handle() is called again. */
static enum MHD_Result wait_for_reload(struct lnr_server *s, struct MHD_Connection *c, void **state)
{
	struct waiter *w = calloc(1, sizeof(*w));
	if (!w)
		return refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory");
	w->connection = c;
	lnr_buf_init(&w->body, 0);
	pthread_mutex_lock(&s->lock);
	bool full = s->closing || s->n_waiting == LNR_WEB_WAITING_MAX;
	if (!full) {
		w->next = s->waiting;
		s->waiting = w;
		s->n_waiting++;
		*state = w;
		MHD_suspend_connection(c);
	}
	pthread_mutex_unlock(&s->lock);
	if (!full)
		return MHD_YES;
	free(w);
	return refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many requests wait");
}

static enum MHD_Result serve(
	struct lnr_server *s, struct MHD_Connection *c, const char *url, bool get)
{
	const char *type = "application/json";
	unsigned status = MHD_HTTP_OK;
	struct lnr_buf b;
	lnr_buf_init(&b, LNR_METRICS_BYTES);
	if (get && strcmp(url, s->health) == 0) {
		health(s, &b, &status);
	} else if (get && strcmp(url, "/versions") == 0) {
		pthread_mutex_lock(&s->lock);
		lnr_buf_cstr(&b, s->versions);
		pthread_mutex_unlock(&s->lock);
	} else if (get && strcmp(url, "/metrics") == 0) {
		type = "text/plain; version=0.0.4";
		metrics(s, &b, &status);
	} else {
		status = MHD_HTTP_NOT_FOUND;
	}
	if (status == MHD_HTTP_NOT_FOUND)
		type = "text/plain";
	enum MHD_Result ok = answer(c, status, type, &b);
	lnr_buf_done(&b);
	return ok;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **state)
{
	struct lnr_server *s = user;
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
	if (*state != s) {
		const struct waiter *w = *state;
		return answer(c, w->status, "application/json", &w->body);
	}
	if (*s->token && strcmp(url, "/reload") == 0 && strcmp(method, "POST") == 0)
		return may_reload(s, c) ? wait_for_reload(s, c, state)
					: refuse(c, MHD_HTTP_UNAUTHORIZED, "wrong or no token");
	return serve(s, c, url, strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0);
}

/* A connection ended, answered or not. */
static void completed(
	void *user, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode how)
{
	struct lnr_server *s = user;
	struct waiter *w = *state;
	(void)c;
	(void)how;
	if (!*state || *state == s)
		return;
	pthread_mutex_lock(&s->lock);
	for (struct waiter **p = &s->waiting; *p; p = &(*p)->next) {
		if (*p == w) {
			*p = w->next;
			s->n_waiting--;
			pthread_cond_signal(&s->gone);
			break;
		}
	}
	pthread_mutex_unlock(&s->lock);
	lnr_buf_done(&w->body);
	free(w);
	*state = NULL;
}

/* --- reloads --- */

bool lnr_server_reload_asked(struct lnr_server *s)
{
	bool any = false;
	pthread_mutex_lock(&s->lock);
	for (struct waiter *w = s->waiting; w; w = w->next) {
		any |= !w->taken;
		w->taken = true;
	}
	pthread_mutex_unlock(&s->lock);
	return any;
}

/* Those who asked while the reload went on wait for the next one; `all` at the end. */
static void wake(struct lnr_server *s, unsigned status, struct lnr_str body, bool all)
{
	pthread_mutex_lock(&s->lock);
	for (struct waiter *w = s->waiting; w; w = w->next) {
		if (w->answered || (!w->taken && !all))
			continue;
		w->answered = true;
		w->status = status;
		lnr_buf_str(&w->body, body);
		MHD_resume_connection(w->connection);
	}
	pthread_mutex_unlock(&s->lock);
}

/* RFC 9110, 15.5.21; its name in the library changed. */
#define UNPROCESSABLE 422

void lnr_server_reload_answer(struct lnr_server *s, uint32_t rules, const char *why)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	if (why) {
		lnr_buf_cstr(&b, "{\"status\": \"failed\", \"reason\": \"");
		lnr_json_escape(&b, lnr_str_c(why));
		lnr_buf_cstr(&b, "\"}");
	} else {
		lnr_buf_printf(&b, "{\"status\": \"ok\", \"rules\": %" PRIu32 "}", rules);
	}
	wake(s, why ? UNPROCESSABLE : MHD_HTTP_OK, lnr_buf_view(&b), false);
	lnr_buf_done(&b);
}

void lnr_server_alive(struct lnr_server *s, uint64_t mono_ns)
{
	__atomic_store_n(&s->alive_ns, mono_ns, __ATOMIC_RELAXED);
}

/* --- life --- */

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
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
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
		MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)LNR_WEB_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)LNR_WEB_TIMEOUT_S, MHD_OPTION_THREAD_POOL_SIZE,
		threads > 1 ? (unsigned)threads : 0u, MHD_OPTION_ARRAY, s->pem ? tls : none,
		MHD_OPTION_END);
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

static char *versions_text(const struct lnr_plugins *plugins)
{
	struct lnr_buf versions;
	lnr_buf_init(&versions, 0);
	lnr_versions_json(plugins, &versions);
	return lnr_buf_take(&versions);
}

int lnr_server_new(const struct lnr_server_opts *opts, struct lnr_server **ret, struct lnr_err *err)
{
	struct lnr_server *s = calloc(1, sizeof(*s));
	if (!s)
		return lnr_fail(err, -ENOMEM, "out of memory");
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->gone, NULL);
	s->metrics = lnr_metrics_ref(opts->metrics);
	s->log = opts->log;
	s->alive_ns = lnr_mono_ns(lnr_clock_system());
	s->health = strdup(lnr_config_str(opts->config, "webserver.k8s_healthz_endpoint"));
	s->token = strdup(lnr_config_str(opts->config, "webserver.reload_token"));
	s->versions = versions_text(opts->plugins);
	int r = s->health && s->token && s->versions ? read_pem(s, opts->config, err)
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

int lnr_server_update(
	struct lnr_server *s, struct lnr_metrics *metrics, const struct lnr_plugins *plugins)
{
	char *versions = versions_text(plugins);
	if (!versions)
		return -ENOMEM;
	pthread_mutex_lock(&s->lock);
	struct lnr_metrics *old = s->metrics;
	s->metrics = lnr_metrics_ref(metrics);
	free(s->versions);
	s->versions = versions;
	pthread_mutex_unlock(&s->lock);
	lnr_metrics_free(old);
	return 0;
}

/* Stopping cuts off what is not sent yet; a second is enough for who listens at all. */
static void let_go(struct lnr_server *s)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&s->lock);
	while (s->n_waiting && pthread_cond_timedwait(&s->gone, &s->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&s->lock);
}

struct lnr_server *lnr_server_free(struct lnr_server *s)
{
	if (!s)
		return NULL;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_mutex_unlock(&s->lock);
	if (s->daemon) {
		/* A suspended connection would never end. */
		wake(s, MHD_HTTP_SERVICE_UNAVAILABLE, LNR_STR("{\"status\": \"stopping\"}"), true);
		let_go(s);
		MHD_stop_daemon(s->daemon);
	}
	lnr_metrics_free(s->metrics);
	pthread_cond_destroy(&s->gone);
	pthread_mutex_destroy(&s->lock);
	free(s->health);
	free(s->token);
	free(s->versions);
	free(s->pem);
	free(s);
	return NULL;
}
