/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/complete.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/argv.h"
#include "doctor/form.h"
#include "model/event.h"
#include "plan/select.h"
#include "query/field_term.h"
#include "query/lex.h"
#include "query/naming.h"
#include "sink/format/formats.h"

struct completer {
	struct sv lead; /* of the word, what stays as it is */
	struct sv part; /* and what follows it, to be completed */
	complete_lister *list;
	struct text *to;
};

/* Where in a filter a word is. */
struct words_at {
	enum { AT_TERM, AT_NAME, AT_OPERATOR, AT_OPERAND, AT_END } at;
	enum lex_kind word;  /* the predicate, LEX_WORD for a field */
	enum field_id field; /* that it is about, F_MAX for none */
	bool is_set;         /* between braces */
};

static const char *const predicate_help[] = {
	[LEX_SRC] = "local address",
	[LEX_DST] = "peer address",
	[LEX_SPORT] = "local port",
	[LEX_DPORT] = "peer port",
	[LEX_DEV] = "interface the socket is bound to",
	[LEX_FWMARK] = "mark of the socket",
	[LEX_CGROUP] = "cgroup of the socket",
	[LEX_AUTOBOUND] = "the kernel chose the local port",
};

/* Moves @n bytes of the part to what stays. */
static void skip(struct completer *c, size_t n)
{
	c->lead.len += n;
	c->part = sv_from(c->part, n);
}

static void tell_shell(struct completer *c, const char *what)
{
	text_char(c->to, '\t');
	text_str(c->to, what);
	text_char(c->to, '\n');
}

/* Whether what was typed can be said again: else it would look like other lines, or control a terminal. */
static bool is_fit(struct sv s)
{
	while (s.len) {
		uint32_t c;

		s = sv_from(s, utf8_next(s, &c));
		if (c != UTF8_BAD && utf8_is_control(c))
			return false;
	}
	return true;
}

/* A line for @before, @word and @after together, unless the part is something else. */
static void offer_parts(struct completer *c, const char *before, const char *word, const char *after,
			const char *help)
{
	struct text t = {};

	text_str(&t, before);
	text_str(&t, word);
	text_str(&t, after);
	if (!t.failed && sv_eq(sv_first(sv_n(t.p, t.len), c->part.len), c->part) && is_fit(c->lead) &&
	    is_fit(sv_n(t.p, t.len))) {
		text_sv(c->to, c->lead);
		text_put(c->to, t.p, t.len);
		if (help)
			text_char(c->to, '\t');
		text_str(c->to, help ? help : "");
		text_char(c->to, '\n');
	}
	text_done(&t);
}

static void offer(struct completer *c, const char *word, const char *help)
{
	offer_parts(c, "", word, "", help);
}

/* Names that others chose: what cannot be typed plainly, or would look like two lines, is left out. */
static void offer_names(struct completer *c, enum offered kind)
{
	struct text t = {};
	size_t at = 0;

	if (c->list)
		c->list(kind, &t);
	while (!t.failed && at < t.len) {
		const char *name = t.p + at;
		bool is_plain = *name != '\0';

		at += strlen(name) + 1;
		for (const char *p = name; *p; p++)
			is_plain &= *p > 0x20 && *p < 0x7f && !strchr("\"'\\$`;&|<>()*?[]{}~#!", *p);
		if (is_plain)
			offer(c, name, NULL);
	}
	text_done(&t);
}

/* Leaves only the last item of a list, without one of the @marks in front. */
static void begin_item(struct completer *c, const char *marks)
{
	tell_shell(c, "list");
	skip(c, (size_t)(sv_rfind(c->part, ',') + 1));
	if (c->part.len && strchr(marks, c->part.p[0]))
		skip(c, 1);
}

static void offer_files(struct completer *c)
{
	tell_shell(c, "files");
}

static void offer_netns(struct completer *c)
{
	if (sv_find(c->part, '/') >= 0) {
		tell_shell(c, "files");
	} else {
		offer(c, "all", "every network namespace");
		offer_names(c, OFFERED_NETNS);
	}
}

static void offer_selected(struct completer *c, enum select_name kind)
{
	const char *help, *name;

	for (size_t i = 0; (name = select_name(kind, i, &help)); i++)
		offer(c, name, help);
}

static void offer_family(struct completer *c)
{
	offer_selected(c, SELECT_FAMILY);
}

static void offer_tables(struct completer *c)
{
	begin_item(c, "!");
	offer_selected(c, SELECT_TABLE);
}

static void offer_names_of_fields(struct completer *c)
{
	for (enum field_id f = 0; f < F_MAX; f++)
		offer(c, fields[f].name, fields[f].help);
}

static void offer_fields(struct completer *c)
{
	begin_item(c, "+-");
	offer_names_of_fields(c);
}

static void offer_events(struct completer *c)
{
	begin_item(c, "");
	offer(c, "all", NULL);
	for (unsigned int k = 0; k < EVENT_LOST; k++)
		offer(c, event_names[k], NULL);
}

static void offer_formats(struct completer *c)
{
	for (const struct format *f = formats; f->name; f++)
		offer(c, f->name, f->help);
	for (const struct form *f = forms; f->name; f++)
		if (f->is_ours)
			offer(c, f->name, f->help);
}

static void offer_rules(struct completer *c)
{
	begin_item(c, "");
	offer(c, "all", NULL);
	for (enum rule_set s = 0; s < SET_MAX; s++)
		offer(c, rule_set_name(s), rule_set_title(s));
	for (enum rule_id i = 0; i < RULE_MAX; i++)
		offer(c, rules[i].id, rules[i].name);
}

static void offer_full(struct completer *c)
{
	offer(c, "full", NULL);
}

static void offer_plain(struct completer *c)
{
	offer(c, "plain", NULL);
}

static void offer_nothing(struct completer *)
{
}

/* What the arguments of options are called, in options.def, and what they can be. */
/* What can be said of any recording; others are times. */
static void offer_when(struct completer *c)
{
	offer(c, "first", "the first sample");
	offer(c, "last", "the last sample");
	offer(c, "today", "the day's begin, or with a time behind it");
	offer(c, "yesterday", "the same of the day before");
}

static const struct {
	const char *arg;
	void (*offer)(struct completer *c);
} arguments[] = {
	{ "BASE", offer_files },      { "FILE", offer_files },        { "NETNS", offer_netns },
	{ "FAMILY", offer_family },   { "TABLES", offer_tables },     { "FIELDS", offer_fields },
	{ "ID", offer_nothing },      { "TIME", offer_nothing },      { "WHEN", offer_when },
	{ "LIMITS", offer_nothing },  { "N", offer_nothing },         { "[PATTERN]", offer_nothing },
	{ "[WHERE]", offer_nothing }, { "[full]", offer_full },       { "FORMAT", offer_formats },
	{ "[FILE]", offer_files },    { "DIR", offer_files },         { "[TIME]", offer_nothing },
	{ "[LIST]", offer_events },   { "CONDITION", offer_nothing }, { "RULES", offer_rules },
	{ "[RULES]", offer_rules },   { "NODES", offer_nothing },     { "[rounds]", offer_nothing },
	{ "[plain]", offer_plain },
};

static void offer_argument(struct completer *c, const struct option_def *def)
{
	struct sv rest = sv(def->arg);

	for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
		if (sv_is(rest, arguments[i].arg))
			arguments[i].offer(c);
	/* ONE|OTHER are words to be taken as they are. */
	while (sv_find(sv(def->arg), '|') >= 0 && rest.len) {
		ptrdiff_t bar = sv_find(rest, '|');
		struct sv word = sv_first(rest, bar < 0 ? rest.len : (size_t)bar);
		struct text t = {};

		text_sv(&t, word);
		text_char(&t, '\0');
		if (!t.failed)
			offer(c, t.p, NULL);
		text_done(&t);
		rest = sv_from(rest, word.len + 1);
	}
}

static void offer_long(struct completer *c)
{
	const struct option_def *def;

	for (size_t i = 0; (def = argv_def(i)); i++)
		if (def->id && def->help)
			offer_parts(c, "--", def->name, def->arg ? "=" : "", def->help);
}

static void offer_letters(struct completer *c, const char *before)
{
	const struct option_def *def;

	for (size_t i = 0; (def = argv_def(i)); i++)
		if (def->letter && def->help)
			offer_parts(c, before, (char[]){ def->letter, '\0' }, "", def->help);
}

/* A word that begins an option, may be one or more, and may have an argument in it. */
static void offer_option(struct completer *c, char *word)
{
	char *argv[] = { word, word, NULL };
	struct argv_option o;
	struct argv a;
	struct sv words[2];
	int r;

	if (!strcmp(word, "-"))
		offer_letters(c, "-");
	if (!strcmp(word, "-") || (!strncmp(word, "--", 2) && !strchr(word, '='))) {
		offer_long(c);
		return;
	}
	argv_init(&a, 2, argv, words);
	while ((r = argv_next(&a, &o, NULL)) > 0) {
		if (!o.arg)
			continue;
		skip(c, (size_t)(o.arg - word));
		offer_argument(c, o.def);
		return;
	}
	if (r < 0 && !a.wants)
		return;
	offer(c, word, NULL);
	if (!a.wants) {
		skip(c, c->part.len);
		offer_letters(c, "");
	}
}

/* Whether @name can begin a term. */
static bool is_term(struct sv name)
{
	enum field_id unused;

	return naming_find(name) != F_MAX || naming_either(name, &unused, &unused);
}

static enum field_id field_called(struct sv name)
{
	enum field_id local, unused;

	return naming_either(name, &local, &unused) ? local : naming_find(name);
}

static bool is_relation(enum lex_kind kind)
{
	return (kind >= LEX_EQ && kind <= LEX_LE) || (kind >= LEX_LIKE && kind <= LEX_IN);
}

/* Behind a predicate, or a field, with @t. */
static void place_behind(struct words_at *p, const struct token *t)
{
	enum lex_kind kind = (enum lex_kind)t->kind;

	if (p->at == AT_OPERATOR && is_relation(kind)) {
		p->at = AT_OPERAND;
		return;
	}
	p->is_set = (p->is_set || kind == LEX_BRACE) && kind != LEX_BRACE_END;
	p->at = p->is_set || t->has_comma ? AT_OPERAND : AT_END;
}

/* Goes over @t, as the grammar does where it is right, and somehow where it is wrong. */
static void place_next(struct words_at *p, const struct token *t)
{
	enum lex_kind kind = (enum lex_kind)t->kind;
	struct sv s = t->text;

	if (p->at == AT_OPERATOR || p->at == AT_OPERAND) {
		place_behind(p, t);
		return;
	}
	if (p->at == AT_NAME) {
		p->at = AT_END;
		return;
	}
	while (kind == LEX_WORD && s.len > 1 && (s.p[0] == '(' || s.p[0] == '!')) {
		s = sv_from(s, 1);
		kind = lex_kind(s);
	}
	if (kind == LEX_HAS) {
		p->at = AT_NAME;
	} else if (kind == LEX_CLOSE || kind == LEX_AUTOBOUND || (kind == LEX_WORD && !is_term(s))) {
		p->at = AT_END;
	} else if (kind >= LEX_SRC || kind == LEX_WORD) {
		p->at = AT_OPERATOR;
		p->word = kind == LEX_FIELD ? LEX_WORD : kind;
		p->field = field_called(s);
	} else {
		p->at = AT_TERM;
	}
}

static struct words_at find_place(const struct sv *words, size_t n_words)
{
	_cleanup_(lex_done) struct lexer lx = {};
	struct words_at p = { .at = AT_TERM, .field = F_MAX };

	if (lex_init(&lx, words, n_words, (struct sv){}, NULL, NULL) < 0)
		return p;
	for (size_t i = 0; i + 1 < lx.n; i++)
		place_next(&p, &lx.v[i]);
	return p;
}

static void offer_terms(struct completer *c)
{
	while (c->part.len && (c->part.p[0] == '(' || c->part.p[0] == '!'))
		skip(c, 1);
	for (enum lex_kind k = LEX_SRC; k <= LEX_AUTOBOUND; k++)
		offer(c, lex_name(k), predicate_help[k]);
	offer(c, lex_name(LEX_NOT), "what the next term is not");
	/* There are too many fields to be shown to somebody who wants none. */
	for (enum field_id f = 0; c->part.len && f < F_MAX; f++)
		if (strchr(fields[f].name, '.') &&
		    sv_eq(sv_first(sv(fields[f].name), c->part.len), c->part) && is_term(sv(fields[f].name)))
			offer(c, fields[f].name, fields[f].help);
}

/* Inside of quotation marks, where a shell makes nothing of them. */
static void offer_patterns(struct completer *c, const struct words_at *p)
{
	if (c->lead.len && p->field < F_MAX && field_term_fits(p->field, LEX_LIKE)) {
		offer(c, "~", "has this part, or fits this pattern");
		offer(c, "!~", "fits it not");
	}
}

/* In words: what < and > mean to a shell is something else. */
static void offer_operators(struct completer *c, const struct words_at *p)
{
	static const struct {
		const char *word, *help;
	} order[] = { { "lt", "below" }, { "le", "at most" }, { "gt", "above" }, { "ge", "at least" } };
	bool is_field = p->word == LEX_WORD && p->field < F_MAX;
	bool has_order =
		is_field ? field_term_fits(p->field, LEX_LT) : p->word == LEX_SPORT || p->word == LEX_DPORT;

	if (is_field && !field_term_fits(p->field, LEX_EQ)) /* it is there or not */
		return;
	offer(c, lex_name(LEX_EQ), "equal");
	offer(c, lex_name(LEX_NE), "not equal");
	for (size_t i = 0; has_order && i < ARRAY_SIZE(order); i++)
		offer(c, order[i].word, order[i].help);
	if (is_field && field_term_fits(p->field, LEX_IN))
		offer(c, "in", "one of several, or in a range");
	offer_patterns(c, p);
}

static void offer_value(struct completer *c, const struct words_at *p)
{
	static const struct {
		enum field_id field;
		enum offered kind;
	} named[] = {
		{ F_IFACE, OFFERED_DEVICES },       { F_USER, OFFERED_USERS },
		{ F_UID, OFFERED_USERS },           { F_OWNERS, OFFERED_PROCESSES },
		{ F_PROC_NAME, OFFERED_PROCESSES }, { F_CGROUP_PATH, OFFERED_CGROUPS },
		{ F_NETNS, OFFERED_NETNS },
	};

	if (p->field == F_STATE)
		offer_selected(c, SELECT_STATE);
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (named[i].field == p->field)
			offer_names(c, named[i].kind);
}

static void offer_operand(struct completer *c, const struct words_at *p)
{
	const char *prefix;

	skip(c, (size_t)(sv_rfind(c->part, ',') + 1));
	if (c->part.len && c->part.p[0] == '{')
		skip(c, 1);
	if (p->field < F_MAX && (p->at == AT_OPERAND || p->word == LEX_DEV || p->word == LEX_CGROUP))
		offer_value(c, p);
	if (p->word != LEX_SRC && p->word != LEX_DST)
		return;
	for (size_t i = 0; (prefix = filter_prefix(i)); i++)
		offer(c, prefix, NULL);
}

/* "state=li": what is glued together in the word at hand. */
static void take_glued(struct completer *c, struct words_at *p)
{
	size_t len = naming_len(c->part);
	struct sv name = sv_first(c->part, len);
	enum lex_kind unused;
	size_t symbol = lex_symbol(sv_from(c->part, len), &unused);

	if (p->at != AT_TERM && p->at != AT_END)
		return;
	if (!symbol || (lex_kind(name) == LEX_WORD && !is_term(name)))
		return;
	*p = (struct words_at){ .at = AT_OPERAND, .word = lex_kind(name), .field = field_called(name) };
	skip(c, len + symbol);
}

/* Words in front of the filter that are states; sets *@ret_open when the next one has to be one. */
static size_t count_states(const struct sv *words, size_t n_words, bool *ret_open)
{
	size_t i = 0;

	while (i < n_words && select_is_state_word(words[i]) &&
	       !(i + 1 < n_words && filter_is_relation(words[i + 1])))
		i += 2;
	*ret_open = i > n_words;
	return i;
}

/* A word that is no option: @words are those before it. */
static void offer_word(struct completer *c, struct sv *words, size_t n_words)
{
	bool is_state;
	size_t n = count_states(words, n_words, &is_state);
	ptrdiff_t blank = sv_rfind(c->part, ' ');
	struct words_at p;

	if (is_state) {
		skip(c, (size_t)(sv_rfind(c->part, ',') + 1));
		offer_selected(c, SELECT_STATE);
		return;
	}
	if (n == n_words && blank < 0) {
		offer(c, "state", "only sockets in this state");
		offer(c, "exclude", "no sockets in this state");
	}
	/* What was typed behind a quotation mark is one word here, and several there. */
	words[n_words] = sv_first(c->part, (size_t)(blank + 1));
	skip(c, (size_t)(blank + 1));
	p = find_place(words + n, n_words - n + 1);
	take_glued(c, &p);
	if (p.at == AT_NAME)
		offer_names_of_fields(c);
	if (p.at == AT_END) {
		offer(c, lex_name(LEX_AND), NULL);
		offer(c, lex_name(LEX_OR), NULL);
	}
	if (p.at == AT_TERM || p.at == AT_END)
		offer_terms(c);
	if (p.at == AT_OPERATOR)
		offer_operators(c, &p);
	if (p.at == AT_OPERATOR || p.at == AT_OPERAND)
		offer_operand(c, &p);
}

void complete(int argc, char **argv, complete_lister *list, struct text *ret)
{
	_cleanup_free_ struct sv *words = calloc((size_t)argc + 2, sizeof(*words));
	char empty[] = "", *word = argc > 1 ? argv[argc - 1] : empty;
	struct completer c = { .lead = sv_n(word, 0), .part = sv(word), .list = list, .to = ret };
	struct argv_option o;
	struct argv a;

	if (!words) {
		text_fail(ret);
		return;
	}
	argv_init(&a, argc > 1 ? argc - 1 : 1, argv, words);
	/* What is wrong in front of the word may become right yet. */
	while (argv_next(&a, &o, NULL) != 0)
		continue;
	if (a.wants)
		offer_argument(&c, a.wants);
	else if (word[0] == '-' && !a.is_ended)
		offer_option(&c, word);
	else
		offer_word(&c, words, a.n_words);
}
