/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/board.h"

#include <stdlib.h>

struct board *board_ref(struct board *b)
{
	(void)__atomic_add_fetch(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

struct board *board_unref(struct board *b)
{
	if (!b || __atomic_sub_fetch(&b->refs, 1, __ATOMIC_ACQ_REL))
		return NULL;
	(void)sample_unref(b->sample);
	(void)sample_unref(b->gone);
	if (b->release)
		b->release(b->maker);
	keep_done(&b->keep);
	free(b->columns);
	free(b->v);
	free(b);
	return NULL;
}

size_t board_find(const struct board *b, uint64_t id)
{
	size_t i = 0;

	while (i < b->n && b->v[i].id != id)
		i++;
	return i;
}
