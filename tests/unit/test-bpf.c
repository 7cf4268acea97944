/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Records of the BPF walk made messages, their comparison with the kernel's, and when BPF is chosen. */

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "check.h"
#include "engine/choose.h"
#include "source/bpf_doubt.h"
#include "source/bpf_exact.h"
#include "source/bpf_message.h"

static _Alignas(struct nlmsghdr) char buf[BPF_MESSAGE_MAX], other[BPF_MESSAGE_MAX];

static const struct tcp_record_info sample = {
	.m.r = { .msg = { .idiag_family = AF_INET, .idiag_state = K_TCP_ESTABLISHED, .idiag_inode = 77 },
		 .flags = RECORD_IS_FULL | RECORD_HAS_BBR,
		 .mark = 7,
		 .cgroup = 9 },
	.m.mem = { .rcvbuf = 4096, .drops = 3 },
	.cong = "bbr",
	.info = { .tcpi_state = K_TCP_ESTABLISHED, .tcpi_rtt = 1234, .tcpi_bytes_acked = 10 },
};

static size_t put(const struct tcp_record_info *r, uint8_t ask, bool has_mark)
{
	const struct bpf_message_form f = { .ask = ask, .has_mark = has_mark, .info_len = 280 };

	memset(buf, 0xee, sizeof(buf));
	return bpf_message_put(&r->m.r, &f, buf);
}

/* The lengths that the kernel's messages have. */
static void check_lengths(void)
{
	const struct tcp_record_info r = sample;

	CHECK(put(&r, 0, true) == 124);
	CHECK(put(&r, 0, false) == 116);
	CHECK(put(&r, 0x0e, true) == 440);
	CHECK(put(&r, 0x40, true) == 164);
	CHECK(put(&r, 0x41, true) == 184);
	CHECK(put(&r, 0x30, true) == 140);
}

static void check_other_lengths(void)
{
	struct tcp_record_info r = sample;

	r.m.r.msg.idiag_family = AF_INET6;
	CHECK(put(&r, 0x30, true) == 148);
	r.m.r.msg.idiag_state = K_TCP_CLOSE; /* tells whether it is for IPv6 only */
	r.m.r.flags |= RECORD_IS_BOUND;
	CHECK(put(&r, 0x0e, true) == 132);
	r.m.r.flags = 0;
	r.m.r.msg.idiag_state = K_TCP_TIME_WAIT;
	CHECK(put(&r, 0x0e, true) == 96);
	CHECK(put(&r, 0x0e, false) == 88);
}

static void check_row(void)
{
	const struct seg_dump origin = { .protocol = IPPROTO_TCP };
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;
	struct row row;

	CHECK(put(&sample, 0x4e, true) == nlh->nlmsg_len);
	CHECK(row_open(&row, &family_inet, &origin, nlh) == 0 && !row.n_unknown);
	CHECK(field_u64(&row, F_TCP_RTT, 0) == 1234);
	CHECK(field_u64(&row, F_MEM_DROPS, 0) == 3);
	CHECK(field_u64(&row, F_MARK, 0) == 7);
	CHECK(field_u64(&row, F_INODE, 0) == 77);
	CHECK(sv_is(sv_fixed(row.seg[SEG_CONG], row.len[SEG_CONG]), "bbr"));
}

/* The namespace that a walk of all of them tells: put last, or added to what the kernel said. */
static void check_netns(void)
{
	const struct bpf_message_form f = {
		.ask = 0x0e, .has_mark = true, .has_netns = true, .info_len = 280
	};
	const struct seg_dump origin = { .protocol = IPPROTO_TCP };
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;
	struct tcp_record_info r = sample;
	size_t len = put(&r, 0x0e, true);
	struct row row;

	CHECK(row_open(&row, &family_inet, &origin, nlh) == 0 && !row_has(&row, SEG_NETNS_ID));
	r.m.r.netns = 4026531833;
	CHECK(bpf_message_add_netns(&r.m.r, buf) == len + BPF_MESSAGE_NETNS);
	CHECK(row_open(&row, &family_inet, &origin, nlh) == 0 && !row.n_unknown);
	CHECK(field_u64(&row, F_NETNS_ID, 0) == 4026531833);
	memcpy(other, buf, len + BPF_MESSAGE_NETNS);
	CHECK(bpf_message_put(&r.m.r, &f, buf) == len + BPF_MESSAGE_NETNS);
	CHECK(!memcmp(buf, other, len + BPF_MESSAGE_NETNS));
}

/* Every number of the counters: of both readings the same, but for what @changed. */
static bool is_due(uint8_t af, uint64_t n_full, uint64_t n_tw, const struct proc_counters *c, int64_t changed)
{
	struct bpf_doubt d = { .af = af, .n_full = n_full, .n_tw = n_tw, .before = *c, .after = *c };
	struct err e = {};
	bool is;

	for (size_t i = 0; i < COUNTER_MAX; i++)
		if (d.after.v[i] >= 0)
			d.after.v[i] += changed;
	is = bpf_doubt_is_due(&d, &e);
	CHECK(is == (e.text[0] != '\0'));
	return is;
}

static void check_doubt(void)
{
	struct proc_counters c;

	proc_counters_init(&c);
	CHECK(!is_due(AF_INET, 0, 0, &c, 0) && !is_due(AF_INET, 1000000, 1000000, &c, 0));
	c.v[COUNTER_TCP_INUSE] = 100000;
	c.v[COUNTER_TCP6_INUSE] = 1000;
	c.v[COUNTER_TCP_TW] = 10000;
	c.v[COUNTER_TCP_ESTAB] = 95000;
	CHECK(!is_due(AF_INET, 99000, 10000, &c, 0));
	CHECK(is_due(AF_INET, 0, 10000, &c, 0)); /* nearly nothing was found */
	CHECK(is_due(AF_INET, 50000, 10000, &c, 0));
	CHECK(!is_due(AF_INET, 50000, 10000, &c, 60000)); /* but it comes and goes */
	CHECK(is_due(AF_INET, 200000, 10000, &c, 0));     /* those of other namespaces, perhaps */
	CHECK(!is_due(AF_INET, 200000, 10000, &c, 100000));
	CHECK(is_due(AF_INET, 99000, 50000, &c, 0));
	CHECK(!is_due(AF_INET6, 900, 0, &c, 0) && !is_due(AF_INET6, 0, 0, &c, 0));
	CHECK(is_due(AF_INET6, 99000, 0, &c, 0)); /* and of the other address family */
	c.v[COUNTER_TCP_ESTAB] = 10;              /* they listen, most of them */
	CHECK(!is_due(AF_INET, 10, 0, &c, 0));
	c.v[COUNTER_TCP_TW] = c.v[COUNTER_TCP_INUSE] = -1;
	CHECK(!is_due(AF_INET, 1000000, 1000000, &c, 0));
}

static bool agrees(const struct tcp_record_info *theirs, uint8_t ask)
{
	const void *p = other, *q = buf;

	(void)put(theirs, ask, true);
	memcpy(other, buf, sizeof(other));
	(void)put(&sample, 0x0e, true);
	return bpf_exact_agrees(q, p);
}

static void check_agreement(void)
{
	struct tcp_record_info r = sample;

	CHECK(agrees(&r, 0x0e));
	r.info.tcpi_bytes_acked = 11; /* goes on */
	CHECK(agrees(&r, 0x0e));
	r.info.tcpi_bytes_acked = 9;
	CHECK(!agrees(&r, 0x0e));
	r = sample;
	r.info.tcpi_options = 1;
	CHECK(!agrees(&r, 0x0e));
}

static void check_disagreement(void)
{
	struct tcp_record_info r = sample;

	r.m.r.mark = 8;
	CHECK(!agrees(&r, 0x0e));
	r = sample;
	r.m.r.msg.idiag_inode = 78;
	CHECK(!agrees(&r, 0x0e));
	CHECK(!agrees(&sample, 0x06)); /* less than ours */
	CHECK(!agrees(&sample, 0x4e)); /* and more */
	r.m.r.msg.idiag_state = K_TCP_FIN_WAIT1;
	CHECK(agrees(&r, 0x4e));
}

static enum source_kind chosen(struct step s, enum source_kind wanted, struct choose_facts f)
{
	struct choice c;

	choose(&s, wanted, &f, &c);
	CHECK(c.why[0]);
	return c.source;
}

static const struct choose_facts many = { .n_tcp = 500000, .is_built = true };
static const struct step tcp_step = {
	.dump = { .family = &family_inet,
		  .states = STATE(K_TCP_ESTABLISHED),
		  .origin.protocol = IPPROTO_TCP },
};

static void check_choice(void)
{
	struct choose_facts f = many;
	struct step s = tcp_step;

	CHECK(chosen(s, SOURCE_AUTO, many) == SOURCE_BPF);
	CHECK(chosen(s, SOURCE_NETLINK, many) == SOURCE_NETLINK);
	f.n_tcp = 10000;
	CHECK(chosen(s, SOURCE_AUTO, f) == SOURCE_NETLINK);
	CHECK(chosen(s, SOURCE_BPF, f) == SOURCE_BPF);
	f.is_loaded = true;
	CHECK(chosen(s, SOURCE_AUTO, f) == SOURCE_BPF);
	f.n_tcp = -1;
	CHECK(chosen(s, SOURCE_AUTO, f) == SOURCE_NETLINK);
}

static void check_obstacles(void)
{
	struct choose_facts f = many;
	struct step s = tcp_step;

	f.is_kill = true;
	CHECK(chosen(s, SOURCE_BPF, f) == SOURCE_NETLINK);
	f = many;
	f.is_built = false;
	CHECK(chosen(s, SOURCE_AUTO, f) == SOURCE_NETLINK);
}

static void check_steps(void)
{
	struct step s = tcp_step;

	s.dump.bytecode = "x";
	CHECK(chosen(s, SOURCE_AUTO, many) == SOURCE_NETLINK);
	s.dump.bytecode = NULL;
	s.dump.states = STATE(K_TCP_LISTEN);
	CHECK(chosen(s, SOURCE_AUTO, many) == SOURCE_NETLINK);
	s.dump.origin.protocol = IPPROTO_RAW;
	CHECK(chosen(s, SOURCE_BPF, many) == SOURCE_NETLINK);
	s.kind = STEP_PROC;
	CHECK(chosen(s, SOURCE_BPF, many) == SOURCE_PROC);
}

static enum source_kind chosen_udp(struct choose_facts f, const char *bytecode)
{
	struct step s = tcp_step;

	s.dump.origin.protocol = IPPROTO_UDP;
	s.dump.bytecode = bytecode;
	return chosen(s, SOURCE_AUTO, f);
}

static void check_udp(void)
{
	struct choose_facts f = many;

	f.is_loaded = true; /* however many TCP sockets there are, and whatever walks them */
	CHECK(chosen_udp(f, NULL) == SOURCE_NETLINK);
	f.n_udp = 500000;
	CHECK(chosen_udp(f, NULL) == SOURCE_BPF && chosen_udp(f, "x") == SOURCE_NETLINK);
	f.is_count = true;
	CHECK(chosen_udp(f, NULL) == SOURCE_BPF);
	f.n_udp = 100;
	CHECK(chosen_udp(f, NULL) == SOURCE_NETLINK);
	f.is_udp_loaded = true;
	CHECK(chosen_udp(f, NULL) == SOURCE_BPF);
	f.n_udp = -1;
	CHECK(chosen_udp(f, NULL) == SOURCE_NETLINK);
}

int main(void)
{
	enum source_kind k;

	check_lengths();
	check_other_lengths();
	check_row();
	check_netns();
	check_doubt();
	check_agreement();
	check_disagreement();
	check_choice();
	check_obstacles();
	check_steps();
	check_udp();
	CHECK(choose_parse("bpf", &k) && k == SOURCE_BPF && !choose_parse("BPF", &k));
	return 0;
}
