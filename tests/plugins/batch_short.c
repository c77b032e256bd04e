/* SPDX-License-Identifier: Apache-2.0 */
/* An event that is shorter than its header. */
#define BATCH               \
	*n = 1;             \
	one.header.len = 5; \
	return LNR_PLUGIN_SUCCESS;
#include "faulty.h"
