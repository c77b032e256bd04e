/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin is told besides events: the capture, another configuration, versions of events. */
#include <stdio.h>
#include "plugin/routines.h"
#include "unit/plugin/tables_test.h"

static int32_t answer;
static unsigned opened, closed;

static int32_t on_open(void *s, const struct lnr_plugin_listen_input *in)
{
	struct fake *f = s;
	opened++;
	assert_ptr_equal(in->owner, f->owner);
	assert_ptr_equal(in->table_reader_ext, f->r);
	assert_ptr_equal(in->table_writer_ext, f->w);
	assert_non_null(in->routines->subscribe);
	assert_null(in->get_owner_last_error(in->owner));
	/* The state is filled, and tables may be used. */
	assert_int_equal(in->table_reader_ext->base.get_table_size(f->table), 1);
	return answer;
}

static int32_t on_close(void *s, const struct lnr_plugin_listen_input *in)
{
	struct fake *f = s;
	closed++;
	assert_int_equal(in->table_reader_ext->base.get_table_size(f->table), 1);
	return answer;
}

static void listeners(void **state)
{
	struct fake f;
	struct lnr_routines *r = lnr_routines_new();
	struct lnr_err err = {0};

	(void)state;
	fake_init(&f, "one", NULL);
	f.error = "the reason";
	fake_start(&f, find_threads);
	process(&f, 10, 1);
	/* One that does not listen. */
	assert_ok(lnr_plugin_capture_begin(f.inst, r, &err), &err);
	assert_ok(lnr_plugin_capture_end(f.inst, &err), &err);
	f.plugin.caps |= LNR_PLUGIN_CAN_LISTEN;
	f.plugin.api.capture_open = on_open;
	f.plugin.api.capture_close = on_close;
	answer = LNR_PLUGIN_FAILURE;
	assert_code(lnr_plugin_capture_begin(f.inst, r, &err), -EIO);
	assert_has(err.msg, "capture_open: the reason");
	/* What was not opened is not closed. */
	assert_ok(lnr_plugin_capture_end(f.inst, NULL), NULL);
	assert_int_equal(closed, 0);
	answer = LNR_PLUGIN_SUCCESS;
	assert_ok(lnr_plugin_capture_begin(f.inst, r, NULL), NULL);
	answer = LNR_PLUGIN_FAILURE;
	err = (struct lnr_err){0};
	assert_code(lnr_plugin_capture_end(f.inst, &err), -EIO);
	assert_has(err.msg, "capture_close");
	assert_ok(lnr_plugin_capture_end(f.inst, NULL), NULL);
	assert_int_equal(opened, 2);
	assert_int_equal(closed, 1);
	lnr_routines_free(r);
	fake_done(&f);
}

/* --- configuration --- */

static char config[64];

static int32_t on_config(void *s, const struct lnr_plugin_set_config_input *in)
{
	(void)s;
	snprintf(config, sizeof(config), "%s", in->config);
	return answer;
}

static void configuration(void **state)
{
	struct fake f;
	struct lnr_err err = {0};

	(void)state;
	fake_init(&f, "one", NULL);
	f.error = "the reason";
	fake_start(&f, NULL);
	assert_code(lnr_plugin_set_config(f.inst, "x", &err), -ENOTSUP);
	f.plugin.api.set_config = on_config;
	answer = LNR_PLUGIN_SUCCESS;
	assert_ok(lnr_plugin_set_config(f.inst, "a text", NULL), NULL);
	assert_string_equal(config, "a text");
	assert_ok(lnr_plugin_set_config(f.inst, NULL, NULL), NULL);
	assert_string_equal(config, "");
	f.plugin.schema = "{\"type\": \"object\", \"additionalProperties\": false}";
	assert_ok(lnr_plugin_set_config(f.inst, "", NULL), NULL);
	assert_string_equal(config, "{}");
	config[0] = 0;
	err = (struct lnr_err){0};
	assert_code(lnr_plugin_set_config(f.inst, "{\"x\": 1}", &err), -EINVAL);
	assert_has(err.msg, "unknown key x");
	assert_string_equal(config, "");
	answer = LNR_PLUGIN_FAILURE;
	err = (struct lnr_err){0};
	assert_code(lnr_plugin_set_config(f.inst, "{}", &err), -EINVAL);
	assert_has(err.msg, "the reason");
	fake_done(&f);
}

/* --- versions of the schema --- */

static const char *wanted;

static const char *on_schema(void *s)
{
	(void)s;
	return wanted;
}

static void versions(void **state)
{
	static const struct {
		const char *wants, *have;
		int want;
	} rows[] = {
		{"4.5.1", "4.5.1", 0},
		{"4.0.0", "4.5.1", 0},
		{"4.5.2", "4.5.1", -ENOTSUP},
		{"4.6.0", "4.5.1", -ENOTSUP},
		{"3.0.0", "4.5.1", -ENOTSUP},
		{"5.0.0", "4.5.1", -ENOTSUP},
		{NULL, "4.5.1", -ENOTSUP},
		{NULL, "3.2.0", 0},
		{"four", "4.5.1", -EINVAL},
	};
	struct fake f;
	struct lnr_err err = {0};

	(void)state;
	fake_init(&f, "one", NULL);
	fake_start(&f, NULL);
	/* It does not say. */
	assert_code(lnr_plugin_schema_check(f.inst, "4.5.1", &err), -ENOTSUP);
	assert_has(err.msg, "3.0.0");
	f.plugin.api.get_required_event_schema_version = on_schema;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		wanted = rows[i].wants;
		assert_code(lnr_plugin_schema_check(f.inst, rows[i].have, NULL), rows[i].want);
	}
	/* Events of plugins have no schema. */
	wanted = "9.0.0";
	f.inst->parse_types = (struct lnr_plugin_types){0};
	f.inst->parse_types.bits[LNR_PLUGIN_EVENT / 8] = 1 << (LNR_PLUGIN_EVENT % 8);
	assert_ok(lnr_plugin_schema_check(f.inst, "4.5.1", NULL), NULL);
	f.inst->parse_types.bits[0] = 1 << 3;
	assert_code(lnr_plugin_schema_check(f.inst, "4.5.1", NULL), -ENOTSUP);
	/* Nor does it matter to one that looks at no event. */
	f.plugin.caps = LNR_PLUGIN_CAN_ASYNC;
	assert_ok(lnr_plugin_schema_check(f.inst, "4.5.1", NULL), NULL);
	f.plugin.caps = LNR_PLUGIN_CAN_EXTRACT;
	assert_code(lnr_plugin_schema_check(f.inst, "4.5.1", NULL), -ENOTSUP);
	fake_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners),
		cmocka_unit_test(configuration),
		cmocka_unit_test(versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
