/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The options' meaning: what they say is written down, and nothing is done.
 */

#include "cli/request.h"

/*
 * Reads all options into @q; @a holds the words afterwards. Ends at an option that asks for a mode that is
 * final (cli/modes.def). Returns 0; -EINVAL for a command line that makes no sense, -EBADF for an argument
 * that makes none; detail in @e. What was said before is in @q also then.
 */
int options_read(struct request *q, struct argv *a, struct err *e);
