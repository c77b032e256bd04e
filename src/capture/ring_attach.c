/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attach the programs that were loaded, one by one: a hook that only makes events better or that
 * few want must not keep the others from working.
 *
 * Classic tracepoints are found by a number that tracefs tells. Where it is not mounted, as in most
 * containers, an instance of it is opened that nobody else sees.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "base/util.h"
#include "capture/ring_priv.h"

/* Without these there is no picture of the machine. */
static const char *const required[] = {
	"dispatch", "hook_exec", "hook_exit", "hook_fork", "hook_family"};

static bool is_required(const char *name)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(required); i++) {
		if (strcmp(name, required[i]) == 0)
			return true;
	}
	return false;
}

/* A directory descriptor of tracefs, or a negative errno. */
static int open_tracefs(void)
{
	static const char *const mounted[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(mounted); i++) {
		int fd = open(mounted[i], O_DIRECTORY | O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (faccessat(fd, "events", R_OK | X_OK, 0) == 0)
			return fd;
		close(fd);
	}
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC), mnt = -1;
	if (fs >= 0 && fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mnt = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	int r = mnt < 0 ? -errno : mnt;
	if (fs >= 0)
		close(fs);
	return r;
}

int lnr_tracepoint_id(const char *name)
{
	char path[128], text[32] = "";
	int dir = open_tracefs();
	if (dir < 0)
		return dir;
	snprintf(path, sizeof(path), "events/%s/id", name);
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	int r = n <= 0 ? -errno : atoi(text);
	if (fd >= 0)
		close(fd);
	close(dir);
	return r == 0 ? -ENOENT : r;
}

/* SEC("tracepoint/<category>/<name>"). libbpf insists on a mounted tracefs, hence by hand. */
static int attach_tracepoint(struct bpf_program *p, struct bpf_link **ret)
{
	const char *name = bpf_program__section_name(p) + strlen("tracepoint/");
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr)};
	int id = lnr_tracepoint_id(name);
	if (id < 0)
		return id;
	attr.config = (uint64_t)id;
	/* Programs belong to the tracepoint, so one CPU's event serves all. */
	int perf = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (perf < 0)
		return -errno;
	*ret = bpf_program__attach_perf_event(p, perf); /* takes the descriptor on success */
	int r = *ret ? 0 : -errno;
	if (r)
		close(perf);
	return r;
}

static int attach(struct bpf_program *p, struct bpf_link **ret)
{
	if (strncmp(bpf_program__section_name(p), "tracepoint/", strlen("tracepoint/")) == 0)
		return attach_tracepoint(p, ret);
	*ret = bpf_program__attach(p);
	return *ret ? 0 : -errno;
}

int lnr_ring_attach(struct lnr_ring *c, struct lanner_bpf *skel, const char **ret_hook)
{
	struct bpf_program *p;
	unsigned missing = 0;
	int why = 0;
	bpf_object__for_each_program(p, skel->obj)
	{
		const char *name = bpf_program__name(p);
		if (!bpf_program__autoload(p) || !bpf_program__autoattach(p))
			continue;
		*ret_hook = name;
		if (c->n_links == LNR_ARRAY_SIZE(c->links))
			return -ENOSPC;
		int r = attach(p, &c->links[c->n_links]);
		if (r == 0) {
			c->n_links++;
		} else if (is_required(name)) {
			return r;
		} else {
			missing++;
			why = r;
			lnr_log(c->log, LNR_LOG_DEBUG, "hook %s cannot be attached: %s", name,
				strerror(-r));
		}
	}
	if (missing)
		lnr_log(c->log, LNR_LOG_NOTICE,
			"%u optional hooks cannot be attached (%s): arguments are read when a call "
			"returns, when another thread may have changed them; see 'lanner doctor'",
			missing, strerror(-why));
	return 0;
}

void lnr_ring_detach(struct lnr_ring *c)
{
	for (unsigned i = 0; i < c->n_links; i++)
		bpf_link__destroy(c->links[i]);
	c->n_links = 0;
}
