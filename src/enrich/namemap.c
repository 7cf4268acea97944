/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/namemap.h"

#include <errno.h>
#include <stdlib.h>

struct name {
	struct namemap_key key;
	bool is_there;
	size_t len;
	char text[]; /* and a NUL */
};

void namemap_done(struct namemap *m)
{
	for (size_t i = 0; i < m->names.n_slots; i++)
		free(m->names.slot[i].item);
	hash_done(&m->names);
}

static uint64_t hash(struct namemap_key key)
{
	return hash_u64(key.lo ^ (key.hi * UINT64_C(0x9e3779b97f4a7c15)));
}

static bool has_key(const void *item, const void *key)
{
	const struct name *n = item;
	const struct namemap_key *k = key;

	return n->key.lo == k->lo && n->key.hi == k->hi;
}

static struct sv name_of(const struct name *n)
{
	return n->is_there ? sv_n(n->text, n->len) : (struct sv){};
}

bool namemap_find(const struct namemap *m, struct namemap_key key, struct sv *ret)
{
	const struct name *n = hash_find(&m->names, hash(key), has_key, &key);

	if (n)
		*ret = name_of(n);
	return n;
}

int namemap_add(struct namemap *m, struct namemap_key key, struct sv name, struct sv *ret)
{
	_cleanup_free_ struct name *n = malloc(sizeof(*n) + name.len + 1);

	if (!n)
		return -ENOMEM;
	*n = (struct name){ .key = key, .is_there = name.p, .len = name.len };
	if (name.len)
		memcpy(n->text, name.p, name.len);
	n->text[name.len] = '\0';
	if (hash_put(&m->names, hash(key), n) < 0)
		return -ENOMEM;
	*ret = name_of(take_ptr(n));
	return 0;
}
