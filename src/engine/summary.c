/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/summary.h"

#include <errno.h>

#include "source/netns_alone.h"
#include "source/tcp_count.h"

/* Counting bound sockets delays new connections to a busy port; with so many sockets it would be felt. */

static int64_t known(const struct proc_counters *c, enum proc_counter which)
{
	return c->v[which] < 0 ? 0 : c->v[which];
}

static int64_t tcp_in_use(const struct proc_counters *c)
{
	return known(c, COUNTER_TCP_INUSE) + known(c, COUNTER_TCP6_INUSE);
}

static void put_line(struct text *t, const char *label, int64_t ipv4, int64_t ipv6)
{
	int64_t sum = ipv4 + ipv6;

	text_printf(t, "%s\t  %-9lld %-9lld %-9lld\n", label, (long long)sum, (long long)ipv4,
		    (long long)ipv6);
}

void summary_format(const struct proc_counters *c, struct text *t)
{
	int64_t tw = known(c, COUNTER_TCP_TW), total = known(c, COUNTER_TCP_ALLOC) + tw;
	int64_t raw = known(c, COUNTER_RAW_INUSE), raw6 = known(c, COUNTER_RAW6_INUSE);
	int64_t udp = known(c, COUNTER_UDP_INUSE), udp6 = known(c, COUNTER_UDP6_INUSE);
	int64_t tcp = known(c, COUNTER_TCP_INUSE), tcp6 = known(c, COUNTER_TCP6_INUSE);
	int64_t closed = total - tcp - tcp6;

	text_printf(t, "Total: %lld\n", (long long)known(c, COUNTER_SOCKETS));
	text_printf(t, "TCP:   %lld (estab %lld, closed %lld, orphaned %lld, timewait %lld)\n\n",
		    (long long)total, (long long)known(c, COUNTER_TCP_ESTAB), (long long)closed,
		    (long long)known(c, COUNTER_TCP_ORPHAN), (long long)tw);
	text_str(t, "Transport Total     IP        IPv6\n");
	put_line(t, "RAW", raw, raw6);
	put_line(t, "UDP", udp, udp6);
	put_line(t, "TCP", tcp, tcp6);
	put_line(t, "INET", raw + udp + tcp, raw6 + udp6 + tcp6);
	put_line(t, "FRAG", known(c, COUNTER_FRAG_INUSE), known(c, COUNTER_FRAG6_INUSE));
	text_char(t, '\n');
}

/* Tells why something is not known; without memory the summary is none. */
static void note_error(struct text *notes, int r, const char *what)
{
	text_printf(notes, "ss: %s\n", what);
	if (r == -ENOMEM)
		text_fail(notes);
}

/* Closed sockets that can be seen, of the host's @host_closed. */
static int64_t count_closed(int64_t in_use, int64_t host_closed, struct text *notes)
{
	struct err e;
	int64_t n;
	int r;

	if (in_use >= TCP_BOUND_CHEAP) {
		text_printf(notes,
			    "ss: closed TCP sockets not counted: it would delay others with %lld in use\n",
			    (long long)in_use);
		return 0;
	}
	r = tcp_count_bound(&n, &e);
	if (r < 0) {
		note_error(notes, r, e.text);
		return 0;
	}
	return n < host_closed ? n : host_closed;
}

/*
 * Replaces the counters of the whole host by those of this network namespace.
 * When the host has no more TCP sockets than are in use here, all are here, and
 * nothing needs to be looked at.
 */
static void correct(struct proc_counters *c, struct text *notes)
{
	int64_t in_use = tcp_in_use(c), host_closed = known(c, COUNTER_TCP_ALLOC) - in_use;
	struct err e;
	int r = 0;

	if (host_closed <= 0 || netns_is_alone())
		return;
	if (known(c, COUNTER_TCP_ORPHAN) > 0)
		r = tcp_count_orphans(&c->v[COUNTER_TCP_ORPHAN], &e);
	if (r < 0) {
		c->v[COUNTER_TCP_ORPHAN] = -1;
		note_error(notes, r, e.text);
	}
	c->v[COUNTER_TCP_ALLOC] = in_use + count_closed(in_use, host_closed, notes);
}

int summary_render(const struct summary_opts *o, struct text *ret, struct text *notes)
{
	const struct proc_counter_paths *p = &o->paths;
	struct proc_counter_errors errors;
	struct proc_counters c;
	struct err e;

	proc_counters_read(p, &c, &errors);
	if (errors.sockstat == -ENOMEM || errors.sockstat6 == -ENOMEM || errors.snmp == -ENOMEM)
		return -ENOMEM;
	if (err_sys(&e, errors.sockstat, "get_sockstat") < 0)
		note_error(notes, errors.sockstat, e.text);
	if (err_sys(&e, errors.snmp, "get_snmpstat") < 0)
		note_error(notes, errors.snmp, e.text);
	if (!p->proc_root && !p->sockstat && !p->sockstat6 && !p->snmp)
		correct(&c, notes);
	summary_format(&c, ret);
	return ret->failed || notes->failed ? -ENOMEM : 0;
}
