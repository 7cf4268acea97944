/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where pages are served: sockets that listen.
 */

#include "base/cleanup.h"
#include "base/err.h"

enum { ENDPOINT_FDS_MAX = 16 };

struct endpoint {
	int fds[ENDPOINT_FDS_MAX];
	size_t n;
	const char *path; /* of a Unix socket that is ours, borrowed; NULL: there is none */
};

/*
 * Opens @where: PORT, of 127.0.0.1; ADDR:PORT, [ADDR]:PORT; /PATH; or "systemd", the @n_passed descriptors
 * from 3 on. Returns 0; -EINVAL with detail when it is none of them; or another negative errno with detail.
 */
int endpoint_open(struct endpoint *ep, const char *where, int n_passed, struct err *e);

/* Closes it, and takes its path away. */
void endpoint_done(struct endpoint *ep);
