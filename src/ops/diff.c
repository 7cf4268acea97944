/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/diff.h"

#include <errno.h>
#include <linux/netlink.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/value.h"
#include "ops/diff_match.h"
#include "ops/keep.h"
#include "ops/order.h"

enum { CHANGE, FIRST_SHOWN }; /* columns handed on */

struct diff {
	struct tabular tabular;
	struct diff_opts o;
	struct tabular *next;
	bool *is_compared;
	/* All columns there are then: those handed on, and behind them those that only tell the order. */
	struct column *columns;
	size_t n_columns, n_handed_on, first_extra;
	struct order order;
	struct keep keep;
	struct diff_list was, now;
	size_t n_lists;
	uint64_t at_us;
	bool is_open;
	struct text scratch;
	int error;
};

/* A difference. */
struct found {
	const struct cell *ids; /* of its place */
	struct cell *cells;     /* by .columns */
	size_t turn;
	const struct diff *d;
};

/* Whether @i is told by how much it has grown. */
static bool is_amount(const struct diff *d, size_t i)
{
	return d->is_compared[i] && value_is_amount(&d->o.columns[i]);
}

static const char *make_name(struct diff *d, const char *prefix, const char *name)
{
	d->scratch.len = 0;
	text_str(&d->scratch, prefix);
	text_str(&d->scratch, name);
	text_char(&d->scratch, '\0');
	return d->scratch.failed ? NULL : keep_bytes(&d->keep, d->scratch.p, d->scratch.len);
}

static struct column column_of_old(const struct column *from)
{
	struct column c = *from;

	c.pair = NULL;
	c.tells_why = false;
	c.rank = 1;
	c.leave = LEAVE_EMPTY;
	return c;
}

static struct column column_of_delta(const struct column *from)
{
	bool is_real = from->type == T_REAL || from->type == T_RATE || from->type == T_SHARE;

	return (struct column){ .field = F_MAX, .type = is_real ? T_REAL : T_INT, .leave = LEAVE_EMPTY };
}

static int add_column(struct diff *d, const struct column *c, const char *prefix, const char *name)
{
	struct column *to = &d->columns[d->n_columns++];

	*to = *c;
	to->name = make_name(d, prefix, name);
	return to->name ? 0 : -ENOMEM;
}

/* What each that is compared was, and by how much it has grown. */
static int add_old(struct diff *d)
{
	const struct column *from = d->o.columns;
	int r = 0;

	for (size_t i = 0; i < d->o.n_shown && r == 0; i++) {
		const struct column c = column_of_old(&from[i]);

		if (d->is_compared[i])
			r = add_column(d, &c, "old.", from[i].name);
	}
	for (size_t i = 0; i < d->o.n_shown && r == 0; i++) {
		const struct column c = column_of_delta(&from[i]);

		if (is_amount(d, i))
			r = add_column(d, &c, "delta.", from[i].name);
	}
	return r;
}

static int make_columns(struct diff *d)
{
	const struct column text = { .field = F_MAX, .type = T_STR, .sem = SEM_NAME, .rank = 1 };
	int r;

	d->columns = calloc(FIRST_SHOWN + 3 * d->o.n_shown + 1 + d->o.n, sizeof(*d->columns));
	d->is_compared = calloc(d->o.n_shown + 1, sizeof(*d->is_compared));
	if (!d->columns || !d->is_compared)
		return -ENOMEM;
	memcpy(d->is_compared, d->o.is_compared, d->o.n_shown * sizeof(*d->is_compared));
	r = add_column(d, &text, "", "change");
	for (size_t i = 0; i < d->o.n_shown; i++)
		d->columns[d->n_columns++] = d->o.columns[i];
	if (r == 0 && d->o.is_for_people)
		r = add_column(d, &text, "", "was");
	d->n_handed_on = d->n_columns;
	if (r == 0)
		r = add_old(d);
	if (!d->o.is_for_people)
		d->n_handed_on = d->n_columns;
	d->first_extra = d->n_columns;
	for (size_t i = d->o.n_shown; i < d->o.n; i++)
		d->columns[d->n_columns++] = d->o.columns[i];
	return r;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct diff *d = (struct diff *)t;

	d->at_us = l->at_us;
	d->is_open = true;
	return 0;
}

/* Whoever lists sockets is among them. */
static bool is_of_lister(const struct diff *d, const struct cell *cells)
{
	const struct cell *c = d->o.lister == DIFF_NO_COLUMN ? NULL : &cells[d->o.lister];

	return c && c->is_there && c->val.u == NETLINK_SOCK_DIAG;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct diff *d = (struct diff *)t;
	struct diff_list *l = d->n_lists ? &d->now : &d->was;

	if (d->error < 0 || is_of_lister(d, cells))
		return d->error;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 256;
		struct diff_entry *v = reallocarray(l->v, cap, sizeof(*v));

		if (!v)
			return d->error = -ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n] = (struct diff_entry){ .cells = keep_cells(&d->keep, cells, d->o.n) };
	if (!l->v[l->n].cells)
		return d->error = -ENOMEM;
	diff_place(&d->o, &l->v[l->n++]);
	return 0;
}

/* By how much @now is more than @was. */
static struct cell cell_of_delta(const struct column *c, const struct cell *was, const struct cell *now)
{
	struct cell ret = { .is_there = was->is_there && now->is_there };

	if (c->type == T_REAL) {
		ret.val.kind = VAL_REAL;
		ret.val.d = val_number(&now->val) - val_number(&was->val);
	} else {
		ret.val.kind = VAL_INT;
		ret.val.i = (int64_t)(now->val.u - was->val.u);
	}
	return ret;
}

/* "state established, recvq 0", of what differs. */
static void put_was(struct diff *d, const struct diff_entry *was, const struct diff_entry *now)
{
	bool has_other_owners = diff_has_other_owners(&d->o, was, now);
	const char *sep = "";

	for (size_t i = 0; i < d->o.n_shown; i++) {
		if (!d->is_compared[i] || !diff_cell_differs(was, now, i, has_other_owners))
			continue;
		text_printf(&d->scratch, "%s%s ", sep, d->o.columns[i].name);
		sep = ", ";
		if (value_is_there(&was->cells[i]))
			value_put_human(&d->scratch, &d->o.columns[i], &was->cells[i].val);
		else
			text_char(&d->scratch, '-');
	}
}

static struct cell cell_of_text(struct diff *d, const char *p, size_t n)
{
	const char *kept = n ? keep_bytes(&d->keep, p, n) : NULL;

	d->error = n && !kept ? -ENOMEM : d->error;
	return (struct cell){ .is_there = kept, .val = { .kind = VAL_STR, .s = sv_n(kept, n) } };
}

/* Fills the cells behind those shown, of @cells by .columns. */
static void fill_old(struct diff *d, struct cell *cells, const struct diff_entry *was,
		     const struct diff_entry *now)
{
	bool has_other_owners = diff_has_other_owners(&d->o, was, now);
	size_t at = FIRST_SHOWN + d->o.n_shown;

	if (d->o.is_for_people) {
		d->scratch.len = 0;
		put_was(d, was, now);
		cells[at++] = cell_of_text(d, d->scratch.p, d->scratch.len);
	}
	for (size_t i = 0; i < d->o.n_shown; i++) {
		if (d->is_compared[i] && diff_cell_differs(was, now, i, has_other_owners))
			cells[at] = was->cells[i];
		at += d->is_compared[i];
	}
	for (size_t i = 0; i < d->o.n_shown; i++) {
		if (is_amount(d, i) && diff_cell_differs(was, now, i, has_other_owners))
			cells[at] = cell_of_delta(&d->columns[at], &was->cells[i], &now->cells[i]);
		at += is_amount(d, i);
	}
}

/* Makes the record of what has become of @e, of which the other list has .other. */
static void add_found(struct diff *d, enum diff_change change, const struct diff_entry *e, struct found *to)
{
	static const char *const words[] = { [DIFF_CLOSED] = "closed",
					     [DIFF_OPENED] = "opened",
					     [DIFF_REPLACED] = "replaced",
					     [DIFF_CHANGED] = "changed" };
	static const uint8_t marks[] = { [DIFF_CLOSED] = MARK_GONE,
					 [DIFF_OPENED] = MARK_NEW,
					 [DIFF_REPLACED] = MARK_OTHER,
					 [DIFF_CHANGED] = MARK_OTHER };
	size_t n_extra = d->o.n - d->o.n_shown;
	struct cell *cells = to->cells;

	cells[CHANGE] = (struct cell){ .is_there = true,
				       .mark = marks[change],
				       .val = { .kind = VAL_STR, .s = sv(words[change]) } };
	memcpy(&cells[FIRST_SHOWN], e->cells, d->o.n_shown * sizeof(*cells));
	memcpy(&cells[d->first_extra], &e->cells[d->o.n_shown], n_extra * sizeof(*cells));
	if (e->other)
		fill_old(d, cells, e->other, e);
	to->ids = &e->cells[d->o.first_id];
	to->d = d;
}

static int compare_ids(const struct found *x, const struct found *y)
{
	struct order order = { .n = 1 };
	int r = 0;

	for (size_t i = 0; i < x->d->o.n_ids && !r; i++) {
		order.key[0].column = i;
		r = order_compare(&order, x->ids, y->ids);
	}
	return r;
}

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int r = order_compare(&x->d->order, x->cells, y->cells);

	r = r ? r : compare_ids(x, y);
	return r ? r : (x->turn > y->turn) - (x->turn < y->turn);
}

/* Finds the differences, into @v, which has room for all. Returns how many there are. */
static size_t find_all(struct diff *d, struct found *v, struct cell *cells)
{
	size_t n = 0;

	for (size_t i = 0; i < d->was.n + d->now.n; i++) {
		bool is_gone = i < d->was.n;
		struct diff_entry *e = is_gone ? &d->was.v[i] : &d->now.v[i - d->was.n];
		enum diff_change change = is_gone ? DIFF_CLOSED : DIFF_OPENED;

		if (e->other && is_gone)
			continue;
		if (!e->other && !e->place && !d->o.sides->is_one_boot) {
			d->o.sides->n_left_out++;
			continue;
		}
		if (e->other) {
			change = diff_compare(&d->o, d->is_compared, e->other, e);
			d->o.sides->n_unknown += diff_is_unknown(&d->o, e->other, e);
		}
		if (change == DIFF_SAME)
			continue;
		v[n] = (struct found){ .cells = &cells[n * d->n_columns], .turn = i };
		add_found(d, change, e, &v[n++]);
	}
	if (n)
		qsort(v, n, sizeof(*v), compare_found);
	return n;
}

static int hand_on(struct diff *d)
{
	size_t max = d->was.n + d->now.n + 1, n;
	_cleanup_free_ struct found *v = calloc(max, sizeof(*v));
	_cleanup_free_ struct cell *cells = calloc(max * d->n_columns, sizeof(*cells));
	int r = v && cells ? diff_match(&d->o, &d->was, &d->now) : -ENOMEM;

	if (r < 0)
		return r;
	n = find_all(d, v, cells);
	d->o.sides->n_found = n;
	for (size_t i = 0; i < n && i < d->o.limit && r == 0 && d->error == 0; i++)
		r = d->next->ops->record(d->next, v[i].cells);
	return d->error < 0 ? d->error : r == -ECANCELED ? 0 : r;
}

static int end_list(struct tabular *t)
{
	struct diff *d = (struct diff *)t;
	const struct listing l = {
		.name = "changes", .columns = d->columns, .n = d->n_handed_on, .at_us = d->at_us
	};
	int r;

	d->is_open = false;
	if (!d->n_lists++)
		return d->error;
	r = d->next->ops->list(d->next, &l);
	if (r < 0)
		return d->error = r;
	if (d->error == 0 && !d->o.sides->is_off && !d->o.sides->notes->has_error)
		d->error = hand_on(d);
	r = d->next->ops->list_end(d->next);
	return d->error < 0 ? d->error : r;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct diff *d = (struct diff *)t;
	struct notes all;
	int r;

	if (d->is_open)
		(void)end_list(t); /* what fails is remembered */
	all = notes_of_end(notes, d->error);
	r = d->next->ops->end(d->next, &all);
	return d->error < 0 ? d->error : r;
}

static int flush(struct tabular *t)
{
	struct diff *d = (struct diff *)t;

	return d->next->ops->flush(d->next);
}

static void done(struct tabular *t)
{
	struct diff *d = (struct diff *)t;

	free(d->was.v);
	free(d->now.v);
	free(d->columns);
	free(d->is_compared);
	text_done(&d->scratch);
	keep_done(&d->keep);
	free(d);
}

static const struct tabular_ops diff_ops = {
	.list = begin_list, .record = record, .list_end = end_list, .end = end, .flush = flush, .free = done
};

int diff_new(const struct diff_opts *o, struct tabular *next, struct tabular **ret, struct err *e)
{
	struct diff *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->tabular.ops = &diff_ops;
	d->o = *o;
	d->next = next;
	r = make_columns(d);
	if (r == 0 && o->sort.len)
		r = order_parse(o->sort, d->columns, d->n_columns, &d->order, e);
	if (r < 0) {
		done(&d->tabular);
		return r;
	}
	*ret = &d->tabular;
	return 0;
}
