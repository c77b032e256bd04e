/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events for a person or a program: what --list-events prints (spec engine-config-cli 4.1).
 *
 * Old and unused events are left out; a system call without events of its own is listed by its name
 * with the parameters of the generic event. An event is not available by default when all its
 * calls are in the set that is left out of a capture unless everything is asked for.
 */
#ifndef LNR_DECODE_LIST_H
#define LNR_DECODE_LIST_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Append the list in "text", "markdown" or "json". -EINVAL for another format, -ENOMEM when the
 * buffer is full or the heap exhausted.
 */
int lnr_events_list(struct lnr_buf *out, const char *format, struct lnr_err *err);

#endif
