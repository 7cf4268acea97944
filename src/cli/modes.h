/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the command does, by the lines of modes.def: which one of them a request is for, and whether all that
 * it says goes together. A mode is one of these lines and a file mode_NAME.c with one function.
 */

#include "cli/cli.h"

/* Carries the request of @c out, @words being those that are no options. Returns the exit status. */
typedef int mode_run(struct cli *c, const struct sv *words, size_t n_words);

struct mode {
	enum feature feature; /* that asks for it; FEATURE_NONE: what is done when nothing else is said */
	mode_run *run;
	bool is_final; /* carried out when it is met, and nothing else that was said counts */
};

/* What @q is for. */
const struct mode *mode_of(const struct request *q);

/*
 * Whether all that @q says goes together: 0, or -EINVAL with a sentence that names what does not. To be asked
 * again when something was added.
 */
int modes_check(struct request *q, struct err *e);

/* Appends the option that @s was said with, as it was typed, and with @has_arg its argument. */
void said_put(const struct said *s, bool has_arg, struct text *t);

/* Whether @q says what makes records, or another answer with the exit status of records (docs/formats.md). */
bool request_is_new(const struct request *q);

/* Whether the answer is records in place of the classic text. */
bool request_has_records(const struct request *q);

/* clang-format off */
#define MODE(id, ...) mode_run mode_##id;
#define FINAL(id, ...) mode_run mode_##id;
#include "cli/modes.def"
/* clang-format on */
