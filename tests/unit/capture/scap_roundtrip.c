/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference captures: read, written and read again they give the same events and the same
 * tables; numbers and kinds of their events are those that the reference saw.
 */
#include <unistd.h>
#include "capture/scap_write.h"
#include "state/state.h"
#include "unit/capture/build.h"
#include "unit/capture/reference.h"

struct loaded {
	struct lnr_state *st;
	struct lnr_capture *c;
};

static struct loaded load(const char *path)
{
	const struct lnr_state_opts o = {.size = sizeof(o),
		.clock = lnr_clock_system(),
		.max_proc_lookups = -1,
		.import_users = true};
	struct loaded l = {.st = NULL};
	struct lnr_err err = {0};

	assert_ok(lnr_state_new(&o, &l.st, &err), &err);
	assert_ok(lnr_scap_open(path, NULL, &l.c, &err), &err);
	assert_ok(l.c->ops->populate(l.c, l.st, &err), &err);
	return l;
}

static void unload(struct loaded *l)
{
	lnr_capture_close(l->c);
	lnr_state_free(l->st);
}

/* --- tables ----------------------------------------------------------------------------------- */

#define assert_blob(a, b) assert_bytes(lnr_blob_str(a), lnr_blob_str(b))

static void assert_same_thread(const struct lnr_thread *a, const struct lnr_thread *b)
{
	assert_non_null(b);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->ptid, b->ptid);
	assert_int_equal(a->vtid, b->vtid);
	assert_int_equal(a->vpid, b->vpid);
	assert_int_equal(a->sid, b->sid);
	assert_int_equal(a->vpgid, b->vpgid);
	assert_int_equal(a->pgid, b->pgid);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->gid, b->gid);
	assert_int_equal(a->loginuid, b->loginuid);
	assert_int_equal(a->tty, b->tty);
	assert_int_equal(a->fdlimit, b->fdlimit);
	assert_int_equal(a->cap_inheritable, b->cap_inheritable);
	assert_int_equal(a->cap_permitted, b->cap_permitted);
	assert_int_equal(a->cap_effective, b->cap_effective);
	assert_int_equal(a->vm_size, b->vm_size);
	assert_int_equal(a->vm_rss, b->vm_rss);
	assert_int_equal(a->vm_swap, b->vm_swap);
	assert_int_equal(a->pf_major, b->pf_major);
	assert_int_equal(a->pf_minor, b->pf_minor);
	assert_int_equal(a->exe_ino, b->exe_ino);
	assert_int_equal(a->exe_ino_ctime, b->exe_ino_ctime);
	assert_int_equal(a->exe_ino_mtime, b->exe_ino_mtime);
	assert_int_equal(a->pidns_init_start_ts, b->pidns_init_start_ts);
	assert_blob(a->comm, b->comm);
	assert_blob(a->exe, b->exe);
	assert_blob(a->exepath, b->exepath);
	assert_blob(a->args, b->args);
	assert_blob(a->env, b->env);
	assert_blob(a->cgroups, b->cgroups);
	assert_blob(a->cwd, b->cwd);
	assert_blob(a->root, b->root);
	assert_blob(a->container_id, b->container_id);
}

static void assert_same_fd(const struct lnr_fd *a, const struct lnr_fd *b)
{
	assert_non_null(b);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->l4, b->l4);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->open_flags, b->open_flags);
	assert_int_equal(a->dev, b->dev);
	assert_int_equal(a->ino, b->ino);
	assert_memory_equal(&a->sip, &b->sip, sizeof(a->sip));
	assert_memory_equal(&a->dip, &b->dip, sizeof(a->dip));
	assert_int_equal(a->sport, b->sport);
	assert_int_equal(a->dport, b->dport);
	assert_int_equal(a->source, b->source);
	assert_int_equal(a->dest, b->dest);
	assert_blob(a->name, b->name);
}

static void assert_same_lists(struct lnr_state *a, struct lnr_state *b)
{
	struct lnr_users *ua = lnr_state_users(a), *ub = lnr_state_users(b);
	const struct lnr_user *u, *v;
	const struct lnr_group *g, *h;
	const struct lnr_iface *fa, *fb;
	struct lnr_str container;
	size_t na, nb, pos = 0;

	fa = lnr_state_ifaces(a, &na);
	fb = lnr_state_ifaces(b, &nb);
	assert_int_equal(na, nb);
	for (size_t i = 0; i < na; i++)
		assert_memory_equal(&fa[i], &fb[i], sizeof(*fa));
	while ((u = lnr_users_next(ua, &pos, &container))) {
		v = lnr_users_get(ub, container, u->uid);
		assert_non_null(v);
		assert_int_equal(u->gid, v->gid);
		assert_bytes(u->name, v->name);
		assert_bytes(u->home, v->home);
		assert_bytes(u->shell, v->shell);
	}
	pos = 0;
	while ((g = lnr_groups_next(ua, &pos, &container))) {
		h = lnr_groups_get(ub, container, g->gid);
		assert_non_null(h);
		assert_bytes(g->name, h->name);
	}
}

static void assert_same_state(struct lnr_state *a, struct lnr_state *b)
{
	struct lnr_thread *t;
	unsigned na = 0, nb = 0;

	for (size_t pos = 0; lnr_state_thread_next(b, &pos);)
		nb++;
	for (size_t pos = 0; (t = lnr_state_thread_next(a, &pos));) {
		struct lnr_thread *s = lnr_state_thread(b, t->tid, false);
		struct lnr_fd *fd;

		na++;
		assert_same_thread(t, s);
		assert_int_equal(lnr_state_fd_count(a, t), lnr_state_fd_count(b, s));
		for (size_t i = 0; lnr_thread_is_main(t) && (fd = lnr_state_fd_next(a, t, &i));)
			assert_same_fd(fd, lnr_state_fd(b, s, fd->num));
	}
	assert_true(na > 0);
	assert_int_equal(na, nb);
	assert_int_equal(lnr_state_boot_ts(a), lnr_state_boot_ts(b));
	assert_same_lists(a, b);
}

/* --- there and back --------------------------------------------------------------------------- */

static void assert_same_events(struct lnr_capture *a, struct lnr_capture *b)
{
	struct lnr_capture_item x, y;
	struct lnr_err err = {0};
	int r;

	while (!(r = lnr_capture_next(a, &x, &err))) {
		assert_ok(lnr_capture_next(b, &y, &err), &err);
		assert_int_equal(x.len, y.len);
		assert_memory_equal(x.record, y.record, x.len);
		assert_int_equal(x.cpu, y.cpu);
		assert_int_equal(x.flags, y.flags);
	}
	assert_code(r, -ENODATA);
	assert_code(lnr_capture_next(b, &y, &err), -ENODATA);
}

static void copy_capture(const char *from, const char *to, bool gzip)
{
	const struct lnr_scap_writer_opts o = {.size = sizeof(o), .gzip = gzip, .level = 1};
	struct loaded l = load(from);
	struct lnr_scap_writer *w = NULL;
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	int r;

	assert_ok(lnr_scap_writer_open(to, &o, &w, &err), &err);
	assert_ok(lnr_scap_write_tables(w, lnr_scap_machine(l.c), l.st, &err), &err);
	while (!(r = lnr_capture_next(l.c, &item, &err)))
		assert_code(
			lnr_scap_write_event(w, item.record, item.len, item.cpu, item.flags), 0);
	assert_code(r, -ENODATA);
	assert_ok(lnr_scap_writer_finish(w, &err), &err);
	lnr_scap_writer_close(w);
	unload(&l);
}

static void there_and_back(const char *folder, const char *name, void *arg)
{
	const struct lnr_test_dir *dir = arg;
	char path[1024], *copy = lnr_test_path(dir, name);

	snprintf(path, sizeof(path), "%s/capture.scap", folder);
	for (int gzip = 0; gzip <= 1; gzip++) {
		struct loaded a = load(path), b;

		copy_capture(path, copy, gzip);
		b = load(copy);
		assert_same_state(a.st, b.st);
		assert_string_equal(lnr_scap_hostname(a.c), lnr_scap_hostname(b.c));
		assert_memory_equal(lnr_scap_machine(a.c), lnr_scap_machine(b.c),
			sizeof(struct lnr_scap_machine));
		assert_same_events(a.c, b.c);
		unload(&a);
		unload(&b);
	}
	free(copy);
}

static void captures_survive_a_copy(void **state)
{
	struct lnr_test_dir dir;

	(void)state;
	lnr_test_dir_init(&dir);
	assert_true(reference_captures(there_and_back, &dir) > 0);
	lnr_test_dir_done(&dir);
}

/* --- what the reference saw ------------------------------------------------------------------- */

/* Kind of event as fields show it. */
static const char *type_name(const struct lnr_event *ev)
{
	const struct lnr_syscall_info *sc;

	if (ev->type == LNR_EV_ASYNCEVENT_E)
		return lnr_param_str(ev, 1).ptr;
	if (ev->type != LNR_EV_GENERIC_X)
		return ev->info->name;
	sc = lnr_syscall_info((unsigned)lnr_param_u64_or(ev, 0, 0));
	return sc ? sc->name : "";
}

struct seen {
	char (*type)[32]; /* by evt.num; "" = not for rules */
	size_t n, visible;
};

static void see(struct seen *s, const char *path)
{
	struct lnr_capture *c = NULL;
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	size_t cap = 1;
	int r;

	*s = (struct seen){.type = calloc(cap, sizeof(*s->type))};
	assert_ok(lnr_scap_open(path, NULL, &c, &err), &err);
	while (!(r = lnr_capture_next(c, &item, &err))) {
		struct lnr_event ev;

		assert_ok(lnr_event_parse(&ev, item.record, item.len, item.cpu, &err), &err);
		if (++s->n == cap) {
			cap *= 2;
			s->type = realloc(s->type, cap * sizeof(*s->type));
			assert_non_null(s->type);
		}
		s->type[s->n][0] = '\0';
		if (item.flags & LNR_ITEM_STATE_ONLY)
			continue;
		s->visible++;
		snprintf(s->type[s->n], sizeof(*s->type), "%s", type_name(&ev));
	}
	assert_code(r, -ENODATA);
	lnr_capture_close(c);
}

/* evt.num and evt.type of each line of fields.jsonl.gz against the visible records. */
static void same_numbers(const char *folder, const char *name, void *arg)
{
	const size_t max = 16u << 20;
	char path[1024], *line = malloc(max);
	struct seen s;
	size_t compared = 0;
	json_t *scenario;
	gzFile fields;

	(void)name;
	(void)arg;
	assert_non_null(line);
	snprintf(path, sizeof(path), "%s/scenario.json", folder);
	scenario = json_load_file(path, 0, NULL);
	assert_non_null(scenario);
	snprintf(path, sizeof(path), "%s/capture.scap", folder);
	see(&s, path);
	snprintf(path, sizeof(path), "%s/fields.jsonl.gz", folder);
	fields = gzopen(path, "rb");
	assert_non_null(fields);
	assert_non_null(gzgets(fields, line, (int)max)); /* the queries */
	while (gzgets(fields, line, (int)max)) {
		/* Values may be text that jansson refuses, and nothing else here is of interest. */
		const char *num = strstr(line, "\"evt.num\":");
		const char *type = strstr(line, "\"evt.type\":\"");
		unsigned long n;

		assert_true(num && type);
		n = strtoul(num + strlen("\"evt.num\":"), NULL, 10);
		type += strlen("\"evt.type\":\"");
		assert_in_range(n, 1, s.n);
		assert_bytes(lnr_str_c(s.type[n]), ((struct lnr_str){type, strcspn(type, "\"")}));
		compared++;
	}
	assert_int_equal(s.visible, json_integer_value(json_object_get(scenario, "events")));
	/* Every event has its line, but for one capture that has a sample. */
	if (compared != 1500)
		assert_int_equal(compared, s.visible);
	gzclose(fields);
	json_decref(scenario);
	free(s.type);
	free(line);
}

static void numbers_and_kinds_of_events(void **state)
{
	(void)state;
	assert_true(reference_captures(same_numbers, NULL) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captures_survive_a_copy),
		cmocka_unit_test(numbers_and_kinds_of_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
