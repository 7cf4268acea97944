/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The machine that is looked at. Nobody else asks it anything: not the files under /proc and /sys, not the
 * variables that put other files in their place, not its clock.
 *
 * There are two: the one we run on (host_live_new()), whose files may be replaced one by one (host/faked.h),
 * and any other that brings its own struct host_ops, such as a recording.
 */

#include "base/notes.h"
#include "enrich/held.h"
#include "enrich/locals.h"
#include "enrich/loose.h"
#include "enrich/nat.h"
#include "enrich/procs.h"
#include "family/family.h"
#include "host/places.h"
#include "host/proc_counters.h"
#include "model/facts.h"
#include "model/names.h"
#include "model/owner.h"
#include "query/filter.h"
#include "source/proc.h"
#include "source/source.h"

/* What stands in for files of the machine; NULL: its own. */
struct host_files {
	const char *root;      /* in place of /proc */
	const char *tree;      /* in place of /, for what runtimes keep about containers, and mounts */
	struct proc_paths net; /* the tables of sockets */
	struct proc_counter_paths counters;
	const char *port_range;    /* net.ipv4.ip_local_port_range */
	const char *tcp_recording; /* in place of the kernel's answers about TCP */
	uint32_t text_tables;      /* bits 1 << TABLE_*: those that are read as text at once */
	uint32_t absent_tables;    /* and those that cannot be had then */
};

struct host;
struct kept_ops;

/* A question to the kernel of a machine, or to what remembers its answer. */
struct host_ask {
	const struct dump *dump;   /* borrowed until the answer is closed */
	const struct places *all;  /* that .place is one of; NULL: home is all there is */
	const struct place *place; /* NULL: home */
	size_t turn;               /* tells questions apart, and grows */
};

enum host_about { HOST_NAME, HOST_BOOT, HOST_ABOUT_MAX };

/* What a machine answers. Members that are NULL mean that it does not know, or has nothing to do. */
struct host_ops {
	/* Opens the kernel's answer to @q. -ENOENT, -EOPNOTSUPP: there is no such table, or no sock_diag. */
	int (*open)(struct host *h, const struct host_ask *q, struct source **ret, struct err *e);
	/* Asks @q, whose turn comes later, now. False when nothing more can be asked before its turn. */
	bool (*ask_early)(struct host *h, const struct host_ask *q);
	/* What the machine tells in text about the table of @q. */
	int (*open_text)(struct host *h, const struct host_ask *q, struct source **ret, struct err *e);
	/* From now on processes, users, cgroups and containers are those of the machine whose files are below
	 * @tree, which is borrowed. Before anything is asked. */
	int (*look_below)(struct host *h, const char *tree, struct err *e);
	/* Who holds the socket with @inode; valid until the next call. NULL: as the files say. */
	struct owners (*owners)(struct host *h, uint32_t inode);
	/*
	 * Who is in the cgroup with the number @id, or in that of the process @pid, and whether @want_names:
	 * what its container is called, too. NULL: that is not known. Valid until begin().
	 */
	const struct tenant *(*tenant)(struct host *h, uint64_t id, bool want_names);
	const struct tenant *(*tenant_of)(struct host *h, uint32_t pid, bool want_names);
	/* Whether @inode is registered with an io_uring, and how many descriptors are under way between
	 * processes. */
	void (*aside)(struct host *h, uint32_t inode, bool *ret_in_ring, size_t *ret_in_flight);
	/* Whether there may have been processes that held sockets and could not be looked into, for what
	 * .owners tells; appends to @t, NULL: nothing, why. NULL: there are none. */
	enum procs_sight (*sight)(struct host *h, struct text *t);
	/* Reads who holds which socket. Returns as procs_new(). */
	int (*read_owners)(struct host *h, const struct procs_opts *o, struct procs **ret, struct err *e);
	/* What the socket @ask tells of itself, found in @way. Returns as held_find(). NULL: nothing. */
	int (*held)(struct host *h, const struct held_ask *ask, enum procs_way way, struct seg_held *ret);
	/* Whether the socket @inode of @owners is in no table, and what it is. Returns as loose_look(). NULL:
	 * that is not known. */
	int (*loose)(struct host *h, const struct owners *owners, uint32_t inode, struct seg_unbound *ret);
	/*
	 * For a machine that remembers which sockets were in no table: the next one behind *@at, which begins
	 * with 0, and of how many it could not be told in *@ret_untold. Returns 1, or 0 at the end. Valid
	 * until begin(). NULL: they are found among those of all processes by .loose.
	 */
	int (*next_unbound)(struct host *h, size_t *at, struct seg_unbound *ret, size_t *ret_untold);
	/* Whether owners are better read by BPF than from /proc. */
	bool (*has_many_files)(struct host *h);
	/* How many sockets there are, in @all when that is not NULL, and how they may be read. */
	void (*facts)(struct host *h, const struct places *all, struct facts *ret);
	/* Adds to @into which addresses the network namespace @p, numbered @netns, NULL for that of this
	 * thread, has for its own. NULL: none but loopback ones are known. */
	int (*locals)(struct host *h, const struct place *p, uint32_t netns, struct locals *into,
		      struct err *e);
	/* The same for connections whose addresses are translated there. */
	int (*nat)(struct host *h, const struct place *p, struct nat *into, struct err *e);
	/* All its network namespaces, those that sockets lead to found in @way; what keeps some from being
	 * listed is a note. */
	int (*places)(struct host *h, enum procs_way way, struct notes *notes, struct places **ret,
		      struct err *e);
	void (*counters)(struct host *h, struct proc_counters *ret, struct proc_counter_errors *ret_errors);
	/* The counters as the summary shows them (host/totals.h). NULL: they are those of .counters. */
	void (*totals)(struct host *h, struct proc_counters *ret);
	/* Makes the network namespace called @name that which is asked where nothing else is said. NULL:
	 * there are no others. Returns 0, -ENOENT, or another negative errno. */
	int (*enter)(struct host *h, const char *name, struct err *e);
	/* The number of the network namespace that this thread is in; 0 when it is not known. */
	uint32_t (*here)(struct host *h);
	/* Sockets of the protocol called @name in this network namespace; -1 when it is not known. */
	int64_t (*protocol_sockets)(struct host *h, const char *name);
	/* The number of a user who stands for all that have none; UINT64_MAX: each has one. NULL: so it is.
	 */
	uint64_t (*nobody)(struct host *h);
	/* Its clock, in microseconds since 1970. NULL: it has none. */
	uint64_t (*now_us)(struct host *h);
	/* Microseconds of its clock that nobody sets, and that begins with each start. NULL: it has none. */
	uint64_t (*monotonic_us)(struct host *h);
	/* The last number in a file under /proc, "sys/net/ipv4/tcp_mem", -1 when it has none. Returns 0 or a
	 * negative errno. */
	int (*limit)(struct host *h, const char *file, int64_t *ret);
	/* Tells @ops of the files that a recording keeps of @p, one of @all; both NULL: of where we are.
	 * Returns as kept_read() (host/kept.h). NULL: there are none. */
	int (*kept)(struct host *h, const struct places *all, const struct place *p,
		    const struct kept_ops *ops, void *ctx);
	/* What it is called, or the number of its start: valid until begin(). NULL, or empty: it is not
	 * known. */
	struct sv (*about)(struct host *h, enum host_about what);
	/* Around each run: forget what may have changed since the last; drop what was asked and not taken. */
	void (*begin)(struct host *h, struct notes *notes);
	void (*end)(struct host *h);
	void (*free)(struct host *h);
};

struct host { /* the first member of every one */
	const struct host_ops *ops;
	struct host_files files;
	struct name_tables *names;  /* borrowed: its tables of names, for filters (host/names.h) */
	const struct names *output; /* borrowed: what its numbers are called in an output */
	uint16_t kernel;            /* its version, 0x60a for 6.10; 0: not known */
	bool is_asked;    /* the last question to open() reached the kernel: what fails then is its answer */
	bool is_live;     /* the kernel is there to be walked by BPF, and told to destroy a socket */
	bool is_past;     /* of a recording: its answers have what the filter's program would refuse, too */
	bool has_places;  /* of a past one: all its network namespaces were recorded */
	bool lacks_admin; /* whoever asked its kernel, if not we, had no CAP_NET_ADMIN */
};

/*
 * The machine we run on, with @files, whose strings are borrowed, in place of its own. Returns 0 or -ENOMEM.
 */
int host_live_new(const struct host_files *files, struct host **ret);

static inline struct host *host_free(struct host *h)
{
	if (h)
		h->ops->free(h);
	return NULL;
}

DEFINE_CLEANUP(struct host, host_free)

/* The functions of the same name in struct host_ops, for any machine. */
int host_open(struct host *h, const struct host_ask *q, struct source **ret, struct err *e);
int host_look_below(struct host *h, const char *tree, struct err *e);
bool host_ask_early(struct host *h, const struct host_ask *q);
int host_open_text(struct host *h, const struct host_ask *q, struct source **ret, struct err *e);
int host_read_owners(struct host *h, const struct procs_opts *o, struct procs **ret, struct err *e);
int host_held(struct host *h, const struct held_ask *ask, enum procs_way way, struct seg_held *ret);
int host_loose(struct host *h, const struct owners *owners, uint32_t inode, struct seg_unbound *ret);
bool host_has_many_files(struct host *h);
void host_aside(struct host *h, uint32_t inode, bool *ret_in_ring, size_t *ret_in_flight);
const struct tenant *host_tenant(struct host *h, uint64_t id, bool want_names);
const struct tenant *host_tenant_of(struct host *h, uint32_t pid, bool want_names);
struct facts host_facts(struct host *h, const struct places *all);
int host_places(struct host *h, enum procs_way way, struct notes *notes, struct places **ret, struct err *e);
int host_find_locals(struct host *h, const struct place *p, uint32_t netns, struct locals *into,
		     struct err *e);
int host_find_nat(struct host *h, const struct place *p, struct nat *into, struct err *e);
uint32_t host_here(struct host *h);
int64_t host_protocol_sockets(struct host *h, const char *name);
uint64_t host_nobody(struct host *h);
uint64_t host_now_us(struct host *h);       /* 0: it is not known */
uint64_t host_monotonic_us(struct host *h); /* 0: it is not known */

/* What its /proc is called in a message. */
const char *host_root(const struct host *h);

/* The same; *@ret is -1 when it is not known. */
int host_limit(struct host *h, const char *file, int64_t *ret);

struct sv host_about(struct host *h, enum host_about what);
int host_kept(struct host *h, const struct places *all, const struct place *p, const struct kept_ops *ops,
	      void *ctx);

void host_begin(struct host *h, struct notes *notes);
void host_end(struct host *h);

/* The same; of a machine that does not tell them all are absent, and the errors -ENODATA. */
void host_counters(struct host *h, struct proc_counters *ret, struct proc_counter_errors *ret_errors);

/* The recording in place of its kernel's answers about TCP. Returns 0 or a negative errno. */
int host_open_recording(struct host *h, struct source **ret, struct err *e);

/* Whether any of its tables of sockets, or its processes, come from files that were named. */
bool host_has_own_tables(const struct host *h);

/* Whether any of its counters come from a file that was named. */
bool host_has_own_counters(const struct host *h);
