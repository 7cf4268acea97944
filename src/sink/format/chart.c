/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Values over time for people at a terminal: a small chart for each series, all over the same time, each with
 * a scale of its own and its numbers in words. In dots of braille, in blocks, or in ASCII, as the reader can.
 */

#include <errno.h>

#include "base/utf8.h"
#include "sink/format/plotted.h"

enum {
	WIDTH = 80, /* cells, where the screen does not tell */
	WIDTH_MIN = 30,
	LABEL = 9,        /* cells of the scale, and the line behind it */
	ROWS_MAX = 8,     /* of one chart */
	SERIES_LIMIT = 64 /* charts */
};

enum glyphs { ASCII, BLOCKS, BRAILLE };

struct drawing {
	struct plotted *p;
	enum glyphs glyphs;
	size_t width, rows; /* cells of the picture */
	struct text line;
};

/* In how many steps a cell is drawn, and how many values are beside each other in it. */
static size_t steps(enum glyphs g)
{
	return g == BLOCKS ? 8 : g == BRAILLE ? 4 : 2;
}

static size_t across(enum glyphs g)
{
	return g == BRAILLE ? 2 : 1;
}

static void put_glyph(struct drawing *d, size_t left, size_t right)
{
	static const uint8_t dots[2][5] = { { 0, 0x40, 0x44, 0x46, 0x47 }, { 0, 0x80, 0xa0, 0xb0, 0xb8 } };
	unsigned int c;

	switch (d->glyphs) {
	case ASCII: text_char(&d->line, " .#"[left]); return;
	case BLOCKS: c = left ? 0x2580 + (unsigned int)left : ' '; break;
	case BRAILLE: c = left + right ? 0x2800u + dots[0][left] + dots[1][right] : ' '; break;
	default: return;
	}
	if (c == ' ')
		text_char(&d->line, ' ');
	else
		text_put(&d->line,
			 (char[]){ (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)),
				   (char)(0x80 | (c & 63)) },
			 3);
}

/* How many steps of row @row, the lowest is 0, a column that is @height high in all fills. */
static size_t filled(const struct drawing *d, size_t height, size_t row)
{
	size_t n = steps(d->glyphs), below = row * n;

	return height <= below ? 0 : height - below < n ? height - below : n;
}

/* Of a value that is there and not 0 something is to be seen. */
static size_t height_of(const struct drawing *d, double v, double ceiling)
{
	size_t all = d->rows * steps(d->glyphs);
	double h = v / ceiling * (double)all + 0.5;

	if (!(v > 0))
		return 0;
	return h < 1 ? 1 : h > (double)all ? all : (size_t)h;
}

static int write_line(struct drawing *d)
{
	struct text *t = &d->line;

	while (t->len && t->p[t->len - 1] == ' ')
		t->len--;
	text_char(t, '\n');
	if (t->failed)
		return -ENOMEM;
	out_write(d->p->out, t->p, t->len);
	t->len = 0;
	return d->p->out->error;
}

static void put_blanks(struct text *t, size_t n)
{
	while (n--)
		text_char(t, ' ');
}

/* The scale at the left: its end at the top, 0 at the bottom. */
static void put_label(struct drawing *d, size_t row, double ceiling)
{
	struct text label = {};
	size_t width;

	if (row + 1 == d->rows)
		plotted_put_value(d->p, &label, ceiling);
	else if (row == 0)
		text_char(&label, '0');
	width = utf8_width(sv_n(label.p, label.len));
	put_blanks(&d->line, width < LABEL - 2 ? LABEL - 2 - width : 0);
	text_sv(&d->line, sv_n(label.p, label.len));
	text_str(&d->line, d->glyphs == ASCII ? " |" : " \xe2\x94\x82");
	d->line.failed |= label.failed;
	text_done(&label);
}

static int draw_row(struct drawing *d, const struct series *one, size_t row, double ceiling)
{
	size_t n = across(d->glyphs), all = d->width * n;

	put_label(d, row, ceiling);
	for (size_t x = 0; x < d->width; x++) {
		double left = series_mean(d->p->set, one, n * x, all);
		double right = n > 1 ? series_mean(d->p->set, one, n * x + 1, all) : 0;

		put_glyph(d, filled(d, height_of(d, left, ceiling), row),
			  filled(d, height_of(d, right, ceiling), row));
	}
	return write_line(d);
}

static int draw_series(struct drawing *d, const struct series *one)
{
	double min = 0, max = 0, ceiling;
	int r;

	if (!series_range(d->p->set, one, &min, &max))
		return 0;
	ceiling = series_ceiling(d->p->set, max);
	text_str(&d->line, one->name);
	text_str(&d->line, "  now ");
	plotted_put_value(d->p, &d->line, one->v[d->p->set->n_points - 1]);
	text_str(&d->line, "  min ");
	plotted_put_value(d->p, &d->line, min);
	text_str(&d->line, "  max ");
	plotted_put_value(d->p, &d->line, max);
	r = write_line(d);
	for (size_t row = d->rows; r >= 0 && row-- > 0;)
		r = draw_row(d, one, row, ceiling);
	return r;
}

/* "03:10:00" of the time of a point. */
static void put_clock(struct text *t, uint64_t at_us)
{
	enum { FROM = sizeof("1970-01-01T") - 1, LEN = sizeof("00:00:00") - 1 };
	struct text time = {};

	text_time(&time, at_us);
	if (time.failed || time.len < FROM + LEN)
		t->failed = true;
	else
		text_put(t, time.p + FROM, LEN);
	text_done(&time);
}

/* Below all of them, from when until when. */
static int draw_time(struct drawing *d)
{
	const struct series_set *set = d->p->set;
	size_t start;

	put_blanks(&d->line, LABEL);
	start = d->line.len;
	put_clock(&d->line, set->at_us[0]);
	if (set->n_points > 1 && d->width > 2 * (d->line.len - start) + 1) {
		put_blanks(&d->line, d->width - 2 * (d->line.len - start));
		put_clock(&d->line, set->at_us[set->n_points - 1]);
	}
	return write_line(d);
}

/* What it is of, on which day, and of how many series not all are shown. */
static int draw_title(struct drawing *d, size_t n_shown)
{
	const struct series_set *set = d->p->set;
	size_t n = set->n + set->n_left_out;

	text_str(&d->line, "# ");
	if (set->at_us[0]) {
		text_time(&d->line, set->at_us[0]);
		text_str(&d->line, "  ");
	}
	text_str(&d->line, set->value.name);
	if (n_shown < n)
		text_printf(&d->line, "  (the largest %zu of %zu)", n_shown, n);
	return write_line(d);
}

static int draw(struct plotted *p)
{
	const struct series *shown[SERIES_LIMIT];
	size_t n = plotted_series(p, shown, SERIES_LIMIT), width = p->o.screen ? p->o.screen : WIDTH;
	struct drawing d = { .p = p,
			     .glyphs = p->o.has_braille ? BRAILLE
				       : p->o.is_utf8   ? BLOCKS
							: ASCII,
			     .rows = n > 4   ? ROWS_MAX / 4
				     : n > 1 ? ROWS_MAX / 2
					     : ROWS_MAX };
	int r = 0;

	if (!n)
		return p->out->error;
	d.width = (width < WIDTH_MIN ? WIDTH_MIN : width) - LABEL;
	r = draw_title(&d, n);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = draw_series(&d, shown[i]);
	if (r >= 0 && p->set->at_us[0])
		r = draw_time(&d);
	text_done(&d.line);
	return r;
}

int chart_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	return plotted_new(o, out, draw, ret);
}
