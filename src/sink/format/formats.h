/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The output formats by name. Each takes records of any columns
 * (model/tabular.h); what they write is promised in docs/formats.md.
 */

#include "base/out.h"
#include "base/text.h"
#include "model/tabular.h"

#define FORMAT_DEFAULT "table" /* when none is named */

struct series_set;

struct format_opts {
	bool has_lists;            /* the answer is more than one list: where records mix they tell theirs */
	bool no_header;            /* -H */
	bool is_terminal;          /* table: somebody looks at it, and wants no columns that say nothing */
	bool is_utf8;              /* table: the reader can show more than ASCII */
	bool is_live;              /* table: records come as they happen; show them when flushed */
	bool has_marks;            /* table: signs tell what is new, gone or different (ops/changes.h) */
	unsigned int screen;       /* table: cells in a line, to which it is cut; 0 when not known */
	const char *more;          /* table: the option that chooses columns; NULL: none does */
	bool has_color;            /* table: colour underlines what is worth a look */
	bool has_braille;          /* chart: the reader has U+2800 to U+28FF, too */
	struct series_set *series; /* charts: values from before, borrowed; NULL: there are none */
	bool has_limit;            /* dot, charts: .limit edges, or series, are drawn, and no more */
	uint64_t limit;
	const char *query;   /* metrics: what was asked, borrowed for the call; NULL: samples do not tell */
	struct notes *notes; /* where it tells what it leaves out, borrowed; NULL: nowhere */
};

/* In which of both forms for Prometheus a page is. */
enum format_page { FORMAT_NO_PAGE, FORMAT_PAGE_OPENMETRICS, FORMAT_PAGE_TEXT };

struct format {
	const char *name;
	const char *help;
	bool is_full;    /* without --columns it has all that comes along with what the classic text shows */
	bool has_lists;  /* an answer may be more than one list */
	bool is_at_end;  /* nothing is written before all is known */
	bool is_of_time; /* all samples of a list are one answer, a picture of values over time */
	bool is_graph;   /* the columns of a record are those of a graph, which has one field for its nodes */
	enum format_page page;
	/* Makes the output on @out, which is borrowed. Returns 0 or -ENOMEM. */
	int (*open)(const struct format_opts *o, struct out *out, struct tabular **ret);
};

/* By name; the one without a name is the last. */
extern const struct format formats[];

/* Appends the names of all, with @sep between them. */
void formats_put_names(struct text *t, const char *sep);

/* The format called @name, or NULL. */
const struct format *format_find(struct sv name);

/* What charts are drawn in: the format with the name that @file ends in behind a dot, else that for the
 * terminal. */
const char *format_of_chart(struct sv file);

#define FORMAT(id, full, lists, at_end, help, ...) \
	int id##_new(const struct format_opts *o, struct out *out, struct tabular **ret);
#include "sink/format/formats.def"
