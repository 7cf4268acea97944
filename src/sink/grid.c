/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/grid.h"

#include <errno.h>

#include "base/utf8.h"

enum {
	BLOCK = 1048560, /* usable bytes of one block of the original's store */
	BLOCKS = 4,      /* a row that ends beyond them closes the batch */
};

static const struct {
	const char *name;
	uint8_t gap; /* blanks before it */
	bool right;
} columns[COL_MAX] = {
	[COL_NETNS] = { "Netns", 0, false },     [COL_NETID] = { "Netid", 1, false },
	[COL_STATE] = { "State", 1, false },     [COL_RECVQ] = { "Recv-Q", 1, false },
	[COL_SENDQ] = { "Send-Q", 1, false },    [COL_LOCAL] = { "Local Address:", 1, true },
	[COL_LOCAL_PORT] = { "Port", 0, false }, [COL_PEER] = { "Peer Address:", 1, true },
	[COL_PEER_PORT] = { "Port", 0, false },  [COL_PROCESS] = { "Process", 0, false },
	[COL_EXTRA] = { "", 0, false },
};

static bool is_enabled(const struct grid *g, enum column col)
{
	return g->enabled >> col & 1;
}

void grid_init(struct grid *g, struct out *out, uint32_t enabled)
{
	*g = (struct grid){ .out = out, .enabled = enabled, .block_left = BLOCK, .blocks = 1 };
}

void grid_done(struct grid *g)
{
	text_done(&g->store);
	text_done(&g->unseen);
}

static void open_cell(struct grid *g)
{
	char *p = text_room(&g->store, sizeof(uint32_t));

	g->cell = g->store.len;
	if (p)
		g->store.len += sizeof(uint32_t);
}

/* Books @n bytes the way the original's store does: a cell does not straddle blocks. */
static void book(struct grid *g, size_t n)
{
	g->used += n;
	if (n > g->block_left) {
		g->blocks++;
		g->block_left = BLOCK;
	}
	g->block_left -= n < g->block_left ? n : g->block_left;
}

static void close_cell(struct grid *g)
{
	uint32_t len = (uint32_t)(g->store.len - g->cell - sizeof(uint32_t));

	if (g->store.failed)
		return;
	memcpy(g->store.p + g->cell, &len, sizeof(len));
	book(g, 2 + ((size_t)len + 1) / 2 * 2);
	if (g->col == g->held)
		g->held_len = len;
	else if (len > g->max[g->col])
		g->max[g->col] = len;
}

void grid_row(struct grid *g)
{
	if (g->blocks > BLOCKS)
		(void)grid_flush(g);
	if (g->held_len > g->max[g->held])
		g->max[g->held] = g->held_len;
	g->held_len = 0;
	g->held = COL_EXTRA;
	g->col = (enum column)0;
	g->row_open = true;
	if (is_enabled(g, g->col))
		open_cell(g);
}

struct text *grid_cell(struct grid *g, enum column col)
{
	while (g->col < col) {
		if (is_enabled(g, g->col))
			close_cell(g);
		g->col++;
		if (is_enabled(g, g->col))
			open_cell(g);
	}
	if (is_enabled(g, col))
		return &g->store;
	g->unseen.len = 0;
	return &g->unseen;
}

void grid_row_end(struct grid *g)
{
	if (!g->is_terminal)
		g->held = g->col;
	(void)grid_cell(g, COL_EXTRA);
	close_cell(g);
	g->row_open = false;
	g->n_rows++;
}

void grid_header(struct grid *g)
{
	grid_row(g);
	for (enum column c = 0; c < COL_MAX; c++)
		text_str(grid_cell(g, c), columns[c].name);
	grid_row_end(g);
}

/* Shares @slack cells of a line among columns @from to @to, the rightmost first when it does not divide. */
static void stretch(uint32_t *width, const uint8_t *line, size_t n, unsigned int slack)
{
	for (size_t i = 0; n && i < n; i++)
		width[line[i]] += slack / n + (i >= n - slack % n);
}

/*
 * Natural widths, then stretched so that every line of the screen is full.
 * Columns fill lines from left to right; one that is exactly full is left alone.
 */
static void measure(const struct grid *g, uint32_t *width)
{
	uint8_t line[COL_MAX];
	unsigned int sum = 0;
	size_t n = 0;
	bool is_first = true;

	for (enum column c = 0; c < COL_MAX; c++) {
		width[c] = is_enabled(g, c) && !(c == COL_EXTRA && g->is_terminal) ? g->max[c] : 0;
		if (!width[c])
			continue;
		width[c] += is_first ? 0 : columns[c].gap;
		is_first = false;
		if (g->screen && width[c] > g->screen)
			width[c] = g->screen;
	}
	for (enum column c = 0; g->screen && c < COL_MAX; c++) {
		if (!width[c])
			continue;
		if (sum + width[c] > g->screen) {
			stretch(width, line, n, g->screen - sum);
			n = sum = 0;
		}
		line[n++] = (uint8_t)c;
		sum += width[c];
		if (sum == g->screen)
			n = sum = 0;
	}
	if (g->screen)
		stretch(width, line, n, g->screen - sum);
}

struct cell {
	const char *p;
	uint32_t len;
};

static struct cell read_cell(const char **p)
{
	struct cell c;

	memcpy(&c.len, *p, sizeof(c.len));
	c.p = *p + sizeof(c.len);
	*p = c.p + c.len;
	return c;
}

static char *blanks(char *d, size_t n)
{
	memset(d, ' ', n);
	return d + n;
}

/* Cells are short as a rule: a copy of known size, of which only the front counts, is a move or two. */
static char *copy(char *d, const char *p, size_t n, const char *end)
{
	enum { SHORT = 32 };

	if (n <= SHORT && end - p >= SHORT)
		memcpy(d, p, SHORT);
	else
		memcpy(d, p, n);
	return d + n;
}

/* Length without the white space at the end, which may be all of a cell that only goes on to another line. */
static size_t trimmed(struct cell c)
{
	size_t n = c.len;

	while (n && strchr(" \t\n", c.p[n - 1]))
		n--;
	return n;
}

/* Bytes that a row takes at most, with slack for copy(). */
static size_t row_room(const struct grid *g, const char *p, const uint32_t *width)
{
	size_t room = 64;

	for (enum column c = 0; c < COL_MAX; c++)
		if (is_enabled(g, c))
			room += read_cell(&p).len + width[c] + columns[c].gap;
	return room;
}

static size_t missing(size_t have, size_t want)
{
	return have < want ? want - have : 0;
}

/* Writes one row of the batch that ends at @end; returns where the next begins. */
static const char *write_row(struct grid *g, const char *p, const char *end, const uint32_t *width)
{
	enum column unpadded = is_enabled(g, COL_PROCESS) ? COL_PROCESS : COL_PEER_PORT;
	size_t pending = 0; /* blanks not written yet: on a terminal those at the end never are */
	char *start = out_reserve(g->out, row_room(g, p, width)), *d = start;

	if (!start)
		return NULL;
	for (enum column c = 0; c < COL_MAX; c++) {
		struct cell cell;
		size_t shown;

		if (!is_enabled(g, c))
			continue;
		cell = read_cell(&p);
		if (g->is_terminal && c == COL_EXTRA) {
			cell.len = (uint32_t)trimmed(cell);
			pending *= !cell.len || cell.p[0] != '\n';
		}
		shown = g->is_terminal ? utf8_width(sv_n(cell.p, cell.len)) : cell.len;
		if (g->enabled & ((1u << c) - 1)) {
			pending += columns[c].gap;
			shown += columns[c].gap;
		}
		if (columns[c].right)
			pending += missing(shown, width[c]);
		if (cell.len || !g->is_terminal) {
			d = blanks(d, pending);
			pending = 0;
		}
		d = copy(d, cell.p, cell.len, end);
		if (!columns[c].right && (g->screen || c != unpadded))
			pending += missing(shown, width[c]);
	}
	if (!g->is_terminal)
		d = blanks(d, pending);
	*d++ = '\n';
	out_commit(g->out, (size_t)(d - start));
	return p;
}

int grid_flush(struct grid *g)
{
	const char *p = g->store.p, *end = p ? p + g->store.len : NULL;
	uint32_t width[COL_MAX];

	if (g->store.failed)
		return -ENOMEM;
	measure(g, width);
	while (p && p < end)
		p = write_row(g, p, end, width);
	if (!p && end) {
		text_fail(&g->store); /* what is written is not to be written again */
		return -ENOMEM;
	}
	g->store.len = 0;
	g->n_rows = 0;
	g->held_len = 0;
	g->used = 0;
	g->blocks = 1;
	g->block_left = BLOCK;
	return g->out->error;
}
