/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The tokens of a row. */

#include "base/cleanup.h"
#include "sink/classic/tok.h"

static bool holds(const struct cond *c, uint64_t v)
{
	v &= c->mask;
	return (v >= c->min) & (v <= c->max) & (v != c->except);
}

void classic_section(struct classic *c, struct text *t, const struct row *row, enum section section)
{
	const struct tok *tok = c->tok[section];
	unsigned int seg = SEG_MAX; /* neighbours mostly lie in the same one */
	struct sv bytes = {};

	for (const struct tok *end = tok + c->n_tok[section]; tok < end; tok++) {
		const struct loc *l = &tok->at;
		uint64_t v;

		if (!l->size)
			l = field_find_loc(row, (enum field_id)tok->field);
		else if (l->seg != seg)
			bytes = row_bytes(row, (enum seg)(seg = l->seg));
		if (!l)
			continue;
		if (l == &tok->at && (!bytes.p || (!l->any_len && bytes.len < (size_t)l->off + l->size)))
			continue;
		if (l->size == 4 && !l->bits)
			v = field_load((const uint8_t *)row->seg[l->seg] + l->off, 4);
		else
			v = l->size <= 8 ? field_raw(row, l) : 0;
		if (!holds(&tok->cond, v))
			continue;
		text_put_short(t, tok->prefix, TOK_PREFIX, tok->prefix_len);
		tok->put(c, t, row, v);
	}
}

void classic_break(const struct classic *c, struct text *t)
{
	if (!shows(c, SHOW_ONELINE))
		text_put(t, "\n\t", 2);
}

void classic_break_blank(const struct classic *c, struct text *t)
{
	if (shows(c, SHOW_ONELINE))
		text_char(t, ' ');
	else
		text_put(t, "\n\t", 2);
}

void classic_details(struct classic *c, struct text *t, const struct row *row)
{
	static const enum section sections[] = { SECTION_TIMER, SECTION_DETAIL, SECTION_OPTION };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (c->n_tok[sections[i]])
			classic_section(c, t, row, sections[i]);
}
