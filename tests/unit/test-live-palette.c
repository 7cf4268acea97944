/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Each text can be read, whatever colours there are and whatever is behind it. */
#include <math.h>

#include "base/cleanup.h"
#include "check.h"
#include "live/palette.h"

/* What WCAG 2 asks for text of any size. */
#define ENOUGH 4.5

struct colour {
	uint16_t rgb[3];
};

#define RGB(r, g, b)                                    \
	{                                               \
		{                                       \
			257 * (r), 257 * (g), 257 * (b) \
		}                                       \
	}

/* The first 16 of xterm, and of the console of Linux, which is VGA's. */
static const struct colour xterm[] = {
	RGB(0, 0, 0),       RGB(205, 0, 0),   RGB(0, 205, 0),   RGB(205, 205, 0),
	RGB(0, 0, 238),     RGB(205, 0, 205), RGB(0, 205, 205), RGB(229, 229, 229),
	RGB(127, 127, 127), RGB(255, 0, 0),   RGB(0, 255, 0),   RGB(255, 255, 0),
	RGB(92, 92, 255),   RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
};
static const struct colour vga[] = {
	RGB(0, 0, 0),     RGB(170, 0, 0),    RGB(0, 170, 0),    RGB(170, 85, 0),
	RGB(0, 0, 170),   RGB(170, 0, 170),  RGB(0, 170, 170),  RGB(170, 170, 170),
	RGB(85, 85, 85),  RGB(255, 85, 85),  RGB(85, 255, 85),  RGB(255, 255, 85),
	RGB(85, 85, 255), RGB(255, 85, 255), RGB(85, 255, 255), RGB(255, 255, 255),
};

/* Backgrounds that terminals come with, and those of Solarized. */
static const struct colour dark[] = { RGB(0, 0, 0), RGB(30, 30, 30), RGB(46, 52, 54), RGB(0, 43, 54),
				      RGB(48, 10, 36) };
static const struct colour light[] = { RGB(255, 255, 255), RGB(253, 246, 227), RGB(238, 238, 238) };

static double luminance(const struct colour *c)
{
	static const double weight[] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	for (size_t i = 0; i < 3; i++) {
		double v = c->rgb[i] / 65535.0;

		sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(const struct colour *a, const struct colour *b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

static struct colour colour_of(enum live_depth depth, int n, const struct colour *table)
{
	struct colour c = {};

	if (depth == LIVE_TRUE)
		return (struct colour)RGB((uint16_t)(n >> 16), (uint16_t)(n >> 8 & 255), (uint16_t)(n & 255));
	if (n < 16)
		return table[n];
	live_palette_fixed((unsigned int)n, c.rgb);
	return c;
}

static void check_look(enum live_depth depth, bool is_light, enum role role, const struct colour *table,
		       const struct colour *behind)
{
	struct live_look l = live_palette_look(depth, is_light, role, false);
	struct colour text, ground = *behind;
	double is;

	CHECK((l.behind < 0 || l.text >= 0) && !(l.attributes & LIVE_REVERSE && l.text >= 0));
	if (l.text < 0)
		return; /* the terminal's own */
	text = colour_of(depth, l.text, table);
	if (l.behind >= 0)
		ground = colour_of(depth, l.behind, table);
	is = contrast(&text, &ground);
	if (is < ENOUGH)
		fprintf(stderr, "depth %d, %s, role %d: %.2f\n", depth, is_light ? "light" : "dark", role,
			is);
	CHECK(is >= ENOUGH);
}

static void test_contrast(void)
{
	for (enum live_depth depth = LIVE_16; depth < LIVE_DEPTH_MAX; depth++)
		for (enum role role = 0; role < ROLE_MAX; role++) {
			/* What the sixteen are is the user's: of theirs those two are the ends. */
			for (size_t i = 0; i < (depth == LIVE_16 ? 1 : ARRAY_SIZE(dark)); i++) {
				check_look(depth, false, role, xterm, &dark[i]);
				check_look(depth, false, role, vga, &dark[i]);
			}
			for (size_t i = 0; i < (depth == LIVE_16 ? 1 : ARRAY_SIZE(light)); i++) {
				check_look(depth, true, role, xterm, &light[i]);
				check_look(depth, true, role, vga, &light[i]);
			}
		}
	CHECK(fabs(contrast(&dark[0], &light[0]) - 21) < 0.001);
	CHECK(contrast(&xterm[4], &dark[0]) < ENOUGH); /* the blue that nobody can read */
}

/* Without colours what needs to be seen is seen by other means. */
static void test_mono(void)
{
	for (enum role role = 0; role < ROLE_MAX; role++)
		for (int selected = 0; selected < 2; selected++)
			for (enum live_depth depth = LIVE_MONO; depth < LIVE_DEPTH_MAX; depth++) {
				struct live_look l = live_palette_look(depth, false, role, selected);

				if (depth == LIVE_MONO || selected)
					CHECK(l.text < 0 && l.behind < 0);
			}
	CHECK(live_palette_look(LIVE_MONO, false, ROLE_CRITICAL, false).attributes & LIVE_REVERSE);
	CHECK(live_palette_look(LIVE_MONO, false, ROLE_WARNING, false).attributes & LIVE_BOLD);
	CHECK(live_palette_look(LIVE_256, false, ROLE_TEXT, true).attributes == LIVE_REVERSE);
	CHECK(!(live_palette_look(LIVE_256, false, ROLE_MATCH, true).attributes & LIVE_REVERSE));
}

static void test_background(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(dark); i++)
		CHECK(!live_palette_is_light(dark[i].rgb));
	for (size_t i = 0; i < ARRAY_SIZE(light); i++)
		CHECK(live_palette_is_light(light[i].rgb));
	for (unsigned int n = 16; n < 256;
	     n++) { /* by contrast with black and white, but for those between */
		struct colour c = colour_of(LIVE_256, (int)n, xterm);
		double black = contrast(&c, &dark[0]), white = contrast(&c, &light[0]);

		if (black > 1.5 * white || white > 1.5 * black)
			CHECK(live_palette_is_light(c.rgb) == (black > white));
	}
}

int main(void)
{
	test_contrast();
	test_mono();
	test_background();
	return 0;
}
