/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The output formats by name. Each takes records of any columns
 * (model/tabular.h); what they write is promised in docs/formats.md.
 */

#include "base/out.h"
#include "model/tabular.h"

/* json: several lists of records make up one object. */
enum format_part { PART_WHOLE, PART_FIRST, PART_MORE, PART_LAST };

struct format_opts {
	const char *records; /* what they are, in the plural: "sockets", "groups", "fields"; borrowed */
	enum format_part part;
	bool no_header;      /* -H */
	bool is_terminal;    /* table: cut what does not fit the screen */
	bool is_utf8;        /* table: the reader can show more than ASCII */
	bool is_live;        /* table: records come as they happen; show them when flushed */
	unsigned int screen; /* table: cells in a line, 0 when not known */
};

struct format {
	const char *name;
	const char *help;
	bool is_sparse; /* what is absent takes no room: many columns do no harm */
	/* Makes the output on @out, which is borrowed. Returns 0 or -ENOMEM. */
	int (*open)(const struct format_opts *o, struct out *out, struct tabular **ret);
};

/* By name; the one without a name is the last. */
extern const struct format formats[];

/* The format called @name, or NULL. */
const struct format *format_find(struct sv name);

#define FORMAT(id, sparse, help) \
	int id##_new(const struct format_opts *o, struct out *out, struct tabular **ret);
#include "sink/formats.def"
