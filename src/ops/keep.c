/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/keep.h"

#include <errno.h>

enum { BLOCK = 64 * 1024, ALIGN = 8 };

struct keep_block {
	struct keep_block *next;
	uint64_t bytes[];
};

void keep_done(struct keep *k)
{
	while (k->block) {
		struct keep_block *next = k->block->next;

		free(k->block);
		k->block = next;
	}
	k->used = 0;
}

void keep_clear(struct keep *k)
{
	struct keep rest = {};

	if (!k->block || k->used == BLOCK) { /* it may be of another size */
		keep_done(k);
		return;
	}
	rest.block = k->block->next;
	keep_done(&rest);
	k->block->next = NULL;
	k->used = 0;
}

static struct keep_block *add_block(struct keep *k, size_t n)
{
	struct keep_block *b = malloc(sizeof(*b) + n);

	if (!b)
		return NULL;
	/* One made for a single large thing goes behind the one that still has room. */
	if (n > BLOCK && k->block) {
		b->next = k->block->next;
		k->block->next = b;
		return b;
	}
	b->next = k->block;
	k->block = b;
	k->used = 0;
	return b;
}

void *keep_bytes(struct keep *k, const void *p, size_t n)
{
	struct keep_block *b = k->block;
	size_t room = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	uint8_t *to;

	if (room < n)
		return NULL;
	if (room > BLOCK) {
		b = add_block(k, room);
		if (b == k->block)
			k->used = BLOCK;
		return b ? memcpy(b->bytes, p, n) : NULL;
	}
	if (!b || k->used + room > BLOCK)
		b = add_block(k, BLOCK);
	if (!b)
		return NULL;
	to = (uint8_t *)b->bytes + k->used;
	k->used += room;
	if (n)
		memcpy(to, p, n);
	return to;
}

static int keep_text(struct keep *k, struct sv *text)
{
	if (!text->p)
		return 0;
	text->p = keep_bytes(k, text->p, text->len);
	return text->p ? 0 : -ENOMEM;
}

static int keep_texts(struct keep *k, struct owner *o)
{
	struct owner_texts *copy;

	if (keep_text(k, &o->comm) < 0)
		return -ENOMEM;
	if (!o->texts)
		return 0;
	copy = keep_bytes(k, o->texts, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
#define READ(id, name, type, member, ...)    \
	if (keep_text(k, &copy->member) < 0) \
		return -ENOMEM;
#include "model/defs/part.def"
	o->texts = copy;
	return 0;
}

static int keep_owners(struct keep *k, struct owners *o)
{
	struct owner *v = o->n ? keep_bytes(k, o->v, o->n * sizeof(*v)) : NULL;

	if (!o->n) /* the reason, if there is one, is a constant */
		return 0;
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < o->n; i++) {
		if (keep_texts(k, &v[i]) < 0)
			return -ENOMEM;
	}
	o->v = v;
	return 0;
}

int keep_cell(struct keep *k, struct cell *c)
{
	if (!c->is_there)
		return 0;
	if (c->val.kind == VAL_OWNERS)
		return keep_owners(k, &c->val.owners);
	if (c->val.kind != VAL_STR)
		return 0;
	c->val.s.p = keep_bytes(k, c->val.s.p, c->val.s.len);
	return c->val.s.p ? 0 : -ENOMEM;
}

struct cell *keep_cells(struct keep *k, const struct cell *cells, size_t n)
{
	struct cell *copy = keep_bytes(k, cells, n * sizeof(*cells));

	for (size_t i = 0; copy && i < n; i++)
		if (keep_cell(k, &copy[i]) < 0)
			return NULL;
	return copy;
}
