/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest whole plugin: an event source "clock" whose events are ticks, and fields about them.
 *
 *	cc -shared -fPIC -I../../include -o libclock.so clock.c
 *
 *	plugins:
 *	  - name: clock
 *	    library_path: /path/to/libclock.so
 *	    init_config: {ticks: 10}
 *	load_plugins: [clock]
 *
 *	- rule: Every other tick
 *	  desc: a tick with an even number
 *	  source: clock
 *	  condition: clock.even = true
 *	  output: tick %clock.number
 *	  priority: INFO
 *
 * Everything an instance needs is in one struct, so that the host may have several.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lanner/plugin.h"

#define CLOCK_ID 999 /* for tests and plugins that nobody else uses */

#pragma pack(push, 1)
struct tick {
	struct lnr_plugin_event header;
	uint32_t lengths[2];
	uint32_t plugin;
	uint64_t number;
};
#pragma pack(pop)

struct clock_state {
	uint64_t ticks, done; /* events to give, and given */
	struct tick tick;
	struct lnr_plugin_event *batch[1];
	char error[128];
	/* What extract_fields() gave last. */
	uint64_t number;
	uint32_t even;
	char text[64];
	const char *strings[1];
	char line[64];
};

/* --- what it is --- */

const char *plugin_get_required_api_version(void)
{
	return "3.0.0";
}

const char *plugin_get_name(void)
{
	return "clock";
}

const char *plugin_get_version(void)
{
	return "0.1.0";
}

const char *plugin_get_description(void)
{
	return "Ticks as events";
}

const char *plugin_get_contact(void)
{
	return "the authors of Lanner";
}

uint32_t plugin_get_id(void)
{
	return CLOCK_ID;
}

const char *plugin_get_event_source(void)
{
	return "clock";
}

/* --- life --- */

const char *plugin_get_init_schema(int32_t *ret_type)
{
	*ret_type = LNR_PLUGIN_SCHEMA_JSON;
	return "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": "
	       "{\"ticks\": {\"type\": \"integer\", \"minimum\": 0}}}";
}

void *plugin_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	struct clock_state *s = calloc(1, sizeof(*s));
	/* The host has checked it against the schema: this is enough of a parser. */
	const char *ticks = strstr(in->config, "\"ticks\"");
	*rc = s ? LNR_PLUGIN_SUCCESS : LNR_PLUGIN_FAILURE;
	if (s)
		s->ticks = ticks ? strtoull(strchr(ticks, ':') + 1, NULL, 10) : 3;
	return s;
}

void plugin_destroy(void *state)
{
	free(state);
}

const char *plugin_get_last_error(void *state)
{
	const struct clock_state *s = state;
	return s->error;
}

/* --- events --- */

const char *plugin_list_open_params(void *state, int32_t *rc)
{
	(void)state;
	*rc = LNR_PLUGIN_SUCCESS;
	return "[{\"value\": \"\", \"desc\": \"there is nothing to choose\"}]";
}

void *plugin_open(void *state, const char *params, int32_t *rc)
{
	struct clock_state *s = state;
	*rc = LNR_PLUGIN_SUCCESS;
	if (!*params)
		return s;
	snprintf(s->error, sizeof(s->error), "unknown parameters '%.60s'", params);
	*rc = LNR_PLUGIN_FAILURE;
	return NULL;
}

void plugin_close(void *state, void *opened)
{
	(void)state;
	(void)opened;
}

int32_t plugin_next_batch(void *state, void *opened, uint32_t *n, struct lnr_plugin_event ***evts)
{
	struct clock_state *s = state;
	(void)opened;
	*n = 0;
	*evts = s->batch;
	if (s->done == s->ticks)
		return LNR_PLUGIN_EOF;
	s->tick = (struct tick){.header = {.ts = UINT64_MAX,
					.tid = UINT64_MAX,
					.len = sizeof(s->tick),
					.type = LNR_PLUGIN_EVENT,
					.nparams = 2},
		.lengths = {sizeof(s->tick.plugin), sizeof(s->tick.number)},
		.number = ++s->done};
	s->batch[0] = &s->tick.header;
	*n = 1;
	return LNR_PLUGIN_SUCCESS;
}

static uint64_t number_of(const struct lnr_plugin_event *e)
{
	uint64_t v = 0;
	if (e->len >= LNR_PLUGIN_PAYLOAD_AT + sizeof(v))
		memcpy(&v, (const char *)e + LNR_PLUGIN_PAYLOAD_AT, sizeof(v));
	return v;
}

const char *plugin_event_to_string(void *state, const struct lnr_plugin_event_input *in)
{
	struct clock_state *s = state;
	snprintf(s->line, sizeof(s->line), "tick %llu", (unsigned long long)number_of(in->evt));
	return s->line;
}

/* --- fields --- */

enum { NUMBER, EVEN, TEXT };

const char *plugin_get_fields(void)
{
	return "[{\"name\": \"clock.number\", \"type\": \"uint64\", \"desc\": \"Number of the tick\"},"
	       "{\"name\": \"clock.even\", \"type\": \"bool\", \"desc\": \"Is it even\"},"
	       "{\"name\": \"clock.text\", \"type\": \"string\", \"desc\": \"Number after a word\","
	       " \"arg\": {\"isKey\": true, \"isRequired\": true}}]";
}

int32_t plugin_extract_fields(void *state, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_input *in)
{
	struct clock_state *s = state;
	s->number = number_of(evt->evt);
	for (uint32_t i = 0; i < in->num_fields; i++) {
		struct lnr_plugin_extract_field *f = &in->fields[i];
		f->res_len = 1;
		switch (f->field_id) {
		case NUMBER:
			f->res.u64 = &s->number;
			break;
		case EVEN:
			s->even = s->number % 2 == 0;
			f->res.boolean = &s->even;
			break;
		case TEXT:
			snprintf(s->text, sizeof(s->text), "%s %llu", f->arg_key,
				(unsigned long long)s->number);
			s->strings[0] = s->text;
			f->res.str = s->strings;
			break;
		default:
			f->res_len = 0;
			return LNR_PLUGIN_FAILURE;
		}
	}
	return LNR_PLUGIN_SUCCESS;
}
