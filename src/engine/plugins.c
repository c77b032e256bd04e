/* SPDX-License-Identifier: Apache-2.0 */
/* The plugins of a configuration: loading, listing (spec engine-config-cli 2.1, 4). */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/util.h"
#include "engine/plugins_priv.h"
#include "fields/core/list.h"
#include "plugin/isolated.h"
#include "schema/limits.h"

/* --- paths --- */

static bool escapes(struct lnr_str path)
{
	struct lnr_str part;
	while (lnr_str_split(&path, '/', &part)) {
		if (lnr_str_eq(part, LNR_STR("..")))
			return true;
	}
	return false;
}

static int find_library(
	const char *path, const char *directory, char ret[static PATH_MAX], struct lnr_err *err)
{
	static const char *const usual[] = {
		"/usr/share/lanner/plugins", "/usr/share/falco/plugins"};
	int n;
	if (!path || !*path)
		return lnr_fail(err, -EINVAL, "library_path is missing");
	if (*path != '/' && escapes(lnr_str_c(path)))
		return lnr_fail(err, -EINVAL, "library_path %s leaves the plugin directory", path);
	for (size_t i = 0; !directory && *path != '/' && i < LNR_ARRAY_SIZE(usual); i++) {
		n = snprintf(ret, PATH_MAX, "%s/%s", usual[i], path);
		if (n < PATH_MAX && access(ret, F_OK) == 0)
			return 0;
	}
	if (*path == '/')
		n = snprintf(ret, PATH_MAX, "%s", path);
	else
		n = snprintf(ret, PATH_MAX, "%s/%s", directory ? directory : usual[1], path);
	return n < PATH_MAX ? 0 : lnr_fail(err, -ENAMETOOLONG, "library_path is too long");
}

/* --- the collection --- */

static int check_unique(
	const struct lnr_plugins *p, const struct lnr_plugin *new, struct lnr_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		if (lnr_str_eq(p->v[i]->name, new->name))
			return lnr_fail(err, -EEXIST, "plugin '%s' is loaded twice", new->name.ptr);
		if (new->id && p->v[i]->id == new->id)
			return lnr_fail(err, -EEXIST, "plugins '%s' and '%s' have the same id %u",
				p->v[i]->name.ptr, new->name.ptr, new->id);
	}
	return 0;
}

static int copy_text(struct lnr_plugin *pl, const char *text, bool trim, const char **ret)
{
	struct lnr_str s = lnr_str_c(text ? text : "");
	*ret = lnr_arena_strdup(&pl->arena, trim ? lnr_str_trim(s) : s);
	return *ret ? 0 : -ENOMEM;
}

/* A library that exists goes before what is built in under its name. */
static int load(const struct lnr_plugin_entry *e, const struct lnr_plugins_opts *opts,
	char path[static PATH_MAX], struct lnr_plugin **ret, struct lnr_err *err)
{
	const struct lnr_plugin_load_opts lo = {.path = path,
		.isolated = e->isolated,
		.restart = e->restart,
		.child = opts->child,
		.start_ms = e->start_ms};
	const struct lnr_plugin_builtin *b = e->name ? lnr_plugins_builtin(e->name) : NULL;
	const char *library = e->library_path ? e->library_path : "";
	if (b && !*library)
		return lnr_plugin_builtin(b, "", ret, err);
	int r = find_library(library, opts->directory, path, err);
	if (r)
		return r;
	return b && access(path, F_OK) ? lnr_plugin_builtin(b, path, ret, err)
				       : lnr_plugin_load_with(&lo, ret, err);
}

static int make_class(struct lnr_plugins *p, const struct lnr_plugin *pl)
{
	const struct lnr_field_class **ret = &p->classes[p->n];
	return pl->builtin ? lnr_field_builtin_class(&p->arena, pl->builtin->name, ret)
			   : lnr_field_plugin_class(&p->arena, pl, ret);
}

static int add(struct lnr_plugins *p, const struct lnr_plugin_entry *e,
	const struct lnr_plugins_opts *opts, struct lnr_err *err)
{
	char path[PATH_MAX];
	struct lnr_plugin *pl = NULL;
	int r = load(e, opts, path, &pl, err);
	/* The reference notices a wrong name when it looks for who opens the source. */
	if (!r && pl->id && e->name && !lnr_str_eq(pl->name, lnr_str_c(e->name)))
		r = lnr_fail(err, -EINVAL, "the library %s holds plugin '%s'", path, pl->name.ptr);
	if (!r)
		r = check_unique(p, pl, err);
	if (!r &&
		(copy_text(pl, e->init_config, false, &pl->config) ||
			copy_text(pl, e->open_params, true, &pl->open_params) || make_class(p, pl)))
		r = lnr_fail(err, -ENOMEM, "out of memory");
	if (r) {
		lnr_plugin_free(pl);
		return lnr_wrap(err, r, "cannot load plugin '%s'", e->name ? e->name : "");
	}
	pl->index = (unsigned)p->n;
	p->v[p->n++] = pl;
	return 0;
}

int lnr_plugins_new(
	const struct lnr_plugins_opts *opts, struct lnr_plugins **ret, struct lnr_err *err)
{
	if (opts->size != sizeof(*opts))
		return lnr_fail(err, -EINVAL, "struct lnr_plugins_opts has size %zu, expected %zu",
			opts->size, sizeof(*opts));
	if (opts->n_entries > LNR_PLUGINS_MAX)
		return lnr_fail(
			err, -E2BIG, "%zu plugins, at most %d", opts->n_entries, LNR_PLUGINS_MAX);
	struct lnr_plugins *p = calloc(1, sizeof(*p));
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	p->refs = 1;
	lnr_arena_init(&p->arena, LNR_PLUGIN_ARENA_BYTES);
	p->v = lnr_arena_calloc(&p->arena, opts->n_entries + 1, sizeof(*p->v));
	p->classes = lnr_arena_calloc(&p->arena, opts->n_entries + 1, sizeof(*p->classes));
	int r = p->v && p->classes ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < opts->n_entries; i++)
		r = add(p, &opts->entries[i], opts, err);
	if (r)
		p = lnr_plugins_unref(p);
	else
		*ret = p;
	return r;
}

struct lnr_plugins *lnr_plugins_ref(struct lnr_plugins *p)
{
	__atomic_add_fetch(&p->refs, 1, __ATOMIC_RELAXED);
	return p;
}

struct lnr_plugins *lnr_plugins_unref(struct lnr_plugins *p)
{
	if (!p || __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL))
		return NULL;
	for (size_t i = 0; i < p->n; i++)
		lnr_plugin_free(p->v[i]);
	lnr_arena_done(&p->arena);
	free(p);
	return NULL;
}

int lnr_plugins_try(const struct lnr_plugins *p, const struct lnr_plugins *running,
	struct lnr_log *log, struct lnr_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		const char *path = p->v[i]->path;
		if (p->v[i]->builtin)
			lnr_log(log, LNR_LOG_INFO, "plugin '%s' is built in%s%s", p->v[i]->name.ptr,
				*path ? ", and there is no " : "", path);
	}
	return p->n ? lnr_plugin_set_try(p, running, log, err) : 0;
}

int lnr_plugins_child(void)
{
	return lnr_plugin_child();
}

/* --- reading it --- */

size_t lnr_plugins_count(const struct lnr_plugins *p)
{
	return p->n;
}

bool lnr_plugins_get(
	const struct lnr_plugins *p, size_t i, const char **ret_name, const char **ret_version)
{
	if (i >= p->n)
		return false;
	*ret_name = p->v[i]->name.ptr;
	*ret_version = p->v[i]->version.ptr;
	return true;
}

/* Is this the first that provides its source? */
static bool leads(const struct lnr_plugins *p, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (lnr_str_eq(p->v[k]->source, p->v[i]->source))
			return false;
	}
	return p->v[i]->source.len > 0;
}

const char *lnr_plugins_source(const struct lnr_plugins *p, size_t i)
{
	for (size_t k = 0; k < p->n; k++) {
		if (leads(p, k) && i-- == 0)
			return p->v[k]->source.ptr;
	}
	return NULL;
}

struct lnr_str lnr_plugins_name(const struct lnr_plugins *p, const char *source)
{
	for (size_t i = 0; source && p && i < p->n; i++) {
		if (p->v[i]->source.len && lnr_str_eq(p->v[i]->source, lnr_str_c(source)))
			return p->v[i]->source;
	}
	return LNR_STR("");
}

void lnr_plugins_list(const struct lnr_plugins *p, struct lnr_buf *out)
{
	lnr_buf_printf(out, "%zu Plugins Loaded:\n", p->n);
	for (size_t i = 0; i < p->n; i++) {
		lnr_buf_chr(out, '\n');
		lnr_plugin_describe(p->v[i], out);
	}
}

static void describe_more(void *user, const struct lnr_plugin *p, struct lnr_plugin_instance *inst)
{
	lnr_plugin_describe_more(p, inst, user);
}

int lnr_plugins_info(const struct lnr_plugins *p, const char *name, struct lnr_log *log,
	struct lnr_buf *out, struct lnr_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		struct lnr_err why = {0};
		if (!lnr_str_eq(p->v[i]->name, lnr_str_c(name)) && strcmp(p->v[i]->path, name) != 0)
			continue;
		lnr_plugin_describe(p->v[i], out);
		/* A plugin that cannot start, for want of a right configuration, has a schema. */
		if (lnr_plugin_try(p->v[i], log, describe_more, out, &why))
			lnr_log(log, LNR_LOG_DEBUG, "%s", why.msg);
		return 0;
	}
	return lnr_fail(err, -ENOENT, "there is no plugin '%s'", name);
}

/* --- for the loader of rules --- */

static int add_fields(struct lnr_fieldset *set, const struct lnr_field_class *cls,
	const char *source, struct lnr_err *err)
{
	for (const struct lnr_field *f = cls->fields; f->name; f++) {
		const struct lnr_field_class *other;
		size_t pos = 0;
		while ((other = lnr_fieldset_next(set, &pos))) {
			for (const struct lnr_field *o = other->fields; o->name; o++) {
				if (strcmp(o->name, f->name) == 0)
					return lnr_fail(err, -EEXIST,
						"plugin '%s': source %s has a field %s already",
						cls->name, source, f->name);
			}
		}
	}
	return lnr_fieldset_add(set, cls) ? lnr_fail(err, -ENOMEM, "out of memory") : 0;
}

static int source_fields(const struct lnr_rules_opts *o, const struct lnr_field_class *fixed,
	const char *name, struct lnr_fieldset **ret, struct lnr_err *err)
{
	const struct lnr_plugins *p = o->plugins;
	struct lnr_fieldset *set = *ret = lnr_fieldset_new(name);
	if (!set || (fixed && lnr_fieldset_add(set, fixed)))
		return lnr_fail(err, -ENOMEM, "out of memory");
	if (o->no_container_plugin) {
		int r = lnr_fieldset_remove(set, "container (plugin)");
		if (r && r != -ENOENT)
			return lnr_fail(err, r, "out of memory");
	}
	int r = 0;
	for (size_t i = 0; !r && p && i < p->n; i++) {
		if (p->classes[i] && lnr_plugin_admits(&p->v[i]->extract_sources, lnr_str_c(name)))
			r = add_fields(set, p->classes[i], name, err);
	}
	return r;
}

static int source_async(
	const struct lnr_plugins *p, struct lnr_arena *arena, struct lnr_loader_source *s)
{
	size_t n = 0;
	for (size_t i = 0; p && i < p->n; i++)
		n += p->v[i]->async_names.n;
	struct lnr_str *names = lnr_arena_calloc(arena, n + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; p && i < p->n; i++) {
		const struct lnr_plugin *pl = p->v[i];
		if (!pl->async_names.n || !lnr_plugin_admits(&pl->async_sources, s->name))
			continue;
		memcpy(names + s->n_async_names, pl->async_names.v,
			pl->async_names.n * sizeof(*names));
		s->n_async_names += pl->async_names.n;
	}
	s->async_names = names;
	return 0;
}

int lnr_plugins_sources(const struct lnr_rules_opts *o, struct lnr_arena *arena,
	const struct lnr_field_class *fixed, struct lnr_loader_source **ret, size_t *ret_n,
	struct lnr_err *err)
{
	const struct lnr_plugins *p = o->plugins;
	size_t max = 1, n = 0;
	for (const char *const *s = o->sources; s && *s; s++)
		max++;
	struct lnr_loader_source *v = lnr_arena_calloc(arena, max + (p ? p->n : 0), sizeof(*v));
	if (!v)
		return lnr_fail(err, -ENOMEM, "out of memory");
	v[n++].name = LNR_STR("syscall");
	const char *name;
	for (size_t i = 0; p && (name = lnr_plugins_source(p, i)); i++)
		v[n++].name = lnr_arena_str(arena, lnr_str_c(name));
	for (const char *const *s = o->sources; s && *s; s++)
		v[n++].name = lnr_arena_str(arena, lnr_str_c(*s));
	*ret = v;
	*ret_n = n;
	int r = 0;
	for (size_t i = 0; !r && i < n; i++) {
		if (!v[i].name.ptr || source_async(p, arena, &v[i]))
			r = lnr_fail(err, -ENOMEM, "out of memory");
		if (!r)
			r = source_fields(o, fixed, v[i].name.ptr, &v[i].fields, err);
	}
	return r;
}

/* All classes; of several sources where `source` is NULL. */
static int all_fields(const struct lnr_rules_opts *o, const char *source, struct lnr_fieldset **ret,
	struct lnr_err *err)
{
	const struct lnr_plugins *p = o->plugins;
	if (source)
		return source_fields(o, NULL, source, ret, err);
	*ret = lnr_fieldset_new(NULL);
	int r = *ret ? 0 : -ENOMEM;
	if (!r && o->no_container_plugin)
		r = lnr_fieldset_remove(*ret, "container (plugin)");
	for (size_t i = 0; !r && p && i < p->n; i++)
		r = p->classes[i] ? lnr_fieldset_add(*ret, p->classes[i]) : 0;
	return r ? lnr_fail(err, r, "out of memory") : 0;
}

int lnr_plugins_fieldset(const struct lnr_plugins *p, const char *source, struct lnr_fieldset **ret,
	struct lnr_err *err)
{
	const struct lnr_rules_opts o = {.size = sizeof(o), .plugins = p};
	return all_fields(&o, source, ret, err);
}

int lnr_rules_list_fields(const struct lnr_rules_opts *o, struct lnr_buf *out, const char *format,
	const char *source, bool names_only, bool verbose, struct lnr_err *err)
{
	const char *sources[LNR_PLUGINS_MAX + 2] = {"syscall"};
	struct lnr_fieldset *set = NULL;
	for (size_t i = 0; o->plugins && i < LNR_PLUGINS_MAX; i++)
		sources[i + 1] = lnr_plugins_source(o->plugins, i);
	const struct lnr_fields_list_opts lo = {.format = format,
		.names_only = names_only,
		.verbose = verbose,
		.sources = source ? NULL : sources};
	int r = all_fields(o, source, &set, err);
	if (!r)
		r = lnr_fields_list(out, set, &lo, err);
	lnr_fieldset_unref(set);
	return r;
}

/* No list of sources means all there are. */
static int spell_out(struct lnr_arena *arena, const struct lnr_plugin_names *names,
	const struct lnr_loader_source *sources, size_t n_sources, const struct lnr_str **ret,
	size_t *ret_n)
{
	*ret = names->v;
	*ret_n = names->n;
	if (names->n)
		return 0;
	struct lnr_str *v = lnr_arena_calloc(arena, n_sources + 1, sizeof(*v));
	for (size_t i = 0; v && i < n_sources; i++)
		v[i] = sources[i].name;
	*ret = v;
	*ret_n = n_sources;
	return v ? 0 : -ENOMEM;
}

int lnr_plugins_for_loader(const struct lnr_rules_opts *o, struct lnr_arena *arena,
	const struct lnr_loader_source *sources, size_t n_sources,
	const struct lnr_loader_plugin **ret, size_t *ret_n)
{
	const struct lnr_plugins *p = o->plugins;
	size_t n = 0;
	struct lnr_loader_plugin *v = lnr_arena_calloc(arena, (p ? p->n : 0) + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	/* What the reference needs a plugin for and is built in here: it answers with the version
	 * that published rules ask for. */
	if (!o->no_container_plugin)
		v[n++] = (struct lnr_loader_plugin){
			.name = LNR_STR("container"), .version = LNR_STR("0.7.1")};
	for (size_t i = 0; p && i < p->n; i++) {
		const struct lnr_plugin *pl = p->v[i];
		struct lnr_loader_plugin *l = &v[n++];
		*l = (struct lnr_loader_plugin){.name = pl->name,
			.version = pl->version,
			.source = pl->source,
			.fields = p->classes[i],
			.async_names = pl->async_names.v,
			.n_async_names = pl->async_names.n};
		if (spell_out(arena, &pl->extract_sources, sources, n_sources, &l->field_sources,
			    &l->n_field_sources) ||
			spell_out(arena, &pl->async_sources, sources, n_sources, &l->async_sources,
				&l->n_async_sources))
			return -ENOMEM;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}
