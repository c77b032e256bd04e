/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/shape.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <time.h>
#include "base/clock.h"
#include "schema/limits.h"

/* Parts of a path: none of the schemas nests deeper. */
#define DEPTH_MAX 8

bool lnr_shape_empty(struct lnr_str json)
{
	return lnr_str_eq(json, LNR_STR("null")) || lnr_str_eq(json, LNR_STR("\"\"")) ||
	       lnr_str_eq(json, LNR_STR("\"<NA>\""));
}

struct lnr_str lnr_shape_value(const struct lnr_alert *a, const char *field)
{
	struct lnr_str name = lnr_str_c(field);
	for (uint32_t i = 0; i < a->n_values; i++) {
		struct lnr_str v = a->values[i].json;
		if (lnr_str_eq(a->values[i].key, name))
			return lnr_shape_empty(v) ? LNR_STR("") : v;
	}
	return LNR_STR("");
}

static struct lnr_str inside(struct lnr_str json)
{
	if (json.len < 2 || json.ptr[0] != '"')
		return LNR_STR("");
	return lnr_str_sub(json, 1, json.len - 1);
}

struct lnr_str lnr_shape_text(const struct lnr_alert *a, const char *field)
{
	return inside(lnr_shape_value(a, field));
}

void lnr_shape_member_str(struct lnr_json *j, const char *key, struct lnr_str value)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_str(j, value);
}

void lnr_shape_member(struct lnr_json *j, const char *key, const char *value)
{
	lnr_shape_member_str(j, key, lnr_str_c(value));
}

void lnr_shape_member_u64(struct lnr_json *j, const char *key, uint64_t value)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_u64(j, value);
}

void lnr_shape_date(struct lnr_json *j, uint64_t ns)
{
	time_t s = (time_t)(ns / LNR_NS_PER_SEC);
	struct tm tm;
	char day[32], text[64];
	gmtime_r(&s, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%09uZ", day, (unsigned)(ns % LNR_NS_PER_SEC));
	lnr_json_str(j, lnr_str_c(text));
}

/* --- values of a type --- */

static bool is_whole(struct lnr_str s)
{
	int64_t v;
	uint64_t u;
	return lnr_str_s64(s, &v) == 0 || lnr_str_u64(s, &u) == 0;
}

static bool is_address(struct lnr_str s)
{
	char text[INET6_ADDRSTRLEN], bytes[16];
	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = 0;
	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* Whether the value can be given as this type; *ret is what to give: JSON, or the inside of it. */
static bool fits(enum lnr_shape_type type, struct lnr_str json, struct lnr_str *ret)
{
	bool quoted = json.ptr[0] == '"';
	struct lnr_str bare = quoted ? inside(json) : json;
	uint64_t ns;
	*ret = bare;
	switch (type) {
	case LNR_SHAPE_TEXT:
		*ret = quoted ? json : bare;
		return quoted || is_whole(bare);
	case LNR_SHAPE_BASENAME:
		return quoted;
	case LNR_SHAPE_WHOLE:
		return is_whole(bare);
	case LNR_SHAPE_ADDRESS:
		return quoted && is_address(bare);
	case LNR_SHAPE_DATE:
	case LNR_SHAPE_MS:
		return lnr_str_u64(bare, &ns) == 0 && ns;
	}
	return false;
}

/* Stays escaped: what is escaped has no slash of its own. The root is its own last part. */
static void put_basename(struct lnr_json *j, struct lnr_str path)
{
	ptrdiff_t slash = lnr_str_rchr(path, '/');
	struct lnr_str name = lnr_str_sub(path, slash < 0 ? 0 : (size_t)slash + 1, path.len);
	struct lnr_buf json;
	lnr_buf_init(&json, LNR_ALERT_BYTES);
	lnr_buf_chr(&json, '"');
	lnr_buf_str(&json, name.len ? name : path);
	lnr_buf_chr(&json, '"');
	lnr_json_raw(j, json.failed ? LNR_STR("\"\"") : lnr_buf_view(&json));
	lnr_buf_done(&json);
}

static void put_typed(struct lnr_json *j, enum lnr_shape_type type, struct lnr_str v)
{
	uint64_t ns = 0;
	switch (type) {
	case LNR_SHAPE_TEXT:
		if (v.ptr[0] == '"')
			lnr_json_raw(j, v);
		else
			lnr_json_str(j, v);
		break;
	case LNR_SHAPE_BASENAME:
		put_basename(j, v);
		break;
	case LNR_SHAPE_WHOLE:
		lnr_json_raw(j, v);
		break;
	case LNR_SHAPE_ADDRESS:
		lnr_json_str(j, v);
		break;
	case LNR_SHAPE_DATE:
		(void)lnr_str_u64(v, &ns); /* fits() has looked */
		lnr_shape_date(j, ns);
		break;
	case LNR_SHAPE_MS:
		(void)lnr_str_u64(v, &ns);
		lnr_json_u64(j, ns / LNR_NS_PER_MS);
		break;
	}
}

/* --- rows --- */

struct facts {
	bool file, folder, network, container;
};

static bool one_of(struct lnr_str s, const char *x, const char *y)
{
	return lnr_str_eq(s, lnr_str_c(x)) || lnr_str_eq(s, lnr_str_c(y));
}

static struct facts facts_of(const struct lnr_alert *a)
{
	struct lnr_str type = lnr_shape_text(a, "fd.type"), id = lnr_shape_text(a, "container.id");
	return (struct facts){.file = one_of(type, "file", "directory"),
		.folder = lnr_str_eq(type, LNR_STR("directory")),
		.network = one_of(type, "ipv4", "ipv6"),
		.container = id.len && !lnr_str_eq(id, LNR_STR("host"))};
}

static bool holds(const struct facts *f, enum lnr_shape_when when)
{
	switch (when) {
	case LNR_SHAPE_ALWAYS:
		return true;
	case LNR_SHAPE_FILE:
		return f->file;
	case LNR_SHAPE_FOLDER:
		return f->folder;
	case LNR_SHAPE_NETWORK:
		return f->network;
	case LNR_SHAPE_CONTAINER:
		return f->container;
	}
	return false;
}

/* Objects that are open below the one the caller opened. */
struct branch {
	struct lnr_str part[DEPTH_MAX];
	unsigned depth;
};

/* Close what the path does not share, open what it needs; returns its last part. */
static struct lnr_str walk(struct lnr_json *j, struct branch *b, const char *path)
{
	struct lnr_str rest = lnr_str_c(path), part[DEPTH_MAX];
	unsigned n = 0, same = 0;
	while (n < DEPTH_MAX && lnr_str_split(&rest, '.', &part[n]))
		n++;
	unsigned objects = n - 1;
	while (same < objects && same < b->depth && lnr_str_eq(part[same], b->part[same]))
		same++;
	for (; b->depth > same; b->depth--)
		lnr_json_close(j, '}');
	for (; b->depth < objects; b->depth++) {
		lnr_json_key(j, part[b->depth]);
		lnr_json_open(j, '{');
		b->part[b->depth] = part[b->depth];
	}
	return part[objects];
}

void lnr_shape_put(
	struct lnr_json *j, const struct lnr_alert *a, const struct lnr_shape_row *rows, size_t n)
{
	struct facts facts = facts_of(a);
	struct branch branch = {0};
	const char *last = "";
	for (size_t i = 0; i < n; i++) {
		const struct lnr_shape_row *row = &rows[i];
		struct lnr_str json, give;
		if (!holds(&facts, row->when) || strcmp(last, row->path) == 0)
			continue;
		json = lnr_shape_value(a, row->field);
		if (!json.len || !fits(row->type, json, &give))
			continue;
		lnr_json_key(j, walk(j, &branch, row->path));
		if (row->fixed)
			lnr_json_raw(j, lnr_str_c(row->fixed));
		else
			put_typed(j, row->type, give);
		last = row->path;
	}
	for (; branch.depth; branch.depth--)
		lnr_json_close(j, '}');
}

/* --- tags --- */

bool lnr_shape_technique(struct lnr_str t, bool *ret_sub)
{
	*ret_sub = t.len == 9;
	if ((t.len != 5 && t.len != 9) || t.ptr[0] != 'T' || (*ret_sub && t.ptr[5] != '.'))
		return false;
	for (size_t i = 1; i < t.len; i++) {
		if (i != 5 && !isdigit((unsigned char)t.ptr[i]))
			return false;
	}
	return true;
}

struct lnr_str lnr_shape_tactic(struct lnr_str tag)
{
	struct lnr_str prefix = LNR_STR("mitre_");
	return lnr_str_starts(tag, prefix) ? lnr_str_sub(tag, prefix.len, tag.len) : LNR_STR("");
}

const char *lnr_shape_nth_field(size_t i, const struct lnr_shape_row *rows, size_t n_rows,
	const char *const *further, size_t n_further)
{
	if (i < n_rows)
		return rows[i].field;
	return i - n_rows < n_further ? further[i - n_rows] : NULL;
}
