/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/ends.h"

#include <errno.h>
#include <stdlib.h>

enum {
	BLOCK = 1024,
	HOPS_MAX = 4 /* times that addresses are changed between two ends of one host */
};

struct block {
	struct block *next;
	size_t n;
	struct end v[BLOCK];
};

struct ends {
	struct locals locals;
	struct nat nat;
	struct hash by_tuple; /* the first of those with the same */
	struct block *block;
	size_t n;
};

int ends_new(struct ends **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

struct ends *ends_free(struct ends *x)
{
	if (!x)
		return NULL;
	while (x->block) {
		struct block *b = x->block;

		x->block = b->next;
		free(b);
	}
	hash_done(&x->by_tuple);
	nat_done(&x->nat);
	locals_done(&x->locals);
	free(x);
	return NULL;
}

struct locals *ends_locals(struct ends *x)
{
	return &x->locals;
}

struct nat *ends_nat(struct ends *x)
{
	return &x->nat;
}

size_t ends_count(const struct ends *x)
{
	return x->n;
}

static bool has_tuple(const void *item, const void *key)
{
	return !memcmp(&((const struct end *)item)->tuple, key, sizeof(struct tuple));
}

static struct end *find_first(const struct ends *x, const struct tuple *t)
{
	return hash_find(&x->by_tuple, hash_bytes(tuple_key(t)), has_tuple, t);
}

static struct end *make_room(struct ends *x)
{
	if (!x->block || x->block->n == BLOCK) {
		struct block *b = malloc(sizeof(*b));

		if (!b)
			return NULL;
		b->n = 0;
		b->next = x->block;
		x->block = b;
	}
	return &x->block->v[x->block->n];
}

int ends_add(struct ends *x, const struct end *e)
{
	struct tuple unused;
	struct end *first, *to;

	if (!locals_has_any(&x->locals, e->tuple.peer) && !nat_find(&x->nat, &e->tuple, &unused))
		return 0;
	to = make_room(x);
	if (!to)
		return -ENOMEM;
	first = find_first(x, &e->tuple);
	*to = *e;
	to->next = first ? first->next : NULL;
	if (!first && hash_put(&x->by_tuple, hash_bytes(tuple_key(&e->tuple)), to) < 0)
		return -ENOMEM;
	if (first)
		first->next = to;
	x->block->n++;
	x->n++;
	return 0;
}

/*
 * Those with the tuple @t that what is sent from @netns gets to: where it is its own address it stays there,
 * and elsewhere it only arrives where the address is. Returns how many, @ret being one.
 */
static size_t find_live(const struct ends *x, uint32_t netns, const struct tuple *t, const struct end **ret)
{
	bool stays = locals_has(&x->locals, netns, t->local);
	size_t n = 0;

	for (const struct end *e = find_first(x, t); e; e = e->next) {
		if (stays ? e->netns != netns : !locals_has(&x->locals, e->netns, t->local))
			continue;
		*ret = e;
		n++;
	}
	return n;
}

enum ends_found ends_find(const struct ends *x, uint32_t netns, const struct tuple *t, const struct end **ret)
{
	struct tuple at = *t, other = tuple_swap(t);
	bool is_ours = locals_has_any(&x->locals, t->peer);
	size_t n = 0;

	/* What is translated does not get to where it was sent. */
	for (int hop = 0; hop < HOPS_MAX && !n; hop++) {
		int r = nat_find(&x->nat, &at, &other);

		if (r < 0)
			return ENDS_AMBIGUOUS;
		if (r == 0)
			break;
		n = find_live(x, netns, &other, ret);
		is_ours |= locals_has_any(&x->locals, other.local);
		at = tuple_swap(&other);
	}
	if (!n) {
		other = tuple_swap(t);
		n = find_live(x, netns, &other, ret);
	}
	if (n)
		return n == 1 ? ENDS_FOUND : ENDS_AMBIGUOUS;
	return is_ours ? ENDS_MISSING : ENDS_ELSEWHERE;
}
