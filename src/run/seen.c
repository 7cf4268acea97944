/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/seen.h"

void seen_done(struct seen *s)
{
	hash_done(&s->cookies);
	s->group = 0;
}

bool seen_before(struct seen *s, uint32_t group, uint64_t cookie)
{
	uint64_t hash = hash_u64(cookie);

	if (group != s->group)
		hash_clear(&s->cookies);
	s->group = group;
	if (!cookie)
		return false;
	if (hash_find(&s->cookies, hash, NULL, NULL))
		return true;
	if (s->cookies.n < SEEN_MAX)
		(void)hash_put(&s->cookies, hash, s); /* without memory it counts as new, next time too */
	return false;
}
