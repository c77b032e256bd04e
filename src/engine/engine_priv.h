/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of engine/ share. The only folder that knows every stage. */
#ifndef LNR_ENGINE_ENGINE_PRIV_H
#define LNR_ENGINE_ENGINE_PRIV_H

#include "alert/alert.h"
#include "capture/capture.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"
#include "rules/load.h"
#include "state/state.h"

/* --- rules.c: the public rule collection --- */

struct lnr_rules_file {
	char *name;
	const struct lnr_load_result *result;
};

struct lnr_rules {
	struct lnr_loader *loader;
	struct lnr_arena arena; /* static fields, append_output */
	struct lnr_rules_file *files;
	unsigned n_files;
	struct lnr_ruleset *compiled; /* of the last call that asked; NULL = stale */
};

/* The compiled rules as they are now; a new reference. */
int lnr_rules_compiled(struct lnr_rules *r, struct lnr_ruleset **ret);

/* --- select.c: which system calls to ask for --- */

struct lnr_selection {
	struct lnr_scset wanted;     /* ask the kernel for these */
	struct lnr_scset state_only; /* subset: only what changes state */
};

struct lnr_select_opts {
	bool all, repair;
	const char *const *custom_set; /* NULL-terminated or NULL */
	struct lnr_log *log;
};

/* Spec events-and-state 6.2 when the configuration asks for a set, architecture decision 3
 * otherwise. */
void lnr_select_syscalls(const struct lnr_ruleset *rs, const struct lnr_select_opts *opts,
	struct lnr_selection *ret);

static inline bool lnr_scset_has(const struct lnr_scset *s, unsigned code)
{
	return code < LNR_SCSET_BYTES * 8 && (s->bits[code / 8] >> (code % 8) & 1);
}

static inline void lnr_scset_put(struct lnr_scset *s, unsigned code, bool on)
{
	if (code >= LNR_SCSET_BYTES * 8)
		return;
	if (on)
		s->bits[code / 8] |= (uint8_t)(1u << (code % 8));
	else
		s->bits[code / 8] &= (uint8_t) ~(1u << (code % 8));
}

#endif
