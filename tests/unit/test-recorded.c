/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * A machine made of facts: what was recorded is told, what was not is absent or an error, and facts that make
 * no sense, as those of a recording of somebody else's may, do no harm.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "check.h"
#include "history/facts.h"
#include "host/places.h"
#include "host/recorded.h"
#include "model/state.h"

enum { HOME = 1000, OTHER = 2000, INODE = 77, PID = 42 };

static char dir[] = "/tmp/test-recorded-XXXXXX";
static char path[64];

static void put(struct store_writer *w, enum fact kind, const struct fact_key *key, struct sv value)
{
	CHECK(store_put_fact(w, (uint8_t)kind, fact_key_sv(key), value) == 0);
}

static void put_word(struct store_writer *w, enum fact kind, const char *word, const char *value)
{
	CHECK(store_put_fact(w, (uint8_t)kind, sv(word), sv(value)) == 0);
}

static void put_place(struct store_writer *w, uint32_t netns, uint64_t order, const char *name)
{
	const struct fact_key key = fact_key_u32(netns);
	struct text t = {};

	fact_add(&t, PLACE_NAME, sv(name));
	fact_add_u64(&t, PLACE_ORDER, order);
	put(w, FACT_PLACE, &key, sv_n(t.p, t.len));
	text_done(&t);
}

static void put_answer(struct store_writer *w, uint32_t table, uint32_t states, uint64_t refused,
		       const char *failed)
{
	struct fact_key key = fact_key_u32(HOME);
	struct text t = {};

	fact_key_add(&key, table, 4);
	fact_key_add(&key, AF_INET, 1);
	fact_key_add(&key, states, 4);
	if (refused) {
		fact_add_u64(&t, ANSWER_REFUSED, refused);
		fact_add(&t, ANSWER_WHY, sv("no such table"));
	}
	if (failed)
		fact_add(&t, ANSWER_FAILED, sv(failed));
	put(w, FACT_ANSWER, &key, sv_n(t.p ? t.p : "", t.len));
	text_done(&t);
}

static void put_socket(struct store_writer *w, uint8_t state, uint16_t port)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_msg msg;
	} m = { .header = { .nlmsg_len = sizeof(m), .nlmsg_type = 20 },
		.msg = { .idiag_family = AF_INET, .idiag_state = state, .idiag_inode = INODE } };
	const struct store_message s = {
		.key = port, .table = FACT_TABLE_TCP, .netns = HOME, .msg = &m.header
	};

	m.msg.id.idiag_sport = htons(port);
	CHECK(store_put(w, &s) == 0);
}

static void put_owner(struct store_writer *w)
{
	const struct fact_key inode = fact_key_u32(INODE), pid = fact_key_u32(PID);
	struct text one = {}, all = {};

	fact_add_u64(&one, OWNER_PID, PID);
	fact_add_u64(&one, OWNER_FD, 0 + 1);
	fact_add(&one, 200, sv("a member of tomorrow"));
	fact_add(&all, OWNER_ONE, sv_n(one.p, one.len));
	put(w, FACT_OWNERS, &inode, sv_n(all.p, all.len));
	one.len = 0;
	fact_add(&one, PROCESS_NAME, sv("nginx"));
	fact_add(&one, PROCESS_EXE, sv("/usr/sbin/nginx"));
	fact_add(&one, PROCESS_USER, sv(""));
	put(w, FACT_PROCESS, &pid, sv_n(one.p, one.len));
	text_done(&one);
	text_done(&all);
}

static void put_names(struct store_writer *w)
{
	const struct fact_key user = fact_key_u32(1001), range = fact_key_named(HOME, "sys/net/ipv4/tcp_mem");
	struct fact_key iface = fact_key_u32(HOME);

	fact_key_add(&iface, 3, 4);
	put(w, FACT_USER, &user, sv("alice"));
	put(w, FACT_IFACE, &iface, sv("eth7"));
	put(w, FACT_FILE, &range, sv("1\t2\t300\n"));
	put_word(w, FACT_MACHINE, "host", "web1");
	put_word(w, FACT_MACHINE, "kernel", "6.18");
	put_word(w, FACT_MACHINE, "sight", "1");
	put_word(w, FACT_MACHINE, "sight.why", "3 processes may not be looked into");
}

static void make(const char *version)
{
	const struct store_opts o = {};
	struct store_writer *w;
	struct err e = {};

	(void)unlink(path);
	CHECK(store_write(path, &o, &w, &e) == 0);
	CHECK(store_begin(w, (struct store_time){ 1700000000000000, 5000000 }, &e) == 0);
	put_word(w, FACT_MAKING, "version", version);
	put_word(w, FACT_MAKING, "netns", "all");
	put_word(w, FACT_MAKING, "tables", "tcp, sctp");
	put_place(w, HOME, 0, "host");
	put_place(w, OTHER, 1, "db");
	put_answer(w, FACT_TABLE_TCP, 1u << K_TCP_LISTEN, 0, NULL);
	put_answer(w, FACT_TABLE_TCP, 1u << K_TCP_ESTABLISHED, 0, NULL);
	put_answer(w, FACT_TABLE_SCTP, STATES_ALL, ANSWER_NO_TABLE, NULL);
	put_answer(w, FACT_TABLE_DCCP, STATES_ALL, 0, "no buffer");
	put_socket(w, K_TCP_LISTEN, 80);
	put_socket(w, K_TCP_ESTABLISHED, 81);
	put_socket(w, K_TCP_LISTEN, 82);
	put_owner(w);
	put_names(w);
	CHECK(store_end(w, &e) == 0);
	CHECK(store_close(w, &e) == 0);
}

static struct dump tcp(uint32_t states)
{
	return (struct dump){ .family = &family_inet,
			      .af = AF_INET,
			      .states = states,
			      .origin = { .table = TABLE_TCP, .protocol = IPPROTO_TCP } };
}

static size_t count(struct host *h, const struct dump *d, int want)
{
	const struct host_ask q = { .dump = d };
	const struct nlmsghdr *msg;
	struct source *src = NULL;
	struct err e = {};
	size_t n = 0;
	int r = host_open(h, &q, &src, &e);

	CHECK(r == want);
	while (r >= 0 && (r = source_next(src, &msg, &e)) > 0)
		n++;
	CHECK(r <= 0);
	(void)source_close(src);
	return n;
}

static void check_answers(struct host *h)
{
	struct dump d = tcp(1u << K_TCP_LISTEN), sctp = d, dccp = d, udp = d;
	struct notes notes = {};

	host_begin(h, &notes);
	CHECK(count(h, &d, 0) == 2);
	d.states = 1u << K_TCP_LISTEN | 1u << K_TCP_ESTABLISHED;
	CHECK(count(h, &d, 0) == 3);
	CHECK(notes_is_whole(&notes));
	d.states |= 1u << K_TCP_CLOSE_WAIT;
	CHECK(count(h, &d, 0) == 3);
	CHECK(!notes_is_whole(&notes) && strstr(notes.text.p + 1, "close-wait"));
	sctp.origin = (struct seg_dump){ .table = TABLE_SCTP, .protocol = IPPROTO_SCTP };
	CHECK(count(h, &sctp, -ENOENT) == 0);
	dccp.origin = (struct seg_dump){ .table = TABLE_DCCP, .protocol = IPPROTO_DCCP };
	CHECK(count(h, &dccp, -EIO) == 0);
	udp.origin = (struct seg_dump){ .table = TABLE_UDP, .protocol = IPPROTO_UDP };
	CHECK(count(h, &udp, -ENODATA) == 0);
	d = tcp(1u << K_TCP_LISTEN);
	d.af = AF_INET6; /* was not asked for */
	CHECK(count(h, &d, -ENODATA) == 0);
	notes_done(&notes);
}

static void check_facts(struct host *h)
{
	struct owners o = h->ops->owners(h, INODE);
	struct text t = {};
	int64_t limit;

	CHECK(o.n == 1 && o.v[0].pid == PID && o.v[0].fd == 0 && sv_is(o.v[0].comm, "nginx"));
	CHECK(sv_is(owner_text(o.v, PART_EXE), "/usr/sbin/nginx") && part_is_hidden(o.v, PART_USER));
	CHECK(!owner_text(o.v, PART_CMDLINE).p);
	CHECK(h->ops->owners(h, INODE + 1).n == 0);
	CHECK(sv_is(host_about(h, HOST_NAME), "web1") && !host_about(h, HOST_BOOT).len);
	CHECK(h->kernel == 0x612 && host_now_us(h) == 1700000000000000 && host_monotonic_us(h) == 5000000);
	CHECK(host_limit(h, "sys/net/ipv4/tcp_mem", &limit) == 0 && limit == 300);
	CHECK(host_limit(h, "sys/net/ipv4/udp_mem", &limit) == -ENOENT && limit == -1);
	h->output->user(h->output->ctx, &t, 1001);
	CHECK(h->output->iface(h->output->ctx, &t, 3) && !h->output->iface(h->output->ctx, &t, 4));
	h->output->netns(h->output->ctx, &t, OTHER);
	CHECK(sv_is(sv_n(t.p, t.len), "aliceeth7if4db"));
	t.len = 0;
	CHECK(h->ops->sight(h, &t) == PROCS_SIGHT_SOME && t.len);
	CHECK(!host_tenant(h, 5, true) && !host_tenant_of(h, PID, true));
	text_done(&t);
}

static void check_places(struct host *h)
{
	_cleanup_(places_freep) struct places *all = NULL;
	struct notes notes = {};
	struct err e = {};

	CHECK(host_here(h) == HOME);
	CHECK(host_places(h, PROCS_AUTO, &notes, &all, &e) == 0);
	CHECK(all->n == 2 && all->v[0].ino == HOME && !strcmp(all->v[1].name, "db") &&
	      places_has(all, OTHER));
	CHECK(h->ops->enter(h, "nowhere", &e) == -ENOENT && strstr(e.text, "nowhere"));
	CHECK(h->ops->enter(h, "db", &e) == 0 && host_here(h) == OTHER);
	notes_done(&notes);
}

static struct host *open_recorded(struct store_reader **ret, int want)
{
	struct host *h = NULL;
	struct err e = {};

	CHECK(store_open(path, ret, &e) == 0 && store_n_samples(*ret) == 1);
	CHECK(recorded_new(*ret, "x.ss", store_n_samples(*ret) - 1, &h, &e) == want);
	CHECK(!want || strstr(e.text, "newer version"));
	return h;
}

static void test_machine(void)
{
	struct store_reader *reader;
	struct host *h;

	make("1");
	h = open_recorded(&reader, 0);
	check_answers(h);
	check_facts(h);
	check_places(h);
	(void)host_free(h);
	(void)store_reader_free(reader);
}

static void test_newer(void)
{
	struct store_reader *reader;

	make("2");
	CHECK(!open_recorded(&reader, -EBADMSG));
	(void)store_reader_free(reader);
}

/* Values cut at every length, and lengths that lie. */
static void test_members(void)
{
	struct text t = {};
	uint8_t member;
	struct sv rest, s;

	fact_add(&t, 1, sv("text"));
	fact_add_u64(&t, 2, UINT64_MAX);
	fact_add_u64(&t, 3, 0);
	for (size_t len = 0; len <= t.len; len++) {
		size_t n = 0;

		for (rest = sv_n(t.p, len); fact_take(&rest, &member, &s); n++)
			CHECK(s.p >= t.p && s.p + s.len <= t.p + len);
		CHECK(n <= 3 && (len < t.len || n == 3));
	}
	rest = sv_n(t.p, t.len);
	CHECK(sv_is(fact_member(rest, 1), "text") && fact_u64(fact_member(rest, 2)) == UINT64_MAX);
	CHECK(fact_member(rest, 3).p && !fact_u64(fact_member(rest, 3)) && !fact_member(rest, 4).p);
	rest = sv("\1\xff\xff\xff\xff\xff\xff\xff");
	CHECK(!fact_take(&rest, &member, &s));
	rest = sv("\1\xff\xff\xff\xff\x7f");
	CHECK(!fact_take(&rest, &member, &s));
	rest = sv("\1");
	CHECK(!fact_take(&rest, &member, &s));
	text_done(&t);
	/* A key that is too short has zeros for numbers. */
	rest = sv("ab");
	CHECK(fact_key_take(&rest, 4) == 0 && !rest.len && fact_key_take(&rest, 1) == 0);
}

int main(void)
{
	CHECK(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/x.ss", dir);
	test_members();
	test_machine();
	test_newer();
	CHECK(unlink(path) == 0);
	(void)rmdir(dir);
	return 0;
}
