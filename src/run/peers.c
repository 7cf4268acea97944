/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "enrich/behind.h"
#include "enrich/ends.h"
#include "nl/home.h"
#include "plan/derive.h"
#include "sink/sink.h"

enum {
	OPEN = STATE(K_TCP_ESTABLISHED) | STATE(K_TCP_FIN_WAIT1) | STATE(K_TCP_FIN_WAIT2) |
	       STATE(K_TCP_CLOSE_WAIT) | STATE(K_TCP_LAST_ACK) | STATE(K_TCP_CLOSING),
	OPENING = STATE(K_TCP_SYN_SENT) | STATE(K_TCP_SYN_RECV)
};

struct peers {
	struct sink sink; /* of the run that lists the sockets */
	struct ends *ends;
	struct accepts *accepts;
	struct bounds bounds; /* who listens, for what is behind a published port */
	bool wants_ends;      /* who is at the other end */
	bool wants_unix;      /* where that of a Unix socket is, or who began */
	bool wants_direction; /* who began */
	bool has_asked;       /* a machine, which is there */
	bool has_text;        /* some sockets were read from /proc/net, which has no cgroups */
	bool has_places;      /* they can be asked for in all network namespaces */
	bool is_own;          /* its sockets are those that the kernel here has */
	int error;
	struct err why; /* the first thing that keeps some from being found */
};

/* The bytes of an address as 16. */
static void get_addr(const struct row *row, enum field_id f, uint8_t ret[16])
{
	const struct loc *l = field_find_loc(row, f);
	bool is_v4 = field_u64(row, F_FAMILY, 0) == AF_INET;

	if (l)
		tuple_addr(ret, sv_n((const char *)row->seg[l->seg] + l->off, is_v4 ? 4 : 16));
}

/* The addresses of a connection of the kinds that are looked at. */
static bool get_tuple(const struct row *row, struct tuple *ret)
{
	uint64_t protocol = field_u64(row, F_PROTOCOL, 0);

	*ret = (struct tuple){ .lport = (uint16_t)field_u64(row, F_SPORT, 0),
			       .pport = (uint16_t)field_u64(row, F_DPORT, 0),
			       .kind = protocol == IPPROTO_UDP ? TUPLE_UDP : TUPLE_TCP };
	if (protocol != IPPROTO_TCP && protocol != K_IPPROTO_MPTCP && protocol != IPPROTO_UDP)
		return false;
	get_addr(row, F_SRC, ret->local);
	get_addr(row, F_DST, ret->peer);
	return ret->pport && row_has(row, SEG_INET_MSG);
}

static uint32_t netns_of(const struct row *row)
{
	return (uint32_t)field_u64(row, F_NETNS_ID, 0);
}

static struct listener own_end(const struct row *row)
{
	struct listener ret = { .family = (uint8_t)field_u64(row, F_FAMILY, 0),
				.port = (uint16_t)field_u64(row, F_SPORT, 0),
				.netns = netns_of(row),
				.ifindex = (uint32_t)field_u64(row, F_IFINDEX, 0) };

	get_addr(row, F_SRC, ret.addr);
	return ret;
}

/* Listeners of TCP, and UDP sockets that wait for anybody. */
static bool get_bound(const struct row *row, struct bound *ret)
{
	bool is_udp = row_dump(row)->table == TABLE_UDP;
	uint32_t state = STATE(field_u64(row, F_STATE, 0));

	*ret = (struct bound){ .kind = is_udp ? TUPLE_UDP : TUPLE_TCP,
			       .port = (uint16_t)field_u64(row, F_SPORT, 0),
			       .netns = netns_of(row),
			       .inode = (uint32_t)field_u64(row, F_INODE, 0),
			       .cgroup = field_u64(row, F_CGROUP, 0) };
	if (!row_has(row, SEG_INET_MSG) ||
	    (is_udp ? state != STATE(K_TCP_CLOSE) : state != STATE(K_TCP_LISTEN)))
		return false;
	get_addr(row, F_SRC, ret->addr);
	return true;
}

static int take_inet(struct peers *x, const struct row *row)
{
	struct end e = { .inode = (uint32_t)field_u64(row, F_INODE, 0),
			 .netns = netns_of(row),
			 .cgroup = field_u64(row, F_CGROUP, 0) };
	struct listener l;
	struct bound b;

	x->has_text |= row_dump(row)->is_proc;
	if (x->wants_ends && get_bound(row, &b) && bounds_add(&x->bounds, &b) < 0)
		return -ENOMEM;
	if (field_u64(row, F_STATE, 0) == K_TCP_LISTEN) {
		l = own_end(row);
		return accepts_add(x->accepts, &l);
	}
	return x->wants_ends && get_tuple(row, &e.tuple) ? ends_add(x->ends, &e) : 0;
}

static int take_row(struct sink *s, const struct row *row)
{
	struct peers *x = (struct peers *)s;
	int r = 0;

	if (row_has(row, SEG_UNIX_MSG))
		r = accepts_add_unix(x->accepts, (uint32_t)field_u64(row, F_INODE, 0), netns_of(row),
				     row_bytes(row, SEG_UNIX_NAME),
				     field_u64(row, F_STATE, 0) == K_TCP_LISTEN);
	else if (row_has(row, SEG_INET_MSG))
		r = take_inet(x, row);
	x->error = x->error ? x->error : r;
	return r;
}

static void fields_used(const struct sink *, struct fieldset *set)
{
	static const enum field_id used[] = { F_FAMILY,  F_STATE,  F_SRC,      F_SPORT,
					      F_DST,     F_DPORT,  F_PROTOCOL, F_INODE,
					      F_IFINDEX, F_CGROUP, F_NETNS_ID, F_UNIX_NAME_RAW };

	for (size_t i = 0; i < ARRAY_SIZE(used); i++)
		fieldset_add(set, used[i]);
}

static int end_rows(struct sink *)
{
	return 0;
}

static const struct sink_ops ops = { .fields = fields_used, .row = take_row, .end = end_rows };

static void remember(struct peers *x, int r, const struct err *e)
{
	if (r < 0 && !x->why.text[0])
		x->why = *e;
}

/* What one network namespace has for its own, and translates. */
static void see_place(struct peers *x, struct host *h, const struct place *p, uint32_t netns)
{
	struct err e;
	int r = host_find_locals(h, p, netns, ends_locals(x->ends), &e);

	remember(x, r, &e);
	if (x->wants_ends && r != -ENOTRECOVERABLE) {
		r = host_find_nat(h, p, ends_nat(x->ends), &e);
		remember(x, r, &e);
	}
}

static void see_places(void *ctx, struct host *h, const struct places *all)
{
	struct peers *x = ctx;

	for (size_t i = 0; all && i < all->n; i++)
		see_place(x, h, &all->v[i], all->v[i].ino);
	if (!all && x->is_own)
		see_place(x, h, NULL, host_here(h));
	locals_sort(ends_locals(x->ends));
}

/* Sockets or namespaces that are left out are a better reason than what was not told of them. */
static void read_notes(struct peers *x, const struct notes *notes)
{
	enum note kind;
	const char *n = notes_next(notes, NULL, &kind);

	while (n && kind == NOTE_HINT)
		n = notes_next(notes, n, &kind);
	if (n)
		(void)err_say(&x->why, 0, "%s", n);
}

static int list(struct peers *x, const struct plan *p, peers_list *list_them, void *arg, struct err *e)
{
	struct plan_opts po = { .select = { .tables = derive_peer_tables(&p->fields, &p->o->select,
									 p->o->is_tcp_recorded),
					    .families = UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6 |
							UINT64_C(1) << AF_UNIX,
					    .states = STATE(K_TCP_LISTEN) },
				.text_tables = p->o->text_tables,
				.absent_tables = p->o->absent_tables };
	struct peers_ask ask = {
		.is_everywhere = x->has_places, .sink = &x->sink, .see = see_places, .ctx = x
	};
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct notes told = {};
	int r;

	*e = (struct err){};
	if (x->wants_ends && p->o->select.states & (OPEN | OPENING))
		po.select.states |= OPEN | OPENING;
	if (x->wants_ends)
		po.select.states |= STATE(K_TCP_CLOSE);
	if (x->wants_unix)
		po.select.states |= STATE(K_TCP_ESTABLISHED) | STATE(K_TCP_CLOSE);
	fields_used(&x->sink, &po.fields);
	r = plan_new(&po, &plan);
	if (r < 0)
		return r;
	ask.plan = plan;
	r = list_them(arg, &ask, &told, e);
	remember(x, r, e);
	read_notes(x, &told);
	notes_done(&told);
	if (home_check(e) < 0)
		return err_context(e, -ENOTRECOVERABLE, "looking for the other ends");
	return r == -ENOMEM ? r : x->error;
}

int peers_new(struct host *h, const struct plan *p, peers_list *list_them, void *arg, struct peers **ret,
	      struct err *e)
{
	_cleanup_(peers_freep) struct peers *x = calloc(1, sizeof(*x));
	const struct fieldset *set = &p->fields;
	int r = x ? ends_new(&x->ends) : -ENOMEM;

	if (r >= 0)
		r = accepts_new(&x->accepts);
	if (r < 0)
		return r;
	x->sink.ops = &ops;
	x->wants_direction = fieldset_has(set, F_DIRECTION);
	x->wants_ends = fieldset_has_peer_ends(set);
	x->wants_unix = derive_has_unix_peers(set);
	x->is_own = (h->is_live || h->is_past) && !host_has_own_tables(h);
	x->has_places = x->is_own && (h->is_live || h->has_places);
	x->has_asked =
		(h->is_live || h->is_past) && derive_peer_tables(set, &p->o->select, p->o->is_tcp_recorded);
	if (h->is_past && !x->has_places)
		(void)err_say(&x->why, 0, "the recording is of one network namespace");
	if (x->has_asked)
		r = list(x, p, list_them, arg, e);
	if (r < 0)
		return r;
	*ret = take_ptr(x);
	return 0;
}

struct peers *peers_free(struct peers *x)
{
	if (!x)
		return NULL;
	(void)ends_free(x->ends);
	(void)accepts_free(x->accepts);
	bounds_done(&x->bounds);
	free(x);
	return NULL;
}

/* The kernel tells the inode of it, which is the same in all network namespaces. */
static bool find_unix(const struct peers *x, const struct row *row, struct seg_peer_end *ret)
{
	ret->inode = (uint32_t)field_u64(row, F_UNIX_PEER, 0);
	if (ret->inode)
		(void)accepts_unix_netns(x->accepts, ret->inode, &ret->netns);
	return ret->inode;
}

bool peers_find(const struct peers *x, const struct row *row, struct seg_peer_end *ret)
{
	uint32_t state = STATE(field_u64(row, F_STATE, 0));
	const struct end *e = NULL;
	struct tuple t;

	*ret = (struct seg_peer_end){};
	if (row_has(row, SEG_UNIX_MSG))
		return find_unix(x, row, ret);
	if (!x->has_asked || row_dump(row)->is_recorded || !(state & (OPEN | OPENING)) || !get_tuple(row, &t))
		return false;
	switch (ends_find(x->ends, netns_of(row), &t, &e)) {
	case ENDS_FOUND:
		ret->inode = e->inode;
		ret->netns = e->netns;
		ret->cgroup = e->cgroup;
		ret->lacks_cgroup = x->has_text && !e->cgroup;
		return true;
	case ENDS_ELSEWHERE: ret->is_missing = x->why.text[0] && state & OPEN; return ret->is_missing;
	case ENDS_AMBIGUOUS: ret->is_missing = true; return true;
	case ENDS_MISSING:
		/* What is sent to a UDP socket may be taken by one that is connected to nobody; and there may
		 * be no other end yet. */
		ret->is_missing = t.kind == TUPLE_TCP && state & OPEN;
		return ret->is_missing;
	}
	return false;
}

bool peers_may_be_published(const struct peers *x, const struct row *row)
{
	struct bound b;

	return x->wants_ends && x->bounds.n && !row_dump(row)->is_recorded && get_bound(row, &b);
}

bool peers_find_behind(const struct peers *x, struct sv cmdline, struct seg_peer_end *ret)
{
	const struct bound *b;
	struct bound to;

	*ret = (struct seg_peer_end){};
	b = behind_read(cmdline, &to) ? bounds_find(&x->bounds, ends_locals(x->ends), &to) : NULL;
	if (!b)
		return false;
	*ret = (struct seg_peer_end){ .inode = b->inode, .netns = b->netns, .cgroup = b->cgroup };
	return true;
}

static enum direction direction_of_tcp(const struct peers *x, const struct row *row)
{
	struct listener own = own_end(row), other = own;
	const struct tcp_signs s = {
		.state = (uint32_t)field_u64(row, F_STATE, 0),
		.has_inode = field_u64(row, F_INODE, 0),
		.has_info = field_find_loc(row, F_TCP_BYTES_RETRANS) && field_find_loc(row, F_TCP_DELIVERED),
		.bytes_acked = field_u64(row, F_TCP_BYTES_ACKED, 0),
		.bytes_sent = field_u64(row, F_TCP_BYTES_SENT, 0),
		.bytes_retrans = field_u64(row, F_TCP_BYTES_RETRANS, 0),
		.wqueue = (uint32_t)field_u64(row, F_SENDQ, 0),
		.notsent = (uint32_t)field_u64(row, F_TCP_NOTSENT, 0),
		.unacked = (uint32_t)field_u64(row, F_TCP_UNACKED, 0),
		.total_retrans = (uint32_t)field_u64(row, F_TCP_TOTAL_RETRANS, 0),
		.delivered = (uint32_t)field_u64(row, F_TCP_DELIVERED, 0),
		.data_segs_out = (uint32_t)field_u64(row, F_TCP_DATA_SEGS_OUT, 0),
	};
	struct tcp_signs all = s;

	all.has_listener = accepts_has(x->accepts, &own);
	get_addr(row, F_DST, other.addr);
	other.port = (uint16_t)field_u64(row, F_DPORT, 0);
	all.has_peer_listener =
		locals_has(ends_locals(x->ends), own.netns, other.addr) && accepts_has(x->accepts, &other);
	return tcp_direction(&all);
}

enum direction peers_direction(const struct peers *x, const struct row *row)
{
	uint64_t protocol = field_u64(row, F_PROTOCOL, 0);

	if (row_dump(row)->is_recorded || !x->has_asked)
		return DIRECTION_UNKNOWN;
	if (row_has(row, SEG_UNIX_MSG))
		return accepts_unix(x->accepts, (uint32_t)field_u64(row, F_INODE, 0),
				    (uint32_t)field_u64(row, F_UNIX_PEER, 0));
	if (!row_has(row, SEG_INET_MSG) || (protocol != IPPROTO_TCP && protocol != K_IPPROTO_MPTCP))
		return DIRECTION_UNKNOWN;
	return direction_of_tcp(x, row);
}

void peers_put_why(const struct peers *x, struct text *t)
{
	text_str(t, x->why.text[0] ? x->why.text
				   : "they came or went while this was found out, or there are several that "
				     "could be it");
}
