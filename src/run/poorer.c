/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/poorer.h"

#include <errno.h>
#include <sys/socket.h>

static const char without_bound[] = "does not have those that are bound but neither listen nor connect";

static bool has_bound(const struct step *s)
{
	return s->dump.origin.table == TABLE_TCP && s->dump.states & STATE(K_TCP_BOUND_INACTIVE);
}

/* What the answer to @s is not one without, and /proc/net does not tell; F_MAX when there is no such field.
 */
static enum field_id find_untold(const struct run *r, const struct step *s)
{
	enum field_id f = 0;

	while (f < F_MAX && (!fieldset_has(&r->plan->needed, f) || proc_tells(&s->dump, f)))
		f++;
	return f;
}

static int read_text(struct run *r, const struct question *q, size_t *ret_rows, struct err *e)
{
	struct step p = q->step;
	const struct host_ask ask = run_ask(r, q, &p.dump);
	struct source *src = NULL;
	int k;

	*ret_rows = 0;
	p.dump.origin.is_proc = 1;
	k = host_open_text(r->s->host, &ask, &src, e);
	if (k < 0)
		return k;
	k = run_drain(r, &p, src, ret_rows, e);
	if (src->n_skipped)
		notes_add(r->notes, NOTE_ERROR,
			  "%s sockets: %llu lines under /proc/net made no sense and were left out",
			  step_table(&p), (unsigned long long)src->n_skipped);
	(void)source_close(src);
	return k;
}

/* Whether every kernel has a file for @s: IPv6, packet and UDP-Lite sockets it may lack, others of IPv4 not.
 */
static bool has_file(const struct step *s)
{
	return s->dump.af == AF_INET && s->dump.origin.table != TABLE_UDPLITE;
}

int poorer_read_alone(struct run *r, const struct question *q, struct err *e)
{
	const struct step *s = &q->step;
	enum field_id untold = find_untold(r, s);
	size_t n_rows;
	int k;

	if (s->dump.origin.table == TABLE_ICMP && r->s->o.is_kernel_only && !r->s->o.killer)
		return err_say(e, -EOPNOTSUPP, "sock_diag does not know them, on any kernel");
	k = read_text(r, q, &n_rows, e);
	if (n_rows && untold < F_MAX)
		notes_add(r->notes, NOTE_ERROR, "%s sockets: /proc/net does not tell %s", step_table(s),
			  fields[untold].name);
	if (k >= 0 && has_bound(s) && r->plan->o->select.wants_bound)
		notes_add(r->notes, NOTE_ERROR, "%s sockets: /proc/net %s", step_table(s), without_bound);
	return k == -ENODATA && !has_file(s) ? 0 : k;
}

/* Whether /proc/net shows a socket that @q asks for. */
static bool is_in_text(struct run *r, const struct question *q)
{
	const struct host_ask ask = run_ask(r, q, &q->step.dump);
	const struct nlmsghdr *nlh;
	struct source *src = NULL;
	struct err e;
	bool is_there = host_open_text(r->s->host, &ask, &src, &e) >= 0 && source_next(src, &nlh, &e) > 0;

	(void)source_close(src);
	return is_there;
}

/* Without sock_diag there may be TCP, UDP and raw sockets all the same; of others there are probably none. */
static int no_answer(struct run *r, const struct question *q, int k, enum refusal what)
{
	bool is_kill = r->s->o.killer;
	enum note kind = NOTE_HINT;

	if (what != REFUSAL_TABLE)
		return k;
	switch (q->step.dump.origin.table) {
	case TABLE_TCP: kind = NOTE_ERROR; break;
	case TABLE_UDP:
	case TABLE_RAW: kind = is_kill ? NOTE_WARNING : NOTE_HINT; break;
	default: break;
	}
	if (!is_kill && is_in_text(r, q))
		kind = NOTE_ERROR;
	notes_add(r->notes, kind, "%s sockets: this kernel has no sock_diag for them, which this needs",
		  step_table(&q->step));
	return 0;
}

/* Nothing but sock_diag has bound-inactive sockets. Where it lacks TCP, only who asked for them misses them.
 */
static int no_bound(const struct run *r, const struct step *s, int k, enum refusal what, struct err *e)
{
	const struct host *h = r->s->host;
	bool is_missed = r->plan->o->select.wants_bound && s->dump.origin.table == TABLE_TCP &&
			 (h->is_live || h->is_past);

	if (r->is_tcp_less)
		return 0;
	if (what != REFUSAL_TABLE)
		return k;
	if (is_missed && h->is_past)
		return k;
	return is_missed ? err_say(e, k, "this kernel has no sock_diag for them") : 0;
}

/* Text was read for @s instead, and had @n_rows: what that means for the answer. */
static void note_poorer(struct run *r, const struct step *s, bool is_missed, size_t n_rows, const char *why)
{
	bool wants_bound = r->plan->o->select.wants_bound || !is_missed;
	enum field_id untold = n_rows ? find_untold(r, s) : F_MAX;
	const char *reason = is_missed ? "this kernel has no sock_diag for them" : why, *lack;
	enum note kind = is_missed ? NOTE_HINT : NOTE_WARNING;

	if (untold < F_MAX) {
		notes_add(r->notes, NOTE_ERROR, "%s sockets: %s; /proc/net, read instead, does not tell %s",
			  step_table(s), reason, fields[untold].name);
		return;
	}
	lack = "tells less";
	if (wants_bound && has_bound(s)) {
		kind = NOTE_ERROR;
		lack = without_bound;
		r->is_tcp_less = true;
	}
	notes_add(r->notes, kind, "%s sockets: %s; /proc/net, read instead, %s", step_table(s), reason, lack);
}

int poorer_ask(struct run *r, const struct question *q, int k, enum refusal what, struct err *e)
{
	const bool is_missed = what == REFUSAL_TABLE;
	const struct step *s = &q->step;
	struct err why = *e, poorer;
	struct choice by;
	size_t n_rows;
	int p;

	if (what == REFUSAL_LOST)
		return k;
	r->refused = k;
	r->refusal = what;
	r->refused_why = *e;
	agenda_choose(&r->agenda, q->place, s, &by);
	if (r->s->o.source == SOURCE_BPF && by.source == SOURCE_BPF)
		return k;
	if (s->is_bound_inactive)
		return no_bound(r, s, k, what, e);
	if (r->s->o.is_kernel_only)
		return no_answer(r, q, k, what);
	p = read_text(r, q, &n_rows, &poorer);
	if (p == -EOPNOTSUPP || (p == -ENODATA && !has_file(s))) /* no such file either */
		return is_missed ? 0 : k;
	if (p < 0)
		return err_say(e, p, "%s; %s", is_missed ? "this kernel has no sock_diag for them" : why.text,
			       poorer.text);
	note_poorer(r, s, is_missed, n_rows, why.text);
	return 0;
}
