/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What there was when connections began to be followed: those that were there are told once, and who holds
 * them and the listeners is kept. Inner to run/trace.
 */

#include "run/context.h"
#include "run/trace.h"
#include "source/events.h"

struct trace_start;

/* -EBADMSG with detail when @fields_read has one that is not known of events, else 0. */
int trace_check(const struct fieldset *fields_read, struct err *e);

/*
 * Hands the connections that there are to @sink, which has begun, where they are to be told; @fields_used are
 * what it and the filter read. Returns 0, -ECANCELED when it takes no more, or another negative errno.
 */
int trace_start_new(const struct trace_opts *o, const struct fieldset *fields_used, struct sink *sink,
		    struct notes *notes, struct trace_start **ret, struct err *e);
struct trace_start *trace_start_free(struct trace_start *s);

/* Whether @ev happened while those were listed, and is part of what was told of one. */
bool trace_start_has_told(const struct trace_start *s, const struct event *ev);

/* The events of that time have all been read. */
void trace_start_is_over(struct trace_start *s);

/*
 * Adds to @row who held its connection, or the listener that it came through, at the start: as @owner, which
 * lives as long as the row.
 */
void trace_start_own(const struct trace_start *s, struct context *c, struct owner *owner, struct row *row);
