/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What to say of a list in which there is nothing.
 */

#include "cli/cli.h"

/*
 * Adds a hint when listening sockets were looked for, @sel, and there are none: that it is so, and where else
 * they may be. @is_filtered: some may have been left out.
 */
void empty_tell(struct cli *c, const struct selection *sel, bool is_filtered);
