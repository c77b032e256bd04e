/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that plugins have for each other; those of the host are in unit/state/plugin_tables.c. */
#include "plugin/tables_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "schema/limits.h"
#include "unit/plugin/tables_test.h"

/*
 * The provider: entries by number with a text and a sub-table of the same form. Fields are small
 * numbers, as some plugins have them.
 */
#define ENTRIES 4
enum { TEXT = 1, BELOW = 2, ADDED = 3 };

struct shelf {
	struct {
		bool used;
		char text[32];
	} e[ENTRIES], made;
	int held, alive; /* entries out, entries made and not put in */
	struct lnr_plugin_table_input in;
	struct shelf *below;
	struct fake *whose;
};

static const char *shelf_name(void *t)
{
	(void)t;
	return "shelf";
}

static uint64_t shelf_size(void *t)
{
	struct shelf *s = t;
	uint64_t n = 0;
	for (int i = 0; i < ENTRIES; i++)
		n += s->e[i].used;
	return n;
}

static int32_t wrong(struct shelf *s, const char *why)
{
	s->whose->error = why;
	return LNR_PLUGIN_FAILURE;
}

static void *shelf_get(void *t, const union lnr_plugin_state_data *key)
{
	struct shelf *s = t;
	if (key->u64 >= ENTRIES || !s->e[key->u64].used) {
		wrong(s, "the shelf has no such place");
		return NULL;
	}
	s->held++;
	return &s->e[key->u64];
}

static int32_t shelf_read(void *t, void *e, const void *field, union lnr_plugin_state_data *out)
{
	struct shelf *s = t;
	switch ((intptr_t)field) {
	case TEXT:
		out->str = ((char *)e) + 1;
		return LNR_PLUGIN_SUCCESS;
	case BELOW:
		out->table = &s->below->in;
		return LNR_PLUGIN_SUCCESS;
	default:
		return wrong(s, "no field");
	}
}

static void shelf_release(void *t, void *e)
{
	(void)e;
	((struct shelf *)t)->held--;
}

static uint32_t shelf_iterate(void *t, uint32_t (*each)(void *, void *), void *user)
{
	struct shelf *s = t;
	for (int i = 0; i < ENTRIES; i++) {
		if (s->e[i].used && !each(user, &s->e[i]))
			return 0;
	}
	return 1;
}

static int32_t shelf_clear(void *t)
{
	return wrong(t, "the shelf is not emptied");
}

static int32_t shelf_erase(void *t, const union lnr_plugin_state_data *key)
{
	struct shelf *s = t;
	if (key->u64 >= ENTRIES || !s->e[key->u64].used)
		return wrong(s, "nothing to erase");
	s->e[key->u64].used = false;
	return LNR_PLUGIN_SUCCESS;
}

static void *shelf_create(void *t)
{
	struct shelf *s = t;
	s->alive++;
	return &s->made;
}

static void shelf_destroy(void *t, void *e)
{
	(void)e;
	((struct shelf *)t)->alive--;
}

static void *shelf_add(void *t, const union lnr_plugin_state_data *key, void *e)
{
	struct shelf *s = t;
	if (key->u64 >= ENTRIES || e != &s->made) {
		wrong(s, "the shelf is full");
		return NULL;
	}
	s->e[key->u64] = s->made;
	s->e[key->u64].used = true;
	s->alive--;
	s->held++;
	return &s->e[key->u64];
}

static int32_t shelf_write(
	void *t, void *e, const void *field, const union lnr_plugin_state_data *in)
{
	if ((intptr_t)field == TEXT) {
		snprintf((char *)e + 1, 32, "%s", in->str);
		return LNR_PLUGIN_SUCCESS;
	}
	(void)t;
	return LNR_PLUGIN_NOT_SUPPORTED;
}

static const struct lnr_plugin_table_fieldinfo *shelf_list(void *t, uint32_t *n)
{
	static const struct lnr_plugin_table_fieldinfo v[] = {
		{"text", LNR_PLUGIN_ST_STRING, 0}, {"below", LNR_PLUGIN_ST_TABLE, 1}};
	(void)t;
	*n = 2;
	return v;
}

static void *shelf_field(void *t, const char *name, uint32_t type)
{
	if (strcmp(name, "text") == 0 && type == LNR_PLUGIN_ST_STRING)
		return (void *)(intptr_t)TEXT;
	if (strcmp(name, "below") == 0 && type == LNR_PLUGIN_ST_TABLE)
		return (void *)(intptr_t)BELOW;
	wrong(t, "the shelf has no such field");
	return NULL;
}

static void *shelf_add_field(void *t, const char *name, uint32_t type)
{
	(void)t;
	(void)name;
	return type == LNR_PLUGIN_ST_STRING ? (void *)(intptr_t)ADDED : NULL;
}

static const struct lnr_plugin_table_reader_ext reader = {
	{shelf_name, shelf_size, shelf_get, shelf_read}, shelf_release, shelf_iterate};
static const struct lnr_plugin_table_writer writer = {
	shelf_clear, shelf_erase, shelf_create, shelf_destroy, shelf_add, shelf_write};
static const struct lnr_plugin_table_fields fields = {shelf_list, shelf_field, shelf_add_field};

static struct shelf top, below;

static void set_up(struct fake *whose)
{
	memset(&top, 0, sizeof(top));
	memset(&below, 0, sizeof(below));
	top.e[1].used = top.e[3].used = below.e[0].used = true;
	snprintf(top.e[1].text, sizeof(top.e[1].text), "one");
	snprintf(top.e[3].text, sizeof(top.e[3].text), "three");
	snprintf(below.e[0].text, sizeof(below.e[0].text), "under");
	top.below = below.below = &below;
	top.whose = below.whose = whose;
	top.in = (struct lnr_plugin_table_input){.name = "shelf",
		.key_type = LNR_PLUGIN_ST_UINT64,
		.table = &top,
		.reader = reader.base,
		.writer = writer,
		.fields = fields,
		.reader_ext = &reader,
		.writer_ext = &writer,
		.fields_ext = &fields};
	below.in = top.in;
	below.in.name = NULL;
	below.in.table = &below;
}

/* --- adding --- */

static void offer(struct fake *f)
{
	struct lnr_plugin_table_input in;

	set_up(f);
	in = top.in;
	assert_int_equal(f->t->add_table(f->owner, &in), LNR_PLUGIN_SUCCESS);
	memset(&in, 0xee, sizeof(in)); /* it was copied */
}

static void offer_wrong(struct fake *f)
{
	struct lnr_plugin_table_input in;
	struct lnr_plugin_table_reader_ext other = reader;

	set_up(f);
	assert_fails(f, f->t->add_table(f->owner, NULL), "needs a name");
	in = top.in;
	in.name = NULL;
	assert_fails(f, f->t->add_table(f->owner, &in), "needs a name");
	in = top.in;
	in.table = NULL;
	assert_fails(f, f->t->add_table(f->owner, &in), "needs a name");
	in = top.in;
	in.key_type = LNR_PLUGIN_ST_TABLE;
	assert_fails(f, f->t->add_table(f->owner, &in), "type of its keys");
	in = top.in;
	in.name = "threads";
	assert_fails(f, f->t->add_table(f->owner, &in), "already");
	in = top.in;
	in.writer.create_table_entry = NULL;
	assert_fails(f, f->t->add_table(f->owner, &in), "missing");
	in = top.in;
	in.fields_ext = NULL;
	assert_fails(f, f->t->add_table(f->owner, &in), "missing");
	in = top.in;
	other.base.get_table_size = NULL;
	in.reader_ext = &other;
	assert_fails(f, f->t->add_table(f->owner, &in), "missing");
	other = reader;
	other.iterate_entries = NULL;
	assert_fails(f, f->t->add_table(f->owner, &in), "missing");
	in = top.in;
	assert_int_equal(f->t->add_table(f->owner, &in), LNR_PLUGIN_SUCCESS);
	assert_fails(f, f->t->add_table(f->owner, &in), "already");
	/* What is built in as a stand-in gives way. */
	in.name = "containers";
	assert_int_equal(f->t->add_table(f->owner, &in), LNR_PLUGIN_SUCCESS);
	void *t = f->t->get_table(f->owner, "containers", LNR_PLUGIN_ST_UINT64);
	assert_int_equal(f->r->base.get_table_size(t), 2);
	uint32_t n;
	f->t->list_tables(f->owner, &n);
	assert_int_equal(n, 3);
	char name[16];
	for (int i = 2; i < LNR_PLUGIN_TABLES_MAX; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		in.name = name;
		assert_int_equal(f->t->add_table(f->owner, &in), LNR_PLUGIN_SUCCESS);
	}
	in.name = "more";
	assert_fails(f, f->t->add_table(f->owner, &in), "more than");
}

static void what_is_added(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, "provider", NULL);
	fake_start(&f, offer_wrong);
	fake_done(&f);
}

/* Plugins of the first version have a shorter description of a table. */
static void offer_old(struct fake *f)
{
	size_t len = offsetof(struct lnr_plugin_table_input, reader_ext);
	struct lnr_plugin_table_input *in = malloc(len);

	set_up(f);
	memcpy(in, &top.in, len);
	assert_int_equal(f->t->add_table(f->owner, in), LNR_PLUGIN_SUCCESS);
	free(in);
}

static uint32_t step(void *user, void *e)
{
	struct fake *f = user;
	f->n++;
	assert_non_null(value(f, f->table, e, f->field[0]).str);
	return f->n < f->stop_at;
}

static void find_shelf(struct fake *f)
{
	f->table = f->t->get_table(f->owner, "shelf", LNR_PLUGIN_ST_UINT64);
	assert_non_null(f->table);
	f->field[0] = field(f, f->table, "text", LNR_PLUGIN_ST_STRING);
	assert_ptr_equal(f->field[0], field(f, f->table, "text", LNR_PLUGIN_ST_STRING));
	assert_refused(
		f, f->fl->get_table_field(f->table, "text", LNR_PLUGIN_ST_BOOL), "no such field");
}

static void use_old(struct fake *f)
{
	void *e = entry(f, f->table, 1);

	assert_string_equal(value(f, f->table, e, f->field[0]).str, "one");
	f->stop_at = 9;
	assert_int_equal(f->r->iterate_entries(f->table, step, f), 0);
	assert_int_equal(f->n, 0);
}

static void a_provider_of_version_3_0(void **state)
{
	struct fake provider, user;

	(void)state;
	fake_init(&provider, "provider", NULL);
	fake_init(&user, "user", &provider);
	provider.plugin.api_minor = 0;
	fake_start(&provider, offer_old);
	fake_start(&user, find_shelf);
	fake_call(&user, use_old);
	fake_done(&user);
	fake_done(&provider);
}

/* --- use by another plugin --- */

static void use(struct fake *f)
{
	void *t = f->table, *e, *sub, *text_below, *b;
	union lnr_plugin_state_data key = num(2), far = num(9), out;
	uint32_t n = 0;

	assert_string_equal(f->r->base.get_table_name(t), "shelf");
	assert_int_equal(f->r->base.get_table_size(t), 2);
	f->fl->list_table_fields(t, &n);
	assert_int_equal(n, 2);
	e = entry(f, t, 3);
	assert_int_equal(top.held, 1);
	assert_string_equal(value(f, t, e, f->field[0]).str, "three");
	/* The provider's reason is the caller's. */
	assert_refused(f, entry(f, t, 2), "no such place");
	assert_fails(f, f->w->clear_table(t), "not emptied");
	assert_fails(f, f->w->erase_table_entry(t, &key), "nothing to erase");
	/* A new one. */
	b = f->w->create_table_entry(t);
	assert_int_equal(put(f, t, b, f->field[0], text("two")), 0);
	assert_refused(f, f->w->add_table_entry(t, &far, b), "full");
	assert_refused(f, f->w->add_table_entry(t, &key, e), "not a new one");
	b = f->w->add_table_entry(t, &key, b);
	assert_string_equal(value(f, t, b, f->field[0]).str, "two");
	assert_int_equal(top.held, 2);
	assert_int_equal(top.alive, 0);
	f->r->release_table_entry(t, b);
	assert_int_equal(top.held, 1);
	/* Given back once, and what was never taken not at all. */
	f->r->release_table_entry(t, b);
	f->w->destroy_table_entry(t, b);
	assert_int_equal(top.held, 1);
	f->n = 0;
	f->stop_at = 2;
	assert_int_equal(f->r->iterate_entries(t, step, f), 0);
	assert_int_equal(f->n, 2);
	f->stop_at = 9;
	assert_int_equal(f->r->iterate_entries(t, step, f), 1);
	assert_int_equal(f->n, 5);
	/* What the provider does not support. */
	void *added = f->fl->add_table_field(t, "x", LNR_PLUGIN_ST_STRING);
	assert_non_null(added);
	assert_int_equal(put(f, t, e, added, text("x")), LNR_PLUGIN_NOT_SUPPORTED);
	assert_fails(f, f->r->base.read_entry_field(t, e, added, &out), "no field");
	assert_refused(f, f->fl->add_table_field(t, "x", LNR_PLUGIN_ST_TABLE), "sub-table");
	/* Below. */
	sub = value(f, t, e, field(f, t, "below", LNR_PLUGIN_ST_TABLE)).table;
	assert_int_equal(((struct lnr_plugin_table_input *)sub)->key_type, LNR_PLUGIN_ST_UINT64);
	text_below = field(f, sub, "text", LNR_PLUGIN_ST_STRING);
	assert_string_equal(value(f, sub, entry(f, sub, 0), text_below).str, "under");
	assert_refused(f, entry(f, sub, 1), "no such place");
	assert_int_equal(below.held, 1);
	/* Left over for the host to give back. */
	assert_non_null(f->w->create_table_entry(t));
	assert_int_equal(top.alive, 1);
	f->user = sub;
}

static void after(struct fake *f)
{
	assert_int_equal(top.held, 0);
	assert_int_equal(top.alive, 0);
	assert_int_equal(below.held, 0);
	assert_int_equal(f->r->base.get_table_size(f->user), UINT64_MAX);
	assert_has(f->owner_error(f->owner), "after the call");
}

static void provider_is_gone(struct fake *f)
{
	void *t = f->table;
	union lnr_plugin_state_data key = num(1);
	uint32_t n;

	assert_refused(f, entry(f, t, 1), "gone");
	assert_int_equal(f->r->base.get_table_size(t), UINT64_MAX);
	assert_null(f->fl->list_table_fields(t, &n));
	assert_int_equal(n, 0);
	assert_refused(f, f->fl->get_table_field(t, "text", LNR_PLUGIN_ST_STRING), "gone");
	assert_fails(f, f->w->clear_table(t), "gone");
	assert_fails(f, f->w->erase_table_entry(t, &key), "gone");
	assert_refused(f, f->w->create_table_entry(t), "gone");
	assert_int_equal(f->r->iterate_entries(t, step, f), 0);
}

static void by_another_plugin(void **state)
{
	struct fake provider, user;

	(void)state;
	fake_init(&provider, "provider", NULL);
	fake_init(&user, "user", &provider);
	fake_start(&provider, offer);
	fake_start(&user, find_shelf);
	fake_call(&user, use);
	fake_call(&user, after);
	provider.inst = lnr_plugin_stop(provider.inst);
	fake_call(&user, provider_is_gone);
	fake_done(&user);
	fake_done(&provider);
}

/* The provider may be its own customer. While it starts there is nobody to ask for a reason. */
static void use_own(struct fake *f)
{
	offer(f);
	f->table = f->t->get_table(f->owner, "shelf", LNR_PLUGIN_ST_UINT64);
	f->field[0] = field(f, f->table, "text", LNR_PLUGIN_ST_STRING);
	assert_string_equal(value(f, f->table, entry(f, f->table, 1), f->field[0]).str, "one");
	assert_refused(f, entry(f, f->table, 2), "no reason");
}

static void by_the_provider(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, "provider", NULL);
	fake_start(&f, use_own);
	assert_int_equal(top.held, 0);
	fake_done(&f);
}

/* --- a plugin that is only looked at --- */

static void no_tables(struct fake *f)
{
	uint32_t n = 7;

	assert_refused(f, f->t->get_table(f->owner, "threads", LNR_PLUGIN_ST_INT64), "not offered");
	assert_null(f->t->list_tables(f->owner, &n));
	assert_int_equal(n, 0);
	assert_fails(f, f->t->add_table(f->owner, &top.in), "not offered");
	/* Some call without looking whether there is a table. */
	assert_null(f->fl->list_table_fields(NULL, &n));
	assert_null(f->fl->get_table_field(NULL, "x", LNR_PLUGIN_ST_BOOL));
	assert_null(f->fl->add_table_field(NULL, "x", LNR_PLUGIN_ST_BOOL));
	assert_null(f->r->base.get_table_name(NULL));
	assert_int_equal(f->r->base.get_table_size(NULL), UINT64_MAX);
	assert_null(entry(f, NULL, 1));
	f->r->release_table_entry(NULL, NULL);
	assert_int_equal(f->r->iterate_entries(NULL, step, f), 0);
	assert_int_equal(f->w->clear_table(NULL), LNR_PLUGIN_FAILURE);
	assert_null(f->w->create_table_entry(NULL));
	f->w->destroy_table_entry(NULL, NULL);
	assert_null(f->w->add_table_entry(NULL, NULL, NULL));
	assert_int_equal(put(f, NULL, NULL, NULL, num(1)), LNR_PLUGIN_FAILURE);
	union lnr_plugin_state_data out = num(7);
	assert_int_equal(f->r->base.read_entry_field(NULL, NULL, NULL, &out), LNR_PLUGIN_FAILURE);
	assert_int_equal(out.u64, 0);
}

static void without_an_engine(void **state)
{
	struct fake f;
	struct lnr_tables *t;

	(void)state;
	fake_init(&f, "one", NULL);
	t = f.tables;
	f.tables = NULL;
	fake_start(&f, no_tables);
	fake_call(&f, no_tables);
	f.tables = t;
	fake_done(&f);
}

/* Its engine gave up on a call, and is gone when the plugin goes on. */
static void goes_on_late(struct fake *f)
{
	union lnr_plugin_state_data key = num(7);
	uint32_t n;

	assert_non_null(f->r->base.get_table_entry(f->table, &key));
	lnr_tables_abandon(f->tables);
	f->st = lnr_state_free(f->st);
	assert_null(f->r->base.get_table_entry(f->table, &key));
	assert_null(f->w->create_table_entry(f->table));
	assert_null(f->t->list_tables(f->owner, &n));
	assert_int_equal(f->w->clear_table(f->table), LNR_PLUGIN_FAILURE);
}

static void after_the_end(void **state)
{
	struct fake f;
	const struct lnr_plugin_event_input evt = {0};

	(void)state;
	fake_init(&f, "one", NULL);
	fake_start(&f, find_threads);
	process(&f, 7, 1);
	/* What it holds belongs to a state that is gone, and is left alone. */
	f.body = goes_on_late;
	lnr_plugin_parse(f.inst, &evt);
	lnr_tables_abandon(NULL);
	/* In a program none of this would be freed. */
	free(f.inst->tables->entries);
	f.inst->tables->entries = NULL;
	fake_done(&f);
}

/* --- memory --- */

static void lend_some(struct fake *f)
{
	if (!f->table)
		return;
	void *c = f->fl->get_table_field(f->table, "text", LNR_PLUGIN_ST_STRING);
	union lnr_plugin_state_data key = num(2), out;
	for (int i = 0; i < 20; i++) {
		void *e = entry(f, f->table, 1);
		if (e && c)
			f->r->base.read_entry_field(f->table, e, c, &out);
	}
	void *made = f->w->create_table_entry(f->table);
	if (made)
		f->w->add_table_entry(f->table, &key, made);
	c = f->fl->get_table_field(f->table, "below", LNR_PLUGIN_ST_TABLE);
	void *e = entry(f, f->table, 1);
	if (e && c)
		f->r->base.read_entry_field(f->table, e, c, &out);
}

static void try_to_offer(struct fake *f)
{
	set_up(f);
	if (!f->t->add_table(f->owner, &top.in))
		f->table = f->t->get_table(f->owner, "shelf", LNR_PLUGIN_ST_UINT64);
}

static int life(void *arg)
{
	struct fake *f = arg;
	const struct lnr_plugin_event_input evt = {0};
	struct lnr_tables *tables = NULL;
	size_t n;
	const struct lnr_table_class *const *classes = lnr_state_table_classes(&n);
	int r = lnr_tables_new(classes, n, f->st, &tables);

	f->table = NULL;
	f->on_init = try_to_offer;
	f->body = lend_some;
	fake_starting = f;
	if (!r)
		r = lnr_plugin_start_with(&f->plugin, tables, NULL, &f->inst, NULL);
	if (!r) {
		lnr_plugin_parse(f->inst, &evt);
		assert_int_equal(top.held, 0);
		assert_int_equal(top.alive, 0);
	}
	f->inst = r ? NULL : lnr_plugin_stop(f->inst);
	lnr_tables_free(tables);
	return r;
}

static void no_memory(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, "one", NULL);
	lnr_test_each_alloc_may_fail(life, &f);
	fake_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added),
		cmocka_unit_test(a_provider_of_version_3_0),
		cmocka_unit_test(by_another_plugin),
		cmocka_unit_test(by_the_provider),
		cmocka_unit_test(without_an_engine),
		cmocka_unit_test(after_the_end),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
