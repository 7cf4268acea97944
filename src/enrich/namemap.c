/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/namemap.h"

#include <errno.h>
#include <stdlib.h>

struct namemap_slot {
	struct namemap_key key;
	struct sv name;
	bool is_used;
};

void namemap_done(struct namemap *m)
{
	for (size_t i = 0; i < m->cap; i++)
		free((void *)(uintptr_t)m->slots[i].name.p);
	free(m->slots);
	*m = (struct namemap){};
}

/* The slot of @key, or the free one where it belongs. @cap is a power of two and one slot is free. */
static struct namemap_slot *find_slot(struct namemap_slot *slots, size_t cap, struct namemap_key key)
{
	uint64_t h = (key.lo ^ (key.hi * 0x9e3779b97f4a7c15u)) * 0xd6e8feb86659fd93u;

	for (size_t i = (size_t)(h ^ (h >> 32));; i++) {
		struct namemap_slot *s = &slots[i & (cap - 1)];

		if (!s->is_used || (s->key.lo == key.lo && s->key.hi == key.hi))
			return s;
	}
}

bool namemap_find(const struct namemap *m, struct namemap_key key, struct sv *ret)
{
	const struct namemap_slot *s = m->cap ? find_slot(m->slots, m->cap, key) : NULL;

	if (!s || !s->is_used)
		return false;
	*ret = s->name;
	return true;
}

static int grow(struct namemap *m)
{
	size_t cap = m->cap ? m->cap * 2 : 64;
	struct namemap_slot *slots = calloc(cap, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->cap; i++) {
		if (m->slots[i].is_used)
			*find_slot(slots, cap, m->slots[i].key) = m->slots[i];
	}
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
	return 0;
}

int namemap_add(struct namemap *m, struct namemap_key key, struct sv name, struct sv *ret)
{
	struct sv copy = {};
	char *p = NULL;

	if ((m->used + 1) * 4 > m->cap * 3 && grow(m) < 0)
		return -ENOMEM;
	if (name.p) {
		p = malloc(name.len + 1);
		if (!p)
			return -ENOMEM;
		memcpy(p, name.p, name.len);
		p[name.len] = '\0';
		copy = sv_n(p, name.len);
	}
	*find_slot(m->slots, m->cap, key) =
		(struct namemap_slot){ .key = key, .name = copy, .is_used = true };
	m->used++;
	*ret = copy;
	return 0;
}
