/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin at work: started with its configuration, asked for fields (spec plugin-abi.md 3, 8). */
#include <stdlib.h>
#include <string.h>
#include "plugin/host.h"
#include "plugin/limit.h"
#include "plugin/tables.h"

const char *lnr_plugin_last_error(const struct lnr_plugin_instance *i)
{
	/* There is no state to ask while init() runs. */
	const char *s = i->state ? i->plugin->api.get_last_error(i->state) : NULL;
	return s && *s ? s : "it gives no reason";
}

const char *lnr_plugin_owner_error(void *owner)
{
	const struct lnr_plugin_instance *i = owner;
	return i->owner_error[0] ? i->owner_error : NULL;
}

static void owner_log(void *owner, const char *component, const char *msg, int32_t severity)
{
	static const enum lnr_log_level levels[] = {
		[LNR_PLUGIN_LOG_FATAL] = LNR_LOG_EMERGENCY,
		[LNR_PLUGIN_LOG_CRITICAL] = LNR_LOG_CRITICAL,
		[LNR_PLUGIN_LOG_ERROR] = LNR_LOG_ERROR,
		[LNR_PLUGIN_LOG_WARNING] = LNR_LOG_WARNING,
		[LNR_PLUGIN_LOG_NOTICE] = LNR_LOG_NOTICE,
		[LNR_PLUGIN_LOG_INFO] = LNR_LOG_INFO,
		[LNR_PLUGIN_LOG_DEBUG] = LNR_LOG_DEBUG,
		[LNR_PLUGIN_LOG_TRACE] = LNR_LOG_DEBUG,
	};
	const struct lnr_plugin_instance *i = owner;
	bool known = severity >= LNR_PLUGIN_LOG_FATAL && severity <= LNR_PLUGIN_LOG_TRACE;
	lnr_log(i->log, known ? levels[severity] : LNR_LOG_INFO, "%s: %s",
		component ? component : i->plugin->name.ptr, msg ? msg : "");
}

/* Spec 16: no list means all types where system calls are admitted, else events of plugins. */
static void read_types(const struct lnr_plugin_instance *i, uint16_t *(*get)(uint32_t *, void *),
	const struct lnr_plugin_names *sources, struct lnr_plugin_types *ret)
{
	uint32_t n = 0;
	const uint16_t *v = get ? get(&n, i->state) : NULL;
	memset(ret, 0, sizeof(*ret));
	for (uint32_t k = 0; v && k < n; k++) {
		if (v[k] < 8 * sizeof(ret->bits))
			ret->bits[v[k] / 8] |= (uint8_t)(1 << (v[k] % 8));
	}
	if (v && n)
		return;
	if (lnr_plugin_admits(sources, LNR_STR("syscall")))
		ret->all = true;
	else
		ret->bits[LNR_PLUGIN_EVENT / 8] |= 1 << (LNR_PLUGIN_EVENT % 8);
}

/* --- calls that may not return --- */

/* On the heap: the plugin may use it after nobody waits any more. */
struct init_call {
	struct lnr_plugin_instance *inst;
	struct lnr_plugin_init_input in;
	char *config;
	int32_t rc;
	void *state;
};

static void call_init(void *arg)
{
	struct init_call *c = arg;
	lnr_table_owner_enter(c->inst->tables);
	c->state = c->inst->plugin->api.init(&c->in, &c->rc);
	lnr_table_owner_leave(c->inst->tables);
}

static void free_init(struct init_call *c)
{
	free(c->config);
	free(c);
}

/* -ETIMEDOUT: the instance belongs to the plugin from now on. */
static int init(struct lnr_plugin_instance *i, const char *config, int32_t *ret_rc)
{
	const struct lnr_plugin *p = i->plugin;
	struct init_call *c = calloc(1, sizeof(*c));
	char *own = strdup(config);
	if (!c || !own) {
		free(own);
		free(c);
		return -ENOMEM;
	}
	*c = (struct init_call){.inst = i,
		.in = {.config = own,
			.owner = i,
			.get_owner_last_error = lnr_plugin_owner_error,
			.tables = lnr_table_functions(),
			.log_fn = owner_log},
		.config = own,
		.rc = LNR_PLUGIN_FAILURE}; /* some leave it alone when they fail */
	int r = 0;
	if (p->isolated)
		call_init(c); /* has a limit of its own */
	else
		r = lnr_plugin_limited(call_init, c, p->start_ms);
	if (r)
		return r;
	i->state = c->state;
	*ret_rc = c->rc;
	free_init(c);
	return 0;
}

/* A call did not return: neither the instance nor what it is of may go away. */
static void leave_alone(struct lnr_plugin_instance *i)
{
	i->stuck = true;
	((struct lnr_plugin *)(uintptr_t)i->plugin)->stuck = true; /* const to users, not as such */
}

static void call_destroy(void *arg)
{
	struct lnr_plugin_instance *i = arg;
	i->plugin->api.destroy(i->state);
}

int lnr_plugin_call(struct lnr_plugin_instance *i, void (*fn)(void *arg), void *arg)
{
	if (i->plugin->isolated) {
		fn(arg);
		return 0;
	}
	int r = lnr_plugin_limited(fn, arg, i->plugin->start_ms);
	if (r)
		leave_alone(i);
	return r;
}

/* --- life --- */

static const char *config_of(const struct lnr_plugin *p)
{
	return p->schema && !*p->config ? "{}" : p->config;
}

int lnr_plugin_check(const struct lnr_plugin *p, struct lnr_err *err)
{
	int r = p->schema ? lnr_plugin_check_config(p->schema, config_of(p), err) : 0;
	if (r)
		return lnr_wrap(err, r, "plugin %s: init_config", p->name.ptr);
	r = p->builtin && p->builtin->check ? p->builtin->check(config_of(p), err) : 0;
	return r ? lnr_wrap(err, r, "plugin %s", p->name.ptr) : 0;
}

static int start(struct lnr_plugin_instance *i, struct lnr_err *err)
{
	const struct lnr_plugin *p = i->plugin;
	int32_t rc;
	int r = lnr_plugin_check(p, err);
	if (r || p->builtin)
		return r;
	r = init(i, config_of(p), &rc);
	if (r == -ETIMEDOUT)
		leave_alone(i);
	if (r)
		return i->stuck ? lnr_fail(err, r,
					  "plugin %s cannot start: init() did not return within %u "
					  "ms",
					  p->name.ptr, p->start_ms)
				: lnr_fail(err, r, "out of memory");
	if (!i->state)
		return lnr_fail(err, -EIO, "plugin %s cannot start: %s", p->name.ptr,
			i->owner_error[0] ? i->owner_error : "it gives no reason");
	/* A state that came with a failure is there to be asked for the reason. */
	if (rc != LNR_PLUGIN_SUCCESS)
		return lnr_fail(err, -EIO, "plugin %s cannot start: %s", p->name.ptr,
			lnr_plugin_last_error(i));
	read_types(i, p->api.get_extract_event_types, &p->extract_sources, &i->extract_types);
	read_types(i, p->api.get_parse_event_types, &p->parse_sources, &i->parse_types);
	return 0;
}

int lnr_plugin_start_with(const struct lnr_plugin *p, struct lnr_tables *tables,
	struct lnr_log *log, struct lnr_plugin_instance **ret, struct lnr_err *err)
{
	struct lnr_plugin_instance *i = calloc(1, sizeof(*i));
	if (!i)
		return lnr_fail(err, -ENOMEM, "out of memory");
	i->plugin = p;
	i->log = log;
	i->tables = tables ? lnr_table_owner_new(tables, i) : NULL;
	int r = tables && !i->tables ? lnr_fail(err, -ENOMEM, "out of memory") : start(i, err);
	if (r)
		i = lnr_plugin_stop(i);
	else
		*ret = i;
	return r;
}

int lnr_plugin_start(const struct lnr_plugin *p, struct lnr_log *log,
	struct lnr_plugin_instance **ret, struct lnr_err *err)
{
	return lnr_plugin_start_with(p, NULL, log, ret, err);
}

struct lnr_plugin_instance *lnr_plugin_stop(struct lnr_plugin_instance *i)
{
	if (!i)
		return NULL;
	/* What the plugin still has in its hands is never taken away. */
	if (i->stuck)
		return NULL;
	lnr_table_owner_end(i->tables);
	if (i->state && lnr_plugin_call(i, call_destroy, i)) {
		lnr_log(i->log, LNR_LOG_ERROR,
			"plugin %s: destroy() did not return within %u ms and is left running",
			i->plugin->name.ptr, i->plugin->start_ms);
		return NULL;
	}
	lnr_table_owner_free(i->tables);
	free(i);
	return NULL;
}

bool lnr_plugin_extract(struct lnr_plugin_instance *i, const struct lnr_plugin_event_input *evt,
	struct lnr_plugin_extract_field *f)
{
	const struct lnr_plugin_init_tables *functions = lnr_table_functions();
	const struct lnr_plugin_extract_input in = {.owner = i,
		.get_owner_last_error = lnr_plugin_owner_error,
		.num_fields = 1,
		.fields = f,
		.table_reader = functions->reader_ext->base,
		.table_reader_ext = functions->reader_ext};
	f->res.str = NULL;
	f->res_len = 0;
	lnr_table_owner_enter(i->tables);
	int32_t rc = i->plugin->api.extract_fields(i->state, evt, &in);
	lnr_table_owner_leave(i->tables);
	return rc == LNR_PLUGIN_SUCCESS && f->res_len && f->res.str;
}

bool lnr_plugin_parse(struct lnr_plugin_instance *i, const struct lnr_plugin_event_input *evt)
{
	const struct lnr_plugin_init_tables *functions = lnr_table_functions();
	const struct lnr_plugin_parse_input in = {.owner = i,
		.get_owner_last_error = lnr_plugin_owner_error,
		.table_reader = functions->reader_ext->base,
		.table_writer = *functions->writer_ext,
		.table_reader_ext = functions->reader_ext,
		.table_writer_ext = functions->writer_ext};
	lnr_table_owner_enter(i->tables);
	int32_t rc = i->plugin->api.parse_event(i->state, evt, &in);
	lnr_table_owner_leave(i->tables);
	return rc == LNR_PLUGIN_SUCCESS;
}

const char *lnr_plugin_event_text(
	struct lnr_plugin_instance *i, const struct lnr_plugin_event_input *evt)
{
	const char *s = i->plugin->api.event_to_string
				? i->plugin->api.event_to_string(i->state, evt)
				: NULL;
	return s && *s ? s : NULL;
}
