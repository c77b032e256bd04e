/* SPDX-License-Identifier: Apache-2.0 */
/* A field without a type. */
#define FIELDS "[{\"name\": \"faulty.x\", \"desc\": \"x\"}]"
#include "faulty.h"
