/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What writes both forms of JSON: one object, or one a line.
 */

#include "sink/format/formats.h"

/* Makes it, on @out, which is borrowed. Returns 0 or -ENOMEM. */
int json_make(const struct format_opts *o, struct out *out, bool is_lines, struct tabular **ret);
