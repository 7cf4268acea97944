/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The file /proc/PID/stat: one line of a process, proc_pid_stat(5).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/sv.h"

struct proc_stat {
	struct sv comm; /* points into the line */
	char state;
	uint32_t ppid;
	uint64_t start; /* ticks of the clock after the system began */
	bool is_whole;  /* else only the first of these are told */
};

/* Takes @line apart; false when there is not even a command. */
bool proc_stat_parse(struct sv line, struct proc_stat *ret);
