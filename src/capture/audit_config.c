/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init_config of the audit source (spec k8s-audit.md 1): the reference's keys in any case, and ours
 * beside them. Unknown keys are accepted, as there.
 */
#include <jansson.h>
#include <stdlib.h>
#include <strings.h>
#include "base/util.h"
#include "capture/audit_priv.h"
#include "schema/limits.h"

static const json_t *find(const json_t *o, const char *name)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)o, key, v)
	{
		if (strcasecmp(key, name) == 0)
			return json_is_null(v) ? NULL : v;
	}
	return NULL;
}

static int get_text(const json_t *o, const char *name, char **ret, struct lnr_err *err)
{
	const json_t *v = find(o, name);
	if (!v)
		return 0;
	if (!json_is_string(v))
		return lnr_fail(err, -EINVAL, "%s: must be a text", name);
	if (!*json_string_value(v))
		return 0;
	free(*ret);
	*ret = strdup(json_string_value(v));
	return *ret ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
}

static int get_size(const json_t *o, const char *name, size_t *ret, struct lnr_err *err)
{
	const json_t *v = find(o, name);
	if (!v)
		return 0;
	json_int_t n = json_integer_value(v);
	if (!json_is_integer(v) || n < 1 || n > LNR_AUDIT_BYTES_MAX)
		return lnr_fail(err, -EINVAL, "%s: must be a number of bytes, 1 to %u", name,
			LNR_AUDIT_BYTES_MAX);
	*ret = (size_t)n;
	return 0;
}

/* A list of texts, joined by commas. */
static int get_texts(const json_t *o, const char *name, char **ret, struct lnr_err *err)
{
	const json_t *v = find(o, name);
	struct lnr_buf b;
	int r = 0;
	if (!v)
		return 0;
	lnr_buf_init(&b, LNR_AUDIT_CONFIG_BYTES);
	if (!json_is_array(v))
		r = lnr_fail(err, -EINVAL, "%s: must be a list of texts", name);
	for (size_t i = 0; !r && i < json_array_size(v); i++) {
		const char *s = json_string_value(json_array_get(v, i));
		if (!s || !*s)
			r = lnr_fail(err, -EINVAL, "%s: must be a list of texts", name);
		else
			lnr_buf_printf(&b, "%s%s", b.len ? "," : "", s);
	}
	if (!r && b.failed)
		r = lnr_fail(err, -ENOMEM, "out of memory");
	if (!r && b.len)
		*ret = lnr_buf_take(&b);
	lnr_buf_done(&b);
	return r;
}

static int read_keys(const json_t *o, struct lnr_audit_config *c, struct lnr_err *err)
{
	const json_t *async = find(o, "useAsync");
	if (async && !json_is_boolean(async))
		return lnr_fail(err, -EINVAL, "useAsync: must be true or false");
	int r = get_text(o, "sslCertificate", &c->certificate, err);
	if (!r)
		r = get_size(o, "maxEventSize", &c->max_event, err);
	if (!r)
		r = get_size(o, "webhookMaxBatchSize", &c->max_batch, err);
	if (!r)
		r = get_text(o, "clientCA", &c->client_ca, err);
	if (!r)
		r = get_text(o, "tokenFile", &c->token_file, err);
	return r ? r : get_texts(o, "allowFrom", &c->clients, err);
}

int lnr_audit_config_parse(const char *json, struct lnr_audit_config *ret, struct lnr_err *err)
{
	json_error_t je;
	json_t *o = NULL;
	size_t len = strnlen(json, LNR_AUDIT_CONFIG_BYTES + 1);
	*ret = (struct lnr_audit_config){
		.max_event = LNR_AUDIT_EVENT_BYTES, .max_batch = LNR_AUDIT_BATCH_BYTES};
	ret->certificate = strdup("/etc/falco/falco.pem");
	if (!ret->certificate)
		return lnr_fail(err, -ENOMEM, "out of memory");
	if (len > LNR_AUDIT_CONFIG_BYTES)
		return lnr_fail(
			err, -E2BIG, "init_config has more than %d bytes", LNR_AUDIT_CONFIG_BYTES);
	if (!lnr_str_trim((struct lnr_str){json, len}).len)
		return 0;
	o = json_loadb(json, len, 0, &je);
	int r = json_is_object(o) ? read_keys(o, ret, err)
				  : lnr_fail(err, -EINVAL, "must be a JSON object%s%s",
					    o ? "" : ": ", o ? "" : je.text);
	json_decref(o);
	return r ? lnr_wrap(err, r, "init_config") : 0;
}

void lnr_audit_config_done(struct lnr_audit_config *c)
{
	free(c->certificate);
	free(c->client_ca);
	free(c->token_file);
	free(c->clients);
	*c = (struct lnr_audit_config){0};
}
