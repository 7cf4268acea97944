/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Buffered writing to a file descriptor that remembers the first error.
 */

#include <stdbool.h>
#include <stddef.h>

struct out {
	int fd;    /* -1: everything is kept */
	int error; /* 0, or the negative errno of the first write that failed; nothing is written after it */
	size_t len, cap;
	char *buf;
};

/* Makes @o write to @fd, which stays the caller's. Returns 0 or -ENOMEM. */
int out_init(struct out *o, int fd);

/* Makes @o keep all that is written in .buf, .len bytes, until out_done(). Returns 0 or -ENOMEM. */
int out_init_memory(struct out *o);

/* Forgets what @o, which keeps it, was given. */
void out_clear(struct out *o);

/* Flushes and frees the buffer; the descriptor stays open. Returns out_flush()'s answer. */
int out_done(struct out *o);

/* Writes what is buffered. Returns 0 or the first write error, a negative errno. */
int out_flush(struct out *o);

void out_write(struct out *o, const void *p, size_t len);

/* Room for @n bytes at the end of the buffer, NULL without memory; commit what was used with out_commit(). */
char *out_reserve(struct out *o, size_t n);

static inline void out_commit(struct out *o, size_t n)
{
	o->len += n;
}
