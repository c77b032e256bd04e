/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.*, thread.*: the executable file and what the process may do (spec fields.md 4).
 */
#include <stddef.h>
#include "fields/core/get.h"

/* def->user is a bit of lnr_thread.flags. */
LNR_GETTER(get_flag)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, (t->flags & (uint32_t)ref->def->user) != 0);
}

/* A number that is not known while 0; def->user is its offset in struct lnr_thread. */
LNR_GETTER(get_known)
{
	const struct lnr_thread *t = ctx->ev->thread;
	uint64_t v;

	if (!t)
		return false;
	memcpy(&v, (const char *)t + ref->def->user, sizeof(v));
	return v && lnr_give_u64(ret, ref, v);
}

/* Names of a capability set joined by blanks; def->user is its offset in struct lnr_thread. */
LNR_GETTER(get_caps)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_text text;
	uint64_t caps;
	size_t max = 0;

	if (!t)
		return false;
	memcpy(&caps, (const char *)t + ref->def->user, sizeof(caps));
	for (unsigned bit = 0; bit < 64; bit++)
		if ((caps >> bit & 1) && lnr_cap_name(bit))
			max += strlen(lnr_cap_name(bit)) + 1;
	if (!lnr_text_begin(&text, ctx->ev->scratch, max))
		return lnr_give_nomem(ctx);
	for (unsigned bit = 0; bit < 64; bit++) {
		if (!(caps >> bit & 1) || !lnr_cap_name(bit))
			continue;
		if (text.len)
			lnr_text_chr(&text, ' ');
		lnr_text_add(&text, lnr_str_c(lnr_cap_name(bit)));
	}
	return lnr_give_str(ret, ref, lnr_text_end(&text));
}

#define AT(member) .user = offsetof(struct lnr_thread, member)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("proc.is_exe_writable", BOOL, NA, 0, get_flag,
		"True when the user who started the process could have changed its executable "
		"file.",
		.user = LNR_TF_EXE_WRITABLE),
	LNR_FIELD_ROW("proc.is_exe_upper_layer", BOOL, NA, 0, get_flag,
		"True when the executable file was added or changed in the running container: it "
		"is in "
		"the upper layer of an overlay file system.",
		.user = LNR_TF_EXE_UPPER),
	LNR_FIELD_ROW("proc.is_exe_lower_layer", BOOL, NA, 0, get_flag,
		"True when the executable file comes from the image: it is in the lower layer of "
		"an "
		"overlay file system.",
		.user = LNR_TF_EXE_LOWER),
	LNR_FIELD_ROW("proc.is_exe_from_memfd", BOOL, NA, 0, get_flag,
		"True when the executable exists in memory only (memfd_create).",
		.user = LNR_TF_EXE_MEMFD),
	LNR_FIELD_ROW("proc.exe_ino", INT64, DEC, 0, get_known,
		"Inode number of the executable file.", AT(exe_ino)),
	LNR_FIELD_ROW("proc.exe_ino.ctime", ABSTIME, DEC, 0, get_known,
		"Last change of the executable file's inode, nanoseconds since 1970.",
		AT(exe_ino_ctime)),
	LNR_FIELD_ROW("proc.exe_ino.mtime", ABSTIME, DEC, 0, get_known,
		"Last change of the executable file's content, nanoseconds since 1970.",
		AT(exe_ino_mtime)),
	LNR_FIELD_ROW("proc.exe_ino.ctime_duration_proc_start", ABSTIME, DEC, 0, get_known,
		"Nanoseconds from the last change of the executable file's inode to the start of "
		"the "
		"process: small when something was dropped and run.",
		AT(ctime_duration_clone)),
	LNR_FIELD_ROW("proc.exe_ino.ctime_duration_pidns_start", ABSTIME, DEC, 0, get_known,
		"Nanoseconds from the start of the pid namespace, usually the container, to the "
		"last "
		"change of the executable file's inode, when it changed later.",
		AT(ctime_duration_pidns)),
	LNR_FIELD_ROW("proc.pidns_init_start_ts", UINT64, DEC, 0, get_known,
		"Start of the pid namespace, nanoseconds since 1970; boot time on the host.",
		AT(pidns_init_start_ts)),
	LNR_FIELD_ROW("thread.cap_permitted", CHARBUF, NA, 0, get_caps,
		"Capabilities that the thread may use.", AT(cap_permitted)),
	LNR_FIELD_ROW("thread.cap_inheritable", CHARBUF, NA, 0, get_caps,
		"Capabilities that survive an exec.", AT(cap_inheritable)),
	LNR_FIELD_ROW("thread.cap_effective", CHARBUF, NA, 0, get_caps,
		"Capabilities that the kernel checks the thread against.", AT(cap_effective)),
	{},
};

const struct lnr_field_class lnr_field_class_proc_exe = {
	.name = "process",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 33,
	.fields = fields,
};
