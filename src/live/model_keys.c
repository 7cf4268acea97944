/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <stdlib.h>

#include "live/model_impl.h"
#include "ops/order.h"

enum { EVERY_LEAST_US = 100000, EVERY_MOST_US = 60000000 };

static bool always(const struct live_model *)
{
	return true;
}

static bool has_rows(const struct live_model *m)
{
	return m->board && m->board->n;
}

static bool has_row(const struct live_model *m)
{
	return model_selected(m);
}

static bool can_go_back(const struct live_model *m)
{
	return m->n_trail || m->ask.filter || m->ask.by;
}

static bool is_sorted(const struct live_model *m)
{
	return m->ask.sort;
}

static bool is_paused(const struct live_model *m)
{
	return m->is_paused;
}

static bool is_running(const struct live_model *m)
{
	return !m->is_paused;
}

static bool has_find(const struct live_model *m)
{
	return m->find;
}

static bool can_kill(const struct live_model *m)
{
	return m->about.can_kill && !m->past_us && has_rows(m);
}

static bool can_rewind(const struct live_model *m)
{
	return m->n_past;
}

static bool is_past(const struct live_model *m)
{
	return m->past_us;
}

static bool is_live(const struct live_model *m)
{
	return !m->about.is_recording;
}

static bool is_choosing(const struct live_model *m)
{
	return m->page == PAGE_COLUMNS;
}

static bool is_of_socket(const struct live_model *m)
{
	return m->page == PAGE_DETAILS;
}

enum bound {
	DO_NONE,
	DO_FILTER,
	DO_ENTER,
	DO_BACK,
	DO_GROUP,
	DO_SORT,
	DO_SORT_BACK,
	DO_REVERSE,
	DO_COLUMNS,
	DO_PAUSE,
	DO_RESUME,
	DO_FOLLOW,
	DO_FIND,
	DO_AGAIN,
	DO_COPY,
	DO_KILL,
	DO_EARLIER,
	DO_LATER,
	DO_MINUTE,
	DO_MINUTE_ON,
	DO_CHANGE,
	DO_NOW,
	DO_SLOWER,
	DO_FASTER,
	DO_UP,
	DO_DOWN,
	DO_PAGE_UP,
	DO_PAGE_DOWN,
	DO_FIRST,
	DO_LAST,
	DO_HELP,
	DO_QUIT,
	DO_CLOSE
};

#define ON_MAIN PAGE_MAIN
#define ON_PAGE PAGE_HELP

const struct live_bind live_binds[] = {
#define BIND(id_, on, key_, c_, when_, name_, brief_, help_) \
	{ ON_##on, LIVE_KEY_##key_, (c_), when_, (name_), (brief_), (help_), DO_##id_ },
#include "live/keys.def"
	{}
};

static int find_bind(const struct live_model *m, const struct live_event *ev)
{
	enum live_page page = m->page == PAGE_MAIN ? PAGE_MAIN : PAGE_HELP;

	if (ev->mods & (LIVE_CTRL | LIVE_ALT))
		return DO_NONE;
	for (const struct live_bind *b = live_binds; b->when; b++) {
		bool is_it =
			b->page == page && b->key == ev->key && (ev->key != LIVE_KEY_CHAR || b->c == ev->c);

		if (is_it && b->when(m))
			return b->id;
	}
	return DO_NONE;
}

static void move_to(struct live_model *m, size_t at)
{
	size_t n = m->board ? m->board->n : 0;

	if (!n)
		return;
	m->at = at < n ? at : n - 1;
	m->selected = m->board->v[m->at].id;
	model_scroll(m);
}

static void move(struct live_model *m, int id)
{
	size_t lines = m->lines > 1 ? m->lines - 1 : 1;

	if (!m->selected && (id == DO_UP || id == DO_DOWN)) { /* the first that is in view */
		move_to(m, m->top);
		return;
	}
	switch (id) {
	case DO_UP: move_to(m, m->at ? m->at - 1 : 0); break;
	case DO_DOWN: move_to(m, m->at + 1); break;
	case DO_PAGE_UP: move_to(m, m->at > lines ? m->at - lines : 0); break;
	case DO_PAGE_DOWN: move_to(m, m->at + lines); break;
	case DO_FIRST: move_to(m, 0); break;
	case DO_LAST: move_to(m, SIZE_MAX); break;
	default: break;
	}
}

/* The same in a page that is only read, or chosen from. */
static void move_page(struct live_model *m, int id)
{
	size_t step = id == DO_PAGE_UP || id == DO_PAGE_DOWN ? (m->lines > 1 ? m->lines - 1 : 1) : 1;
	size_t last = m->page_len ? m->page_len - 1 : 0;

	if (id == DO_UP || id == DO_PAGE_UP)
		m->page_at = m->page_at > step ? m->page_at - step : 0;
	else if (id == DO_DOWN || id == DO_PAGE_DOWN)
		m->page_at += step;
	else if (id == DO_FIRST)
		m->page_at = 0;
	else
		m->page_at = last;
	if (m->page_at > last)
		m->page_at = last;
}

/* The column of --sort, without its direction. */
static struct sv sorted_by(const struct live_model *m)
{
	struct sv first = sv(m->ask.sort ? m->ask.sort : "");

	return order_name(sv_take(&first, ','));
}

static void sort_by(struct live_model *m, int step)
{
	struct sv now = sorted_by(m);
	size_t n = m->n_shown, i = 0;

	if (!n)
		return;
	while (i < n && !sv_is(now, m->shown[i]))
		i++;
	if (i == n)
		i = step > 0 ? 0 : n - 1;
	else
		i = (i + n + (size_t)step) % n;
	model_set(&m->ask.sort, m->shown[i]);
	model_asks(m);
}

static void reverse(struct live_model *m)
{
	struct sv name = sorted_by(m);
	const char *s = m->ask.sort;
	bool is_asc = strstr(s, ":asc") != NULL;
	struct text t = {};

	text_printf(&t, "%.*s:%s", SV_ARG(name), is_asc ? "desc" : "asc");
	text_char(&t, '\0');
	if (!t.failed)
		model_set(&m->ask.sort, t.p);
	text_done(&t);
	model_asks(m);
}

static enum live_deed step_back(struct live_model *m, int id)
{
	static const int64_t minute = 60000000;

	m->step = (struct live_step){ .samples = id == DO_EARLIER ? -1
						 : id == DO_LATER ? 1
								  : 0,
				      .us = id == DO_MINUTE      ? -minute
					    : id == DO_MINUTE_ON ? minute
								 : 0,
				      .is_change = id == DO_CHANGE,
				      .is_now = id == DO_NOW };
	return DEED_REWIND;
}

static void pace(struct live_model *m, bool is_slower)
{
	uint64_t us = is_slower ? m->ask.every_us * 2 : m->ask.every_us / 2;

	if (us < EVERY_LEAST_US)
		us = EVERY_LEAST_US;
	m->ask.every_us = us > EVERY_MOST_US ? EVERY_MOST_US : us;
}

static void open_page(struct live_model *m, enum live_page page)
{
	m->page = page;
	m->page_at = 0;
	m->page_len = 0;
	if (page != PAGE_DETAILS)
		return;
	m->ask.wants_all = true;
	model_asks(m);
}

static void close_page(struct live_model *m)
{
	if (m->ask.wants_all) {
		m->ask.wants_all = false;
		model_asks(m);
	}
	m->page = PAGE_MAIN;
}

/* Whether @name is a word of the list @names. */
static bool is_listed(const char *names, const char *name)
{
	for (struct sv rest = sv(names), word; rest.p;) {
		word = sv_trim(sv_take(&rest, ','));
		if (sv_is(word, name))
			return true;
	}
	return false;
}

/* Shows the column under the cursor of the chooser, or not. */
static void choose(struct live_model *m)
{
	const char *name = m->page_at < F_MAX ? fields[m->page_at].name : NULL;
	const char *names = m->ask.columns ? m->ask.columns : "";
	struct text t = {};

	if (!name)
		return;
	for (struct sv rest = sv(names), word; rest.p && *names;) {
		word = sv_trim(sv_take(&rest, ','));
		if (!sv_is(word, name))
			text_printf(&t, "%s%.*s", t.len ? "," : "", SV_ARG(word));
	}
	if (!is_listed(names, name))
		text_printf(&t, "%s%s", t.len ? "," : "", name);
	text_char(&t, '\0');
	if (!t.failed && t.p[0])
		model_set(&m->ask.columns, t.p);
	text_done(&t);
	model_asks(m);
}

static enum live_deed do_on_page(struct live_model *m, int id)
{
	switch (id) {
	case DO_NONE: break;
	case DO_CLOSE: close_page(m); break;
	case DO_ENTER:
		if (m->page == PAGE_COLUMNS)
			choose(m);
		break;
	case DO_COPY: return DEED_COPY;
	default: move_page(m, id); break;
	}
	return DEED_NONE;
}

static void enter(struct live_model *m)
{
	if (model_selected(m)->cells)
		model_enter(m);
	else
		open_page(m, PAGE_DETAILS);
}

static void follow(struct live_model *m)
{
	m->is_following = !m->is_following;
	if (m->is_following)
		model_scroll(m);
}

static enum live_deed do_on_main(struct live_model *m, int id)
{
	switch (id) {
	case DO_FILTER: model_open_box(m, BOX_FILTER); break;
	case DO_GROUP: model_open_box(m, BOX_GROUP); break;
	case DO_FIND: model_open_box(m, BOX_FIND); break;
	case DO_AGAIN: model_find(m, true); break;
	case DO_ENTER: enter(m); break;
	case DO_BACK: model_back(m); break;
	case DO_SORT: sort_by(m, 1); break;
	case DO_SORT_BACK: sort_by(m, -1); break;
	case DO_REVERSE: reverse(m); break;
	case DO_COLUMNS: open_page(m, PAGE_COLUMNS); break;
	case DO_PAUSE: m->is_paused = true; break;
	case DO_RESUME: model_resume(m); break;
	case DO_FOLLOW: follow(m); break;
	case DO_COPY: return DEED_COPY;
	case DO_KILL: return model_kill_begin(m);
	case DO_EARLIER:
	case DO_LATER:
	case DO_MINUTE:
	case DO_MINUTE_ON:
	case DO_CHANGE:
	case DO_NOW: return step_back(m, id);
	case DO_SLOWER: pace(m, true); break;
	case DO_FASTER: pace(m, false); break;
	case DO_HELP: open_page(m, PAGE_HELP); break;
	case DO_QUIT: return DEED_QUIT;
	default: move(m, id); break;
	}
	return DEED_NONE;
}

static void mouse(struct live_model *m, const struct live_event *ev)
{
	if (ev->button == LIVE_WHEEL_UP || ev->button == LIVE_WHEEL_DOWN) {
		bool is_up = ev->button == LIVE_WHEEL_UP;

		if (m->page == PAGE_MAIN)
			move(m, is_up ? DO_UP : DO_DOWN);
		else
			move_page(m, is_up ? DO_UP : DO_DOWN);
		return;
	}
	if (ev->button == LIVE_LEFT && m->page == PAGE_MAIN && ev->y >= m->first_line &&
	    ev->y < m->first_line + m->lines && m->top + ev->y - m->first_line < (m->board ? m->board->n : 0))
		move_to(m, m->top + ev->y - m->first_line);
}

enum live_deed live_model_event(struct live_model *m, const struct live_event *ev, int64_t now_us)
{
	int id;

	if (ev->kind != LIVE_KEY && ev->kind != LIVE_PASTE && ev->kind != LIVE_MOUSE)
		return DEED_NONE;
	m->message.len = 0;
	m->last_key_us = now_us;
	if (ev->kind == LIVE_KEY && ev->key == LIVE_KEY_CHAR && ev->mods & LIVE_CTRL && ev->c == 'c')
		return DEED_QUIT;
	if (m->page == PAGE_KILL)
		return model_kill_event(m, ev);
	if (m->box_kind != BOX_NONE) {
		model_box_event(m, ev);
		return DEED_NONE;
	}
	if (ev->kind == LIVE_MOUSE) {
		mouse(m, ev);
		return DEED_NONE;
	}
	if (ev->kind != LIVE_KEY)
		return DEED_NONE;
	id = find_bind(m, ev);
	return m->page == PAGE_MAIN ? do_on_main(m, id) : do_on_page(m, id);
}
