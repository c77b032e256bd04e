/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules against events without end: the bytes choose rules and events, as tests/unit/rules/
 * network_random.c does with a generator. The network, both modes, and the kernel predicate must
 * agree with the tree walker.
 */
#include "tests/lib/rulegen.c"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Once the bytes are used up a generator goes on. */
	struct lnr_gen g = {.bytes = data,
		.n_bytes = size,
		.seed = lnr_str_hash((struct lnr_str){(const char *)data, size}, 0)};
	struct lnr_gen_seen seen = {0};
	uint32_t n_rules = 1 + (uint32_t)lnr_gen_below(&g, 12);
	struct lnr_buf why;

	lnr_buf_init(&why, 0);
	if (!lnr_gen_compare(&g, n_rules, 100, &seen, &why)) {
		fprintf(stderr, "%s\n", why.ptr);
		abort();
	}
	lnr_buf_done(&why);
	return 0;
}
