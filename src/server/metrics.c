/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of internal numbers, for a rule and for a file (spec engine-config-cli 7.1, 7.2). */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <math.h>
#include <net/if.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/util.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "schema/limits.h"
#include "server/metrics_priv.h"

/* --- a snapshot in the making: keys and JSON values --- */

struct entry {
	const char *key, *json;
};

struct snapshot {
	const struct lnr_metrics *m;
	struct lnr_metrics_source *src; /* the engine's thread has it */
	struct lnr_arena arena;
	struct entry *v;
	size_t n, cap;
	bool failed;
};

static void put(struct snapshot *s, const char *key, const char *json)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 128;
		struct entry *v = realloc(s->v, cap * sizeof(*v));
		if (!v) {
			s->failed = true;
			return;
		}
		s->v = v;
		s->cap = cap;
	}
	struct entry e = {lnr_arena_strdup(&s->arena, lnr_str_c(key)),
		lnr_arena_strdup(&s->arena, lnr_str_c(json))};
	s->failed |= !e.key || !e.json;
	if (!s->failed)
		s->v[s->n++] = e;
}

static void put_text(struct snapshot *s, const char *key, const char *text)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_buf_chr(&b, '"');
	lnr_json_escape(&b, lnr_str_c(text));
	lnr_buf_chr(&b, '"');
	put(s, key, b.failed ? "\"\"" : b.ptr);
	lnr_buf_done(&b);
}

static void put_always(struct snapshot *s, const char *key, uint64_t v)
{
	char json[24];
	snprintf(json, sizeof(json), "%" PRIu64, v);
	put(s, key, json);
}

/* Zeros only where they are asked for. */
static void put_number(struct snapshot *s, const char *key, uint64_t v)
{
	if (v || s->m->empty)
		put_always(s, key, v);
}

static void put_delivery(void *user, const char *key, uint64_t v)
{
	put_number(user, key, v);
}

static void put_tenths(struct snapshot *s, const char *key, double v, bool always)
{
	char json[40];
	if (v == 0 && !always && !s->m->empty)
		return;
	snprintf(json, sizeof(json), "%.1f", round(v * 10) / 10);
	put(s, key, json);
}

/* `base` without unit: "falco.memory_rss". */
static void put_memory(
	struct snapshot *s, const char *base, uint64_t v, uint64_t per_mb, const char *unit)
{
	char key[64];
	snprintf(key, sizeof(key), "%s_%s", base, s->m->mb ? "mb" : unit);
	if (s->m->mb)
		put_tenths(s, key, (double)v / (double)per_mb, false);
	else
		put_number(s, key, v);
}

static double per_second(uint64_t now, uint64_t before, uint64_t ns)
{
	return ns ? (double)(now - before) * LNR_NS_PER_SEC / (double)ns : 0;
}

/* --- the groups --- */

/* All addresses of one interface and family, joined by commas. */
static void put_addresses(struct snapshot *s, const struct ifaddrs *all, const char *name, int af)
{
	char key[160], text[INET6_ADDRSTRLEN];
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != af || strcmp(i->ifa_name, name) != 0)
			continue;
		const void *a = af == AF_INET
					? (void *)&((struct sockaddr_in *)i->ifa_addr)->sin_addr
					: (void *)&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr;
		if (inet_ntop(af, a, text, sizeof(text)))
			lnr_buf_printf(&b, "%s%s", b.len ? "," : "", text);
	}
	snprintf(key, sizeof(key), "falco.host_netinfo.interfaces.%s.protocols.%s.addresses", name,
		af == AF_INET ? "ipv4" : "ipv6");
	if (b.len)
		put_text(s, key, b.ptr);
	lnr_buf_done(&b);
}

static void put_interfaces(struct snapshot *s)
{
	struct ifaddrs *all;
	if (getifaddrs(&all))
		return;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		const struct ifaddrs *first = all;
		while (strcmp(first->ifa_name, i->ifa_name) != 0)
			first = first->ifa_next;
		if (first != i || (i->ifa_flags & IFF_LOOPBACK))
			continue;
		put_addresses(s, all, i->ifa_name, AF_INET);
		put_addresses(s, all, i->ifa_name, AF_INET6);
	}
	freeifaddrs(all);
}

static void put_wrapper(struct snapshot *s, uint64_t wall)
{
	const struct lnr_metrics *m = s->m;
	put_always(s, "evt.time", wall);
	put_text(s, "evt.hostname", s->src->engine_name ? m->hostname : "");
	put_text(s, "evt.source", s->src->name);
	put_text(s, "falco.version", LNR_FALCO_VERSION);
	put_always(s, "falco.start_ts", m->start_ns);
	put_always(s, "falco.reload_ts", m->reload_ns);
	put_always(s, "falco.duration_sec", (wall - m->start_ns) / LNR_NS_PER_SEC);
	put_text(s, "falco.kernel_release", m->release);
	put_always(s, "falco.host_boot_ts", m->boot_ns);
	put_always(s, "falco.host_num_cpus", (uint64_t)m->cpus);
	if (s->src->engine_name)
		put_text(s, "scap.engine_name", s->src->engine_name);
	for (size_t i = 0; i < m->n_digests; i++) {
		struct lnr_buf key;
		lnr_buf_init(&key, 0);
		lnr_buf_cstr(&key, m->digests[i].config ? "falco.sha256_config_file."
							: "falco.sha256_rules_file.");
		lnr_metric_name(&key, m->digests[i].name);
		put_text(s, key.failed ? "" : key.ptr, m->digests[i].sha256);
		lnr_buf_done(&key);
	}
	put_interfaces(s);
}

static void put_rules(struct snapshot *s, struct lnr_engine *engine)
{
	const char *name;
	int priority;
	uint64_t n, sum = 0;
	for (uint32_t i = 0; lnr_engine_rule_stats(engine, i, &name, &priority, &n); i++) {
		struct lnr_buf key;
		sum += n;
		if (!n && !s->m->empty)
			continue;
		lnr_buf_init(&key, 0);
		lnr_buf_cstr(&key, "falco.rules.");
		lnr_metric_name(&key, name);
		put_number(s, key.failed ? "" : key.ptr, n);
		lnr_buf_done(&key);
	}
	put_always(s, "falco.rules.matches_total", sum);
}

static void put_resources(struct snapshot *s)
{
	struct lnr_resources r;
	lnr_resources_read(&r);
	put_tenths(s, "falco.cpu_usage_perc", r.cpu_perc, false);
	put_tenths(s, "falco.host_cpu_usage_perc", r.host_cpu_perc, false);
	put_memory(s, "falco.memory_rss", r.rss_kb, 1024, "kb");
	put_memory(s, "falco.memory_vsz", r.vsz_kb, 1024, "kb");
	put_memory(s, "falco.memory_pss", r.pss_kb, 1024, "kb");
	put_memory(s, "falco.host_memory_used", r.host_used_kb, 1024, "kb");
	put_memory(s, "falco.container_memory_used", r.container_bytes, 1 << 20, "bytes");
	put_number(s, "falco.host_procs_running", r.host_procs_running);
	put_number(s, "falco.host_open_fds", r.host_open_fds);
}

static void put_counters(struct snapshot *s, struct lnr_engine *engine, uint64_t elapsed)
{
	const struct lnr_metrics *m = s->m;
	struct lnr_metrics_source *src = s->src;
	const char *name;
	char key[128];
	uint64_t v, evts = 0, drops = 0;
	bool live = false;
	for (unsigned i = 0; lnr_engine_counter(engine, i, &name, &v); i++) {
		enum lnr_metric_group group = lnr_metric_group(name);
		snprintf(key, sizeof(key), "%s.%s", group == LNR_METRIC_STATE ? "falco" : "scap",
			name);
		if (strcmp(name, "n_evts") == 0) {
			evts = v;
			live = true;
		} else if (strcmp(name, "n_drops") == 0) {
			drops = v;
		} else if (lnr_metric_group_on(m, group)) {
			put_number(s, key, v);
		}
	}
	uint64_t new_evts = evts - src->last_kernel_evts,
		 new_drops = drops - src->last_kernel_drops;
	put_tenths(s, "scap.n_drops_perc",
		new_evts ? 100.0 * (double)new_drops / (double)new_evts : 0, true);
	if (live && m->kernel) {
		put_always(s, "scap.n_evts", evts);
		put_always(s, "scap.n_evts_prev", src->last_kernel_evts);
		put_tenths(s, "scap.evts_rate_sec",
			per_second(evts, src->last_kernel_evts, elapsed), true);
		put_always(s, "scap.n_drops", drops);
		put_always(s, "scap.n_drops_prev", src->last_kernel_drops);
		put_tenths(s, "scap.evts_drop_rate_sec",
			per_second(drops, src->last_kernel_drops, elapsed), true);
	}
	src->last_kernel_evts = evts;
	src->last_kernel_drops = drops;
}

static void put_plugin(
	void *user, const char *plugin, const char *metric, bool grows, const char *value)
{
	struct snapshot *s = user;
	struct lnr_buf key;
	(void)grows;
	if (strcmp(value, "0") == 0 && !s->m->empty)
		return;
	lnr_buf_init(&key, 0);
	lnr_buf_cstr(&key, "plugins.");
	lnr_json_escape(&key, lnr_str_c(plugin));
	lnr_buf_chr(&key, '.');
	lnr_json_escape(&key, lnr_str_c(metric));
	put(s, key.failed ? "" : key.ptr, value);
	lnr_buf_done(&key);
}

static void put_jemalloc(void *user, const char *stat, uint64_t bytes)
{
	char base[64];
	snprintf(base, sizeof(base), "falco.jemalloc.%s", stat);
	put_memory(user, base, bytes, 1 << 20, "bytes");
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static void collect(
	struct snapshot *s, struct lnr_engine *engine, struct lnr_outputs *outputs, uint64_t now)
{
	const struct lnr_metrics *m = s->m;
	struct lnr_metrics_source *src = s->src;
	struct lnr_engine_stats st;
	uint64_t elapsed = src->taken ? now - src->last_sample_ns : 0;
	put_wrapper(s, lnr_wall_ns(lnr_clock_system()));
	lnr_engine_stats(engine, &st);
	put_always(s, "falco.outputs_queue_num_drops", lnr_outputs_dropped(outputs));
	lnr_delivery_each(outputs, put_delivery, s);
	put_always(s, "falco.num_evts", st.events);
	put_always(s, "falco.num_evts_prev", src->last_evts);
	if (src->taken)
		put_tenths(s, "falco.evts_rate_sec", per_second(st.events, src->last_evts, elapsed),
			true);
	src->last_evts = st.events;
	if (m->rules)
		put_rules(s, engine);
	if (m->resources)
		put_resources(s);
	if (m->jemalloc)
		lnr_jemalloc_read(put_jemalloc, s);
	put_counters(s, engine, elapsed);
	if (m->plugins)
		lnr_engine_plugin_metrics(engine, put_plugin, s);
	if (!s->failed && s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_key);
}

/* The engine's own, or the first. */
static struct lnr_metrics_source *source_of(struct lnr_metrics *m, const struct lnr_engine *engine)
{
	for (size_t i = 0; i < m->n_sources; i++) {
		if (m->sources[i].engine == engine)
			return &m->sources[i];
	}
	return &m->sources[0];
}

static int as_alert(const struct snapshot *s, const struct lnr_metrics *m, struct lnr_alert **ret)
{
	const char **fields = calloc(2 * s->n + 1, sizeof(*fields));
	if (!fields)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		fields[2 * i] = s->v[i].key;
		fields[2 * i + 1] = s->v[i].json;
	}
	/* Priority informational: 6. */
	int r = lnr_alert_internal("Falco internal: metrics snapshot", 6,
		lnr_wall_ns(lnr_clock_system()), "Falco metrics snapshot", fields, m->hostname,
		ret);
	free(fields);
	return r;
}

int lnr_metrics_snapshot(struct lnr_metrics *m, struct lnr_engine *engine,
	struct lnr_outputs *outputs, uint64_t now_mono_ns, struct lnr_alert **ret,
	struct lnr_buf *line)
{
	struct lnr_metrics_source *src = source_of(m, engine);
	struct snapshot s = {.m = m, .src = src};
	*ret = NULL;
	if (!m->enabled || (src->taken && now_mono_ns < src->next_ns))
		return 0;
	lnr_arena_init(&s.arena, LNR_METRICS_BYTES);
	collect(&s, engine, outputs, now_mono_ns);
	int r = s.failed ? -ENOMEM : as_alert(&s, m, ret);
	uint64_t sample = __atomic_fetch_add(&m->samples, 1, __ATOMIC_RELAXED);
	if (!r) {
		lnr_buf_printf(line, "{\"sample\":%" PRIu64 ",\"output_fields\":{", sample);
		for (size_t i = 0; i < s.n; i++)
			lnr_buf_printf(line, "%s\"%s\":%s", i ? "," : "", s.v[i].key, s.v[i].json);
		lnr_buf_cstr(line, "}}\n");
	}
	/* Ticks that were missed are not made up for. */
	if (!src->taken)
		src->next_ns = now_mono_ns;
	while (src->next_ns <= now_mono_ns)
		src->next_ns += m->interval_ns;
	src->taken++;
	src->last_sample_ns = now_mono_ns;
	lnr_arena_done(&s.arena);
	free(s.v);
	return r;
}

/* --- asking from other threads --- */

void lnr_metrics_poll(struct lnr_metrics *m, struct lnr_engine *engine, struct lnr_outputs *outputs)
{
	struct lnr_metrics_source *src = source_of(m, engine);
	if (!__atomic_load_n(&src->wanted, __ATOMIC_ACQUIRE))
		return;
	pthread_mutex_lock(&m->lock);
	__atomic_store_n(&src->wanted, false, __ATOMIC_RELAXED);
	src->answers++;
	lnr_samples_clear(&src->samples);
	lnr_prometheus_engine(m, engine, &src->samples);
	m->dropped = lnr_outputs_dropped(outputs);
	lnr_samples_clear(&m->outputs);
	lnr_prometheus_outputs(outputs, &m->outputs);
	pthread_cond_broadcast(&m->answered);
	pthread_mutex_unlock(&m->lock);
}

/* Every engine's thread comes by, or time is up; the lock is held. */
static void wait_for_all(struct lnr_metrics *m)
{
	uint64_t before[LNR_PLUGINS_MAX + 1];
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LNR_METRICS_WAIT_S;
	for (size_t i = 0; i < m->n_sources; i++) {
		before[i] = m->sources[i].answers;
		__atomic_store_n(&m->sources[i].wanted, true, __ATOMIC_RELEASE);
	}
	for (size_t i = 0; i < m->n_sources; i++) {
		while (!m->retired && m->sources[i].answers == before[i]) {
			if (pthread_cond_timedwait(&m->answered, &m->lock, &until) == ETIMEDOUT)
				return;
		}
	}
}

int lnr_metrics_prometheus(struct lnr_metrics *m, struct lnr_buf *out)
{
	struct lnr_samples all;
	char dropped[24];
	lnr_samples_init(&all);
	lnr_prometheus_process(m, out);
	pthread_mutex_lock(&m->lock);
	wait_for_all(m);
	snprintf(dropped, sizeof(dropped), "%" PRIu64, m->dropped);
	lnr_samples_add(
		&all, "falcosecurity_falco_outputs_queue_num_drops_total", "counter", "", dropped);
	lnr_samples_append(&all, &m->outputs);
	/* An engine that did not come by in time is shown with the numbers of its last answer. */
	for (size_t i = 0; i < m->n_sources; i++)
		lnr_samples_append(&all, &m->sources[i].samples);
	lnr_samples_write(&all, out);
	pthread_mutex_unlock(&m->lock);
	bool failed = all.failed || out->failed;
	lnr_samples_done(&all);
	return failed ? -ENOMEM : 0;
}

/* --- life --- */

static int add_digest(struct lnr_metrics *m, const char *path, bool config)
{
	LNR_AUTO_FREE char *text = NULL;
	size_t len;
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	const char *slash = strrchr(path, '/');
	struct lnr_digest *d = realloc(m->digests, (m->n_digests + 1) * sizeof(*d));
	if (!d)
		return -ENOMEM;
	m->digests = d;
	d += m->n_digests;
	memset(d, 0, sizeof(*d));
	d->config = config;
	d->name = strdup(slash ? slash + 1 : path);
	if (!d->name)
		return -ENOMEM;
	m->n_digests++;
	if (lnr_read_file(path, LNR_RULES_FILE_BYTES, &text, &len, NULL) ||
		!EVP_Digest(text, len, sum, &n, EVP_sha256(), NULL))
		return 0; /* gone since it was loaded: an empty digest says so */
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(d->sha256 + 2 * i, 3, "%02x", sum[i]);
	return 0;
}

static int add_digests(struct lnr_metrics *m, const struct lnr_metrics_opts *o)
{
	const char *f;
	int r = 0;
	for (size_t i = 0; !r && (f = lnr_config_file(o->config, i)); i++)
		r = add_digest(m, f, true);
	for (const char *const *p = o->rules_files; !r && p && *p; p++)
		r = add_digest(m, *p, false);
	return r;
}

static void read_options(struct lnr_metrics *m, const struct lnr_config *c)
{
	m->enabled = lnr_config_bool(c, "metrics.enabled");
	m->rules = lnr_config_bool(c, "metrics.rules_counters_enabled");
	m->plugins = lnr_config_bool(c, "metrics.plugins_metrics_enabled");
	m->resources = lnr_config_bool(c, "metrics.resource_utilization_enabled");
	m->state = lnr_config_bool(c, "metrics.state_counters_enabled");
	m->kernel = lnr_config_bool(c, "metrics.kernel_event_counters_enabled");
	m->per_cpu = lnr_config_bool(c, "metrics.kernel_event_counters_per_cpu_enabled");
	m->iter = lnr_config_bool(c, "metrics.kernel_iter_event_counters_enabled");
	m->libbpf = lnr_config_bool(c, "metrics.libbpf_stats_enabled");
	m->jemalloc = lnr_config_bool(c, "metrics.jemalloc_stats_enabled");
	m->empty = lnr_config_bool(c, "metrics.include_empty_values");
	m->mb = lnr_config_bool(c, "metrics.convert_memory_to_mb");
	m->interval_ns = lnr_config_duration_ms(lnr_config_str(c, "metrics.interval")) *
			 LNR_NS_PER_MS;
	if (!m->interval_ns)
		m->interval_ns = LNR_METRICS_MIN_MS * LNR_NS_PER_MS;
}

int lnr_metrics_add(struct lnr_metrics *m, const struct lnr_engine *engine, const char *engine_name,
	const char *source, struct lnr_err *err)
{
	if (m->n_sources > LNR_PLUGINS_MAX)
		return lnr_fail(err, -E2BIG, "metrics of more than %zu sources", m->n_sources);
	struct lnr_metrics_source *v = realloc(m->sources, (m->n_sources + 1) * sizeof(*v));
	if (!v)
		return lnr_fail(err, -ENOMEM, "out of memory");
	m->sources = v;
	struct lnr_metrics_source *src = &v[m->n_sources++];
	*src = (struct lnr_metrics_source){.engine = engine, .name = strdup(source)};
	lnr_samples_init(&src->samples);
	src->engine_name = engine_name ? strdup(engine_name) : NULL;
	return src->name && (src->engine_name || !engine_name)
		       ? 0
		       : lnr_fail(err, -ENOMEM, "out of memory");
}

int lnr_metrics_new(
	const struct lnr_metrics_opts *opts, struct lnr_metrics **ret, struct lnr_err *err)
{
	struct utsname u;
	const char *host = getenv("FALCO_HOSTNAME");
	struct lnr_metrics *m = calloc(1, sizeof(*m));
	if (!m)
		return lnr_fail(err, -ENOMEM, "out of memory");
	m->refs = 1;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->answered, NULL);
	lnr_samples_init(&m->outputs);
	read_options(m, opts->config);
	m->start_ns = opts->start_ns;
	m->reload_ns = opts->reload_ns;
	m->boot_ns = lnr_resources_boot_ns();
	m->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (host)
		snprintf(m->hostname, sizeof(m->hostname), "%s", host);
	else if (gethostname(m->hostname, sizeof(m->hostname) - 1))
		m->hostname[0] = 0;
	if (!uname(&u))
		snprintf(m->release, sizeof(m->release), "%s", u.release);
	if (lnr_metrics_add(m, NULL, opts->engine_name, opts->source, NULL) ||
		add_digests(m, opts)) {
		lnr_metrics_free(m);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	*ret = m;
	return 0;
}

struct lnr_metrics *lnr_metrics_ref(struct lnr_metrics *m)
{
	if (m)
		__atomic_add_fetch(&m->refs, 1, __ATOMIC_RELAXED);
	return m;
}

void lnr_metrics_retire(struct lnr_metrics *m)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->lock);
	m->retired = true;
	pthread_cond_broadcast(&m->answered);
	pthread_mutex_unlock(&m->lock);
}

struct lnr_metrics *lnr_metrics_free(struct lnr_metrics *m)
{
	if (!m || __atomic_sub_fetch(&m->refs, 1, __ATOMIC_ACQ_REL))
		return NULL;
	for (size_t i = 0; i < m->n_digests; i++)
		free(m->digests[i].name);
	free(m->digests);
	for (size_t i = 0; i < m->n_sources; i++) {
		free(m->sources[i].engine_name);
		free(m->sources[i].name);
		lnr_samples_done(&m->sources[i].samples);
	}
	free(m->sources);
	lnr_samples_done(&m->outputs);
	pthread_cond_destroy(&m->answered);
	pthread_mutex_destroy(&m->lock);
	free(m);
	return NULL;
}
