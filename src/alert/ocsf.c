/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert as a Detection Finding (class 2004) of the Open Cybersecurity Schema Framework, version
 * 1.3 (schema/json/alert-ocsf.schema.json). What has no place there is in "unmapped", every output
 * field that has a value under its own name and with its type.
 */
#include "alert/alert_priv.h"
#include "alert/shape.h"
#include "base/clock.h"
#include "schema/limits.h"

#define OCSF_VERSION "1.3.0"

/* Parts of one element of "evidences". */
static const struct lnr_shape_row rows[] = {
	{"connection_info.direction_id", "fd.type", LNR_SHAPE_TEXT, LNR_SHAPE_NETWORK, "0"},
	{"connection_info.protocol_name", "fd.l4proto", LNR_SHAPE_TEXT, LNR_SHAPE_NETWORK, NULL},
	{"dst_endpoint.ip", "fd.sip", LNR_SHAPE_ADDRESS, LNR_SHAPE_NETWORK, NULL},
	{"dst_endpoint.port", "fd.sport", LNR_SHAPE_WHOLE, LNR_SHAPE_NETWORK, NULL},
	{"file.name", "fs.path.name", LNR_SHAPE_BASENAME, LNR_SHAPE_ALWAYS, NULL},
	{"file.name", "fd.name", LNR_SHAPE_BASENAME, LNR_SHAPE_FILE, NULL},
	{"file.path", "fs.path.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"file.path", "fd.name", LNR_SHAPE_TEXT, LNR_SHAPE_FILE, NULL},
	/* 1 regular, 2 folder */
	{"file.type_id", "fd.name", LNR_SHAPE_TEXT, LNR_SHAPE_FOLDER, "2"},
	{"file.type_id", "fs.path.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, "1"},
	{"file.type_id", "fd.name", LNR_SHAPE_TEXT, LNR_SHAPE_FILE, "1"},
	{"process.cmd_line", "proc.cmdline", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.container.image.name", "container.image.repository", LNR_SHAPE_TEXT,
		LNR_SHAPE_CONTAINER, NULL},
	{"process.container.image.tag", "container.image.tag", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER,
		NULL},
	{"process.container.image.uid", "container.image.id", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER,
		NULL},
	{"process.container.name", "container.name", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER, NULL},
	{"process.container.orchestrator", "k8s.pod.name", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER,
		"\"kubernetes\""},
	{"process.container.pod_uuid", "k8s.pod.uid", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER, NULL},
	{"process.container.runtime", "container.type", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER, NULL},
	{"process.container.uid", "container.id", LNR_SHAPE_TEXT, LNR_SHAPE_CONTAINER, NULL},
	{"process.created_time", "proc.pid.ts", LNR_SHAPE_MS, LNR_SHAPE_ALWAYS, NULL},
	{"process.file.name", "proc.exepath", LNR_SHAPE_BASENAME, LNR_SHAPE_ALWAYS, NULL},
	{"process.file.path", "proc.exepath", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.file.type_id", "proc.exepath", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, "1"},
	{"process.name", "proc.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.namespace_pid", "proc.vpid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.parent_process.cmd_line", "proc.pcmdline", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS,
		NULL},
	{"process.parent_process.name", "proc.pname", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.parent_process.pid", "proc.ppid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.pid", "proc.pid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.tid", "thread.tid", LNR_SHAPE_WHOLE, LNR_SHAPE_ALWAYS, NULL},
	{"process.user.name", "user.name", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"process.user.uid", "user.uid", LNR_SHAPE_TEXT, LNR_SHAPE_ALWAYS, NULL},
	{"src_endpoint.ip", "fd.cip", LNR_SHAPE_ADDRESS, LNR_SHAPE_NETWORK, NULL},
	{"src_endpoint.port", "fd.cport", LNR_SHAPE_WHOLE, LNR_SHAPE_NETWORK, NULL},
};

/* Fields that decide whether a row holds, or are worth having in "unmapped". */
static const char *const further[] = {"fd.type", "container.id", "evt.type", "evt.res",
	"fs.path.target", "k8s.ns.name", "proc.cwd"};

const char *lnr_shape_ocsf_field(size_t i)
{
	return lnr_shape_nth_field(i, rows, LNR_ARRAY_SIZE(rows), further, LNR_ARRAY_SIZE(further));
}

/* severity_id of each priority, emergency first. */
static const struct {
	unsigned id;
	const char *name;
} severities[] = {{6, "Fatal"}, {6, "Fatal"}, {5, "Critical"}, {4, "High"}, {3, "Medium"},
	{2, "Low"}, {1, "Informational"}, {1, "Informational"}};

static void put_attacks(struct lnr_json *j, const struct lnr_alert *a)
{
	bool any = false;
	for (uint32_t i = 0; i < a->n_tags; i++) {
		struct lnr_str t = a->tags[i], tactic = lnr_shape_tactic(t);
		bool sub = false, technique = lnr_shape_technique(t, &sub);
		if (!tactic.len && !technique)
			continue;
		if (!any) {
			lnr_json_key(j, LNR_STR("attacks"));
			lnr_json_open(j, '[');
			any = true;
		}
		lnr_json_open(j, '{');
		lnr_json_key(j, tactic.len ? LNR_STR("tactic") : LNR_STR("technique"));
		lnr_json_open(j, '{');
		if (tactic.len)
			lnr_shape_member_str(j, "name", tactic);
		else
			lnr_shape_member_str(j, "uid", lnr_str_sub(t, 0, 5));
		lnr_json_close(j, '}');
		if (sub) {
			lnr_json_key(j, LNR_STR("sub_technique"));
			lnr_json_open(j, '{');
			lnr_shape_member_str(j, "uid", t);
			lnr_json_close(j, '}');
		}
		lnr_json_close(j, '}');
	}
	if (any)
		lnr_json_close(j, ']');
}

static void put_finding(struct lnr_json *j, const struct lnr_alert *a)
{
	lnr_json_key(j, LNR_STR("finding_info"));
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("analytic"));
	lnr_json_open(j, '{');
	lnr_shape_member_str(j, "name", a->rule);
	lnr_shape_member(j, "type", "Rule");
	lnr_shape_member_u64(j, "type_id", 1);
	lnr_json_close(j, '}');
	put_attacks(j, a);
	lnr_shape_member_u64(j, "created_time", a->time_ns / LNR_NS_PER_MS);
	lnr_shape_member_str(j, "title", a->rule);
	lnr_shape_member(j, "uid", a->id);
	lnr_json_close(j, '}');
}

static void put_metadata(struct lnr_json *j, const struct lnr_alert *a)
{
	static const char *const profiles[] = {"container", "host", "linux"};
	lnr_json_key(j, LNR_STR("metadata"));
	lnr_json_open(j, '{');
	if (a->n_tags) {
		lnr_json_key(j, LNR_STR("labels"));
		lnr_json_open(j, '[');
		for (uint32_t i = 0; i < a->n_tags; i++)
			lnr_json_str(j, a->tags[i]);
		lnr_json_close(j, ']');
	}
	lnr_shape_member_str(j, "log_provider", a->source);
	lnr_json_key(j, LNR_STR("product"));
	lnr_json_open(j, '{');
	lnr_shape_member(j, "name", "Lanner");
	lnr_shape_member(j, "vendor_name", "Lanner");
	lnr_shape_member(j, "version", LNR_VERSION);
	lnr_json_close(j, '}');
	lnr_json_key(j, LNR_STR("profiles"));
	lnr_json_open(j, '[');
	for (size_t i = 0; i < LNR_ARRAY_SIZE(profiles); i++)
		lnr_json_str(j, lnr_str_c(profiles[i]));
	lnr_json_close(j, ']');
	lnr_shape_member_u64(j, "sequence", a->event_num);
	lnr_shape_member(j, "uid", a->id);
	lnr_shape_member(j, "version", OCSF_VERSION);
	lnr_json_close(j, '}');
}

/* Only when there is one: messages of Lanner itself have none. */
static void put_evidence(struct lnr_json *j, const struct lnr_alert *a)
{
	struct lnr_buf text;
	struct lnr_json one;
	lnr_buf_init(&text, LNR_ALERT_BYTES);
	lnr_json_init(&one, &text);
	lnr_json_open(&one, '[');
	lnr_json_open(&one, '{');
	lnr_shape_put(&one, a, rows, LNR_ARRAY_SIZE(rows));
	lnr_json_close(&one, '}');
	lnr_json_close(&one, ']');
	if (!text.failed && text.len > strlen("[{}]")) {
		lnr_json_key(j, LNR_STR("evidences"));
		lnr_json_raw(j, lnr_buf_view(&text));
	}
	lnr_buf_done(&text);
}

static void put_ms(
	struct lnr_json *j, const struct lnr_alert *a, const char *key, const char *field)
{
	uint64_t ns;
	if (!lnr_str_u64(lnr_shape_value(a, field), &ns))
		lnr_shape_member_u64(j, key, ns / LNR_NS_PER_MS);
}

static void put_unmapped(struct lnr_json *j, const struct lnr_alert *a)
{
	lnr_json_key(j, LNR_STR("unmapped"));
	lnr_json_open(j, '{');
	for (uint32_t i = 0; i < a->n_values; i++) {
		if (lnr_shape_empty(a->values[i].json))
			continue;
		lnr_json_key(j, a->values[i].key);
		lnr_json_raw(j, a->values[i].json);
	}
	lnr_json_close(j, '}');
}

void lnr_alert_write_ocsf(const struct lnr_alert *a, struct lnr_buf *out)
{
	struct lnr_str count = lnr_shape_value(a, LNR_ALERT_COUNT);
	struct lnr_json j;
	lnr_json_init(&j, out);
	lnr_json_open(&j, '{');
	lnr_shape_member_u64(&j, "activity_id", 1);
	lnr_shape_member(&j, "activity_name", "Create");
	lnr_shape_member(&j, "category_name", "Findings");
	lnr_shape_member_u64(&j, "category_uid", 2);
	lnr_shape_member(&j, "class_name", "Detection Finding");
	lnr_shape_member_u64(&j, "class_uid", 2004);
	if (count.len) {
		lnr_json_key(&j, LNR_STR("count"));
		lnr_json_raw(&j, count);
	}
	lnr_json_key(&j, LNR_STR("device"));
	lnr_json_open(&j, '{');
	lnr_shape_member_str(&j, "hostname", a->hostname);
	lnr_shape_member_u64(&j, "type_id", 0);
	lnr_json_close(&j, '}');
	put_ms(&j, a, "end_time", LNR_ALERT_LAST);
	put_evidence(&j, a);
	put_finding(&j, a);
	lnr_shape_member_str(&j, "message", a->message);
	put_metadata(&j, a);
	lnr_shape_member(&j, "severity", severities[a->priority & 7].name);
	lnr_shape_member_u64(&j, "severity_id", severities[a->priority & 7].id);
	put_ms(&j, a, "start_time", LNR_ALERT_FIRST);
	lnr_shape_member(&j, "status", "New");
	lnr_shape_member_u64(&j, "status_id", 1);
	lnr_shape_member_u64(&j, "time", a->time_ns / LNR_NS_PER_MS);
	lnr_shape_member(&j, "type_name", "Detection Finding: Create");
	lnr_shape_member_u64(&j, "type_uid", 200401);
	put_unmapped(&j, a);
	lnr_json_close(&j, '}');
}
