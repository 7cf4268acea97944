/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --live=plain: what the live view shows as lines that follow each other, for screen readers, braille and
 * files: nothing is painted over, and no character is there to draw with.
 */

#include "cli/chosen.h"

/* Shows it. Returns the exit status. */
int live_plain(struct cli *c, const struct sv *words, size_t n_words, const struct chosen *chosen);
