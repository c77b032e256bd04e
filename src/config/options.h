/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of configuration keys: the master copy of what exists, of which type, with which
 * default and meaning. Reading, checking, printing, JSON schema and documentation come from it; a
 * new key is one row. Elements of lists are written "plugins[].name", free keys "static_fields.*".
 */
#ifndef LNR_CONFIG_OPTIONS_H
#define LNR_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum lnr_option_type {
	LNR_OPTION_BOOL,
	LNR_OPTION_INT,
	LNR_OPTION_DOUBLE,
	LNR_OPTION_STR,
	LNR_OPTION_LIST, /* of what the "[]" rows say */
	LNR_OPTION_MAP,	 /* with what the "." rows say */
	LNR_OPTION_ANY,	 /* text, map or list */
};

enum {
	LNR_OPTION_OURS = 1 << 0,	/* unknown to the reference */
	LNR_OPTION_DEPRECATED = 1 << 1, /* accepted with a warning */
	LNR_OPTION_STRICT = 1 << 2,	/* a value outside choices or range ends the start */
	LNR_OPTION_ANY_CASE = 1 << 3,	/* choices are compared without regard to case */
	LNR_OPTION_SECRET = 1 << 4,	/* printed as asterisks */
};

struct lnr_option {
	const char *path; /* NULL ends the table */
	enum lnr_option_type type;
	const char *def;     /* default, as text */
	double min, max;     /* numbers; 0, 0 = any */
	const char *choices; /* words separated by blanks, or NULL */
	unsigned flags;
	const char *help; /* one line */
};

extern const struct lnr_option lnr_options[];

/* Row of a concrete path: "plugins[3].name" finds "plugins[].name". NULL = unknown. */
const struct lnr_option *lnr_option_find(const char *path);

#endif
