/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The source of recorded messages: netlink messages of this machine's byte
 * order end to end, each dump's sockets followed by NLMSG_DONE, as -D writes
 * them. All dumps in the file come, in any states and families; it is read
 * in fixed memory and once, so it may be a pipe.
 */

#include "source/source.h"

/*
 * Opens the recording at @path. Returns 0 and a source to close in *@ret, or a negative errno.
 *
 * Its next() fails with -EBADMSG, after all that was good, where the file is cut (also between two
 * messages: a dump must end with NLMSG_DONE), is not made of messages about sockets, or holds an error of the
 * kernel; the detail names file and offset.
 */
int file_open(const char *path, struct source **ret, struct err *e);

/* The same on an open file; @name is for messages. Takes @fd, also when it fails. */
int file_open_fd(int fd, const char *name, struct source **ret, struct err *e);
