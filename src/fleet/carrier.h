/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What programs that run a command on many hosts put in front of its lines:
 *
 *	web1: LINE			clush -L, pdsh, pssh -P
 *	web1<TAB>LINE			parallel --tag
 *	[pod/NAME/CONTAINER] LINE	kubectl logs --prefix
 *	web1 | CHANGED | rc=0 | (stdout) LINE\nLINE	ansible -o
 *
 * Only what stands first in a line is looked at: a host cannot speak for another by what it prints.
 */

#include "base/sv.h"

enum carried {
	CARRIED_BARE,  /* a line of a partial with nothing in front of it */
	CARRIED_LINE,  /* one with the name of its host */
	CARRIED_OTHER, /* something else that a host has said, when there is a name .. */
	CARRIED_LOST,  /* .. that it could not be asked .. */
	CARRIED_NOISE, /* .. or nobody knows who */
};

struct carried_line {
	enum carried kind;
	struct sv host;
	struct sv line; /* without what stands in front */
	bool has_more;  /* .line is several, with \n between them */
};

void carrier_read(struct sv line, struct carried_line *ret);

/* Takes the next off the lines of ansible -o; the last leaves .p NULL. */
struct sv carrier_take(struct sv *lines);

/* Whether @line is one of a partial, of version *@ret_version. */
bool carrier_is_partial(struct sv line, unsigned int *ret_version);
