/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "fleet/feed.h"

#include <errno.h>

#include "base/file.h"
#include "fleet/partial.h"

enum { BUFFER = 2 * PARTIAL_LINE_MAX };

void feed_done(struct feed *f)
{
	free(f->buf);
	*f = (struct feed){};
}

int feed_some(struct feed *f, struct merge *m, int fd, bool *ret_is_end, struct err *e)
{
	ssize_t got, taken;

	if (!f->buf)
		f->buf = malloc(BUFFER);
	if (!f->buf)
		return err_sys(e, -ENOMEM, "what hosts have answered");
	got = file_read_some(fd, f->buf + f->n, BUFFER - f->n);
	f->n += got > 0 ? (size_t)got : 0;
	taken = merge_bytes(m, sv_n(f->buf, f->n), got <= 0, e);
	if (taken < 0)
		return (int)taken;
	f->n -= (size_t)taken;
	memmove(f->buf, f->buf + taken, f->n);
	*ret_is_end = got <= 0;
	if (got <= 0)
		merge_end(m);
	if (got >= 0)
		return 0;
	(void)err_sys(e, (int)got, "cannot be read");
	return -EIO;
}
