/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Paths of control groups (version 2) by the number that the kernel reports
 * for a socket, and back.
 *
 * Entering a network namespace by name usually hides the cgroup2 mount, because
 * /sys is mounted anew: open the table before that. When there is no such mount
 * in our mount namespace, those of our parent and of process 1 are tried, and
 * then one is made that nobody else sees, which takes CAP_SYS_ADMIN.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/sv.h"

struct cgroups;

/*
 * Finds the first cgroup2 mount that can be opened. @mounts is the file to read
 * instead of /proc/self/mounts, and to try nothing else, or NULL. @tree is the
 * directory below which it is looked for first, or NULL.
 * Returns 0, or -ENODEV when there is none, or another error; to be reported
 * once, not for each socket.
 */
int cgroups_open(const char *mounts, const char *tree, struct cgroups **ret, struct err *e);
struct cgroups *cgroups_free(struct cgroups *c);
DEFINE_CLEANUP(struct cgroups, cgroups_free)

/* Whether the tree was found in our own mount namespace. */
bool cgroups_is_own(const struct cgroups *c);

/* Whether what is mounted is the whole tree, and not a part of it as a container is shown. */
bool cgroups_is_whole(const struct cgroups *c);

/*
 * The path of cgroup @id below the mount, "/" for the root, and
 * "unreachable:HEX" when it is gone or out of sight. Not escaped. Valid as long
 * as the table; empty when memory ran out.
 */
struct sv cgroups_path(struct cgroups *c, uint64_t id);

/* Why one that is there is "unreachable:", as a positive errno; 0 when none is. */
int cgroups_error(const struct cgroups *c);

/*
 * The number of the cgroup at @path: below the mount, else a path of the file
 * system that leads to a cgroup2 mount. Returns 0 or a negative errno.
 */
int cgroups_id(const struct cgroups *c, struct sv path, uint64_t *ret, struct err *e);
