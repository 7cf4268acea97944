/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The grammar. It is gone through twice: first to see that it is one, then to
 * read the operands, so that a misplaced word is never looked up as a host.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/build.h"
#include "query/field_term.h"
#include "query/mix.h"
#include "query/naming.h"
#include "query/operand.h"
#include "query/refuse.h"

enum { DEPTH_MAX = 200 };

struct parser {
	const struct filter_env *env;
	const struct lexer *lx;
	struct builder b;
	struct err *e;
	size_t at; /* token */
	const struct token
		*relation; /* where an operator on a classic predicate could have been, and is none */
	size_t closes;     /* parentheses glued to its end, still to come */
	size_t depth;
	size_t glued; /* how many of the open parentheses were glued to a word */
	sa_family_t preferred;
	bool is_qualified; /* .preferred comes from an operand */
	bool is_negated;
	bool is_mixed;
	struct mix mix;            /* the first one */
	bool has_field;            /* a term about a field */
	uint64_t narrow;           /* families that operands are qualified with */
	uint64_t qualified;        /* families that operands anywhere in the expression say themselves */
	bool has_inet;             /* an operand is for inet and inet6 */
	struct expr *alternatives; /* those of the predicate being read */
};

static const struct token *here(const struct parser *p)
{
	return &p->lx->v[p->at];
}

static void advance(struct parser *p)
{
	p->at++;
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
	if (t->closes > 1 && t->closes == t->text.len) { /* "))" */
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

/* What comes next where a term must begin. */
static enum lex_kind peek_term(const struct parser *p)
{
	const struct token *t = here(p);
	struct sv s = t->text;

	if (t->kind != LEX_WORD)
		return (enum lex_kind)t->kind;
	s.len -= t->closes < s.len ? t->closes : s.len;
	return t->closes && lex_kind(s) == LEX_AUTOBOUND ? LEX_AUTOBOUND : LEX_WORD;
}

static int no_term(const struct parser *p, enum lex_kind kind)
{
	struct sv s = here(p)->text;

	if (kind == LEX_WORD && s.len && naming_len(s) == s.len && filter_is_relation(here(p)[1].text))
		return field_term_unknown(p->lx, here(p), "neither a predicate nor a field", p->e);
	if (kind == LEX_END)
		return fail(p, s, "the expression ends where a predicate must follow");
	if (kind == LEX_CLOSE)
		return fail(p, s,
			    p->depth ? "nothing between the parentheses" : "no parenthesis is open here");
	if (kind != LEX_WORD)
		return fail(p, s, "a predicate must come before this");
	if (sv_is(s, "exclude") || sv_is(s, "excl"))
		return fail(p, s, "states are given on the command line, before the expression");
	if (p->at && here(p)[-1].kind == LEX_VALUE)
		return lex_fail(
			p->lx, here(p), s, p->e, -EBADMSG,
			"a value ends at the first blank, and this is no predicate: glue them together, "
			"or put quotation marks around");
	return refuse_predicate(p->lx, here(p), p->e);
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

/* Whether each of the operands between commas could be of inet. */
static bool is_inet(const struct predicate *pred)
{
	struct predicate one = *pred;
	struct sv rest = pred->operand;

	do {
		one.operand = sv_take(&rest, ',');
		if (!operand_is_inet(&one))
			return false;
	} while (rest.p);
	return true;
}

static bool is_ip(sa_family_t af)
{
	return af == AF_INET || af == AF_INET6;
}

/*
 * What an operand that names no family is about: what one before it said, or else the options. But a port is
 * of either version of IP, also in front of the operand that says which: `-6 'sport = 22 and src
 * inet:127.0.0.1'`.
 */
static sa_family_t guess_family(const struct parser *p, const struct predicate *pred)
{
	bool is_ip_meant = (p->env->selected | p->qualified) & AF_BITS_INET;
	bool has_order = pred->rel != LEX_EQ && pred->rel != LEX_NE; /* which names have not */

	if (p->preferred == AF_UNIX && !p->is_qualified && (is_ip_meant || has_order) && is_inet(pred))
		return AF_UNSPEC;
	if (is_ip(p->preferred) && p->qualified & AF_BITS_INET && !operand_names_host(pred))
		return AF_UNSPEC;
	return p->preferred;
}

/* Decides what family the operand is about. */
static void choose_family(struct parser *p, struct predicate *pred)
{
	int af;

	pred->operand = pred->text;
	if (pred->word >= LEX_DEV)
		return;
	af = operand_qualifier(pred);
	pred->af = af < 0 ? guess_family(p, pred) : (sa_family_t)af;
	if (af >= 0) {
		p->preferred = (sa_family_t)af;
		p->is_qualified = true;
		p->qualified |= AF_BIT(af);
	}
	if (pred->af != AF_UNSPEC)
		p->narrow |= AF_BIT(pred->af);
	else
		p->has_inet = true;
}

static int join_alternative(struct parser *p, struct expr *x)
{
	if (p->alternatives->first == NONE) {
		*p->alternatives = *x;
		return 0;
	}
	return build_join(&p->b, p->alternatives, LEX_OR, x);
}

static int add_alternative(struct operand *op)
{
	struct parser *p = op->parser;
	struct expr x, y;
	int r = build_leaf(&p->b, &op->leaf, p->is_negated, &x);

	if (!r && op->has_device)
		r = build_leaf(&p->b, &op->device, p->is_negated, &y);
	if (!r && op->has_device)
		r = build_join(&p->b, &x, LEX_AND, &y);
	return r ? r : join_alternative(p, &x);
}

/* "80,443": each in its turn. */
static int parse_list_of_operands(struct parser *p, const struct operand *op)
{
	struct predicate one = *op->pred;
	struct operand part = *op;
	struct sv rest = one.text;
	int r = 0;

	part.pred = &one;
	while (rest.p && !r) {
		one.text = sv_take(&rest, ',');
		if (!one.text.len)
			return lex_fail(p->lx, one.token, one.text, p->e, -EINVAL,
					"an operand is missing before or behind the comma");
		choose_family(p, &one);
		r = operand_parse(&part);
	}
	return r;
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
	r = operand_is_list(&op) ? parse_list_of_operands(p, &op) : operand_parse(&op);
	p->is_negated ^= is_not;
	if (!r && is_not)
		build_not(&p->b, ret);
	return r;
}

/* Whether the operator fits the predicate. */
static int check_relation(const struct parser *p, const struct predicate *pred, struct sv at)
{
	bool has_order = pred->word == LEX_SPORT || pred->word == LEX_DPORT;

	if (has_order || pred->rel == LEX_EQ || pred->rel == LEX_NE)
		return 0;
	return lex_fail(p->lx, here(p), at, p->e, -EINVAL, "%s can be = or != only", lex_name(pred->word));
}

/*
 * "sport =80" is "sport = 80" where "=80" can be nothing itself: the name of a Unix socket, an interface or a
 * cgroup may be just that.
 */
static int unglue_relation(struct parser *p, struct predicate *pred)
{
	struct sv s = pred->text;
	enum lex_kind rel = LEX_WORD;
	size_t len = pred->token->is_escaped ? 0 : lex_symbol(s, &rel);

	if (!len || len == s.len || rel > LEX_LE || pred->token != p->relation || pred->af == AF_UNIX ||
	    pred->word == LEX_DEV || pred->word == LEX_CGROUP)
		return 0;
	pred->rel = rel;
	pred->text = sv_from(s, len);
	choose_family(p, pred);
	return check_relation(p, pred, sv_first(s, len));
}

/* Takes the next word as an operand, and makes @ret of it. */
static int take_operand(struct parser *p, struct predicate *pred, struct expr *ret)
{
	const struct token *t = here(p);
	int r;

	if (t->kind == LEX_END || !t->text.len || (t->kind != LEX_WORD && !t->is_escaped))
		return lex_fail(p->lx, t, t->text, p->e, -EINVAL,
				pred->has_comma ? "%s needs an operand here, behind the comma"
						: "%s needs an operand here",
				lex_name(pred->word));
	pred->token = t;
	pred->text = t->text;
	choose_family(p, pred);
	r = unglue_relation(p, pred);
	if (r)
		return r;
	unglue(p, pred);
	pred->has_comma = !p->closes && operand_takes_comma(pred);
	if (!p->closes)
		advance(p);
	return parse_operand(p, pred, ret);
}

static int parse_predicate(struct parser *p, struct expr *ret)
{
	struct predicate pred = { .rel = LEX_EQ };
	struct sv s = here(p)->text;
	const struct token *t;
	int r;

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
	p->relation = t = here(p);
	if (t->kind >= LEX_EQ && t->kind <= LEX_LE) {
		pred.rel = (enum lex_kind)t->kind;
		r = check_relation(p, &pred, t->text);
		if (r)
			return r;
		advance(p);
	}
	r = take_operand(p, &pred, ret);
	while (!r && pred.has_comma) {
		struct expr next = {};

		r = take_operand(p, &pred, &next);
		/* Each is negated for itself. */
		if (!r)
			r = build_join(&p->b, ret, pred.rel == LEX_NE ? LEX_AND : LEX_OR, &next);
	}
	return r;
}

static int add_field_alternative(struct field_term *t, const struct leaf *all, size_t n)
{
	struct parser *p = t->parser;
	struct expr x, y;
	int r = build_leaf(&p->b, &all[0], p->is_negated, &x);

	for (size_t i = 1; i < n && !r; i++) {
		r = build_leaf(&p->b, &all[i], p->is_negated, &y);
		if (!r)
			r = build_join(&p->b, &x, LEX_AND, &y);
	}
	return r ? r : join_alternative(p, &x);
}

/*
 * The same of the other side, where a name means either. A side that a socket does not have is none of which
 * the negation would be unknown: a listener has no peer, and no port 80 there.
 */
static int parse_other_side(struct parser *p, struct field_term *t, struct expr *ret)
{
	struct expr x = { .first = NONE }, has;
	int r;

	t->field = t->other;
	p->alternatives = &x;
	r = field_term_parse(t);
	if (!r && p->is_negated && t->rel->kind != LEX_HAS) {
		const struct leaf l = field_term_has(t);

		r = build_leaf(&p->b, &l, p->is_negated, &has);
		if (!r)
			r = build_join(&p->b, &x, LEX_AND, &has);
	}
	return r ? r : build_join(&p->b, ret, LEX_OR, &x);
}

/* Whether a value comes, behind @n others: there "and" is hardly one, and the comma rather one too many. */
static bool is_value_of_list(const struct parser *p, size_t n)
{
	const struct token *t = here(p);

	return t->kind == LEX_VALUE && (!n || t->is_escaped || lex_kind(t->text) == LEX_WORD);
}

/* Takes the value, or the values between commas or in braces. */
static int take_values(struct parser *p, struct field_term *t)
{
	const struct token *open = here(p);

	t->values = open;
	if (open->kind != LEX_BRACE) {
		if (open->kind != LEX_VALUE)
			return lex_fail(p->lx, open, open->text, p->e, -EBADMSG, "%s needs a value here",
					fields[t->field].name);
		for (; is_value_of_list(p, t->n_values); advance(p))
			t->n_values++;
		if (here(p)[-1].has_comma)
			return lex_fail(p->lx, here(p), here(p)->text, p->e, -EBADMSG,
					"a value must follow the comma");
		return 0;
	}
	t->values = open + 1;
	for (advance(p); here(p)->kind == LEX_VALUE; advance(p))
		t->n_values++;
	if (here(p)->kind != LEX_BRACE_END)
		return lex_fail(p->lx, open, open->text, p->e, -EBADMSG, "this brace is not closed");
	if (!t->n_values)
		return lex_fail(p->lx, open, open->text, p->e, -EBADMSG, "no values between the braces");
	advance(p);
	return 0;
}

static bool is_relation(const struct token *t)
{
	return (t->kind >= LEX_EQ && t->kind <= LEX_LE) || (t->kind >= LEX_LIKE && t->kind <= LEX_IN);
}

static int parse_field(struct parser *p, struct expr *ret)
{
	struct field_term t = {
		.env = p->env, .lx = p->lx, .e = p->e, .add = add_field_alternative, .parser = p
	};
	bool is_has = here(p)->kind == LEX_HAS, is_not;
	int r;

	t.name = t.rel = here(p);
	advance(p);
	if (is_has) {
		if (here(p)->kind != LEX_FIELD)
			return refuse_relation(p->lx, t.rel, here(p), p->e);
		t.name = here(p);
	} else {
		t.rel = here(p);
		if (!is_relation(t.rel))
			return refuse_relation(p->lx, t.name, t.rel, p->e);
	}
	advance(p);
	p->has_field = true;
	r = field_term_check(&t);
	if (!r && !is_has)
		r = take_values(p, &t);
	if (r || !p->b.f)
		return r;
	is_not = t.rel->kind == LEX_NE || t.rel->kind == LEX_UNLIKE;
	ret->first = NONE;
	p->alternatives = ret;
	p->is_negated ^= is_not;
	r = field_term_parse(&t);
	if (!r && t.other != F_MAX)
		r = parse_other_side(p, &t, ret);
	p->is_negated ^= is_not;
	if (!r && is_not)
		build_not(&p->b, ret);
	return r;
}

static int parse_list(struct parser *p, struct expr *ret);

static int parse_group(struct parser *p, struct expr *ret)
{
	const struct token *open = here(p);
	int r;

	if (p->depth == DEPTH_MAX)
		return fail(p, open->text, "more than 200 parentheses are open here");
	advance(p);
	p->depth++;
	p->glued += open->is_glued;
	r = parse_list(p, ret);
	if (r)
		return r;
	if (peek_operator(p) != LEX_CLOSE)
		return lex_fail(p->lx, open, open->text, p->e, -EINVAL, "this parenthesis is not closed");
	advance_close(p);
	p->depth--;
	p->glued -= open->is_glued;
	return 0;
}

static int parse_term(struct parser *p, struct expr *ret)
{
	bool is_not = false;
	enum lex_kind kind;
	int r;

	for (; (kind = peek_term(p)) == LEX_NOT; advance(p))
		is_not = !is_not;
	p->is_negated ^= is_not;
	if (kind == LEX_OPEN)
		r = parse_group(p, ret);
	else if (kind >= LEX_SRC && kind <= LEX_AUTOBOUND)
		r = parse_predicate(p, ret);
	else if (kind == LEX_HAS || kind == LEX_FIELD)
		r = parse_field(p, ret);
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
	struct mix mix = { .first = p->at };
	int r = parse_term(p, ret);

	mix.second = mix.first;
	while (!r) {
		struct expr next = {};
		bool is_new;

		mix.second_op = p->at;
		op = peek_operator(p);
		if (op == LEX_END || op == LEX_CLOSE)
			return 0;
		if (op == LEX_AND || op == LEX_OR)
			advance(p);
		else
			op = LEX_AND;
		if (first == LEX_END)
			first = op;
		is_new = op != first && !p->is_mixed;
		p->is_mixed |= op != first;
		mix.third = p->at;
		r = parse_term(p, &next);
		mix.end = p->at + (p->closes > 0);
		if (is_new)
			p->mix = mix;
		mix.first_op = mix.second_op;
		mix.second = mix.third;
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
	if (lx.n == 1 && !lx.is_continued) {
		*ret = NULL;
		return 0;
	}
	check = p;
	r = parse_all(&check, &x);
	if (!r && check.is_mixed && check.has_field)
		r = mix_fail(&check.mix, &lx, e);
	if (r)
		return r;
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_sys(e, -ENOMEM, "parsing the filter");
	p.b.f = f;
	p.qualified = check.qualified;
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
