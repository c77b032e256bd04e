/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing capture files: what is in them, whose they are, and what is left when writing ends badly.
 */
#include "capture/scap_write.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lib/failalloc.h"
#include "schema/limits.h"
#include "state/state.h"
#include "unit/capture/build.h"

static struct lnr_scap_writer *open_writer(const char *path, bool gzip)
{
	const struct lnr_scap_writer_opts o = {.size = sizeof(o), .gzip = gzip};
	struct lnr_scap_writer *w = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_scap_writer_open(path, &o, &w, &err), &err);
	return w;
}

static int write_close(struct lnr_scap_writer *w, uint64_t ts)
{
	uint8_t rec[64];
	uint32_t len = make_close(rec, ts, 100, 3);

	return lnr_scap_write_event(w, rec, len, (uint16_t)ts, 0);
}

/* How many events `path` has, and how its reading ends. */
static int count_events(const char *path, unsigned *ret_n)
{
	struct lnr_capture *c = NULL;
	struct lnr_err err = {0};
	int r = lnr_scap_open(path, NULL, &c, &err);

	*ret_n = 0;
	if (!r)
		r = read_all(c, ret_n, &err);
	lnr_capture_close(c);
	return r;
}

static void what_is_written_is_read(void **state)
{
	struct lnr_test_dir dir;
	char *path;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "x.scap");
	for (int gzip = 0; gzip <= 1; gzip++) {
		struct lnr_scap_writer *w = open_writer(path, gzip);
		struct lnr_capture *c;
		struct lnr_capture_item item;
		struct lnr_err err = {0};
		struct stat st;

		assert_ok(lnr_scap_write_tables(w, NULL, NULL, &err), &err);
		for (unsigned i = 0; i < 10000; i++) {
			uint8_t rec[64];
			uint32_t len = make_close(rec, i, 100 + i, 3);

			assert_code(lnr_scap_write_event(w, rec, len, (uint16_t)i,
					    i % 3 ? 0 : LNR_ITEM_STATE_ONLY),
				0);
		}
		assert_int_equal(lnr_scap_writer_events(w), 10000);
		assert_ok(lnr_scap_writer_finish(w, &err), &err);
		/* Nothing goes behind the end. */
		assert_code(write_close(w, 1), -EPIPE);
		assert_ok(lnr_scap_writer_finish(w, &err), &err);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, lnr_scap_writer_bytes(w));
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_null(lnr_scap_writer_close(w));

		assert_ok(lnr_scap_open(path, NULL, &c, &err), &err);
		for (unsigned i = 0; i < 10000; i++) {
			uint8_t rec[64];
			uint32_t len = make_close(rec, i, 100 + i, 3);

			assert_ok(lnr_capture_next(c, &item, &err), &err);
			assert_int_equal(item.len, len);
			assert_memory_equal(item.record, rec, len);
			assert_int_equal(item.cpu, (uint16_t)i);
			assert_int_equal(item.flags, i % 3 ? 0 : LNR_ITEM_STATE_ONLY);
		}
		assert_code(lnr_capture_next(c, &item, &err), -ENODATA);
		lnr_capture_close(c);
	}
	free(path);
	lnr_test_dir_done(&dir);
	assert_null(lnr_scap_writer_close(NULL));
}

static void records_of_every_size(void **state)
{
	static const uint32_t sizes[] = {26, 27, 28, 29, 65526, 65527, 65528, 65529, 65530, 65535};
	struct lnr_test_dir dir;
	struct lnr_scap_writer *w;
	struct lnr_capture *c;
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	uint8_t *rec = calloc(1, 5u << 20), *data = calloc(1, 5u << 20);
	struct lnr_record *head = (struct lnr_record *)rec;
	struct lnr_record_builder rb;
	uint32_t large;
	char *path;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "x.scap");
	w = open_writer(path, false);
	assert_ok(lnr_scap_write_tables(w, NULL, NULL, &err), &err);
	/* Beyond an ordinary block the large kind takes over, whatever the event. */
	for (size_t i = 0; i < LNR_ARRAY_SIZE(sizes); i++) {
		*head = (struct lnr_record){
			.len = sizes[i], .type = LNR_EV_SCAPEVENT_E, .nparams = 0};
		assert_code(lnr_scap_write_event(w, rec, sizes[i], 1, 0), 0);
	}
	lnr_record_begin(&rb, rec, 5u << 20, LNR_EV_PLUGINEVENT_E, 5, -1, 2);
	lnr_record_u32(&rb, 1);
	lnr_record_bytes(&rb, data, (5u << 20) - 64);
	large = (uint32_t)lnr_record_end(&rb);
	assert_true(large > 5000000);
	assert_code(lnr_scap_write_event(w, rec, large, 1, 0), 0);
	/* What no reader would take is refused and leaves no trace. */
	assert_code(lnr_scap_write_event(w, rec, 25, 1, 0), -EMSGSIZE);
	assert_code(lnr_scap_write_event(w, rec, large - 1, 1, 0), -EMSGSIZE);
	head->len = LNR_SCAP_EVENT_BYTES + 1;
	assert_code(lnr_scap_write_event(w, rec, head->len, 1, 0), -EMSGSIZE);
	assert_code(write_close(w, 7), 0);
	assert_ok(lnr_scap_writer_finish(w, &err), &err);
	lnr_scap_writer_close(w);

	assert_ok(lnr_scap_open(path, NULL, &c, &err), &err);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(sizes); i++) {
		assert_ok(lnr_capture_next(c, &item, &err), &err);
		assert_int_equal(item.len, sizes[i]);
	}
	assert_ok(lnr_capture_next(c, &item, &err), &err);
	assert_int_equal(item.len, large);
	assert_ok(lnr_capture_next(c, &item, &err), &err);
	assert_int_equal(((const struct lnr_record *)item.record)->ts, 7);
	assert_code(lnr_capture_next(c, &item, &err), -ENODATA);
	lnr_capture_close(c);
	free(rec);
	free(data);
	free(path);
	lnr_test_dir_done(&dir);
}

static void whose_file_it_is(void **state)
{
	const struct lnr_scap_writer_opts o = {.size = sizeof(o)};
	struct lnr_scap_writer *w;
	struct lnr_test_dir dir;
	struct lnr_err err = {0};
	struct stat st;
	char *path, *other;
	unsigned n;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "x.scap");

	/* An own plain file is emptied and closed to others. */
	other = lnr_test_file(&dir, "x.scap", LNR_STR("something longer than a capture head ...."));
	assert_int_equal(chmod(other, 0666), 0);
	w = open_writer(path, false);
	assert_ok(lnr_scap_write_tables(w, NULL, NULL, &err), &err);
	assert_code(write_close(w, 1), 0);
	assert_ok(lnr_scap_writer_finish(w, &err), &err);
	lnr_scap_writer_close(w);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_code(count_events(path, &n), -ENODATA);
	assert_int_equal(n, 1);
	free(other);

	/* Links of both kinds, a pipe, a folder, a missing folder. */
	other = lnr_test_path(&dir, "link");
	assert_int_equal(symlink("x.scap", other), 0);
	assert_code(lnr_scap_writer_open(other, &o, &w, &err), -ELOOP);
	assert_has(err.msg, "symbolic link");
	assert_int_equal(unlink(other), 0);
	assert_int_equal(link(path, other), 0);
	assert_code(lnr_scap_writer_open(other, &o, &w, &err), -EPERM);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_true(lnr_scap_writer_open(other, &o, &w, &err) < 0);
	assert_int_equal(unlink(other), 0);
	free(other);
	assert_code(lnr_scap_writer_open(dir.path, &o, &w, &err), -EISDIR);
	other = lnr_test_path(&dir, "no/where");
	assert_code(lnr_scap_writer_open(other, &o, &w, &err), -ENOENT);
	free(other);
	/* Still what it was. */
	assert_code(count_events(path, &n), -ENODATA);
	assert_int_equal(n, 1);
	free(path);
	lnr_test_dir_done(&dir);
}

static void options_are_checked(void **state)
{
	struct lnr_scap_writer_opts o = {.size = sizeof(o) - 1};
	struct lnr_scap_writer *w = NULL;
	struct lnr_err err = {0};

	(void)state;
	assert_code(lnr_scap_writer_open_fd(open("/dev/null", O_WRONLY), &o, &w, &err), -EINVAL);
	o = (struct lnr_scap_writer_opts){.size = sizeof(o), .gzip = true, .level = 10};
	assert_code(lnr_scap_writer_open_fd(open("/dev/null", O_WRONLY), &o, &w, &err), -EINVAL);
	assert_has(err.msg, "level");
}

/* The disk is full: every call says so, none is worse. */
static void full_disk(void **state)
{
	(void)state;
	for (int gzip = 0; gzip <= 1; gzip++) {
		const struct lnr_scap_writer_opts o = {.size = sizeof(o), .gzip = gzip, .level = 1};
		struct lnr_scap_writer *w;
		struct lnr_err err = {0};
		int fd = open("/dev/full", O_WRONLY), r = 0;
		struct lnr_test_random rnd;

		assert_true(fd >= 0);
		lnr_test_random_init(&rnd);
		assert_ok(lnr_scap_writer_open_fd(fd, &o, &w, &err), &err);
		assert_ok(lnr_scap_write_tables(w, NULL, NULL, &err), &err);
		for (unsigned i = 0; !r && i < 1000000; i++)
			r = write_close(w, lnr_test_random_u64(&rnd));
		assert_code(r, -ENOSPC);
		assert_code(write_close(w, 1), -ENOSPC);
		assert_code(lnr_scap_writer_flush(w, true, &err), -ENOSPC);
		assert_has(err.msg, "No space");
		assert_code(lnr_scap_write_tables(w, NULL, NULL, &err), -ENOSPC);
		assert_code(lnr_scap_writer_finish(w, &err), -ENOSPC);
		lnr_scap_writer_close(w);
	}
}

/* A plain file that cannot grow ends with its last whole block. */
static void file_that_cannot_grow(void **state)
{
	static const rlim_t limits[] = {100, 70000, 300000, 262144, 262144 + 28};
	struct lnr_test_dir dir;
	struct rlimit old, now;
	char *path;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "x.scap");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(limits); i++) {
		struct lnr_scap_writer *w = open_writer(path, false);
		uint8_t *big = calloc(1, 200000), *data = calloc(1, 199000);
		struct lnr_record_builder rb;
		unsigned n, written = 0;
		struct stat st;
		int r = 0;

		now = old;
		now.rlim_cur = limits[i];
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
		assert_code(lnr_scap_write_tables(w, NULL, NULL, NULL), 0);
		/* Ordinary blocks and, between them, one larger than the buffer. */
		lnr_record_begin(&rb, big, 200000, LNR_EV_PLUGINEVENT_E, 5, -1, 2);
		lnr_record_u32(&rb, 1);
		lnr_record_bytes(&rb, data, 199000);
		while (!r && written < 100000) {
			r = write_close(w, written++);
			if (!r && written % 2000 == 0)
				r = lnr_scap_write_event(
					w, big, (uint32_t)lnr_record_end(&rb), 0, 0);
		}
		assert_code(r, -EFBIG);
		lnr_scap_writer_close(w);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_true((rlim_t)st.st_size <= limits[i]);
		r = count_events(path, &n);
		if (limits[i] < 200)
			assert_true(n < 3);
		else
			assert_code(r, -ENODATA);
		free(big);
		free(data);
	}
	free(path);
	lnr_test_dir_done(&dir);
}

/* Killed at any moment: what was flushed is there, and the file reads up to its last block. */
static void killed_writer(void **state)
{
	struct lnr_test_dir dir;
	char *path;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "x.scap");
	for (unsigned round = 0; round < 12; round++) {
		bool gzip = round & 1;
		int p[2], status;
		unsigned flushed = 0, last, n;
		pid_t pid;

		assert_int_equal(pipe(p), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct lnr_scap_writer *w = open_writer(path, gzip);
			unsigned i = 0;

			close(p[0]);
			if (lnr_scap_write_tables(w, NULL, NULL, NULL))
				_exit(1);
			for (;;) {
				if (write_close(w, i++))
					_exit(1);
				if (i % 5000 == 0 && (lnr_scap_writer_flush(w, false, NULL) ||
							     write(p[1], &i, sizeof(i)) < 0))
					_exit(1);
			}
		}
		close(p[1]);
		while (flushed < 5000 * (1 + round) &&
			read(p[0], &last, sizeof(last)) == (ssize_t)sizeof(last))
			flushed = last;
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		while (read(p[0], &last, sizeof(last)) == (ssize_t)sizeof(last))
			flushed = last;
		close(p[0]);
		count_events(path, &n);
		assert_true(n >= flushed);
	}
	free(path);
	lnr_test_dir_done(&dir);
}

static void size_and_rotation(void **state)
{
	struct lnr_scap_writer_opts o = {.size = sizeof(o), .max_bytes = 20000};
	struct lnr_scap_machine machine = {.cpus = 3, .hostname = "box"};
	struct lnr_test_dir dir;

	(void)state;
	lnr_test_dir_init(&dir);
	for (int gzip = 0; gzip <= 1; gzip++) {
		struct lnr_scap_writer *w;
		struct lnr_err err = {0};
		struct lnr_test_random rnd;
		char name[128], base[128];
		unsigned total = 0, file = 0, n;
		struct stat st;

		lnr_test_random_init(&rnd);
		o.gzip = gzip;
		snprintf(base, sizeof(base), "%s/%s.scap", dir.path, gzip ? "gz" : "plain");
		assert_code(lnr_scap_rotated_name(name, sizeof(name), base, file, 100), 0);
		assert_ok(lnr_scap_writer_open(name, &o, &w, &err), &err);
		assert_ok(lnr_scap_write_tables(w, &machine, NULL, &err), &err);
		for (unsigned i = 0; i < 30000; i++) {
			assert_code(write_close(w, lnr_test_random_u64(&rnd)), 0);
			if (!lnr_scap_writer_full(w))
				continue;
			assert_code(
				lnr_scap_rotated_name(name, sizeof(name), base, ++file, 100), 0);
			assert_ok(lnr_scap_writer_rotate(w, name, &machine, NULL, 5, &err), &err);
			assert_false(lnr_scap_writer_full(w));
		}
		/* A place that does not work leaves things as they are. */
		assert_code(
			lnr_scap_writer_rotate(w, "/no/where", &machine, NULL, 5, &err), -ENOENT);
		assert_code(write_close(w, 1), 0);
		assert_ok(lnr_scap_writer_finish(w, &err), &err);
		lnr_scap_writer_close(w);
		assert_true(file > 2);
		for (unsigned i = 0; i <= file; i++) {
			assert_code(lnr_scap_rotated_name(name, sizeof(name), base, i, 100), 0);
			assert_code(count_events(name, &n), -ENODATA);
			assert_int_equal(stat(name, &st), 0);
			if (i < file) /* compressed sizes are known about, not to the byte */
				assert_in_range(st.st_size, gzip ? 10000 : 20000, 60000);
			total += n;
		}
		assert_int_equal(total, 30001);
	}
	lnr_test_dir_done(&dir);
}

static void names_of_a_ring(void **state)
{
	static const struct {
		const char *base;
		uint64_t n, count;
		const char *want;
	} rows[] = {{"a.scap", 0, 0, "a.0.scap"}, {"a.scap", 12, 0, "a.12.scap"},
		{"a.scap", 3, 10, "a.3.scap"}, {"a.scap", 3, 11, "a.03.scap"},
		{"a.scap", 13, 11, "a.02.scap"}, {"/x.y/a", 1, 5, "/x.y/a.1"},
		{"/x.y/.a", 1, 5, "/x.y/.a.1"}, {"a.b.scap", 1, 1000, "a.b.001.scap"}};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		assert_code(lnr_scap_rotated_name(
				    buf, sizeof(buf), rows[i].base, rows[i].n, rows[i].count),
			0);
		assert_string_equal(buf, rows[i].want);
	}
	assert_code(lnr_scap_rotated_name(buf, 9, "a.scap", 0, 0), 0);
	assert_code(lnr_scap_rotated_name(buf, 8, "a.scap", 0, 0), -ENAMETOOLONG);
}

static void this_machine(void **state)
{
	struct lnr_scap_machine m;
	char name[129] = "";
	struct timespec now;

	(void)state;
	lnr_scap_machine_here(&m);
	gethostname(name, sizeof(name) - 1);
	clock_gettime(CLOCK_REALTIME, &now);
	assert_string_equal(m.hostname, name);
	assert_true(m.cpus > 0 && m.memory_bytes > 1 << 20 && m.max_pid > 100);
	assert_true(m.boot_ts / 1000000000 <= (uint64_t)now.tv_sec);
	assert_true(m.boot_ts / 1000000000 > 1000000000);
}

/* A state with a thread, a user in a container and a container with metadata. */
static struct lnr_state *make_state(void)
{
	const struct lnr_state_opts o = {.size = sizeof(o),
		.clock = lnr_clock_system(),
		.max_proc_lookups = -1,
		.import_users = true};
	const struct lnr_user user = {
		1000, 1000, LNR_STR("alice"), LNR_STR("/home/alice"), LNR_STR("/bin/sh")};
	const struct lnr_group group = {50, LNR_STR("staff")};
	struct lnr_state *st = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_state_new(&o, &st, &err), &err);
	assert_code(lnr_users_add(lnr_state_users(st), LNR_STR(""), &user), 0);
	assert_code(lnr_users_add(lnr_state_users(st), LNR_STR("0123456789ab"), &user), 0);
	assert_code(lnr_groups_add(lnr_state_users(st), LNR_STR(""), &group), 0);
	assert_non_null(lnr_containers_add(
		lnr_state_containers(st), LNR_STR("0123456789ab"), LNR_CT_DOCKER));
	assert_code(lnr_containers_json(lnr_state_containers(st),
			    LNR_STR("{\"container\":{\"id\":\"0123456789ab\",\"type\":0,"
				    "\"name\":\"web\",\"image\":\"nginx\"}}")),
		0);
	return st;
}

static void scene_is_told_again(void **state)
{
	struct lnr_state *st = make_state();
	struct lnr_test_dir dir;
	struct lnr_scap_writer *w;
	struct lnr_capture *c;
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	char *path;
	unsigned users = 0, groups = 0, containers = 0;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "x.scap");
	w = open_writer(path, true);
	assert_ok(lnr_scap_write_tables(w, NULL, st, &err), &err);
	assert_ok(lnr_scap_write_scene(w, st, 77, &err), &err);
	assert_code(write_close(w, 78), 0);
	assert_ok(lnr_scap_writer_finish(w, &err), &err);
	lnr_scap_writer_close(w);

	assert_ok(lnr_scap_open(path, NULL, &c, &err), &err);
	for (;;) {
		struct lnr_event ev;

		assert_ok(lnr_capture_next(c, &item, &err), &err);
		assert_ok(lnr_event_parse(&ev, item.record, item.len, 0, &err), &err);
		if (ev.type == LNR_EV_SYSCALL_CLOSE_X)
			break;
		assert_int_equal(item.flags, LNR_ITEM_STATE_ONLY);
		assert_int_equal(ev.ts, 77);
		assert_int_equal(ev.tid, -1);
		switch (ev.type) {
		case LNR_EV_USER_ADDED_E:
			if (lnr_param_u64_or(&ev, 0, 0) != 1000)
				break;
			users++;
			assert_str(lnr_param_str(&ev, 2), "alice");
			assert_str(lnr_param_str(&ev, 4), "/bin/sh");
			break;
		case LNR_EV_GROUP_ADDED_E:
			groups += lnr_str_eq(lnr_param_str(&ev, 1), LNR_STR("staff"));
			break;
		case LNR_EV_ASYNCEVENT_E:
			containers++;
			assert_int_equal(lnr_param_u64_or(&ev, 0, 9), 0);
			assert_str(lnr_param_str(&ev, 1), "container");
			assert_true(lnr_str_find(lnr_param_str(&ev, 2),
					    LNR_STR("\"image\":\"nginx\"")) > 0);
			break;
		default:
			fail_msg("event %u", ev.type);
		}
	}
	assert_int_equal(users, 2);
	assert_int_equal(groups, 1);
	assert_int_equal(containers, 1);
	lnr_capture_close(c);
	lnr_state_free(st);
	free(path);
	lnr_test_dir_done(&dir);
}

/* What becomes known later is told as it happens. */
static void users_are_told_as_they_come(void **state)
{
	static char longest[LNR_STATE_PATH_BYTES_MAX + 100];
	const struct lnr_str box = LNR_STR("0123456789ab");
	struct lnr_user user = {7, 8, LNR_STR("new"), LNR_STR("/home/new"), LNR_STR("/bin/sh")};
	const struct lnr_group group = {9, LNR_STR("staff")};
	const unsigned types[] = {LNR_EV_USER_ADDED_E, LNR_EV_GROUP_ADDED_E, LNR_EV_GROUP_DELETED_E,
		LNR_EV_USER_DELETED_E, LNR_EV_USER_ADDED_E};
	struct lnr_test_dir dir;
	struct lnr_capture *c;
	struct lnr_capture_item item;
	struct lnr_event ev = {0};
	struct lnr_err err = {0};

	(void)state;
	lnr_test_dir_init(&dir);
	char *path = lnr_test_path(&dir, "x.scap");
	struct lnr_scap_writer *w = open_writer(path, true);
	assert_ok(lnr_scap_write_tables(w, NULL, NULL, &err), &err);
	assert_code(write_close(w, 1), 0);
	assert_code(lnr_scap_write_user(w, 10, box, &user, NULL, false), 0);
	assert_code(lnr_scap_write_user(w, 11, box, NULL, &group, false), 0);
	assert_code(lnr_scap_write_user(w, 12, box, NULL, &group, true), 0);
	assert_code(lnr_scap_write_user(w, 13, box, &user, NULL, true), 0);
	memset(longest, 'x', sizeof(longest));
	user.name = user.home = user.shell = (struct lnr_str){longest, sizeof(longest)};
	assert_code(lnr_scap_write_user(w, 14, user.name, &user, NULL, false), 0);
	assert_ok(lnr_scap_writer_finish(w, &err), &err);
	lnr_scap_writer_close(w);

	assert_ok(lnr_scap_open(path, NULL, &c, &err), &err);
	assert_ok(lnr_capture_next(c, &item, &err), &err);
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		assert_ok(lnr_capture_next(c, &item, &err), &err);
		assert_ok(lnr_event_parse(&ev, item.record, item.len, 0, &err), &err);
		assert_int_equal(ev.type, types[i]);
		assert_int_equal(ev.ts, 10 + i);
		bool is_group = i == 1 || i == 2;
		assert_int_equal(lnr_param_u64_or(&ev, 0, 0), is_group ? 9 : 7);
		if (i < 4) {
			assert_str(
				lnr_param_str(&ev, is_group ? 1 : 2), is_group ? "staff" : "new");
			assert_bytes(lnr_param_str(&ev, is_group ? 2 : 5), box);
		}
	}
	/* Texts are as long as a path at most. */
	assert_int_equal(lnr_param_str(&ev, 5).len, LNR_STATE_PATH_BYTES_MAX - 1);
	assert_code(lnr_capture_next(c, &item, &err), -ENODATA);
	lnr_capture_close(c);
	free(path);
	lnr_test_dir_done(&dir);
}

static int write_all_kinds(void *arg)
{
	int r = 0;

	for (int gzip = 0; !r && gzip <= 1; gzip++) {
		const struct lnr_scap_writer_opts o = {.size = sizeof(o), .gzip = gzip};
		struct lnr_scap_writer *w = NULL;
		struct lnr_err err = {0};

		r = lnr_scap_writer_open_fd(open("/dev/null", O_WRONLY), &o, &w, &err);
		r = r ? r : lnr_scap_write_tables(w, NULL, arg, &err);
		r = r ? r : lnr_scap_write_scene(w, arg, 1, &err);
		r = r ? r : write_close(w, 1);
		r = r ? r : lnr_scap_writer_finish(w, &err);
		lnr_scap_writer_close(w);
	}
	return r;
}

static void survives_failing_allocations(void **state)
{
	struct lnr_state *st = make_state();

	(void)state;
	/* The machine block does without what /proc would have told. */
	lnr_test_each_alloc_may_fail(write_all_kinds, st);
	lnr_state_free(st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(records_of_every_size),
		cmocka_unit_test(whose_file_it_is),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(file_that_cannot_grow),
		cmocka_unit_test(killed_writer),
		cmocka_unit_test(size_and_rotation),
		cmocka_unit_test(names_of_a_ring),
		cmocka_unit_test(this_machine),
		cmocka_unit_test(scene_is_told_again),
		cmocka_unit_test(users_are_told_as_they_come),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
