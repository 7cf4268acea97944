/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/tabulate.h"

#include <errno.h>
#include <unistd.h>

#include "base/environ.h"
#include "model/value.h"
#include "ops/columns.h"
#include "ops/sort.h"
#include "sink/formats.h"
#include "sink/project.h"

struct tabulation {
	struct columns columns;
	struct group_opts group;
	struct sort_opts sort;
	struct tabular *format;
	struct tabular *before; /* sorts, or counts; NULL when nothing does */
	struct group *grouped;
	struct sink *sink;
};

struct tabulation *tabulation_free(struct tabulation *t)
{
	if (!t)
		return NULL;
	(void)project_free(t->sink);
	(void)tabular_free(t->before);
	(void)tabular_free(t->format);
	columns_done(&t->columns);
	free(t);
	return NULL;
}

/* Whether words are wanted for what is a number in the kernel's message; users and cgroups have to be looked
 * up. */
static bool is_word(enum field_id f, uint32_t show)
{
	return f == F_NETID || f == F_IFACE || (show & SHOW_DETAIL && (f == F_USER || f == F_CGROUP_PATH));
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
 * What the classic output shows with the same options; where it takes no room
 * also what else the kernel says then.
 */
static int add_default(struct tabulation *t, const struct request *q, const struct selection *sel,
		       bool is_sparse, struct err *e)
{
	struct fieldset classic = {};
	int r = 0;

	classic_fields(q->show, &classic);
	for (enum field_id f = 0; f < F_MAX && r == 0; f++) {
		bool is_wanted = is_word(f, q->show) || is_queue(f) || (f == F_NETNS && q->want_all_netns) ||
				 (is_sparse ? fieldset_has(&classic, f) || plan_comes_along(sel, &classic, f)
					    : fieldset_has(&classic, f) && !is_inner(f) &&
						      (f != F_INODE || q->show & SHOW_DETAIL));

		if (is_wanted && plan_can_show(sel, f))
			r = columns_add(&t->columns, f, e);
	}
	return r;
}

static int choose_groups(struct tabulation *t, const struct tabulate_opts *o, struct err *e)
{
	int r = columns_parse_by(&t->columns, sv(o->by), "--by", &t->group, e);
	size_t n_keys;

	t->group.sort = o->sort ? sv(o->sort) : sv("");
	t->group.limit = o->has_limit ? o->limit : UINT64_MAX;
	if (r < 0 || !o->columns)
		return r;
	n_keys = t->group.n_keys;
	r = columns_parse_by(&t->columns, sv(o->columns), "--columns", &t->group, e);
	if (r == 0 && t->group.n_keys != n_keys)
		return err_say(e, -EINVAL, "--columns: with --by only sum() and its like");
	return r;
}

static int choose_columns(struct tabulation *t, const struct request *q, const struct tabulate_opts *o,
			  const struct selection *sel, bool is_sparse, struct err *e)
{
	int r = o->columns ? columns_parse(&t->columns, sv(o->columns), "--columns", e)
			   : add_default(t, q, sel, is_sparse, e);

	t->sort.n_shown = t->columns.n;
	t->sort.limit = o->has_limit ? o->limit : UINT64_MAX;
	if (r < 0 || !o->sort)
		return r;
	r = columns_add_sorted(&t->columns, sv(o->sort), e);
	if (r == 0 && o->unique) {
		t->sort.is_unique = true;
		t->sort.unique = t->columns.n;
		r = columns_add(&t->columns, field_find(sv(o->unique)), e);
	}
	return r < 0 ? r : order_parse(sv(o->sort), t->columns.v, t->columns.n, &t->sort.order, e);
}

/* Makes what the rows go through, the last first. */
static int make(struct tabulation *t, const struct request *q, const struct tabulate_opts *o,
		const struct selection *sel, struct out *out, struct err *e)
{
	const struct format *format = format_find(sv(o->format ? o->format : "table"));
	struct format_opts fo = { .records = o->records ? o->records
					     : o->by    ? "groups"
							: "sockets",
				  .part = o->part,
				  .no_header = q->show & SHOW_NO_HEADER,
				  .is_utf8 = environ_is_utf8(),
				  .is_live = q->want_events };
	int r = o->by ? choose_groups(t, o, e) : choose_columns(t, q, o, sel, format->is_sparse, e);

	if (r < 0)
		return r;
	fo.screen = environ_screen(&fo.is_terminal);
	r = format->open(&fo, out, &t->format);
	if (r < 0)
		return r;
	if (o->by) {
		r = group_new(&t->group, t->format, &t->grouped);
		t->before = r < 0 ? NULL : group_tabular(t->grouped);
	} else if (o->sort || o->has_limit) {
		r = sort_new(&t->sort, t->format, &t->before);
	}
	if (r < 0)
		return r;
	r = project_new(t->columns.v, t->columns.n, t->before ? t->before : t->format, &t->sink);
	return r == -EINVAL && t->grouped ? err_say(e, r, "%s", group_error(t->grouped)) : r;
}

int tabulation_new(const struct request *q, const struct tabulate_opts *o, const struct selection *sel,
		   struct out *out, struct tabulation **ret, struct err *e)
{
	_cleanup_(tabulation_freep) struct tabulation *t = calloc(1, sizeof(*t));
	int r = t ? make(t, q, o, sel, out, e) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = take_ptr(t);
	return 0;
}

struct sink *tabulation_sink(struct tabulation *t)
{
	return t->sink;
}

void tabulation_needs(const struct tabulation *t, const struct tabulate_opts *o, struct fieldset *keys,
		      struct fieldset *named)
{
	for (size_t i = 0; i < t->columns.n && o->by; i++)
		fieldset_add(keys, t->columns.v[i].field);
	for (size_t i = 0; i < t->sort.order.n; i++)
		fieldset_add(keys, t->columns.v[t->sort.order.key[i].column].field);
	if (o->columns)
		columns_named(sv(o->columns), named);
	/* Nobody gets those without asking for them, by -p or by a pattern. */
	for (size_t i = 0; i < t->columns.n; i++)
		if (t->columns.v[i].type == T_OWNERS || t->columns.v[i].part != PART_NONE)
			fieldset_add(named, t->columns.v[i].field);
}

int tabulation_end(struct tabulation *t, const struct notes *notes)
{
	struct tabular *first = t->before ? t->before : t->format;

	return first->ops->end(first, notes);
}
