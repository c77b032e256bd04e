/* SPDX-License-Identifier: Apache-2.0 */
/* References to rows and arguments; what is refused and how. */
#include "fixture.h"
#include "lib/failalloc.h"

static int resolve(struct fx *f, const char *text, struct lnr_field_ref *ret, struct lnr_err *err)
{
	return lnr_field_resolve(f->set, lnr_str_c(text), &f->arena, ret, err);
}

/* Every row of every class is found by its own name. */
static void test_each_name(void **state)
{
	struct fx *f = *state;
	const struct lnr_field_class *cls;
	struct lnr_field_ref ref;
	size_t pos = 0, n = 0;

	while ((cls = lnr_fieldset_next(f->set, &pos))) {
		for (const struct lnr_field *row = cls->fields; row->name; row++, n++) {
			int r = resolve(f, row->name, &ref, NULL);
			if (r == -EINVAL) {
				assert_true(row->flags & LNR_FIELD_ARG_REQUIRED);
				continue;
			}
			assert_int_equal(r, 0);
			assert_ptr_equal(ref.def, row);
			assert_ptr_equal(ref.cls, cls);
			assert_str(ref.text, row->name);
			assert_int_equal(ref.is_list, (row->flags & LNR_FIELD_LIST) != 0);
			assert_int_equal(ref.slot, UINT32_MAX);
			assert_false(ref.has_arg);
		}
	}
	assert_true(n >= 233);
}

static void test_forms(void **state)
{
	static const struct {
		const char *in, *text, *arg;
		bool suffix, index;
		uint64_t n;
	} rows[] = {
		{"proc.aname[2]", "proc.aname[2]", "2", false, true, 2},
		{"proc.aname[\"1\"]", "proc.aname[1]", "1", false, true, 1},
		{"proc.aname['01']", "proc.aname[01]", "01", false, true, 1},
		{"proc.env[a-b.c/d]", "proc.env[a-b.c/d]", "a-b.c/d", false, false, 0},
		{"proc.env[a(b)]", "proc.env[a(b)]", "a(b)", false, false, 0},
		{"proc.env['MY VAR']", "proc.env[\"MY VAR\"]", "MY VAR", false, false, 0},
		{"proc.env[\"a\\\"b\"]", "proc.env[\"a\\\"b\"]", "a\"b", false, false, 0},
		{"proc.env['a\\'b']", "proc.env[\"a'b\"]", "a'b", false, false, 0},
		{"proc.env['a\\tb\\\\c\\x41']", "proc.env[\"a\\tb\\\\cA\"]", "a\tb\\cA", false,
			false, 0},
		{"proc.env['a\vb']", "proc.env[\"a\vb\"]", "a\vb", false, false, 0},
		{"proc.env['']", "proc.env[\"\"]", "", false, false, 0},
		{"evt.arg.flags", "evt.arg.flags", "flags", true, false, 0},
		{"evt.arg.fd1", "evt.arg.fd1", "fd1", true, false, 0},
		{"evt.arg[0]", "evt.arg[0]", "0", false, true, 0},
		{"evt.rawarg.res", "evt.rawarg.res", "res", true, false, 0},
		{"evt.type.is.openat", "evt.type.is.openat", "openat", true, false, 0},
		{"evt.type.is.307", "evt.type.is.307", "307", true, false, 0},
		{"evt.abspath.dst", "evt.abspath.dst", "dst", true, false, 1},
		{"evt.around[1000]", "evt.around[1000]", "1000", false, true, 1000},
		{"thread.cgroup.cpu_set", "thread.cgroup.cpu_set", "cpu_set", true, false, 0},
		{"fd.types[1]", "fd.types[1]", "1", false, true, 1},
		{"container.mount[0]", "container.mount[0]", "0", false, true, 0},
		{"container.mount[00]", "container.mount[00]", "00", false, false, 0},
		{"container.label[a.b/c]", "container.label[a.b/c]", "a.b/c", false, false, 0},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_field_ref ref;
		struct lnr_err err = {0};
		assert_ok(resolve(f, rows[i].in, &ref, &err), &err);
		assert_str(ref.text, rows[i].text);
		assert_str(ref.arg, rows[i].arg);
		assert_true(ref.has_arg);
		assert_int_equal(ref.arg_is_suffix, rows[i].suffix);
		assert_int_equal(ref.has_index, rows[i].index);
		assert_int_equal(ref.index, rows[i].n);
		/* The canonical text means the same. */
		struct lnr_field_ref again;
		assert_ok(lnr_field_resolve(f->set, ref.text, &f->arena, &again, &err), &err);
		assert_ptr_equal(again.def, ref.def);
		assert_bytes(again.arg, ref.arg);
	}
}

/* -ENOENT is what skip-if-unknown-filter covers. */
static const struct refused {
	const char *in;
	int code;
} refused[] = {
	{"", -ENOENT},
	{"proc", -ENOENT},
	{"proc.", -ENOENT},
	{"proc.colour", -ENOENT},
	{"[1]", -ENOENT},
	{"proc.name[1]", -ENOENT},
	{"proc.name.x", -ENOENT},
	{"proc.namex", -ENOENT},
	{"proc.aname[a]", -ENOENT},
	{"proc.aname[1a]", -ENOENT},
	{"proc.aname[1.5]", -ENOENT},
	{"proc.aname[\"\"]", -ENOENT},
	{"proc.aname['a b']", -ENOENT},
	{"proc.aname.1", -ENOENT},
	{"proc.args[x]", -ENOENT},
	{"proc.apid['1 ']", -ENOENT},
	{"evt.args[0]", -ENOENT},
	{"evt.num[0]", -ENOENT},
	{"evt.arg.flagsx", -ENOENT},
	{"evt.arg.fd[1]", -ENOENT},
	{"evt.arg.flags.x", -ENOENT},
	{"evt.rawarg.namex", -ENOENT},
	{"evt.rawarg.name[1]", -ENOENT},
	{"evt.type.is.nosuch", -ENOENT},
	{"evt.type.is.999", -ENOENT},
	{"evt.abspath.foo", -ENOENT},
	{"evt.abspath[1]", -ENOENT},
	{"evt.buffer[1]", -ENOENT},
	{"thread.cgroup.cpu2", -ENOENT},
	{"thread.cgroup.", -ENOENT},
	{"thread.cgroups.x", -ENOENT},
	{"fs.path", -ENOENT},
	{"static.team", -ENOENT},

	{"proc.aname[1", -EINVAL},
	{"proc.aname[]", -EINVAL},
	{"proc.aname[[1]]", -EINVAL},
	{"proc.aname[1]x", -EINVAL},
	{"proc.aname[ 1]", -EINVAL},
	{"proc.aname[\"1']", -EINVAL},
	{"proc.aname[\"1]", -EINVAL},
	{"proc.env['\\q']", -EINVAL},
	{"proc.env['\\", -EINVAL},
	{"evt.arg", -EINVAL},
	{"evt.arg[x]", -EINVAL},
	{"evt.arg[0x1]", -EINVAL},
	{"evt.arg.nosuch", -EINVAL},
	{"evt.arg.0", -EINVAL},
	{"evt.rawarg", -EINVAL},
	{"evt.rawarg[0]", -EINVAL},
	{"evt.rawarg.nosuch", -EINVAL},
	{"evt.type.is", -EINVAL},
	{"evt.type.is[open]", -EINVAL},
	{"evt.around", -EINVAL},
	{"evt.around[x]", -EINVAL},
	{"evt.around[1][2]", -EINVAL},
	{"thread.cgroup", -EINVAL},
	{"thread.cgroup[cpu]", -EINVAL},
	{"fd.types[x]", -EINVAL},
	{"container.id[1]", -EINVAL},
	{"container.label", -EINVAL},
	{"container.mount", -EINVAL},
	{"container.mount['(']", -EINVAL},
	{"k8s.pod.label", -EINVAL},
};

static void test_refused(void **state)
{
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(refused); i++) {
		struct lnr_field_ref ref = {0};
		struct lnr_err err = {0};
		int r = resolve(f, refused[i].in, &ref, &err);
		if (r != refused[i].code)
			print_error("%s\n", refused[i].in);
		assert_int_equal(r, refused[i].code);
		assert_int_equal(err.code, refused[i].code);
		assert_true(err.msg[0]);
		/* Without an interest in the reason. */
		assert_int_equal(resolve(f, refused[i].in, &ref, NULL), refused[i].code);
		assert_null(ref.def); /* nothing on failure */
	}
}

static void test_did_you_mean(void **state)
{
	static const char *const rows[][2] = {
		{"proc.nam", "'proc.name'"},
		{"prc.name", "'proc.name'"},
		{"proc.cmdlnie", "'proc.cmdline'"},
		{"proc.aname2[1]", "'proc.aname'"},
		{"evt.arg.flasg", "'flags'"},
		{"evt.rawarg.filenam", "'filename'"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_field_ref ref;
		struct lnr_err err = {0};
		assert_true(resolve(f, rows[i][0], &ref, &err) < 0);
		assert_has(err.msg, "did you mean");
		assert_has(err.msg, rows[i][1]);
	}
	struct lnr_field_ref ref;
	struct lnr_err err = {0};
	assert_true(resolve(f, "quite.something.else", &ref, &err) < 0);
	assert_null(strstr(err.msg, "did you mean"));
}

/* The type of evt.rawarg.NAME is that of the first parameter of that name. */
static void test_rawarg_types(void **state)
{
	static const struct {
		const char *name;
		uint8_t type;
	} rows[] = {
		{"flags", LNR_PT_FLAGS32},
		{"res", LNR_PT_ERRNO},
		{"fd", LNR_PT_FD},
		{"uid", LNR_PT_UINT32},
		{"euid", LNR_PT_UID},
		{"name", LNR_PT_FSPATH},
		{"pathname", LNR_PT_FSRELPATH},
		{"data", LNR_PT_BYTEBUF},
		{"addr", LNR_PT_SOCKADDR},
		{"tuple", LNR_PT_SOCKTUPLE},
		{"fds", LNR_PT_FDLIST},
		{"sig", LNR_PT_SIGTYPE},
		{"sigmask", LNR_PT_SIGSET},
		{"ID", LNR_PT_SYSCALLID},
		{"val", LNR_PT_DYN},
		{"interval", LNR_PT_RELTIME},
		{"exe_ino_ctime", LNR_PT_ABSTIME},
		{"remote_port", LNR_PT_PORT},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		char text[64];
		snprintf(text, sizeof(text), "evt.rawarg.%s", rows[i].name);
		struct lnr_field_ref ref = fx_ref(f, text);
		assert_int_equal(ref.type, rows[i].type);
	}
}

static void test_event_type_constants(void **state)
{
	struct fx *f = *state;
	struct lnr_field_ref ref = fx_ref(f, "evt.type"), other = fx_ref(f, "syscall.type");
	struct lnr_err err = {0};
	static const char *const good[] = {"open", "execve", "container", "container_removed",
		"switch", "epoll_ctl", "unknown", "procexit", "NA", "asyncevent", ""};

	assert_non_null(ref.def->check_const);
	assert_null(other.def->check_const);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(good); i++)
		assert_ok(ref.def->check_const(&ref, lnr_str_c(good[i]), &err), &err);
	assert_code(ref.def->check_const(&ref, LNR_STR("opne"), &err), -ENOENT);
	assert_has(err.msg, "'opne', did you mean 'open'?");
	assert_code(ref.def->check_const(&ref, LNR_STR("opne"), NULL), -ENOENT);
	assert_code(ref.def->check_const(&ref, LNR_STR("Open"), &err), -ENOENT);
	assert_code(ref.def->check_const(&ref, LNR_STR("nothing_like_it_at_all"), &err), -ENOENT);
	assert_null(strstr(err.msg, "did you mean"));
}

static void test_sources(void **state)
{
	struct lnr_fieldset *set = lnr_fieldset_new("k8s_audit");
	struct fx *f = *state;
	struct lnr_field_ref ref;

	assert_non_null(set);
	assert_code(lnr_field_resolve(set, LNR_STR("evt.num"), &f->arena, &ref, NULL), 0);
	assert_code(lnr_field_resolve(set, LNR_STR("proc.name"), &f->arena, &ref, NULL), -ENOENT);
	assert_code(lnr_field_resolve(set, LNR_STR("evt.type"), &f->arena, &ref, NULL), -ENOENT);
	assert_ptr_equal(lnr_fieldset_unref(set), NULL);
	assert_ptr_equal(lnr_fieldset_unref(NULL), NULL);

	set = lnr_fieldset_new("syscall");
	assert_code(lnr_field_resolve(set, LNR_STR("container.id"), &f->arena, &ref, NULL), 0);
	assert_code(lnr_fieldset_remove(set, "container (plugin)"), 0);
	assert_code(
		lnr_field_resolve(set, LNR_STR("container.id"), &f->arena, &ref, NULL), -ENOENT);
	assert_code(lnr_field_resolve(set, LNR_STR("k8s.ns.name"), &f->arena, &ref, NULL), -ENOENT);
	assert_code(lnr_fieldset_remove(set, "container (plugin)"), -ENOENT);
	lnr_fieldset_unref(set);
}

static bool get_seven(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	(void)ctx;
	*ret = (struct lnr_val){.type = ref->type, .u64 = 7};
	return true;
}

/* A class as plugins add them: declared arguments, errors of their own kind. */
static void test_added_class(void **state)
{
	static const struct lnr_field fields[] = {
		{.name = "beat.num", .type = LNR_PT_UINT64, .fmt = LNR_PF_DEC, .get = get_seven},
		{.name = "beat.part",
			.type = LNR_PT_CHARBUF,
			.flags = LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_INDEX,
			.get = get_seven},
		{.name = "beat.say",
			.type = LNR_PT_CHARBUF,
			.flags = LNR_FIELD_ARG_ALLOWED | LNR_FIELD_ARG_KEY,
			.get = get_seven},
		{.name = "proc.name", .type = LNR_PT_UINT64, .get = get_seven},
		{},
	};
	static const struct lnr_field_class cls = {.name = "beat",
		.short_desc = "",
		.desc = "",
		.source = "beat",
		.strict_args = true,
		.fields = fields};
	static const struct {
		const char *in;
		int code;
		bool index;
	} rows[] = {
		{"beat.num", 0, false},
		{"beat.num[1]", -EINVAL, false},
		{"beat.part", -EINVAL, false},
		{"beat.part[0]", 0, true},
		{"beat.part[18446744073709551615]", 0, true},
		{"beat.part[18446744073709551616]", -EINVAL, false},
		{"beat.part[01]", -EINVAL, false},
		{"beat.part[x]", -EINVAL, false},
		{"beat.say", 0, false},
		{"beat.say[1]", 0, false},
		{"beat.say[x]", 0, false},
		{"beat.other", -ENOENT, false},
	};
	struct fx *f = *state;

	assert_code(lnr_fieldset_add(f->set, &cls), 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_field_ref ref = {0};
		assert_code(resolve(f, rows[i].in, &ref, NULL), rows[i].code);
		assert_int_equal(ref.has_index, rows[i].index);
	}
	/* The first class that has a name keeps it. */
	struct lnr_field_ref ref = fx_ref(f, "proc.name");
	assert_int_equal(ref.type, LNR_PT_CHARBUF);
	fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
	want(f, "beat.num", "7");
}

static void test_static_fields(void **state)
{
	const struct lnr_str pairs[][2] = {
		{LNR_STR("team"), LNR_STR("red")},
		{LNR_STR("level"), LNR_STR("5")},
		{LNR_STR("a-b c"), LNR_STR("")},
	};
	const struct lnr_str bad[][2] = {{LNR_STR(""), LNR_STR("x")}};
	const struct lnr_field_class *cls;
	struct fx *f = *state;
	struct lnr_field_ref ref;

	assert_code(lnr_field_static_class(&f->arena, pairs, 3, &cls), 0);
	assert_code(lnr_fieldset_add(f->set, cls), 0);
	fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
	want_rows(f, {"static.team", "red"}, {"static.level", "5"}, {"static.a-b c", ""});
	want_json(f, "static.level", "\"5\"");
	assert_code(resolve(f, "static.tea", &ref, NULL), -ENOENT);
	assert_code(resolve(f, "static.teams", &ref, NULL), -ENOENT);
	assert_code(resolve(f, "static.team[0]", &ref, NULL), -ENOENT);
	assert_code(lnr_field_static_class(&f->arena, bad, 1, &cls), -EINVAL);
	assert_code(lnr_field_static_class(&f->arena, NULL, 0, &cls), 0);
	assert_null(cls->fields[0].name);
}

static int resolve_all(void *arg)
{
	static const char *const texts[] = {"proc.name", "proc.env['A B']", "evt.arg.flags",
		"evt.type.is.open", "container.mount[/x.*]", "evt.buffer"};
	struct lnr_fieldset *set = lnr_fieldset_new("syscall");
	struct lnr_arena arena;
	struct lnr_field_ref ref;
	int r = set ? 0 : -ENOMEM;

	(void)arg;
	lnr_arena_init(&arena, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(texts) && r == 0; i++)
		r = lnr_field_resolve(set, lnr_str_c(texts[i]), &arena, &ref, NULL);
	lnr_arena_done(&arena);
	lnr_fieldset_unref(set);
	return r;
}

static void test_out_of_memory(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(resolve_all, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_each_name),
		FX_TEST(test_forms),
		FX_TEST(test_refused),
		FX_TEST(test_did_you_mean),
		FX_TEST(test_rawarg_types),
		FX_TEST(test_event_type_constants),
		FX_TEST(test_sources),
		FX_TEST(test_added_class),
		FX_TEST(test_static_fields),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests_name("fields/resolve", tests, NULL, NULL);
}
