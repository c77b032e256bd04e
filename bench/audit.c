/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes audit events from a file to the verdict of the rules, on one core.
 *
 *	bench/audit [-n EVENTS] [-p FILE] [RULES...]
 *
 * The events of the reference collection are written again and again, one to a line, and in batches
 * of up to 12 MB to a line as a webhook gets them; then an engine reads each file, without rules
 *and with RULES. Columns: form, rules, events, events per second of processor time, microseconds
 *per event, alerts (which are judged but not written), and the highest memory in MB so far; batches
 * come last because of that. -p: only FILE, one round, for profilers.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/json_read.h"
#include "base/util.h"
#include "lanner/lanner.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"

#define EVENTS	    "tests/reference/k8s-audit/events"
#define BATCH_BYTES (12u << 20)
#define ROUNDS	    3

__attribute__((noreturn)) static void die(const char *what, const struct lnr_err *err)
{
	char buf[1500];
	fprintf(stderr, "%s: %s\n", what, err ? lnr_err_text(err, buf, sizeof(buf)) : "failed");
	exit(1);
}

static double now_s(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- the events --- */

/* Lines that are one event each, without blanks between tokens. */
static void add_lines(struct lnr_buf *out, struct lnr_str text)
{
	struct lnr_str line;
	while (lnr_str_split(&text, '\n', &line)) {
		size_t n = lnr_json_room(line);
		struct lnr_json_node *nodes = malloc(n * sizeof(*nodes));
		struct lnr_json_doc d;
		if (nodes && lnr_json_parse(line, nodes, n, &d, NULL) == 0) {
			uint32_t kind = lnr_json_member(&d, 0, LNR_STR("kind"));
			if (kind && lnr_json_is(&d, kind, LNR_STR("Event"))) {
				lnr_json_compact(&d, 0, out);
				lnr_buf_chr(out, '\n');
			}
		}
		free(nodes);
	}
}

static void read_events(struct lnr_buf *out)
{
	struct dirent *e;
	DIR *dir = opendir(EVENTS);
	if (!dir)
		die(EVENTS, NULL);
	while ((e = readdir(dir))) {
		struct lnr_err err = {0};
		char path[512], *text;
		size_t len;
		/* Those of the quirks and batches are no everyday events. */
		if (!strstr(e->d_name, ".jsonl") || strstr(e->d_name, "quirk") ||
			strstr(e->d_name, "batches"))
			continue;
		snprintf(path, sizeof(path), EVENTS "/%s", e->d_name);
		if (lnr_read_file(path, 16 << 20, &text, &len, &err))
			die(path, &err);
		add_lines(out, (struct lnr_str){text, len});
		free(text);
	}
	closedir(dir);
}

static void write_file(const char *path, struct lnr_str events, size_t n, bool batches)
{
	static const char head[] = "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\","
				   "\"metadata\":{},\"items\":[";
	struct lnr_str rest = {NULL, 0}, line;
	size_t in_batch = 0;
	FILE *f = fopen(path, "w");
	if (!f)
		die(path, NULL);
	while (n) {
		if (!rest.len)
			rest = events;
		lnr_str_split(&rest, '\n', &line);
		if (!line.len)
			continue;
		n--;
		if (!batches) {
			fprintf(f, "%.*s\n", LNR_STR_ARG(line));
			continue;
		}
		if (in_batch + line.len + 3 > BATCH_BYTES - sizeof(head)) {
			fputs("]}\n", f);
			in_batch = 0;
		}
		fputs(in_batch ? "," : head, f);
		fwrite(line.ptr, 1, line.len, f);
		in_batch += line.len + 1;
	}
	if (in_batch)
		fputs("]}\n", f);
	if (fclose(f))
		die(path, NULL);
}

/* --- one run --- */

struct run {
	uint64_t events, alerts;
	double s;
};

static struct run run_once(const char *path, char *const *rules, int n_rules)
{
	const struct lnr_plugin_entry entries[] = {
		{.name = "k8saudit", .open_params = path}, {.name = "json"}};
	const struct lnr_plugins_opts po = {.size = sizeof(po), .entries = entries, .n_entries = 2};
	struct lnr_rules_opts ro = {.size = sizeof(ro), .min_priority = 7};
	struct lnr_engine_opts eo = {
		.size = sizeof(eo), .kind = LNR_ENGINE_PLUGIN, .source = "k8s_audit"};
	struct lnr_engine *engine;
	struct lnr_err err = {0};
	if (lnr_plugins_new(&po, &eo.plugins, &err))
		die("plugins", &err);
	ro.plugins = eo.plugins;
	if (lnr_rules_new(&ro, &eo.rules, &err))
		die("rules", &err);
	for (int i = 0; i < n_rules; i++) {
		if (lnr_rules_add_file(eo.rules, rules[i], &err))
			die(rules[i], &err);
	}
	if (lnr_engine_new(&eo, &engine, &err))
		die("engine", &err);
	struct run run = {0};
	struct lnr_engine_stats st;
	int r;
	double from = now_s();
	while ((r = lnr_engine_run(engine, 100000, &err)) >= 0)
		;
	run.s = now_s() - from;
	if (r != -ENODATA)
		die("engine", &err);
	lnr_engine_stats(engine, &st);
	run.events = st.events;
	run.alerts = st.alerts;
	lnr_engine_free(engine);
	lnr_rules_free(eo.rules);
	lnr_plugins_unref(eo.plugins);
	return run;
}

static void measure(
	const char *form, const char *what, const char *path, char *const *rules, int n, int rounds)
{
	struct run best = {0};
	struct rusage u;
	for (int i = 0; i < rounds; i++) {
		struct run r = run_once(path, rules, n);
		if (!best.events || r.s < best.s)
			best = r;
	}
	getrusage(RUSAGE_SELF, &u);
	printf("%-8s %-8s %9llu %9.0f /s %7.2f us %9llu alerts %6ld MB\n", form, what,
		(unsigned long long)best.events, (double)best.events / best.s,
		best.s / (double)best.events * 1e6, (unsigned long long)best.alerts,
		u.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	size_t n = 200000;
	const char *only = NULL;
	int c;
	while ((c = getopt(argc, argv, "n:p:")) != -1) {
		if (c == 'n')
			n = strtoul(optarg, NULL, 10);
		else if (c == 'p')
			only = optarg;
		else
			return 2;
	}
	char *const *rules = argv + optind;
	int n_rules = argc - optind;
	if (only) {
		measure("file", n_rules ? "rules" : "none", only, rules, n_rules, 1);
		return 0;
	}
	struct lnr_buf events = {0};
	char path[] = "/tmp/lanner-bench-audit-XXXXXX";
	int fd = mkstemp(path);
	if (fd < 0)
		die(path, NULL);
	close(fd);
	read_events(&events);
	for (int batches = 0; batches < 2; batches++) {
		const char *form = batches ? "batches" : "lines";
		write_file(path, lnr_buf_view(&events), n ? n : 1, batches);
		measure(form, "none", path, NULL, 0, ROUNDS);
		if (n_rules)
			measure(form, "rules", path, rules, n_rules, ROUNDS);
	}
	unlink(path);
	lnr_buf_done(&events);
	return 0;
}
