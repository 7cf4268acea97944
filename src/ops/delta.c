/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/delta.h"

#include <errno.h>
#include <math.h>

#include "base/hash.h"
#include "model/value.h"
#include "ops/aggregate.h"
#include "ops/keep.h"

struct noted { /* a group */
	struct sv key;
	const double *v;
};

struct sample {
	struct hash by_key;
	struct keep keep;
};

struct deltas {
	struct sample last, now;
	bool has_last;
};

static void sample_done(struct sample *s)
{
	hash_done(&s->by_key);
	keep_done(&s->keep);
	*s = (struct sample){};
}

struct deltas *deltas_new(void)
{
	return calloc(1, sizeof(struct deltas));
}

struct deltas *deltas_free(struct deltas *d)
{
	if (!d)
		return NULL;
	sample_done(&d->last);
	sample_done(&d->now);
	free(d);
	return NULL;
}

static bool has_key(const void *item, const void *key)
{
	return sv_eq(((const struct noted *)item)->key, *(const struct sv *)key);
}

const double *deltas_find(const struct deltas *d, struct sv key)
{
	const struct noted *n = hash_find(&d->last.by_key, hash_bytes(key), has_key, &key);

	return n ? n->v : NULL;
}

int deltas_note(struct deltas *d, struct sv key, const double *v, size_t n)
{
	struct keep *k = &d->now.keep;
	struct noted noted = { .key = sv_n(keep_bytes(k, key.p, key.len), key.len),
			       .v = keep_bytes(k, v, n * sizeof(*v)) };
	struct noted *kept = keep_bytes(k, &noted, sizeof(noted));

	if (!noted.key.p || !noted.v || !kept)
		return -ENOMEM;
	return hash_put(&d->now.by_key, hash_bytes(key), kept);
}

void deltas_turn(struct deltas *d, bool is_whole)
{
	if (is_whole) {
		sample_done(&d->last);
		d->last = d->now;
		d->now = (struct sample){};
		d->has_last = true;
	}
	sample_done(&d->now);
}

struct cell deltas_cell(const struct deltas *d, const struct aggregate_column *a, const struct cell *now,
			const double *was, double *ret_number)
{
	double before = was ? *was : aggregate_is_additive(a) ? 0 : NAN, change;
	struct cell c = { .val.kind = now->val.kind == VAL_REAL ? VAL_REAL : VAL_INT };

	*ret_number = now->is_there ? val_number(&now->val) : NAN;
	change = *ret_number - before;
	c.is_there = d->has_last && !isnan(change) && fabs(change) < 0x1p63;
	if (!c.is_there)
		return c;
	if (c.val.kind == VAL_REAL)
		c.val.d = change;
	else
		c.val.i = (int64_t)change;
	return c;
}
