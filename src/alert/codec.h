/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert as bytes, to keep it on disk: every part of it, so that what is read back can be written
 * in any form. Numbers are little-endian.
 *
 *	u8 version, u8 flags, u8 priority, u8 0
 *	u32 tags, u32 values
 *	u64 time in ns, u64 number of the event, 16 bytes id
 *	u32 lengths: rule, source, message, host name, each tag, key and JSON of each value
 *	the texts in this order, without anything between them
 */
#ifndef LNR_ALERT_CODEC_H
#define LNR_ALERT_CODEC_H

#include "alert/alert.h"

/* Appended to `out`, whose `failed` says whether it fitted. */
void lnr_alert_encode(const struct lnr_alert *a, struct lnr_buf *out);
/*
 * New alert from `bytes`, which are outside data: 0, -EBADMSG (does not follow the form, or a value
 * is not JSON), -ENOMEM.
 */
int lnr_alert_decode(struct lnr_str bytes, struct lnr_alert **ret);

#endif
