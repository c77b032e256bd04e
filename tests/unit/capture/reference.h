/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where tests of this folder find reference facts and captures: tests run from the top of the tree.
 */
#ifndef LNR_TESTS_UNIT_CAPTURE_REFERENCE_H
#define LNR_TESTS_UNIT_CAPTURE_REFERENCE_H

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

/* Path of what is called `name` ("spec/…", "captures/…") into buf; NULL = not there. */
static inline const char *reference_path(const char *name, char buf[512])
{
	static const char *const places[] = {"tests/reference", "../shared", "../shared/data"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(buf, 512, "%s/%s", places[i], name);
		if (access(buf, R_OK) == 0)
			return buf;
	}
	fprintf(stderr, "%s: not found, run from the top of the tree\n", name);
	return NULL;
}

static inline json_t *reference_json(const char *name)
{
	char path[512];

	return reference_path(name, path) ? json_load_file(path, 0, NULL) : NULL;
}

/*
 * Call fn(folder, arg) for the folder of each reference capture; returns how many there are, 0 when
 * there is no such place.
 */
static inline unsigned reference_captures(
	void (*fn)(const char *folder, const char *name, void *arg), void *arg)
{
	char root[512], path[1024];
	DIR *dir = reference_path("captures", root) ? opendir(root) : NULL;
	unsigned n = 0;

	if (!dir)
		return 0;
	for (struct dirent *e; (e = readdir(dir));) {
		snprintf(path, sizeof(path), "%s/%s/capture.scap", root, e->d_name);
		if (e->d_name[0] == '.' || access(path, R_OK))
			continue;
		snprintf(path, sizeof(path), "%s/%s", root, e->d_name);
		fn(path, e->d_name, arg);
		n++;
	}
	closedir(dir);
	return n;
}

#endif
