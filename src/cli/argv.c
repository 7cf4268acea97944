/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/argv.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "base/like.h"
#include "sink/format/formats.h"

/* clang-format off */
static const struct option_def options[] = {
#define ENTRY(option, c, full, argument, text, ours) \
	{ .id = OPTION_##option, .letter = (c), .name = (full), .arg = (argument), .help = (text), .is_ours = (ours) },
#define OPTION(id, c, full, argument, means, text) ENTRY(id, c, full, argument, text, false)
#define ALIAS OPTION
#define OURS(id, c, full, argument, means, text) ENTRY(id, c, full, argument, text, true)
#define GROUP() { .id = 0 },
#include "cli/options.def"
};
/* clang-format on */

void argv_init(struct argv *a, int argc, char **argv, struct sv *words)
{
	*a = (struct argv){ .argc = argc, .at = 1, .argv = argv, .words = words };
	a->is_posix = environ_is_posix();
}

const struct option_def *argv_def(size_t i)
{
	return i < ARRAY_SIZE(options) ? &options[i] : NULL;
}

/* The word behind an option that needs one. */
static int take_argument(struct argv *a, const struct option_def *def, struct argv_option *ret)
{
	if (a->at == a->argc) {
		a->wants = def;
		return -EINVAL;
	}
	ret->arg = a->argv[a->at++];
	return 1;
}

/*
 * "--summary full", as people type it: an argument that may be left out and is one word, where that word
 * could be nothing else. Behind other words it may be the operand of one.
 */
static void take_word(struct argv *a, const struct option_def *def, struct argv_option *ret)
{
	struct sv word = sv(def->arg);

	word = sv_n(word.p + 1, word.len - 2);
	if (a->n_words || a->cluster || a->at == a->argc || word.p[0] < 'a' || !sv_is(word, a->argv[a->at]))
		return;
	ret->arg = a->argv[a->at++];
}

static int take_letter(struct argv *a, struct argv_option *ret, struct err *e)
{
	const char *rest = a->cluster + 1;
	char c = *a->cluster;
	size_t i = 0;

	a->cluster = *rest ? rest : NULL;
	while (i < ARRAY_SIZE(options) && (!options[i].id || options[i].letter != c))
		i++;
	if (i == ARRAY_SIZE(options))
		return err_say(e, -EINVAL, "invalid option -- '%c'", c >= 0x20 && c < 0x7f ? c : '?');
	*ret = (struct argv_option){ .id = options[i].id, .def = &options[i], .is_letter = true };
	if (!options[i].arg)
		return 1;
	if (options[i].arg[0] == '[') {
		take_word(a, &options[i], ret);
		return 1;
	}
	if (a->cluster) {
		ret->arg = a->cluster;
		a->cluster = NULL;
		return 1;
	}
	return take_argument(a, &options[i], ret) < 0
		       ? err_say(e, -EINVAL, "option requires an argument -- '%c'", c)
		       : 1;
}

/* Index of the option that @name is or abbreviates, among iproute2's or ours; -1 when none, -2 when several.
 */
static int find_long(struct sv name, bool is_ours, struct text *ret_several)
{
	int found = -1;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct sv full;

		if (!options[i].id || options[i].is_ours != is_ours)
			continue;
		full = sv(options[i].name);
		if (sv_eq(full, name))
			return (int)i;
		if (!sv_eq(sv_first(full, name.len), name))
			continue;
		text_str(ret_several, " '--");
		text_str(ret_several, options[i].name);
		text_char(ret_several, '\'');
		if (found == -1)
			found = (int)i;
		else if (found >= 0 && options[found].id != options[i].id)
			found = -2;
	}
	return found;
}

static int refuse_long(const char *word, struct sv name, struct err *e)
{
	struct like like = like_init(name);

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].id)
			like_look(&like, options[i].name);
	return err_say(e, -EINVAL, "unrecognized option '--%s'%s%s%s", word,
		       like.found ? "; did you mean --" : "", like.found ? like.found : "",
		       like.found ? "?" : "");
}

static int take_long(struct argv *a, const char *word, struct argv_option *ret, struct err *e)
{
	ptrdiff_t eq = sv_find(sv(word), '=');
	struct sv name = sv_first(sv(word), eq < 0 ? strlen(word) : (size_t)eq);
	struct text several = {};
	int i = find_long(name, false, &several);

	if (i == -1)
		i = find_long(name, true, &several);
	if (i == -2)
		(void)err_say(e, 0, "option '--%.*s' is ambiguous; possibilities:%.*s", SV_ARG(name),
			      (int)several.len, several.p);
	text_done(&several);
	if (i == -2)
		return -EINVAL;
	if (i == -1)
		return refuse_long(word, name, e);
	*ret = (struct argv_option){ .id = options[i].id, .def = &options[i] };
	if (!options[i].arg && eq >= 0)
		return err_say(e, -EINVAL, "option '--%s' doesn't allow an argument", options[i].name);
	if (!options[i].arg)
		return 1;
	if (eq >= 0)
		ret->arg = word + eq + 1;
	else if (options[i].arg[0] == '[')
		take_word(a, &options[i], ret);
	else if (take_argument(a, &options[i], ret) < 0)
		return err_say(e, -EINVAL, "option '--%s' requires an argument", options[i].name);
	return 1;
}

int argv_next(struct argv *a, struct argv_option *ret, struct err *e)
{
	while (!a->cluster && a->at < a->argc) {
		char *word = a->argv[a->at++];

		if (a->is_ended || word[0] != '-' || !word[1]) {
			a->words[a->n_words++] = sv(word);
			a->is_ended |= a->is_posix;
		} else if (!strcmp(word, "--")) {
			a->is_ended = true;
		} else if (word[1] == '-') {
			return take_long(a, word + 2, ret, e);
		} else {
			a->cluster = word + 1;
		}
	}
	return a->cluster ? take_letter(a, ret, e) : 0;
}

/* The names of the formats stand in their registry only. */
static void put_argument(struct text *t, const char *arg)
{
	text_char(t, '=');
	if (!strcmp(arg, "FORMAT"))
		formats_put_names(t, "|");
	else
		text_str(t, arg);
}

enum { HELP_INDENT = 24, HELP_SCREEN = 80 };

/* @words behind what is in the line that began at @start, and in lines below it. */
static void put_help(struct text *t, size_t start, struct sv words)
{
	while (words.len && !t->failed) {
		struct sv word = sv_take(&words, ' ');
		size_t at = t->len - start;

		if (at >= HELP_INDENT && (at == HELP_INDENT ? 0 : 1) + at + word.len > HELP_SCREEN) {
			text_char(t, '\n');
			start = t->len;
			at = 0;
		}
		if (at > HELP_INDENT)
			text_char(t, ' ');
		while (!t->failed && t->len - start < HELP_INDENT)
			text_char(t, ' ');
		text_sv(t, word);
	}
	text_char(t, '\n');
}

static void put_option(struct text *t, const struct option_def *o)
{
	if (o->letter)
		text_printf(t, "   -%c, --%s", o->letter, o->name);
	else
		text_printf(t, "       --%s", o->name);
	if (o->arg && o->arg[0] == '[')
		text_printf(t, "[=%s", o->arg + 1);
	else if (o->arg)
		put_argument(t, o->arg);
}

void argv_help(struct text *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		size_t start = t->len;

		if (!options[i].id)
			text_char(t, '\n');
		if (!options[i].help)
			continue;
		put_option(t, &options[i]);
		if (t->len - start >= HELP_INDENT) { /* no room behind it */
			text_char(t, '\n');
			start = t->len;
		}
		put_help(t, start, sv(options[i].help));
	}
}
