/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: which types they take, and what they say (spec rules-language.md 8). */
#include "lib/fields.h"

#include <ctype.h>
#include <stdio.h>
#include "rules/ops.h"

static int setup(void **state)
{
	static struct lnr_test_fields f;

	lnr_test_fields_init(&f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	lnr_test_fields_done(*state);
	return 0;
}

static void yes(struct lnr_test_fields *f, const char *text)
{
	if (!lnr_test_cond(f, text))
		fail_msg("false: %s", text);
}

static void no(struct lnr_test_fields *f, const char *text)
{
	if (lnr_test_cond(f, text))
		fail_msg("true: %s", text);
}

/* --- which type takes which operator: written out by hand from spec 8.1 -------------------- */

static bool is_one_of(unsigned type, const unsigned *types, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (types[i] == type)
			return true;
	}
	return false;
}

static bool allowed(unsigned type, bool list, const char *op)
{
	static const unsigned numbers[] = {LNR_PT_INT8, LNR_PT_INT16, LNR_PT_INT32, LNR_PT_INT64,
		LNR_PT_UINT8, LNR_PT_UINT16, LNR_PT_UINT32, LNR_PT_UINT64, LNR_PT_ERRNO, LNR_PT_FD,
		LNR_PT_PID, LNR_PT_SYSCALLID, LNR_PT_SIGTYPE, LNR_PT_RELTIME, LNR_PT_ABSTIME,
		LNR_PT_PORT, LNR_PT_FLAGS8, LNR_PT_FLAGS16, LNR_PT_FLAGS32, LNR_PT_ENUMFLAGS8,
		LNR_PT_ENUMFLAGS16, LNR_PT_ENUMFLAGS32, LNR_PT_DOUBLE, LNR_PT_MODE};
	static const unsigned strings[] = {LNR_PT_CHARBUF, LNR_PT_FSPATH, LNR_PT_FSRELPATH};
	static const unsigned addresses[] = {
		LNR_PT_IPADDR, LNR_PT_IPNET, LNR_PT_IPV4ADDR, LNR_PT_IPV6ADDR};
	static const unsigned lists[] = {LNR_PT_CHARBUF, LNR_PT_UINT64, LNR_PT_RELTIME,
		LNR_PT_ABSTIME, LNR_PT_BOOL, LNR_PT_IPADDR, LNR_PT_IPNET};
	static const struct {
		const char *op, *kinds; /* n number, b bool, s string, y bytes, a address, l list */
	} table[] = {{"=", "nbsya"}, {"==", "nbsya"}, {"!=", "nbsya"}, {"<", "ns"}, {"<=", "ns"},
		{">", "ns"}, {">=", "ns"}, {"contains", "sy"}, {"startswith", "sy"},
		{"endswith", "sy"}, {"icontains", "s"}, {"glob", "s"}, {"iglob", "s"},
		{"regex", "s"}, {"pmatch", "s"}, {"bcontains", "y"}, {"bstartswith", "y"},
		{"in", "nbsyal"}, {"intersects", "nbsyal"}, {"exists", "nbsyal?"}};
	char kind = '?';

	if (list)
		kind = is_one_of(type, lists, LNR_ARRAY_SIZE(lists)) ? 'l' : '?';
	else if (is_one_of(type, numbers, LNR_ARRAY_SIZE(numbers)))
		kind = 'n';
	else if (is_one_of(type, strings, LNR_ARRAY_SIZE(strings)))
		kind = 's';
	else if (is_one_of(type, addresses, LNR_ARRAY_SIZE(addresses)))
		kind = 'a';
	else if (type == LNR_PT_BOOL)
		kind = 'b';
	else if (type == LNR_PT_BYTEBUF)
		kind = 'y';
	for (size_t i = 0; i < LNR_ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].op, op) == 0)
			return strchr(table[i].kinds, kind);
	}
	fail_msg("operator %s is not in the table of this test", op);
	return false;
}

static const char *constant(unsigned type, const char *op)
{
	if (op[0] == 'b' && (op[1] == 'c' || op[1] == 's'))
		return "cafe";
	switch (type) {
	case LNR_PT_BOOL:
		return "true";
	case LNR_PT_IPNET:
		return "10.0.0.0/8";
	case LNR_PT_IPADDR:
	case LNR_PT_IPV4ADDR:
		return "10.0.0.1";
	case LNR_PT_IPV6ADDR:
		return "::1";
	default:
		return "1";
	}
}

static void matrix(void **state)
{
	struct lnr_test_fields *f = *state;
	const struct lnr_op *op;
	unsigned n = 0;

	for (unsigned pt = LNR_PT_NONE + 1; pt < LNR_PT_COUNT; pt++) {
		for (unsigned k = 0; k < 4; k++) {
			bool list = k & 1, mod = k & 2;
			/* No constant of these can be read (spec 8.1). */
			bool unreadable = pt == LNR_PT_SIGTYPE || pt == LNR_PT_SYSCALLID;

			for (size_t i = 0; (op = lnr_op_row(i)); i++) {
				char text[128], name[32];
				const struct lnr_node *node;
				struct lnr_cond_err err;
				const char *c = constant(pt, op->name);
				bool want = allowed(pt, list, op->name);

				if (mod && op->form != LNR_OPF_SYMBOL && op->form != LNR_OPF_WORD)
					continue;
				snprintf(name, sizeof(name), "%s.%s", list ? "l" : "x",
					lnr_pt_name(pt));
				for (char *p = name; *p; p++)
					*p = (char)tolower(*p);
				if (op->form == LNR_OPF_ALONE)
					snprintf(text, sizeof(text), "%s %s", name, op->name);
				else
					snprintf(text, sizeof(text),
						mod || op->form == LNR_OPF_LIST ? "%s %s %s(%s)"
										: "%s %s %s%s",
						name, op->name, mod ? "anyof " : "", c);
				if (unreadable && op->form != LNR_OPF_ALONE)
					want = false;
				int r = lnr_test_compile(f, text, &node, &err);
				if (r != (want ? 0 : -EINVAL))
					fail_msg("%s: %d %s", text, r, r ? err.msg : "accepted");
				n++;
			}
		}
	}
	assert_true(n > 2000);
}

/* --- meaning ------------------------------------------------------------------------------- */

static void texts(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.charbuf", LNR_STR("/etc/Passwd"));
	yes(f, "x.charbuf = /etc/Passwd");
	yes(f, "x.charbuf == /etc/Passwd");
	no(f, "x.charbuf = /etc/passwd");
	no(f, "x.charbuf = /etc/Passwd2");
	no(f, "x.charbuf = /etc/Passw");
	yes(f, "x.charbuf != /etc/passwd");
	no(f, "x.charbuf != /etc/Passwd");
	yes(f, "x.charbuf > val(x.charbuf) or x.charbuf >= val(x.charbuf)");
	yes(f, "x.charbuf contains c/Pa");
	yes(f, "x.charbuf contains ''");
	no(f, "x.charbuf contains c/pa");
	yes(f, "x.charbuf icontains ETC/PASS");
	yes(f, "x.charbuf icontains ''");
	no(f, "x.charbuf icontains shadow");
	yes(f, "x.charbuf startswith /etc/");
	yes(f, "x.charbuf startswith ''");
	no(f, "x.charbuf startswith etc");
	yes(f, "x.charbuf endswith wd");
	yes(f, "x.charbuf endswith ''");
	no(f, "x.charbuf endswith /etc/Passwdx");
	yes(f, "x.charbuf glob /etc/*");
	yes(f, "x.charbuf glob '*P?ss[a-w]*'");
	no(f, "x.charbuf glob /etc");
	no(f, "x.charbuf glob /ETC/*");
	yes(f, "x.charbuf iglob /ETC/pass*");
	yes(f, "x.charbuf regex '/etc/[A-Z].*'");
	no(f, "x.charbuf regex '/etc/'");
	yes(f, "x.charbuf pmatch (/usr, /etc)");
	no(f, "x.charbuf pmatch (/usr, /etc/passwd)");
	no(f, "x.charbuf pmatch ()");
	yes(f, "x.charbuf in (a, /etc/Passwd, b)");
	no(f, "x.charbuf in (a, b, c, d, e, f, g)");
	yes(f, "x.charbuf in (a, b, c, d, e, f, /etc/Passwd)");
	no(f, "x.charbuf in ()");
	yes(f, "x.charbuf intersects (a, /etc/Passwd)");
	no(f, "x.charbuf intersects ()");
	yes(f, "x.charbuf exists");

	lnr_test_set_str(f, "x.charbuf", LNR_STR(""));
	yes(f, "x.charbuf = ''");
	no(f, "x.charbuf != ''");
	yes(f, "x.charbuf in ('')");
	no(f, "x.charbuf in ()");
	yes(f, "x.charbuf contains ''");
	no(f, "x.charbuf contains a");
	yes(f, "x.charbuf exists");
	yes(f, "x.charbuf < 5");
	yes(f, "x.charbuf regex ''");
	yes(f, "x.charbuf pmatch (/)");
	yes(f, "x.charbuf glob *");

	lnr_test_set_str(f, "x.charbuf", LNR_STR("b"));
	yes(f, "x.charbuf > 5"); /* byte order */
	no(f, "x.charbuf < 9999");
	lnr_test_set_str(f, "x.charbuf", LNR_STR("50"));
	yes(f, "x.charbuf > 5 and x.charbuf < 6 and x.charbuf <= 50 and x.charbuf >= 50");
	/* A NUL byte in the text ends the constant; one written as \x00 is refused. */
	yes(f, "x.charbuf = 50");
}

static void bytes(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.bytebuf",
		LNR_STR("\x7f"
			"ELF\0\x01"));
	yes(f, "x.bytebuf bstartswith 7f454c46");
	yes(f, "x.bytebuf bstartswith 7F454c4600");
	yes(f, "x.bytebuf bcontains 4600");
	yes(f, "x.bytebuf bcontains ''");
	no(f, "x.bytebuf bcontains 4601");
	yes(f, "x.bytebuf contains ELF");
	yes(f, "x.bytebuf endswith \"\\x00\\x01\"");
	yes(f, "x.bytebuf = \"\\x7fELF\\x00\\x01\"");
	no(f, "x.bytebuf = \"\\x7fELF\""); /* length counts */
	yes(f, "x.bytebuf != \"\\x7fELF\"");
	yes(f, "x.bytebuf in (ab, \"\\x7fELF\\x00\\x01\")");
	yes(f, "x.bytebuf bcontains anyof (ffff, 454c)");
	no(f, "x.bytebuf bcontains allof (ffff, 454c)");
}

static void numbers(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_s64(f, "x.int64", -5);
	yes(f, "x.int64 = -5 and x.int64 < 0 and x.int64 <= -5 and x.int64 > -6 and x.int64 >= -5");
	no(f, "x.int64 > 0 or x.int64 = 5 or x.int64 >= -4 or x.int64 < -5 or x.int64 != -5");
	yes(f, "x.int64 in (1, -5)");
	yes(f, "x.int64 intersects (1, 2, 3, 4, 5, -5)");
	lnr_test_set_u64(f, "x.uint64", UINT64_MAX);
	yes(f, "x.uint64 > 0 and x.uint64 = -1 and x.uint64 = 18446744073709551615");
	no(f, "x.uint64 < 9223372036854775807");
	lnr_test_set_u64(f, "x.port", 443);
	yes(f, "x.port = 443 and x.port = https and x.port in (80, https) and x.port < 1024");
	lnr_test_set_u64(f, "x.bool", 1);
	yes(f, "x.bool = true and x.bool != false and x.bool in (true)");
	no(f, "x.bool = false or x.bool in (false)");
	lnr_test_set_double(f, "x.double", 12.5);
	yes(f, "x.double > 12 and x.double < 13 and x.double != 12");
	no(f, "x.double = 12 or x.double in (12, 13)");
	lnr_test_set_double(f, "x.double", 12.0);
	yes(f, "x.double = 12 and x.double in (1, 2, 3, 4, 12)");
}

static void addresses(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_ip(f, "x.ipaddr", "10.1.2.3");
	lnr_test_set_ip(f, "x.ipnet", "10.1.2.3");
	yes(f, "x.ipaddr = 10.1.2.3 and x.ipaddr != 10.1.2.4 and x.ipaddr in (::1, 10.1.2.3)");
	no(f, "x.ipaddr = ::ffff:a01:203");   /* mapped forms are not unified */
	yes(f, "x.ipaddr != ::ffff:a01:203"); /* another family is different */
	yes(f, "x.ipnet = 10.0.0.0/8 and x.ipnet != 11.0.0.0/8 and x.ipnet != fe80::/10");
	no(f, "x.ipnet != 10.0.0.0/8 or x.ipnet = fe80::/10");
	yes(f, "x.ipnet in (fe80::/10, 11.0.0.0/8, 10.1.0.0/16)");
	no(f, "x.ipnet in (fe80::/10, 11.0.0.0/8) or x.ipnet in ()");
	yes(f, "x.ipnet intersects (11.0.0.0/8, 10.1.2.3/32)");
	yes(f, "x.ipnet = anyof (11.0.0.0/8, 10.0.0.0/8) and x.ipnet != anyof (11.0.0.0/8, "
	       "10.0.0.0/8)");
	yes(f, "x.ipnet = oneof (11.0.0.0/8, 10.0.0.0/8)");
	no(f, "x.ipnet = oneof (10.1.0.0/16, 10.0.0.0/8) or x.ipnet != allof (11.0.0.0/8, "
	      "10.0.0.0/8)");
}

/* Whatever the operator, an absent value makes the check false; only `not` turns it. */
static void absent(void **state)
{
	struct lnr_test_fields *f = *state;
	static const char *const checks[] = {"x.one = a", "x.one != a", "x.one < 1", "x.one <= 1",
		"x.one > 1", "x.one >= 1", "x.one contains a", "x.one icontains a",
		"x.one startswith ''", "x.one endswith ''", "x.one glob *", "x.one iglob *",
		"x.one regex '.*'", "x.one pmatch (/)", "x.one in (a)", "x.one in ()",
		"x.one intersects (a)", "x.one exists", "x.one != allof (a)", "x.one != oneof (a)",
		"x.one = val(x.two)", "x.one != val(x.two)", "x.two != val(x.one)",
		"x.two in val(x.one)", "tolower(x.one) != a", "x.two != tolower(x.one)",
		"l.charbuf in (a)", "l.charbuf in ()", "l.charbuf exists", "end.port != 1",
		"any.charbuf != a", "x.ipnet != 10.0.0.0/8", "x.bool != true"};
	char text[64];

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.two", LNR_STR("b"));
	for (size_t i = 0; i < LNR_ARRAY_SIZE(checks); i++) {
		no(f, checks[i]);
		snprintf(text, sizeof(text), "not %s", checks[i]);
		yes(f, text);
	}
}

static void modifiers(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("abc"));
	yes(f, "x.one = anyof (abc, x)");
	no(f, "x.one = anyof (x, y) or x.one = anyof ()");
	yes(f, "x.one = oneof (abc, x)");
	no(f, "x.one = oneof (abc, abc)"); /* duplicates count */
	no(f, "x.one = oneof (x, y) or x.one = oneof ()");
	yes(f, "x.one = allof (abc, abc)");
	no(f, "x.one = allof (abc, x) or x.one = allof ()");
	yes(f, "x.one != anyof (abc, x)"); /* differs from one of them */
	no(f, "x.one != anyof (abc) or x.one != allof (abc, x) or x.one != allof ()");
	yes(f, "x.one != allof (x, y) and x.one != oneof (abc, x)");
	yes(f, "x.one contains allof (a, b, c) and x.one contains oneof (ab, ac)");
	no(f, "x.one contains oneof (a, b)");
	yes(f, "x.one startswith anyof (b, a) and x.one endswith anyof (b, c)");
	yes(f, "x.one glob anyof ('?', a*) and x.one iglob allof (A*, *C)");
	yes(f, "x.one regex oneof ('a.*', 'b.*') and x.one icontains anyof (B)");
	yes(f, "x.one = anyof abc");
	yes(f, "not x.one = anyof (x)");
	lnr_test_set_s64(f, "x.int32", 2);
	yes(f, "x.int32 = anyof (1, 2) and x.int32 != anyof (1, 2) and x.int32 != allof (1, 3)");
}

static void lists(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_list(f, "l.charbuf", "a|b");
	yes(f, "l.charbuf in (a, b, c)");
	no(f, "l.charbuf in (a, c) or l.charbuf in ()");
	yes(f, "l.charbuf intersects (c, b)");
	no(f, "l.charbuf intersects (c) or l.charbuf intersects ()");
	yes(f, "l.charbuf exists");
	yes(f, "l.charbuf in val(l.charbuf) and l.charbuf intersects val(l.charbuf)");
	lnr_test_set_list(f, "l.charbuf", "");
	yes(f, "l.charbuf in (a) and l.charbuf in () and l.charbuf exists");
	no(f, "l.charbuf intersects (a)");
	lnr_test_set_list(f, "l.uint64", "1|2|3");
	yes(f, "l.uint64 in (1, 2, 3, 4, 5, 6) and l.uint64 intersects (7, 3)");
	no(f, "l.uint64 in (1, 2)");
	lnr_test_set_list(f, "l.ipnet", "10.0.0.1|11.0.0.1");
	yes(f, "l.ipnet in (10.0.0.0/8, 11.0.0.0/8) and l.ipnet intersects (10.0.0.0/8)");
	no(f, "l.ipnet in (10.0.0.0/8)");
	lnr_test_set_list(f, "l.bool", "true|true");
	yes(f, "l.bool in (true)");
}

/* One of several candidates is enough (ancestors). */
static void any(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_list(f, "any.charbuf", "bash|sshd|systemd");
	yes(f, "any.charbuf = sshd and any.charbuf != sshd and any.charbuf in (x, sshd)");
	no(f, "any.charbuf = x or any.charbuf in (x, y)");
	yes(f, "any.charbuf contains sh and any.charbuf startswith sys and any.charbuf glob s*d");
	yes(f, "any.charbuf regex 's.*h.' and any.charbuf pmatch (/sshd) and any.charbuf < 9 or "
	       "any.charbuf > 9");
	/* Each element of the list may be met by another candidate. */
	yes(f, "any.charbuf = allof (bash, sshd) and any.charbuf contains allof (ba, stem)");
	yes(f, "any.charbuf = oneof (bash, x)");
	no(f, "any.charbuf = allof (bash, x)");
	lnr_test_set_list(f, "any.charbuf", "bash");
	no(f, "any.charbuf != bash");
	lnr_test_set_list(f, "any.int64", "7|8");
	yes(f, "any.int64 = 8 and any.int64 > 7 and any.int64 in (1, 8)");
}

/* Either end of a connection, but for `!=` both. */
static void ends(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_list(f, "end.port", "40000|443");
	yes(f, "end.port = 443 and end.port = 40000 and end.port < 1000 and end.port > 1000");
	yes(f, "end.port in (1, 443) and end.port intersects (443) and end.port != 80");
	no(f, "end.port = 80 or end.port != 443 or end.port != 40000 or end.port in (80)");
	yes(f, "end.port = anyof (80, 443) and end.port = allof (443, 40000)");
	no(f, "end.port != anyof (443, 40000)");
	yes(f, "end.port != anyof (443, 80)");
	lnr_test_set_list(f, "end.ipaddr", "10.0.0.1|8.8.8.8");
	yes(f, "end.ipaddr = 8.8.8.8 and end.ipaddr != 1.1.1.1 and end.ipaddr in (8.8.8.8)");
	no(f, "end.ipaddr != 8.8.8.8");
	lnr_test_set_list(f, "end.ipnet", "10.0.0.1|8.8.8.8");
	yes(f, "end.ipnet = 10.0.0.0/8 and end.ipnet != 11.0.0.0/8");
	yes(f, "end.ipnet in (11.0.0.0/8, 8.0.0.0/8)"); /* every network is looked at */
	no(f, "end.ipnet != 10.0.0.0/8");
	/* Not an IP socket: there is a value, and it compares with nothing. */
	lnr_test_set_list(f, "end.port", "");
	yes(f, "end.port exists");
	no(f, "end.port = 1 or end.port != 1 or end.port in (1)");
}

static void fields(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("bash"));
	lnr_test_set_str(f, "x.two", LNR_STR("as"));
	lnr_test_set_str(f, "x.three", LNR_STR("b*"));
	yes(f, "x.one contains val(x.two) and x.one != val(x.two) and x.one > val(x.two)");
	yes(f, "x.one glob val(x.three) and x.one iglob toupper(x.three)");
	yes(f, "x.one icontains toupper(x.two) and x.one in val(x.one)");
	no(f, "x.one = val(x.two) or x.one startswith val(x.two) or x.one endswith val(x.two)");
	yes(f, "concat(x.two, 'h') = val(x.two) or x.one endswith concat(x.two, 'h')");
	yes(f, "len(x.one) > len(x.two)");
}

static void own_comparison(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	yes(f, "x.own = magic");
	no(f, "x.own = other");
	yes(f, "x.own in (other, magic) and x.own = anyof (a, magic)");
	no(f, "x.own = allof (a, magic) or x.own in ()");
	assert_int_equal(lnr_test_reads(f, "x.own"), 0);
	no(f, "x.own contains a"); /* absent */
	yes(f, "x.own exists");	   /* the field itself decides about this, too */
	lnr_test_set_str(f, "x.own", LNR_STR("abc"));
	yes(f, "x.own contains b and x.own exists");
	yes(f, "x.own != magic");
}

/* Texts that were decoded: up to the NUL, but `in` takes all bytes. */
static void decoded(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("YWJjAGRlZg==")); /* abc NUL def */
	yes(f, "b64(x.one) = abc and b64(x.one) endswith c and b64(x.one) glob ab?");
	no(f, "b64(x.one) in (abc) or b64(x.one) contains d");
	yes(f, "len(b64(x.one)) = 7");
}

static void rows(void **state)
{
	const struct lnr_op *op;

	(void)state;
	for (size_t i = 0; (op = lnr_op_row(i)); i++) {
		assert_ptr_equal(lnr_op_find(lnr_str_c(op->name)), op);
		assert_non_null(op->eval);
		assert_non_null(lnr_op_canonical(op));
		/* No earlier row of the same form is the beginning of a later one. */
		for (size_t k = 0; k < i; k++) {
			const struct lnr_op *before = lnr_op_row(k);

			assert_false(before->form == op->form && op->form != LNR_OPF_WORD &&
				     lnr_str_starts(lnr_str_c(op->name), lnr_str_c(before->name)));
		}
	}
	assert_ptr_equal(lnr_op_canonical(lnr_op_find(LNR_STR("=="))), lnr_op_find(LNR_STR("=")));
	assert_null(lnr_op_find(LNR_STR("like")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(matrix),
		cmocka_unit_test(texts),
		cmocka_unit_test(bytes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(absent),
		cmocka_unit_test(modifiers),
		cmocka_unit_test(lists),
		cmocka_unit_test(any),
		cmocka_unit_test(ends),
		cmocka_unit_test(fields),
		cmocka_unit_test(own_comparison),
		cmocka_unit_test(decoded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
