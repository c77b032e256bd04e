/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields that a plugin declares, as a class like any other. Their values come from the instance
 * that ctx->plugin, a struct lnr_plugin_set, has for the plugin.
 */
#ifndef LNR_FIELDS_PLUGIN_H
#define LNR_FIELDS_PLUGIN_H

#include "fields/core/field.h"
#include "plugin/host.h"

/* *ret is NULL when the plugin has no fields. Memory from `arena`; borrows the plugin. */
int lnr_field_plugin_class(struct lnr_arena *arena, const struct lnr_plugin *plugin,
	const struct lnr_field_class **ret);
/* The event at hand in the form that plugins take. */
struct lnr_plugin_event_input lnr_field_plugin_event(const struct lnr_field_ctx *ctx);
/* For ctx->plugin_info, where events of ctx->plugin->source come. */
bool lnr_field_plugin_info(struct lnr_field_ctx *ctx, struct lnr_str *ret);

#endif
