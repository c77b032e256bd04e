/* SPDX-License-Identifier: Apache-2.0 */
/* Another major version of the interface. */
#define API "4.0.0"
#include "faulty.h"
