/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_exact.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

/* The kernel looks a UDP socket up as it would for a packet, and has both ends the other way round. */
static void turn_round(struct inet_diag_sockid *to, const struct inet_diag_sockid *id)
{
	to->idiag_sport = id->idiag_dport;
	to->idiag_dport = id->idiag_sport;
	memcpy(to->idiag_src, id->idiag_dst, sizeof(to->idiag_src));
	memcpy(to->idiag_dst, id->idiag_src, sizeof(to->idiag_dst));
}

int bpf_exact_ask(struct nl *nl, uint16_t protocol, const struct inet_diag_msg *m, uint8_t ask,
		  const struct nlmsghdr **ret, struct err *e)
{
	struct inet_diag_req_v2 req = {
		.sdiag_family = m->idiag_family,
		.sdiag_protocol = (uint8_t)protocol,
		.idiag_ext = ask,
		.idiag_states = UINT32_MAX,
		.id = m->id,
	};
	struct inet_diag_msg got;
	int r;

	if (protocol == IPPROTO_UDP)
		turn_round(&req.id, &m->id);
	if (!req.id.idiag_cookie[0] && !req.id.idiag_cookie[1])
		req.id.idiag_cookie[0] = req.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	r = nl_ask(nl, SOCK_DIAG_BY_FAMILY, 0, &req, sizeof(req), e);
	if (r >= 0)
		r = nl_next(nl, ret, e);
	if (r == -ENOENT || r == -ESTALE)
		return 0;
	if (r <= 0)
		return r;
	if (mnl_nlmsg_get_payload_len(*ret) < sizeof(got))
		return err_say(e, -EBADMSG, "the kernel's answer is cut short");
	memcpy(&got, mnl_nlmsg_get_payload(*ret), sizeof(got));
	/* Of UDP sockets with the same addresses and no cookie one answers for all of them. */
	if (protocol == IPPROTO_UDP && got.idiag_inode != m->idiag_inode)
		return 0;
	/* Without a cookie a listening socket may answer in the place of one that has ended. */
	return got.id.idiag_sport == m->id.idiag_sport && got.id.idiag_dport == m->id.idiag_dport &&
	       !memcmp(got.id.idiag_src, m->id.idiag_src, sizeof(got.id.idiag_src)) &&
	       !memcmp(got.id.idiag_dst, m->id.idiag_dst, sizeof(got.id.idiag_dst));
}

static bool info_agrees(const struct nlattr *a, const struct nlattr *b)
{
	struct k_tcp_info x = {}, y = {};
	size_t len = mnl_attr_get_payload_len(a) < sizeof(x) ? mnl_attr_get_payload_len(a) : sizeof(x);

	memcpy(&x, mnl_attr_get_payload(a), len);
	memcpy(&y, mnl_attr_get_payload(b), len);
	if (x.tcpi_state != y.tcpi_state)
		return true;
	return x.tcpi_options == y.tcpi_options && x.tcpi_wscale == y.tcpi_wscale &&
	       x.tcpi_advmss == y.tcpi_advmss && x.tcpi_max_pacing_rate == y.tcpi_max_pacing_rate &&
	       x.tcpi_bytes_acked <= y.tcpi_bytes_acked && x.tcpi_bytes_sent <= y.tcpi_bytes_sent &&
	       x.tcpi_bytes_received <= y.tcpi_bytes_received && x.tcpi_busy_time <= y.tcpi_busy_time &&
	       x.tcpi_total_retrans <= y.tcpi_total_retrans;
}

static bool attr_agrees(const struct nlattr *a, const struct nlattr *b)
{
	uint16_t type = mnl_attr_get_type(a);

	if (type != mnl_attr_get_type(b) || mnl_attr_get_payload_len(a) != mnl_attr_get_payload_len(b))
		return false;
	switch (type) {
	case K_INET_DIAG_INFO: return info_agrees(a, b);
	case K_INET_DIAG_MEMINFO:
	case K_INET_DIAG_SKMEMINFO:
	case K_INET_DIAG_BBRINFO:
	case K_INET_DIAG_SHUTDOWN: return true;
	default:
		return !memcmp(mnl_attr_get_payload(a), mnl_attr_get_payload(b), mnl_attr_get_payload_len(a));
	}
}

/* Attributes that the kernel sends whatever it is asked. */
static bool is_unasked(uint16_t type)
{
	return type == K_INET_DIAG_SHUTDOWN || type == K_INET_DIAG_MARK || type == K_INET_DIAG_CGROUP_ID ||
	       type == K_INET_DIAG_SOCKOPT || type == K_INET_DIAG_PAD;
}

/* The attribute after @a, the first for NULL; NULL after the last. */
static const struct nlattr *next_attr(const struct nlmsghdr *nlh, const struct nlattr *a)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;

	a = a ? mnl_attr_next(a) : mnl_nlmsg_get_payload_offset(nlh, sizeof(struct inet_diag_msg));
	return mnl_attr_ok(a, (int)(end - (const char *)a)) ? a : NULL;
}

/* The attribute of @type in @nlh, NULL when there is none. */
static const struct nlattr *find_attr(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *a = NULL;

	while ((a = next_attr(nlh, a)))
		if (mnl_attr_get_type(a) == type)
			break;
	return a;
}

bool bpf_exact_agrees(const struct nlmsghdr *ours, const struct nlmsghdr *theirs)
{
	const struct nlattr *a = NULL, *b = NULL;
	struct inet_diag_msg x, y;

	memcpy(&x, mnl_nlmsg_get_payload(ours), sizeof(x));
	memcpy(&y, mnl_nlmsg_get_payload(theirs), sizeof(y));
	if (x.idiag_state != y.idiag_state)
		return true; /* another time, so to speak */
	if (x.idiag_family != y.idiag_family || x.id.idiag_if != y.id.idiag_if ||
	    x.idiag_uid != y.idiag_uid || x.idiag_inode != y.idiag_inode)
		return false;
	while ((a = next_attr(ours, a))) {
		b = find_attr(theirs, mnl_attr_get_type(a));
		if (!b || !attr_agrees(a, b))
			return false;
	}
	/* And nothing more that was asked for. */
	for (b = NULL; (b = next_attr(theirs, b));)
		if (!is_unasked(mnl_attr_get_type(b)) && !find_attr(ours, mnl_attr_get_type(b)))
			return false;
	return true;
}
