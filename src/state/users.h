/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups per container (spec events-and-state 9). Strings are owned by the table and
 * valid until the entry changes.
 */
#ifndef LNR_STATE_USERS_H
#define LNR_STATE_USERS_H

#include "base/str.h"

struct lnr_users;

struct lnr_user {
	uint32_t uid, gid;
	struct lnr_str name, home, shell;
};

struct lnr_group {
	uint32_t gid;
	struct lnr_str name;
};

/* `container` empty = host. NULL when not known. */
const struct lnr_user *lnr_users_get(struct lnr_users *u, struct lnr_str container, uint32_t uid);
const struct lnr_group *lnr_groups_get(struct lnr_users *u, struct lnr_str container, uint32_t gid);
/* Add or change; strings are copied. 0, -ENOMEM, or -ENOSPC over the budget. */
int lnr_users_add(struct lnr_users *u, struct lnr_str container, const struct lnr_user *user);
int lnr_groups_add(struct lnr_users *u, struct lnr_str container, const struct lnr_group *group);
void lnr_users_remove(struct lnr_users *u, struct lnr_str container, uint32_t uid);
void lnr_groups_remove(struct lnr_users *u, struct lnr_str container, uint32_t gid);
/* Forget all of a container. */
void lnr_users_drop(struct lnr_users *u, struct lnr_str container);
/* Walk: start with *pos = 0; NULL at the end. */
const struct lnr_user *lnr_users_next(
	struct lnr_users *u, size_t *pos, struct lnr_str *ret_container);
const struct lnr_group *lnr_groups_next(
	struct lnr_users *u, size_t *pos, struct lnr_str *ret_container);

#endif
