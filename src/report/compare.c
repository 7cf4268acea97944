/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/compare.h"

#include <errno.h>

#include "base/cleanup.h"
#include "ops/order.h"

/* Which processes hold the socket, or something of them. */
static bool is_of_owners(const struct column *c)
{
	return c->field >= F_OWNERS && c->field < F_OWNERS + PART_MAX;
}

/* What is of each sample another, or is what the socket is known by. */
static bool is_no_change(enum field_id f)
{
	static const enum field_id none[] = { F_TIME,  F_HOST,   F_BOOT, F_MONOTONIC, F_NETNS, F_NETNS_ID,
					      F_NETID, F_FAMILY, F_SRC,  F_SPORT,     F_DST,   F_DPORT };
	bool is = false;

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		is |= f == none[i];
	return is;
}

/* Without a word the numbers that come and go, such as queues, do not count. */
static bool is_compared(const struct column *c, bool is_named)
{
	return c->field == F_STATE || is_of_owners(c) || (is_named && !is_no_change(c->field));
}

static int add(struct columns *c, enum field_id f, size_t *ret_at, struct err *e)
{
	*ret_at = c->n;
	return columns_add(c, f, e);
}

/* Where a socket is. */
static int add_place(struct compare *x, struct columns *c, const struct compare_opts *o, struct err *e)
{
	static const enum field_id place[] = { F_SRC, F_SPORT, F_UNIX_NAME, F_IFACE, F_DST, F_DPORT };
	struct diff_opts *d = &x->diff;
	int r = 0;

	d->first_id = c->n;
	if (o->is_everywhere)
		r = columns_add(c, o->is_one_boot ? F_NETNS_ID : F_NETNS, e);
	if (r == 0)
		r = columns_add(c, F_NETID, e);
	d->n_scope = c->n - d->first_id;
	for (size_t i = 0; i < ARRAY_SIZE(place) && r == 0; i++)
		r = columns_add(c, place[i], e);
	d->n_ids = c->n - d->first_id;
	return r;
}

/* What the order is by, but for what only a comparison has. */
static int add_sorted(struct columns *c, const char *sort, struct err *e)
{
	struct sv rest = sort ? sv(sort) : (struct sv){};
	int r = 0;

	while (rest.p && r == 0) {
		struct sv word = sv_take(&rest, ','), name = order_name(sv_trim(word));

		if (!sv_is(name, "change") && !sv_is(name, "was") && !sv_is(sv_first(name, 4), "old.") &&
		    !sv_is(sv_first(name, 6), "delta."))
			r = columns_add_sorted(c, word, e);
	}
	return r;
}

static struct sv order_of(const char *sort)
{
	return sort ? sv(sort) : sv("");
}

int compare_sockets(struct compare *x, struct columns *c, const struct compare_opts *o, struct err *e)
{
	struct diff_opts *d = &x->diff;
	bool has_owners = false;
	int r;

	*d = (struct diff_opts){ .n_shown = c->n, .owners = DIFF_NO_COLUMN, .sort = order_of(o->sort) };
	for (size_t i = 0; i < c->n; i++) {
		x->is_compared[i] = is_compared(&c->v[i], o->is_named);
		has_owners |= is_of_owners(&c->v[i]);
	}
	r = add_place(x, c, o, e);
	if (r == 0)
		r = add(c, F_COOKIE, &d->cookie, e);
	if (r == 0)
		r = add(c, F_STATE, &d->state, e);
	if (r == 0)
		r = add(c, F_NETLINK_PROTO, &d->lister, e);
	if (r == 0 && has_owners)
		r = add(c, F_PROC_START, &d->owners, e);
	if (r == 0)
		r = add_sorted(c, o->sort, e);
	d->columns = c->v;
	d->n = c->n;
	d->is_compared = x->is_compared;
	return r;
}

void compare_groups(struct compare *x, const struct columns *c, const struct group_opts *group)
{
	size_t n = group_columns(group, c->v, x->groups);

	for (size_t i = group->n_keys; i < n; i++)
		x->is_compared[i] = x->groups[i].type != T_SHARE || i != group->n_keys + 1;
	x->diff = (struct diff_opts){ .columns = x->groups,
				      .n = n,
				      .n_shown = n,
				      .is_compared = x->is_compared,
				      .n_ids = group->n_keys,
				      .cookie = DIFF_NO_COLUMN,
				      .state = DIFF_NO_COLUMN,
				      .owners = DIFF_NO_COLUMN,
				      .lister = DIFF_NO_COLUMN,
				      .sort = group->sort };
}
