/* SPDX-License-Identifier: Apache-2.0 */
/* JSON schema (draft-06) of rules files: spec rules-language.md 15.5. */
#include "base/json.h"
#include "engine/engine_priv.h"
#include "lanner/config.h"

struct member {
	const char *name;
	const char *schema; /* JSON */
};

#define TEXT  "{\"type\":\"string\"}"
#define BOOL  "{\"type\":\"boolean\"}"
#define TEXTS "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
#define HOW   "{\"type\":\"string\",\"enum\":[\"append\",\"replace\"]}"

static const struct member item[] = {
	{"required_engine_version", TEXT},
	{"required_plugin_versions",
		"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\","
		"\"version\"],"
		"\"properties\":{\"name\":" TEXT ",\"version\":" TEXT ",\"alternatives\":{\"type\":"
		"\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"name\":" TEXT
		",\"version\":" TEXT "}}}}}}"},
	{"list", TEXT},
	{"items", "{\"type\":\"array\",\"items\":{\"type\":[\"integer\",\"string\"]}}"},
	{"macro", TEXT},
	{"rule", TEXT},
	{"condition", TEXT},
	{"desc", TEXT},
	{"output", TEXT},
	{"source", TEXT},
	{"priority",
		"{\"type\":\"string\",\"enum\":[\"EMERGENCY\",\"ALERT\",\"CRITICAL\",\"ERROR\","
		"\"WARNING\",\"NOTICE\",\"INFO\",\"INFORMATIONAL\",\"DEBUG\"]}"},
	{"enabled", BOOL},
	{"append", BOOL},
	{"capture", BOOL},
	{"capture_duration", "{\"type\":\"integer\"}"},
	{"warn_evttypes", BOOL},
	{"skip-if-unknown-filter", BOOL},
	{"tags", TEXTS},
	{"exceptions",
		"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\"],"
		"\"properties\":{\"name\":" TEXT ",\"fields\":{},\"comps\":{},\"values\":{}},"
		"\"additionalProperties\":false}}"},
	{"override", "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":false,"
		     "\"properties\":{\"condition\":" HOW ",\"items\":" HOW ",\"output\":" HOW
		     ",\"desc\":" HOW ",\"tags\":" HOW ",\"exceptions\":" HOW ",\"priority\":" HOW
		     ",\"enabled\":" HOW ",\"capture\":" HOW ",\"capture_duration\":" HOW
		     ",\"warn_evttypes\":" HOW ",\"skip-if-unknown-filter\":" HOW "}}"},
};

int lnr_rules_schema(struct lnr_buf *out)
{
	struct lnr_json j;
	lnr_json_init(&j, out);
	lnr_json_open(&j, '{');
	lnr_json_key(&j, LNR_STR("$schema"));
	lnr_json_str(&j, LNR_STR("http://json-schema.org/draft-06/schema#"));
	lnr_json_key(&j, LNR_STR("type"));
	lnr_json_str(&j, LNR_STR("array"));
	lnr_json_key(&j, LNR_STR("items"));
	lnr_json_open(&j, '{');
	lnr_json_key(&j, LNR_STR("type"));
	lnr_json_str(&j, LNR_STR("object"));
	lnr_json_key(&j, LNR_STR("additionalProperties"));
	lnr_json_bool(&j, false);
	lnr_json_key(&j, LNR_STR("properties"));
	lnr_json_open(&j, '{');
	for (size_t i = 0; i < LNR_ARRAY_SIZE(item); i++) {
		lnr_json_key(&j, lnr_str_c(item[i].name));
		lnr_json_raw(&j, lnr_str_c(item[i].schema));
	}
	lnr_json_close(&j, '}');
	lnr_json_close(&j, '}');
	lnr_json_close(&j, '}');
	lnr_buf_chr(out, '\n');
	return out->failed ? -ENOMEM : 0;
}
