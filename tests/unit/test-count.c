/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Counts that BPF takes in the kernel: by what, what they are made, and what happens when there is no room.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "ops/columns.h"
#include "run/count.h"
#include "run/session.h"
#include "sink/project.h"
#include "source/bpf_count.h"

enum { CLIENTS = 5 };

/* Adds up what is counted. */
struct total {
	struct tabular tabular;
	size_t n_columns;
	uint64_t n_groups, n;
};

static int begin(struct tabular *t, const struct listing *l)
{
	((struct total *)t)->n_columns = l->n;
	return 0;
}

static int list_end(struct tabular *)
{
	return 0;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct total *total = (struct total *)t;

	total->n_groups++;
	total->n += cells[total->n_columns - 2].val.u;
	return 0;
}

static int end(struct tabular *, const struct notes *)
{
	return 0;
}

static const struct tabular_ops total_ops = {
	.list = begin, .record = record, .list_end = list_end, .end = end
};

/* An output that counts by a list of columns. */
struct output {
	struct columns columns;
	struct total total;
	struct group *group;
	struct sink *sink;
};

static void open_output(struct output *o, const char *by)
{
	struct group_opts go = { .limit = UINT64_MAX };
	struct listing l = { .name = "groups" };
	struct err e;

	memset(o, 0, sizeof(*o));
	o->total.tabular.ops = &total_ops;
	CHECK(columns_parse_by(&o->columns, sv(by), "--by", &go, &e) == 0);
	CHECK(group_new(&go, o->columns.v, &o->total.tabular, &o->group, &e) == 0);
	l.columns = o->columns.v;
	l.n = o->columns.n;
	CHECK(project_new(&l, NULL, group_tabular(o->group), &o->sink) == 0 && sink_begin(o->sink, 0) == 0);
}

static void close_output(struct output *o)
{
	struct tabular *t = group_tabular(o->group);

	CHECK(t->ops->end(t, NULL) == 0);
	(void)project_free(o->sink);
	(void)tabular_free(t);
	columns_done(&o->columns);
}

static void check_masks(void)
{
	struct bpf_count_opts o = { .local_bits = { 24, 33 }, .peer_bits = { 31, 128 }, .max_groups = 1 };
	struct tcp_count_config c;

	CHECK(bpf_count_configure(&o, &c));
	CHECK(c.local_mask4 == htonl(0xffffff00) && c.peer_mask4 == htonl(0xfffffffe));
	CHECK(c.local_mask6[0] == UINT32_MAX && c.local_mask6[1] == htonl(0x80000000) && !c.local_mask6[2]);
	CHECK(c.peer_mask6[3] == UINT32_MAX);
}

static void check_ends(void)
{
	struct bpf_count_opts o = { .local_bits = { 0, 33 }, .peer_bits = { 31, 0 }, .max_groups = 1 };
	struct tcp_count_config c;

	CHECK(bpf_count_configure(&o, &c));
	CHECK(!c.local_mask4 && !c.peer_mask6[0] && !c.peer_mask6[3]);
	o.local_bits[0] = 33;
	CHECK(!bpf_count_configure(&o, &c));
	o.local_bits[0] = 32;
	o.peer_bits[1] = 129;
	CHECK(!bpf_count_configure(&o, &c));
}

/* What answers a SYN has a state of its own, which can be asked for without that of the sockets. */
static void check_states(void)
{
	struct bpf_count_opts o = { .states = STATE(K_TCP_SYN_RECV) };
	struct tcp_count_config c;

	CHECK(bpf_count_configure(&o, &c));
	CHECK(c.states == (STATE(K_TCP_SYN_RECV) | STATE(K_TCP_NEW_SYN_RECV)));
	o.states = STATE(K_TCP_NEW_SYN_RECV);
	CHECK(bpf_count_configure(&o, &c) && c.states == STATE(K_TCP_NEW_SYN_RECV));
}

static void check_room(void)
{
	struct bpf_count_opts o = { .max_groups = 1 };
	struct tcp_count_config c;

	CHECK(bpf_count_configure(&o, &c));
	CHECK(c.max_groups == 1 && c.n_slots >= 2);
	o.max_groups = 100000;
	CHECK(bpf_count_configure(&o, &c));
	CHECK(c.max_groups == 100000 && c.n_slots == 1 << 18);
	o.max_groups = UINT32_MAX; /* more than there is room for */
	CHECK(bpf_count_configure(&o, &c));
	CHECK(c.max_groups == c.n_slots / 2);
}

static void count_key(struct output *o, const struct tcp_count_key *k, uint64_t n)
{
	static const struct seg_dump origin = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };
	union bpf_count_message message;
	struct row row;

	bpf_count_message(k, k->netns, &message);
	CHECK(row_open(&row, &family_inet, &origin, &message.header) == 0 && !row.n_unknown);
	CHECK(row_has(&row, SEG_NETNS_ID) == (k->netns != 0));
	CHECK(o->sink->ops->count(o->sink, &row, n) == 0);
}

/* IPv4, IPv4 in IPv6 form, and an address that only looks like it. */
static void check_groups(void)
{
	const struct tcp_count_key v4 = { .peer = { htonl(0x0a000001) }, .state = 1, .family = AF_INET };
	const struct tcp_count_key mapped = { .peer = { 0, 0, htonl(0xffff), htonl(0x0a000001) },
					      .state = 1,
					      .family = AF_INET6 };
	const struct tcp_count_key v6 = { .peer = { htonl(0x0a000001) }, .state = 1, .family = AF_INET6 };
	static const struct {
		const char *by;
		uint64_t n_groups;
	} cases[] = { { "peer.addr", 2 },     { "peer.addr/0", 2 },     { "peer.addr,family", 3 },
		      { "family", 2 },        { "local.addr", 2 },      { "state", 1 },
		      { "peer.addr/8/8", 2 }, { "peer.port,state", 1 }, { "local.port,peer.addr", 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o;

		open_output(&o, cases[i].by);
		count_key(&o, &v4, 3);
		count_key(&o, &mapped, 4);
		count_key(&o, &v6, UINT64_C(1) << 40);
		close_output(&o);
		CHECK(o.total.n == (UINT64_C(1) << 40) + 7);
		CHECK(o.total.n_groups == cases[i].n_groups);
	}
}

/* Network namespaces tell groups apart where they are known. */
static void check_netns(void)
{
	const struct tcp_count_key one = { .state = 1, .family = AF_INET, .netns = 4026531833 };
	const struct tcp_count_key two = { .state = 1, .family = AF_INET, .netns = 4026531834 };
	const struct tcp_count_key none = { .state = 1, .family = AF_INET };
	struct output o;

	open_output(&o, "netns_id,state");
	count_key(&o, &one, 1);
	count_key(&o, &two, 2);
	count_key(&o, &two, 2);
	close_output(&o);
	CHECK(o.total.n == 5 && o.total.n_groups == 2);
	open_output(&o, "netns_id");
	count_key(&o, &none, 3);
	close_output(&o);
	CHECK(o.total.n == 3 && o.total.n_groups == 1);
}

static void check_bits(void)
{
	struct sink_bits bits;
	struct output o;

	open_output(&o, "peer.addr/8,local.addr/16/64,peer.addr/0/20");
	CHECK(o.sink->ops->can_count(o.sink, &bits));
	CHECK(bits.peer[0] == 8 && bits.peer[1] == 128 && bits.local[0] == 16 && bits.local[1] == 64);
	close_output(&o);
	open_output(&o, "peer.addr,avg(recvq)");
	CHECK(!o.sink->ops->can_count(o.sink, &bits));
	close_output(&o);
}

static const struct selection all_tcp = { .tables = 1u << TABLE_TCP,
					  .families = UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6,
					  .states = STATES_ALL };

static bool is_possible(const char *by)
{
	struct plan_opts po = { .select = all_tcp };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct output o;
	bool r;

	open_output(&o, by);
	o.sink->ops->fields(o.sink, &po.fields);
	CHECK(plan_new(&po, &plan) == 0);
	r = count_is_possible(plan, o.sink) && !count_is_possible(plan, NULL);
	close_output(&o);
	return r;
}

static void check_possible(void)
{
	CHECK(is_possible("local.addr,peer.addr/24,local.port,peer.port,state,family"));
	CHECK(!is_possible("peer.addr,uid"));
	CHECK(!is_possible("process.name"));
	CHECK(!is_possible("peer.addr,sum(tcp.rtt)"));
}

static bool has_note(const struct notes *n, const char *what)
{
	enum note kind;

	for (const char *p = notes_next(n, NULL, &kind); p; p = notes_next(n, p, &kind))
		if (strstr(p, what))
			return true;
	return false;
}

/* Counts by @by in the kernel, which has room for @max_groups; returns whether it came to rows. */
static bool run(const char *by, uint32_t max_groups, enum source_kind source, struct output *o)
{
	const struct session_opts so = { .source = source, .max_groups = max_groups };
	struct plan_opts po = { .select = all_tcp };
	_cleanup_(host_freep) struct host *host = NULL;
	_cleanup_(session_freep) struct session *session = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct notes notes = {};
	struct err e;
	bool r;

	po.select.states &= ~STATE(K_TCP_LISTEN);
	open_output(o, by);
	o->sink->ops->fields(o->sink, &po.fields);
	CHECK(plan_new(&po, &plan) == 0);
	CHECK(host_live_new(&(const struct host_files){}, &host) == 0 &&
	      session_new(host, &so, &session) == 0);
	CHECK(session_run(session, plan, o->sink, &notes, &e) == 0);
	close_output(o);
	if (has_note(&notes, "no walk by BPF")) {
		(void)fprintf(stderr, "skipped: %s\n", notes_next(&notes, NULL, &(enum note){ NOTE_HINT }));
		exit(77);
	}
	r = has_note(&notes, "counted row by row");
	CHECK(!r || has_note(&notes, "too many groups"));
	notes_done(&notes);
	return r;
}

/* Connects to itself CLIENTS times, in a network namespace of its own. */
static void make_sockets(int *fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	socklen_t len = sizeof(a);
	int listener;

	if (unshare(CLONE_NEWNET) < 0) {
		(void)fprintf(stderr, "skipped: no network namespace for this user\n");
		exit(77);
	}
	listener = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(listener >= 0 && !ioctl(listener, SIOCSIFFLAGS, &lo));
	CHECK(!bind(listener, (struct sockaddr *)&a, len) && !listen(listener, CLIENTS));
	CHECK(!getsockname(listener, (struct sockaddr *)&a, &len));
	for (int i = 0; i < CLIENTS; i++) {
		*fd = socket(AF_INET, SOCK_STREAM, 0);
		CHECK(!connect(*fd++, (struct sockaddr *)&a, len));
		*fd = accept(listener, NULL, NULL);
		CHECK(*fd++ >= 0);
	}
	*fd = listener;
}

/* Without room for all groups rows are counted instead, each once. */
static void check_overflow(void)
{
	static const char by[] = "local.port,peer.port";
	const struct {
		const char *by;
		uint32_t max_groups;
		enum source_kind source;
		bool is_by_row;
		uint64_t n_groups;
	} cases[] = { { by, 2 * CLIENTS, SOURCE_BPF, false, 2 * CLIENTS },
		      { by, 2 * CLIENTS - 1, SOURCE_BPF, true, 2 * CLIENTS },
		      { "peer.addr,state", 1, SOURCE_BPF, false, 1 },
		      { by, 1, SOURCE_NETLINK, false, 2 * CLIENTS } };
	int fd[2 * CLIENTS + 1];

	make_sockets(fd);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o;

		CHECK(run(cases[i].by, cases[i].max_groups, cases[i].source, &o) == cases[i].is_by_row);
		CHECK(o.total.n == 2 * CLIENTS);
		CHECK(o.total.n_groups == cases[i].n_groups);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		(void)close(fd[i]);
}

int main(void)
{
	check_masks();
	check_ends();
	check_states();
	check_room();
	check_groups();
	check_netns();
	check_bits();
	check_possible();
	check_overflow();
	return 0;
}
