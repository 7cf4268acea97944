/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/summary.h"

#include <errno.h>

#include "host/netns_alone.h"
#include "host/tcp_count.h"

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
	int64_t closed;

	if (c->v[COUNTER_TCP_ALLOC] < 0)
		total += tcp + tcp6;
	closed = total - tcp - tcp6;
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

/* Reads the counters into @ret, corrected, and says what could not be found out. Returns 0 or -ENOMEM. */
static int read_counters(struct host *h, struct proc_counters *ret, struct notes *notes)
{
	struct proc_counter_errors errors;
	struct err e;
	int r = 0;

	host_counters(h, ret, &errors);
	if (errors.sockstat == -ENOMEM || errors.sockstat6 == -ENOMEM || errors.snmp == -ENOMEM)
		return -ENOMEM;
	if (err_sys(&e, errors.sockstat, "get_sockstat") < 0)
		notes_add(notes, NOTE_ERROR, "%s", e.text);
	/* A kernel without IPv6 has no such file. */
	if (errors.sockstat6 != -ENOENT && err_sys(&e, errors.sockstat6, "get_sockstat6") < 0)
		notes_add(notes, NOTE_ERROR, "%s: the figures of IPv6 are not known", e.text);
	if (err_sys(&e, errors.snmp, "get_snmpstat") < 0)
		notes_add(notes, NOTE_ERROR, "%s", e.text);
	if (!host_has_own_counters(h))
		r = correct(ret, notes);
	return r;
}

int summary_render(struct host *h, struct text *ret, struct notes *notes)
{
	struct proc_counters c;
	int r = read_counters(h, &c, notes);

	summary_format(&c, ret);
	return r < 0 || ret->failed || notes->text.failed ? -ENOMEM : 0;
}

enum { C_KIND, C_SOCKETS, C_IN_USE, C_IPV4, C_IPV6, C_ESTABLISHED, C_CLOSED, C_ORPHANED, C_TIME_WAIT, C_MAX };

static void set(struct cell *cell, int64_t n)
{
	*cell = (struct cell){ .is_there = n >= 0, .val = { .kind = VAL_UINT, .u = (uint64_t)n } };
}

/* What is known of the two together. */
static int64_t add(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a + b;
}

static int put(struct tabular *to, const char *kind, struct cell cells[C_MAX])
{
	cells[C_KIND] = (struct cell){ .is_there = true, .val = { .kind = VAL_STR, .s = sv(kind) } };
	return to->ops->record(to, cells);
}

static int put_in_use(struct tabular *to, const char *kind, int64_t ipv4, int64_t ipv6)
{
	struct cell cells[C_MAX] = {};

	set(&cells[C_IN_USE], add(ipv4, ipv6));
	set(&cells[C_IPV4], ipv4);
	set(&cells[C_IPV6], ipv6);
	return put(to, kind, cells);
}

static int put_tcp(struct tabular *to, const struct proc_counters *c)
{
	int64_t ipv4 = c->v[COUNTER_TCP_INUSE], ipv6 = c->v[COUNTER_TCP6_INUSE], in_use = add(ipv4, ipv6);
	int64_t alloc = c->v[COUNTER_TCP_ALLOC], tw = c->v[COUNTER_TCP_TW];
	int64_t all = alloc < 0 || tw < 0 ? -1 : alloc + tw;
	struct cell cells[C_MAX] = {};

	set(&cells[C_SOCKETS], all);
	set(&cells[C_IN_USE], in_use);
	set(&cells[C_IPV4], ipv4);
	set(&cells[C_IPV6], ipv6);
	set(&cells[C_ESTABLISHED], c->v[COUNTER_TCP_ESTAB]);
	set(&cells[C_CLOSED], all < 0 || in_use < 0 ? -1 : all - in_use);
	set(&cells[C_ORPHANED], c->v[COUNTER_TCP_ORPHAN]);
	set(&cells[C_TIME_WAIT], tw);
	return put(to, "tcp", cells);
}

static int put_all(struct tabular *to, const struct proc_counters *c)
{
	const int64_t *v = c->v;
	struct cell cells[C_MAX] = {};
	int r;

	set(&cells[C_SOCKETS], v[COUNTER_SOCKETS]);
	r = put(to, "all", cells);
	if (r == 0)
		r = put_in_use(to, "raw", v[COUNTER_RAW_INUSE], v[COUNTER_RAW6_INUSE]);
	if (r == 0)
		r = put_in_use(to, "udp", v[COUNTER_UDP_INUSE], v[COUNTER_UDP6_INUSE]);
	if (r == 0)
		r = put_tcp(to, c);
	if (r == 0)
		r = put_in_use(to, "inet",
			       add(add(v[COUNTER_RAW_INUSE], v[COUNTER_UDP_INUSE]), v[COUNTER_TCP_INUSE]),
			       add(add(v[COUNTER_RAW6_INUSE], v[COUNTER_UDP6_INUSE]), v[COUNTER_TCP6_INUSE]));
	return r == 0 ? put_in_use(to, "frag", v[COUNTER_FRAG_INUSE], v[COUNTER_FRAG6_INUSE]) : r;
}

int summary_put(struct host *h, uint64_t at_us, struct tabular *to, struct notes *notes)
{
	static const struct column columns[C_MAX] = {
		[C_KIND] = { .name = "kind", .field = F_MAX, .type = T_STR },
		[C_SOCKETS] = { .name = "sockets", .field = F_MAX, .type = T_UINT },
		[C_IN_USE] = { .name = "in_use", .field = F_MAX, .type = T_UINT },
		[C_IPV4] = { .name = "ipv4", .field = F_MAX, .type = T_UINT },
		[C_IPV6] = { .name = "ipv6", .field = F_MAX, .type = T_UINT },
		[C_ESTABLISHED] = { .name = "established", .field = F_MAX, .type = T_UINT },
		[C_CLOSED] = { .name = "closed", .field = F_MAX, .type = T_UINT },
		[C_ORPHANED] = { .name = "orphaned", .field = F_MAX, .type = T_UINT },
		[C_TIME_WAIT] = { .name = "time_wait", .field = F_MAX, .type = T_UINT },
	};
	const struct listing l = { .name = "summary", .columns = columns, .n = C_MAX, .at_us = at_us };
	struct proc_counters c;
	int r = read_counters(h, &c, notes), end;

	if (r < 0)
		return r;
	r = to->ops->list(to, &l);
	if (r == 0)
		r = put_all(to, &c);
	end = to->ops->list_end(to);
	return r < 0 && r != -ECANCELED ? r : end;
}
