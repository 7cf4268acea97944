/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/session.h"

#include <errno.h>
#include <netinet/in.h>

#include "base/clock.h"
#include "base/hash.h"
#include "nl/home.h"
#include "plan/derive.h"
#include "plan/explain.h"
#include "run/count.h"
#include "run/run.h"

enum { OWNERS_AHEAD_FROM = 20000 }; /* TCP sockets: listing them takes as long as reading who holds them */

int session_new(struct host *h, const struct session_opts *o, struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->host = h;
	s->walks.host = h;
	s->o = *o;
	*ret = s;
	return 0;
}

struct session *session_free(struct session *s)
{
	if (!s)
		return NULL;
	walks_done(&s->walks);
	(void)session_free(s->of_peers);
	(void)sampler_free(s->sampler);
	text_done(&s->time);
	free(s);
	return NULL;
}

void session_tell_time(struct session *s, uint64_t at_us)
{
	s->at_us = at_us;
}

void session_want_threads(struct session *s, bool want)
{
	s->o.want_threads = want;
}

static void run_done(struct run *r)
{
	(void)context_free(r->in.context);
	(void)peers_free(r->peers);
	intake_done(&r->in);
	free(r->answered);
	(void)places_free(r->places);
	(void)unbound_free(r->unbound);
	host_end(r->s->host);
}

static enum procs_way way_to_owners(const struct session *s)
{
	if (s->o.source == SOURCE_PROC || s->o.has_no_bpf)
		return PROCS_PROC;
	return s->o.source == SOURCE_BPF ? PROCS_BPF : PROCS_AUTO;
}

/* Looks at the machine as it is now, and sets the agenda. Nothing is asked of its sockets. */
static int set_agenda(struct run *r, const struct sink *sink, struct err *e)
{
	struct session *s = r->s;
	const struct walks_kind kind = { .fields = r->plan->fields,
					 .is_forced = s->o.source == SOURCE_BPF,
					 .is_everywhere = s->o.is_everywhere };
	int k = 0;

	host_begin(s->host, r->notes);
	if (s->o.is_everywhere)
		k = host_places(s->host, way_to_owners(s), r->notes, &r->places, e);
	if (k < 0)
		return k;
	if (r->places && !(r->answered = calloc(r->places->n, sizeof(*r->answered))))
		return err_sys(e, -ENOMEM, "network namespaces");
	if (s->o.see)
		s->o.see(s->see_ctx, s->host, r->places);
	walks_begin(&s->walks, &kind, r->places, r->answered);
	r->agenda = (struct agenda){ .plan = r->plan,
				     .facts = facts_unknown(),
				     .choose = { .wanted = s->o.source,
						 .is_loaded = s->walks.tcp,
						 .is_udp_loaded = s->walks.udp,
						 .is_kill = s->o.killer,
						 .is_count = count_is_possible(r->plan, sink) },
				     .places = r->places ? r->places->v : NULL,
				     .n_places = r->places ? r->places->n : 0,
				     .answered = r->answered,
				     .notes = r->notes,
				     .is_remembered = !s->host->is_live };
	if (agenda_needs_facts(r->plan))
		r->agenda.facts = host_facts(s->host, r->places);
	r->agenda.facts.kernel = s->host->kernel;
	r->agenda.facts.has_bpf &= !s->o.has_no_bpf;
	return 0;
}

static struct seg_sample sample_of(struct session *session, const struct fieldset *set)
{
	struct host *h = session->host;
	uint64_t at_us = session->at_us ? session->at_us : host_now_us(h);
	struct seg_sample s = {};

	if (!fieldset_has_sample(set))
		return s;
	session->time.len = 0;
	text_time(&session->time, at_us);
	if (at_us && !session->time.failed)
		s.time = sv_n(session->time.p, session->time.len);
	s.host = host_about(h, HOST_NAME);
	s.boot = host_about(h, HOST_BOOT);
	s.monotonic_us = host_monotonic_us(h);
	return s;
}

static int make_context(struct run *r)
{
	struct session *s = r->s;
	const struct context_opts co = { .host = s->host,
					 .sampler = s->sampler,
					 .rates_of = s->o.rates_of,
					 .sample = sample_of(s, &r->plan->fields),
					 .notes = r->notes,
					 .is_everywhere = r->places,
					 .peers = r->peers,
					 .want_threads = s->o.want_threads,
					 .has_no_owners = s->o.has_no_owners,
					 .owners_way = way_to_owners(s) };
	int k = context_new(&co, &r->in.context);

	/* A recording does not say where it was made. */
	if (k >= 0 && ((!s->host->is_live && !s->host->is_past) || r->plan->o->is_tcp_recorded))
		context_visit(r->in.context, 0);
	if (k >= 0 && !r->plan->o->is_tcp_recorded && !(r->plan->o->text_tables >> TABLE_TCP & 1))
		k = context_list_listeners(r->in.context, r->places, &r->plan->fields);
	return k;
}

/* Whether owners are needed for certain, and there is so much to list that they are better read meanwhile. */
static bool is_owner_sure(const struct run *r)
{
	const struct plan *p = r->plan;

	if (!r->s->host->is_live || p->o->filter ||
	    (!fieldset_has_owners(&p->fields) && !fieldset_has_peer_owners(&p->fields)))
		return false;
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind == STEP_KERNEL && p->steps[i].dump.origin.protocol == IPPROTO_TCP)
			return r->agenda.facts.n_tcp >= OWNERS_AHEAD_FROM;
	return false;
}

/* Does what needs no owners before the first row, which waits for them. */
static void prepare_walks(struct run *r)
{
	struct choice by;

	for (size_t i = 0; i < r->plan->n_steps; i++) {
		agenda_choose(&r->agenda, NULL, &r->plan->steps[i], &by);
		if (by.source == SOURCE_BPF)
			walks_prepare(&r->s->walks, &r->plan->steps[i], r->agenda.facts.n_tcp);
	}
}

/* The walk was asked for, and this program has none. */
static void note_no_programs(struct run *r)
{
	if (r->s->host->is_live && r->s->o.source == SOURCE_BPF && agenda_needs_facts(r->plan) &&
	    !r->agenda.facts.has_bpf)
		notes_add(r->notes, NOTE_WARNING,
			  "no walk by BPF: built without BPF programs; the answer is that of netlink");
}

/* Nothing depends on the processes that are not there, but they are asked for. Who calls the library knows.
 */
static void note_recorded(struct run *r)
{
	const struct plan *p = r->plan;

	if (p->o->is_tcp_recorded && p->o->select.tables >> TABLE_TCP & 1 && r->s->host->is_live &&
	    !r->s->o.has_no_owners && fieldset_has_owners(&p->fields))
		notes_add(r->notes, NOTE_WARNING,
			  "tcp sockets: a recording does not tell which processes held them");
}

/* A run of its own before the one of @arg, in a session that stays for the next. */
static int list_for_peers(void *arg, const struct peers_ask *ask, struct notes *notes, struct err *e)
{
	struct session *s = arg;
	const struct session_opts so = { .source = s->o.source,
					 .is_everywhere = ask->is_everywhere,
					 .is_kernel_only = s->o.is_kernel_only,
					 .has_no_owners = true,
					 .has_no_bpf = s->o.has_no_bpf,
					 .see = ask->see };
	int r = s->of_peers ? 0 : session_new(s->host, &so, &s->of_peers);

	if (r < 0)
		return r;
	s->of_peers->see_ctx = ask->ctx;
	return session_run(s->of_peers, ask->plan, ask->sink, notes, e);
}

static bool take_unbound(void *ctx, const struct nlmsghdr *nlh)
{
	static const struct step step = { .dump = { .family = &family_unbound,
						    .origin = { .table = TABLE_UNBOUND } } };
	struct run *r = ctx;

	intake_take(&r->in, &step, nlh);
	return !r->in.is_over;
}

/* What is in no table, behind all that is in one. */
static int list_unbound(struct run *r)
{
	const struct unbound_to to = { .host = r->s->host,
				       .context = r->in.context,
				       .notes = r->notes,
				       .is_alone = r->plan->o->is_unbound_only,
				       .lacks_bound = agenda_lacks_bound(&r->agenda),
				       .take = take_unbound,
				       .ctx = r };

	r->in.unbound = NULL;
	context_visit(r->in.context, 0);
	intake_next_answer(&r->in);
	return r->in.is_over ? 0 : unbound_find(r->unbound, &to);
}

/* A machine of the past may have been started anew from one run to the next: its counters too. */
static void forget_other_boot(struct session *s)
{
	uint64_t boot = s->host->is_past ? hash_bytes(host_about(s->host, HOST_BOOT)) : 0;

	if (boot != s->boot)
		s->sampler = sampler_free(s->sampler);
	s->boot = boot;
}

/* What is found before the first question: counters of the run before, and the other ends. */
static int look_ahead(struct run *r, struct err *e)
{
	const struct fieldset *asked = &r->plan->fields;
	struct session *s = r->s;
	uint64_t now_us = host_monotonic_us(s->host);
	int k = home_check(e);

	if (k < 0)
		return k;
	if (fieldset_has_rates(asked))
		forget_other_boot(s);
	if (fieldset_has_rates(asked))
		k = sampler_begin(&s->sampler, asked, now_us ? (int64_t)now_us : clock_monotonic_us());
	if (k >= 0 && fieldset_has_peers(asked))
		k = peers_new(s->host, r->plan, list_for_peers, s, &r->peers, e);
	return k;
}

int session_run(struct session *s, const struct plan *p, struct sink *sink, struct notes *notes,
		struct err *e)
{
	struct run r = { .s = s,
			 .plan = p,
			 .notes = notes,
			 .in = { .plan = p, .sink = sink, .notes = notes, .killer = s->o.killer } };
	struct err of_table; /* a note: it is not why the whole fails */
	int k = sink_begin(sink, s->at_us), error = 0;

	if (k < 0)
		return k;
	k = look_ahead(&r, e);
	if (k >= 0)
		k = set_agenda(&r, sink, e);
	if (k >= 0 && (k = make_context(&r)) == -ENOTRECOVERABLE)
		(void)home_check(e);
	if (k >= 0 && p->o->select.tables >> TABLE_UNBOUND & 1 &&
	    (s->host->is_live || s->host->ops->next_unbound))
		k = (r.unbound = unbound_new()) ? 0 : err_sys(e, -ENOMEM, "sockets in no table");
	if (k >= 0) {
		r.unlisted.places = r.places;
		r.in.unlisted = r.places ? &r.unlisted : NULL;
		intake_init(&r.in, s->host);
		r.in.unbound = r.unbound;
		note_no_programs(&r);
		r.in.is_over = s->o.killer && killer_is_over(s->o.killer);
		if (is_owner_sure(&r)) {
			context_begin_owners(r.in.context);
			prepare_walks(&r);
		}
		run_agenda(&r, &of_table);
		error = r.unbound ? list_unbound(&r) : 0;
		unlisted_report(&r.unlisted, notes);
		context_tell_unread(r.in.context);
		if (s->watcher && s->watcher->ending)
			s->watcher->ending(s->see_ctx, &r);
		k = sink->ops->end(sink);
		s->unseen = unseen_report(&r.in.unseen, r.in.context, s->o.killer, notes);
		if (!(s->unseen >> UNSEEN_OWNERS & 1))
			note_recorded(&r);
		error = error ? error : context_error(r.in.context);
	}
	run_done(&r);
	return k < 0 ? k : error;
}

static enum explain_owners outlook_of_owners(const struct session *s, bool *ret_is_free)
{
	*ret_is_free = s->o.source != SOURCE_PROC && s->o.source != SOURCE_BPF && !s->host->files.root;
	if (!s->host->is_live)
		return OWNERS_OF_RECORDING;
	if (*ret_is_free)
		return host_has_many_files(s->host) ? OWNERS_BY_BPF : OWNERS_FROM_PROC;
	return s->o.source == SOURCE_BPF && !s->host->files.root ? OWNERS_BY_BPF : OWNERS_FROM_PROC;
}

int session_explain(struct session *s, const struct plan *p, const struct sink *sink, struct text *ret,
		    struct notes *notes, struct err *e)
{
	struct run r = { .s = s, .plan = p, .notes = notes };
	struct explain_opts o = { .is_retained = sink->is_retained, .has_peers = s->host->is_live };
	int k = set_agenda(&r, sink, e);

	if (k >= 0) {
		o.n_sharing = r.places ? r.places->n_sharing : 0;
		o.owners = outlook_of_owners(s, &o.is_owners_free);
		explain(&r.agenda, &o, ret);
	}
	run_done(&r);
	return k;
}
