/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What kind of socket a row is, in the words of the classic column Netid.
 */

#include "model/row.h"

/* Never NULL; "???" for a kind that has no name. */
const char *row_netid(const struct row *row);
