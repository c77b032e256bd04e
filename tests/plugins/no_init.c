/* SPDX-License-Identifier: Apache-2.0 */
/* A function that all need is missing. */
#define WITHOUT_INIT
#include "faulty.h"
