/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines by table. */
#include <errno.h>
#include <stdlib.h>
#include "cli/cli.h"

static const struct lnr_opt *find_long(const struct lnr_opt *rows, struct lnr_str name)
{
	for (const struct lnr_opt *o = rows; o->kind != LNR_OPT_END; o++) {
		if (o->lng && lnr_str_eq(lnr_str_c(o->lng), name))
			return o;
	}
	return NULL;
}

static const struct lnr_opt *find_short(const struct lnr_opt *rows, char c)
{
	for (const struct lnr_opt *o = rows; o->kind != LNR_OPT_END; o++) {
		if (o->shrt == c)
			return o;
	}
	return NULL;
}

static int set_flag(bool *at, const char *value, const char *shown, struct lnr_err *err)
{
	if (!value || strcmp(value, "true") == 0)
		*at = true;
	else if (strcmp(value, "false") == 0)
		*at = false;
	else
		return lnr_fail(
			err, -EINVAL, "option '%s' takes true or false, not \"%s\"", shown, value);
	return 0;
}

static int add_to_list(struct lnr_opt_list *l, const char *value)
{
	const char **v = realloc(l->v, (l->n + 2) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = value;
	v[l->n] = NULL;
	return 0;
}

/* `shown` is the option as written, for messages. */
static int store(const struct lnr_opt *o, void *opts, const char *value, const char *shown,
	struct lnr_err *err)
{
	void *at = (char *)opts + o->offset;
	switch (o->kind) {
	case LNR_OPT_FLAG:
		return set_flag(at, value, shown, err);
	case LNR_OPT_STR:
		*(const char **)at = value;
		return 0;
	case LNR_OPT_LIST:
		return add_to_list(at, value) ? lnr_fail(err, -ENOMEM, "out of memory") : 0;
	case LNR_OPT_UINT:
		if (lnr_str_u64(lnr_str_c(value), at))
			return lnr_fail(err, -EINVAL, "option '%s' needs a number, not \"%s\"",
				shown, value);
		return 0;
	case LNR_OPT_OPTIONAL:
		*(struct lnr_opt_optional *)at = (struct lnr_opt_optional){true, value};
		return 0;
	case LNR_OPT_END:
		break;
	}
	return lnr_fail(err, -EINVAL, "unknown kind of option '%s'", shown);
}

static bool needs_value(const struct lnr_opt *o)
{
	return o->kind == LNR_OPT_STR || o->kind == LNR_OPT_LIST || o->kind == LNR_OPT_UINT;
}

/* Unknown, and the nearest that is shown. */
static int unknown_long(
	const struct lnr_opt *rows, struct lnr_str name, const char *word, struct lnr_err *err)
{
	const char *near = NULL;
	unsigned best = 3;
	for (const struct lnr_opt *o = rows; o->kind != LNR_OPT_END; o++) {
		unsigned d = o->lng && o->help ? lnr_str_distance(lnr_str_c(o->lng), name, best)
					       : best;
		if (d < best) {
			best = d;
			near = o->lng;
		}
	}
	return lnr_fail(err, -EINVAL, "unknown option '%s'%s%s%s", word,
		near ? ", did you mean --" : "", near ? near : "", near ? "?" : "");
}

static int parse_long(
	const struct lnr_opt *rows, void *opts, char **argv, int argc, int *at, struct lnr_err *err)
{
	const char *word = argv[*at];
	const char *eq = strchr(word, '=');
	struct lnr_str name = {word + 2, eq ? (size_t)(eq - word) - 2 : strlen(word) - 2};
	const struct lnr_opt *o = find_long(rows, name);
	if (!o)
		return unknown_long(rows, name, word, err);
	const char *value = eq ? eq + 1 : NULL;
	if (!value && needs_value(o)) {
		if (*at + 1 >= argc)
			return lnr_fail(err, -EINVAL, "option '%s' needs a value", word);
		value = argv[++*at];
	}
	return store(o, opts, value, word, err);
}

static int parse_shorts(
	const struct lnr_opt *rows, void *opts, char **argv, int argc, int *at, struct lnr_err *err)
{
	for (const char *p = argv[*at] + 1; *p; p++) {
		char shown[3] = {'-', *p, 0};
		const struct lnr_opt *o = find_short(rows, *p);
		if (!o)
			return lnr_fail(err, -EINVAL, "unknown option '%s'", shown);
		if (!needs_value(o)) {
			const char *value = p[1] == '=' ? p + 2 : NULL;
			int r = store(o, opts, value, shown, err);
			if (r || value)
				return r;
			continue;
		}
		const char *value = p + 1;
		if (!*value) {
			if (*at + 1 >= argc)
				return lnr_fail(err, -EINVAL, "option '%s' needs a value", shown);
			value = argv[++*at];
		}
		return store(o, opts, value, shown, err);
	}
	return 0;
}

int lnr_opts_parse(const struct lnr_opt *rows, void *opts, int argc, char **argv,
	const char ***ret_rest, struct lnr_err *err)
{
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	size_t n = 0;
	bool only_words = false;
	int r = rest ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
	for (int i = 1; !r && i < argc; i++) {
		const char *w = argv[i];
		if (only_words || w[0] != '-' || !w[1])
			rest[n++] = w;
		else if (strcmp(w, "--") == 0)
			only_words = true;
		else if (w[1] == '-')
			r = parse_long(rows, opts, argv, argc, &i, err);
		else
			r = parse_shorts(rows, opts, argv, argc, &i, err);
	}
	if (r) {
		free(rest);
		return r;
	}
	*ret_rest = rest;
	return 0;
}

void lnr_opts_done(const struct lnr_opt *rows, void *opts)
{
	for (const struct lnr_opt *o = rows; o->kind != LNR_OPT_END; o++) {
		if (o->kind == LNR_OPT_LIST)
			free(((struct lnr_opt_list *)((char *)opts + o->offset))->v);
	}
}

void lnr_opts_usage(const struct lnr_opt *rows, struct lnr_buf *out)
{
	for (const struct lnr_opt *o = rows; o->kind != LNR_OPT_END; o++) {
		char left[128] = "  ", shrt[4] = "";
		if (!o->help)
			continue;
		if (o->shrt)
			snprintf(shrt, sizeof(shrt), "-%c", o->shrt);
		size_t n = (size_t)snprintf(left, sizeof(left), "  %s%s%s%s", shrt,
			o->shrt && o->lng ? ", " : "", o->lng ? "--" : "", o->lng ? o->lng : "");
		if (o->arg && n < sizeof(left))
			snprintf(left + n, sizeof(left) - n, "%s%s",
				o->kind == LNR_OPT_OPTIONAL ? "[=" : " ", o->arg);
		if (o->arg && o->kind == LNR_OPT_OPTIONAL && strlen(left) + 1 < sizeof(left))
			strcat(left, "]");
		lnr_buf_printf(out, "%-32s%s%s\n", left, strlen(left) > 31 ? "  " : "", o->help);
	}
}
