/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of error numbers, signals and capabilities (schema/errno.def, signals.def, caps.def).
 */
#include "decode/schema.h"

static const char *const errno_names[] = {
#define LNR_ERRNO(name, number) [number] = #name,
#include "schema/errno.def"
};

static const char *const signal_names[] = {
#define LNR_SIGNAL(name, number) [number] = #name,
#include "schema/signals.def"
};

static const char *const cap_names[LNR_CAP_COUNT] = {
#define LNR_CAP(name, bit) [bit] = "CAP_" #name,
#include "schema/caps.def"
};

const char *lnr_errno_name(int64_t positive_errno)
{
	if (positive_errno <= 0 || positive_errno >= (int64_t)LNR_ARRAY_SIZE(errno_names))
		return NULL;
	return errno_names[positive_errno];
}

const char *lnr_signal_name(unsigned sig)
{
	return sig < LNR_ARRAY_SIZE(signal_names) ? signal_names[sig] : NULL;
}

const char *lnr_cap_name(unsigned bit)
{
	return bit < LNR_CAP_COUNT ? cap_names[bit] : NULL;
}
