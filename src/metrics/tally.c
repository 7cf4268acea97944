/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/tally.h"

#include <errno.h>
#include <math.h>

#include "kernel/abi.h"
#include "metrics/label.h"
#include "model/value.h"
#include "report/subflows.h"

enum { VALUES_MAX = 4, ARMS_MAX = METRIC_LIST_MAX + METRIC_MAX };

struct arm {
	struct tabular tabular;
	struct tallies *tallies;
	const struct metric_list *list; /* NULL: a histogram */
	enum metric_id ids[VALUES_MAX]; /* of a list */
	size_t n_values;
	const struct column *columns; /* of the list at hand, .. */
	size_t n_columns, n_keys;
	size_t at[VALUES_MAX]; /* .. and those of its values */
	size_t n_groups, max;  /* with a series of their own */
	bool has_folded;
	double folded[VALUES_MAX]; /* what the others have together; NAN: nothing */
	uint64_t buckets[BOUNDS_MAX + 1];
	double sum;
};

struct tallies {
	const struct tally_opts *o;
	struct arm arms[ARMS_MAX];
	size_t n;
	struct page *to;
	uint64_t n_folded, n_unattributed;
	struct text labels, value;
	int error;
};

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct arm *a = (struct arm *)t;

	a->columns = l->columns;
	a->n_columns = l->n;
	a->n_keys = 0;
	while (a->list && a->n_keys < l->n && strcmp(l->columns[a->n_keys].name, "count") != 0)
		a->n_keys++;
	for (size_t i = 0; i < a->n_values; i++)
		for (size_t k = a->n_keys; k < l->n; k++)
			if (!strcmp(l->columns[k].name, metrics[a->ids[i]].column))
				a->at[i] = k;
	return 0;
}

static void begin_labels(struct tallies *t)
{
	t->labels.len = 0;
}

static struct sv labels_of(const struct tallies *t)
{
	return sv_n(t->labels.p ? t->labels.p : "", t->labels.len);
}

static void make_labels(struct tallies *t, const struct arm *a, const struct cell *cells, bool is_other)
{
	begin_labels(t);
	for (size_t i = 0; i < a->n_keys && a->list->keys; i++)
		label_put_cell(&t->labels, &t->value, &a->columns[i], is_other ? NULL : &cells[i]);
}

/* Sockets that lack what --by names. */
static void note_lacking(struct tallies *t, const struct arm *a, const struct cell *cells)
{
	size_t n_own = t->o->is_everywhere + 2; /* netid, state */
	bool lacks = false;

	if (!a->list->has_zero || !t->o->by)
		return;
	for (size_t i = n_own; i < a->n_keys; i++)
		lacks |= !value_is_there(&cells[i]);
	if (lacks)
		t->n_unattributed += (uint64_t)val_number(&cells[a->n_keys].val);
}

static double fold(enum metric_fold how, double a, double b)
{
	if (isnan(a))
		return b;
	return how == FOLD_SUM ? a + b : a > b ? a : b;
}

/* The values of a group in the units of metrics; NAN: absent. */
static double value_of(const struct column *c, const struct cell *cell)
{
	double v = val_number(&cell->val);

	if (!value_is_there(cell))
		return NAN;
	return c->type == T_USEC ? v / 1e6 : c->type == T_MSEC ? v / 1e3 : v;
}

static int take_group(struct tabular *tabular, const struct cell *cells)
{
	struct arm *a = (struct arm *)tabular;
	struct tallies *t = a->tallies;
	bool has_own = a->n_groups < a->max && a->list->keys;

	if (!t->to)
		return 0;
	note_lacking(t, a, cells);
	if (has_own) {
		a->n_groups++;
		make_labels(t, a, cells, false);
	}
	for (size_t i = 0; i < a->n_values; i++) {
		double v = value_of(&a->columns[a->at[i]], &cells[a->at[i]]);

		if (isnan(v))
			continue;
		if (has_own)
			page_add(t->to, a->ids[i], labels_of(t), SAMPLE_VALUE, v);
		else
			a->folded[i] = fold(metrics[a->ids[i]].fold, a->folded[i], v);
		t->n_folded += !has_own && a->list->keys;
	}
	a->has_folded |= !has_own;
	return t->labels.failed || t->value.failed ? -ENOMEM : 0;
}

/* Into the first bucket that it fits, of which the others are sums. */
static int take_value(struct tabular *tabular, const struct cell *cells)
{
	struct arm *a = (struct arm *)tabular;
	const struct metric *m = &metrics[a->ids[0]];
	double v = value_of(&a->columns[0], &cells[0]);
	size_t i = 0;

	if (m->of)
		v /= value_of(&a->columns[1], &cells[1]);
	if (!isfinite(v))
		return 0;
	while (i < m->n_bounds && v > m->bounds[i])
		i++;
	a->buckets[i]++;
	a->sum += v;
	return 0;
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

static const struct tabular_ops group_ops = { .list = begin_list,
					      .record = take_group,
					      .list_end = nothing,
					      .end = end_of_all,
					      .flush = nothing,
					      .free = keep_it };

static const struct tabular_ops value_ops = { .list = begin_list,
					      .record = take_value,
					      .list_end = nothing,
					      .end = end_of_all,
					      .flush = nothing,
					      .free = keep_it };

int tallies_new(const struct tally_opts *o, struct tallies **ret)
{
	struct tallies *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->o = o;
	*ret = t;
	return 0;
}

struct tallies *tallies_free(struct tallies *t)
{
	if (!t)
		return NULL;
	text_done(&t->labels);
	text_done(&t->value);
	free(t);
	return NULL;
}

/* Where arms are added. */
struct adding {
	struct tallies *tallies;
	struct branch *branch;
	const struct plan_opts *plan;
};

/* The filter @words, and of the ports that connections are given where @has_ports. */
static int parse_filter(const struct adding *to, const char *words, bool has_ports, struct filter **ret,
			struct err *e)
{
	const struct filter_env env = { .selected = to->plan->select.families, .want_tcp = true };
	struct text text = {};
	struct sv word;
	int r;

	text_str(&text, words ? words : "");
	if (has_ports) {
		text_str(&text, words ? " and sport in " : "sport in ");
		text_sv(&text, to->tallies->o->ports);
	}
	word = sv_n(text.p ? text.p : "", text.len);
	r = text.failed ? -ENOMEM : word.len ? filter_parse(&env, &word, 1, ret, e) : 0;
	text_done(&text);
	return r;
}

static void put_item(struct text *t, const char *item)
{
	if (t->len)
		text_char(t, ',');
	text_str(t, item);
}

/* The keys and aggregates of @a, as --by takes them. */
static void put_by(const struct tallies *t, const struct arm *a, struct text *ret)
{
	const struct metric_list *l = a->list;

	if (t->o->is_everywhere)
		put_item(ret, fields[F_NETNS].name);
	put_item(ret, l->keys ? l->keys : "local.addr,peer.addr,peer.port");
	if (l->takes_by && t->o->by)
		put_item(ret, t->o->by);
	for (size_t i = 0; i < a->n_values; i++)
		if (strcmp(metrics[a->ids[i]].column, "count") != 0)
			put_item(ret, metrics[a->ids[i]].column);
	text_char(ret, '\0');
}

/* Adds the next arm. */
static int add(const struct adding *to, struct filter *f, uint32_t tables, struct err *e)
{
	struct tallies *t = to->tallies;
	struct arm *a = &t->arms[t->n];
	const struct metric *m = &metrics[a->ids[0]];
	struct chain_opts co = { .name = "metrics",
				 .has_subflows = subflows_are_possible(&to->plan->select),
				 .is_counted = true,
				 .is_one_of_many = a->list };
	struct chain *chain = NULL;
	struct text text = {};
	int r;

	if (a->list) {
		put_by(t, a, &text);
		co.by = text.p;
	} else {
		put_item(&text, m->column);
		if (m->of)
			put_item(&text, m->of);
		text_char(&text, '\0');
		co.columns = text.p;
	}
	r = text.failed ? -ENOMEM : chain_new(&co, &to->plan->select, &a->tabular, &chain, e);
	text_done(&text);
	if (r < 0) {
		(void)filter_free(f);
		return r;
	}
	r = branch_add(to->branch, chain, f, tables);
	t->n += r == 0;
	return r;
}

static int add_list(const struct adding *to, enum list_id id, struct err *e)
{
	const struct metric_list *l = &metric_lists[id];
	struct tallies *t = to->tallies;
	struct arm *a = &t->arms[t->n];
	struct filter *f = NULL;
	int r;

	if (l->has_ports && !t->o->ports.len)
		return 0;
	*a = (struct arm){ .tabular.ops = &group_ops, .tallies = t, .list = l };
	for (enum metric_id i = 0; i < METRIC_MAX; i++)
		if (metrics[i].column && metrics[i].list == id)
			a->ids[a->n_values++] = i;
	a->max = t->o->cap * l->share / SHARES / a->n_values;
	a->max -= a->max > 0; /* the others */
	if (l->has_zero)
		a->max -= a->max < K_TCP_BOUND_INACTIVE ? a->max : K_TCP_BOUND_INACTIVE;
	r = parse_filter(to, l->filter, l->has_ports, &f, e);
	return r < 0 ? r : add(to, f, l->tables, e);
}

static int add_histogram(const struct adding *to, enum metric_id id, struct err *e)
{
	struct tallies *t = to->tallies;
	struct filter *f = NULL;
	int r;

	t->arms[t->n] = (struct arm){ .tabular.ops = &value_ops, .tallies = t, .ids = { id } };
	r = parse_filter(to, metrics[id].filter, false, &f, e);
	return r < 0 ? r : add(to, f, metrics[id].tables, e);
}

int tallies_add(struct tallies *t, struct branch *b, const struct plan_opts *plan, struct err *e)
{
	const struct adding to = { .tallies = t, .branch = b, .plan = plan };
	int r = 0;

	for (enum list_id i = 0; i < METRIC_LIST_MAX && r >= 0; i++)
		r = add_list(&to, i, e);
	for (enum metric_id i = 0; i < METRIC_MAX && r >= 0; i++)
		if (metrics[i].kind == METRIC_HISTOGRAM && plan->select.tables & metrics[i].tables)
			r = add_histogram(&to, i, e);
	return r < 0 ? r : (int)t->n;
}

void tallies_begin(struct tallies *t, struct page *to)
{
	t->to = to;
	t->n_folded = t->n_unattributed = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct arm *a = &t->arms[i];

		a->n_groups = 0;
		a->has_folded = false;
		a->sum = 0;
		memset(a->buckets, 0, sizeof(a->buckets));
		for (size_t k = 0; k < VALUES_MAX; k++)
			a->folded[k] = NAN;
	}
}

static void put_folded(struct tallies *t, const struct arm *a)
{
	if (!a->has_folded && a->list->keys)
		return;
	make_labels(t, a, NULL, true);
	for (size_t i = 0; i < a->n_values; i++)
		if (!isnan(a->folded[i]) || !a->list->keys) /* of no group there are none */
			page_add(t->to, a->ids[i], labels_of(t), SAMPLE_VALUE,
				 isnan(a->folded[i]) ? 0 : a->folded[i]);
}

static void put_histogram(struct tallies *t, const struct arm *a)
{
	const struct metric *m = &metrics[a->ids[0]];
	uint64_t n = 0;

	for (size_t i = 0; i <= m->n_bounds; i++) {
		begin_labels(t);
		n += a->buckets[i];
		label_put_bound(&t->labels, i < m->n_bounds ? m->bounds[i] : INFINITY);
		page_add(t->to, a->ids[0], labels_of(t), SAMPLE_BUCKET, (double)n);
	}
	page_add(t->to, a->ids[0], sv(""), SAMPLE_COUNT, (double)n);
	page_add(t->to, a->ids[0], sv(""), SAMPLE_SUM, a->sum);
}

/* States in which TCP has no socket, in the network namespace called @netns, NULL: it is not told. */
static void put_zeros(struct tallies *t, const struct arm *a, const char *netns)
{
	const struct page_family *n = &t->to->families[a->ids[0]];
	size_t room = a->max + K_TCP_BOUND_INACTIVE;

	for (size_t i = 1; i < K_TCP_BOUND_INACTIVE; i++) {
		if (i == K_TCP_NEW_SYN_RECV || !value_state(i) || n->n >= room)
			continue;
		begin_labels(t);
		if (netns)
			label_put(&t->labels, "netns", sv(netns));
		label_put(&t->labels, "netid", sv("tcp"));
		label_put_state(&t->labels, value_state(i));
		if (!page_has(t->to, a->ids[0], labels_of(t)))
			page_add(t->to, a->ids[0], labels_of(t), SAMPLE_VALUE, 0);
	}
}

void tallies_end(struct tallies *t, const char *const *names, size_t n)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct arm *a = &t->arms[i];

		if (!a->list) {
			put_histogram(t, a);
			continue;
		}
		put_folded(t, a);
		if (!a->list->has_zero || a->has_folded || t->o->by)
			continue;
		for (size_t k = 0; k < n && names; k++)
			put_zeros(t, a, names[k]);
		if (!names)
			put_zeros(t, a, NULL);
	}
	t->to->has_failed |= t->labels.failed || t->value.failed;
	t->to = NULL;
}

uint64_t tallies_folded(const struct tallies *t)
{
	return t->n_folded;
}

uint64_t tallies_unattributed(const struct tallies *t)
{
	return t->n_unattributed;
}
