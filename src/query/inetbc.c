/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The program for inet_diag. A test that the kernel cannot decide goes the way
 * that lets more through. Each operation is {code, yes, no}: the way on when it
 * holds is behind itself, when not @no bytes on; 4 behind the end is refusal.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/filter_impl.h"

enum {
	BC_JMP = 1,
	BC_S_GE = 2,
	BC_S_LE = 3,
	BC_D_GE = 4,
	BC_D_LE = 5,
	BC_AUTO = 6,
	BC_S_COND = 7,
	BC_D_COND = 8,
	BC_DEV = 9,
	BC_MARK = 10,
	BC_CGROUP = 13,
	PROGRAM_MAX = 65000,
};

/* What becomes of a test. */
enum fate {
	FATE_OP,      /* asked of the kernel */
	FATE_YES,     /* holds for every socket of the dump */
	FATE_NO,      /* for none */
	FATE_UNKNOWN, /* not for the kernel to say */
};

struct step {
	uint32_t yes, no; /* where to go, among the steps that are left */
	uint32_t at;      /* offset in the program */
	uint32_t goes_to; /* itself; or when it is no step, where whoever comes to it goes */
	uint16_t size;    /* without a jump behind it */
	bool is_used;
};

struct compiler {
	const struct filter *f;
	struct step *step;
	uint32_t n, root, size;
	struct text *out;
};

static uint64_t dump_families(uint8_t af)
{
	return af ? AF_BIT(af) : AF_BITS_INET;
}

static uint16_t addr_len(const struct leaf *l)
{
	return l->addr_af == AF_INET6 ? 16 : 4;
}

static enum fate order_fate(const struct leaf *l)
{
	if (l->number == FILTER_ANY)
		return FATE_YES;
	if (l->number < 0)
		return l->is_least ? FATE_YES : FATE_NO;
	if (l->number > UINT16_MAX)
		return l->is_least ? FATE_NO : FATE_YES;
	return FATE_OP;
}

static enum fate inet_fate(const struct leaf *l, uint8_t af)
{
	if (l->number != FILTER_ANY && (l->number < 0 || l->number > UINT16_MAX))
		return FATE_NO;
	if (af == AF_INET && l->addr_af == AF_INET6)
		return FATE_NO;
	if (l->number == FILTER_ANY && l->addr_af == AF_UNSPEC)
		return FATE_YES;
	return FATE_OP;
}

/* What becomes of @l in a dump of @af; *@ret_size its bytes when an operation. */
static enum fate leaf_fate(const struct filter *f, const struct leaf *l, uint8_t af, uint16_t *ret_size)
{
	uint64_t afs = dump_families(af);
	bool may = false;

	if (!(l->families & afs))
		return l->is_unknown && l->is_negated ? FATE_YES : FATE_NO;
	if ((l->families & afs) != afs &&
	    l->addr_af != AF_INET6) /* the kernel's tests do not tell inet6 apart */
		return FATE_UNKNOWN;
	switch ((enum test)l->test) {
	case TEST_INET: *ret_size = (uint16_t)(12 + addr_len(l)); return inet_fate(l, af);
	case TEST_ORDER: *ret_size = 8; return order_fate(l);
	case TEST_DEV:
		*ret_size = 8;
		may = f->push & FILTER_PUSH_DEV;
		break;
	case TEST_MARK:
		*ret_size = 12;
		may = f->push & FILTER_PUSH_MARK;
		break;
	case TEST_CGROUP:
		*ret_size = 12;
		may = f->push & FILTER_PUSH_CGROUP && l->number != FILTER_ANY;
		break;
	case TEST_AUTO:
		*ret_size = l->is_negated ? 20 : 4;
		may = f->push & FILTER_PUSH_AUTO && (!l->is_negated || f->auto_decided);
		break;
	case TEST_NUMBER:
	case TEST_FIELDS:
	case TEST_EQUAL:
	case TEST_LIKE:
	case TEST_STATE:
	case TEST_HAS: return FATE_UNKNOWN;
	case TEST_PAIR:
	case TEST_NAME: return FATE_NO;
	}
	return may ? FATE_OP : FATE_UNKNOWN;
}

/* Whether the kernel lets through more than the test it stands for, where that is unknown here. */
static bool is_wider(const struct leaf *l, uint8_t af)
{
	if (!(l->families & dump_families(af)))
		return false;
	if (l->test == TEST_CGROUP)
		return l->field != F_MAX || l->is_negated;
	if (l->field == F_MAX)
		return false;
	return fields[l->field].no_zero || fields[l->field].absent ||
	       (l->test == TEST_DEV && l->guard != F_MAX);
}

static uint32_t goes_to(const struct compiler *c, uint32_t target)
{
	return target < c->n ? c->step[target].goes_to : target;
}

/* Decides which tests are steps, and where each goes; from the last to the first. */
static void resolve(struct compiler *c, uint8_t af, bool *ret_exact)
{
	*ret_exact = true;
	for (uint32_t i = c->n; i-- > 0;) {
		const struct leaf *l = &c->f->leaf[i];
		struct step *s = &c->step[i];
		/* "Above" is asked as "at most", the other way round. */
		bool is_swapped = l->is_strict && l->families & dump_families(af);

		s->yes = goes_to(c, is_swapped ? l->no : l->yes);
		s->no = goes_to(c, is_swapped ? l->yes : l->no);
		s->goes_to = i;
		switch (leaf_fate(c->f, l, af, &s->size)) {
		case FATE_OP:
			if (s->yes == s->no)
				s->goes_to = s->yes;
			else
				*ret_exact &= !is_wider(l, af);
			break;
		case FATE_YES:
			s->goes_to = s->yes;
			*ret_exact &= s->yes == s->no || !is_wider(l, af);
			break;
		case FATE_NO:
			s->goes_to = s->no;
			*ret_exact &= s->yes == s->no || !is_wider(l, af);
			break;
		case FATE_UNKNOWN:
			s->goes_to = l->is_negated != is_swapped ? s->no : s->yes;
			*ret_exact &= s->yes == s->no;
			break;
		}
	}
	c->root = goes_to(c, 0);
}

/* The next used step behind @i. */
static uint32_t next_used(const struct compiler *c, uint32_t i)
{
	do
		i++;
	while (i < c->n && !c->step[i].is_used);
	return i < c->n ? i : FILTER_ACCEPT;
}

/* Says where in the program each step lies. False when it becomes too long. */
static bool place(struct compiler *c)
{
	uint32_t next;

	for (uint32_t i = c->root; i < c->n; i++) {
		struct step *s = &c->step[i];

		s->is_used |= i == c->root;
		if (s->is_used && s->yes < c->n)
			c->step[s->yes].is_used = true;
		if (s->is_used && s->no < c->n)
			c->step[s->no].is_used = true;
	}
	for (uint32_t i = c->root; i < c->n; i = next) {
		struct step *s = &c->step[i];

		next = next_used(c, i);
		s->at = c->size;
		c->size += s->size + (s->yes == next ? 0u : 4u);
		if (c->size > PROGRAM_MAX)
			return false;
	}
	return true;
}

static void put_op(struct text *t, uint8_t code, uint8_t yes, uint32_t no)
{
	const uint16_t no16 = (uint16_t)no;

	text_char(t, (char)code);
	text_char(t, (char)yes);
	text_put(t, &no16, sizeof(no16));
}

static void put_inet(struct text *t, const struct leaf *l, uint32_t no)
{
	const uint8_t head[4] = { l->addr_af, l->prefix_len };
	const int32_t port = l->number == FILTER_ANY ? -1 : (int32_t)l->number;

	put_op(t, l->is_dst ? BC_D_COND : BC_S_COND, (uint8_t)(12 + addr_len(l)), no);
	text_put(t, head, sizeof(head));
	text_put(t, &port, sizeof(port));
	text_put(t, l->addr, addr_len(l));
}

static void put_order(struct text *t, uint8_t code, uint16_t port, uint32_t no)
{
	put_op(t, code, 8, no);
	put_op(t, 0, 0, port);
}

static void put_auto(struct text *t, const struct filter *f, const struct leaf *l, uint32_t no)
{
	put_op(t, BC_AUTO, 4, no);
	if (l->is_negated) {
		put_order(t, BC_S_GE, f->auto_lo, no - 4);
		put_order(t, BC_S_LE, f->auto_hi, no - 12);
	}
}

static void put_leaf(struct text *t, const struct filter *f, const struct leaf *l, uint32_t no)
{
	const uint32_t dev = (uint32_t)l->number;
	const uint64_t id = (uint64_t)l->number;

	switch ((enum test)l->test) {
	case TEST_INET: put_inet(t, l, no); break;
	case TEST_ORDER:
		put_order(t, (uint8_t)((l->is_dst ? BC_D_GE : BC_S_GE) + !l->is_least), (uint16_t)l->number,
			  no);
		break;
	case TEST_DEV:
		put_op(t, BC_DEV, 8, no);
		text_put(t, &dev, sizeof(dev));
		break;
	case TEST_MARK:
		put_op(t, BC_MARK, 12, no);
		text_put(t, &l->mark, sizeof(l->mark));
		text_put(t, &l->mask, sizeof(l->mask));
		break;
	case TEST_CGROUP:
		put_op(t, BC_CGROUP, 12, no);
		text_put(t, &id, sizeof(id));
		break;
	case TEST_AUTO: put_auto(t, f, l, no); break;
	default: break;
	}
}

/* How far it is from @from to @target. */
static uint32_t distance(const struct compiler *c, uint32_t from, uint32_t target)
{
	if (target == FILTER_ACCEPT)
		return c->size - from;
	if (target == FILTER_REJECT)
		return c->size + 4 - from;
	return c->step[target].at - from;
}

static void emit(struct compiler *c)
{
	for (uint32_t i = c->root; i < c->n; i++) {
		const struct step *s = &c->step[i];

		if (!s->is_used)
			continue;
		put_leaf(c->out, c->f, &c->f->leaf[i], distance(c, s->at, s->no));
		if (s->yes != next_used(c, i))
			put_op(c->out, BC_JMP, 4, distance(c, s->at + s->size, s->yes));
	}
}

int filter_compile(const struct filter *f, uint8_t af, struct text *ret, bool *ret_exact)
{
	_cleanup_free_ struct step *step = calloc(f->n_leaves, sizeof(*step));
	struct compiler c = { .f = f, .step = step, .n = f->n_leaves, .out = ret };

	if (!step)
		return -ENOMEM;
	resolve(&c, af, ret_exact);
	if (!(f->families & dump_families(af)))
		c.root = FILTER_REJECT;
	else if (~f->narrow & dump_families(af))
		*ret_exact = false; /* the kernel cannot be told to leave a family out */
	if (c.root == FILTER_ACCEPT)
		return 0;
	if (c.root == FILTER_REJECT) {
		put_op(ret, BC_JMP, 4, 8);
	} else if (place(&c)) {
		emit(&c);
	} else {
		*ret_exact = false;
	}
	return ret->failed ? -ENOMEM : 0;
}

int filter_bytecode(const struct filter *f, uint8_t af, struct text *ret)
{
	bool is_exact = true;
	int r;

	if (!f)
		return 1;
	r = filter_compile(f, af, ret, &is_exact);
	if (r)
		return r;
	for (uint32_t i = 0; i < f->n_leaves; i++)
		is_exact &= f->leaf[i].test != TEST_AUTO || f->leaf[i].is_negated;
	return is_exact;
}
