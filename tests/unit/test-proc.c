/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The /proc/net source: what a line becomes, whole recorded files, and files that are not what they should
 * be. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"
#include "model/field.h"
#include "source/proc.h"

#define HEAD "the line with the names of the columns\n"
#define TAIL " 00:00000000 00000000     0        0 1 1 00000000000000ff"
#define ALL UINT32_MAX

/*
 * Fields that say what the row says of itself, without those that every row of a table has alike, and those
 * that read the same bytes again.
 */
static void show_field(struct text *t, const struct row *row, enum field_id f)
{
	char addr[INET6_ADDRSTRLEN];
	struct val v;

	if (!field_get_sent(row, f, &v))
		return;
	text_printf(t, "%s=", fields[f].name);
	if (fields[f].type == T_ADDR)
		text_str(t, inet_ntop(v.s.len == 4 ? AF_INET : AF_INET6, v.s.p, addr, sizeof(addr)));
	else if (v.kind == VAL_STR)
		for (size_t i = 0; i < v.s.len; i++)
			text_printf(t, v.s.p[i] > 32 ? "%c" : "\\%o", (uint8_t)v.s.p[i]);
	else if (fields[f].type == T_HEX)
		text_hex(t, v.u);
	else if (v.kind == VAL_INT)
		text_i64(t, v.i);
	else
		text_u64(t, v.u);
	text_char(t, ' ');
}

/* What a row has its file tells, but for zeros that stand for nothing, and for what only an old format has.
 */
static void check_told(const struct dump *d, const struct row *row)
{
	struct val v;

	for (enum field_id f = 0; f < F_MAX && !row_has(row, SEG_UNIX_RQLEN); f++)
		if (field_get(row, f, &v) && !proc_tells(d, f) && (v.kind != VAL_UINT || v.u))
			CHECK_STR(fields[f].name, "told");
}

static void show(struct text *t, const struct dump *d, const struct nlmsghdr *nlh)
{
	struct k_netlink_proc netlink;
	struct row row;
	struct sv s;

	CHECK(!row_open(&row, d->family, &d->origin, nlh));
	for (enum field_id f = 0; f < F_MAX; f++)
		if (f != F_ACCEPT_QUEUE && f != F_ACCEPT_LIMIT && f != F_ACCEPT_FILL && f != F_FAMILY &&
		    f != F_PROTOCOL && f != F_PROC_SK && f != F_PROC_REST && f != F_UNIX_NAME_RAW &&
		    f != F_NETLINK_SK && f != F_NETLINK_CB)
			show_field(t, &row, f);
	check_told(d, &row);
	s = row_bytes(&row, SEG_INET_PROC);
	if (s.len) {
		uint64_t sk;

		CHECK(s.len >= sizeof(sk) && s.len <= sizeof(struct k_inet_proc));
		memcpy(&sk, s.p, sizeof(sk));
		text_printf(t, "sk=%llx ", (unsigned long long)sk);
	}
	s = row_bytes(&row, SEG_NETLINK_PROC);
	if (s.len) {
		CHECK(s.len == sizeof(netlink));
		memcpy(&netlink, s.p, sizeof(netlink));
		text_printf(t, "sk=%llx cb=%llx ", (unsigned long long)netlink.sk,
			    (unsigned long long)netlink.cb);
	}
	if (row_has(&row, SEG_PROC_REST)) {
		text_str(t, "rest=<");
		text_sv(t, row_bytes(&row, SEG_PROC_REST));
		text_char(t, '>');
	}
	while (t->len && t->p[t->len - 1] == ' ')
		t->len--;
	text_char(t, '\n');
}

static struct dump dump_of(uint8_t af, uint16_t protocol, uint32_t states)
{
	struct dump d = { .af = af, .states = states, .origin = { .protocol = protocol, .is_proc = 1 } };

	switch (af) {
	case AF_UNIX: d.family = &family_unix; break;
	case AF_PACKET: d.family = &family_packet; break;
	case AF_NETLINK: d.family = &family_netlink; break;
	default: d.family = &family_inet; break;
	}
	return d;
}

/* All rows of @s, one a line, and how many lines were left out. */
static const char *drain(struct text *t, const struct dump *d, struct source *s, uint64_t *ret_skipped)
{
	const struct nlmsghdr *nlh;
	struct err e;
	int r;

	t->len = 0;
	while ((r = source_next(s, &nlh, &e)) > 0)
		show(t, d, nlh);
	CHECK(r == 0);
	CHECK(source_next(s, &nlh, &e) == 0); /* the end stays the end */
	*ret_skipped = s->n_skipped;
	source_close(s);
	text_char(t, '\0');
	CHECK(!t->failed);
	return t->p;
}

static struct source *open_bytes(const struct dump *d, struct sv bytes)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct source *s;
	struct err e;

	CHECK(fd >= 0);
	CHECK(write(fd, bytes.p, bytes.len) == (ssize_t)bytes.len);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(!proc_open_fd(fd, "test", d, &s, &e));
	return s;
}

static void check_bytes(const struct dump *d, struct sv in, const char *want, uint64_t want_skipped)
{
	struct text t = {};
	uint64_t skipped;

	CHECK_STR(drain(&t, d, open_bytes(d, in), &skipped), want);
	CHECK(skipped == want_skipped);
	text_done(&t);
}

static void check(const struct dump *d, const char *in, const char *want, uint64_t want_skipped)
{
	check_bytes(d, sv(in), want, want_skipped);
}

static void test_tcp(void)
{
	struct dump d = dump_of(AF_INET, IPPROTO_TCP, ALL);

#define ENDS "   1: 0100007F:2329 0200007F:0050 "
#define ROW "state=1 recvq=2 sendq=1 inode=10792 uid=7 "
#define ROW_ENDS "local.addr=127.0.0.1 local.port=9001 peer.addr=127.0.0.2 peer.port=80 ifindex=0 "
	check(&d,
	      HEAD ENDS "01 00000001:00000002 01:00000003 00000003     7        4 10792 2 000000002a4418e7 "
			"100 4 3 10 -1\n",
	      ROW ROW_ENDS "timer.code=1 timer.expires=30 timer.retrans=3 proc.rto=1000000 proc.ato=40000 "
			   "proc.qack=3 proc.cwnd=10 sk=2a4418e7\n",
	      0);
	/* Another timer counts probes; a text of its own at the end keeps its blanks. */
	check(&d,
	      HEAD ENDS "01 00000001:00000002 02:00000003 00000003     7        4 10792 2 000000002a4418e7 "
			"300 4 2 10 5  one  two  ",
	      ROW ROW_ENDS "timer.code=2 timer.expires=30 timer.retrans=4 proc.rto=3000000 proc.ato=40000 "
			   "proc.qack=2 proc.cwnd=10 proc.ssthresh=5 sk=2a4418e7 "
			   "rest=<one  two  >\n",
	      0);
	/* A number may have text right behind it; in microseconds a time exceeds 32 bits. */
	check(&d,
	      HEAD ENDS "01 00000001:00000002 02:00000003 00000003     7        4 10792 2 000000002a4418e7 "
			"429497 4294967295 2 10 -5one  two",
	      ROW ROW_ENDS "timer.code=2 timer.expires=30 timer.retrans=4 proc.rto=4294970000 "
			   "proc.ato=42949672950000 proc.qack=2 proc.cwnd=10 proc.ssthresh=-5 sk=2a4418e7 "
			   "rest=<one  two>\n",
	      0);
	/* Where the next number should be it is in its place. */
	check(&d,
	      HEAD ENDS "01 00000001:00000002 02:00000003 00000003     7        4 10792 2 000000002a4418e7 "
			"100 4 2 10x 5",
	      ROW ROW_ENDS "timer.code=2 timer.expires=30 timer.retrans=4 proc.rto=1000000 proc.ato=40000 "
			   "proc.qack=2 proc.cwnd=10 sk=2a4418e7\n",
	      0);
	check(&d,
	      HEAD ENDS "01 00000001:00000002 02:00000003 00000003     7        4 10792 2 000000002a4418e7 "
			"100 4 2 x10 5",
	      ROW ROW_ENDS "timer.code=2 timer.expires=30 timer.retrans=4 proc.rto=1000000 proc.ato=40000 "
			   "proc.qack=2 sk=2a4418e7\n",
	      0);
	/* Lines of TIME-WAIT end early and are padded; a time beyond the milliseconds of a message is the
	 * longest. */
	check(&d,
	      HEAD ENDS
	      "06 00000000:00000000 03:FFFFFFFFFF 00000000     0        0 0 3 00000000cc4b8d56      "
	      "\n",
	      "state=6 recvq=0 sendq=0 inode=0 uid=0 " ROW_ENDS
	      "timer.code=3 timer.expires=4294967295 timer.retrans=0 sk=cc4b8d56\n",
	      0);
	d.states = 1 << K_TCP_LISTEN;
	check(&d, HEAD ENDS "01 00000000:00000000" TAIL "\n", "", 0);
#undef ROW
#undef ROW_ENDS
	d = dump_of(AF_INET6, IPPROTO_TCP, 1 << K_TCP_LISTEN);
	check(&d,
	      HEAD "   3: 000080FE000000000000000009000000:1F94 00000000000000000000000000000000:0000 0A "
		   "00000000:00000003" TAIL " 100 0 0 10 0\n",
	      "state=10 recvq=3 sendq=0 inode=1 uid=0 local.addr=fe80::9 local.port=8084 "
	      "peer.addr=:: peer.port=0 ifindex=0 timer.code=0 timer.expires=0 timer.retrans=0 "
	      "proc.rto=1000000 "
	      "proc.ato=0 "
	      "proc.qack=0 proc.cwnd=10 proc.ssthresh=0 sk=ff\n",
	      0);
}

static void test_datagram(void)
{
	struct dump d = dump_of(AF_INET, IPPROTO_RAW, ALL);

	check(&d, HEAD "  61: 0100007F:0001 0100007F:0000 01 00000000:00000300" TAIL " 16        \n",
	      "state=1 recvq=768 sendq=0 inode=1 uid=0 mem.drops=16 "
	      "local.addr=127.0.0.1 local.port=1 peer.addr=127.0.0.1 peer.port=0 ifindex=0 timer.code=0 "
	      "timer.expires=0 "
	      "timer.retrans=0 sk=ff\n",
	      0);
	d = dump_of(AF_INET, IPPROTO_UDP, 1 << K_TCP_CLOSE);
	check(&d,
	      HEAD
	      "    1: 0100007F:0035 00000000:0000 01 00000000:00000000" TAIL " 0\n"
	      "    1: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        "
	      "0 4294967297 2 (____ptrval____) 0\n",
	      "state=7 recvq=0 sendq=0 inode=1 uid=0 mem.drops=0 "
	      "local.addr=127.0.0.1 local.port=53 peer.addr=0.0.0.0 peer.port=0 ifindex=0 timer.code=0 "
	      "timer.expires=0 "
	      "timer.retrans=0 sk=0\n",
	      0);
}

static void test_unix(void)
{
	struct dump d = dump_of(AF_UNIX, 0, ALL);

#define U(flags, type, st, rest) "00000000d8cfc038: 00000002 00000000 " flags " " type " " st " " rest "\n"
	/* Sorted by type and inode; states of sk_state, not of the struct socket; names whole. */
	check(&d,
	      HEAD U("00000000", "0002", "01", "    9 /run/with space ") U("00000000", "0001", "03", "    9")
		      U("00010000", "0001", "01", "    8 @a@b") U("00000000", "0001", "02", "    0 x")
			      U("00000000", "0001", "04", "    0"),
	      "type=1 state=1 inode=0 unix.name=x\n"
	      "type=1 state=7 inode=0\n"
	      "type=1 state=10 inode=8 unix.name=\\0a@b\n"
	      "type=1 state=1 inode=9\n"
	      "type=2 state=7 inode=9 unix.name=/run/with\\40space\\40\n",
	      0);
	/* A name may have line ends, also two, also as its last character, also on a row that is not wanted.
	 */
	d.states = 1 << K_TCP_CLOSE;
	check(&d,
	      HEAD U("00000000", "0001", "01", "    1 a\n\nb") U("00000000", "0001", "03", "    2 x\ny")
		      U("00000000", "0001", "01", "    3 @\n") U("00000000", "0001", "01", "    4"),
	      "type=1 state=7 inode=1 unix.name=a\\12\\12b\n"
	      "type=1 state=7 inode=3 unix.name=\\0\\12\n"
	      "type=1 state=7 inode=4\n",
	      0);
	/* Nothing continues a row without a name, or one whose name would be longer than a name can be. */
	check(&d,
	      HEAD U("00000000", "0001", "01",
		     "    4") "junk\n" U("00000000", "0001", "01",
					 "    5 "
					 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
					 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
					 "yyyyyyy") "z\n" U("00000000", "0001", "01", "    6 a\nb"),
	      "type=1 state=7 inode=4\n"
	      "type=1 state=7 inode=5 "
	      "unix.name="
	      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	      "xxxxxx"
	      "yyyyyyy\n"
	      "type=1 state=7 inode=6 unix.name=a\\12b\n",
	      2);
	check(&d, HEAD U("00000000", "0001", "09", "    4") U("00000000", "1001", "01", "    4"), "", 2);
}

/* As some kernels of old had it: peers and queues. */
static void test_unix_peers(void)
{
	struct dump d = dump_of(AF_UNIX, 0, ALL);

	check(&d,
	      "Peer RcvQueue SndQueue Flags Type St Inode Path\n"
	      "00000066: 1a 2b 0 1 3 101 /a\n"
	      "101: 0 0 0 2 1 7 b\nc\n"
	      "0: ffffffff 4 0 2 1 6\n"
	      "0: 1 8 10000 1 1 5 @d\n"
	      "ffff8800aabb0105: 1 2 0 1 1 4\n",
	      "type=1 state=7 recvq=1 sendq=2 inode=4 unix.peer=2864382213\n"
	      "type=1 state=10 recvq=1 sendq=8 inode=5 unix.name=\\0d unix.peer=0\n"
	      "type=1 state=1 recvq=26 sendq=43 inode=101 unix.name=/a unix.peer=102\n"
	      "type=2 state=7 recvq=4294967295 sendq=4 inode=6 unix.peer=0\n"
	      "type=2 state=1 recvq=0 sendq=0 inode=7 unix.name=b\\12c unix.peer=257\n",
	      0);
	check(&d, "Peer\n66 1a 2b 0 1 3 101 /a\nx: 1 2 0 1 3 101\n1: 2 3 0 1 3\n1:1 2 3 0 1 3 9\n", "", 4);
	check(&d, " Peer\n66: 1 0 0 1 3 101\n", "type=1 state=1 inode=101\n", 0);
	check(&d, "", "", 0);
}

/* The inode of a row that must be called "a\nb". */
static uint64_t split_row(const struct dump *d, const struct nlmsghdr *nlh)
{
	struct row row;
	struct val name, inode;

	CHECK(!row_open(&row, d->family, &d->origin, nlh));
	CHECK(field_get(&row, F_UNIX_NAME, &name) && sv_is(name.s, "a\nb"));
	CHECK(field_get(&row, F_INODE, &inode));
	return inode.u;
}

/* More rows than are sorted at once: all come, each run in order, and names cross the seam. */
static void test_unix_runs(void)
{
	struct dump d = dump_of(AF_UNIX, 0, ALL);
	unsigned int n = 0, n_falls = 0;
	uint64_t last = 0;
	struct text in = {};
	const struct nlmsghdr *nlh;
	struct source *s;
	struct err e;

	text_str(&in, HEAD);
	for (unsigned int i = 5000; i; i--)
		text_printf(&in, "0: 2 0 0 1 1 %u a\nb\n", i);
	s = open_bytes(&d, sv_n(in.p, in.len));
	for (; source_next(s, &nlh, &e) > 0; n++) {
		uint64_t inode = split_row(&d, nlh);

		n_falls += inode < last;
		last = inode;
	}
	CHECK(n == 5000 && n_falls == 3 && !s->n_skipped);
	source_close(s);
	text_done(&in);
}

static void test_other(void)
{
	struct dump d = dump_of(AF_PACKET, 0, 0);

	check(&d,
	      HEAD "00000000287f4ec4 3      3    88cc   2     1 1536   1000   11809 \n"
		   "0000000000000000 3      2    0003   0     0 0      0      11810\n",
	      "type=3 recvq=1536 inode=11809 uid=1000 mem.rmem=1536 ifindex=2 packet.proto=35020\n"
	      "type=2 recvq=0 inode=11810 uid=0 mem.rmem=0 ifindex=0 packet.proto=3\n",
	      0);
	d = dump_of(AF_NETLINK, 0, 0);
	check(&d,
	      HEAD
	      "00000000287f4ec4 0   3072417444 80000011 4608     7        1     2        3        11920   \n"
	      "00000000287f4ec4 15  -4097      00000000 0        0        0     2        0        11921   \n",
	      "recvq=4608 sendq=7 inode=11920 mem.rmem=4608 mem.tmem=7 mem.drops=3 netlink.protocol=0 "
	      "netlink.portid=3072417444 netlink.dst_portid=0 netlink.dst_group=0 netlink.groups=80000011 "
	      "sk=287f4ec4 cb=1\n"
	      "recvq=0 sendq=0 inode=11921 mem.rmem=0 mem.tmem=0 mem.drops=0 netlink.protocol=15 "
	      "netlink.portid=4294963199 netlink.dst_portid=0 netlink.dst_group=0 netlink.groups=0 "
	      "sk=287f4ec4 cb=0\n",
	      0);
}

/* The line @good cut everywhere, with every byte of it changed: what comes is one row or one line left out.
 */
static void abuse(const struct dump *d, const char *good)
{
	char line[512];
	size_t len = strlen(good);

	for (size_t i = 0; i < len * 8; i++) {
		size_t n = (size_t)snprintf(line, sizeof(line), HEAD "%s\n%s", good, good);
		const struct nlmsghdr *nlh;
		struct source *s;
		struct row row;
		struct err e;
		uint64_t rows = 0;

		if (i % 8 == 0)
			n -= i / 8;
		else
			line[strlen(HEAD) + i / 8] = "\0 :-\xff"
						     "0f\n"[i % 8];
		s = open_bytes(d, sv_n(line, n));
		while (source_next(s, &nlh, &e) > 0) {
			CHECK(!row_open(&row, d->family, &d->origin, nlh));
			rows++;
		}
		CHECK(rows >= 1 && rows <= 3);
		CHECK(rows + s->n_skipped >= 1 && rows + s->n_skipped <= 3);
		source_close(s);
	}
}

static void test_hostile(void)
{
	struct dump tcp = dump_of(AF_INET, IPPROTO_TCP, ALL), un = dump_of(AF_UNIX, 0, ALL);
	struct dump packet = dump_of(AF_PACKET, 0, 0), netlink = dump_of(AF_NETLINK, 0, 0);
	struct text in = {};
	char want[400];

	abuse(&tcp, ENDS "01 00000001:00000002" TAIL " 100 4 3 10 -1");
	abuse(&un, "00000000d8cfc038: 00000002 00000000 00000000 0001 03 11607 /run/x");
	abuse(&packet, "00000000287f4ec4 3      3    88cc   2     1 1536   1000   11809 ");
	abuse(&netlink, "00000000287f4ec4 0   307 80000011 4608     7        1     2        3        11920 ");
	check(&tcp, "", "", 0);
	check(&tcp, "no end of line", "", 0);
	check(&tcp, HEAD "\n\n   \nx\n:\n: : : : :\n", "", 6);
	/* Too few digits, too many, too large a number, no such state */
	check(&tcp, HEAD " 1: 0100007:2329 0200007F:0050 01 00000001:00000002" TAIL "\n", "", 1);
	check(&tcp, HEAD " 1: 00100007F:2329 0200007F:0050 01 00000001:00000002" TAIL "\n", "", 1);
	check(&tcp, HEAD " 1: 0100007F:12329 0200007F:0050 01 00000001:00000002" TAIL "\n", "", 1);
	check(&tcp, HEAD ENDS "01 100000001:00000002" TAIL "\n", "", 1);
	check(&tcp, HEAD ENDS "00 00000001:00000002" TAIL "\n", "", 1);
	check(&tcp, HEAD ENDS "20 00000001:00000002" TAIL "\n", "", 1);
	check_bytes(&tcp, sv_n(HEAD "\0\n\0\0\n" ENDS, sizeof(HEAD "\0\n\0\0\n" ENDS) - 1), "", 3);
	/* A line longer than any buffer, in between and at the end */
	for (int i = 0; i < 2; i++) {
		text_str(&in, HEAD ENDS "02 00000000:00000000" TAIL);
		for (int j = 0; j < 100000; j++)
			text_char(&in, ' ');
		text_str(&in, i ? "" : "\n");
		snprintf(want, sizeof(want), "%s",
			 "state=2 recvq=0 sendq=0 inode=1 uid=0 "
			 "local.addr=127.0.0.1 local.port=9001 peer.addr=127.0.0.2 peer.port=80 ifindex=0 "
			 "timer.code=0 timer.expires=0 "
			 "timer.retrans=0 sk=ff\n");
		if (!i)
			text_str(&in, ENDS "02 00000000:00000000" TAIL "\n");
		check_bytes(&tcp, sv_n(in.p, in.len), i ? "" : want, 1);
		in.len = 0;
	}
	text_done(&in);
}

static void check_error(const struct proc_paths *paths, const struct dump *d, int want, const char *want_text)
{
	struct source *s = NULL;
	struct err e = {};

	CHECK(proc_open(paths, d, &s, &e) == want && !s);
	CHECK_STR(e.text, want_text);
}

static void test_told(void)
{
	static const struct {
		uint8_t af;
		uint16_t protocol;
		enum field_id told, untold;
	} cases[] = {
		{ AF_INET, IPPROTO_TCP, F_RECVQ, F_TCP_RTT },
		{ AF_INET6, IPPROTO_TCP, F_PROC_CWND, F_COOKIE },
		{ AF_INET, IPPROTO_TCP, F_UID, F_IFINDEX },
		{ AF_INET, IPPROTO_TCP, F_INODE, F_MARK },
		{ AF_INET, IPPROTO_TCP, F_SPORT, F_CGROUP },
		{ AF_INET, IPPROTO_TCP, F_ACCEPT_QUEUE, F_ACCEPT_LIMIT },
		{ AF_INET6, IPPROTO_TCP, F_ACCEPT_QUEUE, F_ACCEPT_FILL },
		{ AF_INET, IPPROTO_UDP, F_MEM_DROPS, F_MEM_RMEM },
		{ AF_INET, IPPROTO_UDP, F_TCP_RTT, F_MARK },
		{ AF_INET, IPPROTO_RAW, F_TCP_CONG, F_TOS },
		{ AF_UNIX, 0, F_UNIX_NAME, F_UNIX_PEER },
		{ AF_UNIX, 0, F_TCP_RTT, F_RECVQ },
		{ AF_PACKET, 0, F_IFINDEX, F_SENDQ },
		{ AF_PACKET, 0, F_UID, F_COOKIE },
		{ AF_NETLINK, 0, F_RECVQ, F_NETLINK_DST_PORTID },
		{ AF_NETLINK, 0, F_INODE, F_TYPE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dump d = dump_of(cases[i].af, cases[i].protocol, ALL);

		CHECK(proc_tells(&d, cases[i].told));
		CHECK(!proc_tells(&d, cases[i].untold));
	}
	/* No answer has the queue of what does not listen. */
	CHECK(proc_tells(&(struct dump){ .family = &family_inet,
					 .af = AF_INET,
					 .states = ALL & ~(1U << K_TCP_LISTEN),
					 .origin = { .protocol = IPPROTO_TCP, .table = TABLE_TCP } },
			 F_ACCEPT_LIMIT));
}

static void test_errors(void)
{
	struct dump d = dump_of(AF_INET, IPPROTO_TCP, ALL);
	struct proc_paths paths = { .tcp = "/proc/self/no such file" };

	check_error(&paths, &d, -ENOENT, "/proc/self/no such file: No such file or directory");
	paths = (struct proc_paths){ .root = "/nowhere" };
	check_error(&paths, &d, -ENOENT, "/nowhere/net/tcp: No such file or directory");
	paths.tcp = "/";
	check_error(&paths, &d, -EISDIR, "reading /: Is a directory");
	paths.tcp = "/dev/zero";
	check_error(&paths, &d, -EBADMSG, "/dev/zero: this is not a text file");
	d.origin.protocol = IPPROTO_SCTP;
	check_error(&paths, &d, -EOPNOTSUPP, "/proc/net has no such table");
	d.af = AF_VSOCK;
	check_error(&paths, &d, -EOPNOTSUPP, "/proc/net has no such table");
}

/* The kernel's own netlink sockets are in the real file, if there is one. */
static void test_live(void)
{
	struct dump d = dump_of(AF_NETLINK, 0, 0);
	const struct nlmsghdr *nlh;
	struct source *s;
	struct err e;

	if (access("/proc/thread-self/net/netlink", R_OK))
		return;
	CHECK(!proc_open(&(struct proc_paths){}, &d, &s, &e));
	CHECK(source_next(s, &nlh, &e) == 1);
	CHECK(!s->n_skipped);
	source_close(s);
}

/* Recorded files; the rows of each, once compared with the file by eye, stay as they are. */
static void test_recorded(const char *dir)
{
	static const struct {
		const char *name;
		uint8_t af;
		uint16_t protocol;
	} files[] = {
		{ "tcp", AF_INET, IPPROTO_TCP }, { "tcp6", AF_INET6, IPPROTO_TCP },
		{ "udp", AF_INET, IPPROTO_UDP }, { "udp6", AF_INET6, IPPROTO_UDP },
		{ "raw", AF_INET, IPPROTO_RAW }, { "raw6", AF_INET6, IPPROTO_RAW },
		{ "unix", AF_UNIX, 0 },          { "packet", AF_PACKET, 0 },
		{ "netlink", AF_NETLINK, 0 },
	};
	struct text all = {}, t = {};
	char path[4096], want[65536];
	uint64_t skipped;
	size_t n;
	FILE *f;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct dump d = dump_of(files[i].af, files[i].protocol, ALL);
		struct proc_paths paths = { .root = dir };
		struct source *s;
		struct err e;

		CHECK(!proc_open(&paths, &d, &s, &e));
		text_printf(&all, "%s\n", files[i].name);
		text_str(&all, drain(&t, &d, s, &skipped));
		CHECK(!skipped);
	}
	text_char(&all, '\0');
	CHECK(snprintf(path, sizeof(path), "%s/rows", dir) < (int)sizeof(path));
	f = fopen(path, "r");
	CHECK(f);
	n = fread(want, 1, sizeof(want) - 1, f);
	want[n] = '\0';
	fclose(f);
	CHECK_STR(all.p, want);
	text_done(&all);
	text_done(&t);
}

int main(void)
{
	test_tcp();
	test_datagram();
	test_unix();
	test_unix_peers();
	test_unix_runs();
	test_other();
	test_hostile();
	test_told();
	test_errors();
	test_live();
	test_recorded(TESTS_DIR "/golden/proc");
	return 0;
}
