/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What there was when connections began to be followed: those that were there are told once, and who holds
 * them and the listeners is kept. Where the kernel tells only of ends they are listed again and again, and
 * what is different is told. Inner to run/trace.
 */

#include "run/context.h"
#include "run/trace.h"
#include "source/events.h"

struct trace_list;

/* -EBADMSG with detail when @fields_read has one that is not known of events, else 0. */
int trace_check(const struct fieldset *fields_read, struct err *e);

struct trace_list_opts {
	const struct trace_opts *trace; /* borrowed */
	const struct fieldset *fields;  /* that the output and the filter read */
	struct sink *sink;              /* borrowed; it has begun */
	struct notes *notes;            /* borrowed */
	bool is_repeated;               /* trace_list_again() will be called */
};

/*
 * Hands the connections that there are to the sink, where they are to be told. Returns 0, -ECANCELED when it
 * takes no more, or another negative errno.
 */
int trace_list_new(const struct trace_list_opts *o, struct trace_list **ret, struct err *e);

/* Lists them again, and tells which began, and which are in another state. Returns as trace_list_new(). */
int trace_list_again(struct trace_list *s, struct err *e);
struct trace_list *trace_list_free(struct trace_list *s);

/* Whether @ev happened while those were listed, and is part of what was told of one. */
bool trace_list_has_told(const struct trace_list *s, const struct event *ev);

/* The events of that time have all been read. */
void trace_list_is_over(struct trace_list *s);

/*
 * Adds to @row who held its connection, or the listener that it came through, at the start: as @owner, which
 * lives as long as the row.
 */
void trace_list_own(const struct trace_list *s, struct context *c, struct owner *owner, struct row *row);
