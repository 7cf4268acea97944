/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Reading small files as a whole, and those of /proc that the environment may
 * move elsewhere.
 */

#include <stddef.h>

#include "base/text.h"

/*
 * Appends the contents of the file @path to @ret.
 * Returns 0, -EFBIG when there are more than @max bytes (@ret then holds the
 * first @max), -ENOMEM, or the error of opening or reading.
 */
int file_read(const char *path, size_t max, struct text *ret);

/*
 * The same for the file @rel of the proc file system mounted at @root (NULL:
 * /proc), or for @instead when that is not NULL.
 */
int file_read_proc(const char *root, const char *rel, const char *instead, struct text *ret);
