/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/trace_start.h"

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

struct known {
	uint64_t cookie;
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

struct trace_start {
	struct sink sink; /* that the list goes into, on its way to: */
	struct sink *to;
	const struct trace_opts *o;
	struct fieldset fields;
	bool tells, wants_owners;
	struct known *known; /* in order of cookies, once the list is over */
	size_t n_known, room_known;
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

static int keep_known(struct trace_start *s, const struct row *row)
{
	if (s->n_known == s->room_known) {
		size_t room = s->room_known ? s->room_known * 2 : 64;
		struct known *v = reallocarray(s->known, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		s->known = v;
		s->room_known = room;
	}
	s->known[s->n_known].cookie = field_u64(row, F_COOKIE, 0);
	take_whose(row, &s->known[s->n_known++].whose);
	return 0;
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

static int keep_listening(struct trace_start *s, const struct row *row)
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

static int tell(struct trace_start *s, const struct row *row)
{
	const struct seg_event event = { .kind = sv(event_names[EVENT_EXISTING]),
					 .duration_us = UINT64_MAX,
					 .span_us = UINT64_MAX };
	const struct selection *sel = &s->o->select;

	s->row = *row;
	row_put(&s->row, SEG_EVENT, &event, sizeof(event));
	if (sel->has_states && !(sel->states >> (field_u64(row, F_STATE, 0) & 31) & 1))
		return 0;
	return filter_match(s->o->filter, &s->row) ? s->to->ops->row(s->to, &s->row) : 0;
}

static int row_in(struct sink *sink, const struct row *row)
{
	struct trace_start *s = (struct trace_start *)sink;
	int r;

	if (field_u64(row, F_STATE, 0) == K_TCP_LISTEN)
		r = keep_listening(s, row);
	else if (field_u64(row, F_TIMER, 0) == TIMER_TIME_WAIT)
		return 0; /* the connection is over */
	else
		r = keep_known(s, row);
	if (r == 0 && s->tells && field_u64(row, F_STATE, 0) != K_TCP_LISTEN)
		r = tell(s, row);
	s->error = r < 0 ? r : s->error;
	return r;
}

static void fields_read(const struct sink *sink, struct fieldset *set)
{
	const struct trace_start *s = (const struct trace_start *)sink;

	fieldset_add_all(set, &s->fields);
	fieldset_add(set, F_COOKIE);
	fieldset_add(set, F_TIMER);
	if (s->wants_owners) {
		fieldset_add(set, F_OWNERS);
		fieldset_add(set, F_NETNS_ID);
	}
}

static int nothing(struct sink *)
{
	return 0;
}

static const struct sink_ops ops = { .fields = fields_read, .row = row_in, .end = nothing, .flush = nothing };

static int by_cookie(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static int list(struct trace_start *s, struct notes *notes, struct err *e)
{
	const uint32_t over = STATE(K_TCP_CLOSE) | STATE(K_TCP_TIME_WAIT) | STATE(K_TCP_SYN_RECV) |
			      STATE(K_TCP_LISTEN) | STATE(K_TCP_BOUND_INACTIVE);
	const struct session_opts so = { .is_everywhere = s->o->is_everywhere,
					 .has_no_bpf = s->o->has_no_bpf };
	struct plan_opts po = { .select = s->o->select };
	struct session *session = NULL;
	struct plan *plan = NULL;
	int r;

	po.select.tables = 1u << TABLE_TCP;
	po.select.states = (STATES_ALL & ~over) | (s->wants_owners ? STATE(K_TCP_LISTEN) : 0);
	po.select.has_states = true;
	fields_read(&s->sink, &po.fields);
	r = plan_new(&po, &plan);
	if (r >= 0)
		r = session_new(s->o->host, &so, &session);
	if (r >= 0)
		r = session_run(session, plan, &s->sink, notes, e);
	(void)session_free(session);
	(void)plan_free(plan);
	return s->error < 0 ? s->error : r;
}

int trace_start_new(const struct trace_opts *o, const struct fieldset *fields_used, struct sink *sink,
		    struct notes *notes, struct trace_start **ret, struct err *e)
{
	struct trace_start *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return err_sys(e, -ENOMEM, "connections that exist");
	*ret = s;
	s->sink.ops = &ops;
	s->to = sink;
	s->o = o;
	s->fields = *fields_used;
	s->tells = o->kinds >> EVENT_EXISTING & 1;
	s->wants_owners = fieldset_has_owners(fields_used);
	if (s->tells || s->wants_owners)
		r = list(s, notes, e);
	if (s->n_known)
		qsort(s->known, s->n_known, sizeof(*s->known), by_cookie);
	s->end_ns = (uint64_t)clock_monotonic_us() * 1000;
	return r;
}

struct trace_start *trace_start_free(struct trace_start *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->listening.n_slots; i++)
		free(s->listening.slot[i].item);
	hash_done(&s->listening);
	free(s->known);
	free(s);
	return NULL;
}

static const struct known *find(const struct trace_start *s, uint64_t cookie)
{
	const struct known key = { .cookie = cookie };

	return s->n_known ? bsearch(&key, s->known, s->n_known, sizeof(*s->known), by_cookie) : NULL;
}

bool trace_start_has_told(const struct trace_start *s, const struct event *ev)
{
	if (!s->tells || ev->at_ns >= s->end_ns || ev->to == K_TCP_CLOSE ||
	    (ev->kind != EVENT_OPEN && ev->kind != EVENT_ACCEPT && ev->kind != EVENT_STATE))
		return false;
	return find(s, ev->cookie);
}

void trace_start_is_over(struct trace_start *s)
{
	if (!s->end_ns)
		return;
	s->end_ns = 0;
	if (s->wants_owners)
		return;
	free(s->known);
	s->known = NULL;
	s->n_known = 0;
}

/* The listener that @row came through: the one of its address before the one of all. */
static const struct listening *find_listening(const struct trace_start *s, const struct row *row)
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

void trace_start_own(const struct trace_start *s, struct context *c, struct owner *owner, struct row *row)
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
