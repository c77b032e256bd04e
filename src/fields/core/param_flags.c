/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flag words, enumerations and file modes as names (spec fields.md 3.1). The order of a table
 * decides: each name takes its bits away from what the following ones see, so that RDWR, which is
 * RDONLY and WRONLY together, comes before them and hides them.
 */
#include <unistd.h>
#include <stdio.h>
#include "fields/core/param_priv.h"

static void add_name(struct lnr_text *t, const char *name)
{
	if (t->len)
		lnr_text_chr(t, '|');
	lnr_text_add(t, lnr_str_c(name));
}

/* A name stands for bits that are all left, or for zero when there was nothing from the start. */
static bool takes(const struct lnr_flag *f, uint32_t left, uint32_t value)
{
	return f->value ? (left & f->value) == f->value : value == 0;
}

static void add_flags(struct lnr_text *t, const struct lnr_flag *f, uint32_t value)
{
	uint32_t left = value;

	for (; f->name; f++) {
		if (!takes(f, left, value))
			continue;
		left &= ~f->value;
		add_name(t, f->name);
		if (f->value == value)
			return;
	}
}

/* Several names may mean the same number (AF_LOCAL, AF_UNIX): all are shown. */
static void add_enum(struct lnr_text *t, const struct lnr_flag *f, uint32_t value)
{
	for (; f->name; f++)
		if (f->value == value)
			add_name(t, f->name);
}

/* Like flags, but a name that equals the whole value ends the list without having to be left. */
static void add_mode(struct lnr_text *t, const struct lnr_flag *f, uint32_t value)
{
	uint32_t left = value;

	for (; f->name; f++) {
		if (f->value == value) {
			add_name(t, f->name);
			return;
		}
		if (f->value && takes(f, left, value)) {
			left &= ~f->value;
			add_name(t, f->name);
		}
	}
}

struct lnr_str lnr_flags_text(struct lnr_render *r, uint32_t value)
{
	const struct lnr_flag_table *table = r->info->flags;
	struct lnr_text t;
	size_t max = 0;

	if (!table)
		return (struct lnr_str){"", 0};
	for (const struct lnr_flag *f = table->flags; f->name; f++)
		max += strlen(f->name) + 1;
	if (!lnr_text_begin(&t, r->ctx->ev->scratch, max)) {
		r->ctx->n_nomem++;
		return (struct lnr_str){"", 0};
	}
	switch (r->type) {
	case LNR_PT_MODE:
		add_mode(&t, table->flags, value);
		break;
	case LNR_PT_ENUMFLAGS8:
	case LNR_PT_ENUMFLAGS16:
	case LNR_PT_ENUMFLAGS32:
		add_enum(&t, table->flags, value);
		break;
	default:
		add_flags(&t, table->flags, value);
	}
	return lnr_text_end(&t);
}

struct lnr_str lnr_read_link(const char *root, const char *path, char *buf, size_t size)
{
	char full[LNR_PATH_BYTES_MAX];
	int n = snprintf(full, sizeof(full), "%s%s", root, path);

	if (n < 0 || (size_t)n >= sizeof(full))
		return (struct lnr_str){"", 0};
	ssize_t len = readlink(full, buf, size);
	return (struct lnr_str){buf, len > 0 ? (size_t)len : 0};
}
