/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a command line says: plain data, which borrows the command line's words and nothing else. What lives
 * while it is carried out is in cli/cli.h.
 */

#include "cli/argv.h"
#include "doctor/rule.h"
#include "plan/choose.h"
#include "plan/select.h"
#include "sink/classic/classic.h"
#include "sink/format/formats.h"

/* clang-format off */
enum feature {
#define FEATURE(id, ...) FEATURE_##id,
#include "cli/modes.def"
	FEATURE_MAX
};
/* clang-format on */

/* How a feature was asked for. */
struct said {
	const struct option_def *def; /* NULL: it was not */
	const char *arg;              /* NULL: none */
	bool is_letter;               /* typed as -K, and not as --kill */
	enum feature with; /* that made it this one, together with it; FEATURE_NONE: nothing had to */
};

/* Records in place of the classic text: what the options said about them. */
struct tabulate_opts {
	const char *format, *columns, *sort, *by, *having; /* NULL: not said */
	uint64_t limit;
	bool has_limit;
	bool has_zero;
};

enum watch_kind { WATCH_NOTHING, WATCH_EXISTS, WATCH_WAIT, WATCH_GONE };

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct request {
	int argc;    /* all of the command line .. */
	char **argv; /* .. as it was typed */
	struct said said[FEATURE_MAX];
	struct select select;
	uint32_t show; /* SHOW_* */
	enum source_kind source;
	const char *filter_file, *dump_file;
	const char *root;   /* --root: a directory; NULL: not said */
	const char *fields; /* --fields: the pattern, or "" */
	struct tabulate_opts tabulate;
	const char *capture_file;              /* --record */
	uint64_t sync_us, keep_us, keep_bytes; /* with it; 0: not said */
	uint64_t flight_us;                    /* --flight */
	bool wants_cmdline;
	const char *from;                         /* a recording in place of this machine; NULL: none */
	const char *at, *since, *until;           /* times of it; NULL: not said */
	const char *diff;                         /* the base, as it was typed; NULL: nothing is compared */
	const char *metrics;                      /* where they are served; NULL: they are not */
	const char *doctor, *rules;               /* which rules, as they were typed, or ""; NULL: not said */
	const char *hosts;                        /* --hosts; NULL: not said */
	bool wants_rounds;                        /* --partial=rounds */
	const char *skip, *thresholds, *suppress; /* NULL: not said */
	enum severity fail_on;                    /* SEVERITY_NONE: nothing fails */
	bool is_live_plain;                       /* --live=plain */
	uint64_t every_us; /* between samples; 0: once. Of a recording's samples 1: each */
	uint64_t count;    /* samples; 0: without end */
	enum watch_kind watch;
	uint64_t watch_us; /* how long at most; 0: without end */
	bool want_time;    /* of each sample, in the answer */
	enum color color;
	uint32_t events; /* bits 1 << EVENT_*: of --events=LIST */
	bool want_all_netns;
	bool is_new_refused; /* what iproute2's ss does not have: the exit status is ours */
	size_t n_options;    /* that were read */
	/* --complete: the words behind it, and it in front of them. */
	char **typed;
	int n_typed;
};

/* Whether the answer is of many samples. */
static inline bool request_is_repeated(const struct request *q)
{
	return q->every_us;
}

static inline bool request_has(const struct request *q, enum feature f)
{
	return q->said[f].def;
}
