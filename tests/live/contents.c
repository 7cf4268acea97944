/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: contents RECORDING
 *
 * Writes all that a recording has, byte by byte: keys and messages, keys and values of facts.
 */

#include <stdio.h>
#include <stdlib.h>

#include "history/store.h"

static void put(const void *p, size_t n)
{
	if (n && fwrite(p, 1, n, stdout) != n)
		exit(EXIT_FAILURE);
}

static void put_sample(struct store_reader *r)
{
	struct store_message m;
	struct sv key, value;
	size_t at = 0;

	while (store_next(r, &at, &m) > 0) {
		put(&m.key, sizeof(m.key));
		put(m.msg, m.msg->nlmsg_len);
	}
	for (int kind = 0; kind < 256; kind++) {
		at = 0;
		while (store_next_fact(r, (uint8_t)kind, &at, &key, &value) > 0) {
			put(key.p, key.len);
			put(value.p, value.len);
			put("\n", 1);
		}
	}
}

int main(int argc, char **argv)
{
	struct store_reader *r;
	struct err e = {};

	if (argc != 2 || store_open(argv[1], &r, &e) < 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < store_n_samples(r); i++) {
		if (store_seek(r, i, &e) < 0)
			return EXIT_FAILURE;
		put_sample(r);
	}
	(void)store_reader_free(r);
	return fflush(stdout) ? EXIT_FAILURE : 0;
}
