/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where tests of this folder find what the reference printed.
 */
#ifndef LNR_TESTS_UNIT_DECODE_REFERENCE_H
#define LNR_TESTS_UNIT_DECODE_REFERENCE_H

#include <jansson.h>
#include <stdio.h>

/* A JSON file below the reference folder; tests run from the top of the tree. NULL = not there. */
static inline json_t *load_reference(const char *name)
{
	static const char *const places[] = {"tests/reference", "../shared", "../shared/data"};
	char path[256];
	json_t *j = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !j; i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], name);
		j = json_load_file(path, 0, NULL);
	}
	if (!j)
		fprintf(stderr, "%s: not found, run from the top of the tree\n", name);
	return j;
}

#endif
