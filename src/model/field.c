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
#define W(s, m) { .seg = SEG_##s, .off = offsetof(seg_##s, m), .size = sizeof(struct sv), .any_len = true }
#define L(s) { .seg = SEG_##s, .size = 1, .any_len = true }
#define AT(...) ((const struct loc[]){ __VA_ARGS__, {} })
#define RATE_AT(id) AT({ .seg = SEG_RATES, .off = offsetof(seg_RATES, v) + RATE_##id * sizeof(uint64_t), .size = sizeof(uint64_t) }), .has_none = true, .none = UINT64_MAX
#define T_RATE_OF_UINT T_RATE
#define T_RATE_OF_BYTES T_BYTES_S
#define T_RATE_OF_USEC T_RATE
#define T_RATE_OF_MSEC T_RATE
#define NAME SEM_NAME
#define IN(id) UINT32_C(1) << ABSENT_##id
#define GIVEN(id) .has_given = true, .given = F_##id
#define OF(id) .whole = F_##id

const struct field fields[F_MAX] = {
#define FIELD(id, n, t, where, h, ...) [F_##id] = { .name = n, .type = T_##t, .at = where, .help = h, ##__VA_ARGS__ },
#include "model/defs/all.def"
};
/* clang-format on */

/* clang-format off */
const struct counter_rate counter_rates[RATE_MAX] = {
#define COUNTER(id, ...) [RATE_##id] = { F_##id, F_##id##_RATE },
#include "model/defs/all.def"
};

#define IS_TEXT(m) _Generic(((struct owner *)0)->m, struct sv: true, uint32_t: false)
#define PART(id, n, type, m, ...) [PART_##id] = { n, offsetof(struct owner, m), IS_TEXT(m), false },
#define READ(id, n, type, m, ...) [PART_##id] = { n, offsetof(struct owner_texts, m), true, true },

const struct part_at part_at[PART_MAX] = {
#include "model/defs/part.def"
};
/* clang-format on */

#define PART(id, ...)                                                                                     \
	_Static_assert(F_PROC_##id == F_OWNERS + (int)PART_##id, "the parts follow the field of owners"); \
	_Static_assert(F_PEER_PROC_##id == F_PEER_OWNERS + (int)PART_##id, "and those of the other end");
#include "model/defs/part.def"

const uint64_t seg_ask[SEG_MAX] = {
#define SEG(id, type, ask) [SEG_##id] = (ask),
#include "model/defs/all.def"
};

/* clang-format off */
#define ON(id) UINT32_C(1) << TABLE_##id
#define ST(id) UINT32_C(1) << K_TCP_##id
#define TABLES_ALL UINT32_MAX
#define STATES_ALL UINT32_MAX
#define STATES_SCTP (UINT32_MAX << STATE_SCTP)
enum { FROM_KERNEL = 1, FROM_PROC = 2, FROM_LIST = FROM_KERNEL | FROM_PROC, FROM_EVENT = 4, FROM_ANYWHERE = 7 };

static const struct {
	uint32_t tables, states;
	uint8_t from;
} absents[ABSENT_MAX] = {
#define ABSENT(id, t, s, f, text) [ABSENT_##id] = { .tables = t, .states = s, .from = f },
#include "model/defs/absent.def"
};

const char *const absent_texts[ABSENT_MAX] = {
#define ABSENT(id, t, s, f, text) [ABSENT_##id] = text,
#include "model/defs/absent.def"
};
/* clang-format on */

_Static_assert(TABLE_MAX <= 32 && STATE_SCTP + 8 <= 32, "they are bits of 32");

enum field_id field_find(struct sv name)
{
	enum field_id f = 0;

	while (f < F_MAX && !sv_is(name, fields[f].name))
		f++;
	return f;
}

enum field_id field_key(enum field_id f)
{
	return fields[f].type == T_OWNERS ? (enum field_id)(f + (int)PART_NAME) : f;
}

void fieldset_add_value(struct fieldset *s, enum field_id f)
{
	for (;; f = (enum field_id)fields[f].given) {
		fieldset_add(s, f);
		if (fields[f].type == T_SHARE)
			fieldset_add(s, (enum field_id)fields[f].whole);
		if (fields[f].absent)
			fieldset_add(s, F_STATE);
		if (!fields[f].has_given)
			return;
	}
}

bool fieldset_has_rates(const struct fieldset *set)
{
	bool has = false;

	for (enum rate r = 0; r < RATE_MAX && !has; r++)
		has = fieldset_has(set, counter_rates[r].rate);
	return has;
}

static inline bool get_addr(const struct row *row, const struct loc *l, struct val *ret)
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

static enum field_id state_field(const struct row *row)
{
	return row_has(row, SEG_NETLINK_MSG) ? F_NETLINK_STATE : F_STATE;
}

static uint32_t find_kind(const struct row *row)
{
	uint32_t state = (uint32_t)field_u64(row, state_field(row), 0);
	const struct seg_dump *from = row_dump(row);
	uint32_t source = from->is_proc ? FROM_PROC : from->is_event ? FROM_EVENT : FROM_KERNEL;

	if (is_association(row))
		state += STATE_SCTP;
	return from->table | (state & 31) << 8 | source << 16;
}

uint32_t row_kind(const struct row *row)
{
	/* The same as long as the row is open, and asked for with each field. */
	if (!row->kind)
		((struct row *)(uintptr_t)row)->kind = find_kind(row);
	return row->kind;
}

const struct loc *row_kind_loc(const struct row *row)
{
	return row_has(row, SEG_PEERS) ? NULL : field_find_loc(row, state_field(row));
}

bool absent_holds(uint32_t absent, uint32_t kind)
{
	for (; absent; absent &= absent - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(absent);

		if (absents[i].tables >> (kind & 31) & absents[i].states >> (kind >> 8 & 31) & 1 &&
		    absents[i].from & kind >> 16)
			return true;
	}
	return false;
}

bool field_can_be(enum field_id f, enum table table, uint32_t states, bool is_proc)
{
	uint32_t source = is_proc ? FROM_PROC : FROM_KERNEL;

	/* Associations have states of their own; they are listed where others than an endpoint's are wanted.
	 */
	if (table == TABLE_SCTP && states & ~(ST(LISTEN) | ST(CLOSE)))
		states |= STATES_SCTP;
	/* What is bound only is told as closed. */
	if (states >> K_TCP_BOUND_INACTIVE & 1)
		states |= ST(CLOSE);
	for (; states; states &= states - 1) {
		uint32_t state = (uint32_t)__builtin_ctz(states);

		if (!absent_holds(fields[f].absent, table | state << 8 | source << 16))
			return true;
	}
	return false;
}

/* The number of @f, a share, and what it is a part of; false when the row has not both. */
static bool get_parts(const struct row *row, enum field_id f, uint64_t *ret, uint64_t *ret_whole)
{
	const struct loc *part = field_find_loc(row, f);
	const struct loc *whole = field_find_loc(row, (enum field_id)fields[f].whole);

	if (!part || !whole)
		return false;
	*ret = field_raw(row, part);
	*ret_whole = field_raw(row, whole);
	if (*ret_whole)
		return true;
	*ret *= 2;
	*ret_whole = 1;
	return true;
}

bool field_share(const struct row *row, enum field_id f, uint64_t *ret)
{
	uint64_t part, whole;

	if (!get_parts(row, f, &part, &whole))
		return false;
	*ret = part * SHARE_ONE / whole;
	return true;
}

static bool get_share(const struct row *row, enum field_id f, struct val *ret)
{
	uint64_t part, whole;

	if (!get_parts(row, f, &part, &whole))
		return false;
	*ret = (struct val){ .kind = VAL_REAL, .d = (double)part / (double)whole };
	return true;
}

static inline bool get_sent(const struct row *row, enum field_id f, struct val *ret)
{
	const struct field *field = &fields[f];
	const struct loc *l = field_find_loc(row, f);

	if (!l)
		return false;
	if (l->any_len) {
		if (field->has_none && row->len[l->seg] == field->none)
			return false;
		if (l->size == sizeof(struct sv)) { /* a text that lies elsewhere */
			*ret = (struct val){ .kind = VAL_STR };
			memcpy(&ret->s, row->seg[l->seg] + l->off, sizeof(ret->s));
			return ret->s.len > 0;
		}
		*ret = (struct val){ .kind = VAL_STR, .s = row_bytes(row, (enum seg)l->seg) };
		/* A string ends with the first NUL; but the name of an abstract unix socket begins with one.
		 */
		if (field->type == T_STR && ret->s.len && ret->s.p[0])
			ret->s = sv_fixed(ret->s.p, ret->s.len);
		else if (field->type == T_STR && ret->s.len && ret->s.p[ret->s.len - 1] == '\0')
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
	if (field->type == T_SHARE)
		return get_share(row, f, ret);
	*ret = (struct val){ .kind = VAL_UINT, .u = field_raw(row, l) };
	if (field->has_none && ret->u == field->none)
		return false;
	if (field->type == T_REAL)
		*ret = (struct val){ .kind = VAL_REAL, .d = (double)ret->u / 1e6 };
	if (field->type == T_RATE)
		*ret = (struct val){ .kind = VAL_REAL, .d = (double)ret->u / RATE_ONE };
	if (field->type == T_PORT)
		ret->u = ntohs((uint16_t)ret->u);
	if (field->type == T_STATE && is_association(row))
		ret->u += STATE_SCTP;
	if (field->type == T_INT)
		*ret = (struct val){ .kind = VAL_INT, .i = (int32_t)ret->u };
	return true;
}

bool field_get_sent(const struct row *row, enum field_id f, struct val *ret)
{
	return get_sent(row, f, ret);
}

/* Whether @v is one of those that say that there is none. */
static bool is_zero(const struct val *v)
{
	size_t i = 0;

	if (v->kind != VAL_STR)
		return v->kind == VAL_UINT && !v->u;
	while (i < v->s.len && !v->s.p[i]) /* of most the first byte tells */
		i++;
	return i == v->s.len;
}

/* Whether what decides over @f is there and not 0; apart, for few fields have it. */
__attribute__((noinline)) static bool is_given(const struct row *row, const struct field *f)
{
	struct val given;

	return field_get(row, (enum field_id)f->given, &given) && !is_zero(&given);
}

bool field_is_void(const struct row *row, enum field_id f)
{
	const struct field *field = &fields[f];

	if (field->absent && absent_holds(field->absent, row_kind(row)))
		return true;
	return field->has_given && !is_given(row, field);
}

/* Whether the zero in @f says that there is none: of an address of which few bits are left, it does not. */
static bool is_no_value(const struct row *row, const struct field *f)
{
	return !(f->type == T_ADDR && row_dump(row)->is_masked);
}

bool field_get_of_kind(const struct row *row, enum field_id f, struct val *ret)
{
	const struct field *field = &fields[f];

	if (!get_sent(row, f, ret) || (field->no_zero && is_zero(ret) && is_no_value(row, field)))
		return false;
	return !field->has_given || is_given(row, field);
}

bool field_get(const struct row *row, enum field_id f, struct val *ret)
{
	const uint32_t absent = fields[f].absent;

	return field_get_of_kind(row, f, ret) && !(absent && absent_holds(absent, row_kind(row)));
}

bool val_item(const struct val *v, enum part part, size_t i, struct val *ret)
{
	const struct owner *o = &v->owners.v[i];
	uint32_t n;

	if (part == PART_NONE)
		return false;
	if (part_at[part].is_text) {
		*ret = (struct val){ .kind = VAL_STR, .s = owner_text(o, part) };
		return ret->s.len > 0;
	}
	memcpy(&n, (const char *)o + part_at[part].off, sizeof(n));
	*ret = (struct val){ .kind = VAL_UINT, .u = n };
	return !field_is_none(&fields[part_field(part)], n);
}
