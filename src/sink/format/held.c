/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/held.h"

#include "base/utf8.h"

_Static_assert(HELD_LEAST >= sizeof(uint64_t), "three words of it are looked at");

/* Names of containers differ in the middle, or at their end. */
static struct held_seen *seen_at(struct held *h, struct sv s)
{
	uint64_t a, b, c;

	memcpy(&a, s.p, sizeof(a));
	memcpy(&b, s.p + (s.len - sizeof(b)) / 2, sizeof(b));
	memcpy(&c, s.p + s.len - sizeof(c), sizeof(c));
	a = (a ^ s.len) * UINT64_C(0x9e3779b97f4a7c15);
	a = (a ^ (a >> 32) ^ b) * UINT64_C(0x9e3779b97f4a7c15);
	a = (a ^ (a >> 32) ^ c) * UINT64_C(0x9e3779b97f4a7c15);
	return &h->seen[a >> 56];
}

static bool is_seen(const struct held *h, const struct held_seen *seen, struct sv s)
{
	return seen->turn == h->turn && seen->len == s.len && !memcmp(h->store.p + seen->at, s.p, s.len);
}

static void refer(struct held *h, const struct held_seen *seen, struct held_look look)
{
	struct {
		struct held_head head;
		uint32_t at;
	} cell = { { .len = 0x7fffffff & seen->len,
		     .is_again = true,
		     .width = 0xffffff & seen->width,
		     .tone = 0xf & look.tone,
		     .mark = 0xf & look.mark },
		   seen->at };

	text_put(&h->store, &cell, sizeof(cell));
}

void held_end(struct held *h, size_t start, struct held_look look, bool may_repeat)
{
	struct held_head head = { .tone = 0xf & look.tone, .mark = 0xf & look.mark };
	struct held_seen *seen = NULL;
	struct sv s;

	if (h->store.failed)
		return;
	s = sv_n(h->store.p + start + sizeof(head), h->store.len - start - sizeof(head));
	if (may_repeat && s.len >= HELD_LEAST)
		seen = seen_at(h, s);
	if (seen && is_seen(h, seen, s)) {
		h->store.len = start;
		refer(h, seen, look);
		return;
	}
	head.len = 0x7fffffff & (uint32_t)s.len;
	head.width = 0xffffff & (uint32_t)utf8_width(s);
	memcpy(h->store.p + start, &head, sizeof(head));
	if (seen)
		*seen = (struct held_seen){ h->turn, (uint32_t)(start + sizeof(head)), head.len, head.width };
}

bool held_again(struct held *h, struct sv s, struct held_look look)
{
	const struct held_seen *seen = s.len >= HELD_LEAST ? seen_at(h, s) : NULL;

	if (!seen || !is_seen(h, seen, s))
		return false;
	refer(h, seen, look);
	return true;
}

void held_empty(struct held *h)
{
	h->store.len = 0;
	h->turn++;
}

void held_done(struct held *h)
{
	text_done(&h->store);
}
