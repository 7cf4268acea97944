/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/field.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "model/owner.h"

/* clang-format off */
#define M(s, m) { .seg = SEG_##s, .off = offsetof(seg_##s, m), .size = sizeof(((seg_##s *)0)->m) }
#define B(s, m, from, n) { .seg = SEG_##s, .off = offsetof(seg_##s, m), .size = 1, .shift = from, .bits = n }
#define A(s) { .seg = SEG_##s, .size = sizeof(seg_##s) }
#define L(s) { .seg = SEG_##s, .size = 1, .any_len = true }
#define AT(...) (const struct loc[]){ __VA_ARGS__, {} }
#define COUNTER SEM_COUNTER
#define NAME SEM_NAME

const struct field fields[F_MAX] = {
#define FIELD(id, n, t, where, h, ...) [F_##id] = { .name = n, .type = T_##t, .at = where, .help = h, ##__VA_ARGS__ },
#include "model/defs/all.def"
};
/* clang-format on */

const uint64_t seg_ask[SEG_MAX] = {
#define SEG(id, type, ask) [SEG_##id] = (ask),
#include "model/defs/all.def"
};

enum field_id field_find(struct sv name)
{
	enum field_id f = 0;

	while (f < F_MAX && !sv_is(name, fields[f].name))
		f++;
	return f;
}

static bool get_addr(const struct row *row, const struct loc *l, struct val *ret)
{
	uint64_t family = field_u64(row, F_FAMILY, AF_UNSPEC);

	*ret = (struct val){ .kind = VAL_STR };
	ret->s = sv_n(row->seg[l->seg] + l->off, family == AF_INET ? 4 : 16);
	return family == AF_INET || family == AF_INET6;
}

/* An association has peers, an endpoint has not; they number their states differently. */
static bool is_association(const struct row *row)
{
	return row_has(row, SEG_PEERS) && field_u64(row, F_PROTOCOL, 0) == IPPROTO_SCTP;
}

bool field_get(const struct row *row, enum field_id f, struct val *ret)
{
	const struct field *field = &fields[f];
	const struct loc *l = field_find_loc(row, f);

	if (!l)
		return false;
	if (l->any_len) {
		if (field->has_none && row->len[l->seg] == field->none)
			return false;
		*ret = (struct val){ .kind = VAL_STR, .s = row_bytes(row, (enum seg)l->seg) };
		/* A string is as long as the kernel made it, without the NUL that may end it. */
		if (field->type == T_STR && ret->s.len && ret->s.p[ret->s.len - 1] == '\0')
			ret->s.len--;
		return true;
	}
	if (field->type == T_OWNERS || field->part != PART_NONE) {
		*ret = (struct val){ .kind = VAL_OWNERS };
		memcpy(&ret->owners, row->seg[l->seg], sizeof(ret->owners));
		return true;
	}
	if (field->type == T_ADDR)
		return get_addr(row, l, ret);
	*ret = (struct val){ .kind = VAL_UINT, .u = field_raw(row, l) };
	if (field->has_none && ret->u == field->none)
		return false;
	if (field->type == T_PORT)
		ret->u = ntohs((uint16_t)ret->u);
	if (field->type == T_STATE && is_association(row))
		ret->u += STATE_SCTP;
	if (field->type == T_INT)
		*ret = (struct val){ .kind = VAL_INT, .i = (int32_t)ret->u };
	return true;
}

bool val_item(const struct val *v, enum part part, size_t i, struct val *ret)
{
	const struct owner *o = &v->owners.v[i];

	*ret = (struct val){ .kind = VAL_UINT };
	switch (part) {
	case PART_NONE: return false;
	case PART_NAME: *ret = (struct val){ .kind = VAL_STR, .s = o->comm }; return o->comm.len > 0;
	case PART_PID: ret->u = o->pid; return true;
	case PART_TID: ret->u = o->tid; return o->tid != 0;
	case PART_FD: ret->u = o->fd; return true;
	}
	return false;
}
