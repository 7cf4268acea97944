/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { OUT_CAP = 128 * 1024 };

int out_init(struct out *o, int fd)
{
	*o = (struct out){ .fd = fd, .cap = OUT_CAP, .buf = malloc(OUT_CAP) };
	return o->buf ? 0 : -ENOMEM;
}

int out_init_memory(struct out *o)
{
	return out_init(o, -1);
}

void out_clear(struct out *o)
{
	o->len = 0;
	o->error = 0;
}

/* Makes room for @n more bytes where they are kept. */
static bool grow(struct out *o, size_t n)
{
	size_t cap = o->cap;
	char *buf;

	while (cap - o->len < n)
		cap *= 2;
	buf = cap > o->cap ? realloc(o->buf, cap) : o->buf;
	if (!buf) {
		o->error = -ENOMEM;
		return false;
	}
	o->buf = buf;
	o->cap = cap;
	return true;
}

/* Whoever shares the pipe or terminal may have made it one that does not wait; this is who waits then. */
static bool is_full(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return errno == EAGAIN && (poll(&p, 1, -1) > 0 || errno == EINTR);
}

static void write_all(struct out *o, const char *p, size_t len)
{
	while (len && !o->error) {
		ssize_t n = write(o->fd, p, len);

		if (n < 0 && (errno == EINTR || is_full(o->fd)))
			continue;
		if (n < 0) {
			o->error = -errno;
			return;
		}
		p += n;
		len -= (size_t)n;
	}
}

int out_flush(struct out *o)
{
	if (o->fd < 0)
		return o->error;
	write_all(o, o->buf, o->len);
	o->len = 0;
	return o->error;
}

int out_done(struct out *o)
{
	int r = out_flush(o);

	free(o->buf);
	o->buf = NULL;
	return r;
}

void out_write(struct out *o, const void *p, size_t len)
{
	if (o->fd < 0 && !grow(o, len))
		return;
	if (len > o->cap - o->len) {
		(void)out_flush(o);
		if (len > o->cap) {
			write_all(o, p, len);
			return;
		}
	}
	if (len)
		memcpy(o->buf + o->len, p, len);
	o->len += len;
}

char *out_reserve(struct out *o, size_t n)
{
	if (o->fd < 0)
		return grow(o, n) ? o->buf + o->len : NULL;
	if (n > o->cap - o->len)
		(void)out_flush(o);
	if (n > o->cap) {
		char *buf = realloc(o->buf, n);

		if (!buf)
			return NULL;
		o->buf = buf;
		o->cap = n;
	}
	return o->buf + o->len;
}
