/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/field.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "model/owner.h"

/* clang-format off */
#define M(s, m) { offsetof(seg_##s, m), SEG_##s, sizeof(((seg_##s *)0)->m), 0, 0 }
#define B(s, m, shift, bits) { offsetof(seg_##s, m), SEG_##s, sizeof(((seg_##s *)0)->m), shift, bits }
#define A(s) { 0, SEG_##s, sizeof(seg_##s), 0, 0 }
#define AT(...) (const struct loc[]){ __VA_ARGS__, { 0 } }
#define COUNTER SEM_COUNTER

const struct field fields[F_MAX] = {
#define FIELD(id, n, t, where, h, ...) [F_##id] = { .name = n, .type = T_##t, .at = where, .help = h, ##__VA_ARGS__ },
#include "model/defs/all.def"
};
/* clang-format on */

static const uint64_t seg_ask[SEG_MAX] = {
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

uint64_t field_ask(enum field_id f)
{
	uint64_t ask = 0;

	for (const struct loc *l = fields[f].at; l->size; l++)
		ask |= seg_ask[l->seg];
	return ask;
}

uint64_t field_load(const uint8_t *p, unsigned int size)
{
	union {
		uint8_t b;
		uint16_t h;
		uint32_t w;
		uint64_t d;
	} v = { .d = 0 };

	switch (size) {
	case 1: return *p;
	case 2: memcpy(&v.h, p, 2); return v.h;
	case 4: memcpy(&v.w, p, 4); return v.w;
	case 8: memcpy(&v.d, p, 8); return v.d;
	default: return 0;
	}
}

static bool get_addr(const struct row *row, const struct loc *l, struct val *ret)
{
	uint64_t family = field_u64(row, F_FAMILY, AF_UNSPEC);

	*ret = (struct val){ .kind = VAL_STR };
	ret->s = sv_n(row->seg[l->seg] + l->off, family == AF_INET ? 4 : 16);
	return family == AF_INET || family == AF_INET6;
}

bool field_get(const struct row *row, enum field_id f, struct val *ret)
{
	const struct field *field = &fields[f];
	const struct loc *l = field->at;

	if (field->type == T_STR) { /* as long as the kernel made it, without the NUL that may end it */
		struct sv s = row_bytes(row, (enum seg)l->seg);

		if (!row_has(row, (enum seg)l->seg))
			return false;
		if (s.len && s.p[s.len - 1] == '\0')
			s.len--;
		*ret = (struct val){ .kind = VAL_STR, .s = s };
		return true;
	}
	l = field_find_loc(row, f);
	if (!l)
		return false;
	if (field->type == T_ADDR)
		return get_addr(row, l, ret);
	*ret = (struct val){ .kind = VAL_UINT, .u = field_raw(row, l) };
	if (field->has_none && ret->u == field->none)
		return false;
	if (field->type == T_PORT)
		ret->u = ntohs((uint16_t)ret->u);
	if (field->type == T_INT)
		*ret = (struct val){ .kind = VAL_INT, .i = (int32_t)ret->u };
	return true;
}
