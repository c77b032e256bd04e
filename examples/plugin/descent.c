/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest plugin that adds fields to system calls: how many parents a process has, and who is
 * the oldest of them but init. It finds them in the state table `threads` of the host.
 *
 *	cc -shared -fPIC -I../../include -o libdescent.so descent.c
 *
 *	plugins:
 *	  - name: descent
 *	    library_path: /path/to/libdescent.so
 *	load_plugins: [container, descent]
 *
 *	- rule: Shell far down
 *	  desc: a shell that many processes lie above
 *	  condition: evt.type = execve and proc.name in (sh, bash) and descent.depth > 8
 *	  output: shell %proc.cmdline below %descent.root
 *	  priority: NOTICE
 *
 * What a table call gives back is checked each time: a process may be gone, or never have been
 * known.
 */
#include <stdlib.h>
#include <stdio.h>
#include "lanner/plugin.h"

#define DEPTH_MAX 100 /* parents may form a loop when events were lost */

struct descent {
	void *threads, *ptid, *comm; /* the table, and two fields of its entries */
	char error[256];
	/* What extract_fields() gave last. */
	uint64_t depth;
	char root[64];
	const char *strings[1];
};

/* --- what it is --- */

const char *plugin_get_required_api_version(void)
{
	return "3.1.0"; /* since then entries are given back */
}

const char *plugin_get_name(void)
{
	return "descent";
}

const char *plugin_get_version(void)
{
	return "0.1.0";
}

const char *plugin_get_description(void)
{
	return "Parents of a process";
}

const char *plugin_get_contact(void)
{
	return "the authors of Lanner";
}

/* It looks at no parameter of an event, so any version will do that has the same threads. */
const char *plugin_get_required_event_schema_version(void *state)
{
	(void)state;
	return "4.0.0";
}

const char *plugin_get_extract_event_sources(void)
{
	return "[\"syscall\"]";
}

const char *plugin_get_fields(void)
{
	return "[{\"name\": \"descent.depth\", \"type\": \"uint64\", \"desc\": \"Number of parents\"},"
	       "{\"name\": \"descent.root\", \"type\": \"string\", \"desc\": \"Name of the oldest\"}]";
}

/* --- life --- */

/* Tables and fields are found once; they stay valid as long as the plugin. */
void *plugin_init(const struct lnr_plugin_init_input *in, int32_t *rc)
{
	struct descent *s = calloc(1, sizeof(*s));
	const struct lnr_plugin_init_tables *t = in->tables;
	*rc = LNR_PLUGIN_FAILURE;
	if (!s)
		return NULL;
	s->threads = t->get_table(in->owner, "threads", LNR_PLUGIN_ST_INT64);
	if (s->threads) {
		s->ptid = t->fields_ext->get_table_field(s->threads, "ptid", LNR_PLUGIN_ST_INT64);
		s->comm = t->fields_ext->get_table_field(s->threads, "comm", LNR_PLUGIN_ST_STRING);
	}
	if (s->ptid && s->comm) {
		*rc = LNR_PLUGIN_SUCCESS;
	} else {
		const char *why = in->get_owner_last_error(in->owner);
		snprintf(s->error, sizeof(s->error), "%s", why ? why : "no table of threads");
	}
	return s; /* also with a failure: the host asks it for the reason */
}

void plugin_destroy(void *state)
{
	free(state);
}

const char *plugin_get_last_error(void *state)
{
	return ((struct descent *)state)->error;
}

/* --- fields --- */

/* Thread `tid`: its parent, and its name in s->root. -1 = it is not known. */
static int64_t look(struct descent *s, const struct lnr_plugin_table_reader_ext *r, int64_t tid)
{
	const union lnr_plugin_state_data key = {.s64 = tid};
	union lnr_plugin_state_data name, parent = {.s64 = -1};
	void *e = r->base.get_table_entry(s->threads, &key);
	if (!e)
		return -1;
	if (r->base.read_entry_field(s->threads, e, s->comm, &name) == LNR_PLUGIN_SUCCESS)
		snprintf(s->root, sizeof(s->root), "%s", name.str);
	if (r->base.read_entry_field(s->threads, e, s->ptid, &parent) != LNR_PLUGIN_SUCCESS)
		parent.s64 = -1;
	r->release_table_entry(s->threads, e);
	return parent.s64;
}

int32_t plugin_extract_fields(void *state, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_input *in)
{
	struct descent *s = state;
	int64_t tid = look(s, in->table_reader_ext, (int64_t)evt->evt->tid);
	if (tid < 0)
		return LNR_PLUGIN_FAILURE;
	for (s->depth = 0; tid > 1 && s->depth < DEPTH_MAX; s->depth++)
		tid = look(s, in->table_reader_ext, tid);
	s->strings[0] = s->root;
	for (uint32_t i = 0; i < in->num_fields; i++) {
		struct lnr_plugin_extract_field *f = &in->fields[i];
		if (f->field_id == 0)
			f->res.u64 = &s->depth;
		else
			f->res.str = s->strings;
		f->res_len = 1;
	}
	return LNR_PLUGIN_SUCCESS;
}
