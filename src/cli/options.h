/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The options' meaning: what they say is written down first, and only what
 * cannot wait is done at once.
 */

#include "cli/argv.h"
#include "cli/cli.h"

/*
 * Reads all options into @c; @a holds the words afterwards. --help and
 * --version print at once. Returns 0, or 1 when the run is over with success,
 * -EIO when it is over without, and that was told; -EINVAL for a command line
 * that makes no sense, another negative errno when something it asks for
 * cannot be had; detail in @e.
 */
int options_read(struct cli *c, struct argv *a, struct err *e);

/*
 * The parts of it that touch nothing but @c. Writes down what @o says; 0,
 * -EINVAL or -EBADF as above.
 */
int options_note(struct cli *c, const struct argv_option *o, struct err *e);

/* Whether all that was said goes together: 0, or -EINVAL with detail. */
int options_check(const struct cli *c, struct err *e);
