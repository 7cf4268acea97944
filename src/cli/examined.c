/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/examined.h"

#include "cli/features.h"
#include "cli/listing.h"
#include "cli/rule_words.h"

int examined_read(struct examined *x, const struct request *q, struct err *e)
{
	const char *words = q->doctor ? q->doctor : "";
	int r = rule_words_read(words, "doctor", x->o.wanted, e);

	if (r == 0 && q->skip)
		r = rule_words_read(q->skip, "skip", x->o.skipped, e);
	if (r == 0 && q->thresholds)
		r = limits_read(&x->limits, q->thresholds, e);
	if (r == 0 && q->suppress)
		r = suppressions_read(&x->known, q->suppress, e);
	x->o.limits = &x->limits;
	x->o.wants_fine = !strcmp(words, "all");
	x->from = request_has(q, FEATURE_FAIL_ON) ? q->fail_on : SEVERITY_WARNING;
	return r;
}

void examined_select(struct cli *c)
{
	if (!c->q.select.has_mask) /* no rule is about bound ones */
		select_states(&c->q.select, STATES_ALL & ~STATE(K_TCP_BOUND_INACTIVE));
	if (c->q.want_all_netns)
		listing_allow_many_files();
}

void examined_plan(struct examined *x, const struct cli *c, const struct chosen *chosen)
{
	struct readings here = {};

	if (readings_take(&here, c->host, NULL) >= 0)
		limits_set_ports(&x->limits, reading_setting(&here.v[0], sv("net.ipv4.ip_local_port_range")));
	readings_done(&here);
	x->o.host = c->host;
	x->o.source = c->q.source;
	x->o.is_everywhere = c->q.want_all_netns;
	listing_plan(c, chosen, &x->o.plan);
}

int examined_start(struct examined *x, const struct cli *c, const struct chosen *chosen, struct doctor **ret,
		   struct err *e)
{
	examined_plan(x, c, chosen);
	x->o.plan.select.tables &= rule_tables();
	return doctor_new(&x->o, ret, e);
}

void examined_done(struct examined *x)
{
	limits_done(&x->limits);
	suppressions_done(&x->known);
}
