/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One source of events from bytes to alerts. lnr_engine_step() is the table of contents of the
 * product: take a record, index it, let the state learn from it, ask the rules, hand out alerts.
 */
#include "engine/self_priv.h"
#include "plugin/async.h"

#include <stdlib.h>
#include <unistd.h>
#include "base/util.h"
#include "capture/scap.h"
#include "engine/plugins_priv.h"
#include "fields/core/names.h"
#include "schema/limits.h"
#include "state/plugin_tables.h"

const char *lnr_version(void)
{
	return LNR_VERSION;
}

static void find_hostname(struct lnr_engine *e)
{
	const char *name = e->opts.hostname ? e->opts.hostname : getenv("FALCO_HOSTNAME");
	if (name)
		snprintf(e->hostname, sizeof(e->hostname), "%s", name);
	else if (gethostname(e->hostname, sizeof(e->hostname) - 1))
		e->hostname[0] = 0;
	if (e->opts.kind != LNR_ENGINE_PLUGIN || !e->opts.no_hostinfo)
		snprintf(e->evt_hostname, sizeof(e->evt_hostname), "%s", e->hostname);
}

/* Everything that depends on the rule set, made beside the old one. */
struct rules_side {
	struct lnr_ruleset *rules;
	struct lnr_matcher *matcher;
	struct lnr_matcher **by_plugin;
	size_t n_plugins;
	uint64_t *matches;
	const struct lnr_rule **hits;
};

static void rules_side_done(struct rules_side *s)
{
	lnr_matcher_free(s->matcher);
	for (size_t i = 0; s->by_plugin && i < s->n_plugins; i++)
		lnr_matcher_free(s->by_plugin[i]);
	free(s->by_plugin);
	lnr_ruleset_unref(s->rules);
	free(s->matches);
	free(s->hits);
	memset(s, 0, sizeof(*s));
}

/* A file may hold events of any source: those of each plugin are judged by rules for it. */
static int plugin_matchers(struct rules_side *s, const struct lnr_plugins *p, bool match_all)
{
	int r = 0;
	s->n_plugins = p->n;
	s->by_plugin = calloc(p->n + 1, sizeof(struct lnr_matcher *));
	if (!s->by_plugin)
		return -ENOMEM;
	for (size_t i = 0; !r && i < p->n; i++) {
		if (p->v[i]->source.len)
			r = lnr_matcher_new(s->rules, p->v[i]->source, match_all, &s->by_plugin[i]);
	}
	return r;
}

static int rules_side_init(struct rules_side *s, const struct lnr_engine *e,
	struct lnr_rules *rules, struct lnr_err *err)
{
	bool match_all = e->opts.match_all;
	memset(s, 0, sizeof(*s));
	if (!rules)
		return 0;
	int r = lnr_rules_compiled(rules, &s->rules);
	if (r)
		return lnr_fail(err, r, "cannot compile the rules: %s", strerror(-r));
	uint32_t n = lnr_ruleset_count(s->rules);
	s->matches = calloc(n + 1, sizeof(*s->matches));
	s->hits = calloc(n + 1, sizeof(*s->hits));
	r = s->matches && s->hits ? lnr_matcher_new(s->rules, e->source, match_all, &s->matcher)
				  : -ENOMEM;
	if (!r && e->plugins && e->opts.kind == LNR_ENGINE_REPLAY)
		r = plugin_matchers(s, e->plugins, match_all);
	if (r) {
		rules_side_done(s);
		return lnr_fail(err, r, "cannot prepare the rules: %s", strerror(-r));
	}
	return 0;
}

/* What the engine has now. */
static struct rules_side rules_side_of(const struct lnr_engine *e)
{
	return (struct rules_side){.rules = e->rules,
		.matcher = e->matcher,
		.by_plugin = e->by_plugin,
		.n_plugins = e->plugins ? e->plugins->n : 0,
		.matches = e->matches,
		.hits = e->hits};
}

static void rules_side_swap(struct lnr_engine *e, struct rules_side *s)
{
	struct rules_side old = rules_side_of(e);
	e->rules = s->rules;
	e->matcher = s->matcher;
	e->by_plugin = s->by_plugin;
	e->matches = s->matches;
	e->hits = s->hits;
	*s = old;
}

/* Capture files and whoever is told of each event see also what no rule can want. */
static void select_calls(
	const struct lnr_engine *e, struct lnr_ruleset *rules, struct lnr_selection *ret)
{
	const struct lnr_select_opts so = {.all = e->opts.all_syscalls,
		.repair = e->opts.repair,
		.keep_unwanted = e->opts.keep_unwanted || e->opts.on_event ||
				 e->opts.capture_prefix ||
				 lnr_plugin_set_parses(&e->plugin_set, e->source),
		.whole_state = lnr_plugin_set_looks(&e->plugin_set, e->source),
		.custom_set = (const char *const *)e->custom_set,
		.log = e->opts.log};
	lnr_select_syscalls(rules, &so, ret);
}

static int open_live(struct lnr_engine *e, struct lnr_err *err)
{
	select_calls(e, e->rules, &e->selection);
	const struct lnr_ring_opts ro = {.size = sizeof(ro),
		.buffer_bytes = e->opts.buffer_bytes,
		.cpus_per_buffer = e->opts.cpus_per_buffer,
		.snaplen = e->opts.snaplen,
		.drop_failed = e->opts.drop_failed,
		.stats = e->opts.program_stats,
		.syscalls = e->selection.wanted.bits,
		.syscalls_len = sizeof(e->selection.wanted.bits),
		.state_only = e->selection.state_only.bits,
		.success_only = e->selection.success_only.bits,
		.only_tgid = e->opts.only_tgid,
		.log = e->opts.log,
		.clock = e->opts.clock};
	int r = lnr_ring_open(&ro, &e->capture, err);
	if (r)
		return r;
	/* Attached first, scanned second: what starts in between is in the ring. */
	return lnr_state_scan(e->state, err);
}

static int open_file(struct lnr_engine *e, struct lnr_err *err)
{
	if (!e->opts.capture_file)
		return lnr_fail(err, -EINVAL, "replay needs a capture file");
	int r = lnr_scap_open(e->opts.capture_file, e->opts.log, &e->capture, err);
	if (!r && e->capture->ops->populate)
		r = e->capture->ops->populate(e->capture, e->state, err);
	if (r)
		return r;
	const char *host = lnr_scap_hostname(e->capture);
	if (host)
		snprintf(e->evt_hostname, sizeof(e->evt_hostname), "%s", host);
	return 0;
}

/* Nothing is armed for a file, yet names that do not exist are worth the same warning. */
static void check_custom_set(struct lnr_engine *e)
{
	const struct lnr_select_opts so = {.custom_set = e->opts.custom_set, .log = e->opts.log};
	struct lnr_selection unused;
	if (e->opts.custom_set && e->opts.custom_set[0])
		lnr_select_syscalls(e->rules, &so, &unused);
}

/* Before the source: it may be one of them. A capture file may have events for any. */
static int open_plugins(struct lnr_engine *e, struct lnr_err *err)
{
	const struct lnr_str any = {NULL, 0};
	bool replay = e->opts.kind == LNR_ENGINE_REPLAY;
	int r = 0;
	if (e->plugins)
		r = lnr_plugin_set_open(&e->plugin_set, e->plugins, replay ? any : e->source,
			e->opts.kind == LNR_ENGINE_PLUGIN || e->opts.kind == LNR_ENGINE_NODRIVER,
			e->state, e->opts.log, err);
	if (r || e->opts.kind != LNR_ENGINE_PLUGIN || e->plugin_set.source)
		return r;
	return lnr_fail(err, -ENOENT, "no plugin provides the event source \"%s\"",
		e->opts.source ? e->opts.source : "");
}

/* The source alone; the state is there, and filled where the source is one of system calls. */
static int open_capture(struct lnr_engine *e, struct lnr_err *err)
{
	int r;
	if (e->plugin_set.source)
		return lnr_plugins_open_source(
			e->plugin_set.source, e->opts.clock, &e->capture, err);
	switch (e->opts.kind) {
	case LNR_ENGINE_LIVE:
		r = lnr_plugin_set_check_schema(&e->plugin_set, err);
		return r ? r : open_live(e, err);
	case LNR_ENGINE_REPLAY:
		check_custom_set(e);
		return open_file(e, err);
	case LNR_ENGINE_PLUGIN:
	case LNR_ENGINE_NODRIVER:
		return lnr_capture_memory(NULL, 0, &e->capture, err);
	}
	return lnr_fail(err, -EINVAL, "unknown kind of engine %d", (int)e->opts.kind);
}

/* Whoever is writing a file tells its readers. */
static void on_user(void *user, struct lnr_str container, const struct lnr_user *u,
	const struct lnr_group *g, bool gone)
{
	struct lnr_engine *e = user;
	if (e->recorder)
		lnr_recorder_user(e->recorder, e->ev.ts, container, u, g, gone);
	if (e->dump)
		lnr_dump_user(e->dump, e->ev.ts, container, u, g, gone);
}

static int open_source(struct lnr_engine *e, struct lnr_err *err)
{
	/* System calls of a plugin are of this machine's processes, as in the reference. */
	bool by_plugin = e->opts.kind == LNR_ENGINE_NODRIVER && e->plugins && e->plugins->n;
	const struct lnr_state_opts so = {.size = sizeof(so),
		.live = e->opts.kind == LNR_ENGINE_LIVE || by_plugin,
		.max_threads = e->opts.max_threads,
		.purge_interval_s = e->opts.purge_interval_s,
		.thread_timeout_s = e->opts.thread_timeout_s,
		.max_proc_lookups = -1,
		.import_users = true,
		.log = e->opts.log,
		.clock = e->opts.clock,
		.on_user = on_user,
		.user = e};
	/* Plugins see the state as tables from their start, so it is there first. */
	int r = lnr_state_new(&so, &e->state, err);
	if (!r)
		r = open_plugins(e, err);
	if (r)
		return r;
	r = open_capture(e, err);
	if (!r && by_plugin)
		r = lnr_state_scan(e->state, err);
	const struct lnr_set_live_opts lo = {.source = e->source,
		.live = e->opts.kind != LNR_ENGINE_REPLAY,
		.clock = e->opts.clock,
		.log = e->opts.log};
	return r ? r : lnr_plugin_set_begin(&e->plugin_set, &lo, err);
}

static int copy_custom_set(struct lnr_engine *e, const char *const *set)
{
	size_t n = 0;
	while (set && set[n])
		n++;
	if (!n)
		return 0;
	e->custom_set = calloc(n + 1, sizeof(*e->custom_set));
	for (size_t i = 0; e->custom_set && i < n; i++) {
		e->custom_set[i] = strdup(set[i]);
		if (!e->custom_set[i])
			return -ENOMEM;
	}
	return e->custom_set ? 0 : -ENOMEM;
}

static int open_dump(struct lnr_engine *e, struct lnr_err *err)
{
	if (!e->opts.capture_prefix)
		return 0;
	e->capture_prefix = strdup(e->opts.capture_prefix);
	if (!e->capture_prefix)
		return lnr_fail(err, -ENOMEM, "out of memory");
	e->opts.capture_prefix = e->capture_prefix;
	return lnr_dump_new(&e->opts, e->capture, e->state, &e->plugin_set, &e->dump, err);
}

int lnr_engine_new(const struct lnr_engine_opts *opts, struct lnr_engine **ret, struct lnr_err *err)
{
	if (opts->size != sizeof(*opts))
		return lnr_fail(err, -EINVAL, "struct lnr_engine_opts has size %zu, expected %zu",
			opts->size, sizeof(*opts));
	struct lnr_engine *e = calloc(1, sizeof(*e));
	if (!e)
		return lnr_fail(err, -ENOMEM, "out of memory");
	e->opts = *opts;
	e->plugins = opts->plugins ? lnr_plugins_ref(opts->plugins) : NULL;
	e->source = LNR_STR("syscall");
	if (opts->kind == LNR_ENGINE_PLUGIN)
		e->source = lnr_plugins_name(opts->plugins, opts->source);
	if (!e->opts.clock)
		e->opts.clock = lnr_clock_system();
	lnr_arena_init(&e->scratch, LNR_SCRATCH_BYTES);
	lnr_arena_init(&e->format_arena, LNR_RULES_ARENA_BYTES);
	lnr_strmap_init(&e->formats);
	lnr_buf_init(&e->work, LNR_ALERT_BYTES);
	lnr_alert_ids_init(&e->ids);
	find_hostname(e);
	struct rules_side side = {0};
	int r = copy_custom_set(e, opts->custom_set);
	if (!r)
		r = rules_side_init(&side, e, e->opts.rules, err);
	if (!r) {
		rules_side_swap(e, &side);
		r = open_source(e, err);
	}
	if (!r)
		r = open_dump(e, err);
	if (!r && e->opts.kind == LNR_ENGINE_LIVE) {
		e->names = lnr_names_new(lnr_names_getaddrinfo, NULL, e->opts.clock);
		r = e->names ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
	}
	if (r) {
		lnr_engine_free(e);
		return r;
	}
	e->opts.rules = NULL;	   /* the caller's */
	e->opts.custom_set = NULL; /* copied */
	e->ev.scratch = &e->scratch;
	e->ctx = (struct lnr_field_ctx){.ev = &e->ev,
		.state = e->state,
		.hostname = lnr_str_c(e->evt_hostname),
		.source = e->source,
		.mixed = e->opts.kind == LNR_ENGINE_REPLAY,
		.plugin = &e->plugin_set,
		.plugin_info = lnr_field_plugin_info,
		.time_mode = 'h',
		.buffer_format = e->opts.buffer_format,
		.live = e->opts.kind == LNR_ENGINE_LIVE,
		.names = e->names};
	if (opts->kind == LNR_ENGINE_PLUGIN)
		e->ctx.plugin_name = e->plugin_set.source->plugin->name;
	e->opts.source = NULL; /* the caller's */
	*ret = e;
	return 0;
}

struct lnr_engine *lnr_engine_free(struct lnr_engine *e)
{
	if (!e)
		return NULL;
	struct rules_side side = rules_side_of(e);
	rules_side_done(&side);
	e->dump = lnr_dump_free(e->dump);
	lnr_recorder_end(e->recorder, NULL);
	e->recorder = NULL;
	free(e->capture_prefix);
	lnr_plugin_set_end(&e->plugin_set, e->opts.log);
	lnr_capture_close(e->capture);
	lnr_plugin_set_done(&e->plugin_set); /* its events came from there */
	lnr_plugins_unref(e->plugins);
	lnr_state_free(e->state);
	lnr_names_free(e->names);
	free(e->format_slots);
	lnr_interner_free(e->format_interner);
	lnr_fieldset_unref(e->format_fields);
	lnr_strmap_done(&e->formats);
	lnr_arena_done(&e->format_arena);
	lnr_arena_done(&e->scratch);
	lnr_buf_done(&e->work);
	for (char **n = e->custom_set; n && *n; n++)
		free(*n);
	free(e->custom_set);
	free(e);
	return NULL;
}

/* --- other rules --- */

struct lnr_engine_next {
	struct rules_side side;
	struct lnr_selection selection; /* live */
};

/* Reads what of the engine does not change while it is stepped; loads into its probe. */
int lnr_engine_prepare(struct lnr_engine *e, struct lnr_rules *rules, struct lnr_engine_next **ret,
	struct lnr_err *err)
{
	struct lnr_engine_next *n = calloc(1, sizeof(*n));
	if (!n)
		return lnr_fail(err, -ENOMEM, "out of memory");
	int r = rules_side_init(&n->side, e, rules, err);
	if (!r && e->opts.kind == LNR_ENGINE_LIVE) {
		select_calls(e, n->side.rules, &n->selection);
		r = lnr_ring_extend(e->capture, n->selection.wanted.bits,
			sizeof(n->selection.wanted.bits), err);
	}
	if (r) {
		lnr_engine_next_free(n);
		return r;
	}
	*ret = n;
	return 0;
}

struct lnr_engine_next *lnr_engine_next_free(struct lnr_engine_next *n)
{
	if (!n)
		return NULL;
	rules_side_done(&n->side);
	free(n);
	return NULL;
}

void lnr_engine_swap(struct lnr_engine *e, struct lnr_engine_next *n)
{
	if (e->opts.kind == LNR_ENGINE_LIVE) {
		lnr_ring_choose(e->capture, n->selection.wanted.bits, n->selection.state_only.bits,
			n->selection.success_only.bits, sizeof(n->selection.wanted.bits));
		e->selection = n->selection;
	}
	rules_side_swap(e, &n->side);
}

int lnr_engine_reload(struct lnr_engine *e, struct lnr_rules *rules, struct lnr_err *err)
{
	struct lnr_engine_next *n = NULL;
	int r = lnr_engine_prepare(e, rules, &n, err);
	if (!r)
		lnr_engine_swap(e, n);
	lnr_engine_next_free(n);
	return r;
}

void lnr_engine_follow(struct lnr_engine *e, uint64_t ts)
{
	e->judged_until = ts;
}

uint64_t lnr_engine_events(const struct lnr_engine *e)
{
	return e->stats.events;
}

uint64_t lnr_engine_last_ts(const struct lnr_engine *e)
{
	return e->stats.last_ts;
}

static void raise_alerts(struct lnr_engine *e, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct lnr_rule *rule = e->hits[i];
		struct lnr_alert *a;
		e->matches[rule->id]++;
		e->stats.alerts++;
		if (!e->opts.on_alert)
			continue;
		if (lnr_alert_new(rule, &e->ctx, lnr_str_c(e->hostname), e->opts.time_iso8601,
			    &e->ids, &e->work, &a)) {
			lnr_log(e->opts.log, LNR_LOG_CRITICAL,
				"alert of rule \"%s\" lost: out of memory", rule->name.ptr);
			continue;
		}
		e->opts.on_alert(e->opts.user, a);
		lnr_alert_unref(a);
	}
}

static void raise_internal(struct lnr_engine *e, struct lnr_alert *a)
{
	if (e->opts.on_alert)
		e->opts.on_alert(e->opts.user, a);
	lnr_alert_unref(a);
}

static uint64_t number(void *user, const char *name)
{
	struct lnr_engine *e = user;
	for (unsigned i = 0; i < e->n_counters; i++) {
		if (strcmp(e->counters[i].name, name) == 0)
			return e->counters[i].value;
	}
	return 0;
}

/* Once per second of event time. */
static int check_drops(struct lnr_engine *e, struct lnr_err *err)
{
	struct lnr_alert *a;
	uint64_t n;
	/* The source's numbers only: those of the state take a walk over all threads. */
	e->n_counters = e->capture->ops->stats ? e->capture->ops->stats(e->capture, e->counters,
							 LNR_ENGINE_COUNTERS)
					       : 0;
	unsigned due = lnr_drops_check(&e->drops, &e->opts, e->ev.ts, number, e, &n);
	if (due & LNR_DROP_LOG)
		lnr_log(e->opts.log, LNR_LOG_DEBUG,
			"Falco internal: syscall event drop. %llu system calls dropped in last "
			"second.",
			(unsigned long long)n);
	if ((due & LNR_DROP_ALERT) &&
		!lnr_drops_alert(&e->drops, &e->opts, e->ev.ts, n, e->hostname, number, e, &a))
		raise_internal(e, a);
	if (!(due & LNR_DROP_EXIT))
		return 0;
	lnr_log(e->opts.log, LNR_LOG_CRITICAL, "%llu events were lost in the last second",
		(unsigned long long)n);
	return lnr_fail(err, -EOVERFLOW, "events were lost: syscall_event_drops.actions says exit");
}

static void tell_full(struct lnr_engine *e, uint64_t written)
{
	struct lnr_alert *a;
	char mb[24], bytes[24];
	const char *fields[] = {"max_file_size_mb", mb, "written_bytes", bytes, NULL};
	snprintf(mb, sizeof(mb), "%u", e->opts.capture_max_mb);
	snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)written);
	if (!lnr_alert_internal("Falco internal: capture size limit reached",
		    LNR_PRIO_INFORMATIONAL, lnr_wall_ns(e->opts.clock),
		    "Falco internal: capture size limit reached", fields, e->hostname, &a))
		raise_internal(e, a);
}

/*
 * A capture file has events of system calls and of plugins, which tell by their id. Sets whose
 * event this is; returns who judges it, NULL = no rule.
 */
static struct lnr_matcher *choose_source(struct lnr_engine *e)
{
	uint32_t id = 0;
	int owner = lnr_plugins_owner(e->plugins, &e->ev, &id);
	const struct lnr_plugin *p = owner >= 0 ? e->plugins->v[owner] : NULL;
	if (owner == LNR_OWNER_SYSCALL && !e->foreign)
		return e->matcher;
	e->foreign = owner != LNR_OWNER_SYSCALL;
	e->ctx.source = p ? p->source : e->foreign ? LNR_STR("") : e->source;
	e->ctx.plugin_name = p ? p->name : LNR_STR("");
	e->plugin_set.source = p ? e->plugin_set.v[owner] : NULL;
	if (owner == LNR_OWNER_UNKNOWN && !e->told_unknown) {
		e->told_unknown = true;
		lnr_log(e->opts.log, LNR_LOG_WARNING,
			"the capture has events of plugin id %u, which is not loaded: no rule sees "
			"them",
			id);
	}
	if (!e->foreign)
		return e->matcher;
	return p && e->by_plugin ? e->by_plugin[owner] : NULL;
}

/* The event is decoded: state, rules, alerts, capture file. */
static int judge(struct lnr_engine *e, const struct lnr_capture_item *item, struct lnr_err *err)
{
	struct lnr_matcher *matcher = e->ctx.mixed ? choose_source(e) : e->matcher;
	bool visible = lnr_state_enter(e->state, &e->ev) && !(item->flags & LNR_ITEM_STATE_ONLY) &&
		       (!e->judged_until || e->ev.ts > e->judged_until);
	uint64_t full = 0;
	unsigned n = 0;
	int r = 0;
	if (e->plugin_set.n) {
		lnr_plugin_set_parse(&e->plugin_set, &e->ctx);
		lnr_state_settle(e->state, &e->ev);
	}
	if (visible) {
		if (e->ev.ts > e->drops.next_check)
			r = check_drops(e, err);
		if (e->opts.on_event)
			e->opts.on_event(e->opts.user, &e->ev);
		if (matcher)
			n = lnr_matcher_eval(
				matcher, &e->ctx, e->hits, lnr_ruleset_count(e->rules));
		if (n)
			raise_alerts(e, n);
	}
	if (e->recorder && !r && (n || !e->record_matched))
		r = lnr_recorder_event(e->recorder, item, e->ev.ts, err);
	if (e->dump && !r)
		r = lnr_dump_event(e->dump, &e->ev, item, e->hits, n, &full, err);
	if (full)
		tell_full(e, full);
	lnr_state_leave(e->state, &e->ev);
	if (e->scratch.used_bytes)
		lnr_arena_reset(&e->scratch);
	return r < 0 ? r : 1;
}

/* Nothing came. A kernel that is silent for long is worth a message: it may be broken. */
static int idle(struct lnr_engine *e)
{
	struct lnr_alert *a;
	char last[32] = "\"none\"";
	const char *fields[] = {"last_event_time", last, NULL};
	if (e->recorder)
		lnr_recorder_idle(e->recorder, lnr_wall_ns(e->opts.clock));
	if (e->opts.kind != LNR_ENGINE_LIVE || !e->opts.max_timeouts ||
		++e->idle <= e->opts.max_timeouts)
		return 0;
	e->idle = 0;
	if (e->stats.last_ts)
		snprintf(last, sizeof(last), "\"%llu\"", (unsigned long long)e->stats.last_ts);
	if (!lnr_alert_internal("Falco internal: timeouts notification", LNR_PRIO_DEBUG,
		    lnr_wall_ns(e->opts.clock),
		    "Falco internal: timeouts notification. No event came for a long time.", fields,
		    e->hostname, &a))
		raise_internal(e, a);
	return 0;
}

/* Without a driver there is nothing to wait for, and yet no end. */
#define NODRIVER_WAIT_NS (30 * LNR_NS_PER_MS)

static int no_event(struct lnr_engine *e, int r)
{
	if (r == -EAGAIN)
		return idle(e);
	if (r != -ENODATA || e->opts.kind != LNR_ENGINE_NODRIVER || e->plugin_set.source)
		return r;
	e->opts.clock->sleep_ns(e->opts.clock, NODRIVER_WAIT_NS);
	return 0;
}

/*
 * Asynchronous events of plugins come between those of the source, as their times say. A source
 * that has nothing for now has nothing older either.
 */
static int next_of_both(struct lnr_engine *e, struct lnr_capture_item *ret, struct lnr_err *err)
{
	struct lnr_async *a = e->plugin_set.async;
	const struct lnr_plugin_event *evt = NULL;
	uint64_t ts;
	if (!e->holds)
		e->held.json = NULL;
	int r = e->holds ? 0 : e->capture->ops->next(e->capture, &e->held, err);
	e->holds = !r;
	bool any = lnr_async_pending(a);
	if (any && !r) {
		memcpy(&ts, e->held.record, sizeof(ts));
		evt = lnr_async_next(a, ts, ts);
	} else if (any && (r == -EAGAIN || r == -ENODATA)) {
		ts = lnr_wall_ns(e->opts.clock);
		evt = lnr_async_next(a, r == -EAGAIN ? ts : UINT64_MAX, ts);
	}
	if (evt) {
		*ret = (struct lnr_capture_item){.record = evt, .len = evt->len};
		return 0;
	}
	e->holds = false;
	*ret = e->held;
	return r;
}

int lnr_engine_step(struct lnr_engine *e, struct lnr_err *err)
{
	struct lnr_capture_item item;
	item.json = NULL; /* most sources know nothing of it */
	int r = e->plugin_set.async ? next_of_both(e, &item, err)
				    : e->capture->ops->next(e->capture, &item, err);
	if (r)
		return no_event(e, r);
	e->idle = 0;
	r = lnr_event_parse(&e->ev, item.record, item.len, item.cpu, NULL);
	if (r) {
		if (r == -ENOENT)
			e->stats.unknown_events++;
		else
			e->stats.bad_records++;
		return 1;
	}
	if (e->opts.max_seconds && e->stats.first_ts &&
		e->ev.ts >= e->stats.first_ts + e->opts.max_seconds * LNR_NS_PER_SEC)
		return -ENODATA;
	e->ev.json = item.json;
	e->ev.num = ++e->stats.events;
	if (!e->stats.first_ts)
		e->ctx.first_ts = e->stats.first_ts = e->ev.ts;
	e->stats.last_ts = e->ev.ts;
	return judge(e, &item, err);
}

/* How long one call of lnr_engine_run() may go on: callers look at signals in between. */
#define SLICE_NS (30 * LNR_NS_PER_MS)

int lnr_engine_run(struct lnr_engine *e, unsigned max, struct lnr_err *err)
{
	int any = 0;
	uint64_t until = 0;
	for (unsigned i = 0; i < max; i++) {
		int r = lnr_engine_step(e, err);
		/* A look at the clock in 16 events; a plugin may take long for each of them. */
		bool slow = e->opts.kind != LNR_ENGINE_LIVE && e->opts.kind != LNR_ENGINE_REPLAY;
		if (slow || i % 16 == 0) {
			uint64_t now = lnr_mono_ns(e->opts.clock);
			until = until ? until : now + SLICE_NS;
			if (r > 0 && now >= until)
				return 1;
		}
		if (r < 0)
			return any && r == -ENODATA ? any : r;
		if (r == 0)
			return any;
		any = 1;
	}
	return any;
}

void lnr_engine_finish(struct lnr_engine *e, uint32_t timeout_ms)
{
	uint64_t until = lnr_mono_ns(e->opts.clock) + timeout_ms * LNR_NS_PER_MS;
	if (!e->capture->ops->finish)
		return;
	e->capture->ops->finish(e->capture);
	while (lnr_engine_run(e, 1024, NULL) >= 0 && lnr_mono_ns(e->opts.clock) < until)
		;
}

int lnr_engine_record(struct lnr_engine *e, const struct lnr_record_opts *opts, struct lnr_err *err)
{
	if (e->recorder)
		return lnr_fail(err, -EBUSY, "a recording is under way");
	e->record_matched = opts->matched_only;
	if (!opts->with)
		return lnr_recorder_new(
			opts, e->capture, e->state, &e->plugin_set, e->opts.log, &e->recorder, err);
	if (!opts->with->recorder)
		return lnr_fail(err, -EINVAL, "nothing is recorded there");
	int r = lnr_recorder_share(
		opts->with->recorder, &e->plugin_set, lnr_wall_ns(e->opts.clock), err);
	if (!r)
		e->recorder = opts->with->recorder;
	return r;
}

int lnr_engine_record_end(struct lnr_engine *e, struct lnr_err *err)
{
	int r = lnr_recorder_end(e->recorder, err);
	e->recorder = NULL;
	return r;
}

void lnr_engine_recorded(struct lnr_engine *e, uint64_t *ret_events, uint64_t *ret_bytes)
{
	*ret_events = *ret_bytes = 0;
	if (e->recorder)
		lnr_recorder_written(e->recorder, ret_events, ret_bytes);
}
