/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What roles look like: as colours, of which a terminal has more or fewer, before a background that is dark
 * or light, or without any. tests/unit/test-live-palette.c computes the contrast of each.
 */

#include "live/grid.h"

enum live_depth { LIVE_MONO, LIVE_16, LIVE_256, LIVE_TRUE, LIVE_DEPTH_MAX };

enum { LIVE_BOLD = 1, LIVE_UNDERLINE = 2, LIVE_REVERSE = 4 }; /* bits of .attributes */

/* Numbers in the table of colours, or with LIVE_TRUE red, green and blue, eight bits each; -1: the
 * terminal's. */
struct live_look {
	unsigned int attributes;
	int text, behind;
};

/* The look of @role. Of the selected row the colours are the terminal's own, reversed. */
struct live_look live_palette_look(enum live_depth depth, bool is_light, enum role role, bool is_selected);

/* Whether black would be read better than white before the colour red, green, blue, sixteen bits each. */
bool live_palette_is_light(const uint16_t rgb[3]);

/* Red, green and blue of number @n, from 16 to 255, in the table: there they are the same everywhere. */
void live_palette_fixed(unsigned int n, uint16_t ret[3]);
