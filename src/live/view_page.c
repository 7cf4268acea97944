/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <math.h>

#include "live/model_impl.h"
#include "live/view_impl.h"
#include "model/value.h"

enum { NAMES = 26 /* cells of a name in front of what is said of it */ };

/* A page of lines, of which those from .skip on are drawn. */
struct page {
	struct view *v;
	struct live_grid *g;
	unsigned int y, lines;
	size_t skip, n; /* n: lines so far */
};

static bool begin_line(struct page *p, unsigned int *ret_y)
{
	size_t i = p->n++;

	*ret_y = p->y + (unsigned int)(i - p->skip);
	return i >= p->skip && i - p->skip < p->lines;
}

static void put_pair(struct page *p, enum role role, const char *name, struct sv what)
{
	unsigned int y;

	if (!begin_line(p, &y))
		return;
	(void)live_grid_put(p->g, &(struct live_at){ .y = y, .x = 1, .width = NAMES, .role = role },
			    sv(name));
	(void)live_grid_put(p->g, &(struct live_at){ .y = y, .x = NAMES + 3 }, what);
}

static void put_head(struct page *p, const char *s)
{
	unsigned int y;

	if (begin_line(p, &y))
		(void)view_put(p->g, y, 0, ROLE_HEADER, s);
}

static void put_help(struct page *p, const struct live_model *m)
{
	put_head(p, "Keys now; those that do nothing at the moment are in parentheses.");
	for (const struct live_bind *b = live_binds; b->when; b++) {
		struct text t = {};

		if (!b->name || !b->help || b->page != PAGE_MAIN)
			continue;
		text_printf(&t, b->when(m) ? "%s" : "(%s)", b->name);
		text_char(&t, '\0');
		if (!t.failed)
			put_pair(p, b->when(m) ? ROLE_KEY : ROLE_DIM, t.p, sv(b->help));
		text_done(&t);
	}
	put_head(p, "In front of a row: > selected, + new, - gone. Behind a value: ! more than its limit.");
	put_head(p, "The mouse selects a row, and its wheel moves on. Sparklines are the last 60 samples, on "
		    "the left the oldest.");
}

/* Whether the list of columns has it. */
static bool is_column(const struct live_model *m, const char *name)
{
	for (struct sv rest = sv(m->ask.columns ? m->ask.columns : ""), word; rest.p;) {
		word = sv_trim(sv_take(&rest, ','));
		if (sv_is(word, name))
			return true;
	}
	return false;
}

static void put_columns(struct page *p, const struct live_model *m)
{
	for (enum field_id f = 0; f < F_MAX; f++) {
		bool is_at = f == (enum field_id)m->page_at, has = is_column(m, fields[f].name);
		unsigned int y;

		if (!begin_line(p, &y))
			continue;
		(void)view_put(p->g, y, 0, ROLE_TEXT, is_at ? ">" : " ");
		(void)view_put(p->g, y, 1, has ? ROLE_KEY : ROLE_DIM, has ? "[x]" : "[ ]");
		(void)live_grid_put(p->g, &(struct live_at){ .y = y, .x = 5, .width = NAMES },
				    sv(fields[f].name));
		(void)live_grid_put(p->g, &(struct live_at){ .y = y, .x = NAMES + 6, .role = ROLE_DIM },
				    sv(fields[f].help));
		if (is_at)
			live_grid_select(p->g, y);
	}
}

static double most_of(const struct known *k)
{
	double most = 0;

	for (size_t i = 0; i < KNOWN_HISTORY - 4; i++) {
		double x = known_history(k, i);

		most = x > most ? x : most;
	}
	return most;
}

static void put_history(struct page *p, const struct live_model *m, const struct known *k)
{
	struct text t = {}, unit = {};
	struct column c = { .name = "", .field = F_MAX, .type = T_BYTES_S };
	struct val most = { .kind = VAL_UINT, .u = (uint64_t)most_of(k) };

	view_spark(k, most_of(k), KNOWN_HISTORY - 4, m->about.is_utf8, &t);
	put_pair(p, ROLE_HEADER, "sent and received", sv_n(t.p, t.len));
	value_put_human(&unit, &c, &most);
	text_str(&unit, " at most, in the last 60 samples");
	put_pair(p, ROLE_DIM, "", sv_n(unit.p, unit.len));
	text_done(&t);
	text_done(&unit);
}

/* All that is known of the socket. */
static int put_details(struct page *p, const struct live_model *m)
{
	const struct board_row *row = model_selected(m);
	struct sample_row opened = {};
	const struct row *socket;
	struct text t = {};

	if (!row || row->cells) {
		put_head(p, "The socket is gone.");
		return 0;
	}
	if (row->mark == MARK_GONE)
		put_head(p, "The socket is gone; this is what was known of it last.");
	put_history(p, m, row->known);
	socket = sample_open(row->mark == MARK_GONE ? m->board->gone : m->board->sample, row->index, &opened);
	for (enum field_id f = 0; socket && f < F_MAX; f++) {
		struct column c = column_of_field(f);
		struct cell cell = {};

		cell.is_there = field_get(socket, f, &cell.val);
		if (!value_is_there(&cell) || fields[f].type == T_RAW)
			continue;
		t.len = 0;
		value_put_human(&t, &c, &cell.val);
		if (t.len)
			put_pair(p, ROLE_HEADER, fields[f].name, sv_n(t.p, t.len));
	}
	sample_row_done(&opened);
	text_done(&t);
	return socket ? 0 : -ENOMEM;
}

static void put_account(struct page *p, const struct live_model *m)
{
	struct sv rest = sv_n(m->account.p, m->account.len);

	while (rest.len) {
		struct sv line = sv_take(&rest, '\n');
		unsigned int y;

		if (begin_line(p, &y))
			(void)live_grid_put(p->g, &(struct live_at){ .y = y, .x = 1 }, line);
	}
}

static void put_kill(struct page *p, const struct live_model *m)
{
	struct text t = {};
	unsigned int y;

	live_model_filter(m, m->kill_is_one, &t);
	put_head(p, m->kill_is_one ? "Destroy what is selected (Tab: all that is shown)"
				   : "Destroy all that is shown (Tab: what is selected)");
	put_pair(p, ROLE_HEADER, "filter",
		 t.len ? sv_n(t.p, t.len) : sv("(none: all that the command selects)"));
	t.len = 0;
	if (m->account.len) {
		put_account(p, m);
	} else if (!m->kill_counted) {
		put_pair(p, ROLE_DIM, "would be destroyed", sv("being counted ..."));
	} else {
		text_printf(&t, "%zu", m->kill_count);
		put_pair(p, ROLE_CRITICAL, "would be destroyed", sv_n(t.p, t.len));
		put_pair(p, ROLE_KEY, "to do it, type that number", sv_n(m->box.text, m->box.len));
		y = p->y + (unsigned int)(p->n - 1 - p->skip);
		p->g->cursor_y = (int)y;
		p->g->cursor_x = NAMES + 3 + (int)m->box.at;
	}
	text_done(&t);
}

int view_page(struct view *v, struct live_model *m, struct live_grid *g, unsigned int y, unsigned int lines)
{
	struct page p = { .v = v, .g = g, .y = y, .lines = lines, .skip = m->page_at };
	int r = 0;

	m->lines = lines;
	m->first_line = y;
	if (m->page == PAGE_COLUMNS)
		p.skip = m->page_at >= lines / 2 ? m->page_at - lines / 2 : 0;
	switch (m->page) {
	case PAGE_HELP: put_help(&p, m); break;
	case PAGE_COLUMNS: put_columns(&p, m); break;
	case PAGE_DETAILS: r = put_details(&p, m); break;
	case PAGE_KILL: put_kill(&p, m); break;
	case PAGE_MAIN: break;
	}
	m->page_len = p.n;
	return r;
}
