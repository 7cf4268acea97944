/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a recording is made of. All numbers here are little endian; the messages are bytes as the kernel gave
 * them, and words of them as the recording machine reads words.
 *
 * The file begins with 64 bytes:
 *
 *   0   8  "\211ssrec\r\n"
 *   8   2  version of the format: 1
 *   10  1  the machine's order of bytes: 1 little endian, 2 big endian
 *   11  1  bytes of its words: 4 or 8
 *   16  8  when it was created: microseconds since 1970
 *   60  4  CRC-32C of the 60 bytes before; what is not named is 0
 *
 * Blocks follow, one after the other, each at a multiple of 64 bytes and so long. Its head is 64 bytes:
 *
 *   0   4  "SSb1"
 *   4   1  1: samples, 2: free, what is in it means nothing and will be overwritten
 *   5   1  flags: 1 a longer block with the same samples may follow, 2 of a big endian machine
 *   8   8  its length with the head, a multiple of 64
 *   16  8  number of its first sample; samples are counted from 0 and no number is given twice
 *   24  8  earliest and
 *   32  8  latest time of its samples: microseconds since 1970
 *   40  4  samples
 *   44  4  bytes of the body
 *   48  4  CRC-32C of the body
 *   52  4  bytes of the times
 *   56  4  CRC-32C of the times
 *   60  4  CRC-32C of the 60 bytes before
 *
 * Then come the times, then the body, then zeros. A block stands alone: it is read without any other. Where
 * two have a sample of the same number, it is the same sample.
 *
 * Times are varints (history/varint.h), two a sample, zigzag: how the step of its wall clock, in
 * microseconds, differs from the step before (from 0 at first, when the clock begins at 0); the same of its
 * monotonic clock.
 *
 * The body is four numbers of 4 bytes, and two frames of zstd: bytes of the first frame, what it unpacks to,
 * the same of the second. The first is a section (history/section.h) of the first sample, as differences to
 * nothing; the second one of the others, each as differences to the one before; it is empty where there is
 * none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "history/store.h"
#include "history/varint.h"

enum {
	BLOCK_HEAD = 64, /* bytes, and what each block is aligned to */
	BLOCK_VERSION = 1,
	BLOCK_SAMPLES_MAX = 4096,
	BLOCK_BODY_HEAD = 16,
};

enum block_kind {
	BLOCK_DAMAGED, /* never written: a stretch that is no block */
	BLOCK_SAMPLES,
	BLOCK_FREE,
};

enum {
	BLOCK_IS_OPEN = 1,
	BLOCK_IS_BIG_ENDIAN = 2,
};

struct block_head {
	enum block_kind kind;
	uint8_t flags;
	uint64_t length;
	uint64_t first;
	uint64_t from_us, until_us;
	uint32_t n;
	uint32_t body_len, body_crc;
	uint32_t times_len, times_crc;
};

static inline uint64_t block_align(uint64_t n)
{
	return (n + BLOCK_HEAD - 1) & ~(uint64_t)(BLOCK_HEAD - 1);
}

/* Bytes of a block of samples before the zeros at its end. */
static inline uint64_t block_used(const struct block_head *h)
{
	return BLOCK_HEAD + (uint64_t)h->times_len + h->body_len;
}

/* The flag of blocks of the machine we run on. */
uint8_t block_endian(void);

void block_put_file_head(uint8_t to[BLOCK_HEAD], uint64_t created_us);

/* Make the sum of the head of a file, or of a block, right. */
void block_sum_file_head(uint8_t head[BLOCK_HEAD]);
void block_sum_head(uint8_t head[BLOCK_HEAD]);

/* Whether @from begins a recording that can be read here. Returns 0, or -EBADMSG with the reason in @e; 1
 * when it is damaged. */
int block_check_file_head(const uint8_t from[BLOCK_HEAD], const char *path, struct err *e);

void block_put_head(uint8_t to[BLOCK_HEAD], const struct block_head *h);

/* False when it is none, or says what cannot be. */
bool block_get_head(const uint8_t from[BLOCK_HEAD], struct block_head *ret);

/* The times of @n samples, and back. False when they are damaged. */
void block_put_times(struct text *to, const struct store_time *t, size_t n);
bool block_get_times(struct cursor c, struct store_time *ret, size_t n);
