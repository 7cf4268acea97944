/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "history/writer.h"

/*
 * Blocks are copied as they are, but for the numbers of their samples: those of the file go on from what it
 * had before. The difference stays the same, so that a long block takes the place of the short ones that
 * were copied before with the same samples.
 */
struct store_copy {
	struct disk disk;
	char *path;
	struct store_opts o;
	uint64_t shift; /* from numbers in memory to those in the file, modulo 2^64 */
	uint64_t done;  /* the file has what comes before this number, in memory's */
	bool is_begun;  /* both are known */
};

struct store_copy *store_copy_free(struct store_copy *c)
{
	if (!c)
		return NULL;
	disk_done(&c->disk);
	free(c->path);
	free(c);
	return NULL;
}

static int open_file(struct store_copy *c, struct err *e)
{
	int r;

	c->is_begun = false;
	r = disk_open(&c->disk, c->path, c->o.keep_bytes, c->o.notes, e);
	return r < 0 ? r : disk_trim(&c->disk, e);
}

int store_copy_new(const char *path, const struct store_opts *o, struct store_copy **ret, struct err *e)
{
	_cleanup_(store_copy_freep) struct store_copy *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return err_sys(e, -ENOMEM, "%s", path);
	c->disk.fd = -1;
	c->o = *o;
	c->path = strdup(path);
	if (!c->path)
		return err_sys(e, -ENOMEM, "%s", path);
	r = open_file(c, e);
	if (r < 0)
		return r;
	*ret = take_ptr(c);
	return 0;
}

static bool is_moved(const struct store_copy *c)
{
	struct stat at_path, own;

	if (c->disk.fd < 0 || fstat(c->disk.fd, &own) < 0 || lstat(c->path, &at_path) < 0)
		return true;
	return at_path.st_dev != own.st_dev || at_path.st_ino != own.st_ino;
}

struct order {
	uint64_t first;
	uint32_t n;
	size_t extent;
};

static int compare(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->first != y->first)
		return (x->first > y->first) - (x->first < y->first);
	return (x->n < y->n) - (x->n > y->n);
}

/* The blocks of @x by their first sample, the longest first. Returns how many. */
static size_t sort_blocks(const struct extents *x, struct order *o)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		if (x->at[i].head.kind == BLOCK_SAMPLES)
			o[n++] = (struct order){ x->at[i].head.first, x->at[i].head.n, i };
	qsort(o, n, sizeof(*o), compare);
	return n;
}

static int read_part(const struct disk *d, uint64_t offset, size_t n, struct text *ret)
{
	ret->len = 0;
	if (!text_room(ret, n))
		return -ENOMEM;
	ret->len = n;
	return pread_all(d->fd, ret->p, n, offset);
}

static int copy_block(struct store_copy *c, const struct disk *from, const struct extent *x, struct err *e)
{
	struct block_head head = x->head;
	struct text times = {}, body = {};
	int r = read_part(from, x->offset + BLOCK_HEAD, head.times_len, &times);

	if (!r)
		r = read_part(from, x->offset + BLOCK_HEAD + head.times_len, head.body_len, &body);
	if (r < 0)
		(void)err_sys(e, r, "%s", from->path);
	head.first += c->shift;
	c->disk.busy_from = head.first;
	if (!r)
		r = disk_write(&c->disk, &head, &times, &body, e);
	if (!r)
		r = disk_release(&c->disk, head.first, head.n, e);
	text_done(&times);
	text_done(&body);
	return r;
}

static int copy_blocks(struct store_copy *c, const struct disk *from, size_t *ret_n, struct err *e)
{
	_cleanup_free_ struct order *o = calloc(from->extents.n + 1, sizeof(*o));
	size_t n = o ? sort_blocks(&from->extents, o) : 0;

	if (!o)
		return err_sys(e, -ENOMEM, "%s", c->path);
	if (!c->is_begun && n) {
		c->done = o[0].first;
		c->shift = c->disk.next - c->done;
		c->is_begun = true;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t end = o[i].first + o[i].n, before = o[i].first > c->done ? o[i].first : c->done;
		int r = end > c->done ? copy_block(c, from, &from->extents.at[o[i].extent], e) : 0;

		if (r < 0)
			return r;
		*ret_n += end > before ? (size_t)(end - before) : 0;
		c->done = end > c->done ? end : c->done;
	}
	return 0;
}

int store_copy(struct store_copy *c, struct store_writer *w, size_t *ret_n, struct err *e)
{
	int r = 0;

	*ret_n = 0;
	if (is_moved(c)) {
		disk_done(&c->disk);
		r = open_file(c, e);
	}
	if (!r)
		r = store_sync(w, e);
	if (!r)
		r = disk_begin(&c->disk, w->last.wall_us, e);
	if (!r)
		r = copy_blocks(c, &w->disk, ret_n, e);
	if (!r && c->o.keep_us && w->last.wall_us > c->o.keep_us)
		r = disk_drop_before(&c->disk, w->last.wall_us - c->o.keep_us, e);
	return r < 0 ? r : disk_compact(&c->disk, e);
}
