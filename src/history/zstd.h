/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Packing and unpacking with zstd's library, which is looked for when a recording is opened: nothing else
 * needs it.
 */

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/text.h"

struct zstd;

/* Returns 0; or -ENOSYS with what to install, or -ENOMEM. */
int zstd_new(struct zstd **ret, struct err *e);
struct zstd *zstd_free(struct zstd *z);

/* Begins a frame that is appended to @to; adds a piece to it; ends it. They return 0, -ENOMEM or -EIO. */
int zstd_begin(struct zstd *z, struct text *to);
int zstd_add(struct zstd *z, const void *p, size_t n);
int zstd_end(struct zstd *z);

/* Unpacks a frame into exactly @len bytes at @to. Returns 0, -EBADMSG or -ENOMEM. */
int zstd_unpack(struct zstd *z, const void *frame, size_t n, void *to, size_t len);

DEFINE_CLEANUP(struct zstd, zstd_free)
