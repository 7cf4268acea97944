/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The options' meaning.
 */

#include "cli/classic.h"

/*
 * Reads all options into @c; @a holds the words afterwards. --help and
 * --version print at once. Returns 0, or 1 when the run is over with success,
 * -EIO when it is over without, and that was told; -EINVAL for a command line
 * that makes no sense, another negative errno when something it asks for
 * cannot be had; detail in @e.
 */
int options_read(struct classic_cli *c, struct argv *a, struct err *e);
