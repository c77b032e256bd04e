/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's side of an isolated plugin: its process, and the functions of a plugin as questions
 * to it. What arrives was written by a process that may be broken: isolated_read.c reads it.
 */
#include "plugin/isolated.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/util.h"
#include "plugin/isolated_priv.h"
#include "schema/limits.h"

extern char **environ;

static uint64_t now_ns(void)
{
	return lnr_mono_ns(lnr_clock_system());
}

/* --- the process --- */

/* The other end of a new socket becomes descriptor 3 of the program. */
static int spawn(const char *const *argv, int *ret_fd, pid_t *ret_pid)
{
	static const char *const self[] = {"/proc/self/exe", "plugin-child", NULL};
	int fds[2];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	if (!argv)
		argv = self;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	/* A group of its own: what is typed at the agent's terminal is for the agent. */
	int r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&actions, fds[1], LNR_PLUGIN_CHILD_FD);
	if (!r)
		r = posix_spawnattr_setflags(&attr,
			POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!r)
		r = posix_spawnattr_setpgroup(&attr, 0);
	if (!r)
		r = posix_spawnattr_setsigmask(&attr, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(&attr, &all);
	if (!r)
		r = posix_spawn(
			ret_pid, argv[0], &actions, &attr, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	if (r) {
		close(fds[0]);
		return -r;
	}
	*ret_fd = fds[0];
	return 0;
}

/* Ends the process if it has not ended; says how it did. */
static void reap(pid_t pid, bool kill_it, char *ret, size_t size)
{
	int status = 0;
	pid_t r;
	/* Never -1 or 0: those are many processes. */
	if (pid > 1 && kill_it)
		kill(pid, SIGKILL);
	do
		r = pid > 1 ? waitpid(pid, &status, 0) : -1;
	while (r < 0 && errno == EINTR);
	if (r < 0)
		snprintf(ret, size, "its process is gone");
	else if (WIFSIGNALED(status))
		snprintf(ret, size, "its process was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		snprintf(ret, size, "its process ended with status %d", WEXITSTATUS(status));
}

/* Whoever closes the socket is about to end; one that only closed it is helped. */
#define GRACE_MS 200

static bool has_ended(pid_t pid)
{
	siginfo_t si = {0};
	return pid <= 1 || waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) ||
	       si.si_pid == pid;
}

static void reap_ended(pid_t pid, char *ret, size_t size)
{
	for (int i = 0; i < GRACE_MS / 5 && !has_ended(pid); i++)
		poll(NULL, 0, 5);
	reap(pid, true, ret, size);
}

/* --- one conversation --- */

static void forward_log(struct lnr_log *log, struct lnr_wire_in *in)
{
	uint32_t level = lnr_wire_get_u32(in);
	struct lnr_str text = lnr_wire_get_text(in);
	if (level <= LNR_LOG_DEBUG && text.ptr)
		lnr_log(log, (enum lnr_log_level)level, "%s", text.ptr);
}

/* An answer of this kind; -EREMOTEIO: it is an error, whose text is in `why`. */
static int await(
	struct lnr_isolated *s, enum lnr_wire_kind kind, uint64_t deadline, struct lnr_wire_in *ret)
{
	struct lnr_wire_msg m;
	for (;;) {
		int r = lnr_wire_recv(&s->wire, deadline, &m);
		if (r)
			return r;
		if (m.kind == LNR_WIRE_LOG) {
			forward_log(s->log, &m.body);
			continue;
		}
		*ret = m.body;
		if (m.kind == kind)
			return 0;
		if (m.kind != LNR_WIRE_ERROR)
			return -EBADMSG;
		struct lnr_str text = lnr_wire_get_text(ret);
		snprintf(s->why, sizeof(s->why), "%.*s", LNR_STR_ARG(text));
		return -EREMOTEIO;
	}
}

/* The process is gone, or goes now: why it came to that, while it was `doing` something. */
static void hang_up(struct lnr_isolated *s, int r, const char *doing, uint64_t limit_ms)
{
	char how[160];
	bool dead = r == -EPIPE;
	if (dead)
		reap_ended(s->pid, how, sizeof(how));
	else
		reap(s->pid, true, how, sizeof(how));
	s->pid = 0;
	lnr_wire_done(&s->wire);
	if (dead)
		snprintf(s->why, sizeof(s->why), "%s in %s()", how, doing);
	else if (r == -EAGAIN)
		snprintf(s->why, sizeof(s->why), "%s() did not return within %llu ms", doing,
			(unsigned long long)limit_ms);
	else if (r == -EBADMSG)
		snprintf(s->why, sizeof(s->why), "its process answers nonsense to %s()", doing);
	else if (r != -EREMOTEIO)
		snprintf(s->why, sizeof(s->why), "%s(): %s", doing, strerror(-r));
}

/* Questions that start it, all at once: the answers come when they are ready. */
static int ask_to_start(struct lnr_isolated *s, bool load_only)
{
	uint64_t deadline = now_ns() + s->plugin->start_ms * LNR_NS_PER_MS;
	lnr_wire_begin(&s->wire, LNR_WIRE_LOAD);
	lnr_wire_text(&s->wire, s->plugin->path);
	int r = lnr_wire_send(&s->wire, deadline);
	if (!r && !load_only) {
		lnr_wire_begin(&s->wire, LNR_WIRE_INIT);
		lnr_wire_text(&s->wire, s->config);
		r = lnr_wire_send(&s->wire, deadline);
	}
	if (!r && !load_only && s->params) {
		lnr_wire_begin(&s->wire, LNR_WIRE_OPEN);
		lnr_wire_text(&s->wire, s->params);
		r = lnr_wire_send(&s->wire, deadline);
	}
	s->start_by_ns = deadline;
	s->stage = LNR_ISOLATED_LOADS;
	return r;
}

static int begin(struct lnr_isolated *s, bool load_only)
{
	int fd, r = spawn(s->plugin->child, &fd, &s->pid);
	if (r) {
		snprintf(s->why, sizeof(s->why), "cannot start %s: %s",
			s->plugin->child ? s->plugin->child[0] : "this program", strerror(-r));
		return r;
	}
	lnr_wire_init(&s->wire, fd);
	s->pending = false;
	lnr_isolated_forget(s);
	r = ask_to_start(s, load_only);
	if (r)
		hang_up(s, r, "init", s->plugin->start_ms);
	return r;
}

int lnr_plugin_isolated_load(struct lnr_plugin *p, struct lnr_err *err)
{
	struct lnr_isolated s = {.plugin = p, .wire = {.fd = -1}};
	struct lnr_wire_in in;
	char how[160];
	int r = begin(&s, true);
	if (r)
		return lnr_fail(err, r, "%s", s.why);
	r = await(&s, LNR_WIRE_SAID, s.start_by_ns, &in);
	if (!r)
		r = lnr_plugin_read_said(&in, &p->arena, &p->said, err);
	else {
		/* The library runs code of its own when it is loaded. */
		hang_up(&s, r, "dlopen", p->start_ms);
		return lnr_fail(err, r == -EREMOTEIO ? -EINVAL : r, "%s", s.why);
	}
	lnr_wire_done(&s.wire);
	reap(s.pid, true, how, sizeof(how));
	return r;
}

/* A library that was replaced in between may number its fields in another way. */
static bool same_plugin(const struct lnr_isolated *s, struct lnr_wire_in *in)
{
	const struct lnr_plugin_said *was = &s->plugin->said;
	bool same = lnr_wire_get_u32(in) == was->id && lnr_wire_get_u64(in) == was->functions;
	for (size_t i = 0; i < LNR_SAID_COUNT; i++) {
		struct lnr_str t = lnr_wire_get_text(in);
		same &= t.ptr ? was->text[i] && strcmp(t.ptr, was->text[i]) == 0 : !was->text[i];
	}
	return same && !in->bad;
}

/* Goes on with the answers of a start; -EAGAIN: some are still missing at `deadline`. */
static int go_on(struct lnr_isolated *s, uint64_t deadline, const char **ret_doing)
{
	struct lnr_wire_in in;
	int r = 0;
	*ret_doing = "dlopen";
	if (s->stage == LNR_ISOLATED_LOADS) {
		r = await(s, LNR_WIRE_SAID, deadline, &in);
		if (!r && !same_plugin(s, &in)) {
			snprintf(s->why, sizeof(s->why),
				"the library was changed: reload the configuration");
			r = -EREMOTEIO;
		}
		if (r)
			return r;
		s->stage = LNR_ISOLATED_STARTS;
	}
	*ret_doing = "init";
	if (s->stage == LNR_ISOLATED_STARTS) {
		r = await(s, LNR_WIRE_STARTED, deadline, &in);
		if (!r)
			r = lnr_isolated_read_types(s, &in);
		if (r)
			return r;
		s->stage = s->params ? LNR_ISOLATED_OPENS : LNR_ISOLATED_UP;
	}
	*ret_doing = "open";
	if (s->stage == LNR_ISOLATED_OPENS) {
		r = await(s, LNR_WIRE_DONE, deadline, &in);
		if (r)
			return r;
		s->stage = LNR_ISOLATED_UP;
	}
	s->up_since_ns = now_ns();
	return 0;
}

/* --- when it goes wrong --- */

/* The process ended unasked, or was ended: told once, and tried again later if that is wanted. */
static void went_down(struct lnr_isolated *s, int r, const char *doing, uint64_t limit_ms)
{
	uint64_t now = now_ns();
	bool worked = s->stage == LNR_ISOLATED_UP;
	hang_up(s, r, doing, limit_ms);
	s->stage = LNR_ISOLATED_DOWN;
	s->n_ended++;
	if (worked && now - s->up_since_ns > LNR_PLUGIN_RESTART_MAX_MS * LNR_NS_PER_MS)
		s->wait_ms = 0;
	s->wait_ms = s->wait_ms ? s->wait_ms * 2 : LNR_PLUGIN_RESTART_MIN_MS;
	if (s->wait_ms > LNR_PLUGIN_RESTART_MAX_MS)
		s->wait_ms = LNR_PLUGIN_RESTART_MAX_MS;
	s->next_try_ns = now + s->wait_ms * LNR_NS_PER_MS;
	if (s->plugin->restart)
		lnr_log(s->log, LNR_LOG_CRITICAL, "plugin %s: %s; it is started again in %u s",
			s->plugin->name.ptr, s->why, s->wait_ms / 1000);
	else
		lnr_log(s->log, LNR_LOG_CRITICAL, "plugin %s: %s", s->plugin->name.ptr, s->why);
}

/* Can it be asked? Starts it again when it is time, without waiting for it. */
static bool is_up(struct lnr_isolated *s)
{
	const char *doing;
	if (s->stage == LNR_ISOLATED_UP)
		return true;
	if (s->stage == LNR_ISOLATED_DOWN) {
		if (!s->plugin->restart || now_ns() < s->next_try_ns)
			return false;
		int r = begin(s, false);
		if (r) {
			went_down(s, -EREMOTEIO, "init", 0);
			return false;
		}
	}
	int r = go_on(s, 1, &doing); /* a moment that has passed */
	if (r == -EAGAIN && now_ns() < s->start_by_ns)
		return false;
	if (r) {
		went_down(s, r, doing, s->plugin->start_ms);
		return false;
	}
	lnr_log(s->log, LNR_LOG_NOTICE, "plugin %s works again", s->plugin->name.ptr);
	return true;
}

/* --- questions --- */

/* Send what was written and wait for the answer. Down afterwards when that fails. */
static int question(struct lnr_isolated *s, enum lnr_wire_kind kind, const char *doing,
	uint64_t limit_ms, struct lnr_wire_in *ret)
{
	uint64_t deadline = now_ns() + limit_ms * LNR_NS_PER_MS;
	int r = lnr_wire_send(&s->wire, deadline);
	if (!r)
		r = await(s, kind, deadline, ret);
	if (r && r != -EREMOTEIO)
		went_down(s, r, doing, limit_ms);
	return r;
}

/* A batch that was asked for arrives before anything else is answered. */
static int take_pending(struct lnr_isolated *s, uint64_t deadline)
{
	struct lnr_wire_in in;
	int r = await(s, LNR_WIRE_BATCH, deadline, &in);
	if (!r)
		r = lnr_isolated_take_batch(s, &in);
	/* A process that the plugin forked may hold the socket open. */
	if (r == -EAGAIN && has_ended(s->pid))
		r = -EPIPE;
	if (r == -EAGAIN)
		return r;
	s->pending = false;
	if (r) {
		/* Fields that come with events were asked for as well. */
		went_down(s, r, s->n_wanted ? "next_batch() or extract_fields" : "next_batch",
			LNR_PLUGIN_FIELD_MS);
		return r;
	}
	s->has_batch = true;
	return 0;
}

/* Before a question that is not the next batch. */
static bool may_ask(struct lnr_isolated *s)
{
	if (!is_up(s))
		return false;
	return !s->pending || take_pending(s, now_ns() + LNR_PLUGIN_FIELD_MS * LNR_NS_PER_MS) == 0;
}

static void *do_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	struct lnr_plugin_instance *owner = in->owner;
	struct lnr_isolated *s = calloc(1, sizeof(*s));
	const char *doing = "init";
	*rc = LNR_PLUGIN_FAILURE;
	if (!s)
		return NULL;
	s->plugin = owner->plugin;
	s->log = owner->log;
	s->wire.fd = -1;
	lnr_arena_init(&s->values, LNR_PLUGIN_ARENA_BYTES);
	lnr_arena_init(&s->kept, LNR_PLUGIN_ARENA_BYTES);
	s->config = strdup(in->config);
	int r = s->config ? begin(s, false) : -ENOMEM;
	if (!s->config)
		snprintf(s->why, sizeof(s->why), "out of memory");
	if (r)
		return s;
	r = go_on(s, s->start_by_ns, &doing);
	if (r)
		hang_up(s, r, doing, s->plugin->start_ms);
	/* The process says who fails to start, and so does the agent. */
	lnr_isolated_shorten(s);
	*rc = r ? LNR_PLUGIN_FAILURE : LNR_PLUGIN_SUCCESS;
	return s;
}

/* What a plugin that waits for events gets at the end. */
#define END_MS 1000

static void do_destroy(void *state)
{
	struct lnr_isolated *s = state;
	struct lnr_wire_in in;
	char how[160];
	uint64_t limit_ms = s->pending ? END_MS : s->plugin->start_ms;
	uint64_t deadline = now_ns() + limit_ms * LNR_NS_PER_MS;
	int r = 0;
	if (s->stage == LNR_ISOLATED_UP) {
		lnr_wire_begin(&s->wire, LNR_WIRE_END);
		r = lnr_wire_send(&s->wire, deadline);
		if (!r && s->pending)
			r = await(s, LNR_WIRE_BATCH, deadline, &in);
		if (!r || r == -EREMOTEIO)
			r = await(s, LNR_WIRE_DONE, deadline, &in);
		if (r) {
			hang_up(s, r, s->pending ? "next_batch" : "destroy", limit_ms);
			lnr_log(s->log, LNR_LOG_WARNING, "plugin %s: at its end, %s",
				s->plugin->name.ptr, s->why);
		}
	}
	lnr_wire_done(&s->wire);
	if (s->pid && s->stage == LNR_ISOLATED_UP)
		reap_ended(s->pid, how, sizeof(how));
	else if (s->pid)
		reap(s->pid, true, how, sizeof(how));
	lnr_isolated_done(s);
	free(s);
}

static const char *do_last_error(void *state)
{
	const struct lnr_isolated *s = state;
	return s->why;
}

static void *do_open(void *state, const char *params, int32_t *rc)
{
	struct lnr_isolated *s = state;
	struct lnr_wire_in in;
	*rc = LNR_PLUGIN_FAILURE;
	if (s->stage != LNR_ISOLATED_UP)
		return NULL;
	lnr_wire_begin(&s->wire, LNR_WIRE_OPEN);
	lnr_wire_text(&s->wire, params);
	if (question(s, LNR_WIRE_DONE, "open", s->plugin->start_ms, &in))
		return NULL;
	/* From here on every start opens the source as well. */
	s->params = strdup(params);
	if (!s->params)
		return NULL;
	*rc = LNR_PLUGIN_SUCCESS;
	return s;
}

/* The source is closed when the plugin is stopped, which is done next. */
static void do_close(void *state, void *handle)
{
	(void)state;
	(void)handle;
}

/* How long the agent waits for events before it looks at other things, as a plugin should. */
#define LOOK_MS 30

static int32_t do_next_batch(
	void *state, void *handle, uint32_t *n, struct lnr_plugin_event ***evts)
{
	struct lnr_isolated *s = state;
	(void)handle;
	*n = 0;
	*evts = NULL;
	if (!is_up(s)) {
		if (!s->plugin->restart)
			return LNR_PLUGIN_FAILURE;
		poll(NULL, 0, LOOK_MS);
		return LNR_PLUGIN_TIMEOUT;
	}
	if (!s->pending && !s->has_batch) {
		int r = lnr_isolated_want(s);
		if (!r) {
			lnr_wire_begin(&s->wire, LNR_WIRE_NEXT);
			r = lnr_wire_send(&s->wire, now_ns() + LNR_PLUGIN_FIELD_MS * LNR_NS_PER_MS);
		}
		if (r)
			went_down(s, r, "next_batch", LNR_PLUGIN_FIELD_MS);
		s->pending = !r;
	}
	if (s->pending)
		take_pending(s, now_ns() + LOOK_MS * LNR_NS_PER_MS);
	if (!s->has_batch)
		return s->stage == LNR_ISOLATED_UP || s->plugin->restart ? LNR_PLUGIN_TIMEOUT
									 : LNR_PLUGIN_FAILURE;
	s->has_batch = false;
	s->event = 0;
	*n = s->batch.n;
	*evts = s->batch.evts;
	bool fine = s->batch.rc == LNR_PLUGIN_SUCCESS || s->batch.rc == LNR_PLUGIN_TIMEOUT ||
		    s->batch.rc == LNR_PLUGIN_EOF;
	/* A failure that the plugin reports costs no more than one that it does not survive. */
	if (!fine && s->plugin->restart) {
		went_down(s, -EREMOTEIO, "next_batch", 0);
		return LNR_PLUGIN_TIMEOUT;
	}
	return s->batch.rc;
}

static uint16_t *do_extract_types(uint32_t *n, void *state)
{
	struct lnr_isolated *s = state;
	*n = s->n_types;
	return s->types;
}

static int32_t do_extract(void *state, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_input *in)
{
	struct lnr_isolated *s = state;
	struct lnr_wire_in answer;
	for (uint32_t i = 0; i < in->num_fields; i++) {
		struct lnr_plugin_extract_field *f = &in->fields[i];
		struct lnr_str blob;
		if (!lnr_isolated_known(s, evt, f, &blob)) {
			if (!may_ask(s) || lnr_isolated_write_question(s, evt, f) ||
				question(s, LNR_WIRE_VALUES, "extract_fields", LNR_PLUGIN_FIELD_MS,
					&answer)) {
				s->n_lost++;
				return LNR_PLUGIN_FAILURE;
			}
			if (lnr_isolated_read_answer(s, &answer, &blob)) {
				went_down(s, -EBADMSG, "extract_fields", 0);
				return LNR_PLUGIN_FAILURE;
			}
		}
		if (i == 0)
			lnr_arena_reset(&s->values);
		if (!lnr_plugin_read_values(blob, &s->values, f))
			f->res_len = 0;
	}
	return LNR_PLUGIN_SUCCESS;
}

/* A text of an answer, kept until the next. */
static const char *keep_text(struct lnr_isolated *s, struct lnr_wire_in *in)
{
	struct lnr_str t = lnr_wire_get_text(in);
	free(s->text);
	s->text = t.ptr ? strndup(t.ptr, t.len) : NULL;
	return s->text;
}

static const char *do_event_text(void *state, const struct lnr_plugin_event_input *evt)
{
	struct lnr_isolated *s = state;
	struct lnr_wire_in in;
	if (!may_ask(s))
		return NULL;
	lnr_wire_begin(&s->wire, LNR_WIRE_TEXT);
	lnr_isolated_write_event(s, evt);
	int r = question(s, LNR_WIRE_SAID_TEXT, "event_to_string", LNR_PLUGIN_FIELD_MS, &in);
	return r ? NULL : keep_text(s, &in);
}

static const char *do_open_params(void *state, int32_t *rc)
{
	struct lnr_isolated *s = state;
	struct lnr_wire_in in;
	*rc = LNR_PLUGIN_FAILURE;
	if (!may_ask(s))
		return NULL;
	lnr_wire_begin(&s->wire, LNR_WIRE_PARAMS);
	if (question(s, LNR_WIRE_SAID_TEXT, "list_open_params", s->plugin->start_ms, &in))
		return NULL;
	*rc = LNR_PLUGIN_SUCCESS;
	return keep_text(s, &in);
}

/* While it looks for events for long it cannot count: the last numbers are given. */
static struct lnr_plugin_metric *do_metrics(void *state, uint32_t *n)
{
	struct lnr_isolated *s = state;
	struct lnr_wire_in in;
	bool free_now = is_up(s) &&
			(!s->pending || !take_pending(s, now_ns() + LOOK_MS * 3 * LNR_NS_PER_MS));
	if (free_now) {
		lnr_wire_begin(&s->wire, LNR_WIRE_METRICS);
		if (!question(s, LNR_WIRE_NUMBERS, "get_metrics", LNR_PLUGIN_FIELD_MS, &in) &&
			lnr_isolated_read_metrics(s, &in))
			went_down(s, -EBADMSG, "get_metrics", 0);
	}
	*n = s->n_metrics;
	return s->metrics;
}

static const char *no_text(void)
{
	return NULL;
}

void lnr_plugin_isolated_end(void *state, const char *why)
{
	struct lnr_isolated *s = state;
	snprintf(s->why, sizeof(s->why), "%s", why);
	went_down(s, -EREMOTEIO, "next_batch", 0);
}

void lnr_plugin_isolated_counts(const void *state, uint64_t *ret_ended, uint64_t *ret_lost)
{
	const struct lnr_isolated *s = state;
	*ret_ended = s->n_ended;
	*ret_lost = s->n_lost;
}

const struct lnr_plugin_api *lnr_plugin_isolated_api(void)
{
	/* What is said before the start was said once and is not asked again. */
	static const struct lnr_plugin_api api = {.init = do_init,
		.destroy = do_destroy,
		.get_last_error = do_last_error,
		.open = do_open,
		.close = do_close,
		.next_batch = do_next_batch,
		.list_open_params = do_open_params,
		.event_to_string = do_event_text,
		.get_extract_event_types = do_extract_types,
		.extract_fields = do_extract,
		.get_fields = no_text,
		.get_metrics = do_metrics};
	return &api;
}
