/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --from: a recording in place of this machine, at one time or at many; and --diff: one to compare with.
 */

#include "cli/cli.h"

struct past;

/*
 * Opens the recording that @c->q names, and makes the host of @c the machine as it was at the (first) time
 * that is asked for. Returns 0, -EINVAL with detail when there is no such time, or another negative errno.
 */
int past_open(struct cli *c, struct err *e);
struct past *past_free(struct past *p);

/* Opens what --diff names as .base of @c, behind past_open(). Returns as that. */
int past_open_base(struct cli *c, struct err *e);

/* The machine as it was, as long as @p lives. */
struct host *past_host(const struct past *p);

/* From when to when --since and --until ask, ask: 0 and UINT64_MAX where they do not. */
void past_span(const struct past *p, uint64_t *ret_since_us, uint64_t *ret_until_us);

/* Its name; borrowed. */
const char *past_file(const struct past *p);

/* What it is read from: at the sample that is shown. */
struct store_reader *past_reader(const struct past *p);

/* Tells a terminal's standard error which time of @p is shown, or compared with, of which machine, and how
 * long ago that was. */
void past_tell(const struct cli *c, const struct past *p);

/* Makes the host the machine at the next time that is asked for; what is damaged is passed over, and told.
 * Returns 1, 0 behind the last, or a negative errno. */
int past_next(struct cli *c, struct err *e);

/* Makes the host the machine as it was in the whole sample before the one that is shown. Returns 1, 0 where
 * there is none, or a negative errno. */
int past_back(struct cli *c, struct err *e);

/* Makes it the machine at the sample that is shown again. Returns 0 or a negative errno. */
int past_return(struct cli *c, struct err *e);

/* Whether it was recorded which sockets were in no table. */
bool past_has_unbound(const struct past *p);

/* How many samples there are, which of them is shown, and the last one at which the clock showed @us: the
 * first one where none was before. */
size_t past_n(const struct past *p);
size_t past_at(const struct past *p);
size_t past_find(const struct past *p, uint64_t us);

/* Makes the host the machine at sample @i, or where that is damaged at one behind it, else before it. Returns
 * 0 or a negative errno. */
int past_go(struct cli *c, size_t i, struct err *e);

/* Leaves those of the tables of @sel that were recorded, if any: what is shown when none are named. That some
 * are left out past_check() tells. */
void past_narrow(struct past *p, struct selection *sel);

/*
 * Tells @c->notes what an answer about @sel and @filter, NULL for none, lacks because the recording was made
 * of less: for each sample.
 */
void past_check(struct cli *c, const struct selection *sel, const struct filter *filter);
