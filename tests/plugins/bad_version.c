/* SPDX-License-Identifier: Apache-2.0 */
/* A version that is none. */
#define VERSION "one"
#include "faulty.h"
