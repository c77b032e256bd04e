/* SPDX-License-Identifier: Apache-2.0 */
/* Events with a timeout, then with the end. */
#define BATCH                    \
	*n = calls == 1 ? 2 : 1; \
	return calls == 1 ? LNR_PLUGIN_TIMEOUT : LNR_PLUGIN_EOF;
#include "faulty.h"
