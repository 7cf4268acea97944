/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* /proc/net/tcp, udp and raw, and their IPv6 twins. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>

#include "base/cleanup.h"
#include "kernel/abi.h"
#include "source/proc_line.h"

enum { TIMER_RETRANSMIT = 1 };

/* An address is the hexadecimal numbers that its 32-bit words are to this machine. */
static void read_endpoint(struct proc_cols *c, size_t n_words, uint32_t *addr, uint16_t *port)
{
	struct sv tail, words = proc_pair(c, &tail);

	if (words.len != n_words * 8)
		c->is_bad = true;
	for (size_t i = 0; i < n_words; i++)
		addr[i] = (uint32_t)proc_num_of(c, sv_first(sv_from(words, i * 8), 8), 16, UINT32_MAX);
	*port = htons((uint16_t)proc_num_of(c, tail, 16, UINT16_MAX));
}

static uint32_t ticks_to_ms(const struct proc *p, uint64_t ticks)
{
	if (ticks > UINT32_MAX) /* more than the milliseconds could hold for any clock up to 1000 Hz */
		return UINT32_MAX;
	ticks = (ticks * 1000 + p->hz - 1) / p->hz;
	return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

/* The columns that all the files have. */
static void read_common(const struct proc *p, struct proc_cols *c, struct inet_diag_msg *msg)
{
	size_t n_words = p->af == AF_INET6 ? 4 : 1;
	uint64_t retransmits, probes;
	struct sv head, tail;

	*msg = (struct inet_diag_msg){
		.idiag_family = p->af,
		.id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
	};
	(void)proc_pair(c, &tail);
	if (tail.len)
		c->is_bad = true;
	read_endpoint(c, n_words, msg->id.idiag_src, &msg->id.idiag_sport);
	read_endpoint(c, n_words, msg->id.idiag_dst, &msg->id.idiag_dport);
	msg->idiag_state = (uint8_t)proc_num(c, 16, 31);
	head = proc_pair(c, &tail);
	msg->idiag_wqueue = (uint32_t)proc_num_of(c, head, 16, UINT32_MAX);
	msg->idiag_rqueue = (uint32_t)proc_num_of(c, tail, 16, UINT32_MAX);
	head = proc_pair(c, &tail);
	msg->idiag_timer = (uint8_t)proc_num_of(c, head, 16, UINT8_MAX);
	msg->idiag_expires = ticks_to_ms(p, proc_num_of(c, tail, 16, UINT64_MAX));
	retransmits = proc_num(c, 16, UINT32_MAX);
	msg->idiag_uid = (uint32_t)proc_num(c, 10, UINT32_MAX);
	probes = proc_num(c, 10, UINT32_MAX);
	msg->idiag_retrans = (uint8_t)(msg->idiag_timer == TIMER_RETRANSMIT ? retransmits : probes);
	msg->idiag_inode = (uint32_t)proc_num(c, 10, UINT64_MAX); /* sock_diag cuts it too */
	(void)proc_num(c, 10, UINT32_MAX);                        /* references */
}

/*
 * The next column of those that only tcp has: a number, which text may follow without a blank. The text is
 * what comes next then.
 */
static uint64_t read_number(struct proc_cols *c, uint64_t max)
{
	struct sv word = proc_col(c);
	uint64_t v;
	size_t n = 0;

	while (n < word.len && word.p[n] >= '0' && word.p[n] <= '9')
		n++;
	v = proc_num_of(c, sv_first(word, n), 10, max);
	if (word.len)
		c->rest = sv_n(word.p + n, word.len - n + c->rest.len);
	return v;
}

static int32_t read_signed(struct proc_cols *c)
{
	bool is_negative;
	int64_t v;

	while (c->rest.len && c->rest.p[0] == ' ')
		c->rest = sv_from(c->rest, 1);
	is_negative = c->rest.len && c->rest.p[0] == '-';
	c->rest = sv_from(c->rest, is_negative);
	v = (int64_t)read_number(c, INT32_MAX);
	return (int32_t)(is_negative ? -v : v);
}

static uint64_t us_of_ticks(uint64_t ticks)
{
	return ticks * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

/*
 * The columns of tcp alone, as far as the line has them: returns how much of @ret is known. What is after the
 * last is for @rest.
 */
static size_t read_tcp(struct proc_cols *c, struct k_inet_proc *ret, struct sv *rest)
{
	ret->rto_us = us_of_ticks(read_number(c, UINT32_MAX));
	if (c->is_bad)
		return offsetof(struct k_inet_proc, rto_us);
	ret->ato_us = us_of_ticks(read_number(c, UINT32_MAX));
	if (c->is_bad)
		return offsetof(struct k_inet_proc, ato_us);
	ret->qack = (uint32_t)read_number(c, UINT32_MAX);
	if (c->is_bad)
		return offsetof(struct k_inet_proc, qack);
	ret->cwnd = (uint32_t)read_number(c, UINT32_MAX);
	if (c->is_bad)
		return offsetof(struct k_inet_proc, cwnd);
	ret->ssthresh = read_signed(c);
	if (c->is_bad)
		return offsetof(struct k_inet_proc, ssthresh);
	*rest = c->rest;
	while (rest->len && rest->p[0] == ' ')
		*rest = sv_from(*rest, 1);
	return sizeof(*ret);
}

/* Makes the message of the columns that all the files have. Returns as proc_tcp(). */
static int begin_message(struct proc *p, struct proc_cols *c, struct k_inet_proc *ret)
{
	struct inet_diag_msg msg;

	read_common(p, c, &msg);
	ret->sk = proc_pointer(c);
	if (c->is_bad || !msg.idiag_state)
		return -EBADMSG;
	if (!proc_wants(p, msg.idiag_state))
		return 0;
	proc_msg(p, &msg, sizeof(msg));
	return 1;
}

int proc_tcp(struct proc *p, struct sv line)
{
	struct proc_cols c = { .rest = line };
	struct k_inet_proc ours = {};
	int r = begin_message(p, &c, &ours);
	struct sv rest = {};
	size_t len;

	if (r <= 0)
		return r;
	len = read_tcp(&c, &ours, &rest);
	proc_attr(p, K_INET_DIAG_X_PROC, &ours, len);
	if (rest.len)
		proc_attr(p, K_INET_DIAG_X_PROC_REST, rest.p, rest.len);
	return 1;
}

/* A line of udp or raw. Returns as proc_tcp(). */
static int read_datagram(struct proc *p, struct sv line, bool is_raw)
{
	struct proc_cols c = { .rest = line };
	struct k_inet_proc ours = {};
	int r = begin_message(p, &c, &ours);
	struct inet_diag_msg msg;
	uint8_t protocol;
	uint32_t drops;

	if (r <= 0)
		return r;
	memcpy(&msg, NLMSG_DATA(&p->msg.nlh), sizeof(msg));
	protocol = (uint8_t)ntohs(msg.id.idiag_sport); /* of a raw socket, which has no port */
	if (is_raw)
		proc_attr(p, K_INET_DIAG_PROTOCOL, &protocol, sizeof(protocol));
	proc_attr(p, K_INET_DIAG_X_PROC, &ours, offsetof(struct k_inet_proc, rto_us));
	drops = (uint32_t)proc_num(&c, 10, UINT32_MAX);
	if (!c.is_bad) /* kernels before 2.6.27 have no such column */
		proc_attr(p, K_INET_DIAG_X_PROC_DROPS, &drops, sizeof(drops));
	return 1;
}

int proc_udp(struct proc *p, struct sv line)
{
	return read_datagram(p, line, false);
}

int proc_raw(struct proc *p, struct sv line)
{
	return read_datagram(p, line, true);
}
