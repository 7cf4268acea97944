/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/group.h"

#include <endian.h>
#include <errno.h>

#include "history/decode.h"

void group_clear(struct group *g)
{
	section_clear(&g->base);
	section_clear(&g->delta);
	g->first += g->n;
	g->n = g->n_safe = g->n_short = 0;
	g->short_bytes = 0;
}

void group_done(struct group *g)
{
	encoder_done(&g->encoder);
	section_done(&g->base);
	section_done(&g->delta);
	text_done(&g->first_base.bytes);
	text_done(&g->tail_base.bytes);
	text_done(&g->scratch);
	text_done(&g->times);
	text_done(&g->body);
	free(g->time);
	*g = (struct group){};
}

struct packer {
	struct zstd *z;
	size_t raw;
};

static int pack_piece(void *arg, const void *p, size_t n)
{
	struct packer *k = arg;

	k->raw += n;
	return k->raw > RAW_MAX ? -E2BIG : zstd_add(k->z, p, n);
}

/* Appends the section, or what is behind its mark, to @to as a frame of *ret_raw bytes. */
static int pack(struct group *g, struct zstd *z, const struct section *s, bool from_mark, struct text *to,
		size_t *ret_raw)
{
	struct packer k = { .z = z };
	int r = zstd_begin(z, to);

	if (!r)
		r = section_pieces(s, &g->encoder.shapes, from_mark, &g->scratch, pack_piece, &k);
	if (!r)
		r = zstd_end(z);
	*ret_raw = k.raw;
	return r;
}

/* Packs the last sample as a whole. */
static int pack_base(struct group *g, struct zstd *z, uint32_t clock_ms, struct frame *ret)
{
	int r;

	section_clear(&g->base);
	r = encoder_put_base(&g->encoder, clock_ms, &g->base);
	if (r < 0)
		return r;
	text_done(&ret->bytes);
	r = pack(g, z, &g->base, false, &ret->bytes, &ret->raw);
	section_clear(&g->base);
	return r;
}

static uint32_t clock_ms(struct store_time at)
{
	return (uint32_t)(at.monotonic_us / 1000);
}

static int make_time(struct group *g)
{
	size_t cap = g->cap ? 2 * g->cap : 64;
	struct store_time *p;

	if (g->n < g->cap)
		return 0;
	p = realloc(g->time, cap * sizeof(*p));
	if (!p)
		return -ENOMEM;
	g->time = p;
	g->cap = cap;
	return 0;
}

int group_add(struct group *g, struct zstd *z, struct store_time at)
{
	int r = make_time(g);

	if (!r && !g->n) {
		encoder_begin_block(&g->encoder);
		r = encoder_end(&g->encoder, clock_ms(at), NULL);
		if (!r)
			r = pack_base(g, z, clock_ms(at), &g->first_base);
	} else if (!r) {
		r = encoder_end(&g->encoder, clock_ms(at), &g->delta);
		if (!r && g->n_safe == g->n)
			r = pack_base(g, z, clock_ms(at), &g->tail_base);
		if (!r && g->n_safe == g->n)
			section_mark(&g->delta);
	}
	if (r < 0) {
		group_clear(g);
		return r;
	}
	g->time[g->n++] = at;
	return 0;
}

static void put32(struct text *t, size_t at, size_t v)
{
	uint32_t le = htole32((uint32_t)v);

	memcpy(t->p + at, &le, sizeof(le));
}

static void head_of(const struct group *g, size_t from, struct block_head *ret)
{
	*ret = (struct block_head){
		.first = g->first + from, .n = (uint32_t)(g->n - from), .from_us = UINT64_MAX, .until_us = 0
	};
	for (size_t i = from; i < g->n; i++) {
		if (g->time[i].wall_us < ret->from_us)
			ret->from_us = g->time[i].wall_us;
		if (g->time[i].wall_us > ret->until_us)
			ret->until_us = g->time[i].wall_us;
	}
}

int group_block(struct group *g, struct zstd *z, bool is_all, struct block_head *ret)
{
	size_t from = is_all ? 0 : g->n_safe, raw = 0;
	const struct frame *base = from ? &g->tail_base : &g->first_base;
	struct text *body = &g->body;
	int r = 0;

	text_done(body);
	text_done(&g->times);
	block_put_times(&g->times, g->time + from, g->n - from);
	if (text_room(body, BLOCK_BODY_HEAD)) {
		memset(body->p, 0, BLOCK_BODY_HEAD);
		body->len = BLOCK_BODY_HEAD;
	}
	text_put(body, base->bytes.p, base->bytes.len);
	if (!body->failed && g->n - from > 1)
		r = pack(g, z, &g->delta, from > 0, body, &raw);
	if (r < 0 || !body->p || body->failed || g->times.failed)
		return r < 0 ? r : -ENOMEM;
	put32(body, 0, base->bytes.len);
	put32(body, 4, base->raw);
	put32(body, 8, body->len - BLOCK_BODY_HEAD - base->bytes.len);
	put32(body, 12, raw);
	head_of(g, from, ret);
	if (!is_all)
		ret->flags = BLOCK_IS_OPEN;
	return 0;
}
