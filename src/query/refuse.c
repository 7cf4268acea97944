/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/refuse.h"

#include <errno.h>
#include <strings.h>

#include "base/cleanup.h"
#include "query/naming.h"
#include "query/operand.h"

static bool is_number(struct sv s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n && n == s.len;
}

/* An operator in capitals. */
static const char *operator_meant(struct sv s)
{
	static const char *const words[] = { "and", "or", "not" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (s.len == strlen(words[i]) && !strncasecmp(s.p, words[i], s.len))
			return words[i];
	return NULL;
}

int refuse_predicate(const struct lexer *lx, const struct token *t, struct err *e)
{
	struct sv s = t->text;
	const char *op = operator_meant(s), *near;
	struct leaf unused;
	uint32_t mask;
	int len = (int)(s.len < 60 ? s.len : 60);

	if (op)
		return lex_fail(lx, t, s, e, -EINVAL, "not a predicate: write %s", op);
	if (is_number(s))
		return lex_fail(
			lx, t, s, e, -EINVAL,
			"not a predicate: say sport = %.*s or dport = %.*s, or port = %.*s for either", len,
			s.p, len, s.p, len, s.p);
	if (operand_addr(s, &unused))
		return lex_fail(lx, t, s, e, -EINVAL,
				"not a predicate: say src %.*s or dst %.*s, or addr = %.*s for either", len,
				s.p, len, s.p, len, s.p);
	if (state_find(s, &mask))
		return lex_fail(lx, t, s, e, -EINVAL, "not a predicate: say state = %.*s", len, s.p);
	near = naming_near(s);
	return lex_fail(lx, t, s, e, -EINVAL,
			"not a predicate: use src, dst, sport, dport, dev, fwmark, cgroup or autobound, or "
			"FIELD = VALUE%s%s%s",
			near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

int refuse_relation(const struct lexer *lx, const struct token *name, const struct token *t, struct err *e)
{
	int len = (int)(name->text.len < 60 ? name->text.len : 60);

	if (name->kind == LEX_HAS)
		return lex_fail(lx, t, t->text, e, -EBADMSG, "has needs the name of a field here");
	if (sv_is(name->text, "state"))
		return lex_fail(lx, name, name->text, e, -EINVAL,
				"states are given on the command line, before the expression; write state = "
				"NAME here");
	return lex_fail(lx, t, t->text, e, -EBADMSG,
			"%.*s needs an operator here: =, !=, <, <=, >, >=, ~, !~ or in; or write has %.*s",
			len, name->text.p, len, name->text.p);
}
