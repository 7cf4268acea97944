/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Standard output, a terminal, as a screen on which one answer takes the place of the last: nothing is wider
 * or longer than it, and at any end but SIGKILL it is left as it was, with the last answer below.
 */

#include "base/out.h"
#include "base/sv.h"

/* Takes the terminal, until screen_end(). There is one. */
void screen_begin(void);

/*
 * Shows @frame, lines without control characters but for colours, and keeps a copy. Returns 0 or a negative
 * errno: -ENOMEM, or that of the write.
 */
int screen_show(struct sv frame);

/* Shows the last one again, on a screen whose size may have changed. */
int screen_again(void);

/* Gives the terminal back, and prints all of the last frame on it. Returns as screen_show(). */
int screen_end(void);
