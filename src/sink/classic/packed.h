/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The classic text as records of one cell, so that it can be put in order: what a row looks like is settled
 * when it comes, how wide the columns are when it is written.
 */

#include "sink/classic/classic.h"
#include "sink/project.h"

struct packed;

/* As classic_new(). */
int packed_new(const struct classic_opts *o, struct out *out, struct packed **ret);

/* What makes the cell, as long as @p lives. */
const struct project_text *packed_text(const struct packed *p);

/* The output that writes them, as long as @p lives. */
const struct sink *packed_page(const struct packed *p);

/* Takes records whose first cell is one, and writes the classic text of them. Freeing it ends @p. */
struct tabular *packed_tabular(struct packed *p);
