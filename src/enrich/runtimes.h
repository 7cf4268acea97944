/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a container is called, from the files in which its runtime keeps that. No runtime is asked, and no
 * program is run.
 */

#include "base/cleanup.h"
#include "enrich/cgroup_shape.h"

/* What was found; texts that are empty were not. */
struct boxed {
	enum runtime runtime;
	struct text name, pod_name, pod_namespace, pod_uid;
};

void boxed_done(struct boxed *b);

struct runtimes;

/* The files are below @tree, NULL for "/"; none is read yet. Returns 0 or a negative errno. */
int runtimes_new(const char *tree, struct runtimes **ret);
struct runtimes *runtimes_free(struct runtimes *r);

DEFINE_CLEANUP(struct runtimes, runtimes_free)

/*
 * Adds to @ret, empty but for .runtime, what there is to be found of the container of @shape, whose runtime
 * is not RUNTIME_NONE. Returns 0; -ENOENT when nobody knows of it; -EACCES when some of those who may are not
 * to be read; -ETIMEDOUT when they did not answer; -EBADMSG when what they wrote cannot be understood; or
 * another negative errno.
 */
int runtimes_find(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret);
