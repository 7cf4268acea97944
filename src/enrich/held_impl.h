/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* What the two ways of held share. */

#include "base/err.h"
#include "enrich/held.h"

/* Asks the socket with the descriptor @fd what @ask wants, into *@ret, the name into @name. */
void held_ask_socket(int fd, const struct held_ask *ask, struct seg_held *ret, char name[16]);

struct held_table;

/* Reads all sockets of all descriptor tables. Returns 0, or a negative errno when that cannot be had. */
int held_table_new(struct held_kept **kept, struct held_table **ret, struct err *e);
struct held_table *held_table_free(struct held_table *t);

DEFINE_CLEANUP(struct held_table, held_table_free)

/*
 * What was read of the socket @inode, valid as long as @t. Returns 1, 0 when it was not there, or -EAGAIN
 * when it has to be asked itself.
 */
int held_table_find(const struct held_table *t, uint32_t inode, struct seg_held *ret);
