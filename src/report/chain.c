/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/chain.h"

#include <errno.h>

#include "ops/changes.h"
#include "ops/columns.h"
#include "ops/sort.h"
#include "report/compare.h"
#include "report/subflows.h"
#include "report/zero.h"
#include "sink/classic/classic.h"

struct chain {
	struct columns columns;
	struct fieldset named; /* by --columns */
	struct group_opts group;
	struct sort_opts sort;
	struct group *grouped;
	struct tabular *before; /* sorts, or counts; NULL when nothing does */
	struct changes_opts changes;
	struct tabular *marked; /* what marks them, or compares two runs; NULL: nobody looks */
	struct compare compare;
	struct tabular *to;
	struct subflows *subflows; /* NULL: a row is a record */
	struct sink *inner;
	struct sink *sink;
	struct tabular *first; /* takes the records */
};

struct chain *chain_free(struct chain *c)
{
	if (!c)
		return NULL;
	(void)project_free(c->inner);
	(void)subflows_free(c->subflows);
	(void)tabular_free(c->before);
	(void)tabular_free(c->marked);
	columns_done(&c->columns);
	free(c);
	return NULL;
}

/* Whether words are wanted for what is a number in the kernel's message; users and cgroups have to be looked
 * up. */
static bool is_word(enum field_id f, uint32_t show)
{
	return f == F_NETID || f == F_IFACE || (show & SHOW_DETAIL && (f == F_USER || f == F_CGROUP_PATH));
}

/* What programs get when the kernel says more than is known; and options beside those that the text needs of
 * every socket. */
static bool is_more(enum field_id f, const struct chain_opts *o)
{
	return (f == F_RAW && o->is_full) ||
	       (f >= F_OPT_NODELAY && f <= F_OPT_CONGESTION && o->show & SHOW_SET_OPTIONS);
}

/* What the classic output has in the columns of the queues, of some sockets. */
static bool is_queue(enum field_id f)
{
	return f == F_ACCEPT_QUEUE || f == F_ACCEPT_LIMIT;
}

/* What the classic output needs to know of every socket, and people do not. */
static bool is_inner(enum field_id f)
{
	return f == F_FAMILY || f == F_TYPE || f == F_IFINDEX || f == F_V6ONLY || f == F_PROTOCOL;
}

/*
 * What the classic output shows with the same options; in formats that programs read also what else the
 * kernel says then.
 */
static int add_default(struct chain *c, const struct chain_opts *o, const struct selection *sel,
		       struct err *e)
{
	struct fieldset classic = {};
	int r = 0;

	classic_fields(o->show, &classic);
	for (enum field_id f = 0; f < F_MAX && r == 0; f++) {
		bool is_wanted = is_word(f, o->show) || is_queue(f) || is_more(f, o) ||
				 (f == F_NETNS && o->is_everywhere) ||
				 (o->is_full ? fieldset_has(&classic, f) || plan_comes_along(sel, &classic, f)
					     : fieldset_has(&classic, f) && !is_inner(f) &&
						       (f != F_INODE || o->show & SHOW_DETAIL));

		if (is_wanted && plan_can_show(sel, f))
			r = columns_add(&c->columns, f, e);
	}
	return r;
}

static int choose_groups(struct chain *c, const struct chain_opts *o, struct err *e)
{
	int r = columns_parse_by(&c->columns, sv(o->by), "--by", &c->group, e);

	c->group.sort = o->sort ? sv(o->sort) : sv("");
	c->group.having = o->having ? sv(o->having) : (struct sv){};
	c->group.deltas = o->deltas;
	c->group.take = o->take;
	c->group.take_ctx = o->take_ctx;
	c->group.limit = o->has_limit && !o->sides ? o->limit : UINT64_MAX;
	if (r < 0 || !o->columns)
		return r;
	return columns_parse_more(&c->columns, sv(o->columns), "--columns", &c->group, e);
}

/* Whether @f is the same of all sockets of @sel. */
static bool is_constant(const struct selection *sel, enum field_id f)
{
	uint64_t several = f == F_NETID ? sel->tables & (sel->tables - 1) : sel->states & (sel->states - 1);

	return (f == F_NETID || f == F_STATE) && !several;
}

/* An address with its port behind it, as the classic text shows them. */
static void pair_columns(struct columns *c)
{
	for (size_t i = 0; i + 1 < c->n; i++) {
		if (c->v[i].field == F_SRC && c->v[i + 1].field == F_SPORT)
			c->v[i].pair = "local";
		else if (c->v[i].field == F_DST && c->v[i + 1].field == F_DPORT)
			c->v[i].pair = "peer";
	}
}

/* What nobody named may be left out of a table: those of a list of ours, of a pattern, and those of the
 * classic text. */
static void rank_columns(struct chain *c, const struct chain_opts *o, const struct selection *sel)
{
	struct fieldset named = {};

	if (o->columns && !o->is_one_of_many && !o->is_ours)
		columns_named(sv(o->columns), &named);
	for (size_t i = 0; i < c->columns.n; i++) {
		struct column *column = &c->columns.v[i];

		if (fieldset_has(&named, column->field))
			column->rank = 0;
		else
			column->leave = LEAVE_EMPTY | (is_constant(sel, column->field) ? LEAVE_ALWAYS : 0);
	}
}

static bool has_column(const struct columns *c, enum field_id f)
{
	bool has = false;

	for (size_t i = 0; i < c->n && !has; i++)
		has = c->v[i].field == f && c->v[i].prefix[0] == PREFIX_NONE;
	return has;
}

/* The name of a host is told of its address, which is shown with it. */
static int add_addresses(struct columns *c, struct err *e)
{
	int r = 0;

	if (has_column(c, F_LOCAL_NAME) && !has_column(c, F_SRC))
		r = columns_add(c, F_SRC, e);
	if (r == 0 && has_column(c, F_PEER_NAME) && !has_column(c, F_DST))
		r = columns_add(c, F_DST, e);
	return r;
}

/* What a socket is known by in the next frame: its cookie, else its ends and its inode. Nobody sees it. */
static int add_identity(struct chain *c, struct err *e)
{
	static const enum field_id ids[] = { F_COOKIE, F_INODE, F_NETID, F_SRC, F_SPORT, F_DST, F_DPORT };
	int r = 0;

	c->changes.n_shown = c->changes.first_id = c->columns.n;
	c->changes.n_ids = ARRAY_SIZE(ids);
	c->changes.is_first_enough = true;
	for (size_t i = 0; i < ARRAY_SIZE(ids) && r == 0; i++)
		r = columns_add(&c->columns, ids[i], e);
	return r;
}

static int choose_columns(struct chain *c, const struct chain_opts *o, const struct selection *sel,
			  struct err *e)
{
	int r = 0;

	if (o->text)
		c->columns.v[c->columns.n++] =
			(struct column){ .name = "(text)", .field = F_MAX, .type = T_RAW };
	else
		r = o->columns ? columns_parse(&c->columns, sv(o->columns), "--columns", e)
			       : add_default(c, o, sel, e);
	if (r == 0 && !o->text && !o->columns)
		pair_columns(&c->columns);
	if (!o->text)
		rank_columns(c, o, sel);
	if (r == 0)
		r = add_addresses(&c->columns, e);
	if (r == 0 && o->changes)
		r = add_identity(c, e);
	c->sort.n_shown = c->columns.n;
	c->sort.limit = o->has_limit ? o->limit : UINT64_MAX;
	c->sort.is_held = o->is_one_of_many;
	if (r < 0 || !o->sort || o->sides)
		return r;
	r = columns_add_sorted(&c->columns, sv(o->sort), e);
	if (r == 0 && o->unique) {
		c->sort.is_unique = true;
		c->sort.unique = c->columns.n;
		r = columns_add(&c->columns, field_find(sv(o->unique)), e);
	}
	return r < 0 ? r : order_parse(sv(o->sort), c->columns.v, c->columns.n, &c->sort.order, e);
}

/* Makes what makes records of rows. In a format that cannot nest them each subflow is a record by itself. */
static int project(struct chain *c, const struct chain_opts *o, const struct listing *l)
{
	struct tabular *to = c->before ? c->before : c->to;
	bool can_nest = !o->by && !o->text && !o->is_one_of_many && !o->is_counted && c->to->ops->whole;
	int r = 0;

	if (o->has_subflows && (can_nest || o->by || o->is_one_of_many || o->is_counted))
		r = subflows_new(can_nest ? to : NULL, &c->subflows);
	if (r < 0)
		return r;
	c->first = c->subflows && can_nest ? subflows_tabular(c->subflows) : to;
	r = project_new(l, o->text, c->first, &c->inner);
	if (r < 0)
		return r;
	c->sink = c->subflows ? subflows_wrap(c->subflows, c->inner) : c->inner;
	return 0;
}

/* The first column that has owners tells why there are none, unless it decides about the order. */
static void choose_why(struct chain *c)
{
	for (size_t i = 0; i < c->columns.n; i++) {
		struct column *column = &c->columns.v[i];
		bool is_key = false;

		for (size_t k = 0; k < c->sort.order.n; k++)
			is_key |= c->sort.order.key[k].column == i;
		if (is_key || (column->field != F_OWNERS && column->field != F_PROC_NAME))
			continue;
		column->tells_why = true;
		return;
	}
}

/* Has what goes to the output marked. */
static int mark_changes(struct chain *c, const struct chain_opts *o)
{
	int r;

	if (!o->changes)
		return 0;
	c->changes.memory = o->changes;
	if (o->by) {
		c->changes.n_ids = c->group.n_keys;
		c->changes.n_shown = c->group.n_keys + GROUP_OWN + c->group.n_aggregates;
	}
	if (o->text) {
		c->changes.mark = o->text->mark;
		c->changes.ctx = o->text->ctx;
	}
	r = changes_mark(&c->changes, c->to, &c->marked);
	if (r == 0)
		c->to = c->marked;
	return r;
}

/* Has what goes to the output of two runs be what differs. */
static int compare_runs(struct chain *c, const struct chain_opts *o, struct err *e)
{
	const struct compare_opts co = { .sort = o->sort,
					 .is_named = o->columns,
					 .is_everywhere = o->is_everywhere,
					 .is_one_boot = o->sides->is_one_boot };
	struct diff_opts *d = &c->compare.diff;
	int r = 0;

	if (o->by)
		compare_groups(&c->compare, &c->columns, &c->group);
	else
		r = compare_sockets(&c->compare, &c->columns, &co, e);
	if (r < 0)
		return r;
	d->sides = o->sides;
	d->limit = o->has_limit ? o->limit : UINT64_MAX;
	d->is_for_people = o->is_for_people;
	r = diff_new(d, c->to, &c->marked, e);
	if (r == 0)
		c->to = c->marked;
	c->group.sort = sv("");
	return r;
}

/* Makes what the rows go through, the last first. */
static int make(struct chain *c, const struct chain_opts *o, const struct selection *sel, struct err *e)
{
	struct listing l = { .name = o->name ? o->name : o->by ? "groups" : "sockets", .title = o->title };
	int r = o->by ? choose_groups(c, o, e) : choose_columns(c, o, sel, e);

	if (r == 0 && o->is_for_people && !o->by)
		choose_why(c);
	if (r == 0)
		r = o->sides ? compare_runs(c, o, e) : mark_changes(c, o);
	if (r < 0)
		return r;
	if (o->columns && !o->is_ours)
		columns_named(sv(o->columns), &c->named);
	if (o->by) {
		r = group_new(&c->group, c->columns.v, c->to, &c->grouped, e);
		c->before = r < 0 ? NULL : group_tabular(c->grouped);
		if (r >= 0 && o->has_zero)
			r = zero_add(c->grouped, c->columns.v, c->group.n_keys, sel, e);
	} else if (!o->sides && (o->sort || o->has_limit || o->is_one_of_many)) {
		r = sort_new(&c->sort, c->to, &c->before);
	}
	if (r < 0)
		return r;
	l.columns = c->columns.v;
	l.n = c->columns.n;
	return project(c, o, &l);
}

int chain_new(const struct chain_opts *o, const struct selection *sel, struct tabular *to, struct chain **ret,
	      struct err *e)
{
	_cleanup_(chain_freep) struct chain *c = calloc(1, sizeof(*c));
	int r = -ENOMEM;

	if (!c)
		return r;
	c->to = to;
	r = make(c, o, sel, e);
	if (r < 0)
		return r;
	*ret = take_ptr(c);
	return 0;
}

struct sink *chain_sink(struct chain *c)
{
	return c->sink;
}

void chain_needs(const struct chain *c, struct fieldset *keys, struct fieldset *named)
{
	const struct columns *columns = &c->columns;

	for (size_t i = 0; i < columns->n && c->grouped; i++)
		fieldset_add(keys, columns->v[i].field);
	for (size_t i = 0; i < c->sort.order.n; i++)
		fieldset_add(keys, columns->v[c->sort.order.key[i].column].field);
	fieldset_add_all(named, &c->named);
	/* Nobody gets those without asking for them, by -p or by a pattern. */
	for (size_t i = 0; i < columns->n; i++)
		if (columns->v[i].type == T_OWNERS || columns->v[i].part != PART_NONE)
			fieldset_add(named, columns->v[i].field);
}

bool chain_has_subflows(const struct chain *c)
{
	return c->subflows;
}

int chain_end(struct chain *c, const struct notes *notes)
{
	return c->first->ops->end(c->first, notes);
}
