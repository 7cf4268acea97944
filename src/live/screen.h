/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The terminal of the live view: shows grids, and tells what was done. There is one.
 *
 * What it can do is looked up in terminfo, by ncurses' library, which is looked for when this is opened. A
 * screen is written as what differs from the one before. While the terminal has not taken the last one no
 * other is written, however slow it is: what is shown is never older than one screen.
 */

#include <signal.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "live/grid.h"
#include "live/input.h"

struct live_screen;

enum live_colour { LIVE_COLOUR_AUTO, LIVE_COLOUR_ALWAYS, LIVE_COLOUR_NEVER };

struct live_screen_opts {
	enum live_colour colour;
	int wake;             /* a descriptor; -1: none */
	const sigset_t *mask; /* borrowed: of signals while it waits; NULL: as they are */
};

/*
 * Takes the terminal on standard output, until it is freed. Returns 0; -ENOTTY when it is none, or cannot
 * move its cursor; -ENOSYS without the library; or another negative errno; all with detail.
 */
int live_screen_open(const struct live_screen_opts *o, struct live_screen **ret, struct err *e);

/* Gives the terminal back. */
struct live_screen *live_screen_free(struct live_screen *s);

/* Cells, at least 1 times 1. */
void live_screen_size(const struct live_screen *s, unsigned int *ret_width, unsigned int *ret_height);

/* Whether it shows more than ASCII, of which otherwise the nearest is shown, and patterns of braille. */
bool live_screen_is_utf8(const struct live_screen *s);
bool live_screen_has_braille(const struct live_screen *s);

/*
 * Shows @g, of any size. Returns 0; 1 when it does not take it now: LIVE_READY tells when to draw what is the
 * newest then; or a negative errno: the terminal is gone.
 */
int live_screen_draw(struct live_screen *s, const struct live_grid *g);

/* Waits for what comes next, but until clock_monotonic_us() is @at_us at most. Returns 0 or a negative errno.
 */
int live_screen_wait(struct live_screen *s, int64_t at_us, struct live_event *ret);

enum { LIVE_COPY_MAX = 65536 };

/*
 * Puts @s into the clipboard of the terminal (OSC 52); whether it lets us is not told. Returns 0; -E2BIG for
 * more than LIVE_COPY_MAX bytes; -EAGAIN when it does not take it now; -ENOTSUP when it is not known to have
 * one.
 */
int live_screen_copy(struct live_screen *s, struct sv text);

DEFINE_CLEANUP(struct live_screen, live_screen_free)
