/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/explain.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/utf8.h"
#include "engine/context.h"
#include "engine/count.h"
#include "model/state.h"

static void put_fields(const struct plan *p, struct text *t)
{
	text_str(t, "fields:");
	for (enum field_id f = 0; f < F_MAX; f++)
		if (fieldset_has(&p->fields, f) && plan_can_have(&p->o->select, f))
			text_printf(t, " %s", fields[f].name);
	text_char(t, '\n');
}

static void put_states(uint32_t states, struct text *t)
{
	for (unsigned int st = 0; st < 32; st++)
		if (states & STATES_ALL & ~STATE(K_TCP_NEW_SYN_RECV) & STATE(st))
			text_printf(t, " %s", state_name(st));
}

/* The extensions of an inet_diag request; of others the bits. */
static void put_ask(const struct dump *d, struct text *t)
{
	static const char *const names[] = { "meminfo", "info",   "vegasinfo", "cong",
					     "tos",     "tclass", "skmeminfo", "shutdown" };

	if (d->family != &family_inet) {
		text_printf(t, " 0x%llx", (unsigned long long)d->ask);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (ASK_INET_BITS(d->ask) >> i & 1)
			text_printf(t, " %s", names[i]);
	if (!ASK_INET_BITS(d->ask))
		text_str(t, " nothing more");
}

static void put_step(const struct plan *p, const struct step *s, const struct explain_opts *o,
		     const struct choose_facts *facts, struct text *t)
{
	struct choice c;

	text_printf(t, "dump: %s", s->types ? s->dump.family->name : table_names[s->dump.origin.table]);
	if (s->dump.af == AF_INET || s->dump.af == AF_INET6)
		text_str(t, s->dump.af == AF_INET ? " inet" : " inet6");
	text_str(t, "\n  states:");
	put_states(s->dump.states, t);
	text_str(t, "\n  ask:");
	put_ask(&s->dump, t);
	text_char(t, '\n');
	if (p->o->filter && (s->dump.af == AF_INET || s->dump.af == AF_INET6))
		text_printf(t, "  kernel filter: %s\n", s->dump.bytecode ? "yes" : "no");
	choose(s, o->source, facts, &c);
	text_printf(t, "  source: %s (%s)\n", choose_name(c.source), c.why);
}

static void put_owners(const struct plan *p, const struct explain_opts *o, struct text *t)
{
	bool is_free = choose_owners(o->source) == PROCS_AUTO && !o->proc_root;
	enum procs_way way = o->proc_root ? PROCS_PROC : choose_owners(o->source);

	if (!context_has_owners(&p->fields)) {
		text_str(t, "owners: no\n");
		return;
	}
	if (is_free)
		way = procs_way_likely();
	text_printf(t, "owners: yes (%s: %s)\n", way == PROCS_PROC ? "proc" : "bpf",
		    !is_free            ? "asked for"
		    : way == PROCS_PROC ? "few files are open, or BPF may not be used"
					: "many files are open");
}

void explain(const struct plan *p, const struct explain_opts *o, struct text *t)
{
	size_t start;
	struct choose_facts facts = { .is_kill = o->is_kill, .is_count = count_is_possible(p, o->sink) };

	choose_read(o->counters, &facts);
	if (o->everywhere) {
		choose_for_all(&facts, o->everywhere);
		text_printf(t, "network namespaces: %zu (%zu with sockets in the same TCP table)\n",
			    o->everywhere->n, o->everywhere->n_sharing);
	}
	put_fields(p, t);
	text_str(t, "filter: ");
	start = t->len;
	if (p->o->filter)
		filter_print(p->o->filter, t);
	else
		text_str(t, "none");
	utf8_make_safe_from(t, start); /* the words of the filter are anybody's */
	text_char(t, '\n');
	put_owners(p, o, t);
	text_printf(t, "mode: %s\n", o->is_retained ? "retain" : "stream");
	for (size_t i = 0; i < p->n_steps; i++) {
		struct choice c;

		put_step(p, &p->steps[i], o, &facts, t);
		if (!o->is_kill && choose_can_join(p, i, o->source, &facts) &&
		    choose_bound_is_cheap(p, &facts))
			text_str(t, "  asked: together with the next\n");
		choose(&p->steps[i], o->source, &facts, &c);
		/* Loaded for one step, the program is there for the next. */
		if (c.source == SOURCE_BPF && p->steps[i].dump.origin.protocol == IPPROTO_UDP)
			facts.is_udp_loaded = true;
		else if (c.source == SOURCE_BPF)
			facts.is_loaded = true;
	}
}
