/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --format=dot: what is read of each socket for a graph of who talks to whom.
 */

#include "base/err.h"
#include "base/text.h"

/*
 * Appends the columns of a graph, as for --columns, with a NUL behind them. @by is the argument of --by: the
 * field that nodes stand for, and perhaps the address of the peer under a prefix, by which other machines are
 * grouped; NULL: programs, and networks of 24 and 64 bits. Returns 0, or -EINVAL or -ENOMEM with detail.
 */
int graph_put_columns(struct text *t, const char *by, struct err *e);
