/* SPDX-License-Identifier: Apache-2.0 */
/* Two events together with a failure. */
#define BATCH   \
	*n = 2; \
	return LNR_PLUGIN_FAILURE;
#include "faulty.h"
