/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The only pass over attributes. */

#include "family/family.h"

#include <errno.h>
#include <linux/netlink.h>

/* Kept apart: on a kernel that we know, this never runs. */
__attribute__((cold)) static void note_unknown(struct row *row, struct unknown_attr a)
{
	if (row->n_unknown < ROW_UNKNOWN_MAX)
		row->unknown[row->n_unknown] = a;
	row->n_unknown++;
}

/* The attributes inside the one that @in describes, of type @nest; they lie from @p to @end. */
static int walk(struct row *row, const struct attr *in, uint16_t nest, const uint8_t *p, const uint8_t *end)
{
	static const struct attr none;

	while (end - p >= NLA_HDRLEN) {
		const struct attr *known;
		struct nlattr a;
		uint16_t type;
		size_t len;

		memcpy(&a, p, sizeof(a));
		type = a.nla_type & NLA_TYPE_MASK;
		known = type < in->n_nest ? &in->nest[type] : &none;
		if (known->is_unbounded && a.nla_len == (uint16_t)(end - p)) {
			row_put(row, (enum seg)(known->seg - 1), p + NLA_HDRLEN,
				(size_t)(end - p) - NLA_HDRLEN);
			break;
		}
		if (a.nla_len < NLA_HDRLEN || a.nla_len > end - p)
			return -EBADMSG;
		len = a.nla_len - (size_t)NLA_HDRLEN;
		if (known->seg)
			row_put(row, (enum seg)(known->seg - 1), p + NLA_HDRLEN, len);
		else if (!known->nest && !known->is_padding)
			note_unknown(row, (struct unknown_attr){ p + NLA_HDRLEN, type, (uint16_t)len, nest });
		if (known->nest && walk(row, known, type, p + NLA_HDRLEN, p + a.nla_len))
			return -EBADMSG;
		if (NLA_ALIGN(a.nla_len) >= end - p)
			break;
		p += NLA_ALIGN(a.nla_len);
	}
	return 0;
}

static bool has_segment(const struct attr *attrs, size_t n_attrs, uint32_t tables, unsigned int seg)
{
	for (size_t i = 0; i < n_attrs; i++) {
		if (attrs[i].tables && !(attrs[i].tables & tables))
			continue;
		if (attrs[i].seg == seg + 1 ||
		    (attrs[i].nest && has_segment(attrs[i].nest, attrs[i].n_nest, tables, seg)))
			return true;
	}
	return false;
}

/*
 * The first of the places of @f that a message of @fam has, of one of @tables; the end of the list when it
 * has none.
 */
static const struct loc *find_place(const struct family *fam, uint32_t tables, enum field_id f)
{
	const struct loc *l = fields[f].at;

	while (l->size && l->seg != fam->msg && !has_segment(fam->attrs, fam->n_attrs, tables, l->seg))
		l++;
	return l;
}

/* What is asked for to have all that the attributes are. */
static uint64_t ask_for(const struct attr *attrs, size_t n_attrs)
{
	uint64_t ask = 0;

	for (size_t i = 0; i < n_attrs; i++) {
		ask |= attrs[i].seg ? seg_ask[attrs[i].seg - 1] : 0;
		ask |= attrs[i].nest ? ask_for(attrs[i].nest, attrs[i].n_nest) : 0;
	}
	return ask;
}

uint64_t family_ask_all(const struct family *fam)
{
	return ask_for(fam->attrs, fam->n_attrs) & ~(ASK_STORAGE | ASK_OWNERS | ASK_CONTEXT | ASK_PEERS);
}

bool family_has(const struct family *fam, enum field_id f)
{
	return find_place(fam, UINT32_MAX, f)->size > 0;
}

bool family_has_in(const struct family *fam, enum table table, enum field_id f)
{
	return find_place(fam, 1u << table, f)->size > 0;
}

uint64_t family_ask(const struct family *fam, const struct fieldset *set)
{
	uint64_t ask = 0;

	for (size_t i = 0; i < sizeof(set->w) / sizeof(*set->w); i++) {
		for (uint64_t left = set->w[i]; left; left &= left - 1) {
			const struct loc *l = find_place(
				fam, UINT32_MAX, (enum field_id)(64 * i + (size_t)__builtin_ctzll(left)));

			if (l->size)
				ask |= seg_ask[l->seg];
		}
	}
	return ask;
}

/* Opens all but what only the family knows. */
static int open_message(struct row *row, const struct family *fam, const struct seg_dump *origin,
			const struct nlmsghdr *nlh, uint32_t len)
{
	const uint8_t *p = (const uint8_t *)nlh + NLMSG_HDRLEN, *end = (const uint8_t *)nlh + len;
	const struct attr top = { .nest = fam->attrs, .n_nest = fam->n_attrs };

	row->msg = nlh;
	row->have = (struct segs){};
	row->kind = 0;
	row->n_unknown = 0;
	row_put(row, SEG_DUMP, origin, sizeof(*origin));
	if (len < (size_t)NLMSG_HDRLEN + fam->msg_len)
		return -EBADMSG;
	if (fam->msg_len)
		row_put(row, (enum seg)fam->msg, p, fam->msg_len);
	p += NLMSG_ALIGN(fam->msg_len);
	if (p > end)
		p = end;
	return walk(row, &top, NEST_NONE, p, end);
}

/* The first member of a message, a copy of which may lie anywhere. */
static uint32_t length_of(const struct nlmsghdr *nlh)
{
	uint32_t len;

	memcpy(&len, nlh, sizeof(len));
	return len;
}

static void complete(struct row *row, const struct family *fam, uint32_t len)
{
	if (fam->complete && len >= (size_t)NLMSG_HDRLEN + fam->msg_len)
		fam->complete(row);
}

int row_open(struct row *row, const struct family *fam, const struct seg_dump *origin,
	     const struct nlmsghdr *nlh)
{
	uint32_t len = length_of(nlh);
	int r = open_message(row, fam, origin, nlh, len);

	complete(row, fam, len);
	return r;
}

/* Puts down where the attributes of a message are that row_open() took without finding fault, if each is one
 * segment. */
static void learn(struct layout *l, const struct row *row, const struct family *fam, uint32_t len)
{
	const uint8_t *msg = (const uint8_t *)row->msg;
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(fam->msg_len);

	*l = (struct layout){ .len = len, .have = row->have };
	while (at + NLA_HDRLEN <= len) {
		struct nlattr a;
		uint16_t type;

		memcpy(&a, msg + at, sizeof(a));
		type = a.nla_type & NLA_TYPE_MASK;
		if (l->n == LAYOUT_ATTRS || type >= fam->n_attrs || !fam->attrs[type].seg ||
		    fam->attrs[type].is_unbounded)
			return;
		memcpy(&l->attr[l->n].head, &a, sizeof(a));
		l->attr[l->n].at = (uint16_t)at;
		l->attr[l->n].len = (uint16_t)(a.nla_len - NLA_HDRLEN);
		l->attr[l->n++].seg = (uint8_t)(fam->attrs[type].seg - 1);
		at += NLA_ALIGN(a.nla_len);
	}
	l->fam = fam;
}

/* Whether the message has the attributes that @l says, which are then in @row. */
static bool open_alike(struct row *row, const struct layout *l, const struct seg_dump *origin,
		       const struct nlmsghdr *nlh)
{
	const uint8_t *msg = (const uint8_t *)nlh;

	for (uint32_t i = 0; i < l->n; i++) {
		const uint8_t *p = msg + l->attr[i].at;

		if (memcmp(&l->attr[i].head, p, sizeof(l->attr[i].head)) != 0)
			return false;
		row->seg[l->attr[i].seg] = p + NLA_HDRLEN;
		row->len[l->attr[i].seg] = l->attr[i].len;
	}
	row->msg = nlh;
	row->have = l->have;
	row->kind = 0;
	row->n_unknown = 0;
	row_put(row, SEG_DUMP, origin, sizeof(*origin));
	if (l->fam->msg_len)
		row_put(row, (enum seg)l->fam->msg, msg + NLMSG_HDRLEN, l->fam->msg_len);
	return true;
}

int row_open_alike(struct row *row, struct layouts *known, const struct family *fam,
		   const struct seg_dump *origin, const struct nlmsghdr *nlh)
{
	uint32_t len = length_of(nlh);
	struct layout *l = &known->at[len / NLA_ALIGNTO % LAYOUTS];
	int r = 0;

	if (l->fam != fam || l->len != len || !open_alike(row, l, origin, nlh)) {
		r = open_message(row, fam, origin, nlh, len);
		if (r >= 0 && !row->n_unknown && len <= UINT16_MAX)
			learn(l, row, fam, len);
	}
	complete(row, fam, len);
	return r;
}
