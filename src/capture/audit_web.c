/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The webhook's connections. One thread accepts them itself, because libmicrohttpd stops to accept
 * when it has too many and would leave the API server waiting behind whoever holds them: here
 * those that are too many are closed at once, and the ones that say nothing make room. It also
 * gives each phase of a connection a time in all, where libmicrohttpd only knows how long one was
 * silent: a byte every second would keep a connection for ever.
 *
 *	accept ── allowed? ── room? ──► OPENING ──► ASKING ──► IDLE
 *	                                  10 s       30 s  ◄──  120 s
 *
 * Ending a connection is shutdown() of its socket: libmicrohttpd finds it closed and cleans up.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include "base/str.h"
#include "base/util.h"
#include "capture/audit_web_priv.h"

struct web_conn *lnr_audit_web_conn(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

/* --- counting and telling --- */

void lnr_audit_web_refused(struct lnr_audit_web *w, enum web_refusal why,
	const struct lnr_net_ip *peer, const char *reason)
{
	struct web_said *s = &w->said[why];
	uint64_t now = lnr_mono_ns(w->clock);
	char from[64];
	__atomic_add_fetch(&w->refused[why], 1, __ATOMIC_RELAXED);
	if (now < s->next_ns) {
		s->unsaid++;
		return;
	}
	/* Reasons that are also answers end in a newline. */
	lnr_log(w->log, LNR_LOG_NOTICE,
		"audit webhook: refused %s: %.*s (%llu more of this kind before)",
		lnr_net_ip_text(peer, from, sizeof(from)), (int)strcspn(reason, "\n"), reason,
		(unsigned long long)s->unsaid);
	s->next_ns = now + LNR_AUDIT_WEB_LOG_S * LNR_NS_PER_SEC;
	s->unsaid = 0;
}

void lnr_audit_web_phase(struct lnr_audit_web *w, struct web_conn *c, enum web_phase phase)
{
	static const unsigned seconds[] = {
		[WEB_OPENING] = LNR_AUDIT_WEB_HEADER_S,
		[WEB_ASKING] = LNR_AUDIT_WEB_BODY_S,
		[WEB_IDLE] = LNR_AUDIT_WEB_IDLE_S,
	};
	/* Only who has sent something useful may stay without asking. */
	unsigned s = phase == WEB_IDLE && !c->known ? LNR_AUDIT_WEB_HEADER_S : seconds[phase];
	c->phase = phase;
	c->since_ns = lnr_mono_ns(w->clock);
	c->until_ns = c->since_ns + s * LNR_NS_PER_SEC;
}

/* --- ending connections --- */

static void cut(struct lnr_audit_web *w, struct web_conn *c)
{
	if (c->cut)
		return;
	c->cut = true;
	w->n_conns--;
	shutdown(c->fd, SHUT_RDWR);
}

/*
 * A connection that was of use is not refused when it ends, nor is one that an API server opened
 * ahead and then had no use for: Go's client does so when an older one becomes free first.
 */
static bool ends_quietly(const struct web_conn *c)
{
	return (c->phase == WEB_IDLE && c->known) ||
	       (c->phase == WEB_OPENING && c->greeted && !c->asked);
}

static void expire(struct lnr_audit_web *w)
{
	uint64_t now = lnr_mono_ns(w->clock);
	for (struct web_conn *c = w->conns; c; c = c->next) {
		if (c->cut)
			continue;
		if (w->stopping && c->phase != WEB_ASKING) {
			cut(w, c);
		} else if (now >= c->until_ns) {
			if (!ends_quietly(c))
				lnr_audit_web_refused(w, WEB_LIMIT, &c->peer, "too slow");
			cut(w, c);
		}
	}
}

/*
 * libmicrohttpd asks epoll for changes only, and now and then leaves bytes unread that came while
 * it was at work (the end of a handshake), or does not notice the end of a stream behind its last
 * bytes. Setting the low-water mark to what it is makes TCP say again that there are some
 * (tcp_set_rcvlowat() of the kernel); a stream that ended is shut down, and takes the ordinary way
 * out.
 */
static void find_overlooked(struct lnr_audit_web *w)
{
	static const int one = 1;
	uint64_t now = lnr_mono_ns(w->clock);
	char byte;
	if (now < w->look_ns)
		return;
	w->look_ns = now + LNR_AUDIT_WEB_LOOK_MS * LNR_NS_PER_MS;
	for (const struct web_conn *c = w->conns; c; c = c->next) {
		ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
		if (n == 0)
			shutdown(c->fd, SHUT_RDWR);
		else if (n > 0)
			(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(one));
	}
}

static bool same_owner(const struct web_conn *c, const struct lnr_net_ip *owner)
{
	return !owner || memcmp(&c->owner, owner, sizeof(*owner)) == 0;
}

/*
 * End the connection that has been without a request longest, of one owner or of all (NULL); one
 * that was of use comes last. False when each is busy or has only just come.
 */
static bool make_room(struct lnr_audit_web *w, const struct lnr_net_ip *owner)
{
	uint64_t now = lnr_mono_ns(w->clock);
	struct web_conn *worst = NULL;
	for (struct web_conn *c = w->conns; c; c = c->next) {
		if (c->cut || c->phase == WEB_ASKING || !same_owner(c, owner) ||
			now - c->since_ns < LNR_AUDIT_WEB_SPARE_MS * LNR_NS_PER_MS)
			continue;
		if (!worst || c->known < worst->known ||
			(c->known == worst->known && c->since_ns < worst->since_ns))
			worst = c;
	}
	if (!worst)
		return false;
	lnr_audit_web_refused(w, WEB_LIMIT, &worst->peer, "idle, and others want to connect");
	cut(w, worst);
	return true;
}

static bool has_room(struct lnr_audit_web *w, const struct lnr_net_ip *owner)
{
	size_t n = 0;
	for (const struct web_conn *c = w->conns; c; c = c->next)
		n += !c->cut && same_owner(c, owner);
	if (n >= LNR_AUDIT_WEB_PER_ADDRESS_MAX)
		return make_room(w, owner);
	return w->n_conns < LNR_AUDIT_WEB_CONNECTIONS_MAX || make_room(w, NULL);
}

/* --- TLS --- */

/* The certificate for one handshake. GnuTLS lets go of it by itself: nothing is handed over. */
static int present(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
	gnutls_pcert_st **certs, unsigned *n, gnutls_ocsp_data_st **ocsp, unsigned *n_ocsp,
	gnutls_privkey_t *key, unsigned *flags)
{
	/* libmicrohttpd makes its connection the session's pointer. */
	struct web_conn *c = lnr_audit_web_conn(gnutls_session_get_ptr(session));
	(void)info;
	lnr_net_identity_present(c->identity, certs, n, key);
	*ocsp = NULL;
	*n_ocsp = 0;
	*flags = 0;
	return 0;
}

static int verify(gnutls_session_t session)
{
	struct web_conn *c = lnr_audit_web_conn(gnutls_session_get_ptr(session));
	c->verified = lnr_net_identity_verify(c->identity, session) == 0;
	if (c->verified)
		return 0;
	/* libmicrohttpd would close without a word, and the sender look for a broken network. */
	gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE);
	return GNUTLS_E_CERTIFICATE_ERROR;
}

/* Who has shown a certificate may idle like one that was of use. */
static int greeted(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
	const gnutls_datum_t *msg)
{
	struct web_conn *c = lnr_audit_web_conn(gnutls_session_get_ptr(session));
	(void)type;
	(void)when;
	(void)msg;
	if (!incoming)
		return 0;
	c->greeted = true;
	if (c->verified) {
		c->known = true;
		c->until_ns = c->since_ns + LNR_AUDIT_WEB_IDLE_S * LNR_NS_PER_SEC;
	}
	return 0;
}

/* --- coming and going --- */

static void opened(struct lnr_audit_web *w, struct web_conn *c, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;
	c->next = w->conns;
	if (c->next)
		c->next->prev = c;
	w->conns = c;
	w->n_conns++;
	__atomic_add_fetch(&w->open, 1, __ATOMIC_RELAXED);
	lnr_audit_web_phase(w, c, WEB_OPENING);
	if (!w->tls)
		return;
	c->identity = lnr_net_tls_identity(w->tls);
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (!info || !info->tls_session)
		return;
	gnutls_handshake_set_hook_function(
		info->tls_session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, greeted);
	if (w->mutual) {
		/* Asked for here, refused by verify(): that also tells who shows none. */
		gnutls_certificate_server_set_request(info->tls_session, GNUTLS_CERT_REQUEST);
		gnutls_session_set_verify_function(info->tls_session, verify);
	}
}

/* A handshake that failed, or bytes that are no HTTP. A look at the port says nothing at all. */
static bool said_something(const struct web_conn *c)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);
	return getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       info.tcpi_bytes_received > 1;
}

static void closed(struct lnr_audit_web *w, struct web_conn *c)
{
	if (!c->cut) {
		w->n_conns--;
		if (!c->asked && said_something(c))
			lnr_audit_web_refused(w, w->mutual && !c->verified ? WEB_AUTH : WEB_BAD,
				&c->peer, w->tls ? "TLS handshake failed" : "no HTTP");
	}
	if (c->prev)
		c->prev->next = c->next;
	else
		w->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	__atomic_sub_fetch(&w->open, 1, __ATOMIC_RELAXED);
	lnr_audit_web_forget(w, &c->request);
	lnr_net_identity_unref(c->identity);
	free(c);
}

static void notify(void *user, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct lnr_audit_web *w = user;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = w->adding;
		opened(w, lnr_take(w->adding), connection);
	} else if (*context) {
		closed(w, lnr_take(*context));
	}
}

/* Takes the socket. */
static void take(struct lnr_audit_web *w, int fd, const struct sockaddr *addr, socklen_t len)
{
	struct lnr_net_ip peer, owner;
	lnr_net_ip_of(addr, &peer);
	owner = lnr_net_ip_owner(&peer);
	__atomic_add_fetch(&w->connections, 1, __ATOMIC_RELAXED);
	bool allowed = lnr_net_allowed(w->allow, &peer);
	if (!allowed)
		lnr_audit_web_refused(w, WEB_CLIENT, &peer, "address not allowed");
	else if (!has_room(w, &owner))
		lnr_audit_web_refused(w, WEB_LIMIT, &peer, "too many connections");
	else
		w->adding = calloc(1, sizeof(*w->adding));
	if (!w->adding) {
		close(fd);
		return;
	}
	w->adding->fd = fd;
	w->adding->peer = peer;
	w->adding->owner = owner;
	/* The socket is closed by libmicrohttpd even when this fails. */
	MHD_add_connection(w->daemon, fd, addr, len);
	free(lnr_take(w->adding));
}

/* The listener stays readable: look again when something has been closed. */
static void cannot_accept(struct lnr_audit_web *w, int why)
{
	uint64_t now = lnr_mono_ns(w->clock);
	w->accept_ns = now + (make_room(w, NULL) ? 50 * LNR_NS_PER_MS : LNR_NS_PER_SEC);
	if (now < w->tell_ns)
		return;
	lnr_log(w->log, LNR_LOG_WARNING, "audit webhook: cannot accept: %s", strerror(why));
	w->tell_ns = now + LNR_AUDIT_WEB_LOG_S * LNR_NS_PER_SEC;
}

static void accept_from(struct lnr_audit_web *w, int listener)
{
	/* What comes faster waits for its turn: requests must get theirs too. */
	for (int i = 0; i < LNR_NET_BACKLOG; i++) {
		struct sockaddr_storage addr;
		socklen_t len = sizeof(addr);
		int fd = accept4(
			listener, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			take(w, fd, (struct sockaddr *)&addr, len);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			cannot_accept(w, errno);
			return;
		}
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

/* --- the thread --- */

/* Without connections nothing has a deadline. */
static int poll_ms(struct lnr_audit_web *w, bool accepting)
{
	MHD_UNSIGNED_LONG_LONG ms;
	if (MHD_get_timeout(w->daemon, &ms) == MHD_YES && ms == 0)
		return 0;
	if (w->stopping || (!accepting && w->conns))
		return 50;
	return w->conns || !accepting ? LNR_AUDIT_WEB_LOOK_MS : -1;
}

static void turn(struct lnr_audit_web *w, int epoll)
{
	bool accepting = !w->stopping && lnr_mono_ns(w->clock) >= w->accept_ns;
	struct pollfd fds[2 + LNR_NET_LISTEN_MAX] = {
		{.fd = epoll, .events = POLLIN}, {.fd = w->wake, .events = POLLIN}};
	unsigned n = 2;
	for (unsigned i = 0; accepting && i < w->listener.n; i++)
		fds[n++] = (struct pollfd){.fd = w->listener.fds[i], .events = POLLIN};
	if (w->stopping)
		fds[1].fd = -1;
	poll(fds, n, poll_ms(w, accepting));
	if (fds[1].revents) {
		w->stopping = true;
		w->stop_ns = lnr_mono_ns(w->clock) + LNR_AUDIT_WEB_STOP_MS * LNR_NS_PER_MS;
		lnr_net_listener_done(&w->listener);
		n = 2;
	}
	for (unsigned i = 2; i < n; i++) {
		if (fds[i].revents)
			accept_from(w, fds[i].fd);
	}
	MHD_run(w->daemon);
	expire(w);
	find_overlooked(w);
}

/*
 * Whoever finds a way into this thread finds no rights beyond those of its user. Rights are a
 * thread's own: this one was started before the program gives up what it does not need.
 */
static void give_up_rights(struct lnr_audit_web *w)
{
	cap_t none = cap_init();
	if (!none || cap_set_proc(none))
		lnr_log(w->log, LNR_LOG_WARNING, "audit webhook: cannot drop capabilities: %s",
			strerror(errno));
	cap_free(none);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if ((w->tls && !lnr_net_tls_readable(w->tls)) ||
		(w->token_file && faccessat(AT_FDCWD, w->token_file, R_OK, AT_EACCESS)))
		lnr_log(w->log, LNR_LOG_WARNING,
			"audit webhook: certificate or token will not be read again when they "
			"change: their files belong to another user");
}

static void *serve(void *arg)
{
	struct lnr_audit_web *w = arg;
	give_up_rights(w);
	int epoll = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	while (!w->stopping || (w->conns && lnr_mono_ns(w->clock) < w->stop_ns))
		turn(w, epoll);
	return NULL;
}

/* --- start and stop --- */

/*
 * libmicrohttpd's own messages: while it starts, the reason why it cannot; later they are about
 * single connections, which are counted here.
 */
static void hear(void *user, const char *fmt, va_list ap)
{
	struct lnr_audit_web *w = user;
	char line[256];
	if (w->started && (!w->log || w->log->max < LNR_LOG_DEBUG))
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	if (!w->started)
		snprintf(w->why, sizeof(w->why), ": %s", line);
	else
		lnr_log(w->log, LNR_LOG_DEBUG, "audit webhook: %s", line);
}

static int start_daemon(struct lnr_audit_web *w, struct lnr_err *err)
{
	unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG;
	const struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(uintptr_t)present},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)LNR_NET_TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL}};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
	/* Limits are kept here; those that are cut may still be there while others come. */
	w->daemon = MHD_start_daemon(w->tls ? flags | MHD_USE_TLS : flags, 0, NULL, NULL,
		lnr_audit_web_handle, w, MHD_OPTION_EXTERNAL_LOGGER, hear, w,
		MHD_OPTION_CONNECTION_LIMIT, 2u * LNR_AUDIT_WEB_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LNR_AUDIT_WEB_CONNECTION_BYTES,
		MHD_OPTION_NOTIFY_CONNECTION, notify, w, MHD_OPTION_NOTIFY_COMPLETED,
		lnr_audit_web_completed, w, MHD_OPTION_URI_LOG_CALLBACK, lnr_audit_web_first_line,
		w, MHD_OPTION_ARRAY, w->tls ? tls : none, MHD_OPTION_END);
	return w->daemon ? 0 : lnr_fail(err, -EIO, "cannot start the audit webhook%s", w->why);
}

static int start_thread(struct lnr_audit_web *w, struct lnr_err *err)
{
	sigset_t all, before;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake < 0)
		return lnr_fail(err, -errno, "cannot make an eventfd: %s", strerror(errno));
	/* Signals are for the thread that steps the engine. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	w->started = true; /* before the thread reads it */
	int r = pthread_create(&w->thread, NULL, serve, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r)
		w->started = false;
	return r ? lnr_fail(err, -r, "cannot start a thread: %s", strerror(r)) : 0;
}

/* %XX of a path, in place: libmicrohttpd compares decoded ones. False when one is none. */
static bool decode_path(char *path)
{
	char *to = path;
	for (const char *p = path; *p; p++) {
		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		int high = lnr_hex_value(p[1]), low = high < 0 ? -1 : lnr_hex_value(p[2]);
		if (low < 0 || high + low == 0)
			return false;
		*to++ = (char)(high << 4 | low);
		p += 2;
	}
	*to = '\0';
	return true;
}

struct url {
	bool tls;
	char host[256];
	uint16_t port;
	char *path;
};

/* scheme://host:port/path, where the host may be empty or an IPv6 address in brackets. */
static int parse_url(const char *text, struct url *ret, struct lnr_err *err)
{
	struct lnr_str s = lnr_str_c(text), host, port;
	uint64_t number;
	ret->tls = lnr_str_starts(s, LNR_STR("https://"));
	if (!ret->tls && !lnr_str_starts(s, LNR_STR("http://")))
		return lnr_fail(err, -EINVAL, "\"%s\" is no URL of http or https", text);
	s = lnr_str_sub(s, ret->tls ? 8 : 7, strcspn(text, "?#"));
	ptrdiff_t slash = lnr_str_chr(s, '/');
	if (slash < 0)
		return lnr_fail(err, -EINVAL, "\"%s\" has no path, such as /k8s-audit", text);
	struct lnr_str where = lnr_str_sub(s, 0, (size_t)slash);
	ptrdiff_t colon = lnr_str_rchr(where, ':');
	if (lnr_str_chr(where, '@') >= 0)
		return lnr_fail(err, -EINVAL,
			"\"%s\": a user has no place in the address to listen on", text);
	port = lnr_str_sub(where, colon < 0 ? where.len : (size_t)colon + 1, where.len);
	if (lnr_str_u64(port, &number) || number > UINT16_MAX)
		return lnr_fail(err, -EINVAL, "\"%s\" has no port, such as :9765", text);
	host = lnr_str_sub(where, 0, (size_t)colon);
	if (host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = lnr_str_sub(host, 1, host.len - 1);
	if (host.len >= sizeof(ret->host))
		return lnr_fail(err, -EINVAL, "\"%s\": the host is too long", text);
	memcpy(ret->host, host.ptr, host.len);
	ret->host[host.len] = '\0';
	ret->port = (uint16_t)number;
	ret->path = lnr_str_dup(lnr_str_sub(s, (size_t)slash, s.len));
	if (!ret->path)
		return lnr_fail(err, -ENOMEM, "out of memory");
	if (!decode_path(ret->path)) {
		free(lnr_take(ret->path));
		return lnr_fail(err, -EINVAL, "\"%s\": wrong %% escape in the path", text);
	}
	return 0;
}

static int prepare_auth(struct lnr_audit_web *w, const struct lnr_audit_web_opts *opts, bool tls,
	struct lnr_err *err)
{
	int r = 0;
	if (opts->client_ca && !tls)
		return lnr_fail(err, -EINVAL, "client certificates need an https URL");
	if (tls && !opts->certificate)
		return lnr_fail(err, -EINVAL, "an https URL needs a certificate");
	if (opts->clients && *opts->clients)
		r = lnr_net_allow_parse(opts->clients, &w->allow, err);
	if (!r && tls)
		r = lnr_net_tls_new(
			opts->certificate, opts->client_ca, w->log, w->clock, &w->tls, err);
	if (!r && opts->token_file) {
		w->token_file = strdup(opts->token_file);
		r = w->token_file ? lnr_audit_web_token(w, err)
				  : lnr_fail(err, -ENOMEM, "out of memory");
	}
	return r;
}

static int prepare(struct lnr_audit_web *w, const struct lnr_audit_web_opts *opts,
	struct lnr_audit_queue *q, struct lnr_err *err)
{
	struct url url;
	w->wake = -1;
	w->queue = q;
	w->log = opts->log;
	w->clock = opts->clock ? opts->clock : lnr_clock_system();
	w->max_body = opts->max_body;
	w->max_bodies = LNR_AUDIT_WEB_BODIES_BYTES;
	w->mutual = opts->client_ca != NULL;
	if (w->max_body == 0 || w->max_body > LNR_AUDIT_WEB_BODY_BYTES_MAX)
		return lnr_fail(err, -EINVAL, "largest body must have 1 to %u bytes",
			LNR_AUDIT_WEB_BODY_BYTES_MAX);
	if (w->max_bodies < 2 * w->max_body)
		w->max_bodies = 2 * w->max_body;
	int r = parse_url(opts->url, &url, err);
	if (r)
		return r;
	w->path = url.path;
	r = prepare_auth(w, opts, url.tls, err);
	if (!r)
		r = lnr_net_listen(url.host, url.port, &w->listener, err);
	if (!r)
		r = start_daemon(w, err);
	return r ? r : start_thread(w, err);
}

int lnr_audit_web_start(const struct lnr_audit_web_opts *opts, struct lnr_audit_queue *q,
	struct lnr_audit_web **ret, struct lnr_err *err)
{
	if (opts->size != sizeof(*opts))
		return lnr_fail(err, -EINVAL,
			"struct lnr_audit_web_opts has size %zu, expected %zu", opts->size,
			sizeof(*opts));
	struct lnr_audit_web *w = calloc(1, sizeof(*w));
	if (!w)
		return lnr_fail(err, -ENOMEM, "out of memory");
	int r = prepare(w, opts, q, err);
	if (r) {
		lnr_audit_web_stop(w);
		return r;
	}
	*ret = w;
	return 0;
}

uint16_t lnr_audit_web_port(const struct lnr_audit_web *w)
{
	return w->listener.port;
}

void lnr_audit_web_stats(struct lnr_audit_web *w, struct lnr_audit_web_stats *ret)
{
	*ret = (struct lnr_audit_web_stats){
		.requests = __atomic_load_n(&w->requests, __ATOMIC_RELAXED),
		.taken = __atomic_load_n(&w->taken, __ATOMIC_RELAXED),
		.refused_full = __atomic_load_n(&w->refused[WEB_FULL], __ATOMIC_RELAXED),
		.refused_bad = __atomic_load_n(&w->refused[WEB_BAD], __ATOMIC_RELAXED),
		.refused_auth = __atomic_load_n(&w->refused[WEB_AUTH], __ATOMIC_RELAXED),
		.refused_limit = __atomic_load_n(&w->refused[WEB_LIMIT], __ATOMIC_RELAXED),
		.refused_client = __atomic_load_n(&w->refused[WEB_CLIENT], __ATOMIC_RELAXED),
		.connections = __atomic_load_n(&w->connections, __ATOMIC_RELAXED),
		.open = __atomic_load_n(&w->open, __ATOMIC_RELAXED),
	};
}

struct lnr_audit_web *lnr_audit_web_stop(struct lnr_audit_web *w)
{
	if (!w)
		return NULL;
	if (w->started) {
		/* Cannot fail: the counter of a new eventfd is far from its end. */
		(void)eventfd_write(w->wake, 1);
		pthread_join(w->thread, NULL);
	}
	/* Also ends what did not end in time. */
	if (w->daemon)
		MHD_stop_daemon(w->daemon);
	lnr_net_listener_done(&w->listener);
	if (w->wake >= 0)
		close(w->wake);
	lnr_net_tls_free(w->tls);
	lnr_net_allow_free(w->allow);
	gnutls_memset(w->token, 0, sizeof(w->token));
	free(w->token_file);
	free(w->path);
	free(w);
	return NULL;
}
