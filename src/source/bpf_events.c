/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_events.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <time.h>

#include "bpf/events.h"
#include "bpf/load.h"
#include "bpf/ring.h"
#include "source/bpf_message.h"
#include "source/bpf_tally.h"

enum {
	RING = 8 << 20,   /* bytes */
	GROUPS = 1 << 16, /* that are counted at a time */
	LIVES = 1 << 16,  /* connections more than there are at the beginning */
	GIVE_BACK = 64,   /* records read at a time */
	LOOK_AHEAD = 256, /* records in which the port of a new connection is looked for first */
	PROGRAMS = 4,     /* as in events.bpf.c */
};

#define SAME(id) _Static_assert((int)LIFE_##id == (int)EVENT_##id, "the program counts them alike")
SAME(OPEN);
SAME(ACCEPT);
SAME(STATE);
SAME(RETRANSMIT);
SAME(RESET);
SAME(CLOSE);
_Static_assert((int)EVENT_PORTS == (int)LIFE_PORTS, "all fit");

struct bpf_events {
	struct events source;
	struct bpf_load *load;
	struct event_shared *shared;
	struct ring *ring;
	struct bpf_message_form form;
	struct bpf_tally tally;
	int find_port;
	uint64_t at, last_ns;
	unsigned int n_read; /* and not given back */
	_Alignas(struct nlmsghdr) char message[BPF_MESSAGE_MAX + BPF_MESSAGE_NETNS];
};

static void close_events(struct events *source)
{
	struct bpf_events *b = (struct bpf_events *)source;

	(void)ring_close(b->ring);
	(void)bpf_load_close(b->load);
	free(b);
}

static struct bpf_events *bpf_events_free(struct bpf_events *b)
{
	close_events(&b->source);
	return NULL;
}

DEFINE_CLEANUP(struct bpf_events, bpf_events_free)

/* The local port of a connection that opens is not known before it is told. */
static bool can_count(const struct event_opts *o, struct event_shared *shared)
{
	return o->keys && !(o->kinds >> EVENT_OPEN & 1 && fieldset_has(o->keys, F_SPORT)) &&
	       bpf_tally_want(o->keys, o->sums, shared);
}

static int size_maps(struct bpf_events *b, const struct event_opts *o, uint32_t cpus, struct err *e)
{
	const struct {
		const char *name;
		uint32_t entries, value_size;
	} maps[] = {
		{ "records", cpus * PROGRAMS, sizeof(struct event_record) },
		{ "closed", LIFE_CLOSED, 0 },
		{ "lives", o->connections + LIVES, 0 },
		{ "ring", (uint32_t)(o->ring ? o->ring : RING), 0 },
		{ "tally0", can_count(o, &(struct event_shared){}) ? GROUPS : 1, 0 },
		{ "tally1", can_count(o, &(struct event_shared){}) ? GROUPS : 1, 0 },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(maps) && r >= 0; i++)
		r = bpf_load_size(b->load, maps[i].name, maps[i].entries, maps[i].value_size, e);
	return r;
}

#define AT(member)                                                                                          \
	{                                                                                                   \
		offsetof(struct k_tcp_info, tcpi_##member), sizeof(((struct k_tcp_info *)0)->tcpi_##member) \
	}

/* Of what TCP knows the numbers that put_counts() of bpf/tcp_record.bpf.h tells. */
static bool is_count(const struct loc *at)
{
	static const struct {
		uint16_t off, size;
	} counts[] = {
		AT(bytes_acked),  AT(bytes_received), AT(bytes_sent),    AT(bytes_retrans), AT(segs_out),
		AT(segs_in),      AT(data_segs_in),   AT(data_segs_out), AT(total_retrans), AT(delivered),
		AT(delivered_ce), AT(dsack_dups),     AT(reord_seen),    AT(rcv_ooopack),   AT(unacked),
		AT(lost),         AT(retrans),
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (at->off == counts[i].off && at->size == counts[i].size)
			return true;
	return false;
}

/* Whether nothing else is read of it, nor what comes along with it. */
static bool asks_counts_only(const struct fieldset *asked)
{
	for (enum field_id f = 0; f < F_MAX; f++)
		for (const struct loc *at = fields[f].at; fieldset_has(asked, f) && at->size; at++)
			if ((at->seg == SEG_TCP_INFO && !is_count(at)) ||
			    (at->seg > SEG_TCP_INFO && at->seg <= SEG_SF_ID_LOC))
				return false;
	return true;
}

static int configure(struct bpf_events *b, const struct event_opts *o, struct err *e)
{
	size_t size = bpf_message_record_size(b->form.ask);
	struct walk_config *c = bpf_load_constants(b->load, sizeof(*c), e);
	int cpus = bpf_load_cpus();
	struct timespec tick;

	if (!c || cpus < 0)
		return c ? err_sys(e, cpus, "number of CPUs") : -EINVAL;
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) < 0 || tick.tv_sec)
		return err_say(e, -EOPNOTSUPP, "the kernel's clock does not tick");
	*c = (struct walk_config){
		.want_mem = size >= sizeof(struct sock_record_mem),
		.want_info = size >= sizeof(struct tcp_record_info),
		.only_counts = asks_counts_only(o->fields),
		.want_timer = fieldset_has(o->fields, F_TIMER) || fieldset_has(o->fields, F_EXPIRES) ||
			      fieldset_has(o->fields, F_RETRANS),
		.want_detail = true,
		.msec_per_jiffy = (uint32_t)(tick.tv_nsec / 1000000),
		.usec_per_jiffy = (uint32_t)(tick.tv_nsec / 1000),
	};
	return size_maps(b, o, (uint32_t)cpus, e);
}

/* Loads no more than is needed: without resets it is not known how a connection ended. */
static int leave_out(struct bpf_events *b, uint32_t kinds, struct err *e)
{
	int r = 0;

	if (!(kinds >> EVENT_RETRANSMIT & 1))
		r = bpf_load_without(b->load, "on_retransmit", e);
	if (r >= 0 && !(kinds >> EVENT_RESET & 1))
		r = bpf_load_without(b->load, "on_send_reset", e);
	if (r >= 0 && !(kinds & (1u << EVENT_RESET | 1u << EVENT_CLOSE)))
		r = bpf_load_without(b->load, "on_receive_reset", e);
	return r;
}

static int attach(struct bpf_events *b, uint32_t kinds, struct err *e)
{
	int r = 0;

	if (kinds & (1u << EVENT_RESET | 1u << EVENT_CLOSE))
		r = bpf_load_attach(b->load, "on_receive_reset", e);
	if (r >= 0 && kinds >> EVENT_RESET & 1)
		r = bpf_load_attach(b->load, "on_send_reset", e);
	if (r >= 0 && kinds >> EVENT_RETRANSMIT & 1)
		r = bpf_load_attach(b->load, "on_retransmit", e);
	return r < 0 ? r : bpf_load_attach(b->load, "on_state", e);
}

static int begin(struct bpf_events *b, const struct event_opts *o, struct err *e)
{
	size_t size = o->ring ? o->ring : RING, stride;
	void *shared;
	int r = bpf_load_mmap(b->load, ".bss.shared", &shared, &stride, e), fd;

	if (r < 0)
		return r;
	if (stride < sizeof(*b->shared))
		return err_say(e, -EINVAL, "BPF program events: its variables are too short");
	b->shared = shared;
	b->shared->kinds = o->kinds;
	b->shared->netns = o->netns;
	b->shared->family = o->family;
	b->shared->want_handshake = fieldset_has(o->fields, F_HANDSHAKE);
	b->shared->n_ports = (uint32_t)o->n_ports;
	for (size_t i = 0; i < o->n_ports; i++)
		b->shared->ports[i] = htons(o->ports[i]);
	b->source.is_counting = can_count(o, b->shared);
	b->shared->wake = (uint32_t)(size / 4);
	b->find_port = bpf_load_program(b->load, "find_port", e);
	fd = bpf_load_map(b->load, "ring", e);
	b->tally.map[0] = bpf_load_map(b->load, "tally0", e);
	b->tally.map[1] = bpf_load_map(b->load, "tally1", e);
	if (fd < 0 || b->find_port < 0 || b->tally.map[0] < 0 || b->tally.map[1] < 0)
		return -ENOENT;
	r = ring_open(fd, size, &b->ring, e);
	if (r < 0)
		return r;
	b->at = ring_first(b->ring);
	return attach(b, o->kinds, e);
}

/* The port of @r's socket among the next @n records; 0 when it is in none. */
static uint16_t look_ahead(struct bpf_events *b, const struct event_record *r, unsigned int n)
{
	const struct event_record *next;
	uint64_t at = b->at;
	size_t len;

	for (; n && (next = ring_next(b->ring, &at, &len)) && len >= sizeof(*next); n--)
		if (next->cookie == r->cookie && next->r.m.r.msg.id.idiag_sport)
			return next->r.m.r.msg.id.idiag_sport;
	return 0;
}

/* A connection that begins gets its port a moment later: what came behind tells, or else the socket itself.
 */
static uint16_t port_of(struct bpf_events *b, const struct event_record *r)
{
	uint16_t port = look_ahead(b, r, LOOK_AHEAD);
	uint32_t found = 0;

	if (port)
		return port;
	b->shared->sought = r->cookie;
	if (bpf_load_run(b->find_port, r->sock, &found, NULL) == 0 && found)
		return (uint16_t)found;
	return look_ahead(b, r, UINT32_MAX);
}

static const char *how_of(const struct event_record *r)
{
	switch (r->error) {
	case 0: break;
	case ETIMEDOUT: return "timeout";
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENOPROTOOPT:
	case EACCES:
	case EPROTO: return "unreachable";
	default: return "abort";
	}
	switch (r->from) {
	case K_TCP_FIN_WAIT2:
	case K_TCP_CLOSING:
	case K_TCP_TIME_WAIT:
	case K_TCP_LAST_ACK: return "fin";
	default: return "abort";
	}
}

/* Who ended it, and how; of a reset who sent it. */
static void judge(const struct event_record *r, struct event *ret)
{
	if (r->kind == LIFE_RESET) {
		ret->by = r->flags & LIFE_RST_OUT ? "local" : "remote";
		return;
	}
	if (r->to != K_TCP_CLOSE || (r->kind != LIFE_CLOSE && r->kind != LIFE_STATE))
		return;
	if (r->flags & LIFE_RST_IN) {
		ret->by = "remote";
		ret->how = "rst";
		return;
	}
	ret->how = how_of(r);
	/* Who closes second is acknowledged last. */
	ret->by = !strcmp(ret->how, "unreachable") || (!strcmp(ret->how, "fin") && r->from == K_TCP_LAST_ACK)
			  ? "remote"
			  : "local";
}

static void put_event(struct bpf_events *b, struct event_record *r, struct event *ret)
{
	(void)bpf_message_put(&r->r.m.r, &b->form, b->message);
	if (r->at_ns > b->last_ns)
		b->last_ns = r->at_ns;
	*ret = (struct event){ .nlh = (const struct nlmsghdr *)(const void *)b->message,
			       .kind = (enum event_kind)r->kind,
			       .at_ns = b->last_ns,
			       .open_ns = r->open_ns,
			       .lost = r->lost,
			       .cookie = r->cookie,
			       .handshake_us = r->handshake_us,
			       .pid = r->pid,
			       .from = r->from == r->to ? 0 : r->from,
			       .to = r->to,
			       .is_in = r->flags & LIFE_IN,
			       .is_out = r->flags & LIFE_OUT };
	memcpy(ret->comm, r->comm, sizeof(r->comm));
	judge(r, ret);
}

static int next(struct events *source, struct event *ret, struct err *e)
{
	struct bpf_events *b = (struct bpf_events *)source;
	const void *p;
	struct event_record r;
	size_t len;

	if (b->n_read == GIVE_BACK) {
		ring_give_back(b->ring, b->at);
		b->n_read = 0;
	}
	p = ring_next(b->ring, &b->at, &len);
	if (!p) {
		ring_give_back(b->ring, b->at);
		b->n_read = 0;
		return 0;
	}
	b->n_read++;
	if (len != sizeof(r))
		return err_say(e, -EBADMSG, "an event of %zu bytes", len);
	memcpy(&r, p, sizeof(r));
	if (r.kind >= LIFE_KINDS)
		return err_say(e, -EBADMSG, "an event of unknown kind %u", r.kind);
	if (!r.r.m.r.msg.id.idiag_sport)
		r.r.m.r.msg.id.idiag_sport = port_of(b, &r);
	put_event(b, &r, ret);
	return 1;
}

static void turn(struct events *source)
{
	struct bpf_events *b = (struct bpf_events *)source;

	bpf_tally_turn(&b->tally, b->shared);
}

static int counted(struct events *source, struct event *ret, uint64_t *ret_n, struct err *e)
{
	struct bpf_events *b = (struct bpf_events *)source;
	struct event_record r;
	int k = bpf_tally_next(&b->tally, b->shared, &r, ret_n);

	if (k < 0)
		return err_sys(e, k, "events that were counted");
	if (k)
		put_event(b, &r, ret);
	return k;
}

static void calm(struct events *source)
{
	ring_calm(((struct bpf_events *)source)->ring);
}

static uint64_t lost(const struct events *source)
{
	const struct bpf_events *b = (const struct bpf_events *)source;

	return __atomic_load_n(&b->shared->lost, __ATOMIC_RELAXED) + bpf_load_missed(b->load);
}

static void stop(struct events *source)
{
	bpf_load_detach(((struct bpf_events *)source)->load);
}

static const struct events_ops ops = {
	.next = next,
	.turn = turn,
	.counted = counted,
	.lost = lost,
	.stop = stop,
	.close = close_events,
};

int bpf_events_open(const struct event_opts *o, struct events **ret, struct err *e)
{
	_cleanup_(bpf_events_freep) struct bpf_events *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return err_sys(e, -ENOMEM, "events");
	b->source.ops = &ops;
	b->source.calm = calm;
	b->form = (struct bpf_message_form){ .ask = ASK_INET_BITS(o->ask),
					     .has_mark = true,
					     .has_netns = true,
					     .info_len = sizeof(struct k_tcp_info) };
	r = bpf_load_open(&bpf_image_events, &b->load, e);
	if (r >= 0)
		r = configure(b, o, e);
	if (r >= 0)
		r = leave_out(b, o->kinds, e);
	if (r >= 0)
		r = bpf_load_finish(b->load, e);
	if (r >= 0)
		r = begin(b, o, e);
	if (r < 0)
		return r;
	b->source.fd = ring_fd(b->ring);
	*ret = &take_ptr(b)->source;
	return 0;
}
