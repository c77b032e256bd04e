/* SPDX-License-Identifier: Apache-2.0 */
/* Use of CPU and memory by this process and its machine, from /proc (HOST_ROOT in front of it). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/util.h"
#include "server/metrics_priv.h"

/* Larger than any of the files read here. */
#define PROC_BYTES (1 << 20)

/* A file of /proc of the host; NULL when it cannot be read. */
static char *read_host(const char *path)
{
	const char *root = getenv("HOST_ROOT");
	char full[4096];
	char *text = NULL;
	size_t len;
	snprintf(full, sizeof(full), "%s%s", root ? root : "", path);
	return lnr_read_file(full, PROC_BYTES, &text, &len, NULL) ? NULL : text;
}

/* Number behind `key` at the start of a line. */
static uint64_t number_of(const char *text, const char *key)
{
	size_t n = strlen(key);
	for (const char *p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, key, n) == 0)
			return strtoull(p + n, NULL, 10);
	}
	return 0;
}

static void read_stat(struct lnr_resources *r)
{
	LNR_AUTO_FREE char *text = read_host("/proc/stat");
	unsigned long long v[8] = {0};
	if (!text)
		return;
	int n = sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2],
		&v[3], &v[4], &v[5], &v[6], &v[7]);
	uint64_t sum = 0;
	for (int i = 0; i < n; i++)
		sum += v[i];
	if (sum)
		r->host_cpu_perc = 100.0 * (double)(sum - v[3] - v[4]) / (double)sum;
	r->host_procs_running = number_of(text, "procs_running ");
}

static void read_self(struct lnr_resources *r)
{
	LNR_AUTO_FREE char *stat = NULL, *status = NULL, *rollup = NULL;
	size_t len;
	unsigned long long user, system, start;
	double up = 0, ticks = (double)sysconf(_SC_CLK_TCK);
	struct timespec now;
	if (!lnr_read_file("/proc/self/stat", PROC_BYTES, &stat, &len, NULL)) {
		/* Behind the name, which may hold anything: fields 14, 15 and 22. */
		const char *p = strrchr(stat, ')');
		clock_gettime(CLOCK_BOOTTIME, &now);
		up = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
		if (p &&
			sscanf(p + 1,
				" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d "
				"%*d %*d %*d %*d %llu",
				&user, &system, &start) == 3 &&
			up > (double)start / ticks)
			r->cpu_perc = 100.0 * (double)(user + system) / ticks /
				      (up - (double)start / ticks);
	}
	if (!lnr_read_file("/proc/self/status", PROC_BYTES, &status, &len, NULL)) {
		r->rss_kb = number_of(status, "VmRSS:");
		r->vsz_kb = number_of(status, "VmSize:");
	}
	if (!lnr_read_file("/proc/self/smaps_rollup", PROC_BYTES, &rollup, &len, NULL))
		r->pss_kb = number_of(rollup, "Pss:");
}

static uint64_t container_memory(void)
{
	static const char *const places[] = {
		"/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory.current"};
	const char *told = getenv("FALCO_CGROUP_MEM_PATH");
	for (size_t i = 0; i < (told ? 1 : LNR_ARRAY_SIZE(places)); i++) {
		LNR_AUTO_FREE char *text = NULL;
		size_t len;
		if (!lnr_read_file(told ? told : places[i], PROC_BYTES, &text, &len, NULL))
			return strtoull(text, NULL, 10);
	}
	return 0;
}

void lnr_resources_read(struct lnr_resources *ret)
{
	LNR_AUTO_FREE char *mem = read_host("/proc/meminfo");
	LNR_AUTO_FREE char *files = read_host("/proc/sys/fs/file-nr");
	memset(ret, 0, sizeof(*ret));
	read_stat(ret);
	read_self(ret);
	ret->container_bytes = container_memory();
	if (mem) {
		uint64_t total = number_of(mem, "MemTotal:"),
			 idle = number_of(mem, "MemFree:") + number_of(mem, "Buffers:") +
				number_of(mem, "Cached:") + number_of(mem, "SReclaimable:");
		ret->host_used_kb = total > idle ? total - idle : 0;
	}
	if (files)
		ret->host_open_fds = strtoull(files, NULL, 10);
}

uint64_t lnr_resources_boot_ns(void)
{
	LNR_AUTO_FREE char *text = read_host("/proc/stat");
	return text ? number_of(text, "btime ") * LNR_NS_PER_SEC : 0;
}
