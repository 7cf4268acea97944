/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What happens to TCP connections, as the BPF program events.bpf.c tells it.
 *
 * Events wait in a ring of fixed size until they are read; what finds it full is lost, and counted. They come
 * in the order in which they happened, those of one connection always.
 */

#include "source/events.h"

/* Begins. Returns 0 or a negative errno, when the kernel will not have it or lacks something. */
int bpf_events_open(const struct event_opts *o, struct events **ret, struct err *e);
