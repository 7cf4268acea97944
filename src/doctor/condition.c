/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/condition.h"

#include <errno.h>
#include <math.h>

enum { DEPTH_MAX = 32 };

struct parser {
	const struct scope *s;
	struct sv rest;
	struct err *e;
	unsigned int depth;
	int (*name)(void *ctx, const struct scope *s, struct sv name);
	void *ctx;
};

static int refuse(struct parser *p, const char *what)
{
	return err_say(p->e, -EINVAL, "\"%.*s\" %s", SV_ARG(p->rest), what);
}

static void skip_blanks(struct parser *p)
{
	while (p->rest.len && sv_is_blank(p->rest.p[0]))
		p->rest = sv_from(p->rest, 1);
}

static bool take(struct parser *p, const char *sign)
{
	struct sv s = sv(sign);

	skip_blanks(p);
	if (!sv_eq(sv_first(p->rest, s.len), s))
		return false;
	p->rest = sv_from(p->rest, s.len);
	return true;
}

static bool is_in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("._$-%", c);
}

static struct sv peek_word(struct parser *p)
{
	size_t n = 0;

	skip_blanks(p);
	while (n < p->rest.len && is_in_name(p->rest.p[n]))
		n++;
	return sv_first(p->rest, n);
}

static bool take_word(struct parser *p, const char *word)
{
	if (!sv_is(peek_word(p), word))
		return false;
	p->rest = sv_from(p->rest, strlen(word));
	return true;
}

static int parse_or(struct parser *p, double *ret);
static int parse_sum(struct parser *p, double *ret);

/* "least(a, b)" behind its parenthesis. */
static int parse_extreme(struct parser *p, bool is_least, double *ret)
{
	double b;
	int r = parse_sum(p, ret);

	while (r == 0 && take(p, ",")) {
		r = parse_sum(p, &b);
		if (isnan(b) || (is_least ? b < *ret : b > *ret))
			*ret = b;
	}
	return r < 0 || take(p, ")") ? r : refuse(p, "is where a closing parenthesis should be");
}

/* A name of the scope: with what stands in parentheses or brackets behind it. */
static int parse_name(struct parser *p, struct sv word, double *ret)
{
	struct sv name = word;
	const char *open = name.len < p->rest.len ? &p->rest.p[name.len] : "";
	size_t n = 0;
	int r;

	if (*open == '(' || *open == '[') {
		do {
			n += p->rest.p[name.len] == *open;
			n -= p->rest.p[name.len] == (*open == '(' ? ')' : ']');
			name.len++;
		} while (n && name.len < p->rest.len);
	}
	p->rest = sv_from(p->rest, name.len);
	r = p->name ? p->name(p->ctx, p->s, name) : 0;
	*ret = p->name ? NAN : scope_number(p->s, name);
	return r;
}

static int parse_value(struct parser *p, double *ret)
{
	struct sv word = peek_word(p);
	bool is_least = sv_is(word, "least");
	int r;

	if (++p->depth > DEPTH_MAX)
		return refuse(p, "is too deep in parentheses");
	if (take(p, "(")) {
		r = parse_or(p, ret);
		if (r == 0 && !take(p, ")"))
			r = refuse(p, "is where a closing parenthesis should be");
	} else if (!word.len) {
		r = refuse(p, "is where a value should be");
	} else if (limit_number(word, ret)) {
		p->rest = sv_from(p->rest, word.len);
		r = 0;
	} else if (is_least || sv_is(word, "greatest")) {
		p->rest = sv_from(p->rest, word.len);
		r = take(p, "(") ? parse_extreme(p, is_least, ret) : refuse(p, "has no parenthesis");
	} else {
		r = parse_name(p, word, ret);
	}
	p->depth--;
	return r;
}

static int parse_product(struct parser *p, double *ret)
{
	int r = parse_value(p, ret);
	double b;

	while (r == 0) {
		bool is_quotient = take(p, "/");

		if (!is_quotient && !take(p, "*"))
			break;
		r = parse_value(p, &b);
		*ret = is_quotient ? (b != 0 ? *ret / b : NAN) : *ret * b;
	}
	return r;
}

static int parse_sum(struct parser *p, double *ret)
{
	int r = parse_product(p, ret);
	double b;

	while (r == 0) {
		bool is_difference = take(p, "- ");

		if (!is_difference && !take(p, "+"))
			break;
		r = parse_product(p, &b);
		*ret = is_difference ? *ret - b : *ret + b;
	}
	return r;
}

static double truth(bool is_true)
{
	return is_true ? 1 : 0;
}

static double compare(size_t relation, double a, double b)
{
	switch (relation) {
	case 0: return truth(a >= b);
	case 1: return truth(a <= b);
	case 2: return truth(a != b);
	case 3: return truth(a > b);
	case 4: return truth(a < b);
	default: return truth(a == b);
	}
}

static int parse_comparison(struct parser *p, double *ret)
{
	static const char *const relations[] = { ">=", "<=", "!=", ">", "<", "=" };
	int r = parse_sum(p, ret);
	double b;

	for (size_t i = 0; i < ARRAY_SIZE(relations) && r == 0; i++) {
		if (!take(p, relations[i]))
			continue;
		r = parse_sum(p, &b);
		*ret = isnan(*ret) || isnan(b) ? NAN : compare(i, *ret, b);
		break;
	}
	return r;
}

static int parse_not(struct parser *p, double *ret)
{
	int r;

	if (!take_word(p, "not"))
		return parse_comparison(p, ret);
	r = parse_comparison(p, ret);
	*ret = isnan(*ret) ? NAN : truth(*ret == 0);
	return r;
}

static int parse_and(struct parser *p, double *ret)
{
	int r = parse_not(p, ret);
	double b;

	while (r == 0 && take_word(p, "and")) {
		r = parse_not(p, &b);
		*ret = *ret == 0 || b == 0 ? 0 : isnan(*ret) || isnan(b) ? NAN : 1;
	}
	return r;
}

static int parse_or(struct parser *p, double *ret)
{
	int r = parse_and(p, ret);
	double b;

	while (r == 0 && take_word(p, "or")) {
		r = parse_and(p, &b);
		*ret = (!isnan(*ret) && *ret != 0) || (!isnan(b) && b != 0) ? 1
		       : isnan(*ret) || isnan(b)                            ? NAN
									    : 0;
	}
	return r;
}

static int parse(struct parser *p, double *ret)
{
	int r = parse_or(p, ret);

	skip_blanks(p);
	return r == 0 && p->rest.len ? refuse(p, "is behind the end of the condition") : r;
}

int condition_check(const char *text, const struct scope *s, struct err *e)
{
	struct parser p = { .s = s, .rest = text ? sv(text) : (struct sv){}, .e = e };
	double v = 0;
	int r = text ? parse(&p, &v) : 0;

	return r < 0 ? r : isnan(v) ? VERDICT_UNKNOWN : v != 0 ? VERDICT_TRUE : VERDICT_FALSE;
}

int condition_names(const char *text, const struct scope *s,
		    int (*name)(void *ctx, const struct scope *s, struct sv name), void *ctx, struct err *e)
{
	struct parser p = {
		.s = s, .rest = text ? sv(text) : (struct sv){}, .e = e, .name = name, .ctx = ctx
	};
	double unused;

	return text ? parse(&p, &unused) : 0;
}
