/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Conditions of rules: numbers, the names of doctor/scope.h, + - * /, least(a, b), greatest(a, b),
 *comparisons, `not`, `and`, `or` as in other languages: `and` binds tighter than `or`. A minus has blanks
 *around it. What depends on a number that is not known is neither true nor false.
 *
 *	max(recvq) > 0.8 * min(sendq) and rate(TcpExt.ListenDrops) >= $rate
 */

#include "base/err.h"
#include "doctor/scope.h"

enum verdict3 { VERDICT_FALSE, VERDICT_TRUE, VERDICT_UNKNOWN };

/* What @text, NULL for never, is in @s. Returns an enum verdict3, or -EINVAL with detail when it is none. */
int condition_check(const char *text, const struct scope *s, struct err *e);

/*
 * Calls @name with each name in the condition @text, whatever @s knows. Returns 0, what @name returned when
 * that is not 0, or -EINVAL with detail.
 */
int condition_names(const char *text, const struct scope *s,
		    int (*name)(void *ctx, const struct scope *s, struct sv name), void *ctx, struct err *e);
