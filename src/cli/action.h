/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the options ask for beyond a list.
 */

#include "cli/classic.h"

/* -D: writes what the kernel says about the TCP sockets of @sel that match. Returns the exit status. */
int action_record(struct classic_cli *c, const struct selection *sel, const struct filter *filter);

/* -E: shows sockets as they are destroyed, until a signal ends it. Returns the exit status. */
int action_follow(struct classic_cli *c, const struct selection *sel, const struct filter *filter);

/* -K: whether what @o lists can be destroyed; detail in @e when not. */
bool action_can_kill(const struct plan_opts *o, struct err *e);
