/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in Prometheus' text form, under the reference's names (spec engine-config-cli 7.3). */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "server/metrics_priv.h"

void lnr_metric_name(struct lnr_buf *out, const char *text)
{
	bool gap = false;
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && *text != ':') {
			gap = true;
			continue;
		}
		if (gap)
			lnr_buf_chr(out, '_');
		gap = false;
		lnr_buf_chr(out, *text);
	}
}

/* --- lines --- */

static void head(struct lnr_buf *out, const char *name, const char *type)
{
	lnr_buf_printf(
		out, "# HELP %s https://falco.org/docs/metrics/\n# TYPE %s %s\n", name, name, type);
}

static void number(struct lnr_buf *out, const char *name, const char *type, uint64_t v)
{
	head(out, name, type);
	lnr_buf_printf(out, "%s %" PRIu64 "\n", name, v);
}

static void real(struct lnr_buf *out, const char *name, double v)
{
	head(out, name, "gauge");
	lnr_buf_printf(out, "%s %f\n", name, v);
}

/* Backslash, quote and line feed, as the format asks. */
static void label(struct lnr_buf *out, const char *key, const char *value, bool first)
{
	lnr_buf_printf(out, "%s%s=\"", first ? "{" : ",", key);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			lnr_buf_chr(out, '\\');
		if (*value == '\n')
			lnr_buf_cstr(out, "\\n");
		else
			lnr_buf_chr(out, *value);
	}
	lnr_buf_chr(out, '"');
}

static void info(struct lnr_buf *out, const char *name, const char *key, const char *value)
{
	head(out, name, "gauge");
	lnr_buf_cstr(out, name);
	label(out, key, value, true);
	lnr_buf_cstr(out, "} 1\n");
}

/* --- what needs the engine --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_number(struct lnr_samples *out, const char *name, const char *type,
	const struct lnr_buf *labels, uint64_t v)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, v);
	if (labels && labels->failed)
		out->failed = true;
	else
		lnr_samples_add(out, name, type, labels ? labels->ptr : "", text);
}

static void rule_labels(
	struct lnr_engine *engine, uint32_t i, const char *name, int priority, struct lnr_buf *out)
{
	const char *tags[64];
	char level[12];
	size_t n_tags = 0;
	while (n_tags < LNR_ARRAY_SIZE(tags) &&
		(tags[n_tags] = lnr_engine_rule_tag(engine, i, (uint32_t)n_tags)))
		n_tags++;
	qsort(tags, n_tags, sizeof(*tags), by_text);
	snprintf(level, sizeof(level), "%d", priority);
	label(out, "priority", level, true);
	label(out, "rule_name", name, false);
	label(out, "source", lnr_engine_rule_source(engine, i), false);
	for (size_t t = 0; t < n_tags; t++) {
		struct lnr_buf key;
		lnr_buf_init(&key, 0);
		lnr_buf_cstr(&key, "tag_");
		lnr_metric_name(&key, tags[t]);
		label(out, key.failed ? "tag" : key.ptr, "true", false);
		lnr_buf_done(&key);
	}
	lnr_buf_chr(out, '}');
}

static void rule_lines(struct lnr_engine *engine, struct lnr_samples *out)
{
	struct lnr_buf labels;
	const char *name;
	int priority;
	uint64_t n;
	lnr_buf_init(&labels, 0);
	for (uint32_t i = 0; lnr_engine_rule_stats(engine, i, &name, &priority, &n); i++) {
		if (!n)
			continue;
		lnr_buf_clear(&labels);
		rule_labels(engine, i, name, priority, &labels);
		add_number(out, "falcosecurity_falco_rules_matches_total", "counter", &labels, n);
	}
	lnr_buf_done(&labels);
}

static void add_drop(struct lnr_samples *out, const char *dir, const char *drop, uint64_t v)
{
	struct lnr_buf labels;
	lnr_buf_init(&labels, 0);
	label(&labels, "dir", dir, true);
	label(&labels, "drop", drop, false);
	lnr_buf_chr(&labels, '}');
	add_number(out, "falcosecurity_scap_n_drops_buffer_total", "counter", &labels, v);
	lnr_buf_done(&labels);
}

/* "n_drops_buffer_clone_fork_exit" → labels dir and drop; the sum of all has none and is left out.
 */
static void drop_line(const char *name, uint64_t v, struct lnr_samples *out)
{
	char drop[64];
	struct lnr_str what = lnr_str_sub(lnr_str_c(name), 15, SIZE_MAX);
	if (!lnr_str_ends(what, LNR_STR("_exit")))
		return;
	snprintf(drop, sizeof(drop), "%.*s", (int)(what.len - 5), what.ptr);
	add_drop(out, "exit", drop, v);
}

/* Enter events are no more, so nothing of them is lost; dashboards ask for the series. */
static void enter_lines(struct lnr_samples *out)
{
	static const char *const drops[] = {
		"clone_fork", "execve", "connect", "open", "dir_file", "other_interest"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(drops); i++)
		add_drop(out, "enter", drops[i], 0);
}

static void plugin_line(
	void *user, const char *plugin, const char *metric, bool grows, const char *value)
{
	struct lnr_samples *out = user;
	struct lnr_buf name;
	lnr_buf_init(&name, 0);
	lnr_buf_cstr(&name, "falcosecurity_plugins_");
	lnr_metric_name(&name, plugin);
	lnr_buf_chr(&name, '_');
	lnr_metric_name(&name, metric);
	lnr_buf_cstr(&name, "_total");
	if (name.failed)
		out->failed = true;
	else
		lnr_samples_add(out, name.ptr, grows ? "counter" : "gauge", "", value);
	lnr_buf_done(&name);
}

/* "n_evts_cpu_3" → label cpu; the number is behind the last underscore. */
static void cpu_line(const char *name, uint64_t v, struct lnr_samples *out)
{
	char metric[96];
	struct lnr_buf labels;
	const char *cpu = strrchr(name, '_') + 1;
	snprintf(metric, sizeof(metric), "falcosecurity_scap_%.*s_total", (int)(cpu - 1 - name),
		name);
	lnr_buf_init(&labels, 0);
	label(&labels, "cpu", cpu, true);
	lnr_buf_chr(&labels, '}');
	add_number(out, metric, "counter", &labels, v);
	lnr_buf_done(&labels);
}

/* "sys_enter.run_time_ns": the unit is spelt out, and the mean goes up and down. */
static void program_line(const char *name, uint64_t v, struct lnr_samples *out)
{
	struct lnr_buf metric;
	struct lnr_str s = lnr_str_c(name);
	bool time = lnr_str_ends(s, LNR_STR("_ns")), mean = strstr(name, ".avg_") != NULL;
	lnr_buf_init(&metric, 0);
	lnr_buf_cstr(&metric, "falcosecurity_scap_");
	lnr_metric_name(&metric, name);
	if (time && !metric.failed)
		lnr_buf_cut(&metric, metric.len - 3);
	lnr_buf_cstr(&metric, time ? "_nanoseconds" : "");
	lnr_buf_cstr(&metric, mean ? "" : "_total");
	if (!metric.failed)
		add_number(out, metric.ptr, mean ? "gauge" : "counter", NULL, v);
	lnr_buf_done(&metric);
}

static void counter_line(
	const struct lnr_metrics *m, const char *name, uint64_t v, struct lnr_samples *out)
{
	char metric[160];
	enum lnr_metric_group group = lnr_metric_group(name);
	bool gauge = strcmp(name, "n_threads") == 0 || strcmp(name, "n_fds") == 0;
	if (!lnr_metric_group_on(m, group))
		return;
	snprintf(metric, sizeof(metric), "falcosecurity_scap_%s_total", name);
	if (group == LNR_METRIC_CPU)
		cpu_line(name, v, out);
	else if (group == LNR_METRIC_LIBBPF)
		program_line(name, v, out);
	else if (strncmp(name, "n_drops_buffer_", 15) == 0)
		drop_line(name, v, out);
	else
		add_number(out, metric, gauge ? "gauge" : "counter", NULL, v);
}

void lnr_prometheus_engine(
	const struct lnr_metrics *m, struct lnr_engine *engine, struct lnr_samples *out)
{
	const char *name;
	uint64_t v;
	if (m->rules)
		rule_lines(engine, out);
	for (unsigned i = 0; lnr_engine_counter(engine, i, &name, &v); i++)
		counter_line(m, name, v, out);
	enter_lines(out);
	if (m->plugins)
		lnr_engine_plugin_metrics(engine, plugin_line, out);
}

/* --- the rest --- */

static void digest_lines(const struct lnr_metrics *m, struct lnr_buf *out)
{
	for (size_t i = 0; i < m->n_digests; i++) {
		const struct lnr_digest *d = &m->digests[i];
		const char *metric = d->config ? "falcosecurity_falco_sha256_config_files_info"
					       : "falcosecurity_falco_sha256_rules_files_info";
		head(out, metric, "gauge");
		lnr_buf_cstr(out, metric);
		label(out, "file_name", d->name, true);
		label(out, "sha256", d->sha256, false);
		lnr_buf_cstr(out, "} 1\n");
	}
}

static void resource_lines(struct lnr_buf *out)
{
	struct lnr_resources r;
	lnr_resources_read(&r);
	real(out, "falcosecurity_falco_cpu_usage_ratio", r.cpu_perc / 100);
	real(out, "falcosecurity_falco_host_cpu_usage_ratio", r.host_cpu_perc / 100);
	number(out, "falcosecurity_falco_memory_rss_bytes", "gauge", r.rss_kb * 1024);
	number(out, "falcosecurity_falco_memory_vsz_bytes", "gauge", r.vsz_kb * 1024);
	number(out, "falcosecurity_falco_memory_pss_bytes", "gauge", r.pss_kb * 1024);
	number(out, "falcosecurity_falco_container_memory_used_bytes", "gauge", r.container_bytes);
	number(out, "falcosecurity_falco_host_memory_used_bytes", "gauge", r.host_used_kb * 1024);
	number(out, "falcosecurity_falco_host_procs_running_total", "gauge", r.host_procs_running);
	number(out, "falcosecurity_falco_host_open_fds_total", "gauge", r.host_open_fds);
}

/* One line per source; a replay has none. */
static void engine_lines(const struct lnr_metrics *m, struct lnr_buf *out)
{
	static const char metric[] = "falcosecurity_scap_engine_name_info";
	bool first = true;
	for (size_t i = 0; i < m->n_sources; i++) {
		const struct lnr_metrics_source *src = &m->sources[i];
		if (!src->engine_name)
			continue;
		if (first)
			head(out, metric, "gauge");
		first = false;
		lnr_buf_cstr(out, metric);
		label(out, "engine_name", src->engine_name, true);
		label(out, "evt_source", src->name, false);
		lnr_buf_cstr(out, "} 1\n");
	}
}

static void jemalloc_line(void *user, const char *stat, uint64_t bytes)
{
	char metric[96];
	snprintf(metric, sizeof(metric), "falcosecurity_falco_jemalloc_%s_bytes", stat);
	number(user, metric, "counter", bytes);
}

void lnr_prometheus_process(const struct lnr_metrics *m, struct lnr_buf *out)
{
	uint64_t now = lnr_wall_ns(lnr_clock_system());
	info(out, "falcosecurity_falco_version_info", "version", LNR_FALCO_VERSION);
	info(out, "falcosecurity_falco_kernel_release_info", "kernel_release", m->release);
	info(out, "falcosecurity_evt_hostname_info", "hostname", m->hostname);
	digest_lines(m, out);
	engine_lines(m, out);
	number(out, "falcosecurity_falco_start_timestamp_nanoseconds", "gauge", m->start_ns);
	number(out, "falcosecurity_falco_reload_timestamp_nanoseconds", "gauge", m->reload_ns);
	number(out, "falcosecurity_falco_host_boot_timestamp_nanoseconds", "gauge", m->boot_ns);
	number(out, "falcosecurity_falco_duration_seconds_total", "counter",
		(now - m->start_ns) / LNR_NS_PER_SEC);
	number(out, "falcosecurity_falco_host_num_cpus_total", "gauge", (uint64_t)m->cpus);
	if (m->resources)
		resource_lines(out);
	if (m->jemalloc)
		lnr_jemalloc_read(jemalloc_line, out);
}
