/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "plan/choose.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

static const char *const names[] = {
	[SOURCE_AUTO] = "auto", [SOURCE_NETLINK] = "netlink",       [SOURCE_BPF] = "bpf",
	[SOURCE_PROC] = "proc", [SOURCE_BPF_COUNTS] = "bpf counts",
};

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

bool choose_bound_is_cheap(const struct plan *p, const struct facts *f)
{
	return p->o->select.wants_bound || (f->n_inuse < TCP_BOUND_CHEAP && f->n_host < TCP_BOUND_CHEAP_HOST);
}

static bool is_udp(const struct step *s)
{
	return s->dump.origin.protocol == IPPROTO_UDP;
}

/* Why BPF cannot answer @s at all; NULL when it can. */
static const char *obstacle(const struct step *s, const struct choose_opts *o, const struct facts *f)
{
	if (s->dump.family != &family_inet || (s->dump.origin.protocol != IPPROTO_TCP && !is_udp(s)))
		return "only TCP and UDP sockets are walked by BPF";
	if (!f->has_bpf)
		return "built without BPF programs";
	if (o->is_kill)
		return "sockets are destroyed while they are listed";
	if (s->dump.ask & ASK_STORAGE)
		return "only sock_diag shows BPF storage";
	return NULL;
}

/* Why BPF could answer for UDP but does not pay; NULL when it pays. */
static const char *drawback_udp(const struct step *s, const struct choose_opts *o, const struct facts *f)
{
	if (f->n_udp < 0)
		return "the number of UDP sockets is not known";
	if (s->dump.bytecode)
		return "the kernel runs the filter";
	return f->n_udp < BPF_UDP_PAYS_FROM && !o->is_udp_loaded ? "loading a BPF program would take longer"
								 : NULL;
}

/* Why BPF could answer but does not pay; NULL when it pays. */
static const char *drawback(const struct step *s, const struct choose_opts *o, const struct facts *f)
{
	int64_t n_passed;

	if (is_udp(s))
		return drawback_udp(s, o, f);
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
	return n_passed < BPF_PAYS_FROM && !o->is_loaded ? "loading a BPF program would take longer" : NULL;
}

/* Whether BPF, which can answer @s, had better count than give rows. */
static bool is_counted(const struct step *s, const struct choose_opts *o, const struct facts *f)
{
	if (!o->is_count || is_udp(s) || s->dump.states == STATE(K_TCP_LISTEN))
		return false;
	return o->wanted == SOURCE_BPF || (o->wanted == SOURCE_AUTO && f->n_tcp >= TCP_BOUND_CHEAP);
}

static void say(struct choice *c, enum source_kind source, const char *why)
{
	c->source = source;
	(void)snprintf(c->why, sizeof(c->why), "%s", why);
}

/* With the number of sockets that it depends on. */
static void say_number(struct choice *c, enum source_kind source, const char *why, const struct step *s,
		       const struct facts *f)
{
	int64_t n = is_udp(s) ? f->n_udp : f->n_tcp;

	say(c, source, why);
	if (n >= 0)
		(void)snprintf(c->why, sizeof(c->why), "%s: %lld %s sockets", why, (long long)n,
			       is_udp(s) ? "UDP" : "TCP");
}

static void say_host(struct choice *c, enum source_kind source, const char *why, const struct facts *f)
{
	c->source = source;
	(void)snprintf(c->why, sizeof(c->why), "%s: %lld TCP sockets", why, (long long)f->n_host);
}

void choose(const struct step *s, const struct choose_opts *o, const struct facts *f, struct choice *ret)
{
	const char *why;

	if (s->kind != STEP_KERNEL) {
		say(ret, SOURCE_PROC,
		    s->kind == STEP_FILE                 ? "a recording"
		    : s->dump.origin.table == TABLE_ICMP ? "sock_diag does not know them"
							 : "asked for");
		return;
	}
	why = obstacle(s, o, f);
	if (why) {
		say(ret, SOURCE_NETLINK, why);
		return;
	}
	if (is_counted(s, o, f)) {
		say_number(ret, SOURCE_BPF_COUNTS, "no row is needed", s, f);
		return;
	}
	if (o->wanted != SOURCE_AUTO) {
		say(ret, o->wanted, "asked for");
		return;
	}
	why = drawback(s, o, f);
	if (!why && s->is_bound_inactive && f->n_tcp < TCP_BOUND_CHEAP && f->n_host >= TCP_BOUND_CHEAP_HOST)
		say_host(ret, SOURCE_BPF, "sock_diag would pass the whole host's", f);
	else if (!why)
		say_number(ret, SOURCE_BPF,
			   s->is_bound_inactive ? "sock_diag would hold up new connections" : "it pays", s,
			   f);
	else
		say_number(ret, SOURCE_NETLINK, why, s, f);
}

bool choose_can_join(const struct plan *p, size_t i, const struct choose_opts *o, const struct facts *f)
{
	const struct step *s = &p->steps[i], *next = s + 1;
	struct choice a, b;

	if (!s->is_bound_inactive || i + 1 == p->n_steps || next->kind != STEP_KERNEL ||
	    next->dump.origin.table != s->dump.origin.table || next->dump.af != s->dump.af)
		return false;
	choose(s, o, f, &a);
	choose(next, o, f, &b);
	return a.source == SOURCE_NETLINK && b.source == SOURCE_NETLINK;
}
