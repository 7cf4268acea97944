/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the path of a cgroup says by itself about who is in it: the systemd unit and slice, the container, the
 * pod. Nothing is read.
 *
 * It is told as the machine sees it whose path it is: the unit is one of its own systemd, also where another
 * runs in a container, and of containers in containers it is the outermost.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum runtime {
	RUNTIME_NONE,    /* no container */
	RUNTIME_UNKNOWN, /* a container, by the look of its id */
#define RUNTIME(id, name) RUNTIME_##id,
#include "model/defs/runtime.def"
	RUNTIME_MAX
};

/* What it is called in an output; NULL for the first two. */
extern const char *const runtime_names[RUNTIME_MAX];

enum { CONTAINER_ID_LEN = 64 };

/* Parts of the path, which they point into; empty: there is none. */
struct cgroup_shape {
	struct sv unit;  /* of a user's own systemd where the socket is in a unit of that */
	struct sv slice; /* that the unit lies in */
	enum runtime runtime;
	struct sv
		container; /* its id, of CONTAINER_ID_LEN hexadecimal digits; else its name as in the path */
	struct sv machine; /* its unit, when systemd-machined knows it by that */
	struct sv pod;     /* the pod's uid as in the path: shape_put_pod() */
	bool has_user;     /* it lies in what belongs to a user's sessions */
	uint32_t user;
};

/* Takes @path apart, which begins with a slash; it has to live as long as the shape. */
struct cgroup_shape shape_of(struct sv path);

/* Whether .container is an id. */
bool shape_has_id(const struct cgroup_shape *s);

/* Appends .container as its runtime writes it, without what systemd or libvirt put in. */
void shape_put_name(const struct cgroup_shape *s, struct text *ret);

/* Appends the pod's uid as Kubernetes writes it. */
void shape_put_pod(const struct cgroup_shape *s, struct text *ret);

/* Appends the name of a unit, or a part of one, as it was before systemd escaped it: "\x2d" is "-". */
void shape_put_unescaped(struct text *ret, struct sv s);
