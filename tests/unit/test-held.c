/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What sockets tell of themselves: by a second descriptor and, where that may be had, by BPF; both the same.
 * The sockets are those of this process, which is its own owner.
 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "enrich/getfd.h"
#include "enrich/held_impl.h"
#include "kernel/abi.h"

static uint32_t inode_of(int fd)
{
	struct stat st;

	CHECK(!fstat(fd, &st));
	return (uint32_t)st.st_ino;
}

static int make(int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	return fd;
}

static void set(int fd, int level, int name, int v)
{
	CHECK(!setsockopt(fd, level, name, &v, sizeof(v)));
}

static struct owner self(int fd)
{
	return (struct owner){ .pid = (uint32_t)getpid(), .fd = (uint32_t)fd };
}

/* Each option, as it is set and as it is to be told. */
static const struct {
	int level, name, v;
	size_t at;
	uint64_t told;
} options[] = {
	{ IPPROTO_TCP, TCP_NODELAY, 1, offsetof(struct seg_held, nodelay), 1 },
	{ IPPROTO_TCP, TCP_CORK, 1, offsetof(struct seg_held, cork), 1 },
	{ SOL_SOCKET, SO_KEEPALIVE, 1, offsetof(struct seg_held, keepalive), 1 },
	{ IPPROTO_TCP, TCP_KEEPIDLE, 61, offsetof(struct seg_held, keepidle_ms), 61000 },
	{ IPPROTO_TCP, TCP_KEEPINTVL, 11, offsetof(struct seg_held, keepintvl_ms), 11000 },
	{ IPPROTO_TCP, TCP_KEEPCNT, 4, offsetof(struct seg_held, keepcnt), 4 },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, 1234, offsetof(struct seg_held, user_timeout_ms), 1234 },
	{ SOL_SOCKET, SO_REUSEADDR, 1, offsetof(struct seg_held, reuseaddr), 1 },
	{ SOL_SOCKET, SO_REUSEPORT, 1, offsetof(struct seg_held, reuseport), 1 },
	{ IPPROTO_TCP, K_TCP_NOTSENT_LOWAT, 16384, offsetof(struct seg_held, notsent_lowat), 16384 },
	{ SOL_SOCKET, SO_RCVBUF, 65536, offsetof(struct seg_held, rcvbuf_locked), 1 },
	{ SOL_SOCKET, SO_SNDBUF, 65536, offsetof(struct seg_held, sndbuf_locked), 1 },
};

/* One socket for each option, with no other set, and some more. */
struct sockets {
	int of[ARRAY_SIZE(options)];
	int plain, udp, linger, reset, asked;
	int to, from, pair[2]; /* with datagrams on their way */
	bool has_queue;
};

static void make_sockets(struct sockets *s)
{
	static const struct linger five = { 1, 5 }, zero = { 1, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		s->of[i] = make(SOCK_STREAM);
		set(s->of[i], options[i].level, options[i].name, options[i].v);
	}
	s->plain = make(SOCK_STREAM);
	s->udp = make(SOCK_DGRAM);
	s->linger = make(SOCK_STREAM);
	s->reset = make(SOCK_STREAM);
	s->asked = make(SOCK_STREAM);
	CHECK(!setsockopt(s->linger, SOL_SOCKET, SO_LINGER, &five, sizeof(five)));
	CHECK(!setsockopt(s->reset, SOL_SOCKET, SO_LINGER, &zero, sizeof(zero)));
	CHECK(!setsockopt(s->asked, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
}

static void make_queues(struct sockets *s)
{
	static const uint16_t lengths[] = { 100, 200, 0, 50 };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	char bytes[200] = {};

	s->to = make(SOCK_DGRAM);
	s->from = make(SOCK_DGRAM);
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s->pair));
	CHECK(!bind(s->to, (struct sockaddr *)&a, sizeof(a)) &&
	      !getsockname(s->to, (struct sockaddr *)&a, &len));
	s->has_queue = true;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		CHECK(send(s->pair[0], bytes, lengths[i], 0) == lengths[i]);
		s->has_queue &=
			sendto(s->from, bytes, lengths[i], 0, (struct sockaddr *)&a, sizeof(a)) == lengths[i];
	}
}

static struct seg_held find(struct held *h, int fd, uint32_t protocol)
{
	struct owner o = self(fd);
	const struct owners all = { .v = &o, .n = 1 };
	struct seg_held ret;

	CHECK(!held_find(h, &(struct held_ask){ inode_of(fd), protocol, UINT32_MAX, &all }, &ret));
	return ret;
}

static uint64_t number(const struct seg_held *of, size_t at)
{
	uint64_t v;

	memcpy(&v, (const char *)of + at, sizeof(v));
	return v;
}

/* Each option is told of the socket that has it, and of none of the others. */
static void test_options(struct held *h, const struct sockets *s)
{
	struct seg_held plain = find(h, s->plain, IPPROTO_TCP);

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct seg_held its = find(h, s->of[i], IPPROTO_TCP);

		for (size_t j = 0; j < ARRAY_SIZE(options); j++) {
			uint64_t want = i == j ? options[j].told : number(&plain, options[j].at);

			CHECK(number(&its, options[j].at) == want);
		}
		CHECK(number(&plain, options[i].at) != options[i].told);
		CHECK(number(&plain, options[i].at) != HELD_NONE);
	}
}

static void test_others(struct held *h, const struct sockets *s)
{
	struct seg_held udp = find(h, s->udp, IPPROTO_UDP);

	CHECK(udp.reuseaddr == 0 && udp.rcvbuf_locked == 0);
	CHECK(udp.nodelay == HELD_NONE && udp.keepidle_ms == HELD_NONE && !udp.congestion.len);
	CHECK(udp.linger_ms == HELD_NONE);
	CHECK(find(h, s->linger, IPPROTO_TCP).linger_ms == 5000);
	CHECK(find(h, s->reset, IPPROTO_TCP).linger_ms == 0);
}

static void test_congestion(struct held *h, const struct sockets *s, bool by_bpf)
{
	struct seg_held at = find(h, s->asked, IPPROTO_TCP);

	CHECK(sv_is(at.congestion, "reno"));
	CHECK(at.congestion_set == (by_bpf ? 1 : HELD_NONE));
	at = find(h, s->plain, IPPROTO_TCP);
	CHECK(at.congestion.len && at.congestion_set == (by_bpf ? 0 : HELD_NONE));
}

/* Of datagrams that wait: their number and lengths, which are not what FIONREAD has, nor the memory. */
static void test_queue(struct held *h, int fd, uint32_t protocol, bool by_bpf)
{
	struct seg_held its = find(h, fd, protocol);

	CHECK(its.next == 100);
	CHECK(its.payload == (by_bpf ? 350 : HELD_NONE));
	CHECK(its.packets == (by_bpf ? 4 : HELD_NONE));
}

static void test_empty_queue(struct held *h, int fd, uint32_t protocol)
{
	struct seg_held its = find(h, fd, protocol);

	CHECK(!its.payload && !its.packets && its.next == HELD_NONE);
}

static void test_queues(struct held *h, const struct sockets *s, bool by_bpf)
{
	test_queue(h, s->pair[1], 0, by_bpf);
	test_empty_queue(h, s->pair[0], 0);
	test_empty_queue(h, s->from, IPPROTO_UDP);
	if (s->has_queue) /* the loopback interface is up */
		test_queue(h, s->to, IPPROTO_UDP, by_bpf);
}

/* What is not wanted is not asked, but what goes with what was found; without BPF. */
static void test_wanted(struct held *h, const struct sockets *s)
{
	struct owner o = self(s->of[0]);
	const struct owners all = { .v = &o, .n = 1 };
	struct held_ask ask = { inode_of(s->of[0]), IPPROTO_TCP, HELD_BIT(OPT_NODELAY), &all };
	struct seg_held ret;

	CHECK(held_find(h, &ask, &ret) == 0 && ret.nodelay == 1 && ret.reuseaddr == 0);
	CHECK(ret.cork == HELD_NONE && ret.keepalive == HELD_NONE && ret.keepidle_ms == HELD_NONE);
	CHECK(ret.rcvbuf_locked == HELD_NONE && !ret.congestion.len);
	ask.want = HELD_BIT(OPT_KEEPALIVE);
	CHECK(held_find(h, &ask, &ret) == 0 && ret.keepalive == 0 && ret.keepidle_ms == HELD_NONE);
	o = self(s->of[2]);
	ask.inode = inode_of(s->of[2]);
	CHECK(held_find(h, &ask, &ret) == 0 && ret.keepalive == 1 && ret.keepidle_ms != HELD_NONE);
	CHECK(ret.keepcnt != HELD_NONE && ret.nodelay == HELD_NONE);
}

/* What cannot be told, without BPF. */
static void test_refusals(struct held *h, const struct sockets *s)
{
	struct owner o = self(s->plain), gone = o;
	const struct owners all = { .v = &o, .n = 1 }, none = {}, ghost = { .v = &gone, .n = 1 };
	struct held_ask ask = { inode_of(s->plain), IPPROTO_TCP, UINT32_MAX, NULL };
	struct seg_held ret;

	CHECK(held_find(h, &ask, &ret) == -EAGAIN);
	ask.owners = &none;
	CHECK(held_find(h, &ask, &ret) == -ENOENT);
	gone.pid = 0x3fffffff;
	ask.owners = &ghost;
	CHECK(held_find(h, &ask, &ret) == -ENOENT);
	ask.owners = &all;
	CHECK(held_find(h, &ask, &ret) == 0);
	ask.inode++; /* the descriptor is another one's meanwhile */
	CHECK(held_find(h, &ask, &ret) == -ENOENT);
	ask.inode = inode_of(s->plain);
	o.fd = 100000;
	CHECK(held_find(h, &ask, &ret) == -ENOENT);
}

static bool has_getfd(const struct sockets *s)
{
	_cleanup_(getfd_freep) struct getfd *g = getfd_new();
	struct owner o = self(s->plain);
	const struct owners all = { .v = &o, .n = 1 };
	_cleanup_close_ int fd = getfd_of(g, &all, inode_of(s->plain));

	return fd >= 0;
}

int main(void)
{
	struct held_kept *kept = NULL;
	struct held_table *table = NULL;
	struct sockets s;
	struct err e;

	make_sockets(&s);
	make_queues(&s);
	if (!has_getfd(&s)) {
		(void)fprintf(stderr, "skipped: no pidfd_getfd() here\n");
		return 77;
	}
	for (int i = 0; i < 2; i++) {
		_cleanup_(held_freep) struct held *h = NULL;
		bool by_bpf;

		by_bpf = i && held_table_new(&kept, &table, &e) == 0;
		table = held_table_free(table);
		if (i && !by_bpf)
			break;
		CHECK(!held_new(&(struct held_opts){ by_bpf ? PROCS_BPF : PROCS_PROC, &kept }, &h));
		test_options(h, &s);
		test_others(h, &s);
		test_congestion(h, &s, by_bpf);
		test_queues(h, &s, by_bpf);
		if (!by_bpf) {
			test_wanted(h, &s);
			test_refusals(h, &s);
		}
	}
	CHECK(!held_kept_free(kept));
	return 0;
}
