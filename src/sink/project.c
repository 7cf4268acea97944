/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/project.h"

#include <errno.h>

struct project {
	struct sink sink;
	const struct column *columns;
	size_t n;
	struct tabular *next;
	struct cell *cells;
	uint8_t (*masked)[16]; /* addresses under a prefix, by column */
};

static void fields_used(const struct sink *s, struct fieldset *set)
{
	const struct project *p = (const struct project *)s;

	for (size_t i = 0; i < p->n; i++)
		fieldset_add(set, p->columns[i].field);
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

/* Numbers that are shown as the kernel sent them: most fields. field_get() would do the same, slower. */
static bool read_number(struct cell *cell, const struct column *c, const struct row *row)
{
	const uint32_t plain = 1u << T_UINT | 1u << T_HEX | 1u << T_BYTES | 1u << T_BYTES_S | 1u << T_USEC |
			       1u << T_MSEC | 1u << T_COOKIE;
	const struct field *f = &fields[c->field];
	const struct loc *l;

	if (!(plain >> f->type & 1) || f->part != PART_NONE)
		return false;
	l = field_find_loc(row, c->field);
	cell->is_there = l;
	if (!l)
		return true;
	cell->val.kind = VAL_UINT;
	cell->val.u = field_raw(row, l);
	cell->is_there = !f->has_none || cell->val.u != f->none;
	return true;
}

static void read_cell(struct project *p, size_t i, const struct row *row)
{
	const struct column *c = &p->columns[i];
	struct cell *cell = &p->cells[i];

	if (read_number(cell, c, row))
		return;
	cell->is_there = field_get(row, c->field, &cell->val);
	if (!cell->is_there || c->type != T_ADDR || c->prefix[0] == PREFIX_NONE)
		return;
	unmap(&cell->val);
	mask(&cell->val, p->masked[i], c->prefix[cell->val.s.len == 16]);
}

static int row_in(struct sink *s, const struct row *row)
{
	struct project *p = (struct project *)s;

	for (size_t i = 0; i < p->n; i++)
		read_cell(p, i, row);
	return p->next->ops->record(p->next, p->cells);
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
	for (size_t i = 0; i < p->n; i++) {
		const struct column *c = &p->columns[i];

		if (c->type == T_ADDR && c->prefix[0] == PREFIX_NONE)
			return false;
		if (c->field == F_SRC)
			take_bits(ret->local, c);
		else if (c->field == F_DST)
			take_bits(ret->peer, c);
	}
	return p->next->ops->count;
}

static int count_in(struct sink *s, const struct row *row, uint64_t n)
{
	struct project *p = (struct project *)s;

	for (size_t i = 0; i < p->n; i++)
		read_cell(p, i, row);
	return p->next->ops->count(p->next, p->cells, n);
}

static int end(struct sink *)
{
	return 0;
}

static int flush(struct sink *s)
{
	struct project *p = (struct project *)s;

	return p->next->ops->flush(p->next);
}

static const struct sink_ops project_ops = {
	.fields = fields_used,
	.row = row_in,
	.can_count = can_count,
	.count = count_in,
	.end = end,
	.flush = flush,
};

struct sink *project_free(struct sink *s)
{
	struct project *p = (struct project *)s;

	if (!p)
		return NULL;
	free(p->cells);
	free(p->masked);
	free(p);
	return NULL;
}

int project_new(const struct column *columns, size_t n, struct tabular *next, struct sink **ret)
{
	struct project *p = calloc(1, sizeof(*p));
	int r = -ENOMEM;

	if (!p)
		return r;
	*p = (struct project){ .sink.ops = &project_ops, .columns = columns, .n = n, .next = next };
	p->cells = calloc(n ? n : 1, sizeof(*p->cells));
	p->masked = calloc(n ? n : 1, sizeof(*p->masked));
	if (p->cells && p->masked)
		r = next->ops->begin(next, columns, n);
	if (r < 0) {
		(void)project_free(&p->sink);
		return r;
	}
	*ret = &p->sink;
	return 0;
}
