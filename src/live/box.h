/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* One line of text that is being typed. */

#include "base/text.h"
#include "live/input.h"

enum { BOX_MAX = 4096 };

struct box {
	char text[BOX_MAX + 1]; /* terminated */
	size_t len, at;         /* bytes, and where the cursor is */
};

void box_set(struct box *b, const char *text);

/* Adds @s where the cursor is; what there is no room for is left out. */
void box_add(struct box *b, struct sv s);

/* Takes a key, or what was pasted. Returns whether it was one that edits a line. */
bool box_event(struct box *b, const struct live_event *ev);
