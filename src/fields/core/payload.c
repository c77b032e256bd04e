/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/core/payload.h"

#include "lanner/plugin.h"

/* Data that is no JSON is looked at once as well. */
static const struct lnr_json_doc nothing;

static const struct lnr_json_doc *read_payload(struct lnr_field_ctx *ctx)
{
	struct lnr_arena *scratch = ctx->ev->scratch;
	struct lnr_str text = lnr_param_bytes(ctx->ev, 1);
	if (!text.len || (text.ptr[0] != '{' && text.ptr[0] != '['))
		return &nothing;
	size_t room = lnr_json_room(text);
	struct lnr_json_doc *d = lnr_arena_new(scratch, struct lnr_json_doc);
	struct lnr_json_node *nodes = lnr_arena_alloc(scratch, room * sizeof(*nodes));
	if (!d || !nodes) {
		ctx->n_nomem++;
		return &nothing;
	}
	return lnr_json_parse(text, nodes, room, d, NULL) ? &nothing : d;
}

const struct lnr_json_doc *lnr_get_payload(struct lnr_field_ctx *ctx)
{
	struct lnr_event *ev = ctx->ev;
	if (!ev->json) {
		if (ev->type != LNR_PLUGIN_EVENT)
			return NULL;
		ev->json = read_payload(ctx);
	}
	return ev->json->n ? ev->json : NULL;
}

bool lnr_give_json(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	const struct lnr_json_doc *d, uint32_t i, struct lnr_val *ret)
{
	if (!i)
		return false;
	struct lnr_str s = lnr_json_text(d, i, ctx->ev->scratch);
	return s.ptr ? lnr_give_raw(ret, ref, s) : lnr_give_nomem(ctx);
}
