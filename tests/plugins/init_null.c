/* SPDX-License-Identifier: Apache-2.0 */
/* A start that fails and tells nothing. */
#define INIT_RC	   LNR_PLUGIN_FAILURE
#define INIT_STATE NULL
#include "faulty.h"
