/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call of a plugin that may never return, made by a thread of its own, so that the agent can say
 * so and go on. There is no way to end such a thread: it stays, with all that it was given, until
 * the process ends.
 */
#ifndef LNR_PLUGIN_LIMIT_H
#define LNR_PLUGIN_LIMIT_H

#include <stdint.h>

/*
 * fn(arg) within `ms`. 0 = it returned. -ETIMEDOUT = it did not, and may do so at any later time:
 * whatever it uses must be left alone. Without a thread to be had it is called here, without limit.
 */
int lnr_plugin_limited(void (*fn)(void *arg), void *arg, uint32_t ms);

#endif
