/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is shown in other bytes than it is sent in. Inner to run/.
 */

#include "base/text.h"
#include "model/row.h"

/* Appends the abstract name of a Unix socket; false where it has none: others are shown as they were sent. */
bool shown_unix_name(struct text *t, const struct row *row);
