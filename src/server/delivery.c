/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of the outputs. The reference has none of them, so the names are ours: lanner_output_…
 * with the output as label, lanner_spool_…; in snapshots lanner.outputs.http.delivered and so on.
 */
#include <inttypes.h>
#include <stdio.h>
#include "lanner/outputs.h"
#include "server/metrics_priv.h"

struct number {
	const char *name;
	bool gauge, spool; /* spool: means nothing without one */
	uint64_t v;
};

#define N_OUTPUT 5
#define N_SPOOL	 5

static void of_output(const struct lnr_output_stats *st, struct number ret[N_OUTPUT])
{
	const struct number all[N_OUTPUT] = {{"delivered", false, false, st->delivered},
		{"failures", false, false, st->failed}, {"refused", false, true, st->refused},
		{"lost", false, true, st->lost}, {"waiting", true, true, st->waiting}};
	memcpy(ret, all, sizeof(all));
}

static void of_spool(const struct lnr_outputs_spool *sp, struct number ret[N_SPOOL])
{
	const struct number all[N_SPOOL] = {{"bytes", true, true, sp->bytes},
		{"unstored", false, true, sp->unstored}, {"displaced", false, true, sp->displaced},
		{"torn", false, true, sp->torn}, {"damaged", false, true, sp->damaged}};
	memcpy(ret, all, sizeof(all));
}

static void add(struct lnr_samples *out, const char *of, const struct number *n, const char *labels)
{
	char name[64], value[24];
	snprintf(name, sizeof(name), "lanner_%s_%s%s", of, n->name, n->gauge ? "" : "_total");
	snprintf(value, sizeof(value), "%" PRIu64, n->v);
	lnr_samples_add(out, name, n->gauge ? "gauge" : "counter", labels, value);
}

void lnr_prometheus_outputs(struct lnr_outputs *outputs, struct lnr_samples *out)
{
	struct lnr_outputs_spool sp;
	struct lnr_output_stats st;
	struct number v[N_OUTPUT > N_SPOOL ? N_OUTPUT : N_SPOOL];
	bool spool = lnr_outputs_spool_stats(outputs, &sp);
	for (size_t i = 0; lnr_outputs_stats(outputs, i, &st); i++) {
		char labels[64];
		snprintf(labels, sizeof(labels), "{output=\"%s\"}", st.name);
		of_output(&st, v);
		for (size_t k = 0; k < N_OUTPUT; k++) {
			if (spool || !v[k].spool)
				add(out, "output", &v[k], labels);
		}
	}
	of_spool(&sp, v);
	for (size_t k = 0; spool && k < N_SPOOL; k++)
		add(out, "spool", &v[k], "");
}

void lnr_delivery_each(struct lnr_outputs *outputs,
	void (*each)(void *user, const char *key, uint64_t v), void *user)
{
	struct lnr_outputs_spool sp;
	struct lnr_output_stats st;
	struct number v[N_OUTPUT > N_SPOOL ? N_OUTPUT : N_SPOOL];
	char key[64];
	if (!lnr_outputs_spool_stats(outputs, &sp))
		return;
	for (size_t i = 0; lnr_outputs_stats(outputs, i, &st); i++) {
		of_output(&st, v);
		for (size_t k = 0; k < N_OUTPUT; k++) {
			snprintf(key, sizeof(key), "lanner.outputs.%s.%s", st.name, v[k].name);
			each(user, key, v[k].v);
		}
	}
	of_spool(&sp, v);
	for (size_t k = 0; k < N_SPOOL; k++) {
		snprintf(key, sizeof(key), "lanner.spool.%s", v[k].name);
		each(user, key, v[k].v);
	}
}
