/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/locals.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "enrich/tuple.h"
#include "nl/nl.h"

enum { BITS = 128, MAPPED = 96 };

void locals_done(struct locals *l)
{
	free(l->v);
	*l = (struct locals){};
}

/* @addr with nothing behind the first @bits. */
static void mask(uint8_t ret[16], const uint8_t addr[16], unsigned int bits)
{
	memset(ret, 0, 16);
	memcpy(ret, addr, bits / 8);
	if (bits % 8)
		ret[bits / 8] = (uint8_t)(addr[bits / 8] & (0xff00 >> bits % 8));
}

int locals_add(struct locals *l, uint32_t netns, const uint8_t addr[16], unsigned int bits)
{
	if (bits > BITS)
		return 0;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct local_prefix *v = reallocarray(l->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n] = (struct local_prefix){ .netns = netns, .bits = bits };
	mask(l->v[l->n++].addr, addr, bits);
	l->lengths[bits / 64] |= UINT64_C(1) << bits % 64;
	l->is_sorted = false;
	return 0;
}

static int order(const void *a, const void *b)
{
	const struct local_prefix *x = a, *y = b;
	int by_addr = memcmp(x->addr, y->addr, sizeof(x->addr));

	if (x->bits != y->bits)
		return x->bits < y->bits ? -1 : 1;
	return by_addr ? by_addr : (x->netns > y->netns) - (x->netns < y->netns);
}

void locals_sort(struct locals *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), order);
	l->is_sorted = true;
}

bool locals_is_loopback(const uint8_t addr[16])
{
	static const uint8_t v4[13] = { [10] = 0xff, [11] = 0xff, [12] = 127 }, v6[16] = { [15] = 1 };

	return !memcmp(addr, v4, sizeof(v4)) || !memcmp(addr, v6, sizeof(v6));
}

/* The first that is not before @what. */
static size_t lower_bound(const struct locals *l, const struct local_prefix *what)
{
	size_t first = 0, end = l->n;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (order(&l->v[middle], what) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

/* Whether the table has it, of @netns, or of any when that is NULL. */
static bool find(const struct locals *l, const uint32_t *netns, const uint8_t addr[16])
{
	for (unsigned int bits = BITS + 1; l->is_sorted && bits-- > 0;) {
		struct local_prefix what = { .bits = bits, .netns = netns ? *netns : 0 };
		size_t i;

		if (!(l->lengths[bits / 64] >> bits % 64 & 1))
			continue;
		mask(what.addr, addr, bits);
		i = lower_bound(l, &what);
		if (i < l->n && l->v[i].bits == bits && !memcmp(l->v[i].addr, what.addr, sizeof(what.addr)) &&
		    (!netns || l->v[i].netns == *netns))
			return true;
	}
	return false;
}

bool locals_has(const struct locals *l, uint32_t netns, const uint8_t addr[16])
{
	return locals_is_loopback(addr) || find(l, &netns, addr);
}

bool locals_has_any(const struct locals *l, const uint8_t addr[16])
{
	return locals_is_loopback(addr) || find(l, NULL, addr);
}

/* What one message says. */
struct answer {
	struct sv addr, local;
	uint32_t table;
};

static int read_addr_attr(const struct nlattr *a, void *data)
{
	struct answer *ret = data;
	struct sv s = sv_n(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	if (mnl_attr_get_type(a) == IFA_ADDRESS)
		ret->addr = s;
	if (mnl_attr_get_type(a) == IFA_LOCAL)
		ret->local = s;
	return MNL_CB_OK;
}

static int read_route_attr(const struct nlattr *a, void *data)
{
	struct answer *ret = data;
	struct sv s = sv_n(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	if (mnl_attr_get_type(a) == RTA_DST)
		ret->addr = s;
	if (mnl_attr_get_type(a) == RTA_TABLE && s.len >= sizeof(ret->table))
		memcpy(&ret->table, s.p, sizeof(ret->table));
	return MNL_CB_OK;
}

/* Adds @addr, of which @bits of its own length count. */
static int add(struct locals *l, uint32_t netns, struct sv addr, unsigned int bits)
{
	uint8_t a[16];

	if (addr.len != 4 && addr.len != 16)
		return 0;
	tuple_addr(a, addr);
	return locals_add(l, netns, a, bits + (addr.len == 4 ? MAPPED : 0));
}

/* An address of an interface; that at the other end of it, when there is one, is the other attribute. */
static int take_addr(struct locals *l, uint32_t netns, const struct nlmsghdr *nlh)
{
	struct answer a = {};
	struct sv own;

	if (nlh->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(struct ifaddrmsg))
		return 0;
	(void)mnl_attr_parse(nlh, sizeof(struct ifaddrmsg), read_addr_attr, &a);
	own = a.local.len ? a.local : a.addr;
	return add(l, netns, own, (unsigned int)own.len * 8);
}

static int take_route(struct locals *l, uint32_t netns, const struct nlmsghdr *nlh)
{
	struct answer a = {};
	struct rtmsg m;

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
		return 0;
	memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
	a.table = m.rtm_table;
	(void)mnl_attr_parse(nlh, sizeof(m), read_route_attr, &a);
	if (m.rtm_type != RTN_LOCAL || a.table != RT_TABLE_LOCAL)
		return 0;
	return add(l, netns, a.addr, m.rtm_dst_len);
}

static int ask_addrs(struct locals *l, struct nl *nl, uint32_t netns, struct err *e)
{
	const struct ifaddrmsg m = { .ifa_family = AF_UNSPEC };
	const struct nlmsghdr *nlh;
	int r = nl_ask(nl, RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m), e), k = 0;

	while (r >= 0 && (r = nl_next(nl, &nlh, e)) > 0)
		k = k < 0 ? k : take_addr(l, netns, nlh);
	return r < 0 ? r : k < 0 ? err_sys(e, k, "addresses") : 0;
}

/* The kernel leaves out the other tables if it can (Linux 5.0), and we do in any case. */
static int ask_routes(struct locals *l, struct nl *nl, uint8_t family, uint32_t netns, struct err *e)
{
	const struct rtmsg m = { .rtm_family = family, .rtm_table = RT_TABLE_LOCAL, .rtm_type = RTN_LOCAL };
	const struct nlmsghdr *nlh;
	int r = nl_ask(nl, RTM_GETROUTE, NLM_F_DUMP, &m, sizeof(m), e), k = 0;

	while (r >= 0 && (r = nl_next(nl, &nlh, e)) > 0)
		k = k < 0 ? k : take_route(l, netns, nlh);
	if (r == -ENOENT) /* a table that nothing was put into yet */
		return 0;
	return r < 0 ? r : k < 0 ? err_sys(e, k, "routes") : 0;
}

int locals_ask(struct locals *l, int fd, uint32_t netns, struct err *e)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	int r = fd < 0 ? nl_open(NETLINK_ROUTE, &nl, e) : nl_open_in(fd, NETLINK_ROUTE, &nl, e);

	if (r >= 0)
		r = ask_addrs(l, nl, netns, e);
	if (r < 0)
		return r;
	nl_be_strict(nl);
	r = ask_routes(l, nl, AF_INET, netns, e);
	return r < 0 ? r : ask_routes(l, nl, AF_INET6, netns, e);
}
