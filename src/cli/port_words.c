/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/port_words.h"

#include <errno.h>

#include "base/glob.h"
#include "base/num.h"
#include "query/lex.h"
#include "query/naming.h"

enum {
	COMM_MAX = 15, /* bytes of its name that the kernel keeps */
	TABLES = 1u << TABLE_TCP | 1u << TABLE_UDP | 1u << TABLE_MPTCP | 1u << TABLE_SCTP | 1u << TABLE_DCCP,
	WAITING = STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE), /* as -l */
};

static bool has_one_of(struct sv word, const char *bytes)
{
	for (size_t i = 0; i < word.len; i++)
		if (strchr(bytes, word.p[i]))
			return true;
	return false;
}

/* Whether @word, which @next follows, begins an expression: its words, or a field before an operator. */
static bool begins_expression(struct sv word, struct sv next)
{
	enum lex_kind kind = lex_kind(next);

	if (!word.len || lex_kind(word) != LEX_WORD || select_is_state_word(word) ||
	    has_one_of(word, " \t()!<>=~\"'{}|&"))
		return true;
	if (sv_is(word, "has"))
		return naming_find(next) != F_MAX;
	return naming_find(word) != F_MAX &&
	       ((kind >= LEX_EQ && kind <= LEX_LE) || sv_is(next, "in") || has_one_of(next, "<>=~"));
}

static bool is_of_figures(struct sv word)
{
	for (size_t i = 0; i < word.len; i++)
		if ((word.p[i] < '0' || word.p[i] > '9') && word.p[i] != '-' && word.p[i] != ',')
			return false;
	return word.p[0] != '-' || word.len > 1;
}

static int bad(struct sv word, const char *what, struct err *e)
{
	return err_say(e, -EINVAL, "--ports: \"%.*s\" %s", SV_ARG(word), what);
}

/* "80", "80-90", and several with commas between. */
static int put_figures(struct sv word, struct text *t, struct err *e)
{
	struct sv rest = word;

	text_str(t, "local.port in {");
	do {
		struct sv last = sv_take(&rest, ','), first = sv_take(&last, '-');
		uint64_t lo, hi;

		if (!num_read(first, 10, UINT16_MAX, &lo))
			return bad(word, "is no port: they are 0 to 65535, and a range is 8000-8099", e);
		hi = lo;
		if (last.p && !num_read(last, 10, UINT16_MAX, &hi))
			return bad(word, "is no range of ports: they are 0 to 65535, as in 8000-8099", e);
		if (hi < lo)
			return bad(word, "is an empty range: the lower port comes first", e);
		text_u64(t, lo);
		text_char(t, '-');
		text_u64(t, hi);
		text_str(t, rest.p ? "," : "}");
	} while (rest.p);
	return 0;
}

/* The ports that are called @word in one protocol or the other; false when none is. */
static bool put_service(const struct filter_env *env, struct sv word, struct text *t)
{
	static const enum filter_name kinds[] = { FILTER_NAME_TCP_PORT, FILTER_NAME_UDP_PORT };
	bool has = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint64_t port;

		if (!env->names || !env->names->number || env->names->number(env->ctx, kinds[i], word, &port))
			continue;
		text_str(t, has ? "," : "local.port in {");
		text_u64(t, port);
		has = true;
	}
	text_str(t, has ? "}" : "");
	return has;
}

/* Text of a quoted string of the filter language; of a pattern, where a backslash says something itself,
 * twice. */
static void put_quoted(struct text *t, struct sv s, bool is_in_pattern)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && is_in_pattern)
			text_str(t, "\\\\");
		if (s.p[i] == '"' || s.p[i] == '\\')
			text_char(t, '\\');
		text_char(t, s.p[i]);
	}
}

/*
 * A name, which may be a pattern, or that of the program of a process that calls itself something else:
 * "MainThread [mongod]". The kernel keeps the beginning of a longer one only.
 */
static void put_process(struct sv word, struct text *t)
{
	bool is_wild = glob_is_wild(word);

	text_str(t, is_wild                ? "process.name ~ \""
		    : word.len <= COMM_MAX ? "process.name = \""
					   : "process.full_name = \"");
	put_quoted(t, word, false);
	if (is_wild) {
		text_str(t, "\" or process.full_name ~ \"");
		put_quoted(t, word, false);
	}
	text_str(t, "\" or process.full_name ~ \"* [[]");
	put_quoted(t, word, !is_wild);
	text_str(t, "]\"");
}

int port_words_read(const struct filter_env *env, const struct sv *words, size_t n_words, struct text *ret,
		    struct err *e)
{
	size_t first = n_words;
	int r = 0;

	for (size_t i = n_words; i-- > 0;)
		if (begins_expression(words[i], i + 1 < n_words ? words[i + 1] : sv("")))
			first = i;
	if (!first)
		return 0;
	if (first < n_words)
		return err_say(
			e, -EINVAL,
			"--ports: \"%.*s\" is a port or a process, and \"%.*s\" begins an expression: say "
			"one or the other, or all as an expression, as in '(sport = 80 or process.name = "
			"nginx) and uid = 0'",
			SV_ARG(words[0]), SV_ARG(words[first]));
	for (size_t i = 0; i < n_words && r == 0; i++) {
		text_str(ret, i ? " or " : "(");
		if (is_of_figures(words[i]))
			r = put_figures(words[i], ret, e);
		else if (!put_service(env, words[i], ret))
			put_process(words[i], ret);
	}
	if (n_words)
		text_char(ret, ')');
	return r < 0 ? r : ret->failed ? err_sys(e, -ENOMEM, "--ports") : 0;
}

int port_words_select(struct select *s, struct selection *ret, struct err *e)
{
	if (s->has_mask && s->mask != WAITING)
		return err_say(e, -EINVAL,
			       "--ports is about sockets that wait for others: leave other states out");
	if (!s->tables && !s->has_query)
		select_table(s, 1u << TABLE_TCP | 1u << TABLE_UDP);
	select_states(s, WAITING);
	select_complete(s, ret);
	if (!(ret->tables & ~(uint32_t)TABLES))
		return 0;
	return err_say(
		e, -EINVAL,
		"--ports is about what has ports: TCP, UDP, MPTCP, SCTP and DCCP sockets; -l has the others");
}
