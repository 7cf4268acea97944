/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/judge.h"

#include <errno.h>
#include <math.h>

#include "doctor/condition.h"
#include "host/host.h"
#include "model/value.h"

void sight_note(struct sight *s, const struct context *c)
{
	s->is_partial = context_sight(c) != PROCS_SIGHT_ALL;
	if (s->is_partial)
		context_put_blind(c, &s->why);
}

void sight_done(struct sight *s)
{
	text_done(&s->why);
	*s = (struct sight){};
}

/* The gravest condition of the rule that is true; sets *@ret_known when one was true or false. */
static int weigh(const struct scope *s, enum severity *ret, bool *ret_known, struct err *e)
{
	const char *conditions[] = { [SEVERITY_INFO] = s->rule->info,
				     [SEVERITY_WARNING] = s->rule->warning,
				     [SEVERITY_CRITICAL] = s->rule->critical };
	enum severity worst = SEVERITY_NONE;

	for (size_t i = SEVERITY_INFO; i < ARRAY_SIZE(conditions); i++) {
		int r = conditions[i] ? condition_check(conditions[i], s, e) : VERDICT_FALSE;

		if (r < 0)
			return err_context(e, r, "rule %s", s->rule->id);
		*ret_known |= conditions[i] && r != VERDICT_UNKNOWN;
		if (r == VERDICT_TRUE)
			worst = (enum severity)i;
	}
	if (worst != SEVERITY_NONE && limits_severity(s->limits, s->rule) != SEVERITY_NONE)
		worst = limits_severity(s->limits, s->rule);
	*ret = worst;
	return 0;
}

/* Those that one is compared with, and that a group is in. */
static void set_readings(const struct judge *j, struct scope *s, uint32_t netns)
{
	s->now = readings_find(j->now, netns);
	if (!s->now)
		s->now = &j->now->v[0];
	s->before = j->before->n ? readings_find(j->before, s->now->netns) : NULL;
}

/* What is normal of a rule that found nothing, once. */
static int tell_fine(struct judge *j, const struct scope *s, struct err *e)
{
	enum rule_id i = (enum rule_id)(s->rule - rules);
	struct text t = {};
	int r;

	if (!j->o->wants_fine || !s->rule->normal_when || j->has_found[i])
		return 0;
	r = condition_check(s->rule->normal_when, s, e);
	if (r != VERDICT_TRUE)
		return r < 0 ? r : 0;
	j->has_found[i] = true;
	scope_fill(s, sv(s->rule->normal), &t);
	r = t.failed ? -ENOMEM : diagnosis_fine(j->to, i, sv_n(t.p, t.len));
	text_done(&t);
	return r;
}

static int judge_scope(struct judge *j, const struct scope *s, struct err *e)
{
	enum rule_id i = (enum rule_id)(s->rule - rules);
	enum severity severity = SEVERITY_NONE;
	int r = weigh(s, &severity, &j->has_judged[i], e);

	if (r < 0)
		return r;
	if (severity == SEVERITY_NONE)
		return tell_fine(j, s, e);
	j->has_found[i] = true;
	return diagnosis_add(j->to, s, severity);
}

int judge_group(struct judge *j, enum rule_id rule, const struct column *columns, const struct cell *cells,
		size_t n)
{
	struct scope s = {
		.rule = &rules[rule], .limits = j->o->limits, .columns = columns, .cells = cells, .n = n
	};
	const struct cell *netns = scope_cell(&s, "netns_id");
	struct err e;

	if (!j->now->n)
		return -ENODATA;
	set_readings(j, &s, netns && netns->is_there ? (uint32_t)netns->val.u : 0);
	return judge_scope(j, &s, &e);
}

static int judge_counters(struct judge *j, enum rule_id i, struct err *e)
{
	int r = 0;

	for (size_t k = 0; k < j->now->n && r == 0; k++) {
		struct scope s = { .rule = &rules[i], .limits = j->o->limits };

		if (rules[i].is_of_host && !j->now->v[k].is_home)
			continue;
		set_readings(j, &s, j->now->v[k].netns);
		r = judge_scope(j, &s, e);
	}
	return r;
}

/* The first name in the conditions of a rule that is no number here. */
struct missing {
	struct text name;
};

static int find_missing(void *ctx, const struct scope *s, struct sv name)
{
	struct missing *m = ctx;

	if (!isnan(scope_number(s, name)))
		return 0;
	text_sv(&m->name, name);
	return 1;
}

/* Why the conditions of a rule of counters are neither true nor false. */
static void put_missing(const struct judge *j, enum rule_id i, struct text *ret)
{
	const char *conditions[] = { rules[i].warning, rules[i].critical, rules[i].info };
	struct scope s = { .rule = &rules[i], .limits = j->o->limits };
	struct missing m = {};
	struct err e;

	set_readings(j, &s, 0);
	for (size_t k = 0; k < ARRAY_SIZE(conditions) && !m.name.len; k++)
		(void)condition_names(conditions[k], &s, find_missing, &m, &e);
	if (rules[i].wants_two && !s.before)
		text_str(ret, "there is one sample, and it compares two");
	else
		text_printf(ret, "the kernel does not tell %.*s here", (int)m.name.len, m.name.p);
	if (m.name.failed)
		text_fail(ret);
	text_done(&m.name);
}

/* Why rule @i found nothing, where it is not that there is nothing; nothing is appended then. */
static void put_why(const struct judge *j, enum rule_id i, struct text *t)
{
	const struct rule *rule = &rules[i];

	if (j->o->skipped[i])
		text_str(t, "--skip says so");
	else if (!rule->filter && j->o->plan.filter)
		text_str(t, "the kernel counts all sockets, and a filter was given");
	else if (rule->filter && !(rule_tables_of(rule) & j->o->plan.select.tables))
		text_str(t, j->o->host && j->o->host->is_past ? "no such sockets were asked for, or recorded"
							      : "no such sockets were asked for");
	else if (rule->filter && rule->wants_two && !j->before->n)
		text_str(t, "there is one sample, and it compares two");
	else if (rule->needs_owners && j->sight->is_partial)
		text_printf(t, "not all processes could be looked into: %.*s", (int)j->sight->why.len,
			    j->sight->why.p ? j->sight->why.p : "");
	else if (!rule->filter && !j->has_judged[i])
		put_missing(j, i, t);
}

static int tell_rest(struct judge *j, enum rule_id i)
{
	struct text t = {};
	int r = 0;

	if (j->has_found[i] && !j->o->skipped[i])
		return 0;
	put_why(j, i, &t);
	if (t.failed)
		r = -ENOMEM;
	else if (t.len)
		r = diagnosis_skip(j->to, i, sv_n(t.p, t.len), j->o->skipped[i]);
	else if (j->o->wants_fine)
		r = diagnosis_fine(j->to, i, (struct sv){ "", 0 });
	text_done(&t);
	return r;
}

int judge_rest(struct judge *j, struct err *e)
{
	int r = 0;

	if (!j->now->n)
		return err_say(e, -ENODATA, "the machine could not be looked at");
	for (enum rule_id i = 0; i < RULE_MAX && r == 0; i++)
		if (j->o->wanted[i] && !j->o->skipped[i] && !rules[i].filter && !j->o->plan.filter)
			r = judge_counters(j, i, e);
	for (enum rule_id i = 0; i < RULE_MAX && r == 0; i++)
		if (j->o->wanted[i])
			r = tell_rest(j, i);
	if (r == 0 && j->now->n && j->before->n && j->now->v[0].at_us > j->before->v[0].at_us)
		j->to->seconds = (double)(j->now->v[0].at_us - j->before->v[0].at_us) / 1e6;
	return r;
}
