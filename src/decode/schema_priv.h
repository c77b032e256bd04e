/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of decode share about the tables and others reach through functions: the record
 * parser looks up an event for every record and saves the call.
 */
#ifndef LNR_DECODE_SCHEMA_PRIV_H
#define LNR_DECODE_SCHEMA_PRIV_H

#include "decode/schema.h"

extern const struct lnr_event_info lnr_event_table[LNR_EVENT_COUNT];

#endif
