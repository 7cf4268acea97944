/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/paint.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/utf8.h"

enum {
	GAP_MAX = 5,   /* so many cells that are shown already are written again rather than passed over */
	BLANKS_MIN = 4 /* from so many on the rest of a line is cleared */
};

/* Where the cursor is and what it writes in; NOWHERE and NULL: not known. */
struct brush {
	struct live_paint *p;
	const struct live_grid *g;
	struct text *to;
	unsigned int y, x;
	const struct sv *look;
};

enum { NOWHERE = ~0u };

static bool is_same(const struct live_cell *a, const struct live_cell *b)
{
	return a->len == b->len && a->width == b->width && a->role == b->role &&
	       a->is_selected == b->is_selected && !memcmp(a->text, b->text, a->len);
}

static bool is_blank(const struct live_cell *c)
{
	return c->len == 1 && c->text[0] == ' ' && c->role == ROLE_TEXT && !c->is_selected;
}

/* What stands for a character where there is only ASCII: of those that views have, what looks most like it.
 */
static char ascii_of(uint32_t c)
{
	static const struct {
		uint32_t from, to;
		char c;
	} as[] = {
		{ 0x00a0, 0x00a0, ' ' }, { 0x00b1, 0x00b1, '~' }, { 0x00b5, 0x00b5, 'u' },
		{ 0x00b7, 0x00b7, '.' }, { 0x2010, 0x2015, '-' }, { 0x2018, 0x201b, '\'' },
		{ 0x201c, 0x201f, '"' }, { 0x2022, 0x2022, '*' }, { 0x2026, 0x2026, '~' },
		{ 0x2039, 0x2039, '<' }, { 0x203a, 0x203a, '>' }, { 0x2190, 0x2190, '<' },
		{ 0x2191, 0x2191, '^' }, { 0x2192, 0x2192, '>' }, { 0x2193, 0x2193, 'v' },
		{ 0x2500, 0x2501, '-' }, { 0x2502, 0x2503, '|' }, { 0x2504, 0x254b, '+' },
		{ 0x2550, 0x2550, '=' }, { 0x2551, 0x2551, '|' }, { 0x2552, 0x256c, '+' },
		{ 0x2581, 0x2582, '_' }, { 0x2583, 0x2584, '.' }, { 0x2585, 0x2586, '+' },
		{ 0x2587, 0x2588, '#' }, { 0x2589, 0x2593, '#' }, { 0x25b2, 0x25b3, '^' },
		{ 0x25b6, 0x25b7, '>' }, { 0x25bc, 0x25bd, 'v' }, { 0x25c0, 0x25c1, '<' },
		{ 0x25cf, 0x25cf, '*' }, { 0x2713, 0x2714, 'v' }, { 0x2715, 0x2718, 'x' },
		{ 0x2800, 0x2800, ' ' }, { 0x2801, 0x28ff, ':' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(as); i++)
		if (c >= as[i].from && c <= as[i].to)
			return as[i].c;
	return '?';
}

static void set_look(struct brush *b, enum role role, bool is_selected)
{
	const struct sv *look = &b->p->look[role < ROLE_MAX ? role : ROLE_TEXT][is_selected];

	if (b->look == look)
		return;
	if (!b->look || !sv_eq(*b->look, *look))
		text_sv(b->to, *look);
	b->look = look;
}

static void move_to(struct brush *b, unsigned int y, unsigned int x)
{
	if (b->y == y && b->x == x)
		return;
	b->p->move(b->to, y, x);
	b->y = y;
	b->x = x;
}

/* Whether all terminals agree about the cells of it: letters of the West, frames, bars and dots. */
static bool is_plain(uint32_t c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= 0xa1 && c < 0x300 && c != 0xad) || c == 0x2026 ||
	       (c >= 0x2190 && c < 0x2194) || (c >= 0x2500 && c < 0x25a0) || (c >= 0x2800 && c < 0x2900);
}

/* What is written stands in the columns it was meant for, whatever the terminal takes it for. */
static void put_cell(struct brush *b, const struct live_cell *cell)
{
	struct sv s = sv_n(cell->text, cell->len < LIVE_CLUSTER_MAX ? cell->len : LIVE_CLUSTER_MAX);
	uint32_t c = ' ';
	size_t n = s.len ? utf8_next(s, &c) : 0;

	set_look(b, cell->role, cell->is_selected);
	if (!n || c == UTF8_BAD || utf8_is_control(c) || (c >= 0x7f && !b->p->is_utf8)) {
		char stand_in = !n ? ' ' : c == UTF8_BAD || utf8_is_control(c) ? '?' : ascii_of(c);

		text_char(b->to, stand_in);
		if (cell->width == 2)
			text_char(b->to, ' ');
		b->x += cell->width == 2 ? 2 : 1;
	} else {
		utf8_put_safe(b->to, s, "");
		b->x += cell->width;
		if (n < s.len || !is_plain(c))
			b->y = NOWHERE;
	}
	if (b->x >= b->g->width)
		b->y = NOWHERE; /* it may be at the end of this line, or at the start of the next */
}

/* From which column on there is nothing more in line @y. */
static unsigned int end_of(const struct live_grid *g, unsigned int y)
{
	unsigned int x = g->width;

	while (x && is_blank(live_grid_cell(g, y, x - 1)))
		x--;
	return x;
}

static bool is_shown(const struct brush *b, unsigned int y, unsigned int x)
{
	return is_same(live_grid_cell(&b->p->shown, y, x), live_grid_cell(b->g, y, x));
}

/* The next column from @x on, before @end, that is not shown as it should be; @end: none. */
static unsigned int next_wrong(const struct brush *b, unsigned int y, unsigned int x, unsigned int end)
{
	while (x < end && is_shown(b, y, x))
		x++;
	return x;
}

static void put_line(struct brush *b, unsigned int y)
{
	const struct live_grid *g = b->g;
	unsigned int width = g->width, end, x;

	if (y + 1 == g->height && !b->p->has_last_cell)
		width--;
	end = end_of(g, y);
	if (width - (end < width ? end : width) < BLANKS_MIN || !b->p->clear_line.len)
		end = width;
	for (x = next_wrong(b, y, 0, end); x < end; x = next_wrong(b, y, x, end)) {
		if (b->y == y && x > b->x && x - b->x <= GAP_MAX)
			x = b->x;
		while (x && !live_grid_cell(g, y, x)->width)
			x--; /* a wide one is written as a whole */
		move_to(b, y, x);
		put_cell(b, live_grid_cell(g, y, x));
		x += live_grid_cell(g, y, x)->width == 2 ? 2 : 1;
	}
	if (end < width && next_wrong(b, y, end, width) < width) {
		move_to(b, y, end);
		set_look(b, ROLE_TEXT, false);
		text_sv(b->to, b->p->clear_line);
	}
}

static void keep(struct live_paint *p, const struct live_grid *g)
{
	if (g->width && g->height)
		memcpy(p->shown.cell, g->cell, (size_t)g->width * g->height * sizeof(*g->cell));
	p->shown.cursor_x = g->cursor_x;
	p->shown.cursor_y = g->cursor_y;
}

static bool has_cursor(const struct live_grid *g)
{
	return g->cursor_x >= 0 && g->cursor_y >= 0 && (unsigned int)g->cursor_x < g->width &&
	       (unsigned int)g->cursor_y < g->height;
}

int live_paint(struct live_paint *p, const struct live_grid *g, struct text *to)
{
	struct brush b = { .p = p, .g = g, .to = to, .y = NOWHERE };
	size_t start = to->len;
	bool was_on = p->is_known && has_cursor(&p->shown), is_on = has_cursor(g);

	if (p->shown.width != g->width || p->shown.height != g->height)
		p->is_known = false;
	if (!p->is_known) {
		set_look(&b, ROLE_TEXT, false);
		text_sv(to, p->clear);
		if (live_grid_clear(&p->shown, g->width, g->height) < 0)
			return -ENOMEM;
	}
	for (unsigned int y = 0; y < g->height; y++)
		put_line(&b, y);
	if (b.look)
		set_look(&b, ROLE_TEXT, false);
	if (is_on && (to->len > start || !was_on || g->cursor_x != p->shown.cursor_x ||
		      g->cursor_y != p->shown.cursor_y)) {
		p->move(to, (unsigned int)g->cursor_y, (unsigned int)g->cursor_x);
		text_sv(to, was_on ? (struct sv){} : p->show);
	} else if (!is_on && was_on) {
		text_sv(to, p->hide);
	}
	keep(p, g);
	p->is_known = !to->failed;
	return to->failed ? -ENOMEM : 0;
}

void live_paint_done(struct live_paint *p)
{
	live_grid_done(&p->shown);
}
