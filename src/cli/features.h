/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* What options ask for, by the lines of modes.def: what follows from it, and whether all of it goes together.
 */

#include "base/err.h"
#include "cli/request.h"

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
