/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is read from /proc/net, which tells less than sock_diag: where that
 * was asked for, and where the kernel does not answer.
 */

#include "engine/plan.h"

struct run;

/* Reads what is to be read from /proc/net and nowhere else. Returns 0 or a negative errno. */
int poorer_read(struct run *r, const struct step *s, struct err *e);

/*
 * The kernel answered @s with the error @k and no row, as @e says: reads /proc/net instead where it may take
 * its place, and notes what the answer lacks. Returns 0, or a negative errno and says why in @e.
 */
int poorer_answer(struct run *r, const struct step *s, int k, struct err *e);
