/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Bytes from a terminal to what was done: a key, text that was pasted, the mouse, an answer. What comes may
 * be anything, and cut anywhere: memory is bounded, what is not known is passed over, and nothing that does
 * not come is waited for for ever.
 */

#include "base/text.h"

enum live_key {
	LIVE_KEY_CHAR, /* .c: not a control character */
	LIVE_KEY_ENTER,
	LIVE_KEY_TAB, /* with LIVE_SHIFT: backwards */
	LIVE_KEY_ESCAPE,
	LIVE_KEY_BACKSPACE,
	LIVE_KEY_DELETE,
	LIVE_KEY_INSERT,
	LIVE_KEY_UP,
	LIVE_KEY_DOWN,
	LIVE_KEY_LEFT,
	LIVE_KEY_RIGHT,
	LIVE_KEY_HOME,
	LIVE_KEY_END,
	LIVE_KEY_PAGE_UP,
	LIVE_KEY_PAGE_DOWN,
	LIVE_KEY_F0, /* F1 is one more, up to F12 */
	LIVE_KEY_MAX = LIVE_KEY_F0 + 13
};

/* Bits of .mods. Of what is typed with Shift, .c is what it makes of it, and the bit is not there. */
enum { LIVE_SHIFT = 1, LIVE_ALT = 2, LIVE_CTRL = 4 };

enum live_button { LIVE_LEFT, LIVE_MIDDLE, LIVE_RIGHT, LIVE_WHEEL_UP, LIVE_WHEEL_DOWN };

enum live_event_kind {
	LIVE_NOTHING, /* the time is over */
	LIVE_WOKEN,   /* the descriptor that was given has something to read */
	LIVE_SIGNAL,  /* one came that is somebody else's */
	LIVE_RESIZE,  /* another size, or nothing is left on the screen: draw anew */
	LIVE_READY,   /* it takes the next screen, after one that it could not take */
	LIVE_GONE,    /* there is no terminal any more */
	LIVE_KEY,     /* .key, .c, .mods */
	LIVE_PASTE,   /* .text */
	LIVE_MOUSE,   /* a button was pressed: .button, .x, .y, .mods */
	LIVE_ANSWER,  /* inner to live/: of the terminal itself */
};

struct live_event {
	enum live_event_kind kind;
	enum live_key key;
	uint32_t c;
	unsigned int mods;
	enum live_button button;
	unsigned int x, y; /* cells from 0 */
	struct sv text;    /* UTF-8 without control characters, a blank for each run of line ends; valid until
			      the next */
	bool is_cut;       /* there was more text than can be kept */
};

/* What a key of this terminal sends. */
struct live_key_bytes {
	struct sv bytes;
	enum live_key key;
	unsigned int mods;
};

enum {
	LIVE_INPUT_MAX = 4096,  /* bytes that wait */
	LIVE_PASTE_MAX = 65536, /* bytes of a text that is pasted */
};

struct live_input {
	const struct live_key_bytes *keys; /* borrowed, .n_keys */
	size_t n_keys;
	char buf[LIVE_INPUT_MAX];
	size_t len;
	int64_t since_us; /* when the last of it came */
	bool is_pasting, is_cut;
	struct text paste;
	unsigned int n_answers; /* to LIVE_ASK */
	bool has_background;    /* LIVE_ASK_BACKGROUND was answered: */
	uint16_t background[3]; /* red, green, blue */
};

#define LIVE_ASK "\033[5n" /* status report of ECMA-48: each terminal answers that it is well */
#define LIVE_ASK_BACKGROUND "\033]11;?\033\\"

/* Adds what came at @now_us, as much as there is room for: returns how much. */
size_t live_input_add(struct live_input *in, struct sv bytes, int64_t now_us);

/* The next that is whole at @now_us. False: more has to come, or time to pass. */
bool live_input_next(struct live_input *in, int64_t now_us, struct live_event *ret);

/* Takes the terminal's answers out of what waits, wherever they are, and leaves the rest. True when one was.
 */
bool live_input_take_answers(struct live_input *in);

/* When what waits is taken for whole though nothing comes; INT64_MAX: nothing waits. */
int64_t live_input_due(const struct live_input *in);

void live_input_done(struct live_input *in);
