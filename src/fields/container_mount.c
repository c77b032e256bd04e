/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.mount*: what is mounted into the container (spec fields.md 10). A mount is chosen by
 * its position or by a regular expression that is searched for in its source, or in its destination
 * when the source is asked for; the first match counts.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include "fields/core/container.h"
#include "schema/limits.h"

enum part { ALL, SOURCE, DEST, MODE, RDWR, PROPAGATION };

/* --- expressions: memory from arenas, so that nothing needs to be freed --- */

static void *arena_malloc(size_t size, void *arena)
{
	return lnr_arena_alloc(arena, size);
}

static void arena_free(void *ptr, void *arena)
{
	(void)ptr;
	(void)arena;
}

/*
 * A number without leading zeros is a position, anything else an expression, refused here when it
 * is none.
 */
static int resolve_mount(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	pcre2_compile_context *cc;
	pcre2_general_context *gc;
	PCRE2_SIZE offset;
	int code;

	if (!ref->has_arg)
		return lnr_fail(err, -EINVAL, "field '%s' requires an argument", ref->def->name);
	if (!(ref->arg.len > 1 && ref->arg.ptr[0] == '0') &&
		lnr_str_u64(ref->arg, &ref->index) == 0) {
		ref->has_index = true;
		return 0;
	}
	gc = pcre2_general_context_create(arena_malloc, arena_free, arena);
	cc = gc ? pcre2_compile_context_create(gc) : NULL;
	if (!cc)
		return lnr_fail(err, -ENOMEM, "out of memory");
	ref->priv = pcre2_compile(
		(PCRE2_SPTR)ref->arg.ptr, ref->arg.len, PCRE2_MULTILINE, &code, &offset, cc);
	if (!ref->priv)
		return lnr_fail(err, -EINVAL, "'%.*s' is not a regular expression: error %d at %zu",
			LNR_STR_ARG(ref->arg), code, (size_t)offset);
	return 0;
}

/* Is the expression found in `text`? One that takes too long is not. */
static bool found_in(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, const char *text)
{
	pcre2_general_context *gc = pcre2_general_context_create(
		arena_malloc, arena_free, ctx->ev->scratch);
	pcre2_match_data *md = gc ? pcre2_match_data_create(1, gc) : NULL;
	pcre2_match_context *mc = gc ? pcre2_match_context_create(gc) : NULL;

	if (!md || !mc || !text) {
		ctx->n_nomem += text != NULL;
		return false;
	}
	pcre2_set_match_limit(mc, LNR_MOUNT_MATCH_STEPS);
	return pcre2_match(ref->priv, (PCRE2_SPTR)text, strlen(text), 0, 0, md, mc) >= 0;
}

/* --- mounts --- */

/* Asked for the source, rules know the destination, and the other way round. */
static const json_t *find_mount(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, const json_t *mounts)
{
	const char *key = ref->def->user == SOURCE ? "Destination" : "Source";

	if (ref->has_index)
		return ref->index < json_array_size(mounts)
			       ? json_array_get(mounts, (size_t)ref->index)
			       : NULL;
	for (size_t i = 0; i < json_array_size(mounts); i++) {
		const json_t *m = json_array_get(mounts, i);
		if (found_in(ctx, ref, json_string_value(json_object_get(m, key))))
			return m;
	}
	return NULL;
}

/* Absent parts are empty, so that the joined form always has its four colons. */
static struct lnr_str part_of(const json_t *mount, enum part part)
{
	static const char *const keys[] = {
		[SOURCE] = "Source",
		[DEST] = "Destination",
		[MODE] = "Mode",
		[PROPAGATION] = "Propagation",
	};
	const char *s;

	if (part == RDWR)
		return json_is_true(json_object_get(mount, "RW")) ? LNR_STR("true")
								  : LNR_STR("false");
	s = json_string_value(json_object_get(mount, keys[part]));
	return s ? lnr_str_c(s) : (struct lnr_str){"", 0};
}

/* Bytes of "source:dest:mode:rw:propagation". */
static size_t whole_len(const json_t *mount)
{
	size_t len = PROPAGATION - SOURCE; /* colons */

	for (int part = SOURCE; part <= PROPAGATION; part++)
		len += part_of(mount, (enum part)part).len;
	return len;
}

static void add_whole(struct lnr_text *t, const json_t *mount)
{
	for (int part = SOURCE; part <= PROPAGATION; part++) {
		if (part != SOURCE)
			lnr_text_chr(t, ':');
		lnr_text_add(t, part_of(mount, (enum part)part));
	}
}

static const json_t *mounts_of(const struct lnr_container *c)
{
	return json_object_get(c->meta, "Mounts");
}

LNR_GETTER(get_mount)
{
	const struct lnr_container *c = lnr_get_described(ctx);
	const json_t *mount = c ? find_mount(ctx, ref, mounts_of(c)) : NULL;
	struct lnr_text t;

	if (!mount)
		return false;
	if (ref->def->user != ALL)
		return lnr_give_str(ret, ref, part_of(mount, (enum part)ref->def->user));
	if (!lnr_text_begin(&t, ctx->ev->scratch, whole_len(mount)))
		return lnr_give_nomem(ctx);
	add_whole(&t, mount);
	return lnr_give_str(ret, ref, lnr_text_end(&t));
}

LNR_GETTER(get_mounts)
{
	const struct lnr_container *c = lnr_get_described(ctx);
	const json_t *mounts;
	struct lnr_text t;
	size_t max = 0;

	if (!c)
		return false;
	mounts = mounts_of(c);
	for (size_t i = 0; i < json_array_size(mounts); i++)
		max += whole_len(json_array_get(mounts, i)) + 1;
	if (!lnr_text_begin(&t, ctx->ev->scratch, max))
		return lnr_give_nomem(ctx);
	for (size_t i = 0; i < json_array_size(mounts); i++) {
		if (i)
			lnr_text_chr(&t, ',');
		add_whole(&t, json_array_get(mounts, i));
	}
	return lnr_give_str(ret, ref, lnr_text_end(&t));
}

#define CHOICE (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_INDEX | LNR_FIELD_ARG_KEY)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("container.mounts", CHARBUF, NA, 0, get_mounts,
		"All mounts, each source:destination:mode:writable:propagation, joined by commas."),
	LNR_FIELD_ROW("container.mount", CHARBUF, NA, CHOICE, get_mount,
		"One mount in the same form, by position or by a regular expression for its "
		"source.",
		.resolve = resolve_mount, .user = ALL),
	LNR_FIELD_ROW("container.mount.source", CHARBUF, NA, CHOICE, get_mount,
		"Source of a mount, by position or by a regular expression for its destination.",
		.resolve = resolve_mount, .user = SOURCE),
	LNR_FIELD_ROW("container.mount.dest", CHARBUF, NA, CHOICE, get_mount,
		"Destination of a mount, by position or by a regular expression for its source.",
		.resolve = resolve_mount, .user = DEST),
	LNR_FIELD_ROW("container.mount.mode", CHARBUF, NA, CHOICE, get_mount,
		"Mode of a mount, chosen as container.mount.dest.", .resolve = resolve_mount,
		.user = MODE),
	LNR_FIELD_ROW("container.mount.rdwr", CHARBUF, NA, CHOICE, get_mount,
		"true when a mount can be written, else false; chosen as container.mount.dest.",
		.resolve = resolve_mount, .user = RDWR),
	LNR_FIELD_ROW("container.mount.propagation", CHARBUF, NA, CHOICE, get_mount,
		"Propagation of a mount, chosen as container.mount.dest.", .resolve = resolve_mount,
		.user = PROPAGATION),
	{},
};

const struct lnr_field_class lnr_field_class_container_mount = {
	.name = "container (plugin)",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.strict_args = true,
	.order = 101,
	.fields = fields,
};
