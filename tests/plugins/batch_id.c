/* SPDX-License-Identifier: Apache-2.0 */
/* An event of another plugin. */
#define BATCH           \
	*n = 1;         \
	one.plugin = 5; \
	return LNR_PLUGIN_SUCCESS;
#include "faulty.h"
