/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which turn it is in a recording that one program writes to while others read: odd while blocks are being
 * changed. It is told by where the writer has a lock, of one byte far behind the end of every file, which
 * nobody waits for and which ends with the writer.
 */

#include <stdint.h>

struct turn {
	int64_t at; /* 0 before the first */
};

/* Blocks are changed from here on, until the other. Each does nothing where that is so. */
void turn_begin(struct turn *t, int fd);
void turn_end(struct turn *t, int fd);

/* The turn of whoever writes to @fd; 0: nobody does, or nobody who tells. */
int64_t turn_of(int fd);
