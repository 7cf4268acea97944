/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * States of sockets by the names that ss gives to them and to sets of them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/text.h"

#define STATE(st) (1u << (st))
#define STATES_ALL 0x3fffu

/*
 * The states that @name stands for: bits 1 << K_TCP_*. Any spelling will do, and the words of the classic
 * text: "close-wait", "CLOSE_WAIT", "ESTAB". False when it is no name.
 */
bool state_find(struct sv name, uint32_t *ret);

/* Appends the names, with commas between. */
void state_put_names(struct text *t);

/* Name @i and what it means, NULL for a second name of the same; NULL after the last. */
const char *state_at(size_t i, const char **ret_help);

/* The name of the one state @st, K_TCP_*. */
const char *state_name(unsigned int st);
