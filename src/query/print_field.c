/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The canonical form of tests of fields. */

#include "base/cleanup.h"
#include "query/filter_impl.h"
#include "query/quantity.h"

/* Whether @s is read as one value, and the same, without quotation marks. */
static bool is_plain(struct sv s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    !(c && strchr("_./:@%+-*?[]^", c)))
			return false;
	}
	return s.len;
}

static void put_value(struct text *t, struct sv s)
{
	if (is_plain(s)) {
		text_sv(t, s);
		return;
	}
	text_char(t, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == '\n')
			text_char(t, '\\');
		text_char(t, s.p[i]);
	}
	text_char(t, '"');
}

/* @n parts, of which @one make 1, as a decimal fraction, which is read as the same number. */
static void put_parts(struct text *t, uint64_t n, uint64_t one)
{
	uint64_t rest = n % one;

	text_u64(t, n / one);
	if (!rest)
		return;
	text_char(t, '.');
	for (; one > 1; rest %= one) {
		one /= 10;
		text_char(t, (char)('0' + rest / one));
	}
	while (!t->failed && t->p[t->len - 1] == '0')
		t->len--;
}

static void put_number(struct text *t, const struct leaf *l, uint64_t n)
{
	enum type type = fields[l->source].type;

	if (type == T_INT) {
		text_i64(t, (int64_t)(n ^ UINT64_C(1) << 63));
	} else if (quantity_one(type) > 1) {
		put_parts(t, n, quantity_one(type));
	} else if (type == T_HEX || type == T_COOKIE) {
		text_str(t, "0x");
		text_hex(t, n);
	} else {
		text_u64(t, n);
		text_str(t, quantity_unit(type));
	}
}

static void put_addr(struct text *t, const struct leaf *l)
{
	if (l->addr_af == AF_INET)
		text_ipv4(t, l->addr);
	else
		text_ipv6(t, l->addr);
	if (l->prefix_len != (l->addr_af == AF_INET ? 32 : 128)) {
		text_char(t, '/');
		text_u64(t, l->prefix_len);
	}
}

static void put_states(struct text *t, uint32_t mask)
{
	const char *before = "";
	struct sv all = sv("all");
	uint32_t m;

	mask &= ~STATE(K_TCP_NEW_SYN_RECV); /* has no name, and is in no row */
	if (state_find(all, &m) && mask == (m & ~STATE(K_TCP_NEW_SYN_RECV))) {
		text_str(t, " = all");
		return;
	}
	if (!(mask & (mask - 1))) {
		text_str(t, " = ");
		text_str(t, state_name((unsigned int)__builtin_ctz(mask)));
		return;
	}
	text_str(t, " in {");
	for (unsigned int st = 0; st < 32; st++) {
		if (!(mask >> st & 1))
			continue;
		text_str(t, before);
		text_str(t, state_name(st));
		before = ", ";
	}
	text_char(t, '}');
}

static void put_order(struct text *t, const struct leaf *l)
{
	if (l->number < 0) /* what no port is */
		text_str(t, " < 0");
	else
		text_printf(t, " %s %llu", lex_name((enum lex_kind)l->rel), (unsigned long long)l->number);
}

static void put_bounds(struct text *t, const struct leaf *l)
{
	bool is_empty = l->lo > l->hi;

	if (is_empty && fields[l->source].type == T_INT) {
		text_str(t, " < -9223372036854775808");
		return;
	}
	text_char(t, ' ');
	text_str(t, is_empty ? "<" : l->rel == LEX_IN ? "in" : lex_name((enum lex_kind)l->rel));
	text_char(t, ' ');
	if (is_empty)
		put_number(t, l, 0);
	else if (l->text.len)
		put_value(t, l->text);
	else if (l->rel == LEX_LE || l->rel == LEX_LT)
		put_number(t, l, l->hi + (l->rel == LEX_LT));
	else
		put_number(t, l, l->lo - (l->rel == LEX_GT));
	if (l->rel == LEX_IN) {
		text_char(t, '-');
		put_number(t, l, l->hi);
	}
}

/* "cgroup = PATH" is the classic predicate, which compares numbers. */
static bool is_cgroup_text(const struct leaf *l)
{
	return l->field == F_CGROUP_PATH && l->test == TEST_EQUAL;
}

static void put_matter(struct text *t, const struct leaf *l, bool is_not)
{
	switch ((enum test)l->test) {
	case TEST_INET:
		text_str(t, is_not ? " != " : " = ");
		if (l->number != FILTER_ANY)
			text_i64(t, l->number);
		else
			put_addr(t, l);
		break;
	case TEST_MARK:
		text_printf(t, " %s 0x%x", is_not ? "!=" : "=", l->mark);
		if (l->mask != UINT32_MAX)
			text_printf(t, "/0x%x", l->mask);
		break;
	case TEST_EQUAL:
		if (is_cgroup_text(l)) {
			text_str(t, " in {");
			put_value(t, l->text);
			text_char(t, '}');
			break;
		}
		text_str(t, is_not ? " != " : " = ");
		put_value(t, l->text);
		break;
	case TEST_LIKE:
		text_str(t, is_not ? " !~ " : " ~ ");
		put_value(t, l->text);
		break;
	case TEST_DEV:
	case TEST_CGROUP:
	case TEST_NUMBER: put_bounds(t, l); break;
	case TEST_FIELDS:
		text_printf(t, " %s %s", lex_name((enum lex_kind)l->rel), fields[l->with].name);
		break;
	case TEST_ORDER: put_order(t, l); break;
	case TEST_STATE: put_states(t, l->mask); break;
	default: break;
	}
}

/* Whether the negation is part of how the test is written. */
static bool has_negation(const struct leaf *l)
{
	switch ((enum test)l->test) {
	case TEST_INET:
	case TEST_MARK:
	case TEST_LIKE: return true;
	case TEST_EQUAL: return !is_cgroup_text(l);
	default: return false;
	}
}

void filter_print_field(struct text *t, const struct leaf *l, bool is_not)
{
	if (is_not && !has_negation(l))
		text_str(t, "not ");
	if (l->test == TEST_HAS)
		text_str(t, "has ");
	text_str(t, fields[l->field].name);
	put_matter(t, l, is_not);
}
