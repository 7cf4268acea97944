/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/choose.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "bpf/load.h"
#include "source/tcp_count.h"

static const char *const names[] = {
	[SOURCE_AUTO] = "auto", [SOURCE_NETLINK] = "netlink",       [SOURCE_BPF] = "bpf",
	[SOURCE_PROC] = "proc", [SOURCE_BPF_COUNTS] = "bpf counts",
};

enum procs_way choose_owners(enum source_kind wanted)
{
	switch (wanted) {
	case SOURCE_PROC: return PROCS_PROC;
	case SOURCE_BPF: return PROCS_BPF;
	case SOURCE_AUTO:
	case SOURCE_NETLINK:
	case SOURCE_BPF_COUNTS: break;
	}
	return PROCS_AUTO;
}

bool choose_parse(const char *name, enum source_kind *ret)
{
	for (size_t i = 0; i < SOURCE_BPF_COUNTS; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*ret = (enum source_kind)i;
		return true;
	}
	return false;
}

const char *choose_name(enum source_kind source)
{
	return names[source];
}

static bool is_unread(int error)
{
	return error && error != -ENODATA;
}

/* The sum of those of @n counters that are known, -1 when none is, or a file of them could not be read; a
 * kernel without IPv6 has none for it. */
static int64_t sum(const struct proc_counters *c, const struct proc_counter_errors *errors,
		   const enum proc_counter *counters, size_t n)
{
	int64_t sum = -1;

	if (is_unread(errors->sockstat) || (is_unread(errors->sockstat6) && errors->sockstat6 != -ENOENT))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (c->v[counters[i]] >= 0)
			sum = (sum < 0 ? 0 : sum) + c->v[counters[i]];
	return sum;
}

void choose_read(const struct proc_counter_paths *paths, struct choose_facts *ret)
{
	static const enum proc_counter tcp[] = { COUNTER_TCP_INUSE, COUNTER_TCP6_INUSE, COUNTER_TCP_TW };
	static const enum proc_counter udp[] = { COUNTER_UDP_INUSE, COUNTER_UDP6_INUSE };
	struct proc_counter_errors errors;
	struct proc_counters c;

	proc_counters_read(paths, &c, &errors);
	ret->n_tcp = sum(&c, &errors, tcp, ARRAY_SIZE(tcp));
	ret->n_inuse = sum(&c, &errors, tcp, 2);
	ret->n_host = c.v[COUNTER_TCP_ALLOC];
	ret->n_udp = sum(&c, &errors, udp, ARRAY_SIZE(udp));
	ret->is_built = bpf_load_is_built();
}

void choose_for_all(struct choose_facts *f, const struct everywhere *w)
{
	f->n_tcp = f->n_inuse = w->n_tcp;
	f->n_netns = w->n_sharing;
}

bool choose_bound_is_cheap(const struct plan *p, const struct choose_facts *f)
{
	return p->o->select.wants_bound || (f->n_inuse < TCP_BOUND_CHEAP && f->n_host < TCP_BOUND_CHEAP_HOST);
}

static bool is_udp(const struct step *s)
{
	return s->dump.origin.protocol == IPPROTO_UDP;
}

/* Why BPF cannot answer @s at all; NULL when it can. */
static const char *obstacle(const struct step *s, const struct choose_facts *f)
{
	if (s->dump.family != &family_inet || (s->dump.origin.protocol != IPPROTO_TCP && !is_udp(s)))
		return "only TCP and UDP sockets are walked by BPF";
	if (!f->is_built)
		return "built without BPF programs";
	if (f->is_kill)
		return "sockets are destroyed while they are listed";
	if (s->dump.ask & ASK_STORAGE)
		return "only sock_diag shows BPF storage";
	return NULL;
}

/* Why BPF could answer for UDP but does not pay; NULL when it pays. */
static const char *drawback_udp(const struct step *s, const struct choose_facts *f)
{
	if (f->n_udp < 0)
		return "the number of UDP sockets is not known";
	if (s->dump.bytecode)
		return "the kernel runs the filter";
	return f->n_udp < BPF_UDP_PAYS_FROM && !f->is_udp_loaded ? "loading a BPF program would take longer"
								 : NULL;
}

/* Why BPF could answer but does not pay; NULL when it pays. */
static const char *drawback(const struct step *s, const struct choose_facts *f)
{
	int64_t n_passed;

	if (is_udp(s))
		return drawback_udp(s, f);
	if (s->dump.states == STATE(K_TCP_LISTEN))
		return "listening sockets are found at once";
	if (f->n_tcp < 0)
		return "the number of TCP sockets is not known";
	if (s->is_bound_inactive)
		return f->n_tcp < TCP_BOUND_CHEAP && f->n_host < TCP_BOUND_CHEAP_HOST &&
				       f->n_netns < BOUND_PAYS_FROM
			       ? "looking for bound sockets is cheap"
			       : NULL;
	if (s->dump.bytecode)
		return "the kernel runs the filter";
	/* To list one namespace the kernel passes the sockets of all. */
	n_passed = f->n_tcp * (int64_t)(f->n_netns ? f->n_netns : 1);
	return n_passed < BPF_PAYS_FROM && !f->is_loaded ? "loading a BPF program would take longer" : NULL;
}

/* Whether BPF, which can answer @s, had better count than give rows. */
static bool is_counted(const struct step *s, enum source_kind wanted, const struct choose_facts *f)
{
	if (!f->is_count || is_udp(s) || s->dump.states == STATE(K_TCP_LISTEN))
		return false;
	return wanted == SOURCE_BPF || (wanted == SOURCE_AUTO && f->n_tcp >= TCP_BOUND_CHEAP);
}

static void say(struct choice *c, enum source_kind source, const char *why)
{
	c->source = source;
	(void)snprintf(c->why, sizeof(c->why), "%s", why);
}

/* With the number of sockets that it depends on. */
static void say_number(struct choice *c, enum source_kind source, const char *why, const struct step *s,
		       const struct choose_facts *f)
{
	int64_t n = is_udp(s) ? f->n_udp : f->n_tcp;

	say(c, source, why);
	if (n >= 0)
		(void)snprintf(c->why, sizeof(c->why), "%s: %lld %s sockets", why, (long long)n,
			       is_udp(s) ? "UDP" : "TCP");
}

static void say_host(struct choice *c, enum source_kind source, const char *why, const struct choose_facts *f)
{
	c->source = source;
	(void)snprintf(c->why, sizeof(c->why), "%s: %lld TCP sockets", why, (long long)f->n_host);
}

void choose(const struct step *s, enum source_kind wanted, const struct choose_facts *f, struct choice *ret)
{
	const char *why;

	if (s->kind != STEP_KERNEL) {
		say(ret, SOURCE_PROC, s->kind == STEP_FILE ? "a recording" : "asked for");
		return;
	}
	why = obstacle(s, f);
	if (why) {
		say(ret, SOURCE_NETLINK, why);
		return;
	}
	if (is_counted(s, wanted, f)) {
		say_number(ret, SOURCE_BPF_COUNTS, "no row is needed", s, f);
		return;
	}
	if (wanted != SOURCE_AUTO) {
		say(ret, wanted, "asked for");
		return;
	}
	why = drawback(s, f);
	if (!why && s->is_bound_inactive && f->n_tcp < TCP_BOUND_CHEAP && f->n_host >= TCP_BOUND_CHEAP_HOST)
		say_host(ret, SOURCE_BPF, "sock_diag would pass the whole host's", f);
	else if (!why)
		say_number(ret, SOURCE_BPF,
			   s->is_bound_inactive ? "sock_diag would hold up new connections" : "it pays", s,
			   f);
	else
		say_number(ret, SOURCE_NETLINK, why, s, f);
}

bool choose_can_join(const struct plan *p, size_t i, enum source_kind wanted, const struct choose_facts *f)
{
	const struct step *s = &p->steps[i], *next = s + 1;
	struct choice a, b;

	if (!s->is_bound_inactive || i + 1 == p->n_steps || next->kind != STEP_KERNEL ||
	    next->dump.origin.table != s->dump.origin.table || next->dump.af != s->dump.af)
		return false;
	choose(s, wanted, f, &a);
	choose(next, wanted, f, &b);
	return a.source == SOURCE_NETLINK && b.source == SOURCE_NETLINK;
}
