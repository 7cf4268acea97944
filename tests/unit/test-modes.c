/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What goes together on a command line: every pair of options, in both orders, is taken or refused, and what
 * is refused is told by the names that were typed. What taken pairs do is tests/live/test_modes.py's.
 */

#include <errno.h>
#include <stdio.h>

#include "check.h"
#include "cli/features.h"
#include "cli/modes.h"
#include "cli/options.h"
#include "sink/format/formats.h"

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
	if (sv_is(sv(def->arg), "FORMAT")) {
		for (const struct format *f = formats; f->name; f++)
			(void)snprintf(words[n_words++], sizeof(words[0]), "--%s=%s", def->name, f->name);
		return;
	}
	if (sv_find(sv(def->arg), '|') < 0)
		(void)snprintf(words[n_words++], sizeof(words[0]), "--%s=%s", def->name,
			       sv_is(sv(def->arg), "FAMILY")   ? "inet"
			       : sv_is(sv(def->arg), "TABLES") ? "tcp"
			       : sv_is(sv(def->arg), "FIELDS") ? "state"
			       : sv_is(sv(def->arg), "TIME")   ? "1s"
			       : sv_is(sv(def->arg), "WHEN")   ? "first"
			       : sv_is(sv(def->arg), "LIMITS") ? "1d"
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
	size_t len = strcspn(word, "=");

	if (strstr(text, word))
		return true;
	memcpy(name, word, len);
	name[len] = '\0';
	return strstr(text, name);
}

static bool is_told(const struct verdict *v, const char *a, const char *b)
{
	if (strstr(v->text, " is for "))
		return names(v->text, a) || names(v->text, b);
	return strstr(v->text, " do not go together: ") && names(v->text, a) && names(v->text, b);
}

/* Returns whether it is refused. */
static bool check_pair(size_t i, size_t j, size_t *n_final)
{
	struct verdict v = judge(words[i], words[j], NULL), w = judge(words[j], words[i], NULL);

	/* One that ends the reading comes before what makes no sense, or behind it. */
	*n_final += v.is_final;
	if (v.is_final || w.is_final || i == j)
		return false;
	CHECK(v.r == w.r && v.is_new == w.is_new);
	CHECK(v.r != -EINVAL || is_told(&v, words[i], words[j]));
	CHECK(v.r != -EBADF || strstr(v.text, "filter file"));
	return v.r < 0;
}

static void test_pairs(void)
{
	size_t n_refused = 0, n_final = 0;

	for (size_t i = 0; i < n_words; i++)
		for (size_t j = 0; j < n_words; j++)
			n_refused += check_pair(i, j, &n_final);
	printf("%zu options, %zu pairs refused, %zu that end at once\n", n_words, n_refused, n_final);
	CHECK(n_refused > 500 && n_final > 100);
}

static void test_sentences(void)
{
	static const struct {
		char words[3][24];
		const char *told;
		bool is_new;
	} refused[] = {
		{ { "-K", "-E" }, "-K and -E do not go together: -K destroys", false },
		{ { "--kill", "--events" }, "--kill and --events do not go together", false },
		{ { "--kil", "-E" }, "--kill and -E do not go together", false },
		{ { "-KE", "-j" }, "-K and -E do not go together", true },
		{ { "-K", "--limit=1", "--by=state" }, "-K and --limit with --by do not go together", true },
		{ { "--sort=uid", "-K", "--limit=1" },
		  "-K and --limit with --sort do not go together",
		  true },
		{ { "-K", "--all-netns" }, "; name it with -N", true },
		{ { "--schema", "--all-netns" }, "lists no sockets", true },
		{ { "--by=uid", "--by=state" },
		  "--by=uid and --by=state do not go together: say --by=uid,state",
		  true },
		{ { "-j", "--format=csv" }, "-j and --format=csv do not go together", true },
		{ { "-Da", "-Db" }, "-D a and -D b do not go together", false },
		{ { "-t", "--dry-run" }, "--dry-run is for -K", true },
		{ { "--csv", "-j" }, "--csv and -j do not go together: say one", true },
		{ { "-s", "-j", "-t" }, "-s with -j and -t do not go together: the kernel counts all", true },
		{ { "-s", "--csv", "--by=uid" }, "-s and --by do not go together", true },
		{ { "--from=x", "-K", "" },
		  "--from and -K do not go together: a recording is of the past",
		  true },
		{ { "--from=x", "--wait", "" }, "; say --exists", true },
		{ { "--from=x", "--at=3:12", "--every=1m" }, "--at and --every do not go together", true },
		{ { "--at=3:12", "-t", "" }, "--at is for --from", true },
		{ { "--diff=x", "--every=1m", "" },
		  "--diff and --every do not go together: --diff lists what is different",
		  true },
		{ { "--diff=x", "--record=y", "" }, "do not go together", true },
		{ { "--diff=x", "--by=state", "--having=count>1" },
		  "--diff and --having do not go together",
		  true },
		{ { "--keep=1d", "-t", "" }, "--keep is for --record", true },
		{ { "--record=x", "--columns=uid", "" }, "--record and --columns do not go together", true },
		{ { "--record=x", "--doctor", "" },
		  "--doctor and --record do not go together: --doctor tells what is wrong with sockets, and "
		  "lists none; say --flight, too: a finding writes what is in memory",
		  true },
		{ { "--doctor", "-tT", "" }, "--doctor and -T do not go together", true },
		{ { "--doctor", "-tr", "" }, "--doctor and -r do not go together", true },
		{ { "--record=x", "--from=x", "" }, "--from and --record do not go together", true },
		{ { "-t", "--colums=uid" }, "'--colums=uid'; did you mean --columns?", false },
		{ { "-t", "--numerik" }, "did you mean --numeric?", false },
		{ { "-t", "--format=jsn" },
		  "none of table, json, ndjson, csv, openmetrics, prometheus, dot, chart, svg, nor with "
		  "--doctor "
		  "sarif monitoring: did you mean json?",
		  true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		char a[24], b[24], c[24];
		struct verdict v;

		memcpy(a, refused[i].words[0], sizeof(a));
		memcpy(b, refused[i].words[1], sizeof(b));
		memcpy(c, refused[i].words[2], sizeof(c));
		v = judge(a, b, c[0] ? c : NULL);
		CHECK(v.r == -EINVAL && v.is_new == refused[i].is_new);
		CHECK(strstr(v.text, refused[i].told));
		/* No remedy that would be refused as well. */
		CHECK(strcmp(a, "--schema") != 0 || !strstr(v.text, "name it"));
	}
}

static void test_taken(void)
{
	static char pairs[][2][24] = {
		{ "-K", "--limit=1" },
		{ "-j", "--format=json" },
		{ "--by=uid", "--by=uid" },
		{ "-E", "--limit=1" },
		{ "-K", "--explain" },
		{ "--summary=full", "-j" },
		{ "--fields", "--format=csv" },
		{ "--limit=1", "--sort=uid" },
		{ "--csv", "--format=csv" },
		{ "-s", "-j" },
		{ "-s", "--csv" },
		{ "--record=x", "--every=1s" },
		{ "--record=x", "--keep=1GiB,14d" },
		{ "--from=x", "--since=-2h" },
		{ "--from=x", "--exists" },
		{ "--from=x", "-s" },
		{ "--doctor", "-tnpimeo" },
	};
	static char record[] = "--record=x", flight[] = "--flight=1m", doctor[] = "--doctor";

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		CHECK(judge(pairs[i][0], pairs[i][1], NULL).r == 0);
	CHECK(judge(record, doctor, flight).r == 0);
}

/* An argument that is one word may stand behind a blank, where it can be nothing else. */
static void test_full(void)
{
	static char lines[][4][16] = {
		{ "ss", "--summary", "full", "" }, { "ss", "-s", "full", "" },
		{ "ss", "-ts", "full", "" },       { "ss", "dst", "-s", "full" }, /* a host of this name */
		{ "ss", "--fields", "full", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char *argv[] = { lines[i][0], lines[i][1], lines[i][2], lines[i][3], NULL };
		int argc = lines[i][3][0] ? 4 : 3;
		struct request q = {};
		struct sv room[5];
		struct argv args;
		struct err e;

		argv_init(&args, argc, argv, room);
		CHECK(options_read(&q, &args, &e) == 0);
		CHECK(request_has(&q, FEATURE_OVERVIEW) == (i < 3));
		CHECK(args.n_words == (i < 3 ? 0u : i == 3 ? 2u : 1u));
	}
}

/* Abbreviations are promised of iproute2's options: none of ours may be one, or what that might become. */
static void test_names_of_ours(void)
{
	const struct option_def *mine, *other;

	for (size_t i = 0; (mine = argv_def(i)); i++)
		for (size_t k = 0; mine->id && mine->is_ours && (other = argv_def(k)); k++) {
			if (!other->id || other->is_ours)
				continue;
			if (!strncmp(mine->name, other->name, strlen(mine->name)))
				(void)fprintf(stderr, "--%s is short for --%s\n", mine->name, other->name);
			CHECK(strncmp(mine->name, other->name, strlen(mine->name)) != 0);
		}
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
	test_full();
	test_names_of_ours();
	return 0;
}
