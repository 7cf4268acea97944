/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The grammar. It is gone through twice: first to see that it is one, then to
 * read the operands, so that a misplaced word is never looked up as a host.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/operand.h"

enum {
	DEPTH_MAX = 200,
	LEAVES_MAX = 200000,
};

#define NONE UINT32_MAX

/* Where the ends of tests wait to be told where to go: a list through .yes and .no, of index * 2 + is_no. */
struct chain {
	uint32_t head, tail;
};

/* A part of the expression. */
struct expr {
	uint32_t first;
	struct chain yes, no;
	uint32_t canon_head, canon_tail;
	uint8_t op;  /* LEX_AND, LEX_OR, or LEX_WORD: a single term */
	bool is_not; /* all of it, when not a single term */
};

struct parser {
	const struct filter_env *env;
	const struct lexer *lx;
	struct filter *f; /* NULL while only the grammar is looked at */
	struct err *e;
	size_t at;     /* token */
	size_t skip;   /* bytes of it read already */
	size_t closes; /* parentheses glued to its end, still to come */
	size_t depth;
	size_t glued; /* how many of the open parentheses were glued to a word */
	sa_family_t preferred;
	bool is_qualified; /* .preferred comes from an operand */
	bool is_negated;
	bool is_mixed;
	uint64_t narrow;
	struct expr *alternatives; /* those of the predicate being read */
};

static const struct token *here(const struct parser *p)
{
	return &p->lx->v[p->at];
}

static struct sv rest(const struct parser *p)
{
	return sv_from(here(p)->text, p->skip);
}

static void advance(struct parser *p)
{
	p->at++;
	p->skip = 0;
}

static int fail(const struct parser *p, struct sv part, const char *what)
{
	return lex_fail(p->lx, here(p), part, p->e, -EINVAL, "%s", what);
}

/* --- building: leaves, chains, canonical form --- */

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

static int put_canon(struct parser *p, enum canon_kind kind, uint32_t leaf, uint32_t *ret)
{
	struct filter *f = p->f;

	if (f->n_canon == f->cap_canon) {
		uint32_t cap = f->cap_canon ? 2 * f->cap_canon : 32;
		struct canon *v = reallocarray(f->canon, cap, sizeof(*v));

		if (!v)
			return err_sys(p->e, -ENOMEM, "parsing the filter");
		f->canon = v;
		f->cap_canon = cap;
	}
	f->canon[f->n_canon] = (struct canon){ .kind = (uint8_t)kind, .leaf = leaf, .next = NONE };
	*ret = f->n_canon++;
	return 0;
}

static int put_leaf(struct parser *p, const struct leaf *leaf, struct expr *ret)
{
	struct filter *f = p->f;
	uint32_t i = f->n_leaves;

	if (i == LEAVES_MAX)
		return fail(p, rest(p), "more terms than 200000");
	if (i == f->cap_leaves) {
		uint32_t cap = f->cap_leaves ? 2 * f->cap_leaves : 8;
		struct leaf *v = reallocarray(f->leaf, cap, sizeof(*v));

		if (!v)
			return err_sys(p->e, -ENOMEM, "parsing the filter");
		f->leaf = v;
		f->cap_leaves = cap;
	}
	f->leaf[i] = *leaf;
	f->leaf[i].is_negated = p->is_negated;
	f->leaf[i].yes = f->leaf[i].no = NONE;
	f->n_leaves++;
	*ret = (struct expr){ .first = i, .yes = { 2 * i, 2 * i }, .no = { 2 * i + 1, 2 * i + 1 } };
	ret->op = LEX_WORD;
	if (put_canon(p, CANON_LEAF, i, &ret->canon_head))
		return -ENOMEM;
	ret->canon_tail = ret->canon_head;
	return 0;
}

static void negate(struct parser *p, struct expr *x)
{
	struct chain yes = x->yes;

	if (!p->f)
		return;
	x->yes = x->no;
	x->no = yes;
	if (x->op == LEX_WORD)
		p->f->canon[x->canon_head].is_not ^= true;
	else
		x->is_not = !x->is_not;
}

/* Puts @kind in front of the canonical form of @x. */
static int put_front(struct parser *p, struct expr *x, enum canon_kind kind)
{
	uint32_t at = NONE;

	if (put_canon(p, kind, 0, &at))
		return -ENOMEM;
	p->f->canon[at].next = x->canon_head;
	x->canon_head = at;
	return 0;
}

static int put_back(struct parser *p, struct expr *x, enum canon_kind kind)
{
	uint32_t at = NONE;

	if (put_canon(p, kind, 0, &at))
		return -ENOMEM;
	p->f->canon[x->canon_tail].next = at;
	x->canon_tail = at;
	return 0;
}

/* Makes the canonical form of @x fit beside @op; LEX_END: as all of the expression. */
static int wrap(struct parser *p, struct expr *x, enum lex_kind op)
{
	bool is_group = x->op != LEX_WORD && (x->is_not || (op != LEX_END && x->op != op));

	if (is_group && (put_front(p, x, CANON_OPEN) || put_back(p, x, CANON_CLOSE)))
		return -ENOMEM;
	if (x->op != LEX_WORD && x->is_not && put_front(p, x, CANON_NOT))
		return -ENOMEM;
	return 0;
}

/* Makes @x "@x OP @y". */
static int combine(struct parser *p, struct expr *x, enum lex_kind op, struct expr *y)
{
	struct filter *f = p->f;

	if (!f)
		return 0;
	if (wrap(p, x, op) || wrap(p, y, op) || put_back(p, x, op == LEX_AND ? CANON_AND : CANON_OR))
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

/* --- reading --- */

/* What comes next where an operator or the end of a list may stand. */
static enum lex_kind peek_operator(struct parser *p)
{
	struct sv s = rest(p);
	size_t n = 0;

	if (p->closes)
		return LEX_CLOSE;
	while (n < s.len && s.p[n] == ')')
		n++;
	if (n > 1 && n == s.len && !here(p)->is_escaped) { /* "))" */
		p->closes = n;
		return LEX_CLOSE;
	}
	return here(p)->kind;
}

static void advance_close(struct parser *p)
{
	if (p->closes && --p->closes)
		return;
	advance(p);
}

/* What comes next where a term must begin; sets *@ret_glued when it is the first byte of a longer word. */
static enum lex_kind peek_term(struct parser *p, bool *ret_glued)
{
	const struct token *t = here(p);
	struct sv s = rest(p);

	*ret_glued = false;
	if (!p->skip && t->kind != LEX_WORD)
		return (enum lex_kind)t->kind;
	if (s.len > 1 && !t->is_escaped && (s.p[0] == '(' || (s.p[0] == '!' && s.p[1] != '='))) {
		*ret_glued = true;
		return s.p[0] == '(' ? LEX_OPEN : LEX_NOT;
	}
	if (p->skip && lex_kind(s) != LEX_WORD)
		return lex_kind(s);
	while (s.len && s.p[s.len - 1] == ')' && !t->is_escaped)
		s.len--;
	return s.len < rest(p).len && lex_kind(s) == LEX_AUTOBOUND ? LEX_AUTOBOUND : LEX_WORD;
}

static int no_term(const struct parser *p, enum lex_kind kind)
{
	struct sv s = rest(p);

	if (kind == LEX_END)
		return fail(p, s, "the expression ends where a predicate must follow");
	if (kind == LEX_CLOSE)
		return fail(p, s,
			    p->depth ? "nothing between the parentheses" : "no parenthesis is open here");
	if (kind != LEX_WORD)
		return fail(p, s, "a predicate must come before this");
	if (sv_is(s, "state") || sv_is(s, "exclude") || sv_is(s, "excl"))
		return fail(p, s, "states are given on the command line, before the expression");
	for (enum lex_kind k = LEX_SRC; k < LEX_AUTOBOUND; k++) {
		struct sv name = sv(lex_name(k));

		if (sv_eq(sv_first(s, name.len), name) && s.len > name.len && strchr("=!<>", s.p[name.len]))
			return fail(p, s, "put blanks around the operator");
	}
	return fail(p, s, "not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound");
}

/* Reads parentheses off the end of the operand where they cannot belong to it. */
static void unglue(struct parser *p, struct predicate *pred)
{
	bool is_text = pred->word == LEX_DEV || pred->word == LEX_CGROUP ||
		       (pred->word != LEX_FWMARK && (pred->af == AF_UNIX || pred->af == AF_PACKET));
	size_t n = 0, max = is_text ? (p->glued ? p->depth : 0) : SIZE_MAX;

	if (pred->token->is_escaped)
		return;
	while (n < max && n + 1 < pred->operand.len && pred->operand.p[pred->operand.len - n - 1] == ')')
		n++;
	pred->text.len -= n;
	pred->operand.len -= n;
	p->closes = n;
}

/* Decides what family the operand is about. */
static void choose_family(struct parser *p, struct predicate *pred)
{
	int af;

	pred->operand = pred->text;
	if (pred->word >= LEX_DEV)
		return;
	af = operand_qualifier(pred);
	if (af >= 0) {
		p->preferred = (sa_family_t)af;
		p->is_qualified = true;
	}
	pred->af = p->preferred;
	if (p->preferred == AF_UNIX && !p->is_qualified && (p->env->selected & AF_BITS_INET) &&
	    operand_is_inet(pred))
		pred->af = AF_UNSPEC;
	if (pred->af != AF_UNSPEC)
		p->narrow |= AF_BIT(pred->af);
}

static int add_alternative(struct operand *op)
{
	struct parser *p = op->parser;
	struct expr x;
	int r = put_leaf(p, &op->leaf, &x);

	if (r)
		return r;
	if (p->alternatives->first == NONE) {
		*p->alternatives = x;
		return 0;
	}
	return combine(p, p->alternatives, LEX_OR, &x);
}

static int parse_operand(struct parser *p, struct predicate *pred, struct expr *ret)
{
	bool is_not = pred->rel == LEX_NE;
	struct operand op = {
		.env = p->env,
		.lx = p->lx,
		.pred = pred,
		.e = p->e,
		.add = add_alternative,
		.parser = p,
	};
	int r;

	if (!p->f)
		return 0;
	ret->first = NONE;
	p->alternatives = ret;
	p->is_negated ^= is_not;
	r = operand_parse(&op);
	p->is_negated ^= is_not;
	if (!r && is_not)
		negate(p, ret);
	return r;
}

static int parse_predicate(struct parser *p, struct expr *ret)
{
	struct predicate pred = { .rel = LEX_EQ };
	struct sv s = rest(p);
	const struct token *t;

	pred.word = lex_kind(s);
	if (pred.word == LEX_WORD) { /* autobound with parentheses at its end */
		pred.word = LEX_AUTOBOUND;
		p->closes = s.len - strlen(lex_name(LEX_AUTOBOUND));
	}
	if (pred.word == LEX_AUTOBOUND) {
		pred.token = here(p);
		if (!p->closes)
			advance(p);
		return parse_operand(p, &pred, ret);
	}
	advance(p);
	t = here(p);
	if (t->kind >= LEX_EQ && t->kind <= LEX_LE) {
		bool has_order = pred.word == LEX_SPORT || pred.word == LEX_DPORT;

		pred.rel = (enum lex_kind)t->kind;
		if (!has_order && pred.rel != LEX_EQ && pred.rel != LEX_NE)
			return lex_fail(p->lx, t, t->text, p->e, -EINVAL, "%s can be = or != only",
					lex_name(pred.word));
		advance(p);
		t = here(p);
	}
	if (t->kind == LEX_END || (t->kind != LEX_WORD && !t->is_escaped))
		return lex_fail(p->lx, t, t->text, p->e, -EINVAL, "%s needs an operand here",
				lex_name(pred.word));
	pred.token = t;
	pred.text = t->text;
	choose_family(p, &pred);
	unglue(p, &pred);
	if (!p->closes)
		advance(p);
	return parse_operand(p, &pred, ret);
}

static int parse_list(struct parser *p, struct expr *ret);

static int parse_group(struct parser *p, bool is_glued, struct expr *ret)
{
	const struct token *open = here(p);
	struct sv mark = sv_first(rest(p), 1);
	int r;

	if (p->depth == DEPTH_MAX)
		return fail(p, rest(p), "more than 200 parentheses are open here");
	if (is_glued)
		p->skip++;
	else
		advance(p);
	p->depth++;
	p->glued += is_glued;
	r = parse_list(p, ret);
	if (r)
		return r;
	if (peek_operator(p) != LEX_CLOSE)
		return lex_fail(p->lx, open, mark, p->e, -EINVAL, "this parenthesis is not closed");
	advance_close(p);
	p->depth--;
	p->glued -= is_glued;
	return 0;
}

static int parse_term(struct parser *p, struct expr *ret)
{
	bool is_not = false, is_glued;
	enum lex_kind kind;
	int r;

	while ((kind = peek_term(p, &is_glued)) == LEX_NOT) {
		is_not = !is_not;
		if (is_glued)
			p->skip++;
		else
			advance(p);
	}
	p->is_negated ^= is_not;
	if (kind == LEX_OPEN)
		r = parse_group(p, is_glued, ret);
	else if (kind >= LEX_SRC)
		r = parse_predicate(p, ret);
	else
		r = no_term(p, kind);
	p->is_negated ^= is_not;
	if (!r && is_not)
		negate(p, ret);
	return r;
}

static int parse_list(struct parser *p, struct expr *ret)
{
	enum lex_kind first = LEX_END, op;
	int r = parse_term(p, ret);

	while (!r) {
		struct expr next = {};

		op = peek_operator(p);
		if (op == LEX_END || op == LEX_CLOSE)
			return 0;
		if (op == LEX_AND || op == LEX_OR)
			advance(p);
		else
			op = LEX_AND;
		if (first == LEX_END)
			first = op;
		p->is_mixed |= op != first;
		r = parse_term(p, &next);
		if (!r)
			r = combine(p, ret, op, &next);
	}
	return r;
}

static int parse_all(struct parser *p, struct expr *ret)
{
	int r = parse_list(p, ret);

	if (!r && peek_operator(p) == LEX_CLOSE) {
		struct sv s = here(p)->text;

		return fail(p, sv_from(s, s.len - 1), "no parenthesis is open here");
	}
	return r;
}

/* --- what follows from the tests --- */

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

static void find_needs(struct filter *f)
{
	for (uint32_t i = 0; i < f->n_leaves; i++) {
		const struct leaf *l = &f->leaf[i];

		switch (l->test) {
		case TEST_NAME: f->ask |= field_ask(F_UNIX_NAME); break;
		case TEST_DEV: f->ask |= field_ask(F_IFINDEX); break;
		case TEST_AUTO: f->ask |= field_ask(F_UNIX_NAME) | field_ask(F_IFINDEX); break;
		case TEST_MARK:
			f->ask |= field_ask(F_MARK);
			f->uses_mark = true;
			break;
		default: break;
		}
		if (l->pair.first < F_MAX)
			f->ask |= field_ask(l->pair.first);
		if (l->pair.second < F_MAX)
			f->ask |= field_ask(l->pair.second);
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

static int finish(struct parser *p, struct expr *x)
{
	_cleanup_free_ uint64_t *reach = calloc(p->f->n_leaves, sizeof(*reach));
	struct filter *f = p->f;

	if (!reach || wrap(p, x, LEX_END))
		return err_sys(p->e, -ENOMEM, "parsing the filter");
	patch(f, x->yes, FILTER_ACCEPT);
	patch(f, x->no, FILTER_REJECT);
	f->canon_head = x->canon_head;
	find_families(f, reach);
	if (p->narrow)
		f->families &= p->narrow;
	find_needs(f);
	f->is_mixed = p->is_mixed;
	f->push = p->env->push;
	f->auto_lo = p->env->auto_lo ? p->env->auto_lo : 32768;
	f->auto_hi = p->env->auto_hi ? p->env->auto_hi : 60999;
	if (find_auto(f))
		return err_sys(p->e, -ENOMEM, "parsing the filter");
	return 0;
}

DEFINE_CLEANUP(struct filter, filter_free)

int filter_parse(const struct filter_env *env, const struct sv *words, size_t n_words, struct sv file_text,
		 const char *file_name, struct filter **ret, struct err *e)
{
	_cleanup_(filter_freep) struct filter *f = NULL;
	_cleanup_(lex_done) struct lexer lx = {};
	struct parser p = { .env = env, .lx = &lx, .e = e, .preferred = env->preferred };
	struct parser check;
	struct expr x = {};
	int r;

	r = lex_init(&lx, words, n_words, file_text, file_name, e);
	if (r)
		return r;
	if (lx.n == 1) {
		*ret = NULL;
		return 0;
	}
	check = p;
	r = parse_all(&check, &x);
	if (r)
		return r;
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_sys(e, -ENOMEM, "parsing the filter");
	p.f = f;
	x = (struct expr){};
	r = parse_all(&p, &x);
	if (!r)
		r = finish(&p, &x);
	if (r)
		return r;
	f->text = take_ptr(lx.buf);
	*ret = take_ptr(f);
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
