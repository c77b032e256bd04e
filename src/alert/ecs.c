/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert in the Elastic Common Schema, version 8.11 (schema/json/alert-ecs.schema.json). What has
 * no place there is below "lanner", every output field that has a value, with its type; dots in
 * names are written as underscores, since an index takes a dot for an object and a field cannot be
 * both.
 */
#include "alert/alert_priv.h"
#include "alert/shape.h"

#define ECS_VERSION "8.11.0"

static const struct lnr_shape_row rows[] = {
	{"container.id", "container.id", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER, NULL},
	{"container.image.name", "container.image.repository", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER,
		NULL},
	{"container.name", "container.name", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER, NULL},
	{"container.runtime", "container.type", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER, NULL},
	{"destination.ip", "fd.sip", LNR_SHAPE_ADDRESS, LNR_SHAPE_NETWORK, NULL},
	{"destination.port", "fd.sport", LNR_SHAPE_WHOLE, LNR_SHAPE_NETWORK, NULL},
	{"file.path", "fs.path.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"file.path", "fd.name", LNR_SHAPE_TEXT, LNR_SHAPE_FILE, NULL},
	{"file.target_path", "fs.path.target", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"file.directory", "fd.directory", LNR_SHAPE_TEXT, LNR_SHAPE_FILE, NULL},
	{"file.name", "fd.filename", LNR_SHAPE_TEXT, LNR_SHAPE_FILE, NULL},
	{"network.transport", "fd.l4proto", LNR_SHAPE_TEXT, LNR_SHAPE_NETWORK, NULL},
	{"network.type", "fd.type", LNR_SHAPE_TEXT, LNR_SHAPE_NETWORK, NULL},
	{"orchestrator.namespace", "k8s.ns.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"orchestrator.namespace", "ka.target.namespace", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"orchestrator.resource.name", "k8s.pod.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"orchestrator.resource.name", "ka.target.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"orchestrator.resource.type", "k8s.pod.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, "\"pod\""},
	{"orchestrator.resource.type", "ka.target.resource", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS,
		NULL},
	{"orchestrator.type", "k8s.pod.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, "\"kubernetes\""},
	{"orchestrator.type", "ka.verb", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, "\"kubernetes\""},
	{"process.command_line", "proc.cmdline", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.executable", "proc.exepath", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.group.id", "group.gid", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.group.name", "group.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.name", "proc.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.parent.command_line", "proc.pcmdline", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.parent.executable", "proc.pexepath", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.parent.name", "proc.pname", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.parent.pid", "proc.ppid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.pid", "proc.pid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.start", "proc.pid.ts", LNR_SHAPE_DATE, LNR_SHAPE_ALWAYS, NULL},
	{"process.thread.id", "thread.tid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.vpid", "proc.vpid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.working_directory", "proc.cwd", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"source.ip", "fd.cip", LNR_SHAPE_ADDRESS, LNR_SHAPE_NETWORK, NULL},
	{"source.port", "fd.cport", LNR_SHAPE_WHOLE, LNR_SHAPE_NETWORK, NULL},
	{"user.id", "user.uid", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"user.name", "user.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"user.name", "ka.user.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
};

/* Fields that are used apart from the rows. */
static const char *const further[] = {
	"evt.type", "evt.res", "evt.category", "fd.type", "container.image.tag"};

const char *lnr_shape_ecs_field(size_t i)
{
	return lnr_shape_nth_field(i, rows, LNR_ARRAY_SIZE(rows), further, LNR_ARRAY_SIZE(further));
}

/* What kind of matter it is, by the first part of a call's name; ECS allows these words only. */
static const struct {
	const char *call, *category, *type;
} matters[] = {
	{"execve", "process", "start"},
	{"clone", "process", "start"},
	{"fork", "process", "start"},
	{"vfork", "process", "start"},
	{"procexit", "process", "end"},
	{"ptrace", "process", "access"},
	{"kill", "process", "change"},
	{"open", "file", "access"},
	{"creat", "file", "creation"},
	{"mkdir", "file", "creation"},
	{"mknod", "file", "creation"},
	{"link", "file", "creation"},
	{"symlink", "file", "creation"},
	{"unlink", "file", "deletion"},
	{"rmdir", "file", "deletion"},
	{"rename", "file", "change"},
	{"chmod", "file", "change"},
	{"fchmod", "file", "change"},
	{"chown", "file", "change"},
	{"fchown", "file", "change"},
	{"connect", "network", "connection"},
	{"accept", "network", "connection"},
	{"bind", "network", "info"},
	{"listen", "network", "info"},
	{"send", "network", "info"},
	{"recv", "network", "info"},
	{"init_module", "driver", "installation"},
	{"finit_module", "driver", "installation"},
	{"set", "iam", "change"},
};

static void put_list(struct lnr_json *j, const char *key, const char *x, const char *y)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_open(j, '[');
	lnr_json_str(j, lnr_str_c(x));
	if (y)
		lnr_json_str(j, lnr_str_c(y));
	lnr_json_close(j, ']');
}

static void put_matter(struct lnr_json *j, struct lnr_str call)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(matters); i++) {
		if (!lnr_str_starts(call, lnr_str_c(matters[i].call)))
			continue;
		put_list(j, "category", "intrusion_detection", matters[i].category);
		put_list(j, "type", matters[i].type, NULL);
		return;
	}
	put_list(j, "category", "intrusion_detection", NULL);
	put_list(j, "type", "info", NULL);
}

static void put_date(
	struct lnr_json *j, const struct lnr_alert *a, const char *key, const char *field)
{
	uint64_t ns;
	if (lnr_str_u64(lnr_shape_value(a, field), &ns))
		return;
	lnr_json_key(j, lnr_str_c(key));
	lnr_shape_date(j, ns);
}

static void put_event(struct lnr_json *j, const struct lnr_alert *a)
{
	struct lnr_str call = lnr_shape_text(a, "evt.type"), res = lnr_shape_text(a, "evt.res");
	if (!call.len)
		call = lnr_shape_text(a, "ka.verb");
	lnr_json_key(j, LNR_STR("event"));
	lnr_json_open(j, '{');
	if (call.len)
		lnr_shape_member_str(j, "action", call);
	put_matter(j, call);
	lnr_shape_member(j, "dataset", "lanner.alerts");
	put_date(j, a, "end", LNR_ALERT_LAST);
	lnr_shape_member(j, "id", a->id);
	lnr_shape_member(j, "kind", "alert");
	lnr_shape_member(j, "module", "lanner");
	lnr_shape_member(j, "outcome",
		!res.len			      ? "unknown"
		: lnr_str_eq(res, LNR_STR("SUCCESS")) ? "success"
						      : "failure");
	lnr_shape_member_str(j, "provider", a->source);
	lnr_shape_member_u64(j, "sequence", a->event_num);
	/* Higher is worse, unlike syslog's numbers. */
	lnr_shape_member_u64(j, "severity", (uint64_t)(LNR_PRIO_DEBUG - a->priority));
	put_date(j, a, "start", LNR_ALERT_FIRST);
	lnr_json_close(j, '}');
}

static void put_log(struct lnr_json *j, const struct lnr_alert *a)
{
	static const char *const levels[] = {"emergency", "alert", "critical", "error", "warning",
		"notice", "informational", "debug"};
	lnr_json_key(j, LNR_STR("log"));
	lnr_json_open(j, '{');
	lnr_shape_member(j, "level", levels[a->priority & 7]);
	lnr_json_key(j, LNR_STR("syslog"));
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("severity"));
	lnr_json_open(j, '{');
	lnr_shape_member_u64(j, "code", a->priority);
	lnr_json_close(j, '}');
	lnr_json_close(j, '}');
	lnr_json_close(j, '}');
}

static void put_own(struct lnr_json *j, const struct lnr_alert *a)
{
	struct lnr_str count = lnr_shape_value(a, LNR_ALERT_COUNT);
	struct lnr_buf name;
	lnr_buf_init(&name, 0);
	lnr_json_key(j, LNR_STR("lanner"));
	lnr_json_open(j, '{');
	if (count.len) {
		lnr_json_key(j, LNR_STR("count"));
		lnr_json_raw(j, count);
	}
	lnr_json_key(j, LNR_STR("output_fields"));
	lnr_json_open(j, '{');
	for (uint32_t i = 0; i < a->n_values; i++) {
		if (lnr_shape_empty(a->values[i].json))
			continue;
		lnr_buf_clear(&name);
		lnr_buf_str(&name, a->values[i].key);
		for (size_t k = 0; k < name.len; k++) {
			if (strchr(".[]", name.ptr[k]))
				name.ptr[k] = '_';
		}
		lnr_json_key(j, lnr_buf_view(&name));
		lnr_json_raw(j, a->values[i].json);
	}
	lnr_json_close(j, '}');
	lnr_json_close(j, '}');
	lnr_buf_done(&name);
}

static void put_threat_list(
	struct lnr_json *j, const struct lnr_alert *a, const char *key, int which)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_open(j, '[');
	for (uint32_t i = 0; i < a->n_tags; i++) {
		struct lnr_str t = a->tags[i], tactic = lnr_shape_tactic(t);
		bool sub = false, technique = lnr_shape_technique(t, &sub);
		if (which == 0 && tactic.len)
			lnr_json_str(j, tactic);
		else if (which == 1 && technique)
			lnr_json_str(j, lnr_str_sub(t, 0, 5));
		else if (which == 2 && technique && sub)
			lnr_json_str(j, t);
	}
	lnr_json_close(j, ']');
}

static void put_threat(struct lnr_json *j, const struct lnr_alert *a)
{
	bool tactics = false, techniques = false, subs = false;
	for (uint32_t i = 0; i < a->n_tags; i++) {
		bool sub = false;
		tactics |= lnr_shape_tactic(a->tags[i]).len != 0;
		if (lnr_shape_technique(a->tags[i], &sub)) {
			techniques = true;
			subs |= sub;
		}
	}
	if (!tactics && !techniques)
		return;
	lnr_json_key(j, LNR_STR("threat"));
	lnr_json_open(j, '{');
	lnr_shape_member(j, "framework", "MITRE ATT&CK");
	if (tactics) {
		lnr_json_key(j, LNR_STR("tactic"));
		lnr_json_open(j, '{');
		put_threat_list(j, a, "name", 0);
		lnr_json_close(j, '}');
	}
	if (techniques) {
		lnr_json_key(j, LNR_STR("technique"));
		lnr_json_open(j, '{');
		put_threat_list(j, a, "id", 1);
		if (subs) {
			lnr_json_key(j, LNR_STR("subtechnique"));
			lnr_json_open(j, '{');
			put_threat_list(j, a, "id", 2);
			lnr_json_close(j, '}');
		}
		lnr_json_close(j, '}');
	}
	lnr_json_close(j, '}');
}

static void put_pair(struct lnr_json *j, const char *object, const char *key, struct lnr_str value)
{
	lnr_json_key(j, lnr_str_c(object));
	lnr_json_open(j, '{');
	lnr_shape_member_str(j, key, value);
	lnr_json_close(j, '}');
}

void lnr_alert_write_ecs(const struct lnr_alert *a, struct lnr_buf *out)
{
	struct lnr_json j;
	lnr_json_init(&j, out);
	lnr_json_open(&j, '{');
	lnr_json_key(&j, LNR_STR("@timestamp"));
	lnr_shape_date(&j, a->time_ns);
	put_pair(&j, "ecs", "version", LNR_STR(ECS_VERSION));
	put_event(&j, a);
	put_pair(&j, "host", "name", a->hostname);
	put_own(&j, a);
	put_log(&j, a);
	lnr_shape_member_str(&j, "message", a->message);
	lnr_json_key(&j, LNR_STR("observer"));
	lnr_json_open(&j, '{');
	lnr_shape_member(&j, "product", "Lanner");
	lnr_shape_member(&j, "type", "sensor");
	lnr_shape_member(&j, "vendor", "Lanner");
	lnr_shape_member(&j, "version", LNR_VERSION);
	lnr_json_close(&j, '}');
	put_pair(&j, "rule", "name", a->rule);
	lnr_json_key(&j, LNR_STR("tags"));
	lnr_json_open(&j, '[');
	for (uint32_t i = 0; i < a->n_tags; i++)
		lnr_json_str(&j, a->tags[i]);
	lnr_json_close(&j, ']');
	put_threat(&j, a);
	lnr_shape_put(&j, a, rows, LNR_ARRAY_SIZE(rows));
	lnr_json_close(&j, '}');
}
