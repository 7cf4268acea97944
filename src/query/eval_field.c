/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The verdict of one test of a field. */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/glob.h"
#include "query/filter_impl.h"
#include "query/quantity.h"

enum { SCTP_ASSOCIATION_ESTABLISHED = 3 };

struct sv filter_unix_name(const struct row *row, char *buf, size_t cap)
{
	struct sv s = row_bytes(row, SEG_UNIX_NAME);

	if (s.len && s.p[0] != '\0')
		return sv_fixed(s.p, s.len);
	if (s.len > cap)
		s.len = cap;
	for (size_t i = 0; i < s.len; i++)
		buf[i] = s.p[i] ? s.p[i] : '@';
	return sv_n(buf, s.len);
}

uint32_t filter_row_states(const struct row *row)
{
	const struct loc *at = field_find_loc(row, F_STATE);
	uint64_t v, protocol;

	if (!at)
		return 0;
	v = field_raw(row, at);
	protocol = row_dump(row)->protocol; /* of the table: a raw socket has whatever number */
	/* The kernel numbers the states of SCTP's associations in another way. */
	if (protocol == IPPROTO_SCTP && row_has(row, SEG_PEERS))
		return v == SCTP_ASSOCIATION_ESTABLISHED ? STATE(K_TCP_ESTABLISHED) : STATE(0);
	/* What is bound only is reported as closed; what is really closed is in no table. */
	if (v == K_TCP_CLOSE && (protocol == IPPROTO_TCP || protocol == IPPROTO_DCCP))
		return STATE(K_TCP_CLOSE) | STATE(K_TCP_BOUND_INACTIVE);
	return v <= K_TCP_BOUND_INACTIVE ? STATE(v) : STATE(0);
}

static bool is_between(const struct leaf *l, uint64_t n)
{
	return n >= l->lo && n <= l->hi;
}

static bool test_text(const struct leaf *l, struct sv s)
{
	if (l->test == TEST_LIKE)
		return l->is_part ? glob_find(l->text, s) : glob_match(l->text, s);
	return sv_eq(l->text, s);
}

/* True when it holds for one of the owners; without any it is unknown. */
static bool test_owners(const struct leaf *l, const struct row *row)
{
	bool is_there = false;
	struct val all, v = {};

	if (!field_get(row, l->field, &all))
		return l->test != TEST_HAS && l->is_negated;
	for (size_t i = 0; i < all.owners.n; i++) {
		enum part part = fields[l->field].part;

		if (part != PART_NONE && !val_item(&all, part, i, &v))
			continue;
		is_there = true;
		if (l->test == TEST_HAS)
			return true;
		if (v.kind == VAL_UINT ? is_between(l, v.u) : test_text(l, v.s))
			return true;
	}
	return l->test != TEST_HAS && !is_there && l->is_negated;
}

static bool test_number(const struct leaf *l, const struct row *row)
{
	const struct field *field = &fields[l->source];
	const struct loc *at = field_find_loc(row, l->source);
	uint64_t raw;

	if (!at || (l->guard != F_MAX && !field_u64(row, l->guard, 0)) || field_is_void(row, l->source))
		return l->is_negated;
	raw = field_raw(row, at);
	if (field_is_none(field, raw))
		return l->is_negated;
	if (field->type == T_SHARE)
		return field_share(row, l->source, &raw) ? is_between(l, raw) : l->is_negated;
	return is_between(l, filter_number(field->type, raw));
}

static bool test_fields(const struct leaf *l, const struct row *row)
{
	struct val a, b;
	double x, y;

	if (!field_get(row, l->field, &a) || !field_get(row, l->with, &b))
		return l->is_negated;
	x = val_number(&a);
	y = val_number(&b) * quantity_scale(fields[l->with].type, fields[l->field].type);
	switch (l->rel) {
	case LEX_LT: return x < y;
	case LEX_LE: return x <= y;
	case LEX_GT: return x > y;
	case LEX_GE: return x >= y;
	default: return x == y;
	}
}

static bool test_string(const struct leaf *l, const struct row *row)
{
	char buf[256];
	struct val v;

	if (!field_get(row, l->field, &v))
		return l->is_unknown && l->is_negated;
	return test_text(l, l->field == F_UNIX_NAME ? filter_unix_name(row, buf, sizeof(buf)) : v.s);
}

bool filter_test_field(const struct leaf *l, const struct row *row)
{
	uint32_t states;
	struct val v;

	if (fields[l->field].part != PART_NONE || fields[l->field].type == T_OWNERS)
		return test_owners(l, row);
	switch ((enum test)l->test) {
	case TEST_NUMBER: return test_number(l, row);
	case TEST_FIELDS: return test_fields(l, row);
	case TEST_EQUAL:
	case TEST_LIKE: return test_string(l, row);
	case TEST_HAS: return field_get(row, l->field, &v);
	case TEST_STATE: states = filter_row_states(row); return states ? states & l->mask : l->is_negated;
	default: return false;
	}
}
