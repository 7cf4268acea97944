/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The ends of TCP connections, as the kernel announces them to whoever asks: only the close, and of it
 * neither who it was of nor when that began. For when there can be no BPF program.
 */

#include "source/events.h"

/* Begins, in the network namespace of this thread. Returns 0 or a negative errno. */
int announced_open(const struct event_opts *o, struct events **ret, struct err *e);
