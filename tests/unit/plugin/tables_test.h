/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin made of functions of the test, so that a test can do inside of init() or parse_event()
 * what plugins do there:
 *
 *	fake_init(&f, "one", state);	a state of its own when NULL
 *	fake_start(&f, NULL);
 *	fake_call(&f, body);		body runs as parse_event(), with f.in
 *	fake_done(&f);
 */
#ifndef LNR_TESTS_TABLES_TEST_H
#define LNR_TESTS_TABLES_TEST_H

#include "lib/test.h"
#include "plugin/host.h"
#include "plugin/tables.h"
#include "schema/limits.h"
#include "state/check.h"
#include "state/plugin_tables.h"

#define UNUSED __attribute__((unused))

struct fake {
	struct lnr_plugin plugin;
	struct lnr_plugin_instance *inst;
	struct lnr_state *st;
	struct lnr_tables *tables;
	bool own; /* both */
	void (*on_init)(struct fake *f);
	void (*body)(struct fake *f);
	const char *error; /* of get_last_error() */
	/* What init() was given; valid for ever, as the interface promises. */
	const struct lnr_plugin_init_tables *t;
	const struct lnr_plugin_table_reader_ext *r;
	const struct lnr_plugin_table_writer *w;
	const struct lnr_plugin_table_fields *fl;
	void *owner;
	const char *(*owner_error)(void *owner);
	/* A test's own. */
	void *table, *user;
	void *field[4];
	int n, stop_at;
};

/* init() has no other way to know whose it is. */
static UNUSED struct fake *fake_starting;

static UNUSED void *fake_on_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	struct fake *f = fake_starting;
	f->t = in->tables;
	f->r = in->tables->reader_ext;
	f->w = in->tables->writer_ext;
	f->fl = in->tables->fields_ext;
	f->owner = in->owner;
	f->owner_error = in->get_owner_last_error;
	if (f->on_init)
		f->on_init(f);
	*rc = LNR_PLUGIN_SUCCESS;
	return f;
}

static UNUSED void fake_on_destroy(void *s)
{
	(void)s;
}

static UNUSED const char *fake_on_error(void *s)
{
	return ((struct fake *)s)->error;
}

static UNUSED int32_t fake_on_parse(
	void *s, const struct lnr_plugin_event_input *evt, const struct lnr_plugin_parse_input *in)
{
	struct fake *f = s;
	(void)evt;
	/* Both forms are there, and are the same. */
	assert_memory_equal(
		&in->table_reader, &in->table_reader_ext->base, sizeof(in->table_reader));
	assert_memory_equal(&in->table_writer, in->table_writer_ext, sizeof(in->table_writer));
	f->body(f);
	return LNR_PLUGIN_SUCCESS;
}

static UNUSED void fake_init(struct fake *f, const char *name, const struct fake *with)
{
	size_t n;
	*f = (struct fake){.plugin = {.name = lnr_str_c(name),
				   .api_minor = LNR_PLUGIN_API_MINOR,
				   .config = "",
				   .open_params = "",
				   .start_ms = LNR_PLUGIN_START_MS,
				   .caps = LNR_PLUGIN_CAN_PARSE}};
	f->plugin.api.init = fake_on_init;
	f->plugin.api.destroy = fake_on_destroy;
	f->plugin.api.get_last_error = fake_on_error;
	f->plugin.api.parse_event = fake_on_parse;
	if (with) {
		f->st = with->st;
		f->tables = with->tables;
		return;
	}
	const struct lnr_state_opts so = {.size = sizeof(so), .max_threads = 16};
	const struct lnr_table_class *const *classes = lnr_state_table_classes(&n);
	f->own = true;
	assert_ok(lnr_state_new(&so, &f->st, NULL), NULL);
	assert_ok(lnr_tables_new(classes, n, f->st, &f->tables), NULL);
}

static UNUSED void fake_start(struct fake *f, void (*on_init)(struct fake *f))
{
	struct lnr_err err = {0};
	f->on_init = on_init;
	fake_starting = f;
	assert_ok(lnr_plugin_start_with(&f->plugin, f->tables, NULL, &f->inst, &err), &err);
}

static UNUSED void fake_call(struct fake *f, void (*body)(struct fake *f))
{
	const struct lnr_plugin_event_input evt = {0};
	char why[200] = "";
	f->body = body;
	assert_true(lnr_plugin_parse(f->inst, &evt));
	if (!lnr_state_check(f->st, why, sizeof(why)))
		fail_msg("%s", why);
}

static UNUSED void fake_done(struct fake *f)
{
	f->inst = lnr_plugin_stop(f->inst);
	if (!f->own)
		return;
	lnr_tables_free(f->tables);
	lnr_state_free(f->st);
}

/* --- what plugins do, in short --- */

static UNUSED union lnr_plugin_state_data num(int64_t n)
{
	return (union lnr_plugin_state_data){.s64 = n};
}

static UNUSED union lnr_plugin_state_data text(const char *s)
{
	return (union lnr_plugin_state_data){.str = s};
}

static UNUSED void *field(struct fake *f, void *table, const char *name, uint32_t type)
{
	void *c = f->fl->get_table_field(table, name, type);
	if (!c)
		fail_msg("%s: %s", name, f->owner_error(f->owner));
	return c;
}

static UNUSED void *entry(struct fake *f, void *table, int64_t key)
{
	const union lnr_plugin_state_data k = num(key);
	return f->r->base.get_table_entry(table, &k);
}

static UNUSED union lnr_plugin_state_data value(
	struct fake *f, void *table, void *e, const void *column)
{
	union lnr_plugin_state_data v;
	if (f->r->base.read_entry_field(table, e, column, &v))
		fail_msg("%s", f->owner_error(f->owner));
	return v;
}

static UNUSED int32_t put(
	struct fake *f, void *table, void *e, const void *column, union lnr_plugin_state_data v)
{
	return f->w->write_entry_field(table, e, column, &v);
}

/* A new entry under that key, held. */
static UNUSED void *add_entry(struct fake *f, void *table, int64_t key)
{
	const union lnr_plugin_state_data k = num(key);
	return f->w->add_table_entry(table, &k, f->w->create_table_entry(table));
}

/* --- the table of threads --- */

static UNUSED void *threads(struct fake *f)
{
	return f->t->get_table(f->owner, "threads", LNR_PLUGIN_ST_INT64);
}

static UNUSED void find_threads(struct fake *f)
{
	f->table = threads(f);
	assert_non_null(f->table);
}

static UNUSED void start(struct fake *f)
{
	fake_init(f, "one", NULL);
	fake_start(f, find_threads);
}

/* A process of the state, with one descriptor. */
static UNUSED struct lnr_thread *process(struct fake *f, int64_t pid, int64_t ptid)
{
	struct lnr_thread *t = lnr_state_add_thread(f->st, pid, pid);
	assert_non_null(t);
	t->ptid = ptid;
	assert_ok(lnr_blob_set(&t->comm, LNR_STR("cat")), NULL);
	assert_ok(lnr_blob_set(&t->args, (struct lnr_str){"a\0bc\0", 5}), NULL);
	assert_ok(lnr_blob_set(&t->cgroups, (struct lnr_str){"cpu=/x\0memory=/y\0", 17}), NULL);
	struct lnr_fd *fd = lnr_state_add_fd(f->st, t, 3);
	assert_non_null(fd);
	fd->type = LNR_FD_FILE_V2;
	assert_ok(lnr_blob_set(&fd->name, LNR_STR("/etc/passwd")), NULL);
	lnr_state_added(f->st);
	return lnr_state_thread(f->st, pid, false);
}

/* For iterate_entries(). */
static UNUSED uint32_t count_entry(void *user, void *e)
{
	struct fake *f = user;
	assert_non_null(e);
	f->n++;
	return 1;
}

#define assert_fails(f, call, why)                             \
	do {                                                   \
		assert_true((call) == LNR_PLUGIN_FAILURE);     \
		assert_non_null((f)->owner_error((f)->owner)); \
		assert_has((f)->owner_error((f)->owner), why); \
	} while (0)
#define assert_refused(f, call, why)                           \
	do {                                                   \
		assert_null(call);                             \
		assert_non_null((f)->owner_error((f)->owner)); \
		assert_has((f)->owner_error((f)->owner), why); \
	} while (0)

#endif
