/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The tables of sockets by the numbers that recordings have for them.
 */

#include "history/facts.h"
#include "model/segment.h"

/* The number of @t, or FACT_TABLE_NONE. */
enum fact_table recorded_table(enum table t);
