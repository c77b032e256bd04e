/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining and cleaning of paths by their text alone, as spec 7.6 has it: no link is followed.
 */
#include "state/state_priv.h"

static const struct lnr_str too_long = LNR_STR("/DIR_TOO_LONG/FILENAME_TOO_LONG");

/* Output under construction; n bytes of it are valid. */
struct out {
	char buf[LNR_STATE_PATH_BYTES_MAX];
	size_t n;
};

static bool at_component(const struct out *o)
{
	return o->n == 0 || o->buf[o->n - 1] == '/';
}

/* Remove the last component; the first character always stays. */
static void go_up(struct out *o)
{
	if (o->n <= 1)
		return;
	o->n--;
	while (o->n >= 1 && o->buf[o->n - 1] != '/')
		o->n--;
}

/* Bytes of a "." or ".." at the front of s, with its slash; 0 when it is a name. */
static size_t dots(struct lnr_str s, bool *ret_up)
{
	size_t n = s.len > 1 && s.ptr[1] == '.' ? 2 : 1;
	*ret_up = n == 2;
	if (s.len == n)
		return n;
	return s.ptr[n] == '/' ? n + 1 : 0;
}

static void append(struct out *o, struct lnr_str s)
{
	/* "a/..//b" after nothing is "/b", after a base "b": the reference's way. */
	bool no_base = o->n == 0;
	while (s.len) {
		size_t used = 1;
		bool up;
		char c = *s.ptr;
		if (c == '.' && at_component(o) && (used = dots(s, &up)) > 0) {
			if (up)
				go_up(o);
		} else if (c == '/' && (o->n ? o->buf[o->n - 1] == '/' : !no_base)) {
			used = 1;
		} else {
			used = 1;
			o->buf[o->n++] = c;
		}
		s.ptr += used;
		s.len -= used;
	}
	if (o->n > 1 && o->buf[o->n - 1] == '/')
		o->n--;
}

struct lnr_str lnr_path_join(struct lnr_arena *scratch, struct lnr_str base, struct lnr_str path)
{
	const char *nul = path.len ? memchr(path.ptr, '\0', path.len) : NULL;
	if (nul)
		path.len = (size_t)(nul - path.ptr);
	if (base.len + path.len + 1 > LNR_STATE_PATH_BYTES_MAX)
		return too_long;
	struct out o;
	o.n = 0;
	if (path.len && path.ptr[0] != '/' && base.len) {
		memcpy(o.buf, base.ptr, base.len);
		o.n = base.len;
	}
	append(&o, path);
	struct lnr_str r = lnr_arena_str(scratch, (struct lnr_str){o.buf, o.n});
	return r.ptr ? r : LNR_STR("");
}

/* Kept with its slash, so that names can be put behind it as they are. */
struct lnr_str lnr_state_cwd(struct lnr_state *st, struct lnr_thread *t)
{
	(void)st;
	struct lnr_task *main = lnr_task_main(t ? lnr_task_of(t) : NULL);
	if (!main)
		return LNR_STR("./");
	return main->t.cwd ? lnr_blob_str(main->t.cwd) : LNR_STR("");
}

/* The texts "." and "<UNKNOWN>" are the reference's and show in names. */
struct lnr_str lnr_path_base(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_str name, int64_t dirfd)
{
	if (name.len && name.ptr[0] == '/')
		return LNR_STR(".");
	if (!ev->thread)
		return LNR_STR("<UNKNOWN>");
	if (dirfd == LNR_AT_FDCWD)
		return lnr_state_cwd(st, ev->thread);
	struct lnr_fd *fd = lnr_task_fd(st, lnr_task_of(ev->thread), dirfd);
	if (!fd)
		return LNR_STR("<UNKNOWN>");
	struct lnr_str dir = fd->name ? lnr_blob_str(fd->name) : LNR_STR("");
	if (!dir.len || dir.ptr[dir.len - 1] == '/')
		return dir;
	char *s = lnr_arena_alloc(lnr_state_scratch(st, ev), dir.len + 1);
	if (!s)
		return dir;
	memcpy(s, dir.ptr, dir.len);
	s[dir.len] = '/';
	return (struct lnr_str){s, dir.len + 1};
}

/*
 * The directory is the process's, but a relative step starts from the calling thread's own entry,
 * which only main threads have: so it is in the reference.
 */
void lnr_task_chdir(
	struct lnr_state *st, struct lnr_task *k, struct lnr_event *ev, struct lnr_str to)
{
	struct lnr_task *main = lnr_task_main(k);
	if (!main)
		return;
	struct lnr_arena *scratch = lnr_state_scratch(st, ev);
	struct lnr_str own = k->t.cwd ? lnr_blob_str(k->t.cwd) : LNR_STR("");
	struct lnr_str dir = lnr_path_join(scratch, own, to);
	if (!dir.len || dir.ptr[dir.len - 1] != '/') {
		char *s = lnr_arena_alloc(scratch, dir.len + 1);
		if (!s) {
			st->counters[LNR_CNT_NO_MEMORY]++;
			return;
		}
		if (dir.len)
			memcpy(s, dir.ptr, dir.len);
		s[dir.len] = '/';
		dir = (struct lnr_str){s, dir.len + 1};
	}
	lnr_state_set_blob(st, &main->t.cwd, dir);
}
