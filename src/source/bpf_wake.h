/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A BPF program that tells when TCP sockets begin, end, or change their state.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct bpf_wake;

/* Of those in the network namespace with the inode number @netns. Returns 0 or a negative errno. */
int bpf_wake_open(uint32_t netns, struct bpf_wake **ret, struct err *e);
struct bpf_wake *bpf_wake_close(struct bpf_wake *w);

DEFINE_CLEANUP(struct bpf_wake, bpf_wake_close)

/* A descriptor that can be read from when something has changed since bpf_wake_calm(). */
int bpf_wake_fd(const struct bpf_wake *w);
void bpf_wake_calm(struct bpf_wake *w);
