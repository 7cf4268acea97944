/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A machine as a recording has it, at the time of one of its samples. What was not recorded is not known;
 * that a table of sockets was not is an error, so that nobody takes it for an empty one.
 */

#include "history/store.h"
#include "host/host.h"

/*
 * The machine of @r at the time of its sample @i. @r, borrowed, is from now on moved by
 * recorded_seek() only. @name, borrowed, is what notes call the recording. Returns 0 or a negative errno.
 */
int recorded_new(struct store_reader *r, const char *name, size_t i, struct host **ret, struct err *e);

/* Makes it the machine at the time of sample @i: not during a run. Returns 0 or a negative errno. */
int recorded_seek(struct host *h, size_t i, struct err *e);

/* How the sample was made (FACT_MAKING): the text that @word has; .p is NULL when it has none. */
struct sv recorded_making(const struct host *h, const char *word);

/*
 * The next event since the sample before, behind *@at, which begins with 0: of the network namespace that is
 * asked, or @is_everywhere. Returns 1, or 0 at the end. Valid until recorded_seek().
 */
int recorded_next_event(struct host *h, bool is_everywhere, size_t *at, struct store_message *ret);

/* The process @pid, as it was called then, with what is known of it; none for 0. Valid until the next call.
 */
struct owners recorded_process(struct host *h, uint32_t pid, struct sv comm);

/* What of its sockets the sample does not have, whatever is asked for: told to @notes. */
void recorded_tell(const struct host *h, struct notes *notes);
