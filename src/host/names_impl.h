/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The tables of names, for the two halves of host/names.h: those of an output, and those of a filter. */

#include "enrich/cgroup.h"
#include "enrich/hostname.h"
#include "enrich/iface.h"
#include "enrich/rpcbind.h"
#include "enrich/selinux.h"
#include "enrich/service.h"
#include "enrich/storage.h"
#include "enrich/users.h"
#include "host/names.h"

struct name_tables {
	struct name_opts o;
	struct notes *notes, untold; /* until somebody asks what is missing */
	bool has_begun;
	struct names output;
	struct services *services;
	struct ifaces *ifaces;
	struct netns_list *netns; /* NULL until they are needed, and when they cannot be had */
	bool has_tried_netns;
	bool has_sought_netns; /* those that something open leads to are in it */
	int no_netns;          /* why not: a negative errno */
	struct err netns_why;
	struct ifaces **ifaces_of; /* by index into .netns; NULL until one is needed, but for ours */
	size_t n_ifaces;
	struct ifaces *ifaces_unknown;
	struct ifaces *ifaces_here; /* those to name interfaces by */
	struct hostnames *hosts;
	struct cgroups *cgroups;
	struct selinux *selinux;
	struct users *users;
	struct rpcbind *programs;
	bool want_programs;
	struct storages *storages; /* NULL unless wanted */
	bool has_tried_cgroups;
	int no_cgroups; /* why there are none, 0 or a negative errno */
	bool has_read_netlink;
	struct text netlink; /* nl_protos */
};

/* Returns 0, -ENOMEM, or why there are no cgroups. */
int names_find_cgroups(struct name_tables *n);

/* The entry of nl_protos ("NUMBER NAME" lines) that @number or @name is in; the last one counts. */
bool names_nl_protos_find(struct name_tables *n, const uint64_t *number, struct sv name, struct sv *ret_name,
			  uint64_t *ret_number);
