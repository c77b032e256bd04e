/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin with something wrong: a file of this folder defines what and includes this. Without
 * definitions it is a correct extractor. API, NAME, VERSION, FIELDS: what those functions give;
 * WITHOUT_INIT, HALF_SOURCE: which functions there are; INIT_RC, INIT_STATE: how it starts; BATCH:
 * statements of next_batch, which make it a source; ID, SOURCE: of that.
 */
#include <stdlib.h>
#include <string.h>
#include "lanner/plugin.h"

#ifndef API
#define API "3.12.0"
#endif
#ifndef NAME
#define NAME "faulty"
#endif
#ifndef VERSION
#define VERSION "1.2.3"
#endif
#ifndef FIELDS
#define FIELDS "[{\"name\": \"faulty.x\", \"type\": \"string\", \"desc\": \"x\"}]"
#endif
#ifndef INIT_RC
#define INIT_RC LNR_PLUGIN_SUCCESS
#endif
#ifndef INIT_STATE
#define INIT_STATE malloc(1)
#endif

const char *plugin_get_required_api_version(void)
{
	return API;
}

const char *plugin_get_name(void)
{
	return NAME;
}

const char *plugin_get_version(void)
{
	return VERSION;
}

const char *plugin_get_description(void)
{
	return "wrong";
}

const char *plugin_get_contact(void)
{
	return "";
}

#ifndef WITHOUT_INIT
void *plugin_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	(void)in;
	*rc = INIT_RC;
	return INIT_STATE;
}
#endif

/* Frees: a state that is not destroyed is found by the leak checker. */
void plugin_destroy(void *s)
{
	free(s);
}

const char *plugin_get_last_error(void *s)
{
	(void)s;
	return "the reason";
}

const char *plugin_get_fields(void)
{
	return FIELDS;
}

int32_t plugin_extract_fields(void *s, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_input *in)
{
	(void)s;
	(void)evt;
	(void)in;
	return LNR_PLUGIN_FAILURE;
}

#if defined(BATCH) || defined(HALF_SOURCE)
#ifndef ID
#define ID 999
#endif
#ifndef SOURCE
#define SOURCE "faulty"
#endif

uint32_t plugin_get_id(void)
{
	return ID;
}

const char *plugin_get_event_source(void)
{
	return SOURCE;
}

void *plugin_open(void *s, const char *params, int32_t *rc)
{
	(void)params;
	*rc = LNR_PLUGIN_SUCCESS;
	return s;
}
#endif

#ifdef BATCH
void plugin_close(void *s, void *h)
{
	(void)s;
	(void)h;
}

#pragma pack(push, 1)
struct event {
	struct lnr_plugin_event header;
	uint32_t lengths[2];
	uint32_t plugin;
	char data[4];
};
#pragma pack(pop)

#define EVENT(...)                                                                                 \
	{                                                                                          \
		{5, 7, sizeof(struct event), LNR_PLUGIN_EVENT, 2}, {4, 4}, 0, {"abc"}, __VA_ARGS__ \
	}

static struct event one = EVENT(), two = EVENT();
static struct lnr_plugin_event *both[] = {&one.header, &two.header};
static int calls;

int32_t plugin_next_batch(void *s, void *h, uint32_t *n, struct lnr_plugin_event ***evts)
{
	(void)s;
	(void)h;
	(void)two;
	calls++;
	*evts = both;
	BATCH
}
#endif
