/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Making netlink messages where there is room for them: what sources give that are not the kernel's answers.
 * Inline, as most lengths are constants where it is used.
 */

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Begins a message at @buf, aligned to 4, with the family's header. Returns where its attributes go. */
static inline char *emit_begin(char *buf, const void *header, size_t len)
{
	char *p = buf + NLMSG_HDRLEN;

	memcpy(p, header, len);
	if (len % NLMSG_ALIGNTO)
		memset(p + len, 0, NLMSG_ALIGN(len) - len);
	return p + NLMSG_ALIGN(len);
}

/* An attribute at @p, aligned to 4. Returns where the next one goes. */
static inline char *emit_attr(char *p, uint16_t type, const void *payload, size_t len)
{
	const struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	const uint32_t zero = 0;

	memcpy(p, &a, sizeof(a));
	p += NLA_HDRLEN;
	if (len % NLA_ALIGNTO)
		memcpy(p + (len & ~(size_t)(NLA_ALIGNTO - 1)), &zero, sizeof(zero));
	if (len)
		memcpy(p, payload, len);
	return p + NLA_ALIGN(len);
}

/* Ends the message at @buf, one of a dump, before @end. Returns its length. */
static inline size_t emit_end(char *buf, const char *end, uint16_t type)
{
	const struct nlmsghdr nlh = { .nlmsg_len = (uint32_t)(end - buf),
				      .nlmsg_type = type,
				      .nlmsg_flags = NLM_F_MULTI };

	memcpy(buf, &nlh, sizeof(nlh));
	return nlh.nlmsg_len;
}

/* Adds an attribute to the message at @buf, which has ended. Returns its new length. */
static inline size_t emit_more(char *buf, uint16_t type, const void *payload, size_t len)
{
	struct nlmsghdr nlh;

	memcpy(&nlh, buf, sizeof(nlh));
	memset(buf + nlh.nlmsg_len, 0, NLMSG_ALIGN(nlh.nlmsg_len) - nlh.nlmsg_len);
	nlh.nlmsg_len = (uint32_t)(emit_attr(buf + NLMSG_ALIGN(nlh.nlmsg_len), type, payload, len) - buf);
	memcpy(buf, &nlh, sizeof(nlh));
	return nlh.nlmsg_len;
}
