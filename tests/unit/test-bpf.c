/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Records of the BPF walk made messages, their comparison with the kernel's, and when BPF is chosen. */

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "check.h"
#include "plan/choose.h"
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

/* Whether it is due: what a walk found, what the counters said before it, and how much more each said after
 * it. */
static const struct {
	uint8_t af;
	bool is_due;
	uint64_t n_full, n_tw;
	int64_t inuse, inuse6, tw, estab, changed;
} doubts[] = {
	{ AF_INET, false, 99000, 10000, 100000, 1000, 10000, 95000, 0 },
	/* nearly nothing was found; too little; but it comes and goes */
	{ AF_INET, true, 0, 10000, 100000, 1000, 10000, 95000, 0 },
	{ AF_INET, true, 50000, 10000, 100000, 1000, 10000, 95000, 0 },
	{ AF_INET, false, 50000, 10000, 100000, 1000, 10000, 95000, 60000 },
	/* those of other namespaces, perhaps */
	{ AF_INET, true, 200000, 10000, 100000, 1000, 10000, 95000, 0 },
	{ AF_INET, false, 200000, 10000, 100000, 1000, 10000, 95000, 100000 },
	{ AF_INET, true, 99000, 50000, 100000, 1000, 10000, 95000, 0 },
	{ AF_INET6, false, 900, 0, 100000, 1000, 10000, 95000, 0 },
	{ AF_INET6, false, 0, 0, 100000, 1000, 10000, 95000, 0 },
	{ AF_INET6, true, 99000, 0, 100000, 1000, 10000, 95000, 0 },
	/* most of them listen */
	{ AF_INET, false, 10, 0, 100000, 1000, 10000, 10, 0 },
	/* what is not known proves nothing */
	{ AF_INET, false, 1000000, 1000000, -1, 1000, -1, 10, 0 },
	{ AF_INET, false, 0, 0, -1, -1, -1, -1, 0 },
	{ AF_INET, false, 0, 0, 100000, -1, 10000, 95000, 0 },
};

static void check_doubt(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(doubts); i++) {
		struct bpf_doubt d = { .af = doubts[i].af,
				       .n_full = doubts[i].n_full,
				       .n_tw = doubts[i].n_tw };
		struct err e = {};

		d.before = proc_counters_none();
		d.before.v[COUNTER_TCP_INUSE] = doubts[i].inuse;
		d.before.v[COUNTER_TCP6_INUSE] = doubts[i].inuse6;
		d.before.v[COUNTER_TCP_TW] = doubts[i].tw;
		d.before.v[COUNTER_TCP_ESTAB] = doubts[i].estab;
		d.after = d.before;
		for (size_t k = 0; k < COUNTER_MAX; k++)
			d.after.v[k] += d.after.v[k] < 0 ? 0 : doubts[i].changed;
		CHECK(bpf_doubt_is_due(&d, &e) == doubts[i].is_due);
		CHECK((e.text[0] != '\0') == doubts[i].is_due);
	}
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

/* A machine, and what is known of the run. */
struct situation {
	struct facts f;
	struct choose_opts o;
};

static enum source_kind chosen(struct step s, enum source_kind wanted, struct situation at)
{
	struct choice c;

	at.o.wanted = wanted;
	choose(&s, &at.o, &at.f, &c);
	CHECK(c.why[0]);
	return c.source;
}

static const struct situation many = { .f = { .n_tcp = 500000, .has_bpf = true } };
static const struct step tcp_step = {
	.dump = { .family = &family_inet,
		  .states = STATE(K_TCP_ESTABLISHED),
		  .origin.protocol = IPPROTO_TCP },
};

static void check_choice(void)
{
	struct situation at = many;
	struct step s = tcp_step;

	CHECK(chosen(s, SOURCE_AUTO, many) == SOURCE_BPF);
	CHECK(chosen(s, SOURCE_NETLINK, many) == SOURCE_NETLINK);
	at.f.n_tcp = 10000;
	CHECK(chosen(s, SOURCE_AUTO, at) == SOURCE_NETLINK);
	CHECK(chosen(s, SOURCE_BPF, at) == SOURCE_BPF);
	at.o.is_loaded = true;
	CHECK(chosen(s, SOURCE_AUTO, at) == SOURCE_BPF);
	at.f.n_tcp = -1;
	CHECK(chosen(s, SOURCE_AUTO, at) == SOURCE_NETLINK);
}

static void check_obstacles(void)
{
	struct situation at = many;
	struct step s = tcp_step;

	at.o.is_kill = true;
	CHECK(chosen(s, SOURCE_BPF, at) == SOURCE_NETLINK);
	at = many;
	at.f.has_bpf = false;
	CHECK(chosen(s, SOURCE_AUTO, at) == SOURCE_NETLINK);
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

static enum source_kind chosen_udp(struct situation at, const char *bytecode)
{
	struct step s = tcp_step;

	s.dump.origin.protocol = IPPROTO_UDP;
	s.dump.bytecode = bytecode;
	return chosen(s, SOURCE_AUTO, at);
}

static void check_udp(void)
{
	struct situation at = many;

	at.o.is_loaded = true; /* however many TCP sockets there are, and whatever walks them */
	CHECK(chosen_udp(at, NULL) == SOURCE_NETLINK);
	at.f.n_udp = 500000;
	CHECK(chosen_udp(at, NULL) == SOURCE_BPF && chosen_udp(at, "x") == SOURCE_NETLINK);
	at.o.is_count = true;
	CHECK(chosen_udp(at, NULL) == SOURCE_BPF);
	at.f.n_udp = 100;
	CHECK(chosen_udp(at, NULL) == SOURCE_NETLINK);
	at.o.is_udp_loaded = true;
	CHECK(chosen_udp(at, NULL) == SOURCE_BPF);
	at.f.n_udp = -1;
	CHECK(chosen_udp(at, NULL) == SOURCE_NETLINK);
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
