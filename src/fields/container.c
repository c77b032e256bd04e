/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.*: the container of the process (spec fields.md 10, container-metadata.md 7). Mounts
 * are in container_mount.c, pods in k8s.c.
 */
#include "fields/core/container.h"

/* As soon as the process is known, with or without metadata. */
LNR_GETTER(get_id)
{
	const struct lnr_container *c = lnr_get_container(ctx);

	if (c)
		return lnr_give_str(ret, ref, c->id);
	return ctx->ev->thread && lnr_give_str(ret, ref, lnr_thread_container_id(ctx->ev->thread));
}

/* Texts of the metadata; def->user is an index. */
enum text {
	FULL_ID,
	NAME,
	IMAGE,
	IMAGE_ID,
	IMAGE_REPOSITORY,
	IMAGE_TAG,
	IMAGE_DIGEST,
	IP,
	CNI_JSON,
};

LNR_GETTER(get_text)
{
	static const char *const keys[] = {
		[FULL_ID] = "full_id",
		[NAME] = "name",
		[IMAGE] = "image",
		[IMAGE_ID] = "imageid",
		[IMAGE_REPOSITORY] = "imagerepo",
		[IMAGE_TAG] = "imagetag",
		[IMAGE_DIGEST] = "imagedigest",
		[IP] = "ip",
		[CNI_JSON] = "cni_json",
	};
	const struct lnr_container *c = lnr_get_described(ctx);
	int which = ref->def->user;

	if (!c)
		return false;
	if (c->type == LNR_CT_HOST && (which == FULL_ID || which == NAME))
		return lnr_give_str(ret, ref, LNR_STR("host"));
	return lnr_give_str(ret, ref, lnr_meta_str(c, keys[which]));
}

LNR_GETTER(get_type)
{
	const struct lnr_container *c = lnr_get_described(ctx);

	if (!c)
		return false;
	if (c->type == LNR_CT_UNKNOWN || c->type == LNR_CT_STATIC) /* have no text */
		return lnr_give_str(ret, ref, LNR_STR(""));
	return lnr_give_cstr(ret, ref, lnr_container_type_name(c->type));
}

enum truth { PRIVILEGED, HOST_PID, HOST_NETWORK, HOST_IPC };

LNR_GETTER(get_truth)
{
	static const char *const keys[] = {
		[PRIVILEGED] = "privileged",
		[HOST_PID] = "host_pid",
		[HOST_NETWORK] = "host_network",
		[HOST_IPC] = "host_ipc",
	};
	const struct lnr_container *c = lnr_get_described(ctx);

	return c && lnr_give_u64(ret, ref, lnr_meta_bool(c, keys[ref->def->user]));
}

/* The start of the pid namespace is the container's; metadata is not asked. */
static uint64_t start_of(const struct lnr_event *ev)
{
	return ev->thread ? ev->thread->pidns_init_start_ts : 0;
}

LNR_GETTER(get_start_ts)
{
	uint64_t start = start_of(ctx->ev);

	return start && lnr_give_u64(ret, ref, start);
}

/* On a capture's clock: since the start until the event. */
LNR_GETTER(get_duration)
{
	uint64_t start = start_of(ctx->ev);

	return start && lnr_give_u64(ret, ref, ctx->ev->ts - start);
}

/* Absent when the container has no such label; an empty value is a value. */
LNR_GETTER(get_label)
{
	const struct lnr_container *c = lnr_get_described(ctx);
	struct lnr_str s;

	return c && lnr_meta_label(c, "labels", ref->arg, &s) && lnr_give_str(ret, ref, s);
}

LNR_GETTER(get_labels)
{
	const struct lnr_container *c = lnr_get_described(ctx);
	struct lnr_str s;

	return c && lnr_meta_labels(ctx, c, "labels", &s) && lnr_give_str(ret, ref, s);
}

/* Fields that are accepted and have no value any more. */
LNR_GETTER(get_none)
{
	(void)ctx;
	(void)ref;
	(void)ret;
	return false;
}

#define KEY (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_KEY)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("container.id", CHARBUF, NA, LNR_FIELD_SUGGESTED, get_id,
		"Id of the container, 12 characters; host for processes outside of containers."),
	LNR_FIELD_ROW("container.full_id", CHARBUF, NA, 0, get_text,
		"Id of the container in full, 64 characters; host outside of containers.",
		.user = FULL_ID),
	LNR_FIELD_ROW("container.name", CHARBUF, NA, LNR_FIELD_SUGGESTED, get_text,
		"Name of the container; host outside of containers.", .user = NAME),
	LNR_FIELD_ROW("container.image", CHARBUF, NA, 0, get_text,
		"Image as it was asked for: registry.example/app:1.2.", .user = IMAGE),
	LNR_FIELD_ROW("container.image.id", CHARBUF, NA, 0, get_text, "Id of the image.",
		.user = IMAGE_ID),
	LNR_FIELD_ROW("container.type", CHARBUF, NA, 0, get_type,
		"What runs the container: docker, podman, cri, containerd, cri-o, lxc, "
		"libvirt-lxc, bpm; "
		"host outside of containers."),
	LNR_FIELD_ROW("container.privileged", BOOL, NA, 0, get_truth,
		"True for a privileged container.", .user = PRIVILEGED),
	LNR_FIELD_ROW("container.image.repository", CHARBUF, NA, LNR_FIELD_SUGGESTED, get_text,
		"Repository of the image: registry.example/app.", .user = IMAGE_REPOSITORY),
	LNR_FIELD_ROW("container.image.tag", CHARBUF, NA, LNR_FIELD_SUGGESTED, get_text,
		"Tag of the image: 1.2, latest.", .user = IMAGE_TAG),
	LNR_FIELD_ROW("container.image.digest", CHARBUF, NA, 0, get_text,
		"Digest of the image: sha256:….", .user = IMAGE_DIGEST),
	LNR_FIELD_ROW("container.healthcheck", CHARBUF, NA, 0, get_none, "Has no value any more."),
	LNR_FIELD_ROW(
		"container.liveness_probe", CHARBUF, NA, 0, get_none, "Has no value any more."),
	LNR_FIELD_ROW(
		"container.readiness_probe", CHARBUF, NA, 0, get_none, "Has no value any more."),
	LNR_FIELD_ROW("container.start_ts", ABSTIME, DEC, 0, get_start_ts,
		"Start of the container, taken from its pid namespace, nanoseconds since 1970."),
	LNR_FIELD_ROW("container.duration", RELTIME, DEC, 0, get_duration,
		"Nanoseconds since container.start_ts."),
	LNR_FIELD_ROW("container.ip", CHARBUF, NA, 0, get_text,
		"Address of the container, as its runtime tells.", .user = IP),
	LNR_FIELD_ROW("container.cni.json", CHARBUF, NA, 0, get_text,
		"Result of the container network plugin, JSON text, with all addresses.",
		.user = CNI_JSON),
	LNR_FIELD_ROW("container.host_pid", BOOL, NA, 0, get_truth,
		"True when the container shares the host's process ids.", .user = HOST_PID),
	LNR_FIELD_ROW("container.host_network", BOOL, NA, 0, get_truth,
		"True when the container shares the host's network.", .user = HOST_NETWORK),
	LNR_FIELD_ROW("container.host_ipc", BOOL, NA, 0, get_truth,
		"True when the container shares the host's message queues and shared memory.",
		.user = HOST_IPC),
	LNR_FIELD_ROW("container.label", CHARBUF, NA, KEY, get_label,
		"Value of a label of the container, container.label[NAME]."),
	LNR_FIELD_ROW("container.labels", CHARBUF, NA, 0, get_labels,
		"Labels of the container, name:value joined by commas, without those of "
		"Kubernetes."),
	LNR_FIELD_ROW(
		"proc.is_container_healthcheck", BOOL, NA, 0, get_none, "Has no value any more."),
	LNR_FIELD_ROW("proc.is_container_liveness_probe", BOOL, NA, 0, get_none,
		"Has no value any more."),
	LNR_FIELD_ROW("proc.is_container_readiness_probe", BOOL, NA, 0, get_none,
		"Has no value any more."),
	{},
};

/* The name is the one that the reference lists its container plugin under. */
const struct lnr_field_class lnr_field_class_container = {
	.name = "container (plugin)",
	.short_desc = "",
	.desc = "The container of the process and its pod, as the container runtime describes "
		"them.",
	.source = "syscall",
	.strict_args = true,
	.order = 100,
	.fields = fields,
};
