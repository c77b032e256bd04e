/* SPDX-License-Identifier: Apache-2.0 */
/* Right, and of no use: its fields are for events that nobody has. */
#define NAME "nowhere"
#include "faulty.h"

const char *plugin_get_extract_event_sources(void)
{
	return "[\"nowhere\"]";
}
