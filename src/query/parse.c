/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The grammar. It is gone through twice: first to see that it is one, then to
 * read the operands, so that a misplaced word is never looked up as a host.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/build.h"
#include "query/operand.h"

enum { DEPTH_MAX = 200 };

struct parser {
	const struct filter_env *env;
	const struct lexer *lx;
	struct builder b;
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
	uint64_t narrow;           /* families that operands are qualified with */
	bool has_inet;             /* an operand is for inet and inet6 */
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

/* What comes next where an operator or the end of a list may stand. */
static enum lex_kind peek_operator(struct parser *p)
{
	const struct token *t = here(p);

	if (p->closes)
		return LEX_CLOSE;
	if (t->closes > 1 && t->closes == rest(p).len) { /* "))" */
		p->closes = t->closes;
		return LEX_CLOSE;
	}
	return (enum lex_kind)t->kind;
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
	s.len -= t->closes < s.len ? t->closes : s.len;
	return t->closes && lex_kind(s) == LEX_AUTOBOUND ? LEX_AUTOBOUND : LEX_WORD;
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
	size_t n = pred->token->closes, max = is_text ? (p->glued ? p->depth : 0) : SIZE_MAX;

	if (n > max)
		n = max;
	if (n >= pred->operand.len)
		n = pred->operand.len ? pred->operand.len - 1 : 0;
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
	else
		p->has_inet = true;
}

static int add_alternative(struct operand *op)
{
	struct parser *p = op->parser;
	struct expr x;
	int r = build_leaf(&p->b, &op->leaf, p->is_negated, &x);

	if (r)
		return r;
	if (p->alternatives->first == NONE) {
		*p->alternatives = x;
		return 0;
	}
	return build_join(&p->b, p->alternatives, LEX_OR, &x);
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

	if (!p->b.f)
		return 0;
	ret->first = NONE;
	p->alternatives = ret;
	p->is_negated ^= is_not;
	r = operand_parse(&op);
	p->is_negated ^= is_not;
	if (!r && is_not)
		build_not(&p->b, ret);
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
		build_not(&p->b, ret);
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
			r = build_join(&p->b, ret, op, &next);
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

DEFINE_CLEANUP(struct filter, filter_free)

int filter_parse(const struct filter_env *env, const struct sv *words, size_t n_words, struct filter **ret,
		 struct err *e)
{
	_cleanup_(filter_freep) struct filter *f = NULL;
	_cleanup_(lex_done) struct lexer lx = {};
	struct parser p = { .b = { .e = e }, .env = env, .lx = &lx, .e = e, .preferred = env->preferred };
	struct parser check;
	struct expr x = {};
	int r;

	r = lex_init(&lx, words, n_words, env->file, env->file_name, e);
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
	p.b.f = f;
	x = (struct expr){};
	r = parse_all(&p, &x);
	if (p.narrow && !(p.narrow & AF_BITS_INET) && p.has_inet) /* each holds for its own */
		p.narrow |= AF_BITS_INET;
	if (!r)
		r = build_finish(&p.b, &x, env, p.narrow);
	if (r)
		return r;
	f->is_mixed = p.is_mixed;
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
