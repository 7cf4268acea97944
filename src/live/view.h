/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From the model to a screen. What is drawn depends on nothing else, but on what columns needed before: they
 * never get narrower, so that they stand still.
 */

#include "live/grid.h"
#include "live/model.h"

struct view;

/* Returns NULL when memory ran out. */
struct view *view_new(void);
struct view *view_free(struct view *v);

DEFINE_CLEANUP(struct view, view_free)

/*
 * Draws @m as it is at @now_us on @g, whose size is that of the screen. Notes in @m how many rows are in
 * view, and the columns. Returns 0 or -ENOMEM.
 */
int view_draw(struct view *v, struct live_model *m, int64_t now_us, struct live_grid *g);

/* A line of how busy it was, @width cells for the last samples, at least KNOWN_HISTORY - 4 of them. @most:
 * what the highest stands for. */
void view_spark(const struct known *k, double most, size_t width, bool is_utf8, struct text *t);
