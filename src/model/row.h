/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A row is a view of one kernel message.
 *
 * It copies nothing: it remembers where each segment lies in the message and
 * how long it is. What a kernel did not send is absent, which is not the same
 * as zero. A row is valid as long as the buffer it was opened on, and the
 * tables of the enrichers that added segments.
 */

#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/unix_diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "kernel/abi.h"
#include "model/owner.h"
#include "model/segment.h"
#include "model/tenant.h"

enum seg {
#define SEG(id, type, ask) SEG_##id,
#include "model/defs/all.def"
	SEG_MAX
};

#define SEG(id, type, ask) typedef __typeof__(type) seg_##id;
#include "model/defs/all.def"

/* Bits, of which there is one for each segment. */
struct segs {
	uint64_t w[3];
};

_Static_assert(SEG_MAX <= 8 * sizeof(struct segs), "each segment has a bit");

static inline bool segs_eq(const struct segs *a, const struct segs *b)
{
	return !((a->w[0] ^ b->w[0]) | (a->w[1] ^ b->w[1]) | (a->w[2] ^ b->w[2]));
}

struct nlmsghdr;

/* An attribute of the message that no registry knows. */
struct unknown_attr {
	const uint8_t *p;
	uint16_t type, len;
	uint16_t nest; /* type of the attribute it lies in, NEST_NONE at the top */
};

enum { NEST_NONE = UINT16_MAX, ROW_UNKNOWN_MAX = 16 };

struct row {
	const struct nlmsghdr *msg; /* all of the message */
	struct segs have;
	uint32_t kind;      /* row_kind(), once it was asked for; 0 before */
	uint32_t n_unknown; /* as many as the message has; the first ROW_UNKNOWN_MAX are kept */
	uint16_t len[SEG_MAX];
	const uint8_t *seg[SEG_MAX];
	struct unknown_attr unknown[ROW_UNKNOWN_MAX];
};

static inline bool row_has(const struct row *row, enum seg seg)
{
	return row->have.w[seg / 64] >> (seg % 64) & 1;
}

/* Which dump brought @row: of an open row it is always there, and no wire data. */
static inline const struct seg_dump *row_dump(const struct row *row)
{
	const void *dump = row->seg[SEG_DUMP];

	return dump;
}

/* Adds a segment of @len bytes at @p, which must outlive the row. */
static inline void row_put(struct row *row, enum seg seg, const void *p, size_t len)
{
	row->have.w[seg / 64] |= UINT64_C(1) << (seg % 64);
	row->seg[seg] = p;
	row->len[seg] = (uint16_t)len;
}

/* Makes the segment absent. */
static inline void row_drop(struct row *row, enum seg seg)
{
	row->have.w[seg / 64] &= ~(UINT64_C(1) << (seg % 64));
}

/* Makes the bytes that came as @from those of @to. */
static inline void row_rename(struct row *row, enum seg from, enum seg to)
{
	row_drop(row, from);
	row_put(row, to, row->seg[from], row->len[from]);
}

/* The bytes of a segment; empty when absent. */
static inline struct sv row_bytes(const struct row *row, enum seg seg)
{
	return row_has(row, seg) ? sv_n(row->seg[seg], row->len[seg]) : sv_n(NULL, 0);
}
