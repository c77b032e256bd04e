/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin that does whatever the bytes say with the state tables: entries made, added, erased,
 * given back twice, fields of other tables, sub-tables of what is gone, all of it during iterations
 * as well. The state must stay whole and nothing may leak or be used after it is gone.
 *
 * A step takes five bytes: what, which table, which entry, which field, which key.
 */
#include <stdlib.h>
#include <string.h>
#include "plugin/tables.h"
#include "plugin/host.h"
#include "schema/limits.h"
#include "state/check.h"
#include "state/plugin_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SLOTS 8

struct player {
	const struct lnr_plugin_init_tables *f;
	void *owner;
	void *tables[SLOTS], *entries[SLOTS], *fields[SLOTS];
	const uint8_t *at, *end;
	unsigned depth, steps;
};

/* init() has no other way to know. */
static struct player *playing;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void play(struct player *p);

static uint32_t each(void *user, void *entry)
{
	struct player *p = user;
	p->entries[SLOTS - 1] = entry;
	if (p->depth < 3) {
		p->depth++;
		play(p);
		p->depth--;
	}
	return p->at < p->end;
}

/* A field of the table at hand: by name, added, or one found before, of whatever table. */
static void pick_field(struct player *p, void *t, uint8_t which, void **ret)
{
	uint32_t n = 0;
	const struct lnr_plugin_table_fieldinfo *v = p->f->fields_ext->list_table_fields(t, &n);
	static const char *const names[] = {"one", "two", "tid", "container_id"};
	if (!v || !n)
		return;
	if (which & 0x80)
		*ret = p->f->fields_ext->add_table_field(
			t, names[which % 4], which & 4 ? LNR_PLUGIN_ST_STRING : which & 0x1f);
	else
		*ret = p->f->fields_ext->get_table_field(
			t, v[which % n].name, v[which % n].field_type);
}

static void read_field(struct player *p, void *t, void *e, void *field, unsigned slot)
{
	union lnr_plugin_state_data v;
	if (p->f->reader_ext->base.read_entry_field(t, e, field, &v) != LNR_PLUGIN_SUCCESS)
		return;
	const struct lnr_table_column *c = field;
	if (c->type == LNR_PLUGIN_ST_TABLE)
		p->tables[slot] = v.table;
	else if (c->type == LNR_PLUGIN_ST_STRING)
		must(strlen(v.str) <= LNR_PLUGIN_LIST_BYTES);
}

/* One step; numbers of ids are small, so that they meet. */
static void step(struct player *p, const uint8_t *b)
{
	static const char *const texts[] = {"", "a", "cpu=/x", "a longer text than the others"};
	const struct lnr_plugin_table_reader_ext *r = p->f->reader_ext;
	const struct lnr_plugin_table_writer *w = p->f->writer_ext;
	void *t = p->tables[b[1] % SLOTS];
	void **e = &p->entries[b[2] % SLOTS], **field = &p->fields[b[3] % SLOTS];
	/* Texts are pointers: a value has the form that the field wants. */
	union lnr_plugin_state_data key = {.u64 = b[4] % 12}, value = {.u64 = b[4]};
	const struct lnr_plugin_table_input *in = t;
	const struct lnr_table_column *c = *field;
	if (in && in->key_type == LNR_PLUGIN_ST_STRING)
		key.str = texts[b[4] % 4];
	if (c && c->type == LNR_PLUGIN_ST_STRING)
		value.str = texts[b[4] % 4];
	switch (b[0] % 12) {
	case 0:
		*e = r->base.get_table_entry(t, &key);
		break;
	case 1:
		*e = w->create_table_entry(t);
		break;
	case 2:
		*e = w->add_table_entry(t, &key, *e);
		break;
	case 3:
		w->destroy_table_entry(t, *e);
		break;
	case 4:
		r->release_table_entry(t, *e);
		break;
	case 5:
		w->erase_table_entry(t, &key);
		break;
	case 6:
		pick_field(p, t, b[4], field);
		break;
	case 7:
		read_field(p, t, *e, *field, 2 + b[4] % (SLOTS - 2));
		break;
	case 8:
		w->write_entry_field(t, *e, *field, &value);
		break;
	case 9:
		r->iterate_entries(t, each, p);
		break;
	case 10:
		if (b[4] % 8 == 0)
			w->clear_table(t);
		break;
	default:
		r->base.get_table_size(t);
	}
}

static void play(struct player *p)
{
	while (p->end - p->at >= 5 && p->steps++ < 4096) {
		const uint8_t *b = p->at;
		p->at += 5;
		/* The end of this call or iteration; what is held is held too long. */
		if (b[0] == 0xff)
			return;
		step(p, b);
	}
}

/* --- the plugin --- */

static void *on_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	struct player *p = playing;
	p->f = in->tables;
	p->owner = in->owner;
	p->tables[0] = in->tables->get_table(in->owner, "threads", LNR_PLUGIN_ST_INT64);
	p->tables[1] = in->tables->get_table(in->owner, "containers", LNR_PLUGIN_ST_STRING);
	must(p->tables[0] && p->tables[1]);
	play(p);
	*rc = LNR_PLUGIN_SUCCESS;
	return p;
}

static int32_t on_parse(
	void *s, const struct lnr_plugin_event_input *evt, const struct lnr_plugin_parse_input *in)
{
	(void)evt;
	(void)in;
	play(s);
	return LNR_PLUGIN_SUCCESS;
}

static void on_destroy(void *s)
{
	play(s); /* not allowed any more, and refused */
}

static const char *no_error(void *s)
{
	(void)s;
	return "";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct lnr_state_opts so = {
		.size = sizeof(so), .max_threads = 8, .max_fds_per_process = 8};
	const struct lnr_plugin_event_input evt = {0};
	struct player p = {.at = data, .end = data + size};
	struct lnr_plugin pl = {.name = LNR_STR("player"), .api_minor = LNR_PLUGIN_API_MINOR};
	struct lnr_plugin_instance *inst = NULL;
	struct lnr_state *st = NULL;
	struct lnr_tables *tables = NULL;
	char why[200];
	size_t n;
	const struct lnr_table_class *const *classes = lnr_state_table_classes(&n);
	playing = &p;
	pl.config = "";
	pl.open_params = "";
	pl.start_ms = LNR_PLUGIN_START_MS;
	pl.api.init = on_init;
	pl.api.destroy = on_destroy;
	pl.api.parse_event = on_parse;
	pl.api.get_last_error = no_error;
	must(lnr_state_new(&so, &st, NULL) == 0);
	must(lnr_tables_new(classes, n, st, &tables) == 0);
	must(lnr_containers_add(lnr_state_containers(st), LNR_STR("a"), LNR_CT_DOCKER));
	must(lnr_plugin_start_with(&pl, tables, NULL, &inst, NULL) == 0);
	while (p.end - p.at >= 5 && p.steps < 4096) {
		must(lnr_plugin_parse(inst, &evt));
		must(lnr_state_check(st, why, sizeof(why)));
	}
	lnr_plugin_stop(inst);
	lnr_tables_free(tables);
	lnr_state_free(st);
	return 0;
}
