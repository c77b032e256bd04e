/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts to a file, appended. Opened at the first alert; without keep_alive closed after each, so
 * that a rotated file is left alone by itself.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "outputs/driver.h"

struct file {
	char *path;
	bool keep_alive;
	bool reliable, sync, seen; /* seen: its end was looked at */
	int fd;
};

/*
 * A killed predecessor may have left half a line; ours begins at the start of one. Only where
 * alerts come again, since there nothing else tells a torn line from a whole one.
 */
static void mend_end(struct file *f)
{
	struct stat st;
	char last;
	f->seen = true;
	if (fstat(f->fd, &st) || !S_ISREG(st.st_mode) || st.st_size == 0)
		return;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n' && write(f->fd, "\n", 1) != 1)
		f->seen = false;
	close(fd);
}

static int file_open_fd(struct file *f, struct lnr_err *err)
{
	if (f->fd < 0)
		f->fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (f->fd < 0)
		return lnr_fail(err, -errno, "cannot open %s: %s", f->path, strerror(errno));
	if (f->reliable && !f->seen)
		mend_end(f);
	return 0;
}

static void file_close_fd(struct file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static int file_open(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err)
{
	struct file *f = calloc(1, sizeof(*f));
	if (!f)
		return lnr_fail(err, -ENOMEM, "out of memory");
	f->fd = -1;
	f->reliable = ctx->reliable;
	f->sync = ctx->sync;
	/* Only this very text switches it on (spec engine-config-cli 2.4). */
	f->keep_alive = strcmp(lnr_config_str(ctx->config, "file_output.keep_alive"), "true") == 0;
	f->path = strdup(lnr_config_str(ctx->config, "file_output.filename"));
	if (!f->path) {
		free(f);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	*ret = f;
	return 0;
}

/* Take back the beginning of a line whose rest does not fit, unless others wrote behind it. */
static void take_back(int fd, size_t written)
{
	struct stat st;
	off_t end = lseek(fd, 0, SEEK_CUR);
	if (written && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size == end)
		(void)ftruncate(fd, end - (off_t)written);
}

static int file_send(
	void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err)
{
	struct file *f = self;
	(void)a;
	int r = file_open_fd(f, err);
	if (r)
		return r;
	size_t written = 0;
	r = lnr_write_line(f->fd, line, &written);
	if (r)
		take_back(f->fd, written);
	if (!r && f->sync && fdatasync(f->fd) && errno != EINVAL && errno != EROFS)
		r = -errno; /* pipes and terminals have nothing to flush */
	if (r)
		lnr_fail(err, r, "cannot write to %s: %s", f->path, strerror(-r));
	if (!f->keep_alive || r)
		file_close_fd(f);
	return r;
}

static int file_reopen(void *self, struct lnr_err *err)
{
	struct file *f = self;
	file_close_fd(f);
	f->seen = false;
	int r = file_open_fd(f, err);
	if (!f->keep_alive)
		file_close_fd(f);
	return r;
}

static void file_close(void *self)
{
	struct file *f = self;
	file_close_fd(f);
	free(f->path);
	free(f);
}

const struct lnr_output_driver lnr_output_driver_file = {
	.name = "file",
	.desc = "a file, a line for each alert",
	.order = 10,
	.open = file_open,
	.send = file_send,
	.reopen = file_reopen,
	.close = file_close,
};
