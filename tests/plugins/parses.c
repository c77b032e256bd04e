/* SPDX-License-Identifier: Apache-2.0 */
/* An extractor that parses events as well. */
#include "faulty.h"

int32_t plugin_parse_event(
	void *s, const struct lnr_plugin_event_input *evt, const struct lnr_plugin_parse_input *in)
{
	(void)s;
	(void)evt;
	(void)in;
	return LNR_PLUGIN_SUCCESS;
}
