/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Takes the command line apart the way getopt_long() does, but for one thing:
 * an abbreviated long option is looked for among iproute2's options first, so
 * that what scripts abbreviate today keeps its meaning when options are added.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/sv.h"
#include "base/text.h"

enum option { /* several names may have one number */
	      OPTION_HELP = 1,
	      OPTION_VERSION,
	      OPTION_NUMERIC,
	      OPTION_RESOLVE,
	      OPTION_ALL,
	      OPTION_LISTENING,
	      OPTION_BOUND,
	      OPTION_OPTIONS,
	      OPTION_EXTENDED,
	      OPTION_MEMORY,
	      OPTION_PROCESSES,
	      OPTION_THREADS,
	      OPTION_INFO,
	      OPTION_TIPCINFO,
	      OPTION_SUMMARY,
	      OPTION_TOS,
	      OPTION_CGROUP,
	      OPTION_BPF,
	      OPTION_EVENTS,
	      OPTION_CONTEXT,
	      OPTION_CONTEXTS,
	      OPTION_NET,
	      OPTION_IPV4,
	      OPTION_IPV6,
	      OPTION_PACKET,
	      OPTION_TCP,
	      OPTION_MPTCP,
	      OPTION_SCTP,
	      OPTION_UDP,
	      OPTION_DCCP,
	      OPTION_RAW,
	      OPTION_UNIX,
	      OPTION_TIPC,
	      OPTION_VSOCK,
	      OPTION_XDP,
	      OPTION_SMC,
	      OPTION_FAMILY,
	      OPTION_KILL,
	      OPTION_NO_HEADER,
	      OPTION_NO_QUEUES,
	      OPTION_ONELINE,
	      OPTION_SOCKOPT,
	      OPTION_QUERY,
	      OPTION_DIAG,
	      OPTION_FILTER,
	      OPTION_BPF_MAPS,
	      OPTION_BPF_MAP_ID,
	      OPTION_DRY_RUN,
	      OPTION_SOURCE,
	      OPTION_EXPLAIN,
};

struct argv {
	int argc, at;
	char **argv;
	const char *cluster; /* letters of a word that were not looked at yet, NULL for none */
	bool is_posix;       /* the first word that is no option ends the options */
	bool is_ended;
	struct sv *words; /* those that are no options, so far */
	size_t n_words;
};

struct argv_option {
	enum option id;
	const char *arg; /* NULL when it takes none */
};

/* Begins with argv[1]. @words has room for @argc of them. */
void argv_init(struct argv *a, int argc, char **argv, struct sv *words);

/*
 * The next option, into @ret. Returns 1; 0 when there are no more, and
 * @a->words is complete; -EINVAL with detail when it is none.
 */
int argv_next(struct argv *a, struct argv_option *ret, struct err *e);

/* Appends a line for each option. */
void argv_help(struct text *t);
