/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Aligned columns for people: rows are kept, measured and written together,
 * all of them unless there are very many or they come as they happen. A column
 * never gets narrower, from one sample of a list to the next neither.
 */

#include <errno.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "model/value.h"
#include "sink/format/formats.h"

enum {
	HELD_MAX = 64 * 1024 * 1024, /* bytes */
	GAP = 2,                     /* cells between columns */
	CUT_MIN = 8,                 /* a column that is cut keeps this many cells */
};

struct head { /* of a cell in the store; its bytes follow */
	uint32_t len, width;
};

struct aligned {
	struct tabular tabular;
	struct out *out;
	struct format_opts o;
	const struct column *columns;
	size_t n_columns;
	size_t n;      /* of columns here: an address and its port are one */
	size_t *at;    /* of each, which of .columns it is, or begins with */
	size_t *width; /* of each, in cells */
	struct text store;
	size_t n_held; /* records in the store, without the header */
	struct text line;
	bool has_begun; /* there was a list before */
	uint64_t at_us; /* of the last list */
};

/* What column @i is, or begins with. */
static const struct column *column_at(const struct aligned *t, size_t i)
{
	return &t->columns[t->at[i]];
}

static bool is_right(const struct column *c)
{
	return c->part == PART_NONE &&
	       (value_form(c) == FORM_NUMBER || c->type == T_HEX || c->type == T_COOKIE);
}

/* Whether a cell of it may be cut: text that somebody chose, and lists. */
static bool is_free(const struct column *c)
{
	return c->pair || c->part != PART_NONE || value_form(c) == FORM_TEXT ||
	       value_form(c) == FORM_OWNERS || value_form(c) == FORM_LIST;
}

/* The last part of a name of parts; all of a computed one, "sum(tcp.rtt)". */
static struct sv short_name(const struct column *c)
{
	struct sv name = sv(c->name);

	if (c->pair)
		return sv(c->pair);
	if (c->field >= F_MAX || strpbrk(c->name, "(/"))
		return name;
	return sv_from(name, (size_t)(sv_rfind(name, '.') + 1));
}

/* The short name, or all of it when two columns share the short one. */
static struct sv header_of(const struct aligned *t, size_t i)
{
	struct sv name = short_name(column_at(t, i));

	for (size_t k = 0; k < t->n; k++)
		if (k != i && sv_eq(name, short_name(column_at(t, k))))
			return sv(column_at(t, i)->name);
	return name;
}

/* Appends a cell with what @put_cell left behind @start in the store. */
static void close_cell(struct aligned *t, size_t start)
{
	struct head head;

	if (t->store.failed)
		return;
	head.len = (uint32_t)(t->store.len - start - sizeof(head));
	head.width = (uint32_t)utf8_width(sv_n(t->store.p + start + sizeof(head), head.len));
	memcpy(t->store.p + start, &head, sizeof(head));
}

static size_t open_cell(struct aligned *t)
{
	size_t start = t->store.len;

	text_put(&t->store, &(struct head){}, sizeof(struct head));
	return start;
}

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

static int begin_list(struct tabular *tab, const struct listing *l)
{
	struct aligned *t = (struct aligned *)tab;

	if (write_title(t, l) < 0)
		return -ENOMEM;
	if (!t->width || l->columns != t->columns || l->n != t->n_columns) {
		free(t->width);
		free(t->at);
		t->width = calloc(l->n + 1, sizeof(*t->width));
		t->at = calloc(l->n + 1, sizeof(*t->at));
	}
	t->columns = l->columns;
	t->n_columns = l->n;
	t->n = 0;
	if (!t->width || !t->at)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i += l->columns[i].pair ? 2 : 1)
		t->at[t->n++] = i;
	for (size_t i = 0; i < t->n && !t->o.no_header; i++) {
		struct sv name = header_of(t, i);
		size_t start = open_cell(t);

		for (size_t k = 0; k < name.len; k++) {
			char c = name.p[k];

			text_char(&t->store, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
		}
		close_cell(t, start);
	}
	return t->store.failed ? -ENOMEM : 0;
}

/* The next cell of the store, and its text. */
static struct head take(struct sv *rest, struct sv *text)
{
	struct head head;

	memcpy(&head, rest->p, sizeof(head));
	*text = sv_n(rest->p + sizeof(head), head.len);
	*rest = sv_from(*rest, sizeof(head) + head.len);
	return head;
}

static void measure(struct aligned *t)
{
	struct sv rest = sv_n(t->store.p, t->store.len), text;

	for (size_t i = 0; rest.len; i = (i + 1) % t->n) {
		struct head head = take(&rest, &text);

		if (head.width > t->width[i])
			t->width[i] = head.width;
	}
}

/* The column to cut so that lines fit the screen, and to how many cells; n for none. */
static size_t find_cut(const struct aligned *t, size_t *ret_width)
{
	size_t all = 0, at = t->n, over;

	for (size_t i = 0; i < t->n; i++) {
		all += t->width[i] + (i ? GAP : 0);
		if (is_free(column_at(t, i)) && (at == t->n || t->width[i] > t->width[at]))
			at = i;
	}
	if (!t->o.is_terminal || !t->o.screen || all <= t->o.screen || at == t->n)
		return t->n;
	over = all - t->o.screen;
	*ret_width = t->width[at] > over + CUT_MIN ? t->width[at] - over : CUT_MIN;
	return *ret_width < t->width[at] ? at : t->n;
}

/* As much of @text as fits @width cells, and the sign that there was more. */
static size_t put_cut(const struct aligned *t, struct text *to, struct sv text, size_t width)
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

static void put_blanks(struct text *t, size_t n)
{
	char *d = text_room(t, n);

	if (!d)
		return;
	memset(d, ' ', n);
	t->len += n;
}

static void put_cell(struct aligned *t, size_t i, struct sv text, size_t width, size_t room)
{
	struct text *line = &t->line;

	if (i)
		put_blanks(line, GAP);
	if (is_right(column_at(t, i)) && width < room)
		put_blanks(line, room - width);
	if (width > room)
		width = put_cut(t, line, text, room);
	else
		text_sv(line, text);
	if (!is_right(column_at(t, i)) && width < room)
		put_blanks(line, room - width);
}

static int write_held(struct aligned *t)
{
	struct sv rest = sv_n(t->store.p, t->store.len), text;
	size_t cut_width = 0, cut;

	if (t->store.failed)
		return -ENOMEM;
	if (!t->n || !t->store.len)
		return t->out->error;
	measure(t);
	cut = find_cut(t, &cut_width);
	for (size_t i = 0; rest.len; i = (i + 1) % t->n) {
		struct head head = take(&rest, &text);

		put_cell(t, i, text, head.width, i == cut ? cut_width : t->width[i]);
		if (i + 1 < t->n)
			continue;
		while (t->line.len && t->line.p[t->line.len - 1] == ' ')
			t->line.len--;
		text_char(&t->line, '\n');
		if (t->line.failed)
			return -ENOMEM;
		out_write(t->out, t->line.p, t->line.len);
		t->line.len = 0;
	}
	t->store.len = 0;
	t->n_held = 0;
	return t->out->error;
}

/* As `ss` has them: "10.0.0.1:80", "[fe80::1]:80", "*" for one that is absent. */
static void put_pair(struct text *t, const struct column *c, const struct cell *cells)
{
	bool is_ipv6 = cells[0].is_there && cells[0].val.s.len == 16;

	if (!cells[0].is_there && !cells[1].is_there)
		return;
	text_str(t, is_ipv6 ? "[" : "");
	if (cells[0].is_there)
		value_put_human(t, &c[0], &cells[0].val);
	else
		text_char(t, '*');
	text_str(t, is_ipv6 ? "]:" : ":");
	if (cells[1].is_there)
		value_put_human(t, &c[1], &cells[1].val);
	else
		text_char(t, '*');
}

static int record(struct tabular *tab, const struct cell *all)
{
	struct aligned *t = (struct aligned *)tab;

	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = column_at(t, i);
		const struct cell *cells = &all[t->at[i]];
		size_t start = open_cell(t), empty = t->store.len;

		if (cells->is_other)
			text_str(&t->store, "(other)");
		else if (c->pair)
			put_pair(&t->store, c, cells);
		else if (value_is_there(cells))
			value_put_human(&t->store, c, &cells->val);
		if (t->store.len == empty)
			text_char(&t->store, '-');
		close_cell(t, start);
	}
	t->n_held++;
	if (t->store.failed)
		return -ENOMEM;
	return t->store.len > HELD_MAX ? write_held(t) : 0;
}

static int end_list(struct tabular *tab)
{
	return write_held((struct aligned *)tab);
}

static int end(struct tabular *tab, const struct notes *)
{
	struct aligned *t = (struct aligned *)tab;
	int r = write_held(t);

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

	text_done(&t->store);
	text_done(&t->line);
	free(t->width);
	free(t->at);
	free(t);
}

static const struct tabular_ops table_ops = {
	.list = begin_list,
	.record = record,
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
	*ret = &t->tabular;
	return 0;
}
