/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is sent makes a terminal show the grid, and is no more than that takes. The terminal here is a small
 * one. */
#include "base/cleanup.h"
#include "base/utf8.h"
#include "check.h"
#include "live/paint.h"
#include "random.h"

enum { WIDTH = 24, HEIGHT = 5 };

/* A terminal that knows what looks are called here: "{ROLE+SELECTED}", "@Y,X;", "!" clears all, "~" the line.
 */
struct screen {
	struct live_grid grid;
	unsigned int y, x, role, selected;
	bool is_on;
};

static void move(struct text *to, unsigned int y, unsigned int x)
{
	text_printf(to, "@%u,%u;", y, x);
}

static char names[ROLE_MAX][2][8];

static struct live_paint painter(bool is_utf8)
{
	struct live_paint p = { .clear = sv("!"),
				.clear_line = sv("~"),
				.hide = sv("\\"),
				.show = sv("/"),
				.move = move,
				.is_utf8 = is_utf8,
				.has_last_cell = true };

	for (unsigned int i = 0; i < ROLE_MAX; i++)
		for (unsigned int k = 0; k < 2; k++) {
			(void)snprintf(names[i][k], sizeof(names[i][k]), "{%u+%u}", i, k);
			p.look[i][k] = sv(names[i][k]);
		}
	return p;
}

static void blank(struct screen *s, unsigned int y, unsigned int from)
{
	CHECK(s->role == ROLE_TEXT && !s->selected);
	live_grid_blank(&s->grid, &(struct live_at){ .y = y, .x = from, .role = ROLE_TEXT });
	for (unsigned int x = from; x < s->grid.width; x++)
		live_grid_cell(&s->grid, y, x)->is_selected = false;
}

/* One of what paints; the number of bytes it has. */
static size_t obey_one(struct screen *s, struct sv rest)
{
	unsigned int y, x;
	int n = 0;
	uint32_t c;
	size_t len;

	switch (rest.p[0]) {
	case '{': CHECK(sscanf(rest.p, "{%u+%u}%n", &s->role, &s->selected, &n) == 2); return (size_t)n;
	case '@':
		CHECK(sscanf(rest.p, "@%u,%u;%n", &s->y, &s->x, &n) == 2);
		CHECK(s->y < s->grid.height && s->x < s->grid.width);
		return (size_t)n;
	case '!':
		for (unsigned int i = 0; i < s->grid.height; i++)
			blank(s, i, 0);
		return 1;
	case '~': blank(s, s->y, s->x); return 1;
	case '/': s->is_on = true; return 1;
	case '\\': s->is_on = false; return 1;
	default: break;
	}
	len = utf8_next(rest, &c);
	CHECK(c != UTF8_BAD && !utf8_is_control(c));
	y = s->y;
	x = s->x;
	while (len < rest.len &&
	       utf8_width(sv_first(rest, len + utf8_next(sv_from(rest, len), &c))) ==
		       utf8_width(sv_first(rest, len)) &&
	       !utf8_width(sv_first(sv_from(rest, len), utf8_next(sv_from(rest, len), &c))))
		len += utf8_next(sv_from(rest, len), &c);
	CHECK(x < s->grid.width);
	s->x += live_grid_put(&s->grid, &(struct live_at){ .y = y, .x = x, .role = s->role },
			      sv_first(rest, len));
	for (; x < s->x; x++)
		live_grid_cell(&s->grid, y, x)->is_selected = s->selected;
	return len;
}

static void obey(struct screen *s, struct text *t)
{
	struct sv rest;

	text_char(t, '\0'); /* sscanf() wants it */
	rest = sv_n(t->p, t->len - 1);

	while (rest.len)
		rest = sv_from(rest, obey_one(s, rest));
}

static void check_same(const struct live_grid *a, const struct live_grid *b)
{
	for (unsigned int y = 0; y < a->height; y++)
		for (unsigned int x = 0; x < a->width; x++) {
			const struct live_cell *c = live_grid_cell(a, y, x), *d = live_grid_cell(b, y, x);

			CHECK(sv_eq(sv_n(c->text, c->len), sv_n(d->text, d->len)));
			CHECK(c->width == d->width && c->role == d->role && c->is_selected == d->is_selected);
		}
}

static void put(struct live_grid *g, unsigned int y, unsigned int x, enum role role, const char *s)
{
	(void)live_grid_put(g, &(struct live_at){ .y = y, .x = x, .role = role }, sv(s));
}

static void is(struct live_paint *p, const struct live_grid *g, const char *want)
{
	struct text t = {};

	CHECK(live_paint(p, g, &t) == 0);
	text_char(&t, '\0');
	CHECK_STR(t.p, want);
	text_done(&t);
}

static void test_differences(void)
{
	struct live_paint p = painter(true);
	struct live_grid g = {};

	CHECK(live_grid_clear(&g, 20, 2) == 0);
	is(&p, &g, "{0+0}!");
	is(&p, &g, "");
	put(&g, 0, 0, ROLE_TEXT, "abcdefghijklmnopqrst");
	is(&p, &g, "@0,0;{0+0}abcdefghijklmnopqrst");
	put(&g, 0, 3, ROLE_TEXT, "X");
	put(&g, 0, 6, ROLE_TEXT, "Y");
	put(&g, 0, 19, ROLE_KEY, "Z");
	is(&p, &g, "@0,3;{0+0}XefY@0,19;{5+0}Z{0+0}");
	put(&g, 0, 4, ROLE_TEXT, "                ");
	is(&p, &g, "@0,4;{0+0}~");
	live_grid_select(&g, 1);
	is(&p, &g, "@1,0;{0+1}                    {0+0}");
	g.cursor_x = 2;
	g.cursor_y = 1;
	is(&p, &g, "@1,2;/");
	is(&p, &g, "");
	g.cursor_x = 3;
	is(&p, &g, "@1,3;");
	g.cursor_y = -1;
	is(&p, &g, "\\");
	p.is_known = false;
	p.has_last_cell = false;
	is(&p, &g, "{0+0}!@0,0;abcX@1,0;{0+1}                   {0+0}");
	live_paint_done(&p);
	live_grid_done(&g);
}

/* Where characters may be of another width than we take them for, the next stands where it belongs all the
 * same. */
static void test_characters(void)
{
	struct live_paint p = painter(true), ascii = painter(false);
	struct live_grid g = {};

	CHECK(live_grid_clear(&g, 12, 1) == 0);
	put(&g, 0, 0, ROLE_TEXT,
	    "\xe6\xbc\xa2"
	    "ab");
	put(&g, 0, 5, ROLE_TEXT,
	    "e\xcc\x81"
	    "x\xe2\x96\x88y");
	is(&p, &g, "{0+0}!@0,0;\xe6\xbc\xa2@0,2;ab e\xcc\x81@0,6;x\xe2\x96\x88y");
	put(&g, 0, 1, ROLE_TEXT, "-");
	is(&p, &g, "@0,0;{0+0} -");
	CHECK(live_grid_clear(&g, 12, 1) == 0);
	put(&g, 0, 0, ROLE_TEXT,
	    "\xe6\xbc\xa2"
	    "a\xe2\x96\x88\xe2\x94\x80\xe2\x86\x91\xe2\x80\xa6");
	is(&ascii, &g, "{0+0}!@0,0;? a#-^~");
	/* Whoever filled the cells, nothing acts upon the terminal. */
	*live_grid_cell(&g, 0, 0) = (struct live_cell){ .text = "\033", .len = 1, .width = 1 };
	*live_grid_cell(&g, 0, 1) = (struct live_cell){ .text = "a\033[2J", .len = 5, .width = 1 };
	p.is_known = false;
	is(&p, &g, "{0+0}!@0,0;?a.[2J@0,2;a\xe2\x96\x88\xe2\x94\x80\xe2\x86\x91\xe2\x80\xa6");
	live_paint_done(&p);
	live_paint_done(&ascii);
	live_grid_done(&g);
}

/* Screens after screens: what the terminal shows is the last, however they follow. */
static void test_random(void)
{
	static const char *const texts[] = { "abc",       " ",
					     "      ",    "\xe6\xbc\xa2\xe5\xad\x97",
					     "e\xcc\x81", "\xe2\x96\x81\xe2\x96\x83",
					     "0.3ms",     "established" };
	struct live_paint p = painter(true);
	struct live_grid g = {};
	struct screen s = {};

	for (int i = 0; i < 5000; i++) {
		unsigned int width = i % 500 < 450 ? WIDTH : WIDTH + pick(9),
			     height = i % 700 < 600 ? HEIGHT : 1 + pick(9);
		struct text t = {};

		if (!g.cell || g.width != width || g.height != height) {
			CHECK(live_grid_clear(&g, width, height) == 0);
			CHECK(live_grid_clear(&s.grid, width, height) == 0);
			put(&s.grid, 0, 0, ROLE_GONE, "what was there");
		}
		for (uint32_t n = pick(6); n; n--)
			put(&g, pick(height), pick(width), pick(ROLE_MAX), texts[pick(ARRAY_SIZE(texts))]);
		if (!pick(4))
			live_grid_select(&g, pick(height));
		if (!pick(9))
			CHECK(live_grid_clear(&g, width, height) == 0);
		g.cursor_x = pick(2) ? (int)pick(width) : -1;
		g.cursor_y = (int)pick(height);
		CHECK(live_paint(&p, &g, &t) == 0);
		obey(&s, &t);
		check_same(&s.grid, &g);
		CHECK(s.is_on == (g.cursor_x >= 0));
		CHECK(!s.is_on || (s.x == (unsigned int)g.cursor_x && s.y == (unsigned int)g.cursor_y));
		text_done(&t);
	}
	live_paint_done(&p);
	live_grid_done(&g);
	live_grid_done(&s.grid);
}

int main(void)
{
	test_differences();
	test_characters();
	test_random();
	return 0;
}
