/* SPDX-License-Identifier: Apache-2.0 */
/* An alert as one line of text or JSON, in Falco's shape (spec engine-config-cli 5.1, 5.2, 5.4). */
#include <time.h>
#include "alert/alert.h"
#include "alert/shape.h"
#include "base/clock.h"

/* 0.44 writes "2026-01-31T10:15:02.123456789+0000" in text and "…Z" in JSON. */
static void put_time(struct lnr_buf *out, uint64_t ns, bool iso8601, const char *zone)
{
	time_t s = (time_t)(ns / LNR_NS_PER_SEC);
	struct tm tm;
	char day[32];
	if (iso8601)
		gmtime_r(&s, &tm);
	else
		localtime_r(&s, &tm);
	strftime(day, sizeof(day), iso8601 ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &tm);
	lnr_buf_printf(out, "%s.%09u%s", day, (unsigned)(ns % LNR_NS_PER_SEC), zone);
}

static void put_prefix(struct lnr_buf *out, const struct lnr_alert *a, bool iso8601)
{
	put_time(out, a->time_ns, iso8601, iso8601 ? "+0000" : "");
	lnr_buf_cstr(out, ": ");
	lnr_buf_cstr(out, lnr_priority_name(a->priority));
	lnr_buf_chr(out, ' ');
}

static void write_text(const struct lnr_alert *a, bool iso8601, struct lnr_buf *out)
{
	/* Internal messages keep the short time (spec 5.4). */
	put_prefix(out, a, iso8601 && !a->internal);
	lnr_buf_str(out, a->message);
	if (!a->internal || !a->n_values)
		return;
	for (uint32_t i = 0; i < a->n_values; i++) {
		lnr_buf_cstr(out, i ? " " : " (");
		lnr_buf_str(out, a->values[i].key);
		lnr_buf_chr(out, '=');
		lnr_buf_str(out, a->values[i].json);
	}
	lnr_buf_chr(out, ')');
}

static void member_str(struct lnr_buf *out, const char *key, struct lnr_str s)
{
	lnr_buf_cstr(out, key);
	lnr_json_escape(out, s);
	lnr_buf_chr(out, '"');
}

static void put_values(struct lnr_buf *out, const struct lnr_alert *a)
{
	lnr_buf_cstr(out, "\"output_fields\":{");
	for (uint32_t i = 0; i < a->n_values; i++) {
		member_str(out, i ? ",\"" : "\"", a->values[i].key);
		lnr_buf_chr(out, ':');
		lnr_buf_str(out, a->values[i].json);
	}
	lnr_buf_cstr(out, "},");
}

static void put_output(struct lnr_buf *out, const struct lnr_alert *a, bool iso8601)
{
	lnr_buf_cstr(out, "\"output\":\"");
	if (!a->internal)
		put_prefix(out, a, iso8601);
	lnr_json_escape(out, a->message);
	lnr_buf_cstr(out, "\",");
}

/* Keys ascending, as dashboards and log shippers see them from Falco. */
static void write_json(
	const struct lnr_alert *a, const struct lnr_alert_format *f, struct lnr_buf *out)
{
	bool all = a->internal; /* json_include_* do not apply to them */
	member_str(out, "{\"hostname\":\"", a->hostname);
	lnr_buf_chr(out, ',');
	if (f->id) {
		member_str(out, "\"id\":\"", lnr_str_c(a->id));
		lnr_buf_chr(out, ',');
	}
	if (f->message && !all) {
		member_str(out, "\"message\":\"", a->message);
		lnr_buf_chr(out, ',');
	}
	if (f->output || all)
		put_output(out, a, f->iso8601);
	if (f->output_fields || all)
		put_values(out, a);
	member_str(out, "\"priority\":\"", lnr_str_c(lnr_priority_name(a->priority)));
	member_str(out, ",\"rule\":\"", a->rule);
	member_str(out, ",\"source\":\"", a->source);
	lnr_buf_chr(out, ',');
	if (f->tags && !all) {
		lnr_buf_cstr(out, "\"tags\":[");
		for (uint32_t i = 0; i < a->n_tags; i++)
			member_str(out, i ? ",\"" : "\"", a->tags[i]);
		lnr_buf_cstr(out, "],");
	}
	lnr_buf_cstr(out, "\"time\":\"");
	put_time(out, a->time_ns, true, "Z");
	lnr_buf_cstr(out, "\"}");
}

void lnr_alert_write(
	const struct lnr_alert *a, const struct lnr_alert_format *f, struct lnr_buf *out)
{
	if (f->json && f->shape == LNR_ALERT_ECS)
		lnr_alert_write_ecs(a, out);
	else if (f->json && f->shape == LNR_ALERT_OCSF)
		lnr_alert_write_ocsf(a, out);
	else if (f->json)
		write_json(a, f, out);
	else
		write_text(a, f->iso8601, out);
}

/* Names of Kubernetes audit events belong to their plugin, which shows them in outputs itself. */
const char *lnr_alert_shape_field(enum lnr_alert_shape shape, size_t i)
{
	const char *(*field)(size_t) = shape == LNR_ALERT_ECS	 ? lnr_shape_ecs_field
				       : shape == LNR_ALERT_OCSF ? lnr_shape_ocsf_field
								 : NULL;
	const char *name;
	if (!field)
		return NULL;
	for (size_t k = 0; (name = field(k)); k++) {
		if (strncmp(name, "ka.", 3) != 0 && i-- == 0)
			return name;
	}
	return NULL;
}
