/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LNR_CONFIG_CONFIG_PRIV_H
#define LNR_CONFIG_CONFIG_PRIV_H

#include "base/buf.h"
#include "config/options.h"
#include "config/tree.h"
#include "lanner/config.h"

struct lnr_finding {
	char *text;
	bool warning;
};

struct lnr_config {
	struct lnr_arena arena;
	struct lnr_cnode *root;
	const char **files;
	size_t n_files;
	struct lnr_finding *findings;
	size_t n_findings, cap_findings;
};

int lnr_config_add_finding(struct lnr_config *c, bool warning, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* check.c: what is odd in one file's tree; never fatal. */
int lnr_config_check_file(struct lnr_config *c, const char *file, const struct lnr_cnode *root);
/* check.c: values that end the start. */
int lnr_config_check_values(struct lnr_config *c, struct lnr_err *err);

#endif
