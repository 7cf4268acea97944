/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/names_fixed.h"

#include <errno.h>
#include <strings.h>

#include "base/cleanup.h"

static const struct {
	uint16_t number;
	const char *name;
} ethertypes[] = {
#define ETHERTYPE(number, name) { number, name },
#include "model/defs/ethertype.def"
	{ 0x0800, "ipv4" },
};

int names_ethertype(struct sv name, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(ethertypes); i++) {
		if (strlen(ethertypes[i].name) == name.len &&
		    !strncasecmp(ethertypes[i].name, name.p, name.len)) {
			*ret = ethertypes[i].number;
			return 0;
		}
	}
	return -ENOENT;
}

/* iproute2's names of netlink protocols, for those that its file does not name. */
static const char *const netlink_names[] = {
	[0] = "rtnl",       [1] = "unused",     [2] = "usersock",    [3] = "fw",        [4] = "tcpdiag",
	[5] = "nflog",      [6] = "xfrm",       [7] = "selinux",     [8] = "iscsi",     [9] = "audit",
	[10] = "fiblookup", [11] = "connector", [12] = "nft",        [13] = "ip6fw",    [14] = "dec-rt",
	[15] = "uevent",    [16] = "genl",      [18] = "scsi-trans", [19] = "ecryptfs", [20] = "rdma",
	[21] = "crypto",
};

const char *names_netlink(uint8_t protocol)
{
	return protocol < ARRAY_SIZE(netlink_names) && netlink_names[protocol] ? netlink_names[protocol] : "";
}

int names_netlink_number(struct sv name, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(netlink_names); i++) {
		if (netlink_names[i] && sv_is(name, netlink_names[i])) {
			*ret = i;
			return 0;
		}
	}
	return -ENOENT;
}

bool names_is_of_machine(enum filter_name kind)
{
	return kind == FILTER_NAME_TCP_PROGRAM || kind == FILTER_NAME_UDP_PROGRAM ||
	       kind == FILTER_NAME_DEVICE || kind == FILTER_NAME_CGROUP || kind == FILTER_NAME_USER;
}

static bool no_host(void *, struct text *, struct sv)
{
	return false;
}

static bool no_number(void *, struct text *, uint32_t)
{
	return false;
}

static bool no_iface(void *, struct text *t, uint32_t ifindex)
{
	text_printf(t, "if%u", ifindex);
	return false;
}

static void enter_nothing(void *, uint32_t)
{
}

static void no_netns(void *, struct text *t, uint32_t ino)
{
	text_printf(t, "net:[%u]", ino);
}

static bool no_cgroup(void *, struct text *t, uint64_t id)
{
	text_printf(t, "unreachable:%llx", (unsigned long long)id);
	return true;
}

static void no_user(void *, struct text *t, uint32_t uid)
{
	text_printf(t, "%u", uid);
}

static bool no_socket_context(void *, struct text *, uint32_t, uint32_t)
{
	return false;
}

static int no_storage(void *, struct text *, uint32_t, struct sv, bool)
{
	return -ENOENT;
}

void names_forget_machine(struct names *n)
{
	n->host = no_host;
	n->iface = no_iface;
	n->iface_has_port = NULL;
	n->enter = enter_nothing;
	n->netns = no_netns;
	n->cgroup = no_cgroup;
	n->sees_cgroups = NULL;
	n->user = no_user;
	n->process = no_number;
	n->context = no_number;
	n->socket_context = no_socket_context;
	n->storage = no_storage;
}
