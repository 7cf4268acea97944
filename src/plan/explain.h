/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * An agenda in words: what would be read, asked, of whom, and why.
 */

#include "plan/agenda.h"

enum explain_owners { OWNERS_OF_RECORDING, OWNERS_FROM_PROC, OWNERS_BY_BPF };

struct explain_opts {
	enum explain_owners owners; /* where they would be looked for */
	bool is_owners_free;        /* nobody asked for that way */
	bool has_peers;             /* other ends can be looked for */
	size_t n_sharing;           /* places with sockets in the same table as home */
	bool is_retained;           /* the output needs all rows before it can show one */
};

/* Appends the questions that @a has from now on to @t, some lines of "name: value". @a is at its end then. */
void explain(struct agenda *a, const struct explain_opts *o, struct text *t);
