/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/branch.h"

#include <errno.h>

struct arm {
	struct chain *chain;
	struct filter *filter;
	uint32_t tables; /* whose sockets it is of */
	uint32_t states; /* of which a socket can match */
	bool is_off;
};

struct branch {
	struct sink sink;
	struct arm *arms;
	size_t n;
};

static void fields_used(const struct sink *s, struct fieldset *set)
{
	const struct branch *b = (const struct branch *)s;

	for (size_t i = 0; i < b->n; i++) {
		const struct sink *list = chain_sink(b->arms[i].chain);

		if (b->arms[i].is_off)
			continue;
		list->ops->fields(list, set);
		filter_fields(b->arms[i].filter, set);
	}
}

static int begin(struct sink *s, uint64_t at_us)
{
	struct branch *b = (struct branch *)s;
	int r = 0;

	b->sink.also_ask = 0;
	for (size_t i = 0; i < b->n && r == 0; i++)
		if (!b->arms[i].is_off)
			r = sink_begin(chain_sink(b->arms[i].chain), at_us);
	return r;
}

static int row_in(struct sink *s, const struct row *row)
{
	struct branch *b = (struct branch *)s;
	uint32_t table = UINT32_C(1) << row_dump(row)->table;
	struct val state;
	uint32_t states = field_get(row, F_STATE, &state) ? UINT32_C(1) << (state.u & 31) : UINT32_MAX;

	for (size_t i = 0; i < b->n; i++) {
		const struct arm *a = &b->arms[i];
		struct sink *list = chain_sink(a->chain);
		int r;

		if (a->is_off || !(a->tables & table) || !(a->states & states))
			continue;
		r = filter_match(a->filter, row) ? list->ops->row(list, row) : 0;
		/* A list that is full does not end the others. */
		if (r < 0 && r != -ECANCELED)
			return r;
		b->sink.also_ask |= list->also_ask;
	}
	return 0;
}

static int end(struct sink *s)
{
	const struct branch *b = (const struct branch *)s;
	int r = 0;

	for (size_t i = 0; i < b->n && r == 0; i++) {
		struct sink *list = chain_sink(b->arms[i].chain);

		if (!b->arms[i].is_off)
			r = list->ops->end(list);
	}
	return r;
}

static int nothing_yet(struct sink *)
{
	return 0;
}

static const struct sink_ops branch_ops = {
	.fields = fields_used, .begin = begin, .row = row_in, .end = end, .flush = nothing_yet
};

static void arm_done(const struct arm *a)
{
	(void)chain_free(a->chain);
	(void)filter_free(a->filter);
}

struct branch *branch_free(struct branch *b)
{
	if (!b)
		return NULL;
	for (size_t i = 0; i < b->n; i++)
		arm_done(&b->arms[i]);
	free(b->arms);
	free(b);
	return NULL;
}

int branch_new(struct branch **ret)
{
	struct branch *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->sink.ops = &branch_ops;
	*ret = b;
	return 0;
}

int branch_add(struct branch *b, struct chain *c, struct filter *f, uint32_t tables)
{
	const struct arm a = {
		.chain = c, .filter = f, .tables = tables, .states = f ? filter_states(f) : UINT32_MAX
	};
	struct arm *arms = reallocarray(b->arms, b->n + 1, sizeof(*arms));

	if (!arms) {
		arm_done(&a);
		return -ENOMEM;
	}
	b->arms = arms;
	b->arms[b->n++] = a;
	b->sink.tells_why |= chain_sink(c)->tells_why;
	return 0;
}

void branch_turn(struct branch *b, size_t i, bool is_on)
{
	b->arms[i].is_off = !is_on;
}

void branch_needs(const struct branch *b, struct fieldset *keys)
{
	struct fieldset named = {}; /* by us, and so nobody misses them */

	for (size_t i = 0; i < b->n; i++) {
		if (b->arms[i].is_off)
			continue;
		filter_needs(b->arms[i].filter, keys);
		chain_needs(b->arms[i].chain, keys, &named);
	}
}

struct sink *branch_sink(struct branch *b)
{
	return &b->sink;
}
