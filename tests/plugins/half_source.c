/* SPDX-License-Identifier: Apache-2.0 */
/* An open function alone. */
#define HALF_SOURCE
#include "faulty.h"
