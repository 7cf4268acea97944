/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "base/cleanup.h"

enum { CHUNK = 4096 };

int file_open_at(int dir, const char *path, int flags)
{
	int fd;

	do
		fd = openat(dir, path, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

ssize_t file_read_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int file_read(const char *path, size_t max, struct text *ret)
{
	_cleanup_close_ int fd = file_open_at(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t got = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		char *d = text_room(ret, CHUNK);
		ssize_t n;

		if (!d)
			return -ENOMEM;
		n = file_read_some(fd, d, CHUNK);
		if (n <= 0)
			return (int)n;
		if ((size_t)n > max - got) {
			ret->len += max - got;
			return -EFBIG;
		}
		got += (size_t)n;
		ret->len += (size_t)n;
	}
}

int file_read_proc(const char *root, const char *rel, const char *instead, struct text *ret)
{
	struct text path = {};
	int r;

	if (instead)
		return file_read(instead, FILE_PROC_MAX, ret);
	text_str(&path, root ? root : "/proc");
	text_char(&path, '/');
	text_put(&path, rel, strlen(rel) + 1);
	if (path.failed)
		text_fail(ret);
	r = path.failed ? -ENOMEM : file_read(path.p, FILE_PROC_MAX, ret);
	text_done(&path);
	return r;
}

void file_put_mount_path(struct text *t, struct sv field)
{
	for (size_t i = 0; i < field.len; i++) {
		unsigned int v = 0;
		size_t k = 0;

		while (field.p[i] == '\\' && k < 3 && i + 1 + k < field.len && field.p[i + 1 + k] >= '0' &&
		       field.p[i + 1 + k] <= '7')
			v = v * 8 + (unsigned int)(field.p[i + 1 + k++] - '0');
		if (k == 3 && v <= UCHAR_MAX) {
			text_char(t, (char)v);
			i += 3;
		} else {
			text_char(t, field.p[i]);
		}
	}
}
