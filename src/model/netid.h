/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What kind of socket a row is, in the words of the classic column Netid.
 */

#include "model/row.h"

/* Word @i of those that rows of @table can have, as far as they are known before; NULL after the last. */
const char *netid_word(enum table table, size_t i);

/* Never NULL; "???" for a kind that has no name. */
const char *row_netid(const struct row *row);
