/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Groups of sockets as boards have them: the records that --by makes, kept.
 */

#include "live/board.h"

struct tally;

/* As arranger_order() reads @by, with .by. Returns 0 or a negative errno with detail. */
int tally_new(const struct arranged_by *by, struct tally **ret, struct err *e);
struct tally *tally_free(struct tally *t);

DEFINE_CLEANUP(struct tally, tally_free)

/* Adds the fields that it reads. */
void tally_needs(const struct tally *t, struct fieldset *set);

/*
 * Counts the sockets of one look: begin, each row, end. Then @b has the groups' columns, records, which it
 * keeps itself, and numbers as identities, in the order of --sort. Return 0 or a negative errno.
 */
int tally_begin(struct tally *t, struct board *b);
int tally_row(struct tally *t, const struct row *row);
int tally_end(struct tally *t);

/* The column of @b's groups by which they are in order; .n_columns: by how many they are. */
size_t tally_key(const struct tally *t, const struct board *b, bool *ret_is_descending);

/* How busy a group is: what its sockets send and receive, else how many they are. */
double tally_activity(const struct board *b, const struct cell *cells);
