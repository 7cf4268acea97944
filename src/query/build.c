/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/build.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { LEAVES_MAX = 200000 };

static uint32_t *slot(struct filter *f, uint32_t at)
{
	return at & 1 ? &f->leaf[at / 2].no : &f->leaf[at / 2].yes;
}

static struct chain join_chains(struct filter *f, struct chain a, struct chain b)
{
	*slot(f, a.tail) = b.head;
	return (struct chain){ a.head, b.tail };
}

static void patch(struct filter *f, struct chain c, uint32_t target)
{
	uint32_t at = c.head, next;

	do {
		next = *slot(f, at);
		*slot(f, at) = target;
		at = next;
	} while (at != NONE);
}

static int put_canon(struct builder *b, enum canon_kind kind, uint32_t leaf, uint32_t *ret)
{
	struct filter *f = b->f;

	if (f->n_canon == f->cap_canon) {
		uint32_t cap = f->cap_canon ? 2 * f->cap_canon : 32;
		struct canon *v = reallocarray(f->canon, cap, sizeof(*v));

		if (!v)
			return err_sys(b->e, -ENOMEM, "parsing the filter");
		f->canon = v;
		f->cap_canon = cap;
	}
	f->canon[f->n_canon] = (struct canon){ .kind = (uint8_t)kind, .leaf = leaf, .next = NONE };
	*ret = f->n_canon++;
	return 0;
}

int build_leaf(struct builder *b, const struct leaf *leaf, bool is_negated, struct expr *ret)
{
	struct filter *f = b->f;
	uint32_t i = f->n_leaves;

	if (i == LEAVES_MAX)
		return err_say(b->e, -E2BIG, "the filter has more than %d terms", LEAVES_MAX);
	if (i == f->cap_leaves) {
		uint32_t cap = f->cap_leaves ? 2 * f->cap_leaves : 8;
		struct leaf *v = reallocarray(f->leaf, cap, sizeof(*v));

		if (!v)
			return err_sys(b->e, -ENOMEM, "parsing the filter");
		f->leaf = v;
		f->cap_leaves = cap;
	}
	f->leaf[i] = *leaf;
	f->leaf[i].is_negated = is_negated;
	f->leaf[i].yes = f->leaf[i].no = NONE;
	f->n_leaves++;
	*ret = (struct expr){ .first = i, .yes = { 2 * i, 2 * i }, .no = { 2 * i + 1, 2 * i + 1 } };
	ret->op = LEX_WORD;
	if (put_canon(b, CANON_LEAF, i, &ret->canon_head))
		return -ENOMEM;
	ret->canon_tail = ret->canon_head;
	return 0;
}

void build_not(struct builder *b, struct expr *x)
{
	struct chain yes = x->yes;

	if (!b->f)
		return;
	x->yes = x->no;
	x->no = yes;
	if (x->op == LEX_WORD)
		b->f->canon[x->canon_head].is_not ^= true;
	else
		x->is_not = !x->is_not;
}

/* Puts @kind in front of the canonical form of @x. */
static int put_front(struct builder *b, struct expr *x, enum canon_kind kind)
{
	uint32_t at = NONE;

	if (put_canon(b, kind, 0, &at))
		return -ENOMEM;
	b->f->canon[at].next = x->canon_head;
	x->canon_head = at;
	return 0;
}

static int put_back(struct builder *b, struct expr *x, enum canon_kind kind)
{
	uint32_t at = NONE;

	if (put_canon(b, kind, 0, &at))
		return -ENOMEM;
	b->f->canon[x->canon_tail].next = at;
	x->canon_tail = at;
	return 0;
}

/* Makes the canonical form of @x fit beside @op; LEX_END: as all of the expression. */
static int wrap(struct builder *b, struct expr *x, enum lex_kind op)
{
	bool is_group = x->op != LEX_WORD && (x->is_not || (op != LEX_END && x->op != op));

	if (is_group && (put_front(b, x, CANON_OPEN) || put_back(b, x, CANON_CLOSE)))
		return -ENOMEM;
	if (x->op != LEX_WORD && x->is_not && put_front(b, x, CANON_NOT))
		return -ENOMEM;
	return 0;
}

int build_join(struct builder *b, struct expr *x, enum lex_kind op, struct expr *y)
{
	struct filter *f = b->f;

	if (!f)
		return 0;
	if (wrap(b, x, op) || wrap(b, y, op) || put_back(b, x, op == LEX_AND ? CANON_AND : CANON_OR))
		return -ENOMEM;
	f->canon[x->canon_tail].next = y->canon_head;
	x->canon_tail = y->canon_tail;
	if (op == LEX_AND) {
		patch(f, x->yes, y->first);
		x->no = join_chains(f, x->no, y->no);
		x->yes = y->yes;
	} else {
		patch(f, x->no, y->first);
		x->yes = join_chains(f, x->yes, y->yes);
		x->no = y->no;
	}
	x->op = (uint8_t)op;
	x->is_not = false;
	return 0;
}

static void find_families(struct filter *f, uint64_t *reach)
{
	reach[0] = UINT64_MAX;
	for (uint32_t i = 0; i < f->n_leaves; i++) {
		const struct leaf *l = &f->leaf[i];
		uint64_t both = reach[i] & l->families, else_ = reach[i] & ~l->families;
		bool else_yes = l->is_unknown && l->is_negated;
		uint64_t yes = both | (else_yes ? else_ : 0), no = both | (else_yes ? 0 : else_);

		if (l->yes == FILTER_ACCEPT)
			f->families |= yes;
		else if (l->yes != FILTER_REJECT)
			reach[l->yes] |= yes;
		if (l->no == FILTER_ACCEPT)
			f->families |= no;
		else if (l->no != FILTER_REJECT)
			reach[l->no] |= no;
	}
}

/* Of the states in which a row can be, those in which the test holds, and those in which it does not. */
static void split_states(const struct leaf *l, uint32_t all, uint32_t *ret_yes, uint32_t *ret_no)
{
	const uint32_t closed = STATE(K_TCP_CLOSE) | STATE(K_TCP_BOUND_INACTIVE);

	*ret_yes = *ret_no = all;
	if (l->test != TEST_STATE)
		return;
	/* A row that is bound only is closed too; one that is closed may be both. */
	*ret_yes = all & (l->mask | (l->mask & closed ? closed : 0));
	*ret_no = all & ~l->mask;
	if (l->mask & closed)
		*ret_no &= l->mask & STATE(K_TCP_CLOSE) ? ~closed : UINT32_MAX;
	/* Sockets without a state go where the test is unknown. */
	if (l->is_negated)
		*ret_yes = all;
	else
		*ret_no = all;
}

static void find_states(struct filter *f, uint64_t *reach)
{
	memset(reach, 0, f->n_leaves * sizeof(*reach));
	reach[0] = UINT32_MAX;
	for (uint32_t i = 0; i < f->n_leaves; i++) {
		const struct leaf *l = &f->leaf[i];
		uint32_t yes, no;

		f->has_state |= l->test == TEST_STATE;
		f->names_bound |= l->names_bound && !l->is_negated;
		split_states(l, (uint32_t)reach[i], &yes, &no);
		if (l->yes == FILTER_ACCEPT)
			f->states |= yes;
		else if (l->yes != FILTER_REJECT)
			reach[l->yes] |= yes;
		if (l->no == FILTER_ACCEPT)
			f->states |= no;
		else if (l->no != FILTER_REJECT)
			reach[l->no] |= no;
	}
}

static void find_fields(struct filter *f)
{
	for (uint32_t i = 0; i < f->n_leaves; i++) {
		const struct leaf *l = &f->leaf[i];

		if (l->field < F_MAX)
			fieldset_add_value(&f->fields, l->test == TEST_HAS ? l->field : l->source);
		if (l->with < F_MAX)
			fieldset_add_value(&f->fields, l->with);
		if (l->guard < F_MAX)
			fieldset_add(&f->fields, l->guard);
		switch ((enum test)l->test) {
		case TEST_INET:
			fieldset_add(&f->fields, l->is_dst ? F_DST : F_SRC);
			fieldset_add(&f->fields, l->is_dst ? F_DPORT : F_SPORT);
			break;
		case TEST_NAME: fieldset_add(&f->fields, F_UNIX_NAME_RAW); break;
		case TEST_DEV: fieldset_add(&f->fields, F_IFINDEX); break;
		case TEST_MARK: fieldset_add(&f->fields, F_MARK); break;
		case TEST_CGROUP: fieldset_add(&f->fields, F_CGROUP); break;
		case TEST_AUTO:
			fieldset_add(&f->fields, F_SPORT);
			fieldset_add(&f->fields, F_UNIX_NAME_RAW);
			fieldset_add(&f->fields, F_IFINDEX);
			fieldset_add(&f->fields, F_PACKET_PROTO);
			fieldset_add(&f->fields, F_NETLINK_PORTID);
			break;
		case TEST_ORDER:
		case TEST_PAIR:
		case TEST_NUMBER:
		case TEST_FIELDS:
		case TEST_EQUAL:
		case TEST_LIKE:
		case TEST_STATE:
		case TEST_HAS: break;
		}
		if (l->pair.first < F_MAX)
			fieldset_add(&f->fields, l->pair.first);
		if (l->pair.second < F_MAX)
			fieldset_add(&f->fields, l->pair.second);
		if (l->pair.second == F_NETLINK_DST_PORTID)
			fieldset_add(&f->fields, F_NETLINK_STATE);
	}
}

/* Whether the kernel can be left to decide about ports not chosen by the program that uses them. */
static int find_auto(struct filter *f)
{
	static const uint8_t afs[] = { AF_INET, AF_INET6 };
	bool has_auto = false;

	for (uint32_t i = 0; i < f->n_leaves; i++)
		has_auto |= f->leaf[i].test == TEST_AUTO && f->leaf[i].is_negated;
	if (!has_auto || !(f->push & FILTER_PUSH_AUTO))
		return 0;
	f->auto_decided = true;
	for (size_t i = 0; i < ARRAY_SIZE(afs); i++) {
		struct text t = {};
		bool is_exact = false;
		int r = filter_compile(f, afs[i], &t, &is_exact);

		text_done(&t);
		if (r < 0)
			return r;
		f->auto_decided &= is_exact;
	}
	return 0;
}

int build_finish(struct builder *b, struct expr *x, const struct filter_env *env, uint64_t narrow)
{
	_cleanup_free_ uint64_t *reach = calloc(b->f->n_leaves, sizeof(*reach));
	struct filter *f = b->f;

	if (!reach || wrap(b, x, LEX_END))
		return err_sys(b->e, -ENOMEM, "parsing the filter");
	patch(f, x->yes, FILTER_ACCEPT);
	patch(f, x->no, FILTER_REJECT);
	f->canon_head = x->canon_head;
	find_families(f, reach);
	find_states(f, reach);
	f->narrow = narrow ? narrow : UINT64_MAX;
	f->families &= f->narrow;
	fieldset_add(&f->fields, F_FAMILY);
	find_fields(f);
	fieldset_add(&f->fields, F_FAMILY);
	f->push = env->push;
	f->auto_lo = env->auto_lo ? env->auto_lo : 32768;
	f->auto_hi = env->auto_hi ? env->auto_hi : 60999;
	for (uint32_t i = 0; i < f->n_leaves; i++)
		f->guesses_auto |= env->is_auto_guessed && f->leaf[i].test == TEST_AUTO;
	if (find_auto(f))
		return err_sys(b->e, -ENOMEM, "parsing the filter");
	return 0;
}

struct filter *filter_free(struct filter *f)
{
	if (!f)
		return NULL;
	free(f->leaf);
	free(f->canon);
	free(f->text);
	free(f);
	return NULL;
}
