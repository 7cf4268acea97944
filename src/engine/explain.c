/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/explain.h"

#include <sys/socket.h>

static const char *const table_names[TABLE_MAX] = {
#define TABLE(id, name, ...) [TABLE_##id] = (name),
#include "model/defs/table.def"
};

static void put_fields(const struct plan *p, struct text *t)
{
	text_str(t, "fields:");
	for (enum field_id f = 0; f < F_MAX; f++)
		if (fieldset_has(&p->o->fields, f))
			text_printf(t, " %s", fields[f].name);
	text_char(t, '\n');
}

static void put_states(uint32_t states, struct text *t)
{
	static const char *const names[] = {
		[K_TCP_ESTABLISHED] = "established",
		[K_TCP_SYN_SENT] = "syn-sent",
		[K_TCP_SYN_RECV] = "syn-recv",
		[K_TCP_FIN_WAIT1] = "fin-wait-1",
		[K_TCP_FIN_WAIT2] = "fin-wait-2",
		[K_TCP_TIME_WAIT] = "time-wait",
		[K_TCP_CLOSE] = "closed",
		[K_TCP_CLOSE_WAIT] = "close-wait",
		[K_TCP_LAST_ACK] = "last-ack",
		[K_TCP_LISTEN] = "listening",
		[K_TCP_CLOSING] = "closing",
		[K_TCP_BOUND_INACTIVE] = "bound-inactive",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && states >> i & 1)
			text_printf(t, " %s", names[i]);
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
	text_printf(t, "\n  ask: 0x%llx\n", (unsigned long long)s->dump.ask);
	if (p->o->filter && (s->dump.af == AF_INET || s->dump.af == AF_INET6))
		text_printf(t, "  kernel filter: %s\n", s->dump.bytecode ? "yes" : "no");
	choose(s, o->source, facts, &c);
	text_printf(t, "  source: %s (%s)\n", choose_name(c.source), c.why);
}

void explain(const struct plan *p, const struct explain_opts *o, struct text *t)
{
	struct choose_facts facts = { .is_kill = o->is_kill };

	choose_read(o->counters, &facts);
	put_fields(p, t);
	text_str(t, "filter: ");
	if (p->o->filter)
		filter_print(p->o->filter, t);
	else
		text_str(t, "none");
	text_printf(t, "\nowners: %s\nmode: stream\n", fieldset_has(&p->o->fields, F_OWNERS) ? "yes" : "no");
	for (size_t i = 0; i < p->n_steps; i++) {
		put_step(p, &p->steps[i], o, &facts, t);
		/* Loaded for one step, the program is there for the next. */
		if (!facts.is_loaded) {
			struct choice c;

			choose(&p->steps[i], o->source, &facts, &c);
			facts.is_loaded = c.source == SOURCE_BPF;
		}
	}
}
