/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a file is still the one that was read: for files that are exchanged while the program
 * runs, by writing, by renaming, or by switching a link above them as Kubernetes does with secrets.
 */
#ifndef LNR_NET_FILE_MARK_H
#define LNR_NET_FILE_MARK_H

#include <stdbool.h>
#include <sys/stat.h>

struct lnr_file_mark {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};

/* All zeros when the file cannot be examined. Take it before reading: then nothing is missed. */
static inline struct lnr_file_mark lnr_file_mark(const char *path)
{
	struct stat st;
	if (stat(path, &st))
		return (struct lnr_file_mark){0};
	return (struct lnr_file_mark){st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim};
}

static inline bool lnr_file_mark_eq(const struct lnr_file_mark *a, const struct lnr_file_mark *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

#endif
