/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 64 };

static struct hash_slot *free_slot(const struct hash *t, uint64_t hash)
{
	size_t i = (size_t)hash & (t->n_slots - 1);

	while (t->slot[i].item)
		i = (i + 1) & (t->n_slots - 1);
	return &t->slot[i];
}

static int grow(struct hash *t)
{
	struct hash more = { .n = t->n, .n_slots = t->n_slots ? 2 * t->n_slots : SLOTS_FIRST };

	more.slot = calloc(more.n_slots, sizeof(*more.slot));
	if (!more.slot)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slot[i].item)
			*free_slot(&more, t->slot[i].hash) = t->slot[i];
	free(t->slot);
	*t = more;
	return 0;
}

int hash_put(struct hash *t, uint64_t hash, void *item)
{
	if (2 * t->n >= t->n_slots && grow(t) < 0)
		return -ENOMEM;
	*free_slot(t, hash) = (struct hash_slot){ .hash = hash, .item = item };
	t->n++;
	return 0;
}

void hash_clear(struct hash *t)
{
	if (t->n)
		memset(t->slot, 0, t->n_slots * sizeof(*t->slot));
	t->n = 0;
}

void hash_done(struct hash *t)
{
	free(t->slot);
	*t = (struct hash){};
}
