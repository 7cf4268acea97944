/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/palette.h"

enum {
	BOLD = LIVE_BOLD,
	LINE = LIVE_UNDERLINE,
	REVERSE = LIVE_REVERSE,
	NONE = -1,
	CUBE = 16,   /* of 6 x 6 x 6 colours */
	GREYS = 232, /* 24 of them */
};

/* As far from black as from white, by contrast. */
#define MIDDLE 0.18

/* Before a dark background, and before a light one. */
struct tone {
	struct {
		int text, behind;
	} dark, light;
};

/* clang-format off */
static const struct {
	unsigned int mono, colour; /* attributes without colours, and with them */
	struct tone of_16, of_256;
} roles[ROLE_MAX] = {
	[ROLE_TEXT]     = { 0, 0,                       { { NONE, NONE }, { NONE, NONE } }, { { NONE, NONE }, { NONE, NONE } } },
	[ROLE_DIM]      = { 0, 0,                       { { NONE, NONE }, { NONE, NONE } }, { { 248, NONE },  { 240, NONE } } },
	[ROLE_TITLE]    = { BOLD, BOLD,                 { { NONE, NONE }, { NONE, NONE } }, { { NONE, NONE }, { NONE, NONE } } },
	[ROLE_HEADER]   = { LINE, LINE,                 { { NONE, NONE }, { NONE, NONE } }, { { 153, NONE },  { 24, NONE } } },
	[ROLE_SORTED]   = { BOLD | LINE, BOLD | LINE,   { { NONE, NONE }, { NONE, NONE } }, { { 153, NONE },  { 24, NONE } } },
	[ROLE_KEY]      = { BOLD, BOLD,                 { { 14, NONE },   { 4, NONE } },    { { 117, NONE },  { 25, NONE } } },
	[ROLE_NEW]      = { BOLD, 0,                    { { 10, NONE },   { 4, NONE } },    { { 114, NONE },  { 22, NONE } } },
	[ROLE_GONE]     = { LINE, 0,                    { { 13, NONE },   { 5, NONE } },    { { 181, NONE },  { 89, NONE } } },
	[ROLE_CHANGED]  = { BOLD, BOLD,                 { { NONE, NONE }, { NONE, NONE } }, { { 229, NONE },  { 18, NONE } } },
	[ROLE_MATCH]    = { REVERSE, 0,                 { { 0, 11 },      { 15, 4 } },      { { 16, 220 },    { 16, 220 } } },
	[ROLE_GRAPH]    = { 0, 0,                       { { 14, NONE },   { 4, NONE } },    { { 111, NONE },  { 25, NONE } } },
	[ROLE_WARNING]  = { BOLD, BOLD,                 { { 11, NONE },   { 5, NONE } },    { { 220, NONE },  { 94, NONE } } },
	[ROLE_CRITICAL] = { BOLD | REVERSE, BOLD,       { { 15, 1 },      { 15, 1 } },      { { 231, 124 },   { 231, 124 } } },
	[ROLE_INPUT]    = { LINE, LINE,                 { { NONE, NONE }, { NONE, NONE } }, { { NONE, NONE }, { NONE, NONE } } },
};
/* clang-format on */

/* With all colours they are those of the table, which nobody can have set to others. */
static int true_of(int n)
{
	uint16_t rgb[3];

	if (n < CUBE)
		return n;
	live_palette_fixed((unsigned int)n, rgb);
	return (rgb[0] >> 8) << 16 | (rgb[1] >> 8) << 8 | rgb[2] >> 8;
}

struct live_look live_palette_look(enum live_depth depth, bool is_light, enum role role, bool is_selected)
{
	const struct tone *tone = depth == LIVE_16 ? &roles[role].of_16 : &roles[role].of_256;
	struct live_look l = { .attributes = roles[role].mono, .text = NONE, .behind = NONE };

	if (is_selected) { /* what is marked in it stands out by not being reversed */
		l.attributes ^= LIVE_REVERSE;
		return l;
	}
	if (depth == LIVE_MONO)
		return l;
	l.attributes = roles[role].colour;
	l.text = is_light ? tone->light.text : tone->dark.text;
	l.behind = is_light ? tone->light.behind : tone->dark.behind;
	if (depth == LIVE_TRUE) {
		l.text = true_of(l.text);
		l.behind = true_of(l.behind);
	}
	return l;
}

void live_palette_fixed(unsigned int n, uint16_t ret[3])
{
	static const uint8_t levels[] = { 0, 95, 135, 175, 215, 255 };
	unsigned int cube = n - CUBE;

	for (unsigned int i = 0; i < 3; i++) {
		unsigned int v = n >= GREYS ? 8 + 10 * (n - GREYS)
					    : levels[cube /
						     (i == 0   ? 36
						      : i == 1 ? 6
							       : 1) %
						     6];

		ret[i] = (uint16_t)(v << 8 | v);
	}
}

bool live_palette_is_light(const uint16_t rgb[3])
{
	static const double weight[] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	/* Light goes with the power 2.4 or so of the value: close enough to tell which side a grey is on. */
	for (unsigned int i = 0; i < 3; i++)
		sum += weight[i] * (rgb[i] / 65535.0) * (rgb[i] / 65535.0);
	return sum > MIDDLE;
}
