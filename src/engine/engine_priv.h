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

/* --- profile.c --- */

int lnr_profile_write(const struct lnr_matcher *m, unsigned max, struct lnr_buf *out);

struct lnr_plugin_set;
struct lnr_scap_writer;
/* What the plugins tell of their state, into a file that begins at `ts`; see plugins_live.c. */
void lnr_plugin_set_write(
	struct lnr_plugin_set *set, struct lnr_scap_writer *w, uint64_t ts, struct lnr_log *log);

/* --- record.c: a whole stream into a file --- */

struct lnr_recorder;
/* Everything but opts is borrowed. `plugins` tell their state at the beginning of each file. */
int lnr_recorder_new(const struct lnr_record_opts *opts, const struct lnr_capture *capture,
	struct lnr_state *state, struct lnr_plugin_set *plugins, struct lnr_log *log,
	struct lnr_recorder **ret, struct lnr_err *err);
/* One more engine writes into it; `ts` is that of the beginning. Then lnr_recorder_end() is due. */
int lnr_recorder_share(
	struct lnr_recorder *r, struct lnr_plugin_set *plugins, uint64_t ts, struct lnr_err *err);
/* The file is begun at the first event. An error is told once; later events are ignored. */
int lnr_recorder_event(struct lnr_recorder *r, const struct lnr_capture_item *item, uint64_t ts,
	struct lnr_err *err);
/* Nothing happens: what was written can be flushed; `now` in epoch ns. */
void lnr_recorder_idle(struct lnr_recorder *r, uint64_t now);
/* A user, or a group, that became known or is gone. Written when the file is begun. */
void lnr_recorder_user(struct lnr_recorder *r, uint64_t ts, struct lnr_str container,
	const struct lnr_user *u, const struct lnr_group *g, bool gone);
void lnr_recorder_written(struct lnr_recorder *r, uint64_t *ret_events, uint64_t *ret_bytes);
/* The last one finishes the file and frees. Takes NULL. */
int lnr_recorder_end(struct lnr_recorder *r, struct lnr_err *err);

/* --- dump.c: capture files around matches --- */

struct lnr_dump;
/* `opts`, capture and state are borrowed. */
int lnr_dump_new(const struct lnr_engine_opts *opts, const struct lnr_capture *capture,
	struct lnr_state *state, struct lnr_plugin_set *plugins, struct lnr_dump **ret,
	struct lnr_err *err);
struct lnr_dump *lnr_dump_free(struct lnr_dump *d); /* finishes the file; takes NULL */
/* As lnr_recorder_user(). */
void lnr_dump_user(struct lnr_dump *d, uint64_t ts, struct lnr_str container,
	const struct lnr_user *u, const struct lnr_group *g, bool gone);
/*
 * An event and the `n` rules that it matched. Fails only when a file cannot be started. *ret_full
 * becomes the size in bytes of a file that ended because it was full.
 */
int lnr_dump_event(struct lnr_dump *d, const struct lnr_event *ev,
	const struct lnr_capture_item *item, const struct lnr_rule *const *hits, unsigned n,
	uint64_t *ret_full, struct lnr_err *err);

/* --- drops.c: what is done about lost events --- */

struct lnr_drops {
	uint64_t next_check; /* event time, 0 = no event yet */
	uint64_t last_evts, last_drops;
	double tokens;
	uint64_t refilled; /* event time */
	uint64_t seen, acted;
};

/* Numbers of the source, by name of lnr_engine_counter(); 0 when it has none of that name. */
typedef uint64_t lnr_number_fn(void *user, const char *name);

/*
 * To be called with the time of each event; looks at the numbers once per second. Returns which of
 * opts->drop_actions are due, 0 mostly; then *ret_n is how many events were lost.
 */
unsigned lnr_drops_check(struct lnr_drops *d, const struct lnr_engine_opts *opts, uint64_t ts,
	lnr_number_fn *number, void *user, uint64_t *ret_n);
/* The internal message about it. */
int lnr_drops_alert(const struct lnr_drops *d, const struct lnr_engine_opts *opts, uint64_t ts,
	uint64_t n, const char *hostname, lnr_number_fn *number, void *user,
	struct lnr_alert **ret);

/* --- select.c: which system calls to ask for --- */

struct lnr_selection {
	struct lnr_scset wanted;       /* ask the kernel for these */
	struct lnr_scset state_only;   /* subset: only what changes state */
	struct lnr_scset success_only; /* subset: only calls that did not fail */
};

struct lnr_select_opts {
	bool all, repair, keep_unwanted;
	bool whole_state;	       /* plugins look at it, and learn from calls that change it */
	const char *const *custom_set; /* NULL-terminated or NULL */
	struct lnr_log *log;
};

/* Spec events-and-state 6.2 when the configuration asks for a set, architecture decision 3
 * otherwise. */
void lnr_select_syscalls(
	struct lnr_ruleset *rs, const struct lnr_select_opts *opts, struct lnr_selection *ret);

/* I/O calls that are not armed unless asked for: those of no use to the state. */
void lnr_ignored_syscalls(struct lnr_scset *ret);
/* Names of its members with `between` in between. */
void lnr_scset_names(const struct lnr_scset *s, const char *between, struct lnr_buf *out);

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
