/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/choose.h"

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

void choose_read(const struct proc_counter_paths *paths, struct choose_facts *ret)
{
	static const enum proc_counter counters[] = { COUNTER_TCP_INUSE, COUNTER_TCP6_INUSE, COUNTER_TCP_TW };
	struct proc_counter_errors errors;
	struct proc_counters c;

	proc_counters_read(paths, &c, &errors);
	ret->n_tcp = -1;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		if (c.v[counters[i]] >= 0)
			ret->n_tcp = (ret->n_tcp < 0 ? 0 : ret->n_tcp) + c.v[counters[i]];
	ret->is_built = bpf_load_is_built();
}

/* Why BPF cannot answer @s at all; NULL when it can. */
static const char *obstacle(const struct step *s, const struct choose_facts *f)
{
	if (s->dump.family != &family_inet || s->dump.origin.protocol != IPPROTO_TCP)
		return "only TCP sockets are walked by BPF";
	if (!f->is_built)
		return "built without BPF programs";
	if (f->is_kill)
		return "sockets are destroyed while they are listed";
	if (s->dump.ask & ASK_STORAGE)
		return "only sock_diag shows BPF storage";
	return NULL;
}

/* Why BPF could answer but does not pay; NULL when it pays. */
static const char *drawback(const struct step *s, const struct choose_facts *f)
{
	int64_t n_passed;

	if (s->dump.states == STATE(K_TCP_LISTEN))
		return "listening sockets are found at once";
	if (f->n_tcp < 0)
		return "the number of TCP sockets is not known";
	if (s->is_bound_inactive)
		return f->n_tcp < TCP_BOUND_CHEAP && f->n_netns < BOUND_PAYS_FROM
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
	if (!f->is_count || s->dump.states == STATE(K_TCP_LISTEN))
		return false;
	return wanted == SOURCE_BPF || (wanted == SOURCE_AUTO && f->n_tcp >= TCP_BOUND_CHEAP);
}

static void say(struct choice *c, enum source_kind source, const char *why, int64_t n_tcp)
{
	c->source = source;
	if (n_tcp >= 0)
		(void)snprintf(c->why, sizeof(c->why), "%s: %lld TCP sockets", why, (long long)n_tcp);
	else
		(void)snprintf(c->why, sizeof(c->why), "%s", why);
}

void choose(const struct step *s, enum source_kind wanted, const struct choose_facts *f, struct choice *ret)
{
	const char *why;

	if (s->kind != STEP_KERNEL) {
		say(ret, SOURCE_PROC, s->kind == STEP_FILE ? "a recording" : "asked for", -1);
		return;
	}
	why = obstacle(s, f);
	if (why) {
		say(ret, SOURCE_NETLINK, why, -1);
		return;
	}
	if (is_counted(s, wanted, f)) {
		say(ret, SOURCE_BPF_COUNTS, "no row is needed", f->n_tcp);
		return;
	}
	if (wanted != SOURCE_AUTO) {
		say(ret, wanted, "asked for", -1);
		return;
	}
	why = drawback(s, f);
	if (!why)
		say(ret, SOURCE_BPF,
		    s->is_bound_inactive ? "sock_diag would hold up new connections" : "it pays", f->n_tcp);
	else
		say(ret, SOURCE_NETLINK, why, f->n_tcp);
}
