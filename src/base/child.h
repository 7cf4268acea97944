/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Another program that is run, with pipes to it and from it.
 */

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int in, out, err; /* to its standard input, and from its standard output and error; -1: closed */
};

struct child_opts {
	bool has_input;  /* else it has nothing to read */
	bool has_errors; /* .err is a pipe, too; else it writes to our standard error */
	bool is_live;    /* it writes what it has at once, if it is a Python program */
};

/* Starts @argv, found by PATH, which ends with NULL. Returns 0 or a negative errno: -ENOENT when there is no
 * such program. */
int child_start(char *const *argv, const struct child_opts *o, struct child *ret);

/* Closes the pipes and waits for its end; with @is_stopped it is told to end. Returns its status, or 128 and
 * the number of the signal that ended it. */
int child_end(struct child *c, bool is_stopped);
