/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state: the input becomes a storm of events (state_storm.h). No order of events, however
 * impossible, may break an invariant of the tables.
 */
#include "fuzz/state_storm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct storm s;

	storm_init(&s, data, size);
	while (storm_step(&s))
		;
	storm_done(&s);
	return 0;
}
