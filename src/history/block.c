/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/block.h"

#include <endian.h>
#include <errno.h>

#include "history/crc.h"

static const uint8_t file_magic[8] = { 0x89, 's', 's', 'r', 'e', 'c', '\r', '\n' };
static const uint8_t block_magic[4] = { 'S', 'S', 'b', '1' };

enum {
	AT_VERSION = 8,
	AT_ENDIAN = 10,
	AT_WORD = 11,
	AT_CREATED = 16,
	AT_KIND = 4,
	AT_FLAGS = 5,
	AT_LENGTH = 8,
	AT_FIRST = 16,
	AT_FROM = 24,
	AT_UNTIL = 32,
	AT_N = 40,
	AT_BODY_LEN = 44,
	AT_BODY_CRC = 48,
	AT_TIMES_LEN = 52,
	AT_TIMES_CRC = 56,
	AT_CRC = 60,
};

static void put32(uint8_t *to, uint32_t v)
{
	v = htole32(v);
	memcpy(to, &v, sizeof(v));
}

static void put64(uint8_t *to, uint64_t v)
{
	v = htole64(v);
	memcpy(to, &v, sizeof(v));
}

static uint32_t get32(const uint8_t *from)
{
	uint32_t v;

	memcpy(&v, from, sizeof(v));
	return le32toh(v);
}

static uint64_t get64(const uint8_t *from)
{
	uint64_t v;

	memcpy(&v, from, sizeof(v));
	return le64toh(v);
}

uint8_t block_endian(void)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? BLOCK_IS_BIG_ENDIAN : 0;
}

static uint8_t endian_of_file(void)
{
	return block_endian() ? 2 : 1;
}

void block_put_file_head(uint8_t to[BLOCK_HEAD], uint64_t created_us)
{
	memset(to, 0, BLOCK_HEAD);
	memcpy(to, file_magic, sizeof(file_magic));
	to[AT_VERSION] = BLOCK_VERSION;
	to[AT_ENDIAN] = endian_of_file();
	to[AT_WORD] = sizeof(long);
	put64(to + AT_CREATED, created_us);
	block_sum_file_head(to);
}

void block_sum_file_head(uint8_t head[BLOCK_HEAD])
{
	put32(head + AT_CRC, crc32c(0, head, AT_CRC));
}

void block_sum_head(uint8_t head[BLOCK_HEAD])
{
	put32(head + AT_CRC, crc32c(0, head, AT_CRC));
}

int block_check_file_head(const uint8_t from[BLOCK_HEAD], const char *path, struct err *e)
{
	unsigned int version = from[AT_VERSION] | (unsigned int)from[AT_VERSION + 1] << 8;

	if (memcmp(from, file_magic, sizeof(file_magic)) != 0 ||
	    get32(from + AT_CRC) != crc32c(0, from, AT_CRC))
		return 1;
	if (version > BLOCK_VERSION)
		return err_say(e, -EBADMSG,
			       "%s: this recording has format %u; this program reads up to format %d", path,
			       version, BLOCK_VERSION);
	if (from[AT_ENDIAN] != endian_of_file())
		return err_say(e, -EBADMSG,
			       "%s: it was recorded on a %s endian machine, and can be read on such a one",
			       path, from[AT_ENDIAN] == 2 ? "big" : "little");
	return 0;
}

void block_put_head(uint8_t to[BLOCK_HEAD], const struct block_head *h)
{
	memset(to, 0, BLOCK_HEAD);
	memcpy(to, block_magic, sizeof(block_magic));
	to[AT_KIND] = (uint8_t)h->kind;
	to[AT_FLAGS] = h->flags;
	put64(to + AT_LENGTH, h->length);
	put64(to + AT_FIRST, h->first);
	put64(to + AT_FROM, h->from_us);
	put64(to + AT_UNTIL, h->until_us);
	put32(to + AT_N, h->n);
	put32(to + AT_BODY_LEN, h->body_len);
	put32(to + AT_BODY_CRC, h->body_crc);
	put32(to + AT_TIMES_LEN, h->times_len);
	put32(to + AT_TIMES_CRC, h->times_crc);
	put32(to + AT_CRC, crc32c(0, to, AT_CRC));
}

static bool is_possible(const struct block_head *h)
{
	if (h->length < BLOCK_HEAD || h->length % BLOCK_HEAD || h->length > INT64_MAX / 2)
		return false;
	if (h->kind == BLOCK_FREE)
		return true;
	return h->kind == BLOCK_SAMPLES && h->n >= 1 && h->n <= BLOCK_SAMPLES_MAX &&
	       h->first <= UINT64_MAX - h->n && h->body_len >= BLOCK_BODY_HEAD &&
	       h->times_len <= h->n * 2u * VARINT_MAX &&
	       h->length == block_align(BLOCK_HEAD + (uint64_t)h->times_len + h->body_len);
}

bool block_get_head(const uint8_t from[BLOCK_HEAD], struct block_head *ret)
{
	if (memcmp(from, block_magic, sizeof(block_magic)) != 0 ||
	    get32(from + AT_CRC) != crc32c(0, from, AT_CRC))
		return false;
	*ret = (struct block_head){
		.kind = from[AT_KIND],
		.flags = from[AT_FLAGS],
		.length = get64(from + AT_LENGTH),
		.first = get64(from + AT_FIRST),
		.from_us = get64(from + AT_FROM),
		.until_us = get64(from + AT_UNTIL),
		.n = get32(from + AT_N),
		.body_len = get32(from + AT_BODY_LEN),
		.body_crc = get32(from + AT_BODY_CRC),
		.times_len = get32(from + AT_TIMES_LEN),
		.times_crc = get32(from + AT_TIMES_CRC),
	};
	return is_possible(ret);
}

void block_put_times(struct text *to, const struct store_time *t, size_t n)
{
	struct store_time last = {}, step = {};

	for (size_t i = 0; i < n; i++) {
		struct store_time now = { t[i].wall_us - last.wall_us,
					  t[i].monotonic_us - last.monotonic_us };

		varint_put(to, zigzag64(now.wall_us - step.wall_us));
		varint_put(to, zigzag64(now.monotonic_us - step.monotonic_us));
		last = t[i];
		step = now;
	}
}

bool block_get_times(struct cursor c, struct store_time *ret, size_t n)
{
	struct store_time last = {}, step = {};

	for (size_t i = 0; i < n; i++) {
		step.wall_us += unzigzag64(varint_get(&c));
		step.monotonic_us += unzigzag64(varint_get(&c));
		last.wall_us += step.wall_us;
		last.monotonic_us += step.monotonic_us;
		ret[i] = last;
	}
	return !c.is_bad;
}
