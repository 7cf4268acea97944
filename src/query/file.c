/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Files with filter expressions. */

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "query/filter.h"

enum { FILE_MAX = 16 << 20 };

static int read_all(int fd, struct text *ret)
{
	for (;;) {
		char *room = text_room(ret, 65536);
		ssize_t n;

		if (!room)
			return -ENOMEM;
		n = read(fd, room, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		ret->len += (size_t)n;
		if (ret->len > FILE_MAX)
			return -EFBIG;
	}
}

int filter_file_read(const char *path, struct text *ret, struct err *e)
{
	_cleanup_close_ int fd = -1;
	int in = STDIN_FILENO, r;

	if (strcmp(path, "-") != 0) {
		in = fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return err_sys(e, -errno, "opening filter file %s", path);
	}
	r = read_all(in, ret);
	return r ? err_sys(e, r, "reading filter file %s", path) : 0;
}
