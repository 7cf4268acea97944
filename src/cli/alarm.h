/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --doctor beside --flight: what is found wrong has written what is in memory, each finding once.
 */

#include "cli/chosen.h"

struct alarm;

/* Begins one for the sockets of @chosen, which is borrowed. Returns 0, -EINVAL, or another negative errno
 * with detail. */
int alarm_new(struct cli *c, const struct chosen *chosen, struct alarm **ret, struct err *e);
struct alarm *alarm_free(struct alarm *a);

DEFINE_CLEANUP(struct alarm, alarm_free)

/*
 * Examines the machine, the first time perhaps only to compare with. Appends to @ret a line for each finding
 * that counts and was not there, or did not count, a moment ago. Returns 0 or a negative errno with detail.
 */
int alarm_look(struct alarm *a, struct text *ret, struct err *e);

/* Whether there was any. */
bool alarm_has_found(const struct alarm *a);
