/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --ports: who listens at which port; and when nobody does, who else has it.
 */

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/listing.h"
#include "cli/modes.h"
#include "cli/tell.h"
#include "model/facts.h"
#include "report/port_rest.h"
#include "run/session.h"

enum { EXIT_NOBODY = 1 };

/* Looks for what fits the filter of @x, in @states, maybe in all network namespaces. */
static int look_for(struct cli *c, const struct chosen *x, uint32_t states, bool is_everywhere,
		    struct port_rest *rest, struct notes *notes)
{
	const struct session_opts so = { .is_everywhere = is_everywhere };
	_cleanup_(session_freep) struct session *session = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct sink *sink = port_rest_sink(rest);
	struct chosen wide = *x;
	struct plan_opts po;
	struct err e;
	int r;

	wide.sel.states = states;
	wide.sel.wants_bound = true;
	listing_plan(c, &wide, &po);
	sink->ops->fields(sink, &po.fields);
	r = plan_new(&po, &plan);
	if (r >= 0)
		r = session_new(c->host, &so, &session);
	return r < 0 ? r : session_run(session, plan, sink, notes, &e);
}

/* Here in any state, and who listens elsewhere where that can be asked. Returns 0 or a negative errno. */
static int find_rest(struct cli *c, const struct chosen *x, struct port_rest *rest, struct notes *notes)
{
	int r = look_for(c, x, STATES_ALL & ~x->sel.states, false, rest, notes);

	return r < 0 || c->q.want_all_netns || !c->host->is_live
		       ? r
		       : look_for(c, x, x->sel.states, true, rest, notes);
}

/* Says who else has what @x is about. Returns the exit status. */
static int tell_nobody(struct cli *c, const struct chosen *x)
{
	_cleanup_(port_rest_freep) struct port_rest *rest = NULL;
	struct notes notes = {};
	struct text t = {}, safe = {};
	int r = 0;

	text_str(&t, "nobody listens there");
	if (x->has_words)
		r = port_rest_new(host_here(c->host), &rest);
	if (rest && r >= 0) {
		size_t start;

		r = find_rest(c, x, rest, &notes);
		text_str(&t, "; found in other states or places: ");
		start = t.len;
		port_rest_put(rest, &t);
		if (t.len == start)
			text_str(&t, "nothing");
		if (r >= 0 && !notes_is_whole(&notes))
			text_str(&t, c->past ? "; the recording does not have all states"
					     : "; not all of this machine could be looked at");
		if (x->sel.tables >> TABLE_TCP & 1 && !kernel_lists_bound(c->host->kernel))
			text_str(&t, "; Linux before 6.8 does not list sockets that are bound and idle");
	}
	notes_done(&notes);
	utf8_put_safe(&safe, sv_n(t.p, t.len), "");
	r = t.failed || safe.failed ? -ENOMEM : r;
	if (r >= 0)
		(void)fprintf(stderr, "%s: %.*s\n", c->prog, (int)safe.len, safe.p);
	text_done(&t);
	text_done(&safe);
	return r < 0 ? tell_output(c, r) : EXIT_NOBODY;
}

int mode_ports(struct cli *c, const struct sv *words, size_t n_words)
{
	size_t n_found = 0;
	const struct listing_opts o = { .ret_ports = &n_found };
	struct plan_opts po;
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, false, &x, &status)) {
		chosen_settle(c, &x);
		listing_plan(c, &x, &po);
		status = listing_run(c, &po, &o);
		/* What could not be seen may be there. */
		if (!status && !n_found && !c->q.every_us && notes_is_whole(&c->notes))
			status = tell_nobody(c, &x);
	}
	chosen_done(&x);
	return status;
}
