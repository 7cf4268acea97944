/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Aligned columns for people: rows are kept, measured and written together,
 * all of them unless there are very many or they come as they happen. A column
 * never gets narrower, from one sample of a list to the next neither. Which
 * columns there are is decided with the header.
 */

#include <errno.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "model/value.h"
#include "sink/format/formats.h"
#include "sink/format/held.h"
#include "sink/format/layout.h"
#include "sink/format/tone.h"

enum {
	HELD_MAX = 64 * 1024 * 1024, /* bytes */
	SIGN = 1 + LAYOUT_GAP,       /* cells of a sign in front of a line */
	SHORT = 32,                  /* bytes: so many are copied at once where not all are needed */
};

struct aligned {
	struct tabular tabular;
	struct out *out;
	struct format_opts o;
	const struct column *columns;
	size_t n_columns;
	struct lane *lanes;
	size_t n;          /* of lanes: an address and its port are in one */
	size_t n_left_out; /* columns that do not fit */
	bool is_laid_out;  /* the columns of this list are decided */
	const char *more;  /* what shows the others, NULL: there is no header to say so */
	bool has_ended;    /* and no more records of it will come */
	struct held held;
	size_t n_held; /* records in it, without the header */
	struct text line;
	bool has_begun; /* there was a list before */
	uint64_t at_us; /* of the last list */
};

/* Lists are an empty line apart. Above them is when they are true, where that is told, and what they are. */
static int write_title(struct aligned *t, const struct listing *l)
{
	text_str(&t->line, t->has_begun ? "\n" : "");
	if (l->at_us && l->at_us != t->at_us) {
		text_str(&t->line, "# ");
		text_time(&t->line, l->at_us);
		text_char(&t->line, '\n');
	}
	if (l->title) {
		text_str(&t->line, l->title);
		text_char(&t->line, '\n');
	}
	t->has_begun = true;
	t->at_us = l->at_us;
	if (t->line.failed)
		return -ENOMEM;
	out_write(t->out, t->line.p, t->line.len);
	t->line.len = 0;
	return 0;
}

/* Whether what stands there is a cell of the screen for each byte. */
static bool is_narrow(const struct column *c)
{
	enum form form = value_form(c);

	return form == FORM_NUMBER || form == FORM_WORD || form == FORM_TRUE;
}

static void describe(struct lane *lane, const struct column *c)
{
	lane->column = c;
	lane->is_right = layout_is_right(c);
	lane->may_repeat = c->type == T_STR || c->type == T_OWNERS;
	lane->may_stand_out = tone_may_be(c);
	lane->is_plain = is_narrow(c) && (!c->pair || is_narrow(c + 1)) && !lane->may_stand_out;
}

static int begin_list(struct tabular *tab, const struct listing *l)
{
	struct aligned *t = (struct aligned *)tab;

	if (write_title(t, l) < 0)
		return -ENOMEM;
	if (l->columns != t->columns || l->n != t->n_columns || !t->lanes) {
		free(t->lanes);
		t->lanes = calloc(l->n + 1, sizeof(*t->lanes));
	}
	t->columns = l->columns;
	t->n_columns = l->n;
	t->n = 0;
	for (size_t i = 0; t->lanes && i < l->n; i += l->columns[i].pair ? 2 : 1)
		describe(&t->lanes[t->n++], &l->columns[i]);
	t->is_laid_out = t->has_ended = false;
	t->more = t->o.no_header ? NULL : t->o.more ? t->o.more : "-j";
	return t->lanes ? 0 : -ENOMEM;
}

static void measure(struct aligned *t)
{
	struct sv rest = sv_n(t->held.store.p, t->held.store.len), text;

	for (size_t i = 0; rest.len; i = (i + 1) % t->n) {
		struct held_head head = held_take(&t->held, &rest, &text);

		if (head.width > t->lanes[i].wide)
			t->lanes[i].wide = head.width;
	}
}

static struct layout_opts layout_of(const struct aligned *t)
{
	return (struct layout_opts){ .screen = t->o.screen,
				     .is_fitted = t->o.is_terminal || t->o.screen,
				     .is_whole = t->has_ended && t->n_held,
				     .more = t->more };
}

/* Decides over the columns of a list with its first rows, and later only how wide they are. */
static void lay_out(struct aligned *t)
{
	const struct layout_opts lo = layout_of(t);

	measure(t);
	if (t->is_laid_out) {
		layout_share(t->lanes, t->n, t->o.screen);
		return;
	}
	layout_open(t->lanes, t->n, &lo);
	for (size_t i = 0; i < t->n && !t->o.no_header; i++)
		t->lanes[i].header = layout_header(t->lanes, t->n, i);
	t->n_left_out = layout_choose(t->lanes, t->n, &lo);
}

/* As much of @text as fits @width cells, and the sign that there was more. */
static size_t put_start(const struct aligned *t, struct text *to, struct sv text, size_t width)
{
	struct sv sign = sv(t->o.is_utf8 ? "\xe2\x80\xa6" : "...");
	size_t sign_width = t->o.is_utf8 ? 1 : 3, used = 0;

	while (text.len) {
		uint32_t c;
		struct sv one = sv_first(text, utf8_next(text, &c));
		size_t w = utf8_width(one);

		if (used + w + sign_width > width)
			break;
		text_sv(to, one);
		used += w;
		text = sv_from(text, one.len);
	}
	text_sv(to, sign);
	return used + sign_width;
}

/* The same of a cell; of an address with a port the address is cut, and the port says more. */
static size_t put_cut(const struct aligned *t, struct text *to, const struct column *c, struct sv text,
		      size_t width)
{
	ptrdiff_t colon = c->pair ? sv_rfind(text, ':') : -1;
	struct sv port = sv_from(text, colon < 0 ? text.len : (size_t)colon);
	size_t used = put_start(t, to, sv_first(text, text.len - port.len), width - port.len);

	text_sv(to, port);
	return used + port.len;
}

static void put_blanks(struct text *t, size_t n)
{
	char *d = text_room(t, n < SHORT ? SHORT : n);

	if (!d)
		return;
	if (n <= SHORT)
		memset(d, ' ', SHORT);
	else
		memset(d, ' ', n);
	t->len += n;
}

static void put_cell(struct aligned *t, size_t i, struct sv text, const struct held_head *head)
{
	size_t room = t->lanes[i].room, width = head->width;
	enum tone tone = t->o.has_color ? (enum tone)head->tone : TONE_NONE;
	const struct column *c = t->lanes[i].column;
	bool is_right = t->lanes[i].is_right;
	struct text *line = &t->line;

	if (line->len)
		put_blanks(line, LAYOUT_GAP);
	if (is_right && width < room)
		put_blanks(line, room - width);
	if (tone != TONE_NONE)
		text_str(line, tone_begin(tone));
	if (width > room && layout_may_cut(c))
		width = put_cut(t, line, c, text, room);
	else if (head->len && head->len <= SHORT && t->held.store.p + t->held.store.cap - text.p >= SHORT)
		text_put_short(line, text.p, SHORT, text.len);
	else
		text_sv(line, text);
	if (tone != TONE_NONE)
		text_str(line, tone_end(tone));
	if (!is_right && width < room)
		put_blanks(line, room - width);
}

static int write_line(struct aligned *t)
{
	while (t->line.len && t->line.p[t->line.len - 1] == ' ')
		t->line.len--;
	text_char(&t->line, '\n');
	if (t->line.failed)
		return -ENOMEM;
	out_write(t->out, t->line.p, t->line.len);
	t->line.len = 0;
	return 0;
}

/* In front of a line, as wide for each. */
static void put_sign(struct aligned *t, enum mark mark)
{
	static const char signs[] = { [MARK_NONE] = ' ',
				      [MARK_NEW] = '+',
				      [MARK_GONE] = '-',
				      [MARK_CHANGED] = ' ',
				      [MARK_OTHER] = '~' };
	enum tone tone = mark == MARK_NEW ? TONE_GOOD : mark == MARK_GONE ? TONE_PASSING : TONE_NONE;

	if (!t->o.has_marks)
		return;
	if (!t->o.has_color)
		tone = TONE_NONE;
	text_str(&t->line, tone_begin(tone));
	text_char(&t->line, signs[mark]);
	text_str(&t->line, tone_end(tone));
}

static int write_header(struct aligned *t)
{
	const struct layout_opts lo = layout_of(t);
	_cleanup_(text_done) struct text upper = {};

	put_sign(t, MARK_NONE);
	for (size_t i = 0; i < t->n; i++) {
		struct sv name = t->lanes[i].header;

		upper.len = 0;
		for (size_t k = 0; k < name.len; k++)
			text_char(&upper, name.p[k] >= 'a' && name.p[k] <= 'z' ? (char)(name.p[k] - 'a' + 'A')
									       : name.p[k]);
		if (upper.failed)
			return -ENOMEM;
		if (t->lanes[i].is_shown)
			put_cell(t, i, sv_n(upper.p, upper.len),
				 &(struct held_head){ .width = 0xffffff & name.len });
	}
	if (t->n_left_out) {
		while (t->line.len && t->line.p[t->line.len - 1] == ' ')
			t->line.len--;
		put_blanks(&t->line, LAYOUT_GAP);
		(void)layout_note(&t->line, t->n_left_out, &lo);
	}
	return write_line(t);
}

static int write_held(struct aligned *t)
{
	struct sv rest = sv_n(t->held.store.p, t->held.store.len), text;
	bool is_first = !t->is_laid_out;

	if (t->held.store.failed)
		return -ENOMEM;
	if (!t->n)
		return t->out->error;
	lay_out(t);
	t->is_laid_out = true;
	if (is_first && !t->o.no_header && write_header(t) < 0)
		return -ENOMEM;
	for (size_t i = 0; rest.len; i = (i + 1) % t->n) {
		struct held_head head = held_take(&t->held, &rest, &text);

		if (i == 0)
			put_sign(t, (enum mark)head.mark);
		if (t->lanes[i].is_shown)
			put_cell(t, i, text, &head);
		if (i + 1 == t->n && write_line(t) < 0)
			return -ENOMEM;
	}
	held_empty(&t->held);
	t->n_held = 0;
	return t->out->error;
}

static bool has_changed(const struct column *c, const struct cell *cell)
{
	return cell->mark == MARK_CHANGED || (c->pair && cell[1].mark == MARK_CHANGED);
}

/* Numbers and words that look the same in each record. */
static void put_plain(struct aligned *t, struct lane *lane, const struct cell *all)
{
	struct text *store = &t->held.store;
	size_t start = held_open(&t->held), empty = store->len, i = (size_t)(lane->column - t->columns);

	layout_put_value(store, t->columns, all, i);
	lane->has_value |= store->len > empty;
	if (store->len == empty)
		text_char(store, '-');
	held_end_plain(&t->held, start, all[i].mark);
}

static void put_value(struct aligned *t, struct lane *lane, const struct cell *all, bool is_part)
{
	const struct column *c = lane->column;
	const struct cell *cell = &all[c - t->columns];
	struct text *store = &t->held.store;
	enum tone tone;
	bool is_new = has_changed(c, cell);
	size_t start, empty;

	if (lane->is_plain && !is_part && !is_new && !cell->is_other) {
		put_plain(t, lane, all);
		return;
	}
	is_part &= lane == t->lanes;
	tone = lane->may_stand_out ? tone_of(t->columns, all, t->n_columns, (size_t)(cell - all)) : TONE_NONE;
	if (lane->may_repeat && !is_part && !is_new && tone == TONE_NONE && !cell->is_other &&
	    cell->is_there && cell->val.kind == VAL_STR &&
	    held_again(&t->held, cell->val.s, (struct held_look){ .mark = cell->mark })) {
		lane->has_value = true;
		return;
	}
	start = held_open(&t->held);
	if (is_part)
		text_str(store, t->o.is_utf8 ? "\xe2\x94\x94 " : "\\_ ");
	empty = store->len;
	layout_put_value(store, t->columns, all, (size_t)(cell - all));
	if (tone == TONE_FULL && c->type != T_SHARE)
		text_char(store, '!');
	if (is_new && tone == TONE_NONE)
		tone = TONE_CHANGED;
	lane->has_value |= store->len > empty;
	if (store->len == empty)
		text_char(store, '-');
	if (is_new)
		text_char(store, '*');
	held_end(&t->held, start, (struct held_look){ (uint32_t)tone, cell->mark }, lane->may_repeat);
}

static void hold(struct aligned *t, const struct cell *cells, bool is_part)
{
	for (size_t i = 0; i < t->n; i++)
		put_value(t, &t->lanes[i], cells, is_part);
	t->n_held++;
}

/* Parts of a record stand below it, indented. */
static int whole(struct tabular *tab, const struct cell *cells, const struct cell *const *parts, size_t n)
{
	struct aligned *t = (struct aligned *)tab;

	hold(t, cells, false);
	for (size_t i = 0; i < n; i++)
		hold(t, parts[i], true);
	if (t->held.store.failed)
		return -ENOMEM;
	return t->held.store.len > HELD_MAX ? write_held(t) : 0;
}

static int record(struct tabular *tab, const struct cell *cells)
{
	return whole(tab, cells, NULL, 0);
}

static int end_list(struct tabular *tab)
{
	struct aligned *t = (struct aligned *)tab;

	t->has_ended = true;
	return write_held(t);
}

static int end(struct tabular *tab, const struct notes *)
{
	struct aligned *t = (struct aligned *)tab;
	int r = end_list(tab);

	return r < 0 ? r : out_flush(t->out);
}

static int flush(struct tabular *tab)
{
	struct aligned *t = (struct aligned *)tab;
	int r = 0;

	if (t->o.is_live && t->n_held)
		r = write_held(t);
	return r < 0 ? r : out_flush(t->out);
}

static void free_table(struct tabular *tab)
{
	struct aligned *t = (struct aligned *)tab;

	held_done(&t->held);
	text_done(&t->line);
	free(t->lanes);
	free(t);
}

static const struct tabular_ops table_ops = {
	.list = begin_list,
	.record = record,
	.whole = whole,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = free_table,
};

int table_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	struct aligned *t = malloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	*t = (struct aligned){ .tabular.ops = &table_ops, .out = out, .o = *o };
	if (o->has_marks && t->o.screen)
		t->o.screen = o->screen > SIGN ? o->screen - SIGN : 1;
	*ret = &t->tabular;
	return 0;
}
