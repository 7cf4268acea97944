/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "live/view_impl.h"
#include "model/value.h"

enum {
	TALL = 14,      /* lines of a screen that has room for totals of two lines, and the command */
	ERROR_LINES = 4 /* of what is wrong with what is typed */
};

struct view *view_new(void)
{
	return calloc(1, sizeof(struct view));
}

struct view *view_free(struct view *v)
{
	if (!v)
		return NULL;
	text_done(&v->text);
	text_done(&v->store);
	free(v->lanes);
	free(v->of);
	free(v);
	return NULL;
}

static unsigned int put_text(struct live_grid *g, unsigned int y, unsigned int x, enum role role,
			     struct text *t)
{
	x += live_grid_put(g, &(struct live_at){ .y = y, .x = x, .role = role }, sv_n(t->p, t->len));
	t->len = 0;
	return x;
}

static void put_rate(struct text *t, enum type type, double v)
{
	struct column c = { .name = "", .field = F_MAX, .type = type };
	struct val val = { .kind = VAL_REAL, .d = v };

	if (isnan(v)) {
		text_str(t, "?");
		return;
	}
	if (type == T_BYTES_S)
		val = (struct val){ .kind = VAL_UINT, .u = (uint64_t)v };
	value_put_human(t, &c, &val);
}

/* When it was so, of a moment of the past. */
static void put_time(struct text *t, uint64_t us)
{
	size_t at = t->len;

	text_time(t, us);
	if (!t->failed && t->len - at > 20) /* without what is below a second */
		t->len = at + 19;
}

static void put_pace(struct text *t, const struct live_model *m)
{
	double taken = (double)m->cost_us / 1e3;

	text_printf(t, "every %g s", (double)m->ask.every_us / 1e6);
	if (2 * m->cost_us > m->ask.every_us) /* it rests as long as it worked: cli/live_sampler.c */
		text_printf(t, " (less often: a sample takes %.0f ms)", taken);
}

static void draw_title(struct view *v, const struct live_model *m, int64_t now_us, struct live_grid *g)
{
	unsigned int x = view_put(g, 0, 0, ROLE_TITLE, "ss --live");
	struct text *t = &v->text;

	t->len = 0;
	text_printf(t, "  %s", m->about.subject);
	x = put_text(g, 0, x, ROLE_TEXT, t);
	if (m->past_us) {
		text_str(t, "  at ");
		put_time(t, m->past_us);
		x = put_text(g, 0, x, ROLE_WARNING, t);
	}
	if (!m->about.is_recording) {
		text_str(t, "  ");
		put_pace(t, m);
		x = put_text(g, 0, x, ROLE_DIM, t);
	}
	if (m->past_note)
		text_printf(t, "  %s", m->past_note);
	x = put_text(g, 0, x, ROLE_DIM, t);
	if (m->is_paused)
		x = view_put(g, 0, x + 2, ROLE_WARNING, "PAUSED");
	if (m->is_partial)
		x = view_put(g, 0, x + 2, ROLE_WARNING, "INCOMPLETE");
	if (m->is_following)
		x = view_put(g, 0, x + 2, ROLE_KEY, "following");
	if (live_model_holds(m, now_us) && m->board && m->board->is_held)
		(void)view_put(g, 0, x + 2, ROLE_DIM, "order held");
}

static void put_state(struct text *t, const struct board *b, unsigned int state, const char *word)
{
	if (b->totals.n_state[state])
		text_printf(t, "  %s %zu", word, b->totals.n_state[state]);
}

static void draw_totals(struct view *v, const struct live_model *m, unsigned int y, struct live_grid *g)
{
	const struct board *b = m->board;
	struct text *t = &v->text;
	unsigned int x;

	t->len = 0;
	text_printf(t, "sockets %zu", b->totals.n);
	put_state(t, b, K_TCP_ESTABLISHED, "established");
	put_state(t, b, K_TCP_LISTEN, "listening");
	put_state(t, b, K_TCP_TIME_WAIT, "time-wait");
	put_state(t, b, K_TCP_CLOSE_WAIT, "close-wait");
	put_state(t, b, K_TCP_SYN_SENT, "syn-sent");
	put_state(t, b, K_TCP_CLOSE, "unconnected");
	x = put_text(g, y, 0, ROLE_TEXT, t);
	text_printf(t, "  +%zu -%zu", b->totals.n_new, b->totals.n_gone);
	if (b->totals.n_gone_left_out)
		text_printf(t, " (%zu not shown)", b->totals.n_gone_left_out);
	(void)put_text(g, y, x, ROLE_DIM, t);
}

/* What the kernel counts besides: it is of the moment that is sampled, and not of one of before. */
static void put_counters(struct text *t, const struct live_model *m)
{
	const int64_t *v = m->counters.v;
	struct column c = { .name = "", .field = F_MAX, .type = T_BYTES };
	struct val memory = { .kind = VAL_UINT,
			      .u = (uint64_t)v[COUNTER_TCP_MEM] * (uint64_t)sysconf(_SC_PAGESIZE) };

	if (m->past_us && !m->about.is_recording)
		return;
	if (v[COUNTER_TCP_ORPHAN] >= 0)
		text_printf(t, "  orphans %lld", (long long)v[COUNTER_TCP_ORPHAN]);
	if (v[COUNTER_TCP_MEM] < 0)
		return;
	text_str(t, "  TCP memory ");
	value_put_human(t, &c, &memory);
}

static void draw_rates(struct view *v, const struct live_model *m, unsigned int y, struct live_grid *g)
{
	const struct board *b = m->board;
	struct text *t = &v->text;

	t->len = 0;
	text_str(t, "sent ");
	put_rate(t, T_BYTES_S, b->totals.sent);
	text_str(t, "  received ");
	put_rate(t, T_BYTES_S, b->totals.received);
	if (!isnan(b->totals.retrans))
		text_printf(t, "  retransmitted %.0f/s", b->totals.retrans);
	else
		text_str(t, "  retransmitted ?");
	if (b->columns)
		text_printf(t, "  %zu group%s of %zu", b->n, b->n == 1 ? "" : "s", b->n_sockets);
	else
		text_printf(t, "  shown %zu", b->n_sockets);
	put_counters(t, m);
	(void)put_text(g, y, 0, ROLE_TEXT, t);
}

static void draw_command(struct view *v, const struct live_model *m, unsigned int y, struct live_grid *g)
{
	unsigned int x = 0;

	for (size_t i = 0; i < m->n_trail; i++) {
		const char *by = m->trail[i].by;

		v->text.len = 0;
		text_sv(&v->text, sv_first(sv(by ? by : ""), by ? strcspn(by, ",") : 0));
		text_str(&v->text, " > ");
		x = put_text(g, y, x, ROLE_KEY, &v->text);
	}
	v->text.len = 0;
	text_str(&v->text, "$ ");
	live_model_command(m, &v->text);
	(void)put_text(g, y, x, ROLE_DIM, &v->text);
}

/* The keys that do something now, as many as there is room for. */
static void draw_bar(const struct live_model *m, unsigned int y, struct live_grid *g)
{
	enum live_page page = m->page == PAGE_MAIN ? PAGE_MAIN : PAGE_HELP;
	unsigned int x = 0;

	if (m->page == PAGE_KILL) { /* what is typed there is no key */
		(void)view_put(g, y, 0, ROLE_KEY,
			       m->account.len ? "Esc back"
					      : "Esc leave them  Tab others  Enter when the number is typed");
		return;
	}
	for (const struct live_bind *b = live_binds; b->when; b++) {
		unsigned int width;

		if (b->page != page || !b->brief || !b->when(m))
			continue;
		width = (unsigned int)(utf8_width(sv(b->name)) + 1 + utf8_width(sv(b->brief)));
		if (x + width > g->width)
			continue;
		x = view_put(g, y, x, ROLE_KEY, b->name);
		x = view_put(g, y, x + 1, ROLE_TEXT, b->brief) + 2;
	}
}

/* What is typed, with the end of it in view. */
static void draw_box(const struct live_model *m, unsigned int y, struct live_grid *g)
{
	static const char *const titles[] = {
		[BOX_FILTER] = "filter: ", [BOX_GROUP] = "group by (Tab): ", [BOX_FIND] = "find: "
	};
	unsigned int x = view_put(g, y, 0, ROLE_KEY, titles[m->box_kind]), room;
	struct sv all = sv_n(m->box.text, m->box.len), front = sv_first(all, m->box.at);

	room = x < g->width ? g->width - x : 0;
	while (front.len && utf8_width(front) + 1 > room) {
		uint32_t c;
		size_t n = utf8_next(front, &c);

		front = sv_from(front, n);
		all = sv_from(all, n);
	}
	(void)live_grid_put(g, &(struct live_at){ .y = y, .x = x, .role = ROLE_INPUT }, all);
	g->cursor_y = (int)y;
	g->cursor_x = (int)(x + utf8_width(front));
}

/* What is wrong, above the last line. Returns how many lines it took. */
static unsigned int draw_error(const struct live_model *m, unsigned int last, struct live_grid *g)
{
	struct sv rest = sv_n(m->error.p, m->error.len), line[ERROR_LINES];
	unsigned int n = 0;

	while (rest.len && n < ERROR_LINES) {
		line[n] = sv_take(&rest, '\n');
		n += line[n].len > 0;
	}
	if (n >= last)
		n = last;
	for (unsigned int i = 0; i < n; i++) {
		struct live_at at = { .y = last - n + i, .role = ROLE_CRITICAL };

		live_grid_blank(g, &(struct live_at){ .y = at.y });
		(void)live_grid_put(g, &at, line[i]);
	}
	return n;
}

static unsigned int draw_top(struct view *v, struct live_model *m, int64_t now_us, struct live_grid *g)
{
	unsigned int y = 0;

	draw_title(v, m, now_us, g);
	y++;
	if (m->board && g->height > 4)
		draw_totals(v, m, y++, g);
	if (m->board && g->height >= TALL)
		draw_rates(v, m, y++, g);
	if (g->height >= TALL)
		draw_command(v, m, y++, g);
	if (m->notes.len && g->height >= TALL) {
		struct sv rest = sv_n(m->notes.p, m->notes.len);

		(void)live_grid_put(g, &(struct live_at){ .y = y++, .role = ROLE_WARNING },
				    sv_take(&rest, '\n'));
	}
	return y;
}

static void draw_last(struct view *v, struct live_model *m, struct live_grid *g)
{
	unsigned int last = g->height - 1;

	live_grid_blank(g, &(struct live_at){ .y = last });
	if (m->box_kind != BOX_NONE) {
		draw_box(m, last, g);
	} else if (m->message.len) {
		v->text.len = 0;
		text_sv(&v->text, sv_n(m->message.p, m->message.len));
		(void)put_text(g, last, 0, ROLE_KEY, &v->text);
	} else {
		draw_bar(m, last, g);
	}
	if (m->error.len)
		(void)draw_error(m, last, g);
}

int view_draw(struct view *v, struct live_model *m, int64_t now_us, struct live_grid *g)
{
	unsigned int y;
	int r = 0;

	if (live_grid_clear(g, g->width, g->height) < 0)
		return -1;
	if (!g->height)
		return 0;
	y = draw_top(v, m, now_us, g);
	if (y + 1 < g->height)
		r = m->page == PAGE_MAIN ? view_table(v, m, g, y, g->height - 1 - y)
					 : view_page(v, m, g, y, g->height - 1 - y);
	if (!m->board)
		(void)view_put(g, y < g->height ? y : 0, 0, ROLE_DIM, "The first sample is being taken ...");
	draw_last(v, m, g);
	return r < 0 ? r : 0;
}
