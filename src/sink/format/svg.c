/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Values over time as a picture: SVG 1.1, a panel for each series as in chart.c, with its numbers in words
 * too. It needs no script and no other file; light and dark as the reader wants it.
 */

#include <errno.h>

#include "sink/format/plotted.h"

enum {
	WIDTH = 800, /* units of the picture, as all below */
	LEFT = 90,
	TOP = 40,
	PANEL = 110,
	PLOT = 70, /* height of the values in it */
	RIGHT = 20,
	SERIES_LIMIT = 64,
};

/* Text that somebody else may have chosen; what is no character of XML became one before. */
static void put_text(struct text *t, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&': text_str(t, "&amp;"); break;
		case '<': text_str(t, "&lt;"); break;
		case '>': text_str(t, "&gt;"); break;
		case '"': text_str(t, "&quot;"); break;
		default: text_char(t, *s);
		}
	}
}

static void put_value(const struct plotted *p, struct text *t, double v)
{
	struct text value = {};

	plotted_put_value(p, &value, v);
	text_char(&value, '\0');
	if (value.failed)
		t->failed = true;
	else
		put_text(t, value.p);
	text_done(&value);
}

static double x_of(const struct series_set *s, size_t k)
{
	double all = (double)(s->at_us[s->n_points - 1] - s->at_us[0]);

	return all > 0 ? LEFT + (WIDTH - LEFT - RIGHT) * (double)(s->at_us[k] - s->at_us[0]) / all : LEFT;
}

/* A line through the values; where there are none it is broken, and a value alone is a dot. */
static void put_line(struct text *t, const struct series_set *s, const struct series *one, double top,
		     double ceiling)
{
	bool is_on = false;

	text_str(t, "<path class=\"v\" d=\"");
	for (size_t k = 0; k < s->n_points; k++) {
		double v = one->v[k];

		if (__builtin_isnan(v)) {
			is_on = false;
			continue;
		}
		text_printf(t, "%s%.1f %.1f%s", is_on ? "L" : "M", x_of(s, k),
			    top + PLOT - PLOT * v / ceiling, is_on ? "" : "h0");
		is_on = true;
	}
	text_str(t, "\"/>\n");
}

static void put_panel(const struct plotted *p, struct text *t, const struct series *one, size_t i)
{
	double top = TOP + 25 + (double)(PANEL * i), min = 0, max = 0, ceiling;

	if (!series_range(p->set, one, &min, &max))
		return;
	ceiling = series_ceiling(p->set, max);
	text_printf(t, "<g><text x=\"%d\" y=\"%.0f\" class=\"n\">", LEFT, top - 6);
	put_text(t, one->name);
	text_str(t, "</text>\n");
	text_printf(t, "<text x=\"%d\" y=\"%.0f\" class=\"e\">now ", WIDTH - RIGHT, top - 6);
	put_value(p, t, one->v[p->set->n_points - 1]);
	text_str(t, ", min ");
	put_value(p, t, min);
	text_str(t, ", max ");
	put_value(p, t, max);
	text_str(t, "</text>\n");
	text_printf(t, "<path class=\"a\" d=\"M%d %.0fV%.0fH%d\"/>\n", LEFT, top, top + PLOT, WIDTH - RIGHT);
	text_printf(t, "<text x=\"%d\" y=\"%.0f\" class=\"e\">", LEFT - 6, top + 10);
	put_value(p, t, ceiling);
	text_printf(t, "</text><text x=\"%d\" y=\"%.0f\" class=\"e\">0</text>\n", LEFT - 6, top + PLOT);
	put_line(t, p->set, one, top, ceiling);
	text_str(t, "</g>\n");
}

static void put_head(const struct plotted *p, struct text *t, size_t n)
{
	size_t height = TOP + PANEL * n + 30;

	text_printf(t,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" width=\"%d\" "
		    "height=\"%zu\" "
		    "role=\"img\">\n<title>",
		    WIDTH, height, WIDTH, height);
	put_text(t, p->set->value.name);
	text_str(
		t,
		"</title>\n<style>svg{background:#fff;color:#222}text{font:12px sans-serif;fill:currentColor}"
		".n{font-weight:bold}.e{text-anchor:end}.a{stroke:#888;fill:none}"
		".v{stroke:#0b62a8;fill:none;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}"
		"@media(prefers-color-scheme:dark){svg{background:#1b1b1b;color:#ddd}.v{stroke:#6cb6ff}}"
		"</style>\n");
	text_printf(t, "<text x=\"%d\" y=\"24\" class=\"n\">", LEFT);
	put_text(t, p->set->value.name);
	if (n < p->set->n + p->set->n_left_out)
		text_printf(t, " (the largest %zu of %zu)", n, p->set->n + p->set->n_left_out);
	text_str(t, "</text>\n");
}

static void put_times(const struct plotted *p, struct text *t, size_t n)
{
	const struct series_set *s = p->set;
	size_t y = TOP + PANEL * n + 15;

	if (!s->at_us[0])
		return;
	text_printf(t, "<text x=\"%d\" y=\"%zu\">", LEFT, y);
	text_time(t, s->at_us[0]);
	text_str(t, "</text>\n");
	if (s->n_points < 2)
		return;
	text_printf(t, "<text x=\"%d\" y=\"%zu\" class=\"e\">", WIDTH - RIGHT, y);
	text_time(t, s->at_us[s->n_points - 1]);
	text_str(t, "</text>\n");
}

static int draw(struct plotted *p)
{
	const struct series *shown[SERIES_LIMIT];
	size_t n = plotted_series(p, shown, SERIES_LIMIT);
	struct text t = {};
	int r;

	if (!p->set->n_points)
		return p->out->error;
	put_head(p, &t, n);
	for (size_t i = 0; i < n; i++)
		put_panel(p, &t, shown[i], i);
	put_times(p, &t, n);
	text_str(&t, "</svg>\n");
	r = t.failed ? -ENOMEM : 0;
	if (r >= 0)
		out_write(p->out, t.p, t.len);
	text_done(&t);
	return r < 0 ? r : p->out->error;
}

int svg_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	return plotted_new(o, out, draw, ret);
}
