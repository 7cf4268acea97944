/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Cells that wait until all of them can be written: each its text, its width and how it looks, one after the
 * other. A text that was there before, as names of units and processes are, is kept once.
 */

#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum {
	HELD_LEAST = 12,    /* bytes: a shorter text is no longer than what would say where it is */
	HELD_SEEN = 1 << 8, /* texts remembered */
};

struct held_head { /* in front of each */
	uint32_t len : 31, is_again : 1;
	uint32_t width : 24, tone : 4, mark : 4; /* cells of the screen; enum tone, enum mark */
};

struct held {
	struct text store;
	uint32_t turn; /* how often it was emptied */
	struct held_seen {
		uint32_t turn, at, len, width; /* where its text is in the store */
	} seen[HELD_SEEN];
};

/* How a cell looks: enum tone and enum mark. */
struct held_look {
	uint32_t tone, mark;
};

/* Begins a cell; its text is appended to .store, and held_end() ends it. Returns where it begins. */
static inline size_t held_open(struct held *h)
{
	size_t start = h->store.len;

	text_put(&h->store, &(struct held_head){}, sizeof(struct held_head));
	return start;
}

/* As held_end() where the text is a cell a byte, and nothing stands out. */
static inline void held_end_plain(struct held *h, size_t start, uint32_t mark)
{
	size_t len = h->store.len - start - sizeof(struct held_head);
	struct held_head head = { .len = 0x7fffffff & (uint32_t)len,
				  .width = 0xffffff & (uint32_t)len,
				  .mark = 0xf & mark };

	if (!h->store.failed)
		memcpy(h->store.p + start, &head, sizeof(head));
}

/* Ends the cell that began at @start. @may_repeat: others of the same text are to be expected. */
void held_end(struct held *h, size_t start, struct held_look look, bool may_repeat);

/* A cell of the text @s, where there was one in which it stood as it is. False: there was none. */
bool held_again(struct held *h, struct sv s, struct held_look look);

/* Forgets all cells. */
void held_empty(struct held *h);

/* Frees what it holds, and not itself. */
void held_done(struct held *h);

/* Takes the next cell off @rest, a part of the store: its text into @ret, which is valid as long as the
 * store. */
static inline struct held_head held_take(const struct held *h, struct sv *rest, struct sv *ret)
{
	struct held_head head;
	uint32_t at;

	memcpy(&head, rest->p, sizeof(head));
	*rest = sv_from(*rest, sizeof(head));
	if (!head.is_again) {
		*ret = sv_n(rest->p, head.len);
		*rest = sv_from(*rest, head.len);
		return head;
	}
	memcpy(&at, rest->p, sizeof(at));
	*ret = sv_n(h->store.p + at, head.len);
	*rest = sv_from(*rest, sizeof(at));
	return head;
}
