/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The kernel's own answer to a dump, over sock_diag.
 */

#include "nl/nl.h"
#include "source/source.h"

/*
 * Asks the kernel for @d on @nl, a NETLINK_SOCK_DIAG socket, which is borrowed
 * and must not be asked anything else until the source is at its end.
 * Returns 0 or a negative errno.
 */
int live_open(struct nl *nl, const struct dump *d, struct source **ret, struct err *e);
