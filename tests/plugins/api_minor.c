/* SPDX-License-Identifier: Apache-2.0 */
/* A newer minor version of the interface. */
#define API "3.13.0"
#include "faulty.h"
