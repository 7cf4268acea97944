/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From rows to records: reads the fields that are columns.
 */

#include "model/tabular.h"
#include "sink/sink.h"

/*
 * An output that hands the columns of @l, all of them fields, of each row to
 * @next, which is borrowed as is what @l points to: with each run one list,
 * as @l but for the time. Whoever made @next ends it. Returns 0 or -ENOMEM.
 */
int project_new(const struct listing *l, struct tabular *next, struct sink **ret);
struct sink *project_free(struct sink *s);
