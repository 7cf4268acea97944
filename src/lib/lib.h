/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Inside libsockeye: what the opaque types of sockeye.h are.
 */

#include <sockeye.h>

#include "base/err.h"
#include "base/notes.h"
#include "model/tabular.h"
#include "plan/plan.h"

struct sockeye {
	struct err err;
	bool may_use_bpf;
};

struct sockeye_query {
	struct sockeye *s;
	struct selection select;
	struct filter *filter;
	struct fieldset want;
	char *file; /* recording to read; NULL: ask the kernel */
	struct notes notes;
	bool is_running;
	/* Of the last run, for the next: what is loaded stays. */
	struct host *host;
	struct session *session;
	bool has_bpf; /* the session may use it */
};

struct sockeye_row {           /* a socket, or the keys of a group */
	const struct row *row; /* NULL: a group */
	const struct fieldset *want;
	const struct column *columns;
	const struct cell *cells;
	size_t n_columns;
	struct text *scratch; /* overwritten by each text that is made */
};

/* Sets the context's text to that of @r when nobody has set one since err_clear(); returns @r. */
int lib_fail(struct sockeye *s, int r);

/* Makes the text one that is still to be set; returns it. */
struct err *lib_err(struct sockeye *s);

/* The session with the machine that @q asks ends. */
void lib_hang_up(struct sockeye_query *q);

/* What the values of @c are. */
enum sockeye_type lib_type(const struct column *c);
