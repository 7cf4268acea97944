/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Control sequences that terminals send, as ECMA-48 and xterm have them. Inner to live/: live/input has what
 * is around them.
 */

#include "live/input.h"

enum live_sequence_is {
	LIVE_SEQUENCE_NONE,  /* an escape, and nothing that belongs to it */
	LIVE_SEQUENCE_PART,  /* the rest has not come */
	LIVE_SEQUENCE_WHOLE, /* .len bytes */
};

struct live_sequence {
	size_t len;
	struct live_event event; /* of LIVE_NOTHING where it is none that is known */
	bool is_paste;           /* what follows is pasted */
	bool is_answer;          /* to LIVE_ASK */
	bool has_background;     /* an answer to LIVE_ASK_BACKGROUND, in .background */
	uint16_t background[3];
};

/* Reads what @s, which begins with an escape, begins with. */
enum live_sequence_is live_sequence_read(struct sv s, struct live_sequence *ret);
