/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers known by id (spec events-and-state 10, container-metadata.md). Identity comes from the
 * cgroup path at once; metadata arrives later as an event (JSON) and is kept parsed here.
 */
#ifndef LNR_STATE_CONTAINER_H
#define LNR_STATE_CONTAINER_H

#include <jansson.h>
#include "base/str.h"

/* spec 10.2 */
enum lnr_container_type {
	LNR_CT_DOCKER = 0,
	LNR_CT_LXC = 1,
	LNR_CT_LIBVIRT_LXC = 2,
	LNR_CT_MESOS = 3,
	LNR_CT_RKT = 4,
	LNR_CT_CUSTOM = 5,
	LNR_CT_CRI = 6,
	LNR_CT_CONTAINERD = 7,
	LNR_CT_CRIO = 8,
	LNR_CT_BPM = 9,
	LNR_CT_STATIC = 10,
	LNR_CT_PODMAN = 11,
	LNR_CT_HOST = 0xfffe,
	LNR_CT_UNKNOWN = 0xffff,
};

struct lnr_containers;

struct lnr_container {
	struct lnr_str id; /* 12 characters, or "host" */
	int type;	   /* enum lnr_container_type */
	json_t *meta; /* the JSON object `container` of the metadata event; NULL = not known yet */
	uint64_t since_ts;
};

/* NULL when unknown. An empty id is the pseudo container "host". */
struct lnr_container *lnr_containers_get(struct lnr_containers *c, struct lnr_str id);
/* The entry for id, made when missing. NULL when the table is full or the heap exhausted. */
struct lnr_container *lnr_containers_add(struct lnr_containers *c, struct lnr_str id, int type);
/* Take the metadata event's text. 0, -EINVAL (not a container object), -ENOMEM. */
int lnr_containers_json(struct lnr_containers *c, struct lnr_str json);
void lnr_containers_remove(struct lnr_containers *c, struct lnr_str id);
struct lnr_container *lnr_containers_next(struct lnr_containers *c, size_t *pos);
const char *lnr_container_type_name(int type); /* "docker" …, "host", "unknown" */

#endif
