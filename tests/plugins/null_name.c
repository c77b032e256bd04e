/* SPDX-License-Identifier: Apache-2.0 */
/* No name. */
#define NAME NULL
#include "faulty.h"
