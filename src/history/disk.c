/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "history/crc.h"

static int failed(const struct disk *d, int r, struct err *e)
{
	return err_sys(e, r, "writing to %s", d->path);
}

/* Readers that find something half done are to look again. */
static void begin_change(struct disk *d)
{
	if (!d->is_memory)
		turn_begin(&d->turn, d->fd);
}

static void end_change(struct disk *d)
{
	if (!d->is_memory)
		turn_end(&d->turn, d->fd);
}

static void end_changep(struct disk **d)
{
	end_change(*d);
}

/* A change that ends with the function. */
#define CHANGE(d) _cleanup_(end_changep) struct disk *change __attribute__((unused)) = (d)

static int write_all(struct disk *d, const void *from, size_t n, uint64_t offset)
{
	const uint8_t *p = from;

	begin_change(d);
	while (n) {
		ssize_t put = pwrite(d->fd, p, n, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		p += put;
		n -= (size_t)put;
		offset += (uint64_t)put;
	}
	return 0;
}

static int sync_data(const struct disk *d)
{
	while (!d->is_memory && fdatasync(d->fd) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int write_head(struct disk *d, uint64_t offset, const struct block_head *h)
{
	uint8_t bytes[BLOCK_HEAD];

	block_put_head(bytes, h);
	return write_all(d, bytes, sizeof(bytes), offset);
}

static int write_free(struct disk *d, uint64_t offset, uint64_t length)
{
	return write_head(d, offset, &(struct block_head){ .kind = BLOCK_FREE, .length = length });
}

/* Cuts off what is behind the last block. That it can fail does not matter: it is free. */
static void cut_file(struct disk *d)
{
	begin_change(d);
	if (ftruncate(d->fd, (off_t)extents_end(&d->extents)) < 0)
		return;
}

/* Cuts off what is free at the end. */
static void cut_end(struct disk *d)
{
	struct extents *x = &d->extents;
	size_t n = x->n;

	while (x->n && x->at[x->n - 1].head.kind == BLOCK_FREE)
		extents_remove(x, x->n - 1);
	if (x->n < n)
		cut_file(d);
}

/* Makes the extent @i free, and one with its neighbours. */
static int set_free(struct disk *d, size_t i)
{
	struct extents *x = &d->extents;
	int r = write_free(d, x->at[i].offset, x->at[i].head.length);

	if (r < 0)
		return r;
	x->at[i].head = (struct block_head){ .kind = BLOCK_FREE, .length = x->at[i].head.length };
	x->at[i].is_cut = false;
	if (i + 1 < x->n && x->at[i + 1].head.kind == BLOCK_FREE) {
		x->at[i].head.length += x->at[i + 1].head.length;
		extents_remove(x, i + 1);
	}
	if (i && x->at[i - 1].head.kind == BLOCK_FREE) {
		x->at[i - 1].head.length += x->at[i].head.length;
		extents_remove(x, i);
	}
	return 0;
}

size_t disk_oldest(const struct disk *d)
{
	const struct extents *x = &d->extents;
	size_t best = x->n;

	for (size_t i = 0; i < x->n; i++) {
		const struct extent *e = &x->at[i];

		if (e->head.kind == BLOCK_FREE ||
		    (e->head.kind == BLOCK_SAMPLES && e->head.first >= d->busy_from))
			continue;
		if (best == x->n || e->head.first + e->head.n < x->at[best].head.first + x->at[best].head.n)
			best = i;
	}
	return best;
}

static size_t find_room(const struct disk *d, uint64_t length)
{
	const struct extents *x = &d->extents;
	size_t i = 0;

	while (i < x->n && (x->at[i].head.kind != BLOCK_FREE || x->at[i].head.length < length))
		i++;
	return i;
}

/* Whether it would have room if all went that may: otherwise nothing is to go for it. */
static bool can_have_room(const struct disk *d, uint64_t length)
{
	const struct extents *x = &d->extents;
	uint64_t all = BLOCK_HEAD + length;

	for (size_t i = 0; i < x->n; i++)
		if (x->at[i].head.kind == BLOCK_SAMPLES && x->at[i].head.first >= d->busy_from)
			all += x->at[i].head.length;
	return all <= d->keep_bytes;
}

/* The free extent where a block of @length goes; .n: the end. */
static int make_room(struct disk *d, uint64_t length, size_t *ret)
{
	for (;;) {
		size_t i = find_room(d, length);
		int r;

		*ret = i;
		if (i < d->extents.n)
			return 0;
		cut_end(d);
		*ret = d->extents.n;
		if (!d->keep_bytes || extents_end(&d->extents) + length <= d->keep_bytes)
			return 0;
		i = can_have_room(d, length) ? disk_oldest(d) : d->extents.n;
		if (i == d->extents.n)
			return -EFBIG;
		r = set_free(d, i);
		if (r < 0)
			return r;
	}
}

/* Writes the block over what is free at @offset, @room bytes of it; its head last. */
static int put_block(struct disk *d, uint64_t offset, uint64_t room, const struct block_head *h,
		     const struct text *times, const struct text *body)
{
	static const uint8_t zeros[BLOCK_HEAD];
	uint64_t at = offset + BLOCK_HEAD, end = offset + h->length;
	int r = 0;

	if (room > h->length)
		r = write_free(d, end, room - h->length);
	if (!r)
		r = write_free(d, offset, room);
	if (!r)
		r = write_all(d, times->p, times->len, at);
	at += times->len;
	if (!r)
		r = write_all(d, body->p, body->len, at);
	at += body->len;
	if (!r)
		r = write_all(d, zeros, end - at, at);
	if (!r)
		r = write_head(d, offset, h);
	if (!r)
		end_change(d); /* the medium is slow, and none of a reader's */
	if (!r)
		r = sync_data(d);
	return r;
}

/* Tells the list of extents that a block is in the free one @i, or at the end. */
static int note_block(struct disk *d, size_t i, const struct block_head *h)
{
	struct extents *x = &d->extents;
	struct extent e = { .offset = i < x->n ? x->at[i].offset : extents_end(x), .head = *h };
	int r = extents_insert(x, i, &e);

	if (r < 0 || i + 1 == x->n)
		return r;
	x->at[i + 1].offset += h->length;
	x->at[i + 1].head.length -= h->length;
	if (!x->at[i + 1].head.length)
		extents_remove(x, i + 1);
	return 0;
}

int disk_write(struct disk *d, struct block_head *h, const struct text *times, const struct text *body,
	       struct err *e)
{
	CHANGE(d);
	uint64_t offset, room;
	size_t i;
	int r;

	h->kind = BLOCK_SAMPLES;
	h->flags |= block_endian();
	h->times_len = (uint32_t)times->len;
	h->times_crc = crc32c(0, times->p, times->len);
	h->body_len = (uint32_t)body->len;
	h->body_crc = crc32c(0, body->p, body->len);
	h->length = block_align(BLOCK_HEAD + times->len + body->len);
	r = make_room(d, h->length, &i);
	if (r == -EFBIG)
		return err_say(e, r, "%s: a sample has %llu bytes, more than are to be kept", d->path,
			       (unsigned long long)h->length);
	if (r < 0)
		return failed(d, r, e);
	offset = i < d->extents.n ? d->extents.at[i].offset : extents_end(&d->extents);
	room = i < d->extents.n ? d->extents.at[i].head.length : h->length;
	r = put_block(d, offset, room, h, times, body);
	if (!r)
		r = note_block(d, i, h);
	if (r < 0) {
		(void)write_free(d, offset, room);
		cut_file(d);
		return failed(d, r, e);
	}
	if (h->first + h->n > d->next)
		d->next = h->first + h->n;
	return 0;
}

/* Frees the extent *@i for who goes through them from the last on: with its neighbours it may become one. */
static int drop(struct disk *d, size_t *i, struct err *e)
{
	int r = set_free(d, *i);

	if (r < 0)
		return failed(d, r, e);
	if (*i > d->extents.n)
		*i = d->extents.n;
	return 0;
}

int disk_replace(struct disk *d, size_t i, struct block_head *h, const struct text *times,
		 const struct text *body, struct err *e)
{
	CHANGE(d);
	uint64_t keep_bytes = d->keep_bytes, offset = d->extents.at[i].offset;
	size_t k = 0;
	int r;

	d->keep_bytes = 0; /* there is more than that already */
	r = disk_write(d, h, times, body, e);
	d->keep_bytes = keep_bytes;
	if (r < 0)
		return r;
	while (d->extents.at[k].offset != offset)
		k++;
	r = set_free(d, k);
	return r < 0 ? failed(d, r, e) : disk_compact(d, e);
}

int disk_release(struct disk *d, uint64_t first, uint64_t n, struct err *e)
{
	CHANGE(d);
	struct extents *x = &d->extents;

	for (size_t i = x->n; i-- > 0;) {
		const struct block_head *h = &x->at[i].head;
		int r;

		if (h->kind != BLOCK_SAMPLES || !(h->flags & BLOCK_IS_OPEN) || h->n == n ||
		    h->first < first || h->first + h->n > first + n)
			continue;
		r = drop(d, &i, e);
		if (r < 0)
			return r;
	}
	cut_end(d);
	return 0;
}

int disk_drop_before(struct disk *d, uint64_t us, struct err *e)
{
	CHANGE(d);
	struct extents *x = &d->extents;

	for (size_t i = x->n; i-- > 0;) {
		const struct block_head *h = &x->at[i].head;
		int r;

		if (h->kind != BLOCK_SAMPLES || h->until_us >= us || h->first >= d->busy_from)
			continue;
		r = drop(d, &i, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Copies the last block into the free extent @to, and cuts it off at the end. */
static int move_last(struct disk *d, size_t to)
{
	struct extents *x = &d->extents;
	struct extent last = x->at[x->n - 1];
	uint64_t offset = x->at[to].offset, room = x->at[to].head.length;
	struct text nothing = {}, all = {};
	int r;

	if (!text_room(&all, last.head.length))
		return -ENOMEM;
	all.len = block_used(&last.head) - BLOCK_HEAD;
	r = pread_all(d->fd, all.p, all.len, last.offset + BLOCK_HEAD);
	if (!r)
		r = put_block(d, offset, room, &last.head, &nothing, &all);
	text_done(&all);
	if (r < 0)
		return r;
	extents_remove(x, x->n - 1);
	r = note_block(d, to, &last.head);
	cut_end(d);
	cut_file(d);
	return r;
}

int disk_compact(struct disk *d, struct err *e)
{
	CHANGE(d);
	struct extents *x = &d->extents;
	int r = 0;

	cut_end(d);
	while (!r && x->n && x->at[x->n - 1].head.kind == BLOCK_SAMPLES) {
		size_t to = find_room(d, x->at[x->n - 1].head.length);

		if (to == x->n)
			break;
		r = move_last(d, to);
	}
	return r < 0 ? failed(d, r, e) : 0;
}

/* A name in a directory is on the medium when the directory is. */
static void sync_directory(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0)
		(void)fsync(fd);
}

int disk_begin(struct disk *d, uint64_t now_us, struct err *e)
{
	CHANGE(d);
	uint8_t head[BLOCK_HEAD];
	struct stat st;
	int r;

	if (fstat(d->fd, &st) < 0)
		return failed(d, -errno, e);
	if (st.st_size)
		return 0;
	block_put_file_head(head, now_us);
	r = write_all(d, head, sizeof(head), 0);
	if (r < 0) {
		/* An empty file is a recording that may begin; one with half a head is none. */
		(void)!ftruncate(d->fd, 0);
		return failed(d, r, e);
	}
	if (!d->is_memory)
		sync_directory(d->path);
	return 0;
}

/* Frees what the last one to write was at when it ended, tells what is damaged, and counts. */
static int look_through(struct disk *d, bool has_no_head, struct notes *notes)
{
	struct extents *x = &d->extents;
	uint8_t head[BLOCK_HEAD];
	int r = 0;

	for (size_t i = x->n; i-- > 0 && !r;) {
		const struct extent *e = &x->at[i];

		if (e->head.kind != BLOCK_FREE && e->head.n && e->head.first + e->head.n > d->next)
			d->next = e->head.first + e->head.n;
		if (e->head.kind != BLOCK_DAMAGED)
			continue;
		if (notes)
			notes_add(notes, NOTE_WARNING, "%s: %llu bytes from offset %llu on are damaged",
				  d->path, (unsigned long long)e->head.length, (unsigned long long)e->offset);
		if (e->is_cut || e->head.length < BLOCK_HEAD) {
			extents_remove(x, i); /* it is the last one, and nobody can read it */
			cut_file(d);
		} else {
			x->at[i].head.length = block_align(e->head.length);
		}
	}
	cut_end(d);
	if (has_no_head) {
		block_put_file_head(head, 0);
		r = write_all(d, head, sizeof(head), 0);
	}
	return r;
}

int disk_drop_oldest(struct disk *d, struct err *e)
{
	CHANGE(d);
	int r = set_free(d, disk_oldest(d));

	return r < 0 ? failed(d, r, e) : disk_compact(d, e);
}

int disk_trim(struct disk *d, struct err *e)
{
	int r = 0;

	d->busy_from = d->next;
	while (!r && d->keep_bytes && extents_end(&d->extents) > d->keep_bytes &&
	       disk_oldest(d) < d->extents.n)
		r = disk_drop_oldest(d, e);
	return r;
}

static int open_file(struct disk *d, const char *path, struct err *e)
{
	struct stat st;

	d->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
	if (d->fd < 0 && errno == ELOOP)
		return err_say(e, -ELOOP,
			       "%s: this is a symbolic link, and a recording is never written through one",
			       path);
	if (d->fd < 0)
		return err_sys(e, -errno, "%s", path);
	if (fstat(d->fd, &st) < 0)
		return err_sys(e, -errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_say(e, -EBADMSG, "%s: a recording is a regular file", path);
	if (flock(d->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return err_say(e, -EBUSY, "%s: another program is recording to it", path);
		return err_sys(e, -errno, "%s", path);
	}
	d->path = strdup(path);
	if (!d->path)
		return err_sys(e, -ENOMEM, "%s", path);
	return st.st_size > 0;
}

int disk_open(struct disk *d, const char *path, uint64_t keep_bytes, struct notes *notes, struct err *e)
{
	CHANGE(d);
	bool has_no_head = false;
	int r;

	*d = (struct disk){ .fd = -1, .keep_bytes = keep_bytes };
	r = open_file(d, path, e);
	if (r >= 0)
		begin_change(d); /* so that a turn is told from now on */
	if (r > 0) {
		r = extents_scan(d->fd, path, &d->extents, &has_no_head, e);
		if (!r) {
			r = look_through(d, has_no_head, notes);
			r = r < 0 ? failed(d, r, e) : 0;
		}
	}
	if (r < 0)
		disk_done(d);
	return r < 0 ? r : 0;
}

int disk_open_memory(struct disk *d, uint64_t keep_bytes, struct err *e)
{
	*d = (struct disk){ .fd = memfd_create("recording", MFD_CLOEXEC),
			    .keep_bytes = keep_bytes,
			    .is_memory = true };
	if (d->fd < 0)
		return err_sys(e, -errno, "memory for a recording");
	d->path = strdup("memory");
	if (d->path)
		return 0;
	disk_done(d);
	return err_sys(e, -ENOMEM, "memory for a recording");
}

void disk_done(struct disk *d)
{
	if (d->fd >= 0)
		(void)close(d->fd);
	free(d->path);
	extents_done(&d->extents);
	*d = (struct disk){ .fd = -1 };
}
