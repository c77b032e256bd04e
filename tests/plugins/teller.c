/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing wrong: a plugin that does what goes on beside the events. It makes a thread in the table
 * of threads and notes on it, tells of itself from a thread of its own, listens, has a routine and
 * dumps its state. init_config is how many events it tells; with "wait" behind it, it waits for
 * "go" as another configuration.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lanner/plugin.h"

#define TID 4242

struct teller {
	int todo;
	int go; /* atomic */
	void *threads, *pid, *ptid, *comm, *note;
	pthread_t thread;
	int running;
	void *owner;
	lnr_plugin_async_fn *tell;
	unsigned told, refused; /* atomic */
	unsigned rounds;	/* of the routine, atomic */
	unsigned seen, in_table;
	char error[256];
	char text[256];
	const char *result;
	struct lnr_plugin_metric metrics[4];
};

const char *plugin_get_required_api_version(void)
{
	return "3.12.0";
}

const char *plugin_get_name(void)
{
	return "teller";
}

const char *plugin_get_version(void)
{
	return "1.0.0";
}

const char *plugin_get_description(void)
{
	return "tells";
}

const char *plugin_get_contact(void)
{
	return "";
}

const char *plugin_get_last_error(void *s)
{
	return ((struct teller *)s)->error;
}

const char *plugin_get_required_event_schema_version(void *s)
{
	(void)s;
	return "4.0.0";
}

static int32_t fail(struct teller *t, const char *what, const char *why)
{
	snprintf(t->error, sizeof(t->error), "%s: %s", what, why ? why : "no reason");
	return LNR_PLUGIN_FAILURE;
}

void *plugin_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	struct teller *t = calloc(1, sizeof(*t));
	const struct lnr_plugin_table_fields *f = in->tables->fields_ext;
	if (!t)
		return NULL;
	t->todo = atoi(in->config);
	t->go = !strstr(in->config, "wait");
	t->threads = in->tables->get_table(in->owner, "threads", LNR_PLUGIN_ST_INT64);
	if (t->threads) {
		t->pid = f->get_table_field(t->threads, "pid", LNR_PLUGIN_ST_INT64);
		t->ptid = f->get_table_field(t->threads, "ptid", LNR_PLUGIN_ST_INT64);
		t->comm = f->get_table_field(t->threads, "comm", LNR_PLUGIN_ST_STRING);
		t->note = f->add_table_field(t->threads, "teller_note", LNR_PLUGIN_ST_STRING);
	}
	*rc = t->note ? LNR_PLUGIN_SUCCESS : fail(t, "tables", in->get_owner_last_error(in->owner));
	return t;
}

void plugin_destroy(void *s)
{
	free(s);
}

/* --- events --- */

static int32_t send(struct teller *t, void *owner, lnr_plugin_async_fn *fn, const char *what)
{
	union {
		struct lnr_plugin_event e;
		char bytes[128];
	} ev = {{0}};
	uint32_t lens[3] = {4, sizeof("told"), (uint32_t)strlen(what) + 1};
	ev.e = (struct lnr_plugin_event){.ts = UINT64_MAX,
		.tid = TID,
		.len = 42 + lens[1] + lens[2],
		.type = LNR_PLUGIN_ASYNC_EVENT,
		.nparams = 3};
	memcpy(ev.bytes + 26, lens, sizeof(lens));
	memcpy(ev.bytes + 42, "told", lens[1]);
	memcpy(ev.bytes + 42 + lens[1], what, lens[2]);
	(void)t;
	return fn(owner, &ev.e, NULL);
}

static void *tell(void *arg)
{
	struct teller *t = arg;
	while (!__atomic_load_n(&t->go, __ATOMIC_ACQUIRE))
		sched_yield();
	for (int i = 0; i < t->todo; i++) {
		char what[32];
		snprintf(what, sizeof(what), "number %d", i + 1);
		int32_t rc = send(t, t->owner, t->tell, what);
		__atomic_add_fetch(rc ? &t->refused : &t->told, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

const char *plugin_get_async_events(void)
{
	return "[\"told\"]";
}

int32_t plugin_set_async_event_handler(void *s, void *owner, lnr_plugin_async_fn *fn)
{
	struct teller *t = s;
	if (fn) {
		t->owner = owner;
		t->tell = fn;
		t->running = pthread_create(&t->thread, NULL, tell, t) == 0;
		return t->running ? LNR_PLUGIN_SUCCESS : fail(t, "thread", NULL);
	}
	__atomic_store_n(&t->go, 1, __ATOMIC_RELEASE);
	if (t->running)
		pthread_join(t->thread, NULL);
	t->running = 0;
	return LNR_PLUGIN_SUCCESS;
}

int32_t plugin_set_config(void *s, const struct lnr_plugin_set_config_input *in)
{
	struct teller *t = s;
	if (strcmp(in->config, "go") != 0)
		return fail(t, "configuration", in->config);
	__atomic_store_n(&t->go, 1, __ATOMIC_RELEASE);
	return LNR_PLUGIN_SUCCESS;
}

int32_t plugin_dump_state(void *s, void *owner, lnr_plugin_async_fn *fn)
{
	return send(s, owner, fn, "state");
}

/* Notes on its thread what the event says. */
uint16_t *plugin_get_parse_event_types(uint32_t *n, void *s)
{
	static uint16_t types[] = {LNR_PLUGIN_ASYNC_EVENT};
	(void)s;
	*n = 1;
	return types;
}

int32_t plugin_parse_event(
	void *s, const struct lnr_plugin_event_input *evt, const struct lnr_plugin_parse_input *in)
{
	struct teller *t = s;
	const union lnr_plugin_state_data key = {.s64 = TID};
	union lnr_plugin_state_data v;
	void *e = in->table_reader_ext->base.get_table_entry(t->threads, &key);
	if (!e)
		return fail(t, "parse", in->get_owner_last_error(in->owner));
	t->seen++;
	v.str = (const char *)evt->evt + 42 + sizeof("told");
	in->table_writer_ext->write_entry_field(t->threads, e, t->note, &v);
	in->table_reader_ext->release_table_entry(t->threads, e);
	return LNR_PLUGIN_SUCCESS;
}

const char *plugin_get_fields(void)
{
	return "[{\"name\": \"teller.note\", \"type\": \"string\", \"desc\": \"what it noted\"}]";
}

int32_t plugin_extract_fields(void *s, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_input *in)
{
	struct teller *t = s;
	const union lnr_plugin_state_data key = {.s64 = TID};
	union lnr_plugin_state_data v;
	void *e = in->table_reader_ext->base.get_table_entry(t->threads, &key);
	(void)evt;
	if (!e)
		return fail(t, "extract", in->get_owner_last_error(in->owner));
	in->table_reader_ext->base.read_entry_field(t->threads, e, t->note, &v);
	snprintf(t->text, sizeof(t->text), "%s", v.str);
	in->table_reader_ext->release_table_entry(t->threads, e);
	t->result = t->text;
	in->fields[0].res.str = &t->result;
	in->fields[0].res_len = 1;
	return LNR_PLUGIN_SUCCESS;
}

/* --- listening --- */

static uint32_t turn(void *s, void *state)
{
	struct teller *t = s;
	(void)state;
	__atomic_add_fetch(&t->rounds, 1, __ATOMIC_RELAXED);
	return 1;
}

int32_t plugin_capture_open(void *s, const struct lnr_plugin_listen_input *in)
{
	struct teller *t = s;
	const struct lnr_plugin_table_writer *w = in->table_writer_ext;
	const union lnr_plugin_state_data key = {.s64 = TID}, one = {.s64 = 1},
					  name = {.str = "told"};
	void *e = w->create_table_entry(t->threads);
	if (!e || w->write_entry_field(t->threads, e, t->pid, &key) ||
		w->write_entry_field(t->threads, e, t->ptid, &one) ||
		w->write_entry_field(t->threads, e, t->comm, &name))
		return fail(t, "thread", in->get_owner_last_error(in->owner));
	e = w->add_table_entry(t->threads, &key, e);
	if (!e)
		return fail(t, "thread", in->get_owner_last_error(in->owner));
	in->table_reader_ext->release_table_entry(t->threads, e);
	t->in_table = (unsigned)in->table_reader_ext->base.get_table_size(t->threads);
	return in->routines->subscribe(in->owner, turn, NULL) ? LNR_PLUGIN_SUCCESS
							      : fail(t, "routine", NULL);
}

int32_t plugin_capture_close(void *s, const struct lnr_plugin_listen_input *in)
{
	struct teller *t = s;
	t->in_table = (unsigned)in->table_reader_ext->base.get_table_size(t->threads);
	return LNR_PLUGIN_SUCCESS;
}

struct lnr_plugin_metric *plugin_get_metrics(void *s, uint32_t *n)
{
	struct teller *t = s;
	const unsigned values[] = {__atomic_load_n(&t->told, __ATOMIC_RELAXED),
		__atomic_load_n(&t->refused, __ATOMIC_RELAXED),
		__atomic_load_n(&t->rounds, __ATOMIC_RELAXED), t->seen};
	static const char *const names[] = {"told", "refused", "rounds", "seen"};
	for (int i = 0; i < 4; i++) {
		t->metrics[i] = (struct lnr_plugin_metric){.name = names[i]};
		t->metrics[i].value.u32 = values[i];
	}
	*n = 4;
	return t->metrics;
}
