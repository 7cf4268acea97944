/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Signs in a row of the classic output that say what has changed since it was shown the last time.
 */

#include "base/text.h"
#include "model/mark.h"

/* What stands in front of a row with @m, as wide for each. */
const char *marked_sign(enum mark m);

/*
 * Appends the row @now, as grid_pack() makes it, to @ret, with the sign of @m in front of the first of the
 * @enabled columns and '*' behind each cell, or word of the details, that @was does not have; @was has no
 * bytes where there is nothing to compare with.
 */
void marked_put(uint32_t enabled, struct sv was, struct sv now, enum mark m, struct text *ret);
