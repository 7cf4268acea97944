/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/having.h"

#include <errno.h>

#include "base/glob.h"
#include "model/state.h"
#include "model/value.h"
#include "ops/order.h"
#include "query/naming.h"
#include "query/quantity.h"

enum { NODES_MAX = 128, DEPTH_MAX = 32 };

enum verdict { NO, UNKNOWN, YES };

enum relation { EQ, NE, LT, LE, GT, GE, LIKE, UNLIKE };

static const struct {
	const char *word;
	enum relation rel;
} relations[] = {
	{ "==", EQ }, { "!=", NE }, { "<>", NE }, { "<=", LE },  { ">=", GE }, { "!~", UNLIKE },
	{ "=", EQ },  { "<", LT },  { ">", GT },  { "~", LIKE }, { "eq", EQ }, { "ne", NE },
	{ "lt", LT }, { "le", LE }, { "gt", GT }, { "ge", GE },
};

enum node_kind { NODE_TERM, NODE_NOT, NODE_AND, NODE_OR };

struct node {
	enum node_kind kind;
	uint16_t a, b; /* what it is made of; of NODE_NOT only .a */
	size_t column;
	enum relation rel;
	double number;
	uint32_t states; /* STATE() of those meant */
	struct sv text;  /* the value as it was written; borrowed */
};

struct having {
	const struct column *columns; /* borrowed */
	size_t n_columns;
	struct node node[NODES_MAX];
	size_t n;
	uint16_t root;
};

struct parser {
	struct having *h;
	struct sv rest;
	struct err *e;
	unsigned int depth;
};

static int refuse(struct parser *p, struct sv word, const char *what)
{
	return err_say(p->e, -EINVAL, "--having: \"%.*s\" %s", SV_ARG(word), what);
}

static void skip_blanks(struct parser *p)
{
	while (p->rest.len && sv_is_blank(p->rest.p[0]))
		p->rest = sv_from(p->rest, 1);
}

static bool ends_word(char c)
{
	return sv_is_blank(c) || strchr("()=!<>~\"'", c);
}

/* The word that comes next, empty where none does. */
static struct sv peek_word(struct parser *p)
{
	size_t n = 0;

	skip_blanks(p);
	while (n < p->rest.len && !ends_word(p->rest.p[n]))
		n++;
	return sv_first(p->rest, n);
}

static bool take_word(struct parser *p, const char *word, const char *other)
{
	struct sv next = peek_word(p);

	if (!sv_is(next, word) && !sv_is(next, other))
		return false;
	p->rest = sv_from(p->rest, next.len);
	return true;
}

static bool take_char(struct parser *p, char c)
{
	skip_blanks(p);
	if (!p->rest.len || p->rest.p[0] != c)
		return false;
	p->rest = sv_from(p->rest, 1);
	return true;
}

/* The name of a column, as "delta(sum(tcp.rtt))" with what is in its parentheses. */
static struct sv take_name(struct parser *p)
{
	struct sv name = peek_word(p);
	size_t n = name.len, open = 0;

	if (n && n < p->rest.len && p->rest.p[n] == '(') {
		do {
			open += p->rest.p[n] == '(';
			open -= p->rest.p[n] == ')';
		} while (++n < p->rest.len && open);
		name = sv_first(p->rest, n);
	}
	p->rest = sv_from(p->rest, name.len);
	return name;
}

static bool take_relation(struct parser *p, enum relation *ret)
{
	skip_blanks(p);
	for (size_t i = 0; i < ARRAY_SIZE(relations); i++) {
		struct sv word = sv(relations[i].word);
		bool is_letters = word.p[0] >= 'a' && word.p[0] <= 'z';

		if (!sv_eq(is_letters ? peek_word(p) : sv_first(p->rest, word.len), word))
			continue;
		p->rest = sv_from(p->rest, word.len);
		*ret = relations[i].rel;
		return true;
	}
	return false;
}

/* A value is a word, or stands between quotation marks. */
static struct sv take_value(struct parser *p)
{
	struct sv value;
	ptrdiff_t close;

	skip_blanks(p);
	if (p->rest.len && (p->rest.p[0] == '"' || p->rest.p[0] == '\'')) {
		close = sv_find(sv_from(p->rest, 1), p->rest.p[0]);
		value = sv_first(sv_from(p->rest, 1), close < 0 ? p->rest.len : (size_t)close);
		p->rest = sv_from(p->rest, value.len + 2);
		return value;
	}
	value = p->rest;
	for (value.len = 0; value.len < p->rest.len; value.len++)
		if (sv_is_blank(p->rest.p[value.len]) || p->rest.p[value.len] == ')')
			break;
	p->rest = sv_from(p->rest, value.len);
	return value;
}

static int add_node(struct parser *p, const struct node *n, uint16_t *ret)
{
	if (p->h->n == NODES_MAX)
		return err_say(p->e, -EINVAL, "--having: more than %d terms", NODES_MAX / 2);
	*ret = (uint16_t)p->h->n;
	p->h->node[p->h->n++] = *n;
	return 0;
}

static bool is_number(const struct column *c)
{
	return value_form(c) == FORM_NUMBER;
}

/* Reads @n->text as a value of its column. */
static int read_value(struct parser *p, struct node *n)
{
	const struct column *c = &p->h->columns[n->column];
	struct quantity q;

	if (!is_number(c)) {
		if (n->rel >= LT && n->rel <= GE)
			return refuse(p, sv(c->name), "is no number: it can be =, !=, ~ or !~");
		if (c->type == T_STATE && n->rel <= NE && !state_find(n->text, &n->states))
			return refuse(p, n->text, "is no state");
		return 0;
	}
	if (n->rel >= LIKE)
		return refuse(p, sv(c->name), "is a number: it can be =, !=, <, <=, > or >=");
	if (quantity_read(c->type, n->text, sv(""), &q) < 0)
		return err_say(p->e, -EINVAL, "--having: \"%.*s\" is %s", SV_ARG(n->text),
			       quantity_error(c->type));
	n->number = c->type == T_INT ? (double)(int64_t)(q.n ^ UINT64_C(1) << 63)
				     : (double)q.n / (double)quantity_one(c->type);
	if (!q.is_exact) /* between two whole numbers */
		n->number += 0.5 / (double)quantity_one(c->type);
	return 0;
}

static int parse_term(struct parser *p, uint16_t *ret)
{
	struct node n = { .kind = NODE_TERM };
	struct sv name = take_name(p);
	int r;

	if (!name.len)
		return refuse(p, p->rest, "is where a column should be, as in count > 100");
	if (!order_find_key(name, p->h->columns, p->h->n_columns, &n.column))
		return refuse(p, name, "is no column of the groups: say it in --by, too");
	if (!take_relation(p, &n.rel))
		return refuse(p, name, "needs an operator, =, !=, <, <=, >, >=, ~ or !~, and a value");
	n.text = take_value(p);
	if (!n.text.len)
		return refuse(p, name, "is compared with nothing");
	r = read_value(p, &n);
	return r < 0 ? r : add_node(p, &n, ret);
}

static int parse_all(struct parser *p, uint16_t *ret);

static int parse_factor(struct parser *p, uint16_t *ret)
{
	struct node not_ = { .kind = NODE_NOT };
	int r;

	if (++p->depth > DEPTH_MAX)
		return err_say(p->e, -EINVAL, "--having: more than %d parentheses in each other", DEPTH_MAX);
	if (take_word(p, "not", "not") || take_char(p, '!')) {
		r = parse_factor(p, &not_.a);
		if (r >= 0)
			r = add_node(p, &not_, ret);
	} else if (take_char(p, '(')) {
		r = parse_all(p, ret);
		if (r >= 0 && !take_char(p, ')'))
			r = err_say(p->e, -EINVAL, "--having: a closing parenthesis is missing");
	} else {
		r = parse_term(p, ret);
	}
	p->depth--;
	return r;
}

/* Terms with one kind of word between them. */
static int parse_all(struct parser *p, uint16_t *ret)
{
	struct node n = { .kind = NODE_TERM };
	int r = parse_factor(p, ret);

	while (r >= 0) {
		enum node_kind kind = take_word(p, "and", "&&")  ? NODE_AND
				      : take_word(p, "or", "||") ? NODE_OR
								 : NODE_TERM;

		if (kind == NODE_TERM)
			break;
		if (n.kind != NODE_TERM && n.kind != kind)
			return err_say(p->e, -EINVAL,
				       "--having: both and and or: parentheses say which belong together");
		n = (struct node){ .kind = kind, .a = *ret };
		r = parse_factor(p, &n.b);
		if (r >= 0)
			r = add_node(p, &n, ret);
	}
	return r;
}

int having_new(struct sv text, const struct column *columns, size_t n, struct having **ret, struct err *e)
{
	_cleanup_(having_freep) struct having *h = calloc(1, sizeof(*h));
	struct parser p = { .h = h, .rest = text, .e = e };
	int r;

	if (!h)
		return -ENOMEM;
	h->columns = columns;
	h->n_columns = n;
	r = parse_all(&p, &h->root);
	if (r < 0)
		return r;
	skip_blanks(&p);
	if (p.rest.len)
		return refuse(&p, p.rest, "is left over: terms have and or or between them");
	*ret = take_ptr(h);
	return 0;
}

struct having *having_free(struct having *h)
{
	free(h);
	return NULL;
}

static bool compare_numbers(enum relation rel, double x, double y)
{
	switch (rel) {
	case NE: return x != y;
	case LT: return x < y;
	case LE: return x <= y;
	case GT: return x > y;
	case GE: return x >= y;
	default: return x == y;
	}
}

static bool compare_text(const struct node *n, const struct column *c, const struct val *v)
{
	bool is_like = n->rel == LIKE || n->rel == UNLIKE, fits;
	struct text t = {};
	struct sv s;

	value_put_raw(&t, c, v);
	s = sv_n(t.p, t.len);
	if (!is_like)
		fits = sv_eq(s, n->text);
	else
		fits = glob_is_wild(n->text) ? glob_match(n->text, s) : glob_find(n->text, s);
	text_done(&t);
	return fits == (n->rel == EQ || n->rel == LIKE);
}

static bool term_holds(const struct node *n, const struct column *c, const struct val *v)
{
	if (is_number(c))
		return compare_numbers(n->rel, val_number(v), n->number);
	if (n->states)
		return (v->u < 32 && n->states >> v->u & 1) == (n->rel == EQ);
	return compare_text(n, c, v);
}

static enum verdict judge(const struct having *h, uint16_t at, const struct cell *cells)
{
	const struct node *n = &h->node[at];
	enum verdict a, b;

	if (n->kind == NODE_TERM) {
		const struct cell *c = &cells[n->column];

		return !value_is_there(c)                               ? UNKNOWN
		       : term_holds(n, &h->columns[n->column], &c->val) ? YES
									: NO;
	}
	a = judge(h, n->a, cells);
	if (n->kind == NODE_NOT)
		return YES - a;
	b = judge(h, n->b, cells);
	return (n->kind == NODE_AND) == (a < b) ? a : b;
}

bool having_fits(const struct having *h, const struct cell *cells)
{
	return judge(h, h->root, cells) == YES;
}
