/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A terminal that is taken for a full screen, and given back at any end but SIGKILL: it is left as it was
 * also when the program is stopped, crashes, or is ended by a signal. There is one.
 *
 * Giving back in a handler waits for a terminal that takes nothing, but not for ever.
 */

#include <signal.h>
#include <stdbool.h>

#include "base/sv.h"

struct terminal_opts {
	int in, out;            /* borrowed; .in may be no terminal */
	struct sv enter, leave; /* what is written to begin and to end; borrowed until it is given back */
	bool is_raw; /* each byte that is typed comes at once, as it is; the keys of signals stay those of
			signals */
};

/* Becomes true when what is on the screen may be lost, or its size another one; for who acts on it to reset.
 */
extern volatile sig_atomic_t terminal_changed;

/* True while the terminal owes an answer: it is waited for, and thrown away, before it is given back, since
 * it would be taken for something typed. */
extern volatile sig_atomic_t terminal_owes;

void terminal_take(const struct terminal_opts *o);

/* Also in handlers; a second time it does nothing. */
void terminal_give_back(void);
