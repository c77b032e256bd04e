/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manual pages are the source of help: man/ is built into the program and shown here as plain text.
 * Reads the part of man(7) that our pages use; an unknown request is shown as text, and a test
 * renders every page and looks for that.
 */
#include <errno.h>
#include "cli/cli.h"

struct page {
	const char *name, *text;
};

static const struct page pages[] = {
#include "man.inc"
};

#define WIDTH 78

struct layout {
	struct lnr_buf *out;
	unsigned indent, column;
	bool literal; /* .EX … .EE */
	bool tag;     /* next line is the tag of a .TP */
	bool gap;     /* a blank line is due before the next text */
};

static void end_line(struct layout *l)
{
	if (l->column)
		lnr_buf_chr(l->out, '\n');
	l->column = 0;
}

static void begin_line(struct layout *l)
{
	if (l->column)
		return;
	if (l->gap)
		lnr_buf_chr(l->out, '\n');
	l->gap = false;
	lnr_buf_printf(l->out, "%*s", (int)l->indent, "");
	l->column = l->indent;
}

static unsigned width_of(struct lnr_str w)
{
	unsigned n = 0;
	for (size_t i = 0; i < w.len; i++)
		n += ((unsigned char)w.ptr[i] & 0xc0) != 0x80;
	return n;
}

static void put_word(struct layout *l, struct lnr_str w)
{
	unsigned n = width_of(w);
	if (l->column > l->indent && l->column + 1 + n > WIDTH)
		end_line(l);
	if (l->column > l->indent) {
		lnr_buf_chr(l->out, ' ');
		l->column++;
	}
	begin_line(l);
	lnr_buf_str(l->out, w);
	l->column += n;
}

/* Text without font changes and with characters instead of escapes. */
static void plain(struct lnr_str s, struct lnr_buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\\' || i + 1 >= s.len) {
			lnr_buf_chr(out, s.ptr[i]);
			continue;
		}
		char c = s.ptr[++i];
		if (c == 'f')
			i++;
		else if (c == 'e')
			lnr_buf_chr(out, '\\');
		else if (c != '&')
			lnr_buf_chr(out, c);
	}
}

static void put_text(struct layout *l, struct lnr_str s)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	plain(s, &b);
	struct lnr_str rest = lnr_buf_view(&b), w;
	if (l->literal) {
		begin_line(l);
		lnr_buf_str(l->out, rest);
		l->column = l->indent + 1;
		end_line(l);
	} else {
		while (lnr_str_split(&rest, ' ', &w)) {
			if (w.len)
				put_word(l, w);
		}
	}
	lnr_buf_done(&b);
}

/* Arguments of a request without the quotes around them; .BR and its kin join them. */
static void put_args(struct layout *l, struct lnr_str s, bool join)
{
	struct lnr_buf b;
	bool quoted = false;
	lnr_buf_init(&b, 0);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			quoted = !quoted;
		else if (s.ptr[i] != ' ' || quoted || !join)
			lnr_buf_chr(&b, s.ptr[i]);
	}
	put_text(l, lnr_buf_view(&b));
	lnr_buf_done(&b);
}

static void heading(struct layout *l, struct lnr_str text)
{
	end_line(l);
	l->indent = 0;
	l->gap = l->out->len > 0;
	l->tag = false;
	put_args(l, text, false);
	end_line(l);
	l->gap = false;
	l->indent = 7;
}

static void paragraph(struct layout *l, unsigned indent)
{
	end_line(l);
	l->indent = indent;
	l->gap = true;
}

static void text_line(struct layout *l, struct lnr_str line, bool request, bool join)
{
	bool tag = l->tag;
	l->tag = false;
	if (request)
		put_args(l, line, join);
	else
		put_text(l, line);
	if (tag) {
		end_line(l);
		l->indent = 14;
	}
}

static void request(struct layout *l, struct lnr_str line)
{
	ptrdiff_t blank = lnr_str_chr(line, ' ');
	struct lnr_str name = blank < 0 ? line : lnr_str_sub(line, 0, (size_t)blank);
	struct lnr_str args = blank < 0 ? (struct lnr_str){"", 0}
					: lnr_str_sub(line, (size_t)blank + 1, line.len);
	if (lnr_str_eq(name, LNR_STR(".TH")) || lnr_str_starts(line, LNR_STR(".\\\"")))
		return;
	if (lnr_str_eq(name, LNR_STR(".SH"))) {
		heading(l, args);
	} else if (lnr_str_eq(name, LNR_STR(".PP"))) {
		paragraph(l, 7);
	} else if (lnr_str_eq(name, LNR_STR(".TP"))) {
		paragraph(l, 7);
		l->tag = true;
	} else if (lnr_str_eq(name, LNR_STR(".EX"))) {
		end_line(l);
		l->gap = l->literal = true;
		l->indent += 4;
	} else if (lnr_str_eq(name, LNR_STR(".EE"))) {
		l->literal = false;
		l->gap = true;
		l->indent -= 4;
	} else if (lnr_str_eq(name, LNR_STR(".B")) || lnr_str_eq(name, LNR_STR(".I"))) {
		text_line(l, args, true, false);
	} else if (lnr_str_eq(name, LNR_STR(".BR")) || lnr_str_eq(name, LNR_STR(".BI")) ||
		   lnr_str_eq(name, LNR_STR(".IR"))) {
		text_line(l, args, true, true);
	} else {
		text_line(l, line, false, false);
	}
}

static const struct page *find_page(const char *name)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(pages); i++) {
		if (strcmp(pages[i].name, name) == 0)
			return &pages[i];
	}
	return NULL;
}

int lnr_man_text(const char *name, struct lnr_buf *out)
{
	char full[64];
	snprintf(full, sizeof(full), "lanner-%s", name);
	const struct page *p = find_page(full);
	if (!p)
		return -ENOENT;
	struct layout l = {.out = out, .indent = 7};
	struct lnr_str rest = lnr_str_c(p->text), line;
	while (lnr_str_split(&rest, '\n', &line)) {
		if (!l.literal && line.len && line.ptr[0] == '.')
			request(&l, line);
		else if (l.literal && lnr_str_eq(line, LNR_STR(".EE")))
			request(&l, line);
		else if (line.len || l.literal)
			text_line(&l, line, false, false);
	}
	end_line(&l);
	return 0;
}
