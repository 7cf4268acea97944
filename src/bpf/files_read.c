/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "bpf/files_read.h"

#include <errno.h>
#include <unistd.h>

int files_read(struct bpf_load *l, const char *name, int (*take)(void *ctx), void *ctx, struct err *e)
{
	_cleanup_close_ int fd = bpf_load_iterate(l, name, 0, e);
	int r = fd < 0 ? fd : -EAGAIN;
	char c;

	if (fd < 0)
		return fd;
	while (r == -EAGAIN || r == -EINTR) {
		r = read(fd, &c, 1) < 0 ? -errno : 0;
		if (r < 0 && r != -EAGAIN && r != -EINTR)
			return err_sys(e, r, "reading descriptor tables");
		if (take(ctx) < 0)
			return err_sys(e, -ENOMEM, "reading descriptor tables");
	}
	return 0;
}
