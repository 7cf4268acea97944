/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The kernel's side of a filter program: its rules for accepting one, and its
 * verdict on a socket, so that tests can ask for both without a kernel.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

struct bc_socket {
	uint8_t family;
	uint16_t sport, dport;
	uint8_t src[16], dst[16];
	uint32_t dev, mark;
	uint64_t cgroup;
	bool is_auto; /* the port was not asked for */
};

struct bc_op {
	uint8_t code, yes;
	uint16_t no;
};

static inline struct bc_op bc_op(const uint8_t *p)
{
	struct bc_op op;

	memcpy(&op, p, sizeof(op));
	return op;
}

/* Whether the chain of steps from the start comes by @at. */
static inline bool bc_is_boundary(const uint8_t *code, size_t len, size_t at)
{
	size_t i = 0;

	while (i < at && i + 4 <= len)
		i += bc_op(code + i).yes;
	return i == at;
}

static inline size_t bc_host_len(const uint8_t *cond)
{
	return cond[0] == AF_INET ? 4 : cond[0] == AF_INET6 ? 16 : 0;
}

/* The least length of the operation at @p, of which @left bytes are there; 0: not acceptable. */
static inline size_t bc_min_len(const uint8_t *p, size_t left)
{
	switch (p[0]) {
	case 0:
	case 1:
	case 6: return 4;
	case 2:
	case 3:
	case 4:
	case 5:
	case 9:
	case 11:
	case 12: return left >= 8 ? 8 : 0;
	case 7:
	case 8:
		if (left < 12 || left < 12 + bc_host_len(p + 4))
			return 0;
		return p[5] <= 8 * bc_host_len(p + 4) ? 12 + bc_host_len(p + 4) : 0;
	case 10:
	case 13: return left >= 12 ? 12 : 0;
	default: return 0;
	}
}

static inline bool bc_audit(const uint8_t *code, size_t len)
{
	size_t i = 0;

	if (len < 4 || len > UINT16_MAX - 4)
		return false;
	while (i < len) {
		size_t left = len - i, min;
		struct bc_op op;

		if (left < 4)
			return false;
		op = bc_op(code + i);
		min = bc_min_len(code + i, left);
		if (!min || op.yes < min || op.yes > left + 4 || op.yes & 3)
			return false;
		if (op.code && (op.no < min || op.no > left + 4 || op.no & 3))
			return false;
		if (op.code && op.no < left && !bc_is_boundary(code, len, i + op.no))
			return false;
		i += op.yes;
	}
	return i == len;
}

static inline bool bc_host(const uint8_t *cond, const struct bc_socket *s, bool is_dst)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *addr = is_dst ? s->dst : s->src;
	int32_t port;

	memcpy(&port, cond + 4, sizeof(port));
	if (port != -1 && port != (is_dst ? s->dport : s->sport))
		return false;
	if (cond[0] != AF_UNSPEC && cond[0] != s->family) {
		if (s->family != AF_INET6 || cond[0] != AF_INET || memcmp(addr, mapped, 12) != 0)
			return false;
		addr += 12;
	}
	for (unsigned int i = 0; i < cond[1]; i++)
		if ((addr[i / 8] ^ cond[8 + i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static inline bool bc_holds(const uint8_t *p, const struct bc_socket *s)
{
	uint16_t port = 0;
	uint32_t a = 0, b = 0;
	uint64_t id;

	if (p[0] >= 2 && p[0] <= 5)
		port = bc_op(p + 4).no;
	if (p[0] == 9 || p[0] == 10)
		memcpy(&a, p + 4, 4);
	if (p[0] == 10)
		memcpy(&b, p + 8, 4);
	switch (p[0]) {
	case 0: return true;
	case 2: return s->sport >= port;
	case 3: return s->sport <= port;
	case 4: return s->dport >= port;
	case 5: return s->dport <= port;
	case 6: return s->is_auto;
	case 7:
	case 8: return bc_host(p + 4, s, p[0] == 8);
	case 9: return s->dev == a;
	case 10: return (s->mark & b) == a;
	case 13: memcpy(&id, p + 4, 8); return s->cgroup == id;
	default: return false;
	}
}

/* Whether the audited program lets @s through; an empty one does. */
static inline bool bc_run(const uint8_t *code, size_t len, const struct bc_socket *s)
{
	size_t i = 0;

	while (i < len) {
		struct bc_op op = bc_op(code + i);

		i += bc_holds(code + i, s) ? op.yes : op.no;
	}
	return i == len;
}
