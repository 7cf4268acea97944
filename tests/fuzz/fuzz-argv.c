/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Any words as a command line: the input is split at NULs and newlines. The
 * options, the states and the filter are read, and the plan is made, and the
 * last word is completed; nothing is asked of the system.
 */

#include <stdlib.h>

#include "../unit/filter-rows.h"
#include "cli/complete.h"
#include "cli/features.h"
#include "cli/modes.h"
#include "cli/options.h"
#include "plan/plan.h"

enum { WORDS_MAX = 64 };

#define MUST(cond)               \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Splits @text, which is changed, into @argv behind a name of the program; returns how many. */
static int split(char *text, char **argv)
{
	static char name[] = "ss";
	int n = 0;

	argv[n++] = name;
	while (text && n < WORDS_MAX) {
		argv[n++] = text;
		text = strchr(text, '\n');
		if (text)
			*text++ = '\0';
	}
	argv[n] = NULL;
	return n;
}

static int read_options(struct request *q, struct argv *a)
{
	struct err e = {};
	int r = options_read(q, a, &e);

	MUST(r <= 0 && (!r || e.text[0]));
	MUST(a->at <= a->argc && a->n_words < (size_t)a->argc);
	if (r == 0 && !mode_of(q)->is_final)
		r = modes_check(q, &e);
	MUST(r <= 0 && (!r || e.text[0]));
	return r;
}

/* The plan of what the classic output would show. */
static void make_plan(const struct request *q, const struct selection *sel, const struct filter *filter)
{
	const struct names names = {};
	const struct classic_opts so = { .show = q->show, .names = &names };
	struct plan_opts po = { .select = *sel, .filter = filter, .want_storage = q->show & SHOW_STORAGE };
	struct out out = { .fd = -1 };
	struct sink *sink = NULL;
	struct plan *plan = NULL;

	MUST(classic_new(&so, &out, &sink) == 0);
	sink->ops->fields(sink, &po.fields);
	filter_fields(filter, &po.fields);
	po.select.families &= filter_families(filter);
	MUST(plan_new(&po, &plan) == 0);
	for (size_t i = 0; i < plan->n_steps; i++)
		MUST(plan->steps[i].dump.family);
	plan_free(plan);
	classic_free(sink);
}

static void run(struct request *q, const struct sv *words, size_t n_words)
{
	struct filter *filter = NULL;
	struct filter_env env;
	struct selection sel;
	struct err e = {};
	int r = select_words(&q->select, words, n_words, &e);

	MUST(r < 0 ? e.text[0] != '\0' : (size_t)r <= n_words);
	if (r < 0)
		return;
	words += r;
	n_words -= (size_t)r;
	select_complete(&q->select, &sel);
	MUST(!(sel.tables >> TABLE_MAX));
	if (!sel.tables || !sel.families || !sel.states)
		return;
	select_filter_env(&q->select, &sel, &env);
	env.names = &sample_names;
	r = filter_parse(&env, words, n_words, &filter, &e);
	MUST(r <= 0 && (!r || (!filter && e.text[0])));
	if (!r)
		make_plan(q, &sel, filter);
	filter_free(filter);
}

static void list_names(enum offered kind, struct text *ret)
{
	static const char names[] = "lo\0a b\0\0eth0";

	(void)kind;
	text_put(ret, names, sizeof(names));
}

/* Every candidate begins with @word, which stays or grows, and is a line of its own. */
static void check_completion(int argc, char **argv)
{
	struct sv word = sv(argv[argc - 1]), rest;
	struct text t = {};

	complete(argc, argv, list_names, &t);
	MUST(!t.failed);
	rest = sv_n(t.p, t.len);
	while (rest.len) {
		ptrdiff_t end = sv_find(rest, '\n');

		MUST(end > 0);
		MUST(argc == 1 || rest.p[0] == '\t' || sv_eq(sv_first(rest, word.len), word));
		rest = sv_from(rest, (size_t)end + 1);
	}
	text_done(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request q = {};
	struct sv words[WORDS_MAX + 1];
	char *argv[WORDS_MAX + 1];
	struct argv a;
	char *text = malloc(size + 1);
	int argc;

	MUST(text);
	for (size_t i = 0; i < size; i++)
		text[i] = (char)(data[i] ? data[i] : '\n');
	text[size] = '\0';
	argc = split(text, argv);
	check_completion(argc, argv);
	argv_init(&a, argc, argv, words);
	if (read_options(&q, &a) == 0)
		run(&q, words, a.n_words);
	free(text);
	return 0;
}
