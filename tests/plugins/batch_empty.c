/* SPDX-License-Identifier: Apache-2.0 */
/* A batch without events that is no timeout. */
#define BATCH   \
	*n = 0; \
	return LNR_PLUGIN_SUCCESS;
#include "faulty.h"
