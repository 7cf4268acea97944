/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/iface.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/text.h"
#include "enrich/namemap.h"

/* Measured: one question 2.3 us, a dump 3 us and 1.3 us an interface. */
enum { ASK_SINGLY = 8, BUF_LEN = 32 * 1024, ALT_NAME_MAX = 127 };

struct ifaces {
	struct namemap names;
	struct mnl_socket *nl;
	unsigned int asked, seq;
	bool is_dumped;
	_Alignas(struct nlmsghdr) char buf[BUF_LEN];
};

struct link {
	uint32_t index;
	struct sv name;
};

struct ifaces *ifaces_new(void)
{
	return calloc(1, sizeof(struct ifaces));
}

void ifaces_free(struct ifaces *t)
{
	if (!t)
		return;
	namemap_done(&t->names);
	if (t->nl)
		(void)mnl_socket_close(t->nl);
	free(t);
}

static int open_once(struct ifaces *t)
{
	if (t->nl)
		return 0;
	t->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!t->nl)
		return -errno;
	if (mnl_socket_bind(t->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		int r = -errno;

		(void)mnl_socket_close(t->nl);
		t->nl = NULL;
		return r;
	}
	return 0;
}

static int read_link_attr(const struct nlattr *a, void *data)
{
	struct link *l = data;

	if (mnl_attr_get_type(a) == IFLA_IFNAME)
		l->name = sv_fixed(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	return MNL_CB_OK;
}

static bool read_link(const struct nlmsghdr *nlh, struct link *ret)
{
	struct ifinfomsg ifi;

	if (nlh->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(nlh) < sizeof(ifi))
		return false;
	memcpy(&ifi, mnl_nlmsg_get_payload(nlh), sizeof(ifi));
	*ret = (struct link){ .index = (uint32_t)ifi.ifi_index };
	(void)mnl_attr_parse(nlh, sizeof(ifi), read_link_attr, ret);
	return true;
}

static void remember(struct ifaces *t, const struct link *l)
{
	struct namemap_key key = { .lo = l->index };
	struct sv name;

	if (l->name.len && !namemap_find(&t->names, key, &name))
		(void)namemap_add(&t->names, key, l->name, &name);
}

/*
 * Takes in one message: counts and remembers an interface, @ret. True when it
 * was the last; @n_links is then a negative errno if it says so.
 */
static bool read_message(struct ifaces *t, const struct nlmsghdr *nlh, int *n_links, struct link *ret)
{
	int32_t error = -EPROTO;

	if (nlh->nlmsg_seq != t->seq)
		return false;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
			memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
		if (error < 0)
			*n_links = error;
		return true;
	}
	if (nlh->nlmsg_type == NLMSG_DONE)
		return true;
	if (read_link(nlh, ret)) {
		remember(t, ret);
		(*n_links)++;
	}
	return !(nlh->nlmsg_flags & NLM_F_MULTI);
}

/*
 * Reads the answer to the request last sent and remembers its interfaces.
 * Returns the number of them, @ret being the last, or a negative errno.
 */
static int read_answer(struct ifaces *t, struct link *ret)
{
	int n_links = 0;

	for (;;) {
		ssize_t got = mnl_socket_recvfrom(t->nl, t->buf, sizeof(t->buf));
		const struct nlmsghdr *nlh = (const void *)t->buf;
		int len = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EPROTO;
		for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
			if (read_message(t, nlh, &n_links, ret))
				return n_links;
		}
	}
}

/* Asks for interface @index, or for the one named @name when that is 0, or for all when there is neither. */
static int ask(struct ifaces *t, uint32_t index, struct sv name, struct link *ret)
{
	uint16_t flags = NLM_F_REQUEST;
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;
	int r = open_once(t);

	if (r < 0)
		return r;
	if (!index && !name.len)
		flags |= NLM_F_DUMP;
	nlh = mnl_nlmsg_put_header(t->buf);
	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = ++t->seq;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = (int)index;
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (!index && name.len) {
		char zname[ALT_NAME_MAX + 1] = {};

		memcpy(zname, name.p, name.len);
		mnl_attr_put_strz(nlh, name.len < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, zname);
	}
	if (mnl_socket_sendto(t->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	return read_answer(t, ret);
}

struct sv ifaces_name(struct ifaces *t, uint32_t index)
{
	struct namemap_key key = { .lo = index };
	struct sv name = {}, none = {};
	struct link l = {};
	struct text ifn = {};

	if (namemap_find(&t->names, key, &name))
		return name;
	if (t->asked < ASK_SINGLY && index) {
		t->asked++;
		(void)ask(t, index, none, &l);
	} else if (!t->is_dumped) {
		t->is_dumped = true;
		(void)ask(t, 0, none, &l);
	}
	if (namemap_find(&t->names, key, &name))
		return name;
	text_str(&ifn, "if");
	text_u64(&ifn, index);
	if (!ifn.failed)
		(void)namemap_add(&t->names, key, sv_n(ifn.p, ifn.len), &name);
	text_done(&ifn);
	return name;
}

int ifaces_index(struct ifaces *t, struct sv name, uint32_t *ret)
{
	bool may_exist = name.len && name.len <= ALT_NAME_MAX && !memchr(name.p, '\0', name.len);
	struct link l = {};
	int r = -ENODEV;
	uint64_t v;

	if (may_exist)
		r = ask(t, 0, name, &l);
	if (r > 0) {
		*ret = l.index;
		return 0;
	}
	if (num_read(name, 0, INT32_MAX, &v) ||
	    (sv_is(sv_first(name, 2), "if") && num_read(sv_from(name, 2), 10, INT32_MAX, &v))) {
		*ret = (uint32_t)v;
		return 0;
	}
	return r < 0 && r != -EINVAL && r != -ERANGE ? r : -ENODEV;
}
