/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/totals.h"

#include <errno.h>

#include "base/cleanup.h"
#include "host/netns_alone.h"
#include "host/tcp_count.h"

static const char *const names[COUNTER_MAX] = {
	[COUNTER_SOCKETS] = "sockets",         [COUNTER_TCP_INUSE] = "tcp.inuse",
	[COUNTER_TCP_ORPHAN] = "tcp.orphan",   [COUNTER_TCP_TW] = "tcp.tw",
	[COUNTER_TCP_ALLOC] = "tcp.alloc",     [COUNTER_TCP_ESTAB] = "tcp.estab",
	[COUNTER_UDP_INUSE] = "udp.inuse",     [COUNTER_RAW_INUSE] = "raw.inuse",
	[COUNTER_FRAG_INUSE] = "frag.inuse",   [COUNTER_TCP6_INUSE] = "tcp6.inuse",
	[COUNTER_UDP6_INUSE] = "udp6.inuse",   [COUNTER_RAW6_INUSE] = "raw6.inuse",
	[COUNTER_FRAG6_INUSE] = "frag6.inuse", [COUNTER_TCP_MEM] = "tcp.mem",
	[COUNTER_UDP_MEM] = "udp.mem",
};

const char *totals_name(enum proc_counter c)
{
	return names[c];
}

enum proc_counter totals_find(struct sv name)
{
	enum proc_counter c = 0;

	while (c < COUNTER_MAX && !sv_is(name, names[c]))
		c++;
	return c;
}

static int64_t known(const struct proc_counters *c, enum proc_counter which)
{
	return c->v[which] < 0 ? 0 : c->v[which];
}

static int64_t tcp_in_use(const struct proc_counters *c)
{
	return known(c, COUNTER_TCP_INUSE) + known(c, COUNTER_TCP6_INUSE);
}

/* Says why a figure is missing. Returns 0, or -ENOMEM: without memory the summary is none. */
static int note_failure(struct notes *notes, int r, const struct err *e)
{
	notes_add(notes, NOTE_ERROR, "%s", e->text);
	return r == -ENOMEM ? r : 0;
}

/* Closed sockets that can be seen, of the host's @host_closed; -1 where they are not counted. */
static int count_closed(int64_t in_use, int64_t host_closed, int64_t *ret, struct notes *notes)
{
	struct err e;
	int r;

	*ret = -1;
	if (in_use >= TCP_BOUND_CHEAP || in_use + host_closed >= TCP_BOUND_CHEAP_HOST) {
		notes_add(notes, NOTE_WARNING,
			  "closed TCP sockets not counted: it would delay others with %lld in use%s",
			  (long long)(in_use >= TCP_BOUND_CHEAP ? in_use : in_use + host_closed),
			  in_use >= TCP_BOUND_CHEAP ? "" : " on the host");
		return 0;
	}
	r = tcp_count_bound(ret, &e);
	if (r < 0) {
		*ret = -1;
		return note_failure(notes, r, &e);
	}
	if (*ret > host_closed)
		*ret = host_closed;
	return 0;
}

/*
 * Counts the orphaned sockets here. They are neither established nor listening:
 * mostly nothing is left for them to be, and the table, which is that of the
 * whole host, need not be passed.
 */
static int count_orphans(const struct proc_counters *c, int64_t *ret, struct err *e)
{
	int64_t listening;

	if (tcp_count_listening(&listening, e) >= 0 &&
	    tcp_in_use(c) - known(c, COUNTER_TCP_ESTAB) - listening <= 0) {
		*ret = 0;
		return 0;
	}
	return tcp_count_orphans(ret, e);
}

/*
 * Replaces the counters of the whole host by those of this network namespace.
 * When the host has no more TCP sockets than are in use here, all are here, and
 * nothing needs to be looked at.
 */
static int correct(struct proc_counters *c, struct notes *notes)
{
	int64_t in_use = tcp_in_use(c), host_closed = known(c, COUNTER_TCP_ALLOC) - in_use, closed;
	struct err e;
	int r = 0;

	if (host_closed <= 0 || netns_is_alone())
		return 0;
	if (known(c, COUNTER_TCP_ORPHAN) > 0)
		r = count_orphans(c, &c->v[COUNTER_TCP_ORPHAN], &e);
	if (r < 0) {
		c->v[COUNTER_TCP_ORPHAN] = -1;
		r = note_failure(notes, r, &e);
	}
	if (r >= 0)
		r = count_closed(in_use, host_closed, &closed, notes);
	if (r >= 0)
		c->v[COUNTER_TCP_ALLOC] = closed < 0 ? -1 : in_use + closed;
	return r;
}

int totals_read(struct host *h, struct proc_counters *ret, struct notes *notes)
{
	struct proc_counter_errors errors;
	struct err e;
	int r = 0;

	host_counters(h, ret, &errors);
	if (h->ops->totals)
		h->ops->totals(h, ret);
	if (errors.sockstat == -ENOMEM || errors.sockstat6 == -ENOMEM || errors.snmp == -ENOMEM)
		return -ENOMEM;
	if (err_sys(&e, errors.sockstat, "sockstat") < 0)
		notes_add(notes, NOTE_ERROR, "%s: how many sockets are in use is not known", e.text);
	/* A kernel without IPv6 has no such file. */
	if (errors.sockstat6 != -ENOENT && err_sys(&e, errors.sockstat6, "sockstat6") < 0)
		notes_add(notes, NOTE_ERROR, "%s: the figures of IPv6 are not known", e.text);
	if (err_sys(&e, errors.snmp, "snmp") < 0)
		notes_add(notes, NOTE_ERROR, "%s: how many are established is not known", e.text);
	if (!host_has_own_counters(h))
		r = correct(ret, notes);
	return r;
}
