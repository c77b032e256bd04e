/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing wrong: an extractor for every source. */
#include "faulty.h"
