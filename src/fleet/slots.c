/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "fleet/merge_impl.h"

struct slot_key {
	struct sv key;
	uint32_t host;
};

static bool is_slot(const void *item, const void *key)
{
	const struct slot *s = item;
	const struct slot_key *k = key;

	return s->host == k->host && sv_eq(s->key, k->key);
}

struct slot *merge_slot(const struct merge *m, struct sv key, uint32_t host)
{
	const struct slot_key k = { key, host };

	return hash_find(&m->slots, hash_bytes_of(key, m->seed ^ host), is_slot, &k);
}

double merge_most(const struct merge *m, const struct slot *s)
{
	return m->bound - (s ? s->sent : 0);
}

uint64_t merge_limit(const struct merge *m)
{
	if (m->o.has_limit)
		return m->o.limit;
	return !m->want && m->own->has_limit ? m->own->limit : UINT64_MAX;
}

double merge_value(struct merge *m, const struct slot *s)
{
	struct cell c = group_value(m->group, s->group, m->own->rank.at);

	return c.is_there ? val_number(&c.val) : 0;
}
