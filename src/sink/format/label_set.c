/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/label_set.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"

static struct label_set *find(struct label_set *v, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (v[i].id && v[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static int grow(struct label_sets *s)
{
	size_t cap = s->cap ? 2 * s->cap : 256;
	struct label_set *v = calloc(cap, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < s->cap; i++)
		if (s->v[i].id)
			*find(v, cap, s->v[i].hash) = s->v[i];
	free(s->v);
	s->v = v;
	s->cap = cap;
	return 0;
}

struct label_set *label_set_see(struct label_sets *s, struct sv labels, uint64_t run)
{
	uint64_t hash = hash_bytes(labels);
	struct label_set *found;

	if (2 * s->n >= s->cap && grow(s) < 0)
		return NULL;
	found = find(s->v, s->cap, hash);
	if (!found->id)
		*found = (struct label_set){ .hash = hash, .id = ++s->n };
	if (found->run != run)
		found->n = 0;
	found->run = run;
	found->n++;
	return found;
}

bool label_set_is_known(const struct label_sets *s, struct sv labels)
{
	return s->cap && find(s->v, s->cap, hash_bytes(labels))->id;
}

void label_sets_done(struct label_sets *s)
{
	free(s->v);
	*s = (struct label_sets){};
}
