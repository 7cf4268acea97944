/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What stands behind --ports: numbers, ranges and names of ports, and names of processes, which become an
 * expression; or an expression.
 */

#include "plan/select.h"
#include "query/filter.h"

/*
 * Appends the expression that @words are to @ret, whose meaning @env's names know: "(local.port in {80, 443}
 * or
 * ...)"; nothing when there is no word, or when they are an expression by themselves. Returns 0, -ENOMEM, or
 * -EINVAL with detail.
 */
int port_words_read(const struct filter_env *env, const struct sv *words, size_t n_words, struct text *ret,
		    struct err *e);

/*
 * As select_complete(), for sockets that have ports and wait for others: those of TCP and UDP where @s names
 * none. Returns 0, or -EINVAL with detail when @s names others.
 */
int port_words_select(struct select *s, struct selection *ret, struct err *e);
