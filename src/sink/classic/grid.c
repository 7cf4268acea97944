/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/classic/grid.h"

#include <errno.h>

#include "base/utf8.h"
#include "sink/classic/pen.h"

enum {
	BLOCK = 1048560, /* usable bytes of one block of the original's store */
	BLOCKS = 4,      /* a row that ends beyond them closes the batch */
	LONG = 255,      /* of a length: the four bytes behind tell it */
	INLINE = 32,     /* cells that owners take at least, when they stand beside the addresses */
	SHORT = 32,      /* bytes that are copied at once where only some count */
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
	text_done(&g->lens);
	text_done(&g->unseen);
}

void grid_begin(struct grid *g)
{
	memset(g->max, 0, sizeof(g->max));
}

/* What a cell of @len bytes takes in the original's store. */
static size_t booked(uint32_t len)
{
	return 2 + ((size_t)len + 1) / 2 * 2;
}

/* Books the cells of the row one by one: they do not straddle blocks. */
static void book_cells(struct grid *g)
{
	for (enum column c = 0; c < COL_MAX; c++) {
		size_t n = booked(g->len[c]);

		if (!is_enabled(g, c))
			continue;
		if (n > g->block_left) {
			g->blocks++;
			g->block_left = BLOCK;
		}
		g->block_left -= n < g->block_left ? n : g->block_left;
	}
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
	(void)text_room(&g->store, SHORT);
	g->cell = g->store.len;
	memset(g->len, 0, sizeof(g->len));
}

static char *put_len(char *d, uint32_t len)
{
	*d++ = (char)(len < LONG ? len : LONG);
	if (len < LONG)
		return d;
	memcpy(d, &len, sizeof(len));
	return d + sizeof(len);
}

void grid_row_end(struct grid *g)
{
	char *d = text_room(&g->lens, COL_MAX * (1 + sizeof(uint32_t)));
	uint32_t held_max;
	size_t all = 0;

	if (!g->is_terminal)
		g->held = g->col;
	held_max = g->max[g->held];
	g->len[g->col] = (uint32_t)(g->store.len - g->cell);
	if (!d || g->store.failed) {
		text_fail(&g->store);
		return;
	}
	for (enum column c = 0; c < COL_MAX; c++) {
		uint32_t len = g->len[c];

		if (!is_enabled(g, c))
			continue;
		d = put_len(d, len);
		all += booked(len);
		g->max[c] = len > g->max[c] ? len : g->max[c];
	}
	g->lens.len = (size_t)(d - g->lens.p);
	g->held_len = g->len[g->held];
	g->max[g->held] = held_max;
	if (all <= g->block_left)
		g->block_left -= all;
	else
		book_cells(g);
}

/* The column that is open, the lengths of the cells up to it, and their bytes. */
void grid_pack(struct grid *g, struct text *ret)
{
	size_t start = g->store.len;

	g->len[g->col] = (uint32_t)(g->store.len - g->cell);
	for (enum column c = 0; c <= g->col; c++)
		start -= g->len[c];
	if (g->store.failed)
		text_fail(ret);
	text_char(ret, (char)g->col);
	text_put(ret, g->len, (g->col + 1u) * sizeof(*g->len));
	text_put(ret, g->store.p + start, g->store.len - start);
	g->store.len = start;
}

void grid_unpack(struct grid *g, struct sv packed)
{
	enum column last = (enum column)packed.p[0];
	struct sv lens = sv_from(packed, 1), cells = sv_from(lens, (last + 1u) * sizeof(uint32_t));

	grid_row(g);
	for (enum column c = 0; c <= last; c++) {
		uint32_t len;

		memcpy(&len, lens.p + c * sizeof(len), sizeof(len));
		text_put(grid_cell(g, c), cells.p, len);
		cells = sv_from(cells, len);
	}
	grid_row_end(g);
}

void grid_header(struct grid *g, const char *sign)
{
	grid_row(g);
	text_str(grid_cell(g, (enum column)__builtin_ctz(g->enabled)), sign);
	for (enum column c = 0; c < COL_MAX; c++)
		text_str(grid_cell(g, c), columns[c].name);
	grid_row_end(g);
	g->header = g->lens.len;
}

/* Shares @slack cells of a line among columns @from to @to, the rightmost first when it does not divide. */
static void stretch(uint32_t *width, const uint8_t *line, size_t n, unsigned int slack)
{
	for (size_t i = 0; n && i < n; i++)
		width[line[i]] += slack / n + (i >= n - slack % n);
}

/*
 * Owners that make lines longer than the screen get what the other columns leave, or where that is little as
 * much as their header takes: they have lines of their own then.
 */
static void limit_owners(const struct grid *g, uint32_t *width)
{
	uint32_t others = 0, header = (uint32_t)strlen(columns[COL_PROCESS].name) + 1, room;

	for (enum column c = 0; c < COL_PROCESS; c++)
		others += width[c];
	room = g->screen > others ? g->screen - others : 0;
	if (width[COL_PROCESS] > room)
		width[COL_PROCESS] = room >= INLINE ? room : room >= header ? header : 0;
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
	if (g->is_wrapped)
		limit_owners(g, width);
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

/* Few as a rule: a run of known size, of which only the front counts, is a move or two. */
static char *blanks(char *d, size_t n)
{
	memset(d, ' ', SHORT);
	if (n > SHORT)
		memset(d + SHORT, ' ', n - SHORT);
	return d + n;
}

/* As blanks(); where @p may be read up to @end. */
static char *copy(char *d, const char *p, size_t n, const char *end)
{
	if (n <= SHORT && end - p >= SHORT)
		memcpy(d, p, SHORT);
	else
		memcpy(d, p, n);
	return d + n;
}

/* Length without the white space at the end, which may be all of a cell that only goes on to another line. */
static struct sv trimmed(struct sv s)
{
	while (s.len && strchr(" \t\n", s.p[s.len - 1]))
		s.len--;
	return s;
}

static size_t missing(size_t have, size_t want)
{
	return have < want ? want - have : 0;
}

/* The rows that are being written. */
struct batch {
	const char *p, *end; /* cells to come */
	const char *len, *len_end;
	struct lane {
		enum column col;
		size_t gap, width;
		bool is_right, is_padded;
	} lane[COL_MAX]; /* enabled columns */
	size_t n;
	size_t room; /* that a row takes at most, leaving aside what is in its cells */
};

static void begin_batch(const struct grid *g, struct batch *b)
{
	enum column unpadded = is_enabled(g, COL_PROCESS) ? COL_PROCESS : COL_PEER_PORT;
	uint32_t width[COL_MAX];

	*b = (struct batch){ .p = g->store.p,
			     .end = g->store.p + g->store.len,
			     .len = g->lens.p,
			     .len_end = g->lens.p + g->lens.len,
			     .room = 1 + 2 * SHORT };
	measure(g, width);
	for (enum column c = 0; c < COL_MAX; c++) {
		struct lane *lane = &b->lane[b->n];

		if (!is_enabled(g, c))
			continue;
		*lane = (struct lane){ .col = c,
				       .gap = b->n ? columns[c].gap : 0,
				       .width = width[c],
				       .is_right = columns[c].right,
				       .is_padded = !columns[c].right && (g->screen || c != unpadded) };
		b->room += lane->gap + lane->width;
		b->n++;
	}
}

/* The lengths of the next row's cells. Returns how many bytes the row takes at most. */
static size_t read_lens(const struct grid *g, struct batch *b, uint32_t *len)
{
	size_t room = b->room;

	for (size_t i = 0; i < b->n; i++) {
		len[i] = (uint8_t)*b->len++;
		if (len[i] == LONG) {
			memcpy(&len[i], b->len, sizeof(*len));
			b->len += sizeof(*len);
		}
		room += g->is_wrapped ? pen_room(len[i]) : len[i];
	}
	return room;
}

/* The owners and the details of a row, from the cell @first on. Returns its end. */
static char *write_tail(struct batch *b, const uint32_t *len, size_t first, struct pen *pen)
{
	for (size_t i = first; i < b->n; i++) {
		struct sv cell = trimmed(sv_n(b->p, len[i]));

		b->p += len[i];
		if (cell.len && b->lane[i].col == COL_PROCESS)
			pen_owners(pen, cell, b->lane[i].width);
		else if (cell.len)
			pen_words(pen, cell);
	}
	return pen->d;
}

static int write_row(struct grid *g, struct batch *b)
{
	uint32_t len[COL_MAX];
	size_t pending = 0; /* blanks not written yet: on a terminal those at the end never are */
	char *start = out_reserve(g->out, read_lens(g, b, len)), *d = start;

	if (!start)
		return -ENOMEM;
	for (size_t i = 0; i < b->n; i++) {
		const struct lane *lane = &b->lane[i];
		struct sv cell = sv_n(b->p, len[i]);
		size_t shown = lane->gap + cell.len;

		if (g->is_wrapped && lane->col >= COL_PROCESS) {
			struct pen pen = { .d = d, .pending = pending, .screen = g->screen };

			pen.col = utf8_width(sv_n(start, (size_t)(d - start))) + pending;
			d = write_tail(b, len, i, &pen);
			break;
		}
		b->p += cell.len;
		if (g->is_terminal && lane->col == COL_EXTRA) {
			cell = trimmed(cell);
			pending *= !cell.len || cell.p[0] != '\n';
		}
		if (g->is_terminal)
			shown = lane->gap + utf8_width(cell);
		pending += lane->gap;
		if (lane->is_right)
			pending += missing(shown, lane->width);
		if (cell.len || !g->is_terminal) {
			d = blanks(d, pending);
			pending = 0;
		}
		d = copy(d, cell.p, cell.len, b->end);
		if (lane->is_padded)
			pending += missing(shown, lane->width);
	}
	if (!g->is_terminal)
		d = blanks(d, pending);
	*d++ = '\n';
	out_commit(g->out, (size_t)(d - start));
	return 0;
}

int grid_flush(struct grid *g)
{
	struct batch b;

	if (g->store.failed)
		return -ENOMEM;
	begin_batch(g, &b);
	g->has_rows |= g->lens.len > g->header;
	g->header = 0;
	while (b.len < b.len_end) {
		if (write_row(g, &b) < 0) {
			text_fail(&g->store); /* what is written is not to be written again */
			return -ENOMEM;
		}
	}
	g->store.len = 0;
	g->lens.len = 0;
	g->held_len = 0;
	g->blocks = 1;
	g->block_left = BLOCK;
	return g->out->error;
}
