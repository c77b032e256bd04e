/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of plugins (spec plugin-abi.md 8). */
#include "fields/core/plugin.h"
#include "fields/core/get.h"

/* One element of a result. False = no value. Texts are copied: the next field of the same plugin
 * may be asked before this one is used. */
static bool element(struct lnr_field_ctx *ctx, const struct lnr_plugin_extract_field *f, size_t i,
	struct lnr_val *ret)
{
	switch (f->ftype) {
	case LNR_PLUGIN_FT_STRING:
		if (!f->res.str[i])
			return false;
		ret->str = lnr_arena_str(ctx->ev->scratch, lnr_str_c(f->res.str[i]));
		if (!ret->str.ptr)
			ctx->n_nomem++;
		ret->raw = true;
		return ret->str.ptr;
	case LNR_PLUGIN_FT_BOOL:
		ret->u64 = f->res.boolean[i] != 0;
		return true;
	case LNR_PLUGIN_FT_IPADDR:
	case LNR_PLUGIN_FT_IPNET: {
		const struct lnr_plugin_bytes *b = &f->res.buf[i];
		if (!b->ptr || (b->len != 4 && b->len != 16))
			return false;
		ret->ip = (struct lnr_ip){.family = b->len == 4 ? LNR_AF_INET : LNR_AF_INET6};
		memcpy(ret->ip.addr, b->ptr, b->len);
		return true;
	}
	default:
		ret->u64 = f->res.u64[i];
		return true;
	}
}

static bool give_list(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	const struct lnr_plugin_extract_field *f, struct lnr_val *ret)
{
	struct lnr_val *items = lnr_arena_calloc(
		ctx->ev->scratch, (size_t)f->res_len, sizeof(*items));
	size_t n = 0;
	if (!items) {
		ctx->n_nomem++;
		return false;
	}
	for (size_t i = 0; i < f->res_len; i++) {
		items[n].type = ref->type;
		n += element(ctx, f, i, &items[n]);
	}
	return n && lnr_give_list(ret, ref, items, n);
}

struct lnr_plugin_event_input lnr_field_plugin_event(const struct lnr_field_ctx *ctx)
{
	return (struct lnr_plugin_event_input){
		.evt = (const struct lnr_plugin_event *)ctx->ev->record,
		.evtnum = ctx->ev->num,
		.evtsrc = ctx->source.ptr};
}

LNR_GETTER(get_extracted)
{
	const struct lnr_plugin *p = ref->cls->user;
	const struct lnr_plugin_set *set = ctx->plugin;
	struct lnr_plugin_instance *inst = set && p->index < set->n ? set->v[p->index] : NULL;
	/* Some plugins end the process on types that they did not ask for (spec 8.3). */
	if (!inst || !lnr_plugin_types_has(&inst->extract_types, ctx->ev->type))
		return false;
	/* A capture file has events of several sources, and of some that nobody knows. */
	if (ctx->mixed &&
		(!ctx->source.len || !lnr_plugin_admits(&p->extract_sources, ctx->source)))
		return false;
	const struct lnr_plugin_event_input evt = lnr_field_plugin_event(ctx);
	struct lnr_plugin_extract_field f = {.field_id = (uint32_t)ref->def->user,
		.field = ref->def->name,
		.arg_key = ref->has_arg && ref->def->flags & LNR_FIELD_ARG_KEY ? ref->arg.ptr
									       : NULL,
		.arg_index = ref->has_index ? ref->index : UINT64_MAX,
		.arg_present = ref->has_arg,
		.ftype = p->fields[ref->def->user].type,
		.flist = ref->is_list};
	if (!lnr_plugin_extract(inst, &evt, &f))
		return false;
	if (ref->is_list)
		return give_list(ctx, ref, &f, ret);
	*ret = (struct lnr_val){.type = ref->type};
	return element(ctx, &f, 0, ret);
}

/* --- a line about the event --- */

#define INFO_BYTES 50

bool lnr_field_plugin_info(struct lnr_field_ctx *ctx, struct lnr_str *ret)
{
	const struct lnr_plugin_set *set = ctx->plugin;
	const struct lnr_plugin_event_input evt = lnr_field_plugin_event(ctx);
	if (!set || !set->source || ctx->ev->type != LNR_PLUGIN_EVENT)
		return false;
	const struct lnr_plugin_builtin *b = set->source->plugin->builtin;
	if (b && b->text) {
		*ret = lnr_param_bytes(ctx->ev, 1);
		return ret->ptr;
	}
	const char *text = lnr_plugin_event_text(set->source, &evt);
	if (!text) {
		/* Spec 7.5: the beginning of the data, if it is text. */
		struct lnr_str data = lnr_param_bytes(ctx->ev, 1);
		struct lnr_str head = lnr_str_sub(data, 0, INFO_BYTES);
		bool printable = true;
		for (size_t i = 0; i < head.len; i++)
			printable &= head.ptr[i] >= ' ' && head.ptr[i] <= '~';
		if (!printable)
			head = LNR_STR("<binary>");
		text = lnr_arena_printf(ctx->ev->scratch, "datalen=%zu data=%.*s%s", data.len,
			LNR_STR_ARG(head), printable && data.len > INFO_BYTES ? "..." : "");
		*ret = lnr_str_c(text);
	} else {
		*ret = lnr_arena_str(ctx->ev->scratch, lnr_str_c(text));
	}
	ctx->n_nomem += !ret->ptr;
	return ret->ptr;
}

/* --- the class --- */

static const struct {
	uint32_t type;
	uint8_t pt, fmt;
} types[] = {
	{LNR_PLUGIN_FT_UINT64, LNR_PT_UINT64, LNR_PF_DEC},
	{LNR_PLUGIN_FT_STRING, LNR_PT_CHARBUF, LNR_PF_NA},
	{LNR_PLUGIN_FT_RELTIME, LNR_PT_RELTIME, LNR_PF_DEC},
	{LNR_PLUGIN_FT_ABSTIME, LNR_PT_ABSTIME, LNR_PF_DEC},
	{LNR_PLUGIN_FT_BOOL, LNR_PT_BOOL, LNR_PF_NA},
	{LNR_PLUGIN_FT_IPADDR, LNR_PT_IPADDR, LNR_PF_NA},
	{LNR_PLUGIN_FT_IPNET, LNR_PT_IPNET, LNR_PF_NA},
};

static uint32_t flags_of(const struct lnr_plugin_field *f)
{
	bool arg = f->arg_index || f->arg_key;
	return (f->list ? LNR_FIELD_LIST : 0) | (f->hidden ? LNR_FIELD_HIDDEN : 0) |
	       (f->suggested ? LNR_FIELD_SUGGESTED : 0) | (arg ? LNR_FIELD_ARG_ALLOWED : 0) |
	       (f->arg_required ? LNR_FIELD_ARG_REQUIRED : 0) |
	       (f->arg_index ? LNR_FIELD_ARG_INDEX : 0) | (f->arg_key ? LNR_FIELD_ARG_KEY : 0);
}

int lnr_field_plugin_class(struct lnr_arena *arena, const struct lnr_plugin *plugin,
	const struct lnr_field_class **ret)
{
	*ret = NULL;
	if (!plugin->n_fields)
		return 0;
	struct lnr_field_class *cls = lnr_arena_new(arena, struct lnr_field_class);
	struct lnr_field *rows = lnr_arena_calloc(arena, plugin->n_fields + 1, sizeof(*rows));
	if (!cls || !rows)
		return -ENOMEM;
	for (size_t i = 0; i < plugin->n_fields; i++) {
		const struct lnr_plugin_field *f = &plugin->fields[i];
		rows[i] = (struct lnr_field){.name = f->name,
			.flags = flags_of(f),
			.get = get_extracted,
			.desc = f->desc,
			.user = (int)i};
		for (size_t t = 0; t < LNR_ARRAY_SIZE(types); t++) {
			if (types[t].type == f->type) {
				rows[i].type = types[t].pt;
				rows[i].fmt = types[t].fmt;
			}
		}
	}
	*cls = (struct lnr_field_class){.name = plugin->name.ptr,
		.short_desc = "",
		.desc = plugin->description.ptr,
		.source = plugin->extract_sources.n == 1 ? plugin->extract_sources.v[0].ptr : "",
		.strict_args = true,
		.order = 2000,
		.fields = rows,
		.user = (void *)(uintptr_t)plugin};
	*ret = cls;
	return 0;
}
