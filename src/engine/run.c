/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "engine/run.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "engine/count.h"
#include "engine/poorer.h"
#include "engine/run-impl.h"
#include "source/file.h"
#include "source/live.h"
#include "source/proc_protocols.h"
#include "source/release.h"

enum {
	ATTEMPTS = 3,
	KILL_PASSES = 32,
	EARLY_FROM = 20000,        /* TCP sockets of the whole host, which the kernel passes */
	OWNERS_AHEAD_FROM = 20000, /* TCP sockets: listing them takes as long as reading who holds them */
};

int run_drain(struct run *r, const struct step *s, struct source *src, size_t *ret_rows, struct err *e)
{
	const struct nlmsghdr *nlh;
	int k = 0;

	*ret_rows = 0;
	while (!r->in.is_over && (k = source_next(src, &nlh, e)) > 0) {
		++*ret_rows;
		if (src->ready.len)
			context_foresee(r->in.context, &r->plan->fields, s->dump.family, src->ready);
		intake_take(&r->in, s, nlh);
	}
	return r->in.is_over ? 0 : k;
}

static int read_file(struct run *r, const struct step *s, struct err *e)
{
	struct step recorded = *s;
	struct source *src = NULL;
	size_t n_rows;
	int k = file_open(r->plan->o->tcp_file, &src, e);

	if (k < 0)
		return k;
	recorded.dump.origin.is_recorded = 1;
	k = run_drain(r, &recorded, src, &n_rows, e);
	(void)source_close(src);
	return k;
}

/*
 * An AF_XDP socket that has lost its device cannot be listed, and the kernel
 * takes that for a full buffer and stops: those after it are missing. Only
 * its count of them tells.
 */
static void check_xdp(struct run *r, size_t n_rows)
{
	int64_t n = proc_protocol_sockets(NULL, "XDP");

	if (n > (int64_t)n_rows)
		notes_add(r->notes, NOTE_WARNING,
			  "xdp sockets: there are %lld, but the kernel listed %zu: it stops at one whose "
			  "device "
			  "is gone",
			  (long long)n, n_rows);
}

/* Has BPF count. Returns whether that answers @s. */
static bool ask_counts(struct run *r, const struct step *s)
{
	struct err why;
	int k;

	if (agenda_source(&r->agenda, r->place, s) != SOURCE_BPF_COUNTS)
		return false;
	if (r->has_counted)
		return true;
	k = count_sockets(&(const struct count_opts){ .plan = r->plan,
						      .step = s,
						      .n_tcp = agenda_facts(&r->agenda)->n_tcp,
						      .max_groups = r->o->max_groups,
						      .context = r->in.context,
						      .everywhere = r->everywhere },
			  r->in.sink, &why);
	r->has_counted = k >= 0;
	r->agenda.cannot_count = k < 0;
	r->in.is_over |= k > 0;
	if (k < 0 && r->o->source == SOURCE_BPF)
		notes_add(r->notes, NOTE_WARNING, "counted row by row: %s", why.text);
	return r->has_counted;
}

/* Asks BPF. Returns 1 when it answered, 0 when netlink is to be asked, or a negative errno. */
static int ask_bpf(struct run *r, const struct step *s, size_t *ret_rows, struct err *e)
{
	struct source *src = NULL;
	struct err why;
	int k;

	if (agenda_source(&r->agenda, r->place, s) != SOURCE_BPF)
		return 0;
	k = walks_open(&r->walks, s, agenda_facts(&r->agenda)->n_tcp, &src, &why);
	if (k < 0 && (r->o->source == SOURCE_BPF || k == -ENOTRECOVERABLE))
		return err_say(e, k, "no walk by BPF: %s", why.text);
	if (k < 0)
		return 0;
	k = run_drain(r, s, src, ret_rows, e);
	(void)source_close(src);
	if (k >= 0 && walks_doubt(&r->walks, s))
		notes_add(r->notes, NOTE_WARNING,
			  "%s sockets: some may be missing, or shown and not there: %s", step_table(s),
			  walks_doubt(&r->walks, s));
	return k < 0 ? k : 1;
}

/* The answer of the kernel, or of what is in its place, to @s. */
static int open_answer(struct run *r, const struct step *s, struct source **ret, struct err *e)
{
	struct nl *nl = NULL;
	int k;

	r->is_asked = r->o->env;
	if (r->o->env)
		return r->o->env->open(r->o->env->ctx, &s->dump, ret, e);
	k = r->early ? early_take(r->early, r->turn, &nl, ret, e) : 0;
	if (k > 0) {
		(void)nl_close(r->nl);
		r->nl = nl;
	}
	r->is_asked = k > 0;
	if (k)
		return k < 0 ? k : 0;
	if (!r->nl)
		k = place_is_elsewhere(r->place) ? nl_open_in(r->place->ns->fd, NETLINK_SOCK_DIAG, &r->nl, e)
						 : nl_open(NETLINK_SOCK_DIAG, &r->nl, e);
	if (k >= 0)
		k = live_open(r->nl, &s->dump, ret, e);
	r->is_asked = k >= 0;
	return k;
}

/* Whether a walk at home may answer for @p as well. */
static bool is_for_walk(struct run *r, const struct place *p, const struct step *s)
{
	return place_is_elsewhere(p) && p->shares_table && !r->walks.tcp_failed &&
	       agenda_source(&r->agenda, r->everywhere->v, s) != SOURCE_NETLINK;
}

/* Asks the next questions for which the kernel passes many sockets, so that all cores do. */
static void ask_early(struct run *r)
{
	size_t n_steps = r->plan->n_steps, n_places = r->everywhere ? r->everywhere->n : 1;
	struct step s;

	for (size_t turn = r->turn + 1; turn < n_places * n_steps && early_has_room(r->early); turn++) {
		const struct place *p = r->everywhere ? &r->everywhere->v[turn / n_steps] : NULL;

		if (agenda_question(&r->agenda, p, turn % n_steps, &s) && s.kind == STEP_KERNEL &&
		    s.dump.origin.table == TABLE_TCP && s.dump.states != STATE(K_TCP_LISTEN) &&
		    agenda_source(&r->agenda, p, &s) == SOURCE_NETLINK && !is_for_walk(r, p, &s) &&
		    (!s.is_bound_inactive || agenda_wants_bound(&r->agenda)))
			early_ask(r->early, turn, place_is_elsewhere(p) ? p->ns->fd : -1, &s.dump);
	}
}

/*
 * One count was of all that is counted, whichever step came first, and home may have none of the others: so
 * all of them are done in the places whose sockets it saw.
 */
static void counted_everywhere(struct run *r, const struct step *s)
{
	const struct plan *p = r->plan;

	for (size_t i = 0; i < p->n_steps; i++) {
		if (agenda_source(&r->agenda, r->everywhere->v, &p->steps[i]) != SOURCE_BPF_COUNTS)
			continue;
		everywhere_counted(r->everywhere, p->steps[i].is_bound_inactive);
		everywhere_done(r->everywhere, i);
	}
	everywhere_counted(r->everywhere, s->is_bound_inactive);
}

static int ask(struct run *r, const struct step *s, size_t *ret_rows, struct err *e)
{
	struct source *src = NULL;
	int k;

	*ret_rows = 0;
	r->is_asked = false;
	intake_next_answer(&r->in);
	if (ask_counts(r, s)) {
		r->is_walked = true;
		if (r->everywhere)
			counted_everywhere(r, s);
		return 0;
	}
	k = ask_bpf(r, s, ret_rows, e);
	r->is_walked = k > 0;
	if (k || (s->is_bound_inactive && !agenda_wants_bound(&r->agenda)))
		return k;
	k = open_answer(r, s, &src, e);
	if (k < 0)
		return k;
	if (r->early)
		ask_early(r);
	k = run_drain(r, s, src, ret_rows, e);
	(void)source_close(src);
	if (r->nl && nl_is_interrupted(r->nl))
		notes_add(r->notes, NOTE_WARNING,
			  "%s sockets changed while they were listed: some may be missing or shown twice",
			  step_table(s));
	if (k >= 0 && s->dump.af == K_AF_XDP && !r->o->env && !place_is_elsewhere(r->place))
		check_xdp(r, *ret_rows);
	/* What the kernel still has to say must not be taken for another answer. */
	if (k < 0 || r->in.is_over)
		r->nl = nl_close(r->nl);
	return k;
}

/* Asks, in the way that this kernel and these privileges allow. */
static int ask_somehow(struct run *r, const struct step *s, struct err *e)
{
	struct step t = *s;
	size_t n_rows;
	int k = 0;

	for (int i = 0; i < ATTEMPTS; i++) {
		t.dump.origin.kernel = r->agenda.kernel;
		t.dump.origin.is_filtered = t.kind == STEP_KERNEL && t.dump.bytecode;
		k = ask(r, &t, &n_rows, e);
		if (k >= 0)
			return 0;
		if (n_rows)
			return err_context(e, k, "after %zu rows", n_rows);
		if (k == -EPERM && t.dump.ask & ASK_STORAGE) {
			notes_add(r->notes, NOTE_WARNING, "BPF storage is not shown: %s", e->text);
			t.dump.ask &= ~ASK_STORAGE;
			continue;
		}
		/* The program may need a newer kernel, or a privilege: every row is looked at here anyway. */
		if (t.dump.bytecode && (k == -EINVAL || k == -EPERM || k == -E2BIG))
			t.dump.bytecode = NULL;
		else if (k != -EBUSY && k != -ENOBUFS && k != -ENOMEM && k != -EAGAIN)
			break;
	}
	return poorer_answer(r, s, k, e);
}

/*
 * The kernel goes on with a dump by counting from the head of a hash chain, so
 * whoever takes sockets off the chain meanwhile hides as many others. What was
 * hidden comes up when it is asked again.
 */
static int ask_and_kill(struct run *r, const struct step *s, struct err *e)
{
	struct killer *killer = r->o->killer;
	size_t before;
	int k, i = 0;

	if (killer_choose_begin(killer)) {
		(void)ask_somehow(r, s, e); /* what fails now fails again */
		killer_choose_end(killer);
		r->in.is_over = killer_is_over(killer);
		if (r->in.is_over)
			return 0;
		r->in.unseen.is_again = true;
	}
	do {
		before = killer_progress(killer);
		k = ask_somehow(r, s, e);
		r->in.unseen.is_again = true;
	} while (k >= 0 && !r->in.is_over && killer_progress(killer) > before && ++i < KILL_PASSES);
	r->in.unseen.is_again = false;
	return k;
}

static int one_step(struct run *r, const struct step *s, struct err *e)
{
	switch (s->kind) {
	case STEP_FILE: return read_file(r, s, e);
	case STEP_PROC: return poorer_read(r, s, e);
	case STEP_KERNEL: break;
	}
	return r->o->killer ? ask_and_kill(r, s, e) : ask_somehow(r, s, e);
}

/* Whether owners are needed for certain, and there is so much to list that they are better read meanwhile. */
static bool is_owner_sure(struct run *r)
{
	const struct plan *p = r->plan;

	if (r->o->env || p->o->filter || !context_has_owners(&p->fields))
		return false;
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind == STEP_KERNEL && p->steps[i].dump.origin.protocol == IPPROTO_TCP)
			return agenda_facts(&r->agenda)->n_tcp >= OWNERS_AHEAD_FROM;
	return false;
}

/* Does what needs no owners before the first row, which waits for them. */
static void prepare_walks(struct run *r)
{
	for (size_t i = 0; i < r->plan->n_steps; i++)
		if (agenda_source(&r->agenda, r->place, &r->plan->steps[i]) == SOURCE_BPF)
			walks_prepare(&r->walks, &r->plan->steps[i], agenda_facts(&r->agenda)->n_tcp);
}

/* The walk was asked for, and this program has none. */
static void note_no_programs(struct run *r)
{
	if (r->o->env || r->o->source != SOURCE_BPF || agenda_facts(&r->agenda)->is_built)
		return;
	for (size_t i = 0; i < r->plan->n_steps; i++)
		if (r->plan->steps[i].kind == STEP_KERNEL &&
		    (r->plan->steps[i].dump.origin.protocol == IPPROTO_TCP ||
		     r->plan->steps[i].dump.origin.protocol == IPPROTO_UDP))
			notes_add(
				r->notes, NOTE_WARNING,
				"no walk by BPF: built without BPF programs; the answer is that of netlink");
}

/* Nothing depends on the processes that are not there, but they are asked for. Who calls the library knows.
 */
static void note_recorded(struct run *r)
{
	const struct plan *p = r->plan;

	if (p->o->tcp_file && p->o->select.tables >> TABLE_TCP & 1 && !r->o->env &&
	    context_has_owners(&p->fields))
		notes_add(r->notes, NOTE_WARNING,
			  "tcp sockets: a recording does not tell which processes held them");
}

/* What an error was about. */
static void note_failed(struct run *r, const struct step *s, const struct err *e)
{
	if (r->everywhere)
		notes_add(r->notes, NOTE_ERROR, "%s sockets in network namespace %s: %s", step_table(s),
			  r->place->ns->name, e->text);
	else
		notes_add(r->notes, NOTE_ERROR, "%s sockets: %s", step_table(s), e->text);
}

static void all_steps(struct run *r, struct err *e)
{
	const struct plan *p = r->plan;
	struct step s;

	for (size_t i = 0; i < p->n_steps && !r->in.is_over; i++, r->turn++) {
		int k;

		if (!agenda_question(&r->agenda, r->place, i, &s))
			continue;
		k = one_step(r, &s, e);
		if (k >= 0 && r->is_walked && r->everywhere)
			everywhere_done(r->everywhere, i);
		if (k < 0)
			note_failed(r, &s, e);
		/* Where we are is not where we think. */
		r->in.is_over |= k == -ENOTRECOVERABLE;
	}
}

static void all_places(struct run *r, struct err *e)
{
	for (size_t i = 0; i < r->everywhere->n && !r->in.is_over; i++) {
		r->place = &r->everywhere->v[i];
		r->nl = nl_close(r->nl);
		context_visit(r->in.context, r->place->ns->ino);
		all_steps(r, e);
	}
}

static int prepare(struct run *r)
{
	const struct plan *p = r->plan;
	const struct run_opts *o = r->o;
	const struct context_opts co = { .names = o->names,
					 .notes = r->notes,
					 .proc_root = o->proc_root,
					 .is_everywhere = o->everywhere,
					 .want_threads = o->want_threads,
					 .owners_way = choose_owners(o->source),
					 .owners = o->env ? o->env->owners : NULL,
					 .ctx = o->env ? o->env->ctx : NULL };
	int k = context_new(&co, &r->in.context);

	if (k < 0)
		return k;
	if (o->env || p->o->tcp_file)
		context_visit(r->in.context, 0); /* a recording does not say where it was made */
	intake_init(&r->in);
	note_no_programs(r);
	if (!o->env && !o->killer && p->o->select.tables >> TABLE_TCP & 1 &&
	    agenda_facts(&r->agenda)->n_host >= EARLY_FROM)
		r->early = early_new();
	if (is_owner_sure(r)) {
		context_begin_owners(r->in.context);
		prepare_walks(r);
	}
	return 0;
}

int run_plan(const struct plan *p, const struct run_opts *o, struct sink *sink, struct notes *notes,
	     struct err *e)
{
	struct run r = {
		.plan = p,
		.o = o,
		.notes = notes,
		.in = { .plan = p,
			.sink = sink,
			.notes = notes,
			.killer = o->killer,
			.everywhere = o->everywhere },
		.everywhere = o->everywhere,
		.walks = { .plan = p, .is_forced = o->source == SOURCE_BPF, .everywhere = o->everywhere },
		.agenda = { .plan = p,
			    .o = o,
			    .sink = sink,
			    .notes = notes,
			    .walks = &r.walks,
			    .kernel = o->env ? 0 : release_running() },
	};
	int k = prepare(&r), error;

	if (k < 0)
		return k;
	r.in.is_over = o->killer && killer_is_over(o->killer);
	if (r.everywhere)
		all_places(&r, e);
	else
		all_steps(&r, e);
	if (r.everywhere)
		everywhere_report(r.everywhere, notes);
	k = sink->ops->end(sink);
	if (!(unseen_report(&r.in.unseen, r.in.context, o->killer, notes) >> UNSEEN_OWNERS & 1))
		note_recorded(&r);
	error = context_error(r.in.context);
	(void)early_free(r.early);
	walks_done(&r.walks);
	(void)nl_close(r.nl);
	(void)context_free(r.in.context);
	intake_done(&r.in);
	return k < 0 ? k : error;
}
