/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/grid.h"

#include <errno.h>
#include <stdlib.h>

#include "base/utf8.h"

static void blank(struct live_cell *c, enum role role)
{
	*c = (struct live_cell){ .text = " ", .len = 1, .width = 1, .role = (uint8_t)role };
}

int live_grid_clear(struct live_grid *g, unsigned int width, unsigned int height)
{
	size_t n = (size_t)width * height;

	if (n != (size_t)g->width * g->height) {
		struct live_cell *cell = reallocarray(g->cell, n ? n : 1, sizeof(*cell));

		if (!cell)
			return -ENOMEM;
		g->cell = cell;
	}
	g->width = width;
	g->height = height;
	g->cursor_x = g->cursor_y = -1;
	for (size_t i = 0; i < n; i++)
		blank(&g->cell[i], ROLE_TEXT);
	return 0;
}

void live_grid_done(struct live_grid *g)
{
	free(g->cell);
	*g = (struct live_grid){};
}

/* Before a cell is written: nothing is left of a wide character that it was a half of. */
static void free_cell(const struct live_grid *g, unsigned int y, unsigned int x)
{
	struct live_cell *c = live_grid_cell(g, y, x);

	if (c->width == 0 && x)
		blank(c - 1, c[-1].role);
	if (c->width == 2 && x + 1 < g->width)
		blank(c + 1, c->role);
}

/* The edge up to which text at @at may go. */
static unsigned int end_of(const struct live_grid *g, const struct live_at *at)
{
	if (at->y >= g->height || at->x >= g->width)
		return at->x;
	return at->width && at->width < g->width - at->x ? at->x + at->width : g->width;
}

static void append(struct live_cell *c, struct sv s)
{
	if (c->len + s.len > LIVE_CLUSTER_MAX)
		return;
	memcpy(c->text + c->len, s.p, s.len);
	c->len = (uint8_t)(c->len + s.len);
}

static void put_one(struct live_grid *g, const struct live_at *at, unsigned int x, struct sv s,
		    unsigned int width)
{
	struct live_cell *c;

	for (unsigned int i = 0; i < width; i++)
		free_cell(g, at->y, x + i);
	c = live_grid_cell(g, at->y, x);
	*c = (struct live_cell){ .width = (uint8_t)width, .role = (uint8_t)at->role };
	append(c, s);
	if (width == 2)
		c[1] = (struct live_cell){ .role = (uint8_t)at->role };
}

unsigned int live_grid_put(struct live_grid *g, const struct live_at *at, struct sv s)
{
	unsigned int x = at->x, end = end_of(g, at), last = UINT32_MAX;

	while (s.len) {
		uint32_t c;
		size_t n = utf8_next(s, &c);
		struct sv one = sv_first(s, n);
		unsigned int width = (unsigned int)utf8_width(one);

		s = sv_from(s, n);
		if (c == UTF8_BAD || utf8_is_control(c)) {
			one = c == UTF8_BAD ? sv("?") : sv(".");
			width = 1;
		}
		if (!width) { /* combines with the one before */
			if (last != UINT32_MAX)
				append(live_grid_cell(g, at->y, last), one);
			continue;
		}
		if (x + width > end)
			break;
		put_one(g, at, x, one, width);
		last = x;
		x += width;
	}
	return x - at->x;
}

unsigned int live_grid_put_right(struct live_grid *g, const struct live_at *at, struct sv s)
{
	struct live_at there = *at;
	unsigned int end = end_of(g, at);
	size_t width = utf8_width(s);

	if (width < end - at->x)
		there.x = end - (unsigned int)width;
	there.width = end - there.x;
	return there.width ? live_grid_put(g, &there, s) : 0;
}

void live_grid_blank(struct live_grid *g, const struct live_at *at)
{
	for (unsigned int x = at->x, end = end_of(g, at); x < end; x++) {
		free_cell(g, at->y, x);
		blank(live_grid_cell(g, at->y, x), at->role);
	}
}

void live_grid_select(struct live_grid *g, unsigned int y)
{
	for (unsigned int x = 0; y < g->height && x < g->width; x++)
		live_grid_cell(g, y, x)->is_selected = true;
}

void live_grid_text(const struct live_grid *g, struct text *ret)
{
	for (unsigned int y = 0; y < g->height; y++) {
		size_t end = ret->len;

		for (unsigned int x = 0; x < g->width; x++) {
			const struct live_cell *c = live_grid_cell(g, y, x);

			text_put(ret, c->text, c->len);
			if (c->len != 1 || c->text[0] != ' ')
				end = ret->len;
		}
		if (!ret->failed)
			ret->len = end;
		text_char(ret, '\n');
	}
}
