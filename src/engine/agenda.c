/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/agenda.h"

#include <netinet/in.h>

#include "engine/count.h"
#include "source/tcp_count.h"

const struct choose_facts *agenda_facts(struct agenda *a)
{
	if (!a->has_facts)
		choose_read(&(const struct proc_counter_paths){}, &a->facts);
	if (!a->has_facts && a->o->everywhere)
		choose_for_all(&a->facts, a->o->everywhere);
	a->facts.is_kill = a->o->killer != NULL;
	a->facts.is_loaded = a->walks->tcp != NULL;
	a->facts.is_udp_loaded = a->walks->udp != NULL;
	a->facts.is_count = !a->cannot_count && count_is_possible(a->plan, a->sink);
	a->has_facts = true;
	return &a->facts;
}

/* What is to answer @s. */
enum source_kind agenda_source(struct agenda *a, const struct place *p, const struct step *s)
{
	uint16_t protocol = s->dump.origin.protocol;
	struct choice c;

	if (a->o->env || place_is_elsewhere(p) || s->kind != STEP_KERNEL ||
	    (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP))
		return SOURCE_NETLINK;
	choose(s, a->o->source, agenda_facts(a), &c);
	return c.source;
}

/* Whether this kernel lists bound-inactive sockets at all. */
static bool lists_bound(const struct agenda *a)
{
	return !a->kernel || a->kernel >= 0x608;
}

static bool find_bound_cheap(struct agenda *a)
{
	const struct choose_facts *f;

	if (a->o->env)
		return true;
	f = agenda_facts(a);
	if (choose_bound_is_cheap(a->plan, f))
		return true;
	if (!lists_bound(a))
		return false;
	if (f->n_inuse >= TCP_BOUND_CHEAP)
		notes_add(a->notes, NOTE_WARNING,
			  "sockets that are bound but neither listen nor connect are left out: with %lld TCP "
			  "sockets, looking "
			  "for them would hold up new connections (\"state bound-inactive\" or -B does it "
			  "all the same)",
			  (long long)f->n_inuse);
	else
		notes_add(a->notes, NOTE_WARNING,
			  "sockets that are bound but neither listen nor connect are left out: to look for "
			  "them, the "
			  "kernel would pass, under locks, the %lld TCP sockets of the whole host (\"state "
			  "bound-inactive\" or -B does it all the same)",
			  (long long)f->n_host);
	return false;
}

bool agenda_wants_bound(struct agenda *a)
{
	if (a->bound == BOUND_UNKNOWN)
		a->bound = find_bound_cheap(a) ? BOUND_IS_CHEAP : BOUND_IS_DEAR;
	return a->bound == BOUND_IS_CHEAP;
}

/* Whether @p has none of what step @i asks for, or that was answered already. */
static bool is_needless(const struct agenda *a, const struct place *p, size_t i)
{
	const struct step *s = &a->plan->steps[i];

	if (!p || s->kind != STEP_KERNEL)
		return false;
	if (i < PLACE_STEPS && p->done >> i & 1)
		return true;
	return s->dump.origin.protocol == IPPROTO_TCP && !s->is_bound_inactive && !p->n_tcp;
}

/* Whether step @i and the next are one question. */
static bool is_joined(struct agenda *a, const struct place *p, size_t i)
{
	enum source_kind wanted = place_is_elsewhere(p) ? SOURCE_NETLINK : a->o->source;

	return a->plan->steps[i].is_bound_inactive && !a->o->env && !a->o->killer &&
	       choose_can_join(a->plan, i, wanted, agenda_facts(a)) && !is_needless(a, p, i) &&
	       !is_needless(a, p, i + 1) && agenda_wants_bound(a);
}

bool agenda_question(struct agenda *a, const struct place *p, size_t i, struct step *ret)
{
	if (is_needless(a, p, i) || is_joined(a, p, i))
		return false;
	*ret = a->plan->steps[i];
	if (i && is_joined(a, p, i - 1))
		ret->dump.states |= a->plan->steps[i - 1].dump.states;
	return true;
}
