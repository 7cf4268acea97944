/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The line on a terminal's standard error that says what takes so long: after half a second, written over
 * itself, and gone before anything else is written and at any end but SIGKILL.
 */

/* Begins to watch, where standard error is a terminal that can erase a line. */
void ticker_begin(void);

/* Nothing is to be seen any more. */
void ticker_end(void);
