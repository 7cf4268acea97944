/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "plan/explain.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/utf8.h"
#include "model/state.h"
#include "plan/derive.h"

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

static void put_question(const struct plan *p, const struct question *q, struct text *t)
{
	const struct step *s = &q->step;

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
	text_printf(t, "  source: %s (%s)\n", choose_name(q->by.source), q->by.why);
}

static void put_owners(const struct plan *p, const struct explain_opts *o, struct text *t)
{
	static const char *const ways[] = {
		[OWNERS_OF_RECORDING] = "the recording", [OWNERS_FROM_PROC] = "proc", [OWNERS_BY_BPF] = "bpf"
	};

	bool is_sure = fieldset_has_owners(&p->fields) || fieldset_has_peer_owners(&p->fields) ||
		       fieldset_has(&p->fields, F_OWNER_WHY);

	if (!is_sure && !derive_may_need_owners(&p->fields)) {
		text_str(t, "owners: no\n");
		return;
	}
	text_printf(t, "owners: %s (%s", is_sure ? "yes" : "of sockets that do not tell their cgroup",
		    ways[o->owners]);
	if (o->owners != OWNERS_OF_RECORDING)
		text_printf(t, ": %s",
			    !o->is_owners_free              ? "asked for"
			    : o->owners == OWNERS_FROM_PROC ? "few files are open, or BPF may not be used"
							    : "many files are open");
	text_str(t, ")\n");
}

/* What is listed before all else. */
static void put_peers(const struct plan *p, const struct explain_opts *o, struct text *t)
{
	uint32_t tables = derive_peer_tables(&p->fields, &p->o->select, p->o->is_tcp_recorded);

	if (!fieldset_has_peers(&p->fields))
		return;
	text_str(t, "other ends:");
	for (unsigned int i = 0; i < TABLE_MAX; i++)
		if (o->has_peers && tables >> i & 1)
			text_printf(t, " %s", table_names[i]);
	text_str(t, !o->has_peers ? " not known of another machine's sockets\n"
		    : tables      ? ", of all network namespaces, listed first\n"
				  : " by what the sockets themselves tell\n");
}

void explain(struct agenda *a, const struct explain_opts *o, struct text *t)
{
	const struct plan *p = a->plan;
	const struct place *at = NULL;
	struct question q;
	size_t start;

	if (a->places)
		text_printf(t, "network namespaces: %zu (%zu with sockets in the same TCP table)\n",
			    a->n_places, o->n_sharing);
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
	put_peers(p, o, t);
	text_printf(t, "mode: %s\n", o->is_retained ? "retain" : "stream");
	while (agenda_next(a, &q)) {
		if (q.place != at)
			text_printf(t, "namespace: %s\n", q.place->name);
		at = q.place;
		put_question(p, &q, t);
		agenda_assume(a, &q);
	}
}
