/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access to a container's metadata. They are the JSON that the metadata service sent, kept as it
 * came (container-metadata.md 6); keys are looked up when a field asks, which is for alerts and for
 * rules about images, not for every event.
 */
#include "fields/core/container.h"

#include <stdlib.h>

const struct lnr_container *lnr_get_container(struct lnr_field_ctx *ctx)
{
	const struct lnr_event *ev = ctx->ev;

	/* Events that carry metadata are about a container that may have no process yet. */
	if (ev->container)
		return ev->container;
	if (!ev->thread)
		return NULL;
	return lnr_containers_get(
		lnr_state_containers(ctx->state), lnr_thread_container_id(ev->thread));
}

const struct lnr_container *lnr_get_described(struct lnr_field_ctx *ctx)
{
	const struct lnr_container *c = lnr_get_container(ctx);

	return c && (c->meta || c->type == LNR_CT_HOST) ? c : NULL;
}

/* Anything but a string counts as absent: metadata come from outside. */
static struct lnr_str json_text(const json_t *v)
{
	if (!json_is_string(v))
		return (struct lnr_str){"", 0};
	return (struct lnr_str){json_string_value(v), json_string_length(v)};
}

struct lnr_str lnr_meta_str(const struct lnr_container *c, const char *key)
{
	return json_text(json_object_get(c->meta, key));
}

bool lnr_meta_bool(const struct lnr_container *c, const char *key)
{
	return json_is_true(json_object_get(c->meta, key));
}

bool lnr_meta_label(
	const struct lnr_container *c, const char *map, struct lnr_str name, struct lnr_str *ret)
{
	/* Names from references are NUL-terminated: they were copied to an arena. */
	const json_t *v = json_object_get(json_object_get(c->meta, map), name.ptr);

	*ret = json_text(v);
	return v;
}

/* --- all labels --- */

/* A label while sorting; both texts are borrowed from the metadata. */
struct label {
	const char *name;
	struct lnr_str value;
};

/* Sorted, because the order of a JSON object is no order: alerts must not differ by it. */
static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->name, ((const struct label *)b)->name);
}

/* Not the user's: Kubernetes' own labels, and annotations stored among them. */
static bool is_internal(const char *name)
{
	return strncmp(name, "annotation.", 11) == 0 || strncmp(name, "io.kubernetes.", 14) == 0;
}

bool lnr_meta_labels(struct lnr_field_ctx *ctx, const struct lnr_container *c, const char *map,
	struct lnr_str *ret)
{
	json_t *labels = json_object_get(c->meta, map);
	size_t n = 0, max = 0;
	struct lnr_text t;

	*ret = (struct lnr_str){"", 0};
	if (json_object_size(labels) == 0)
		return true;
	struct label *all = lnr_arena_calloc(
		ctx->ev->scratch, json_object_size(labels), sizeof(*all));
	if (!all)
		return lnr_give_nomem(ctx);
	for (void *it = json_object_iter(labels); it; it = json_object_iter_next(labels, it)) {
		const char *name = json_object_iter_key(it);
		if (is_internal(name))
			continue;
		all[n].name = name;
		all[n].value = json_text(json_object_iter_value(it));
		/* Name, value, colon, comma and blank. */
		max += strlen(name) + all[n].value.len + 3;
		n++;
	}
	qsort(all, n, sizeof(*all), by_name);
	if (!lnr_text_begin(&t, ctx->ev->scratch, max))
		return lnr_give_nomem(ctx);
	for (size_t i = 0; i < n; i++) {
		if (i)
			lnr_text_add(&t, LNR_STR(", "));
		lnr_text_add(&t, lnr_str_c(all[i].name));
		/* A label without a value is its name alone. */
		if (all[i].value.len)
			lnr_text_chr(&t, ':');
		lnr_text_add(&t, all[i].value);
	}
	*ret = lnr_text_end(&t);
	return true;
}
