/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From rows to records: reads the fields that are columns.
 */

#include "model/tabular.h"
#include "sink/sink.h"

/*
 * An output that hands the @n @columns, all of them fields, of each row to
 * @next; both borrowed. It begins @next; whoever made @next ends it.
 * Returns 0 or a negative errno.
 */
int project_new(const struct column *columns, size_t n, struct tabular *next, struct sink **ret);
struct sink *project_free(struct sink *s);
