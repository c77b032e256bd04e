/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of condition texts (spec rules-language.md 6.1), and messages about them.
 *
 * A struct lnr_lex is a place in a text. The functions that return a length look at what stands
 * there and change nothing; 0 means that it is something else. A failure is sticky: the first one
 * sets lx->rc and *lx->err, later ones are ignored.
 */
#ifndef LNR_RULES_LEX_PRIV_H
#define LNR_RULES_LEX_PRIV_H

#include "rules/ast.h"

struct lnr_place {
	uint32_t offset, line, column;
};

struct lnr_lex {
	struct lnr_arena *arena; /* for texts that had escapes */
	struct lnr_str text;
	size_t at;
	uint32_t line;
	size_t line_at; /* offset of the line's first byte */
	int rc;
	struct lnr_cond_err *err;
};

static inline bool lnr_is_alpha(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool lnr_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool lnr_is_xdigit(unsigned char c)
{
	return lnr_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Blanks and whitespace differ: \b is only the one, \v and \f are only the other. */
static inline bool lnr_is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\b' || c == '\r' || c == '\n';
}

static inline bool lnr_is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* May stand in a text without quotes. */
static inline bool lnr_is_bare(unsigned char c)
{
	return !lnr_is_space(c) && c != '(' && c != ')' && c != '"' && c != '\'' && c != '=' &&
	       c != ',';
}

static inline int lnr_lex_peek(const struct lnr_lex *lx, size_t ahead)
{
	size_t at = lx->at + ahead;

	return at < lx->text.len ? (unsigned char)lx->text.ptr[at] : -1;
}

static inline struct lnr_str lnr_lex_rest(const struct lnr_lex *lx)
{
	return (struct lnr_str){lx->text.ptr + lx->at, lx->text.len - lx->at};
}

static inline bool lnr_lex_at(const struct lnr_lex *lx, const char *word)
{
	return lnr_str_starts(lnr_lex_rest(lx), lnr_str_c(word));
}

void lnr_lex_advance(struct lnr_lex *lx, size_t n);
void lnr_lex_blanks(struct lnr_lex *lx);
struct lnr_place lnr_lex_here(const struct lnr_lex *lx);

/* These return NULL, so that a failing line reads as one statement. */
void *lnr_lex_fail(struct lnr_lex *lx, struct lnr_place at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void *lnr_lex_no_memory(struct lnr_lex *lx);
/* What stands here, for a message: one word, or one character, or the end. */
const char *lnr_lex_found(const struct lnr_lex *lx, char *buf, size_t size);
/* A hint about common slips of people who know other languages, or "". */
const char *lnr_lex_slip(const struct lnr_lex *lx);
/* The one of `words` nearest to what stands here, or NULL. */
const char *lnr_lex_nearest(const struct lnr_lex *lx, const char *const *words, size_t n);

size_t lnr_lex_identifier(const struct lnr_lex *lx, size_t at); /* at offset `at` */
size_t lnr_lex_field(const struct lnr_lex *lx);			/* field name: at least one dot */
size_t lnr_lex_number(const struct lnr_lex *lx); /* hexadecimal, decimal, with fraction */
/*
 * Quoted text that is closed, quotes included. The closing quote is the first one without a
 * backslash before it, however many backslashes there are.
 */
size_t lnr_lex_quoted(const struct lnr_lex *lx);
/* The meaning of a quoted token of `len` bytes here, and go past it. False = failed. */
bool lnr_lex_take_quoted(struct lnr_lex *lx, size_t len, struct lnr_str *ret);
/* [argument], here on the '['. */
bool lnr_lex_take_argument(struct lnr_lex *lx, struct lnr_str *ret);

#endif
