/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What jemalloc counts, where the program runs with it (LD_PRELOAD, or linked). Its entry is looked
 * up at run time, so that nothing depends on it (mallctl(3), "stats.*").
 */
#include <dlfcn.h>
#include <stdio.h>
#include "server/metrics_priv.h"

typedef int mallctl_fn(const char *name, void *old, size_t *old_len, void *fresh, size_t len);

void lnr_jemalloc_read(void (*fn)(void *user, const char *stat, uint64_t bytes), void *user)
{
	static const char *const stats[] = {"active", "allocated", "mapped", "metadata",
		"metadata_edata", "metadata_rtree", "metadata_thp", "resident", "retained"};
	mallctl_fn *ctl;
	uint64_t epoch = 1;
	/* ISO C has no conversion of the answer to a function (POSIX dlsym, application usage). */
	*(void **)&ctl = dlsym(RTLD_DEFAULT, "mallctl");
	/* Numbers are those of the last time that the epoch was set. */
	if (!ctl || ctl("epoch", NULL, NULL, &epoch, sizeof(epoch)))
		return;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(stats); i++) {
		char name[32];
		size_t v = 0, len = sizeof(v);
		snprintf(name, sizeof(name), "stats.%s", stats[i]);
		if (!ctl(name, &v, &len, NULL, 0) && len == sizeof(v))
			fn(user, stats[i], v);
	}
}
