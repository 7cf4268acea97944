/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the command does, by the lines of modes.def: which one of them a request is for. A mode is one of
 * these lines and a file mode_NAME.c with one function. What goes together is in cli/features.h.
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

/* clang-format off */
#define MODE(id, ...) mode_run mode_##id;
#define FINAL(id, ...) mode_run mode_##id;
#include "cli/modes.def"
/* clang-format on */
