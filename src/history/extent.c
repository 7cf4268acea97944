/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/extent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "history/crc.h"
#include "history/turn.h"

enum {
	TRIES = 200,     /* to find the file as it was at one moment: */
	AT_ONCE = 5,     /* these one after the other, */
	PAUSE_US = 5000, /* and then after a while */
	STEP = 256 << 10,
	HEADLESS = 16 << 20, /* how much of a file that does not begin as a recording is looked through for
				blocks */
	CHECKS = 4,          /* so many times its size is read to find out which blocks are whole, */
	CHECKED = 64 << 20,  /* and so many bytes of a small one: heads may say that their blocks overlap */
};

void extents_done(struct extents *x)
{
	free(x->at);
	*x = (struct extents){};
}

int extents_insert(struct extents *x, size_t i, const struct extent *e)
{
	if (x->n == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 64;
		struct extent *p = realloc(x->at, cap * sizeof(*p));

		if (!p)
			return -ENOMEM;
		x->at = p;
		x->cap = cap;
	}
	memmove(x->at + i + 1, x->at + i, (x->n - i) * sizeof(*x->at));
	x->at[i] = *e;
	x->n++;
	return 0;
}

void extents_remove(struct extents *x, size_t i)
{
	memmove(x->at + i, x->at + i + 1, (x->n - i - 1) * sizeof(*x->at));
	x->n--;
}

int pread_all(int fd, void *to, size_t n, uint64_t offset)
{
	uint8_t *p = to;

	while (n) {
		ssize_t got = pread(fd, p, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return -ENODATA;
		p += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

/* A file that is being looked through. */
struct scan {
	int fd;
	uint64_t size;
	uint64_t limit;  /* where looking for a block ends */
	uint64_t budget; /* bytes that may still be read of blocks */
	uint8_t *buf;
};

/* Whether the block at @offset is whole. */
static int is_whole(struct scan *s, uint64_t offset, const struct block_head *h)
{
	uint64_t at = offset + BLOCK_HEAD + h->times_len, left = h->body_len;
	uint32_t crc = 0;

	if (block_used(h) > s->size - offset || left > s->budget)
		return 0;
	s->budget -= left;
	while (left) {
		size_t n = left < STEP ? (size_t)left : STEP;
		int r = pread_all(s->fd, s->buf + STEP, n, at);

		if (r < 0)
			return r;
		crc = crc32c(crc, s->buf + STEP, n);
		at += n;
		left -= n;
	}
	return crc == h->body_crc;
}

/*
 * Finds the next block from *offset on, or the end of the file. What is free has heads in it of what was
 * there once: only a block that is whole is taken to be one.
 */
static int find_block(struct scan *s, uint64_t *offset)
{
	while (s->limit > *offset && s->limit - *offset >= BLOCK_HEAD) {
		struct block_head head;
		uint64_t n = s->limit - *offset;
		int r;

		n = n < STEP ? n & ~(uint64_t)(BLOCK_HEAD - 1) : STEP;
		r = pread_all(s->fd, s->buf, n, *offset);
		if (r < 0)
			return r;
		for (uint64_t at = 0; at < n; at += BLOCK_HEAD) {
			if (!block_get_head(s->buf + at, &head) || head.kind != BLOCK_SAMPLES)
				continue;
			r = is_whole(s, *offset + at, &head);
			if (r > 0)
				*offset += at;
			if (r)
				return r < 0 ? r : 0;
		}
		*offset += n;
	}
	*offset = s->size;
	return 0;
}

/* Looks at what is at *offset, and goes behind it. */
static int take(struct scan *s, struct extents *x, uint64_t *offset)
{
	struct extent e = { .offset = *offset };
	uint8_t head[BLOCK_HEAD];
	uint64_t left = s->size - *offset, until = *offset;
	int r = left < BLOCK_HEAD ? -ENODATA : pread_all(s->fd, head, sizeof(head), *offset);

	if (r < 0 && r != -ENODATA)
		return r;
	if (!r && block_get_head(head, &e.head)) {
		if (e.head.kind == BLOCK_SAMPLES && block_used(&e.head) > left) {
			e.head.kind = BLOCK_DAMAGED;
			e.is_cut = true;
		}
		if (e.head.kind != BLOCK_SAMPLES && e.head.length > left)
			e.head.length = left;
		*offset += e.head.length;
		return extents_insert(x, x->n, &e);
	}
	e.head = (struct block_head){};
	if (left > BLOCK_HEAD) {
		until += BLOCK_HEAD;
		r = find_block(s, &until);
		if (r < 0)
			return r;
	} else {
		until = s->size;
	}
	e.head.length = until - *offset;
	*offset = until;
	return extents_insert(x, x->n, &e);
}

static bool has_samples(const struct extents *x)
{
	size_t i = 0;

	while (i < x->n && x->at[i].head.kind != BLOCK_SAMPLES)
		i++;
	return i < x->n;
}

static int scan(struct scan *s, const char *path, struct extents *ret, bool *ret_damaged, struct err *e)
{
	uint8_t head[BLOCK_HEAD] = {};
	uint64_t offset = BLOCK_HEAD;
	int r = pread_all(s->fd, head, s->size < sizeof(head) ? s->size : sizeof(head), 0);

	if (!r)
		r = block_check_file_head(head, path, e);
	if (r < 0)
		return r == -EBADMSG ? r : err_sys(e, r, "%s", path);
	*ret_damaged = r > 0;
	s->limit = r > 0 && s->size > HEADLESS ? HEADLESS : s->size;
	r = 0;
	while (!r && offset < s->size)
		r = take(s, ret, &offset);
	if (!r && *ret_damaged && !has_samples(ret))
		return err_say(e, -EBADMSG, "%s: this is not a recording", path);
	return r < 0 ? err_sys(e, r, "%s", path) : 0;
}

int extents_scan(int fd, const char *path, struct extents *ret, bool *ret_damaged, struct err *e)
{
	_cleanup_free_ uint8_t *buf = malloc(2 * (size_t)STEP);
	struct scan s = { .fd = fd, .buf = buf };
	struct stat st;
	int r;

	if (!buf)
		return err_sys(e, -ENOMEM, "%s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, -errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_say(e, -EBADMSG, "%s: a recording is a regular file", path);
	s.size = (uint64_t)st.st_size;
	s.budget = CHECKS * s.size + CHECKED;
	if (!s.size)
		return err_say(e, -EBADMSG, "%s: this recording is empty", path);
	r = scan(&s, path, ret, ret_damaged, e);
	if (r < 0)
		extents_done(ret);
	return r;
}

/* A sum of what could not be read. */
static uint32_t sum_of_damage(const struct extents *x)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < x->n; i++) {
		const uint64_t place[] = { x->at[i].offset, x->at[i].head.length };

		if (x->at[i].head.kind == BLOCK_DAMAGED)
			sum = crc32c(~sum, place, sizeof(place));
	}
	return sum;
}

/* Whether it is as it was at one moment: nobody wrote meanwhile. Of a writer that does not tell, what is
 * damaged twice in the same way counts. */
static bool is_steady(int64_t before, int64_t after, uint32_t damage, uint32_t damage_before)
{
	if (before || after)
		return before == after && !(before & 1);
	return !damage || damage == damage_before;
}

/* A writer that stands still in the middle of a block is not waited for: what it began is left out then. */
int extents_scan_beside(int fd, const char *path, struct extents *ret, bool *ret_damaged, struct err *e)
{
	uint32_t damage = 0, damage_before;
	int r = 0;

	for (int i = 0; i < TRIES; i++) {
		int64_t before;

		if (i >= AT_ONCE)
			(void)usleep(PAUSE_US);
		before = turn_of(fd);
		damage_before = damage;
		*ret_damaged = false;
		extents_done(ret);
		r = extents_scan(fd, path, ret, ret_damaged, e);
		if (r < 0 && r != -ENODATA && r != -EBADMSG)
			return r;
		damage = r < 0 ? (uint32_t)-r : sum_of_damage(ret);
		if (is_steady(before, turn_of(fd), damage, damage_before))
			return r;
	}
	while (r >= 0 && ret->n && ret->at[ret->n - 1].is_cut)
		extents_remove(ret, ret->n - 1);
	return r;
}
