/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What takes long, for who watches: which work is being done, and how much of it was. Where nobody watches,
 * as in a pipe or in another program, it costs nothing.
 */

#include <stdint.h>

/*
 * Somebody watches from now on, until both are NULL again: @show is called by progress_look(), @hide before
 * work that was entered is left, as what comes next may be written to the same terminal. Neither is called
 * while the other runs.
 * @done is how much of @all was done; 0 of 0 when that is not known.
 */
void progress_watch(void (*show)(const char *what, uint64_t done, uint64_t all), void (*hide)(void));

/* Shows what is being done: of works within each other the innermost. */
void progress_look(void);

/* Work on @all things, @what as in "reading processes", a constant. Returns its number for the calls below.
 */
int progress_enter(const char *what, uint64_t all);

/* @done things of it have been done. */
void progress_set(int work, uint64_t done);

/* It is done, and nothing of it is to be seen any more. */
void progress_leave(int work);
