/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing wrong: two events of a source with a name and id of its own. */
#define NAME   "other"
#define ID     998
#define SOURCE "other"
#define BATCH           \
	*n = 2;         \
	if (calls > 1)  \
		*n = 0; \
	return calls > 1 ? LNR_PLUGIN_EOF : LNR_PLUGIN_SUCCESS;
#include "faulty.h"
