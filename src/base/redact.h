/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts without their secrets, for logs and for what people send to each other. A best guess: what
 * is known to be a secret is not to be given to a log at all. Replaced by "***" are
 *
 *	https://user:SECRET@host	a password in a URL, and a user name long enough for a token
 *	token=SECRET, "api_key":"SECRET"	values of names that say so
 *	Authorization: SECRET		header lines, to their end
 *	Bearer SECRET, Basic SECRET
 *
 * Text that holds nothing of the kind comes out as it is.
 */
#ifndef LNR_BASE_REDACT_H
#define LNR_BASE_REDACT_H

#include "base/buf.h"
#include "base/str.h"

/* Append `text` to `out`. */
void lnr_redact(struct lnr_buf *out, struct lnr_str text);
/* Does the name of a setting say that its value is a secret ("reload_token", "http.password")? */
bool lnr_redact_name(struct lnr_str name);

#endif
