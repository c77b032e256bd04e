/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kubernetes audit source: a document is taken apart into events, of which every record must
 * decode, and every field must say the same of the part of the batch's tape that came with it as of
 * the record's data alone. The first byte chooses the largest size of an event.
 */
#include "capture/audit_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include "decode/event.h"
#include "fields/core/field.h"
#include "lanner/plugin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXPECT(cond)                                              \
	do {                                                      \
		if (!(cond)) {                                    \
			fprintf(stderr, "not true: %s\n", #cond); \
			abort();                                  \
		}                                                 \
	} while (0)

#define REFS_MAX 400

struct fields {
	struct lnr_arena arena;
	struct lnr_fieldset *set;
	struct lnr_field_ref refs[REFS_MAX];
	size_t n;
};

static void add_ref(struct fields *f, const char *text)
{
	EXPECT(f->n < REFS_MAX);
	EXPECT(lnr_field_resolve(f->set, lnr_str_c(text), &f->arena, &f->refs[f->n++], NULL) == 0);
}

static struct fields *make_fields(void)
{
	static const char *const plugins[] = {"k8saudit", "json"};
	struct fields *f = calloc(1, sizeof(*f));
	const struct lnr_field_class *cls;
	EXPECT(f);
	lnr_arena_init(&f->arena, 0);
	f->set = lnr_fieldset_new("k8s_audit");
	for (size_t i = 0; i < LNR_ARRAY_SIZE(plugins); i++) {
		EXPECT(lnr_field_builtin_class(&f->arena, plugins[i], &cls) == 0);
		EXPECT(lnr_fieldset_add(f->set, cls) == 0);
		for (const struct lnr_field *r = cls->fields; r->name; r++) {
			char text[128];
			if (!(r->flags & LNR_FIELD_ARG_REQUIRED))
				add_ref(f, r->name);
			snprintf(text, sizeof(text), "%s[%s]", r->name,
				r->flags & LNR_FIELD_ARG_KEY ? "a" : "1");
			if (r->flags & (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_ALLOWED))
				add_ref(f, text);
		}
	}
	return f;
}

static void put_all(struct fields *f, struct lnr_field_ctx *ctx, struct lnr_buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		struct lnr_val v;
		if (lnr_field_get(ctx, &f->refs[i], &v))
			lnr_val_text(out, ctx, &v, LNR_PF_NA);
		lnr_buf_chr(out, '\n');
	}
}

static void check_event(struct fields *f, const struct lnr_capture_item *item)
{
	struct lnr_arena scratch;
	struct lnr_event ev = {.scratch = &scratch};
	struct lnr_field_ctx ctx = {.ev = &ev};
	struct lnr_buf with = {0}, without = {0};
	lnr_arena_init(&scratch, 0);
	EXPECT(lnr_event_parse(&ev, item->record, item->len, 0, NULL) == 0);
	EXPECT(ev.type == LNR_PLUGIN_EVENT && ev.record_len == item->len);
	put_all(f, &ctx, &without);
	/* What was handed out reads back. */
	EXPECT(ev.json && ev.json->n && !ev.json->spaced);
	ev.json = item->json;
	put_all(f, &ctx, &with);
	EXPECT(lnr_str_eq(lnr_buf_view(&with), lnr_buf_view(&without)));
	lnr_buf_done(&with);
	lnr_buf_done(&without);
	lnr_arena_done(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fields *f;
	struct lnr_audit_reader r;
	struct lnr_capture_item item;
	if (!f)
		f = make_fields();
	if (!size)
		return 0;
	lnr_audit_reader_init(&r, 64u * (1 + data[0]));
	struct lnr_str text = {(const char *)data + 1, size - 1};
	if (lnr_audit_reader_begin(&r, text, NULL) == 0) {
		while (lnr_audit_reader_next(&r, &item) == 0)
			check_event(f, &item);
	}
	lnr_audit_reader_done(&r);
	return 0;
}
