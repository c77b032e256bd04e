/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field classes that an event source knows: the built-in ones from the folder listing, plus
 * what plugins and configuration add.
 */
#include <stdlib.h>
#include "base/hash.h"
#include "base/util.h"
#include "fields/core/set.h"

#define LNR_ROW(stem) extern const struct lnr_field_class lnr_field_class_##stem;
#include "field_classes.inc"
#undef LNR_ROW

static const struct lnr_field_class *const builtin[] = {
#define LNR_ROW(stem) &lnr_field_class_##stem,
#include "field_classes.inc"
#undef LNR_ROW
};

/* Built-in classes come in the order of their file names; `order` decides. */
static int by_order(const void *a, const void *b)
{
	const struct lnr_field_class *x = *(const struct lnr_field_class *const *)a;
	const struct lnr_field_class *y = *(const struct lnr_field_class *const *)b;

	return x->order != y->order ? (x->order > y->order ? 1 : -1) : strcmp(x->name, y->name);
}

/* What a name leads to. */
struct entry {
	const struct lnr_field *field;
	const struct lnr_field_class *cls;
};

struct lnr_fieldset {
	unsigned refs; /* atomic: rule sets on several threads share a set */
	size_t n, cap;
	const struct lnr_field_class **classes; /* in look-up order */
	struct lnr_strmap index;		/* whole name to struct entry */
	struct entry *entries;
	char *source; /* NULL = all */
};

static void unindex(struct lnr_fieldset *set)
{
	lnr_strmap_done(&set->index);
	lnr_strmap_init(&set->index);
	free(set->entries);
	set->entries = NULL;
}

/* Rebuilt after every change: a set changes a few times at start and is read for ever after. */
static int index_names(struct lnr_fieldset *set)
{
	size_t n = 0, at = 0;

	unindex(set);
	for (size_t i = 0; i < set->n; i++)
		for (const struct lnr_field *f = set->classes[i]->fields; f->name; f++)
			n++;
	set->entries = calloc(n ? n : 1, sizeof(*set->entries));
	if (!set->entries)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++) {
		for (const struct lnr_field *f = set->classes[i]->fields; f->name; f++) {
			struct lnr_str name = lnr_str_c(f->name);
			if (lnr_strmap_get(&set->index, name))
				continue;
			set->entries[at] = (struct entry){f, set->classes[i]};
			int r = lnr_strmap_set(&set->index, name, &set->entries[at++], NULL);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int append(struct lnr_fieldset *set, const struct lnr_field_class *cls)
{
	if (set->n == set->cap) {
		size_t cap = set->cap ? set->cap * 2 : 32;
		void *p = realloc(set->classes, cap * sizeof(*set->classes));
		if (!p)
			return -ENOMEM;
		set->classes = p;
		set->cap = cap;
	}
	set->classes[set->n++] = cls;
	return 0;
}

static bool valid_for(const struct lnr_field_class *cls, const char *source)
{
	return !cls->plugin && (!source || !*cls->source || strcmp(cls->source, source) == 0);
}

int lnr_field_builtin_class(
	struct lnr_arena *arena, const char *plugin, const struct lnr_field_class **ret)
{
	const struct lnr_field_class *parts[LNR_ARRAY_SIZE(builtin)];
	size_t n_parts = 0, n = 0;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(builtin); i++) {
		if (!builtin[i]->plugin || strcmp(builtin[i]->plugin, plugin) != 0)
			continue;
		parts[n_parts++] = builtin[i];
		for (const struct lnr_field *f = builtin[i]->fields; f->name; f++)
			n++;
	}
	if (!n_parts)
		return -ENOENT;
	qsort(parts, n_parts, sizeof(*parts), by_order);
	struct lnr_field_class *cls = lnr_arena_new(arena, struct lnr_field_class);
	struct lnr_field *rows = lnr_arena_calloc(arena, n + 1, sizeof(*rows));
	if (!cls || !rows)
		return -ENOMEM;
	*cls = *parts[0];
	cls->fields = rows;
	for (size_t i = 0; i < n_parts; i++)
		for (const struct lnr_field *f = parts[i]->fields; f->name; f++)
			*rows++ = *f;
	*ret = cls;
	return 0;
}

struct lnr_fieldset *lnr_fieldset_new(const char *source)
{
	struct lnr_fieldset *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->refs = 1;
	lnr_strmap_init(&set->index);
	if (source && !(set->source = strdup(source)))
		return lnr_fieldset_unref(set);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(builtin); i++)
		if (valid_for(builtin[i], source) && append(set, builtin[i]) < 0)
			return lnr_fieldset_unref(set);
	qsort(set->classes, set->n, sizeof(*set->classes), by_order);
	if (index_names(set) < 0)
		return lnr_fieldset_unref(set);
	return set;
}

int lnr_fieldset_add(struct lnr_fieldset *set, const struct lnr_field_class *cls)
{
	int r = append(set, cls);

	if (r < 0)
		return r;
	r = index_names(set);
	if (r < 0)
		set->n--;
	return r;
}

int lnr_fieldset_remove(struct lnr_fieldset *set, const char *class_name)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->classes[i]->name, class_name) != 0)
			set->classes[kept++] = set->classes[i];
	if (kept == set->n)
		return -ENOENT;
	set->n = kept;
	return index_names(set);
}

struct lnr_fieldset *lnr_fieldset_ref(struct lnr_fieldset *set)
{
	__atomic_add_fetch(&set->refs, 1, __ATOMIC_RELAXED);
	return set;
}

struct lnr_fieldset *lnr_fieldset_unref(struct lnr_fieldset *set)
{
	if (set && __atomic_sub_fetch(&set->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		unindex(set);
		lnr_strmap_done(&set->index);
		free(set->classes);
		free(set->source);
		free(set);
	}
	return NULL;
}

const struct lnr_field_class *lnr_fieldset_next(const struct lnr_fieldset *set, size_t *pos)
{
	return *pos < set->n ? set->classes[(*pos)++] : NULL;
}

const struct lnr_field *lnr_fieldset_find(
	const struct lnr_fieldset *set, struct lnr_str name, const struct lnr_field_class **ret_cls)
{
	const struct entry *e = lnr_strmap_get(&set->index, name);

	if (!e)
		return NULL;
	*ret_cls = e->cls;
	return e->field;
}

bool lnr_field_class_same(const struct lnr_field_class *a, const struct lnr_field_class *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->source, b->source) == 0;
}

const char *lnr_fieldset_source(const struct lnr_fieldset *set)
{
	return set->source;
}
