/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* A filter's verdict on a row. */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "query/filter-impl.h"
#include "query/glob.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool has_prefix(const uint8_t *addr, const uint8_t *prefix, unsigned int bits)
{
	unsigned int bytes = bits / 8;

	if (memcmp(addr, prefix, bytes) != 0)
		return false;
	return !(bits % 8) || !((addr[bytes] ^ prefix[bytes]) >> (8 - bits % 8));
}

static bool test_inet(const struct leaf *l, const struct row *row, uint64_t af)
{
	const struct loc *at;
	const uint8_t *addr;

	if (l->number != FILTER_ANY) {
		at = field_find_loc(row, l->is_dst ? F_DPORT : F_SPORT);
		if (!at || ntohs((uint16_t)field_raw(row, at)) != l->number)
			return false;
	}
	if (l->addr_af == AF_UNSPEC)
		return true;
	at = field_find_loc(row, l->is_dst ? F_DST : F_SRC);
	if (!at)
		return false;
	addr = row->seg[at->seg] + at->off;
	if (l->addr_af == af)
		return has_prefix(addr, l->addr, l->prefix_len);
	return af == AF_INET6 && !memcmp(addr, mapped, sizeof(mapped)) &&
	       has_prefix(addr + sizeof(mapped), l->addr, l->prefix_len);
}

/* The second number of a pair, FILTER_ANY when the socket has none. */
static int64_t second_number(const struct leaf *l, const struct row *row)
{
	enum field_id f = l->pair.second;
	struct val v;

	if (f == F_MAX)
		return 0;
	if (f == F_IFINDEX)
		return (int64_t)field_u64(row, f, 0);
	if (f == F_NETLINK_DST_PORTID && field_u64(row, F_NETLINK_STATE, 0) != 1)
		return FILTER_ANY;
	return field_get(row, f, &v) && v.kind == VAL_UINT ? (int64_t)v.u : FILTER_ANY;
}

static bool test_order(const struct leaf *l, const struct row *row)
{
	int64_t v = second_number(l, row);

	if (v == FILTER_ANY)
		return false;
	if (l->number == FILTER_ANY)
		return !l->is_strict;
	return (l->is_least ? v >= l->number : v <= l->number) != l->is_strict;
}

static bool test_pair(const struct leaf *l, const struct row *row)
{
	if (l->first != FILTER_ANY) {
		int64_t v = l->pair.first == F_MAX ? 0 : (int64_t)field_u64(row, l->pair.first, UINT64_MAX);

		if (v != l->first)
			return false;
	}
	return l->number == FILTER_ANY || second_number(l, row) == l->number;
}

/* A unix socket's name as it is shown, at @buf when it had to be changed. */
static struct sv unix_name(const struct row *row, char *buf, size_t cap)
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

static bool test_name(const struct leaf *l, const struct row *row)
{
	char buf[256];

	/* The peer's name is not known. */
	return glob_match(l->text, l->is_dst ? sv_n(NULL, 0) : unix_name(row, buf, sizeof(buf)));
}

static bool is_auto_name(const struct row *row)
{
	struct sv s = row_bytes(row, SEG_UNIX_NAME);

	if (s.len && s.p[0] != '\0')
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return !s.len || s.len == 6;
}

/* Whether the kernel's program, which knows if the port was asked for, let the row pass. */
static bool is_decided(const struct filter *f, const struct row *row)
{
	struct sv s = row_bytes(row, SEG_DUMP);
	struct seg_dump dump;

	if (!f->auto_decided || s.len < sizeof(dump))
		return false;
	memcpy(&dump, s.p, sizeof(dump));
	return !dump.is_proc && dump.protocol != IPPROTO_SCTP; /* SCTP's dumps run no program */
}

static bool test_auto_inet(const struct filter *f, const struct leaf *l, const struct row *row)
{
	uint16_t port = ntohs((uint16_t)field_u64(row, F_SPORT, 0));

	if (port < f->auto_lo || port > f->auto_hi)
		return false;
	return !l->is_negated || !is_decided(f, row);
}

static bool test_auto(const struct filter *f, const struct leaf *l, const struct row *row, uint64_t af)
{
	switch (af) {
	case AF_INET:
	case AF_INET6: return test_auto_inet(f, l, row);
	case AF_UNIX: return is_auto_name(row);
	case AF_PACKET: return !field_u64(row, F_IFINDEX, 0) && !field_u64(row, F_PACKET_PROTO, 0);
	case AF_NETLINK: return field_u64(row, F_NETLINK_PORTID, 0) >> 31;
	default: return l->pair.second != F_MAX && field_u64(row, l->pair.second, 0) > 1023;
	}
}

static bool test_mark(const struct leaf *l, const struct row *row)
{
	const struct loc *at = field_find_loc(row, F_MARK);

	if (!at)
		return l->is_negated;
	return ((uint32_t)field_raw(row, at) & l->mask) == l->mark;
}

static bool test(const struct filter *f, const struct leaf *l, const struct row *row, uint64_t af)
{
	if (!(l->families >> af & 1))
		return l->is_unknown && l->is_negated;
	switch ((enum test)l->test) {
	case TEST_INET: return test_inet(l, row, af);
	case TEST_ORDER: return test_order(l, row);
	case TEST_PAIR: return test_pair(l, row);
	case TEST_NAME: return test_name(l, row);
	case TEST_DEV: return field_u64(row, F_IFINDEX, 0) == (uint64_t)l->number;
	case TEST_MARK: return test_mark(l, row);
	case TEST_CGROUP:
		return row_has(row, SEG_CGROUP_ID) && field_u64(row, F_CGROUP, 0) == (uint64_t)l->number;
	case TEST_AUTO: return test_auto(f, l, row, af);
	}
	return false;
}

bool filter_match(const struct filter *f, const struct row *row)
{
	uint64_t af;
	uint32_t i = 0;

	if (!f)
		return true;
	af = field_u64(row, F_FAMILY, AF_UNSPEC);
	if (af >= 64 || !(f->families >> af & 1))
		return false;
	do {
		const struct leaf *l = &f->leaf[i];

		i = test(f, l, row, af) ? l->yes : l->no;
	} while (i < FILTER_ACCEPT);
	return i == FILTER_ACCEPT;
}

uint64_t filter_families(const struct filter *f)
{
	if (!f)
		return UINT64_MAX;
	/* SMC sockets have IP addresses, and their rows are of that family. */
	return f->families & AF_BITS_INET ? f->families | AF_BIT(K_AF_SMC) : f->families;
}

void filter_fields(const struct filter *f, struct fieldset *set)
{
	for (size_t i = 0; f && i < ARRAY_SIZE(set->w); i++)
		set->w[i] |= f->fields.w[i];
}

bool filter_is_mixed(const struct filter *f)
{
	return f && f->is_mixed;
}

bool filter_uses_mark(const struct filter *f)
{
	return f && f->uses_mark;
}
