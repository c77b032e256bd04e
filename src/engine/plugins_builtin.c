/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins of the reference that are part of Lanner: they are named in a configuration as there, but
 * need no library. Versions are those whose behaviour is theirs (spec k8s-audit.md).
 */
#include "base/util.h"
#include "capture/audit.h"
#include "capture/plugin.h"
#include "engine/plugins_priv.h"

#define SCHEMA(properties)                                          \
	"{\"$schema\":\"http://json-schema.org/draft-04/schema#\"," \
	"\"type\":\"object\",\"properties\":{" properties "}}"
#define BOOL(name, desc)  "\"" name "\":{\"type\":\"boolean\",\"description\":\"" desc "\"}"
#define TEXT(name, desc)  "\"" name "\":{\"type\":\"string\",\"description\":\"" desc "\"}"
#define BYTES(name, desc) "\"" name "\":{\"type\":\"integer\",\"description\":\"" desc "\"}"
#define TEXTS(name, desc)                                       \
	"\"" name "\":{\"type\":\"array\",\"items\":{\"type\":" \
	"\"string\"},\"description\":\"" desc "\"}"

static const struct lnr_plugin_builtin rows[] = {
	{.name = "k8saudit",
		.version = "0.18.0",
		.description = "Kubernetes audit events, from a webhook or from files",
		.contact = "built in",
		.source = LNR_AUDIT_SOURCE,
		.id = LNR_AUDIT_PLUGIN_ID,
		.fields_of = LNR_AUDIT_SOURCE,
		.schema = SCHEMA(TEXT("sslCertificate", "file with certificate and key") "," BYTES(
			"maxEventSize", "largest event in bytes") "," BYTES("webhookMaxBatchSize",
			"largest request body in bytes") "," TEXT("clientCA",
			"file with the authority of client certificates") "," TEXT("tokenFile",
			"file with the bearer token of clients") "," TEXTS("allowFrom",
			"addresses and networks of clients") "," BOOL("useAsync",
			"without effect")),
		.check = lnr_audit_check,
		.text = true},
	{.name = "json",
		.version = "0.7.4",
		.description = "Values of any event that is JSON",
		.contact = "built in",
		.source = "",
		.fields_of = "",
		.schema = SCHEMA(BOOL("useAsync", "without effect"))},
};

const struct lnr_plugin_builtin *lnr_plugins_builtin(const char *name)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

int lnr_plugins_builtin_fields(
	struct lnr_fieldset *set, const char *source, struct lnr_arena *arena)
{
	int r = 0;
	for (size_t i = 0; !r && i < LNR_ARRAY_SIZE(rows); i++) {
		const struct lnr_field_class *cls;
		const char *of = rows[i].fields_of;
		if (source && strcmp(source, "syscall") == 0)
			continue;
		if (source && *of && strcmp(of, source) != 0)
			continue;
		r = lnr_field_builtin_class(arena, rows[i].name, &cls);
		if (!r)
			r = lnr_fieldset_add(set, cls);
	}
	return r;
}

int lnr_plugins_open_source(struct lnr_plugin_instance *inst, const struct lnr_clock *clock,
	struct lnr_capture **ret, struct lnr_err *err)
{
	const struct lnr_plugin *p = inst->plugin;
	if (!p->builtin)
		return lnr_plugin_capture_open(inst, clock, ret, err);
	const struct lnr_audit_opts o = {.size = sizeof(o),
		.open_params = p->open_params,
		.init_config = p->config,
		.log = inst->log,
		.clock = clock};
	return lnr_audit_open(&o, ret, err);
}
