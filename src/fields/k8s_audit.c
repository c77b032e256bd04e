/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ka.*: what a request to the Kubernetes API was about (spec k8s-audit.md 5, 10). Pods and their
 * containers are in k8s_audit_pod.c. All fields are texts: what is no text in the event is shown as
 * JSON.
 */
#include "fields/core/audit.h"

#define P LNR_AUDIT_PART

/* --- one value --- */

/* def->data is the path. */
LNR_GETTER(get_at)
{
	const struct lnr_json_doc *d = lnr_get_audit(ctx);
	return d && lnr_give_json(ctx, ref, d, lnr_audit_at(d, d->root, ref->def->data), ret);
}

/* The member of an object that the argument names; def->data is the path to the object. */
static uint32_t find_member(const struct lnr_json_doc *d, const struct lnr_field_ref *ref)
{
	uint32_t i = lnr_audit_at(d, d->root, ref->def->data);
	return i ? lnr_json_member(d, i, ref->arg) : 0;
}

LNR_GETTER(get_member)
{
	const struct lnr_json_doc *d = lnr_get_audit(ctx);
	return d && lnr_give_json(ctx, ref, d, find_member(d, ref), ret);
}

/* A pod that was made may have got its name from the server. */
LNR_GETTER(get_pod_name)
{
	const struct lnr_json_doc *d = lnr_get_audit(ctx);
	if (!d)
		return false;
	uint32_t o = lnr_json_member(d, d->root, LNR_STR("objectRef"));
	uint32_t what = o ? lnr_json_member(d, o, LNR_STR("resource")) : 0;
	if (!what || !lnr_json_is(d, what, LNR_STR("pods")) ||
		lnr_json_member(d, o, LNR_STR("subresource")))
		return false;
	return lnr_give_json(ctx, ref, d, lnr_audit_at(d, d->root, ref->def->data), ret);
}

LNR_GETTER(get_true)
{
	return lnr_get_audit(ctx) && lnr_give_raw(ret, ref, LNR_STR("true"));
}

/* --- parameters of the URI --- */

/* %XX and + of a query; what is no escape stays (spec 10, number 16). Returns the length. */
static size_t decode_query(struct lnr_str s, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		int high = -1, low = -1;
		if (c == '%' && i + 2 < s.len) {
			high = lnr_hex_value((unsigned char)s.ptr[i + 1]);
			low = lnr_hex_value((unsigned char)s.ptr[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		out[n++] = c;
	}
	return n;
}

LNR_GETTER(get_uri_param)
{
	const struct lnr_json_doc *d = lnr_get_audit(ctx);
	struct lnr_str uri, query, part;
	if (!d || !lnr_audit_str(ctx, d, ref->def->data, &uri))
		return false;
	ptrdiff_t mark = lnr_str_chr(uri, '?');
	if (mark < 0)
		return false;
	query = lnr_str_sub(uri, (size_t)mark + 1, uri.len);
	ptrdiff_t fragment = lnr_str_chr(query, '#');
	if (fragment >= 0)
		query = lnr_str_sub(query, 0, (size_t)fragment);
	char *out = lnr_arena_alloc(ctx->ev->scratch, query.len + 1);
	if (!out)
		return lnr_give_nomem(ctx);
	while (lnr_str_split(&query, '&', &part)) {
		ptrdiff_t eq = lnr_str_chr(part, '=');
		struct lnr_str name = eq < 0 ? part : lnr_str_sub(part, 0, (size_t)eq);
		if (!part.len ||
			!lnr_str_eq((struct lnr_str){out, decode_query(name, out)}, ref->arg))
			continue;
		part = lnr_str_sub(part, eq < 0 ? part.len : (size_t)eq + 1, part.len);
		return lnr_give_raw(ret, ref, (struct lnr_str){out, decode_query(part, out)});
	}
	return false;
}

/* --- lists --- */

/* Elements of an array; nothing of what is none. */
LNR_GETTER(get_elements)
{
	struct lnr_audit_list l;
	if (!lnr_audit_list_begin(&l, ctx, ref))
		return false;
	uint32_t i = lnr_audit_at(l.doc, l.doc->root, ref->def->data);
	if (i && lnr_json_type(l.doc, i) == LNR_JSON_ARRAY)
		lnr_audit_each(&l, i, lnr_audit_add_node);
	return lnr_audit_list_end(&l, ret);
}

/* The same of the member that the argument names; what is no array counts as one element. */
LNR_GETTER(get_member_elements)
{
	struct lnr_audit_list l;
	if (!lnr_audit_list_begin(&l, ctx, ref))
		return false;
	uint32_t i = find_member(l.doc, ref);
	if (i)
		lnr_audit_each(&l, i, lnr_audit_add_node);
	return lnr_audit_list_end(&l, ret);
}

/* The array as one text; with an index one of its elements (spec 10, number 4). */
LNR_GETTER(get_ports)
{
	struct lnr_audit_list l;
	if (!lnr_audit_list_begin(&l, ctx, ref))
		return false;
	uint32_t i = lnr_audit_at(l.doc, l.doc->root, ref->def->data);
	if (i && ref->has_index)
		lnr_audit_each(&l, i, lnr_audit_add_node);
	else if (i)
		lnr_audit_add_node(&l, i);
	return lnr_audit_list_end(&l, ret);
}

/* Subjects of a binding by kind. */
enum subject { USER, SERVICE_ACCOUNT, SERVICE_ACCOUNT_WITH_NAMESPACE, GROUP };

static void add_subject(struct lnr_audit_list *l, uint32_t i)
{
	static const struct lnr_str kinds[] = {[USER] = P("User"),
		[SERVICE_ACCOUNT] = P("ServiceAccount"),
		[SERVICE_ACCOUNT_WITH_NAMESPACE] = P("ServiceAccount"),
		[GROUP] = P("Group")};
	uint32_t kind = lnr_json_member(l->doc, i, LNR_STR("kind"));
	uint32_t name = lnr_json_member(l->doc, i, LNR_STR("name"));
	if (!kind || !name || !lnr_json_is(l->doc, kind, kinds[l->ref->def->user]))
		return;
	if (l->ref->def->user != SERVICE_ACCOUNT_WITH_NAMESPACE) {
		lnr_audit_add_node(l, name);
		return;
	}
	struct lnr_arena *scratch = l->ctx->ev->scratch;
	uint32_t ns = lnr_json_member(l->doc, i, LNR_STR("namespace"));
	struct lnr_text t = {0};
	if (!ns)
		return;
	struct lnr_str a = lnr_json_text(l->doc, ns, scratch);
	struct lnr_str b = lnr_json_text(l->doc, name, scratch);
	if (!a.ptr || !b.ptr || !lnr_text_begin(&t, scratch, a.len + b.len + 1)) {
		l->failed = true;
		l->ctx->n_nomem++;
		return;
	}
	lnr_text_add(&t, a);
	lnr_text_chr(&t, ':');
	lnr_text_add(&t, b);
	lnr_audit_add(l, lnr_text_end(&t));
}

LNR_GETTER(get_subjects)
{
	struct lnr_audit_list l;
	if (!lnr_audit_list_begin(&l, ctx, ref))
		return false;
	uint32_t i = lnr_audit_at(l.doc, l.doc->root, ref->def->data);
	if (i && lnr_json_type(l.doc, i) == LNR_JSON_ARRAY)
		lnr_audit_each(&l, i, add_subject);
	return lnr_audit_list_end(&l, ret);
}

/* What a rule of a role lists; def->user picks the list. */
enum rule_part { API_GROUPS, URLS, VERBS, RESOURCES };

static void add_rule(struct lnr_audit_list *l, uint32_t i)
{
	static const struct lnr_str parts[] = {[API_GROUPS] = P("apiGroups"),
		[URLS] = P("nonResourceURLs"),
		[VERBS] = P("verbs"),
		[RESOURCES] = P("resources")};
	uint32_t a = lnr_json_member(l->doc, i, parts[l->ref->def->user]);
	if (!a || lnr_json_type(l->doc, a) != LNR_JSON_ARRAY)
		return;
	for (uint32_t e = a + 1; e < l->doc->nodes[a].next; e = lnr_json_next(l->doc, e))
		lnr_audit_add_node(l, e);
}

LNR_GETTER(get_rule_parts)
{
	struct lnr_audit_list l;
	if (!lnr_audit_list_begin(&l, ctx, ref))
		return false;
	uint32_t i = lnr_audit_at(l.doc, l.doc->root, ref->def->data);
	if (i)
		lnr_audit_each(&l, i, add_rule);
	return lnr_audit_list_end(&l, ret);
}

/* --- rows --- */

#define KEY		     (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_KEY)
#define LIST		     LNR_FIELD_LIST
#define INDEX		     (LNR_FIELD_LIST | LNR_FIELD_ARG_ALLOWED | LNR_FIELD_ARG_INDEX)
#define AT(...)		     .data = LNR_AUDIT_PATH(__VA_ARGS__)
#define NOTE(s)		     AT(P("annotations"), P(s))
#define SUBJECTS	     AT(P("requestObject"), P("subjects"))
#define ROLE_RULES	     AT(P("requestObject"), P("rules"))
#define ONE(name, desc, ...) LNR_FIELD_ROW(name, CHARBUF, NA, 0, get_at, desc, __VA_ARGS__)

static const struct lnr_field fields[] = {
	ONE("ka.auditid", "Id of the audit event.", AT(P("auditID"))),
	ONE("ka.stage",
		"Stage of the request: RequestReceived, ResponseStarted, ResponseComplete, Panic.",
		AT(P("stage"))),
	ONE("ka.auth.decision", "Decision of the authorization.",
		NOTE("authorization.k8s.io/decision")),
	ONE("ka.auth.reason", "Reason of that decision.", NOTE("authorization.k8s.io/reason")),
	ONE("ka.auth.openshift.decision", "Decision of OpenShift's authentication.",
		NOTE("authentication.openshift.io/decision")),
	ONE("ka.auth.openshift.username", "User name of OpenShift's authentication.",
		NOTE("authentication.openshift.io/username")),
	ONE("ka.validations.admission.policy.failure",
		"What a validating admission policy objected to.",
		NOTE("validation.policy.admission.k8s.io/validation_failure")),
	ONE("ka.security.pod.violations", "Violations of the pod security standards.",
		NOTE("pod-security.kubernetes.io/audit-violations")),
	ONE("ka.cluster.name", "Name of the cluster, where the provider adds it.",
		NOTE("cluster_name")),
	ONE("ka.user.name", "User who made the request.", AT(P("user"), P("username"))),
	LNR_FIELD_ROW("ka.user.groups", CHARBUF, NA, LIST, get_elements, "Groups of that user.",
		AT(P("user"), P("groups"))),
	ONE("ka.impuser.name", "User that the request acts as.",
		AT(P("impersonatedUser"), P("username"))),
	ONE("ka.verb", "What is done: get, list, watch, create, update, patch, delete …",
		AT(P("verb"))),
	ONE("ka.uri", "URI of the request as the client sent it.", AT(P("requestURI"))),
	LNR_FIELD_ROW("ka.uri.param", CHARBUF, NA, KEY, get_uri_param,
		"First value of a parameter of the URI's query, decoded; ka.uri.param[command].",
		AT(P("requestURI"))),
	ONE("ka.target.name", "Name of the object.", AT(P("objectRef"), P("name"))),
	ONE("ka.target.namespace", "Namespace of the object.", AT(P("objectRef"), P("namespace"))),
	ONE("ka.target.resource", "Kind of object, in the plural: pods, secrets …",
		AT(P("objectRef"), P("resource"))),
	ONE("ka.target.subresource", "Part of the object: exec, log, status …",
		AT(P("objectRef"), P("subresource"))),
	LNR_FIELD_ROW("ka.target.pod.name", CHARBUF, NA, 0, get_pod_name,
		"Name of the pod that the request is about, as the response says.",
		AT(P("responseObject"), P("metadata"), P("name"))),
	LNR_FIELD_ROW("ka.req.binding.subjects", CHARBUF, NA, LIST, get_elements,
		"Subjects of a binding that is written, each as JSON.", SUBJECTS),
	LNR_FIELD_ROW("ka.req.binding.subjects.user_names", CHARBUF, NA, LIST, get_subjects,
		"Names of the users among them.", SUBJECTS, .user = USER),
	LNR_FIELD_ROW("ka.req.binding.subjects.serviceaccount_names", CHARBUF, NA, LIST,
		get_subjects, "Names of the service accounts among them.", SUBJECTS,
		.user = SERVICE_ACCOUNT),
	LNR_FIELD_ROW("ka.req.binding.subjects.serviceaccount_ns_names", CHARBUF, NA, LIST,
		get_subjects, "The same as namespace:name.", SUBJECTS,
		.user = SERVICE_ACCOUNT_WITH_NAMESPACE),
	LNR_FIELD_ROW("ka.req.binding.subjects.group_names", CHARBUF, NA, LIST, get_subjects,
		"Names of the groups among them.", SUBJECTS, .user = GROUP),
	ONE("ka.req.binding.role", "Role that a binding refers to.",
		AT(P("requestObject"), P("roleRef"), P("name"))),
	LNR_FIELD_ROW("ka.req.binding.subject.has_name", CHARBUF, NA, KEY, get_true,
		"Deprecated: always true. Use ka.req.binding.subjects.user_names and its kin."),
	ONE("ka.req.configmap.name", "Name of a config map that is written.",
		AT(P("objectRef"), P("name"))),
	ONE("ka.req.configmap.obj", "Data of a config map that is written, as JSON.",
		AT(P("requestObject"), P("data"))),
	LNR_FIELD_ROW("ka.req.role.rules", CHARBUF, NA, LIST, get_elements,
		"Rules of a role that is written, each as JSON.", ROLE_RULES),
	LNR_FIELD_ROW("ka.req.role.rules.apiGroups", CHARBUF, NA, INDEX, get_rule_parts,
		"API groups of these rules, of one of them with an index.", ROLE_RULES,
		.user = API_GROUPS),
	LNR_FIELD_ROW("ka.req.role.rules.nonResourceURLs", CHARBUF, NA, INDEX, get_rule_parts,
		"URLs of these rules, of one of them with an index.", ROLE_RULES, .user = URLS),
	LNR_FIELD_ROW("ka.req.role.rules.verbs", CHARBUF, NA, INDEX, get_rule_parts,
		"Verbs of these rules, of one of them with an index.", ROLE_RULES, .user = VERBS),
	LNR_FIELD_ROW("ka.req.role.rules.resources", CHARBUF, NA, INDEX, get_rule_parts,
		"Resources of these rules, of one of them with an index.", ROLE_RULES,
		.user = RESOURCES),
	ONE("ka.req.service.type", "Type of a service that is written.",
		AT(P("requestObject"), P("spec"), P("type"))),
	LNR_FIELD_ROW("ka.req.service.ports", CHARBUF, NA, INDEX, get_ports,
		"Ports of a service that is written: the list as one JSON text, or one of them "
		"with an index.",
		AT(P("requestObject"), P("spec"), P("ports"))),
	ONE("ka.resp.name", "Name of the object as the response says.",
		AT(P("responseObject"), P("metadata"), P("name"))),
	ONE("ka.response.code", "HTTP status of the response.", AT(P("responseStatus"), P("code"))),
	ONE("ka.response.reason", "Reason of a response that is an error.",
		AT(P("responseStatus"), P("reason"))),
	ONE("ka.useragent", "Program that made the request, as it calls itself.",
		AT(P("userAgent"))),
	LNR_FIELD_ROW("ka.sourceips", CHARBUF, NA, INDEX, get_elements,
		"Addresses that the request came from, the client's first.", AT(P("sourceIPs"))),
	/* Unknown to the reference. */
	ONE("ka.level", "How much was recorded: Metadata, Request, RequestResponse.",
		AT(P("level"))),
	ONE("ka.user.uid", "Unique id of the user.", AT(P("user"), P("uid"))),
	LNR_FIELD_ROW("ka.user.extra", CHARBUF, NA, LIST | KEY, get_member_elements,
		"What the authentication says besides about the user; ka.user.extra[NAME].",
		AT(P("user"), P("extra"))),
	LNR_FIELD_ROW("ka.impuser.groups", CHARBUF, NA, LIST, get_elements,
		"Groups that the request acts as.", AT(P("impersonatedUser"), P("groups"))),
	ONE("ka.target.uid", "Unique id of the object.", AT(P("objectRef"), P("uid"))),
	ONE("ka.target.apigroup", "API group of the object; none for the core group.",
		AT(P("objectRef"), P("apiGroup"))),
	ONE("ka.response.message", "Message of a response that is an error.",
		AT(P("responseStatus"), P("message"))),
	LNR_FIELD_ROW("ka.annotation", CHARBUF, NA, KEY, get_member,
		"An annotation of the audit event; ka.annotation[NAME].", AT(P("annotations"))),
	{},
};

const struct lnr_field_class lnr_field_class_k8s_audit = {
	.name = "k8saudit",
	.short_desc = "",
	.desc = "Requests to the Kubernetes API, from its audit log.",
	.source = "k8s_audit",
	.strict_args = true,
	.order = 2000,
	.fields = fields,
	.plugin = "k8saudit",
};
