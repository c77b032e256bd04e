/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups of a process in the form records have them: "subsystem=path" (spec 8.3).
 *
 * A v1 line names its subsystems. The one v2 line names none; there each controller stands for
 * itself, with the path of the nearest directory upwards that has it. Paths are relative to the
 * reader's cgroup namespace, so that inside one they are completed with our own place in the tree,
 * found through the first process's root.
 */
#include "state/proc_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/util.h"

#define DEPTH_MAX 64

struct lnr_proc_cgroups {
	char *v2_mount; /* seen through the first process's root; NULL none */
	char *v2_self;	/* our own path, when in a cgroup namespace; NULL not needed */
	/* v1: per subsystem list ("cpu,cpuacct") our own path; values are heap strings */
	struct lnr_strmap v1_self;
	/* v2: resolved items by path */
	struct lnr_strmap items;
	struct lnr_arena arena;	     /* keys and values of `items` */
	struct lnr_arena self_arena; /* keys of v1_self */
};

/* --- our own place --- */

static bool lists_pid(const char *dir, const char *pid_line)
{
	char path[LNR_PATH_BYTES_MAX];
	char *line = NULL;
	size_t cap = 0;
	bool found = false;
	if (snprintf(path, sizeof(path), "%s/cgroup.procs", dir) >= (int)sizeof(path))
		return false;
	FILE *f = fopen(path, "re");
	while (f && !found && getline(&line, &cap, f) > 0)
		found = !strcmp(line, pid_line);
	free(line);
	if (f)
		fclose(f);
	return found;
}

/* Depth first below `path`, which is extended to the cgroup found. */
static bool find_self(char *path, size_t size, const char *pid_line, unsigned depth, unsigned *left)
{
	if (!*left || depth > DEPTH_MAX)
		return false;
	--*left;
	if (lists_pid(path, pid_line))
		return true;
	DIR *d = opendir(path);
	if (!d)
		return false;
	size_t len = strlen(path);
	struct dirent *e;
	bool found = false;
	while (!found && (e = readdir(d))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		if (snprintf(path + len, size - len, "/%s", e->d_name) < (int)(size - len))
			found = find_self(path, size, pid_line, depth + 1, left);
		if (!found)
			path[len] = '\0';
	}
	closedir(d);
	return found;
}

static char *self_below(const char *mount)
{
	char path[LNR_PATH_BYTES_MAX], pid_line[32];
	unsigned left = LNR_CGROUP_DIRS_MAX;
	if (snprintf(path, sizeof(path), "%s", mount) >= (int)sizeof(path))
		return NULL;
	snprintf(pid_line, sizeof(pid_line), "%d\n", (int)getpid());
	size_t len = strlen(path);
	if (!find_self(path, sizeof(path), pid_line, 0, &left))
		return NULL;
	return strdup(path[len] ? path + len : "/");
}

/* The links name the namespaces; without the right to read them there is nothing to complete. */
static bool in_cgroup_namespace(struct lnr_state *st)
{
	char ours[64], init[64];
	ssize_t a = readlinkat(st->proc->dir, "self/ns/cgroup", ours, sizeof(ours) - 1);
	ssize_t b = readlinkat(st->proc->dir, "1/ns/cgroup", init, sizeof(init) - 1);
	return a > 0 && b > 0 && (a != b || memcmp(ours, init, (size_t)a));
}

/* Subsystem lists of /proc/self/cgroup that a v1 mount's options name. */
static void note_v1_self(
	struct lnr_state *st, struct lnr_proc_cgroups *c, struct mntent *m, const char *mount)
{
	ssize_t n = lnr_proc_read(
		st->proc, st->proc->dir, "self/cgroup", LNR_PROC_FILE_BYTES_MAX, NULL);
	struct lnr_str text = {st->proc->buf, n < 0 ? 0 : (size_t)n}, line, list, rest;
	while (text.len && lnr_str_split(&text, '\n', &line)) {
		rest = line;
		if (!lnr_str_split(&rest, ':', &list) || !lnr_str_split(&rest, ':', &list) ||
			!list.len)
			continue;
		struct lnr_str all = list, one;
		lnr_str_split(&all, ',', &one);
		char *name = lnr_str_dup(one);
		bool here = name && hasmntopt(m, name);
		free(name);
		if (!here)
			continue;
		char *self = self_below(mount);
		struct lnr_str key = lnr_arena_str(&c->self_arena, list);
		void *old = NULL;
		if (!self || !key.ptr || lnr_strmap_set(&c->v1_self, key, self, &old))
			free(self);
		free(old);
		return;
	}
}

/* Mounts of the first process: our own may show only a part of the tree. */
static void find_mounts(struct lnr_state *st, struct lnr_proc_cgroups *c)
{
	char path[LNR_PATH_BYTES_MAX], buf[LNR_PATH_BYTES_MAX];
	struct mntent m;
	bool inside = in_cgroup_namespace(st);
	snprintf(path, sizeof(path), "%s/proc/1/mounts", st->host_root);
	FILE *f = setmntent(path, "re");
	while (f && getmntent_r(f, &m, buf, sizeof(buf))) {
		bool v2 = !strcmp(m.mnt_type, "cgroup2");
		if (!v2 && strcmp(m.mnt_type, "cgroup"))
			continue;
		if (snprintf(path, sizeof(path), "%s/proc/1/root%s", st->host_root, m.mnt_dir) >=
			(int)sizeof(path))
			continue;
		if (v2 && !c->v2_mount) {
			c->v2_mount = strdup(path);
			c->v2_self = inside ? self_below(path) : NULL;
		} else if (!v2 && inside) {
			note_v1_self(st, c, &m, path);
		}
	}
	if (f)
		endmntent(f);
}

struct lnr_proc_cgroups *lnr_proc_cgroups_new(struct lnr_state *st)
{
	struct lnr_proc_cgroups *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	lnr_strmap_init(&c->v1_self);
	lnr_strmap_init(&c->items);
	lnr_arena_init(&c->arena, 0);
	lnr_arena_init(&c->self_arena, 0);
	find_mounts(st, c);
	return c;
}

struct lnr_proc_cgroups *lnr_proc_cgroups_free(struct lnr_proc_cgroups *c)
{
	if (!c)
		return NULL;
	size_t pos = 0;
	struct lnr_str key;
	void *v;
	while (lnr_strmap_next(&c->v1_self, &pos, &key, &v))
		free(v);
	lnr_strmap_done(&c->v1_self);
	lnr_strmap_done(&c->items);
	lnr_arena_done(&c->arena);
	lnr_arena_done(&c->self_arena);
	free(c->v2_mount);
	free(c->v2_self);
	free(c);
	return NULL;
}

/* --- one process --- */

/*
 * A path as a namespace shows it, put behind our own: "/../../x" goes up from there. Outside a
 * namespace the path is whole.
 */
static struct lnr_str complete(struct lnr_arena *scratch, const char *self, struct lnr_str path)
{
	if (!self)
		return path;
	struct lnr_str base = lnr_str_c(self);
	while (lnr_str_starts(path, LNR_STR("/.."))) {
		ptrdiff_t slash = lnr_str_rchr(base, '/');
		base.len = slash < 0 ? 0 : (size_t)slash;
		path = lnr_str_sub(path, 3, path.len);
	}
	if (lnr_str_eq(base, LNR_STR("/")))
		base.len = 0;
	if (lnr_str_eq(path, LNR_STR("/")) && base.len)
		path.len = 0;
	char *r = lnr_arena_printf(scratch, "%.*s%.*s", LNR_STR_ARG(base), LNR_STR_ARG(path));
	return r && *r ? lnr_str_c(r) : LNR_STR("/");
}

static bool has_controller(const struct lnr_buf *items, struct lnr_str name)
{
	struct lnr_str rest = lnr_buf_view(items), item;
	while (rest.len && lnr_str_split(&rest, '\0', &item))
		if (lnr_str_starts(item, name) && item.len > name.len && item.ptr[name.len] == '=')
			return true;
	return false;
}

static void put_item(struct lnr_buf *items, struct lnr_str name, struct lnr_str path)
{
	lnr_buf_str(items, name);
	lnr_buf_chr(items, '=');
	lnr_buf_str(items, path);
	lnr_buf_chr(items, '\0');
}

/* Controllers of the directory and of those above it; false when they cannot be read. */
static bool walk_up(struct lnr_state *st, struct lnr_buf *items, struct lnr_str path)
{
	char name[LNR_PATH_BYTES_MAX];
	const char *mount = st->proc->cgroups->v2_mount;
	for (;;) {
		int n = snprintf(
			name, sizeof(name), "%s%.*s/cgroup.controllers", mount, LNR_STR_ARG(path));
		if (n >= (int)sizeof(name) ||
			lnr_proc_read(st->proc, AT_FDCWD, name, 4096, NULL) < 0)
			return false;
		struct lnr_str text = lnr_str_c(st->proc->buf), word;
		while ((word = lnr_proc_word(&text)).len)
			if (!has_controller(items, word))
				put_item(items, word, path);
		if (path.len <= 1)
			return true;
		ptrdiff_t slash = lnr_str_rchr(path, '/');
		path.len = slash > 0 ? (size_t)slash : 1;
	}
}

/* As the probe names them, for trees that cannot be read. */
static void put_usual(struct lnr_buf *items, struct lnr_str path)
{
	static const struct lnr_str names[] = {LNR_STR("cpuset"), LNR_STR("cpu"),
		LNR_STR("cpuacct"), LNR_STR("io"), LNR_STR("memory")};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++)
		put_item(items, names[i], path);
}

/* Items of a v2 path; remembered, because most processes share theirs with others. */
static void add_v2(struct lnr_state *st, struct lnr_buf *out, struct lnr_str path, bool alone)
{
	struct lnr_proc_cgroups *c = st->proc->cgroups;
	struct lnr_str *known = lnr_strmap_get(&c->items, path);
	if (known) {
		lnr_buf_str(out, *known);
		return;
	}
	struct lnr_str whole = complete(&st->scratch, c->v2_self, path);
	struct lnr_buf items;
	lnr_buf_init(&items, 65536);
	/* Beside v1 hierarchies the v2 one may have no controller at all, and tells nothing then.
	 */
	if (!walk_up(st, &items, whole) || (!items.len && alone)) {
		lnr_buf_clear(&items);
		put_usual(&items, whole);
	}
	if (c->items.len >= LNR_CGROUP_CACHE_MAX) {
		lnr_strmap_clear(&c->items);
		lnr_arena_reset(&c->arena);
	}
	struct lnr_str *value = lnr_arena_new(&c->arena, struct lnr_str);
	struct lnr_str key = lnr_arena_str(&c->arena, path);
	if (value && key.ptr) {
		*value = lnr_arena_str(&c->arena, lnr_buf_view(&items));
		if (value->ptr)
			lnr_strmap_set(&c->items, key, value, NULL);
	}
	lnr_buf_str(out, lnr_buf_view(&items));
	lnr_buf_done(&items);
}

/* Lines are HIERARCHY:SUBSYSTEMS:PATH, and a path may hold colons (cgroups(7)). */
void lnr_proc_set_cgroups(struct lnr_state *st, struct lnr_task *k, struct lnr_str text)
{
	struct lnr_proc_cgroups *c = st->proc->cgroups;
	/* The text is in the buffer that reading the tree uses. */
	struct lnr_str copy = lnr_arena_str(&st->scratch, text), line, id, list, name;
	struct lnr_buf items;
	bool v1 = false;
	lnr_buf_init(&items, LNR_PROC_FILE_BYTES_MAX);
	while (copy.len && lnr_str_split(&copy, '\n', &line)) {
		struct lnr_str path = line;
		if (!lnr_str_split(&path, ':', &id) || !lnr_str_split(&path, ':', &list) ||
			!path.len)
			continue;
		if (!list.len) {
			if (c->v2_mount && lnr_str_eq(id, LNR_STR("0")))
				add_v2(st, &items, path, !v1);
			continue;
		}
		v1 = true;
		path = complete(&st->scratch, lnr_strmap_get(&c->v1_self, list), path);
		while (lnr_str_split(&list, ',', &name))
			put_item(&items, name, path);
	}
	if (!items.failed)
		lnr_state_set_blob(st, &k->t.cgroups, lnr_buf_view(&items));
	lnr_buf_done(&items);
	lnr_arena_reset(&st->scratch);
}
