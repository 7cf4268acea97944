/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "plan/agenda.h"

#include <netinet/in.h>

enum { STEPS_REMEMBERED = 64 }; /* a step behind these is asked in every place */

bool agenda_needs_facts(const struct plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		uint16_t protocol = p->steps[i].dump.origin.protocol;

		if (p->steps[i].kind == STEP_KERNEL && (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP))
			return true;
	}
	return false;
}

/* BPF programs run at home, and nobody else is there to ask about what a recording has. */
void agenda_choose(const struct agenda *a, const struct place *p, const struct step *s, struct choice *ret)
{
	if (a->is_remembered)
		*ret = (struct choice){ SOURCE_NETLINK, "a recording" };
	else if (s->kind == STEP_KERNEL && place_is_elsewhere(p))
		*ret = (struct choice){ SOURCE_NETLINK, "another network namespace" };
	else
		choose(s, &a->choose, &a->facts, ret);
}

static bool find_bound_cheap(struct agenda *a)
{
	if (a->is_remembered || choose_bound_is_cheap(a->plan, &a->facts))
		return true;
	if (!kernel_lists_bound(a->facts.kernel))
		return false;
	if (a->facts.n_inuse >= TCP_BOUND_CHEAP)
		notes_add(a->notes, NOTE_WARNING,
			  "sockets that are bound but neither listen nor connect are left out: with %lld TCP "
			  "sockets, looking for them would hold up new connections (\"state bound-inactive\" "
			  "or -B does it all the same)",
			  (long long)a->facts.n_inuse);
	else
		notes_add(a->notes, NOTE_WARNING,
			  "sockets that are bound but neither listen nor connect are left out: to look for "
			  "them, the kernel would pass, under locks, the %lld TCP sockets of the whole host "
			  "(\"state bound-inactive\" or -B does it all the same)",
			  (long long)a->facts.n_host);
	return false;
}

bool agenda_wants_bound(struct agenda *a)
{
	if (a->bound == BOUND_UNKNOWN)
		a->bound = find_bound_cheap(a) ? BOUND_IS_CHEAP : BOUND_IS_DEAR;
	return a->bound == BOUND_IS_CHEAP;
}

bool agenda_lacks_bound(const struct agenda *a)
{
	return a->bound == BOUND_IS_DEAR || !kernel_lists_bound(a->facts.kernel);
}

/* Whether @p has none of what step @i asks for, or that was answered already. */
static bool is_needless(const struct agenda *a, const struct place *p, size_t i)
{
	const struct step *s = &a->plan->steps[i];

	if (!p || s->kind != STEP_KERNEL)
		return false;
	if (i < STEPS_REMEMBERED && a->answered[p - a->places].steps >> i & 1)
		return true;
	return s->dump.origin.protocol == IPPROTO_TCP && !s->is_bound_inactive && !p->n_tcp;
}

/* Whether step @i and the next are one question. */
static bool is_joined(struct agenda *a, const struct place *p, size_t i)
{
	struct choose_opts o = a->choose;

	if (place_is_elsewhere(p))
		o.wanted = SOURCE_NETLINK;
	return a->plan->steps[i].is_bound_inactive && !a->is_remembered && !o.is_kill &&
	       choose_can_join(a->plan, i, &o, &a->facts) && !is_needless(a, p, i) &&
	       !is_needless(a, p, i + 1) && agenda_wants_bound(a);
}

size_t agenda_end(const struct agenda *a)
{
	return a->plan->n_steps * (a->places ? a->n_places : 1);
}

bool agenda_is_first(const struct agenda *a, size_t turn)
{
	return turn < a->plan->n_first * (a->places ? a->n_places : 1);
}

/* The step of @turn, and in *@ret_place of which place: first the steps that come first, in all places. */
static size_t step_at(const struct agenda *a, size_t turn, size_t *ret_place)
{
	size_t first = a->plan->n_first, others = a->plan->n_steps - first;
	size_t n_places = a->places ? a->n_places : 1;

	if (agenda_is_first(a, turn)) {
		*ret_place = turn / first;
		return turn % first;
	}
	turn -= first * n_places;
	*ret_place = turn / others;
	return first + turn % others;
}

bool agenda_at(struct agenda *a, size_t turn, struct question *ret)
{
	size_t where, i = step_at(a, turn, &where);
	const struct place *p = a->places ? &a->places[where] : NULL;

	if (is_needless(a, p, i) || is_joined(a, p, i))
		return false;
	*ret = (struct question){ .step = a->plan->steps[i], .place = p, .turn = turn };
	if (i && is_joined(a, p, i - 1))
		ret->step.dump.states |= a->plan->steps[i - 1].dump.states;
	agenda_choose(a, p, &ret->step, &ret->by);
	/* When BPF turns out not to answer, the run has to see to it. */
	return ret->by.source != SOURCE_NETLINK || !ret->step.is_bound_inactive || agenda_wants_bound(a);
}

bool agenda_next(struct agenda *a, struct question *ret)
{
	while (a->next < agenda_end(a))
		if (agenda_at(a, a->next++, ret))
			return true;
	return false;
}

static void mark_shared(struct agenda *a, size_t i)
{
	for (size_t p = 0; p < a->n_places && a->places; p++)
		if (a->answered[p].is_shared && i < STEPS_REMEMBERED)
			a->answered[p].steps |= UINT64_C(1) << i;
}

void agenda_answered(struct agenda *a, const struct question *q)
{
	size_t where;

	mark_shared(a, step_at(a, q->turn, &where));
}

/* Linux gives some namespaces a table of connections of their own, but never one of bound ports. */
static void share_count(struct agenda *a, bool is_bound)
{
	for (size_t p = 1; p < a->n_places && a->places; p++)
		a->answered[p].is_shared = is_bound || a->places[p].shares_table;
}

void agenda_counted(struct agenda *a, const struct question *q)
{
	const struct plan *plan = a->plan;
	struct choice by;

	/* The one count was of all that is counted, and home may have none of the others. */
	for (size_t i = 0; i < plan->n_steps && a->places; i++) {
		agenda_choose(a, a->places, &plan->steps[i], &by);
		if (by.source != SOURCE_BPF_COUNTS)
			continue;
		share_count(a, plan->steps[i].is_bound_inactive);
		mark_shared(a, i);
	}
	share_count(a, q->step.is_bound_inactive);
}

void agenda_assume(struct agenda *a, const struct question *q)
{
	bool is_udp = q->step.dump.origin.protocol == IPPROTO_UDP;

	if (q->by.source == SOURCE_BPF_COUNTS)
		agenda_counted(a, q);
	if (q->by.source != SOURCE_BPF)
		return;
	if (is_udp)
		a->choose.is_udp_loaded = true;
	else
		a->choose.is_loaded = true;
	for (size_t p = 1; p < a->n_places && a->places; p++)
		a->answered[p].is_shared = is_udp || q->step.is_bound_inactive || a->places[p].shares_table;
	agenda_answered(a, q);
}
