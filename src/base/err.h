/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The detail of a failure. The failure itself is a negative errno, forwarded
 * unchanged; the one who detects it says what happened, each caller may put
 * its context in front: "asking for tcp sockets: Operation not permitted".
 * Whatever names are in it, it is one line that is fit to be shown.
 */

#include <stddef.h>

struct err {
	char text[1024];
};

/* Sets the text to "FORMAT...: strerror(-@r)" when @r < 0, else to FORMAT; returns @r. @e may be NULL. */
int err_sys(struct err *e, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Sets the text to FORMAT alone; returns @r. @e may be NULL. */
int err_say(struct err *e, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "FORMAT: " in front of the text; returns @r. @e may be NULL. */
int err_context(struct err *e, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As err_say(), but of several lines: the caller has made the names in them fit to be shown. */
int err_lines(struct err *e, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
