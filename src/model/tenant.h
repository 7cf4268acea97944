/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who is in a cgroup: what the segment TENANT of a row is. Each text is one line of model/defs/tenant.def; an
 * empty one is absent.
 *
 * Names are bytes that others chose: they are hostile, and whoever shows them escapes them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/sv.h"

/* Why names are missing that might be there. */
enum tenant_lack {
	TENANT_WHOLE,
	TENANT_BARRED, /* the files are not for us */
	TENANT_LATE,   /* they did not answer in time */
	TENANT_BROKEN, /* they cannot be understood, or read */
};

struct tenant {
#define TENANT(id, name, member, help) struct sv member;
#include "model/defs/tenant.def"
	uint8_t lack; /* enum tenant_lack */
	bool is_root; /* it is the root of the tree, which tells nothing on a system that has cgroups v1 too
		       */
};
