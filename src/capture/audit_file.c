/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of audit logs (spec k8s-audit.md 2). A file that is followed is looked at in turns instead
 * of being watched: inotify knows nothing of what other machines write to a file system, and audit
 * logs lie on such ones.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/util.h"
#include "capture/audit_priv.h"
#include "schema/limits.h"

struct lnr_audit_file {
	char **paths; /* of a file that is followed the only one */
	size_t n_paths, at_path;
	bool follow;
	size_t max_line;
	const struct lnr_clock *clock;
	int fd;	   /* of paths[at_path]; -1 = not open */
	dev_t dev; /* what is open */
	ino_t ino;
	uint64_t offset; /* bytes read of it */
	char *buf;
	size_t cap, from, len; /* bytes that wait are buf[from .. len) */
	size_t looked;	       /* behind `from`: no line end so far */
	bool skipping;	       /* inside of a line that is too long */
	bool flush;	       /* what waits is whole although no line end follows */
	struct lnr_audit_file_stats stats;
};

/* --- opening --- */

struct found {
	char *path;
	struct timespec changed;
};

static int by_age(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->changed.tv_sec != y->changed.tv_sec)
		return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
	if (x->changed.tv_nsec != y->changed.tv_nsec)
		return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int add_found(
	struct found **v, size_t *n, const char *dir, const char *name, struct lnr_err *err)
{
	char path[PATH_MAX];
	struct stat st;
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path) ||
		stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	if (*n == LNR_AUDIT_FILES_MAX)
		return lnr_fail(
			err, -E2BIG, "%s holds more than %d files", dir, LNR_AUDIT_FILES_MAX);
	/* Room doubles at each power of two. */
	if ((*n & (*n - 1)) == 0) {
		struct found *p = realloc(*v, (*n ? 2 * *n : 1) * sizeof(*p));
		if (!p)
			return lnr_fail(err, -ENOMEM, "out of memory");
		*v = p;
	}
	(*v)[*n] = (struct found){strdup(path), st.st_mtim};
	if (!(*v)[*n].path)
		return lnr_fail(err, -ENOMEM, "out of memory");
	++*n;
	return 0;
}

static int list_directory(struct lnr_audit_file *f, const char *dir, struct lnr_err *err)
{
	struct found *v = NULL;
	const struct dirent *e;
	size_t n = 0;
	int r = 0;
	DIR *d = opendir(dir);
	if (!d)
		return lnr_fail(err, -errno, "cannot read %s: %s", dir, strerror(errno));
	while (!r && (e = readdir(d)))
		r = add_found(&v, &n, dir, e->d_name, err);
	closedir(d);
	if (n)
		qsort(v, n, sizeof(*v), by_age);
	f->paths = calloc(n + 1, sizeof(*f->paths));
	if (!r && !f->paths)
		r = lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (f->paths)
			f->paths[f->n_paths++] = v[i].path;
		else
			free(v[i].path);
	}
	free(v);
	return r;
}

static int open_path(struct lnr_audit_file *f)
{
	struct stat st;
	/* What takes the place of a file that is followed must not hold us up. */
	int fd = open(f->paths[f->at_path], O_RDONLY | O_CLOEXEC | (f->follow ? O_NONBLOCK : 0));
	if (fd < 0)
		return -errno;
	int r = fstat(fd, &st) ? -errno : 0;
	if (!r && f->follow && !S_ISREG(st.st_mode))
		r = -ENOENT;
	if (r) {
		close(fd);
		return r;
	}
	f->fd = fd;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->offset = 0;
	return 0;
}

static void close_path(struct lnr_audit_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* A file that is not there may come, as long as there is a place for it. */
static int check_parent(const char *path, struct lnr_err *err)
{
	char dir[PATH_MAX];
	struct stat st;
	const char *slash = strrchr(path, '/');
	size_t n = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
	if (n >= sizeof(dir))
		return lnr_fail(err, -ENAMETOOLONG, "the path %.40s… is too long", path);
	snprintf(dir, sizeof(dir), "%.*s", n ? (int)n : 1, n ? path : ".");
	if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		errno = ENOTDIR;
	else if (stat(dir, &st) == 0)
		return 0;
	return lnr_fail(err, -errno, "cannot follow %s: %s: %s", path, dir, strerror(errno));
}

static int begin(struct lnr_audit_file *f, const char *path, struct lnr_err *err)
{
	struct stat st;
	bool there = stat(path, &st) == 0;
	int r = there ? 0 : -errno;
	if (!f->follow && there && S_ISDIR(st.st_mode))
		return list_directory(f, path, err);
	if (f->follow && there && !S_ISREG(st.st_mode))
		return lnr_fail(err, -EINVAL, "cannot follow %s: not a regular file", path);
	f->paths = calloc(2, sizeof(*f->paths));
	if (f->paths)
		f->paths[0] = strdup(path);
	if (!f->paths || !f->paths[0])
		return lnr_fail(err, -ENOMEM, "out of memory");
	f->n_paths = 1;
	if (there)
		r = open_path(f);
	if (r == -ENOENT && f->follow)
		return check_parent(path, err);
	if (r)
		return lnr_fail(err, r, "cannot read %s: %s", path, strerror(-r));
	off_t end = f->follow ? lseek(f->fd, 0, SEEK_END) : 0;
	f->offset = end > 0 ? (uint64_t)end : 0;
	return 0;
}

int lnr_audit_file_open(const char *path, bool follow, size_t max_line,
	const struct lnr_clock *clock, struct lnr_audit_file **ret, struct lnr_err *err)
{
	struct lnr_audit_file *f = calloc(1, sizeof(*f));
	if (!f)
		return lnr_fail(err, -ENOMEM, "out of memory");
	f->fd = -1;
	f->follow = follow;
	f->max_line = max_line;
	f->clock = clock;
	f->cap = LNR_AUDIT_READ_BYTES;
	f->buf = malloc(f->cap);
	int r = f->buf ? begin(f, path, err) : lnr_fail(err, -ENOMEM, "out of memory");
	if (r)
		lnr_audit_file_close(f);
	else
		*ret = f;
	return r;
}

struct lnr_audit_file *lnr_audit_file_close(struct lnr_audit_file *f)
{
	if (!f)
		return NULL;
	close_path(f);
	for (size_t i = 0; i < f->n_paths; i++)
		free(f->paths[i]);
	free(f->paths);
	free(f->buf);
	free(f);
	return NULL;
}

void lnr_audit_file_stats(const struct lnr_audit_file *f, struct lnr_audit_file_stats *ret)
{
	*ret = f->stats;
}

/* --- lines --- */

static bool is_blank(struct lnr_str s)
{
	return lnr_str_trim(s).len == 0;
}

/* A line in the buffer, too long ones left out. */
static bool take_line(struct lnr_audit_file *f, struct lnr_str *ret)
{
	while (f->from < f->len) {
		char *p = f->buf + f->from;
		size_t left = f->len - f->from;
		const char *nl = memchr(p + f->looked, '\n', left - f->looked);
		size_t len = nl ? (size_t)(nl - p) : left;
		if (!nl && !f->flush) {
			f->looked = left;
			return false;
		}
		bool skipped = f->skipping || len > f->max_line;
		f->stats.too_long += !f->skipping && skipped;
		f->from += len + (nl != NULL);
		f->looked = 0;
		f->skipping = false;
		*ret = (struct lnr_str){p, len};
		if (!skipped && !is_blank(*ret))
			return true;
	}
	f->flush = false;
	return false;
}

/* Room for more behind what waits. Of a line that is too long only its being so is kept. */
static int make_room(struct lnr_audit_file *f)
{
	size_t left = f->len - f->from;
	if (f->skipping || left > f->max_line) {
		f->stats.too_long += !f->skipping;
		f->skipping = true;
		left = 0;
	}
	memmove(f->buf, f->buf + f->from, left);
	f->from = 0;
	f->len = left;
	f->looked = left;
	if (f->cap - left >= LNR_AUDIT_READ_BYTES / 2)
		return 0;
	char *p = realloc(f->buf, f->cap * 2);
	if (!p)
		return -ENOMEM;
	f->buf = p;
	f->cap *= 2;
	return 0;
}

/* 1 = bytes came, 0 = none. */
static int fill(struct lnr_audit_file *f, struct lnr_err *err)
{
	int r = make_room(f);
	if (r)
		return lnr_fail(err, r, "out of memory");
	ssize_t n;
	do {
		n = read(f->fd, f->buf + f->len, f->cap - f->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return lnr_fail(
			err, -errno, "cannot read %s: %s", f->paths[f->at_path], strerror(errno));
	f->len += (size_t)n;
	f->offset += (uint64_t)n;
	return n > 0;
}

/* --- once --- */

/* The next file, or the end. */
static int next_file(struct lnr_audit_file *f, struct lnr_err *err)
{
	if (f->fd >= 0) {
		close_path(f);
		f->at_path++;
	}
	if (f->at_path == f->n_paths)
		return -ENODATA;
	int r = open_path(f);
	/* One that went away since the directory was read is not missed. */
	if (r == -ENOENT && f->n_paths > 1) {
		f->at_path++;
		return 0;
	}
	return r ? lnr_fail(err, r, "cannot read %s: %s", f->paths[f->at_path], strerror(-r)) : 0;
}

static int read_once(struct lnr_audit_file *f, struct lnr_err *err)
{
	int r = f->fd >= 0 ? fill(f, err) : 0;
	if (r < 0)
		return r;
	if (r == 0 && f->fd >= 0 && f->len > f->from) {
		/* The last line of a file needs no end; a new file begins a new one. */
		f->flush = true;
		close_path(f);
		f->at_path++;
		return 0;
	}
	if (r == 0 && f->fd >= 0)
		f->skipping = false;
	return r == 0 ? next_file(f, err) : 0;
}

/* --- follow --- */

/* How often a file at rest is looked at. */
#define FOLLOW_WAIT_NS (30 * LNR_NS_PER_MS)

/* Was the file cut, or is another one at its place? */
static bool look_around(struct lnr_audit_file *f)
{
	struct stat st;
	if (fstat(f->fd, &st) == 0 && (uint64_t)st.st_size < f->offset) {
		f->stats.truncations++;
		f->from = f->len = f->looked = 0;
		f->skipping = false;
		f->offset = 0;
		return lseek(f->fd, 0, SEEK_SET) == 0;
	}
	/* While nothing is at its place, who writes may still have it open. */
	if (stat(f->paths[0], &st) || (st.st_dev == f->dev && st.st_ino == f->ino))
		return false;
	f->stats.rotations++;
	close_path(f);
	/* Nobody will end its last line now. */
	f->flush = f->len > f->from && !f->skipping;
	f->skipping = false;
	if (!f->flush)
		f->from = f->len = f->looked = 0;
	return true;
}

static int read_on(struct lnr_audit_file *f, struct lnr_err *err)
{
	int r = 0;
	if (f->fd < 0) {
		r = open_path(f);
		if (r && r != -ENOENT)
			return lnr_fail(err, r, "cannot read %s: %s", f->paths[0], strerror(-r));
	}
	if (f->fd >= 0) {
		r = fill(f, err);
		if (r)
			return r < 0 ? r : 0;
		if (look_around(f))
			return 0;
	}
	f->clock->sleep_ns(f->clock, FOLLOW_WAIT_NS);
	return -EAGAIN;
}

int lnr_audit_file_next(struct lnr_audit_file *f, struct lnr_str *ret, struct lnr_err *err)
{
	for (int i = 0; i < LNR_AUDIT_FRUITLESS; i++) {
		if (take_line(f, ret))
			return 0;
		int r = f->follow ? read_on(f, err) : read_once(f, err);
		if (r)
			return r;
	}
	/* A line without end, or nothing but blank ones: others want to be looked at, too. */
	return -EAGAIN;
}
