/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/layout.h"

#include <string.h>

#include "model/value.h"

enum { NARROW = 60 }; /* a screen that has no room for words about what does not fit */

bool layout_is_right(const struct column *c)
{
	return c->part == PART_NONE && !c->pair &&
	       (value_form(c) == FORM_NUMBER || c->type == T_HEX || c->type == T_COOKIE);
}

bool layout_may_cut(const struct column *c)
{
	return c->part != PART_NONE || c->type == T_ADDR || value_form(c) == FORM_TEXT ||
	       value_form(c) == FORM_OWNERS || value_form(c) == FORM_LIST;
}

static size_t least(const struct lane *l)
{
	size_t cut = l->column->pair ? LAYOUT_PAIR : l->column->least ? l->column->least : LAYOUT_LEAST;

	return layout_may_cut(l->column) && l->wide > cut ? cut : l->wide;
}

size_t layout_note(struct text *t, size_t n, const struct layout_opts *o)
{
	size_t start = t->len;

	if (o->screen < NARROW)
		text_printf(t, "(+%zu)", n);
	else
		text_printf(t, "(+%zu: %s)", n, o->more);
	return t->len - start;
}

/* With the gap in front of it. */
static size_t note_width(size_t n, const struct layout_opts *o)
{
	struct text t = {};
	size_t width = layout_note(&t, n, o) + LAYOUT_GAP;

	text_done(&t);
	return width;
}

/* Whether there is something to read in it. */
static bool says_something(const struct lane *l, const struct layout_opts *o)
{
	if (!o->is_fitted)
		return true;
	return !(l->column->leave & LEAVE_ALWAYS) &&
	       !(l->column->leave & LEAVE_EMPTY && o->is_whole && !l->has_value);
}

/* The column still to be placed that comes first by rank, and among equals in their order; @n for none. */
static size_t next_by_rank(const struct lane *lanes, size_t n)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (lanes[i].is_open && (best == n || lanes[i].column->rank < lanes[best].column->rank))
			best = i;
	return best;
}

/* Shows those of the open columns that fit @room, by rank. Returns how many do not. */
static size_t take_what_fits(struct lane *lanes, size_t n, size_t room)
{
	size_t used = 0, over = 0, i;

	while ((i = next_by_rank(lanes, n)) < n) {
		size_t need = least(&lanes[i]) + (used ? LAYOUT_GAP : 0);

		lanes[i].is_open = false;
		lanes[i].is_shown = !used || used + need <= room;
		if (lanes[i].is_shown)
			used += need;
		else
			over++;
	}
	return over;
}

void layout_open(struct lane *lanes, size_t n, const struct layout_opts *o)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		lanes[i].is_open = says_something(&lanes[i], o);
		lanes[i].is_shown = false;
		found += lanes[i].is_open;
	}
	if (!found && n)
		lanes[0].is_open = true;
}

/* The room that the open columns take when each is cut as far as it may be. */
static size_t least_of_all(const struct lane *lanes, size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		if (lanes[i].is_open)
			all += least(&lanes[i]) + (all ? LAYOUT_GAP : 0);
	return all;
}

/* The note stands behind the last header and not behind its column: text may go on below it. */
static void lend(struct lane *lanes, size_t n, size_t note)
{
	size_t last = n;

	for (size_t i = 0; i < n; i++)
		last = lanes[i].is_shown ? i : last;
	if (last == n || lanes[last].is_right)
		return;
	lanes[last].room += note;
	if (lanes[last].room > lanes[last].wide)
		lanes[last].room = lanes[last].wide;
}

size_t layout_choose(struct lane *lanes, size_t n, const struct layout_opts *o)
{
	size_t room = o->screen ? o->screen : SIZE_MAX, note = 0, over;

	for (size_t i = 0; i < n; i++)
		if (lanes[i].header.len > lanes[i].wide)
			lanes[i].wide = lanes[i].header.len;
	if (o->more && least_of_all(lanes, n) > room)
		note = note_width(n, o);
	if (note)
		room = room > note ? room - note : 1;
	over = take_what_fits(lanes, n, room);
	layout_share(lanes, n, room < SIZE_MAX ? (unsigned int)room : 0);
	if (note)
		lend(lanes, n, note);
	return over;
}

void layout_share(struct lane *lanes, size_t n, unsigned int screen)
{
	size_t used = 0, slack;
	bool is_first = true;

	for (size_t i = 0; i < n; i++) {
		if (!lanes[i].is_shown)
			continue;
		lanes[i].room = screen ? least(&lanes[i]) : lanes[i].wide;
		used += lanes[i].room + (is_first ? 0 : LAYOUT_GAP);
		is_first = false;
	}
	slack = screen > used ? screen - used : 0;
	for (size_t i = 0; i < n && slack; i++) {
		size_t more = lanes[i].wide - lanes[i].room;

		if (!lanes[i].is_shown)
			continue;
		more = more < slack ? more : slack;
		lanes[i].room += more;
		slack -= more;
	}
}

static bool is_of_side(struct sv name)
{
	ptrdiff_t dot = sv_find(name, '.');
	struct sv side = sv_first(name, dot < 0 ? 0 : (size_t)dot);

	return sv_is(side, "local") || sv_is(side, "peer");
}

/*
 * The last part of a name of parts, of a "container.name" that is not the socket's own the one before; all of
 * a computed one, "sum(tcp.rtt)", and of what either side has, which says nothing without whose it is.
 */
static struct sv short_name(const struct column *c)
{
	struct sv name = sv(c->pair ? c->pair : c->name),
		  what = sv_first(name, (size_t)(sv_rfind(name, '.') + 1));

	if (c->field >= F_MAX || strpbrk(c->name, "(/") || is_of_side(name))
		return name;
	if (what.len && c->field != F_UNIX_NAME && sv_is(sv_from(name, what.len), "name")) {
		name = sv_first(what, what.len - 1);
		what = sv_first(name, (size_t)(sv_rfind(name, '.') + 1));
	}
	return sv_from(name, what.len);
}

struct sv layout_header(const struct lane *lanes, size_t n, size_t i)
{
	struct sv name = short_name(lanes[i].column);

	for (size_t k = 0; k < n; k++)
		if (k != i && lanes[k].is_open && sv_eq(name, short_name(lanes[k].column)))
			return sv(lanes[i].column->name);
	return name;
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

void layout_put_value(struct text *t, const struct column *columns, const struct cell *all, size_t i)
{
	const struct column *c = &columns[i];

	if (all[i].is_other)
		text_str(t, "(other)");
	else if (c->pair)
		put_pair(t, c, &all[i]);
	else if (c->tells_why && all[i].is_there && !all[i].val.owners.n && all[i].val.owners.why)
		text_printf(t, "(%s)", all[i].val.owners.why);
	else if (value_is_there(&all[i]))
		value_put_human(t, c, &all[i].val);
}
