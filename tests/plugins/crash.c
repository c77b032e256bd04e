/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source "crash" that does what its configuration says, a word: where=what with where one of
 * init, open, next, extract, destroy, and what one of
 *
 *	segv, kill, exit, hang, slow (300 ms), fail, close (every descriptor), fork (leaves a child
 *	that holds them), type, long, null, empty
 *
 * hold: makes the file path=NAME, which must not be there, and removes it at the end: as a port.
 *
 * after=N: not before so many events. pause=N: ms before each batch. batch=N: events in a batch
 *(8). size=N: bytes of data of an event (16). Otherwise it gives events for ever, BATCH at a time.
 *Fields: crash.num (u64), crash.text (string), crash.list (list of texts), crash.ip, crash.flag,
 *crash.key[x].
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lanner/plugin.h"

#define BATCH	  8 /* without batch=N */
#define BATCH_MAX 256

#pragma pack(push, 1)
struct event {
	struct lnr_plugin_event header;
	uint32_t lengths[2];
	uint32_t plugin;
	uint64_t number;
};
#pragma pack(pop)

struct state {
	char config[256];
	uint64_t given, after, size, n;
	useconds_t pause_ms;
	int odd_next, odd_extract; /* is there anything to be done there */
	char *memory[BATCH_MAX];
	struct lnr_plugin_event *batch[BATCH_MAX];
	uint64_t number;
	uint32_t flag;
	char text[64];
	const char *strings[3];
	struct lnr_plugin_bytes ip;
	struct lnr_plugin_metric metric;
	char error[64], held[100];
};

static void hang(void)
{
	for (;;)
		pause();
}

/* The number behind a word of the configuration. */
static uint64_t number(const struct state *s, const char *word, uint64_t otherwise)
{
	const char *p = strstr(s->config, word);
	return p ? strtoull(p + strlen(word), NULL, 10) : otherwise;
}

static int does(const struct state *s, const char *where, const char *what)
{
	char word[64];
	snprintf(word, sizeof(word), "%s=%s", where, what);
	return strstr(s->config, word) != NULL;
}

/* What ends the process or keeps it; the rest is for the function itself. */
static void misbehave(const struct state *s, const char *where)
{
	if (does(s, where, "segv"))
		raise(SIGSEGV);
	if (does(s, where, "kill"))
		raise(SIGKILL);
	if (does(s, where, "exit"))
		_exit(3);
	if (does(s, where, "hang"))
		hang();
	if (does(s, where, "slow"))
		usleep(300000);
	if (does(s, where, "fork") && fork() == 0) {
		sleep(1);
		_exit(0);
	}
	if (does(s, where, "close") || does(s, where, "fork")) {
		for (int i = 3; i < 64; i++)
			close(i);
		raise(SIGKILL);
	}
}

/* 0 = it is ours now, or nothing is to be held. */
static int hold(struct state *s, const char *where)
{
	const char *path = strstr(s->config, "path=");
	if (!path || !does(s, where, "hold"))
		return 0;
	snprintf(s->held, sizeof(s->held), "%.*s", (int)strcspn(path + 5, " "), path + 5);
	int fd = open(s->held, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	s->held[0] = 0;
	snprintf(s->error, sizeof(s->error), "held by another");
	return -1;
}

static void let_go(struct state *s)
{
	if (s->held[0])
		unlink(s->held);
	s->held[0] = 0;
}

const char *plugin_get_required_api_version(void)
{
	return "3.0.0";
}

const char *plugin_get_name(void)
{
	return "crash";
}

const char *plugin_get_version(void)
{
	return "1.0.0";
}

const char *plugin_get_description(void)
{
	return "does as told";
}

const char *plugin_get_contact(void)
{
	return "";
}

uint32_t plugin_get_id(void)
{
	return 997;
}

const char *plugin_get_event_source(void)
{
	return "crash";
}

const char *plugin_get_extract_event_sources(void)
{
	return "[\"crash\", \"clock\"]";
}

void *plugin_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	struct state *s = calloc(1, sizeof(*s));
	snprintf(s->config, sizeof(s->config), "%s", in->config);
	s->after = number(s, "after=", 0);
	s->size = number(s, "size=", 16);
	s->n = number(s, "batch=", BATCH);
	s->n = s->n > BATCH_MAX ? BATCH_MAX : s->n;
	s->pause_ms = (useconds_t)number(s, "pause=", 0);
	s->odd_next = strstr(s->config, "next=") != NULL;
	s->odd_extract = strstr(s->config, "extract=") != NULL;
	for (uint64_t i = 0; i < s->n; i++)
		s->memory[i] = calloc(1, LNR_PLUGIN_PAYLOAD_AT + s->size);
	snprintf(s->error, sizeof(s->error), "told to fail");
	misbehave(s, "init");
	*rc = does(s, "init", "fail") || hold(s, "init") ? LNR_PLUGIN_FAILURE : LNR_PLUGIN_SUCCESS;
	return s;
}

void plugin_destroy(void *state)
{
	struct state *s = state;
	misbehave(s, "destroy");
	let_go(s);
	for (uint64_t i = 0; i < s->n; i++)
		free(s->memory[i]);
	free(s);
}

const char *plugin_get_last_error(void *state)
{
	const struct state *s = state;
	return s->error;
}

void *plugin_open(void *state, const char *params, int32_t *rc)
{
	misbehave(state, "open");
	int failed = does(state, "open", "fail") || hold(state, "open");
	(void)params;
	*rc = failed ? LNR_PLUGIN_FAILURE : LNR_PLUGIN_SUCCESS;
	return failed ? NULL : state;
}

void plugin_close(void *state, void *h)
{
	let_go(state);
	(void)h;
}

int32_t plugin_next_batch(void *state, void *h, uint32_t *n, struct lnr_plugin_event ***evts)
{
	struct state *s = state;
	int now = s->odd_next && s->given >= s->after;
	(void)h;
	if (now)
		misbehave(s, "next");
	if (s->pause_ms)
		usleep(s->pause_ms * 1000);
	for (uint64_t i = 0; i < s->n; i++) {
		struct event *e = (struct event *)s->memory[i];
		*e = (struct event){.header = {.ts = 1000 + s->given,
					    .tid = UINT64_MAX,
					    .len = LNR_PLUGIN_PAYLOAD_AT + (uint32_t)s->size,
					    .type = LNR_PLUGIN_EVENT,
					    .nparams = 2},
			.lengths = {4, (uint32_t)s->size},
			.number = ++s->given};
		s->batch[i] = &e->header;
	}
	*n = (uint32_t)s->n;
	*evts = s->batch;
	if (now && does(s, "next", "type"))
		s->batch[s->n - 1]->type = 3;
	if (now && does(s, "next", "long"))
		s->batch[s->n - 1]->len = UINT32_MAX;
	if (now && does(s, "next", "null"))
		s->batch[s->n - 1] = NULL;
	if (now && does(s, "next", "empty"))
		*n = 0;
	return now && does(s, "next", "fail") ? LNR_PLUGIN_FAILURE : LNR_PLUGIN_SUCCESS;
}

const char *plugin_get_fields(void)
{
	return "[{\"name\": \"crash.num\", \"type\": \"uint64\", \"desc\": \"d\"},"
	       "{\"name\": \"crash.text\", \"type\": \"string\", \"desc\": \"d\"},"
	       "{\"name\": \"crash.list\", \"type\": \"string\", \"isList\": true, \"desc\": \"d\"},"
	       "{\"name\": \"crash.ip\", \"type\": \"ipaddr\", \"desc\": \"d\"},"
	       "{\"name\": \"crash.flag\", \"type\": \"bool\", \"desc\": \"d\"},"
	       "{\"name\": \"crash.key\", \"type\": \"string\", \"desc\": \"d\","
	       " \"arg\": {\"isKey\": true, \"isRequired\": true}}]";
}

static int32_t give(struct state *s, struct lnr_plugin_extract_field *f)
{
	static const unsigned char address[4] = {10, 1, 2, 3};
	f->res_len = 1;
	f->res.str = s->strings;
	s->strings[0] = s->text;
	snprintf(s->text, sizeof(s->text), "n%llu", (unsigned long long)s->number);
	switch (f->field_id) {
	case 0:
		f->res.u64 = &s->number;
		break;
	case 1:
		/* A null text is no value. */
		if (s->number % 4 == 0)
			s->strings[0] = NULL;
		break;
	case 2:
		s->strings[1] = "";
		s->strings[2] = "last";
		f->res_len = s->number % 3 ? 3 : 0;
		break;
	case 3:
		s->ip = (struct lnr_plugin_bytes){s->number % 2 ? 4 : 7, address};
		f->res.buf = &s->ip;
		break;
	case 4:
		s->flag = s->number % 2 == 0;
		f->res.boolean = &s->flag;
		break;
	case 5:
		snprintf(s->text, sizeof(s->text), "%s%llu", f->arg_key,
			(unsigned long long)s->number);
		break;
	default:
		return LNR_PLUGIN_FAILURE;
	}
	return LNR_PLUGIN_SUCCESS;
}

int32_t plugin_extract_fields(void *state, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_input *in)
{
	struct state *s = state;
	memcpy(&s->number, (const char *)evt->evt + LNR_PLUGIN_PAYLOAD_AT, sizeof(s->number));
	if (s->odd_extract && s->number > s->after)
		misbehave(s, "extract");
	for (uint32_t i = 0; i < in->num_fields; i++) {
		if (give(s, &in->fields[i]))
			return LNR_PLUGIN_FAILURE;
	}
	return LNR_PLUGIN_SUCCESS;
}

const char *plugin_event_to_string(void *state, const struct lnr_plugin_event_input *evt)
{
	struct state *s = state;
	uint64_t number;
	memcpy(&number, (const char *)evt->evt + LNR_PLUGIN_PAYLOAD_AT, sizeof(number));
	snprintf(s->text, sizeof(s->text), "event %llu", (unsigned long long)number);
	return s->text;
}

struct lnr_plugin_metric *plugin_get_metrics(void *state, uint32_t *n)
{
	struct state *s = state;
	s->metric = (struct lnr_plugin_metric){
		.name = "given", .value = {.u64 = s->given}, .value_type = LNR_PLUGIN_METRIC_U64};
	*n = 1;
	return &s->metric;
}
