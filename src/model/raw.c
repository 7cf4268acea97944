/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/raw.h"

#include <linux/netlink.h>

#include "base/cleanup.h"

/* The structures that grow from kernel to kernel, each an attribute of its own. */
#define GROWS(s)                         \
	{                                \
		SEG_##s, sizeof(seg_##s) \
	}

static const struct {
	uint8_t seg;
	uint16_t known;
} growing[] = { GROWS(TCP_INFO), GROWS(SKMEM), GROWS(MPTCP_INFO), GROWS(SCTP_INFO), GROWS(BBR) };

static void put(struct text *t, struct raw r, const uint8_t *p)
{
	size_t n = r.len - r.at;

	r.n = (uint16_t)(n < RAW_BYTES_MAX ? n : RAW_BYTES_MAX);
	memcpy(r.bytes, p + r.at, r.n);
	text_put(t, &r, sizeof(r));
}

/* A segment that came as an attribute has the head of it in front. */
static uint16_t type_of(const uint8_t *payload)
{
	struct nlattr a;

	memcpy(&a, payload - NLA_HDRLEN, sizeof(a));
	return a.nla_type & NLA_TYPE_MASK;
}

bool raw_put(struct text *t, const struct row *row)
{
	size_t start = t->len;
	size_t n = row->n_unknown < ROW_UNKNOWN_MAX ? row->n_unknown : ROW_UNKNOWN_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct unknown_attr *a = &row->unknown[i];
		struct raw r = { .attr = a->type, .nest = a->nest == NEST_NONE ? 0 : a->nest, .len = a->len };

		put(t, r, a->p);
	}
	for (size_t i = 0; i < ARRAY_SIZE(growing); i++) {
		enum seg seg = (enum seg)growing[i].seg;
		const uint8_t *p = row->seg[seg];

		if (row_has(row, seg) && row->len[seg] > growing[i].known)
			put(t,
			    (struct raw){ .attr = type_of(p), .at = growing[i].known, .len = row->len[seg] },
			    p);
	}
	return t->len > start || t->failed;
}
