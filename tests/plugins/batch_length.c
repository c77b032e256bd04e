/* SPDX-License-Identifier: Apache-2.0 */
/* An event that is shorter than its data. */
#define BATCH                 \
	*n = 1;               \
	one.lengths[1] = 400; \
	return LNR_PLUGIN_SUCCESS;
#include "faulty.h"
