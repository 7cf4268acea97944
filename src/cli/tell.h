/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Words on standard error, and the exit status that goes with them.
 */

#include "cli/cli.h"

/* The exit status of iproute2's ss: everything it refuses to understand is 255. */
enum { EXIT_USAGE = 255, EXIT_FAILED = 1, EXIT_FILTER = 2 }; /* EXIT_FILTER: wrong in what only this ss has */

/* And ours in the modes that it does not have. */
enum { EXIT_NEW_USAGE = 2, EXIT_NEW_INCOMPLETE = 3, EXIT_NEW_FAILED = 4 };

/* Tells the notes that were not told yet; returns whether any so far was an error. */
bool tell_notes(struct notes *n, const char *prog);

/* Appends all of them to @t, as a terminal is told; they count as told. */
void tell_put_notes(struct notes *n, const char *prog, struct text *t);

/* What @status, of iproute2's ss, is in the modes that it does not have: see docs/formats.md. */
int tell_status(const struct cli *c, int status);

/* Tells why nothing came of it; returns tell_status(@status). */
int tell_failure(const struct cli *c, int status, const struct err *e);

/* The same for a command line that makes no sense, with where to read what does. */
int tell_usage(const struct cli *c, const struct err *e);

/* Writes @t to standard output. Returns 0 or a negative errno, also for a text that failed. */
int tell_answer(const struct text *t);

/*
 * Tells why the answer @r, 0 or a negative errno, did not come out: nothing to say when nobody reads it any
 * more. Returns the exit status.
 */
int tell_output(const struct cli *c, int r);

/* Writes @t to standard output, as all of the answer, and frees it. Returns the exit status. */
int tell_text(const struct cli *c, struct text *t);
