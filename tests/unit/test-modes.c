/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What goes together on a command line: every pair of options, in both orders, is taken or refused, and what
 * is refused is told by the names that were typed. What taken pairs do is tests/live/test_modes.py's.
 */

#include <errno.h>
#include <stdio.h>

#include "check.h"
#include "cli/modes.h"
#include "cli/options.h"

enum { WORDS_MAX = 256 };

static char words[WORDS_MAX][64];
static size_t n_words;

/* By long name, or by letter; arguments that are one of few words are all tried. */
static void add(const struct option_def *def)
{
	struct sv rest = sv(def->arg ? def->arg : "");

	CHECK(n_words + 8 < WORDS_MAX);
	if (def->letter && !def->arg) {
		(void)snprintf(words[n_words++], sizeof(words[0]), "-%c", def->letter);
		return;
	}
	if (!def->arg || def->arg[0] == '[')
		(void)snprintf(words[n_words++], sizeof(words[0]), "--%s", def->name);
	if (def->id == OPTION_SUMMARY)
		(void)snprintf(words[n_words++], sizeof(words[0]), "--summary=full");
	if (!def->arg || def->arg[0] == '[')
		return;
	while (rest.p && sv_find(sv(def->arg), '|') >= 0) {
		struct sv word = sv_take(&rest, '|');

		(void)snprintf(words[n_words++], sizeof(words[0]), "--%s=%.*s", def->name, SV_ARG(word));
	}
	if (sv_find(sv(def->arg), '|') < 0)
		(void)snprintf(words[n_words++], sizeof(words[0]), "--%s=%s", def->name,
			       sv_is(sv(def->arg), "FAMILY")   ? "inet"
			       : sv_is(sv(def->arg), "TABLES") ? "tcp"
			       : sv_is(sv(def->arg), "FIELDS") ? "state"
							       : "1");
}

struct verdict {
	int r;
	bool is_new, is_final;
	char text[1024];
};

static struct verdict judge(char *a, char *b, char *c)
{
	static char name[] = "ss";
	char *argv[] = { name, a, b, c, NULL };
	struct verdict v = {};
	struct request q = {};
	struct sv room[5];
	struct argv args;
	struct err e = {};

	argv_init(&args, c ? 4 : 3, argv, room);
	v.r = options_read(&q, &args, &e);
	CHECK(v.r == 0 || v.r == -EINVAL || v.r == -EBADF);
	v.is_final = v.r == 0 && mode_of(&q)->is_final;
	if (v.r == 0 && !v.is_final)
		v.r = modes_check(&q, &e);
	v.is_new = q.is_new_refused || request_is_new(&q);
	memcpy(v.text, e.text, sizeof(v.text));
	return v;
}

/* As a message has it: without an argument that is any word. */
static bool names(const char *text, const char *word)
{
	char name[64];
	size_t len = strlen(word);

	if (strstr(text, word))
		return true;
	len = strcspn(word, "=");
	memcpy(name, word, len);
	name[len] = '\0';
	return strstr(text, name);
}

static void test_pairs(void)
{
	size_t n_refused = 0, n_final = 0;

	for (size_t i = 0; i < n_words; i++) {
		for (size_t j = 0; j < n_words; j++) {
			struct verdict v = judge(words[i], words[j], NULL),
				       w = judge(words[j], words[i], NULL);
			const char *for_kill = strstr(v.text, " is for -K");

			/* One that ends the reading comes before what makes no sense, or behind it. */
			n_final += v.is_final;
			if (v.is_final || w.is_final || i == j)
				continue;
			n_refused += v.r < 0;
			CHECK(v.r == w.r && v.is_new == w.is_new);
			CHECK(v.r == 0 || strlen(v.text) > 10);
			if (v.r == -EINVAL && for_kill)
				CHECK(names(v.text, words[i]) || names(v.text, words[j]));
			else if (v.r == -EINVAL)
				CHECK(names(v.text, words[i]) && names(v.text, words[j]) &&
				      strstr(v.text, " do not go together: "));
			else
				CHECK(v.r == 0 || strstr(v.text, "filter file"));
		}
	}
	printf("%zu options, %zu pairs refused, %zu that end at once\n", n_words, n_refused, n_final);
	CHECK(n_refused > 500 && n_final > 100);
}

static bool is_refused(const char *line, const char *expect, bool is_new)
{
	char copy[3][64] = {};
	struct verdict v;

	CHECK(sscanf(line, "%63s %63s %63s", copy[0], copy[1], copy[2]) >= 2);
	v = judge(copy[0], copy[1], copy[2][0] ? copy[2] : NULL);
	return v.r == -EINVAL && strstr(v.text, expect) && v.is_new == is_new;
}

static void test_sentences(void)
{
	CHECK(is_refused("-K -E", "-K and -E do not go together: -K destroys", false));
	CHECK(is_refused("--kill --events", "--kill and --events do not go together", false));
	CHECK(is_refused("--kil -E", "--kill and -E do not go together", false));
	CHECK(is_refused("-KE -j", "-K and -E do not go together", true));
	CHECK(is_refused("-K --limit=1 --by=state", "", true));
	CHECK(is_refused("--sort=uid -K --limit=1", "-K and --limit with --sort do not go together", true));
	CHECK(is_refused("-K --all-netns", "; name one with -N", true));
	CHECK(is_refused("--by=uid --by=state", "--by=uid and --by=state do not go together: say one", true));
	CHECK(is_refused("-j --format=csv", "-j and --format=csv do not go together", true));
	CHECK(is_refused("-Da -Db", "-D a and -D b do not go together", false));
	CHECK(is_refused("-t --dry-run", "--dry-run is for -K", true));
	CHECK(is_refused("--schema --all-netns", "lists no sockets", true) &&
	      !is_refused("--schema --all-netns", "; name one", true));
}

static void test_taken(void)
{
	static char pairs[][2][24] = { { "-K", "--limit=1" },          { "-j", "--format=json" },
				       { "--by=uid", "--by=uid" },     { "-E", "--limit=1" },
				       { "-K", "--explain" },          { "--summary=full", "-j" },
				       { "--fields", "--format=csv" }, { "--limit=1", "--sort=uid" } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		CHECK(judge(pairs[i][0], pairs[i][1], NULL).r == 0);
}

int main(void)
{
	const struct option_def *def;

	for (size_t i = 0; (def = argv_def(i)); i++)
		if (def->id)
			add(def);
	test_pairs();
	test_sentences();
	test_taken();
	return 0;
}
