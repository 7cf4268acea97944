/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "history/load.h"
#include "history/writer.h"

enum {
	SYNC_US = 5000000,
	LONG_SAMPLES = 64,          /* a long block has so many, */
	LONG_BYTES = 256 << 10,     /* and so many bytes, as far as can be said before it is packed; */
	PACKED = 4,                 /* by how much packing makes differences shorter */
	LONG_RAW = 8 << 20,         /* or so many before that; */
	SHORT_BYTES_MAX = 32 << 20, /* or so many in short ones, */
	KEEP_PARTS = 8,             /* or this part of what is kept in all */
	UNSAFE_MAX = 64 << 20,      /* what may wait for a medium that is full */
	SHORT_MAX = 8,              /* so many short blocks become one where they should be fewer, */
	SHORT_PARTS = 4,            /* as when they have so many times its size */
};

static struct store_writer *writer_free(struct store_writer *w)
{
	group_done(&w->group);
	disk_done(&w->disk);
	if (w->zstd)
		(void)zstd_free(w->zstd);
	free(w);
	return NULL;
}

DEFINE_CLEANUP(struct store_writer, writer_free)

/* NULL: *@ret_error tells why, with detail. */
static struct store_writer *new_writer(const struct store_opts *o, int *ret_error, struct err *e)
{
	_cleanup_(writer_freep) struct store_writer *w = calloc(1, sizeof(*w));

	if (!w) {
		*ret_error = err_sys(e, -ENOMEM, "the recording");
		return NULL;
	}
	w->disk.fd = -1;
	w->o = *o;
	if (!w->o.sync_us)
		w->o.sync_us = SYNC_US;
	*ret_error = zstd_new(&w->zstd, e);
	return *ret_error < 0 ? NULL : take_ptr(w);
}

int store_write(const char *path, const struct store_opts *o, struct store_writer **ret, struct err *e)
{
	int r;
	_cleanup_(writer_freep) struct store_writer *w = new_writer(o, &r, e);

	if (!w)
		return r;
	r = disk_open(&w->disk, path, o->keep_bytes, o->notes, e);
	if (!r)
		r = load_shorten(&w->disk, w->zstd, e);
	if (!r)
		r = load_group(&w->disk, &w->group, w->zstd, e);
	if (r < 0)
		return r;
	w->disk.busy_from = w->group.first;
	*ret = take_ptr(w);
	return 0;
}

int store_write_memory(const struct store_opts *o, struct store_writer **ret, struct err *e)
{
	int r;
	_cleanup_(writer_freep) struct store_writer *w = new_writer(o, &r, e);

	if (!w)
		return r;
	r = disk_open_memory(&w->disk, o->keep_bytes, e);
	if (r < 0)
		return r;
	w->o.sync_us = UINT64_MAX; /* there is nothing that a short block would be safe from */
	*ret = take_ptr(w);
	return 0;
}

uint64_t store_held_since(const struct store_writer *w)
{
	uint64_t since = w->group.n ? w->group.time[0].wall_us : UINT64_MAX;

	for (size_t i = 0; i < w->disk.extents.n; i++) {
		const struct block_head *h = &w->disk.extents.at[i].head;

		if (h->kind == BLOCK_SAMPLES && h->from_us < since)
			since = h->from_us;
	}
	return since == UINT64_MAX ? 0 : since;
}

/* Gives up making a long block of what there is: the short ones stand alone as well. */
static void end_group(struct store_writer *w)
{
	group_clear(&w->group);
	w->disk.busy_from = w->group.first;
}

static int write_block(struct store_writer *w, bool is_all, struct err *e)
{
	struct group *g = &w->group;
	struct block_head head;
	int r = group_block(g, w->zstd, is_all, &head);

	if (r < 0)
		return err_sys(e, r, "%s", w->disk.path);
	r = disk_write(&w->disk, &head, &g->times, &g->body, e);
	if (r == -EFBIG && g->n_short) {
		/* Short blocks are in the way: the oldest of them may go, as those of other groups. */
		if (g->n_safe == g->n) {
			end_group(w);
			return 0;
		}
		w->disk.busy_from = g->first + g->n_safe;
		r = group_block(g, w->zstd, false, &head);
		r = r < 0 ? err_sys(e, r, "%s", w->disk.path)
			  : disk_write(&w->disk, &head, &g->times, &g->body, e);
		is_all = true;
	}
	text_done(&g->body);
	if (r < 0)
		return r;
	g->n_safe = g->n;
	g->n_short++;
	g->short_bytes += head.length;
	if (is_all) {
		if (head.n == g->n)
			r = disk_release(&w->disk, g->first, g->n, e);
		end_group(w);
	}
	return r;
}

/* All samples as one block, unless they are that. */
static int write_long(struct store_writer *w, struct err *e)
{
	if (w->group.n_safe < w->group.n || w->group.n_short > 1)
		return write_block(w, true, e);
	end_group(w);
	return 0;
}

/* What a block of all samples would have, before it is packed about. */
static uint64_t packed_size(const struct group *g)
{
	return g->first_base.bytes.len + section_size(&g->delta) / PACKED;
}

static bool is_long(const struct store_writer *w)
{
	const struct group *g = &w->group;
	uint64_t packed = packed_size(g);

	if (g->n >= BLOCK_SAMPLES_MAX || section_size(&g->delta) >= LONG_RAW ||
	    g->short_bytes >= SHORT_BYTES_MAX)
		return true;
	if (w->o.keep_bytes && (packed + g->short_bytes) > w->o.keep_bytes / KEEP_PARTS)
		return true;
	if (w->o.keep_us && g->time[g->n - 1].wall_us - g->time[0].wall_us > w->o.keep_us / KEEP_PARTS)
		return true;
	return g->n >= LONG_SAMPLES && packed >= LONG_BYTES;
}

/*
 * Who takes one sample and goes leaves a short block, and the next one has to read them all in order to go
 * on. So a few become one, which is called short as well, as it will be part of the long one.
 */
static int gather_short(struct store_writer *w, struct err *e)
{
	struct group *g = &w->group;
	struct block_head head;
	int r;

	if (g->n_short < SHORT_MAX)
		return 0;
	r = group_block(g, w->zstd, true, &head);
	if (r < 0)
		return err_sys(e, r, "%s", w->disk.path);
	head.flags |= BLOCK_IS_OPEN;
	r = disk_write(&w->disk, &head, &g->times, &g->body, e);
	if (r == -EFBIG)
		return 0;
	if (r < 0)
		return r;
	g->n_safe = g->n;
	g->n_short = 1;
	g->short_bytes = head.length;
	return disk_release(&w->disk, g->first, g->n, e);
}

/* Each short block has a sample as a whole: so that they do not take much more than a long one, they become
 * one. */
static int write_short(struct store_writer *w, struct err *e)
{
	const struct group *g = &w->group;
	int r = write_block(w, false, e);

	if (r < 0 || g->n_short < SHORT_MAX || g->short_bytes < SHORT_PARTS * packed_size(g))
		return r;
	return gather_short(w, e);
}

/* Whether the next sample would be too late for what is not on the medium yet. */
static bool is_due(const struct store_writer *w)
{
	const struct group *g = &w->group;
	uint64_t step = w->at.monotonic_us - w->last.monotonic_us;
	uint64_t waited = w->at.monotonic_us - g->time[g->n_safe].monotonic_us;

	return w->n_own == 1 || waited > w->o.sync_us || step > w->o.sync_us - waited;
}

int store_begin(struct store_writer *w, struct store_time at, struct err *e)
{
	struct group *g = &w->group;

	w->is_in_sample = false;
	if (g->n >= BLOCK_SAMPLES_MAX || section_size(&g->delta) > UNSAFE_MAX) {
		int r = write_long(w, e);

		if (r < 0)
			return err_context(e, r, "too much waits to be written");
	}
	encoder_begin(&g->encoder);
	w->at = at;
	w->is_in_sample = true;
	return 0;
}

int store_put(struct store_writer *w, const struct store_message *m)
{
	return w->is_in_sample ? encoder_put(&w->group.encoder, m) : -EINVAL;
}

int store_put_fact(struct store_writer *w, uint8_t kind, struct sv key, struct sv value)
{
	return w->is_in_sample ? encoder_put_fact(&w->group.encoder, kind, key, value) : -EINVAL;
}

static int drop_old(struct store_writer *w, struct err *e)
{
	if (!w->o.keep_us || w->at.wall_us < w->o.keep_us)
		return 0;
	return disk_drop_before(&w->disk, w->at.wall_us - w->o.keep_us, e);
}

int store_end(struct store_writer *w, struct err *e)
{
	int r;

	if (!w->is_in_sample)
		return err_say(e, -EINVAL, "there is no sample to end");
	w->is_in_sample = false;
	r = disk_begin(&w->disk, w->at.wall_us, e);
	if (r < 0)
		return r;
	r = group_add(&w->group, w->zstd, w->at);
	if (r < 0) {
		w->disk.busy_from = w->group.first;
		return err_sys(e, r, "%s: a sample", w->disk.path);
	}
	w->n_own++;
	r = drop_old(w, e);
	if (!r && is_long(w))
		r = write_long(w, e);
	else if (!r && is_due(w))
		r = write_short(w, e);
	w->last = w->at;
	return r;
}

int store_sync(struct store_writer *w, struct err *e)
{
	return w->group.n_safe < w->group.n ? write_block(w, false, e) : 0;
}

int store_close(struct store_writer *w, struct err *e)
{
	int r = 0;

	if (w->group.n && w->n_own > 1)
		r = write_long(w, e);
	if (!r)
		r = store_sync(w, e);
	if (!r && w->n_own == 1 && w->group.n_short >= SHORT_MAX)
		r = gather_short(w, e);
	if (!r && w->n_own)
		r = disk_compact(&w->disk, e);
	(void)writer_free(w);
	return r;
}
