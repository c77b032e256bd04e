/* SPDX-License-Identifier: Apache-2.0 */
/* Containers and what is known of them (spec events-and-state 10). */
#include <errno.h>
#include <stdlib.h>

#include "lib/failalloc.h"
#include "schema/limits.h"
#include "state_test.h"
#include "state/state_priv.h"

#define H  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID "0123456789ab"

#define META(id, more) "{\"container\":{\"id\":\"" id "\",\"type\":0" more "}}"

static void json(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"container\":[]}",
		"{\"container\":{}}",
		"{\"container\":{\"id\":7}}",
		"{\"container\":{\"id\":\"\"}}",
		"{\"container\":null} ",
		"null",
	};
	struct lnr_slab slab;
	(void)state;
	lnr_slab_init(&slab);
	struct lnr_containers *c = lnr_containers_new(&slab);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++)
		assert_code(lnr_containers_json(c, lnr_str_c(bad[i])), -EINVAL);
	assert_int_equal(lnr_containers_count(c), 0);
	assert_int_equal(lnr_containers_json(c,
				 LNR_STR(META(ID, ",\"image\":\"alpine\",\"ip\":\"172.17.0.2\""))),
		0);
	struct lnr_container *ct = lnr_containers_get(c, LNR_STR(ID));
	assert_non_null(ct);
	assert_int_equal(ct->type, LNR_CT_DOCKER);
	assert_string_equal(json_string_value(json_object_get(ct->meta, "image")), "alpine");
	assert_int_equal(lnr_containers_missing_images(c), 0);
	/* News of the same. */
	assert_int_equal(
		lnr_containers_json(c, LNR_STR("{\"container\":{\"id\":\"" ID "\",\"type\":11}}")),
		0);
	assert_ptr_equal(lnr_containers_get(c, LNR_STR(ID)), ct);
	assert_int_equal(ct->type, LNR_CT_PODMAN);
	assert_null(json_object_get(ct->meta, "image"));
	assert_int_equal(lnr_containers_missing_images(c), 1);
	/* Sandboxes have no image, and nobody misses it. */
	assert_int_equal(
		lnr_containers_json(c, LNR_STR(META("pod", ",\"is_pod_sandbox\":true"))), 0);
	assert_int_equal(lnr_containers_missing_images(c), 1);
	assert_int_equal(lnr_containers_count(c), 2);
	/* Too much of everything. */
	char *big = malloc(LNR_CONTAINER_JSON_BYTES_MAX + 1);
	memset(big, ' ', LNR_CONTAINER_JSON_BYTES_MAX + 1);
	assert_code(lnr_containers_json(c, (struct lnr_str){big, LNR_CONTAINER_JSON_BYTES_MAX + 1}),
		-EINVAL);
	free(big);
	char id[LNR_CONTAINER_ID_BYTES_MAX + 1], text[LNR_CONTAINER_ID_BYTES_MAX + 64];
	memset(id, 'x', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"container\":{\"id\":\"%s\"}}", id);
	assert_code(lnr_containers_json(c, lnr_str_c(text)), -EINVAL);
	assert_null(lnr_containers_add(c, lnr_str_c(id), LNR_CT_DOCKER));
	/* The host is always there and cannot go. */
	ct = lnr_containers_get(c, LNR_STR(""));
	assert_str(ct->id, "host");
	assert_int_equal(ct->type, LNR_CT_HOST);
	lnr_containers_remove(c, LNR_STR(""));
	lnr_containers_remove(c, LNR_STR("nobody"));
	lnr_containers_remove(c, LNR_STR(ID));
	assert_null(lnr_containers_get(c, LNR_STR(ID)));
	size_t pos = 0;
	assert_str(lnr_containers_next(c, &pos)->id, "pod");
	assert_null(lnr_containers_next(c, &pos));
	lnr_containers_free(c);
	lnr_containers_free(NULL);
	lnr_slab_done(&slab);
}

/* The oldest goes when there are too many. */
static void eviction(void **state)
{
	struct lnr_slab slab;
	char id[32];
	(void)state;
	lnr_slab_init(&slab);
	struct lnr_containers *c = lnr_containers_new(&slab);
	for (unsigned i = 0; i <= LNR_CONTAINERS_MAX; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		lnr_containers_now(c, i);
		assert_non_null(lnr_containers_add(c, lnr_str_c(id), LNR_CT_DOCKER));
	}
	assert_int_equal(lnr_containers_count(c), LNR_CONTAINERS_MAX);
	assert_null(lnr_containers_get(c, LNR_STR("c0")));
	assert_int_equal(lnr_containers_get(c, LNR_STR("c1"))->since_ts, 1);
	lnr_containers_free(c);
	lnr_slab_done(&slab);
}

static void type_names(void **state)
{
	(void)state;
	static const struct {
		int type;
		const char *name;
	} rows[] = {{LNR_CT_DOCKER, "docker"}, {LNR_CT_LXC, "lxc"},
		{LNR_CT_LIBVIRT_LXC, "libvirt-lxc"}, {LNR_CT_MESOS, "mesos"}, {LNR_CT_RKT, "rkt"},
		{LNR_CT_CUSTOM, "custom"}, {LNR_CT_CRI, "cri"}, {LNR_CT_CONTAINERD, "containerd"},
		{LNR_CT_CRIO, "cri-o"}, {LNR_CT_BPM, "bpm"}, {LNR_CT_STATIC, "static"},
		{LNR_CT_PODMAN, "podman"}, {LNR_CT_HOST, "host"}, {LNR_CT_UNKNOWN, "unknown"},
		{12, "unknown"}, {-1, "unknown"}};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++)
		assert_string_equal(lnr_container_type_name(rows[i].type), rows[i].name);
}

/* --- events --- */

static void old_events(void **state)
{
	static const unsigned types[] = {LNR_EV_CONTAINER_JSON_E, LNR_EV_CONTAINER_JSON_2_E};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_containers *c = lnr_state_containers(r.st);
	rig_begin(&r, LNR_EV_CONTAINER_E, 100);
	rig_str(&r, LNR_P_CONTAINER_E_id, "c0");
	rig_num(&r, LNR_P_CONTAINER_E_type, LNR_CT_LXC);
	rig_str(&r, LNR_P_CONTAINER_E_name, "web");
	rig_str(&r, LNR_P_CONTAINER_E_image, "nginx");
	rig_enter(&r);
	struct lnr_container *ct = lnr_containers_get(c, LNR_STR("c0"));
	assert_non_null(ct);
	assert_int_equal(ct->type, LNR_CT_LXC);
	assert_string_equal(json_string_value(json_object_get(ct->meta, "name")), "web");
	assert_string_equal(json_string_value(json_object_get(ct->meta, "image")), "nginx");
	rig_leave(&r);
	rig_begin(&r, LNR_EV_CONTAINER_E, 100);
	rig_step(&r); /* no id */
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		static const char *const texts[] = {META("c1", ""), META("c2", "")};
		rig_begin(&r, types[i], -1);
		rig_str(&r, LNR_P_CONTAINER_JSON_2_E_json, texts[i]);
		rig_step(&r);
		rig_begin(&r, types[i], -1);
		rig_str(&r, LNR_P_CONTAINER_JSON_2_E_json, "{oops");
		rig_step(&r);
	}
	assert_int_equal(lnr_containers_count(c), 3);
	assert_int_equal(rig_counter(&r, "n_containers"), 3);
	assert_int_equal(rig_counter(&r, "n_missing_container_images"), 2);
	rig_done(&r);
}

static void async(struct rig *r, const char *name, const char *data)
{
	rig_begin(r, LNR_EV_ASYNCEVENT_E, -1);
	rig_num(r, LNR_P_ASYNCEVENT_E_plugin_id, 0);
	rig_str(r, LNR_P_ASYNCEVENT_E_name, name);
	rig_str(r, LNR_P_ASYNCEVENT_E_data, data);
	assert_true(rig_enter(r));
}

static void async_events(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_containers *c = lnr_state_containers(r.st);
	rig_clone(
		&r, (struct clone_call){
			    .tid = 200, .res = 0, .pid = 200, .ptid = 100, .cgroup = "/docker/" H});
	rig_openat_enter(&r, 200, 5, "x");
	assert_null(r.ev.container); /* id known, nothing else yet */
	assert_blob(r.ev.thread->container_id, ID);
	rig_leave(&r);
	async(&r, "container", META(ID, ",\"name\":\"web\""));
	assert_non_null(r.ev.container);
	assert_str(r.ev.container->id, ID);
	rig_leave(&r);
	rig_openat_enter(&r, 200, 5, "x");
	assert_ptr_equal(r.ev.container, lnr_containers_get(c, LNR_STR(ID)));
	rig_leave(&r);
	rig_openat_enter(&r, 100, 5, "x");
	assert_str(r.ev.container->id, "host");
	rig_leave(&r);
	/* Others' events, and what cannot be read. */
	async(&r, "pod", META("other", ""));
	assert_null(r.ev.container);
	rig_leave(&r);
	async(&r, "container", "{");
	assert_null(r.ev.container);
	rig_leave(&r);
	assert_int_equal(lnr_containers_count(c), 1);
	/* Removal: rules on the event itself still see it; users of it go too. */
	const struct lnr_user user = {.uid = 7, .name = LNR_STR("app")};
	assert_int_equal(lnr_users_add(lnr_state_users(r.st), LNR_STR(ID), &user), 0);
	async(&r, "container_removed", META(ID, ",\"name\":\"web\""));
	assert_str(r.ev.container->id, ID);
	assert_non_null(lnr_users_get(lnr_state_users(r.st), LNR_STR(ID), 7));
	rig_leave(&r);
	assert_null(lnr_containers_get(c, LNR_STR(ID)));
	assert_null(lnr_users_get(lnr_state_users(r.st), LNR_STR(ID), 7));
	rig_openat_enter(&r, 200, 5, "x");
	assert_null(r.ev.container);
	rig_leave(&r);
	rig_done(&r);
}

/* --- the hook --- */

struct seen {
	unsigned wanted, gone;
	char id[64];
	int type;
	int64_t tid;
};

static void on_container(
	void *user, const struct lnr_thread *t, struct lnr_str id, int type, bool gone)
{
	struct seen *s = user;
	*(gone ? &s->gone : &s->wanted) += 1;
	snprintf(s->id, sizeof(s->id), "%.*s", LNR_STR_ARG(id));
	s->type = type;
	s->tid = t->tid;
}

static void hook(void **state)
{
	struct rig r;
	struct seen seen = {0};
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.on_container = on_container, .user = &seen});
	rig_populate(&r);
	assert_int_equal(seen.wanted, 0);
	rig_clone(&r, (struct clone_call){.tid = 200,
			      .res = 0,
			      .pid = 200,
			      .ptid = 100,
			      .vtid = 1,
			      .vpid = 1,
			      .cgroup = "/docker/" H});
	assert_int_equal(seen.wanted, 1);
	assert_string_equal(seen.id, ID);
	assert_int_equal(seen.type, LNR_CT_DOCKER);
	assert_int_equal(seen.tid, 200);
	async(&r, "container", META(ID, ""));
	rig_leave(&r);
	/* Known by now. */
	rig_clone(&r, (struct clone_call){.tid = 201,
			      .res = 0,
			      .pid = 201,
			      .ptid = 200,
			      .vtid = 2,
			      .vpid = 2,
			      .cgroup = "/docker/" H});
	assert_int_equal(seen.wanted, 1);
	rig_exit(&r, 201);
	assert_int_equal(seen.gone, 0);
	rig_exit(&r, 200); /* its init */
	assert_int_equal(seen.gone, 1);
	assert_int_equal(seen.tid, 200);
	/* No runtime to ask: known at once. */
	rig_clone(&r,
		(struct clone_call){
			.tid = 300, .res = 0, .pid = 300, .ptid = 100, .cgroup = "/bpm-web.scope"});
	assert_int_equal(seen.wanted, 1);
	assert_int_equal(
		lnr_containers_get(lnr_state_containers(r.st), LNR_STR("web"))->type, LNR_CT_BPM);
	rig_done(&r);
}

static void static_container(void **state)
{
	struct rig r;
	(void)state;
	rig_init_opts(
		&r, (struct lnr_state_opts){
			    .static_container = "fixed", .static_name = "n", .static_image = "i"});
	rig_populate(&r);
	assert_blob(rig_thread(&r, 100)->container_id, "fixed");
	rig_clone(
		&r, (struct clone_call){
			    .tid = 200, .res = 0, .pid = 200, .ptid = 100, .cgroup = "/docker/" H});
	assert_blob(rig_thread(&r, 200)->container_id, "fixed");
	rig_openat_enter(&r, 200, 5, "x");
	assert_int_equal(r.ev.container->type, LNR_CT_STATIC);
	assert_string_equal(json_string_value(json_object_get(r.ev.container->meta, "name")), "n");
	assert_string_equal(json_string_value(json_object_get(r.ev.container->meta, "image")), "i");
	rig_leave(&r);
	rig_done(&r);
}

static void image_parts(void **state)
{
	static const struct {
		const char *image, *repo, *tag, *digest;
	} rows[] = {
		{NULL, "", "", ""},
		{"nginx", "nginx", "", ""},
		{"nginx:1.2", "nginx", "1.2", ""},
		{"docker.io/library/nginx:1.2", "docker.io/library/nginx", "1.2", ""},
		{"localhost:5000/a/b:t@sha256:00", "localhost:5000/a/b", "t", "sha256:00"},
		{"h/a@sha256:00", "h/a", "", "sha256:00"},
	};
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct rig r;
		rig_init_opts(&r, (struct lnr_state_opts){.static_container = "fixed",
					  .static_image = rows[i].image});
		json_t *meta =
			lnr_containers_get(lnr_state_containers(r.st), LNR_STR("fixed"))->meta;
		assert_string_equal(
			json_string_value(json_object_get(meta, "imagerepo")), rows[i].repo);
		assert_string_equal(
			json_string_value(json_object_get(meta, "imagetag")), rows[i].tag);
		assert_string_equal(
			json_string_value(json_object_get(meta, "imagedigest")), rows[i].digest);
		rig_done(&r);
	}
}

/* A thread that moves between cgroups. */
static void moving(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	assert_null(t->container_id);
	for (int i = 0; i < 4; i++) {
		rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 100);
		rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_res, 0);
		if (i & 1)
			rig_items(&r, LNR_P_SYSCALL_EXECVE_19_X_cgroups,
				(const char *const[]){"cpu=/", NULL});
		else
			rig_items(&r, LNR_P_SYSCALL_EXECVE_19_X_cgroups,
				(const char *const[]){"cpu=/x.slice", "a=/docker/" H, NULL});
		rig_step(&r);
		assert_blob(t->container_id, i & 1 ? "(none)" : ID);
	}
	rig_done(&r);
}

/* --- addresses --- */

static struct lnr_ip ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct lnr_ip){.family = LNR_AF_INET, .addr = {a, b, c, d}};
}

static void local_addresses(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_iface i4 = {.addr = ip4(10, 30, 0, 5), .mask = ip4(255, 255, 255, 0)};
	struct lnr_iface i6 = {.addr = {.family = LNR_AF_INET6, .addr = {0xfd, 1, [15] = 5}}};
	assert_int_equal(lnr_state_add_iface(r.st, &i4), 0);
	assert_int_equal(lnr_state_add_iface(r.st, &i6), 0);
	struct lnr_ip own = ip4(10, 30, 0, 5), near = ip4(10, 30, 0, 6), c1 = ip4(172, 17, 0, 2),
		      c2 = ip4(172, 17, 0, 3);
	struct lnr_ip net6 = {.family = LNR_AF_INET6, .addr = {0xfd, 1, [15] = 9}};
	struct lnr_ip other6 = {.family = LNR_AF_INET6, .addr = {0xfd, 2, [15] = 5}};
	struct lnr_thread *host = rig_thread(&r, 100);
	assert_true(lnr_state_is_local_ip(r.st, host, &own));
	assert_true(lnr_state_is_local_ip(r.st, NULL, &own));
	assert_false(lnr_state_is_local_ip(r.st, host, &near));
	assert_true(lnr_state_is_local_ip(r.st, host, &net6)); /* same 64 bits */
	assert_false(lnr_state_is_local_ip(r.st, host, &other6));
	rig_clone(
		&r, (struct clone_call){
			    .tid = 200, .res = 0, .pid = 200, .ptid = 100, .cgroup = "/docker/" H});
	struct lnr_thread *in = rig_thread(&r, 200);
	/* Nothing known of it: any container's address will do, and no other. */
	assert_false(lnr_state_is_local_ip(r.st, in, &c2));
	assert_false(lnr_state_is_local_ip(r.st, in, &own));
	async(&r, "container", META("other", ",\"ip\":\"172.17.0.3\""));
	rig_leave(&r);
	assert_true(lnr_state_is_local_ip(r.st, in, &c2));
	async(&r, "container", META(ID, ",\"ip\":\"172.17.0.2\""));
	rig_leave(&r);
	assert_true(lnr_state_is_local_ip(r.st, in, &c1));
	assert_true(lnr_state_is_local_ip(r.st, in, &own)); /* of the machine, when not its own */
	assert_false(lnr_state_is_local_ip(r.st, in, &c2));
	assert_false(lnr_state_is_local_ip(r.st, in, &net6));
	async(&r, "container", META(ID, ",\"ip\":\"no address\""));
	rig_leave(&r);
	assert_false(lnr_state_is_local_ip(r.st, in, &c1));
	size_t n;
	assert_non_null(lnr_state_ifaces(r.st, &n));
	assert_int_equal(n, 2);
	for (n = 2; n < LNR_IFACES_MAX; n++)
		assert_int_equal(lnr_state_add_iface(r.st, &i4), 0);
	assert_code(lnr_state_add_iface(r.st, &i4), -ENOSPC);
	rig_done(&r);
}

static int each_alloc(void *arg)
{
	struct lnr_slab slab;
	int r = -ENOMEM;
	(void)arg;
	lnr_slab_init(&slab);
	struct lnr_containers *c = lnr_containers_new(&slab);
	if (c && lnr_containers_add(c, LNR_STR("a"), LNR_CT_DOCKER) &&
		lnr_containers_add(c, LNR_STR("b"), LNR_CT_DOCKER))
		r = 0;
	lnr_containers_free(c);
	lnr_slab_done(&slab);
	return r;
}

static void allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(each_alloc, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(eviction),
		cmocka_unit_test(type_names),
		cmocka_unit_test(old_events),
		cmocka_unit_test(async_events),
		cmocka_unit_test(hook),
		cmocka_unit_test(static_container),
		cmocka_unit_test(image_parts),
		cmocka_unit_test(moving),
		cmocka_unit_test(local_addresses),
		cmocka_unit_test(allocations),
	};
	return cmocka_run_group_tests_name("state/containers", tests, NULL, NULL);
}
