/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a machine has that can be named on a command line, for completion: as
 * much as can be seen at once, without asking a server.
 */

#include "base/text.h"

enum offered {
	OFFERED_DEVICES,   /* network interfaces */
	OFFERED_NETNS,     /* named network namespaces */
	OFFERED_USERS,     /* of /etc/passwd */
	OFFERED_PROCESSES, /* their names */
	OFFERED_CGROUPS,   /* their paths, in the tree of version 2 */
};

/* Appends the names of @kind to @ret, each once and with a NUL at its end. */
void offered_names(enum offered kind, struct text *ret);
