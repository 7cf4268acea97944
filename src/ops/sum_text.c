/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/sum_text.h"

#include <errno.h>
#include <math.h>

#include "base/num.h"
#include "model/value.h"
#include "ops/aggregate_impl.h"
#include "ops/cell_text.h"

/* Evenly spread, and for each @v another one: by the least of them others are estimated. */
static uint64_t spread(uint64_t v)
{
	v ^= v >> 33;
	v *= UINT64_C(0xff51afd7ed558ccd);
	v ^= v >> 33;
	v *= UINT64_C(0xc4ceb9fe1a85ec53);
	return v ^ v >> 33;
}

static int put_hashes(struct text *t, const struct sum_kept *k)
{
	uint64_t least[DISTINCT_KEPT];
	struct hash spreaded = {};
	int n, r = 0;

	for (size_t i = 0; i < k->seen.n_slots && r == 0; i++)
		if (k->seen.slot[i].item)
			r = hash_put(&spreaded,
				     k->is_sketched ? k->seen.slot[i].hash : spread(k->seen.slot[i].hash),
				     &spreaded);
	n = r < 0 ? r : sum_least_hashes(&spreaded, least);
	if (n >= 0 && (spreaded.n > DISTINCT_KEPT || k->is_cut))
		text_char(t, '~');
	for (int i = 0; i < n; i++) {
		if (i)
			text_char(t, ',');
		text_printf(t, "%016llx", (unsigned long long)least[i]);
	}
	hash_done(&spreaded);
	return n < 0 ? n : 0;
}

static int put_sketch(struct text *t, struct sum *s)
{
	struct sketch made = {};
	int r = 0;

	if (!s->kept->is_sketched) {
		sum_sort(s->kept);
		r = sketch_make(&made, s->kept->v, s->kept->n);
	}
	if (r < 0)
		return r;
	sketch_put_number(t, s->min);
	text_char(t, ':');
	sketch_put_number(t, s->max);
	text_char(t, ':');
	sketch_put(s->kept->is_sketched ? &s->kept->sketch : &made, t);
	sketch_done(&made);
	return 0;
}

int sum_put(struct text *t, struct sum *s, const struct aggregate_column *a, const struct column *column)
{
	int r = 0;

	if (!s->n) {
		text_char(t, '-');
		return 0;
	}
	text_u64(t, s->n);
	text_char(t, ':');
	switch (a->what) {
	case AGGREGATE_COUNT:
	case AGGREGATE_SUM:
	case AGGREGATE_AVG:
		if (s->is_real)
			sketch_put_number(t, s->total);
		else
			text_i64(t, s->whole);
		break;
	case AGGREGATE_MIN: sketch_put_number(t, s->min); break;
	case AGGREGATE_MAX: sketch_put_number(t, s->max); break;
	case AGGREGATE_DISTINCT: r = put_hashes(t, s->kept); break;
	case AGGREGATE_ANY: cell_put(t, column, &s->kept->least); break;
	case AGGREGATE_PERCENTILE: r = put_sketch(t, s); break;
	}
	return r;
}

static int read_hashes(struct sv word, struct sum *s)
{
	struct sum_kept *k = sum_need_kept(s);
	uint64_t hash, last = 0;
	size_t n = 0;
	int r = 0;

	if (!k)
		return -ENOMEM;
	k->is_sketched = true;
	k->is_cut = word.len && word.p[0] == '~';
	word = sv_from(word, k->is_cut);
	for (; word.p && r == 0; n++) {
		struct sv one = sv_take(&word, ',');

		if (n == DISTINCT_KEPT || !num_read_bits(one, &hash) || (n && hash <= last))
			return -EBADMSG;
		last = hash;
		r = sum_keep_hash(s, hash);
	}
	return r < 0 ? r : (k->is_cut && n < DISTINCT_KEPT) || n > s->n ? -EBADMSG : 0;
}

static int read_sketch(struct sv word, struct sum *s)
{
	struct sum_kept *k = sum_need_kept(s);
	struct sv min = sv_take(&word, ':'), max = word.p ? sv_take(&word, ':') : (struct sv){};

	if (!k)
		return -ENOMEM;
	k->is_sketched = true;
	if (!word.p || !sketch_read_number(min, &s->min) || !sketch_read_number(max, &s->max) ||
	    s->min > s->max)
		return -EBADMSG;
	return sketch_read(word, s->n, &k->sketch);
}

static int read_total(struct sv word, struct sum *s)
{
	bool is_negative = word.len && word.p[0] == '-';
	uint64_t n;

	if (word.len && word.p[0] == 'x') {
		s->is_real = true;
		return sketch_read_number(word, &s->total) ? 0 : -EBADMSG;
	}
	if (!num_read(sv_from(word, is_negative), 10, INT64_MAX, &n))
		return -EBADMSG;
	s->whole = is_negative ? -(int64_t)n : (int64_t)n;
	s->total = (double)s->whole;
	return 0;
}

static int read_any(struct sv word, const struct column *column, struct sum *s)
{
	struct keep k = {};
	struct cell c = {};
	struct column one = *column;
	int r;

	one.part = PART_NONE; /* one of them */
	r = cell_read(word, &one, &k, &c);
	if (r == 0 && (!c.is_there || c.val.kind == VAL_OWNERS))
		r = -EBADMSG;
	if (r == 0)
		r = sum_keep_least(s, &c.val);
	keep_done(&k);
	return r;
}

static int read_what(struct sv word, const struct aggregate_column *a, const struct column *column,
		     struct sum *s)
{
	switch (a->what) {
	case AGGREGATE_COUNT:
	case AGGREGATE_SUM:
	case AGGREGATE_AVG: return read_total(word, s);
	case AGGREGATE_MIN:
		if (!sketch_read_number(word, &s->min))
			return -EBADMSG;
		s->max = s->min;
		return 0;
	case AGGREGATE_MAX:
		if (!sketch_read_number(word, &s->max))
			return -EBADMSG;
		s->min = s->max;
		return 0;
	case AGGREGATE_DISTINCT: return read_hashes(word, s);
	case AGGREGATE_ANY: return read_any(word, column, s);
	case AGGREGATE_PERCENTILE: return read_sketch(word, s);
	}
	return -EBADMSG;
}

int sum_read(struct sv word, const struct aggregate_column *a, const struct column *column, struct sum *ret)
{
	struct sum s = {};
	struct sv n = sv_take(&word, ':');
	int r;

	*ret = (struct sum){};
	if (sv_is(n, "-") && !word.p)
		return 0;
	if (!word.p || !num_read(n, 10, SUM_COUNT_MAX, &s.n) || !s.n)
		return -EBADMSG;
	r = read_what(word, a, column, &s);
	if (r < 0) {
		sum_done(&s);
		return r;
	}
	*ret = s;
	return 0;
}
