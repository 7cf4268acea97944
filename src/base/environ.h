/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the environment says about this run's own terminal, locale and command line. What it says about the
 * machine that is looked at is in host/faked.h.
 */

#include <stdbool.h>

/* Cells in a line of standard output, 0 when not known. */
unsigned int environ_screen(bool *ret_is_terminal);

/* Cells in a line of running text: those of a screen, but no more than can be read well. */
unsigned int environ_page(void);

/* Lines that the terminal on standard output shows, 0 when not known. */
unsigned int environ_lines(void);

/* Whether the terminal does what most do by now (TERM): cursor movement, a second screen. */
bool environ_has_screen(void);

/* Whether what is written may hold more than ASCII. */
bool environ_is_utf8(void);

/* Whether that may be patterns of braille, which are a terminal's finest dots. */
bool environ_has_braille(void);

/* Whether a terminal is to show colour (NO_COLOR, TERM). */
bool environ_wants_color(void);

/* The terminal's name in terminfo (TERM); NULL where there is none, or none that can move its cursor. */
const char *environ_terminal(void);

/* Whether it shows any colour (COLORTERM), and not only those of a table. */
bool environ_has_true_color(void);

/* The number of its background in the table of colours, where it says so (COLORFGBG); -1: it does not. */
int environ_background(void);

/* How many sockets that listen were handed to this process, from descriptor 3 on (LISTEN_FDS). */
int environ_sockets(void);

/* Whether options end at the first word that is none (POSIXLY_CORRECT). */
bool environ_is_posix(void);
