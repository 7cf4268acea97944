/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What groups had in the sample before, for delta(): by how much it has changed since.
 */

#include "base/sv.h"
#include "model/tabular.h"
#include "ops/group.h"

/* What is remembered from sample to sample. */
struct deltas;

/* Returns NULL when memory ran out. */
struct deltas *deltas_new(void);
struct deltas *deltas_free(struct deltas *d);

DEFINE_CLEANUP(struct deltas, deltas_free)

/*
 * The numbers that the group with the bytes @key had in the sample before, valid until deltas_turn(); NULL:
 * it was not there.
 */
const double *deltas_find(const struct deltas *d, struct sv key);

/* Notes the @n numbers of a group of this sample. Returns 0 or -ENOMEM. */
int deltas_note(struct deltas *d, struct sv key, const double *v, size_t n);

/* This sample, when it @is_whole, becomes the one before; else it is forgotten. */
void deltas_turn(struct deltas *d, bool is_whole);

/*
 * What delta() of @a is of @now, whose number becomes *@ret_number, NAN when it is absent. @was, NULL where
 * the group was not there, is that number in the sample before. Absent in the first sample.
 */
struct cell deltas_cell(const struct deltas *d, const struct aggregate_column *a, const struct cell *now,
			const double *was, double *ret_number);
