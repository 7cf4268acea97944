/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/sketch.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/num.h"

enum { FRACTION_BITS = 52, DROPPED_BITS = FRACTION_BITS - SKETCH_BITS };

void sketch_done(struct sketch *s)
{
	free(s->v);
	*s = (struct sketch){};
}

static uint64_t bits_of(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

static double of_bits(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static double edge_of(double d)
{
	return of_bits(bits_of(d) >> DROPPED_BITS << DROPPED_BITS);
}

/* Appends @n times @value, which is not less than what is there. */
static int append(struct sketch *s, double value, uint64_t n)
{
	size_t cap = s->cap ? 2 * s->cap : 8;
	struct sketch_bin *v;

	if (s->n && s->v[s->n - 1].value == value) {
		s->v[s->n - 1].n += n;
		return 0;
	}
	if (s->n == s->cap) {
		v = reallocarray(s->v, cap, sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = (struct sketch_bin){ value, n };
	return 0;
}

/* What is ascending stays so: of negative numbers the edge is above them, of others below, never past
 * another. */
static void make_coarse(struct sketch *s)
{
	size_t n = s->n;

	s->is_coarse = true;
	s->n = 0;
	for (size_t i = 0; i < n; i++)
		(void)append(s, edge_of(s->v[i].value), s->v[i].n); /* never more than there were */
}

static void limit(struct sketch *s)
{
	if (!s->is_coarse && s->n > SKETCH_EXACT)
		make_coarse(s);
}

int sketch_make(struct sketch *ret, const double *v, size_t n)
{
	int r = 0;

	*ret = (struct sketch){};
	for (size_t i = 0; i < n && r == 0; i++)
		r = append(ret, v[i] + 0.0, 1); /* -0 is 0 */
	limit(ret);
	return r;
}

static int take_both(struct sketch *to, const struct sketch *a, const struct sketch *b)
{
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < a->n || k < b->n)) {
		bool is_a = k == b->n || (i < a->n && a->v[i].value <= b->v[k].value);
		const struct sketch_bin *bin = is_a ? &a->v[i++] : &b->v[k++];

		r = append(to, bin->value, bin->n);
	}
	return r;
}

int sketch_merge(struct sketch *s, const struct sketch *from)
{
	struct sketch both = {}, copy = {};
	int r = 0;

	if (!from->n)
		return 0;
	if (from->is_coarse && !s->is_coarse)
		make_coarse(s);
	if (s->is_coarse && !from->is_coarse) {
		r = take_both(&copy, from, &(struct sketch){});
		make_coarse(&copy);
		from = &copy;
	}
	both.is_coarse = s->is_coarse;
	if (r == 0)
		r = take_both(&both, s, from);
	sketch_done(&copy);
	if (r < 0) {
		sketch_done(&both);
		return r;
	}
	limit(&both);
	sketch_done(s);
	*s = both;
	return 0;
}

double sketch_at(const struct sketch *s, uint64_t rank)
{
	size_t i = 0;
	double d;

	for (uint64_t before = 0; i + 1 < s->n; i++) {
		before += s->v[i].n;
		if (before >= rank)
			break;
	}
	d = s->v[i].value;
	/* The middle of what is one; 0 is only itself and what is next to nothing. */
	return s->is_coarse && d != 0 ? of_bits(bits_of(d) | UINT64_C(1) << (DROPPED_BITS - 1)) : d;
}

void sketch_put_number(struct text *t, double d)
{
	if (d > -0x1p53 && d < 0x1p53 && d == (double)(int64_t)d && !(d == 0 && signbit(d)))
		text_i64(t, (int64_t)d);
	else
		text_printf(t, "x%016llx", (unsigned long long)bits_of(d));
}

bool sketch_read_number(struct sv text, double *ret)
{
	bool is_negative = text.len && text.p[0] == '-';
	uint64_t n;

	if (text.len && text.p[0] == 'x') {
		if (!num_read_bits(sv_from(text, 1), &n) || !isfinite(of_bits(n)))
			return false;
		*ret = of_bits(n);
		return true;
	}
	if (!num_read(sv_from(text, is_negative), 10, UINT64_C(1) << 53, &n))
		return false;
	*ret = is_negative ? -(double)n : (double)n;
	return true;
}

void sketch_put(const struct sketch *s, struct text *t)
{
	if (s->is_coarse)
		text_char(t, '~');
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			text_char(t, ',');
		sketch_put_number(t, s->v[i].value);
		if (s->v[i].n == 1)
			continue;
		text_char(t, '*');
		text_u64(t, s->v[i].n);
	}
}

static int read_bin(struct sv word, bool is_coarse, struct sketch *s, uint64_t *left)
{
	struct sv value = sv_take(&word, '*');
	uint64_t n = 1;
	double d;

	if (!sketch_read_number(value, &d) || (word.p && !num_read(word, 10, UINT64_MAX, &n)))
		return -EBADMSG;
	if (!n || n > *left || (s->n && d <= s->v[s->n - 1].value) || (is_coarse && d != edge_of(d)))
		return -EBADMSG;
	*left -= n;
	return append(s, d, n);
}

int sketch_read(struct sv text, uint64_t n, struct sketch *ret)
{
	bool is_coarse = text.len && text.p[0] == '~';
	struct sketch s = { .is_coarse = is_coarse };
	int r = 0;

	text = sv_from(text, is_coarse);
	while (text.p && r == 0)
		r = read_bin(sv_take(&text, ','), is_coarse, &s, &n);
	if (r == 0 && (n || (!is_coarse && s.n > SKETCH_EXACT)))
		r = -EBADMSG;
	if (r < 0) {
		sketch_done(&s);
		return r;
	}
	*ret = s;
	return 0;
}
