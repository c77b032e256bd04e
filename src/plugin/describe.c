/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin is, as text: --list-plugins and --plugin-info. */
#include <jansson.h>
#include "plugin/host.h"
#include "schema/limits.h"

void lnr_plugin_describe(const struct lnr_plugin *p, struct lnr_buf *out)
{
	lnr_buf_printf(out, "Name: %s\nDescription: %s\nContact: %s\nVersion: %s\nCapabilities:\n",
		p->name.ptr, p->description.ptr, p->contact.ptr, p->version.ptr);
	if (p->caps & LNR_PLUGIN_CAN_SOURCE && p->id)
		lnr_buf_printf(
			out, "  - Event Sourcing (ID=%u, source='%s')\n", p->id, p->source.ptr);
	else if (p->caps & LNR_PLUGIN_CAN_SOURCE)
		lnr_buf_cstr(out, "  - Event Sourcing (syscall)\n");
	if (p->caps & LNR_PLUGIN_CAN_EXTRACT)
		lnr_buf_cstr(out, "  - Field Extraction\n");
	if (p->caps & LNR_PLUGIN_CAN_PARSE)
		lnr_buf_cstr(out, "  - Event Parsing\n");
	if (p->caps & LNR_PLUGIN_CAN_ASYNC)
		lnr_buf_cstr(out, "  - Async Events\n");
	if (p->caps & LNR_PLUGIN_CAN_LISTEN)
		lnr_buf_cstr(out, "  - Capture Listening\n");
}

static void describe_params(const struct lnr_plugin_instance *inst, struct lnr_buf *out)
{
	int32_t rc = LNR_PLUGIN_FAILURE;
	const char *text = inst->plugin->api.list_open_params(inst->state, &rc);
	json_t *j = text && rc == LNR_PLUGIN_SUCCESS ? json_loads(text, 0, NULL) : NULL;
	if (rc != LNR_PLUGIN_SUCCESS)
		lnr_buf_printf(
			out, "Suggested open params: none, %s\n", lnr_plugin_last_error(inst));
	else if (!json_array_size(j))
		lnr_buf_cstr(out, "No suggested open params available\n");
	else
		lnr_buf_cstr(out, "Suggested open params:\n");
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *o = json_array_get(j, i);
		const char *value = json_string_value(json_object_get(o, "value"));
		const char *desc = json_string_value(json_object_get(o, "desc"));
		if (value)
			lnr_buf_printf(
				out, "  %s%s%s\n", value, desc ? ": " : "", desc ? desc : "");
	}
	json_decref(j);
}

void lnr_plugin_describe_more(
	const struct lnr_plugin *p, const struct lnr_plugin_instance *inst, struct lnr_buf *out)
{
	if (p->schema)
		lnr_buf_printf(out, "Init config schema type: JSON\n%s\n", p->schema);
	else
		lnr_buf_cstr(out, "No init config schema available for this plugin\n");
	if (inst && p->api.list_open_params)
		describe_params(inst, out);
	else
		lnr_buf_cstr(out, "No suggested open params available\n");
}
