/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Receiving ahead: the kernel fills a dump's buffers while it is asked for
 * them, so a thread of its own asks while the caller works on those before.
 *
 * The thread never waits for the kernel. It ends by itself when the kernel
 * has nothing more ready, at an error, and behind the end of a dump; the
 * caller then goes on with nl_receive() as if there had been none.
 */

#include <stddef.h>
#include <sys/types.h>

struct reader;

/*
 * One read of at most @cap bytes from the netlink socket @fd, with MSG_* in
 * @flags. Returns the number of bytes or a negative errno; -EMSGSIZE when the
 * message was longer and is lost.
 */
ssize_t nl_receive(int fd, void *buf, size_t cap, int flags);

/*
 * Starts reading @fd, which must stay open and be read by nobody else until
 * reader_stop(), into buffers of @cap bytes. NULL when it cannot be had or
 * there is no core for it.
 */
struct reader *reader_start(int fd, size_t cap);

/* Ends the thread, throwing away what it has read. NULL may be given, and is returned. */
struct reader *reader_stop(struct reader *r);

/*
 * The next buffer, valid until the next call. Returns 1 with *@ret_len what
 * nl_receive() returned for it, or 0 when the thread has ended and all was
 * handed out.
 */
int reader_next(struct reader *r, const char **ret, ssize_t *ret_len);
