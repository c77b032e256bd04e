/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts from outside that the state reads: user databases (a container can bring its own), cgroup
 * paths, lines of /proc/net, container metadata, paths to join. The first byte says which.
 */
#include <stdlib.h>

#include "state/proc_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Views must lie inside the text they were taken from. */
static void inside(struct lnr_str part, struct lnr_str whole)
{
	if (part.len && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
		abort();
}

static void users(struct lnr_str text)
{
	struct lnr_users *u = lnr_users_new(true);
	struct lnr_str container;
	const struct lnr_user *user;
	size_t pos = 0;

	if (!u)
		return;
	lnr_users_parse(u, LNR_STR("c"), text);
	lnr_groups_parse(u, LNR_STR("c"), text);
	while ((user = lnr_users_next(u, &pos, &container)))
		if (lnr_users_get(u, container, user->uid) != user ||
			user->name.ptr[user->name.len] || user->shell.ptr[user->shell.len])
			abort();
	lnr_users_free(u);
}

static void cgroup(struct lnr_str path)
{
	int type;
	struct lnr_str id = lnr_cgroup_container(path, &type);

	inside(id, path);
	if (!id.len != (type == LNR_CT_HOST) || id.len >= LNR_CONTAINER_ID_BYTES_MAX)
		abort();
}

static void net_line(uint8_t how, struct lnr_str line)
{
	struct lnr_fd fd;
	uint64_t ino, addr;
	struct lnr_str path = {NULL, 0};

	if (how < 2)
		lnr_proc_parse_inet(line, how, LNR_L4_TCP, &ino, &fd);
	else if (how == 2 && lnr_proc_parse_unix(line, &ino, &addr, &path))
		inside(path, line);
	else
		lnr_proc_parse_netlink(line, &ino);
}

static void join(struct lnr_str text)
{
	struct lnr_arena scratch;
	struct lnr_str base;

	lnr_str_split(&text, '\n', &base);
	lnr_arena_init(&scratch, 0);
	struct lnr_str r = lnr_path_join(&scratch, base, text);
	/* From a directory's name, taken as is, nothing leads up to what it had not. */
	if (text.len && text.ptr[0] && lnr_str_starts(base, LNR_STR("/")) &&
		lnr_str_ends(base, LNR_STR("/")) && lnr_str_find(base, LNR_STR("..")) < 0 &&
		(r.ptr[0] != '/' || lnr_str_find(r, LNR_STR("/../")) >= 0))
		abort();
	lnr_arena_done(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	/* A copy of exact size: reading beyond it is seen. */
	char *copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	struct lnr_str text = {copy, size - 1};
	switch (data[0]) {
	case 'u':
		users(text);
		break;
	case 'c':
		cgroup(text);
		break;
	case '0':
	case '1':
	case '2':
	case '3':
		net_line((uint8_t)(data[0] - '0'), text);
		break;
	case 'p':
		join(text);
		break;
	case 'j': {
		struct lnr_containers *c = lnr_containers_new(NULL);
		if (c)
			lnr_containers_json(c, text);
		lnr_containers_free(c);
	}
	}
	free(copy);
	return 0;
}
