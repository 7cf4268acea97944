/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * How many sockets of a protocol there are, by /proc/net/protocols.
 */

#include <stdint.h>

/*
 * Sockets of the protocol called @name in this network namespace, or -1 when
 * the kernel does not say. @root is NULL for /proc.
 */
int64_t proc_protocol_sockets(const char *root, const char *name);
