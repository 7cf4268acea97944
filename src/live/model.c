/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/model.h"

#include <errno.h>
#include <stdlib.h>

#include "live/model_impl.h"
#include "model/value.h"

void live_ask_done(struct live_ask *a)
{
	free(a->filter);
	free(a->sort);
	free(a->by);
	free(a->columns);
	*a = (struct live_ask){};
}

static int copy_text(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

int live_ask_copy(struct live_ask *to, const struct live_ask *from)
{
	int r = 0;

	*to = *from;
	r |= copy_text(&to->filter, from->filter);
	r |= copy_text(&to->sort, from->sort);
	r |= copy_text(&to->by, from->by);
	r |= copy_text(&to->columns, from->columns);
	if (r)
		live_ask_done(to);
	return r ? -ENOMEM : 0;
}

void model_say(struct live_model *m, const char *s)
{
	m->message.len = 0;
	text_str(&m->message, s);
}

void model_set(char **text, const char *to)
{
	char *copy = to && *to ? strdup(to) : NULL;

	free(*text);
	*text = copy;
}

void model_asks(struct live_model *m)
{
	m->ask.turn++;
}

int live_model_init(struct live_model *m, const struct live_about *about, struct live_ask *start)
{
	*m = (struct live_model){ .about = *about, .ask = *start, .last_key_us = INT64_MIN / 2 };
	*start = (struct live_ask){};
	m->ask.turn = 1;
	m->counters = proc_counters_none();
	return 0;
}

static void place_done(struct live_place *p)
{
	free(p->filter);
	free(p->by);
	free(p->sort);
}

void live_model_done(struct live_model *m)
{
	live_ask_done(&m->ask);
	for (size_t i = 0; i < m->n_trail; i++)
		place_done(&m->trail[i]);
	for (size_t i = 0; i < m->n_shown; i++)
		free(m->shown[i]);
	free(m->before_box);
	free(m->find);
	text_done(&m->error);
	text_done(&m->message);
	text_done(&m->notes);
	text_done(&m->account);
	(void)board_unref(m->board);
	(void)board_unref(m->next);
	*m = (struct live_model){};
}

/* Keeps the selection on what it was on; where that is gone, on what is in its place. */
static void find_selected(struct live_model *m)
{
	const struct board *b = m->board;

	if (!b->n) {
		m->at = 0;
		return;
	}
	if (m->selected) {
		size_t at =
			m->at < b->n && b->v[m->at].id == m->selected ? m->at : board_find(b, m->selected);

		if (at < b->n) {
			m->at = at;
			return;
		}
	}
	if (m->at >= b->n)
		m->at = b->n - 1;
	if (m->selected)
		m->selected = b->v[m->at].id;
}

void model_scroll(struct live_model *m)
{
	size_t lines = m->lines ? m->lines : 1, n = m->board ? m->board->n : 0;

	if (m->at < m->top)
		m->top = m->at;
	else if (m->at >= m->top + lines)
		m->top = m->at - lines + 1;
	if (m->top + lines > n)
		m->top = n > lines ? n - lines : 0;
}

static void show(struct live_model *m, struct board *b)
{
	size_t before = m->at;
	bool is_first = !m->board;

	(void)board_unref(m->board);
	m->board = b;
	find_selected(m);
	if ((m->is_following && m->at != before) || is_first || m->top >= b->n)
		model_scroll(m);
}

void live_model_board(struct live_model *m, struct board *b)
{
	if (b->turn == m->ask.turn)
		m->error.len = 0;
	if (m->is_paused && m->board && b->turn == m->board->turn) {
		(void)board_unref(m->next);
		m->next = b;
		return;
	}
	(void)board_unref(m->next);
	m->next = NULL;
	show(m, b);
}

void model_resume(struct live_model *m)
{
	struct board *b = m->next;

	m->is_paused = false;
	m->next = NULL;
	if (b)
		show(m, b);
}

void live_model_error(struct live_model *m, struct sv why)
{
	m->error.len = 0;
	text_sv(&m->error, why);
}

void live_model_notes(struct live_model *m, struct sv lines, bool is_whole)
{
	m->is_partial = !is_whole;
	m->notes.len = 0;
	text_sv(&m->notes, lines);
}

bool live_model_holds(const struct live_model *m, int64_t now_us)
{
	return now_us - m->last_key_us < LIVE_HELD_US && !m->ask.is_typing;
}

const struct board_row *model_selected(const struct live_model *m)
{
	return m->board && m->at < m->board->n && m->board->v[m->at].id == m->selected ? &m->board->v[m->at]
										       : NULL;
}

/* A value in quotation marks, as filters read it. */
static void put_quoted(struct text *t, struct sv s)
{
	text_char(t, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			text_char(t, '\\');
		text_char(t, s.p[i]);
	}
	text_char(t, '"');
}

static void put_term(struct text *t, const struct column *c, const struct val *v)
{
	struct text raw = {};
	enum form form = value_form(c);

	text_str(t, t->len ? " and " : "");
	text_sv(t, c->field < F_MAX ? sv(fields[c->field].name) : sv(c->name));
	text_str(t, " = ");
	value_put_raw(&raw, c, v);
	if (c->type == T_COOKIE || c->type == T_HEX)
		text_str(t, "0x");
	if (form == FORM_NUMBER || form == FORM_WORD)
		text_sv(t, sv_n(raw.p, raw.len));
	else
		put_quoted(t, sv_n(raw.p, raw.len));
	if (c->type == T_ADDR && c->prefix[0] != PREFIX_NONE)
		text_printf(t, "/%u", c->prefix[v->s.len == 16]);
	if (raw.failed)
		text_fail(t);
	text_done(&raw);
}

/* Which sockets are in the group, as a filter. False: no filter says that. */
static bool put_group(const struct board *b, const struct board_row *row, struct text *t)
{
	for (size_t i = 0; i < b->n_keys; i++) {
		const struct column *c = &b->columns[i];
		const struct cell *cell = &row->cells[i];
		struct column named = *c;
		struct val v;

		if (cell->is_other)
			return false;
		if (!cell->is_there || (cell->val.kind == VAL_OWNERS && !cell->val.owners.n)) {
			text_printf(t, "%snot has %s", t->len ? " and " : "",
				    c->field < F_MAX ? fields[c->field].name : c->name);
			continue;
		}
		if (cell->val.kind != VAL_OWNERS) {
			put_term(t, c, &cell->val);
			continue;
		}
		if (c->part == PART_NONE)
			named = column_of_field(field_key(c->field));
		for (size_t k = 0; k < cell->val.owners.n; k++)
			if (val_item(&cell->val, named.part, k, &v))
				put_term(t, &named, &v);
	}
	return !t->failed;
}

/* Whether words behind @filter would be read as part of one of its terms. */
static void put_narrowed(struct text *t, const char *filter, struct sv more)
{
	if (filter && *filter)
		text_printf(t, "(%s) and ", filter);
	text_sv(t, more);
}

void model_enter(struct live_model *m)
{
	const struct board_row *row = model_selected(m);
	struct text more = {}, all = {};
	struct live_place *p;

	if (!row || !row->cells || m->n_trail == TRAIL_MAX)
		return;
	if (!put_group(m->board, row, &more)) {
		model_say(m, "No filter says which sockets are in that group.");
		text_done(&more);
		return;
	}
	put_narrowed(&all, m->ask.filter, sv_n(more.p, more.len));
	text_char(&all, '\0');
	p = &m->trail[m->n_trail++];
	*p = (struct live_place){
		.filter = m->ask.filter, .by = m->ask.by, .sort = m->ask.sort, .selected = m->selected
	};
	m->ask.by = NULL;
	m->ask.sort = m->about.sort ? strdup(m->about.sort) : NULL;
	m->ask.filter = all.failed ? NULL : strdup(all.p);
	m->selected = 0;
	m->at = m->top = 0;
	model_asks(m);
	text_done(&more);
	text_done(&all);
}

void model_back(struct live_model *m)
{
	struct live_place *p;

	if (!m->n_trail) {
		if (m->ask.filter) {
			model_set(&m->ask.filter, NULL);
		} else {
			model_set(&m->ask.by, NULL);
			model_set(&m->ask.sort, m->about.sort);
		}
		model_asks(m);
		return;
	}
	p = &m->trail[--m->n_trail];
	free(m->ask.filter);
	free(m->ask.by);
	free(m->ask.sort);
	m->ask.filter = p->filter;
	m->ask.by = p->by;
	m->ask.sort = p->sort;
	m->selected = p->selected;
	m->at = m->top = 0;
	model_asks(m);
}

/* A word that a shell reads as one. */
static void put_word(struct text *t, struct sv s)
{
	text_str(t, " '");
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\'')
			text_str(t, "'\\''");
		else
			text_char(t, s.p[i]);
	}
	text_char(t, '\'');
}

static void put_option(struct text *t, const char *name, const char *arg)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:/-+";

	if (!arg)
		return;
	text_printf(t, " --%s=", name);
	if (arg[strspn(arg, plain)] == '\0')
		text_str(t, arg);
	else {
		size_t at = t->len;

		put_word(t, sv(arg));
		if (!t->failed) { /* without the blank in front */
			memmove(t->p + at, t->p + at + 1, t->len - at - 1);
			t->len--;
		}
	}
}

void live_model_filter(const struct live_model *m, bool is_one, struct text *ret)
{
	const struct board_row *row = model_selected(m);
	struct text one = {};

	if (is_one && row && row->cells) {
		(void)put_group(m->board, row, &one);
	} else if (is_one && row) {
		struct sample_row opened = {};
		const struct row *r = sample_open(row->mark == MARK_GONE ? m->board->gone : m->board->sample,
						  row->index, &opened);
		struct column c = column_of_field(F_COOKIE);
		struct val v;

		if (r && field_get(r, F_COOKIE, &v))
			put_term(&one, &c, &v);
		sample_row_done(&opened);
	}
	if (one.len)
		put_narrowed(ret, m->ask.filter, sv_n(one.p, one.len));
	else if (m->ask.filter)
		text_str(ret, m->ask.filter);
	text_done(&one);
}

void live_model_command(const struct live_model *m, struct text *ret)
{
	text_str(ret, m->about.command);
	if (m->ask.every_us && m->ask.every_us % 1000000 == 0)
		text_printf(ret, " --every=%llu", (unsigned long long)m->ask.every_us / 1000000);
	else if (m->ask.every_us)
		text_printf(ret, " --every=%llums", (unsigned long long)m->ask.every_us / 1000);
	if (m->about.is_recording && m->past_us) {
		text_str(ret, " --at=");
		text_time(ret, m->past_us);
	}
	put_option(ret, "by", m->ask.by);
	put_option(ret, "columns", m->ask.columns);
	put_option(ret, "sort", m->ask.sort);
	if (m->ask.filter && *m->ask.filter)
		put_word(ret, sv(m->ask.filter));
}
