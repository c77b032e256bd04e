/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a file has been read, as a bar on standard error, for somebody who waits. It appears when
 * standard error is a terminal and reading takes longer than a second, and leaves nothing behind.
 * While lines of output run over the same terminal they show well enough that something happens.
 */
#ifndef LNR_CLI_PROGRESS_H
#define LNR_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct lnr_engine;

struct lnr_progress {
	struct lnr_engine *engine; /* NULL = there is no bar */
	uint64_t start_ns, due_ns; /* monotonic */
	unsigned steps;
	bool shown;
	bool shares; /* standard output is a terminal, too */
	bool output; /* there was some since the bar was drawn or due */
};
void lnr_progress_begin(struct lnr_progress *p, struct lnr_engine *engine);
/* After each event; looks at the clock only now and then. */
void lnr_progress_step(struct lnr_progress *p);
/* Before something is written to standard output. */
void lnr_progress_output(struct lnr_progress *p);
/* At the end. */
void lnr_progress_clear(struct lnr_progress *p);

#endif
