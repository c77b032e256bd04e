/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of the capture file format (spec scap-format 1 to 4). Little-endian, unaligned; a file is
 * a sequence of blocks:
 *
 *	u32 type | u32 total length T | body, T - 12 bytes, padded to 4 | u32 T again
 */
#ifndef LNR_CAPTURE_SCAP_FORMAT_H
#define LNR_CAPTURE_SCAP_FORMAT_H

#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "capture files are read as they lie");

/* Block types. The second number of a kind is the one used before numbers were registered. */
enum {
	LNR_SCAP_SHB = 0x0A0D0D0A, /* section header */
	LNR_SCAP_MI = 0x201,	   /* machine information */
	LNR_SCAP_MI_OLD = 0x8002ABCD,
	LNR_SCAP_PL_V1 = 0x202, /* thread list */
	LNR_SCAP_PL_V1_OLD = 0x8000ABCD,
	LNR_SCAP_PL_V2 = 0x207,
	LNR_SCAP_PL_V2_OLD = 0x8013ABCD,
	LNR_SCAP_PL_V3 = 0x209,
	LNR_SCAP_PL_V3_OLD = 0x8014ABCD,
	LNR_SCAP_PL_V4 = 0x210,
	LNR_SCAP_PL_V5 = 0x211,
	LNR_SCAP_PL_V6 = 0x212,
	LNR_SCAP_PL_V7 = 0x213,
	LNR_SCAP_PL_V8 = 0x214,
	LNR_SCAP_PL_V9 = 0x215,
	LNR_SCAP_FDL_V1 = 0x203, /* descriptors of one process */
	LNR_SCAP_FDL_V1_OLD = 0x8001ABCD,
	LNR_SCAP_FDL_V2 = 0x218,
	LNR_SCAP_EV_V1 = 0x204, /* event, header without the number of parameters */
	LNR_SCAP_EV_V1_OLD = 0x8010ABCD,
	LNR_SCAP_EV_V2 = 0x216,
	LNR_SCAP_EV_V2_LARGE = 0x221,
	LNR_SCAP_EVF_V1 = 0x208, /* event with flags */
	LNR_SCAP_EVF_V2 = 0x217,
	LNR_SCAP_EVF_V2_LARGE = 0x222,
	LNR_SCAP_IL_V1 = 0x205, /* interface list */
	LNR_SCAP_IL_V1_OLD = 0x8011ABCD,
	LNR_SCAP_IL_V2 = 0x219,
	LNR_SCAP_UL_V1 = 0x206, /* users and groups */
	LNR_SCAP_UL_V1_OLD = 0x8012ABCD,
	LNR_SCAP_UL_V2 = 0x220,
};

#define LNR_SCAP_MAGIC	       0x1A2B3C4Du
#define LNR_SCAP_MAGIC_SWAPPED 0x4D3C2B1Au
#define LNR_SCAP_MAJOR	       1u
#define LNR_SCAP_MINOR	       2u

#define LNR_SCAP_FRAME	 12u /* type, length and trailer of a block */
#define LNR_SCAP_HEAD	 8u  /* type and length */
#define LNR_SCAP_SHB_LEN 28u /* whole section header block without options */
#define LNR_SCAP_MI_BODY 180u
#define LNR_SCAP_V1_HDR	 22u /* record header of version 1: no number of parameters */

#define LNR_SCAP_HOSTNAME_LEN 128u /* NUL-padded in the machine block */

#define LNR_SCAP_FLAG_STATE_ONLY 1u /* flags of EVF blocks */

/* Kinds of user list entries and of interface list entries. */
enum { LNR_SCAP_USER = 0, LNR_SCAP_GROUP = 1 };
enum { LNR_SCAP_IPV4 = 1, LNR_SCAP_IPV6 = 2, LNR_SCAP_IPV4_OLD = 3, LNR_SCAP_IPV6_OLD = 4 };

static inline uint16_t lnr_le16(const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t lnr_le32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t lnr_le64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

#endif
