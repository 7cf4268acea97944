/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who is in a cgroup, by its path or by a process in it. Each path is looked at once, however many sockets
 * were made in it, and so is each process. The files of a runtime are read for a path when a name is first
 * asked for.
 */

#include "base/cleanup.h"
#include "enrich/cgroup.h"
#include "model/tenant.h"

struct tenants_opts {
	const char *tree;      /* where files of runtimes are: NULL: "/" */
	const char *proc_root; /* NULL: "/proc" */
};

struct tenants;

/* Nothing is read yet. The strings of @o are borrowed. NULL when memory ran out. */
struct tenants *tenants_new(const struct tenants_opts *o);
struct tenants *tenants_free(struct tenants *t);

DEFINE_CLEANUP(struct tenants, tenants_free)

/*
 * Who is in the cgroup at @path, which begins with a slash, and whether @want_names: what its container is
 * called, too. Valid as long as the table; NULL when memory ran out.
 */
const struct tenant *tenants_at(struct tenants *t, struct sv path, bool want_names);

/* The same of the one with the number @id in the tree @c; NULL also where it has no path. */
const struct tenant *tenants_in(struct tenants *t, struct cgroups *c, uint64_t id, bool want_names);

/*
 * The same of the one that the process @pid is in, in whichever of the trees of cgroups v1 and v2 tells most.
 * *@ret is NULL where that is not told. Returns 0 or a negative errno: -EACCES, -EPERM: it may not be read.
 */
int tenants_of(struct tenants *t, uint32_t pid, bool want_names, const struct tenant **ret);

/* Whether processes are in trees of cgroups v1 too, so that the root of v2 tells nothing. */
bool tenants_has_v1(struct tenants *t);
