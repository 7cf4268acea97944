/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "plan/derive.h"

#include "base/cleanup.h"

static const struct {
	enum field_id field, from;
} derived[] = {
#define DERIVED(id, from, function) { F_##id, F_##from },
#include "model/defs/derived.def"
};

/* Who is in a cgroup; where a socket does not tell which, whoever holds it does. */
static const enum field_id tenants[] = {
#define TENANT(id, ...) F_##id,
#include "model/defs/tenant.def"
};

static const enum field_id tenants_of_peers[] = {
#define TENANT(id, ...) F_PEER_##id,
#include "model/defs/tenant.def"
};

static bool has_tenants(const struct fieldset *set)
{
	bool has = false;

	for (size_t i = 0; i < ARRAY_SIZE(tenants) && !has; i++)
		has = fieldset_has(set, tenants[i]);
	return has;
}

bool derive_may_need_owners(const struct fieldset *set)
{
	bool may = has_tenants(set);

	for (size_t i = 0; i < ARRAY_SIZE(tenants_of_peers) && !may; i++)
		may = fieldset_has(set, tenants_of_peers[i]);
	return may;
}

/* What tells which socket is at the other end: both addresses, or for a Unix socket the inode. */
static const enum field_id of_peers[] = { F_FAMILY, F_STATE, F_SRC,      F_SPORT,    F_DST,
					  F_DPORT,  F_INODE, F_PROTOCOL, F_UNIX_PEER };

void derive_helps(struct fieldset *set)
{
	if (!fieldset_has(set, F_DIRECTION))
		return;
	fieldset_add(set, F_TCP_BYTES_ACKED);
	fieldset_add(set, F_IFINDEX);
}

/* What a socket is known by in the next sample: its cookie; where there is none, as in /proc, its ends. */
static const enum field_id identity[] = { F_COOKIE, F_FAMILY, F_SRC, F_SPORT, F_DST, F_DPORT, F_INODE };

static void add_counters(struct fieldset *set)
{
	for (enum rate r = 0; r < RATE_MAX; r++)
		if (fieldset_has(set, counter_rates[r].rate))
			fieldset_add(set, counter_rates[r].counter);
	for (size_t i = 0; i < ARRAY_SIZE(identity); i++)
		fieldset_add(set, identity[i]);
}

void derive_needs(struct fieldset *set)
{
	if (fieldset_has_rates(set))
		add_counters(set);
	if (fieldset_has_owners(set))
		fieldset_add(set, F_INODE);
	if (fieldset_held(set)) {
		fieldset_add(set, F_INODE);
		fieldset_add(set, F_PROTOCOL);
	}
	if (fieldset_has(set, F_PAYLOAD_RECVQ))
		fieldset_add(set, F_RECVQ);
	if (fieldset_has(set, F_OWNER_WHY)) {
		fieldset_add(set, F_INODE);
		fieldset_add(set, F_STATE);
		fieldset_add(set, F_NETLINK_PORTID);
		fieldset_add(set, F_SRC);
		fieldset_add(set, F_SPORT);
		fieldset_add(set, F_DPORT);
	}
	if (has_tenants(set)) {
		fieldset_add(set, F_INODE);
		fieldset_add(set, F_CGROUP);
	}
	for (size_t i = 0; i < ARRAY_SIZE(of_peers) && fieldset_has_peers(set); i++)
		fieldset_add(set, of_peers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		if (fieldset_has(set, derived[i].field))
			fieldset_add(set, derived[i].from);
}

bool derive_has(const struct fieldset *set)
{
	bool has = fieldset_has_owners(set) || fieldset_has(set, F_NETNS_ID) || has_tenants(set) ||
		   fieldset_has(set, F_OWNER_WHY) || fieldset_held(set) || fieldset_has_peers(set) ||
		   fieldset_has_rates(set) || fieldset_has_sample(set);

	for (size_t i = 0; i < ARRAY_SIZE(derived) && !has; i++)
		has = fieldset_has(set, derived[i].field);
	return has;
}

bool derive_has_unix_peers(const struct fieldset *set)
{
	return fieldset_has(set, F_DIRECTION) || fieldset_has(set, F_PEER_NETNS_ID);
}

uint32_t derive_peer_tables(const struct fieldset *set, const struct selection *of, bool is_tcp_recorded)
{
	const uint32_t unix_tables =
		1u << TABLE_UNIX_STREAM | 1u << TABLE_UNIX_DGRAM | 1u << TABLE_UNIX_SEQPACKET;
	uint32_t ret = 0;

	if (!fieldset_has_peers(set))
		return 0;
	if (of->tables & (1u << TABLE_TCP | 1u << TABLE_MPTCP) && !is_tcp_recorded)
		ret |= 1u << TABLE_TCP;
	if (fieldset_has_peer_ends(set))
		ret |= of->tables & 1u << TABLE_UDP;
	if (derive_has_unix_peers(set) && of->tables & unix_tables)
		ret |= unix_tables;
	return ret;
}
