/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/nat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "nl/nl.h"

/* Bits of CTA_STATUS: the source, or the destination, is changed. */
enum { IS_SRC_NAT = 1 << 4, IS_DST_NAT = 1 << 5 };

struct nat_pair {
	struct tuple key, value;
	bool is_ambiguous;
	struct nat_pair *next;
};

void nat_done(struct nat *n)
{
	while (n->first) {
		struct nat_pair *p = n->first;

		n->first = p->next;
		free(p);
	}
	hash_done(&n->by_tuple);
}

static bool is_pair(const void *item, const void *key)
{
	return !memcmp(&((const struct nat_pair *)item)->key, key, sizeof(struct tuple));
}

static int add_one(struct nat *n, const struct tuple *key, const struct tuple *value)
{
	uint64_t hash = hash_bytes(tuple_key(key));
	struct nat_pair *p = hash_find(&n->by_tuple, hash, is_pair, key);

	if (p) {
		p->is_ambiguous |= memcmp(&p->value, value, sizeof(*value)) != 0;
		return 0;
	}
	p = malloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	*p = (struct nat_pair){
		.key = *key, .value = *value, .is_ambiguous = !value->pport, .next = n->first
	};
	n->first = p;
	return hash_put(&n->by_tuple, hash, p);
}

int nat_add(struct nat *n, const struct tuple *one, const struct tuple *other)
{
	int r = add_one(n, one, other);

	return r < 0 ? r : add_one(n, other, one);
}

int nat_put(struct nat *n, const struct tuple *one, const struct tuple *other)
{
	return add_one(n, one, other);
}

bool nat_next(const struct nat *n, const struct nat_pair **at, struct tuple *ret_one, struct tuple *ret_other)
{
	const struct nat_pair *p = *at ? (*at)->next : n->first;

	if (!p)
		return false;
	*at = p;
	*ret_one = p->key;
	*ret_other = p->is_ambiguous ? (struct tuple){} : p->value;
	return true;
}

int nat_find(const struct nat *n, const struct tuple *t, struct tuple *ret)
{
	const struct nat_pair *p =
		n->by_tuple.n ? hash_find(&n->by_tuple, hash_bytes(tuple_key(t)), is_pair, t) : NULL;

	if (!p)
		return 0;
	*ret = p->value;
	return p->is_ambiguous ? -ENOTUNIQ : 1;
}

/* One direction of an entry. */
struct way {
	struct sv src, dst;
	uint16_t sport, dport;
	uint8_t protocol;
	bool has_ports;
};

struct entry {
	struct way orig, reply;
	uint32_t status;
};

static struct sv payload(const struct nlattr *a)
{
	return sv_n(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
}

/* The attributes that lie in @in as a whole: what is cut is not read. */
static void each(struct sv in, mnl_attr_cb_t fn, void *data)
{
	const struct nlattr *a = (const struct nlattr *)(const void *)in.p;

	for (int left = (int)in.len; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		left -= (int)MNL_ALIGN(a->nla_len);
		(void)fn(a, data);
	}
}

static int read_ip(const struct nlattr *a, void *data)
{
	struct way *w = data;

	switch (mnl_attr_get_type(a)) {
	case CTA_IP_V4_SRC:
	case CTA_IP_V6_SRC: w->src = payload(a); break;
	case CTA_IP_V4_DST:
	case CTA_IP_V6_DST: w->dst = payload(a); break;
	default: break;
	}
	return MNL_CB_OK;
}

static int read_proto(const struct nlattr *a, void *data)
{
	struct way *w = data;
	struct sv s = payload(a);

	switch (mnl_attr_get_type(a)) {
	case CTA_PROTO_NUM: w->protocol = s.len ? (uint8_t)s.p[0] : 0; break;
	case CTA_PROTO_SRC_PORT:
		if (s.len >= sizeof(w->sport))
			memcpy(&w->sport, s.p, sizeof(w->sport));
		break;
	case CTA_PROTO_DST_PORT:
		w->has_ports = s.len >= sizeof(w->dport);
		if (w->has_ports)
			memcpy(&w->dport, s.p, sizeof(w->dport));
		break;
	default: break;
	}
	return MNL_CB_OK;
}

static int read_way(const struct nlattr *a, void *data)
{
	if (mnl_attr_get_type(a) == CTA_TUPLE_IP)
		each(payload(a), read_ip, data);
	if (mnl_attr_get_type(a) == CTA_TUPLE_PROTO)
		each(payload(a), read_proto, data);
	return MNL_CB_OK;
}

static int read_entry(const struct nlattr *a, void *data)
{
	struct entry *e = data;
	struct sv s = payload(a);

	switch (mnl_attr_get_type(a)) {
	case CTA_TUPLE_ORIG: each(s, read_way, &e->orig); break;
	case CTA_TUPLE_REPLY: each(s, read_way, &e->reply); break;
	case CTA_STATUS:
		if (s.len >= sizeof(e->status))
			memcpy(&e->status, s.p, sizeof(e->status));
		e->status = ntohl(e->status);
		break;
	default: break;
	}
	return MNL_CB_OK;
}

/* What whoever sends this way has: it is from its local address to its peer's. */
static bool read_tuple(const struct way *w, struct tuple *ret)
{
	if (!w->has_ports || (w->src.len != 4 && w->src.len != 16) || w->src.len != w->dst.len ||
	    (w->protocol != IPPROTO_TCP && w->protocol != IPPROTO_UDP))
		return false;
	*ret = (struct tuple){ .lport = w->sport,
			       .pport = w->dport,
			       .kind = w->protocol == IPPROTO_TCP ? TUPLE_TCP : TUPLE_UDP };
	tuple_addr(ret->local, w->src);
	tuple_addr(ret->peer, w->dst);
	return true;
}

int nat_take(struct nat *n, const struct nlmsghdr *nlh)
{
	struct entry e = {};
	struct tuple one, other;

	if (nlh->nlmsg_type != (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return 0;
	each(sv_from(sv_n(mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh)),
		     sizeof(struct nfgenmsg)),
	     read_entry, &e);
	if (!(e.status & (IS_SRC_NAT | IS_DST_NAT)) || !read_tuple(&e.orig, &one) ||
	    !read_tuple(&e.reply, &other))
		return 0;
	return nat_add(n, &one, &other);
}

int nat_ask(struct nat *n, int fd, struct err *e)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	const struct nfgenmsg m = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	const struct nlmsghdr *nlh;
	int r = fd < 0 ? nl_open(NETLINK_NETFILTER, &nl, e) : nl_open_in(fd, NETLINK_NETFILTER, &nl, e);
	int k = 0;

	if (r >= 0)
		r = nl_ask(nl, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP, &m, sizeof(m), e);
	while (r >= 0 && (r = nl_next(nl, &nlh, e)) > 0)
		k = k < 0 ? k : nat_take(n, nlh);
	if (k < 0)
		return err_sys(e, k, "connection tracking");
	/* There is none: no such protocol, or nobody who answers for it. */
	return r == -EPROTONOSUPPORT || r == -EINVAL || r == -EOPNOTSUPP || r == -ENOENT ? 0 : r;
}
