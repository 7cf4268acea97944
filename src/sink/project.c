/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/project.h"

#include <arpa/inet.h>
#include <errno.h>

#include "sink/shape.h"

struct project {
	struct sink sink;
	struct listing l;
	const struct project_text *text;
	const struct column *columns; /* that are fields */
	size_t n;
	struct tabular *next;
	struct cell *record; /* all cells of it, that of the text the first */
	struct cell *cells;  /* those of the fields */
	struct shapes shapes;
	size_t why;            /* the column that tells why there are no owners; .n: none does */
	uint8_t (*masked)[16]; /* addresses under a prefix, by column */
	int error;             /* of this run: a text that could not be made */
};

static void fields_used(const struct sink *s, struct fieldset *set)
{
	const struct project *p = (const struct project *)s;

	for (size_t i = 0; i < p->n; i++)
		fieldset_add_value(set, p->columns[i].field);
	if (p->text)
		p->text->fields(p->text->ctx, set);
}

/* Under a prefix, an IPv4 address in IPv6 form is the IPv4 address. */
static void unmap(struct val *v)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (v->s.len == 16 && !memcmp(v->s.p, mapped, sizeof(mapped)))
		v->s = sv_from(v->s, sizeof(mapped));
}

/* The first @bits of the address in @v, the others 0. */
static void mask(struct val *v, uint8_t to[16], unsigned int bits)
{
	size_t whole = bits / 8;

	if (whole >= v->s.len)
		return;
	memset(to, 0, 16);
	memcpy(to, v->s.p, whole);
	if (bits % 8)
		to[whole] = (uint8_t)(v->s.p[whole] & 0xff << (8 - bits % 8));
	v->s.p = (const char *)to;
}

static void read_cell(struct project *p, size_t i, const struct row *row)
{
	const struct column *c = &p->columns[i];
	struct cell *cell = &p->cells[i];

	cell->is_there = field_get_of_kind(row, c->field, &cell->val); /* else the row had no place for it */
	if (!cell->is_there || c->type != T_ADDR || c->prefix[0] == PREFIX_NONE)
		return;
	unmap(&cell->val);
	mask(&cell->val, p->masked[i], c->prefix[cell->val.s.len == 16]);
}

static bool is_given(const struct value_at *at, const struct row *row)
{
	uint64_t v = field_raw(row, &at->given);

	return v && v != at->given_none;
}

static void read_cells(struct project *p, const struct row *row)
{
	bool is_new;
	const struct shape *shape = shapes_find(&p->shapes, row, &is_new);

	for (size_t i = 0; is_new && i < p->n; i++)
		p->cells[i].is_there = false;
	for (const struct value_at *at = shape->place, *end = at + shape->n; at < end; at++) {
		struct cell *cell = &p->cells[at->column];
		uint64_t v;

		if (at->is_told) {
			read_cell(p, at->column, row);
			continue;
		}
		if (at->has_given && !is_given(at, row)) {
			cell->is_there = false;
			continue;
		}
		v = at->is_word ? field_load(row->seg[at->at.seg] + at->at.off, 4) : field_raw(row, &at->at);
		cell->is_there = !at->has_none | (v != at->none);
		cell->val.kind = VAL_UINT;
		cell->val.u = at->is_port ? ntohs((uint16_t)v) : v;
	}
}

/* The words for it are constants, which outlive the row. */
static void read_why(struct project *p, const struct row *row)
{
	struct cell *c = &p->cells[p->why];
	struct sv why = row_bytes(row, SEG_OWNER_WHY);

	if (c->is_there && c->val.owners.n)
		return;
	c->is_there = why.len;
	c->val = (struct val){ .kind = VAL_OWNERS, .owners.why = why.len ? why.p : NULL };
}

static int row_in(struct sink *s, const struct row *row)
{
	struct project *p = (struct project *)s;

	read_cells(p, row);
	if (p->why < p->n)
		read_why(p, row);
	if (p->text && p->text->put(p->text->ctx, row, &p->record->val.s) < 0)
		return p->error = -ENOMEM; /* of which nobody behind knows */
	return p->next->ops->record(p->next, p->record);
}

static void take_bits(uint8_t bits[2], const struct column *c)
{
	for (size_t i = 0; i < 2; i++)
		if (bits[i] < c->prefix[i])
			bits[i] = c->prefix[i];
}

static bool can_count(const struct sink *s, struct sink_bits *ret)
{
	const struct project *p = (const struct project *)s;

	*ret = (struct sink_bits){};
	if (p->text)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct column *c = &p->columns[i];

		if (c->type == T_ADDR && c->prefix[0] == PREFIX_NONE)
			return false;
		if (c->field == F_SRC)
			take_bits(ret->local, c);
		else if (c->field == F_DST)
			take_bits(ret->peer, c);
	}
	return p->next->ops->count && p->next->ops->n_keys(p->next) == p->n;
}

static bool can_sum(const struct sink *s, struct fieldset *ret_keys, struct fieldset *ret_sums)
{
	const struct project *p = (const struct project *)s;
	size_t n_keys = p->next->ops->count && !p->text ? p->next->ops->n_keys(p->next) : 0;

	for (size_t i = 0; i < p->n; i++)
		fieldset_add(i < n_keys ? ret_keys : ret_sums, p->columns[i].field);
	return n_keys;
}

static int count_in(struct sink *s, const struct row *row, uint64_t n)
{
	struct project *p = (struct project *)s;

	read_cells(p, row);
	return p->next->ops->count(p->next, p->record, n);
}

static int begin(struct sink *s, uint64_t at_us)
{
	struct project *p = (struct project *)s;

	p->l.at_us = at_us;
	p->error = 0;
	if (p->text)
		p->text->begin(p->text->ctx);
	return p->next->ops->list(p->next, &p->l);
}

static int end(struct sink *s)
{
	struct project *p = (struct project *)s;
	int r = p->next->ops->list_end(p->next);

	return r < 0 ? r : p->error;
}

static int flush(struct sink *s)
{
	struct project *p = (struct project *)s;

	return p->next->ops->flush(p->next);
}

static const struct sink_ops project_ops = {
	.fields = fields_used,
	.begin = begin,
	.row = row_in,
	.can_count = can_count,
	.can_sum = can_sum,
	.count = count_in,
	.end = end,
	.flush = flush,
};

struct sink *project_free(struct sink *s)
{
	struct project *p = (struct project *)s;

	if (!p)
		return NULL;
	shapes_done(&p->shapes);
	free(p->record);
	free(p->masked);
	free(p);
	return NULL;
}

int project_new(const struct listing *l, const struct project_text *text, struct tabular *next,
		struct sink **ret)
{
	struct project *p = calloc(1, sizeof(*p));
	size_t first = text != NULL;
	int r = -ENOMEM;

	if (!p)
		return r;
	*p = (struct project){ .sink.ops = &project_ops,
			       .l = *l,
			       .text = text,
			       .columns = l->columns + first,
			       .n = l->n - first,
			       .next = next };
	p->record = calloc(l->n ? l->n : 1, sizeof(*p->record));
	p->masked = calloc(l->n ? l->n : 1, sizeof(*p->masked));
	if (p->record && p->masked) {
		p->cells = p->record + first;
		*p->record = (struct cell){ .is_there = text, .val.kind = VAL_STR };
		while (p->why < p->n && !p->columns[p->why].tells_why)
			p->why++;
		p->sink.tells_why = p->why < p->n;
		r = shapes_init(&p->shapes, p->columns, p->n);
	}
	if (r < 0) {
		(void)project_free(&p->sink);
		return r;
	}
	*ret = &p->sink;
	return 0;
}
