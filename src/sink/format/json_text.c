/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/json_text.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/utf8.h"

static void put_unit(struct text *t, uint32_t c)
{
	static const char hex[] = "0123456789abcdef";

	text_put(t, (char[]){ '\\', 'u', hex[c >> 12 & 15], hex[c >> 8 & 15], hex[c >> 4 & 15], hex[c & 15] },
		 6);
}

static bool is_plain(uint8_t b)
{
	return b >= 0x20 && b < 0x7f && b != '"' && b != '\\';
}

static void put_other(struct text *t, struct sv s, uint32_t c)
{
	if (c == UTF8_BAD)
		put_unit(t, 0xdc00 | (uint8_t)s.p[0]);
	else if (c == '"' || c == '\\')
		text_put(t, (char[]){ '\\', (char)c }, 2);
	else if (utf8_is_control(c))
		put_unit(t, c);
	else
		text_sv(t, s);
}

void json_put_string(struct text *t, struct sv s)
{
	text_char(t, '"');
	while (s.len) {
		size_t n = 0;
		uint32_t c;

		while (n < s.len && is_plain((uint8_t)s.p[n]))
			n++;
		text_put(t, s.p, n);
		s = sv_from(s, n);
		if (!s.len)
			break;
		n = utf8_next(s, &c);
		put_other(t, sv_first(s, n), c);
		s = sv_from(s, n);
	}
	text_char(t, '"');
}

static bool nests(struct sv name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.')
			return false;
	}
	return true;
}

static size_t find(const struct json_tree *t, size_t parent, struct sv name)
{
	for (size_t i = 1; i < t->n; i++)
		if (t->items[i].parent == parent && sv_eq(t->items[i].name, name))
			return i;
	return SIZE_MAX;
}

static size_t add(struct json_tree *t, struct json_item item)
{
	t->items[t->n] = item;
	return t->n++;
}

/* Which members of the owners @c has; 0 when it is no list of owners. */
static uint32_t parts_of(const struct column *c)
{
	if (c->part != PART_NONE)
		return 1u << c->part;
	if (c->type != T_OWNERS)
		return 0;
	return PARTS_TOLD;
}

/* The object in which the value called @name lies, made where needed; SIZE_MAX when a value has its name. */
static size_t make_parents(struct json_tree *t, struct sv *name)
{
	size_t parent = 0;
	ptrdiff_t dot;

	while ((dot = sv_find(*name, '.')) >= 0) {
		struct sv part = sv_first(*name, (size_t)dot);
		size_t at = find(t, parent, part);

		if (at == SIZE_MAX)
			at = add(t, (struct json_item){ .name = part, .parent = parent, .column = SIZE_MAX });
		else if (t->items[at].column != SIZE_MAX)
			return SIZE_MAX;
		parent = at;
		*name = sv_from(*name, (size_t)dot + 1);
	}
	return parent;
}

static void add_column(struct json_tree *t, const struct column *columns, size_t i)
{
	struct sv whole = sv(columns[i].name), name = whole;
	const char *dot = strrchr(columns[i].name, '.');
	uint32_t parts = parts_of(&columns[i]);
	size_t parent = 0, at;

	if (dot && columns[i].part != PART_NONE)
		name = whole = sv_first(name, (size_t)(dot - columns[i].name));
	if (nests(name))
		parent = make_parents(t, &name);
	at = parent == SIZE_MAX ? SIZE_MAX : find(t, parent, name);
	if (at != SIZE_MAX && t->items[at].column != SIZE_MAX) {
		if (parts && t->items[at].parts)
			t->items[at].parts |= parts;
		return;
	}
	if (parent == SIZE_MAX || at != SIZE_MAX) {
		parent = 0;
		name = whole;
		at = find(t, parent, name);
		if (at != SIZE_MAX)
			return;
	}
	(void)add(t, (struct json_item){ .name = name, .parent = parent, .column = i, .parts = parts });
}

static void order(struct json_tree *t, size_t parent)
{
	for (size_t i = parent + 1; i < t->n; i++) {
		if (t->items[i].parent != parent)
			continue;
		if (t->items[i].column == SIZE_MAX)
			order(t, i);
		else
			t->leaves[t->n_leaves++] = i;
	}
}

int json_tree_init(struct json_tree *t, const struct column *columns, size_t n)
{
	size_t cap = 1;

	for (size_t i = 0; i < n; i++) {
		cap++;
		for (const char *p = columns[i].name; *p; p++)
			cap += *p == '.';
	}
	*t = (struct json_tree){ .items = calloc(cap, sizeof(*t->items)),
				 .leaves = calloc(n + 1, sizeof(*t->leaves)) };
	if (!t->items || !t->leaves) {
		json_tree_done(t);
		return -ENOMEM;
	}
	(void)add(t, (struct json_item){ .column = SIZE_MAX });
	for (size_t i = 0; i < n; i++)
		add_column(t, columns, i);
	order(t, 0);
	return 0;
}

void json_tree_done(struct json_tree *t)
{
	free(t->items);
	free(t->leaves);
	*t = (struct json_tree){};
}
