/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* A filter's verdict on a row. */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "query/filter_impl.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool has_prefix(const uint8_t *addr, const uint8_t *prefix, unsigned int bits)
{
	unsigned int bytes = bits / 8;

	if (memcmp(addr, prefix, bytes) != 0)
		return false;
	return !(bits % 8) || !((addr[bytes] ^ prefix[bytes]) >> (8 - bits % 8));
}

/* What is asked of most rows again and again; the peer's is second. */
struct view {
	const struct row *row;
	uint64_t af;
	int64_t port[2]; /* FILTER_ANY: absent */
	const uint8_t *addr[2];
};

/* Where the field lies, NULL when absent or of no interest to @f. */
static const uint8_t *find(const struct filter *f, const struct row *row, enum field_id id)
{
	const struct loc *at = fieldset_has(&f->fields, id) ? field_find_loc(row, id) : NULL;

	return at ? row->seg[at->seg] + at->off : NULL;
}

static int64_t read_port(const uint8_t *p)
{
	return p ? p[0] << 8 | p[1] : FILTER_ANY;
}

static inline void view_init(struct view *v, const struct filter *f, const struct row *row, uint64_t af)
{
	*v = (struct view){ .row = row, .af = af };
	if (af != AF_INET && af != AF_INET6)
		return;
	v->port[0] = read_port(find(f, row, F_SPORT));
	v->port[1] = read_port(find(f, row, F_DPORT));
	v->addr[0] = find(f, row, F_SRC);
	v->addr[1] = find(f, row, F_DST);
}

/* What a test comes to about what is not known: neither it nor its negation holds. */
static bool is_unknown(const struct leaf *l)
{
	return l->is_unknown && l->is_negated;
}

static inline bool test_inet(const struct leaf *l, const struct view *v)
{
	const uint8_t *addr;

	if (l->number != FILTER_ANY && l->number != v->port[l->is_dst])
		return v->port[l->is_dst] == FILTER_ANY && is_unknown(l);
	if (l->addr_af == AF_UNSPEC)
		return l->number != FILTER_ANY || l->families == UINT64_MAX || v->addr[l->is_dst];
	addr = v->addr[l->is_dst];
	if (!addr)
		return is_unknown(l);
	if (l->addr_af == v->af)
		return has_prefix(addr, l->addr, l->prefix_len);
	return v->af == AF_INET6 && !memcmp(addr, mapped, sizeof(mapped)) &&
	       has_prefix(addr + sizeof(mapped), l->addr, l->prefix_len);
}

/* The second number of a pair, FILTER_ANY when the socket has none. */
static int64_t second_number(const struct leaf *l, const struct view *v)
{
	enum field_id f = l->pair.second;
	struct val val;

	if (f == F_SPORT || f == F_DPORT)
		return v->port[f == F_DPORT];
	if (f == F_MAX)
		return 0;
	if (f == F_IFINDEX)
		return (int64_t)field_u64(v->row, f, 0);
	if (f == F_NETLINK_DST_PORTID && field_u64(v->row, F_NETLINK_STATE, 0) != 1)
		return FILTER_ANY;
	return field_get_sent(v->row, f, &val) && val.kind == VAL_UINT ? (int64_t)val.u : FILTER_ANY;
}

static bool test_order(const struct leaf *l, const struct view *v)
{
	int64_t n = second_number(l, v);

	if (n == FILTER_ANY)
		return is_unknown(l);
	if (l->number == FILTER_ANY)
		return !l->is_strict;
	return (l->is_least ? n >= l->number : n <= l->number) != l->is_strict;
}

static bool test_pair(const struct leaf *l, const struct view *v)
{
	if (l->first != FILTER_ANY) {
		int64_t n =
			l->pair.first == F_MAX ? 0 : (int64_t)field_u64(v->row, l->pair.first, UINT64_MAX);

		if (n != l->first)
			return false;
	}
	return l->number == FILTER_ANY || second_number(l, v) == l->number;
}

static bool test_name(const struct leaf *l, const struct row *row)
{
	char buf[256];

	/* The peer's name is not known. */
	return glob_match(l->text, l->is_dst ? sv_n(NULL, 0) : filter_unix_name(row, buf, sizeof(buf)));
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
	const struct seg_dump *from = row_dump(row);

	/* SCTP's dumps run no program. */
	return f->auto_decided && from->is_filtered && from->protocol != IPPROTO_SCTP;
}

static bool test_auto_inet(const struct filter *f, const struct leaf *l, const struct view *v)
{
	if (v->port[0] < f->auto_lo || v->port[0] > f->auto_hi)
		return false;
	return !l->is_negated || !is_decided(f, v->row);
}

static bool test_auto(const struct filter *f, const struct leaf *l, const struct view *v)
{
	const struct row *row = v->row;

	switch (v->af) {
	case AF_INET:
	case AF_INET6: return test_auto_inet(f, l, v);
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

static bool test_dev(const struct leaf *l, const struct row *row)
{
	uint64_t ifindex = field_u64(row, F_IFINDEX, 0);

	if (l->field != F_MAX && !ifindex) /* bound to none */
		return l->is_negated;
	return ifindex == (uint64_t)l->number;
}

static bool test_cgroup(const struct leaf *l, const struct row *row)
{
	if (!row_has(row, SEG_CGROUP_ID) || l->number == FILTER_ANY) /* or nobody knows which one it is */
		return l->is_negated;
	return field_u64(row, F_CGROUP, 0) == (uint64_t)l->number;
}

/*
 * What a test of a field comes to that took the number as it lies in the message: it counts only where the
 * field is there. Asked where the socket would be selected by it.
 */
static inline bool confirm(const struct leaf *l, const struct row *row, bool holds)
{
	struct val unused;

	if (l->field == F_MAX || holds == l->is_negated)
		return holds;
	if (holds && l->is_not_zero ? !field_is_void(row, l->field) : field_get(row, l->field, &unused))
		return holds;
	return is_unknown(l);
}

static inline bool test(const struct filter *f, const struct leaf *l, const struct view *v)
{
	const struct row *row = v->row;

	if (!(l->families >> v->af & 1))
		return is_unknown(l);
	switch ((enum test)l->test) {
	case TEST_INET: return confirm(l, row, test_inet(l, v));
	case TEST_ORDER: return confirm(l, row, test_order(l, v));
	case TEST_PAIR: return test_pair(l, v);
	case TEST_NAME: return test_name(l, row);
	case TEST_DEV: return test_dev(l, row);
	case TEST_MARK: return confirm(l, row, test_mark(l, row));
	case TEST_CGROUP: return confirm(l, row, test_cgroup(l, row));
	case TEST_AUTO: return test_auto(f, l, v);
	case TEST_NUMBER:
	case TEST_FIELDS:
	case TEST_EQUAL:
	case TEST_LIKE:
	case TEST_STATE:
	case TEST_HAS: return filter_test_field(l, row);
	}
	return false;
}

/* Which family's fields @row can have: AF_*. A socket in no table has none of its family's. */
static uint64_t kin_of(const struct row *row)
{
	return row_has(row, SEG_UNBOUND_MSG) ? AF_UNSPEC : field_u64(row, F_FAMILY, AF_UNSPEC);
}

bool filter_match(const struct filter *f, const struct row *row)
{
	struct view v;
	uint64_t af;
	uint32_t i = 0;

	if (!f)
		return true;
	af = kin_of(row);
	if (af >= 64 || !(f->families >> af & 1))
		return false;
	view_init(&v, f, row, af);
	do {
		const struct leaf *l = &f->leaf[i];

		i = test(f, l, &v) ? l->yes : l->no;
	} while (i < FILTER_ACCEPT);
	return i == FILTER_ACCEPT;
}

static bool is_about(const struct leaf *l, const struct fieldset *set)
{
	if (l->test == TEST_MARK && fieldset_has(set, F_MARK))
		return true;
	return l->field < F_MAX && (fieldset_has(set, l->field) || fieldset_has(set, l->source) ||
				    (l->with < F_MAX && fieldset_has(set, l->with)));
}

/* Whether an owner in sight is as @l wants one: that is enough, whoever else there is. */
static bool has_fitting_owner(const struct leaf *l, const struct row *row)
{
	struct leaf plain = *l;

	plain.is_negated = false; /* without any, not true */
	return l->field < F_MAX &&
	       (fields[l->field].part != PART_NONE || fields[l->field].type == T_OWNERS) &&
	       filter_test_field(&plain, row);
}

bool filter_may_differ(const struct filter *f, const struct row *row, const struct fieldset *unseen,
		       bool verdict)
{
	struct view v;
	uint64_t af = kin_of(row);
	uint32_t i = 0;

	if (!f || af >= 64 || !(f->families >> af & 1))
		return false;
	view_init(&v, f, row, af);
	/* With each test that is open as far from @verdict as it can be: none helps one way and harms the
	 * other. */
	do {
		const struct leaf *l = &f->leaf[i];
		bool is = test(f, l, &v);

		if (is_about(l, unseen) && !has_fitting_owner(l, row))
			is = verdict == l->is_negated;
		i = is ? l->yes : l->no;
	} while (i < FILTER_ACCEPT);
	return (i == FILTER_ACCEPT) != verdict;
}

uint64_t filter_families(const struct filter *f)
{
	if (!f)
		return UINT64_MAX;
	/* SMC sockets have IP addresses, and their rows are of that family. */
	return f->families & AF_BITS_INET ? f->families | AF_BIT(K_AF_SMC) : f->families;
}

uint32_t filter_states(const struct filter *f)
{
	return f ? f->states : UINT32_MAX;
}

bool filter_has_states(const struct filter *f)
{
	return f && f->has_state;
}

bool filter_has_auto(const struct filter *f)
{
	bool has = false;

	for (uint32_t i = 0; f && i < f->n_leaves && !has; i++)
		has = f->leaf[i].test == TEST_AUTO;
	return has;
}

bool filter_names_bound(const struct filter *f)
{
	return f && f->names_bound;
}

uint64_t filter_named(const struct filter *f)
{
	return f && f->narrow != UINT64_MAX ? f->narrow : 0;
}

void filter_needs(const struct filter *f, struct fieldset *set)
{
	bool has_device = false;

	for (uint32_t i = 0; f && i < f->n_leaves; i++) {
		const struct leaf *l = &f->leaf[i];

		has_device |= l->test == TEST_DEV ||
			      (l->test != TEST_AUTO && (l->field == F_IFINDEX || l->source == F_IFINDEX));
	}
	for (enum field_id id = 0; f && id < F_MAX; id++)
		if (fieldset_has(&f->fields, id) && (id != F_IFINDEX || has_device))
			fieldset_add(set, id);
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

void filter_note(const struct filter *f, struct notes *notes)
{
	if (filter_is_mixed(f))
		notes_add(notes, NOTE_HINT,
			  "\"and\" and \"or\" bind equally, from the left, in this filter: parentheses make "
			  "it plain");
	if (f && f->guesses_auto)
		notes_add(notes, NOTE_ERROR,
			  "autobound: the range of automatic ports (net.ipv4.ip_local_port_range) cannot be "
			  "read; %u to %u are taken for it",
			  f->auto_lo, f->auto_hi);
}
