/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which unit, container and pod a socket is of, at this end of a connection and at the other: what is wanted
 * of that, and what those tell who hold it, where its cgroup does not.
 */

#include "host/host.h"
#include "model/field.h"

/* What is wanted of one end. */
struct tenancy_want {
	bool any;
	bool names; /* also what files call it */
};

/* What of @set is known of who is in the cgroup of a socket, and of the one at the other end. */
struct tenancy_want tenancy_wanted(const struct fieldset *set);
struct tenancy_want tenancy_wanted_of_peers(const struct fieldset *set);

/* Those of cgroups that were asked for last, of one run. */
struct tenancy_seen;

/* As host_tenant(), of the cgroup @id, which is not 0. *@s is NULL at first, and made with malloc(). */
const struct tenant *tenancy_find(struct tenancy_seen **s, struct host *host, uint64_t id, bool want_names);

/*
 * Who is where all of @owners are, but for the first process, which makes sockets for services; NULL where
 * they are in several places, or where that is not told. Valid as long as host_tenant_of() says.
 */
const struct tenant *tenancy_of(struct host *host, struct owners owners, bool want_names);
