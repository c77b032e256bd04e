/* SPDX-License-Identifier: Apache-2.0 */
/* What the library knows, for people: events, fields, hooks of this machine. */
#include "decode/list.h"
#include "engine/engine_priv.h"
#include "engine/plugins_priv.h"
#include "fields/core/list.h"

int lnr_list_events(struct lnr_buf *out, const char *format, struct lnr_err *err)
{
	return lnr_events_list(out, format, err);
}

int lnr_list_ignored(struct lnr_buf *out)
{
	struct lnr_scset ignored;
	lnr_ignored_syscalls(&ignored);
	for (unsigned c = 0; c < lnr_syscall_count(); c++) {
		const struct lnr_syscall_info *info = lnr_syscall_info(c);
		unsigned twin = 0;
		if (!lnr_scset_has(&ignored, c))
			continue;
		/* By the names of events: pread64 and its kin are pread there, and said once. */
		while (twin < c && !(lnr_scset_has(&ignored, twin) &&
					   lnr_syscall_info(twin)->exit_event == info->exit_event))
			twin++;
		if (twin == c || info->exit_event <= LNR_EV_GENERIC_X)
			lnr_buf_printf(out, "%s%s", out->len ? "\n" : "",
				info->exit_event > LNR_EV_GENERIC_X
					? lnr_event_info(info->exit_event)->name
					: info->name);
	}
	return out->failed ? -ENOMEM : 0;
}

int lnr_list_fields(struct lnr_buf *out, const char *format, const char *source, bool names_only,
	bool verbose, struct lnr_err *err)
{
	struct lnr_fieldset *set = lnr_fieldset_new(source);
	struct lnr_arena arena;
	lnr_arena_init(&arena, 0);
	int r = set ? lnr_plugins_builtin_fields(set, source, &arena) : -ENOMEM;
	const struct lnr_fields_list_opts o = {
		.format = format, .names_only = names_only, .verbose = verbose};
	r = r ? lnr_fail(err, r, "out of memory") : lnr_fields_list(out, set, &o, err);
	lnr_fieldset_unref(set);
	lnr_arena_done(&arena);
	return r;
}

unsigned lnr_hooks_try(struct lnr_hook *ret, unsigned max)
{
	struct lnr_hook_report rows[64];
	unsigned n = lnr_ring_probe(rows, LNR_ARRAY_SIZE(rows));
	for (unsigned i = 0; i < n && i < max && i < LNR_ARRAY_SIZE(rows); i++) {
		ret[i] = (struct lnr_hook){.name = rows[i].name,
			.purpose = rows[i].purpose,
			.required = rows[i].required,
			.result = rows[i].result};
		snprintf(ret[i].reason, sizeof(ret[i].reason), "%s", rows[i].reason);
	}
	return n;
}
