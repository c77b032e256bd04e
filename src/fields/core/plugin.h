/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields that a plugin declares, as a class like any other. Their values come from the instance
 * that ctx->plugin has for the plugin: an array of struct lnr_plugin_instance *, by the plugin's
 * index, with NULL where the event source has none.
 */
#ifndef LNR_FIELDS_PLUGIN_H
#define LNR_FIELDS_PLUGIN_H

#include "fields/core/field.h"
#include "plugin/host.h"

/* *ret is NULL when the plugin has no fields. Memory from `arena`; borrows the plugin. */
int lnr_field_plugin_class(struct lnr_arena *arena, const struct lnr_plugin *plugin,
	const struct lnr_field_class **ret);

#endif
