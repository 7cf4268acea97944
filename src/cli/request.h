/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a command line says: plain data, which borrows the command line's words and nothing else. What lives
 * while it is carried out is in cli/cli.h.
 */

#include "plan/choose.h"
#include "plan/select.h"
#include "sink/classic/classic.h"
#include "sink/format/formats.h"

/* Records in place of the classic text: what the options said about them. */
struct tabulate_opts {
	const char *format, *columns, *sort, *by; /* NULL: not said */
	const char *fields;                       /* list fields instead of sockets; NULL: do not */
	uint64_t limit;
	bool has_limit;
	bool is_overview; /* --summary=full */
};

struct request {
	struct select select;
	uint32_t show; /* SHOW_* */
	bool want_summary, want_kill, want_events, is_dry_run, want_explanation;
	bool want_all_netns;
	bool is_sure; /* --yes */
	enum source_kind source;
	const char *filter_file, *dump_file;
	struct tabulate_opts tabulate;
};
