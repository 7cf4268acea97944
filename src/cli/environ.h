/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the environment says about a run.
 */

#include "engine/plan.h"

/* Cells in a line of standard output, 0 when not known. */
unsigned int environ_screen(bool *ret_is_terminal);

/* Whether what is written may hold more than ASCII. */
bool environ_is_utf8(void);

/* The environment may name other files than those of /proc; such a table is then not asked of the kernel. */
void environ_files(struct plan_opts *o);

/* Has all tables that /proc/net has read from there, and leaves out those that only sock_diag has. */
void environ_only_proc(struct plan_opts *o);
