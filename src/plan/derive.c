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

static bool has_tenants(const struct fieldset *set)
{
	bool has = false;

	for (size_t i = 0; i < ARRAY_SIZE(tenants) && !has; i++)
		has = fieldset_has(set, tenants[i]);
	return has;
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

void derive_needs(struct fieldset *set)
{
	if (fieldset_has_owners(set))
		fieldset_add(set, F_INODE);
	if (fieldset_has_held(set)) {
		fieldset_add(set, F_INODE);
		fieldset_add(set, F_PROTOCOL);
	}
	if (fieldset_has(set, F_PAYLOAD_RECVQ))
		fieldset_add(set, F_RECVQ);
	if (fieldset_has(set, F_OWNER_WHY)) {
		fieldset_add(set, F_INODE);
		fieldset_add(set, F_STATE);
		fieldset_add(set, F_NETLINK_PORTID);
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
		   fieldset_has(set, F_OWNER_WHY) || fieldset_has_held(set) || fieldset_has_peers(set);

	for (size_t i = 0; i < ARRAY_SIZE(derived) && !has; i++)
		has = fieldset_has(set, derived[i].field);
	return has;
}
