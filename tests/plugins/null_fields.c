/* SPDX-License-Identifier: Apache-2.0 */
/* No list of fields. */
#define FIELDS NULL
#include "faulty.h"
