/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Reading small files as a whole, and those of /proc that the environment may
 * move elsewhere.
 */

#include <stddef.h>
#include <sys/types.h>

#include "base/sv.h"
#include "base/text.h"

/* openat(), again when a signal interrupted it. Returns a descriptor or a negative errno. */
int file_open_at(int dir, const char *path, int flags);

/* read(), again when a signal interrupted it. Returns how many bytes, or a negative errno. */
ssize_t file_read_some(int fd, void *buf, size_t len);

/*
 * Appends the contents of the file @path to @ret.
 * Returns 0, -EFBIG when there are more than @max bytes (@ret then holds the
 * first @max), -ENOMEM, or the error of opening or reading.
 */
int file_read(const char *path, size_t max, struct text *ret);

/*
 * As long as a file of /proc may be: a table of as many mounts as the kernel allows has some 30 MB. It is a
 * guard against what does not end, so where it is met there is an error to tell.
 */
enum { FILE_PROC_MAX = 64 << 20 };

/*
 * The same, up to FILE_PROC_MAX bytes, for the file @rel of the proc file system mounted at @root (NULL:
 * /proc), or for @instead when that is not NULL.
 */
int file_read_proc(const char *root, const char *rel, const char *instead, struct text *ret);

/*
 * Appends the path that a field of a mount table stands for: there blanks, tabs, line feeds and backslashes
 * are \ and three octal digits. Nothing but a blank ends a field.
 */
void file_put_mount_path(struct text *t, struct sv field);
