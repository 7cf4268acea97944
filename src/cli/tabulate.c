/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/tabulate.h"

#include <errno.h>

#include "cli/environ.h"
#include "model/value.h"
#include "ops/columns.h"
#include "ops/sort.h"
#include "sink/formats.h"
#include "sink/project.h"

/* A format to be made, and what comes before it. */
struct chain {
	struct columns columns;
	struct group_opts group;
	struct sort_opts sort;
	struct tabular *format, *sorted; /* the second is NULL when nothing is sorted or counted */
	struct tabular *first;           /* of the two */
	struct group *grouped;
	struct sink *sink;
};

static void chain_done(struct chain *ch)
{
	(void)project_free(ch->sink);
	(void)tabular_free(ch->sorted);
	(void)tabular_free(ch->format);
	columns_done(&ch->columns);
}

bool tabulate_is_wanted(const struct tabulate_opts *t)
{
	return t->format || t->columns || t->sort || t->by || t->has_limit;
}

int tabulate_check(const struct tabulate_opts *t, struct err *e)
{
	if (t->format && !format_find(sv(t->format))) {
		struct text known = {};

		format_names(&known);
		(void)err_say(e, -EINVAL, "--format: \"%s\" is none of%.*s", t->format, (int)known.len, known.p);
		text_done(&known);
		return -EINVAL;
	}
	return 0;
}

/* What everybody wants to see of a socket, in a table. */
static const enum field_id usual[] = { F_NETID, F_STATE, F_RECVQ, F_SENDQ, F_SRC, F_SPORT, F_DST, F_DPORT };

/* The numbers behind these are shown, and the words cost a look-up for each row. */
static bool is_word_of(enum field_id f, uint32_t show)
{
	return f == F_NETID || f == F_IFACE || (show & SHOW_DETAIL && (f == F_USER || f == F_CGROUP_PATH));
}

/* What the classic output shows with the same options, and what the kernel says unasked. */
static int add_default(struct chain *ch, const struct classic_cli *c, const struct selection *sel, bool is_full,
		       struct err *e)
{
	struct fieldset classic = {};
	int r = 0;

	classic_fields(c->show, &classic);
	if (!is_full)
		for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
			fieldset_add(&classic, usual[i]);
	for (enum field_id f = 0; f < F_MAX && r == 0; f++) {
		if (!plan_can_have(sel, f))
			continue;
		if (fieldset_has(&classic, f) || is_word_of(f, c->show) || (is_full && plan_is_unasked(sel, f)))
			r = columns_add(&ch->columns, f, e);
	}
	return r;
}

static int choose_columns(struct chain *ch, const struct classic_cli *c, const struct selection *sel,
			  const struct format *format, struct err *e)
{
	const struct tabulate_opts *t = &c->tabulate;
	int r;

	if (t->by) {
		ch->group.sort = t->sort ? sv(t->sort) : sv("");
		ch->group.limit = t->has_limit ? t->limit : UINT64_MAX;
		r = columns_parse_by(&ch->columns, sv(t->by), "--by", &ch->group, e);
		if (r == 0 && !ch->group.n_keys)
			return err_say(e, -EINVAL, "--by: no field to count by, before sum() and its like");
		return r == 0 && t->columns ? columns_parse_by(&ch->columns, sv(t->columns), "--columns", &ch->group, e)
					    : r;
	}
	r = t->columns ? columns_parse(&ch->columns, sv(t->columns), "--columns", e)
		       : add_default(ch, c, sel, format->is_nested, e);
	ch->sort.n_shown = ch->columns.n;
	ch->sort.limit = t->has_limit ? t->limit : UINT64_MAX;
	if (r < 0 || !t->sort)
		return r;
	r = columns_add_sorted(&ch->columns, sv(t->sort), e);
	return r < 0 ? r : order_parse(sv(t->sort), ch->columns.v, ch->columns.n, &ch->sort.order, e);
}

static int make_chain(struct chain *ch, const struct classic_cli *c, const struct selection *sel,
		      struct out *out, struct err *e)
{
	const struct tabulate_opts *t = &c->tabulate;
	const struct format *format = format_find(sv(t->format ? t->format : "table"));
	struct format_opts fo = { .rows = t->by ? "groups" : "sockets", .no_header = c->show & SHOW_NO_HEADER };
	int r = choose_columns(ch, c, sel, format, e);

	if (r < 0)
		return r;
	fo.screen = environ_screen(&fo.is_terminal);
	r = format->make(&fo, out, &ch->format);
	if (r < 0)
		return r;
	ch->first = ch->format;
	if (t->by) {
		r = group_new(&ch->group, ch->format, &ch->grouped);
		ch->sorted = r < 0 ? NULL : group_tabular(ch->grouped);
	} else if (t->sort || t->has_limit) {
		r = sort_new(&ch->sort, ch->format, &ch->sorted);
	}
	if (r < 0)
		return r;
	if (ch->sorted)
		ch->first = ch->sorted;
	r = project_new(ch->columns.v, ch->columns.n, ch->first, &ch->sink);
	if (r == -EINVAL && ch->grouped)
		return err_say(e, r, "%s", group_error(ch->grouped));
	return r;
}

int tabulate_run(struct classic_cli *c, struct plan_opts *po, const struct run_opts *ro, struct out *out,
		 struct err *e)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct chain ch = {};
	int r = make_chain(&ch, c, &po->select, out, e), end = 0;

	if (r >= 0) {
		ch.sink->ops->fields(ch.sink, &po->fields);
		r = plan_new(po, &plan);
	}
	if (r >= 0) {
		r = run_plan(plan, ro, ch.sink, &c->notes, e);
		end = ch.first->ops->end(ch.first, &c->notes);
	}
	chain_done(&ch);
	return r < 0 ? r : end;
}
