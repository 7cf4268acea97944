/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Operands of predicates other than addresses and ports of inet, and the choice between the kinds. */

#include "query/operand.h"

#include <errno.h>

#include "base/cleanup.h"

static const struct {
	const char *prefix;
	sa_family_t af;
} qualifiers[] = {
	{ "unix:", AF_UNIX },     { "link:", AF_PACKET }, { "netlink:", AF_NETLINK },
	{ "vsock:", K_AF_VSOCK }, { "inet:", AF_INET },   { "inet6:", AF_INET6 },
};

const char *filter_prefix(size_t i)
{
	return i < ARRAY_SIZE(qualifiers) ? qualifiers[i].prefix : NULL;
}

int operand_qualifier(struct predicate *pred)
{
	pred->operand = pred->text;
	for (size_t i = 0; i < ARRAY_SIZE(qualifiers); i++) {
		size_t len = strlen(qualifiers[i].prefix);

		if (!sv_is(sv_first(pred->text, len), qualifiers[i].prefix))
			continue;
		pred->operand = sv_from(pred->text, len);
		return qualifiers[i].af;
	}
	return -1;
}

/* "N", a name of @kind, or a wildcard. */
static bool read_number(const struct operand *op, enum filter_name kind, struct sv s, int64_t max,
			int64_t *ret)
{
	*ret = FILTER_ANY;
	if (!s.len || sv_is(s, "*"))
		return true;
	return operand_int(s, 0, max, ret) || !operand_name(op->env, kind, s, ret);
}

static int parse_link(struct operand *op, struct sv first, struct sv second)
{
	struct leaf *l = &op->leaf;

	l->pair = l->is_dst ? (struct pair){ F_MAX, F_MAX } : (struct pair){ F_PACKET_PROTO, F_IFINDEX };
	if (!read_number(op, FILTER_NAME_ETHERTYPE, first, UINT16_MAX, &l->first))
		return operand_bad(op, first, "not a protocol: use a number, or a name like ip or arp");
	l->number = FILTER_ANY;
	if (second.len && !sv_is(second, "*") && !operand_ifindex(op, second, &l->number))
		return operand_bad(op, second, "no such device");
	return 0;
}

static int parse_netlink(struct operand *op, struct sv first, struct sv second)
{
	struct leaf *l = &op->leaf;

	l->pair = l->is_dst ? (struct pair){ F_NETLINK_DST_GROUP, F_NETLINK_DST_PORTID }
			    : (struct pair){ F_NETLINK_PROTO, F_NETLINK_PORTID };
	if (!read_number(op, FILTER_NAME_NETLINK, first, UINT8_MAX, &l->first))
		return operand_bad(op, first,
				   "not a netlink protocol: use 0 to 255, or a name like rtnl or genl");
	l->number = FILTER_ANY;
	if (sv_is(second, "kernel"))
		l->number = 0;
	else if (second.len && !sv_is(second, "*")) {
		if (!operand_int(second, INT32_MIN, INT64_MAX, &l->number))
			return operand_bad(op, second, "not a port id: use a number, or kernel");
		if (l->number < 0) /* as ids above 2^31 used to be shown */
			l->number = l->number == -1 ? FILTER_ANY : (int64_t)(uint32_t)l->number;
	}
	return 0;
}

static int parse_vsock(struct operand *op, struct sv first, struct sv second)
{
	struct leaf *l = &op->leaf;

	l->pair = l->is_dst ? (struct pair){ F_VSOCK_DST_CID, F_VSOCK_DST_PORT }
			    : (struct pair){ F_VSOCK_SRC_CID, F_VSOCK_SRC_PORT };
	l->first = l->number = FILTER_ANY;
	if (first.len && !sv_is(first, "*") && !operand_int(first, 0, UINT32_MAX, &l->first))
		return operand_bad(op, first, "not a context id");
	if (second.len && !sv_is(second, "*") && !operand_int(second, 0, UINT32_MAX, &l->number))
		return operand_bad(op, second, "not a vsock port");
	return 0;
}

static int parse_pair(struct operand *op)
{
	static int (*const parse[])(struct operand *, struct sv, struct sv) = {
		[AF_PACKET] = parse_link,
		[AF_NETLINK] = parse_netlink,
		[K_AF_VSOCK] = parse_vsock,
	};
	bool is_port = op->pred->word == LEX_SPORT || op->pred->word == LEX_DPORT;
	struct sv s = op->pred->operand, first = s, second = sv_n(s.p, 0);
	ptrdiff_t colon = sv_rfind(s, ':');
	int r;

	if (is_port) {
		first = sv_n(s.p, 0);
		second = s.len && s.p[0] == ':' ? sv_from(s, 1) : s;
	} else if (colon >= 0) {
		first = sv_first(s, (size_t)colon);
		second = sv_from(s, (size_t)colon + 1);
	}
	op->leaf.test = op->pred->rel == LEX_EQ || op->pred->rel == LEX_NE ? TEST_PAIR : TEST_ORDER;
	r = parse[op->pred->af](op, first, second);
	return r ? r : op->add(op);
}

static int parse_unix(struct operand *op)
{
	if (op->pred->rel != LEX_EQ && op->pred->rel != LEX_NE)
		return operand_bad(op, op->pred->text, "a name can be = or != only");
	op->leaf.test = TEST_NAME;
	return op->add(op);
}

static int parse_device(struct operand *op)
{
	int r = operand_device(op, &op->leaf, op->pred->text);

	return r ? r : op->add(op);
}

static int parse_mark(struct operand *op)
{
	struct sv s = op->pred->text, mask;
	ptrdiff_t slash = sv_find(s, '/');
	int64_t v, m = UINT32_MAX;

	mask = slash < 0 ? sv_n(NULL, 0) : sv_from(s, (size_t)slash + 1);
	if (slash >= 0)
		s = sv_first(s, (size_t)slash);
	if (!operand_int(s, INT32_MIN, UINT32_MAX, &v) ||
	    (slash >= 0 && !operand_int(mask, INT32_MIN, UINT32_MAX, &m)))
		return operand_bad(op, op->pred->text, "not a mark: use MARK or MARK/MASK");
	op->leaf.test = TEST_MARK;
	op->leaf.mark = (uint32_t)v;
	op->leaf.mask = (uint32_t)m;
	op->leaf.is_unknown = true;
	op->leaf.families = AF_BITS_INET;
	return op->add(op);
}

static int parse_cgroup(struct operand *op)
{
	int64_t id;
	int r = operand_name(op->env, FILTER_NAME_CGROUP, op->pred->text, &id);

	if (r == -ENOMEDIUM)
		id = FILTER_ANY;
	else if (r == -ENXIO)
		return operand_bad(op, op->pred->text,
				   "no such cgroup: no cgroup2 file system is mounted here");
	else if (r)
		return lex_fail(op->lx, op->pred->token, op->pred->text, op->e, -EDOM, "no such cgroup: %s",
				strerror(-r));
	op->leaf.test = TEST_CGROUP;
	op->leaf.number = id;
	op->leaf.is_unknown = true;
	op->leaf.families = AF_BITS_INET;
	return op->add(op);
}

static int parse_auto(struct operand *op)
{
	op->leaf.test = TEST_AUTO;
	op->leaf.families =
		AF_BITS_INET | AF_BIT(AF_UNIX) | AF_BIT(AF_PACKET) | AF_BIT(AF_NETLINK) | AF_BIT(K_AF_VSOCK);
	op->leaf.pair.second = F_VSOCK_SRC_PORT;
	return op->add(op);
}

bool operand_is_list(const struct operand *op)
{
	const struct predicate *pred = op->pred;
	int64_t unused;

	if (sv_find(pred->text, ',') < 0 || pred->token->is_escaped ||
	    (pred->rel != LEX_EQ && pred->rel != LEX_NE))
		return false;
	switch (pred->word) {
	case LEX_DEV: return operand_name(op->env, FILTER_NAME_DEVICE, pred->text, &unused) < 0;
	case LEX_CGROUP: return operand_name(op->env, FILTER_NAME_CGROUP, pred->text, &unused) < 0;
	case LEX_FWMARK: return true;
	default: return pred->af != AF_UNIX;
	}
}

bool operand_takes_comma(struct predicate *pred)
{
	bool is_text = pred->word == LEX_DEV || pred->word == LEX_CGROUP || pred->af == AF_UNIX;
	size_t len = pred->text.len;

	if (is_text || len < 2 || pred->text.p[len - 1] != ',' || pred->token->is_escaped ||
	    (pred->rel != LEX_EQ && pred->rel != LEX_NE))
		return false;
	pred->text.len--;
	pred->operand.len--;
	return true;
}

int operand_parse(struct operand *op)
{
	const struct predicate *pred = op->pred;

	op->has_device = false;
	op->leaf = operand_leaf(pred->word);
	op->leaf.is_dst = pred->word == LEX_DST || pred->word == LEX_DPORT;
	op->leaf.is_least = pred->rel == LEX_GE || pred->rel == LEX_LT;
	op->leaf.is_strict = pred->rel == LEX_GT || pred->rel == LEX_LT;
	op->leaf.af = (uint8_t)pred->af;
	op->leaf.families = AF_BIT(pred->af);
	op->leaf.text = pred->operand;
	switch (pred->word) {
	case LEX_DEV: return parse_device(op);
	case LEX_FWMARK: return parse_mark(op);
	case LEX_CGROUP: return parse_cgroup(op);
	case LEX_AUTOBOUND: return parse_auto(op);
	default: break;
	}
	switch (pred->af) {
	case AF_UNIX: return parse_unix(op);
	case AF_PACKET:
	case AF_NETLINK:
	case K_AF_VSOCK: return parse_pair(op);
	default: return operand_parse_inet(op);
	}
}
