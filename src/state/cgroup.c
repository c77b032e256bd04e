/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Container ids in cgroup paths (spec 10.1, container-metadata 3). Which runtime made a path cannot
 * always be told from it, so the type is a first guess until metadata arrive.
 */
#include "state/cgroup.h"

#include "state/state_priv.h"

#define FULL_ID	 64u /* hex digits of a whole id */
#define SHORT_ID 12u /* of what is shown */

/* From the end: of nested containers the innermost counts. */
static ptrdiff_t find_last(struct lnr_str s, struct lnr_str needle)
{
	for (size_t at = s.len + 1; at-- > 0;)
		if (s.len - at >= needle.len && !memcmp(s.ptr + at, needle.ptr, needle.len))
			return (ptrdiff_t)at;
	return -1;
}

static struct lnr_str none(void)
{
	return (struct lnr_str){NULL, 0};
}

/* --- ids of 64 hexadecimal digits --- */

struct layout {
	struct lnr_str prefix, suffix; /* empty suffix = end of the path */
};

/* Upper case too: no runtime writes it, but nothing forbids it. */
static bool is_full_id(struct lnr_str s)
{
	if (s.len != FULL_ID)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("0123456789abcdefABCDEF", s.ptr[i]) || !s.ptr[i])
			return false;
	return true;
}

/* The suffix need not be behind the prefix in hostile paths; then nothing matches. */
static struct lnr_str match_layouts(struct lnr_str path, const struct layout *l, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ptrdiff_t from = find_last(path, l[i].prefix);
		if (from < 0)
			continue;
		ptrdiff_t to = l[i].suffix.len ? find_last(path, l[i].suffix) : (ptrdiff_t)path.len;
		from += (ptrdiff_t)l[i].prefix.len;
		if (to < from)
			continue;
		struct lnr_str id = lnr_str_sub(path, (size_t)from, (size_t)to);
		if (is_full_id(id))
			return lnr_str_sub(id, 0, SHORT_ID);
	}
	return none();
}

static struct lnr_str match_podman(struct lnr_str path)
{
	static const struct layout l[] = {
		{LNR_STR("/libpod-"), LNR_STR(".scope")},
		{LNR_STR("/libpod-"), LNR_STR(".scope/container")},
		{LNR_STR("/libpod-"), LNR_STR("")},
		{LNR_STR("/libpod-payload-"), LNR_STR(".scope")},
		{LNR_STR("/libpod-payload-"), LNR_STR(".scope/container")},
		{LNR_STR("/libpod-payload-"), LNR_STR("")},
	};
	return match_layouts(path, l, LNR_ARRAY_SIZE(l));
}

static struct lnr_str match_docker(struct lnr_str path)
{
	static const struct layout l[] = {
		{LNR_STR("/"), LNR_STR("")},
		{LNR_STR("/docker-"), LNR_STR(".scope")},
	};
	return match_layouts(path, l, LNR_ARRAY_SIZE(l));
}

static struct lnr_str match_cri(struct lnr_str path)
{
	static const struct layout l[] = {
		{LNR_STR("/"), LNR_STR("")},
		{LNR_STR("/crio-"), LNR_STR("")},
		{LNR_STR("/cri-containerd-"), LNR_STR(".scope")},
		{LNR_STR("/crio-"), LNR_STR(".scope")},
		{LNR_STR(":cri-containerd:"), LNR_STR("")},
		{LNR_STR("/docker-"), LNR_STR(".scope")},
		{LNR_STR("/nerdctl-"), LNR_STR(".scope")},
	};
	return match_layouts(path, l, LNR_ARRAY_SIZE(l));
}

/* --- ids that are names --- */

/* Length of "/NAMESPACE/" at the front: alphanumerics with single '.', '_', '-' between; or 0. */
static size_t namespace_len(struct lnr_str s)
{
	if (s.len < 3 || s.ptr[0] != '/' || !lnr_str_is_alnum(s.ptr[1]))
		return 0;
	for (size_t i = 2; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '/')
			return lnr_str_is_alnum(s.ptr[i - 1]) ? i + 1 : 0;
		if (!lnr_str_is_alnum(c) &&
			!(strchr("._-", c) && c && lnr_str_is_alnum(s.ptr[i - 1])))
			return 0;
	}
	return 0;
}

/* What containerd's own clients start: "/NAMESPACE/ANY NAME". systemd's units look alike. */
static struct lnr_str match_containerd(struct lnr_str path)
{
	size_t n = 0;
	struct lnr_str prefix = none();
	/* The first part between two slashes that can be a namespace. */
	for (size_t at = 0; at < path.len && !n; at++) {
		prefix = lnr_str_sub(path, at, path.len);
		n = namespace_len(prefix);
	}
	if (!n || lnr_str_ends(path, LNR_STR(".service")) ||
		lnr_str_ends(path, LNR_STR(".slice")) || lnr_str_ends(path, LNR_STR(".scope")))
		return none();
	size_t from = (size_t)find_last(path, lnr_str_sub(prefix, 0, n)) + n;
	struct lnr_str id = lnr_str_sub(path, from, path.len);
	if (!id.len || id.len > FULL_ID)
		return none();
	return lnr_str_sub(id, 0, SHORT_ID);
}

/*
 * On a machine at work: the namespaces of containerd's usual clients (ctr and nerdctl, Docker, the
 * kubelet, BuildKit, LinuxKit, Concourse), and a name directly below. Any other folder of cgroups
 * would be a container else, as every mount unit is to the reference (container-metadata 3).
 */
static struct lnr_str match_usual_containerd(struct lnr_str path)
{
	static const struct lnr_str usual[] = {LNR_STR("/default/"), LNR_STR("/moby/"),
		LNR_STR("/k8s.io/"), LNR_STR("/buildkit/"), LNR_STR("/services.linuxkit/"),
		LNR_STR("/concourse/"), LNR_STR("/garden/")};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(usual); i++) {
		ptrdiff_t at = find_last(path, usual[i]);
		if (at < 0)
			continue;
		struct lnr_str id = lnr_str_sub(path, (size_t)at + usual[i].len, path.len);
		if (id.len && id.len <= FULL_ID && lnr_str_chr(id, '/') < 0 &&
			match_containerd(path).len)
			return lnr_str_sub(id, 0, SHORT_ID);
	}
	return none();
}

/* Names, not digits: whatever stands up to the next slash. */
static struct lnr_str match_lxc(struct lnr_str path)
{
	static const struct lnr_str prefixes[] = {
		LNR_STR("/lxc/"), LNR_STR("/lxc.payload/"), LNR_STR("/lxc.payload.")};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(prefixes); i++) {
		ptrdiff_t at = lnr_str_find(path, prefixes[i]);
		if (at < 0)
			continue;
		struct lnr_str id = lnr_str_sub(path, (size_t)at + prefixes[i].len, path.len);
		ptrdiff_t end = lnr_str_chr(id, '/');
		return end < 0 ? id : lnr_str_sub(id, 0, (size_t)end);
	}
	return none();
}

/* Three generations of libvirt: a directory's suffix, systemd's scope with escaped dashes, a plain
 * path. */
static struct lnr_str match_libvirt_lxc(struct lnr_str path)
{
	static const struct lnr_str plain = LNR_STR(".libvirt-lxc"), unit = LNR_STR("-lxc\\x2d"),
				    legacy = LNR_STR("/libvirt/lxc/");
	if (lnr_str_ends(path, plain)) {
		ptrdiff_t slash = lnr_str_rchr(path, '/');
		if (slash >= 0)
			return lnr_str_sub(path, (size_t)slash + 1, path.len - plain.len);
	}
	ptrdiff_t at = lnr_str_find(path, unit);
	if (at >= 0) {
		struct lnr_str end = lnr_str_ends(path, LNR_STR(".scope/libvirt"))
					     ? LNR_STR(".scope/libvirt")
					     : LNR_STR(".scope");
		if (lnr_str_ends(path, end) && (size_t)at + unit.len <= path.len - end.len)
			return lnr_str_sub(path, (size_t)at + unit.len, path.len - end.len);
	}
	at = lnr_str_find(path, legacy);
	return at < 0 ? none() : lnr_str_sub(path, (size_t)at + legacy.len, path.len);
}

static struct lnr_str match_bpm(struct lnr_str path)
{
	ptrdiff_t at = lnr_str_find(path, LNR_STR("bpm-"));
	if (at < 0)
		return none();
	struct lnr_str id = lnr_str_sub(path, (size_t)at + 4, path.len);
	ptrdiff_t end = lnr_str_find(id, LNR_STR(".scope"));
	if (end >= 0)
		id.len = (size_t)end;
	for (size_t i = 0; i < id.len; i++)
		if (!lnr_str_is_alnum(id.ptr[i]) && (!id.ptr[i] || !strchr("._-", id.ptr[i])))
			return none();
	return id;
}

/* --- all of them --- */

static const struct {
	struct lnr_str (*match)(struct lnr_str path);
	uint32_t bit;
	int type;
} engines[] = {
	{match_podman, LNR_ENGINE_BIT_PODMAN, LNR_CT_PODMAN},
	{match_docker, LNR_ENGINE_BIT_DOCKER, LNR_CT_DOCKER},
	{match_cri, LNR_ENGINE_BIT_CRI, LNR_CT_CRI},
	{match_containerd, LNR_ENGINE_BIT_CONTAINERD, LNR_CT_CONTAINERD},
	{match_lxc, LNR_ENGINE_BIT_LXC, LNR_CT_LXC},
	{match_libvirt_lxc, LNR_ENGINE_BIT_LIBVIRT_LXC, LNR_CT_LIBVIRT_LXC},
	{match_bpm, LNR_ENGINE_BIT_BPM, LNR_CT_BPM},
};

/* Ids are bounded because they become keys of tables and parts of events. */
static struct lnr_str match_any(uint32_t engines_off, struct lnr_str path, int *ret_type)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(engines); i++) {
		if (engines[i].bit & engines_off)
			continue;
		bool usual = engines[i].bit == LNR_ENGINE_BIT_CONTAINERD &&
			     engines_off & LNR_ENGINE_BIT_ANY_NAMESPACE;
		struct lnr_str id = usual ? match_usual_containerd(path) : engines[i].match(path);
		if (id.len && id.len < LNR_CONTAINER_ID_BYTES_MAX) {
			*ret_type = engines[i].type;
			return id;
		}
	}
	*ret_type = LNR_CT_HOST;
	return none();
}

struct lnr_str lnr_cgroup_container(struct lnr_str cgroup_path, int *ret_type)
{
	return match_any(0, cgroup_path, ret_type);
}

struct lnr_str lnr_cgroup_container_live(struct lnr_str cgroup_path, int *ret_type)
{
	return match_any(LNR_ENGINE_BIT_ANY_NAMESPACE, cgroup_path, ret_type);
}

/* --- the cache --- */

struct entry {
	struct lnr_str id;
	int type;
};

void lnr_cgroup_cache_init(struct lnr_cgroup_cache *c)
{
	lnr_strmap_init(&c->map);
	lnr_arena_init(&c->arena, 0);
}

void lnr_cgroup_cache_done(struct lnr_cgroup_cache *c)
{
	lnr_strmap_done(&c->map);
	lnr_arena_done(&c->arena);
}

struct lnr_str lnr_cgroup_lookup(
	struct lnr_cgroup_cache *c, uint32_t engines_off, struct lnr_str path, int *ret_type)
{
	struct entry *e = lnr_strmap_get(&c->map, path);
	if (e) {
		*ret_type = e->type;
		return e->id;
	}
	struct lnr_str id = match_any(engines_off, path, ret_type);
	if (c->map.len >= LNR_CGROUP_CACHE_MAX) {
		lnr_strmap_clear(&c->map);
		lnr_arena_reset(&c->arena);
	}
	e = lnr_arena_new(&c->arena, struct entry);
	struct lnr_str key = lnr_arena_str(&c->arena, path);
	if (e && key.ptr) {
		/* The id is a part of the path, so of its copy too. */
		e->id = id.len ? (struct lnr_str){key.ptr + (id.ptr - path.ptr), id.len} : none();
		e->type = *ret_type;
		lnr_strmap_set(&c->map, key, e, NULL);
	}
	return id;
}
