/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the BPF program wake.bpf.c and its reader have in common.
 */

#include <stdint.h>

struct wake_shared {
	uint32_t netns;   /* the inode number of the only network namespace that counts */
	uint32_t is_told; /* by the program: something has changed since this was 0 */
};
