/* SPDX-License-Identifier: Apache-2.0 */
/* A start that fails and tells why. */
#define INIT_RC LNR_PLUGIN_FAILURE
#include "faulty.h"
