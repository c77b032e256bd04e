/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on a thread, and containers, as tables for plugins. */
#include <stdio.h>
#include <stdlib.h>
#include "schema/limits.h"
#include "state/state_priv.h"
#include "unit/plugin/tables_test.h"

/* --- descriptors --- */

/* As the libraries for plugins in C++ and Rust do it. */
static void discover(struct fake *f)
{
	void *t = threads(f), *e, *fds;

	f->table = t;
	f->field[0] = field(f, t, "file_descriptors", LNR_PLUGIN_ST_TABLE);
	e = f->w->create_table_entry(t);
	fds = value(f, t, e, f->field[0]).table;
	assert_non_null(fds);
	assert_int_equal(((struct lnr_plugin_table_input *)fds)->key_type, LNR_PLUGIN_ST_INT64);
	assert_int_equal(f->r->base.get_table_size(fds), 0);
	f->field[1] = field(f, fds, "name", LNR_PLUGIN_ST_STRING);
	f->field[2] = f->fl->add_table_field(fds, "note", LNR_PLUGIN_ST_STRING);
	assert_non_null(f->field[2]);
	f->w->destroy_table_entry(t, e);
	assert_int_equal(f->r->base.get_table_size(t), 0);
}

static void *fds_of(struct fake *f, int64_t tid)
{
	return value(f, f->table, entry(f, f->table, tid), f->field[0]).table;
}

static void use_descriptors(struct fake *f)
{
	void *fds = fds_of(f, 100), *fd = add_entry(f, fds, 9), *child;
	union lnr_plugin_state_data key = num(3), big = num(INT64_C(1) << 33);

	assert_non_null(fd);
	assert_int_equal(put(f, fds, fd, f->field[1], text("/tmp/x")), 0);
	assert_int_equal(put(f, fds, fd, f->field[2], text("seen")), 0);
	assert_int_equal(f->r->base.get_table_size(fds), 2);
	assert_string_equal(value(f, fds, fd, f->field[1]).str, "/tmp/x");
	/* The child began with the parent's, and what is written there is its own. */
	child = fds_of(f, 101);
	assert_int_equal(f->r->base.get_table_size(child), 1);
	fd = entry(f, child, 3);
	assert_int_equal(put(f, child, fd, f->field[2], text("child")), 0);
	assert_string_equal(value(f, child, fd, f->field[2]).str, "child");
	fd = entry(f, fds, 3);
	assert_string_equal(value(f, fds, fd, f->field[2]).str, "");
	assert_int_equal(f->w->erase_table_entry(fds, &key), 0);
	assert_fails(f, f->w->erase_table_entry(fds, &key), "no such entry");
	assert_int_equal(f->r->base.get_table_size(child), 1);
	assert_refused(f, f->w->add_table_entry(fds, &big, f->w->create_table_entry(fds)), "key");
	assert_int_equal(f->w->clear_table(fds), 0);
	assert_int_equal(f->r->base.get_table_size(fds), 0);
	/* Of a thread that is gone. */
	key = num(100);
	assert_int_equal(f->w->erase_table_entry(f->table, &key), 0);
	assert_refused(f, add_entry(f, fds, 1), "no such entry");
	assert_fails(f, f->w->clear_table(fds), "no such entry");
}

/* A thread that is made with what hangs on it, and then put in. */
static void made_with_descriptors(struct fake *f)
{
	void *t = f->table, *e = f->w->create_table_entry(t), *fds, *fd;
	union lnr_plugin_state_data key = num(300);

	fds = value(f, t, e, f->field[0]).table;
	fd = add_entry(f, fds, 5);
	assert_int_equal(put(f, fds, fd, f->field[1], text("/five")), 0);
	assert_int_equal(put(f, t, e, field(f, t, "pid", LNR_PLUGIN_ST_INT64), num(300)), 0);
	assert_int_equal(put(f, t, e, field(f, t, "ptid", LNR_PLUGIN_ST_INT64), num(1)), 0);
	e = f->w->add_table_entry(t, &key, e);
	assert_non_null(e);
	/* Both handles go on. */
	assert_string_equal(value(f, fds, fd, f->field[1]).str, "/five");
	assert_int_equal(f->r->base.get_table_size(fds), 1);
}

static void descriptors(void **state)
{
	struct fake f;
	struct lnr_thread *parent;

	(void)state;
	fake_init(&f, "one", NULL);
	fake_start(&f, discover);
	parent = process(&f, 100, 1);
	/* Shares descriptors with its parent as after a fork. */
	lnr_task_fds_inherit(f.st, lnr_task_of(process(&f, 101, 100)), lnr_task_of(parent));
	fake_call(&f, use_descriptors);
	fake_call(&f, made_with_descriptors);
	assert_non_null(lnr_state_fd(f.st, lnr_state_thread(f.st, 300, false), 5));
	fake_done(&f);
}

/* Kinds of addresses share their memory, as the kind of the socket says. */
static void sockets(struct fake *f)
{
	void *fds = fds_of(f, 100), *fd = add_entry(f, fds, 9);
	void *sip = field(f, fds, "socket_ipv4_src_ip", LNR_PLUGIN_ST_UINT32);
	void *dport = field(f, fds, "socket_ipv4_dst_port", LNR_PLUGIN_ST_UINT16);

	assert_int_equal(put(f, fds, fd, field(f, fds, "type", LNR_PLUGIN_ST_UINT8), num(3)), 0);
	assert_int_equal(put(f, fds, fd, sip, num(0x0100007f)), 0);
	assert_int_equal(put(f, fds, fd, dport, num(443)), 0);
	assert_int_equal(
		put(f, fds, fd, field(f, fds, "socket_ipv4_l4_proto", LNR_PLUGIN_ST_UINT8), num(2)),
		0);
}

static void addresses(void **state)
{
	struct fake f;
	static const uint8_t localhost[] = {127, 0, 0, 1};

	(void)state;
	fake_init(&f, "one", NULL);
	fake_start(&f, discover);
	process(&f, 100, 1);
	fake_call(&f, sockets);
	const struct lnr_fd *fd = lnr_state_fd(f.st, lnr_state_thread(f.st, 100, false), 9);
	assert_non_null(fd);
	assert_int_equal(fd->sip.family, LNR_AF_INET);
	assert_memory_equal(fd->sip.addr, localhost, 4);
	assert_int_equal(fd->dport, 443);
	assert_int_equal(fd->l4, LNR_L4_TCP);
	fake_done(&f);
}

/* --- lists --- */

static const char *item(struct fake *f, void *list, int64_t at, const char *name)
{
	void *e = entry(f, list, at);
	return e ? value(f, list, e, field(f, list, name, LNR_PLUGIN_ST_STRING)).str : NULL;
}

static void edit_lists(struct fake *f)
{
	void *t = f->table, *e = entry(f, t, 100), *args, *cg, *it, *v;
	union lnr_plugin_state_data key = num(0), far = num(LNR_PLUGIN_LIST_MAX);

	args = value(f, t, e, field(f, t, "args", LNR_PLUGIN_ST_TABLE)).table;
	cg = value(f, t, e, field(f, t, "cgroups", LNR_PLUGIN_ST_TABLE)).table;
	v = field(f, args, "value", LNR_PLUGIN_ST_STRING);
	assert_refused(f, f->fl->add_table_field(args, "x", LNR_PLUGIN_ST_STRING), "cannot");
	assert_int_equal(f->r->base.get_table_size(args), 2);
	assert_string_equal(item(f, args, 0, "value"), "a");
	assert_string_equal(item(f, args, 1, "value"), "bc");
	assert_null(item(f, args, 2, "value"));
	f->n = 0;
	assert_int_equal(f->r->iterate_entries(args, count_entry, f), 1);
	assert_int_equal(f->n, 2);
	/* In place, longer and shorter. */
	assert_int_equal(put(f, args, entry(f, args, 0), v, text("longer")), 0);
	assert_int_equal(put(f, args, entry(f, args, 1), v, text("")), 0);
	assert_string_equal(item(f, args, 0, "value"), "longer");
	assert_string_equal(item(f, args, 1, "value"), "");
	/* Beyond the end: empty ones in between. */
	it = f->w->create_table_entry(args);
	assert_int_equal(put(f, args, it, v, text("last")), 0);
	assert_string_equal(value(f, args, it, v).str, "last");
	assert_refused(f, f->w->add_table_entry(args, &far, it), "key or the value");
	key = num(4);
	assert_non_null(f->w->add_table_entry(args, &key, it));
	assert_int_equal(f->r->base.get_table_size(args), 5);
	assert_string_equal(item(f, args, 3, "value"), "");
	assert_string_equal(item(f, args, 4, "value"), "last");
	key = num(0);
	assert_int_equal(f->w->erase_table_entry(args, &key), 0);
	assert_int_equal(f->r->base.get_table_size(args), 4);
	assert_string_equal(item(f, args, 3, "value"), "last");
	assert_int_equal(f->w->clear_table(args), 0);
	assert_int_equal(f->r->base.get_table_size(args), 0);
	assert_fails(f, f->w->erase_table_entry(args, &key), "no such entry");
	/* Pairs. */
	assert_string_equal(item(f, cg, 1, "first"), "memory");
	assert_string_equal(item(f, cg, 1, "second"), "/y");
	v = field(f, cg, "second", LNR_PLUGIN_ST_STRING);
	assert_int_equal(put(f, cg, entry(f, cg, 0), v, text("/new/path")), 0);
	assert_string_equal(item(f, cg, 0, "first"), "cpu");
	assert_string_equal(item(f, cg, 0, "second"), "/new/path");
	assert_string_equal(item(f, cg, 1, "second"), "/y");
}

static void lists(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 100, 1);
	fake_call(&f, edit_lists);
	assert_bytes(lnr_blob_str(lnr_state_thread(f.st, 100, false)->cgroups),
		((struct lnr_str){"cpu=/new/path\0memory=/y\0", 24}));
	fake_done(&f);
}

/* --- containers --- */

static void look_at_containers(struct fake *f)
{
	void *t = f->t->get_table(f->owner, "containers", LNR_PLUGIN_ST_STRING), *e;
	union lnr_plugin_state_data key = text("0123456789ab"), none = text("zzz"),
				    empty = text("");
	char *name;

	assert_int_equal(f->r->base.get_table_size(t), 1);
	e = f->r->base.get_table_entry(t, &key);
	assert_non_null(e);
	assert_string_equal(value(f, t, e, field(f, t, "ip", LNR_PLUGIN_ST_STRING)).str, "1.2.3.4");
	assert_string_equal(value(f, t, e, field(f, t, "user", LNR_PLUGIN_ST_STRING)).str, "root");
	assert_string_equal(
		value(f, t, e, field(f, t, "id", LNR_PLUGIN_ST_STRING)).str, "0123456789ab");
	assert_string_equal(value(f, t, e, field(f, t, "image", LNR_PLUGIN_ST_STRING)).str, "");
	assert_int_equal(value(f, t, e, field(f, t, "type", LNR_PLUGIN_ST_UINT32)).u32, 0);
	assert_refused(f, f->r->base.get_table_entry(t, &none), "no such entry");
	assert_refused(f, f->r->base.get_table_entry(t, &empty), "no such entry");
	assert_refused(f, f->r->base.get_table_entry(t, NULL), "no such entry");
	name = malloc(LNR_PLUGIN_KEY_BYTES + 1);
	memset(name, 'x', LNR_PLUGIN_KEY_BYTES);
	name[LNR_PLUGIN_KEY_BYTES] = 0;
	key = text(name);
	assert_refused(f, f->r->base.get_table_entry(t, &key), "no such entry");
	free(name);
	assert_refused(f, f->w->create_table_entry(t), "read-only");
	assert_fails(f, f->w->erase_table_entry(t, &none), "read-only");
	assert_fails(f, f->w->clear_table(t), "read-only");
	assert_fails(
		f, put(f, t, e, field(f, t, "name", LNR_PLUGIN_ST_STRING), text("x")), "read-only");
	f->n = 0;
	assert_int_equal(f->r->iterate_entries(t, count_entry, f), 1);
	assert_int_equal(f->n, 1);
}

static void containers(void **state)
{
	struct fake f;
	static const char json[] = "{\"container\": {\"id\": \"0123456789ab\", \"type\": 0, "
				   "\"ip\": \"1.2.3.4\", \"User\": \"root\"}}";

	(void)state;
	start(&f);
	assert_ok(lnr_containers_json(lnr_state_containers(f.st), lnr_str_c(json)), NULL);
	fake_call(&f, look_at_containers);
	fake_done(&f);
}

/* What a plugin says of a thread's container is what the host knows, too. */
static void set_container(struct fake *f)
{
	void *t = f->table, *e = entry(f, t, 100);
	void *id = field(f, t, "container_id", LNR_PLUGIN_ST_STRING);
	char long_id[LNR_CONTAINER_ID_BYTES_MAX + 1];

	memset(long_id, 'a', sizeof(long_id) - 1);
	long_id[sizeof(long_id) - 1] = 0;
	assert_string_equal(value(f, t, e, id).str, "");
	assert_fails(f, put(f, t, e, id, text(long_id)), "value");
	assert_int_equal(put(f, t, e, id, text("0123456789ab")), 0);
	assert_string_equal(value(f, t, e, id).str, "0123456789ab");
}

static void container_of_a_thread(void **state)
{
	struct fake f;

	(void)state;
	start(&f);
	process(&f, 100, 1);
	fake_call(&f, set_container);
	assert_str(lnr_blob_str(lnr_state_thread(f.st, 100, false)->container_id), "0123456789ab");
	fake_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(addresses),
		cmocka_unit_test(lists),
		cmocka_unit_test(containers),
		cmocka_unit_test(container_of_a_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
