/* SPDX-License-Identifier: Apache-2.0 */
/* Did you mean …? */
#include "rules/load_priv.h"

void lnr_suggest_init(struct lnr_loader *l, struct lnr_suggest *s, struct lnr_str want)
{
	*s = (struct lnr_suggest){.l = l, .want = want};
	/* About a third of the word may be wrong; of two letters none. */
	s->distance = want.len < 3 ? 1 : (unsigned)(want.len < 64 ? want.len + 2 : 64) / 3 + 1;
}

void lnr_suggest_offer(struct lnr_suggest *s, struct lnr_str candidate)
{
	if (!s->l->hints_left)
		return;
	s->l->hints_left--;
	if (lnr_str_ieq(s->want, candidate)) {
		s->best = candidate;
		s->distance = 0; /* nothing is closer */
	}
	if (s->distance <= 1 || candidate.len > s->want.len + s->distance ||
		candidate.len + s->distance < s->want.len)
		return;
	unsigned d = lnr_str_distance(s->want, candidate, s->distance - 1);
	if (d < s->distance) {
		s->distance = d;
		s->best = candidate;
	}
}

bool lnr_suggest_best(const struct lnr_suggest *s, struct lnr_str *ret)
{
	*ret = s->best;
	return s->best.len > 0;
}
