/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "live/view_impl.h"
#include "model/value.h"
#include "ops/order.h"
#include "sink/format/tone.h"

enum { SIGNS = 2 /* cells in front of a row: selected, new or gone */ };

struct entry { /* of a lane and a row */
	size_t at, len, width;
	enum tone tone;
};

struct drawing {
	struct view *v;
	struct live_model *m;
	struct live_grid *g;
	unsigned int y, lines; /* of rows, below the header */
	const struct column *columns;
	size_t n_columns, n_rows;
	struct entry *entry; /* by row and lane */
	unsigned int width;  /* of the lanes */
	double most;         /* of all in view */
};

static const enum role tone_roles[] = {
	[TONE_NONE] = ROLE_TEXT,      [TONE_GOOD] = ROLE_TEXT,       [TONE_WAITS] = ROLE_TEXT,
	[TONE_PASSING] = ROLE_DIM,    [TONE_TROUBLE] = ROLE_WARNING, [TONE_FULL] = ROLE_CRITICAL,
	[TONE_CHANGED] = ROLE_CHANGED
};

/* What decides over the columns: when it is another one they are laid out anew. */
static const char *list_of(const struct live_model *m)
{
	const char *list = m->board->columns ? m->ask.by : m->ask.columns;

	return list ? list : "";
}

static int make_lanes(struct drawing *t)
{
	struct view *v = t->v;
	const char *list = list_of(t->m);

	if (v->columns && v->of && !strcmp(v->of, list) && v->n_columns == t->n_columns &&
	    v->width == t->width) {
		for (size_t i = 0, k = 0; i < t->n_columns; i += t->columns[i].pair ? 2 : 1)
			v->lanes[k++].column = &t->columns[i];
		v->columns = t->columns;
		return 0;
	}
	free(v->lanes);
	free(v->of);
	v->lanes = calloc(t->n_columns + 1, sizeof(*v->lanes));
	v->of = strdup(list);
	if (!v->lanes || !v->of)
		return -ENOMEM;
	v->n = 0;
	for (size_t i = 0; i < t->n_columns; i += t->columns[i].pair ? 2 : 1) {
		const struct column *c = &t->columns[i];

		v->lanes[v->n++] = (struct lane){ .column = c,
						  .is_right = layout_is_right(c),
						  .may_stand_out = tone_may_be(c) };
	}
	v->columns = t->columns;
	v->n_columns = t->n_columns;
	v->width = t->width;
	return 0;
}

static void read_row(struct drawing *t, size_t row, const struct cell *cells)
{
	struct view *v = t->v;

	for (size_t i = 0; i < v->n; i++) {
		struct lane *lane = &v->lanes[i];
		struct entry *e = &t->entry[row * v->n + i];
		size_t column = (size_t)(lane->column - t->columns);

		*e = (struct entry){ .at = v->store.len };
		if (lane->may_stand_out)
			e->tone = tone_of(t->columns, cells, t->n_columns, column);
		layout_put_value(&v->store, t->columns, cells, column);
		lane->has_value |= v->store.len > e->at;
		if (v->store.len == e->at)
			text_char(&v->store, '-');
		if (e->tone == TONE_FULL && lane->column->type != T_SHARE)
			text_char(&v->store, '!');
		e->len = v->store.len - e->at;
		e->width = v->store.failed ? 0 : utf8_width(sv_n(v->store.p + e->at, e->len));
		if (e->width > lane->wide)
			lane->wide = e->width;
	}
}

/* Reads the rows in view. */
static int read_rows(struct drawing *t)
{
	const struct board *b = t->m->board;
	struct sample_row opened = {};
	int r = 0;

	t->v->store.len = 0;
	for (size_t i = 0; i < t->n_rows && r == 0; i++) {
		const struct board_row *row = &b->v[t->m->top + i];
		const struct cell *cells = row->cells;
		const struct row *socket;

		if (!cells) {
			socket = sample_open(row->mark == MARK_GONE ? b->gone : b->sample, row->index,
					     &opened);
			cells = socket ? lister_read(t->m->lister, socket) : NULL;
		}
		if (cells)
			read_row(t, i, cells);
		else
			r = -ENOMEM;
		for (size_t k = 0; k < KNOWN_HISTORY - 4; k++) {
			double x = known_history(row->known, k);

			if (x > t->most)
				t->most = x;
		}
	}
	sample_row_done(&opened);
	return t->v->store.failed ? -ENOMEM : r;
}

/* What a screen has no room for the names of. */
static struct sv header_of(const struct view *v, size_t i)
{
	static const struct {
		const char *name, *brief;
	} brief[] = {
		{ "tcp.bytes_sent_rate", "sent" },
		{ "tcp.bytes_received_rate", "received" },
		{ "tcp.total_retrans", "retrans" },
		{ "sum(tcp.bytes_sent_rate)", "sent" },
		{ "sum(tcp.bytes_received_rate)", "received" },
		{ "sum(tcp.total_retrans_rate)", "retrans" },
		{ "p50(tcp.rtt)", "p50 rtt" },
		{ "p99(tcp.rtt)", "p99 rtt" },
	};

	for (size_t k = 0; k < ARRAY_SIZE(brief); k++)
		if (!strcmp(v->lanes[i].column->name, brief[k].name))
			return sv(brief[k].brief);
	return layout_header(v->lanes, v->n, i);
}

static void lay_out(struct drawing *t)
{
	const struct layout_opts lo = { .screen = t->width, .is_fitted = true, .is_whole = t->n_rows };
	struct view *v = t->v;

	for (size_t i = 0; i < v->n; i++)
		v->lanes[i].is_shown = false;
	layout_open(v->lanes, v->n, &lo);
	for (size_t i = 0; i < v->n; i++) {
		v->lanes[i].header = header_of(v, i);
		if (v->lanes[i].header.len > v->lanes[i].wide)
			v->lanes[i].wide = v->lanes[i].header.len;
	}
	(void)layout_choose(v->lanes, v->n, &lo);
}

/* As much of @s, @width cells, as fits in the lane, with a sign that there was more. */
static void put_lane(const struct drawing *t, const struct live_at *lane, struct sv s, size_t width,
		     bool is_right)
{
	struct live_at end = { .y = lane->y, .x = lane->x + lane->width - 1, .width = 1, .role = lane->role };

	if (!lane->width)
		return;
	if (width <= lane->width && is_right)
		(void)live_grid_put_right(t->g, lane, s);
	else
		(void)live_grid_put(t->g, lane, s);
	if (width > lane->width)
		(void)live_grid_put(t->g, &end, sv(t->m->about.is_utf8 ? "\xe2\x80\xa6" : "~"));
}

static struct live_at lane_at(unsigned int y, unsigned int x, const struct lane *lane, enum role role)
{
	return (struct live_at){ .y = y, .x = x, .width = (unsigned int)lane->room, .role = role };
}

static bool is_sorted_by(const struct live_model *m, const struct column *c)
{
	struct sv list = sv(m->ask.sort ? m->ask.sort : ""), name = order_name(sv_take(&list, ','));

	return sv_is(name, c->name);
}

static void draw_header(struct drawing *t)
{
	unsigned int x = SIGNS;
	struct view *v = t->v;

	for (size_t i = 0; i < v->n; i++) {
		const struct lane *lane = &v->lanes[i];
		struct live_at at;
		bool is_sorted;

		if (!lane->is_shown)
			continue;
		is_sorted = is_sorted_by(t->m, lane->column);
		v->text.len = 0;
		for (size_t k = 0; k < lane->header.len; k++)
			text_char(&v->text, lane->header.p[k] >= 'a' && lane->header.p[k] <= 'z'
						    ? (char)(lane->header.p[k] - 'a' + 'A')
						    : lane->header.p[k]);
		at = lane_at(t->y, x, lane, is_sorted ? ROLE_SORTED : ROLE_HEADER);
		put_lane(t, &at, sv_n(v->text.p, v->text.len), v->text.len, lane->is_right);
		if (is_sorted) /* also where there is no colour */
			(void)live_grid_put(t->g,
					    &(struct live_at){ .y = t->y,
							       .x = x + (unsigned int)lane->room,
							       .width = 1,
							       .role = ROLE_SORTED },
					    sv(strstr(t->m->ask.sort, ":asc") ? "^" : "v"));
		x += (unsigned int)lane->room + LAYOUT_GAP;
	}
}

static void draw_row(struct drawing *t, size_t i)
{
	static const char *const signs[] = { [MARK_NONE] = " ", [MARK_NEW] = "+", [MARK_GONE] = "-" };
	const struct board_row *row = &t->m->board->v[t->m->top + i];
	enum role whole = row->mark == MARK_NEW ? ROLE_NEW : row->mark == MARK_GONE ? ROLE_GONE : ROLE_TEXT;
	unsigned int y = t->y + 1 + (unsigned int)i, x = SIGNS;
	struct view *v = t->v;
	bool is_selected = row->id == t->m->selected;

	(void)view_put(t->g, y, 0, ROLE_TEXT, is_selected ? ">" : " ");
	(void)view_put(t->g, y, 1, whole, signs[row->mark]);
	for (size_t k = 0; k < v->n; k++) {
		const struct entry *e = &t->entry[i * v->n + k];
		const struct lane *lane = &v->lanes[k];
		struct live_at at;

		if (!lane->is_shown)
			continue;
		at = lane_at(y, x, lane, whole == ROLE_TEXT ? tone_roles[e->tone] : whole);
		put_lane(t, &at, sv_n(v->store.p + e->at, e->len), e->width, lane->is_right);
		x += (unsigned int)lane->room + LAYOUT_GAP;
	}
	if (t->g->width >= SPARK_FROM) {
		v->text.len = 0;
		view_spark(row->known, t->most, SPARK, t->m->about.is_utf8, &v->text);
		(void)live_grid_put(t->g,
				    &(struct live_at){ .y = y, .x = t->g->width - SPARK, .role = ROLE_GRAPH },
				    sv_n(v->text.p, v->text.len));
	}
	if (is_selected)
		live_grid_select(t->g, y);
}

/* By what the keys for it sort: columns in view. */
static void note_columns(struct drawing *t)
{
	struct live_model *m = t->m;

	for (size_t i = 0; i < m->n_shown; i++)
		free(m->shown[i]);
	m->n_shown = 0;
	for (size_t i = 0; i < t->v->n && m->n_shown < ARRAY_SIZE(m->shown); i++) {
		const struct lane *lane = &t->v->lanes[i];

		if (lane->is_shown && (m->shown[m->n_shown] = strdup(lane->column->name)))
			m->n_shown++;
	}
}

int view_table(struct view *v, struct live_model *m, struct live_grid *g, unsigned int y, unsigned int lines)
{
	_cleanup_free_ struct entry *entry = NULL;
	struct drawing t = { .v = v, .m = m, .g = g, .y = y, .lines = lines ? lines - 1 : 0 };
	const struct board *b = m->board;
	int r;

	m->lines = t.lines;
	m->first_line = y + 1;
	if (!b)
		return 0;
	if (m->top >= b->n)
		m->top = b->n ? b->n - 1 : 0;
	t.n_rows = b->n - m->top < t.lines ? b->n - m->top : t.lines;
	t.columns = b->columns ? b->columns : lister_columns(m->lister, &t.n_columns);
	if (b->columns)
		t.n_columns = b->n_columns;
	t.width = g->width > SIGNS ? g->width - SIGNS : 1;
	if (g->width >= SPARK_FROM)
		t.width -= SPARK + LAYOUT_GAP;
	r = make_lanes(&t);
	if (r < 0)
		return r;
	entry = calloc(t.n_rows * v->n + 1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	t.entry = entry;
	r = read_rows(&t);
	if (r < 0)
		return r;
	lay_out(&t);
	draw_header(&t);
	for (size_t i = 0; i < t.n_rows; i++)
		draw_row(&t, i);
	note_columns(&t);
	return 0;
}
