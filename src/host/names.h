/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The name tables of a run: what an output shows instead of numbers, and what
 * a filter's words stand for. Each table is read when first needed.
 */

#include "base/cleanup.h"
#include "base/notes.h"
#include "enrich/netns.h"
#include "enrich/procs.h"
#include "model/names.h"
#include "query/filter.h"

struct name_tables;

struct name_opts {
	const char *proc_root;  /* NULL: /proc */
	const char *tree;       /* in place of "/", for users and mounts of cgroups; NULL: our own */
	const char *port_range; /* file to read instead of net.ipv4.ip_local_port_range, or NULL */
	/*
	 * The numbers are those of another machine: what is found here (interfaces, cgroups, users,
	 * processes, network namespaces, contexts, hosts, RPC programs) is not asked, and its own words are
	 * the caller's to add. Ports and protocols have the names that they have for whoever looks, in /etc.
	 */
	bool is_elsewhere;
	uint16_t auto_lo, auto_hi; /* its net.ipv4.ip_local_port_range; 0, 0: Linux's default */
	/* What a name of an interface, a cgroup or a user stands for there: 0 or a negative errno. NULL:
	 * none. */
	int (*number)(void *ctx, enum filter_name kind, struct sv name, uint64_t *ret);
	void *ctx;
};

/* Returns 0 or -ENOMEM. The strings of @o must outlive the tables. */
int names_new(const struct name_opts *o, struct name_tables **ret);
struct name_tables *names_free(struct name_tables *n);

DEFINE_CLEANUP(struct name_tables, names_free)

/* From now on what is missing is told to @notes, borrowed. */
void names_tell(struct name_tables *n, struct notes *notes);

/*
 * Before a run: what is missing is told to @notes, borrowed until the next; interfaces and network namespaces
 * are looked for anew, as they come and go.
 */
void names_begin(struct name_tables *n, struct notes *notes);

/* The way outputs use the tables; valid as long as they are. */
const struct names *names_for_output(struct name_tables *n);

/* The network namespaces of this machine, which live as long as the tables. Returns 0 or a negative errno. */
int names_find_netns(struct name_tables *n, const struct netns_list **ret, struct err *e);

/* The same, and those that only something open leads to (enrich/netns_seek.h), found in @way. */
int names_seek_netns(struct name_tables *n, enum procs_way way, const struct netns_list **ret, struct err *e);

/* The tree of cgroups that can be reached, which lives as long as the tables; NULL: there is none. */
struct cgroups *names_cgroups(struct name_tables *n);

/* Whether the classic text names cgroups by it: our own mount namespace has it. */
bool names_shows_cgroups(struct name_tables *n);

/* Fills in what a filter needs of the tables: names, context, automatic ports. */
void names_for_filter(struct name_tables *n, struct filter_env *env);

/* From now on ports also have the names of the RPC programs that rpcbind knows on them. */
void names_want_programs(struct name_tables *n);

/* Whether this system has security contexts, those of SELinux: 1, 0, or a negative errno when that cannot be
 * told. */
int names_has_contexts(struct name_tables *n, struct err *e);

/* Gets ready to show BPF storage. Returns 0, -EOPNOTSUPP with detail when this was built without, or -ENOMEM.
 */
int names_want_storage(struct name_tables *n, struct err *e);

/*
 * The descriptor of the map of BPF storage that has the number @id, valid as
 * long as the tables, the same for the same number; or a negative errno with
 * detail. For after names_want_storage().
 */
int names_open_map(struct name_tables *n, uint32_t id, struct err *e);
