/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/trace_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "model/event.h"
#include "model/state.h"
#include "run/session.h"

enum { TIMER_TIME_WAIT = 3 }; /* of .idiag_timer */

/* Whose a socket is: of several the first. */
struct whose {
	uint32_t pid; /* 0: not known */
	char comm[17];
};

/* A connection as it was when it was listed last. */
struct known {
	uint64_t cookie;
	uint32_t turn; /* of the list */
	uint8_t state; /* K_TCP_* */
	struct whose whose;
};

/* Where somebody listens. */
struct spot {
	uint32_t netns;
	uint16_t port;
	uint16_t addr_len;
	uint8_t addr[16];
};

/* Who does; which of several that share it takes a connection, nobody knows. */
struct listening {
	struct spot spot;
	bool is_shared;
	struct whose whose;
};

struct trace_list {
	struct sink sink; /* that the list goes into, on its way to: */
	struct sink *to;
	const struct trace_opts *o;
	struct fieldset fields;
	bool wants_owners;
	bool is_repeated; /* there will be other lists */
	uint32_t turn;    /* of the list, the first is 0 */
	struct session *session;
	struct plan_opts po;
	struct plan *plan;     /* of them */
	struct notes *notes;   /* borrowed */
	struct hash known;     /* struct known by .cookie, ours */
	struct hash listening; /* struct listening by .spot, ours */
	uint64_t end_ns;       /* of the list; 0: what happened before has been read */
	int error;
	struct row row;
};

/* Only a look at all sockets, or at the socket itself, tells these. */
int trace_check(const struct fieldset *fields_read, struct err *e)
{
	for (enum field_id f = 0; f < F_MAX; f++) {
		struct fieldset one = {};

		if (!fieldset_has(fields_read, f) || f == F_DIRECTION)
			continue;
		fieldset_add(&one, f);
		if (field_is_of_peers(f) || fieldset_held(&one) || fieldset_has_rates(&one))
			return err_say(e, -EBADMSG,
				       "%s is not known of events: ask for it without --events, in a list",
				       fields[f].name);
	}
	return 0;
}

static void take_whose(const struct row *row, struct whose *ret)
{
	struct val v;

	*ret = (struct whose){};
	if (!field_get(row, F_OWNERS, &v) || !v.owners.n)
		return;
	ret->pid = v.owners.v->pid;
	memcpy(ret->comm, v.owners.v->comm.p,
	       v.owners.v->comm.len < sizeof(ret->comm) ? v.owners.v->comm.len : sizeof(ret->comm) - 1);
}

static struct known *find(const struct trace_list *s, uint64_t cookie)
{
	return hash_find(&s->known, hash_u64(cookie), NULL, NULL);
}

static struct known *keep_known(struct trace_list *s, const struct row *row)
{
	struct known *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->cookie = field_u64(row, F_COOKIE, 0);
	if (hash_put(&s->known, hash_u64(k->cookie), k) < 0) {
		free(k);
		return NULL;
	}
	take_whose(row, &k->whose);
	return k;
}

static bool is_at(const void *item, const void *key)
{
	const struct listening *l = item;

	return !memcmp(&l->spot, key, sizeof(l->spot));
}

static uint64_t hash_spot(const struct spot *spot)
{
	return hash_bytes(sv_n(spot, sizeof(*spot)));
}

/* Where @row is. Returns false when it does not say so. */
static bool read_spot(const struct row *row, struct spot *ret)
{
	struct val addr, port;

	*ret = (struct spot){};
	if (!field_get(row, F_SPORT, &port) || !field_get_sent(row, F_SRC, &addr) ||
	    addr.s.len > sizeof(ret->addr))
		return false;
	ret->port = (uint16_t)port.u;
	ret->netns = (uint32_t)field_u64(row, F_NETNS_ID, 0);
	ret->addr_len = (uint16_t)addr.s.len;
	memcpy(ret->addr, addr.s.p, addr.s.len);
	return true;
}

static int keep_listening(struct trace_list *s, const struct row *row)
{
	struct listening *l, *known;
	struct spot spot;
	int r;

	if (!read_spot(row, &spot))
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->spot = spot;
	take_whose(row, &l->whose);
	known = hash_find(&s->listening, hash_spot(&spot), is_at, &spot);
	if (!known) {
		r = hash_put(&s->listening, hash_spot(&spot), l);
		if (r < 0)
			free(l);
		return r;
	}
	known->is_shared |= known->whose.pid != l->whose.pid;
	free(l);
	return 0;
}

/* The listener that @row came through: the one of its address before the one of all. */
static const struct listening *find_listening(const struct trace_list *s, const struct row *row)
{
	const struct listening *found = NULL;
	struct spot spot;

	if (!s->listening.n || !read_spot(row, &spot))
		return NULL;
	found = hash_find(&s->listening, hash_spot(&spot), is_at, &spot);
	memset(spot.addr, 0, sizeof(spot.addr));
	if (!found)
		found = hash_find(&s->listening, hash_spot(&spot), is_at, &spot);
	spot.addr_len = sizeof(spot.addr); /* of IPv6, and IPv4 besides */
	return found ? found : hash_find(&s->listening, hash_spot(&spot), is_at, &spot);
}

static int tell(struct trace_list *s, const struct row *row, enum event_kind kind, uint8_t from)
{
	const struct seg_event event = {
		.kind = sv(event_names[kind]), .from = from, .duration_us = UINT64_MAX, .span_us = UINT64_MAX
	};
	const struct selection *sel = &s->o->select;

	if (!(s->o->kinds >> kind & 1))
		return 0;
	s->row = *row;
	row_put(&s->row, SEG_EVENT, &event, sizeof(event));
	if (kind == EVENT_OPEN || kind == EVENT_ACCEPT)
		row_put(&s->row, SEG_DIRECTION, kind == EVENT_OPEN ? "out" : "in",
			kind == EVENT_OPEN ? 3 : 2);
	if (sel->has_states && !(sel->states >> (field_u64(row, F_STATE, 0) & 31) & 1))
		return 0;
	return filter_match(s->o->filter, &s->row) ? s->to->ops->row(s->to, &s->row) : 0;
}

/* What happened to the connection since it was listed last, as far as that shows. */
static int look(struct trace_list *s, const struct row *row)
{
	uint8_t state = (uint8_t)field_u64(row, F_STATE, 0), from;
	struct known *k = find(s, field_u64(row, F_COOKIE, 0));
	enum event_kind kind = s->turn == 0 ? EVENT_EXISTING : EVENT_OPEN;

	if (k) {
		from = k->state;
		k->state = state;
		k->turn = s->turn;
		return from == state ? 0 : tell(s, row, EVENT_STATE, from);
	}
	k = keep_known(s, row);
	if (!k)
		return -ENOMEM;
	k->state = state;
	k->turn = s->turn;
	if (s->turn && find_listening(s, row))
		kind = EVENT_ACCEPT;
	return tell(s, row, kind, 0);
}

static int row_in(struct sink *sink, const struct row *row)
{
	struct trace_list *s = (struct trace_list *)sink;
	int r;

	if (field_u64(row, F_STATE, 0) == K_TCP_LISTEN)
		r = keep_listening(s, row);
	else if (field_u64(row, F_TIMER, 0) == TIMER_TIME_WAIT)
		return 0; /* the connection is over */
	else
		r = look(s, row);
	s->error = r < 0 ? r : s->error;
	return r;
}

static void fields_read(const struct sink *sink, struct fieldset *set)
{
	const struct trace_list *s = (const struct trace_list *)sink;

	fieldset_add_all(set, &s->fields);
	fieldset_add(set, F_COOKIE);
	fieldset_add(set, F_TIMER);
	if (s->wants_owners)
		fieldset_add(set, F_OWNERS);
	if (s->wants_owners || s->is_repeated)
		fieldset_add(set, F_NETNS_ID);
}

static int nothing(struct sink *)
{
	return 0;
}

static const struct sink_ops ops = { .fields = fields_read, .row = row_in, .end = nothing, .flush = nothing };

static void forget(struct hash *items)
{
	for (size_t i = 0; i < items->n_slots; i++)
		free(items->slot[i].item);
	hash_done(items);
	*items = (struct hash){};
}

/* Those that two lists did not have: what is announced of the others may still have to be read. */
static int forget_ended(struct trace_list *s)
{
	struct hash left = {};
	int r = 0;

	for (size_t i = 0; i < s->known.n_slots; i++) {
		struct known *k = s->known.slot[i].item;

		if (!k)
			continue;
		if (r >= 0 && k->turn + 1 >= s->turn)
			r = hash_put(&left, s->known.slot[i].hash, k);
		else
			free(k);
	}
	hash_done(&s->known);
	s->known = left;
	return r;
}

static int prepare(struct trace_list *s)
{
	const uint32_t over = STATE(K_TCP_CLOSE) | STATE(K_TCP_TIME_WAIT) | STATE(K_TCP_SYN_RECV) |
			      STATE(K_TCP_LISTEN) | STATE(K_TCP_BOUND_INACTIVE);
	const struct session_opts so = { .is_everywhere = s->o->is_everywhere,
					 .has_no_bpf = s->o->has_no_bpf };
	struct plan_opts *po = &s->po;
	int r;

	po->select = s->o->select;
	po->select.tables = 1u << TABLE_TCP;
	po->select.states = STATES_ALL & ~over;
	if (s->wants_owners || s->is_repeated)
		po->select.states |= STATE(K_TCP_LISTEN);
	po->select.has_states = true;
	fields_read(&s->sink, &po->fields);
	r = plan_new(po, &s->plan);
	return r < 0 ? r : session_new(s->o->host, &so, &s->session);
}

static int list(struct trace_list *s, struct err *e)
{
	int r = session_run(s->session, s->plan, &s->sink, s->notes, e);

	return s->error < 0 ? s->error : r;
}

static void end_session(struct trace_list *s)
{
	s->session = session_free(s->session);
	s->plan = plan_free(s->plan);
}

int trace_list_new(const struct trace_list_opts *o, struct trace_list **ret, struct err *e)
{
	struct trace_list *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return err_sys(e, -ENOMEM, "connections that exist");
	*ret = s;
	s->sink.ops = &ops;
	s->to = o->sink;
	s->o = o->trace;
	s->fields = *o->fields;
	s->notes = o->notes;
	s->is_repeated = o->is_repeated;
	s->wants_owners = fieldset_has_owners(&s->fields);
	if (s->o->kinds >> EVENT_EXISTING & 1 || s->wants_owners || s->is_repeated) {
		r = prepare(s);
		if (r >= 0)
			r = list(s, e);
	}
	if (!s->is_repeated)
		end_session(s);
	s->end_ns = (uint64_t)clock_monotonic_us() * 1000;
	return r;
}

int trace_list_again(struct trace_list *s, struct err *e)
{
	int r;

	s->turn++;
	forget(&s->listening);
	r = list(s, e);
	return r < 0 ? r : forget_ended(s);
}

struct trace_list *trace_list_free(struct trace_list *s)
{
	if (!s)
		return NULL;
	end_session(s);
	forget(&s->listening);
	forget(&s->known);
	free(s);
	return NULL;
}

bool trace_list_has_told(const struct trace_list *s, const struct event *ev)
{
	if (!(s->o->kinds >> EVENT_EXISTING & 1) || ev->at_ns >= s->end_ns || ev->to == K_TCP_CLOSE ||
	    (ev->kind != EVENT_OPEN && ev->kind != EVENT_ACCEPT && ev->kind != EVENT_STATE))
		return false;
	return find(s, ev->cookie);
}

void trace_list_is_over(struct trace_list *s)
{
	if (!s->end_ns)
		return;
	s->end_ns = 0;
	if (!s->wants_owners && !s->is_repeated)
		forget(&s->known);
}

void trace_list_own(const struct trace_list *s, struct context *c, struct owner *owner, struct row *row)
{
	const struct known *k = find(s, field_u64(row, F_COOKIE, 0));
	const struct listening *l =
		k || !row_has(row, SEG_DIRECTION) || row_bytes(row, SEG_DIRECTION).p[0] != 'i'
			? NULL
			: find_listening(s, row);
	const struct whose *w = k ? &k->whose : l && !l->is_shared ? &l->whose : NULL;

	if (!w || !w->pid)
		return;
	*owner = (struct owner){ .pid = w->pid, .fd = OWNER_NO_FD, .comm = sv(w->comm) };
	context_own(c, (struct owners){ .v = owner, .n = 1 }, row);
}
