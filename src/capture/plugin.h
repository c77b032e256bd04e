/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin as a source of events (spec plugin-abi.md 7). The instance stays the caller's and
 * outlives the capture; records are the plugin's memory, borrowed until its next batch.
 */
#ifndef LNR_CAPTURE_PLUGIN_H
#define LNR_CAPTURE_PLUGIN_H

#include "capture/capture.h"
#include "plugin/host.h"

/* Open the plugin's source with its open parameters. clock NULL = the system's. */
int lnr_plugin_capture_open(struct lnr_plugin_instance *inst, const struct lnr_clock *clock,
	struct lnr_capture **ret, struct lnr_err *err);

#endif
