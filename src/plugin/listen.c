/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin is told besides events (spec plugin-abi.md 1, 11, 14.3). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "plugin/host.h"
#include "plugin/tables.h"
#include "plugin/routines.h"

/* --- listening --- */

static int tell(struct lnr_plugin_instance *i, bool begin, struct lnr_err *err)
{
	const struct lnr_plugin_init_tables *functions = lnr_table_functions();
	const struct lnr_plugin_listen_input in = {.owner = i,
		.routines = lnr_routines_functions(),
		.table_reader_ext = functions->reader_ext,
		.table_writer_ext = functions->writer_ext,
		.get_owner_last_error = lnr_plugin_owner_error};
	const struct lnr_plugin_api *api = &i->plugin->api;
	lnr_table_owner_enter(i->tables);
	int32_t rc = begin ? api->capture_open(i->state, &in) : api->capture_close(i->state, &in);
	lnr_table_owner_leave(i->tables);
	if (rc == LNR_PLUGIN_SUCCESS)
		return 0;
	return lnr_fail(err, -EIO, "plugin %s, %s: %s", i->plugin->name.ptr,
		begin ? "capture_open" : "capture_close", lnr_plugin_last_error(i));
}

int lnr_plugin_capture_begin(
	struct lnr_plugin_instance *i, struct lnr_routines *routines, struct lnr_err *err)
{
	if (!(i->plugin->caps & LNR_PLUGIN_CAN_LISTEN))
		return 0;
	__atomic_store_n(&i->routines, routines, __ATOMIC_RELEASE);
	int r = tell(i, true, err);
	i->listening = !r;
	return r;
}

int lnr_plugin_capture_end(struct lnr_plugin_instance *i, struct lnr_err *err)
{
	if (!i->listening)
		return 0;
	i->listening = false;
	return tell(i, false, err);
}

/* --- configuration --- */

int lnr_plugin_set_config(struct lnr_plugin_instance *i, const char *config, struct lnr_err *err)
{
	const struct lnr_plugin *p = i->plugin;
	if (!p->api.set_config)
		return lnr_fail(err, -ENOTSUP,
			"plugin %s takes no other configuration while it works", p->name.ptr);
	if (!config || !*config)
		config = p->schema ? "{}" : "";
	int r = p->schema ? lnr_plugin_check_config(p->schema, config, err) : 0;
	if (r)
		return lnr_wrap(err, r, "plugin %s: init_config", p->name.ptr);
	const struct lnr_plugin_set_config_input in = {.config = config};
	if (p->api.set_config(i->state, &in) == LNR_PLUGIN_SUCCESS)
		return 0;
	return lnr_fail(err, -EINVAL, "plugin %s refuses the configuration: %s", p->name.ptr,
		lnr_plugin_last_error(i));
}

/* --- versions of the schema of events --- */

/* Any event but those of plugins. */
static bool wants_others(const struct lnr_plugin_types *t)
{
	struct lnr_plugin_types rest = *t;
	rest.bits[LNR_PLUGIN_EVENT / 8] &= (uint8_t) ~(1 << (LNR_PLUGIN_EVENT % 8));
	for (size_t i = 0; i < sizeof(rest.bits); i++) {
		if (rest.bits[i])
			return true;
	}
	return t->all;
}

int lnr_plugin_schema_check(
	const struct lnr_plugin_instance *i, const char *version, struct lnr_err *err)
{
	const struct lnr_plugin *p = i->plugin;
	unsigned have[3], need[3];
	bool looks = (p->caps & LNR_PLUGIN_CAN_PARSE && wants_others(&i->parse_types)) ||
		     (p->caps & LNR_PLUGIN_CAN_EXTRACT && wants_others(&i->extract_types));
	/* One in a process of its own takes only its own values wrong; it cannot be asked. */
	if (!looks || p->builtin || p->isolated)
		return 0;
	const char *text = p->api.get_required_event_schema_version
				   ? p->api.get_required_event_schema_version(i->state)
				   : NULL;
	/* Those that do not say were written before the fourth. */
	if (!text)
		text = "3.0.0";
	if (!lnr_plugin_version(text, need) || !lnr_plugin_version(version, have))
		return lnr_fail(err, -EINVAL,
			"plugin %s: \"%.64s\" is no version of the event schema", p->name.ptr,
			text);
	if (have[0] == need[0] && (have[1] > need[1] || (have[1] == need[1] && have[2] >= need[2])))
		return 0;
	return lnr_fail(err, -ENOTSUP,
		"plugin %s needs version %.64s of the event schema, which is %s here: a newer "
		"version of the plugin may know it",
		p->name.ptr, text, version);
}
