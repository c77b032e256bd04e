/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields: a name of the rule language to a typed value of the event at hand.
 *
 * A class (proc, fd, …) is one file in src/fields/ that defines
 *
 *	const struct lnr_field_class lnr_field_class_<file name>;
 *
 * with one row per field; the build lists the folder, so a new field or class touches that file and
 * its test. Several files may contribute to one listed class: classes of one name and source that
 * follow each other in `order` are shown as one. Rows say name, type, argument form, print form,
 * flags and meaning; type check, listings, documentation and completion read them. Plugins and
 * configuration add classes at run time with the same struct. A getter fills *ret with a value
 * borrowed until the next event (scratch memory is ctx->ev->scratch) and returns false when the
 * value is absent; absent is not an error and makes every comparison false. Facts: spec fields.md,
 * rules-language.md 7, 9, 13, appendix A.
 */
#ifndef LNR_FIELDS_FIELD_H
#define LNR_FIELDS_FIELD_H

#include "base/json.h"
#include "decode/event.h"
#include "state/state.h"

/* --- values --- */

struct lnr_net {
	struct lnr_ip ip; /* host bits are 0 */
	uint8_t bits;
};

struct lnr_val {
	uint8_t type; /* enum lnr_pt; says which member of the union is valid */
	uint8_t fmt;  /* enum lnr_pf, when it differs from the field's (evt.rawarg); else 0 */
	bool is_list; /* list: .list, elements have type `type` */
	bool raw;     /* text that outputs show as it is: what plugins say is not cleaned */
	union {
		int64_t s64;  /* signed integers, ERRNO, FD, PID */
		uint64_t u64; /* unsigned integers, flags, ids, times, PORT, BOOL (0 or 1), MODE */
		double d;     /* DOUBLE */
		struct lnr_str str; /* CHARBUF, FSPATH, FSRELPATH, BYTEBUF; ptr never NULL */
		struct lnr_ip ip;   /* IPADDR; IPNET fields: the address to test */
		struct lnr_net net; /* IPNET constants */
		struct {
			const struct lnr_val *items;
			size_t n;
		} list;
	};
};

/* How a value is held: which member of the union. */
enum lnr_val_kind {
	LNR_VK_NONE, /* types without comparison: SOCKADDR, DYN, arrays … */
	LNR_VK_S64,
	LNR_VK_U64,
	LNR_VK_DOUBLE,
	LNR_VK_STR,
	LNR_VK_IP,
};
enum lnr_val_kind lnr_pt_kind(unsigned pt);

/* --- rows --- */

enum {
	LNR_FIELD_LIST = 1 << 0,	 /* L list value */
	LNR_FIELD_NO_RHS = 1 << 1,	 /* N not usable in field-to-field comparison */
	LNR_FIELD_NO_TRANSFORM = 1 << 2, /* T */
	LNR_FIELD_FILTER_ONLY = 1 << 3,	 /* F */
	LNR_FIELD_DEPRECATED = 1 << 4,	 /* D */
	LNR_FIELD_HIDDEN = 1 << 5,	 /* H table-only, not listed */
	LNR_FIELD_PRINT_ONLY = 1 << 6,	 /* P */
	LNR_FIELD_SUGGESTED = 1 << 7,	 /* S suggested output field */
	LNR_FIELD_ARG_REQUIRED = 1 << 8,
	LNR_FIELD_ARG_ALLOWED = 1 << 9,
	/*
	 * What the argument may be. Listings show it, so built-in rows, whose resolve() knows
	 * better, leave it out as the reference does.
	 */
	LNR_FIELD_ARG_INDEX = 1 << 10,
	LNR_FIELD_ARG_KEY = 1 << 11,
	LNR_FIELD_ARG_SUFFIX = 1 << 12, /* argument is the rest of the name: evt.arg.NAME */
	LNR_FIELD_EPOCH_JSON =
		1 << 13, /* text form, but JSON shows the raw time as a number (evt.time) */
	/*
	 * Comparison only, several candidate values: the getter gives a list (though ref->is_list
	 * is false), and a check is true when any candidate satisfies it. With an argument the
	 * getter of such a field gives one plain value, so look at val.is_list (ancestors) …
	 */
	LNR_FIELD_ANY = 1 << 14,
	/*
	 * … or, for the two ends of a connection, `!=` needs all of them (fd.ip, fd.port, fd.net).
	 * An empty list is a descriptor without addresses: `exists` is true, all else false.
	 */
	LNR_FIELD_ENDPOINTS = 1 << 15,
	LNR_FIELD_VOLATILE =
		1 << 16, /* differs at each evaluation (util.cnt): never cached or shared */
	LNR_FIELD_SLOT = 1 << 17, /* keeps state per occurrence (evt.deltatime): gets a slot */
	/*
	 * The value follows from the type of the event alone, but for generic and asynchronous
	 * events: rules are compiled with it. The getter then sees an event without parameters.
	 */
	LNR_FIELD_BY_TYPE = 1 << 18,
	/* Strings in JSON as they are, control characters escaped; text is cleaned as ever. */
	LNR_FIELD_EXACT_JSON = 1 << 19,
};

struct lnr_field_ref;
struct lnr_field_class;
struct lnr_names;

/* Everything a getter may look at. Owned by the engine, one per engine. */
struct lnr_field_ctx {
	struct lnr_event *ev;
	struct lnr_state *state;
	uint64_t first_ts; /* of the first event of this stream */
	struct lnr_str hostname;
	struct lnr_str
		source; /* event source name, "syscall"; "" = of a plugin that is not there */
	bool mixed;	/* the next event may be of another source */
	char time_mode; /* evt.outputtime: h a r d D */
	uint8_t buffer_format; /* enum lnr_buffer_format */
	uint64_t *slots;       /* one per occurrence of LNR_FIELD_SLOT fields in the rule set */
	size_t n_slots;
	void *plugin; /* of plugin classes */
	struct lnr_str
		plugin_name; /* owner of the event source, for evt.pluginname; len 0 = none */
	/* evt.plugininfo: one line about the event, in scratch; NULL or false = none. */
	bool (*plugin_info)(struct lnr_field_ctx *ctx, struct lnr_str *ret);
	bool live;		 /* /proc and the resolver may be asked; false for files */
	struct lnr_names *names; /* forward look-ups for fd.*ip.name (names.h); NULL = never */
	uint64_t n_nomem;	 /* values lost because scratch memory was exhausted */
};

enum lnr_buffer_format {
	LNR_BUFFER_PRINTABLE, /* non-printables as '.' */
	LNR_BUFFER_BASE64,
	LNR_BUFFER_HEX,
	LNR_BUFFER_HEXASCII,
};

struct lnr_field {
	const char *name; /* whole: "proc.aname"; NULL ends the table */
	uint8_t type;	  /* enum lnr_pt of a value, or of an element for lists */
	uint8_t fmt;	  /* enum lnr_pf; LNR_PF_NA for text */
	uint32_t flags;	  /* LNR_FIELD_ */
	bool (*get)(
		struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret);
	const char *desc; /* one sentence or two, shown by `lanner fields` */
	/*
	 * Optional: value for output where it differs from the one compared (argument-less ancestor
	 * fields print all ancestors joined). NULL = get.
	 */
	bool (*get_output)(
		struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret);
	/*
	 * Optional: check the argument and fill ref->priv (memory from `arena`), narrow ref->type.
	 * Is called without an argument too: a field with this function decides itself whether one
	 * is required. -EINVAL with a reason = bad argument; -ENOENT = no such field (skippable in
	 * rules); -ENXIO = bad argument, and in outputs as well, which otherwise take a bracket
	 * that does not fit for text.
	 */
	int (*resolve)(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err);
	/* Optional: refuse a constant for this field at compile time (evt.type: known names only).
	 */
	int (*check_const)(
		const struct lnr_field_ref *ref, struct lnr_str text, struct lnr_err *err);
	/*
	 * Optional: own comparison with a constant (fd.cip.name). Returns 1, 0, or -1 for the
	 * generic way. `op` is the operator's spelling; `in` and `intersects` are asked once per
	 * constant, `exists` with an empty one.
	 */
	int (*compare)(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, const char *op,
		struct lnr_str constant);
	uint32_t since;	  /* first version, 0x000100 = 0.1.0 */
	int user;	  /* for getters that serve several rows */
	const void *data; /* the same */
};

struct lnr_field_class {
	const char *name;	/* "process" */
	const char *short_desc; /* "" when none */
	const char *desc;
	const char *source; /* "" = all sources; "syscall"; a plugin's source */
	bool hidden;
	bool strict_args; /* as plugins: a superfluous argument is -EINVAL, not -ENOENT */
	int order; /* position in listings and look-up, ascending (evt generic 10, evt 20, process
		      30 …) */
	const struct lnr_field *fields;
	void *user;
	/* Of this plugin, which is built in: only in sets that are given it. NULL = always there.
	 */
	const char *plugin;
};

/* --- resolved references --- */

struct lnr_field_ref {
	const struct lnr_field *def;
	const struct lnr_field_class *cls;
	uint8_t type; /* of the value (evt.rawarg: of the parameter) */
	bool is_list;
	bool has_arg, has_index;
	bool arg_is_suffix; /* evt.arg.NAME, not evt.arg[0] */
	uint64_t index;	    /* when has_index */
	struct lnr_str
		arg; /* text of the argument without brackets; suffix for LNR_FIELD_ARG_SUFFIX */
	struct lnr_str text; /* canonical: "proc.aname[2]", "evt.arg.name" */
	uint32_t slot;	     /* index in ctx->slots; UINT32_MAX none (set by the rule compiler) */
	const void *priv;    /* of the field's resolve() */
};

/* The classes that one event source knows, in look-up order. Immutable once built; counted. */
struct lnr_fieldset;
/* Built-in classes valid for `source` (NULL = all built-in classes). */
struct lnr_fieldset *lnr_fieldset_new(const char *source);
/*
 * All rows of a built-in plugin as one class, memory from `arena`. -ENOENT: there is none of that
 * name.
 */
int lnr_field_builtin_class(
	struct lnr_arena *arena, const char *plugin, const struct lnr_field_class **ret);
/* Add a class (borrowed; must outlive the set). Before the first use only. */
int lnr_fieldset_add(struct lnr_fieldset *set, const struct lnr_field_class *cls);
struct lnr_fieldset *lnr_fieldset_ref(struct lnr_fieldset *set);
struct lnr_fieldset *lnr_fieldset_unref(struct lnr_fieldset *set); /* takes NULL, returns NULL */
/* Leave a class out, by name (all parts of it). Before the first use only. -ENOENT = not there. */
int lnr_fieldset_remove(struct lnr_fieldset *set, const char *class_name);
/* Walk the classes: start with *pos = 0; NULL at the end. */
const struct lnr_field_class *lnr_fieldset_next(const struct lnr_fieldset *set, size_t *pos);

/*
 * Resolve a field reference text ("proc.aname[2]", "evt.arg.name", quotes in brackets allowed):
 * longest registered name that covers it. Strings of *ret live in `arena`.
 * -ENOENT: no such field (skip-if-unknown-filter applies), with a did-you-mean; -EINVAL: argument
 * missing, not allowed or malformed; -ENXIO: the argument names what does not exist.
 */
int lnr_field_resolve(const struct lnr_fieldset *set, struct lnr_str text, struct lnr_arena *arena,
	struct lnr_field_ref *ret, struct lnr_err *err);

static inline bool lnr_field_get(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	return ref->def->get(ctx, ref, ret);
}

/* The value as outputs show it; false = absent. Filter-only fields are always absent. */
bool lnr_field_get_output(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret);

/*
 * The class `static`: one text field static.<key> per pair (configuration key static_fields). All
 * memory from `arena`, the texts are copied. -EINVAL: a key that no rule could name.
 */
int lnr_field_static_class(struct lnr_arena *arena, const struct lnr_str (*pairs)[2], size_t n,
	const struct lnr_field_class **ret);

/* --- rendering (rules-language.md 13.1) --- */

/*
 * Text as alerts show it. Strings are sanitised: control characters, non-characters and each
 * maximal broken part of UTF-8 become U+FFFD (rules-language.md 0). v->fmt, when set, wins over
 * `fmt`.
 */
void lnr_val_text(struct lnr_buf *out, const struct lnr_field_ctx *ctx, const struct lnr_val *v,
	unsigned fmt);
/* A string sanitised the same way. */
void lnr_text_clean(struct lnr_buf *out, struct lnr_str s);
/* The value as JSON; `ref` for fields with their own JSON form (evt.time), or NULL. */
void lnr_val_json(struct lnr_json *j, const struct lnr_field_ctx *ctx,
	const struct lnr_field_ref *ref, const struct lnr_val *v, unsigned fmt);

/* --- parameters as text (fields.md 3) --- */

/* Plain and resolved text of parameter i, in scratch; *ret_resolved has len 0 when there is none.
 */
void lnr_param_render(struct lnr_field_ctx *ctx, unsigned i, struct lnr_str *ret_plain,
	struct lnr_str *ret_resolved);

#endif
