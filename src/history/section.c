/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/section.h"

#include <errno.h>
#include <stdlib.h>

static void clear_set(struct colset *set)
{
	for (uint32_t w = 0; set->column && w < set->n_words; w++) {
		set->column[w].bytes.len = 0;
		set->column[w].mark = 0;
		set->column[w].lead = 0;
	}
	set->n = set->n_mark = 0;
}

static void free_set(struct colset *set)
{
	for (uint32_t w = 0; set->column && w < set->n_words; w++)
		text_done(&set->column[w].bytes);
	free(set->column);
	*set = (struct colset){};
}

void section_clear(struct section *s)
{
	for (size_t i = 0; i < N_STREAMS; i++) {
		s->stream[i].len = 0;
		s->mark[i] = 0;
	}
	for (size_t i = 0; i < SHAPES_MAX; i++) {
		clear_set(&s->fresh[i]);
		clear_set(&s->diff[i]);
	}
	if (section_failed(s))
		section_done(s);
}

void section_done(struct section *s)
{
	for (size_t i = 0; i < N_STREAMS; i++)
		text_done(&s->stream[i]);
	for (size_t i = 0; i < SHAPES_MAX; i++) {
		free_set(&s->fresh[i]);
		free_set(&s->diff[i]);
	}
	*s = (struct section){};
}

static void mark_set(struct colset *set)
{
	for (uint32_t w = 0; set->column && w < set->n_words; w++)
		set->column[w].mark = set->column[w].bytes.len;
	set->n_mark = set->n;
}

void section_mark(struct section *s)
{
	for (size_t i = 0; i < N_STREAMS; i++)
		s->mark[i] = s->stream[i].len;
	for (size_t i = 0; i < SHAPES_MAX; i++) {
		mark_set(&s->fresh[i]);
		mark_set(&s->diff[i]);
	}
}

bool section_failed(const struct section *s)
{
	if (s->failed)
		return true;
	for (size_t i = 0; i < N_STREAMS; i++)
		if (s->stream[i].failed)
			return true;
	return false;
}

/* Shapes have other numbers in the next block, and so other lengths. */
static bool prepare_set(struct colset *set, uint32_t n)
{
	if (set->n_words != n)
		free_set(set);
	if (!set->column)
		set->column = calloc(n, sizeof(*set->column));
	set->n_words = n;
	return set->column;
}

void colset_add(struct section *s, struct colset *set, const uint32_t *residual, uint32_t n)
{
	if (!set->n && !prepare_set(set, n)) {
		s->failed = true;
		return;
	}
	for (uint32_t w = 0; w < n; w++) {
		struct column *c = &set->column[w];

		if (!residual[w] && !c->bytes.len)
			continue;
		if (!c->bytes.len)
			c->lead = set->n;
		varint_put(&c->bytes, zigzag32(residual[w]));
		s->failed |= c->bytes.failed;
	}
	set->n++;
}

static size_t column_from(const struct column *c, bool from_mark)
{
	return from_mark ? c->mark : 0;
}

static void put_set_head(struct text *t, const struct colset *set, bool from_mark)
{
	uint32_t skipped = from_mark ? set->n_mark : 0, last = 0;
	size_t n_columns = 0;

	varint_put(t, set->n - skipped);
	for (uint32_t w = 0; set->n > skipped && w < set->n_words; w++)
		n_columns += set->column[w].bytes.len > column_from(&set->column[w], from_mark);
	varint_put(t, n_columns);
	for (uint32_t w = 0; n_columns && w < set->n_words; w++) {
		const struct column *c = &set->column[w];
		size_t from = column_from(c, from_mark);

		if (c->bytes.len <= from)
			continue;
		varint_put(t, w - last);
		varint_put(t, from ? 0 : c->lead - skipped);
		varint_put(t, c->bytes.len - from);
		last = w;
	}
}

struct pieces {
	bool from_mark;
	int (*fn)(void *arg, const void *p, size_t n);
	void *arg;
};

static int give_set(const struct pieces *p, const struct colset *set)
{
	int r = 0;

	for (uint32_t w = 0; set->n && !r && w < set->n_words; w++) {
		const struct column *c = &set->column[w];
		size_t from = column_from(c, p->from_mark);

		if (c->bytes.len > from)
			r = p->fn(p->arg, c->bytes.p + from, c->bytes.len - from);
	}
	return r;
}

static int give(const struct pieces *p, const struct section *s, size_t n_shapes)
{
	int r = 0;

	for (size_t i = 0; i < N_STREAMS && !r; i++) {
		size_t from = p->from_mark ? s->mark[i] : 0;

		if (s->stream[i].len > from)
			r = p->fn(p->arg, s->stream[i].p + from, s->stream[i].len - from);
	}
	for (size_t i = 1; i < n_shapes && !r; i++) {
		r = give_set(p, &s->fresh[i]);
		if (!r)
			r = give_set(p, &s->diff[i]);
	}
	return r;
}

int section_pieces(const struct section *s, const struct shapes *shapes, bool from_mark, struct text *scratch,
		   int (*fn)(void *arg, const void *p, size_t n), void *arg)
{
	struct pieces p = { from_mark, fn, arg };
	int r;

	scratch->len = 0;
	shapes_put(shapes, scratch);
	for (size_t i = 0; i < N_STREAMS; i++)
		varint_put(scratch, s->stream[i].len - (from_mark ? s->mark[i] : 0));
	for (size_t i = 1; i < shapes->n; i++) {
		put_set_head(scratch, &s->fresh[i], from_mark);
		put_set_head(scratch, &s->diff[i], from_mark);
	}
	if (scratch->failed || section_failed(s))
		return -ENOMEM;
	r = fn(arg, scratch->p, scratch->len);
	return r ? r : give(&p, s, shapes->n);
}

size_t section_size(const struct section *s)
{
	size_t n = 0;

	for (size_t i = 0; i < N_STREAMS; i++)
		n += s->stream[i].len;
	for (size_t i = 0; i < SHAPES_MAX; i++) {
		for (uint32_t w = 0; s->fresh[i].n && w < s->fresh[i].n_words; w++)
			n += s->fresh[i].column[w].bytes.len;
		for (uint32_t w = 0; s->diff[i].n && w < s->diff[i].n_words; w++)
			n += s->diff[i].column[w].bytes.len;
	}
	return n;
}
