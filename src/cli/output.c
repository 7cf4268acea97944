/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/output.h"

#include "cli/environ.h"

int output_open(const struct classic_cli *c, const struct selection *sel, const struct names *names,
		struct out *out, struct output *ret, struct err *e)
{
	struct classic_opts so = { .show = c->show, .names = names };
	int r;

	*ret = (struct output){};
	if (c->tabulate.is_overview) {
		r = overview_new(c, sel, out, &ret->overview, e);
		ret->sink = r < 0 ? NULL : overview_sink(ret->overview);
		return r;
	}
	if (tabulate_is_wanted(&c->tabulate)) {
		r = tabulation_new(c, &c->tabulate, sel, out, &ret->tabulation, e);
		ret->sink = r < 0 ? NULL : tabulation_sink(ret->tabulation);
		return r;
	}
	if (c->everywhere)
		so.show |= SHOW_NETNS;
	if (sel->tables & (sel->tables - 1))
		so.show |= SHOW_NETID;
	if (!sel->states || sel->states & (sel->states - 1))
		so.show |= SHOW_STATE;
	so.screen = environ_screen(&so.is_terminal);
	return classic_new(&so, out, &ret->sink);
}

void output_needs(const struct output *o, const struct tabulate_opts *opts, struct plan_opts *ret)
{
	if (o->overview)
		overview_needs(o->overview, &ret->keys);
	else if (o->tabulation)
		tabulation_needs(o->tabulation, opts, &ret->keys, &ret->named);
}

int output_end(struct output *o, struct notes *notes)
{
	if (o->overview)
		return overview_end(o->overview, notes);
	return o->tabulation ? tabulation_end(o->tabulation, notes) : 0;
}

void output_done(struct output *o)
{
	if (o->overview)
		(void)overview_free(o->overview);
	else if (o->tabulation)
		(void)tabulation_free(o->tabulation);
	else
		(void)classic_free(o->sink);
}
