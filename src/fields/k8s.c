/* SPDX-License-Identifier: Apache-2.0 */
/*
 * k8s.*: the pod of the container (spec fields.md 10). All of it comes from the container runtime;
 * objects that only the Kubernetes API knows have names of their own, and the old ones no value.
 */
#include "fields/core/container.h"

/* Labels that the runtime puts on each container of a pod; def->user is an index. */
enum pod_label { POD_NAME, POD_NAMESPACE, POD_UID };

LNR_GETTER(get_pod_fact)
{
	static const struct lnr_str labels[] = {
		[POD_NAME] = {"io.kubernetes.pod.name", 22},
		[POD_NAMESPACE] = {"io.kubernetes.pod.namespace", 27},
		[POD_UID] = {"io.kubernetes.pod.uid", 21},
	};
	const struct lnr_container *c = lnr_get_described(ctx);
	struct lnr_str s;

	return c && lnr_meta_label(c, "labels", labels[ref->def->user], &s) &&
	       lnr_give_str(ret, ref, s);
}

/* Characters of an id that identify a container, here as in container.id. */
#define SHORT_ID 12

/* def->user: how many characters; 0 = all. */
LNR_GETTER(get_sandbox_id)
{
	const struct lnr_container *c = lnr_get_described(ctx);
	struct lnr_str id;

	if (!c)
		return false;
	id = lnr_meta_str(c, "pod_sandbox_id");
	if (ref->def->user)
		id = lnr_str_sub(id, 0, (size_t)ref->def->user);
	return lnr_give_str(ret, ref, id);
}

/*
 * The entry of the pod's sandbox, asked when the container's own has no network result; NULL when
 * it is not known. Without a sandbox id that is the host's entry, as in the reference.
 */
static const struct lnr_container *sandbox_of(
	struct lnr_field_ctx *ctx, const struct lnr_container *c)
{
	struct lnr_str id = lnr_str_sub(lnr_meta_str(c, "pod_sandbox_id"), 0, SHORT_ID);
	const struct lnr_container *s = lnr_containers_get(lnr_state_containers(ctx->state), id);

	return s && (s->meta || s->type == LNR_CT_HOST) ? s : NULL;
}

/* The result of the network plugin is stored with the container whose namespace it set up. */
static bool has_network(const struct lnr_container *c)
{
	return lnr_meta_str(c, "cni_json").len > 0;
}

/* The sandbox knows first; the container's own copy is the second choice. */
LNR_GETTER(get_pod_label)
{
	const struct lnr_container *c = lnr_get_described(ctx), *s;
	struct lnr_str value;

	if (!c)
		return false;
	s = has_network(c) ? NULL : sandbox_of(ctx, c);
	if (s && lnr_meta_label(s, "pod_sandbox_labels", ref->arg, &value))
		return lnr_give_str(ret, ref, value);
	return lnr_meta_label(c, "pod_sandbox_labels", ref->arg, &value) &&
	       lnr_give_str(ret, ref, value);
}

LNR_GETTER(get_pod_labels)
{
	const struct lnr_container *c = lnr_get_described(ctx), *s;
	struct lnr_str labels;

	if (!c)
		return false;
	s = has_network(c) ? NULL : sandbox_of(ctx, c);
	return lnr_meta_labels(ctx, s ? s : c, "pod_sandbox_labels", &labels) &&
	       lnr_give_str(ret, ref, labels);
}

enum network { NET_IP, NET_CNI_JSON };

LNR_GETTER(get_pod_network)
{
	const struct lnr_container *c = lnr_get_described(ctx);

	if (c && !has_network(c))
		c = sandbox_of(ctx, c);
	return c && lnr_give_str(ret, ref,
			    lnr_meta_str(c, ref->def->user == NET_IP ? "ip" : "cni_json"));
}

LNR_GETTER(get_none)
{
	(void)ctx;
	(void)ref;
	(void)ret;
	return false;
}

#define KEY	      (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_KEY)
#define GONE(name)    LNR_FIELD_ROW(name, CHARBUF, NA, 0, get_none, "Has no value any more.")
#define GONE_OF(name) LNR_FIELD_ROW(name, CHARBUF, NA, KEY, get_none, "Has no value any more.")

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("k8s.pod.name", CHARBUF, NA, LNR_FIELD_SUGGESTED, get_pod_fact,
		"Name of the pod.", .user = POD_NAME),
	LNR_FIELD_ROW("k8s.ns.name", CHARBUF, NA, LNR_FIELD_SUGGESTED, get_pod_fact,
		"Namespace of the pod.", .user = POD_NAMESPACE),
	LNR_FIELD_ROW("k8s.pod.id", CHARBUF, NA, 0, get_pod_fact, "Old name of k8s.pod.uid.",
		.user = POD_UID),
	LNR_FIELD_ROW("k8s.pod.uid", CHARBUF, NA, 0, get_pod_fact,
		"Unique id that Kubernetes gave the pod.", .user = POD_UID),
	LNR_FIELD_ROW("k8s.pod.sandbox_id", CHARBUF, NA, 0, get_sandbox_id,
		"Id of the pod's sandbox container, 12 characters.", .user = SHORT_ID),
	LNR_FIELD_ROW("k8s.pod.full_sandbox_id", CHARBUF, NA, 0, get_sandbox_id,
		"Id of the pod's sandbox container in full."),
	LNR_FIELD_ROW("k8s.pod.label", CHARBUF, NA, KEY, get_pod_label,
		"Value of a label of the pod, k8s.pod.label[NAME]."),
	LNR_FIELD_ROW("k8s.pod.labels", CHARBUF, NA, 0, get_pod_labels,
		"Labels of the pod, name:value joined by commas."),
	LNR_FIELD_ROW("k8s.pod.ip", CHARBUF, NA, 0, get_pod_network, "Address of the pod.",
		.user = NET_IP),
	LNR_FIELD_ROW("k8s.pod.cni.json", CHARBUF, NA, 0, get_pod_network,
		"Result of the container network plugin for the pod, JSON text.",
		.user = NET_CNI_JSON),
	GONE("k8s.rc.name"),
	GONE("k8s.rc.id"),
	GONE_OF("k8s.rc.label"),
	GONE("k8s.rc.labels"),
	GONE("k8s.svc.name"),
	GONE("k8s.svc.id"),
	GONE_OF("k8s.svc.label"),
	GONE("k8s.svc.labels"),
	GONE("k8s.ns.id"),
	GONE_OF("k8s.ns.label"),
	GONE("k8s.ns.labels"),
	GONE("k8s.rs.name"),
	GONE("k8s.rs.id"),
	GONE_OF("k8s.rs.label"),
	GONE("k8s.rs.labels"),
	GONE("k8s.deployment.name"),
	GONE("k8s.deployment.id"),
	GONE_OF("k8s.deployment.label"),
	GONE("k8s.deployment.labels"),
	{},
};

const struct lnr_field_class lnr_field_class_k8s = {
	.name = "container (plugin)",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.strict_args = true,
	.order = 102,
	.fields = fields,
};
