/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/load.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "history/crc.h"

enum { BODY_MAX = 1 << 30 };

void block_done(struct block *b)
{
	text_done(&b->bytes);
	free(b->unpacked[0]);
	free(b->unpacked[1]);
	*b = (struct block){};
}

static uint32_t get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

/* Where its parts are. */
static int lay_out(struct block *b)
{
	const char *body = b->bytes.p + BLOCK_HEAD + b->head.times_len;
	size_t left = b->head.body_len - BLOCK_BODY_HEAD;

	if (crc32c(0, body, b->head.body_len) != b->head.body_crc)
		return -EBADMSG;
	for (size_t i = 0; i < 2; i++) {
		size_t n = get32(body + 8 * i);

		b->raw[i] = get32(body + 8 * i + 4);
		if (n > left || b->raw[i] > RAW_MAX)
			return -EBADMSG;
		b->frame[i] = sv_n(body + b->head.body_len - left, n);
		left -= n;
	}
	return 0;
}

int block_read(struct block *b, int fd, uint64_t offset, const struct block_head *head)
{
	uint8_t want[BLOCK_HEAD];
	int r;

	block_done(b);
	if (head->body_len > BODY_MAX)
		return -EBADMSG;
	if (!text_room(&b->bytes, block_used(head)))
		return -ENOMEM;
	r = pread_all(fd, b->bytes.p, block_used(head), offset);
	if (r < 0)
		return r == -ENODATA ? -ESTALE : r;
	b->bytes.len = block_used(head);
	b->head = *head;
	block_put_head(want, head);
	if (memcmp(want, b->bytes.p, sizeof(want)) != 0)
		return -ESTALE;
	r = lay_out(b);
	/* While it was read another may have come to be written there. */
	if (r == -EBADMSG && (pread_all(fd, b->bytes.p, BLOCK_HEAD, offset) < 0 ||
			      memcmp(want, b->bytes.p, sizeof(want)) != 0))
		return -ESTALE;
	return r;
}

bool block_check_times(const struct block_head *h, const char *times, struct store_time *ret)
{
	return crc32c(0, times, h->times_len) == h->times_crc &&
	       block_get_times(cursor_of(times, h->times_len), ret, h->n);
}

int block_section(struct block *b, struct zstd *z, struct decoder *d, size_t i)
{
	int r = 0;

	if (!b->unpacked[i]) {
		b->unpacked[i] = malloc(b->raw[i] ? b->raw[i] : 1);
		if (!b->unpacked[i])
			return -ENOMEM;
		r = zstd_unpack(z, b->frame[i].p, b->frame[i].len, b->unpacked[i], b->raw[i]);
	}
	return r < 0 ? r : decoder_section(d, b->unpacked[i], b->raw[i]);
}

int block_step(struct block *b, struct zstd *z, struct decoder *d, size_t i)
{
	int r = 0;

	if (!i)
		decoder_reset(d);
	if (i < 2)
		r = block_section(b, z, d, i);
	return r < 0 ? r : decoder_step(d);
}

static bool is_short(const struct extent *e)
{
	return e->head.kind == BLOCK_SAMPLES && e->head.flags & BLOCK_IS_OPEN;
}

/* The short block that is behind sample number @end, as the last one before it, or .n. */
static size_t find_before(const struct extents *x, uint64_t end)
{
	size_t i = 0;

	while (i < x->n && !(is_short(&x->at[i]) && x->at[i].head.first + x->at[i].head.n == end))
		i++;
	return i;
}

static bool is_covered(const struct extents *x, const struct block_head *h)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct block_head *o = &x->at[i].head;

		if (o->kind == BLOCK_SAMPLES && o->n > h->n && o->first <= h->first &&
		    o->first + o->n >= h->first + h->n)
			return true;
	}
	return false;
}

/* Puts what @d has into the group. */
static int add_sample(struct group *g, struct zstd *z, struct decoder *d, struct store_time at)
{
	int r = 0;

	encoder_begin(&g->encoder);
	for (size_t i = 0; i < d->n_now && !r; i++) {
		struct store_message m;

		decoder_message(d, i, &m);
		r = encoder_put(&g->encoder, &m);
	}
	for (size_t i = 0; i < d->facts.n && !r; i++) {
		const struct fact *f = d->facts.fact[i];

		r = encoder_put_fact(&g->encoder, f->kind, sv_n(f->key, f->key_len), f->value);
	}
	return r < 0 ? r : group_add(g, z, at);
}

/* Adds the samples of the block from number @from of them on. */
static int load_block(const struct disk *disk, struct group *g, struct zstd *z, const struct extent *e,
		      size_t from)
{
	_cleanup_free_ struct store_time *t = calloc(e->head.n, sizeof(*t));
	struct decoder *d = calloc(1, sizeof(*d));
	struct block b = {};
	int r = t && d ? block_read(&b, disk->fd, e->offset, &e->head) : -ENOMEM;

	if (!r && !block_check_times(&b.head, b.bytes.p + BLOCK_HEAD, t))
		r = -EBADMSG;
	for (size_t i = 0; !r && i < e->head.n; i++) {
		r = block_step(&b, z, d, i);
		if (!r && i >= from)
			r = add_sample(g, z, d, t[i]);
	}
	if (d)
		decoder_done(d);
	free(d);
	block_done(&b);
	return r;
}

/* Where the short blocks begin that end with the last sample. */
static uint64_t find_first(const struct extents *x, uint64_t next)
{
	uint64_t first = next;
	size_t i;

	while ((i = find_before(x, first)) < x->n && !is_covered(x, &x->at[i].head))
		first = x->at[i].head.first;
	return first;
}

/* Makes free what a long block has, too: it was being released. */
static int release_covered(struct disk *disk, struct err *e)
{
	struct extents *x = &disk->extents;
	int r = 0;

	for (size_t i = x->n; i-- > 0 && !r;) {
		if (i < x->n && is_short(&x->at[i]) && is_covered(x, &x->at[i].head))
			r = disk_release(disk, x->at[i].head.first, x->at[i].head.n + 1, e);
	}
	return r;
}

int load_group(struct disk *disk, struct group *g, struct zstd *z, struct err *e)
{
	struct extents *x = &disk->extents;
	int r = release_covered(disk, e);
	uint64_t end = find_first(x, disk->next);

	g->first = end;
	while (!r && end < disk->next) {
		size_t i = 0;

		while (i < x->n && !(is_short(&x->at[i]) && x->at[i].head.first == end))
			i++;
		if (i == x->n)
			break;
		end += x->at[i].head.n;
		g->n_safe = 0; /* so that none of them is taken to begin a short block */
		r = load_block(disk, g, z, &x->at[i], 0);
		if (r == -EBADMSG) { /* go on behind it */
			group_clear(g);
			g->first = end;
			r = 0;
			continue;
		}
		g->n_safe = g->n;
		g->n_short++;
		g->short_bytes += x->at[i].head.length;
	}
	return r < 0 ? err_sys(e, r, "%s", disk->path) : 0;
}

/* Makes a block of the last @n samples of the extent @i take its place, if it has no more than @room bytes.
 * Returns 1 then, 0, or a negative errno. */
static int keep_last(struct disk *disk, struct zstd *z, size_t i, size_t n, uint64_t room, struct err *e)
{
	const struct extent x = disk->extents.at[i];
	struct group *g = calloc(1, sizeof(*g));
	struct block_head head;
	int r = g ? 0 : -ENOMEM;

	if (!r) {
		g->first = x.head.first + x.head.n - n;
		r = load_block(disk, g, z, &x, x.head.n - n);
	}
	if (!r)
		r = group_block(g, z, true, &head);
	if (!r && block_align(BLOCK_HEAD + g->times.len + g->body.len) <= room) {
		r = disk_replace(disk, i, &head, &g->times, &g->body, e);
		r = r < 0 ? r : 1;
	} else if (r == -ENOMEM) {
		(void)err_sys(e, r, "%s", disk->path);
	} else {
		r = 0; /* fewer may do, or it is damaged */
	}
	if (g)
		group_done(g);
	free(g);
	return r;
}

int load_shorten(struct disk *disk, struct zstd *z, struct err *e)
{
	struct extents *x = &disk->extents;
	int r = 0;

	disk->busy_from = disk->next;
	while (disk->keep_bytes && extents_end(x) > disk->keep_bytes) {
		size_t i = disk_oldest(disk);
		uint64_t excess = extents_end(x) - disk->keep_bytes, length;
		const struct block_head *h;

		if (i == x->n)
			break;
		h = &x->at[i].head;
		length = h->length;
		if (h->kind == BLOCK_SAMPLES && !(h->flags & BLOCK_IS_OPEN) && length > excess) {
			uint64_t room = length - excess;

			for (size_t n = (size_t)(h->n * room / length); !r && n; n = n * 3 / 4)
				r = keep_last(disk, z, i, n, room, e);
			return r < 0 ? r : disk_trim(disk, e);
		}
		r = disk_drop_oldest(disk, e);
		if (r < 0)
			return r;
	}
	return 0;
}
