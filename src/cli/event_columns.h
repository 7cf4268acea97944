/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is shown of an event where nothing is said of columns.
 */

#include <stdbool.h>

#include "base/text.h"

/* Appends a list as of --columns, and a NUL: for @show, SHOW_* of a list; @is_full: for programs. */
void event_columns_put(struct text *t, uint32_t show, bool is_full);
