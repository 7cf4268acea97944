/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/environ.h"
#include "cli/event_columns.h"
#include "cli/features.h"
#include "cli/graph.h"
#include "cli/partly.h"
#include "cli/resolved.h"
#include "report/probe.h"
#include "report/subflows.h"
#include "sink/classic/packed.h"
#include "sink/format/formats.h"

static const struct format *format_of(const struct tabulate_opts *o)
{
	return format_find(sv(o->format ? o->format : FORMAT_DEFAULT));
}

static bool is_for_people(const struct cli *c)
{
	return format_of(&c->q.tabulate) == format_find(sv(FORMAT_DEFAULT));
}

/* Whether what changes is marked: in one list, on a screen. */
static bool marks(const struct cli *c)
{
	return c->changes && is_for_people(c) && !request_has(&c->q, FEATURE_OVERVIEW) &&
	       !request_has(&c->q, FEATURE_PORTS);
}

int output_open_format(struct cli *c, bool has_lists, struct out *out, struct tabular **ret)
{
	struct format_opts fo = { .has_lists = has_lists,
				  .no_header = c->q.show & SHOW_NO_HEADER,
				  .is_utf8 = environ_is_utf8(),
				  .has_braille = environ_has_braille(),
				  .series = c->series,
				  .has_limit = c->q.tabulate.has_limit,
				  .limit = c->q.tabulate.limit,
				  .has_marks = marks(c) || (c->sides && is_for_people(c)),
				  .is_live = request_has(&c->q, FEATURE_EVENTS) ||
					     request_has(&c->q, FEATURE_TRACE),
				  .notes = &c->notes };
	struct text query = {};
	int r;

	fo.screen = environ_screen(&fo.is_terminal);
	fo.has_color = c->q.color == COLOR_ALWAYS ||
		       (c->q.color == COLOR_AUTO && fo.is_terminal && environ_wants_color());
	fo.more = has_lists || request_has(&c->q, FEATURE_FIELDS) ? NULL
		  : request_has(&c->q, FEATURE_PORTS)             ? "--json"
								  : "--columns";
	for (int i = 1; i < c->q.argc; i++) {
		text_str(&query, i > 1 ? " " : "");
		text_str(&query, c->q.argv[i]);
	}
	text_char(&query, '\0');
	fo.query = query.p;
	r = query.failed ? -ENOMEM : format_of(&c->q.tabulate)->open(&fo, out, ret);
	text_done(&query);
	return r;
}

/* No more than the first record is wanted. */
static int take_first(struct output *o)
{
	struct tabular *probe;
	int r = probe_new(o->format, &probe);

	if (r < 0)
		return r;
	o->format = probe;
	o->is_probed = true;
	return 0;
}

static int open_overview(struct cli *c, const struct selection *sel, struct out *out, struct output *ret,
			 struct err *e)
{
	const struct overview_opts oo = { .host = c->host,
					  .is_everywhere = c->q.want_all_netns,
					  .notes = &c->notes };
	int r = output_open_format(c, true, out, &ret->format);

	if (r >= 0)
		r = resolved_open(c, &ret->format);
	if (r >= 0)
		r = overview_new(&oo, sel, ret->format, &ret->overview, e);
	ret->sink = r < 0 ? NULL : overview_sink(ret->overview);
	return r;
}

/* The classic text, in order or of the first sockets only, or with signs. */
static int open_in_order(const struct cli *c, const struct selection *sel, const struct classic_opts *so,
			 struct out *out, struct output *ret, struct err *e)
{
	const struct tabulate_opts *t = &c->q.tabulate;
	struct chain_opts co = { .sort = t->sort,
				 .changes = so->has_marks ? c->changes : NULL,
				 .limit = t->limit,
				 .has_limit = t->has_limit };
	struct packed *packed;
	int r = packed_new(so, out, &packed);

	if (r < 0)
		return r;
	ret->format = packed_tabular(packed);
	ret->page = so->is_terminal ? packed_page(packed) : NULL;
	co.text = packed_text(packed);
	r = c->q.watch ? take_first(ret) : 0;
	if (r < 0)
		return r;
	r = chain_new(&co, sel, ret->format, &ret->chain, e);
	if (r < 0)
		return r;
	ret->sink = chain_sink(ret->chain);
	ret->sink->is_retained = t->sort;
	return 0;
}

/* Of a graph the format does what for records is done before. */
static int open_graph(struct cli *c, const struct selection *sel, struct out *out, struct output *ret,
		      struct err *e)
{
	_cleanup_(text_done) struct text columns = {};
	struct chain_opts co = { .is_counted = true,
				 .has_subflows = ret->has_subflows,
				 .is_everywhere = c->q.want_all_netns };
	int r = graph_put_columns(&columns, c->q.tabulate.by, e);

	if (r >= 0)
		r = output_open_format(c, false, out, &ret->format);
	co.columns = columns.p;
	if (r >= 0)
		r = chain_new(&co, sel, ret->format, &ret->chain, e);
	if (r < 0)
		return r;
	ret->sink = chain_sink(ret->chain);
	ret->sink->is_retained = true;
	return 0;
}

/* What is said about records, and where nothing is said of descriptors in no table: groups for people, else
 * each. */
static struct tabulate_opts tabulate(const struct request *q)
{
	struct tabulate_opts t = q->tabulate;

	if (!request_has(q, FEATURE_UNBOUND) || t.columns || t.by)
		return t;
	if (format_of(&t) == format_find(sv(FORMAT_DEFAULT)))
		t.by = "process.name,process.pid,family,netid,unbound.why,max(unbound.idle)";
	else
		t.columns = "process,family,netid,type,protocol,inode,unbound.*";
	return t;
}

static int open_records(struct cli *c, const struct selection *sel, struct out *out, struct output *ret,
			struct err *e)
{
	const struct tabulate_opts t = tabulate(&c->q);
	bool is_event = request_has(&c->q, FEATURE_TRACE) && !t.by;
	_cleanup_(text_done) struct text own = {};
	struct chain_opts co = { .columns = t.columns,
				 .sort = t.sort,
				 .by = t.by,
				 .having = t.having,
				 .has_zero = t.has_zero,
				 .limit = t.limit,
				 .has_limit = t.has_limit && !request_has(&c->q, FEATURE_OF_TIME),
				 .deltas = c->deltas,
				 .sides = c->sides,
				 .changes = marks(c) ? c->changes : NULL,
				 .show = c->q.show,
				 .is_full = format_of(&t)->is_full,
				 .has_subflows = ret->has_subflows,
				 .is_for_people = is_for_people(c),
				 .name = is_event ? "events" : NULL,
				 .is_everywhere = c->q.want_all_netns };
	struct fieldset keys = {}, named = {};
	int r = request_has(&c->q, FEATURE_PARTIAL) ? partly_open(c, out, &ret->partly)
						    : output_open_format(c, false, out, &ret->format);

	if (ret->partly) {
		ret->format = partly_tabular(ret->partly);
		partly_choose(ret->partly, &co);
	}

	if (r >= 0 && is_event && !t.columns) {
		event_columns_put(&own, c->q.show, format_of(&t)->is_full);
		r = own.failed ? -ENOMEM : 0;
		co.columns = own.p;
		co.is_ours = true;
	}
	if (r >= 0 && c->q.watch)
		r = take_first(ret);
	if (r >= 0)
		r = resolved_open(c, &ret->format);
	if (r >= 0)
		r = chain_new(&co, sel, ret->format, &ret->chain, e);
	if (r < 0)
		return r;
	ret->sink = chain_sink(ret->chain);
	ret->sink->is_retained = t.by || t.sort || c->q.show & SHOW_RESOLVE;
	chain_needs(ret->chain, &keys, &named);
	return resolved_check(c, &keys, &named, e);
}

static int open_ports(struct cli *c, struct out *out, struct output *ret)
{
	const struct ports_opts po = { .now_us = c->past ? host_now_us(c->host) : clock_realtime_us(),
				       .is_everywhere = c->q.want_all_netns,
				       .has_subflows = ret->has_subflows,
				       .is_for_people = is_for_people(c) };
	int r = output_open_format(c, false, out, &ret->format);

	if (r >= 0)
		r = ports_new(&po, ret->format, &ret->ports);
	ret->sink = r < 0 ? NULL : ports_sink(ret->ports);
	return r;
}

int output_open(struct cli *c, const struct selection *sel, struct out *out, struct output *ret,
		struct err *e)
{
	struct classic_opts so = { .show = c->q.show, .names = c->host->output };
	int r;

	/* What is destroyed, or announced, is a socket each. */
	*ret = (struct output){ .has_subflows = subflows_are_possible(sel) &&
						!request_has(&c->q, FEATURE_KILL) &&
						!request_has(&c->q, FEATURE_EVENTS) &&
						!request_has(&c->q, FEATURE_TRACE) };
	if (request_has(&c->q, FEATURE_OVERVIEW))
		return open_overview(c, sel, out, ret, e);
	if (request_has(&c->q, FEATURE_PORTS))
		return open_ports(c, out, ret);
	if (request_has(&c->q, FEATURE_GRAPH))
		return open_graph(c, sel, out, ret, e);
	if (request_has_records(&c->q))
		return open_records(c, sel, out, ret, e);
	if (c->q.want_all_netns)
		so.show |= SHOW_NETNS;
	if (sel->tables & (sel->tables - 1))
		so.show |= SHOW_NETID;
	if (!sel->states || sel->states & (sel->states - 1))
		so.show |= SHOW_STATE;
	so.screen = environ_screen(&so.is_terminal);
	so.has_marks = marks(c);
	if (request_has(&c->q, FEATURE_SORT) || request_has(&c->q, FEATURE_LIMIT) || c->q.watch ||
	    so.has_marks)
		return open_in_order(c, sel, &so, out, ret, e);
	ret->has_subflows = false;
	r = classic_new(&so, out, &ret->sink);
	ret->page = r < 0 || !so.is_terminal ? NULL : ret->sink;
	return r;
}

bool output_shows_nothing(const struct output *o)
{
	return o->page && !classic_has_rows(o->page);
}

bool output_has_record(const struct output *o)
{
	return o->is_probed && probe_has_record(o->format);
}

void output_needs(const struct output *o, struct plan_opts *ret)
{
	ret->is_mptcp_first = o->has_subflows && (!o->chain || chain_has_subflows(o->chain));
	if (o->overview)
		overview_needs(o->overview, &ret->keys);
	else if (o->ports)
		ports_needs(o->ports, &ret->keys, &ret->named);
	else if (o->chain)
		chain_needs(o->chain, &ret->keys, &ret->named);
}

int output_end(struct output *o, struct notes *notes)
{
	if (o->overview)
		return overview_end(o->overview, notes);
	if (o->ports)
		return ports_end(o->ports, notes);
	return o->chain ? chain_end(o->chain, notes) : 0;
}

void output_done(struct output *o)
{
	if (o->overview)
		(void)overview_free(o->overview);
	else if (o->ports)
		(void)ports_free(o->ports);
	else if (o->chain)
		(void)chain_free(o->chain);
	else if (!o->format)
		(void)classic_free(o->sink);
	(void)tabular_free(o->format);
	(void)partly_free(o->partly);
}
