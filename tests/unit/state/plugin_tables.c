/* SPDX-License-Identifier: Apache-2.0 */
#include "state/plugin_tables.h"

#include <pthread.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "schema/limits.h"
#include "unit/plugin/tables_test.h"

/* --- tables, fields --- */

static void names_and_types(struct fake *f)
{
	uint32_t n = 0;
	struct lnr_plugin_table_info *v = f->t->list_tables(f->owner, &n);

	assert_int_equal(n, 2);
	for (uint32_t i = 0; i < n; i++) {
		bool is_threads = strcmp(v[i].name, "threads") == 0;
		assert_true(is_threads || strcmp(v[i].name, "containers") == 0);
		assert_int_equal(
			v[i].key_type, is_threads ? LNR_PLUGIN_ST_INT64 : LNR_PLUGIN_ST_STRING);
	}
	assert_refused(f, f->t->get_table(f->owner, "treads", LNR_PLUGIN_ST_INT64), "treads");
	assert_refused(f, f->t->get_table(f->owner, "threads", LNR_PLUGIN_ST_STRING), "type 4");
	/* Sub-tables are found through an entry only. */
	assert_refused(f, f->t->get_table(f->owner, "args", LNR_PLUGIN_ST_UINT64), "args");
	assert_ptr_equal(threads(f), threads(f));
	/* An error is gone after a success. */
	assert_null(f->owner_error(f->owner));
	assert_string_equal(f->r->base.get_table_name(threads(f)), "threads");
	/* Some plugins look into handles. */
	const struct lnr_plugin_table_input *in = threads(f);
	assert_string_equal(in->name, "threads");
	assert_int_equal(in->key_type, LNR_PLUGIN_ST_INT64);
	assert_int_equal(in->reader.get_table_size(in->table), 0);
	assert_ptr_equal(in->reader_ext->release_table_entry, f->r->release_table_entry);
	assert_ptr_equal(in->writer_ext->clear_table, in->writer.clear_table);
	assert_ptr_equal(in->fields_ext->get_table_field, in->fields.get_table_field);
}

static void the_tables_there_are(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, "one", NULL);
	fake_start(&f, names_and_types);
	fake_call(&f, names_and_types);
	fake_done(&f);
}

static void fields_of_threads(struct fake *f)
{
	void *t = threads(f), *added;
	uint32_t n = 0;

	const struct lnr_plugin_table_fieldinfo *v = f->fl->list_table_fields(t, &n);
	assert_int_equal(n, 33);
	for (uint32_t i = 0; i < n; i++) {
		bool ro = strcmp(v[i].name, "cwd") == 0 || v[i].field_type == LNR_PLUGIN_ST_TABLE;
		assert_int_equal(v[i].read_only, ro);
		assert_non_null(f->fl->get_table_field(t, v[i].name, v[i].field_type));
	}
	assert_refused(f, f->fl->get_table_field(t, "tidd", LNR_PLUGIN_ST_INT64), "tidd");
	assert_refused(f, f->fl->get_table_field(t, "tid", LNR_PLUGIN_ST_STRING), "type 4, not 9");
	assert_refused(f, f->fl->add_table_field(t, "tid", LNR_PLUGIN_ST_INT64), "already");
	added = f->fl->add_table_field(t, "mine", LNR_PLUGIN_ST_UINT16);
	assert_non_null(added);
	assert_ptr_equal(f->fl->add_table_field(t, "mine", LNR_PLUGIN_ST_UINT16), added);
	assert_ptr_equal(f->fl->get_table_field(t, "mine", LNR_PLUGIN_ST_UINT16), added);
	assert_refused(f, f->fl->add_table_field(t, "mine", LNR_PLUGIN_ST_STRING), "already");
	assert_refused(f, f->fl->add_table_field(t, "t", LNR_PLUGIN_ST_TABLE), "cannot");
	assert_refused(f, f->fl->add_table_field(t, "", LNR_PLUGIN_ST_BOOL), "cannot");
	assert_refused(f, f->fl->add_table_field(t, "x", 11), "cannot");
	/* What the container plugin adds is there; it gets what is there. */
	assert_non_null(f->fl->add_table_field(t, "container_id", LNR_PLUGIN_ST_STRING));
	f->fl->list_table_fields(t, &n);
	assert_int_equal(n, 34);
	/* As many as there may be. */
	for (int i = 1; i < LNR_PLUGIN_COLUMNS_MAX; i++) {
		char name[16];
		snprintf(name, sizeof(name), "f%d", i);
		assert_non_null(f->fl->add_table_field(t, name, LNR_PLUGIN_ST_BOOL));
	}
	assert_refused(f, f->fl->add_table_field(t, "more", LNR_PLUGIN_ST_BOOL), "full");
}

static void fields(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, "one", NULL);
	fake_start(&f, fields_of_threads);
	fake_done(&f);
}

/* --- values --- */

/* Every field that may be written reads as what was written, and touches no other. */
static void each_field(struct fake *f, void *t, void *e)
{
	uint32_t n = 0;
	const struct lnr_plugin_table_fieldinfo *v = f->fl->list_table_fields(t, &n), *all;

	all = memcpy(malloc(n * sizeof(*v)), v, n * sizeof(*v));
	for (uint32_t i = 0; i < n; i++) {
		void *c = field(f, t, all[i].name, all[i].field_type);
		union lnr_plugin_state_data in = {.u64 = UINT64_C(0x0102030405060708) + i}, out;
		if (all[i].read_only) {
			assert_fails(f, put(f, t, e, c, in), "read-only");
			continue;
		}
		if (all[i].field_type == LNR_PLUGIN_ST_STRING)
			in.str = all[i].name;
		else if (all[i].field_type == LNR_PLUGIN_ST_BOOL)
			in.u64 = 1;
		if (strcmp(all[i].name, "fd") == 0)
			in.u64 = 4;
		/* Flags: those that are kept. */
		if (strcmp(all[i].name, "flags") == 0)
			in.u32 = 1; /* cloned with its files; found by the scan */
		assert_int_equal(put(f, t, e, c, in), LNR_PLUGIN_SUCCESS);
		out = value(f, t, e, c);
		switch (all[i].field_type) {
		case LNR_PLUGIN_ST_STRING:
			assert_string_equal(out.str, strcmp(all[i].name, "old_name") ? in.str : "");
			break;
		case LNR_PLUGIN_ST_UINT8:
			assert_int_equal(out.u64, in.u8);
			break;
		case LNR_PLUGIN_ST_UINT16:
			assert_int_equal(out.u64, in.u16);
			break;
		case LNR_PLUGIN_ST_UINT32:
		case LNR_PLUGIN_ST_BOOL:
			assert_int_equal(out.u64, in.u32);
			break;
		default:
			assert_int_equal(out.u64, in.u64);
		}
	}
	free((void *)(uintptr_t)all);
}

static void write_and_read(struct fake *f)
{
	void *t = f->table, *e = f->w->create_table_entry(t), *fds, *fd;

	assert_non_null(e);
	assert_non_null(f->fl->add_table_field(t, "mine", LNR_PLUGIN_ST_STRING));
	assert_non_null(f->fl->add_table_field(t, "small", LNR_PLUGIN_ST_UINT8));
	assert_non_null(f->fl->add_table_field(t, "truth", LNR_PLUGIN_ST_BOOL));
	each_field(f, t, e);
	fds = value(f, t, e, field(f, t, "file_descriptors", LNR_PLUGIN_ST_TABLE)).table;
	fd = f->w->create_table_entry(fds);
	assert_non_null(fd);
	each_field(f, fds, fd);
	f->w->destroy_table_entry(fds, fd);
	/* Handles that are gone are refused. */
	assert_fails(f, put(f, fds, fd, field(f, fds, "dev", LNR_PLUGIN_ST_UINT32), num(1)),
		"given back");
	f->w->destroy_table_entry(t, e);
	assert_int_equal(f->r->base.get_table_size(fds), UINT64_MAX);
}

static void every_field(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	fake_call(&f, write_and_read);
	fake_done(&f);
}

static void read_process(struct fake *f)
{
	void *t = f->table, *e = entry(f, t, 100), *sub, *s;

	assert_int_equal(f->r->base.get_table_size(t), 2);
	assert_non_null(e);
	assert_int_equal(value(f, t, e, field(f, t, "pid", LNR_PLUGIN_ST_INT64)).s64, 100);
	assert_int_equal(value(f, t, e, field(f, t, "ptid", LNR_PLUGIN_ST_INT64)).s64, 50);
	assert_string_equal(value(f, t, e, field(f, t, "comm", LNR_PLUGIN_ST_STRING)).str, "cat");
	assert_string_equal(value(f, t, e, field(f, t, "exe", LNR_PLUGIN_ST_STRING)).str, "");
	sub = value(f, t, e, field(f, t, "file_descriptors", LNR_PLUGIN_ST_TABLE)).table;
	assert_int_equal(f->r->base.get_table_size(sub), 1);
	/* The table stays when the thread is given back. */
	f->r->release_table_entry(t, e);
	s = entry(f, sub, 3);
	assert_string_equal(
		value(f, sub, s, field(f, sub, "name", LNR_PLUGIN_ST_STRING)).str, "/etc/passwd");
	assert_int_equal(value(f, sub, s, field(f, sub, "type", LNR_PLUGIN_ST_UINT8)).u8, 16);
	assert_int_equal(value(f, sub, s, field(f, sub, "fd", LNR_PLUGIN_ST_INT64)).s64, 3);
	assert_refused(f, entry(f, sub, 4), "no such entry");
	assert_refused(f, entry(f, sub, INT64_C(1) << 40), "no such entry");
	assert_refused(f, entry(f, t, 101), "no such entry");
	/* A field of another table. */
	union lnr_plugin_state_data out;
	void *wrong = field(f, t, "comm", LNR_PLUGIN_ST_STRING);
	assert_fails(f, f->r->base.read_entry_field(sub, s, wrong, &out), "another table");
	assert_fails(f, f->r->base.read_entry_field(t, s, wrong, &out), "another table");
	f->user = sub;
}

static void stale_sub_table(struct fake *f)
{
	/* Its memory is there, and it says what is wrong. */
	assert_int_equal(f->r->base.get_table_size(f->user), UINT64_MAX);
	assert_has(f->owner_error(f->owner), "after the call");
	assert_null(f->r->base.get_table_entry(f->user, &(union lnr_plugin_state_data){.s64 = 3}));
}

static void a_process(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 50, 1);
	process(&f, 100, 50);
	fake_call(&f, read_process);
	fake_call(&f, stale_sub_table);
	fake_done(&f);
}

/* --- entries --- */

static void come_and_go(struct fake *f)
{
	void *t = f->table, *e = f->w->create_table_entry(t), *again;
	void *pid = field(f, t, "pid", LNR_PLUGIN_ST_INT64);
	void *ptid = field(f, t, "ptid", LNR_PLUGIN_ST_INT64);
	void *mine = f->fl->add_table_field(t, "mine", LNR_PLUGIN_ST_STRING);
	union lnr_plugin_state_data key = num(7), minus = num(-1);

	assert_int_equal(put(f, t, e, pid, num(7)), 0);
	assert_int_equal(put(f, t, e, ptid, num(50)), 0);
	assert_int_equal(put(f, t, e, mine, text("hello")), 0);
	assert_refused(f, f->w->add_table_entry(t, &minus, e), "key or the value");
	again = f->w->add_table_entry(t, &key, e);
	assert_non_null(again);
	assert_int_equal(f->r->base.get_table_size(t), 2);
	assert_string_equal(value(f, t, again, mine).str, "hello");
	/* It is in the table: not a new one any more. */
	assert_refused(f, f->w->add_table_entry(t, &key, again), "key or the value");
	f->w->destroy_table_entry(t, again);
	assert_int_equal(value(f, t, again, pid).s64, 7);
	/* Its ids tie it to others. */
	assert_fails(f, put(f, t, again, field(f, t, "tid", LNR_PLUGIN_ST_INT64), num(8)), "value");
	assert_fails(f, put(f, t, again, pid, num(-4)), "value");
	assert_int_equal(put(f, t, again, pid, num(50)), 0);
	assert_int_equal(put(f, t, again, ptid, num(1)), 0);
	assert_int_equal(put(f, t, again, ptid, num(50)), 0);
	f->r->release_table_entry(t, again);
	f->r->release_table_entry(t, again); /* twice does nothing */
	/* Of the same key: in its place, without what the other had. */
	e = add_entry(f, t, 7);
	assert_non_null(e);
	assert_string_equal(value(f, t, e, mine).str, "");
	assert_int_equal(f->r->base.get_table_size(t), 2);
	assert_int_equal(f->w->erase_table_entry(t, &key), 0);
	assert_fails(f, f->w->erase_table_entry(t, &key), "no such entry");
	/* A handle of what is gone. */
	union lnr_plugin_state_data out;
	assert_fails(f, f->r->base.read_entry_field(t, e, mine, &out), "no such entry");
	assert_fails(f, put(f, t, e, mine, text("x")), "no such entry");
	/* Up to as many as there may be. */
	for (int i = 0; i < 15; i++)
		assert_non_null(add_entry(f, t, 1000 + i));
	assert_refused(f, add_entry(f, t, 2000), "full");
	assert_int_equal(f->w->clear_table(t), 0);
	assert_int_equal(f->r->base.get_table_size(t), 0);
	/* All that is still held is given back after the call, and what was made goes. */
	assert_non_null(f->w->create_table_entry(t));
}

static void entries(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 50, 1);
	fake_call(&f, come_and_go);
	assert_null(lnr_state_thread(f.st, 50, false));
	fake_done(&f);
}

static uint32_t count_one(void *user, void *e)
{
	struct fake *f = user;
	union lnr_plugin_state_data key = num(50);
	void *t = f->table, *fds;

	f->n++;
	assert_true(value(f, t, e, f->field[0]).s64 > 0);
	/* Not acquired: giving it back is nothing. */
	f->r->release_table_entry(t, e);
	assert_true(value(f, t, e, f->field[0]).s64 > 0);
	/* Nothing comes or goes meanwhile, in sub-tables neither. */
	assert_fails(f, f->w->erase_table_entry(t, &key), "iteration");
	assert_fails(f, f->w->clear_table(t), "iteration");
	assert_refused(f, add_entry(f, t, 9), "iteration");
	fds = value(f, t, e, field(f, t, "file_descriptors", LNR_PLUGIN_ST_TABLE)).table;
	assert_fails(f, f->w->clear_table(fds), "iteration");
	assert_int_equal(put(f, t, e, f->field[1], num(f->n)), 0);
	f->user = e;
	return f->n != f->stop_at;
}

static void walk(struct fake *f)
{
	void *t = f->table, *fds, *e;
	union lnr_plugin_state_data out;

	f->field[0] = field(f, t, "pid", LNR_PLUGIN_ST_INT64);
	f->field[1] = f->fl->add_table_field(t, "seen", LNR_PLUGIN_ST_UINT32);
	assert_int_equal(f->r->iterate_entries(t, count_one, f), 1);
	assert_int_equal(f->n, 3);
	/* What was lent is not there any more. */
	assert_fails(f, f->r->base.read_entry_field(t, f->user, f->field[0], &out), "given back");
	f->n = 0;
	f->stop_at = 2;
	assert_int_equal(f->r->iterate_entries(t, count_one, f), 0);
	assert_int_equal(f->n, 2);
	f->n = 0;
	e = entry(f, t, 50);
	assert_true(value(f, t, e, f->field[1]).u32 > 0);
	fds = value(f, t, e, field(f, t, "file_descriptors", LNR_PLUGIN_ST_TABLE)).table;
	assert_non_null(add_entry(f, fds, 8));
	assert_int_equal(f->r->iterate_entries(fds, count_entry, f), 1);
	assert_int_equal(f->n, 2);
	assert_int_equal(f->r->iterate_entries(NULL, count_entry, f), 0);
}

static void iteration(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 50, 1);
	process(&f, 60, 50);
	process(&f, 70, 50);
	fake_call(&f, walk);
	fake_done(&f);
}

/* --- limits --- */

static void fill_budget(struct fake *f)
{
	void *t = f->table, *e = entry(f, t, 100), *c[LNR_PLUGIN_COLUMNS_MAX];
	char *big = malloc(LNR_PLUGIN_VALUE_BYTES + 2);
	int n = 0, full = 0;

	memset(big, 'x', LNR_PLUGIN_VALUE_BYTES + 1);
	big[LNR_PLUGIN_VALUE_BYTES + 1] = 0;
	for (int i = 0; i < LNR_PLUGIN_COLUMNS_MAX; i++) {
		char name[16];
		snprintf(name, sizeof(name), "f%d", i);
		c[i] = f->fl->add_table_field(t, name, LNR_PLUGIN_ST_STRING);
	}
	assert_fails(f, put(f, t, e, c[0], text(big)), "value");
	big[LNR_PLUGIN_VALUE_BYTES] = 0;
	for (int tid = 100; tid < 116; tid++) {
		e = tid == 100 ? e : add_entry(f, t, tid);
		for (int i = 0; i < LNR_PLUGIN_COLUMNS_MAX; i++) {
			int32_t rc = put(f, t, e, c[i], text(big));
			n += rc == 0;
			if (rc) {
				full++;
				assert_has(f->owner_error(f->owner), "full");
			}
		}
	}
	/* 64 MiB of 64 KiB each, less what the values take themselves. */
	assert_true(n > 900 && n < 1024 && full > 0);
	/* Room again when entries go. */
	assert_int_equal(f->w->clear_table(t), 0);
	e = add_entry(f, t, 5);
	assert_int_equal(put(f, t, e, c[0], text(big)), 0);
	free(big);
}

static void values_have_a_budget(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 100, 1);
	fake_call(&f, fill_budget);
	fake_done(&f);
}

static void hold_many(struct fake *f)
{
	void *t = f->table, *e = NULL;
	unsigned n = 0;

	while ((e = entry(f, t, 100)))
		n++;
	assert_int_equal(n, LNR_PLUGIN_HELD_MAX);
	assert_has(f->owner_error(f->owner), "too many");
}

static void held_entries_have_a_limit(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 100, 1);
	fake_call(&f, hold_many);
	/* All were given back. */
	fake_call(&f, hold_many);
	fake_done(&f);
}

static void *elsewhere(void *arg)
{
	struct fake *f = arg;
	union lnr_plugin_state_data key = num(100);

	assert_null(f->r->base.get_table_entry(f->table, &key));
	assert_int_equal(f->r->base.get_table_size(f->table), UINT64_MAX);
	assert_null(f->t->get_table(f->owner, "threads", LNR_PLUGIN_ST_INT64));
	assert_int_equal(f->w->clear_table(f->table), LNR_PLUGIN_FAILURE);
	return NULL;
}

static void from_another_thread(struct fake *f)
{
	pthread_t id;

	assert_int_equal(pthread_create(&id, NULL, elsewhere, f), 0);
	assert_int_equal(pthread_join(id, NULL), 0);
}

static void only_during_a_call(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 100, 1);
	fake_call(&f, from_another_thread);
	elsewhere(&f); /* the right thread, but no call */
	assert_non_null(lnr_state_thread(f.st, 100, false));
	fake_done(&f);
}

/* What fails says so, and leaves all as it was; nothing leaks. */
static void use_all(struct fake *f)
{
	union lnr_plugin_state_data key = num(200);
	void *t = f->table, *e, *fds, *fd, *args, *mine;
	uint32_t n;

	f->fl->list_table_fields(t, &n);
	f->t->list_tables(f->owner, &n);
	mine = f->fl->add_table_field(t, "mine", LNR_PLUGIN_ST_STRING);
	e = entry(f, t, 100);
	if (e && mine)
		put(f, t, e, mine, text("a text that is longer than one that would fit"));
	union lnr_plugin_state_data v = {0};
	void *sub = f->fl->get_table_field(t, "file_descriptors", LNR_PLUGIN_ST_TABLE);
	if (e && !f->r->base.read_entry_field(t, e, sub, &v)) {
		fds = v.table;
		fd = add_entry(f, fds, 12);
		if (fd)
			put(f, fds, fd, f->fl->get_table_field(fds, "name", LNR_PLUGIN_ST_STRING),
				text("/some/name/that/takes/memory"));
	}
	sub = f->fl->get_table_field(t, "args", LNR_PLUGIN_ST_TABLE);
	if (e && !f->r->base.read_entry_field(t, e, sub, &v)) {
		args = v.table;
		add_entry(f, args, 30);
		f->w->erase_table_entry(args, &(union lnr_plugin_state_data){.u64 = 0});
	}
	e = f->w->create_table_entry(t);
	if (e)
		f->w->add_table_entry(t, &key, e);
}

static int whole_life(void *arg)
{
	const struct lnr_plugin_event_input evt = {0};
	struct fake *f = arg;
	size_t n;
	const struct lnr_table_class *const *classes = lnr_state_table_classes(&n);
	struct lnr_tables *tables = NULL;
	int r = lnr_tables_new(classes, n, f->st, &tables);

	f->tables = tables;
	f->on_init = NULL;
	f->body = use_all;
	fake_starting = f;
	if (!r)
		r = lnr_plugin_start_with(&f->plugin, tables, NULL, &f->inst, NULL);
	if (!r) {
		lnr_table_owner_enter(f->inst->tables);
		f->table = threads(f);
		lnr_table_owner_leave(f->inst->tables);
		if (f->table)
			lnr_plugin_parse(f->inst, &evt);
	}
	f->inst = r ? NULL : lnr_plugin_stop(f->inst);
	lnr_tables_free(tables);
	return r;
}

static void no_memory(void **state)
{
	struct fake f;
	struct lnr_tables *tables;

	(void)state;
	fake_init(&f, "one", NULL);
	tables = f.tables;
	process(&f, 100, 1);
	lnr_test_each_alloc_may_fail(whole_life, &f);
	f.tables = tables;
	fake_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_there_are),
		cmocka_unit_test(fields),
		cmocka_unit_test(every_field),
		cmocka_unit_test(a_process),
		cmocka_unit_test(entries),
		cmocka_unit_test(iteration),
		cmocka_unit_test(values_have_a_budget),
		cmocka_unit_test(held_entries_have_a_limit),
		cmocka_unit_test(only_during_a_call),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
