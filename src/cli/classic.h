/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * ss as everybody types it: options, state words, a filter.
 */

#include "cli/argv.h"
#include "host/host.h"
#include "plan/choose.h"
#include "plan/select.h"
#include "sink/classic.h"
#include "sink/formats.h"

enum { MAP_IDS_MAX = 32 };

/* Records in place of the classic text: what the options said about them. */
struct tabulate_opts {
	const char *format, *columns, *sort, *by; /* NULL: not said */
	const char *fields;                       /* list fields instead of sockets; NULL: do not */
	const char *records;                      /* what they are, where that is not "sockets" or "groups" */
	const char *unique;                       /* number of which each is listed once; NULL: all are */
	enum format_part part;                    /* of several lists that make up one answer */
	uint64_t limit;
	bool has_limit;
	bool is_overview; /* --summary=full */
};

/* What the options said. */
struct classic_cli {
	const char *prog;
	struct select select;
	uint32_t show; /* SHOW_* */
	bool want_summary, want_kill, want_events, is_dry_run, has_all_maps, want_explanation;
	bool want_all_netns;
	bool is_sure; /* --yes */
	enum source_kind source;
	const char *filter_file, *dump_file;
	uint32_t map_fd[MAP_IDS_MAX]; /* of --bpf-map-id, borrowed from .host */
	size_t n_map_fds;
	struct tabulate_opts tabulate;
	struct host *host; /* that is looked at */
	struct notes notes;
};

/* Carries it all out on this machine, with what the environment puts in place of its files; returns the exit
 * status. */
int classic_main(int argc, char **argv);

/* The same on the machine @h, which is borrowed. */
int classic_main_on(struct host *h, int argc, char **argv);
