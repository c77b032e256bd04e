/* SPDX-License-Identifier: Apache-2.0 */
/* Container ids in cgroup paths (spec events-and-state 10.1). */
#include "state_test.h"
#include "schema/limits.h"
#include "state/cgroup.h"

/* 64 hexadecimal digits; the first twelve are the id. */
#define H   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"
#define ID  "0123456789ab"
#define POD "podd2f1a2ce_5a0e_4b9b_8d6e_6f1d3a4b5c6d"

static const struct {
	const char *path, *id; /* NULL = host */
	int type;
} rows[] = {
	/* podman */
	{"/machine.slice/libpod-" H ".scope", ID, LNR_CT_PODMAN},
	{"/machine.slice/libpod-" H ".scope/container", ID, LNR_CT_PODMAN},
	{"/machine.slice/libpod-" H, ID, LNR_CT_PODMAN},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" H ".scope", ID,
		LNR_CT_PODMAN},
	{"/x/libpod-payload-" H, ID, LNR_CT_PODMAN},
	{"/x/libpod-payload-" H ".scope", ID, LNR_CT_PODMAN},
	{"/x/libpod-payload-" H ".scope/container", ID, LNR_CT_PODMAN},
	{"/machine.slice/libpod-conmon-" H ".scope", NULL, LNR_CT_HOST},
	/* docker */
	{"/docker/" H, ID, LNR_CT_DOCKER},
	{"/" H, ID, LNR_CT_DOCKER},
	{"/system.slice/docker-" H ".scope", ID, LNR_CT_DOCKER},
	{"/kubepods/besteffort/" POD "/" H, ID, LNR_CT_DOCKER},
	{"/docker/" H "0", NULL, LNR_CT_HOST}, /* 65 characters are no name either */
	/* Kubernetes */
	{"/kubepods/besteffort/" POD "/crio-" H, ID, LNR_CT_CRI},
	{"/kubepods.slice/kubepods-" POD ".slice/cri-containerd-" H ".scope", ID, LNR_CT_CRI},
	{"/kubepods.slice/kubepods-" POD ".slice/crio-" H ".scope", ID, LNR_CT_CRI},
	{"/kubepods.slice/kubepods-" POD ".slice/docker-" H ".scope", ID, LNR_CT_DOCKER},
	{"/kubepods-burstable-" POD ".slice:cri-containerd:" H, ID, LNR_CT_CRI},
	{"/system.slice/nerdctl-" H ".scope", ID, LNR_CT_CRI},
	{"/system.slice/crio-conmon-" H ".scope", NULL, LNR_CT_HOST},
	{"/system.slice/cri-containerd-" H "0.scope", NULL, LNR_CT_HOST},
	{"/system.slice/docker-" H, NULL, LNR_CT_HOST}, /* nor are 71 */
	/* containerd's own clients */
	{"/default/web", "web", LNR_CT_CONTAINERD},
	{"/default/0123456789abcdef", "0123456789ab", LNR_CT_CONTAINERD},
	{"/k8s.io/a", "a", LNR_CT_CONTAINERD},
	{"/a.b-c_d/x", "x", LNR_CT_CONTAINERD},
	{"/system.slice/foo.mount", "foo.mount", LNR_CT_CONTAINERD},
	{"/system.slice/ssh.service", NULL, LNR_CT_HOST},
	{"/user.slice/user-0.slice", NULL, LNR_CT_HOST},
	{"/user.slice/session-3.scope", NULL, LNR_CT_HOST},
	{"/default/", NULL, LNR_CT_HOST},
	{"/default", NULL, LNR_CT_HOST},
	{"//x", NULL, LNR_CT_HOST},
	{"/-a/x", NULL, LNR_CT_HOST},
	{"/a-/x", NULL, LNR_CT_HOST},
	{"/a..b/x", NULL, LNR_CT_HOST},
	{"/a b/x", NULL, LNR_CT_HOST},
	/* lxc: of these paths the first part is a namespace to containerd, which comes first */
	{"/lxc.payload.web", "web", LNR_CT_LXC},
	{"/lxc.payload.web/init.scope", "web", LNR_CT_LXC},
	{"/lxc/web/x.scope", "web", LNR_CT_LXC},
	/* libvirt */
	{"/machine.slice/machine-lxc\\x2d7\\x2dweb.scope", "7\\x2dweb", LNR_CT_LIBVIRT_LXC},
	{"/machine.slice/machine-lxc\\x2d7\\x2dweb.scope/libvirt", "machine-lxc\\",
		LNR_CT_CONTAINERD},
	{"/web.libvirt-lxc", "web", LNR_CT_LIBVIRT_LXC},
	{"/libvirt/lxc/x.scope", "x.scope", LNR_CT_LXC},
	/* bpm */
	{"/bpm-web_1.2-a.scope", "web_1.2-a", LNR_CT_BPM},
	{"/bpm-we b.scope", NULL, LNR_CT_HOST},
	{"/system.slice/bpm-web.scope", "web", LNR_CT_BPM},
	{"/bpm-.scope", NULL, LNR_CT_HOST},
	/* nothing */
	{"", NULL, LNR_CT_HOST},
	{"/", NULL, LNR_CT_HOST},
	{"/init.scope", NULL, LNR_CT_HOST},
	{"/../../x.slice", NULL, LNR_CT_HOST},
};

static void patterns(void **state)
{
	int wrong = 0;
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		int type = -1;
		struct lnr_str id = lnr_cgroup_container(lnr_str_c(rows[i].path), &type);
		struct lnr_str want = lnr_str_c(rows[i].id ? rows[i].id : "");
		if (lnr_str_eq(id, want) && type == rows[i].type)
			continue;
		print_message("%s: \"%.*s\" of type %d, not \"%s\" of %d\n", rows[i].path,
			LNR_STR_ARG(id), type, want.ptr, rows[i].type);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* On a machine at work only usual namespaces are containerd's; everything else is as above. */
static void patterns_live(void **state)
{
	static const struct {
		const char *path, *id;
		int type;
	} live[] = {
		{"/default/web", "web", LNR_CT_CONTAINERD},
		{"/k8s.io/a", "a", LNR_CT_CONTAINERD},
		{"/docker/x/default/0123456789abcdef", "0123456789ab", LNR_CT_CONTAINERD},
		{"/buildkit/a.b-c", "a.b-c", LNR_CT_CONTAINERD},
		{"/docker/" H, ID, LNR_CT_DOCKER},
		{"/anything/" H, ID, LNR_CT_DOCKER},
		{"/kubepods.slice/kubepods-" POD ".slice/cri-containerd-" H ".scope", ID,
			LNR_CT_CRI},
		{"/a.b-c_d/x", NULL, LNR_CT_HOST},
		{"/a/8042fa55785f7429db7c8a6bfc4c7c3a", NULL, LNR_CT_HOST},
		{"/system.slice/foo.mount", NULL, LNR_CT_HOST},
		{"/default/a/b", NULL, LNR_CT_HOST},
		{"/default/x.service", NULL, LNR_CT_HOST},
		{"/default/", NULL, LNR_CT_HOST},
		{"/lxc/web", "web", LNR_CT_LXC}, /* no namespace of that name */
		{"/machine.slice/machine-lxc\\x2d7\\x2dweb.scope/libvirt", "7\\x2dweb",
			LNR_CT_LIBVIRT_LXC},
	};
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(live); i++) {
		int type = -1;
		struct lnr_str id = lnr_cgroup_container_live(lnr_str_c(live[i].path), &type);
		if (!lnr_str_eq(id, lnr_str_c(live[i].id ? live[i].id : "")) ||
			type != live[i].type)
			fail_msg("%s: \"%.*s\" of type %d", live[i].path, LNR_STR_ARG(id), type);
	}
}

/* Near misses of the digits. */
static void digits(void **state)
{
	char path[100];
	(void)state;
	for (size_t i = 0; i < 64; i++) {
		int type;
		snprintf(path, sizeof(path), "/system.slice/docker-%s.scope", H);
		path[strlen("/system.slice/docker-") + i] = 'g';
		assert_int_equal(lnr_cgroup_container(lnr_str_c(path), &type).len, 0);
	}
	int type;
	static const char nul[] = "/system.slice/docker-0123456789abcdef0123456789abcdef"
				  "0123456789abcdef0123456789ABCDE\0.scope";
	assert_int_equal(
		lnr_cgroup_container((struct lnr_str){nul, sizeof(nul) - 1}, &type).len, 0);
}

static void engines_off(void **state)
{
	struct lnr_cgroup_cache c;
	int type;
	(void)state;
	lnr_cgroup_cache_init(&c);
	assert_str(lnr_cgroup_lookup(&c, LNR_ENGINE_BIT_DOCKER, LNR_STR("/docker/" H), &type), ID);
	assert_int_equal(type, LNR_CT_CRI);
	lnr_cgroup_cache_done(&c);
	lnr_cgroup_cache_init(&c);
	assert_int_equal(lnr_cgroup_lookup(&c, UINT32_MAX, LNR_STR("/docker/" H), &type).len, 0);
	assert_int_equal(type, LNR_CT_HOST);
	lnr_cgroup_cache_done(&c);
	/* As an option of the state. */
	struct rig r;
	rig_init_opts(&r, (struct lnr_state_opts){.engines_off = LNR_ENGINE_BIT_CONTAINERD});
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){
			      .tid = 200, .res = 0, .pid = 200, .ptid = 100, .cgroup = "/a/web"});
	assert_null(rig_thread(&r, 200)->container_id);
	rig_clone(
		&r, (struct clone_call){
			    .tid = 201, .res = 0, .pid = 201, .ptid = 100, .cgroup = "/docker/" H});
	assert_blob(rig_thread(&r, 201)->container_id, ID);
	rig_done(&r);
}

/* More paths than are kept: all are still right. */
static void cache(void **state)
{
	struct lnr_cgroup_cache c;
	(void)state;
	lnr_cgroup_cache_init(&c);
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < LNR_CGROUP_CACHE_MAX + 100; i++) {
			char path[64], want[16];
			int type;
			snprintf(path, sizeof(path), "/default/c%u", i);
			snprintf(want, sizeof(want), "c%u", i);
			assert_str(lnr_cgroup_lookup(&c, 0, lnr_str_c(path), &type), want);
			assert_str(lnr_cgroup_lookup(&c, 0, lnr_str_c(path), &type), want);
			assert_int_equal(type, LNR_CT_CONTAINERD);
			assert_true(c.map.len <= LNR_CGROUP_CACHE_MAX);
		}
	}
	lnr_cgroup_cache_done(&c);
}

/* What a thread keeps of its cgroups. */
static void items(void **state)
{
	static const struct {
		const char *items, *want;
		size_t items_len, want_len;
	} lists[] = {
#define ROW(a, b) {a, b, sizeof(a) - 1, sizeof(b) - 1}
		ROW("cpu=/a\0mem=/b\0", "cpu=/a\0memory=/b\0"),
		ROW("cpu=/a\0mem=/b", "cpu=/a\0memory=/b\0"),
		ROW("perf=/\0io=/\0", "perf_event=/\0blkio=/\0"),
		ROW("cpu_cgroup=/x\0perf_cgroup=/\0", "cpu=/x\0perf_event=/\0"),
		ROW("=\0", "=\0"),
		ROW("a=b=c\0", "a=b=c\0"),
#undef ROW
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(lists); i++) {
		rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 100);
		rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_res, 0);
		rig_bytes(
			&r, LNR_P_SYSCALL_EXECVE_19_X_cgroups, lists[i].items, lists[i].items_len);
		rig_step(&r);
		assert_bytes(lnr_blob_str(t->cgroups),
			((struct lnr_str){lists[i].want, lists[i].want_len}));
	}
	/* No list: nothing changes. */
	rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 100);
	rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_res, 0);
	rig_bytes(&r, LNR_P_SYSCALL_EXECVE_19_X_cgroups, "cpu=/q\0oops\0", 12);
	rig_step(&r);
	assert_bytes(lnr_blob_str(t->cgroups), LNR_STR("a=b=c\0"));
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(patterns_live),
		cmocka_unit_test(digits),
		cmocka_unit_test(engines_off),
		cmocka_unit_test(cache),
		cmocka_unit_test(items),
	};
	return cmocka_run_group_tests_name("state/cgroup", tests, NULL, NULL);
}
