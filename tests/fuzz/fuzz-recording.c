/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Bytes as a recording. Sums are made right, as whoever makes up a recording would; then the raw sections,
 * which a fuzzer would not find behind zstd's frames, are what it says they are: the first byte decides.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "history/block.h"
#include "history/crc.h"
#include "history/decode.h"
#include "history/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MAX_HERE = 1 << 20 };

static void use(const void *p, size_t n)
{
	uint8_t all = 0;

	for (size_t i = 0; i < n; i++)
		all ^= ((const uint8_t *)p)[i];
	__asm__ volatile("" : : "r"(all)); /* so that it has to be read */
}

static void use_message(const struct store_message *m)
{
	if (m->msg->nlmsg_len < NLMSG_HDRLEN)
		abort();
	use(m->msg, m->msg->nlmsg_len);
}

/* Two sections, of which the first has @first bytes, and a few samples of them. */
static void decode(const uint8_t *data, size_t size, size_t first)
{
	static struct decoder d;

	decoder_reset(&d);
	if (first > size)
		first = size;
	for (size_t i = 0; i < 20; i++) {
		struct store_message m;

		if (i < 2 && decoder_section(&d, i ? data + first : data, i ? size - first : first) < 0)
			return;
		if (decoder_step(&d) < 0)
			return;
		for (size_t k = 0; k < d.n_now; k++) {
			decoder_message(&d, k, &m);
			use_message(&m);
		}
	}
}

static void read_all(const char *path)
{
	struct store_reader *r = NULL;

	if (store_open(path, &r, NULL) < 0)
		return;
	for (size_t i = 0; i < store_n_samples(r) && i < 10000; i++) {
		struct store_message m;
		struct sv key, value;
		size_t at = 0;

		(void)store_time_of(r, i);
		if (store_seek(r, i, NULL) < 0)
			continue;
		while (store_next(r, &at, &m))
			use_message(&m);
		for (at = 0; store_next_fact(r, 1, &at, &key, &value);)
			use(value.p, value.len);
	}
	(void)store_reader_free(r);
}

/* Makes the sums of the blocks right that lie one behind the other. */
static void make_sums(uint8_t *p, size_t size)
{
	struct block_head h;

	block_sum_file_head(p);
	for (size_t at = BLOCK_HEAD; size - at >= BLOCK_HEAD; at += h.length) {
		block_sum_head(p + at);
		if (!block_get_head(p + at, &h) || h.length > size - at)
			return;
		if (h.kind != BLOCK_SAMPLES)
			continue;
		h.times_crc = crc32c(0, p + at + BLOCK_HEAD, h.times_len);
		h.body_crc = crc32c(0, p + at + BLOCK_HEAD + h.times_len, h.body_len);
		block_put_head(p + at, &h);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static uint8_t buf[SIZE_MAX_HERE];
	static char path[64];

	if (size < 4 || size > sizeof(buf))
		return 0;
	if (data[0] != 0x89) {
		decode(data + 3, size - 3, (size_t)data[1] | (size_t)data[2] << 8);
		return 0;
	}
	if (fd < 0) {
		fd = memfd_create("recording", MFD_CLOEXEC);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	memcpy(buf, data, size);
	if (size >= BLOCK_HEAD)
		make_sums(buf, size);
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, buf, size, 0) != (ssize_t)size)
		abort();
	read_all(path);
	return 0;
}
