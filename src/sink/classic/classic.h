/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The classic output: byte for byte what iproute2's ss prints.
 *
 * Columns and their text are code, one function a family; the long tail of
 * details is data, classic.def.
 */

#include "base/out.h"
#include "model/names.h"
#include "sink/sink.h"

/* What to show: bits of classic_opts.show. */
enum {
	SHOW_NUMERIC = 1 << 0,        /* -n */
	SHOW_RESOLVE = 1 << 1,        /* -r */
	SHOW_TIMER = 1 << 2,          /* -o */
	SHOW_DETAIL = 1 << 3,         /* -e */
	SHOW_MEM = 1 << 4,            /* -m */
	SHOW_INFO = 1 << 5,           /* -i */
	SHOW_PROCESS = 1 << 6,        /* -p */
	SHOW_THREAD = 1 << 7,         /* -T */
	SHOW_CONTEXT = 1 << 8,        /* -Z */
	SHOW_SOCKET_CONTEXT = 1 << 9, /* -z */
	SHOW_TOS = 1 << 10,           /* --tos */
	SHOW_CGROUP = 1 << 11,        /* --cgroup */
	SHOW_SOCKOPT = 1 << 12,       /* --inet-sockopt */
	SHOW_BPF = 1 << 13,           /* -b */
	SHOW_TIPCINFO = 1 << 14,      /* --tipcinfo */
	SHOW_STORAGE = 1 << 15,       /* --bpf-maps, --bpf-map-id */
	SHOW_ONELINE = 1 << 16,       /* -O */
	SHOW_NO_HEADER = 1 << 17,     /* -H */
	SHOW_NO_QUEUES = 1 << 18,     /* -Q */
	SHOW_NETID = 1 << 19,         /* more than one table is listed */
	SHOW_STATE = 1 << 20,         /* more than one state is listed */
	SHOW_LINES = 1 << 22,         /* details are cut into lines: a terminal is looked at */
	SHOW_PEER = 1 << 23,          /* --peer */
	SHOW_SET_OPTIONS = 1 << 24,   /* --sockopts */
	SHOW_NETNS = 1 << 21,         /* all network namespaces are listed */
};

struct classic_opts {
	uint32_t show;
	unsigned int screen; /* width to fill, 0 when not known */
	bool is_terminal;
	bool has_marks;            /* rows have signs in front, and so has the header */
	const struct names *names; /* borrowed */
};

/* Adds the fields that the output reads with @show. */
void classic_fields(uint32_t show, struct fieldset *set);

/*
 * Makes the output on @out, which is borrowed. Each run has a header of its own, and a line with its time
 * where that is told. Returns 0 or -ENOMEM.
 */
int classic_new(const struct classic_opts *o, struct out *out, struct sink **ret);

/*
 * Appends the cells of @row to @ret, for classic_take() of an output with the same options, and leaves it at
 * that. Returns 0 or -ENOMEM.
 */
int classic_make(struct sink *s, const struct row *row, struct text *ret);

/* As the row itself. Returns 0 or a negative errno. */
int classic_take(struct sink *s, struct sv cells);

/* A run begins: what the rows made look like does not depend on the last. */
void classic_forget(struct sink *s);

/* The columns that it has, bits 1 << enum column. */
uint32_t classic_enabled(const struct sink *s);

/* Whether a row was written, in any run so far that has ended. */
bool classic_has_rows(const struct sink *s);

struct sink *classic_free(struct sink *s);
