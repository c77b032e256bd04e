/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watched files (spec engine-config-cli 8). The directory of a file is watched, not its inode: so a
 * file that is replaced (written aside and renamed), deleted and made again, or reached through a
 * link that is pointed elsewhere (as Kubernetes updates mounted maps, by the name "..data") is
 * noticed like one that is written in place.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "cli/session_priv.h"

#define WATCH_MASK                                                                               \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | \
		IN_MOVE_SELF)

struct entry {
	int wd;
	char *name; /* NULL = anything in the directory */
};

struct lnr_watch {
	int fd;
	struct entry *v;
	size_t n;
};

int lnr_watch_new(struct lnr_watch **ret, struct lnr_err *err)
{
	struct lnr_watch *w = calloc(1, sizeof(*w));
	if (!w)
		return lnr_fail(err, -ENOMEM, "out of memory");
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0) {
		int code = -errno;
		free(w);
		return lnr_fail(err, code, "cannot watch files: %s", strerror(-code));
	}
	*ret = w;
	return 0;
}

struct lnr_watch *lnr_watch_free(struct lnr_watch *w)
{
	if (!w)
		return NULL;
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].name);
	free(w->v);
	close(w->fd);
	free(w);
	return NULL;
}

static int add(struct lnr_watch *w, const char *dir, const char *name)
{
	/* The same directory gives the same number again. */
	int wd = inotify_add_watch(w->fd, dir, WATCH_MASK | IN_MASK_ADD);
	if (wd < 0)
		return -errno;
	struct entry *v = realloc(w->v, (w->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	w->v = v;
	v[w->n].wd = wd;
	v[w->n].name = name ? strdup(name) : NULL;
	if (name && !v[w->n].name)
		return -ENOMEM;
	w->n++;
	return 0;
}

static int add_parent(struct lnr_watch *w, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	if (n >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, n);
	dir[n] = 0;
	return add(w, n ? dir : slash ? "/" : ".", slash ? slash + 1 : path);
}

int lnr_watch_file(struct lnr_watch *w, const char *path)
{
	char target[PATH_MAX];
	int r = add_parent(w, path);
	if (!r && realpath(path, target))
		r = add_parent(w, target);
	return r;
}

int lnr_watch_dir(struct lnr_watch *w, const char *path)
{
	return add(w, path, NULL);
}

static bool concerns(const struct lnr_watch *w, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW)
		return true; /* what was lost may have been ours */
	for (size_t i = 0; i < w->n; i++) {
		const struct entry *v = &w->v[i];
		if (v->wd != e->wd)
			continue;
		if (!v->name || !e->len || strcmp(v->name, e->name) == 0 ||
			strcmp(e->name, "..data") == 0)
			return true;
	}
	return false;
}

bool lnr_watch_changed(struct lnr_watch *w)
{
	_Alignas(struct inotify_event) char buf[16384];
	bool changed = false;
	ssize_t n;
	while ((n = read(w->fd, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *e = (const struct inotify_event *)p;
			changed |= concerns(w, e);
			p += sizeof(*e) + e->len;
		}
	}
	return changed;
}
