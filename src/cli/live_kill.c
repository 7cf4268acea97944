/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/live_kill.h"

#include <errno.h>

#include "live/sample.h"
#include "run/session.h"

int live_kill(const struct live_killing *o, size_t *ret, struct err *e)
{
	const struct killer_opts ko = { .is_dry_run = !o->is_meant };
	_cleanup_(sample_unrefp) struct sample *sample = sample_new();
	_cleanup_(killer_freep) struct killer *killer = NULL;
	_cleanup_(session_freep) struct session *s = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct session_opts so = { .source = o->c->q.source, .is_kernel_only = true };
	struct plan_opts po = o->opts;
	struct sampling to;
	int r = sample ? killer_new(&ko, &killer) : -ENOMEM;

	*ret = 0;
	if (r < 0)
		return r;
	po.filter = o->filter;
	if (o->filter && filter_has_states(o->filter) && !o->c->q.select.has_mask)
		po.select.states = STATES_ALL;
	fieldset_add(&po.fields, F_COOKIE);
	fieldset_add(&po.fields, F_ULP); /* tells a subflow of MPTCP */
	sampling_init(&to);
	to.to = sample;
	so.killer = killer;
	r = session_new(o->host, &so, &s);
	if (r >= 0)
		r = plan_new(&po, &plan);
	if (r >= 0)
		r = session_run(s, plan, &to.sink, o->notes, e);
	*ret = sample_len(sample);
	if (r >= 0 && o->is_meant)
		killer_report(killer, NOTE_WARNING, o->notes);
	return r;
}
