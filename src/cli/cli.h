/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A run of the command: what was said, and what lives meanwhile.
 */

#include "cli/request.h"
#include "host/host.h"
#include "host/reverse.h"

enum { MAP_IDS_MAX = 32 };

struct cli {
	const char *prog;
	struct request q;
	struct host *host;           /* that is looked at; borrowed */
	struct past *past;           /* --from: what .host is of; NULL: it is no recording */
	struct past *base;           /* --diff: what is compared with; NULL: nothing is */
	struct diff_sides *sides;    /* of the comparison, borrowed; NULL: none is under way */
	const struct filter *filter; /* that was chosen; borrowed while it is */
	struct notes notes;
	struct reverse *reverse;   /* of -r, with what it has found; NULL: nobody asks */
	struct deltas *deltas;     /* what groups had before, borrowed; NULL: they are seen once */
	struct changes *changes;   /* what a screen shows, borrowed; NULL: nobody looks at one */
	struct series_set *series; /* what a chart has from samples before, borrowed; NULL: there are none */
	uint32_t map_fd[MAP_IDS_MAX]; /* of --bpf-map-id, borrowed from .host */
	size_t n_map_fds;
	bool has_all_maps;
};
