/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Which two ends belong together, whose addresses are whose, what is translated, and who began. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include "base/cleanup.h"
#include "check.h"
#include "enrich/accepts.h"
#include "enrich/behind.h"
#include "enrich/ends.h"
#include "kernel/abi.h"
#include "nl/emit.h"

/* "10.0.0.1" or "::1" as 16 bytes. */
static void addr(uint8_t ret[16], const char *text)
{
	uint8_t bytes[16];
	bool is_v6 = strchr(text, ':');

	CHECK(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, bytes) == 1);
	tuple_addr(ret, sv_n((const char *)bytes, is_v6 ? 16 : 4));
}

/* "ADDRESS PORT ADDRESS PORT", in front of it "udp " or nothing. */
static struct tuple tuple(const char *text)
{
	struct tuple t = { .kind = strncmp(text, "udp ", 4) ? TUPLE_TCP : TUPLE_UDP };
	char local[64], peer[64];
	unsigned int lport, pport;

	CHECK(sscanf(text + (t.kind == TUPLE_UDP ? 4 : 0), "%63s %u %63s %u", local, &lport, peer, &pport) ==
	      4);
	addr(t.local, local);
	addr(t.peer, peer);
	t.lport = htons((uint16_t)lport);
	t.pport = htons((uint16_t)pport);
	return t;
}

static void test_locals(void)
{
	static const struct {
		uint32_t netns;
		const char *addr;
		unsigned int bits;
	} has[] = {
		{ 1, "10.0.0.1", 32 },  { 2, "10.0.0.2", 32 },     { 1, "10.0.0.1", 32 },
		{ 2, "192.0.2.0", 24 }, { 1, "2001:db8::1", 128 }, { 2, "2001:db8:5::", 48 },
	};
	static const struct {
		uint32_t netns;
		const char *addr;
		bool is, is_any;
	} cases[] = {
		{ 1, "10.0.0.1", true, true },         { 2, "10.0.0.1", false, true },
		{ 1, "10.0.0.3", false, false },       { 1, "192.0.2.77", false, true },
		{ 2, "192.0.2.77", true, true },       { 2, "192.0.3.1", false, false },
		{ 1, "2001:db8::1", true, true },      { 2, "2001:db8::1", false, true },
		{ 2, "2001:db8:5::9", true, true },    { 2, "2001:db8:6::9", false, false },
		{ 3, "127.3.4.5", true, true },        { 3, "::1", true, true },
		{ 3, "::ffff:127.0.0.1", true, true }, { 3, "::2", false, false },
	};
	struct locals l = {};
	uint8_t a[16];

	for (size_t i = 0; i < ARRAY_SIZE(has); i++) {
		addr(a, has[i].addr);
		CHECK(locals_add(&l, has[i].netns, a, has[i].bits + (strchr(has[i].addr, ':') ? 0 : 96)) ==
		      0);
	}
	CHECK(locals_add(&l, 1, a, 129) == 0); /* no prefix */
	locals_sort(&l);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		addr(a, cases[i].addr);
		CHECK(locals_has(&l, cases[i].netns, a) == cases[i].is);
		CHECK(locals_has_any(&l, a) == cases[i].is_any);
	}
	locals_done(&l);
}

/* Network namespaces 1 and 2 have a pair of interfaces, 10.0.0.1 and .2; 3 has 10.0.0.1 again. */
static struct ends *make(void)
{
	static const struct {
		uint32_t netns;
		const char *addr;
	} own[] = { { 1, "10.0.0.1" }, { 2, "10.0.0.2" }, { 1, "172.16.0.1" }, { 3, "10.0.0.1" } };
	static const struct {
		const char *one, *other;
	} nat[] = {
		/* To 10.9.9.9:80, which nobody has, from 1. */
		{ "10.0.0.1 4001 10.9.9.9 80", "10.0.0.2 8080 10.0.0.1 4001" },
		/* From 172.16.0.1, hidden behind 10.0.0.1, after the destination was changed elsewhere. */
		{ "172.16.0.1 4002 10.9.9.9 81", "10.0.0.2 8081 172.16.0.1 4002" },
		{ "172.16.0.1 4002 10.0.0.2 8081", "10.0.0.2 8081 10.0.0.1 5002" },
		/* Two namespaces say two things. */
		{ "10.0.0.1 4003 10.9.9.9 80", "10.0.0.2 8080 10.0.0.1 4003" },
		{ "10.0.0.1 4003 10.9.9.9 80", "10.0.0.2 8082 10.0.0.1 4003" },
	};
	static const struct {
		uint32_t netns, inode;
		const char *tuple;
	} sockets[] = {
		{ 1, 11, "127.0.0.1 80 127.0.0.1 5000" },
		{ 1, 12, "127.0.0.1 5000 127.0.0.1 80" },
		{ 2, 21, "127.0.0.1 80 127.0.0.1 5001" }, /* its other end is in 1 only by its looks */
		{ 1, 13, "127.0.0.1 5001 127.0.0.1 80" },
		{ 1, 14, "10.0.0.1 6000 10.0.0.2 80" },
		{ 2, 22, "10.0.0.2 80 10.0.0.1 6000" },
		{ 2, 23, "udp 10.0.0.2 80 10.0.0.1 6000" },
		{ 1, 15, "udp 10.0.0.1 6000 10.0.0.2 80" },
		{ 2, 24, "10.0.0.2 8080 10.0.0.1 4001" },
		{ 2, 25, "10.0.0.2 8081 10.0.0.1 5002" },
		{ 1, 16, "10.0.0.1 4001 10.9.9.9 80" },
		{ 1, 17, "198.51.100.1 80 10.0.0.2 7000" }, /* in the stead of another: transparent */
		{ 2, 26, "10.0.0.2 7000 198.51.100.1 80" },
		{ 1, 18, "10.0.0.1 9 10.0.0.1 9" }, /* to itself */
		{ 2, 27, "udp 10.0.0.2 5 10.0.0.1 6" },
		{ 2, 28, "udp 10.0.0.2 5 10.0.0.1 6" },
		{ 1, 19, "10.0.0.1 1 203.0.113.1 443" }, /* its other end cannot be here */
		{ 1, 20, "::1 1 ::1 2" },
	};
	struct ends *x;
	uint8_t a[16];

	CHECK(ends_new(&x) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		addr(a, own[i].addr);
		CHECK(locals_add(ends_locals(x), own[i].netns, a, 128) == 0);
	}
	locals_sort(ends_locals(x));
	for (size_t i = 0; i < ARRAY_SIZE(nat); i++) {
		struct tuple one = tuple(nat[i].one), other = tuple(nat[i].other);

		CHECK(nat_add(ends_nat(x), &one, &other) == 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
		const struct end e = { .tuple = tuple(sockets[i].tuple),
				       .netns = sockets[i].netns,
				       .inode = sockets[i].inode };

		CHECK(ends_add(x, &e) == 0);
	}
	/* That with a peer elsewhere is not kept, nor what only claims to be from one. */
	CHECK(ends_count(x) == ARRAY_SIZE(sockets) - 2);
	return x;
}

static void test_ends(void)
{
	static const struct {
		uint32_t netns;
		const char *tuple;
		enum ends_found found;
		uint32_t inode;
	} cases[] = {
		{ 1, "127.0.0.1 5000 127.0.0.1 80", ENDS_FOUND, 11 },
		{ 1, "127.0.0.1 80 127.0.0.1 5000", ENDS_FOUND, 12 },
		{ 1, "::ffff:127.0.0.1 80 ::ffff:127.0.0.1 5000", ENDS_FOUND, 12 },
		{ 1, "127.0.0.1 5001 127.0.0.1 80", ENDS_MISSING, 0 }, /* 21 is in another namespace */
		{ 2, "127.0.0.1 80 127.0.0.1 5001", ENDS_MISSING, 0 },
		{ 1, "10.0.0.1 6000 10.0.0.2 80", ENDS_FOUND, 22 },
		{ 2, "10.0.0.2 80 10.0.0.1 6000", ENDS_FOUND, 14 },
		{ 1, "udp 10.0.0.1 6000 10.0.0.2 80", ENDS_FOUND, 23 },
		{ 2, "udp 10.0.0.2 80 10.0.0.1 6000", ENDS_FOUND, 15 },
		{ 1, "10.0.0.1 6001 10.0.0.2 80", ENDS_MISSING, 0 },
		{ 1, "10.0.0.1 4001 10.9.9.9 80", ENDS_FOUND, 24 },
		{ 2, "10.0.0.2 8080 10.0.0.1 4001", ENDS_FOUND, 16 },
		{ 1, "172.16.0.1 4002 10.9.9.9 81", ENDS_FOUND, 25 }, /* twice */
		{ 1, "10.0.0.1 4003 10.9.9.9 80", ENDS_AMBIGUOUS, 0 },
		{ 2, "10.0.0.2 7000 198.51.100.1 80", ENDS_ELSEWHERE, 0 },
		{ 1, "10.0.0.1 9 10.0.0.1 9", ENDS_FOUND, 18 },
		{ 1, "udp 10.0.0.1 6 10.0.0.2 5", ENDS_AMBIGUOUS, 0 },
		{ 1, "10.0.0.1 1 203.0.113.1 443", ENDS_ELSEWHERE, 0 },
		{ 1, "::1 2 ::1 1", ENDS_FOUND, 20 },
		{ 1, "::1 3 ::1 1", ENDS_MISSING, 0 },
	};
	struct ends *x = make();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct end *e = NULL;
		struct tuple t = tuple(cases[i].tuple);
		enum ends_found found = ends_find(x, cases[i].netns, &t, &e);

		if (found != cases[i].found || (found == ENDS_FOUND && e->inode != cases[i].inode)) {
			fprintf(stderr, "%s: found %d, inode %u\n", cases[i].tuple, (int)found,
				e ? e->inode : 0);
			abort();
		}
	}
	CHECK(ends_free(x) == NULL);
}

/* More than fit one block, in the same place of the table or not. */
static void test_many(void)
{
	struct ends *x;
	const struct end *e;
	struct end one = { .tuple = tuple("127.0.0.1 1 127.0.0.1 2"), .netns = 1 };

	CHECK(ends_new(&x) == 0);
	locals_sort(ends_locals(x));
	for (uint32_t i = 0; i < 5000; i++) {
		one.tuple.pport = htons((uint16_t)(1 + i));
		one.inode = i + 1;
		CHECK(ends_add(x, &one) == 0);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		struct tuple t = tuple("127.0.0.1 2 127.0.0.1 1");

		t.lport = htons((uint16_t)(1 + i));
		CHECK(ends_find(x, 1, &t, &e) == ENDS_FOUND && e->inode == i + 1);
	}
	(void)ends_free(x);
}

/* An entry of the connection tracking, 10.0.0.1:1000 to 10.0.0.2:80, which answers as @reply. */
static size_t make_entry(char *buf, uint32_t status, uint8_t protocol, const char *reply)
{
	const struct nfgenmsg m = { .nfgen_family = AF_INET };
	const struct tuple ways[] = { tuple("10.0.0.1 1000 10.0.0.2 80"), tuple(reply) };
	char *p = emit_begin(buf, &m, sizeof(m));
	struct nlmsghdr nlh;
	size_t len;

	status = htonl(status);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		char inner[64], outer[128], *q = inner, *o = outer;

		q = emit_attr(q, CTA_IP_V4_SRC, ways[i].local + 12, 4);
		q = emit_attr(q, CTA_IP_V4_DST, ways[i].peer + 12, 4);
		o = emit_attr(o, CTA_TUPLE_IP | NLA_F_NESTED, inner, (size_t)(q - inner));
		q = emit_attr(inner, CTA_PROTO_NUM, &protocol, 1);
		q = emit_attr(q, CTA_PROTO_SRC_PORT, &ways[i].lport, 2);
		q = emit_attr(q, CTA_PROTO_DST_PORT, &ways[i].pport, 2);
		o = emit_attr(o, CTA_TUPLE_PROTO | NLA_F_NESTED, inner, (size_t)(q - inner));
		p = emit_attr(p, (uint16_t)((i ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG) | NLA_F_NESTED), outer,
			      (size_t)(o - outer));
	}
	p = emit_attr(p, CTA_STATUS, &status, sizeof(status));
	len = emit_end(buf, p, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW);
	memcpy(&nlh, buf, sizeof(nlh));
	CHECK(nlh.nlmsg_len == len);
	return len;
}

static void test_nat(void)
{
	static const struct {
		uint32_t status;
		uint8_t protocol;
		bool is_taken;
	} cases[] = {
		{ 1 << 5, 6, true },  { 1 << 4, 6, true },    { 1 << 5 | 1 << 4, 17, true },
		{ 1 << 3, 6, false }, { 1 << 5, 132, false },
	};
	_Alignas(8) char buf[512];
	struct tuple found, given = tuple("10.0.0.1 1000 10.0.0.2 80"),
			    back = tuple("10.7.0.7 8080 10.0.0.1 1000");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len =
			make_entry(buf, cases[i].status, cases[i].protocol, "10.7.0.7 8080 10.0.0.1 1000");
		struct nat n = {};

		given.kind = back.kind = cases[i].protocol == 17 ? TUPLE_UDP : TUPLE_TCP;
		CHECK(nat_take(&n, (const struct nlmsghdr *)(void *)buf) == 0);
		CHECK(nat_find(&n, &given, &found) == cases[i].is_taken);
		CHECK(!cases[i].is_taken || !memcmp(&found, &back, sizeof(found)));
		CHECK(nat_find(&n, &back, &found) == cases[i].is_taken);
		nat_done(&n);
		/* Cut at every length, in memory of that length. */
		for (uint32_t cut = NLMSG_HDRLEN; cut < len; cut++) {
			char *copy = malloc(cut);

			CHECK(copy);
			memcpy(copy, buf, cut);
			memcpy(copy, &cut, sizeof(cut));
			CHECK(nat_take(&n, (const struct nlmsghdr *)(void *)copy) == 0);
			free(copy);
			nat_done(&n);
		}
	}
}

static void test_listeners(void)
{
	static const struct {
		struct listener c;
		const char *addr;
		bool is;
	} cases[] = {
		{ { AF_INET, 80, 1, 0, {} }, "10.0.0.1", true },
		{ { AF_INET, 80, 2, 0, {} }, "10.0.0.1", false },
		{ { AF_INET6, 80, 1, 0, {} }, "10.0.0.1", false }, /* a child is of the family of its listener
								    */
		{ { AF_INET, 81, 1, 0, {} }, "10.0.0.1", true },
		{ { AF_INET, 81, 1, 0, {} }, "10.0.0.2", false },
		{ { AF_INET6, 82, 1, 0, {} }, "10.0.0.1", true },
		{ { AF_INET6, 83, 1, 5, {} }, "2001:db8::1", true },
		{ { AF_INET6, 83, 1, 6, {} }, "2001:db8::1", false },
		{ { AF_INET6, 84, 1, 6, {} }, "2001:db8::1", false },
	};
	static const struct {
		struct listener l;
		const char *addr;
	} listen[] = {
		{ { AF_INET, 80, 1, 0, {} }, "0.0.0.0" },  { { AF_INET, 81, 1, 0, {} }, "10.0.0.1" },
		{ { AF_INET6, 82, 1, 0, {} }, "::" },      { { AF_INET6, 83, 1, 5, {} }, "2001:db8::1" },
		{ { AF_INET, 81, 1, 0, {} }, "10.0.0.3" },
	};
	struct accepts *x;

	CHECK(accepts_new(&x) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(listen); i++) {
		struct listener l = listen[i].l;

		addr(l.addr, listen[i].addr);
		CHECK(accepts_add(x, &l) == 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct listener c = cases[i].c;

		addr(c.addr, cases[i].addr);
		CHECK(accepts_has(x, &c) == cases[i].is);
	}
	(void)accepts_free(x);
}

static void test_unix(void)
{
	static const struct {
		uint32_t own, peer;
		enum direction is;
	} cases[] = {
		{ 1, 2, DIRECTION_IN },      { 2, 1, DIRECTION_OUT },      { 3, 4, DIRECTION_UNKNOWN },
		{ 5, 6, DIRECTION_UNKNOWN }, { 7, 8, DIRECTION_OUT },      { 8, 7, DIRECTION_IN },
		{ 1, 0, DIRECTION_UNKNOWN }, { 1, 99, DIRECTION_UNKNOWN },
	};
	struct accepts *x;
	uint32_t netns = 0;

	CHECK(accepts_new(&x) == 0);
	CHECK(accepts_add_unix(x, 1, 7, sv("/run/a"), false) == 0);
	CHECK(accepts_add_unix(x, 2, 7, sv(""), false) == 0);
	CHECK(accepts_add_unix(x, 3, 7, sv(""), false) == 0); /* of a pair */
	CHECK(accepts_add_unix(x, 4, 7, sv(""), false) == 0);
	CHECK(accepts_add_unix(x, 5, 7, sv("/run/closed"), false) == 0); /* whose listener is no more */
	CHECK(accepts_add_unix(x, 6, 7, sv(""), false) == 0);
	CHECK(accepts_add_unix(x, 7, 8, sv("/run/client"), false) == 0);
	CHECK(accepts_add_unix(x, 8, 8, sv_n("\0b", 2), false) == 0);
	CHECK(accepts_add_unix(x, 10, 7, sv("/run/a"), true) == 0);
	CHECK(accepts_add_unix(x, 11, 7, sv_n("\0b", 2), true) == 0);
	CHECK(accepts_add_unix(x, 0, 7, sv("/run/a"), false) == 0); /* not accepted yet */
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK(accepts_unix(x, cases[i].own, cases[i].peer) == cases[i].is);
	CHECK(accepts_unix_netns(x, 8, &netns) && netns == 8);
	CHECK(!accepts_unix_netns(x, 99, &netns));
	(void)accepts_free(x);
}

/* Counts as Linux 6.18 tells them, of either end in turn. */
static void test_tcp(void)
{
	enum { U = DIRECTION_UNKNOWN, IN = DIRECTION_IN, OUT = DIRECTION_OUT };
	enum { EST = K_TCP_ESTABLISHED, FW1 = K_TCP_FIN_WAIT1, FW2 = K_TCP_FIN_WAIT2, CW = K_TCP_CLOSE_WAIT };
	/* state, inode, info; acked, sent, retrans; wqueue, notsent, unacked, total retrans, delivered, data
	 * segs; listener, peer's */
	static const struct {
		struct tcp_signs s;
		int is; /* enum direction */
	} cases[] = {
		{ { EST, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 }, OUT }, /* nothing sent */
		{ { EST, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 }, IN }, /* also when the listener is closed */
		{ { EST, 1, 1, 1001, 1000, 0, 0, 0, 0, 0, 2, 1, 0, 1 }, OUT },
		{ { EST, 1, 1, 5, 5, 0, 0, 0, 0, 0, 2, 1, 1, 0 }, IN },
		{ { EST, 1, 1, 1001, 1000, 0, 0, 0, 0, 0, 2, 1, 1, 0 }, OUT }, /* from a port it listens on */
		{ { EST, 1, 1, 11, 20, 10, 0, 0, 0, 1, 2, 2, 0, 0 }, OUT },    /* sent again */
		{ { EST, 1, 1, 10, 20, 10, 0, 0, 0, 1, 2, 2, 0, 0 }, IN },
		{ { CW, 1, 1, 1001, 1000, 0, 0, 0, 0, 0, 2, 1, 0, 0 }, OUT },
		{ { FW2, 1, 1, 6, 5, 0, 0, 0, 0, 0, 3, 1, 0, 0 }, IN }, /* its FIN is acknowledged */
		{ { FW2, 1, 1, 7, 5, 0, 0, 0, 0, 0, 3, 1, 0, 0 }, OUT },
		/* Bytes on their way: the queue has to agree with the listeners. */
		{ { EST, 1, 1, 101, 200, 0, 100, 0, 1, 0, 2, 2, 0, 0 }, OUT },
		{ { EST, 1, 1, 101, 200, 0, 150, 50, 1, 0, 2, 2, 0, 0 }, OUT },
		{ { EST, 1, 1, 100, 200, 0, 100, 0, 1, 0, 2, 2, 1, 0 }, IN },
		{ { EST, 1, 1, 100, 200, 0, 100, 0, 1, 0, 2, 2, 0, 0 }, U },
		{ { EST, 1, 1, 101, 200, 0, 100, 0, 1, 0, 2, 2, 1, 0 }, U },
		{ { EST, 1, 1, 101, 200, 0, 57, 0, 1, 0, 2, 2, 1, 0 },
		  IN }, /* read at two times: listeners */
		{ { EST, 1, 1, 101, 200, 0, 57, 0, 1, 0, 2, 2, 0, 1 }, OUT },
		{ { EST, 1, 1, 101, 200, 0, 57, 0, 1, 0, 2, 2, 0, 0 }, U },
		/* Put into place by TCP_REPAIR: no SYN was counted. */
		{ { EST, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, U },
		{ { EST, 1, 1, 70, 70, 0, 0, 0, 0, 0, 3, 3, 0, 0 }, U },
		{ { EST, 1, 1, 70, 70, 0, 0, 0, 0, 0, 3, 3, 1, 0 }, IN },
		/* Nothing told, as from /proc/net or before Linux 4.19. */
		{ { EST, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, IN },
		{ { EST, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, OUT },
		{ { EST, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1 }, U },
		{ { EST, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, U },
		{ { FW1, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0 },
		  U }, /* a FIN on its way counts as one, too */
		{ { FW1, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0 }, IN },
		{ { K_TCP_TIME_WAIT, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, IN },
		{ { K_TCP_TIME_WAIT, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, U },
		{ { K_TCP_SYN_SENT, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0 }, OUT },
		{ { K_TCP_SYN_RECV, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, IN },
		{ { K_TCP_SYN_RECV, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, U },
		{ { K_TCP_LISTEN, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, U },
		{ { K_TCP_CLOSE, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, U },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if ((int)tcp_direction(&cases[i].s) != cases[i].is) {
			fprintf(stderr, "case %zu: %d\n", i, (int)tcp_direction(&cases[i].s));
			abort();
		}
}

/* The command lines of docker-proxy, and which listener each finds; 0: none. */
static void test_behind(void)
{
	static const struct {
		const char *addr;
		unsigned int port, kind;
		uint32_t netns, inode;
	} listeners[] = {
		{ "0.0.0.0", 80, TUPLE_TCP, 2, 21 },   { "0.0.0.0", 80, TUPLE_TCP, 3, 31 },
		{ "::", 443, TUPLE_TCP, 2, 22 },       { "172.17.0.2", 53, TUPLE_UDP, 2, 23 },
		{ "127.0.0.1", 81, TUPLE_TCP, 2, 24 }, { "0.0.0.0", 82, TUPLE_TCP, 2, 25 },
		{ "0.0.0.0", 82, TUPLE_TCP, 2, 26 },   { "0.0.0.0", 83, TUPLE_TCP, 2, 0 },
	};
	static const struct {
		const char *cmdline;
		uint32_t inode;
	} cases[] = {
		{ "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip "
		  "172.17.0.2 -container-port 80",
		  21 },
		{ "docker-proxy -proto tcp -host-ip :: -host-port 8080 -container-ip 172.17.0.3 "
		  "-container-port 80 -use-listen-fd",
		  31 },
		{ "python3 -c s.bind(('127.0.0.1', 80)); read() -proto tcp -container-ip 172.17.0.2 "
		  "-container-port 80",
		  21 },
		{ "docker-proxy --proto=tcp --container-ip=172.17.0.2 --container-port=443", 22 },
		{ "docker-proxy -container-port 443 -container-ip fd00::2 -proto tcp", 22 },
		{ "docker-proxy -proto udp -container-ip 172.17.0.2 -container-port 53", 23 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.2 -container-port 82", 25 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.2 -container-port 53", 0 },
		{ "docker-proxy -proto sctp -container-ip 172.17.0.2 -container-port 80", 0 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.2 -container-port 81", 0 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.2 -container-port 83", 0 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.4 -container-port 80", 0 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.9 -container-port 80", 0 },
		{ "docker-proxy -proto tcp -container-ip 127.0.0.1 -container-port 80", 0 },
		{ "docker-proxy -proto tcp -container-ip web -container-port 80", 0 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.2 -container-port 65616", 0 },
		{ "docker-proxy -proto tcp -container-ip 172.17.0.2 -container-port", 0 },
		{ "docker-proxy -proto tcp -container-port 80", 0 },
		{ "docker-proxy", 0 },
		{ "", 0 },
	};
	struct bounds x = {};
	struct locals l = {};
	struct bound b;
	uint8_t a[16];

	for (size_t i = 0; i < ARRAY_SIZE(listeners); i++) {
		b = (struct bound){ .kind = (uint8_t)listeners[i].kind,
				    .port = htons((uint16_t)listeners[i].port),
				    .netns = listeners[i].netns,
				    .inode = listeners[i].inode };
		addr(b.addr, listeners[i].addr);
		CHECK(bounds_add(&x, &b) == 0);
	}
	for (uint32_t netns = 2; netns <= 3; netns++) {
		addr(a, netns == 2 ? "172.17.0.2" : "172.17.0.3");
		CHECK(locals_add(&l, netns, a, 128) == 0);
		addr(a, "172.17.0.9"); /* both have it */
		CHECK(locals_add(&l, netns, a, 128) == 0);
	}
	addr(a, "fd00::2");
	CHECK(locals_add(&l, 2, a, 128) == 0);
	locals_sort(&l);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct bound *found =
			behind_read(sv(cases[i].cmdline), &b) ? bounds_find(&x, &l, &b) : NULL;

		if ((found ? found->inode : 0) != cases[i].inode) {
			fprintf(stderr, "%s: %u\n", cases[i].cmdline, found ? found->inode : 0);
			abort();
		}
	}
	bounds_done(&x);
	locals_done(&l);
}

int main(void)
{
	test_behind();
	test_locals();
	test_ends();
	test_many();
	test_nat();
	test_listeners();
	test_unix();
	test_tcp();
	return 0;
}
