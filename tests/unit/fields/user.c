/* SPDX-License-Identifier: Apache-2.0 */
/* user.*, group.* and container.*, k8s.*: who, and in which box. */
#include "fixture.h"

static void test_user(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 400, 1000);
	want_rows(f, {"user.uid", "1000"}, {"user.name", "alice"}, {"user.homedir", "/home/alice"},
		{"user.shell", "/bin/zsh"}, {"user.loginuid", "1000"}, {"user.loginname", "alice"},
		{"group.gid", "1000"}, {"group.name", "staff"});
	want_json(f, "user.uid", "1000");
	want_json(f, "user.loginuid", "1000");
}

static void test_unknown_users(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 400, 0);
	f->ev.thread->uid = f->ev.thread->gid = f->ev.thread->loginuid = 77;
	want_rows(f, {"user.uid", "77"}, {"user.name", "<NA>"}, {"user.homedir", "<NA>"},
		{"user.shell", "<NA>"}, {"user.loginname", "<NA>"}, {"group.name", "<NA>"});
	f->ev.thread->uid = f->ev.thread->gid = f->ev.thread->loginuid = UINT32_MAX;
	want_rows(f, {"user.uid", "4294967295"}, {"user.name", "<NA>"}, {"user.loginuid", "-1"},
		{"user.loginname", "<NA>"}, {"group.gid", "4294967295"}, {"group.name", "<NA>"});
	want_json(f, "user.loginuid", "-1");
}

/* There is no way back to the host's table, only root is known everywhere. */
static void test_users_in_container(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 500, 0);
	f->ev.thread->loginuid = 0;
	want_rows(f, {"user.name", "boxed"}, {"user.homedir", "/b"}, {"user.loginname", "root"},
		{"group.name", "crew"});
	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 510, 0);
	want_rows(f, {"user.name", "root"}, {"user.homedir", "/root"}, {"user.shell", "<NA>"},
		{"group.name", "root"});
}

/* --- containers --- */

static const char box[] =
	"{\"container\":{\"type\":7,\"id\":\"0123456789ab\",\"full_id\":\"0123456789ab-full\","
	"\"name\":\"web\",\"image\":\"reg/app:1\",\"imageid\":\"iid\",\"imagerepo\":\"reg/app\","
	"\"imagetag\":\"1\",\"imagedigest\":\"sha256:d\",\"User\":\"www\",\"ip\":\"10.1.2.3\","
	"\"cni_json\":\"\",\"privileged\":true,\"host_pid\":false,\"host_network\":true,"
	"\"host_ipc\":false,\"pod_sandbox_id\":\"abcdefabcdef9999\","
	"\"labels\":{\"zone\":\"b\",\"app\":\"web\",\"flag\":\"\",\"annotation.x\":\"y\","
	"\"io.kubernetes.pod.name\":\"web-0\",\"io.kubernetes.pod.namespace\":\"prod\","
	"\"io.kubernetes.pod.uid\":\"uid-1\"},"
	"\"pod_sandbox_labels\":{\"own\":\"1\"},"
	"\"Mounts\":[{\"Source\":\"/proc\",\"Destination\":\"/host/proc\",\"Mode\":\"rw\","
	"\"RW\":true,\"Propagation\":\"private\"},"
	"{\"Source\":\"/var/data\",\"Destination\":\"/data\",\"Mode\":\"\",\"RW\":false,"
	"\"Propagation\":\"\"},null]}}";
static const char sandbox[] =
	"{\"container\":{\"type\":7,\"id\":\"abcdefabcdef\",\"ip\":\"10.9.9.9\","
	"\"cni_json\":\"{\\\"a\\\":1}\",\"pod_sandbox_labels\":{\"tier\":\"front\",\"own\":\"2\"}}"
	"}";

static void describe(struct fx *f, const char *json)
{
	assert_ok(lnr_containers_json(lnr_state_containers(f->st), lnr_str_c(json)), NULL);
}

/* An event of a process in the container. */
static void boxed_event(struct fx *f)
{
	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 500, 0);
	f->ev.container = lnr_containers_get(lnr_state_containers(f->st), LNR_STR("0123456789ab"));
}

static void test_described(void **state)
{
	struct fx *f = *state;

	describe(f, box);
	boxed_event(f);
	want_rows(f, {"container.id", "0123456789ab"}, {"container.full_id", "0123456789ab-full"},
		{"container.name", "web"}, {"container.image", "reg/app:1"},
		{"container.image.id", "iid"}, {"container.image.repository", "reg/app"},
		{"container.image.tag", "1"}, {"container.image.digest", "sha256:d"},
		{"container.type", "containerd"}, {"container.privileged", "true"},
		{"container.host_pid", "false"}, {"container.host_network", "true"},
		{"container.host_ipc", "false"}, {"container.ip", "10.1.2.3"},
		{"container.cni.json", ""}, {"container.label[app]", "web"},
		{"container.label[flag]", ""}, {"container.labels", "app:web, flag, zone:b"},
		{"container.start_ts", "1699999940123456789"},
		{"container.duration", "60000000000"});
	want_json(f, "container.privileged", "true");
	want_json(f, "container.start_ts", "1699999940123456789");
	absent(f, "container.label[none]");
	absent(f, "container.healthcheck");
	absent(f, "container.liveness_probe");
	absent(f, "proc.is_container_healthcheck");
	/* The thread leads to the same entry. */
	f->ev.container = NULL;
	want_rows(f, {"container.name", "web"});
}

static void test_mounts(void **state)
{
	struct fx *f = *state;

	describe(f, box);
	boxed_event(f);
	want_rows(f,
		{"container.mounts",
			"/proc:/host/proc:rw:true:private,/var/data:/data::false:,:::false:"},
		{"container.mount[0]", "/proc:/host/proc:rw:true:private"},
		{"container.mount[1]", "/var/data:/data::false:"},
		{"container.mount[/proc*]", "/proc:/host/proc:rw:true:private"},
		{"container.mount[data$]", "/var/data:/data::false:"},
		{"container.mount.dest[/proc]", "/host/proc"},
		{"container.mount.source[/host]", "/proc"},
		{"container.mount.source[^/data$]", "/var/data"}, {"container.mount.mode[0]", "rw"},
		{"container.mount.mode[/var]", ""}, {"container.mount.rdwr[0]", "true"},
		{"container.mount.rdwr[1]", "false"},
		{"container.mount.propagation[/proc]", "private"});
	absent(f, "container.mount[3]");
	absent(f, "container.mount[18446744073709551615]");
	absent(f, "container.mount[/none]");
	absent(f, "container.mount.source[/proc/]");
}

/* An expression that would run for ever finds nothing. */
static void test_slow_expression(void **state)
{
	struct fx *f = *state;

	describe(f, "{\"container\":{\"type\":0,\"id\":\"0123456789ab\",\"Mounts\":[{\"Source\":"
		    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}]}}");
	boxed_event(f);
	absent(f, "container.mount[(a+)+b]");
	want(f, "container.mount.mode[^a+!$]", "");
}

/* Identity is there at once; the rest waits for the runtime's answer. */
static void test_not_described_yet(void **state)
{
	struct fx *f = *state;

	boxed_event(f);
	want_rows(
		f, {"container.id", "0123456789ab"}, {"container.start_ts", "1699999940123456789"});
	absent(f, "container.name");
	absent(f, "container.full_id");
	absent(f, "container.type");
	absent(f, "container.privileged");
	absent(f, "container.mounts");
	absent(f, "container.mount[0]");
	absent(f, "container.labels");
	absent(f, "container.label[app]");
	absent(f, "k8s.pod.name");
	absent(f, "k8s.pod.labels");
	absent(f, "k8s.pod.ip");
	absent(f, "k8s.pod.sandbox_id");
	assert_non_null(lnr_containers_add(
		lnr_state_containers(f->st), LNR_STR("0123456789ab"), LNR_CT_CRI));
	boxed_event(f);
	want(f, "container.id", "0123456789ab");
	absent(f, "container.name");
}

static void test_host(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 400, 0);
	want_rows(f, {"container.id", "host"}, {"container.full_id", "host"},
		{"container.name", "host"}, {"container.type", "host"}, {"container.image", ""},
		{"container.image.tag", ""}, {"container.privileged", "false"},
		{"container.host_pid", "false"}, {"container.mounts", ""}, {"container.labels", ""},
		{"container.ip", ""}, {"k8s.pod.sandbox_id", ""}, {"k8s.pod.labels", ""},
		{"k8s.pod.ip", ""}, {"k8s.pod.cni.json", ""});
	absent(f, "k8s.pod.name");
	absent(f, "k8s.ns.name");
	absent(f, "container.mount[0]");
	absent(f, "container.label[app]");
	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 300, 0);
	absent(f, "container.start_ts"); /* not known */
	absent(f, "container.duration");
	fx_event_res(f, LNR_EV_SYSCALL_GETUID_X, 4000, 0);
	absent(f, "container.id");
	absent(f, "container.name");
}

static void test_pod(void **state)
{
	struct fx *f = *state;

	describe(f, box);
	boxed_event(f);
	want_rows(f, {"k8s.pod.name", "web-0"}, {"k8s.ns.name", "prod"}, {"k8s.pod.id", "uid-1"},
		{"k8s.pod.uid", "uid-1"}, {"k8s.pod.sandbox_id", "abcdefabcdef"},
		{"k8s.pod.full_sandbox_id", "abcdefabcdef9999"}, {"k8s.pod.labels", "own:1"},
		{"k8s.pod.label[own]", "1"});
	/* The sandbox is not known yet and the container has no network of its own. */
	absent(f, "k8s.pod.ip");
	absent(f, "k8s.pod.cni.json");
	absent(f, "k8s.pod.label[tier]");
	absent(f, "k8s.rc.name");
	absent(f, "k8s.deployment.label[x]");

	describe(f, sandbox);
	boxed_event(f);
	want_rows(f, {"k8s.pod.labels", "own:2, tier:front"}, {"k8s.pod.label[tier]", "front"},
		{"k8s.pod.label[own]", "2"}, {"k8s.pod.ip", "10.9.9.9"},
		{"k8s.pod.cni.json", "{\"a\":1}"});
}

static void test_pod_with_own_network(void **state)
{
	struct fx *f = *state;

	describe(f, sandbox);
	describe(f, "{\"container\":{\"type\":7,\"id\":\"0123456789ab\",\"ip\":\"10.1.1.1\","
		    "\"cni_json\":\"{}\",\"pod_sandbox_id\":\"abcdefabcdef\","
		    "\"pod_sandbox_labels\":{\"mine\":\"yes\"}}}");
	boxed_event(f);
	want_rows(f, {"k8s.pod.ip", "10.1.1.1"}, {"k8s.pod.cni.json", "{}"},
		{"k8s.pod.labels", "mine:yes"}, {"k8s.pod.label[mine]", "yes"});
	absent(f, "k8s.pod.label[tier]");
}

/* Metadata with other shapes than we expect reads as absent or empty. */
static void test_odd_metadata(void **state)
{
	struct fx *f = *state;

	describe(f, "{\"container\":{\"type\":0,\"id\":\"0123456789ab\",\"name\":5,"
		    "\"labels\":[],\"Mounts\":{},\"privileged\":\"yes\"}}");
	boxed_event(f);
	want_rows(f, {"container.name", ""}, {"container.labels", ""}, {"container.mounts", ""},
		{"container.privileged", "false"}, {"container.type", "docker"});
	absent(f, "container.label[x]");
	absent(f, "container.mount[0]");
}

/* On its metadata event user.name is the image's user. */
static void test_container_event(void **state)
{
	struct fx *f = *state;

	describe(f, box);
	fx_begin(f, LNR_EV_ASYNCEVENT_E, 500);
	lnr_record_u32(&f->b, 0);
	lnr_record_str(&f->b, "container");
	fx_end(f);
	f->ev.container = lnr_containers_get(lnr_state_containers(f->st), LNR_STR("0123456789ab"));
	want_rows(f, {"user.name", "www"}, {"container.name", "web"}, {"user.uid", "1000"});
	want(f, "user.uid_before", "1000");
	f->ev.uid_before = 0;
	want(f, "user.uid_before", "0");
	want(f, "user.uid", "1000");
	fx_begin(f, LNR_EV_ASYNCEVENT_E, 500);
	lnr_record_u32(&f->b, 0);
	lnr_record_str(&f->b, "other");
	fx_end(f);
	want(f, "user.name", "boxed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_user),
		FX_TEST(test_unknown_users),
		FX_TEST(test_users_in_container),
		FX_TEST(test_described),
		FX_TEST(test_mounts),
		FX_TEST(test_slow_expression),
		FX_TEST(test_not_described_yet),
		FX_TEST(test_host),
		FX_TEST(test_pod),
		FX_TEST(test_pod_with_own_network),
		FX_TEST(test_odd_metadata),
		FX_TEST(test_container_event),
	};

	return cmocka_run_group_tests_name("fields/user", tests, NULL, NULL);
}
