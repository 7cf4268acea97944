/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "live/board.h"
#include "live/tally.h"
#include "model/value.h"
#include "ops/columns.h"

enum { KEYS_MAX = 4 /* by which sockets are in order; those behind do not count */ };

struct arranger {
	struct knowns sockets, groups;
	struct sample *now;
	struct known **of; /* the rows of it */
	size_t n_of;
	struct sample *gone;
	struct known **gone_of; /* its rows */
	size_t n_gone_left_out;
	struct columns *columns; /* of .order */
	struct order order;
	struct tally *tally; /* NULL: sockets */
	struct filter *filter;
	struct board_totals totals;
	struct sample_row row;
	bool is_first_of_groups;
};

/* A socket, or a group, on its way to its place. */
struct ranked {
	struct board_row row;
	struct known *known;
	double number[KEYS_MAX];
	const struct cell *cells; /* of the keys that are no amounts */
};

struct arranger *arranger_new(void)
{
	struct arranger *a = calloc(1, sizeof(*a));

	if (a)
		a->columns = calloc(1, sizeof(*a->columns));
	if (a && !a->columns)
		return arranger_free(a);
	return a;
}

struct arranger *arranger_free(struct arranger *a)
{
	if (!a)
		return NULL;
	knowns_done(&a->sockets);
	knowns_done(&a->groups);
	(void)sample_unref(a->now);
	(void)sample_unref(a->gone);
	free(a->of);
	free(a->gone_of);
	if (a->columns)
		columns_done(a->columns);
	free(a->columns);
	(void)tally_free(a->tally);
	(void)filter_free(a->filter);
	sample_row_done(&a->row);
	free(a);
	return NULL;
}

static bool is_amount(const struct arranger *a, size_t key)
{
	return value_is_amount(&a->columns->v[a->order.key[key].column]);
}

static double number_of(const struct row *row, enum field_id f)
{
	struct val v;

	return field_get(row, f, &v) ? val_number(&v) : NAN;
}

/* The number that the averages are of; NAN: rows are in order of something else. */
static double value_of(const struct arranger *a, const struct row *row)
{
	if (!a->order.n || !is_amount(a, 0))
		return NAN;
	return number_of(row, a->columns->v[a->order.key[0].column].field);
}

static int revalue(struct arranger *a)
{
	knowns_reorder(&a->sockets);
	for (size_t i = 0; a->now && i < a->n_of; i++) {
		const struct row *row = sample_open(a->now, i, &a->row);

		if (!row)
			return -ENOMEM;
		a->of[i]->average = a->of[i]->settled = value_of(a, row);
	}
	return 0;
}

int arranger_order(struct arranger *a, const struct arranged_by *by, struct err *e)
{
	struct columns *columns = calloc(1, sizeof(*columns));
	_cleanup_(tally_freep) struct tally *tally = NULL;
	struct order order = {};
	int r = columns ? 0 : -ENOMEM;

	if (r == 0 && by->by)
		r = tally_new(by, &tally, e);
	else if (r == 0 && by->sort)
		r = columns_add_sorted(columns, sv(by->sort), e);
	if (r == 0 && !by->by && by->sort)
		r = order_parse(sv(by->sort), columns->v, columns->n, &order, e);
	if (r < 0) {
		if (columns)
			columns_done(columns);
		free(columns);
		return r;
	}
	columns_done(a->columns);
	free(a->columns);
	a->columns = columns;
	a->order = order;
	if (a->order.n > KEYS_MAX)
		a->order.n = KEYS_MAX;
	(void)tally_free(a->tally);
	a->tally = take_ptr(tally);
	a->is_first_of_groups = true;
	knowns_reorder(&a->groups);
	return revalue(a);
}

void arranger_filter(struct arranger *a, struct filter *f)
{
	(void)filter_free(a->filter);
	a->filter = f;
	a->is_first_of_groups = true;
}

void arranger_needs(const struct arranger *a, struct fieldset *set)
{
	static const enum field_id always[] = { F_NETID,
						F_STATE,
						F_COOKIE,
						F_INODE,
						F_NETNS_ID,
						F_TCP_BYTES_SENT_RATE,
						F_TCP_BYTES_RECEIVED_RATE,
						F_TCP_TOTAL_RETRANS_RATE };

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		fieldset_add_value(set, always[i]);
	for (size_t i = 0; i < a->columns->n; i++)
		fieldset_add_value(set, a->columns->v[i].field);
	if (a->tally)
		tally_needs(a->tally, set);
	filter_fields(a->filter, set);
}

static double plus(double a, double b)
{
	return isnan(a) ? b : isnan(b) ? a : a + b;
}

static void total(struct board_totals *t, const struct row *row, double sent, double received)
{
	uint64_t state = field_u64(row, F_STATE, 0);

	t->n++;
	t->n_state[state < BOARD_STATES ? state : 0]++;
	t->sent = plus(t->sent, sent);
	t->received = plus(t->received, received);
	t->retrans = plus(t->retrans, number_of(row, F_TCP_TOTAL_RETRANS_RATE));
}

static int note_rows(struct arranger *a, struct sample *s)
{
	for (size_t i = 0; i < a->n_of; i++) {
		const struct row *row = sample_open(s, i, &a->row);
		double sent, received;

		if (!row)
			return -ENOMEM;
		sent = number_of(row, F_TCP_BYTES_SENT_RATE);
		received = number_of(row, F_TCP_BYTES_RECEIVED_RATE);
		total(&a->totals, row, sent, received);
		a->of[i] = knowns_note(&a->sockets, &(struct noted){ .id = sample_identity(s, i),
								     .index = (uint32_t)i,
								     .value = value_of(a, row),
								     .activity = plus(sent, received) });
		if (!a->of[i])
			return -ENOMEM;
		a->totals.n_new += a->of[i]->is_new && a->of[i]->n == 1;
	}
	return 0;
}

/* Keeps one that ended, as it was last. */
static int keep_gone(struct sample *to, struct known **of, struct known *known, const struct row *row)
{
	size_t n = sample_len(to);
	int r = row ? sample_add(to, row) : -ENOMEM;

	if (r < 0)
		return r;
	of[n] = known;
	return 0;
}

/* Who ended lately, with the last that is known of them: those of before that are shown still, and the new.
 */
static int bury(struct arranger *a, int64_t now_us)
{
	_cleanup_(sample_unrefp) struct sample *gone = sample_new();
	_cleanup_free_ struct known **of = calloc(BOARD_GONE_MAX, sizeof(struct known *));
	size_t n_was = a->gone ? sample_len(a->gone) : 0;
	int r = gone && of ? 0 : -ENOMEM;

	for (size_t i = 0; i < n_was && r == 0; i++) {
		struct known *known = a->gone_of[i];

		if (now_us - known->gone_us < BOARD_GONE_US)
			r = keep_gone(gone, of, known, sample_open(a->gone, i, &a->row));
		else
			knowns_forget(&a->sockets, known);
	}
	a->n_gone_left_out = 0;
	for (size_t i = 0; i < a->sockets.n_gone && r == 0; i++) {
		struct known *known = a->sockets.gone[i];

		if (sample_len(gone) < BOARD_GONE_MAX) {
			r = keep_gone(gone, of, known, sample_open(a->now, known->index, &a->row));
			continue;
		}
		knowns_forget(&a->sockets, known);
		a->n_gone_left_out++;
	}
	if (r < 0)
		return r;
	(void)sample_unref(a->gone);
	free(a->gone_of);
	a->gone = take_ptr(gone);
	a->gone_of = take_ptr(of);
	return 0;
}

int arranger_take(struct arranger *a, struct sample *s, bool is_other)
{
	size_t n = sample_len(s);
	struct known **of = reallocarray(a->of, n + 1, sizeof(struct known *));
	int r;

	if (!of)
		return -ENOMEM;
	a->of = of;
	a->n_of = n;
	a->totals = (struct board_totals){ .sent = NAN, .received = NAN, .retrans = NAN };
	knowns_begin(&a->sockets, sample_monotonic_us(s), is_other);
	r = note_rows(a, s);
	if (r == 0)
		r = knowns_end(&a->sockets);
	a->totals.n_gone = a->sockets.n_gone;
	if (r == 0)
		r = bury(a, sample_monotonic_us(s));
	if (r < 0)
		return r;
	a->totals.n_gone_left_out = a->n_gone_left_out;
	(void)sample_unref(a->now);
	a->now = sample_ref(s);
	return 0;
}

static int compare_key(const struct arranger *a, size_t i, const struct ranked *x, const struct ranked *y)
{
	bool is_descending = a->order.key[i].is_descending, has_x, has_y;
	int r;

	if (is_amount(a, i)) {
		has_x = !isnan(x->number[i]);
		has_y = !isnan(y->number[i]);
		r = (x->number[i] > y->number[i]) - (x->number[i] < y->number[i]);
	} else {
		has_x = x->cells[i].is_there;
		has_y = y->cells[i].is_there;
		r = has_x && has_y ? order_values(&x->cells[i].val, &y->cells[i].val) : 0;
	}
	if (!has_x || !has_y)
		return has_y - has_x; /* what is absent comes last in either direction */
	return is_descending ? -r : r;
}

/* Where nothing else tells them apart they stay as they were, and the new come behind. */
static int compare_places(const struct ranked *x, const struct ranked *y)
{
	if (x->known->place != y->known->place)
		return (x->known->place > y->known->place) - (x->known->place < y->known->place);
	if (x->row.index != y->row.index)
		return (x->row.index > y->row.index) - (x->row.index < y->row.index);
	return (x->row.id > y->row.id) - (x->row.id < y->row.id);
}

static int compare(const void *p, const void *q, void *ctx)
{
	const struct ranked *x = p, *y = q;
	const struct arranger *a = ctx;
	int r = 0;

	for (size_t i = 0; i < a->order.n && !r; i++)
		r = compare_key(a, i, x, y);
	return r ? r : compare_places(x, y);
}

static int compare_held(const void *p, const void *q)
{
	return compare_places(p, q);
}

/* Reads what @row is put in order by. */
static int rank(struct arranger *a, struct board *b, const struct row *row, struct ranked *ret)
{
	struct cell cells[KEYS_MAX] = {};
	bool has_names = false;

	ret->number[0] = ret->known->settled;
	for (size_t i = 0; i < a->order.n; i++) {
		enum field_id f = a->columns->v[a->order.key[i].column].field;

		if (is_amount(a, i)) {
			if (i)
				ret->number[i] = number_of(row, f);
			continue;
		}
		has_names = true;
		cells[i].is_there = field_get(row, f, &cells[i].val);
		if (cells[i].val.kind == VAL_OWNERS && cells[i].is_there &&
		    keep_cell(&b->keep, &cells[i]) < 0)
			return -ENOMEM;
	}
	if (has_names)
		ret->cells = keep_bytes(&b->keep, cells, a->order.n * sizeof(*cells));
	return has_names && !ret->cells ? -ENOMEM : 0;
}

static bool needs_row(const struct arranger *a)
{
	return a->filter || a->order.n > 1 || (a->order.n && !is_amount(a, 0));
}

static enum mark mark_of(const struct arranger *a, const struct known *known)
{
	return known->is_new && a->sockets.now_us - known->first_us < BOARD_NEW_US ? MARK_NEW : MARK_NONE;
}

/* Those of @s that fit, behind the *@n there are. */
static int rank_rows(struct arranger *a, struct board *b, const struct sample *s, struct ranked *v, size_t *n)
{
	bool is_gone = s == a->gone;

	for (size_t i = 0, all = sample_len(s); i < all; i++) {
		struct known *known = is_gone ? a->gone_of[i] : a->of[i];
		const struct row *row = needs_row(a) ? sample_open(s, i, &a->row) : NULL;
		struct ranked *to = &v[*n];

		if (needs_row(a) && !row)
			return -ENOMEM;
		if (a->filter && !filter_match(a->filter, row))
			continue;
		*to = (struct ranked){ .row = { .id = known->id,
						.known = known,
						.index = (uint32_t)i,
						.mark = is_gone ? MARK_GONE : mark_of(a, known) },
				       .known = known };
		if (rank(a, b, row, to) < 0)
			return -ENOMEM;
		++*n;
	}
	return 0;
}

static void settle(struct board *b, const struct ranked *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		b->v[i] = v[i].row;
		v[i].known->place = (uint32_t)i;
	}
	b->n = n;
}

static int arrange_sockets(struct arranger *a, bool is_held, struct board *b)
{
	size_t all = sample_len(a->now) + sample_len(a->gone), n = 0;
	_cleanup_free_ struct ranked *v = calloc(all + 1, sizeof(*v));
	int r;

	b->v = calloc(all + 1, sizeof(*b->v));
	if (!v || !b->v)
		return -ENOMEM;
	r = rank_rows(a, b, a->now, v, &n);
	b->n_sockets = n;
	if (r == 0)
		r = rank_rows(a, b, a->gone, v, &n);
	if (r < 0)
		return r;
	if (is_held)
		qsort(v, n, sizeof(*v), compare_held);
	else
		qsort_r(v, n, sizeof(*v), compare, a);
	settle(b, v, n);
	return 0;
}

static int count_rows(struct arranger *a, struct board *b)
{
	for (size_t i = 0, all = sample_len(a->now); i < all; i++) {
		const struct row *row = sample_open(a->now, i, &a->row);
		int r;

		if (!row)
			return -ENOMEM;
		if (a->filter && !filter_match(a->filter, row))
			continue;
		b->n_sockets++;
		r = tally_row(a->tally, row);
		if (r < 0)
			return r;
	}
	return 0;
}

struct of_groups {
	bool is_descending;
};

static int compare_groups(const void *p, const void *q, void *ctx)
{
	const struct ranked *x = p, *y = q;
	const struct of_groups *o = ctx;
	bool has_x = !isnan(x->number[0]), has_y = !isnan(y->number[0]);
	int r;

	if (!has_x || !has_y)
		r = has_y - has_x;
	else
		r = (x->number[0] > y->number[0]) - (x->number[0] < y->number[0]);
	if (has_x && has_y && o->is_descending)
		r = -r;
	return r ? r : compare_places(x, y);
}

/* The groups, which come in order, in one that stands still where it is of an amount. */
static int settle_groups(struct arranger *a, bool is_held, struct board *b)
{
	struct of_groups o;
	size_t key = tally_key(a->tally, b, &o.is_descending);
	bool counts = key < b->n_columns && value_is_amount(&b->columns[key]);
	_cleanup_free_ struct ranked *v = calloc(b->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	knowns_begin(&a->groups, sample_monotonic_us(a->now), a->is_first_of_groups);
	a->is_first_of_groups = false;
	for (size_t i = 0; i < b->n; i++) {
		const struct cell *cells = b->v[i].cells;
		struct known *known = knowns_note(
			&a->groups, &(struct noted){ .id = b->v[i].id,
						     .index = (uint32_t)i,
						     .value = counts && value_is_there(&cells[key])
								      ? val_number(&cells[key].val)
								      : NAN,
						     .activity = tally_activity(b, cells) });

		if (!known)
			return -ENOMEM;
		v[i] = (struct ranked){ .row = b->v[i], .known = known, .number = { known->settled } };
		v[i].row.known = known;
		v[i].row.mark = known->is_new && a->groups.now_us - known->first_us < BOARD_NEW_US
					? MARK_NEW
					: MARK_NONE;
	}
	if (knowns_end(&a->groups) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < a->groups.n_gone; i++)
		knowns_forget(&a->groups, a->groups.gone[i]);
	if (is_held)
		qsort(v, b->n, sizeof(*v), compare_held);
	else if (counts)
		qsort_r(v, b->n, sizeof(*v), compare_groups, &o);
	settle(b, v, b->n);
	return 0;
}

static int arrange_groups(struct arranger *a, bool is_held, struct board *b)
{
	int r = tally_begin(a->tally, b), end;

	if (r >= 0)
		r = count_rows(a, b);
	end = tally_end(a->tally);
	r = r < 0 ? r : end;
	return r < 0 ? r : settle_groups(a, is_held, b);
}

int arranger_make(struct arranger *a, bool is_held, struct board **ret)
{
	_cleanup_(board_unrefp) struct board *b = calloc(1, sizeof(*b));
	int r = b ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	b->refs = 1;
	b->sample = sample_ref(a->now);
	b->gone = sample_ref(a->gone);
	b->totals = a->totals;
	b->is_held = is_held;
	r = a->tally ? arrange_groups(a, is_held, b) : arrange_sockets(a, is_held, b);
	if (r < 0)
		return r;
	*ret = take_ptr(b);
	return 0;
}
