/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Working ahead: a thread of its own fills buffers while the caller works on
 * those filled before.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ahead;

/*
 * Fills @buf of @cap bytes, in the thread. Returns the number of bytes or a negative errno, which is handed
 * on as it is; *@ret_is_last when there is nothing behind it. With -EAGAIN nothing is handed on, and it is
 * the end.
 */
typedef ssize_t ahead_fill(void *ctx, char *buf, size_t cap, bool *ret_is_last);

/*
 * Starts filling buffers of @cap bytes. Until ahead_stop() only the thread may use @ctx. NULL when it cannot
 * be had or there is no core for it.
 */
struct ahead *ahead_start(ahead_fill *fill, void *ctx, size_t cap);

/* Ends the thread, throwing away what it has filled. NULL may be given, and is returned. */
struct ahead *ahead_stop(struct ahead *a);

/*
 * The next buffer, valid until the next call. Returns 1 with *@ret_len what the filling returned, or 0 when
 * the thread has ended and all was handed out.
 */
int ahead_next(struct ahead *a, const char **ret, ssize_t *ret_len);
