/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/aggregate.h"

#include <errno.h>
#include <math.h>

#include "base/num.h"
#include "model/list.h"
#include "ops/aggregate_impl.h"

static void kept_done(struct sum_kept *k)
{
	free(k->v);
	sketch_done(&k->sketch);
	hash_done(&k->seen);
	free(k->bytes);
	free(k);
}

void sum_done(struct sum *s)
{
	if (s->kept)
		kept_done(s->kept);
	*s = (struct sum){};
}

struct sum_kept *sum_need_kept(struct sum *s)
{
	if (!s->kept)
		s->kept = calloc(1, sizeof(*s->kept));
	return s->kept;
}

/* Makes room for @n more numbers. */
static int make_room(struct sum_kept *k, size_t n)
{
	size_t cap = k->cap ? 2 * k->cap : 16;
	double *v;

	if (k->n + n <= k->cap)
		return 0;
	cap = cap < k->n + n ? k->n + n : cap;
	v = reallocarray(k->v, cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	k->v = v;
	k->cap = cap;
	return 0;
}

static int keep_number(struct sum *s, double d)
{
	struct sum_kept *k = sum_need_kept(s);

	if (!k || make_room(k, 1) < 0)
		return -ENOMEM;
	k->v[k->n++] = d;
	return 0;
}

/* Two different values share one hash in 2^64 pairs. */
int sum_keep_hash(struct sum *s, uint64_t hash)
{
	struct sum_kept *k = sum_need_kept(s);

	if (!k)
		return -ENOMEM;
	return hash_find(&k->seen, hash, NULL, NULL) ? 0 : hash_put(&k->seen, hash, s);
}

int sum_keep_least(struct sum *s, const struct val *v)
{
	struct sum_kept *k = sum_need_kept(s);
	char *bytes;

	if (!k)
		return -ENOMEM;
	if (k->least.is_there && order_values(&k->least.val, v) <= 0)
		return 0;
	if (v->kind == VAL_STR) {
		bytes = malloc(v->s.len + 1);
		if (!bytes)
			return -ENOMEM;
		if (v->s.len)
			memcpy(bytes, v->s.p, v->s.len);
		free(k->bytes);
		k->bytes = bytes;
	}
	k->least = (struct cell){ .is_there = true, .val = *v };
	if (v->kind == VAL_STR)
		k->least.val.s.p = k->bytes;
	return 0;
}

static int add_value(struct sum *s, const struct aggregate_column *a, const struct val *v)
{
	s->n++;
	if (a->what == AGGREGATE_ANY)
		return sum_keep_least(s, v);
	return sum_keep_hash(s, v->kind == VAL_STR ? hash_bytes(v->s) : hash_u64(v->u));
}

/* The value of a cell, or each one of its list. */
static int add_values(struct sum *s, const struct aggregate_column *a, enum part part, const struct val *v)
{
	int r = 0;

	if (v->kind != VAL_OWNERS)
		return add_value(s, a, v);
	for (size_t i = 0; i < v->owners.n && r == 0; i++) {
		struct val item;

		if (val_item(v, part, i, &item))
			r = add_value(s, a, &item);
	}
	return r;
}

/* Exact as long as all are whole numbers and their sum is below 2^63: in which order they come is the same.
 */
static void add_whole(struct sum *s, const struct val *v)
{
	bool is_whole = v->kind == VAL_INT || (v->kind == VAL_UINT && v->u <= INT64_MAX);

	s->is_real |= !is_whole || __builtin_add_overflow(s->whole, v->i, &s->whole);
}

int sum_add(struct sum *s, const struct aggregate_column *a, const struct column *column,
	    const struct cell *c)
{
	double d;

	if (!c->is_there)
		return 0;
	if (aggregate_takes_names(a->what))
		return add_values(s, a, column->part, &c->val);
	d = val_number(&c->val);
	if (isnan(d))
		return 0;
	add_whole(s, &c->val);
	if (a->what == AGGREGATE_PERCENTILE && keep_number(s, d) < 0)
		return -ENOMEM;
	s->min = !s->n || d < s->min ? d : s->min;
	s->max = !s->n || d > s->max ? d : s->max;
	s->total += d;
	s->n++;
	return 0;
}

static int merge_kept(struct sum *s, const struct sum_kept *from)
{
	struct sum_kept *k = sum_need_kept(s);
	int r = k ? make_room(k, from->n) : -ENOMEM;

	if (r < 0)
		return r;
	if (from->n)
		memcpy(k->v + k->n, from->v, from->n * sizeof(*k->v));
	k->n += from->n;
	k->is_sketched |= from->is_sketched;
	k->is_cut |= from->is_cut;
	r = sketch_merge(&k->sketch, &from->sketch);
	for (size_t i = 0; i < from->seen.n_slots && r == 0; i++)
		if (from->seen.slot[i].item)
			r = sum_keep_hash(s, from->seen.slot[i].hash);
	return r == 0 && from->least.is_there ? sum_keep_least(s, &from->least.val) : r;
}

int sum_merge(struct sum *s, const struct sum *from)
{
	if (!from->n)
		return 0;
	if (from->kept && merge_kept(s, from->kept) < 0)
		return -ENOMEM;
	s->min = !s->n || from->min < s->min ? from->min : s->min;
	s->max = !s->n || from->max > s->max ? from->max : s->max;
	s->total += from->total;
	s->is_real |= from->is_real || __builtin_add_overflow(s->whole, from->whole, &s->whole);
	s->n += from->n;
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void sum_sort(struct sum_kept *k)
{
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), compare);
}

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int sum_least_hashes(const struct hash *seen, uint64_t *ret)
{
	_cleanup_free_ uint64_t *all = calloc(seen->n + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < seen->n_slots; i++)
		if (seen->slot[i].item)
			all[n++] = seen->slot[i].hash;
	qsort(all, n, sizeof(*all), compare_hashes);
	n = n < DISTINCT_KEPT ? n : DISTINCT_KEPT;
	memcpy(ret, all, n * sizeof(*all));
	return (int)n;
}

/* How many there are when the last of the DISTINCT_KEPT least, of hashes that are spread evenly, is where it
 * is. */
static double distinct(const struct sum_kept *k)
{
	uint64_t least[DISTINCT_KEPT];
	size_t n = k->seen.n;
	double d;

	if (!k->is_sketched || n < DISTINCT_KEPT || sum_least_hashes(&k->seen, least) < 0)
		return (double)n;
	if (n == DISTINCT_KEPT && !k->is_cut)
		return (double)n;
	d = (DISTINCT_KEPT - 1) / ((double)least[DISTINCT_KEPT - 1] * 0x1p-64) + 0.5;
	return d < 0x1p63 ? (double)(uint64_t)d : d;
}

/* By nearest rank: the least value that at least @percent of all do not exceed. */
static double percentile(struct sum *s, unsigned int percent)
{
	uint64_t rank = (uint64_t)(((unsigned __int128)s->n * percent + 99) / 100);
	double d;

	rank = rank ? rank : 1;
	if (s->kept->is_sketched) {
		d = sketch_at(&s->kept->sketch, rank);
		return d < s->min ? s->min : d > s->max ? s->max : d;
	}
	sum_sort(s->kept);
	return s->kept->v[rank - 1];
}

static double result(struct sum *s, const struct aggregate_column *a)
{
	switch (a->what) {
	case AGGREGATE_COUNT:
	case AGGREGATE_SUM: return s->total;
	case AGGREGATE_MIN: return s->min;
	case AGGREGATE_MAX: return s->max;
	case AGGREGATE_AVG: return (s->is_real ? s->total : (double)s->whole) / (double)s->n;
	case AGGREGATE_DISTINCT: return distinct(s->kept);
	case AGGREGATE_ANY: break;
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
	if (a->what == AGGREGATE_ANY) {
		*ret = s->kept->least;
		return;
	}
	if (a->what == AGGREGATE_SUM && !s->is_real && s->whole >= 0 && c->type != T_SHARE &&
	    c->type != T_RATE) {
		ret->val = (struct val){ .kind = c->type == T_INT ? VAL_INT : VAL_UINT,
					 .u = (uint64_t)s->whole };
		return;
	}
	d = result(s, a);
	if (a->what == AGGREGATE_AVG || c->type == T_SHARE || c->type == T_RATE || d < 0 || d >= 0x1p63)
		ret->val = (struct val){ .kind = VAL_REAL, .d = d };
	else
		ret->val = (struct val){ .kind = c->type == T_INT ? VAL_INT : VAL_UINT, .u = (uint64_t)d };
}

bool sum_is_near(const struct sum *s, const struct aggregate_column *a)
{
	if (!s->kept || !s->kept->is_sketched)
		return false;
	if (a->what == AGGREGATE_PERCENTILE)
		return s->kept->sketch.is_coarse;
	return a->what == AGGREGATE_DISTINCT && (s->kept->is_cut || s->kept->seen.n > DISTINCT_KEPT);
}

struct column aggregate_column(const struct aggregate_column *a, const struct column *columns)
{
	struct column c = a->what == AGGREGATE_COUNT      ? (struct column){ .type = T_INT }
			  : a->what == AGGREGATE_DISTINCT ? (struct column){ .type = T_UINT }
							  : columns[a->column];

	c.name = a->name;
	c.field = F_MAX;
	c.part = PART_NONE;
	if (a->what != AGGREGATE_ANY)
		c.sem = SEM_GAUGE;
	if (a->is_delta && c.type == T_UINT)
		c.type = T_INT;
	return c;
}

bool aggregate_takes_names(enum aggregate what)
{
	return what == AGGREGATE_DISTINCT || what == AGGREGATE_ANY;
}

bool aggregate_is_additive(const struct aggregate_column *a)
{
	return a->what == AGGREGATE_COUNT || a->what == AGGREGATE_SUM;
}

static bool parse_plain(struct sv word, struct aggregate_column *ret, struct sv *ret_field)
{
	static const char *const names[] = {
		[AGGREGATE_SUM] = "sum", [AGGREGATE_MIN] = "min",           [AGGREGATE_MAX] = "max",
		[AGGREGATE_AVG] = "avg", [AGGREGATE_DISTINCT] = "distinct", [AGGREGATE_ANY] = "any"
	};
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
	return r && ret->what != AGGREGATE_ANY; /* names have no difference */
}
