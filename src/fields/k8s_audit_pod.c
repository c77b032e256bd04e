/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ka.req.pod.*: pods in requests to the Kubernetes API (spec k8s-audit.md 5.5, 5.6), and
 * ka.req.podspec.*: the same for whatever holds a pod, be it a pod or the template of a deployment,
 * job, cron job … (10, number 13). Positions in lists of values that may be missing do not identify
 * containers.
 */
#include "fields/core/audit.h"

#define P LNR_AUDIT_PART

/* def->user: a template counts as well. */
#define TEMPLATE 1

/* --- where the pod is --- */

static uint32_t pod_spec(const struct lnr_json_doc *d, bool template)
{
	static const struct lnr_str pod[] = {P("requestObject"), P("spec"), {0}};
	static const struct lnr_str in_job[] = {
		P("jobTemplate"), P("spec"), P("template"), P("spec"), {0}};
	uint32_t spec = lnr_audit_at(d, d->root, pod);
	if (!spec || !template)
		return spec;
	uint32_t job = lnr_audit_at(d, spec, in_job);
	/* What is behind the job's own template is the same for a deployment. */
	uint32_t other = job ? job : lnr_audit_at(d, spec, in_job + 2);
	return other ? other : spec;
}

/* Parts of a path that lead to the pod: requestObject, spec. */
#define TO_SPEC 2

static void walk(struct lnr_audit_list *l, lnr_audit_visit_fn *fn)
{
	const struct lnr_str *path = l->ref->def->data;
	uint32_t from = l->doc->root;
	if (l->ref->def->user == TEMPLATE) {
		from = pod_spec(l->doc, true);
		path += TO_SPEC;
	}
	if (from || l->ref->def->user != TEMPLATE)
		lnr_audit_walk(l, from, path, fn);
}

static bool get_list(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	struct lnr_val *ret, lnr_audit_visit_fn *fn)
{
	struct lnr_audit_list l;
	if (!lnr_audit_list_begin(&l, ctx, ref))
		return false;
	walk(&l, fn);
	return lnr_audit_list_end(&l, ret);
}

LNR_GETTER(get_at)
{
	const struct lnr_json_doc *d = lnr_get_audit(ctx);
	if (!d)
		return false;
	const struct lnr_str *path = ref->def->data;
	uint32_t spec = pod_spec(d, ref->def->user == TEMPLATE);
	return spec && lnr_give_json(ctx, ref, d, lnr_audit_at(d, spec, path + TO_SPEC), ret);
}

/* --- values of containers --- */

static void add_if_there(struct lnr_audit_list *l, uint32_t i)
{
	if (i)
		lnr_audit_add_node(l, i);
}

static void add_or_fail(struct lnr_audit_list *l, uint32_t i)
{
	if (i)
		lnr_audit_add_node(l, i);
	else
		l->failed = true;
}

LNR_GETTER(get_there)
{
	return get_list(ctx, ref, ret, add_if_there);
}

LNR_GETTER(get_all)
{
	return get_list(ctx, ref, ret, add_or_fail);
}

/* An image without digest and tag; a port of the registry is no tag (spec 10, number 3). */
static struct lnr_str repository(struct lnr_str image)
{
	ptrdiff_t at = lnr_str_chr(image, '@');
	if (at >= 0)
		image = lnr_str_sub(image, 0, (size_t)at);
	ptrdiff_t colon = lnr_str_rchr(image, ':');
	return colon > lnr_str_rchr(image, '/') ? lnr_str_sub(image, 0, (size_t)colon) : image;
}

static void add_repository(struct lnr_audit_list *l, uint32_t i)
{
	size_t n = l->n;
	add_or_fail(l, i);
	if (l->n > n)
		l->items[n].str = repository(l->items[n].str);
}

LNR_GETTER(get_repositories)
{
	return get_list(ctx, ref, ret, add_repository);
}

/* Words of a command as one text; what is no list of texts ends the value. */
static void add_joined(struct lnr_audit_list *l, uint32_t i)
{
	const struct lnr_json_doc *d = l->doc;
	struct lnr_text t;
	if (!i)
		return;
	if (lnr_json_type(d, i) != LNR_JSON_ARRAY) {
		l->failed = true;
		return;
	}
	/* Each word has two quotes, so a blank more fits. */
	if (!lnr_text_begin(&t, l->ctx->ev->scratch, d->nodes[i].end - d->nodes[i].at)) {
		l->failed = true;
		l->ctx->n_nomem++;
		return;
	}
	for (uint32_t e = i + 1; e < d->nodes[i].next; e = lnr_json_next(d, e)) {
		struct lnr_str s = lnr_json_text(d, e, l->ctx->ev->scratch);
		l->failed |= !s.ptr || lnr_json_type(d, e) != LNR_JSON_STRING;
		if (e != i + 1)
			lnr_text_chr(&t, ' ');
		lnr_text_add(&t, s);
	}
	lnr_audit_add(l, lnr_text_end(&t));
}

LNR_GETTER(get_joined)
{
	return get_list(ctx, ref, ret, add_joined);
}

static void add_ports(struct lnr_audit_list *l, uint32_t i)
{
	const struct lnr_json_doc *d = l->doc;
	if (!i)
		return;
	l->failed |= lnr_json_type(d, i) != LNR_JSON_ARRAY;
	for (uint32_t e = i + 1; !l->failed && e < d->nodes[i].next; e = lnr_json_next(d, e)) {
		uint32_t port = lnr_json_member(d, e, LNR_STR("hostPort"));
		add_if_there(l, port ? port : lnr_json_member(d, e, LNR_STR("containerPort")));
	}
}

LNR_GETTER(get_ports)
{
	return get_list(ctx, ref, ret, add_ports);
}

/* Elements of all arrays together: capabilities by their names (spec 10, number 5). */
static void add_elements(struct lnr_audit_list *l, uint32_t i)
{
	const struct lnr_json_doc *d = l->doc;
	if (!i || lnr_json_type(d, i) != LNR_JSON_ARRAY)
		return;
	for (uint32_t e = i + 1; e < d->nodes[i].next; e = lnr_json_next(d, e))
		lnr_audit_add_node(l, e);
}

LNR_GETTER(get_flat)
{
	return get_list(ctx, ref, ret, add_elements);
}

/* Of a container, else of its pod, else root (spec 10, number 2). */
static void add_effective(struct lnr_audit_list *l, uint32_t i, struct lnr_str name)
{
	const struct lnr_str own[] = {P("securityContext"), name, {0}};
	uint32_t id = lnr_audit_at(l->doc, i, own);
	if (!id) {
		uint32_t spec = pod_spec(l->doc, l->ref->def->user == TEMPLATE);
		id = spec ? lnr_audit_at(l->doc, spec, own) : 0;
	}
	if (id)
		lnr_audit_add_node(l, id);
	else
		lnr_audit_add(l, LNR_STR("0"));
}

static void add_user_of(struct lnr_audit_list *l, uint32_t i)
{
	add_effective(l, i, (struct lnr_str)P("runAsUser"));
}

static void add_group_of(struct lnr_audit_list *l, uint32_t i)
{
	add_effective(l, i, (struct lnr_str)P("runAsGroup"));
}

static void add_users(struct lnr_audit_list *l, uint32_t i)
{
	if (i)
		lnr_audit_each(l, i, add_user_of);
}

static void add_groups(struct lnr_audit_list *l, uint32_t i)
{
	if (i)
		lnr_audit_each(l, i, add_group_of);
}

LNR_GETTER(get_effective_users)
{
	return get_list(ctx, ref, ret, add_users);
}

LNR_GETTER(get_effective_groups)
{
	return get_list(ctx, ref, ret, add_groups);
}

/* --- volumes --- */

/* The type of a volume is the name of the member that describes it. */
static void add_types_of(struct lnr_audit_list *l, uint32_t i)
{
	const struct lnr_json_doc *d = l->doc;
	if (lnr_json_type(d, i) != LNR_JSON_OBJECT)
		return;
	for (uint32_t k = i + 1; k < d->nodes[i].next; k = lnr_json_next(d, k + 1)) {
		if (!lnr_json_is(d, k, LNR_STR("name")))
			lnr_audit_add_node(l, k);
	}
}

static void add_types(struct lnr_audit_list *l, uint32_t i)
{
	if (i)
		lnr_audit_each(l, i, add_types_of);
}

LNR_GETTER(get_volume_types)
{
	return get_list(ctx, ref, ret, add_types);
}

/* Deprecated: is a path of the host that is mounted the argument, or begins as one with a star? */
LNR_GETTER(get_has_hostpath)
{
	static const struct lnr_str to_volumes[] = {
		P("requestObject"), P("spec"), P("volumes"), {0}};
	struct lnr_audit_list l;
	struct lnr_str key = ref->arg;
	if (!lnr_audit_list_begin(&l, ctx, ref) || !lnr_audit_at(l.doc, l.doc->root, to_volumes))
		return false;
	walk(&l, add_if_there);
	bool star = lnr_str_ends(key, LNR_STR("*")), found = false;
	if (star)
		key = lnr_str_sub(key, 0, key.len - 1);
	for (size_t i = 0; i < l.n; i++)
		found |= star ? lnr_str_starts(l.items[i].str, key)
			      : lnr_str_eq(l.items[i].str, key);
	return lnr_give_raw(ret, ref, found ? LNR_STR("true") : LNR_STR("false"));
}

/* --- first container only, deprecated --- */

static uint32_t first_container(const struct lnr_json_doc *d)
{
	static const struct lnr_str to_list[] = {
		P("requestObject"), P("spec"), P("containers"), {0}};
	uint32_t list = lnr_audit_at(d, d->root, to_list);
	return list ? lnr_json_element(d, list, 0) : 0;
}

LNR_GETTER(get_image)
{
	const struct lnr_json_doc *d = lnr_get_audit(ctx);
	uint32_t c = d ? first_container(d) : 0;
	return c && lnr_give_json(ctx, ref, d, lnr_json_member(d, c, LNR_STR("image")), ret);
}

LNR_GETTER(get_repository)
{
	if (!get_image(ctx, ref, ret))
		return false;
	ret->str = repository(ret->str);
	return true;
}

/* Any container counts, despite the name. */
LNR_GETTER(get_privileged)
{
	struct lnr_audit_list l;
	bool found = false;
	if (!lnr_audit_list_begin(&l, ctx, ref) || !first_container(l.doc))
		return false;
	walk(&l, add_if_there);
	for (size_t i = 0; i < l.n; i++)
		found |= lnr_str_eq(l.items[i].str, LNR_STR("true"));
	return lnr_give_raw(ret, ref, found ? LNR_STR("true") : LNR_STR("false"));
}

/* --- rows --- */

#define KEY   (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_KEY)
#define INDEX (LNR_FIELD_LIST | LNR_FIELD_ARG_ALLOWED | LNR_FIELD_ARG_INDEX)

#define SPEC(...)     .data = LNR_AUDIT_PATH(P("requestObject"), P("spec"), __VA_ARGS__)
#define CONTEXT(name) SPEC(P("securityContext"), P(name))
#define OWN(c, name)  SPEC(P(c), P("securityContext"), P(name))

#define ROW(name, flags, getter, desc, at, from) \
	LNR_FIELD_ROW(name, CHARBUF, NA, flags, getter, desc, at, .user = from)

/* Of one of the three lists of containers; `p` is the prefix of its names, `c` its member. */
#define CONTAINER_ROWS(p, c, from)                                                                 \
	ROW(p c ".name", INDEX, get_all, "Names of the containers (" c ").",                       \
		SPEC(P(c), P("name")), from),                                                      \
		ROW(p c ".image", INDEX, get_all, "Their images.", SPEC(P(c), P("image")), from),  \
		ROW(p c ".image.repository", INDEX, get_repositories,                              \
			"Their images without tag and digest.", SPEC(P(c), P("image")), from),     \
		ROW(p c ".command", INDEX, get_joined, "Their commands, one text each.",           \
			SPEC(P(c), P("command")), from),                                           \
		ROW(p c ".args", INDEX, get_joined, "Arguments of these commands, one text each.", \
			SPEC(P(c), P("args")), from),                                              \
		ROW(p c ".privileged", INDEX, get_there, "Whether they are privileged.",           \
			OWN(c, "privileged"), from),                                               \
		ROW(p c ".allow_privilege_escalation", INDEX, get_there,                           \
			"Whether their processes may gain privileges.",                            \
			OWN(c, "allowPrivilegeEscalation"), from),                                 \
		ROW(p c ".read_only_fs", INDEX, get_there,                                         \
			"Whether their root file system is read-only.",                            \
			OWN(c, "readOnlyRootFilesystem"), from),                                   \
		ROW(p c ".run_as_user", INDEX, get_there, "User ids that they ask for.",           \
			OWN(c, "runAsUser"), from),                                                \
		ROW(p c ".run_as_group", INDEX, get_there, "Group ids that they ask for.",         \
			OWN(c, "runAsGroup"), from),                                               \
		ROW(p c ".eff_run_as_user", INDEX, get_effective_users,                            \
			"User ids that they get: their own, else the pod's, else 0.", SPEC(P(c)),  \
			from),                                                                     \
		ROW(p c ".eff_run_as_group", INDEX, get_effective_groups,                          \
			"Group ids that they get: their own, else the pod's, else 0.", SPEC(P(c)), \
			from),                                                                     \
		ROW(p c ".proc_mount", INDEX, get_there, "How /proc is shown to them.",            \
			OWN(c, "procMount"), from),                                                \
		ROW(p c ".add_capabilities", INDEX, get_flat,                                      \
			"Capabilities that they add, of all of them together.",                    \
			SPEC(P(c), P("securityContext"), P("capabilities"), P("add")), from)
#define PORT_ROW(p, c, from)                                                                    \
	ROW(p c ".host_port", INDEX, get_ports,                                                 \
		"Ports of the host that they use, ports of the container where they use none.", \
		SPEC(P(c), P("ports")), from)

#define POD_ROWS(p, from)                                                                          \
	ROW(p "host_ipc", 0, get_at, "Whether the pod shares the host's IPC namespace.",           \
		SPEC(P("hostIPC")), from),                                                         \
		ROW(p "host_network", 0, get_at, "Whether the pod shares the host's network.",     \
			SPEC(P("hostNetwork")), from),                                             \
		ROW(p "host_pid", 0, get_at, "Whether the pod shares the host's process ids.",     \
			SPEC(P("hostPID")), from),                                                 \
		ROW(p "run_as_user", 0, get_at, "User id that the pod asks for.",                  \
			CONTEXT("runAsUser"), from),                                               \
		ROW(p "run_as_group", 0, get_at, "Group id that the pod asks for.",                \
			CONTEXT("runAsGroup"), from),                                              \
		ROW(p "fs_group", 0, get_at, "Group id of the pod's volumes.", CONTEXT("fsGroup"), \
			from),                                                                     \
		ROW(p "supplemental_groups", LNR_FIELD_LIST, get_flat,                             \
			"Further group ids of the pod.", CONTEXT("supplementalGroups"), from),     \
		ROW(p "volumes.hostpath", INDEX, get_there, "Paths of the host that are mounted.", \
			SPEC(P("volumes"), P("hostPath"), P("path")), from),                       \
		ROW(p "volumes.flexvolume_driver", INDEX, get_there, "Drivers of flex volumes.",   \
			SPEC(P("volumes"), P("flexVolume"), P("driver")), from),                   \
		ROW(p "volumes.volume_type", INDEX, get_volume_types,                              \
			"Types of the volumes: hostPath, secret, emptyDir …", SPEC(P("volumes")),  \
			from),                                                                     \
		CONTAINER_ROWS(p, "containers", from), PORT_ROW(p, "containers", from),            \
		CONTAINER_ROWS(p, "initContainers", from), PORT_ROW(p, "initContainers", from),    \
		CONTAINER_ROWS(p, "ephemeralContainers", from)

static const struct lnr_field fields[] = {
	POD_ROWS("ka.req.pod.", 0),
	ROW("ka.req.container.image", 0, get_image,
		"Deprecated: image of the first container. Use ka.req.pod.containers.image.",
		SPEC({0}), 0),
	ROW("ka.req.container.image.repository", 0, get_repository,
		"Deprecated: the same without tag and digest.", SPEC({0}), 0),
	ROW("ka.req.container.host_network", 0, get_at,
		"Deprecated: the same as ka.req.pod.host_network.", SPEC(P("hostNetwork")), 0),
	ROW("ka.req.container.privileged", 0, get_privileged,
		"Deprecated: whether any container is privileged.", OWN("containers", "privileged"),
		0),
	ROW("ka.req.volume.hostpath", KEY, get_has_hostpath,
		"Deprecated: whether a path of the host is mounted; a star at the end of the "
		"argument stands for anything.",
		SPEC(P("volumes"), P("hostPath"), P("path")), 0),
	/* Unknown to the reference. */
	POD_ROWS("ka.req.podspec.", TEMPLATE),
	{},
};

const struct lnr_field_class lnr_field_class_k8s_audit_pod = {
	.name = "k8saudit",
	.short_desc = "",
	.desc = "Requests to the Kubernetes API, from its audit log.",
	.source = "k8s_audit",
	.strict_args = true,
	.order = 2001,
	.fields = fields,
	.plugin = "k8saudit",
};
