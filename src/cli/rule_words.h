/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Which rules are meant: "LSN01,closing". */

#include "base/err.h"
#include "doctor/doctor.h"

/*
 * Sets those of @ret[RULE_MAX] that @list of --@option names, by their ids or by their sets; an empty list,
 * and the word "all", name all. Returns 0, or -EINVAL with detail.
 */
int rule_words_read(const char *list, const char *option, bool *ret, struct err *e);
