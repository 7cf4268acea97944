/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/aggregate.h"

#include <errno.h>

#include "base/num.h"

void sum_done(struct sum *s)
{
	free(s->v);
	*s = (struct sum){};
}

static int keep_value(struct sum *s, double d)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 16;
		double *v = reallocarray(s->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n] = d;
	return 0;
}

int sum_add(struct sum *s, const struct aggregate_column *a, const struct cell *c)
{
	double d;

	if (!c->is_there)
		return 0;
	switch (c->val.kind) {
	case VAL_UINT: d = (double)c->val.u; break;
	case VAL_INT: d = (double)c->val.i; break;
	case VAL_REAL: d = c->val.d; break;
	case VAL_STR:
	case VAL_OWNERS:
	default: return 0;
	}
	if (a->what == AGGREGATE_PERCENTILE && keep_value(s, d) < 0)
		return -ENOMEM;
	s->min = !s->n || d < s->min ? d : s->min;
	s->max = !s->n || d > s->max ? d : s->max;
	s->total += d;
	s->n++;
	return 0;
}

int sum_merge(struct sum *s, const struct sum *from)
{
	if (!from->n)
		return 0;
	if (from->v) {
		double *v = reallocarray(s->v, s->n + from->n, sizeof(*v));

		if (!v)
			return -ENOMEM;
		memcpy(v + s->n, from->v, from->n * sizeof(*v));
		s->v = v;
		s->cap = s->n + from->n;
	}
	s->min = !s->n || from->min < s->min ? from->min : s->min;
	s->max = !s->n || from->max > s->max ? from->max : s->max;
	s->total += from->total;
	s->n += from->n;
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* By nearest rank: the least value that at least @percent of all do not exceed. */
static double percentile(struct sum *s, unsigned int percent)
{
	uint64_t rank = (s->n * percent + 99) / 100;

	qsort(s->v, s->n, sizeof(*s->v), compare);
	return s->v[rank ? rank - 1 : 0];
}

static double result(struct sum *s, const struct aggregate_column *a)
{
	switch (a->what) {
	case AGGREGATE_COUNT:
	case AGGREGATE_SUM: return s->total;
	case AGGREGATE_MIN: return s->min;
	case AGGREGATE_MAX: return s->max;
	case AGGREGATE_AVG: return s->total / (double)s->n;
	case AGGREGATE_PERCENTILE: return percentile(s, a->percent);
	}
	return 0;
}

void sum_cell(struct sum *s, const struct aggregate_column *a, const struct column *c, struct cell *ret)
{
	double d;

	*ret = (struct cell){ .is_there = s->n > 0 };
	if (!s->n)
		return;
	d = result(s, a);
	if (a->what == AGGREGATE_AVG || c->type == T_SHARE || c->type == T_RATE || d < 0 || d >= 0x1p63)
		ret->val = (struct val){ .kind = VAL_REAL, .d = d };
	else
		ret->val = (struct val){ .kind = c->type == T_INT ? VAL_INT : VAL_UINT, .u = (uint64_t)d };
}

struct column aggregate_column(const struct aggregate_column *a, const struct column *columns)
{
	struct column c = a->what == AGGREGATE_COUNT ? (struct column){ .type = T_INT } : columns[a->column];

	c.name = a->name;
	c.field = F_MAX;
	c.sem = SEM_GAUGE;
	if (a->is_delta && c.type == T_UINT)
		c.type = T_INT;
	return c;
}

bool aggregate_is_additive(const struct aggregate_column *a)
{
	return a->what == AGGREGATE_COUNT || a->what == AGGREGATE_SUM;
}

static bool parse_plain(struct sv word, struct aggregate_column *ret, struct sv *ret_field)
{
	static const char *const names[] = { [AGGREGATE_SUM] = "sum",
					     [AGGREGATE_MIN] = "min",
					     [AGGREGATE_MAX] = "max",
					     [AGGREGATE_AVG] = "avg" };
	ptrdiff_t open = sv_find(word, '(');
	struct sv name = sv_first(word, open < 0 ? 0 : (size_t)open);
	uint64_t percent;

	if (open < 0 || word.p[word.len - 1] != ')')
		return false;
	*ret_field = sv_n(word.p + open + 1, word.len - (size_t)open - 2);
	for (size_t i = AGGREGATE_SUM; i < ARRAY_SIZE(names); i++) {
		if (sv_is(name, names[i])) {
			*ret = (struct aggregate_column){ .what = (enum aggregate)i };
			return true;
		}
	}
	if (!name.len || name.p[0] != 'p' || !num_read(sv_from(name, 1), 10, 100, &percent) || !percent)
		return false;
	*ret = (struct aggregate_column){ .what = AGGREGATE_PERCENTILE, .percent = (unsigned int)percent };
	return true;
}

bool aggregate_parse(struct sv word, struct aggregate_column *ret, struct sv *ret_field)
{
	static const char begin[] = "delta(";
	size_t n = sizeof(begin) - 1;
	bool r;

	if (!word.len || word.p[word.len - 1] != ')')
		return false;
	if (!sv_is(sv_first(word, word.len < n ? word.len : n), begin))
		return parse_plain(word, ret, ret_field);
	word = sv_trim(sv_first(sv_from(word, n), word.len - n - 1));
	if (sv_is(word, "count")) {
		*ret_field = sv("");
		*ret = (struct aggregate_column){ .what = AGGREGATE_COUNT };
		r = true;
	} else {
		r = word.len && word.p[word.len - 1] == ')' && parse_plain(word, ret, ret_field);
	}
	ret->is_delta = true;
	return r;
}
