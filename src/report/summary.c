/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/summary.h"

#include <errno.h>

#include "host/totals.h"

static int64_t known(const struct proc_counters *c, enum proc_counter which)
{
	return c->v[which] < 0 ? 0 : c->v[which];
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

int summary_render(struct host *h, struct text *ret, struct notes *notes)
{
	struct proc_counters c;
	int r = totals_read(h, &c, notes);

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
	int r = totals_read(h, &c, notes), end;

	if (r < 0)
		return r;
	r = to->ops->list(to, &l);
	if (r == 0)
		r = put_all(to, &c);
	end = to->ops->list_end(to);
	return r < 0 && r != -ECANCELED ? r : end;
}
