/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Questions asked of the kernel before their turn, each in a thread: it looks
 * for the first part of an answer while it is being asked, which takes long
 * where it has to pass many sockets to find a few.
 */

#include "nl/nl.h"
#include "source/source.h"

struct early;

/* Returns NULL when there is no core, or no memory, for it. */
struct early *early_new(void);

/* Waits for what is being asked, and drops all answers. NULL may be given, and is returned. */
struct early *early_free(struct early *a);

DEFINE_CLEANUP(struct early, early_free)

/* Whether one more can be asked. */
bool early_has_room(const struct early *a);

/*
 * Asks @d in the network namespace that @netns is a descriptor of, -1 for that of the thread. @turn tells
 * questions apart and grows. What @d refers to has to live until it is taken or dropped; it is asked once
 * only, and not at all where no thread can be had.
 */
void early_ask(struct early *a, size_t turn, int netns, const struct dump *d);

/*
 * Takes the question @turn, dropping those before it. Returns 1 with its socket and its answer, both the
 * caller's and in this order of lifetime; 0 when it was not asked; or a negative errno with which asking
 * failed.
 */
int early_take(struct early *a, size_t turn, struct nl **ret_nl, struct source **ret, struct err *e);
