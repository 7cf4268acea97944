/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What may be glued together: fields, their operators and values, and what stands before a term. */

#include <errno.h>

#include "base/cleanup.h"
#include "query/lex.h"
#include "query/naming.h"

enum { VALUE_MAX = 8192 };

static char peek(const struct lex_cursor *c, size_t n)
{
	char ch = c->at + n < c->src.len ? c->src.p[c->at + n] : ' ';

	return lex_is_blank(ch, c->in_file) ? ' ' : ch;
}

/* Appends the next @len bytes as a token. Returns 1 or a negative errno. */
static int take(struct lexer *lx, struct lex_cursor *c, enum lex_kind kind, size_t len, struct err *e)
{
	struct token t = { .at = (uint32_t)(c->base + c->at), .len = (uint32_t)len, .in_file = c->in_file };
	int r;

	memcpy(lx->buf + lx->buf_len, c->src.p + c->at, len);
	t.text = sv_n(lx->buf + lx->buf_len, len);
	t.kind = (uint8_t)kind;
	lx->buf_len += len;
	t.is_glued = (kind == LEX_NOT || kind == LEX_OPEN) && peek(c, len) != ' ';
	c->at += len;
	r = lex_add(lx, &t, e);
	return r ? r : 1;
}

/* The name that begins here, which may be empty. */
static struct sv name_here(const struct lex_cursor *c)
{
	struct sv s = sv_from(c->src, c->at);

	return sv_first(s, naming_len(s));
}

/* Operators on a field that are no words; the longer one first. */
static const struct {
	const char *text;
	enum lex_kind kind;
} symbols[] = {
	{ "==", LEX_EQ }, { "=", LEX_EQ }, { "!=", LEX_NE }, { "!~", LEX_UNLIKE }, { ">=", LEX_GE },
	{ "<=", LEX_LE }, { ">", LEX_GT }, { "<", LEX_LT },  { "~", LEX_LIKE },
};

size_t lex_symbol(struct sv s, enum lex_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		size_t len = strlen(symbols[i].text);

		if (!sv_is(sv_first(s, len), symbols[i].text))
			continue;
		*ret = symbols[i].kind;
		return len;
	}
	return 0;
}

static size_t symbol_here(const struct lex_cursor *c, enum lex_kind *ret)
{
	return lex_symbol(sv_from(c->src, c->at), ret);
}

static int take_relation(struct lexer *lx, struct lex_cursor *c, struct err *e)
{
	struct sv name = name_here(c);
	char next = peek(c, name.len);
	enum lex_kind kind = LEX_WORD;
	size_t len = symbol_here(c, &kind);

	if (!len && (next == ' ' || next == '{' || next == '"' || next == '\'')) {
		len = name.len;
		kind = sv_is(name, "in") ? LEX_IN : lex_kind(name);
	}
	lx->place = LEX_AT_TERM;
	if (!len ||
	    (kind != LEX_IN && kind != LEX_LIKE && kind != LEX_UNLIKE && (kind < LEX_EQ || kind > LEX_LE)))
		return lex_field(lx, c, e);
	lx->place = kind == LEX_IN ? LEX_AT_VALUES : LEX_AT_VALUE;
	lx->is_list = kind == LEX_EQ || kind == LEX_NE || kind == LEX_IN;
	c->is_behind = false;
	return take(lx, c, kind, len, e);
}

/* Whether a bare value ends before the byte at hand. */
static bool ends_value(const struct lexer *lx, const struct lex_cursor *c)
{
	char ch = peek(c, 0);

	if (lx->place == LEX_IN_BRACES)
		return ch == ' ' || ch == ',' || ch == '}';
	return ch == ' ' || ch == ')' || ch == '&' || ch == '|' || (ch == ',' && lx->is_list);
}

static int take_value(struct lexer *lx, struct lex_cursor *c, struct err *e)
{
	struct token t = { .at = (uint32_t)(c->base + c->at), .in_file = c->in_file, .kind = LEX_VALUE };
	char first = peek(c, 0), quote = '\0';
	size_t start = lx->buf_len, from = c->at;
	bool is_closed = true;
	int r;

	if (first == '"' || first == '\'') {
		quote = first;
		is_closed = false;
		t.is_escaped = true; /* its text does not begin where the token does */
		c->at++;
	}
	for (; c->at < c->src.len && (quote ? !is_closed : !ends_value(lx, c)); c->at++) {
		char ch = c->src.p[c->at];

		if (quote && ch == quote) {
			is_closed = true;
			continue;
		}
		if (quote && c->in_file && ch == '\n')
			break;
		if (ch == '\\') {
			t.is_escaped = true;
			if (++c->at == c->src.len)
				break;
		}
		lx->buf[lx->buf_len++] = c->src.p[c->at];
	}
	t.len = (uint32_t)(c->at - from);
	t.text = sv_n(lx->buf + start, lx->buf_len - start);
	if (t.text.len > VALUE_MAX)
		return lex_fail(lx, &t, sv_first(t.text, 1), e, -EBADMSG, "the value is too long");
	if (!is_closed) {
		t.len = 1;
		return lex_fail(lx, &t, t.text, e, -EBADMSG, "this quotation mark is not closed");
	}
	if (lx->place != LEX_IN_BRACES) {
		t.has_comma = t.len && lx->is_list && peek(c, 0) == ',';
		lx->place = t.has_comma ? LEX_AT_VALUE : LEX_AT_TERM;
		c->at += t.has_comma;
	}
	c->is_behind = true;
	if (!t.len) /* nothing: the grammar will say so */
		return lex_field(lx, c, e);
	r = lex_add(lx, &t, e);
	return r ? r : 1;
}

static int in_braces(struct lexer *lx, struct lex_cursor *c, struct err *e)
{
	if (peek(c, 0) == ',') {
		c->at++;
		return 1;
	}
	if (peek(c, 0) != '}')
		return take_value(lx, c, e);
	lx->place = LEX_AT_TERM;
	c->is_behind = true;
	return take(lx, c, LEX_BRACE_END, 1, e);
}

/*
 * "sport in 1-5", "cgroup ~ a*": the word behind a classic predicate was taken
 * for its operand, and this, which cannot follow an operand, tells otherwise.
 */
static bool is_matter_of_classic(const struct lexer *lx, const struct lex_cursor *c, enum lex_kind *ret)
{
	const struct token *word = lx->n > 1 ? &lx->v[lx->n - 1] : NULL;
	struct sv rest = sv_from(c->src, c->at);
	size_t len = 0;
	char ch = peek(c, 0);

	if (!word || word->kind != LEX_WORD || word->is_escaped || word[-1].kind < LEX_SRC ||
	    word[-1].kind >= LEX_AUTOBOUND)
		return false;
	if (sv_is(word->text, "in")) {
		while (len < rest.len && !lex_is_blank(rest.p[len], c->in_file))
			len++;
		*ret = LEX_IN;
		return ch == '{' || (ch >= '0' && ch <= '9') || sv_find(sv_first(rest, len), ':') >= 0 ||
		       sv_find(sv_first(rest, len), ',') > 0;
	}
	*ret = sv_is(word->text, "~") ? LEX_LIKE : LEX_UNLIKE;
	if (!sv_is(word->text, "~") && !sv_is(word->text, "!~"))
		return false;
	return (word[-1].kind == LEX_CGROUP || word[-1].kind == LEX_DEV) &&
	       lex_kind(sv_first(rest, naming_len(rest))) == LEX_WORD && ch != '(' && ch != ')' &&
	       ch != '!' && ch != '&' && ch != '|';
}

/* What may follow a value without a blank. */
static size_t joint_here(const struct lex_cursor *c, enum lex_kind *ret)
{
	char ch = peek(c, 0);

	*ret = ch == ')' ? LEX_CLOSE : ch == '&' ? LEX_AND : LEX_OR;
	if (ch == ')')
		return 1;
	return ch != '&' && ch != '|' ? 0 : peek(c, 1) == ch ? 2 : 1;
}

/* "sport=80": a classic predicate whose operator is glued to it; others come between blanks. */
static int take_classic(struct lexer *lx, struct lex_cursor *c, struct sv name, struct err *e)
{
	enum lex_kind kind = lex_kind(name), rel = LEX_WORD;

	if (kind < LEX_SRC || kind >= LEX_AUTOBOUND || !lex_symbol(sv_from(c->src, c->at + name.len), &rel))
		return 0;
	c->is_behind = true;
	if (rel == LEX_LIKE || rel == LEX_UNLIKE) {
		lx->place = LEX_AT_MATTER;
		return take(lx, c, LEX_FIELD, name.len, e);
	}
	lx->place = LEX_AT_RELATION;
	return take(lx, c, kind, name.len, e);
}

/* The operator behind that. */
static int take_classic_relation(struct lexer *lx, struct lex_cursor *c, struct err *e)
{
	enum lex_kind kind;
	size_t len = c->is_behind ? symbol_here(c, &kind) : 0;

	if (!len)
		return 0;
	c->is_behind = false;
	lx->place = LEX_AT_OPERAND;
	return take(lx, c, kind, len, e);
}

static bool is_known(struct sv name)
{
	enum field_id unused;

	return naming_find(name) != F_MAX || naming_either(name, &unused, &unused);
}

static int take_term(struct lexer *lx, struct lex_cursor *c, struct err *e)
{
	struct sv name = name_here(c);
	char ch = peek(c, 0), next = peek(c, name.len);
	struct lex_cursor behind = *c;
	enum lex_kind kind;
	size_t len = c->is_behind ? joint_here(c, &kind) : 0;

	if (len)
		return take(lx, c, kind, len, e);
	if (is_matter_of_classic(lx, c, &kind)) {
		lx->v[lx->n - 2].kind = LEX_FIELD;
		lx->v[lx->n - 1].kind = (uint8_t)kind;
		lx->is_list = kind == LEX_IN;
		lx->place = kind == LEX_IN ? LEX_AT_VALUES : LEX_AT_VALUE;
		return lex_field(lx, c, e);
	}
	if ((ch == '(' || (ch == '!' && peek(c, 1) != '=')) && peek(c, 1) != ' ')
		return take(lx, c, ch == '(' ? LEX_OPEN : LEX_NOT, 1, e);
	if (!name.len)
		return 0;
	if (lex_kind(name) != LEX_WORD)
		return take_classic(lx, c, name, e);
	if (sv_is(name, "has") && next == ' ') {
		lx->place = LEX_AT_NAME;
		return take(lx, c, LEX_HAS, name.len, e);
	}
	behind.at += name.len;
	if (!symbol_here(&behind, &kind) && (!is_known(name) || (next != ' ' && next != ')')))
		return 0;
	lx->place = LEX_AT_MATTER;
	c->is_behind = true;
	return take(lx, c, LEX_FIELD, name.len, e);
}

int lex_field(struct lexer *lx, struct lex_cursor *c, struct err *e)
{
	struct sv name;

	switch (lx->place) {
	case LEX_AT_TERM: return take_term(lx, c, e);
	case LEX_AT_RELATION: return take_classic_relation(lx, c, e);
	case LEX_AT_OPERAND: return 0;
	case LEX_AT_NAME:
		name = name_here(c);
		lx->place = LEX_AT_TERM;
		c->is_behind = name.len;
		return name.len ? take(lx, c, LEX_FIELD, name.len, e) : 0;
	case LEX_AT_MATTER: return take_relation(lx, c, e);
	case LEX_AT_VALUES:
		lx->place = LEX_AT_VALUE;
		if (peek(c, 0) != '{')
			return take_value(lx, c, e);
		lx->place = LEX_IN_BRACES;
		return take(lx, c, LEX_BRACE, 1, e);
	case LEX_AT_VALUE: return take_value(lx, c, e);
	case LEX_IN_BRACES: return in_braces(lx, c, e);
	}
	return 0;
}
