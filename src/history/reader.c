/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "history/load.h"
#include "history/store.h"

enum { DAMAGES_MAX = 10000, NONE = -1 };

/* Samples that follow each other and are read from one block. */
struct range {
	size_t block; /* in .extents */
	size_t from;  /* index there of the first */
	size_t n;
	size_t before; /* samples of ranges before */
};

/* The times of the block that was asked last. */
struct times {
	size_t block;
	struct store_time *at;
};

struct store_reader {
	int fd;
	char *path;
	struct zstd *zstd;
	struct extents extents;
	size_t *sample_block; /* the blocks with samples, by their first sample, the longest first */
	size_t n_sample_blocks;
	struct range *range;
	size_t n_ranges, n_samples;
	struct store_damage *damage;
	size_t n_damages, cap_damages;
	struct times *times;
	struct block block;
	size_t loaded; /* in .extents; NONE: none */
	size_t at;     /* index of the sample in the block that is decoded */
	size_t broken; /* in .extents, the last one found damaged; NONE: none */
	struct decoder decoder;
};

static void add_damage(struct store_reader *r, const struct extent *x, const char *why)
{
	struct store_damage d = { x->head.from_us, x->head.until_us, x->offset, x->head.length, why };

	for (size_t i = 0; i < r->n_damages; i++)
		if (r->damage[i].offset == d.offset)
			return;
	if (r->n_damages == DAMAGES_MAX)
		return;
	if (r->n_damages == r->cap_damages) {
		size_t cap = r->cap_damages ? 2 * r->cap_damages : 8;
		struct store_damage *p = realloc(r->damage, cap * sizeof(*p));

		if (!p)
			return; /* it is told less of, and nothing else */
		r->damage = p;
		r->cap_damages = cap;
	}
	r->damage[r->n_damages++] = d;
}

struct order {
	uint64_t first;
	uint32_t n;
	size_t block;
};

static int compare(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->first != y->first)
		return (x->first > y->first) - (x->first < y->first);
	return (x->n < y->n) - (x->n > y->n);
}

/* Decides from which block each sample is read: from the longest that has it. */
static int choose(struct store_reader *r)
{
	const struct extents *x = &r->extents;
	_cleanup_free_ struct order *o = calloc(x->n + 1, sizeof(*o));
	uint64_t next = 0;
	size_t n = 0;

	free(r->range);
	free(r->sample_block);
	r->n_ranges = r->n_samples = r->n_sample_blocks = 0;
	r->range = calloc(x->n + 1, sizeof(*r->range));
	r->sample_block = calloc(x->n + 1, sizeof(*r->sample_block));
	if (!o || !r->range || !r->sample_block)
		return -ENOMEM;
	for (size_t i = 0; i < x->n; i++) {
		if (x->at[i].head.kind == BLOCK_SAMPLES)
			o[n++] = (struct order){ x->at[i].head.first, x->at[i].head.n, i };
		else if (x->at[i].head.kind == BLOCK_DAMAGED)
			add_damage(r, &x->at[i],
				   x->at[i].is_cut ? "its end is missing" : "this is not a block");
	}
	qsort(o, n, sizeof(*o), compare);
	for (size_t i = 0; i < n; i++) {
		uint64_t from = o[i].first > next ? o[i].first : next, end = o[i].first + o[i].n;

		r->sample_block[r->n_sample_blocks++] = o[i].block;
		if (end <= from)
			continue;
		r->range[r->n_ranges++] = (struct range){ .block = o[i].block,
							  .from = (size_t)(from - o[i].first),
							  .n = (size_t)(end - from),
							  .before = r->n_samples };
		r->n_samples += (size_t)(end - from);
		next = end;
	}
	return 0;
}

static void forget_block(struct store_reader *r)
{
	r->loaded = (size_t)NONE;
	block_done(&r->block);
	decoder_reset(&r->decoder);
}

int store_refresh(struct store_reader *r, struct err *e)
{
	bool has_no_head = false;
	int k;

	forget_block(r);
	r->broken = (size_t)NONE;
	r->times->block = (size_t)NONE;
	r->n_damages = 0;
	extents_done(&r->extents);
	k = extents_scan_beside(r->fd, r->path, &r->extents, &has_no_head, e);
	if (k < 0) {
		r->n_ranges = r->n_samples = r->n_sample_blocks = 0;
		return k;
	}
	if (has_no_head)
		add_damage(r, &(struct extent){ .head.length = BLOCK_HEAD }, "the head of the file");
	k = choose(r);
	return k < 0 ? err_sys(e, k, "%s", r->path) : 0;
}

int store_open(const char *path, struct store_reader **ret, struct err *e)
{
	_cleanup_(store_reader_freep) struct store_reader *r = calloc(1, sizeof(*r));
	int k;

	if (!r)
		return err_sys(e, -ENOMEM, "%s", path);
	r->loaded = (size_t)NONE;
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (r->fd < 0)
		return err_sys(e, -errno, "%s", path);
	r->path = strdup(path);
	r->times = calloc(1, sizeof(*r->times));
	if (!r->path || !r->times)
		return err_sys(e, -ENOMEM, "%s", path);
	k = zstd_new(&r->zstd, e);
	if (!k)
		k = store_refresh(r, e);
	if (k < 0)
		return k;
	*ret = take_ptr(r);
	return 0;
}

struct store_reader *store_reader_free(struct store_reader *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	block_done(&r->block);
	decoder_done(&r->decoder);
	extents_done(&r->extents);
	if (r->zstd)
		(void)zstd_free(r->zstd);
	if (r->times)
		free(r->times->at);
	free(r->times);
	free(r->path);
	free(r->range);
	free(r->sample_block);
	free(r->damage);
	free(r);
	return NULL;
}

size_t store_n_samples(const struct store_reader *r)
{
	return r->n_samples;
}

size_t store_n_damages(const struct store_reader *r)
{
	return r->n_damages;
}

const struct store_damage *store_damage_of(const struct store_reader *r, size_t i)
{
	return &r->damage[i];
}

static const struct range *range_of(const struct store_reader *r, size_t i)
{
	size_t low = 0, high = r->n_ranges;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (r->range[middle].before <= i)
			low = middle;
		else
			high = middle;
	}
	return &r->range[low];
}

static uint64_t first_number(const struct store_reader *r, const struct range *range)
{
	return r->extents.at[range->block].head.first + range->from;
}

uint64_t store_number_of(const struct store_reader *r, size_t i)
{
	const struct range *range = range_of(r, i);

	return first_number(r, range) + i - range->before;
}

size_t store_find_number(const struct store_reader *r, uint64_t number)
{
	for (size_t k = 0; k < r->n_ranges; k++) {
		const struct range *range = &r->range[k];
		uint64_t first = first_number(r, range);

		if (number < first + range->n)
			return range->before + (number > first ? (size_t)(number - first) : 0);
	}
	return r->n_samples;
}

/* Where its times are damaged, the samples of a block are evenly between the first and the last. */
static void make_up(const struct block_head *h, struct store_time *t)
{
	for (uint32_t i = 0; i < h->n; i++)
		t[i] = (struct store_time){ .wall_us = h->from_us + (h->until_us - h->from_us) / h->n * i };
}

static const struct store_time *load_times(const struct store_reader *r, size_t block)
{
	const struct extent *x = &r->extents.at[block];
	struct text bytes = {};
	struct store_time *t;

	if (r->times->block == block && r->times->at)
		return r->times->at;
	t = calloc(x->head.n, sizeof(*t));
	if (!t)
		return NULL;
	if (!text_room(&bytes, x->head.times_len + 1) ||
	    pread_all(r->fd, bytes.p, x->head.times_len, x->offset + BLOCK_HEAD) < 0 ||
	    !block_check_times(&x->head, bytes.p, t))
		make_up(&x->head, t);
	text_done(&bytes);
	free(r->times->at);
	*r->times = (struct times){ block, t };
	return t;
}

struct store_time store_time_of(const struct store_reader *r, size_t i)
{
	const struct range *range = range_of(r, i);
	const struct store_time *t = load_times(r, range->block);

	if (!t)
		return (struct store_time){ .wall_us = r->extents.at[range->block].head.from_us };
	return t[range->from + i - range->before];
}

/* Decodes the sample @i of @block. */
static int seek_in(struct store_reader *r, size_t block, size_t i)
{
	const struct extent *x = &r->extents.at[block];
	size_t next = 0;
	int k = 0;

	if (r->loaded == block && r->at == i)
		return 0;
	if (r->broken == block)
		return -EBADMSG;
	if (r->loaded == block && r->at < i) {
		next = r->at + 1;
	} else if (r->loaded != block) {
		forget_block(r);
		k = block_read(&r->block, r->fd, x->offset, &x->head);
	}
	for (; !k && next <= i; next++)
		k = block_step(&r->block, r->zstd, &r->decoder, next);
	if (k < 0) {
		forget_block(r);
		r->broken = k == -EBADMSG ? block : r->broken;
		return k;
	}
	r->loaded = block;
	r->at = i;
	return 0;
}

/* The sample @i of @range from another block, where there is one: a short one that is not overwritten yet. */
static int seek_elsewhere(struct store_reader *r, const struct range *range, size_t i)
{
	uint64_t number = r->extents.at[range->block].head.first + i;

	for (size_t k = 0; k < r->n_sample_blocks; k++) {
		size_t block = r->sample_block[k];
		const struct block_head *h = &r->extents.at[block].head;

		if (h->first > number)
			break;
		if (block != range->block && h->first + h->n > number &&
		    !seek_in(r, block, (size_t)(number - h->first)))
			return 0;
	}
	return -EBADMSG;
}

int store_seek(struct store_reader *r, size_t i, struct err *e)
{
	const struct range *range;
	const struct extent *x;
	int k;

	if (i >= r->n_samples)
		return err_say(e, -ERANGE, "%s: there is no such sample", r->path);
	range = range_of(r, i);
	x = &r->extents.at[range->block];
	k = seek_in(r, range->block, range->from + i - range->before);
	if (k == -EBADMSG) {
		add_damage(r, x, "what it holds is not what was written");
		k = seek_elsewhere(r, range, range->from + i - range->before);
	}
	if (k == -EBADMSG)
		return err_say(e, k, "%s: damaged: %llu bytes from offset %llu on", r->path,
			       (unsigned long long)x->head.length, (unsigned long long)x->offset);
	if (k == -ESTALE)
		return err_say(e, k, "%s: this sample has been dropped meanwhile", r->path);
	return k < 0 ? err_sys(e, k, "%s", r->path) : 0;
}

int store_look(const struct store_reader *r, size_t *at, struct store_message *ret)
{
	if (r->loaded == (size_t)NONE || *at >= r->decoder.n_now)
		return 0;
	decoder_look(&r->decoder, (*at)++, ret);
	return 1;
}

int store_next(struct store_reader *r, size_t *at, struct store_message *ret)
{
	if (r->loaded == (size_t)NONE || *at >= r->decoder.n_now)
		return 0;
	decoder_message(&r->decoder, (*at)++, ret);
	return 1;
}

struct sv store_fact(const struct store_reader *r, uint8_t kind, struct sv key)
{
	const struct fact *f =
		r->loaded == (size_t)NONE ? NULL : fact_table_find(&r->decoder.facts, kind, key);

	return f ? f->value : (struct sv){};
}

int store_next_fact(const struct store_reader *r, uint8_t kind, size_t *at, struct sv *ret_key,
		    struct sv *ret_value)
{
	const struct fact_table *f = &r->decoder.facts;

	if (r->loaded == (size_t)NONE)
		return 0;
	while (*at < f->n) {
		const struct fact *fact = f->fact[(*at)++];

		if (fact->kind != kind)
			continue;
		*ret_key = sv_n(fact->key, fact->key_len);
		*ret_value = fact->value;
		return 1;
	}
	return 0;
}
