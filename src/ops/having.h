/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which groups are shown: a condition on what a record has in its columns.
 *
 *	count > 100 and sum(tcp.bytes_sent) >= 1M
 *	not (local.port = 80 or process.name ~ ngin)
 *
 * A term is the name of a column, an operator and a value; `and` binds no tighter than `or`, so that where
 *both are used parentheses are needed. A term on a column that the record has no value in is unknown: neither
 *it nor its negation shows the record.
 */

#include "base/cleanup.h"
#include "base/err.h"
#include "model/tabular.h"

struct having;

/*
 * Reads @text, for records of the @n @columns, both borrowed as long as the condition lives. Returns 0,
 * -ENOMEM, or -EINVAL with detail.
 */
int having_new(struct sv text, const struct column *columns, size_t n, struct having **ret, struct err *e);
struct having *having_free(struct having *h);

DEFINE_CLEANUP(struct having, having_free)

bool having_fits(const struct having *h, const struct cell *cells);
