/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls by code, name and number, and the sets they belong to (schema/syscalls.def,
 * ia32.def, sets.def).
 */
#include "decode/schema.h"

static const struct lnr_syscall_info syscalls[LNR_SC_COUNT] = {
#define LNR_SYSCALL(code_, sc, text, x86_64, aarch64, event, flags_) \
	[code_] = {                                                  \
		.name = (text),                                      \
		.code = (code_),                                     \
		.nr_x86_64 = (x86_64),                               \
		.nr_aarch64 = (aarch64),                             \
		.enter_event = LNR_EV_##event##_E,                   \
		.exit_event = LNR_EV_##event##_X,                    \
		.flags = (flags_),                                   \
	},
#include "schema/syscalls.def"
};

/* 0 for codes without a row. */
static const uint8_t name_len[LNR_SC_COUNT] = {
#define LNR_SYSCALL(code, name, text, x86_64, aarch64, event, flags) [code] = sizeof(text) - 1,
#include "schema/syscalls.def"
};

/*
 * Code by number. Rows without a number on this architecture go to a slot of their own behind the
 * last number, so that no slot is initialised twice. 0 (the code "unknown") = no such call.
 */
#define NR_MAX 512
#if defined(__x86_64__)
#define NR_SLOT(code, x86_64, aarch64) ((x86_64) >= 0 ? (x86_64) : NR_MAX + (code))
#elif defined(__aarch64__)
#define NR_SLOT(code, x86_64, aarch64) ((aarch64) >= 0 ? (aarch64) : NR_MAX + (code))
#else
#error "schema/syscalls.def has no numbers for this architecture"
#endif
static const uint16_t code_by_nr[NR_MAX + LNR_SC_COUNT] = {
#define LNR_SYSCALL(code, name, text, x86_64, aarch64, event, flags) \
	[NR_SLOT(code, x86_64, aarch64)] = (code),
#include "schema/syscalls.def"
};

#define LNR_SYSCALL(code, name, text, x86_64, aarch64, event, flags) \
	_Static_assert((x86_64) < NR_MAX && (aarch64) < NR_MAX, text);
#include "schema/syscalls.def"

/* x86_64 number + 1 by ia32 number; 0 = none. */
static const uint16_t ia32[] = {
#define LNR_IA32(nr, x86_64) [nr] = (x86_64) + 1,
#include "schema/ia32.def"
};

static const char *const set_names[LNR_SET_COUNT] = {
#define LNR_SET(set) [LNR_SET_##set] = #set,
#include "schema/sets.def"
};

static const bool set_members[LNR_SET_COUNT][LNR_SC_COUNT] = {
#define LNR_SET_MEMBER(set, name) [LNR_SET_##set][LNR_SC_##name] = true,
#include "schema/sets.def"
};

unsigned lnr_syscall_count(void)
{
	return LNR_SC_COUNT;
}

const struct lnr_syscall_info *lnr_syscall_info(unsigned code)
{
	return code < LNR_SC_COUNT && name_len[code] > 0 ? &syscalls[code] : NULL;
}

const struct lnr_syscall_info *lnr_syscall_by_name(struct lnr_str name)
{
	for (unsigned i = 0; i < LNR_SC_COUNT; i++)
		if (name_len[i] == name.len && name.len > 0 &&
			memcmp(syscalls[i].name, name.ptr, name.len) == 0)
			return &syscalls[i];
	return NULL;
}

const struct lnr_syscall_info *lnr_syscall_by_nr(int nr)
{
	if (nr < 0 || nr >= NR_MAX || code_by_nr[nr] == LNR_SC_UNKNOWN)
		return NULL;
	return &syscalls[code_by_nr[nr]];
}

int lnr_syscall_ia32(int nr)
{
	return nr < 0 || (size_t)nr >= LNR_ARRAY_SIZE(ia32) ? -1 : (int)ia32[nr] - 1;
}

bool lnr_syscall_in_set(struct lnr_str set, unsigned code)
{
	if (code >= LNR_SC_COUNT)
		return false;
	for (unsigned i = 0; i < LNR_SET_COUNT; i++)
		if (lnr_str_eq(lnr_str_c(set_names[i]), set))
			return set_members[i][code];
	return false;
}
