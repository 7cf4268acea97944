/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/series.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/utf8.h"
#include "model/value.h"

#define NONE __builtin_nan("")

int series_new(struct series_set **ret)
{
	struct series_set *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->step = 1;
	s->at_us = calloc(SERIES_POINTS, sizeof(*s->at_us));
	if (!s->at_us) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

struct series_set *series_free(struct series_set *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].v);
	}
	free(s->v);
	free(s->at_us);
	free(s->value_name);
	free(s);
	return NULL;
}

static double mean_of(double a, double b)
{
	if (__builtin_isnan(a) || __builtin_isnan(b))
		return __builtin_isnan(a) ? b : a;
	return (a + b) / 2;
}

/* From now on a point is of twice as many samples. */
static void thin(struct series_set *s)
{
	for (size_t k = 0; k < s->n_points / 2; k++) {
		s->at_us[k] = s->at_us[2 * k];
		for (size_t i = 0; i < s->n; i++)
			s->v[i].v[k] = mean_of(s->v[i].v[2 * k], s->v[i].v[2 * k + 1]);
	}
	s->n_points /= 2;
	s->step *= 2;
	s->n_pending = s->step;
}

int series_begin(struct series_set *s, const struct column *c, uint64_t at_us, bool is_count)
{
	s->absent = is_count ? 0 : NONE;
	if (!s->value_name) {
		s->value_name = strdup(c->name);
		if (!s->value_name)
			return -ENOMEM;
		s->value = *c;
		s->value.name = s->value_name;
	}
	if (s->n_points && s->n_pending < s->step) {
		s->n_pending++; /* what comes takes the place of what there is: the last of its samples */
	} else {
		if (s->n_points == SERIES_POINTS)
			thin(s);
		/* A clock that is set back stands still until it is there again. */
		if (s->n_points && at_us < s->at_us[s->n_points - 1])
			at_us = s->at_us[s->n_points - 1];
		s->at_us[s->n_points++] = at_us;
		s->n_pending = 1;
	}
	for (size_t i = 0; i < s->n; i++)
		s->v[i].v[s->n_points - 1] = s->absent;
	return 0;
}

static struct series *find(struct series_set *s, struct sv name)
{
	for (size_t i = 0; i < s->n; i++)
		if (sv_is(name, s->v[i].name))
			return &s->v[i];
	return NULL;
}

static struct series *add(struct series_set *s, struct sv name)
{
	struct series *one;

	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 16;
		struct series *v = reallocarray(s->v, cap, sizeof(*v));

		if (!v)
			return NULL;
		s->v = v;
		s->cap = cap;
	}
	one = &s->v[s->n];
	*one = (struct series){ .name = strndup(name.p, name.len),
				.v = calloc(SERIES_POINTS, sizeof(double)) };
	if (!one->name || !one->v) {
		free(one->name);
		free(one->v);
		return NULL;
	}
	for (size_t k = 0; k < SERIES_POINTS; k++)
		one->v[k] = k < s->n_points ? s->absent : NONE;
	s->n++;
	return one;
}

int series_put(struct series_set *s, struct sv name, double value)
{
	_cleanup_(text_done) struct text safe = {};
	struct series *one;
	double *at;

	utf8_put_safe(&safe, name, "");
	if (safe.failed)
		return -ENOMEM;
	one = find(s, sv_n(safe.p, safe.len));
	if (!one && s->n == SERIES_MAX) {
		s->n_left_out++;
		return 0;
	}
	if (!one)
		one = add(s, sv_n(safe.p, safe.len));
	if (!one)
		return -ENOMEM;
	at = &one->v[s->n_points - 1];
	*at = __builtin_isnan(*at) ? value : *at + value;
	one->sum += value;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct series *x = *(const struct series *const *)a, *y = *(const struct series *const *)b;

	if (x->sum != y->sum)
		return x->sum > y->sum ? -1 : 1;
	return strcmp(x->name, y->name);
}

size_t series_largest(const struct series_set *s, const struct series **ret, size_t n)
{
	_cleanup_free_ const struct series **all = calloc(s->n ? s->n : 1, sizeof(*all));

	for (size_t i = 0; all && i < s->n; i++)
		all[i] = &s->v[i];
	if (all)
		qsort(all, s->n, sizeof(*all), by_size);
	n = !all ? 0 : n < s->n ? n : s->n;
	for (size_t i = 0; i < n; i++)
		ret[i] = all[i];
	return n;
}

bool series_range(const struct series_set *s, const struct series *of, double *ret_min, double *ret_max)
{
	bool has = false;

	for (size_t k = 0; k < s->n_points; k++) {
		double v = of->v[k];

		if (__builtin_isnan(v))
			continue;
		*ret_min = has && *ret_min < v ? *ret_min : v;
		*ret_max = has && *ret_max > v ? *ret_max : v;
		has = true;
	}
	return has;
}

double series_ceiling(const struct series_set *s, double max)
{
	static const double steps[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000 };
	const double large = s->value.type == T_BYTES ? 1024 : 10;
	double scale = 1;

	if (!(max > 0))
		return 1;
	while (scale * large <= max)
		scale *= large;
	while (scale > max && large == 10)
		scale /= 10;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (max <= scale * steps[i])
			return scale * steps[i];
	return scale * large;
}

/* About the time between two points. */
static uint64_t usual_step(const struct series_set *s)
{
	return s->n_points > 1 ? (s->at_us[s->n_points - 1] - s->at_us[0]) / (s->n_points - 1) : 0;
}

double series_mean(const struct series_set *s, const struct series *of, size_t i, size_t n)
{
	uint64_t first = s->n_points ? s->at_us[0] : 0, step = usual_step(s);
	uint64_t all = s->n_points ? s->at_us[s->n_points - 1] - first + step : 0;
	double from = (double)all * (double)i / (double)n, until = (double)all * (double)(i + 1) / (double)n;
	double sum = 0, last = NONE;
	size_t n_in = 0;

	if (!(all > 0))
		return s->n_points ? of->v[s->n_points - 1] : NONE;
	for (size_t k = 0; k < s->n_points; k++) {
		double at = (double)(s->at_us[k] - first);

		if (at >= until)
			break;
		if (at >= from && !__builtin_isnan(of->v[k])) {
			sum += of->v[k];
			n_in++;
		}
		if (at < from)
			last = from - at < 1.5 * (double)step ? of->v[k] : NONE;
	}
	return n_in ? sum / (double)n_in : last;
}
