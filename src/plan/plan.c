/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "plan/plan.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "plan/derive.h"

/* Tables with what the kernel is asked for; tables that differ in .type only share a question. */
static const struct {
	uint8_t family; /* AF_INET stands for both */
	uint8_t type;
	uint16_t protocol;
} tables[TABLE_MAX] = {
#define TABLE(id, name, family, protocol, type) [TABLE_##id] = { family, type, protocol },
#include "model/defs/table.def"
};

enum {
	BOUND = STATE(K_TCP_BOUND_INACTIVE),
	LISTENING = STATE(K_TCP_LISTEN),
	/*
	 * A closed TCP socket is in no table but that of bound ports, so asking for this state alone would
	 * make the kernel walk all connections for nothing.
	 */
	NEVER_HASHED = STATE(K_TCP_CLOSE) | STATE(0) | BOUND | LISTENING,
};

struct plan *plan_free(struct plan *p)
{
	if (!p)
		return NULL;
	text_done(&p->bytecode[0]);
	text_done(&p->bytecode[1]);
	free(p->steps);
	free(p);
	return NULL;
}

static const struct family *family_of(uint8_t af)
{
	switch (af) {
	case AF_UNIX: return &family_unix;
	case AF_PACKET: return &family_packet;
	case AF_NETLINK: return &family_netlink;
	case K_AF_VSOCK: return &family_vsock;
	case K_AF_TIPC: return &family_tipc;
	case K_AF_XDP: return &family_xdp;
	case K_AF_SMC: return &family_smc;
	case AF_UNSPEC: return &family_unbound;
	case AF_INET:
	case AF_INET6: return &family_inet;
	default: return NULL;
	}
}

bool plan_can_have(const struct selection *s, enum field_id f)
{
	if (seg_ask[fields[f].at->seg] & (ASK_OWNERS | ASK_CONTEXT | ASK_PEERS))
		return true;
	for (enum table t = 0; t < TABLE_MAX; t++) {
		const struct family *fam = s->tables >> t & 1 ? family_of(tables[t].family) : NULL;

		if (fam && family_has(fam, f))
			return true;
	}
	return false;
}

/* The states in which @s can find sockets of @t. */
static uint32_t states_of(const struct selection *s, enum table t)
{
	return t == TABLE_TCP || t == TABLE_DCCP ? s->states & ~(uint32_t)(STATE(K_TCP_CLOSE) | STATE(0))
						 : s->states;
}

bool plan_can_show(const struct selection *s, enum field_id f)
{
	if (seg_ask[fields[f].at->seg] & (ASK_OWNERS | ASK_CONTEXT) || field_is_of_peers(f))
		return true;
	for (enum table t = 0; t < TABLE_MAX; t++) {
		const struct family *fam = s->tables >> t & 1 ? family_of(tables[t].family) : NULL;

		if (fam && family_has_in(fam, t, f) && field_can_be(f, t, states_of(s, t), false))
			return true;
	}
	return false;
}

bool plan_comes_along(const struct selection *s, const struct fieldset *set, enum field_id f)
{
	struct fieldset one = {};

	fieldset_add(&one, f);
	for (enum table t = 0; t < TABLE_MAX; t++) {
		const struct family *fam = s->tables >> t & 1 ? family_of(tables[t].family) : NULL;

		if (fam && family_has_in(fam, t, f) && !(family_ask(fam, &one) & ~family_ask(fam, set)))
			return true;
	}
	return false;
}

static int add_step(struct plan *p, struct step s)
{
	struct step *steps = reallocarray(p->steps, p->n_steps + 1, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	p->steps = steps;
	p->steps[p->n_steps++] = s;
	return 0;
}

/*
 * The kernel walks listening, bound-inactive and connected sockets in this
 * order. Asked for apart, the order stays, listening ones alone cost next to
 * nothing, and the bound-inactive ones, whose walk holds locks that new
 * connections wait for (Linux 6.8 and later), can be left out.
 */
static int add_hashed(struct plan *p, struct step s, uint32_t states)
{
	const uint32_t parts[] = { states & LISTENING, states & BOUND, states & ~(uint32_t)NEVER_HASHED };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts) && !r; i++) {
		if (!parts[i])
			continue;
		s.dump.states = parts[i];
		s.is_bound_inactive = parts[i] == BOUND;
		r = add_step(p, s);
	}
	return r;
}

static int add_inet(struct plan *p, struct step s)
{
	const struct plan_opts *o = p->o;
	uint16_t protocol = s.dump.origin.protocol;

	for (unsigned int i = 0; i < 2; i++) {
		int r;

		s.dump.af = i ? AF_INET6 : AF_INET;
		if (s.dump.origin.table == TABLE_ICMP)
			s.dump.origin.protocol = i ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		if (!(o->select.families >> s.dump.af & 1))
			continue;
		s.dump.bytecode = p->bytecode[i].len ? p->bytecode[i].p : NULL;
		s.dump.bytecode_len = p->bytecode[i].len;
		s.dump.states = s.row_states = o->select.states;
		if (s.kind == STEP_FILE && !o->select.has_states)
			s.row_states = 0;
		if (s.kind == STEP_KERNEL && (protocol == IPPROTO_TCP || protocol == IPPROTO_DCCP))
			r = add_hashed(p, s, o->select.states);
		else
			r = add_step(p, s);
		if (r < 0)
			return r;
		if (s.kind == STEP_FILE)
			break; /* it has both families */
	}
	return 0;
}

/* Types of the selected tables that share a question with @t. */
static uint32_t shared_types(const struct plan_opts *o, enum table t)
{
	uint32_t types = 0;

	for (enum table i = 0; i < TABLE_MAX; i++)
		if (tables[i].family == tables[t].family && tables[i].type && o->select.tables >> i & 1)
			types |= 1u << tables[i].type;
	return types;
}

static int add_table(struct plan *p, enum table t)
{
	const struct plan_opts *o = p->o;
	struct step s = {
		.dump = { .family = family_of(tables[t].family),
			  .af = tables[t].family,
			  .states = o->select.states,
			  .origin = { .table = (uint8_t)t, .protocol = tables[t].protocol },
			  .map_fds = o->map_fds,
			  .n_map_fds = o->n_map_fds },
		.kind = o->text_tables >> t & 1 ? STEP_PROC : STEP_KERNEL,
	};

	if (!s.dump.family || o->absent_tables >> t & 1 || t == TABLE_UNBOUND)
		return 0;
	s.dump.ask = family_ask(s.dump.family, &p->fields);
	if (o->wants_all)
		s.dump.ask |= family_ask_all(s.dump.family);
	s.dump.is_timed = o->wants_all || fieldset_has(&p->fields, F_EXPIRES);
	if (s.dump.family == &family_inet)
		s.dump.ask |= o->also_ask;
	if (t == TABLE_MPTCP && o->is_mptcp_first) /* the token */
		s.dump.ask |= seg_ask[SEG_MPTCP_INFO];
	if (o->want_storage)
		s.dump.ask |= ASK_STORAGE;
	if (t == TABLE_ICMP) /* sock_diag does not know them */
		s.kind = STEP_PROC;
	if (t == TABLE_TCP && o->is_tcp_recorded)
		s.kind = STEP_FILE;
	if (tables[t].family == AF_INET)
		return add_inet(p, s);
	if (!(o->select.families >> tables[t].family & 1))
		return 0;
	/* These have no states that the kernel knows: all of them count as closed. */
	if ((tables[t].family == AF_PACKET || tables[t].family == AF_NETLINK ||
	     tables[t].family == K_AF_XDP) &&
	    !(o->select.states & STATE(K_TCP_CLOSE)))
		return 0;
	if (tables[t].family == K_AF_SMC)
		s.row_states = o->select.states;
	if (tables[t].type) {
		s.types = shared_types(o, t);
		for (size_t i = 0; i < p->n_steps; i++)
			if (p->steps[i].dump.af == tables[t].family)
				return 0;
	}
	return add_step(p, s);
}

const char *step_table(const struct step *s)
{
	return s->types ? s->dump.family->name : table_names[s->dump.origin.table];
}

/* The table that comes @i-th. */
static enum table table_at(const struct plan_opts *o, size_t i)
{
	if (!o->is_mptcp_first || i > TABLE_MPTCP)
		return (enum table)i;
	return i ? (enum table)(i - 1) : TABLE_MPTCP;
}

int plan_new(const struct plan_opts *o, struct plan **ret)
{
	_cleanup_(plan_freep) struct plan *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->o = o;
	p->fields = o->fields;
	filter_fields(o->filter, &p->fields);
	derive_needs(&p->fields);
	derive_helps(&p->fields);
	p->needed = o->named;
	fieldset_add_all(&p->needed, &o->keys);
	filter_needs(o->filter, &p->needed);
	derive_needs(&p->needed);
	for (unsigned int i = 0; i < 2; i++) {
		/* What is in no table is what none showed. */
		int r = o->select.tables >> TABLE_UNBOUND & 1
				? 0
				: filter_bytecode(o->filter, i ? AF_INET6 : AF_INET, &p->bytecode[i]);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < TABLE_MAX; i++) {
		enum table t = table_at(o, i);
		int r = o->select.tables >> t & 1 ? add_table(p, t) : 0;

		if (r < 0)
			return r;
		p->n_first = i == 0 && o->is_mptcp_first ? p->n_steps : p->n_first;
	}
	*ret = take_ptr(p);
	return 0;
}
