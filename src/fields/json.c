/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.*, jevt.*: the data of any plugin's event, by JSON pointer (spec k8s-audit.md 6). Both
 * families are one: the second is the older name.
 */
#include "fields/core/payload.h"

static int resolve_pointer(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	struct lnr_json_pointer *p = lnr_arena_new(arena, struct lnr_json_pointer);
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	if (!ref->has_arg)
		return lnr_fail(err, -EINVAL, "field '%s' requires a JSON pointer: %s[/a/b]",
			ref->def->name, ref->def->name);
	/* As any key of a plugin's field (spec plugin-abi 8.2). */
	if (lnr_str_chr(ref->arg, ']') >= 0)
		return lnr_fail(
			err, -EINVAL, "a key of field '%s' cannot have a ']'", ref->def->name);
	int r = lnr_json_pointer_parse(ref->arg, arena, p, err);
	if (r)
		return lnr_wrap(err, r, "field '%s'", ref->def->name);
	ref->priv = p;
	return 0;
}

LNR_GETTER(get_value)
{
	const struct lnr_json_doc *d = lnr_get_payload(ctx);
	return d && lnr_give_json(ctx, ref, d, lnr_json_pointer_get(d, d->root, ref->priv), ret);
}

LNR_GETTER(get_obj)
{
	const struct lnr_json_doc *d = lnr_get_payload(ctx);
	struct lnr_buf b = {0};
	if (!d)
		return false;
	lnr_json_indent(d, d->root, &b);
	struct lnr_str s = b.failed ? (struct lnr_str){NULL, 0}
				    : lnr_arena_str(ctx->ev->scratch, lnr_buf_view(&b));
	lnr_buf_done(&b);
	return s.ptr ? lnr_give_raw(ret, ref, s) : lnr_give_nomem(ctx);
}

LNR_GETTER(get_rawtime)
{
	struct lnr_text t;
	if (!lnr_get_payload(ctx))
		return false;
	if (!lnr_text_begin(&t, ctx->ev->scratch, LNR_DEC_MAX))
		return lnr_give_nomem(ctx);
	lnr_text_u64(&t, ctx->ev->ts);
	return lnr_give_raw(ret, ref, lnr_text_end(&t));
}

#define KEY (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_KEY)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("json.value", CHARBUF, NA, KEY, get_value,
		"Value at a JSON pointer (RFC 6901) into the event's data, json.value[/a/b/0]; what "
		"is no text is shown as JSON.",
		.resolve = resolve_pointer),
	LNR_FIELD_ROW("json.obj", CHARBUF, NA, 0, get_obj, "The event's data as indented JSON."),
	LNR_FIELD_ROW("json.rawtime", CHARBUF, NA, 0, get_rawtime,
		"Time of the event in nanoseconds since 1970, as text."),
	LNR_FIELD_ROW("jevt.value", CHARBUF, NA, KEY, get_value, "The same as json.value.",
		.resolve = resolve_pointer),
	LNR_FIELD_ROW("jevt.obj", CHARBUF, NA, 0, get_obj, "The same as json.obj."),
	LNR_FIELD_ROW("jevt.rawtime", CHARBUF, NA, 0, get_rawtime, "The same as json.rawtime."),
	{},
};

const struct lnr_field_class lnr_field_class_json = {
	.name = "json",
	.short_desc = "",
	.desc = "Data of events of plugins as JSON.",
	.source = "",
	.strict_args = true,
	.order = 2100,
	.fields = fields,
	.plugin = "json",
};
