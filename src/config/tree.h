/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as a tree that can be changed: read from YAML, merged, set by path. Nodes live
 * in the configuration's arena and are never freed singly; replacing one leaves the old behind,
 * which is bounded by what the files and the command line say.
 */
#ifndef LNR_CONFIG_TREE_H
#define LNR_CONFIG_TREE_H

#include "config/yaml.h"

struct lnr_cnode {
	uint8_t kind; /* enum lnr_yaml_kind; LNR_YAML_NONE = created by a path, holds nothing yet */
	bool plain;   /* scalar without quotes */
	bool from_cli;
	uint32_t n, cap;
	uint32_t line;	  /* 1-based; 0 = from the command line */
	const char *file; /* NULL = command line */
	char *text;	  /* scalar */
	char **keys;	  /* map */
	struct lnr_cnode **kids;
};

/* Copy of a YAML tree; scalars have ${NAME} replaced from the environment when `env`. */
struct lnr_cnode *lnr_cnode_from_yaml(
	struct lnr_arena *a, const struct lnr_yaml *y, const char *file, bool env);
struct lnr_cnode *lnr_cnode_scalar(struct lnr_arena *a, const char *text);
/* First value of that key, or NULL. */
struct lnr_cnode *lnr_cnode_key(const struct lnr_cnode *map, const char *key);
/* Set or add; append to a sequence. -ENOMEM. */
int lnr_cnode_put(struct lnr_arena *a, struct lnr_cnode *map, const char *key, struct lnr_cnode *v);
int lnr_cnode_push(struct lnr_arena *a, struct lnr_cnode *seq, struct lnr_cnode *v);
/*
 * Node at a path "a.b[2].c", for reading; NULL when there is none. Grammar: spec
 * engine-config-cli 1.4.
 */
struct lnr_cnode *lnr_cnode_get(const struct lnr_cnode *root, const char *path);
/* Set the node at a path, creating what is missing on the way; "[]" appends. */
int lnr_cnode_set(struct lnr_arena *a, struct lnr_cnode *root, const char *path,
	struct lnr_cnode *v, struct lnr_err *err);
/* ${NAME} and $${NAME}, spec 1.2. */
char *lnr_config_expand_env(struct lnr_arena *a, struct lnr_str text);

#endif
