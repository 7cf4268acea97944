/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Addresses and ports of inet sockets as the user writes them. */

#include <arpa/inet.h>
#include <errno.h>

#include "query/operand.h"

enum { ADDRS_MAX = 256 };

/* One to four parts between dots, missing ones are 0. */
static bool read_ipv4(struct sv s, uint8_t *ret)
{
	uint8_t addr[4] = {};

	for (size_t i = 0; i < 4; i++) {
		struct sv part = sv_take(&s, '.');
		int64_t v;

		if (part.len && (part.p[0] == '+' || part.p[0] == '-'))
			return false;
		if (!operand_int(part, 0, 255, &v))
			return false;
		addr[i] = (uint8_t)v;
		if (!s.p) {
			memcpy(ret, addr, 4);
			return true;
		}
	}
	return false;
}

static bool read_ipv6(struct sv s, uint8_t *ret)
{
	char text[INET6_ADDRSTRLEN];

	if (!s.len || s.len >= sizeof(text) || sv_find(s, ':') < 0 || sv_find(s, '\0') >= 0)
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET6, text, ret) == 1;
}

/* A bit count, or for IPv4 a mask as an address. */
static bool read_prefix_len(struct sv s, uint8_t af, uint8_t *ret)
{
	uint8_t mask[4];
	uint32_t bits;
	int64_t v;

	if (operand_int(s, 0, af == AF_INET ? 32 : 128, &v)) {
		*ret = (uint8_t)v;
		return true;
	}
	if (af != AF_INET || sv_find(s, '.') < 0 || !read_ipv4(s, mask))
		return false;
	memcpy(&bits, mask, 4);
	bits = ~ntohl(bits);
	if (bits & (bits + 1))
		return false;
	*ret = (uint8_t)(bits ? __builtin_clz(bits) : 32);
	return true;
}

/* Reads an address in figures; .prefix_len too. */
static bool read_numeric(const struct endpoint *at, struct leaf *l)
{
	if (read_ipv4(at->host, l->addr)) {
		l->addr_af = AF_INET;
		l->prefix_len = 32;
	} else if (read_ipv6(at->host, l->addr)) {
		l->addr_af = AF_INET6;
		l->prefix_len = 128;
	} else {
		return false;
	}
	return !at->len.p || read_prefix_len(at->len, l->addr_af, &l->prefix_len);
}

static bool is_any(struct sv s)
{
	return !s.len || sv_is(s, "*") || sv_is(s, "default") || sv_is(s, "any") || sv_is(s, "all");
}

/*
 * The port that has a name of one of these kinds: 0, -ENOENT, or -ENOTUNIQ when there are several. A service
 * that has another with UDP has TCP's; an RPC program has both, and they mean nothing to each other.
 */
static int read_port_name(const struct filter_env *env, struct sv s, enum filter_name tcp_kind,
			  enum filter_name udp_kind, int64_t *ret)
{
	bool both = !env->want_tcp && !env->want_udp;
	int64_t udp = FILTER_ANY, tcp = FILTER_ANY;
	int r_udp = both || env->want_udp ? operand_name(env, udp_kind, s, &udp) : -ENOENT;
	int r_tcp = both || env->want_tcp ? operand_name(env, tcp_kind, s, &tcp) : -ENOENT;

	if (r_udp == -ENOTUNIQ || r_tcp == -ENOTUNIQ ||
	    (tcp_kind == FILTER_NAME_TCP_PROGRAM && !r_udp && !r_tcp && udp != tcp))
		return -ENOTUNIQ;
	if (r_udp && r_tcp)
		return -ENOENT;
	*ret = r_tcp ? udp : tcp;
	return 0;
}

int operand_port(const struct filter_env *env, struct sv s, int64_t *ret)
{
	int r;

	*ret = FILTER_ANY;
	if (!s.len || sv_is(s, "*"))
		return 0;
	if (operand_int(s, INT64_MIN + 1, INT64_MAX, ret)) {
		if (*ret == -1)
			*ret = FILTER_ANY;
		return 0;
	}
	r = read_port_name(env, s, FILTER_NAME_TCP_PORT, FILTER_NAME_UDP_PORT, ret);
	if (r == -ENOENT)
		r = read_port_name(env, s, FILTER_NAME_TCP_PROGRAM, FILTER_NAME_UDP_PROGRAM, ret);
	return r;
}

static int parse_port(struct operand *op, struct sv s)
{
	switch (operand_port(op->env, s, &op->leaf.number)) {
	case 0: return 0;
	case -ENOTUNIQ: return operand_bad(op, s, "an ambiguous port: several have this name, use a number");
	default: return operand_bad(op, s, "not a port: use a number, a service name or *");
	}
}

/* Splits off "/LEN". */
static void split_len(struct endpoint *at)
{
	ptrdiff_t slash = sv_find(at->host, '/');

	if (slash < 0)
		return;
	at->len = sv_from(at->host, (size_t)slash + 1);
	at->host = sv_first(at->host, (size_t)slash);
}

/* "[HOST]", with "/LEN" inside or behind, and ":PORT". */
static bool split_bracketed(struct sv s, struct endpoint *ret)
{
	ptrdiff_t end = sv_find(s, ']');
	struct sv rest;

	if (end < 0)
		return false;
	*ret = (struct endpoint){ .host = sv_n(s.p + 1, (size_t)end - 1) };
	split_len(ret);
	rest = sv_from(s, (size_t)end + 1);
	if (rest.len && rest.p[0] == '/' && !ret->len.p) {
		ptrdiff_t colon = sv_find(rest, ':');

		ret->len = sv_from(colon < 0 ? rest : sv_first(rest, (size_t)colon), 1);
		rest = colon < 0 ? sv_n(rest.p, 0) : sv_from(rest, (size_t)colon);
	}
	ret->port = sv_from(rest, 1);
	return !rest.len || rest.p[0] == ':';
}

/*
 * "HOST/LEN:PORT". What stands behind the last colon is the port, also after
 * an IPv6 address without brackets: only when that makes no sense, all of it
 * is an address.
 */
static void split_plain(const struct operand *op, struct sv s, struct endpoint *ret)
{
	ptrdiff_t colon = sv_rfind(s, ':');
	struct endpoint whole = { .host = s };
	struct leaf scratch = {};
	int64_t port;

	*ret = (struct endpoint){ .host = s };
	if (colon >= 0) {
		ret->host = sv_first(s, (size_t)colon);
		ret->port = sv_from(s, (size_t)colon + 1);
	}
	split_len(ret);
	if (colon < 0 || sv_find(s, ':') == colon)
		return;
	if (read_numeric(ret, &scratch) && !operand_port(op->env, ret->port, &port))
		return;
	split_len(&whole);
	if (read_numeric(&whole, &scratch))
		*ret = whole;
}

/* "HOST%DEVICE:PORT", where HOST or, as others show it, HOST%DEVICE may be between brackets. */
static bool split_device(struct sv s, struct endpoint *ret)
{
	ptrdiff_t percent = sv_find(s, '%');
	struct sv host = sv_first(s, percent < 0 ? 0 : (size_t)percent);
	struct sv rest = sv_from(s, (size_t)(percent + 1));
	bool is_open = host.len && host.p[0] == '[', is_closed = is_open && host.p[host.len - 1] == ']';
	size_t len = 0;

	if (percent < 0)
		return false;
	while (len < rest.len && rest.p[len] != ':' && rest.p[len] != ']')
		len++;
	host = sv_from(host, is_open);
	host.len -= is_closed;
	*ret = (struct endpoint){ .host = host, .device = sv_first(rest, len) };
	rest = sv_from(rest, len);
	if (is_open && !is_closed) {
		if (!rest.len || rest.p[0] != ']')
			return false;
		rest = sv_from(rest, 1);
	}
	split_len(ret);
	ret->port = sv_from(rest, 1);
	return len && (!rest.len || rest.p[0] == ':');
}

static bool is_host_name(struct sv s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return s.len && s.len < 256 && s.p[0] != '-';
}

/* What C's library takes for an IPv4 address beyond read_ipv4(): parts of more than eight bits. */
static bool read_ipv4_wide(struct sv s, uint8_t *ret)
{
	struct in_addr addr;
	char text[64];

	if (!s.len || s.len >= sizeof(text) || s.p[0] < '0' || s.p[0] > '9')
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	if (!inet_aton(text, &addr))
		return false;
	memcpy(ret, &addr, sizeof(addr));
	return true;
}

static bool is_figures(struct sv s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.')
			return false;
	return true;
}

static int add_inet(struct operand *op)
{
	if (op->leaf.addr_af == AF_INET6)
		op->leaf.families &= AF_BIT(AF_INET6);
	return op->add(op);
}

static int add_names(struct operand *op, struct sv name)
{
	const struct filter_names *names = op->env->names;
	struct filter_addr addrs[ADDRS_MAX];
	uint64_t families = op->leaf.families;
	int n, r = 0;

	if (op->pred->af != AF_INET6 && read_ipv4_wide(name, op->leaf.addr)) {
		op->leaf.addr_af = AF_INET;
		op->leaf.prefix_len = 32;
		return op->add(op);
	}
	if (!is_host_name(name) || is_figures(name))
		return operand_bad(op, name, "not an address");
	n = names && names->host ? names->host(op->env->ctx, name, op->pred->af, addrs, ADDRS_MAX) : -ENOENT;
	if (n <= 0)
		return operand_bad(op, name, "not an address, and no host of this name is known");
	for (int i = 0; i < n && i < ADDRS_MAX && !r; i++) {
		op->leaf.families = families;
		op->leaf.addr_af = addrs[i].family;
		op->leaf.prefix_len = addrs[i].family == AF_INET ? 32 : 128;
		memcpy(op->leaf.addr, addrs[i].addr, addrs[i].family == AF_INET ? 4 : 16);
		r = add_inet(op);
	}
	return r;
}

static int parse_endpoint(struct operand *op, const struct endpoint *at)
{
	struct leaf *l = &op->leaf;
	int r = parse_port(op, at->port);

	if (r)
		return r;
	if (is_any(at->host) && !at->len.p) {
		if (l->number == FILTER_ANY && op->pred->af == AF_UNSPEC) /* it asks for nothing */
			l->families = UINT64_MAX;
		return op->add(op);
	}
	if (read_numeric(at, l)) {
		if (op->pred->af != AF_UNSPEC && op->pred->af != l->addr_af)
			return operand_bad(op, at->host,
					   op->pred->af == AF_INET ? "not an IPv4 address"
								   : "not an IPv6 address");
		return add_inet(op);
	}
	l->addr_af = AF_UNSPEC;
	l->prefix_len = 0;
	if (at->len.p)
		return operand_bad(op, op->pred->operand, "not an address with a prefix length");
	return add_names(op, at->host);
}

int operand_parse_inet(struct operand *op)
{
	struct sv s = op->pred->operand;
	struct endpoint at;
	int r;

	op->leaf.test = TEST_INET;
	if (op->pred->af != AF_INET && op->pred->af != AF_INET6)
		op->leaf.families = AF_BITS_INET;
	if (op->pred->word == LEX_SPORT || op->pred->word == LEX_DPORT) {
		r = parse_port(op, s.len && s.p[0] == ':' ? sv_from(s, 1) : s);
		if (r)
			return r;
		if (op->pred->rel != LEX_EQ && op->pred->rel != LEX_NE) {
			op->leaf.test = TEST_ORDER;
			op->leaf.pair.second = op->leaf.is_dst ? F_DPORT : F_SPORT;
		} else if (op->leaf.number == FILTER_ANY && op->pred->af == AF_UNSPEC) {
			op->leaf.families = UINT64_MAX;
		}
		return op->add(op);
	}
	if (split_device(s, &at)) {
		op->has_device = true;
		op->device = operand_leaf(LEX_DEV);
		r = operand_device(op, &op->device, at.device);
		if (r)
			return r;
	} else if (s.len && s.p[0] == '[') {
		if (!split_bracketed(s, &at))
			return operand_bad(op, s, "not an address: write [ADDRESS]:PORT");
	} else {
		split_plain(op, s, &at);
	}
	return parse_endpoint(op, &at);
}

bool operand_addr(struct sv s, struct leaf *ret)
{
	struct endpoint at = { .host = s };

	if (s.len && s.p[0] == '[')
		return split_bracketed(s, &at) && !at.port.len && read_numeric(&at, ret);
	split_len(&at);
	return read_numeric(&at, ret);
}

bool operand_endpoint_addr(const struct endpoint *at, struct leaf *ret)
{
	return read_numeric(at, ret);
}

bool operand_shown(struct sv s, struct endpoint *ret)
{
	ptrdiff_t colon = sv_rfind(s, ':');

	if (split_device(s, ret))
		return true;
	if (s.len && s.p[0] == '[')
		return split_bracketed(s, ret) && ret->port.len;
	if (colon < 0 || sv_find(s, ':') != colon)
		return false;
	*ret = (struct endpoint){ .host = sv_first(s, (size_t)colon), .port = sv_from(s, (size_t)colon + 1) };
	split_len(ret);
	return ret->port.len;
}

bool operand_names_host(const struct predicate *pred)
{
	struct sv s = pred->operand;
	ptrdiff_t colon = sv_rfind(s, ':');

	if (pred->word == LEX_SPORT || pred->word == LEX_DPORT)
		return false;
	return !is_any(colon < 0 ? s : sv_first(s, (size_t)colon));
}

bool operand_is_inet(const struct predicate *pred)
{
	struct sv s = pred->operand;
	struct leaf scratch = {};
	struct endpoint at;
	int64_t port;
	ptrdiff_t colon;

	if (pred->word == LEX_SPORT || pred->word == LEX_DPORT)
		return operand_int(s.len && s.p[0] == ':' ? sv_from(s, 1) : s, INT64_MIN + 1, INT64_MAX,
				   &port);
	if (s.len && s.p[0] == '[')
		return split_bracketed(s, &at) && read_numeric(&at, &scratch);
	at = (struct endpoint){ .host = s };
	split_len(&at);
	if (read_numeric(&at, &scratch))
		return true;
	colon = sv_rfind(s, ':');
	at = (struct endpoint){ .host = sv_first(s, colon < 0 ? 0 : (size_t)colon) };
	split_len(&at);
	return colon >= 0 && read_numeric(&at, &scratch);
}
