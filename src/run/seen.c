/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "run/seen.h"

void seen_done(struct seen *s)
{
	free(s->slot);
	*s = (struct seen){};
}

static uint64_t *find(const struct seen *s, uint64_t cookie)
{
	size_t i = (size_t)(cookie * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (s->n_slots - 1);

	while (s->slot[i] && s->slot[i] != cookie)
		i = (i + 1) & (s->n_slots - 1);
	return &s->slot[i];
}

/* At most half of the slots are in use. */
static bool make_room(struct seen *s)
{
	struct seen larger = *s;

	if (2 * s->n < s->n_slots)
		return true;
	if (s->n >= SEEN_MAX)
		return false;
	larger.n_slots = s->n_slots ? 2 * s->n_slots : 64;
	larger.slot = calloc(larger.n_slots, sizeof(*larger.slot));
	if (!larger.slot)
		return false;
	for (size_t i = 0; i < s->n_slots; i++)
		if (s->slot[i])
			*find(&larger, s->slot[i]) = s->slot[i];
	free(s->slot);
	*s = larger;
	return true;
}

bool seen_before(struct seen *s, uint32_t group, uint64_t cookie)
{
	uint64_t *at;

	if (group != s->group && s->n) {
		memset(s->slot, 0, s->n_slots * sizeof(*s->slot));
		s->n = 0;
	}
	s->group = group;
	if (!cookie)
		return false;
	if (s->n_slots && *find(s, cookie))
		return true;
	if (!make_room(s))
		return false;
	at = find(s, cookie);
	*at = cookie;
	s->n++;
	return false;
}
