/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The canonical form of a filter. */

#include "query/filter_impl.h"

static const char *qualifier(uint8_t af)
{
	switch (af) {
	case AF_INET: return "inet:";
	case AF_INET6: return "inet6:";
	case AF_UNIX: return "unix:";
	case AF_PACKET: return "link:";
	case AF_NETLINK: return "netlink:";
	case K_AF_VSOCK: return "vsock:";
	default: return "";
	}
}

/* Text such that it is read as one word and nothing of it as anything else. */
static void put_word(struct text *t, struct sv s, bool is_whole)
{
	if (is_whole && lex_kind(s) != LEX_WORD)
		text_char(t, '\\');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\0' || strchr(" \t\n\r\v\f\\()", s.p[i]))
			text_char(t, '\\');
		text_char(t, s.p[i]);
	}
}

static void put_number(struct text *t, int64_t v)
{
	if (v == FILTER_ANY)
		text_char(t, '*');
	else
		text_i64(t, v);
}

static void put_addr(struct text *t, const struct leaf *l)
{
	bool is_whole = l->prefix_len == (l->addr_af == AF_INET ? 32 : 128);

	if (l->addr_af == AF_UNSPEC) {
		text_char(t, '*');
		return;
	}
	if (l->addr_af == AF_INET6)
		text_char(t, '[');
	if (l->addr_af == AF_INET)
		text_ipv4(t, l->addr);
	else
		text_ipv6(t, l->addr);
	if (!is_whole) {
		text_char(t, '/');
		text_u64(t, l->prefix_len);
	}
	if (l->addr_af == AF_INET6)
		text_char(t, ']');
}

static const char *relation(const struct leaf *l, bool is_not)
{
	if (l->test != TEST_ORDER)
		return is_not ? " != " : " = ";
	if (l->is_least)
		return l->is_strict ? " < " : " >= ";
	return l->is_strict ? " > " : " <= ";
}

/* An address, or where only a port is asked for that. */
static void put_place(struct text *t, const struct leaf *l)
{
	bool is_port = l->word == LEX_SPORT || l->word == LEX_DPORT;

	text_str(t, qualifier(l->af));
	if (is_port) {
		put_number(t, l->number);
		return;
	}
	if (l->test == TEST_INET)
		put_addr(t, l);
	else
		put_number(t, l->first);
	if (l->number != FILTER_ANY) {
		text_char(t, ':');
		put_number(t, l->number);
	}
}

static void put_leaf(struct text *t, const struct leaf *l, bool is_not)
{
	if (l->field != F_MAX) {
		filter_print_field(t, l, is_not);
		return;
	}
	if (l->test == TEST_AUTO) {
		text_str(t, is_not ? "not autobound" : "autobound");
		return;
	}
	/* Neither above nor below is what has no port: the negation of an order is no order. */
	if (l->test == TEST_ORDER && is_not)
		text_str(t, "not ");
	text_str(t, lex_name(l->word));
	text_str(t, relation(l, is_not));
	switch ((enum test)l->test) {
	case TEST_INET:
	case TEST_ORDER:
	case TEST_PAIR: put_place(t, l); break;
	case TEST_NAME:
		text_str(t, qualifier(l->af));
		put_word(t, l->text, false);
		break;
	case TEST_DEV:
	case TEST_CGROUP: put_word(t, l->text, true); break;
	case TEST_MARK:
		text_printf(t, "0x%x", l->mark);
		if (l->mask != UINT32_MAX)
			text_printf(t, "/0x%x", l->mask);
		break;
	case TEST_AUTO:
	case TEST_NUMBER:
	case TEST_FIELDS:
	case TEST_EQUAL:
	case TEST_LIKE:
	case TEST_STATE:
	case TEST_HAS: break;
	}
}

void filter_print(const struct filter *f, struct text *t)
{
	if (!f)
		return;
	for (uint32_t i = f->canon_head; i != UINT32_MAX; i = f->canon[i].next) {
		const struct canon *c = &f->canon[i];

		if (i != f->canon_head)
			text_char(t, ' ');
		switch ((enum canon_kind)c->kind) {
		case CANON_LEAF: put_leaf(t, &f->leaf[c->leaf], c->is_not); break;
		case CANON_AND: text_str(t, "and"); break;
		case CANON_OR: text_str(t, "or"); break;
		case CANON_NOT: text_str(t, "not"); break;
		case CANON_OPEN: text_char(t, '('); break;
		case CANON_CLOSE: text_char(t, ')'); break;
		}
	}
}
