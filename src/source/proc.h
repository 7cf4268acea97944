/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The source for a kernel without sock_diag: the text files under /proc/net.
 *
 * Each line becomes the message that sock_diag would have sent for its socket,
 * so far as the file tells. What it does not tell is an attribute that is not
 * there, or in a fixed header the value that means "unknown" (cookie, netlink
 * type and state); only the device of an inet socket and the queue limit of
 * a listening one have no such value and are 0. What only the file tells is in
 * attributes of our own (K_*_X_PROC, kernel/abi.h).
 *
 * Rows come in the order of the file, unix sockets sorted by type and inode in
 * runs of a fixed number of rows; memory does not depend on their number.
 */

#include "model/field.h"
#include "source/source.h"

/* What replaces the files; each may be NULL. A file named here wins over root. */
struct proc_paths {
	const char *root; /* instead of /proc */
	const char *tcp, *tcp6, *udp, *udp6, *raw, *raw6, *unix_, *packet, *netlink;
};

/*
 * Opens the file that holds the table of @d (its .af and .origin.protocol choose it). Of inet and unix
 * sockets only those in one of the states @d->states will come.
 * Returns 0 and a source to close in *@ret; -EOPNOTSUPP when no such file exists on any kernel; -ENODATA when
 * this one has none in its folder, and so no such sockets; or what opening the file failed with.
 */
int proc_open(const struct proc_paths *paths, const struct dump *d, struct source **ret, struct err *e);

/* The same on an open file; @name is for messages. Takes @fd, also when it fails. */
int proc_open_fd(int fd, const char *name, const struct dump *d, struct source **ret, struct err *e);

/*
 * Whether the file that holds the table of @d tells the field @f, of some of its sockets at least; true of
 * what no answer to @d has.
 */
bool proc_tells(const struct dump *d, enum field_id f);
