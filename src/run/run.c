/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/run.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "nl/home.h"
#include "run/count.h"
#include "run/poorer.h"

enum {
	ATTEMPTS = 3,
	KILL_PASSES = 32,
	EARLY_FROM = 20000 /* TCP sockets of the whole host, which the kernel passes */
};

static int read_recording(struct run *r, const struct question *q, struct err *e)
{
	struct step recorded = q->step;
	struct source *src = NULL;
	size_t n_rows;
	int k = host_open_recording(r->s->host, &src, e);

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
	int64_t n = host_protocol_sockets(r->s->host, "XDP");

	if (n > (int64_t)n_rows)
		notes_add(r->notes, NOTE_WARNING,
			  "xdp sockets: there are %lld, but the kernel listed %zu: it stops at one whose "
			  "device "
			  "is gone",
			  (long long)n, n_rows);
}

/* Has BPF count. Returns whether that answers @q. */
static bool ask_counts(struct run *r, const struct question *q)
{
	struct err why;
	int k;

	if (q->by.source != SOURCE_BPF_COUNTS || !r->agenda.choose.is_count)
		return false;
	if (r->has_counted)
		return true;
	k = count_sockets(&(const struct count_opts){ .plan = r->plan,
						      .step = &q->step,
						      .n_tcp = r->agenda.facts.n_tcp,
						      .max_groups = r->s->o.max_groups,
						      .kept = &r->s->walks.count,
						      .context = r->in.context,
						      .unlisted = r->places ? &r->unlisted : NULL },
			  r->in.sink, &why);
	r->has_counted = k >= 0;
	r->agenda.choose.is_count = k >= 0;
	r->in.is_over |= k > 0;
	if (k < 0 && r->s->o.source == SOURCE_BPF)
		notes_add(r->notes, NOTE_WARNING, "counted row by row: %s", why.text);
	return r->has_counted;
}

/* Asks BPF. Returns 1 when it answered, 0 when netlink is to be asked, or a negative errno. */
static int ask_bpf(struct run *r, const struct question *q, const struct step *s, size_t *ret_rows,
		   struct err *e)
{
	struct walks *w = &r->s->walks;
	struct source *src = NULL;
	struct choice by;
	struct err why;
	int k;

	/* It may have turned out meanwhile that counting, or the filter in the kernel, is not to be had. */
	agenda_choose(&r->agenda, q->place, s, &by);
	if (by.source != SOURCE_BPF)
		return 0;
	k = walks_open(w, s, r->agenda.facts.n_tcp, &src, &why);
	if (k < 0 && (r->s->o.source == SOURCE_BPF || refusal_of(k, &s->dump, false) == REFUSAL_LOST))
		return err_say(e, k, "no walk by BPF: %s", why.text);
	if (k < 0)
		return 0;
	k = run_drain(r, s, src, ret_rows, e);
	(void)source_close(src);
	if (k >= 0 && walks_doubt(w, s))
		notes_add(r->notes, NOTE_WARNING,
			  "%s sockets: some may be missing, or shown and not there: %s", step_table(s),
			  walks_doubt(w, s));
	return k < 0 ? k : 1;
}

/* Whether a walk at home may answer @q as well. */
static bool is_for_walk(const struct run *r, const struct question *q)
{
	struct choice at_home;

	if (!place_is_elsewhere(q->place) || !q->place->shares_table || r->s->walks.tcp_failed)
		return false;
	agenda_choose(&r->agenda, r->agenda.places, &q->step, &at_home);
	return at_home.source != SOURCE_NETLINK;
}

/* Asks the next questions for which the kernel passes many sockets, so that all cores do. */
static void ask_early(struct run *r, size_t turn)
{
	struct question q;
	bool has_room = r->plan->o->select.tables >> TABLE_TCP & 1 && !r->s->o.killer &&
			!agenda_is_first(&r->agenda, turn) && r->agenda.facts.n_host >= EARLY_FROM;

	for (turn++; has_room && turn < agenda_end(&r->agenda); turn++) {
		struct host_ask ask;

		if (!agenda_at(&r->agenda, turn, &q) || q.step.kind != STEP_KERNEL ||
		    q.step.dump.origin.table != TABLE_TCP || q.step.dump.states == STATE(K_TCP_LISTEN) ||
		    q.by.source != SOURCE_NETLINK || is_for_walk(r, &q))
			continue;
		q.step.dump.ask |= r->in.sink->also_ask;
		ask = run_ask(r, &q, &q.step.dump);
		has_room = host_ask_early(r->s->host, &ask);
	}
}

static int ask(struct run *r, const struct question *q, const struct step *s, size_t *ret_rows, struct err *e)
{
	const struct host_ask ask = run_ask(r, q, &s->dump);
	struct source *src = NULL;
	int k;

	*ret_rows = 0;
	r->is_asked = false;
	intake_next_answer(&r->in);
	if (ask_counts(r, q)) {
		agenda_counted(&r->agenda, q);
		return 0;
	}
	k = ask_bpf(r, q, s, ret_rows, e);
	r->is_shared = k > 0;
	if (k || (s->is_bound_inactive && !agenda_wants_bound(&r->agenda)))
		return k;
	k = host_open(r->s->host, &ask, &src, e);
	r->is_asked = r->s->host->is_asked;
	if (k < 0)
		return k;
	ask_early(r, q->turn);
	k = run_drain(r, s, src, ret_rows, e);
	if (src->is_interrupted)
		notes_add(r->notes, NOTE_WARNING,
			  "%s sockets changed while they were listed: some may be missing or shown twice",
			  step_table(s));
	(void)source_close(src);
	if (k >= 0 && s->dump.af == K_AF_XDP && r->s->host->is_live && !place_is_elsewhere(q->place))
		check_xdp(r, *ret_rows);
	return k;
}

/* Asks, in the way that this kernel and these privileges allow. */
static int ask_somehow(struct run *r, const struct question *q, struct err *e)
{
	enum refusal why = REFUSAL_OTHER;
	struct step t = q->step;
	size_t n_rows;
	int k = 0;

	if (t.dump.origin.table == TABLE_TCP)
		t.dump.ask |= r->in.sink->also_ask;
	for (int i = 0; i < ATTEMPTS; i++) {
		t.dump.origin.kernel = r->s->host->kernel;
		t.dump.origin.is_filtered = t.kind == STEP_KERNEL && t.dump.bytecode && !r->s->host->is_past;
		k = ask(r, q, &t, &n_rows, e);
		if (k >= 0)
			return 0;
		if (n_rows)
			return err_context(e, k, "after %zu rows", n_rows);
		why = refusal_of(k, &t.dump, r->is_asked);
		switch (why) {
		case REFUSAL_STORAGE:
			notes_add(r->notes, NOTE_WARNING, "BPF storage is not shown: %s", e->text);
			t.dump.ask &= ~ASK_STORAGE;
			break;
		case REFUSAL_FILTER: t.dump.bytecode = NULL; break; /* every row is looked at here anyway */
		case REFUSAL_BUSY: break;
		case REFUSAL_TABLE:
		case REFUSAL_LOST:
		case REFUSAL_OTHER: return poorer_ask(r, q, k, why, e);
		}
	}
	return poorer_ask(r, q, k, why, e);
}

/*
 * The kernel goes on with a dump by counting from the head of a hash chain, so
 * whoever takes sockets off the chain meanwhile hides as many others. What was
 * hidden comes up when it is asked again.
 */
static int ask_and_kill(struct run *r, const struct question *q, struct err *e)
{
	struct killer *killer = r->s->o.killer;
	size_t before;
	int k, i = 0;

	if (killer_choose_begin(killer)) {
		(void)ask_somehow(r, q, e); /* what fails now fails again */
		killer_choose_end(killer);
		r->in.is_over = killer_is_over(killer);
		if (r->in.is_over)
			return 0;
		r->in.unseen.is_again = true;
	}
	do {
		before = killer_progress(killer);
		k = ask_somehow(r, q, e);
		r->in.unseen.is_again = true;
	} while (k >= 0 && !r->in.is_over && killer_progress(killer) > before && ++i < KILL_PASSES);
	r->in.unseen.is_again = false;
	return k;
}

static int answer(struct run *r, const struct question *q, struct err *e)
{
	switch (q->step.kind) {
	case STEP_FILE: return read_recording(r, q, e);
	case STEP_PROC: return poorer_read_alone(r, q, e);
	case STEP_KERNEL: break;
	}
	return r->s->o.killer ? ask_and_kill(r, q, e) : ask_somehow(r, q, e);
}

/* What an error was about. */
static void note_failed(struct run *r, const struct question *q, const struct err *e)
{
	if (q->place)
		notes_add(r->notes, NOTE_ERROR, "%s sockets in network namespace %s: %s",
			  step_table(&q->step), q->place->name, e->text);
	else
		notes_add(r->notes, NOTE_ERROR, "%s sockets: %s", step_table(&q->step), e->text);
}

void run_agenda(struct run *r, struct err *e)
{
	const struct place *at = NULL;
	struct question q;

	while (!r->in.is_over && agenda_next(&r->agenda, &q)) {
		int k;

		if (q.place && q.place != at)
			context_visit(r->in.context, q.place->ino);
		at = q.place;
		r->is_shared = false;
		r->refused = 0;
		k = answer(r, &q, e);
		if (k >= 0) /* interfaces may have been asked for their names elsewhere */
			k = home_check(e);
		if (r->s->watcher && r->s->watcher->answered)
			r->s->watcher->answered(r->s->see_ctx, r, &q, k, e);
		if (k >= 0 && r->is_shared)
			agenda_answered(&r->agenda, &q);
		if (k < 0)
			note_failed(r, &q, e);
		/* Where we are is not where we think. */
		r->in.is_over |= refusal_of(k, &q.step.dump, false) == REFUSAL_LOST;
		r->agenda.choose.is_loaded = r->s->walks.tcp;
		r->agenda.choose.is_udp_loaded = r->s->walks.udp;
	}
}
