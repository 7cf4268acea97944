/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/shape.h"

#include <errno.h>

static uint16_t clipped(const struct shapes *s, const struct row *row, unsigned int seg)
{
	return row->len[seg] < s->end[seg] ? row->len[seg] : s->end[seg];
}

/* Whether @row, which has the same segments, is of the kind of @shape. */
static bool is_of_kind(const struct shape *shape, const struct row *row)
{
	if (!shape->kind_loc)
		return row_kind(row) == shape->kind;
	return field_raw(row, shape->kind_loc) == shape->kind_number &&
	       !memcmp(row_dump(row), &shape->dump, sizeof(shape->dump));
}

static bool is_alike(const struct shapes *s, const struct shape *shape, const struct row *row)
{
	if (!segs_eq(&shape->have, &row->have))
		return false;
	for (size_t i = 0; i < shape->n_parts; i++)
		if (shape->part[i].len != clipped(s, row, shape->part[i].seg))
			return false;
	return !s->has_kinds || is_of_kind(shape, row);
}

/* Whether field_get() would give the number as it lies there, or a port. */
static bool is_number(const struct field *f, const struct loc *l, const struct row *row)
{
	const uint32_t plain = 1u << T_UINT | 1u << T_HEX | 1u << T_BYTES | 1u << T_BYTES_S | 1u << T_USEC |
			       1u << T_MSEC | 1u << T_COOKIE | 1u << T_FAMILY | 1u << T_PORT;

	if (f->part != PART_NONE || l->any_len)
		return false;
	return plain >> f->type & 1 || (f->type == T_STATE && !row_has(row, SEG_PEERS));
}

/* Where @f lies in rows of @kind like @row; false when it is absent of them. */
static bool make_value_at(const struct row *row, uint32_t kind, enum field_id id, struct value_at *ret)
{
	const struct field *f = &fields[id], *by = f->has_given ? &fields[f->given] : NULL;
	const struct loc *l = field_find_loc(row, id);
	const struct loc *given = by ? field_find_loc(row, (enum field_id)f->given) : NULL;

	if (!l || absent_holds(f->absent, kind))
		return false;
	if (by && (!given || absent_holds(by->absent, kind)))
		return false;
	*ret = (struct value_at){ .at = *l,
				  .none = f->has_none ? f->none : 0,
				  .has_none = f->has_none || f->no_zero,
				  .is_word = l->size == 4 && !l->bits,
				  .is_port = f->type == T_PORT,
				  .is_told = !is_number(f, l, row) };
	if (given) {
		ret->has_given = true;
		ret->given = *given;
		ret->given_none = by->has_none ? by->none : 0;
	}
	return true;
}

static void make(const struct shapes *s, struct shape *shape, const struct row *row)
{
	uint32_t kind = s->has_kinds ? row_kind(row) : 0;

	shape->kind = kind;
	shape->kind_loc = row_kind_loc(row);
	shape->kind_number = shape->kind_loc ? field_raw(row, shape->kind_loc) : 0;
	shape->dump = *row_dump(row);
	shape->have = row->have;
	shape->n = shape->n_parts = 0;
	for (unsigned int seg = 0; seg < SEG_MAX; seg++) {
		if (!s->end[seg] || !row_has(row, (enum seg)seg))
			continue;
		shape->part[shape->n_parts].seg = (uint8_t)seg;
		shape->part[shape->n_parts++].len = clipped(s, row, seg);
	}
	for (size_t i = 0; i < s->n_columns; i++)
		if (make_value_at(row, kind, s->columns[i].field, &shape->place[shape->n]))
			shape->place[shape->n++].column = (uint32_t)i;
}

const struct shape *shapes_find(struct shapes *s, const struct row *row, bool *ret_is_new)
{
	struct shape *made;

	*ret_is_new = false;
	if (s->n_made && is_alike(s, &s->shape[s->last], row))
		return &s->shape[s->last];
	*ret_is_new = true;
	for (s->last = 0; s->last < SHAPES && s->last < s->n_made; s->last++)
		if (is_alike(s, &s->shape[s->last], row))
			return &s->shape[s->last];
	s->last = s->n_made++ % SHAPES;
	made = &s->shape[s->last];
	make(s, made, row);
	return made;
}

/* Takes into account what decides over @f. */
static void take_field(struct shapes *s, enum field_id f)
{
	s->has_kinds |= fields[f].absent;
	for (const struct loc *l = fields[f].at; l->size; l++) {
		uint16_t end = l->any_len ? 0 : (uint16_t)(l->off + l->size);

		s->end[l->seg] = s->end[l->seg] > end ? s->end[l->seg] : end;
	}
}

int shapes_init(struct shapes *s, const struct column *columns, size_t n)
{
	*s = (struct shapes){ .columns = columns, .n_columns = n };
	for (size_t i = 0; i < n; i++) {
		const struct field *f = &fields[columns[i].field];

		take_field(s, columns[i].field);
		if (f->has_given)
			take_field(s, (enum field_id)f->given);
	}
	if (s->has_kinds) { /* where row_kind_loc() may point to */
		take_field(s, F_STATE);
		take_field(s, F_NETLINK_STATE);
	}
	for (size_t i = 0; i < SHAPES; i++) {
		s->shape[i].place = calloc(n + 1, sizeof(*s->shape[i].place));
		if (!s->shape[i].place)
			return -ENOMEM;
	}
	return 0;
}

void shapes_done(struct shapes *s)
{
	for (size_t i = 0; i < SHAPES; i++)
		free(s->shape[i].place);
}
