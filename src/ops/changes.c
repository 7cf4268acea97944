/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/changes.h"

#include <errno.h>

#include "base/hash.h"
#include "model/value.h"
#include "ops/keep.h"

struct was { /* a record of a frame */
	uint64_t id;
	size_t at, len;           /* its values in .values: a text, or a hash of four bytes each */
	const struct cell *cells; /* NULL: not one of the first */
};

struct frame {
	struct was *v;
	size_t n;
	struct text values;
	struct keep keep;
	struct hash by_id; /* of .v; of those with the same id the first */
};

struct changes {
	struct frame last;
	bool has_last;
};

struct entry { /* a record that is held */
	uint64_t id;
	struct cell *cells;
	size_t n_parts; /* of the entries behind it so many are parts of it */
};

struct stage {
	struct tabular tabular;
	struct changes_opts o;
	struct tabular *next;
	struct listing l;
	struct entry *v;
	size_t n, cap;
	struct keep keep;
	struct text scratch;
	bool is_open;
	int error;
};

static void frame_done(struct frame *f)
{
	free(f->v);
	text_done(&f->values);
	keep_done(&f->keep);
	hash_done(&f->by_id);
	*f = (struct frame){};
}

struct changes *changes_new(void)
{
	return calloc(1, sizeof(struct changes));
}

struct changes *changes_free(struct changes *c)
{
	if (c)
		frame_done(&c->last);
	free(c);
	return NULL;
}

static uint64_t hash_cell(struct stage *s, size_t column, const struct cell *c)
{
	if (!c->is_there)
		return c->is_other;
	if (c->val.kind == VAL_STR)
		return hash_bytes(c->val.s);
	if (c->val.kind != VAL_OWNERS)
		return hash_u64(c->val.u + 2);
	s->scratch.len = 0;
	value_put_line(&s->scratch, &s->l.columns[column], &c->val);
	return hash_bytes(sv_n(s->scratch.p, s->scratch.len));
}

static uint64_t id_of(struct stage *s, const struct cell *cells)
{
	size_t first = s->o.first_id, n = s->o.n_ids;
	uint64_t id = 0;

	if (s->o.is_first_enough && cells[first].is_there)
		n = 1;
	for (size_t i = first; i < first + n; i++)
		id = hash_u64(id ^ hash_cell(s, i, &cells[i]));
	return id;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct stage *s = (struct stage *)t;
	struct listing shown = *l;

	s->l = *l;
	s->is_open = true;
	shown.n = s->o.n_shown;
	return s->next->ops->list(s->next, &shown);
}

static int add(struct stage *s, const struct cell *cells, size_t n_parts)
{
	struct entry *v = s->v;

	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 256;

		v = reallocarray(s->v, cap, sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	v[s->n] = (struct entry){ .id = id_of(s, cells),
				  .cells = keep_cells(&s->keep, cells, s->o.n_shown),
				  .n_parts = n_parts };
	return v[s->n++].cells ? 0 : -ENOMEM;
}

static int whole(struct tabular *t, const struct cell *cells, const struct cell *const *parts, size_t n)
{
	struct stage *s = (struct stage *)t;

	if (s->error == 0)
		s->error = add(s, cells, n);
	for (size_t i = 0; i < n && s->error == 0; i++)
		s->error = add(s, parts[i], 0);
	return s->error;
}

static int record(struct tabular *t, const struct cell *cells)
{
	return whole(t, cells, NULL, 0);
}

static void put_values(struct stage *s, const struct entry *e, struct text *to)
{
	if (s->o.mark) {
		text_sv(to, e->cells[0].val.s);
		return;
	}
	for (size_t i = 0; i < s->o.n_shown; i++) {
		uint32_t h = (uint32_t)(hash_cell(s, i, &e->cells[i]) >> 32);

		text_put(to, &h, sizeof(h));
	}
}

/* What is held, as a frame that the next is compared with. */
static int remember(struct stage *s, struct frame *f)
{
	f->v = calloc(s->n + 1, sizeof(*f->v));
	if (!f->v)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		struct was *w = &f->v[f->n++];

		*w = (struct was){ .id = s->v[i].id, .at = f->values.len };
		put_values(s, &s->v[i], &f->values);
		w->len = f->values.len - w->at;
		if (i < CHANGES_GONE_MAX) {
			w->cells = keep_cells(&f->keep, s->v[i].cells, s->o.n_shown);
			if (!w->cells)
				return -ENOMEM;
		}
		if (!hash_find(&f->by_id, w->id, NULL, NULL) && hash_put(&f->by_id, w->id, w) < 0)
			return -ENOMEM;
	}
	return f->values.failed || s->scratch.failed ? -ENOMEM : 0;
}

/* The text of a record becomes one with signs. */
static int mark_text(struct stage *s, struct cell *c, struct sv was, enum mark m)
{
	const char *kept;

	s->scratch.len = 0;
	s->o.mark(s->o.ctx, was, c->val.s, m, &s->scratch);
	if (s->scratch.failed)
		return -ENOMEM;
	kept = keep_bytes(&s->keep, s->scratch.p, s->scratch.len);
	c->val.s = sv_n(kept, s->scratch.len);
	return kept ? 0 : -ENOMEM;
}

static int mark_record(struct stage *s, const struct frame *last, const struct was *was, struct was *now,
		       struct cell *cells, const struct frame *f)
{
	enum mark m = was || !s->o.memory->has_last ? MARK_NONE : MARK_NEW;

	if (s->o.mark)
		return mark_text(s, cells, was ? sv_n(last->values.p + was->at, was->len) : (struct sv){}, m);
	if (m)
		cells[0].mark = m;
	for (size_t i = 0; was && i < s->o.n_shown; i++)
		if (memcmp(last->values.p + was->at + 4 * i, f->values.p + now->at + 4 * i, 4) != 0)
			cells[i].mark = MARK_CHANGED;
	return 0;
}

/* Hands on those of the last frame from @w on that are gone, up to one that is not. */
static int hand_on_gone(struct stage *s, const struct frame *f, const struct was *w)
{
	const struct frame *last = &s->o.memory->last;
	int r = 0;

	for (; w < last->v + last->n && w->cells && r == 0; w++) {
		struct cell *cells;

		if (hash_find(&f->by_id, w->id, NULL, NULL))
			return 0;
		cells = keep_cells(&s->keep, w->cells, s->o.n_shown);
		if (!cells)
			return -ENOMEM;
		cells[0].mark = MARK_GONE;
		if (s->o.mark)
			r = mark_text(s, cells, (struct sv){}, MARK_GONE);
		if (r == 0)
			r = s->next->ops->record(s->next, cells);
	}
	return r;
}

/* One that is held, with its parts. */
static int hand_on_one(struct stage *s, const struct entry *e)
{
	const struct cell **parts;
	int r;

	if (!e->n_parts)
		return s->next->ops->record(s->next, e->cells);
	parts = calloc(e->n_parts, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < e->n_parts; i++)
		parts[i] = e[1 + i].cells;
	r = s->next->ops->whole(s->next, e->cells, parts, e->n_parts);
	free(parts);
	return r;
}

/* Hands on all that is held, with marks by what @f, which it is, does not share with the last frame. */
static int hand_on(struct stage *s, const struct frame *f)
{
	const struct frame *last = &s->o.memory->last;
	int r = last->n ? hand_on_gone(s, f, last->v) : 0;

	for (size_t i = 0, step; i < s->n && r == 0; i += step) {
		step = 1 + s->v[i].n_parts;
		for (size_t k = i; k < i + step && r == 0; k++)
			r = mark_record(s, last, hash_find(&last->by_id, s->v[k].id, NULL, NULL), &f->v[k],
					s->v[k].cells, f);
		if (r == 0)
			r = hand_on_one(s, &s->v[i]);
		for (size_t k = i; k < i + step && r == 0; k++) {
			const struct was *was = hash_find(&last->by_id, s->v[k].id, NULL, NULL);

			r = was ? hand_on_gone(s, f, was + 1) : 0;
		}
	}
	return r == -ECANCELED ? 0 : r;
}

static int end_list(struct tabular *t)
{
	struct stage *s = (struct stage *)t;
	struct frame f = {};
	int r;

	s->is_open = false;
	if (s->error == 0)
		s->error = remember(s, &f);
	if (s->error == 0)
		s->error = hand_on(s, &f);
	if (s->error == 0) {
		frame_done(&s->o.memory->last);
		s->o.memory->last = f;
		s->o.memory->has_last = true;
	} else {
		frame_done(&f);
	}
	s->n = 0;
	keep_done(&s->keep);
	r = s->next->ops->list_end(s->next);
	return s->error < 0 ? s->error : r;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct stage *s = (struct stage *)t;
	struct notes all;
	int r;

	if (s->is_open)
		(void)end_list(t); /* what fails is remembered here or there */
	all = notes_of_end(notes, s->error);
	r = s->next->ops->end(s->next, &all);
	return s->error < 0 ? s->error : r;
}

static int flush(struct tabular *t)
{
	struct stage *s = (struct stage *)t;

	return s->next->ops->flush(s->next);
}

static void done(struct tabular *t)
{
	struct stage *s = (struct stage *)t;

	keep_done(&s->keep);
	text_done(&s->scratch);
	free(s->v);
	free(s);
}

static const struct tabular_ops plain_ops = {
	.list = begin_list, .record = record, .list_end = end_list, .end = end, .flush = flush, .free = done
};

static const struct tabular_ops whole_ops = { .list = begin_list,
					      .record = record,
					      .whole = whole,
					      .list_end = end_list,
					      .end = end,
					      .flush = flush,
					      .free = done };

int changes_mark(const struct changes_opts *o, struct tabular *next, struct tabular **ret)
{
	struct stage *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = (struct stage){ .tabular.ops = next->ops->whole ? &whole_ops : &plain_ops,
			     .o = *o,
			     .next = next };
	*ret = &s->tabular;
	return 0;
}
