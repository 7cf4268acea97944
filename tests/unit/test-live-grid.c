/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* A screen as data: nothing is written outside, and nothing there acts upon a terminal. */

#include "base/cleanup.h"
#include "check.h"
#include "live/grid.h"

static void check_text(const struct live_grid *g, const char *want)
{
	struct text t = {};

	live_grid_text(g, &t);
	text_char(&t, '\0');
	CHECK_STR(t.p, want);
	text_done(&t);
}

static unsigned int put(struct live_grid *g, unsigned int y, unsigned int x, unsigned int width,
			const char *s)
{
	const struct live_at at = { .y = y, .x = x, .width = width, .role = ROLE_KEY };

	return live_grid_put(g, &at, sv(s));
}

static void check_clipped(struct live_grid *g)
{
	CHECK(live_grid_clear(g, 6, 2) == 0);
	check_text(g, "\n\n");
	CHECK(put(g, 0, 0, 0, "abcdefgh") == 6);
	CHECK(put(g, 1, 4, 0, "xyz") == 2);
	CHECK(put(g, 1, 0, 2, "123") == 2);
	CHECK(put(g, 2, 0, 0, "below") == 0);
	CHECK(put(g, 0, 6, 0, "beside") == 0);
	check_text(g, "abcdef\n12  xy\n");
	CHECK(live_grid_cell(g, 1, 1)->role == ROLE_KEY && live_grid_cell(g, 1, 2)->role == ROLE_TEXT);
}

static void check_wide(struct live_grid *g)
{
	CHECK(live_grid_clear(g, 6, 1) == 0);
	CHECK(put(g, 0, 0, 0, "a\xe6\xbc\xa2\xe5\xad\x97") == 5);
	check_text(g, "a\xe6\xbc\xa2\xe5\xad\x97\n");
	CHECK(live_grid_cell(g, 0, 1)->width == 2 && live_grid_cell(g, 0, 2)->width == 0);
	CHECK(put(g, 0, 4, 0, "z") == 1); /* over its right half, and the left one goes */
	check_text(g, "a\xe6\xbc\xa2 z\n");
	CHECK(put(g, 0, 1, 0, "y") == 1);
	check_text(g, "ay  z\n");
	CHECK(put(g, 0, 5, 0, "\xe6\xbc\xa2") == 0); /* by half */
	CHECK(put(g, 0, 0, 2, "e\xcc\x81o") == 2);
	check_text(g, "e\xcc\x81o  z\n");
	CHECK(live_grid_cell(g, 0, 0)->len == 3);
	CHECK(put(g, 0, 0, 1,
		  "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81") == 1);
	CHECK(live_grid_cell(g, 0, 0)->len <= LIVE_CLUSTER_MAX);
}

static void check_hostile(struct live_grid *g)
{
	CHECK(live_grid_clear(g, 20, 1) == 0);
	CHECK(put(g, 0, 0, 0,
		  "\xcc\x81"
		  "a\033[2J\n\xff\xe2\x80\xae"
		  "b") == 9);
	check_text(g, "a.[2J.?.b\n");
}

static void check_right(struct live_grid *g)
{
	const struct live_at at = { .x = 1, .width = 4 };

	CHECK(live_grid_clear(g, 8, 1) == 0);
	CHECK(live_grid_put_right(g, &at, sv("12")) == 2);
	check_text(g, "   12\n");
	CHECK(live_grid_put_right(g, &at, sv("123456")) == 4);
	check_text(g, " 1234\n");
	live_grid_blank(g, &at);
	check_text(g, "\n");
	live_grid_select(g, 0);
	CHECK(live_grid_cell(g, 0, 7)->is_selected);
	live_grid_select(g, 1);
}

int main(void)
{
	struct live_grid g = {};

	check_clipped(&g);
	check_wide(&g);
	check_hostile(&g);
	check_right(&g);
	CHECK(live_grid_clear(&g, 0, 0) == 0);
	check_text(&g, "");
	live_grid_done(&g);
	return 0;
}
