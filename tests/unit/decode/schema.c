/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables against the reference facts (spec events.json), entry by entry and in both directions,
 * and every lookup against a plain walk over the table.
 */
#include <stdio.h>
#include "decode/schema.h"
#include "lanner/lanner.h"
#include "schema/params.h"
#include "schema/record.h"
#include "lib/test.h"
#include "unit/decode/reference.h"

static int setup(void **state)
{
	*state = load_reference("spec/events.json");
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	json_decref(*state);
	return 0;
}

static json_t *get(json_t *obj, const char *key)
{
	json_t *j = json_object_get(obj, key);

	assert_non_null(j);
	return j;
}

/* A string member without the prefix that the reference gives its names. */
static const char *get_str(json_t *obj, const char *key, const char *prefix)
{
	const char *s = json_string_value(get(obj, key));

	assert_non_null(s);
	assert_int_equal(strncmp(s, prefix, strlen(prefix)), 0);
	return s + strlen(prefix);
}

/* Listings spell one type out (reference/list-events.json). */
static const char *type_name(json_t *obj, const char *key)
{
	const char *s = get_str(obj, key, "PT_");

	return strcmp(s, "DYN") == 0 ? "DYNAMIC" : s;
}

/* Value of a name in an object of numbers whose keys carry `prefix`. */
static json_int_t number(json_t *obj, const char *prefix, const char *name)
{
	char key[128];

	snprintf(key, sizeof(key), "%s%s", prefix, name);
	return json_integer_value(get(obj, key));
}

struct named {
	const char *name;
	long long value;
};

/* Every row is in the reference with its value, and there are no more there than `skipped`. */
static void assert_same_numbers(
	json_t *obj, const char *prefix, const struct named *rows, size_t n, size_t skipped)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(number(obj, prefix, rows[i].name), rows[i].value);
	assert_int_equal(json_object_size(obj), n + skipped);
}

static uint32_t flag_bits(json_t *ref, const char *table, json_t *names)
{
	json_t *flags = get(ref, table), *name;
	uint32_t bits = 0;
	size_t i;

	json_array_foreach(names, i, name)
		bits |= (uint32_t)json_integer_value(get(flags, json_string_value(name)));
	return bits;
}

static void test_version(void **state)
{
	json_t *schema = get(*state, "schema");

	assert_string_equal(get_str(schema, "schema_version", ""), LNR_EVENT_SCHEMA_VERSION);
	assert_int_equal(json_integer_value(get(schema, "event_count")), LNR_EVENT_COUNT);
	/* What embedders compile against. */
	assert_string_equal(LNR_DRIVER_SCHEMA, LNR_EVENT_SCHEMA_VERSION);
}

static void test_small_enumerations(void **state)
{
	static const struct named formats[] = {
#define LNR_FORMAT(number, name) {#name, LNR_PF_##name},
#include "schema/types.def"
	};
	static const struct named event_flags[] = {
#define LNR_EVENT_FLAG(name, value) {#name, LNR_EF_##name},
#include "schema/types.def"
	};
	static const struct named categories[] = {
#define LNR_CATEGORY(name, value) {#name, LNR_EC_##name},
#include "schema/types.def"
	};
	static const struct named syscall_flags[] = {
#define LNR_SYSCALL_FLAG(name, value) {#name, LNR_UF_##name},
#include "schema/types.def"
	};
	json_t *ref = *state;

	assert_same_numbers(get(ref, "print_formats"), "PF_", formats, LNR_ARRAY_SIZE(formats), 0);
	assert_same_numbers(
		get(ref, "event_flags"), "EF_", event_flags, LNR_ARRAY_SIZE(event_flags), 0);
	assert_same_numbers(
		get(ref, "event_categories"), "EC_", categories, LNR_ARRAY_SIZE(categories), 0);
	assert_same_numbers(
		get(ref, "syscall_flags"), "UF_", syscall_flags, LNR_ARRAY_SIZE(syscall_flags), 0);
}

static void test_param_types(void **state)
{
	json_t *types = get(*state, "param_types"), *type;
	size_t i;

	assert_int_equal(json_array_size(types), LNR_PT_COUNT);
	json_array_foreach(types, i, type)
	{
		assert_int_equal(json_integer_value(get(type, "id")), i);
		assert_string_equal(lnr_pt_name((unsigned)i), type_name(type, "enum"));
		assert_int_equal(lnr_pt_size(i), json_integer_value(get(type, "size")));
	}
	assert_null(lnr_pt_name(LNR_PT_COUNT));
	assert_int_equal(lnr_pt_size(LNR_PT_COUNT), 0);
	assert_int_equal(LNR_PT_CHARBUF, 9);
}

static void test_constants(void **state)
{
	static const struct named rows[] = {
#define LNR_CONST(name, value) {#name, LNR_##name},
#include "schema/constants.def"
	};
	/* What the reference's own probe is made with, and what record.h and params.h have. */
	static const char *const elsewhere[] = {
		"PPM_MAX_EVENT_PARAMS",
		"PPM_MAX_NAME_LEN",
		"PPM_MAX_AUTOFILL_ARGS",
		"PPM_MAX_ARG_SIZE",
		"PPM_SUCCESS",
		"PPM_FAILURE_BUFFER_FULL",
		"PPM_FAILURE_INVALID_USER_MEMORY",
		"PPM_FAILURE_BUG",
		"PPM_SKIP_EVENT",
		"PPM_FAILURE_FRAME_SCRATCH_MAP_FULL",
	};
	static const char *const tables[] = {
		"constants", "overlay_layers", "anon_inode_fd_types", "capture_categories"};
	json_t *ref = *state;
	size_t total = 0;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(tables); i++)
		total += json_object_size(get(ref, tables[i]));
	for (size_t i = 0; i < LNR_ARRAY_SIZE(elsewhere); i++)
		get(get(ref, "constants"), elsewhere[i]);
	assert_int_equal(LNR_ARRAY_SIZE(rows) + LNR_CAP_COUNT + LNR_ARRAY_SIZE(elsewhere), total);
	assert_int_equal(number(get(ref, "constants"), "PPM_", "MAX_EVENT_PARAMS"), LNR_PARAMS_MAX);

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		char key[128];
		json_t *j;

		snprintf(key, sizeof(key), "PPM_%s", rows[i].name);
		j = json_object_get(get(ref, "constants"), key);
		if (!j)
			j = json_object_get(get(ref, "overlay_layers"), key);
		if (!j)
			j = json_object_get(get(ref, "anon_inode_fd_types"), rows[i].name);
		if (!j)
			j = json_object_get(get(ref, "capture_categories"), rows[i].name);
		if (!j)
			fail_msg("%s is not in the reference", rows[i].name);
		assert_int_equal(json_integer_value(j), rows[i].value);
	}
}

static void test_capabilities(void **state)
{
	static const struct named masks[] = {
#define LNR_CAP(name, bit) {#name, LNR_CAP_##name},
#include "schema/caps.def"
	};
	json_t *consts = get(*state, "constants");

	for (unsigned bit = 0; bit < LNR_CAP_COUNT; bit++) {
		char key[64];

		assert_non_null(lnr_cap_name(bit));
		snprintf(key, sizeof(key), "PPM_%s", lnr_cap_name(bit));
		assert_int_equal(json_integer_value(get(consts, key)), 1ULL << bit);
		assert_int_equal(number(consts, "PPM_CAP_", masks[bit].name), masks[bit].value);
	}
	assert_null(lnr_cap_name(LNR_CAP_COUNT));
	assert_null(lnr_cap_name(1u << 31));
}

static void test_flag_tables(void **state)
{
	json_t *tables = get(*state, "flag_tables"), *rows;
	const char *name;
	size_t n = 0;

	json_object_foreach(tables, name, rows)
	{
		const struct lnr_flag_table *t = lnr_flag_table(lnr_str_c(name));
		json_t *row;
		size_t i;

		assert_non_null(t);
		assert_string_equal(t->name, name);
		json_array_foreach(rows, i, row)
		{
			assert_non_null(t->flags[i].name);
			assert_string_equal(t->flags[i].name, get_str(row, "name", ""));
			assert_int_equal(t->flags[i].value, json_integer_value(get(row, "value")));
		}
		assert_null(t->flags[json_array_size(rows)].name);
		n++;
	}
#define LNR_FLAG_TABLE(table) n--;
#include "schema/flags.def"
	assert_int_equal(n, 0);
	assert_null(lnr_flag_table(LNR_STR("no_such_table")));
	assert_null(lnr_flag_table(LNR_STR("")));
}

static void check_dyn_table(json_t *ref, json_t *rows, const struct lnr_dyn_table *t)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		assert_string_equal(lnr_pt_name(t->alts[i].type), type_name(row, "type"));
		assert_int_equal(t->alts[i].fmt,
			number(get(ref, "print_formats"), "", get_str(row, "fmt", "")));
		assert_int_not_equal(t->alts[i].type, LNR_PT_NONE);
		assert_int_equal(json_integer_value(get(row, "index")), i);
	}
	assert_int_equal(t->alts[json_array_size(rows)].type, LNR_PT_NONE);
}

static void check_param(json_t *ref, json_t *j, const struct lnr_param_info *p)
{
	json_t *flags = json_object_get(j, "flags_table"), *dyn = json_object_get(j, "dyn_table"),
	       *dirfd = json_object_get(j, "dirfd_param");

	assert_string_equal(p->name, get_str(j, "name", ""));
	assert_string_equal(lnr_pt_name(p->type), type_name(j, "type"));
	assert_int_equal(p->fmt, number(get(ref, "print_formats"), "", get_str(j, "fmt", "")));
	assert_int_equal(p->dirfd_param, dirfd ? json_integer_value(dirfd) : -1);
	assert_int_equal(p->flags != NULL, flags != NULL);
	if (flags) {
		assert_string_equal(p->flags->name, json_string_value(flags));
		assert_ptr_equal(p->flags, lnr_flag_table(lnr_str_c(p->flags->name)));
	}
	assert_int_equal(p->dyn != NULL, dyn != NULL);
	assert_int_equal(p->dyn != NULL, p->type == LNR_PT_DYN);
	if (dyn) {
		json_t *rows = get(get(ref, "dynamic_param_tables"), p->dyn->name);

		assert_string_equal(p->dyn->name, json_string_value(dyn));
		assert_int_equal(json_integer_value(get(j, "ninfo")), json_array_size(rows));
		check_dyn_table(ref, rows, p->dyn);
	}
}

static void test_events(void **state)
{
	json_t *ref = *state, *events = get(ref, "events"), *ev;
	size_t i;

	assert_int_equal(json_array_size(events), LNR_EVENT_COUNT);
	json_array_foreach(events, i, ev)
	{
		const struct lnr_event_info *info = lnr_event_info((unsigned)i);
		json_t *source = get(ev, "source_class"), *params = get(ev, "params"), *p;
		json_t *cats = get(ref, "event_categories");
		size_t k;

		assert_non_null(info);
		assert_int_equal(json_integer_value(get(ev, "id")), i);
		assert_int_equal(info->type, i);
		assert_string_equal(info->enum_name, get_str(ev, "enum", "PPME_"));
		assert_string_equal(info->name, get_str(ev, "name", ""));
		assert_string_equal(get_str(ev, "dir", ""), i & 1 ? "exit" : "enter");
		assert_int_equal(info->category, number(cats, "", get_str(ev, "category", "")));
		assert_int_equal(info->source_class,
			json_is_null(source) ? 0 : number(cats, "", json_string_value(source)));
		assert_int_equal(info->flags, flag_bits(ref, "event_flags", get(ev, "flags")));
		assert_int_equal(
			!!(info->flags & LNR_EF_OLD_VERSION), json_is_true(get(ev, "obsolete")));
		assert_int_equal(!!(info->flags & LNR_EF_UNUSED), json_is_true(get(ev, "unused")));
		assert_int_equal(info->nparams, json_integer_value(get(ev, "nparams")));
		assert_int_equal(info->nparams, json_array_size(params));
		json_array_foreach(params, k, p) check_param(ref, p, &info->params[k]);
	}
	assert_null(lnr_event_info(LNR_EVENT_COUNT));
	assert_null(lnr_event_info(UINT32_MAX));
}

/* Parameter rows stand back to back: one missing would make an event borrow its neighbour's. */
static void test_param_rows_are_complete(void **state)
{
	const struct lnr_param_info *next = lnr_event_info(0)->params;

	(void)state;
	for (unsigned i = 0; i < LNR_EVENT_COUNT; i++) {
		const struct lnr_event_info *info = lnr_event_info(i);

		assert_ptr_equal(info->params, next);
		assert_in_range(info->nparams, 0, LNR_PARAMS_MAX);
		next += info->nparams;
	}
#define LNR_PARAM(event, index, pname, type, format, flag_table, dyn_table, dirfd) \
	assert_int_equal(LNR_P_##event##_##pname, index);                          \
	assert_string_equal(                                                       \
		lnr_event_info(LNR_EV_##event)->params[LNR_P_##event##_##pname].name, #pname);
#include "schema/events.def"
}

static void test_event_lookup(void **state)
{
	static const char *const none[] = {
		"", "opena", "openatt", "OPEN", "open ", "syscallx", "no_such_event"};

	(void)state;
	for (unsigned i = 0; i < LNR_EVENT_COUNT; i++) {
		const struct lnr_event_info *info = lnr_event_info(i);
		struct lnr_str name = lnr_str_c(info->name);
		int walk = -1, found = -1;

		/* Stepping with lnr_event_find visits the events of this name and no others. */
		for (unsigned k = 0; k < LNR_EVENT_COUNT; k++) {
			if (strcmp(lnr_event_info(k)->name, info->name) != 0)
				continue;
			found = lnr_event_find(name, (unsigned)(walk + 1));
			walk = (int)k;
			assert_int_equal(found, walk);
		}
		assert_int_equal(lnr_event_find(name, (unsigned)walk + 1), -1);
		assert_int_equal(lnr_event_by_enum(lnr_str_c(info->enum_name)), i);
		for (int p = 0; p < info->nparams; p++)
			assert_int_equal(lnr_event_param(info, lnr_str_c(info->params[p].name)), p);
		assert_int_equal(lnr_event_param(info, LNR_STR("no_such_param")), -1);
		assert_int_equal(lnr_event_param(info, LNR_STR("")), -1);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(none); i++) {
		assert_int_equal(lnr_event_find(lnr_str_c(none[i]), 0), -1);
		assert_int_equal(lnr_event_by_enum(lnr_str_c(none[i])), -1);
		assert_null(lnr_syscall_by_name(lnr_str_c(none[i])));
	}
	assert_int_equal(lnr_event_find(LNR_STR("open"), LNR_EVENT_COUNT + 9), -1);
	assert_int_equal(lnr_event_by_enum(LNR_STR("PPME_SYSCALL_OPEN_X")), -1);
}

static int nr_of(json_t *nr, const char *arch)
{
	json_t *j = json_object_get(nr, arch);

	return j ? (int)json_integer_value(j) : -1;
}

static void check_syscall(json_t *ref, json_t *j)
{
	unsigned code = (unsigned)json_integer_value(get(j, "code"));
	const struct lnr_syscall_info *s = lnr_syscall_info(code);
	json_t *enter = get(j, "enter_event"), *exit = get(j, "exit_event");
	int nr;

	assert_non_null(s);
	assert_int_equal(s->code, code);
	assert_string_equal(s->name, get_str(j, "name", ""));
	assert_ptr_equal(lnr_syscall_by_name(lnr_str_c(s->name)), s);
	assert_int_equal(s->nr_x86_64, nr_of(get(j, "nr"), "x86_64"));
	assert_int_equal(s->nr_aarch64, nr_of(get(j, "nr"), "aarch64"));
	assert_int_equal(s->flags, flag_bits(ref, "syscall_flags", get(j, "flags")));
	assert_int_equal(s->exit_event, s->enter_event + 1);
	assert_int_equal(s->enter_event == LNR_EV_GENERIC_E, json_is_true(get(j, "generic")));
	if (!json_is_null(enter))
		assert_string_equal(lnr_event_info(s->enter_event)->enum_name,
			get_str(j, "enter_event", "PPME_"));
	if (!json_is_null(exit))
		assert_string_equal(lnr_event_info(s->exit_event)->enum_name,
			get_str(j, "exit_event", "PPME_"));
	else if (!json_is_null(enter))
		assert_true(lnr_event_info(s->exit_event)->flags & LNR_EF_UNUSED);
#ifdef __x86_64__
	nr = s->nr_x86_64;
#else
	nr = s->nr_aarch64;
#endif
	if (nr >= 0)
		assert_ptr_equal(lnr_syscall_by_nr(nr), s);
}

static void test_syscalls(void **state)
{
	static const struct named codes[] = {
#define LNR_SYSCALL(code, name, text, x86_64, aarch64, event, flags) {#name, LNR_SC_##name},
#include "schema/syscalls.def"
	};
	json_t *syscalls = get(*state, "syscalls"), *j;
	unsigned n = 0, by_nr = 0, with_nr = 0;
	size_t i;

	assert_int_equal(json_array_size(syscalls), LNR_ARRAY_SIZE(codes));
	json_array_foreach(syscalls, i, j)
	{
		check_syscall(*state, j);
		assert_string_equal(codes[i].name, get_str(j, "enum", "PPM_SC_"));
		assert_int_equal(codes[i].value, json_integer_value(get(j, "code")));
	}
	for (unsigned code = 0; code < lnr_syscall_count() + 3; code++)
		n += lnr_syscall_info(code) != NULL;
	assert_int_equal(n, LNR_ARRAY_SIZE(codes));
	/* The number table has nothing that no row has. */
	for (int nr = -3; nr < 2000; nr++)
		by_nr += lnr_syscall_by_nr(nr) != NULL;
	for (unsigned code = 0; code < lnr_syscall_count(); code++) {
		const struct lnr_syscall_info *s = lnr_syscall_info(code);

#ifdef __x86_64__
		with_nr += s && s->nr_x86_64 >= 0;
#else
		with_nr += s && s->nr_aarch64 >= 0;
#endif
	}
	assert_int_equal(by_nr, with_nr);
	assert_null(lnr_syscall_by_nr(INT32_MIN));
	assert_null(lnr_syscall_info(UINT32_MAX));
}

static void test_ia32(void **state)
{
	json_t *map = get(*state, "ia32_to_x86_64");

	for (int nr = -2; nr < 1000; nr++) {
		char key[16];
		json_t *j;

		snprintf(key, sizeof(key), "%d", nr);
		j = json_object_get(map, key);
		assert_int_equal(lnr_syscall_ia32(nr), j ? json_integer_value(j) : -1);
	}
	assert_int_equal(lnr_syscall_ia32(INT32_MIN), -1);
	assert_int_equal(lnr_syscall_ia32(INT32_MAX), -1);
}

static bool array_has(json_t *array, const char *text)
{
	json_t *j;
	size_t i;

	json_array_foreach(array, i, j) if (strcmp(json_string_value(j), text) == 0) return true;
	return false;
}

static void test_sets(void **state)
{
	json_t *sets = get(*state, "syscall_sets"), *members;
	const char *name;

	assert_int_equal(json_object_size(sets), LNR_SET_COUNT);
	json_object_foreach(sets, name, members)
	{
		unsigned n = 0;

		for (unsigned code = 0; code < lnr_syscall_count(); code++) {
			const struct lnr_syscall_info *s = lnr_syscall_info(code);
			bool in = lnr_syscall_in_set(lnr_str_c(name), code);

			assert_int_equal(in, s && array_has(members, s->name));
			n += in;
		}
		assert_int_equal(n, json_array_size(members));
		assert_false(lnr_syscall_in_set(lnr_str_c(name), lnr_syscall_count()));
		assert_false(lnr_syscall_in_set(lnr_str_c(name), UINT32_MAX));
	}
	assert_false(lnr_syscall_in_set(LNR_STR("no_such_set"), LNR_SC_OPEN));
	assert_false(lnr_syscall_in_set(LNR_STR(""), LNR_SC_OPEN));
}

/* The sets that are defined by a property have it (spec events-and-state 6.1). */
static void test_sets_follow_from_the_tables(void **state)
{
	(void)state;
	for (unsigned code = 1; code < lnr_syscall_count(); code++) {
		const struct lnr_syscall_info *s = lnr_syscall_info(code);
		const struct lnr_event_info *e;
		bool io, own;

		if (!s)
			continue;
		own = s->enter_event != LNR_EV_GENERIC_E;
		e = lnr_event_info(s->enter_event);
		io = own && (e->category == LNR_EC_IO_READ || e->category == LNR_EC_IO_WRITE);
		assert_int_equal(lnr_syscall_in_set(LNR_STR("io"), code), io);
		assert_int_equal(lnr_syscall_in_set(LNR_STR("file"), code),
			own && e->category == LNR_EC_FILE);
		assert_int_equal(lnr_syscall_in_set(LNR_STR("default_ignored"), code),
			io && !lnr_syscall_in_set(LNR_STR("state"), code));
		if (s->flags & LNR_UF_NEVER_DROP)
			assert_true(lnr_syscall_in_set(LNR_STR("state"), code));
	}
}

/* The C library has its own list of the same numbers. */
static void test_names_agree_with_libc(void **state)
{
	(void)state;
	for (int e = -1; e < 600; e++) {
		const char *libc = e > 0 ? strerrorname_np(e) : NULL;

		if (!libc && e < 512)
			assert_null(lnr_errno_name(e));
		else if (libc && strcmp(libc, "ENOTSUP") != 0)
			assert_string_equal(lnr_errno_name(e), libc);
	}
	assert_string_equal(lnr_errno_name(95), "EOPNOTSUPP");
	assert_string_equal(lnr_errno_name(512), "ERESTARTSYS");
	assert_string_equal(lnr_errno_name(530), "EIOCBRETRY");
	assert_null(lnr_errno_name(531));
	assert_null(lnr_errno_name(INT64_MAX));
	assert_null(lnr_errno_name(INT64_MIN));
	for (unsigned s = 0; s < 70; s++) {
		const char *libc = sigabbrev_np((int)s), *ours = lnr_signal_name(s);

		assert_int_equal(libc == NULL, ours == NULL);
		if (!libc)
			continue;
		assert_int_equal(strncmp(ours, "SIG", 3), 0);
		/* glibc abbreviates 29 as POLL. */
		assert_string_equal(ours + 3, strcmp(libc, "POLL") == 0 ? "IO" : libc);
	}
	assert_null(lnr_signal_name(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_small_enumerations),
		cmocka_unit_test(test_param_types),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_flag_tables),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_param_rows_are_complete),
		cmocka_unit_test(test_event_lookup),
		cmocka_unit_test(test_syscalls),
		cmocka_unit_test(test_ia32),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_sets_follow_from_the_tables),
		cmocka_unit_test(test_names_agree_with_libc),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
