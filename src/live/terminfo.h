/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a terminal can do and what its keys send, as ncurses' library says. The one place that knows it.
 */

#include "base/err.h"
#include "live/input.h"

enum { TERMINFO_COLOURS = 256, TERMINFO_KEYS_MAX = 64 };

/* Strings are without padding, and empty where there is none. */
struct terminfo {
	struct sv enter, leave;          /* the second screen */
	struct sv hide, show;            /* the cursor */
	struct sv keypad_on, keypad_off; /* keys as .key has them */
	struct sv clear, clear_line;     /* all; from the cursor on */
	struct sv plain, bold, underline, reverse;
	int colours;        /* 0: none */
	bool has_last_cell; /* it can be written without moving all up */
	bool has_true_colour;
	bool is_like_xterm; /* modes and questions that are not known to it do no harm, and most are */
	struct live_key_bytes key[TERMINFO_KEYS_MAX];
	size_t n_keys;
	struct text strings; /* what the others are in */
};

/* Looks up @name. Returns 0; -ENOSYS without the library, -ENOTTY when it is not known or cannot move its
 * cursor, or -ENOMEM, with detail. There is one at a time. */
int terminfo_open(struct terminfo *ret, const char *name, struct err *e);
void terminfo_done(struct terminfo *t);

/* Appends what moves the cursor, from 0; what makes colour @n the one of the text, or of what is behind it.
 */
void terminfo_move(struct text *to, unsigned int y, unsigned int x);
void terminfo_colour(struct text *to, unsigned int n);
void terminfo_background(struct text *to, unsigned int n);
