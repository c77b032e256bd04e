/* SPDX-License-Identifier: Apache-2.0 */
/* The containers that events, captures or a runtime told of (spec 10.2, container-metadata 6). */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "state/state_priv.h"

struct entry {
	struct lnr_container c; /* first; the id stands behind the struct */
	struct entry *older, *newer;
	bool image_missing; /* counted in missing_images */
};

struct lnr_containers {
	struct lnr_strmap by_id;
	struct entry *oldest, *newest;
	struct lnr_container host;
	uint64_t now; /* of the event at hand */
	uint64_t missing_images;
	uint32_t gen; /* changes with every entry that comes or goes */
};

struct lnr_containers *lnr_containers_new(struct lnr_slab *slab)
{
	(void)slab;
	struct lnr_containers *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	lnr_strmap_init(&c->by_id);
	c->host = (struct lnr_container){.id = LNR_STR("host"), .type = LNR_CT_HOST};
	c->gen = 1;
	return c;
}

/* Threads remember their container by generation, so they look again after this. */
static void entry_out(struct lnr_containers *c, struct entry *e)
{
	*(e->older ? &e->older->newer : &c->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &c->newest) = e->older;
	lnr_strmap_remove(&c->by_id, e->c.id);
	c->gen++;
	json_decref(e->c.meta);
	free(e);
}

struct lnr_containers *lnr_containers_free(struct lnr_containers *c)
{
	if (!c)
		return NULL;
	while (c->oldest)
		entry_out(c, c->oldest);
	lnr_strmap_done(&c->by_id);
	free(c);
	return NULL;
}

void lnr_containers_now(struct lnr_containers *c, uint64_t now)
{
	c->now = now;
}

uint32_t lnr_containers_gen(const struct lnr_containers *c)
{
	return c->gen;
}

size_t lnr_containers_count(const struct lnr_containers *c)
{
	return c->by_id.len;
}

uint64_t lnr_containers_missing_images(const struct lnr_containers *c)
{
	return c->missing_images;
}

struct lnr_container *lnr_containers_get(struct lnr_containers *c, struct lnr_str id)
{
	return id.len ? lnr_strmap_get(&c->by_id, id) : &c->host;
}

/* Entries are kept by age for the case that removals are never told of. */
struct lnr_container *lnr_containers_add(struct lnr_containers *c, struct lnr_str id, int type)
{
	struct lnr_container *known = lnr_containers_get(c, id);
	if (known)
		return known;
	if (id.len >= LNR_CONTAINER_ID_BYTES_MAX)
		return NULL;
	struct entry *e = calloc(1, sizeof(*e) + id.len + 1);
	if (!e)
		return NULL;
	memcpy(e + 1, id.ptr, id.len);
	e->c = (struct lnr_container){
		.id = {(char *)(e + 1), id.len}, .type = type, .since_ts = c->now};
	if (lnr_strmap_set(&c->by_id, e->c.id, e, NULL)) {
		free(e);
		return NULL;
	}
	e->older = c->newest;
	*(e->older ? &e->older->newer : &c->oldest) = e;
	c->newest = e;
	c->gen++;
	/* The one that has been known longest is the likeliest to be gone. */
	if (c->by_id.len > LNR_CONTAINERS_MAX)
		entry_out(c, c->oldest);
	return &e->c;
}

void lnr_containers_remove(struct lnr_containers *c, struct lnr_str id)
{
	struct entry *e = id.len ? lnr_strmap_get(&c->by_id, id) : NULL;
	if (e)
		entry_out(c, e);
}

struct lnr_container *lnr_containers_next(struct lnr_containers *c, size_t *pos)
{
	struct lnr_str id;
	void *e;
	return lnr_strmap_next(&c->by_id, pos, &id, &e) ? e : NULL;
}

const char *lnr_container_type_name(int type)
{
	static const char *const names[] = {
		[LNR_CT_DOCKER] = "docker",
		[LNR_CT_LXC] = "lxc",
		[LNR_CT_LIBVIRT_LXC] = "libvirt-lxc",
		[LNR_CT_MESOS] = "mesos",
		[LNR_CT_RKT] = "rkt",
		[LNR_CT_CUSTOM] = "custom",
		[LNR_CT_CRI] = "cri",
		[LNR_CT_CONTAINERD] = "containerd",
		[LNR_CT_CRIO] = "cri-o",
		[LNR_CT_BPM] = "bpm",
		[LNR_CT_STATIC] = "static",
		[LNR_CT_PODMAN] = "podman",
	};
	if (type >= 0 && (size_t)type < LNR_ARRAY_SIZE(names))
		return names[type];
	return type == LNR_CT_HOST ? "host" : "unknown";
}

/* --- metadata --- */

/* A text member, or an empty one when it is missing or of another type. */
static struct lnr_str json_text(const json_t *obj, const char *key)
{
	const json_t *v = json_object_get(obj, key);
	return json_is_string(v) ? (struct lnr_str){json_string_value(v), json_string_length(v)}
				 : LNR_STR("");
}

/* The whole object is kept: fields read what they need of it, and files are written from it. */
static void take_meta(struct lnr_containers *c, struct lnr_container *ct, json_t *meta)
{
	struct entry *e = (struct entry *)ct;
	json_decref(ct->meta);
	ct->meta = json_incref(meta);
	const json_t *type = json_object_get(meta, "type");
	if (json_is_integer(type))
		ct->type = (int)json_integer_value(type);
	bool missing = !json_is_true(json_object_get(meta, "is_pod_sandbox")) &&
		       !json_text(meta, "image").len;
	if (missing && !e->image_missing)
		c->missing_images++;
	e->image_missing = missing;
	c->gen++;
}

/* 0 or a negative errno; *ret_c (may be NULL) gets the entry. */
/* Metadata come from plugins and files: size and form are checked, names of members are not. */
static int take_json(struct lnr_containers *c, struct lnr_str text, struct lnr_container **ret_c)
{
	if (!text.len || text.len > LNR_CONTAINER_JSON_BYTES_MAX)
		return -EINVAL;
	json_t *doc = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, NULL);
	json_t *meta = json_object_get(doc, "container");
	struct lnr_str id = json_text(meta, "id");
	int r = json_is_object(meta) && id.len && id.len < LNR_CONTAINER_ID_BYTES_MAX ? 0 : -EINVAL;
	if (!r) {
		struct lnr_container *ct = lnr_containers_add(c, id, LNR_CT_UNKNOWN);
		if (ct)
			take_meta(c, ct, meta);
		else
			r = -ENOMEM;
		if (ret_c)
			*ret_c = ct;
	}
	json_decref(doc);
	return r;
}

int lnr_containers_json(struct lnr_containers *c, struct lnr_str json)
{
	return take_json(c, json, NULL);
}

struct lnr_container *lnr_containers_take_json(struct lnr_containers *c, struct lnr_str json)
{
	struct lnr_container *ct = NULL;
	return take_json(c, json, &ct) ? NULL : ct;
}

/* [HOST[:PORT]/]NAME[:TAG][@DIGEST]; the host belongs to the repository's name. */
static void split_image(struct lnr_str image, struct lnr_str *ret_repo, struct lnr_str *ret_tag,
	struct lnr_str *ret_digest)
{
	static const struct lnr_str empty = LNR_STR("");
	ptrdiff_t slash = lnr_str_chr(image, '/');
	size_t from = (size_t)(slash + 1);
	struct lnr_str rest = lnr_str_sub(image, from, image.len);
	ptrdiff_t at = lnr_str_chr(rest, '@');
	*ret_digest = at < 0 ? empty : lnr_str_sub(rest, (size_t)at + 1, rest.len);
	if (at >= 0)
		rest.len = (size_t)at;
	ptrdiff_t colon = lnr_str_chr(rest, ':');
	*ret_tag = colon < 0 ? empty : lnr_str_sub(rest, (size_t)colon + 1, rest.len);
	if (colon >= 0)
		rest.len = (size_t)colon;
	*ret_repo = lnr_str_sub(image, 0, from + rest.len);
}

int lnr_containers_static(
	struct lnr_containers *c, const char *id, const char *name, const char *image)
{
	struct lnr_str repo, tag, digest;
	image = image ? image : "";
	split_image(lnr_str_c(image), &repo, &tag, &digest);
	json_t *meta = json_pack("{s:s, s:i, s:s, s:s, s:s%, s:s%, s:s%}", "id", id, "type",
		LNR_CT_STATIC, "name", name ? name : "", "image", image, "imagerepo", repo.ptr,
		repo.len, "imagetag", tag.ptr, tag.len, "imagedigest", digest.ptr, digest.len);
	struct lnr_container *ct = meta ? lnr_containers_add(c, lnr_str_c(id), LNR_CT_STATIC)
					: NULL;
	if (ct)
		take_meta(c, ct, meta);
	json_decref(meta);
	return ct ? 0 : -ENOMEM;
}

/* Addresses of containers are IPv4 texts in their metadata (container-metadata 6). */
int lnr_container_is_ip(const struct lnr_container *c, const struct lnr_ip *ip)
{
	struct lnr_str text = c->meta ? json_text(c->meta, "ip") : LNR_STR("");
	uint8_t addr[4];
	if (!text.len)
		return -1;
	return inet_pton(AF_INET, text.ptr, addr) == 1 && ip->family == LNR_AF_INET &&
	       !memcmp(addr, ip->addr, 4);
}

bool lnr_containers_has_ip(struct lnr_containers *c, const struct lnr_ip *ip)
{
	for (struct entry *e = c->oldest; e; e = e->newer)
		if (lnr_container_is_ip(&e->c, ip) > 0)
			return true;
	return false;
}

/* --- events --- */

void lnr_parse_container_json(struct lnr_state *st, struct lnr_event *ev)
{
	lnr_containers_now(st->containers, ev->ts);
	ev->container = lnr_containers_take_json(
		st->containers, lnr_param_str(ev, LNR_P_CONTAINER_JSON_2_E_json));
}

/* The oldest form, with four parameters. */
void lnr_parse_container(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_str id = lnr_param_str(ev, LNR_P_CONTAINER_E_id),
		       name = lnr_param_str(ev, LNR_P_CONTAINER_E_name),
		       image = lnr_param_str(ev, LNR_P_CONTAINER_E_image);
	int type = (int)lnr_param_u64_or(ev, LNR_P_CONTAINER_E_type, LNR_CT_UNKNOWN);
	if (!id.len)
		return;
	lnr_containers_now(st->containers, ev->ts);
	json_t *meta = json_pack("{s:s%, s:i, s:s%, s:s%}", "id", id.ptr, id.len, "type", type,
		"name", name.ptr ? name.ptr : "", name.len, "image", image.ptr ? image.ptr : "",
		image.len);
	struct lnr_container *ct = meta ? lnr_containers_add(st->containers, id, type) : NULL;
	if (ct)
		take_meta(st->containers, ct, meta);
	ev->container = ct;
	json_decref(meta);
}

/* Asynchronous events of others are not for the state. A removed container is seen once more. */
void lnr_parse_async(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_str name = lnr_param_str(ev, LNR_P_ASYNCEVENT_E_name);
	bool removed = lnr_str_eq(name, LNR_STR("container_removed"));
	if (!removed && !lnr_str_eq(name, LNR_STR("container")))
		return;
	lnr_containers_now(st->containers, ev->ts);
	ev->container = lnr_containers_take_json(
		st->containers, lnr_param_str(ev, LNR_P_ASYNCEVENT_E_data));
	if (removed && ev->container) {
		struct lnr_str id = ev->container->id;
		memcpy(st->remove_container, id.ptr, id.len + 1);
	}
}

/* --- which container a thread is in --- */

/* "io" has been "blkio" to users since before the kernel renamed it (commit c165b3e3c7bb). */
static struct lnr_str subsystem_name(struct lnr_str s)
{
	if (lnr_str_eq(s, LNR_STR("perf")))
		return LNR_STR("perf_event");
	if (lnr_str_eq(s, LNR_STR("mem")))
		return LNR_STR("memory");
	if (lnr_str_eq(s, LNR_STR("io")))
		return LNR_STR("blkio");
	return s;
}

/* One item with its subsystem's usual name, at `out`; bytes written, its NUL included. */
static size_t put_item(char *out, struct lnr_str subsys, struct lnr_str path)
{
	static const struct lnr_str suffix = LNR_STR("_cgroup");
	char buf[64];
	ptrdiff_t at = lnr_str_find(subsys, suffix);
	if (at >= 0 && subsys.len - suffix.len <= sizeof(buf)) {
		memcpy(buf, subsys.ptr, (size_t)at);
		memcpy(buf + at, subsys.ptr + at + suffix.len,
			subsys.len - (size_t)at - suffix.len);
		subsys = (struct lnr_str){buf, subsys.len - suffix.len};
	}
	subsys = subsystem_name(subsys);
	size_t n = 0;
	memcpy(out, subsys.ptr, subsys.len);
	n += subsys.len;
	out[n++] = '=';
	if (path.len)
		memcpy(out + n, path.ptr, path.len);
	n += path.len;
	out[n++] = '\0';
	return n;
}

/*
 * Done once per clone and exec; the list is short, and most threads share their parent's text in
 * the end.
 */
void lnr_state_set_cgroups(struct lnr_state *st, struct lnr_task *k, struct lnr_str items)
{
	if (items.len && items.ptr[items.len - 1] == '\0')
		items.len--;
	/* Each item grows by five bytes at most ("perf", "mem", "io"), and by a NUL. */
	size_t n = 0, cap = items.len * 3 + 16;
	char *out = lnr_arena_alloc(&st->scratch, cap);
	if (!out) {
		st->counters[LNR_CNT_NO_MEMORY]++;
		return;
	}
	struct lnr_str item;
	while (items.ptr && lnr_str_split(&items, '\0', &item)) {
		ptrdiff_t eq = lnr_str_chr(item, '=');
		if (!item.len)
			continue;
		if (eq < 0)
			return; /* not a list of cgroups: what is known stays */
		n += put_item(out + n, lnr_str_sub(item, 0, (size_t)eq),
			lnr_str_sub(item, (size_t)eq + 1, item.len));
	}
	lnr_state_set_blob(st, &k->t.cgroups, (struct lnr_str){out, n});
	lnr_state_bind_container(st, k);
}

/* First match over all paths of the thread, in their order (spec 10.1). */
static struct lnr_str container_of(struct lnr_state *st, struct lnr_task *k, int *ret_type)
{
	*ret_type = LNR_CT_STATIC;
	if (st->opts.static_container)
		return lnr_str_c(st->opts.static_container);
	struct lnr_str rest = lnr_blob_str(k->t.cgroups), item;
	while (rest.len && lnr_str_split(&rest, '\0', &item)) {
		ptrdiff_t eq = lnr_str_chr(item, '=');
		struct lnr_str path = lnr_str_sub(item, (size_t)(eq + 1), item.len);
		if (eq < 0 || !path.len)
			continue;
		struct lnr_str id = lnr_cgroup_lookup(
			&st->cgroups, st->opts.engines_off, path, ret_type);
		if (id.len)
			return id;
	}
	*ret_type = LNR_CT_HOST;
	return LNR_STR("");
}

/* Layouts without a runtime to ask: what the path says is all there will be. */
static bool self_contained(int type)
{
	return type == LNR_CT_LXC || type == LNR_CT_LIBVIRT_LXC || type == LNR_CT_BPM;
}

/* Looked up again only when the id changed. The hook asks for metadata, which arrive as an event.
 */
void lnr_state_bind_container(struct lnr_state *st, struct lnr_task *k)
{
	int type;
	struct lnr_str id = container_of(st, k, &type);
	if (lnr_str_eq(id, lnr_blob_str(k->t.container_id)) && k->container_gen)
		return;
	if (id.len)
		lnr_state_set_blob(st, &k->t.container_id, id);
	else
		k->t.container_id = lnr_blob_unref(k->t.container_id);
	k->container_gen = 0;
	if (!id.len)
		return;
	struct lnr_container *c = lnr_containers_get(st->containers, id);
	if (!c && self_contained(type)) {
		json_t *meta = json_pack("{s:s%, s:i}", "id", id.ptr, id.len, "type", type);
		c = meta ? lnr_containers_add(st->containers, id, type) : NULL;
		if (c)
			take_meta(st->containers, c, meta);
		json_decref(meta);
	}
	if ((!c || !c->meta) && st->opts.on_container)
		st->opts.on_container(st->opts.user, &k->t, id, type, false);
}
