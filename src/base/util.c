/* SPDX-License-Identifier: Apache-2.0 */
#include "base/util.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define READ_FIRST_BYTES 4096

static int open_for_reading(const char *path, struct stat *ret_st, struct lnr_err *err)
{
	/* A terminal named in a configuration must not become ours. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int rc;

	if (fd < 0) {
		rc = -errno;
		return lnr_fail(err, rc, "cannot open %s: %s", path, strerror(-rc));
	}
	if (fstat(fd, ret_st)) {
		rc = -errno;
		close(fd);
		return lnr_fail(err, rc, "cannot examine %s: %s", path, strerror(-rc));
	}
	return fd;
}

/* `size` is a hint: files of /proc say 0, and a file may grow while it is read. */
static int read_all(int fd, const char *path, off_t size, size_t max, char **ret, size_t *ret_len,
	struct lnr_err *err)
{
	size_t cap = size > 0 && (uint64_t)size < max ? (size_t)size + 1 : READ_FIRST_BYTES;
	LNR_AUTO_FREE char *text = NULL;
	size_t len = 0;

	for (;;) {
		ssize_t n;

		if (!text || len == cap) {
			char *p;

			if (text && __builtin_mul_overflow(cap, (size_t)2, &cap))
				return lnr_fail(err, -EFBIG, "%s is too large", path);
			/* One byte more for the NUL. */
			p = realloc(text, cap + 1);
			if (!p)
				return lnr_fail(err, -ENOMEM, "out of memory reading %s", path);
			text = p;
		}
		n = read(fd, text + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int rc = -errno;

			return lnr_fail(err, rc, "cannot read %s: %s", path, strerror(-rc));
		}
		len += (size_t)n;
		if (len > max)
			return lnr_fail(err, -EFBIG, "%s is larger than %zu bytes", path, max);
		if (n == 0)
			break;
	}
	text[len] = '\0';
	if (ret_len)
		*ret_len = len;
	*ret = lnr_take(text);
	return 0;
}

int lnr_read_file(const char *path, size_t max, char **ret, size_t *ret_len, struct lnr_err *err)
{
	LNR_AUTO_CLOSE int fd = -1;
	struct stat st;

	fd = open_for_reading(path, &st, err);
	if (fd < 0)
		return fd;
	return read_all(fd, path, st.st_size, max, ret, ret_len, err);
}

/* --- trust ------------------------------------------------------------------------------------*/

/*
 * NULL when only root and the caller can change what `st` describes, else what is wrong with it.
 * Group bits are the mask of an access control list too, so that one is covered.
 */
static const char *distrust(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs to another user";
	if (st->st_mode & S_IWOTH)
		return "is writable by everyone";
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0)
		return "is writable by its group";
	return NULL;
}

/*
 * Everybody who may write a directory may replace what it holds, so each one up to the root
 * counts. A sticky directory lets only owners replace its entries; its own owner still can.
 */
static int check_directories(const char *path, char *real, struct lnr_err *err)
{
	struct stat st;
	char *slash;

	while ((slash = strrchr(real, '/'))) {
		const char *reason;

		slash[slash == real] = '\0';
		if (lstat(real, &st)) {
			int rc = -errno;

			return lnr_fail(err, rc, "cannot examine %s: %s", real, strerror(-rc));
		}
		if (st.st_mode & S_ISVTX)
			st.st_mode &= ~(mode_t)(S_IWGRP | S_IWOTH);
		reason = distrust(&st);
		if (reason)
			return lnr_fail(err, -EPERM,
				"refusing %s: the directory %s %s, so others can replace the file",
				path, real, reason);
		if (slash == real)
			break;
	}
	return 0;
}

static int check_file(const char *path, const struct stat *st, struct lnr_err *err)
{
	const char *reason = distrust(st);
	LNR_AUTO_FREE char *real = NULL;
	struct stat named;

	/* Writing to a device such as /dev/null does not change what it reads. */
	if (reason && !S_ISCHR(st->st_mode))
		return lnr_fail(err, -EPERM, "refusing %s: it %s", path, reason);
	real = realpath(path, NULL);
	if (!real) {
		int rc = -errno;

		/* A pipe handed over by a shell, /dev/fd/N, stands in no directory. */
		if (rc == -ENOENT && S_ISFIFO(st->st_mode))
			return 0;
		return lnr_fail(err, rc, "cannot resolve %s: %s", path, strerror(-rc));
	}
	/* The name must still lead to what was opened, or the directories say nothing about it. */
	if (stat(real, &named) || named.st_dev != st->st_dev || named.st_ino != st->st_ino)
		return lnr_fail(
			err, -EPERM, "refusing %s: it was replaced while being opened", path);
	return check_directories(path, real, err);
}

int lnr_read_trusted_file(
	const char *path, size_t max, char **ret, size_t *ret_len, struct lnr_err *err)
{
	LNR_AUTO_CLOSE int fd = -1;
	struct stat st;
	int rc;

	fd = open_for_reading(path, &st, err);
	if (fd < 0)
		return fd;
	rc = check_file(path, &st, err);
	if (rc)
		return rc;
	return read_all(fd, path, st.st_size, max, ret, ret_len, err);
}

int lnr_check_trusted_file(const char *path, struct lnr_err *err)
{
	LNR_AUTO_CLOSE int fd = -1;
	struct stat st;

	fd = open_for_reading(path, &st, err);
	return fd < 0 ? fd : check_file(path, &st, err);
}
