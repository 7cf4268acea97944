/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "fleet/question.h"

#include <errno.h>
#include <stdlib.h>

#include "model/value.h"
#include "ops/aggregate.h"
#include "ops/order.h"

void group_rank(const struct group_opts *o, const struct column *columns, struct group_rank *ret)
{
	struct column shown[GROUP_KEYS_MAX + GROUP_OWN + GROUP_AGGREGATES_MAX];
	size_t n = group_columns(o, columns, shown);
	struct order order = { .key[0] = { o->n_keys, true }, .n = 1 };
	struct err e;

	if (o->sort.len)
		(void)order_parse(o->sort, shown, n, &order, &e); /* it was read before */
	ret->at = order.key[0].column;
	ret->column = shown[ret->at];
	ret->is_sum = order.key[0].is_descending && ret->at == o->n_keys;
	if (order.key[0].is_descending && ret->at >= o->n_keys + GROUP_OWN)
		ret->is_sum = o->aggregates[ret->at - o->n_keys - GROUP_OWN].what == AGGREGATE_SUM &&
			      ret->column.type != T_INT;
}

struct question *question_free(struct question *q)
{
	if (!q)
		return NULL;
	text_done(&q->asked);
	text_done(&q->by);
	text_done(&q->sort);
	text_done(&q->columns_text);
	columns_done(&q->columns);
	free(q);
	return NULL;
}

/* Findings are texts, whatever they are called. */
static int take_names(struct question *q, struct sv list, struct err *e)
{
	while (list.p) {
		struct sv name = sv_take(&list, ',');
		char *copy = q->columns.n < COLUMNS_MAX && name.len ? strndup(name.p, name.len) : NULL;

		if (!copy)
			return err_say(e, -EINVAL, "no columns of findings");
		q->columns.name[q->columns.n_names++] = copy;
		q->columns.v[q->columns.n++] = (struct column){ .name = copy,
								.field = F_MAX,
								.type = T_STR,
								.sem = SEM_NAME,
								.leave = LEAVE_EMPTY,
								.rank = RANK_LAST };
	}
	return 0;
}

static int settle_groups(struct question *q, struct err *e)
{
	struct column shown[GROUP_KEYS_MAX + GROUP_OWN + GROUP_AGGREGATES_MAX];
	struct order order;
	int r = columns_parse_by(&q->columns, sv(q->by.p), "--by", &q->group, e);
	size_t n;

	if (r < 0)
		return r;
	for (size_t i = 0; i < q->group.n_aggregates; i++)
		if (q->group.aggregates[i].is_delta)
			return err_say(e, -EINVAL, "%s needs samples of one machine",
				       q->group.aggregates[i].name);
	q->group.limit = UINT64_MAX;
	q->group.sort = sv(q->sort.p);
	n = group_columns(&q->group, q->columns.v, shown);
	if (q->group.sort.len)
		r = order_parse(q->group.sort, shown, n, &order, e);
	if (r >= 0)
		group_rank(&q->group, q->columns.v, &q->rank);
	return r;
}

/* An empty text that ends with a NUL for what was not said. */
static int end_texts(struct question *q)
{
	struct text *const all[] = { &q->asked, &q->by, &q->sort, &q->columns_text };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		text_char(all[i], '\0');
		if (all[i]->failed)
			return -ENOMEM;
	}
	return 0;
}

int question_settle(struct question *q, struct err *e)
{
	int r = end_texts(q);

	if (r < 0)
		return err_sys(e, r, "what is asked");
	if (q->of == OF_GROUPS)
		return settle_groups(q, e);
	if (q->of == OF_FINDINGS)
		return take_names(q, sv(q->columns_text.p), e);
	r = columns_parse(&q->columns, sv(q->columns_text.p), "--columns", e);
	for (size_t i = 0; i < q->columns.n; i++)
		q->columns.v[i].leave = LEAVE_EMPTY;
	return r;
}

static bool is_same_column(const struct column *a, const struct column *b)
{
	return a->field == b->field && a->type == b->type && a->part == b->part &&
	       a->prefix[0] == b->prefix[0] && a->prefix[1] == b->prefix[1] && !strcmp(a->name, b->name);
}

static bool is_same_aggregate(const struct question *a, size_t i, const struct question *b, size_t k)
{
	const struct aggregate_column *x = &a->group.aggregates[i], *y = &b->group.aggregates[k];

	return x->what == y->what && x->percent == y->percent && !x->is_delta && !y->is_delta &&
	       a->columns.v[x->column].field == b->columns.v[y->column].field &&
	       !memcmp(a->columns.v[x->column].prefix, b->columns.v[y->column].prefix, 2);
}

bool question_is_same(const struct question *a, const struct question *b)
{
	bool is_same = a->of == b->of && a->columns.n == b->columns.n && a->group.n_keys == b->group.n_keys &&
		       a->group.n_aggregates == b->group.n_aggregates && !strcmp(a->asked.p, b->asked.p);

	for (size_t i = 0; is_same && i < a->columns.n; i++)
		is_same = is_same_column(&a->columns.v[i], &b->columns.v[i]);
	for (size_t i = 0; is_same && i < a->group.n_aggregates; i++)
		is_same = is_same_aggregate(a, i, b, i);
	return is_same;
}

/* Whether @want is @have with no more bits. */
static bool comes_from(const struct column *want, const struct column *have)
{
	return want->field == have->field && want->part == have->part && want->prefix[0] <= have->prefix[0] &&
	       want->prefix[1] <= have->prefix[1];
}

static int find_key(const struct question *have, const struct question *want, size_t i, struct coarser *ret,
		    struct err *e)
{
	const struct column *c = &want->columns.v[i];

	ret->is_host[i] = c->field == F_HOST;
	ret->has_host |= ret->is_host[i];
	for (size_t k = 0; k < have->group.n_keys; k++) {
		if (!comes_from(c, &have->columns.v[k]))
			continue;
		ret->key[i] = k;
		ret->is_own &= k == i && is_same_column(c, &have->columns.v[k]);
		return 0;
	}
	ret->is_own = false;
	if (ret->is_host[i])
		return 0;
	return err_say(e, -EINVAL,
		       "--by: \"%s\" is finer than what the hosts counted by, or not among it: %s", c->name,
		       have->by.p);
}

/* A record counts once for each value of a list: without that key nothing tells how often it was counted. */
static int check_lists(const struct question *have, const struct question *want, const struct coarser *by,
		       struct err *e)
{
	for (size_t k = 0; k < have->group.n_keys; k++) {
		bool is_kept = have->columns.v[k].part == PART_NONE;

		for (size_t i = 0; i < want->group.n_keys && !is_kept; i++)
			is_kept = by->key[i] == k && !(by->is_host[i] && have->columns.v[k].field != F_HOST);
		if (!is_kept)
			return err_say(
				e, -EINVAL,
				"--by: %s cannot be left out: the hosts counted a socket of several once for "
				"each",
				have->columns.v[k].name);
	}
	return 0;
}

int question_coarsen(const struct question *have, const struct question *want, struct coarser *ret,
		     struct err *e)
{
	int r = 0;

	*ret = (struct coarser){ .is_own = have->group.n_keys == want->group.n_keys };
	for (size_t i = 0; i < want->group.n_keys && r == 0; i++)
		r = find_key(have, want, i, ret, e);
	for (size_t i = 0; i < want->group.n_aggregates && r == 0; i++) {
		size_t k = 0;

		while (k < have->group.n_aggregates && !is_same_aggregate(want, i, have, k))
			k++;
		if (k == have->group.n_aggregates)
			return err_say(e, -EINVAL, "--by: the hosts did not take %s: %s",
				       want->group.aggregates[i].name, have->by.p);
		ret->aggregate[i] = k;
	}
	return r < 0 ? r : check_lists(have, want, ret, e);
}
