/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole loader of the configuration: up to the first NUL byte the input is the main file,
 * behind it each further piece up to a NUL is a -o text. Whatever comes, it is read or refused with
 * a reason; what was read can be looked up and printed, and prints what reads as JSON and YAML
 * again.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/err.h"
#include "config/yaml.h"
#include "lanner/config.h"

#define OVERRIDES_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct lnr_config *c)
{
	static const char *const keys[] = {"json_output", "rules_files", "rules_files[0]",
		"webserver.listen_port", "plugins[1].init_config", "append_output[0].match.tags",
		"static_fields", "syscall_event_drops.threshold", "metrics.interval",
		"http_output.url", "no.such[3].key"};
	const char *k, *v;
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(keys); i++) {
		lnr_config_bool(c, keys[i]);
		lnr_config_int(c, keys[i]);
		lnr_config_double(c, keys[i]);
		if (!lnr_config_str(c, keys[i]))
			abort();
		lnr_config_duration_ms(lnr_config_str(c, keys[i]));
		for (size_t n = 0; n < 4 && lnr_config_item(c, keys[i], n); n++)
			;
		for (size_t n = 0; n < 4 && lnr_config_pair(c, keys[i], n, &k, &v); n++)
			;
		lnr_buf_clear(&b);
		if (lnr_config_json(c, keys[i], &b))
			continue; /* nested too deeply */
		json_t *j = json_loadb(b.ptr, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		if (!j)
			abort();
		json_decref(j);
	}
	lnr_buf_done(&b);
}

static void print(const struct lnr_config *c)
{
	struct lnr_buf b;
	bool warning;
	lnr_buf_init(&b, 0);
	lnr_config_print(c, true, &b);
	lnr_buf_clear(&b);
	lnr_config_yaml(c, &b);
	lnr_buf_done(&b);
	for (size_t i = 0; lnr_config_finding(c, i, &warning); i++)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/lnr-fuzz-config-XXXXXX", *text = malloc(size + 1);
	const char *overrides[OVERRIDES_MAX + 1] = {0};
	struct lnr_config *c;
	struct lnr_err err = {0};
	size_t n = 0;
	int fd = mkstemp(path);
	if (!text || fd < 0)
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	size_t main_len = strlen(text);
	if (write(fd, text, main_len) != (ssize_t)main_len)
		abort();
	close(fd);
	for (size_t at = main_len + 1; at < size && n < OVERRIDES_MAX;
		at += strlen(text + at) + 1) {
		/* Files of this machine are not part of the input. */
		if (!strstr(text + at, "config_files"))
			overrides[n++] = text + at;
	}
	if (lnr_config_new(&c, &err))
		abort();
	if (!strstr(text, "config_files") && !strchr(text, '\\')) {
		int r = lnr_config_load(c, path, overrides, &err);
		if (r && !err.msg[0])
			abort();
		if (!r)
			look_up(c);
		print(c);
	}
	lnr_config_free(c);
	unlink(path);
	free(text);
	return 0;
}
