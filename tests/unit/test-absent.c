/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Absent is not zero. Each field is read from messages of which every byte is
 * 0, of sockets of every table and state, so that each has a zero to show; the
 * table below says of which fields the zero is one. A field that is in no line
 * of it fails the test: whoever adds one has to say.
 */

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "check.h"
#include "model/field.h"

/* Where a zero in the message is a value of the field. */
enum zero {
	NEVER,     /* nowhere: it says that there is none */
	ALWAYS,    /* wherever it is sent */
	CONNECTED, /* of sockets with a peer, also one that has not answered */
	ANSWERED,  /* of sockets whose peer has answered */
	LISTENING, /* of listeners */
	GIVEN_BY,  /* where the field that decides is there, and it is not in these messages */
};

static const struct {
	const char *names; /* a pattern; the first line that fits counts */
	enum zero zero;
} fields_are[] = {
	/* made by enrichers, or text and lists, which have no zero */
	{ "netid", ALWAYS },
	{ "netns", ALWAYS },
	{ "netns_id", NEVER },
	{ "user", GIVEN_BY },
	{ "iface", ALWAYS },
	{ "cgroup", ALWAYS },
	{ "raw", ALWAYS },
	{ "local.service", ALWAYS },
	{ "local.name", ALWAYS },
	{ "peer.service", CONNECTED },
	{ "peer.name", CONNECTED },
	{ "tcp.limited_by", ANSWERED },
	{ "process*", ALWAYS },
	{ "owner.why", ALWAYS },
	{ "time", NEVER },
	{ "event", NEVER },
	{ "old_state", NEVER },
	{ "duration", ALWAYS },
	{ "handshake", NEVER },
	{ "closed.*", NEVER },
	{ "lost.events", NEVER },
	{ "lost.span", ALWAYS },
	{ "host", NEVER },
	{ "boot", NEVER },
	{ "monotonic", NEVER },
	{ "unit", NEVER },
	{ "slice", NEVER },
	{ "container.*", NEVER },
	{ "pod.*", NEVER },
	{ "peer.process*", ALWAYS },
	{ "payload.recvq", CONNECTED },
	{ "payload.*", ALWAYS },
	{ "unbound.why", NEVER },
	{ "unbound.idle", ALWAYS },
	{ "opt.congestion", NEVER },
	{ "opt.*", ALWAYS },
	{ "peer.netns", ALWAYS },
	{ "direction", ALWAYS },
	/* of all kinds */
	{ "family", ALWAYS },
	{ "type", NEVER },
	{ "state", ALWAYS },
	{ "recvq", ALWAYS }, /* but of what is only bound, or listens: test_queues() */
	{ "sendq", ALWAYS },
	{ "accept.syn", ALWAYS },
	{ "accept.*", LISTENING },
	{ "reuseport.group", NEVER },
	{ "reuseport.*", GIVEN_BY },
	{ "inode", NEVER },
	{ "cookie", ALWAYS },
	{ "uid", GIVEN_BY },
	{ "shutdown", ALWAYS },
	{ "mem.*", ALWAYS },
	/* of IP sockets */
	{ "local.addr", ALWAYS },
	{ "local.port", NEVER },
	{ "peer.*", NEVER },
	{ "ifindex", NEVER },
	{ "timer.code", NEVER },
	{ "timer.*", GIVEN_BY },
	{ "protocol", NEVER },
	{ "v6only", ALWAYS },
	{ "mark", NEVER },
	{ "cgroup_id", NEVER },
	{ "tos", ALWAYS },
	{ "tclass", ALWAYS },
	{ "class_id", NEVER },
	{ "sockopt", ALWAYS },
	{ "proc.sk", NEVER },
	{ "proc.rto", NEVER },
	{ "proc.ato", NEVER },
	{ "proc.rest", ALWAYS },
	{ "proc.*", CONNECTED },
	/* of TCP: settings, what the peer has to do with, and the rest */
	{ "tcp.cong", ALWAYS },
	{ "tcp.ulp", ALWAYS },
	{ "tcp.md5sig", ALWAYS },
	{ "tcp.max_pacing_rate", ALWAYS },
	{ "tcp.rtt", NEVER },
	{ "tcp.rttvar", GIVEN_BY },
	{ "tcp.rcv_rtt", NEVER },
	{ "tcp.rcv_space", NEVER },
	{ "tcp.ato", NEVER },
	{ "tcp.delivery_rate", NEVER },
	{ "tcp.fastopen_client_fail", NEVER },
	{ "tcp.fackets", NEVER },
	{ "tcp.options", ANSWERED },
	{ "tcp.snd_wscale", ANSWERED },
	{ "tcp.rcv_wscale", ANSWERED },
	{ "tcp.app_limited", ANSWERED },
	{ "tcp.mss", ANSWERED },
	{ "tcp.rcvmss", ANSWERED },
	{ "tcp.last_*", ANSWERED },
	{ "tcp.min_rtt", ANSWERED },
	{ "tcp.snd_wnd", ANSWERED },
	{ "tcp.ecn_mode", ANSWERED },
	{ "tcp.accecn*", ANSWERED },
	{ "tcp.vegas.*", ANSWERED },
	{ "tcp.dctcp.*", ANSWERED },
	{ "tcp.bbr.*", ANSWERED },
	{ "tcp.*", CONNECTED },
	{ "tls.version", NEVER },
	{ "tls.cipher", NEVER },
	{ "tls.*", ALWAYS },
	{ "mptcp.subflow.token_*", NEVER },
	{ "mptcp.subflow.*", ALWAYS },
	{ "mptcp.token", NEVER },
	{ "mptcp.last_*", ANSWERED },
	{ "mptcp.*", CONNECTED },
	/* of SCTP: an endpoint or an association, test_sctp() */
	{ "sctp.*", ALWAYS },
	{ "smc.mode", CONNECTED },
	{ "smc.fallback.*", NEVER },
	{ "smc.*", ALWAYS },
	/* of others */
	{ "unix.peer", NEVER },
	{ "unix.*", ALWAYS },
	{ "packet.*.retire_timeout", NEVER },
	{ "packet.*", ALWAYS },
	{ "netlink.dst_group", NEVER },
	{ "netlink.dst_portid", NEVER }, /* these are not connected */
	{ "netlink.sk", NEVER },
	{ "netlink.*", ALWAYS },
	{ "vsock.peer.*", CONNECTED },
	{ "vsock.local.*", ALWAYS },
	{ "tipc.*", ALWAYS },
	{ "xdp.queue", GIVEN_BY },
	{ "xdp.umem.ifindex", NEVER },
	{ "xdp.umem.queue", GIVEN_BY },
	{ "xdp.*", ALWAYS },
};

static enum zero zero_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields_are); i++)
		if (glob_match(sv(fields_are[i].names), sv(name)))
			return fields_are[i].zero;
	fprintf(stderr, "%s: say in fields_are[] what a zero in it means\n", name);
	abort();
}

static const uint8_t zeros[4096];

/* A row of @table in @state in which every segment of @field's first place is there, and 0. */
static void make_row(struct row *row, struct seg_dump *from, const struct loc *at, uint8_t state)
{
	static uint8_t inet[sizeof(struct inet_diag_msg)], un[sizeof(struct unix_diag_msg)],
		vsock[sizeof(struct k_vsock_diag_msg)], nl[sizeof(struct netlink_diag_msg)];

	*row = (struct row){};
	row_put(row, SEG_DUMP, from, sizeof(*from));
	((struct inet_diag_msg *)(void *)inet)->idiag_state = state;
	((struct inet_diag_msg *)(void *)inet)->idiag_family = AF_INET;
	((struct unix_diag_msg *)(void *)un)->udiag_state = state;
	((struct k_vsock_diag_msg *)(void *)vsock)->vdiag_state = state;
	((struct netlink_diag_msg *)(void *)nl)->ndiag_state = state;
	switch (from->table) {
	case TABLE_UNIX_STREAM: row_put(row, SEG_UNIX_MSG, un, sizeof(un)); break;
	case TABLE_VSOCK_STREAM: row_put(row, SEG_VSOCK_MSG, vsock, sizeof(vsock)); break;
	case TABLE_NETLINK: row_put(row, SEG_NETLINK_MSG, nl, sizeof(nl)); break;
	default: row_put(row, SEG_INET_MSG, inet, sizeof(inet)); break;
	}
	if (!row_has(row, (enum seg)at->seg))
		row_put(row, (enum seg)at->seg, zeros, at->any_len ? 1 : at->off + at->size);
}

/* The table whose sockets have what is called @name. */
static uint8_t table_of(const char *name)
{
	static const struct {
		const char *names;
		uint8_t table;
	} of[] = { { "mptcp.subflow*", TABLE_TCP },  { "mptcp.*", TABLE_MPTCP },
		   { "sctp.*", TABLE_SCTP },         { "smc.*", TABLE_SMC },
		   { "unix.*", TABLE_UNIX_STREAM },  { "netlink.*", TABLE_NETLINK },
		   { "packet.*", TABLE_PACKET_RAW }, { "vsock.*", TABLE_VSOCK_STREAM },
		   { "tipc.*", TABLE_TIPC },         { "xdp.*", TABLE_XDP } };

	for (size_t i = 0; i < ARRAY_SIZE(of); i++)
		if (glob_match(sv(of[i].names), sv(name)))
			return of[i].table;
	return TABLE_TCP;
}

static bool is_wanted(enum zero zero, uint8_t state)
{
	bool is_connected = state != K_TCP_LISTEN && state != K_TCP_CLOSE && state != K_TCP_BOUND_INACTIVE;

	switch (zero) {
	case ALWAYS: return true;
	case CONNECTED: return is_connected;
	case ANSWERED: return is_connected && state != K_TCP_SYN_SENT;
	case LISTENING: return state == K_TCP_LISTEN;
	case NEVER:
	case GIVEN_BY: break;
	}
	return false;
}

static bool is_there(enum field_id f, uint8_t table, uint8_t state, uint8_t is_proc)
{
	struct seg_dump from = { .table = table, .is_proc = is_proc, .protocol = IPPROTO_TCP };
	struct row row;
	struct val v;

	if (table != TABLE_TCP)
		from.protocol = table == TABLE_SCTP ? IPPROTO_SCTP : 0;
	if (f == F_PROTOCOL)
		from.protocol = 0;
	make_row(&row, &from, fields[f].at, state);
	return field_get(&row, f, &v);
}

static void test_zeros(void)
{
	static const uint8_t states[] = { K_TCP_ESTABLISHED, K_TCP_SYN_SENT, K_TCP_TIME_WAIT,     K_TCP_CLOSE,
					  K_TCP_LISTEN,      K_TCP_CLOSING,  K_TCP_BOUND_INACTIVE };

	for (enum field_id f = 0; f < F_MAX; f++) {
		enum zero zero = zero_of(fields[f].name);

		if (f == F_RECVQ || f == F_SENDQ || f == F_STATE ||
		    glob_match(sv("sctp.*"), sv(fields[f].name)) ||
		    glob_match(sv("netlink.dst*"), sv(fields[f].name)))
			continue; /* below */
		for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
			if (is_there(f, table_of(fields[f].name), states[i], false) ==
			    is_wanted(zero, states[i]))
				continue;
			fprintf(stderr, "%s in state %u: ", fields[f].name, states[i]);
			fprintf(stderr, "it is %s\n", is_wanted(zero, states[i]) ? "absent" : "there");
			abort();
		}
	}
}

/* Whether sockets of @table in @state have bytes in queues, and an accept queue. */
static void check_queues(uint8_t table, uint8_t state, bool has_bytes, bool has_accept)
{
	static const enum field_id accept[] = { F_ACCEPT_QUEUE, F_ACCEPT_LIMIT, F_ACCEPT_FILL };

	CHECK(is_there(F_RECVQ, table, state, false) == has_bytes);
	CHECK(is_there(F_SENDQ, table, state, false) == has_bytes);
	for (size_t i = 0; i < ARRAY_SIZE(accept); i++)
		CHECK(is_there(accept[i], table, state, false) == has_accept);
}

static void test_queues(void)
{
	check_queues(TABLE_TCP, K_TCP_ESTABLISHED, true, false);
	check_queues(TABLE_TCP, K_TCP_CLOSE, false, false);
	check_queues(TABLE_TCP, K_TCP_LISTEN, false, true);
	check_queues(TABLE_MPTCP, K_TCP_ESTABLISHED, true, false);
	check_queues(TABLE_MPTCP, K_TCP_LISTEN, false, true);
	check_queues(TABLE_UDP, K_TCP_CLOSE, true, false);
	check_queues(TABLE_RAW, K_TCP_CLOSE, true, false);
	/* Endpoints: the numbers of an accept queue in every state. DCCP: zeros in every state. */
	check_queues(TABLE_SCTP, K_TCP_LISTEN, false, true);
	check_queues(TABLE_SCTP, K_TCP_CLOSE, false, false);
	check_queues(TABLE_SCTP, K_TCP_ESTABLISHED, false, false);
	check_queues(TABLE_DCCP, K_TCP_LISTEN, false, false);
	check_queues(TABLE_DCCP, K_TCP_ESTABLISHED, false, false);
	/* A limit is not in /proc/net. */
	CHECK(is_there(F_ACCEPT_QUEUE, TABLE_TCP, K_TCP_LISTEN, true));
	CHECK(!is_there(F_ACCEPT_LIMIT, TABLE_TCP, K_TCP_LISTEN, true));
	CHECK(!is_there(F_ACCEPT_FILL, TABLE_TCP, K_TCP_LISTEN, true));
	CHECK(!is_there(F_SENDQ, TABLE_TCP, K_TCP_LISTEN, true));
	CHECK(is_there(F_SENDQ, TABLE_TCP, K_TCP_ESTABLISHED, true));
}

/* The kernel fills in one half for an association, the other for an endpoint. */
static void test_sctp(void)
{
	static const struct k_sctp_info info;
	const struct seg_dump from = { .table = TABLE_SCTP, .protocol = IPPROTO_SCTP };
	size_t n_of_both = 0, n_fields = 0;

	for (enum field_id f = 0; f < F_MAX; f++) {
		struct inet_diag_msg msg = { .idiag_family = AF_INET, .idiag_state = K_TCP_LISTEN };
		struct row row = {};
		struct val v;
		bool of_endpoint;

		if (fields[f].at->seg != SEG_SCTP_INFO)
			continue;
		row_put(&row, SEG_DUMP, &from, sizeof(from));
		row_put(&row, SEG_INET_MSG, &msg, sizeof(msg));
		row_put(&row, SEG_SCTP_INFO, &info, sizeof(info));
		of_endpoint = field_get(&row, f, &v);
		row_put(&row, SEG_PEERS, zeros, sizeof(struct sockaddr_storage));
		row.kind = 0; /* another socket now */
		n_of_both += field_get(&row, f, &v) == of_endpoint;
		n_fields++;
	}
	CHECK(n_fields > 40 && !n_of_both);
}

/* The peer of a refused connect() stays in the kernel's socket; what -E announces is closed and has one. */
static void test_peers(void)
{
	struct inet_diag_msg msg = { .idiag_family = AF_INET, .idiag_state = K_TCP_CLOSE };
	struct netlink_diag_msg nl = { .ndiag_family = AF_NETLINK,
				       .ndiag_dst_portid = 5,
				       .ndiag_state = K_TCP_CLOSE };
	struct seg_dump from = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };
	struct row row = {};
	struct val v;

	msg.id.idiag_dst[0] = 0x0100007f;
	msg.id.idiag_dport = 1;
	row_put(&row, SEG_DUMP, &from, sizeof(from));
	row_put(&row, SEG_INET_MSG, &msg, sizeof(msg));
	CHECK(!field_get(&row, F_DST, &v) && !field_get(&row, F_DPORT, &v));
	CHECK(field_get_sent(&row, F_DST, &v) && field_get_sent(&row, F_DPORT, &v));
	from.is_event = true;
	row.kind = 0;
	CHECK(field_get(&row, F_DST, &v) && field_get(&row, F_DPORT, &v));
	from = (struct seg_dump){ .table = TABLE_UDP, .protocol = IPPROTO_UDP };
	msg.idiag_state = K_TCP_ESTABLISHED;
	row.kind = 0;
	CHECK(field_get(&row, F_DST, &v));
	memset(msg.id.idiag_dst, 0, sizeof(msg.id.idiag_dst));
	CHECK(!field_get(&row, F_DST, &v) && field_get(&row, F_SRC, &v));
	from.is_masked = true;
	CHECK(field_get(&row, F_DST, &v));
	from = (struct seg_dump){ .table = TABLE_RAW, .protocol = IPPROTO_RAW };
	row.kind = 0;
	msg.id.idiag_sport = htons(58);
	CHECK(!field_get(&row, F_SPORT, &v) && field_get_sent(&row, F_SPORT, &v));

	row = (struct row){};
	from = (struct seg_dump){ .table = TABLE_NETLINK };
	row_put(&row, SEG_DUMP, &from, sizeof(from));
	row_put(&row, SEG_NETLINK_MSG, &nl, sizeof(nl));
	CHECK(!field_get(&row, F_NETLINK_DST_PORTID, &v) && !field_get(&row, F_NETLINK_DST_GROUP, &v));
	nl.ndiag_state = 1;
	row.kind = 0;
	CHECK(field_get(&row, F_NETLINK_DST_PORTID, &v) && v.u == 5 &&
	      !field_get(&row, F_NETLINK_DST_GROUP, &v));
}

/* What decides over others is a number that lies somewhere, and over which nothing decides. */
static void test_registry(void)
{
	for (enum field_id f = 0; f < F_MAX; f++) {
		const struct field *by = &fields[fields[f].given];

		CHECK(!(fields[f].has_none && fields[f].no_zero && fields[f].none));
		if (fields[f].has_given)
			CHECK(!by->has_given && by->part == PART_NONE && !by->at->any_len &&
			      by->type != T_ADDR);
	}
}

int main(void)
{
	test_zeros();
	test_queues();
	test_sctp();
	test_peers();
	test_registry();
	return 0;
}
