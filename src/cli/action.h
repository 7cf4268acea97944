/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the options ask for beyond a list.
 */

#include "cli/cli.h"

/* -D: writes what the kernel says about the TCP sockets of @sel that match. Returns the exit status. */
int action_record(struct cli *c, const struct selection *sel, const struct filter *filter);

/* -E: shows sockets as they are destroyed, until a signal ends it. Returns the exit status. */
int action_follow(struct cli *c, const struct selection *sel, const struct filter *filter);

/*
 * -K without a filter, where @has_words tells that there were words of one: whether that is meant. Asks on a
 * terminal. Returns 0 to go on, or the exit status.
 */
int action_agree(const struct cli *c, bool has_words);

/* -K: whether what @o lists, @source being asked for, can be destroyed; detail in @e when not. */
bool action_can_kill(const struct plan_opts *o, enum source_kind source, struct err *e);
