/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* What --events=LIST asks for, wherever the events go. */

#include "cli/chosen.h"
#include "run/trace.h"

/* Whether events of connections are among what @x selects: -EINVAL with detail when not, else 0. */
int trace_words_check(const struct cli *c, const struct chosen *x, struct err *e);

/* The events of the connections of @sel that fit @filter, which is borrowed, until a signal; nobody reads a
 * pipe meanwhile. */
struct trace_opts trace_asked(const struct cli *c, const struct selection *sel, const struct filter *filter);
