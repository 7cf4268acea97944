/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/doctor.h"

#include <errno.h>

#include "doctor/judge.h"
#include "ops/delta.h"
#include "report/subflows.h"
#include "run/run.h"
#include "run/session.h"

/* What comes of the groups of a rule. */
struct collect {
	struct tabular tabular;
	struct doctor *doctor;
	enum rule_id rule;
	struct deltas *deltas;
	const struct column *columns; /* of the list at hand */
	size_t n;
};

struct doctor {
	struct doctor_opts o;
	struct branch *branch;
	struct collect *arms;  /* as those of .branch */
	size_t n_arms, n_also; /* behind them, lists of others */
	struct session *session;
	struct plan *first,
		*whole; /* of the sample that is only compared with, and of the one that is judged .. */
	struct plan_opts of_first, of_whole; /* .. which borrow these */
	struct readings now, before;
	struct sight sight;
	struct judge judge;
	bool is_judging;
	int error;
};

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct collect *c = (struct collect *)t;

	c->columns = l->columns;
	c->n = l->n;
	return 0;
}

static int take_group(struct tabular *t, const struct cell *cells)
{
	struct collect *c = (struct collect *)t;

	return c->doctor->is_judging ? judge_group(&c->doctor->judge, c->rule, c->columns, cells, c->n) : 0;
}

static int nothing(struct tabular *)
{
	return 0;
}

static int end_of_all(struct tabular *, const struct notes *)
{
	return 0;
}

static void keep_it(struct tabular *)
{
}

static const struct tabular_ops collect_ops = { .list = begin_list,
						.record = take_group,
						.list_end = nothing,
						.end = end_of_all,
						.flush = nothing,
						.free = keep_it };

/* Before the sockets are asked for. */
static void see(void *ctx, struct host *h, const struct places *all)
{
	struct doctor *d = ctx;
	int r;

	readings_done(&d->before);
	d->before = d->now;
	d->now = (struct readings){};
	r = readings_take(&d->now, h, all);
	if (r < 0 && !d->error)
		d->error = r;
}

static void ending(void *ctx, const struct run *r)
{
	struct doctor *d = ctx;

	sight_note(&d->sight, r->in.context);
}

static bool is_asked(const struct doctor *d, enum rule_id i)
{
	return d->o.wanted[i] && !d->o.skipped[i];
}

static const char only_tcp[] = "netid = tcp and ";

static bool begins_tcp(const struct rule *rule)
{
	return !strncmp(rule->filter, only_tcp, strlen(only_tcp));
}

/* The filter of @rule with its limits, ready; what its tables say anyway is left out of it. */
static int parse_filter(const struct doctor *d, const struct rule *rule, struct filter **ret, struct err *e)
{
	const struct filter_env env = { .selected = d->o.plan.select.families, .want_tcp = true };
	struct text t = {};
	struct sv words[1];
	int r;

	limits_put(d->o.limits, rule, sv_from(sv(rule->filter), begins_tcp(rule) ? strlen(only_tcp) : 0), &t);
	words[0] = sv_n(t.p ? t.p : "", t.len);
	r = t.failed ? -ENOMEM : filter_parse(&env, words, 1, ret, e);
	text_done(&t);
	return r < 0 ? err_context(e, -EINVAL, "rule %s", rule->id) : 0;
}

/* Tables that differ in the type of their sockets are one question, and each row says the first of them. */
static uint32_t asked_as(uint32_t tables)
{
	static const uint32_t one[] = { 1u << TABLE_UNIX_STREAM | 1u << TABLE_UNIX_DGRAM |
						1u << TABLE_UNIX_SEQPACKET,
					1u << TABLE_PACKET_DGRAM | 1u << TABLE_PACKET_RAW };

	for (size_t i = 0; i < ARRAY_SIZE(one); i++)
		tables |= tables & one[i] ? one[i] : 0;
	return tables;
}

static int add_arm(struct doctor *d, enum rule_id i, struct err *e)
{
	const struct rule *rule = &rules[i];
	struct collect *arm = &d->arms[d->n_arms];
	struct text by = {};
	struct chain_opts co = { .name = rule->id,
				 .has_subflows = subflows_are_possible(&d->o.plan.select),
				 .is_one_of_many = true };
	struct filter *filter = NULL;
	struct chain *chain = NULL;
	int r;

	*arm = (struct collect){
		.tabular.ops = &collect_ops, .doctor = d, .rule = i, .deltas = deltas_new()
	};
	d->n_arms++;
	if (!arm->deltas)
		return err_sys(e, -ENOMEM, "rule %s", rule->id);
	co.deltas = arm->deltas;
	text_str(&by, d->o.is_everywhere ? "netns_id," : "");
	text_str(&by, rule->by);
	text_char(&by, '\0');
	co.by = by.p;
	r = by.failed ? -ENOMEM : parse_filter(d, rule, &filter, e);
	if (r == 0 && (r = chain_new(&co, &d->o.plan.select, &arm->tabular, &chain, e)) < 0)
		r = err_context(e, r, "rule %s", rule->id);
	text_done(&by);
	if (r < 0) {
		(void)filter_free(filter);
		return r;
	}
	return branch_add(d->branch, chain, filter, asked_as(rule_tables_of(rule)));
}

/* A plan for the rules that are turned on. */
static int plan_for(struct doctor *d, struct plan_opts *po, struct plan **ret)
{
	struct sink *sink = branch_sink(d->branch);

	*po = d->o.plan;
	po->is_mptcp_first = subflows_are_possible(&po->select);
	sink->ops->fields(sink, &po->fields);
	return plan_new(po, ret);
}

static bool compares(enum rule_id i)
{
	return rules[i].wants_two || rules[i].compares;
}

/* Which rules are asked in the next run. */
static void turn(struct doctor *d, bool is_whole)
{
	for (size_t i = 0; i < d->n_arms; i++)
		branch_turn(d->branch, i, is_whole || compares(d->arms[i].rule));
	for (size_t i = 0; i < d->n_also; i++)
		branch_turn(d->branch, d->n_arms + i, is_whole);
}

static int make_plans(struct doctor *d, struct err *e)
{
	int r;

	turn(d, false);
	r = plan_for(d, &d->of_first, &d->first);
	turn(d, true);
	if (r == 0)
		r = plan_for(d, &d->of_whole, &d->whole);
	return r < 0 ? err_sys(e, r, "the doctor") : 0;
}

/* Rules compare what sockets of other kinds, and listeners, have dropped: connections are not remembered. */
static bool has_rates(const struct row *row)
{
	struct val state;

	return row_dump(row)->table != TABLE_TCP || !field_get(row, F_STATE, &state) ||
	       state.u == K_TCP_LISTEN;
}

static int make_session(struct doctor *d, struct err *e)
{
	static const struct watcher watcher = { .ending = ending };
	const struct session_opts so = { .source = d->o.source,
					 .is_everywhere = d->o.is_everywhere,
					 .is_kernel_only = d->o.source == SOURCE_NETLINK,
					 .rates_of = has_rates,
					 .see = see };
	int r = session_new(d->o.host, &so, &d->session);

	if (r < 0)
		return err_sys(e, r, "the doctor");
	d->session->watcher = &watcher;
	d->session->see_ctx = d;
	return 0;
}

struct doctor *doctor_free(struct doctor *d)
{
	if (!d)
		return NULL;
	(void)session_free(d->session);
	(void)plan_free(d->first);
	(void)plan_free(d->whole);
	(void)branch_free(d->branch);
	for (size_t i = 0; i < d->n_arms; i++)
		(void)deltas_free(d->arms[i].deltas);
	free(d->arms);
	readings_done(&d->now);
	readings_done(&d->before);
	sight_done(&d->sight);
	free(d);
	return NULL;
}

int doctor_new(const struct doctor_opts *o, struct doctor **ret, struct err *e)
{
	_cleanup_(doctor_freep) struct doctor *d = calloc(1, sizeof(*d));
	int r = d ? branch_new(&d->branch) : -ENOMEM;

	if (r == 0 && !(d->arms = calloc(RULE_MAX, sizeof(*d->arms))))
		r = -ENOMEM;
	if (r < 0)
		return err_sys(e, r, "the doctor");
	d->o = *o;
	for (enum rule_id i = 0; i < RULE_MAX && r >= 0; i++)
		if (is_asked(d, i) && rules[i].filter)
			r = add_arm(d, i, e);
	if (r >= 0 && o->also) {
		r = o->also->add(o->also->ctx, d->branch, &d->o.plan, e);
		d->n_also = r < 0 ? 0 : (size_t)r;
	}
	if (r >= 0)
		r = make_plans(d, e);
	if (r >= 0)
		r = make_session(d, e);
	if (r < 0)
		return r;
	*ret = take_ptr(d);
	return 0;
}

bool doctor_wants_two(const struct doctor *d)
{
	for (enum rule_id i = 0; i < RULE_MAX; i++)
		if (is_asked(d, i) && rules[i].wants_two)
			return true;
	return false;
}

static int run(struct doctor *d, const struct plan *plan, struct notes *notes, struct err *e)
{
	int r;

	d->error = 0;
	sight_done(&d->sight);
	e->text[0] = '\0';
	session_tell_time(d->session, host_now_us(d->o.host));
	r = session_run(d->session, plan, branch_sink(d->branch), notes, e);
	if (r >= 0 && d->error)
		return err_sys(e, d->error, "the kernel's counters");
	return r < 0 && !e->text[0] ? err_sys(e, r, "the doctor") : r;
}

int doctor_look(struct doctor *d, struct notes *notes, struct err *e)
{
	d->is_judging = false;
	turn(d, false);
	return run(d, d->first, notes, e);
}

int doctor_examine(struct doctor *d, struct diagnosis *ret, struct notes *notes, struct err *e)
{
	int r;

	*ret = (struct diagnosis){ .at_us = host_now_us(d->o.host) };
	d->judge = (struct judge){
		.to = ret, .o = &d->o, .now = &d->now, .before = &d->before, .sight = &d->sight
	};
	d->is_judging = true;
	turn(d, true);
	r = run(d, d->whole, notes, e);
	if (r >= 0)
		r = judge_rest(&d->judge, e);
	if (r >= 0)
		diagnosis_settle(ret);
	return r;
}

const struct readings *doctor_readings(const struct doctor *d)
{
	return &d->now;
}
