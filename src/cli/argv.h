/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Takes the command line apart the way getopt_long() does, but for one thing:
 * an abbreviated long option is looked for among iproute2's options first, so
 * that what scripts abbreviate today keeps its meaning when options are added.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/sv.h"
#include "base/text.h"

/* clang-format off */
enum option { /* several names may have one number */
	OPTION_NONE,
#define OPTION(id, ...) OPTION_##id,
#define OURS(id, ...) OPTION_##id,
#include "cli/options.def"
};
/* clang-format on */

/* A line of options.def. */
struct option_def {
	/* .arg is NULL when it takes none, and in brackets when it may be left out; .help of a second name */
	const char *name, *arg, *help;
	enum option id; /* 0 between groups */
	char letter;    /* 0 for none */
	bool is_ours;
};

struct argv {
	int argc, at;
	char **argv;
	const char *cluster; /* letters of a word that were not looked at yet, NULL for none */
	bool is_posix;       /* the first word that is no option ends the options */
	bool is_ended;
	struct sv *words; /* those that are no options, so far */
	size_t n_words;
	const struct option_def
		*wants; /* the option of which the last word to come is the argument, or NULL */
};

struct argv_option {
	enum option id;
	const char *arg;              /* NULL when it takes none, or has none */
	const struct option_def *def; /* as it was named */
	bool is_letter;               /* by its short form */
};

/* Begins with argv[1]. @words has room for @argc of them. */
void argv_init(struct argv *a, int argc, char **argv, struct sv *words);

/*
 * The next option, into @ret. Returns 1; 0 when there are no more, and
 * @a->words is complete; -EINVAL with detail when it is none, and the next
 * call goes on behind it.
 */
int argv_next(struct argv *a, struct argv_option *ret, struct err *e);

/* The lines of options.def by number, NULL after the last. */
const struct option_def *argv_def(size_t i);

/* Appends a line for each option. */
void argv_help(struct text *t);
