/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the tests of the filter language share: made-up rows, and names that
 * resolve the same everywhere.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/field.h"
#include "query/filter.h"

struct sample {
	const char *name;
	uint8_t af;
	const char *src, *dst;
	uint16_t sport, dport;
	uint32_t dev;
	int64_t mark;       /* -1: not told */
	uint64_t cgroup;    /* 0: none */
	const char *path;   /* unix; "@" for NUL */
	uint32_t proto, id; /* packet, netlink; netlink peers are .sport:.dport when .mark is 1 */
	uint16_t protocol;
	/* of inet */
	uint8_t state;    /* 0: established */
	uint32_t rtt;     /* 0: no tcp_info; 1 us is its smallest */
	int32_t ssthresh; /* the kernel's: 0x7fffffff is none */
	const char *cong;
	uint32_t inode, uid;
	const char *comm[2]; /* of owners, with the process ids 100 and 101 and the descriptors 3 and 4 */
};

struct sample_row {
	struct row row;
	struct seg_dump dump;
	union {
		struct inet_diag_msg inet;
		struct unix_diag_msg un;
		struct packet_diag_msg packet;
		struct netlink_diag_msg netlink;
	} msg;
	struct packet_diag_info packet_info;
	uint32_t mark;
	uint64_t cgroup;
	char path[108];
	struct k_tcp_info info;
	struct owner owner[2];
	struct owners owners;
};

static inline void sample_inet(const struct sample *s, struct sample_row *r)
{
	struct inet_diag_msg *m = &r->msg.inet;

	m->idiag_family = s->af;
	m->idiag_state = s->state ? s->state : K_TCP_ESTABLISHED;
	m->idiag_inode = s->inode;
	m->idiag_uid = s->uid;
	r->info.tcpi_rtt = s->rtt;
	r->info.tcpi_snd_ssthresh = (uint32_t)s->ssthresh;
	if (s->rtt) /* as an old kernel sends it, without what was added since */
		row_put(&r->row, SEG_TCP_INFO, &r->info, offsetof(struct k_tcp_info, tcpi_rcv_rtt));
	if (s->cong)
		row_put(&r->row, SEG_CONG, s->cong, strlen(s->cong) + 1);
	m->id.idiag_sport = htons(s->sport);
	m->id.idiag_dport = htons(s->dport);
	m->id.idiag_if = s->dev;
	(void)inet_pton(s->af, s->src, m->id.idiag_src);
	(void)inet_pton(s->af, s->dst, m->id.idiag_dst);
	row_put(&r->row, SEG_INET_MSG, m, sizeof(*m));
	r->mark = (uint32_t)s->mark;
	r->cgroup = s->cgroup;
	if (s->mark >= 0)
		row_put(&r->row, SEG_MARK, &r->mark, sizeof(r->mark));
	if (s->cgroup)
		row_put(&r->row, SEG_CGROUP_ID, &r->cgroup, sizeof(r->cgroup));
}

static inline void sample_unix(const struct sample *s, struct sample_row *r)
{
	size_t len = s->path ? strlen(s->path) : 0;

	r->msg.un.udiag_family = AF_UNIX;
	row_put(&r->row, SEG_UNIX_MSG, &r->msg.un, sizeof(r->msg.un));
	if (!s->path)
		return;
	for (size_t i = 0; i < len; i++)
		r->path[i] = (char)(s->path[0] == '@' && s->path[i] == '@' ? '\0' : s->path[i]);
	row_put(&r->row, SEG_UNIX_NAME, r->path, s->path[0] == '@' ? len : len + 1);
}

/* A table that @s could be in. */
static inline uint8_t sample_table(const struct sample *s)
{
	switch (s->af) {
	case AF_UNIX: return TABLE_UNIX_STREAM;
	case AF_PACKET: return TABLE_PACKET_RAW;
	case AF_NETLINK: return TABLE_NETLINK;
	default: return s->protocol == IPPROTO_UDP ? TABLE_UDP : TABLE_TCP;
	}
}

/* Makes the row of @s; @r must stay where it is. */
static inline void sample_make(const struct sample *s, struct sample_row *r)
{
	*r = (struct sample_row){ .dump = { .table = sample_table(s),
					    .protocol = s->protocol ? s->protocol : IPPROTO_TCP,
					    .is_filtered = true } };
	row_put(&r->row, SEG_DUMP, &r->dump, sizeof(r->dump));
	for (; r->owners.n < 2 && s->comm[r->owners.n]; r->owners.n++)
		r->owner[r->owners.n] = (struct owner){ .pid = 100 + (uint32_t)r->owners.n,
							.fd = 3 + (uint32_t)r->owners.n,
							.comm = sv(s->comm[r->owners.n]) };
	r->owners.v = r->owner;
	if (r->owners.n)
		row_put(&r->row, SEG_OWNERS, &r->owners, sizeof(r->owners));
	switch (s->af) {
	case AF_UNIX: sample_unix(s, r); break;
	case AF_PACKET:
		r->msg.packet.pdiag_family = AF_PACKET;
		r->msg.packet.pdiag_num = (uint16_t)s->proto;
		r->packet_info.pdi_index = s->dev;
		row_put(&r->row, SEG_PACKET_MSG, &r->msg.packet, sizeof(r->msg.packet));
		row_put(&r->row, SEG_PACKET_INFO, &r->packet_info, sizeof(r->packet_info));
		break;
	case AF_NETLINK:
		r->msg.netlink.ndiag_family = AF_NETLINK;
		r->msg.netlink.ndiag_protocol = (uint8_t)s->proto;
		r->msg.netlink.ndiag_portid = s->id;
		r->msg.netlink.ndiag_dst_group = s->sport;
		r->msg.netlink.ndiag_dst_portid = s->dport;
		r->msg.netlink.ndiag_state = s->mark == 1;
		row_put(&r->row, SEG_NETLINK_MSG, &r->msg.netlink, sizeof(r->msg.netlink));
		break;
	default: sample_inet(s, r); break;
	}
}

static inline int sample_number(void *ctx, enum filter_name kind, struct sv name, uint64_t *ret)
{
	static const struct {
		enum filter_name kind;
		const char *name;
		uint64_t number;
	} known[] = {
		{ FILTER_NAME_TCP_PORT, "ssh", 22 },
		{ FILTER_NAME_TCP_PORT, "http", 80 },
		{ FILTER_NAME_UDP_PORT, "http", 80 },
		{ FILTER_NAME_UDP_PORT, "bootpc", 68 },
		{ FILTER_NAME_TCP_PORT, "who", 513 },
		{ FILTER_NAME_UDP_PORT, "who", 514 },
		{ FILTER_NAME_TCP_PROGRAM, "rpc.nfs", 2049 },
		{ FILTER_NAME_UDP_PROGRAM, "rpc.status", 700 },
		{ FILTER_NAME_DEVICE, "lo", 1 },
		{ FILTER_NAME_DEVICE, "eth0", 2 },
		{ FILTER_NAME_DEVICE, "e)", 3 },
		{ FILTER_NAME_CGROUP, "/a", 7001 },
		{ FILTER_NAME_CGROUP, "/a b", 7002 },
		{ FILTER_NAME_ETHERTYPE, "ip", 0x800 },
		{ FILTER_NAME_ETHERTYPE, "all", 3 },
		{ FILTER_NAME_NETLINK, "rtnl", 0 },
		{ FILTER_NAME_NETLINK, "genl", 16 },
		{ FILTER_NAME_TCP_PORT, "http-alt", 8080 },
		{ FILTER_NAME_USER, "www-data", 33 },
		{ FILTER_NAME_USER, "root", 0 },
	};

	(void)ctx;
	if (kind == FILTER_NAME_TCP_PROGRAM && sv_is(name, "rpc.status"))
		return -ENOTUNIQ;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].kind == kind && sv_is(name, known[i].name)) {
			*ret = known[i].number;
			return 0;
		}
	return -ENOENT;
}

/* "two" has an address of each family, "four" only 10.0.0.9; counts the calls in *@ctx. */
static inline int sample_host(void *ctx, struct sv name, sa_family_t family, struct filter_addr *ret,
			      size_t cap)
{
	const struct filter_addr v4 = { AF_INET, { 10, 0, 0, 9 } }, v6 = { AF_INET6, { [15] = 9 } };
	int n = 0;

	if (ctx)
		++*(unsigned int *)ctx;
	if (cap < 2 || (!sv_is(name, "two") && !sv_is(name, "four")))
		return -ENOENT;
	if (family != AF_INET6)
		ret[n++] = v4;
	if (family != AF_INET && sv_is(name, "two"))
		ret[n++] = v6;
	return n;
}

static const struct filter_names sample_names = { .number = sample_number, .host = sample_host };

/* The filter of @text, of which the kernel may get what @push says; whoever asked frees it. Never NULL. */
static inline struct filter *sample_filter(const char *text, unsigned int push)
{
	const struct filter_env env = { .names = &sample_names, .push = push };
	const struct sv word = sv(text);
	struct filter *f = NULL;
	struct err e = {};

	if (filter_parse(&env, &word, 1, &f, &e)) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	return f;
}
