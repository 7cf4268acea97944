/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where the kernel does not answer over sock_diag, text under /proc/net is
 * read in its place, which tells less: what that means for the answer is said.
 * Inner to run/.
 */

#include "run/refusal.h"
#include "run/run.h"

/* The kernel has refused @q with @k, which means @what; @e is the reason. Returns 0 or a negative errno. */
int poorer_ask(struct run *r, const struct question *q, int k, enum refusal what, struct err *e);

/* Reads what is to be read as text and nowhere else. Returns 0 or a negative errno. */
int poorer_read_alone(struct run *r, const struct question *q, struct err *e);
