/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Our stand-in for libmnl: messages it writes and reads back, byte by byte, and
 * an exchange with the kernel that must name the loopback interface.
 */

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <sys/socket.h>

#include "check.h"

static void check_layout(void)
{
	static const uint8_t attrs[] = { 8, 0, 7, 0, 1, 2, 3, 4, 7, 0, 9, 0, 'a', 'b', 0, 0 };
	_Alignas(struct nlmsghdr) uint8_t buf[64];
	struct nlmsghdr *nlh;
	uint32_t word;
	int len;

	memset(buf, 0xff, sizeof(buf));
	memcpy(&word, &attrs[4], sizeof(word));
	nlh = mnl_nlmsg_put_header(buf);
	CHECK(nlh->nlmsg_len == 16 && nlh->nlmsg_type == 0 && nlh->nlmsg_seq == 0);
	CHECK(mnl_nlmsg_put_extra_header(nlh, 3) == buf + 16);
	mnl_attr_put_u32(nlh, 7, word);
	mnl_attr_put_strz(nlh, 9, "ab");
	CHECK(nlh->nlmsg_len == 20 + sizeof(attrs));
	CHECK(memcmp(buf + 16, "\0\0\0\0", 4) == 0);
	CHECK(memcmp(buf + 20, attrs, sizeof(attrs)) == 0);

	for (len = 0; len < (int)nlh->nlmsg_len; len++)
		CHECK(!mnl_nlmsg_ok(nlh, len));
	CHECK(mnl_nlmsg_ok(nlh, len));
	CHECK(mnl_nlmsg_next(nlh, &len) == (void *)(buf + 36) && len == 0);
	nlh->nlmsg_len = 15;
	CHECK(!mnl_nlmsg_ok(nlh, 64));
}

static int note_type(const struct nlattr *attr, void *data)
{
	unsigned int *seen = data;

	*seen = *seen * 10 + mnl_attr_get_type(attr);
	return mnl_attr_get_type(attr) == 2 ? MNL_CB_STOP : MNL_CB_OK;
}

static void check_attrs(void)
{
	_Alignas(struct nlmsghdr) uint8_t buf[64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	unsigned int seen = 0;
	const struct nlattr *a;

	mnl_attr_put_u32(nlh, 1 | NLA_F_NESTED, 1);
	mnl_attr_put(nlh, 2, 0, NULL);
	mnl_attr_put_u32(nlh, 3, 3);
	CHECK(mnl_attr_parse(nlh, 0, note_type, &seen) == MNL_CB_STOP);
	CHECK(seen == 12);
	a = mnl_nlmsg_get_payload(nlh);
	CHECK(mnl_attr_get_payload_len(a) == 4);
	for (int len = 0; len < 8; len++)
		CHECK(!mnl_attr_ok(a, len));
	CHECK(mnl_attr_ok(a, 8));
	CHECK(mnl_attr_get_payload_len(mnl_attr_next(a)) == 0);
}

static void check_nested(void)
{
	_Alignas(struct nlmsghdr) uint8_t buf[64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *nest = mnl_nlmsg_get_payload_tail(nlh);
	unsigned int seen = 0;

	mnl_attr_put(nlh, 9 | NLA_F_NESTED, 0, NULL);
	mnl_attr_put_u32(nlh, 4, 1);
	mnl_attr_put_u32(nlh, 3, 3);
	nest->nla_len = (uint16_t)(nlh->nlmsg_len - MNL_NLMSG_HDRLEN);
	mnl_attr_put_u32(nlh, 5, 5); /* not in it */
	CHECK(mnl_attr_parse_nested(nest, note_type, &seen) == MNL_CB_OK);
	CHECK(seen == 43);
}

static int note_name(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_IFNAME)
		memcpy(data, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	return MNL_CB_OK;
}

static void check_kernel(void)
{
	_Alignas(struct nlmsghdr) static uint8_t buf[32768];
	char name[UINT16_MAX] = "";
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ssize_t n;

	CHECK(nl);
	CHECK(mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0);
	CHECK(mnl_socket_get_portid(nl) != 0 && mnl_socket_get_fd(nl) >= 0);
	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ifi->ifi_index = 1;
	CHECK(mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) == (ssize_t)nlh->nlmsg_len);
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	CHECK(n > 0 && mnl_nlmsg_ok(nlh, (int)n));
	CHECK(nlh->nlmsg_type == RTM_NEWLINK);
	CHECK(mnl_nlmsg_get_payload_len(nlh) > sizeof(*ifi));
	CHECK(mnl_attr_parse(nlh, sizeof(*ifi), note_name, name) == MNL_CB_OK);
	CHECK_STR(name, "lo");
	CHECK(mnl_socket_close(nl) == 0);
}

int main(void)
{
	check_layout();
	check_attrs();
	check_nested();
	check_kernel();
	return 0;
}
