/* SPDX-License-Identifier: Apache-2.0 */
/* An event of another type. */
#define BATCH                \
	*n = 1;              \
	one.header.type = 3; \
	return LNR_PLUGIN_SUCCESS;
#include "faulty.h"
