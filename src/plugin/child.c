/* SPDX-License-Identifier: Apache-2.0 */
/* The process of an isolated plugin: loads it as the agent would and answers questions. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/util.h"
#include "plugin/isolated.h"
#include "plugin/wire.h"
#include "schema/limits.h"

/* A field with its argument, as the agent numbers them. */
struct ask {
	uint32_t id;
	uint32_t present;
	uint64_t index;
	char *key; /* NULL = none */
};

struct child {
	struct lnr_wire wire;
	pthread_mutex_t lock; /* around sending: log lines come from any thread of the plugin */
	struct lnr_log log;
	struct lnr_plugin *plugin;
	struct lnr_plugin_instance *inst;
	char *config, *params;
	void *handle; /* open source */
	/* the plugin's batch, valid until it is asked for the next */
	struct lnr_plugin_event **evts;
	uint32_t n, at; /* sent so far */
	int32_t rc;
	/*
	 * Numbers for the plugin, never twice (spec plugin-abi.md 6): its own events and those of
	 * others are counted here, because they come in another order than the agent counts them.
	 */
	uint64_t num, first_num;
	/* the last event of somebody else */
	uint8_t *other;
	size_t other_cap;
	uint64_t other_evtnum, other_num;
	char other_source[256];
	/* what may be asked, and what is wanted with each event */
	struct ask *asks;
	uint32_t n_asks;
	uint32_t *want;
	uint32_t n_want;
	struct lnr_err err;
};

/* --- sending --- */

static int answer(struct child *c)
{
	pthread_mutex_lock(&c->lock);
	int r = lnr_wire_send(&c->wire, 0);
	pthread_mutex_unlock(&c->lock);
	return r;
}

static int say_error(struct child *c, const char *text)
{
	lnr_wire_begin(&c->wire, LNR_WIRE_ERROR);
	lnr_wire_text(&c->wire, text);
	return answer(c);
}

static int say_done(struct child *c)
{
	lnr_wire_begin(&c->wire, LNR_WIRE_DONE);
	return answer(c);
}

static void log_line(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct child *c = log->user;
	struct lnr_wire line = {.fd = c->wire.fd};
	lnr_wire_begin(&line, LNR_WIRE_LOG);
	lnr_wire_u32(&line, level);
	lnr_wire_text(&line, msg);
	pthread_mutex_lock(&c->lock);
	(void)lnr_wire_send(&line, 0); /* the agent's end is found out elsewhere */
	pthread_mutex_unlock(&c->lock);
	lnr_buf_done(&line.out);
}

/* --- start --- */

static char *copy(struct lnr_str s)
{
	return strndup(s.ptr ? s.ptr : "", s.len);
}

static int on_load(struct child *c, struct lnr_wire_in *in)
{
	LNR_AUTO_FREE char *path = copy(lnr_wire_get_text(in));
	if (!path)
		return -ENOMEM;
	if (c->plugin)
		return -EBADMSG;
	/* The agent puts the path in front of the reason. */
	const struct lnr_plugin_load_opts o = {.path = path};
	if (lnr_plugin_load_with(&o, &c->plugin, &c->err)) {
		const char *why = strstr(c->err.msg, path);
		why = why && strncmp(why + strlen(path), ": ", 2) == 0 ? why + strlen(path) + 2
								       : c->err.msg;
		return say_error(c, why);
	}
	const struct lnr_plugin_said *said = &c->plugin->said;
	lnr_wire_begin(&c->wire, LNR_WIRE_SAID);
	lnr_wire_u32(&c->wire, said->id);
	lnr_wire_u64(&c->wire, said->functions);
	for (size_t i = 0; i < LNR_SAID_COUNT; i++)
		lnr_wire_text(&c->wire, said->text[i]);
	return answer(c);
}

static void put_types(struct lnr_wire *w, const struct lnr_plugin_types *t)
{
	lnr_wire_u32(w, t->all);
	lnr_wire_bytes(w, t->bits, sizeof(t->bits));
}

static int on_init(struct child *c, struct lnr_wire_in *in)
{
	if (!c->plugin || c->inst)
		return -EBADMSG;
	c->config = copy(lnr_wire_get_text(in));
	if (!c->config)
		return -ENOMEM;
	c->plugin->config = c->config;
	if (lnr_plugin_start(c->plugin, &c->log, &c->inst, &c->err))
		return say_error(c, c->err.msg);
	lnr_wire_begin(&c->wire, LNR_WIRE_STARTED);
	put_types(&c->wire, &c->inst->extract_types);
	put_types(&c->wire, &c->inst->parse_types);
	return answer(c);
}

static int on_open(struct child *c, struct lnr_wire_in *in)
{
	int32_t rc = LNR_PLUGIN_FAILURE; /* some leave it alone when they fail */
	if (!c->inst || c->handle || !(c->plugin->caps & LNR_PLUGIN_CAN_SOURCE))
		return -EBADMSG;
	c->params = copy(lnr_wire_get_text(in));
	if (!c->params)
		return -ENOMEM;
	c->handle = c->plugin->api.open(c->inst->state, c->params, &rc);
	if (!c->handle || rc != LNR_PLUGIN_SUCCESS)
		return say_error(c, lnr_plugin_last_error(c->inst));
	return say_done(c);
}

/* --- fields --- */

static int on_ask(struct child *c, struct lnr_wire_in *in)
{
	struct ask a = {.id = lnr_wire_get_u32(in),
		.present = lnr_wire_get_u32(in),
		.index = lnr_wire_get_u64(in)};
	struct lnr_str key = lnr_wire_get_text(in);
	if (in->bad || !c->plugin || a.id >= c->plugin->n_fields ||
		c->n_asks >= LNR_PLUGIN_ASKS_MAX)
		return -EBADMSG;
	a.key = key.ptr ? copy(key) : NULL;
	if (key.ptr && !a.key)
		return -ENOMEM;
	c->asks[c->n_asks++] = a;
	return 0;
}

static void forget(struct child *c)
{
	for (uint32_t i = 0; i < c->n_asks; i++)
		free(c->asks[i].key);
	c->n_asks = c->n_want = 0;
}

static int on_want(struct child *c, struct lnr_wire_in *in)
{
	uint32_t n = lnr_wire_get_u32(in);
	if (n > c->n_asks)
		return -EBADMSG;
	for (uint32_t i = 0; i < n; i++) {
		c->want[i] = lnr_wire_get_u32(in);
		if (in->bad || c->want[i] >= c->n_asks)
			return -EBADMSG;
	}
	c->n_want = n;
	return 0;
}

static void put_element(struct lnr_wire *w, const struct lnr_plugin_extract_field *f, uint64_t i)
{
	switch (f->ftype) {
	case LNR_PLUGIN_FT_STRING:
		lnr_wire_text(w, f->res.str[i]);
		break;
	case LNR_PLUGIN_FT_BOOL:
		lnr_wire_u32(w, f->res.boolean[i]);
		break;
	case LNR_PLUGIN_FT_IPADDR:
	case LNR_PLUGIN_FT_IPNET:
		/* Anything but an address is no value, and may have any length. */
		if (f->res.buf[i].ptr && (f->res.buf[i].len == 4 || f->res.buf[i].len == 16)) {
			lnr_wire_u32(w, f->res.buf[i].len);
			lnr_wire_bytes(w, f->res.buf[i].ptr, f->res.buf[i].len);
		} else {
			lnr_wire_u32(w, 0);
		}
		break;
	default:
		lnr_wire_u64(w, f->res.u64[i]);
	}
}

/* A blob: its length; number of values, 0 = none; the values. */
static void put_values(struct child *c, uint32_t k, const struct lnr_plugin_event_input *evt)
{
	const struct ask *a = &c->asks[k];
	const struct lnr_plugin_field *field = &c->plugin->fields[a->id];
	struct lnr_wire *w = &c->wire;
	struct lnr_plugin_extract_field f = {.field_id = a->id,
		.field = field->name,
		.arg_key = a->key,
		.arg_index = a->index,
		.arg_present = a->present,
		.ftype = field->type,
		.flist = field->list};
	size_t hole = lnr_wire_hole(w), from = w->out.len;
	uint64_t n = evt && lnr_plugin_extract(c->inst, evt, &f) ? f.res_len : 0;
	if (!field->list && n > 1)
		n = 1;
	if (n > LNR_PLUGIN_VALUES_MAX)
		n = 0;
	lnr_wire_u32(w, (uint32_t)n);
	for (uint64_t i = 0; i < n; i++)
		put_element(w, &f, i);
	lnr_wire_fill(w, hole, (uint32_t)(w->out.len - from));
}

/* --- events --- */

/* May the plugin be asked about it? The agent looks again, before anything else sees the event. */
static bool is_sound(const struct lnr_plugin *p, const struct lnr_plugin_event *e)
{
	uint32_t lens[2], id;
	if (e->type != LNR_PLUGIN_EVENT)
		return !p->id;
	if (e->nparams != 2 || e->len < LNR_PLUGIN_PAYLOAD_AT)
		return false;
	memcpy(lens, e + 1, sizeof(lens));
	memcpy(&id, (const uint8_t *)e + LNR_PLUGIN_PAYLOAD_AT - sizeof(id), sizeof(id));
	return lens[0] == sizeof(id) && lens[1] == e->len - LNR_PLUGIN_PAYLOAD_AT &&
	       (!id || id == p->id);
}

static bool has_length(const struct lnr_plugin_event *e)
{
	return e && e->len >= sizeof(*e) && e->len <= LNR_SCAP_EVENT_BYTES;
}

/* What the host fills in, before the plugin is asked about its own event (spec 7.3). */
static void complete(const struct lnr_plugin *p, struct lnr_plugin_event *e)
{
	if (e->ts == UINT64_MAX)
		e->ts = lnr_wall_ns(lnr_clock_system());
	if (e->type != LNR_PLUGIN_EVENT)
		return;
	memcpy((uint8_t *)e + LNR_PLUGIN_PAYLOAD_AT - sizeof(p->id), &p->id, sizeof(p->id));
	e->tid = UINT64_MAX;
}

static struct lnr_plugin_event_input own_event(const struct child *c, uint32_t i)
{
	return (struct lnr_plugin_event_input){.evt = c->evts[i],
		.evtnum = c->first_num + i,
		.evtsrc = c->plugin->source.len ? c->plugin->source.ptr : "syscall"};
}

/* Length, event aligned to 8, length of the wanted fields' blobs, the blobs. */
static void put_event(struct child *c, uint32_t i)
{
	struct lnr_wire *w = &c->wire;
	struct lnr_plugin_event *e = c->evts[i];
	/* Of an event whose length is wrong the agent gets what says so. */
	uint32_t len = !e ? 0 : has_length(e) ? e->len : (uint32_t)sizeof(*e);
	bool sound = has_length(e) && is_sound(c->plugin, e);
	if (sound)
		complete(c->plugin, e);
	lnr_wire_u32(w, len);
	lnr_wire_align(w);
	lnr_wire_bytes(w, e, len);
	size_t hole = lnr_wire_hole(w), from = w->out.len;
	const struct lnr_plugin_event_input evt = own_event(c, i);
	for (uint32_t k = 0; k < c->n_want; k++)
		put_values(c, c->want[k], sound ? &evt : NULL);
	lnr_wire_fill(w, hole, (uint32_t)(w->out.len - from));
}

static int on_next(struct child *c)
{
	struct lnr_wire *w = &c->wire;
	if (!c->handle)
		return -EBADMSG;
	if (c->at == c->n) {
		c->evts = NULL;
		c->n = c->at = 0;
		c->rc = c->plugin->api.next_batch(c->inst->state, c->handle, &c->n, &c->evts);
		if (c->n && !c->evts)
			return say_error(c, "a batch without events");
		c->first_num = c->num + 1;
		c->num += c->n;
	}
	lnr_wire_begin(w, LNR_WIRE_BATCH);
	size_t rc = lnr_wire_hole(w);
	lnr_wire_u32(w, c->at);
	size_t count = lnr_wire_hole(w);
	uint32_t n = 0;
	for (; c->at < c->n && w->out.len < LNR_PLUGIN_BATCH_BYTES; n++)
		put_event(c, c->at++);
	/* What the plugin said counts when all events are there. */
	bool failed = c->at == c->n && c->rc != LNR_PLUGIN_SUCCESS && c->rc != LNR_PLUGIN_TIMEOUT &&
		      c->rc != LNR_PLUGIN_EOF;
	lnr_wire_fill(w, rc, (uint32_t)(c->at < c->n ? LNR_PLUGIN_SUCCESS : c->rc));
	lnr_wire_fill(w, count, n);
	lnr_wire_text(w, failed ? lnr_plugin_last_error(c->inst) : NULL);
	return answer(c);
}

/* An event that is not the plugin's own: kept, because further questions may be about it. */
static int take_other(struct child *c, struct lnr_wire_in *in)
{
	uint64_t evtnum = lnr_wire_get_u64(in);
	struct lnr_str source = lnr_wire_get_text(in);
	uint32_t len = lnr_wire_get_u32(in);
	const void *p = lnr_wire_get_bytes(in, len);
	if (!p || len < sizeof(struct lnr_plugin_event))
		return -EBADMSG;
	if (len > c->other_cap) {
		uint8_t *more = realloc(c->other, len);
		if (!more)
			return -ENOMEM;
		c->other = more;
		c->other_cap = len;
	}
	memcpy(c->other, p, len);
	snprintf(c->other_source, sizeof(c->other_source), "%s", source.ptr ? source.ptr : "");
	c->other_evtnum = evtnum;
	c->other_num = ++c->num;
	return 0;
}

static int get_event(struct child *c, struct lnr_wire_in *in, struct lnr_plugin_event_input *ret)
{
	uint32_t which = lnr_wire_get_u32(in), at;
	int r = 0;
	switch (which) {
	case LNR_WIRE_EVENT_OWN:
		at = lnr_wire_get_u32(in);
		if (in->bad || at >= c->n || !c->evts[at])
			return -EBADMSG;
		*ret = own_event(c, at);
		return 0;
	case LNR_WIRE_EVENT_OTHER:
		r = take_other(c, in);
		break;
	case LNR_WIRE_EVENT_SAME:
		r = c->other_num ? 0 : -EBADMSG;
		break;
	default:
		return -EBADMSG;
	}
	*ret = (struct lnr_plugin_event_input){.evt = (const struct lnr_plugin_event *)c->other,
		.evtnum = c->other_num,
		.evtsrc = c->other_source};
	return r;
}

static int on_extract(struct child *c, struct lnr_wire_in *in)
{
	struct lnr_plugin_event_input evt;
	int r = c->inst && c->plugin->n_fields ? get_event(c, in, &evt) : -EBADMSG;
	uint32_t n = lnr_wire_get_u32(in);
	if (r || n > c->n_asks)
		return r ? r : -EBADMSG;
	lnr_wire_begin(&c->wire, LNR_WIRE_VALUES);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = lnr_wire_get_u32(in);
		if (in->bad || k >= c->n_asks)
			return -EBADMSG;
		put_values(c, k, &evt);
	}
	return answer(c);
}

static int on_text(struct child *c, struct lnr_wire_in *in)
{
	struct lnr_plugin_event_input evt;
	int r = c->inst ? get_event(c, in, &evt) : -EBADMSG;
	if (r)
		return r;
	lnr_wire_begin(&c->wire, LNR_WIRE_SAID_TEXT);
	lnr_wire_text(&c->wire, lnr_plugin_event_text(c->inst, &evt));
	return answer(c);
}

/* --- the rest --- */

static int on_params(struct child *c)
{
	int32_t rc = LNR_PLUGIN_FAILURE;
	if (!c->inst || !c->plugin->api.list_open_params)
		return -EBADMSG;
	const char *text = c->plugin->api.list_open_params(c->inst->state, &rc);
	if (rc != LNR_PLUGIN_SUCCESS)
		return say_error(c, lnr_plugin_last_error(c->inst));
	lnr_wire_begin(&c->wire, LNR_WIRE_SAID_TEXT);
	lnr_wire_text(&c->wire, text);
	return answer(c);
}

static int on_metrics(struct child *c)
{
	uint32_t n = 0;
	const struct lnr_plugin_metric *m = NULL;
	if (c->inst && c->plugin->api.get_metrics)
		m = c->plugin->api.get_metrics(c->inst->state, &n);
	n = m && n <= LNR_PLUGIN_VALUES_MAX ? n : 0;
	lnr_wire_begin(&c->wire, LNR_WIRE_NUMBERS);
	lnr_wire_u32(&c->wire, n);
	for (uint32_t i = 0; i < n; i++) {
		lnr_wire_text(&c->wire, m[i].name);
		lnr_wire_u32(&c->wire, m[i].type);
		lnr_wire_u32(&c->wire, m[i].value_type);
		lnr_wire_u64(&c->wire, m[i].value.u64);
	}
	return answer(c);
}

static int on_end(struct child *c)
{
	if (c->handle)
		c->plugin->api.close(c->inst->state, c->handle);
	c->handle = NULL;
	lnr_plugin_stop(c->inst);
	c->inst = NULL;
	int r = say_done(c);
	return r ? r : -ENODATA;
}

static int serve_one(struct child *c, struct lnr_wire_msg *m)
{
	switch (m->kind) {
	case LNR_WIRE_LOAD:
		return on_load(c, &m->body);
	case LNR_WIRE_INIT:
		return on_init(c, &m->body);
	case LNR_WIRE_OPEN:
		return on_open(c, &m->body);
	case LNR_WIRE_NEXT:
		return on_next(c);
	case LNR_WIRE_ASK:
		return on_ask(c, &m->body);
	case LNR_WIRE_WANT:
		return on_want(c, &m->body);
	case LNR_WIRE_FORGET:
		forget(c);
		return 0;
	case LNR_WIRE_EXTRACT:
		return on_extract(c, &m->body);
	case LNR_WIRE_TEXT:
		return on_text(c, &m->body);
	case LNR_WIRE_PARAMS:
		return on_params(c);
	case LNR_WIRE_METRICS:
		return on_metrics(c);
	case LNR_WIRE_END:
		return on_end(c);
	default:
		return -EBADMSG;
	}
}

/* --- the process --- */

/* The agent is gone, whatever the plugin is doing. */
static void *watch_agent(void *arg)
{
	struct pollfd p = {.fd = *(int *)arg, .events = 0};
	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* No rights beyond those of the user, none to be had by programs that it may start. */
static int reduce_rights(void)
{
	cap_t none = cap_init();
	int r = none && !cap_set_proc(none) ? 0 : -errno;
	cap_free(none);
	if (!r && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		r = -errno;
	return r;
}

/* Nothing of the agent is left but the socket and its log; what a plugin prints goes there. */
static void cut_ties(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
#ifdef SYS_close_range
	syscall(SYS_close_range, LNR_PLUGIN_CHILD_FD + 1, ~0U, 0);
#endif
	/* A program that the plugin starts must not hold it: its end tells that this process ended.
	 */
	fcntl(LNR_PLUGIN_CHILD_FD, F_SETFD, FD_CLOEXEC);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	prctl(PR_SET_NAME, "lanner-plugin", 0, 0, 0);
	/* They are sent to the whole group of the service; the agent ends its plugins itself. */
	for (size_t i = 0; i < LNR_ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

static int start_watching(int *fd)
{
	pthread_t t;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int r = pthread_create(&t, NULL, watch_agent, fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r ? r : pthread_detach(t);
}

static int serve(struct child *c)
{
	struct lnr_wire_msg m;
	int r = 0;
	while (!r) {
		r = lnr_wire_recv(&c->wire, 0, &m);
		if (!r)
			r = serve_one(c, &m);
	}
	return r == -ENODATA || r == -EPIPE ? 0 : 1;
}

int lnr_plugin_child(void)
{
	struct child c = {.log = {.max = LNR_LOG_DEBUG, .sink = log_line}};
	int fd = LNR_PLUGIN_CHILD_FD;
	cut_ties();
	if (reduce_rights() || start_watching(&fd))
		return 1;
	lnr_wire_init(&c.wire, fd);
	pthread_mutex_init(&c.lock, NULL);
	c.log.user = &c;
	c.asks = calloc(LNR_PLUGIN_ASKS_MAX, sizeof(*c.asks));
	c.want = calloc(LNR_PLUGIN_ASKS_MAX, sizeof(*c.want));
	int status = c.asks && c.want ? serve(&c) : 1;
	/* What the plugin still runs must not meet memory that was freed, nor its own clean-up. */
	fflush(NULL);
	_exit(status);
}
