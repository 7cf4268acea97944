/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The reader's end of a BPF ring buffer: records in the order in which the
 * programs began them, from all CPUs, each where the kernel put it.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct ring;

/* Of the map with the descriptor @fd, borrowed, of @size bytes, a power of two and pages. Returns 0 or a
 * negative errno. */
int ring_open(int fd, size_t size, struct ring **ret, struct err *e);
struct ring *ring_close(struct ring *r);
DEFINE_CLEANUP(struct ring, ring_close)

/* A descriptor, which @r keeps, that polls as readable once after each time that a program woke its reader.
 */
int ring_fd(const struct ring *r);

/* Makes that unreadable until the next time. */
void ring_calm(const struct ring *r);

/* Where the first record is that was not given back. */
uint64_t ring_first(const struct ring *r);

/*
 * The record at *@at, which becomes the place of the next one; NULL when there is none yet. It is valid until
 * it is given back.
 */
const void *ring_next(struct ring *r, uint64_t *at, size_t *ret_len);

/* Gives back all records before @at, as room for others. */
void ring_give_back(struct ring *r, uint64_t at);
