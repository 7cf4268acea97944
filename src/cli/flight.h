/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --flight: the last minutes of a recording are in memory, and are written to the file when SIGUSR1, or what
 * the doctor finds, asks for them.
 */

#include "cli/cli.h"
#include "history/store.h"

struct flight;

/* Begins one as the request of @c says, which is borrowed. *ret_writer is the flight's. Returns 0 or a
 * negative errno. */
int flight_new(struct cli *c, struct flight **ret, struct store_writer **ret_writer, struct err *e);

/* After a sample: tells once that less is held than was asked for. */
void flight_check(struct flight *f);

/* Writes what is in memory, where that was asked for, and tells. That it fails ends nothing. */
void flight_write(struct flight *f);

/* Writes it for the findings @lines, one a line, and tells those too. Where that fails the next
 * flight_check() tries again. */
void flight_write_for(struct flight *f, struct sv lines);

struct flight *flight_free(struct flight *f);

DEFINE_CLEANUP(struct flight, flight_free)
