/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * One of the kernel's tables of sockets, walked by a BPF program, as a source
 * of messages: what is the same for all protocols. Runs of the program fill
 * records, a thread makes them messages ahead of the reader, and of the first
 * run some are compared with what sock_diag says.
 *
 * Opening either succeeds or leaves no trace: netlink can be asked instead.
 */

#include "bpf/load.h"
#include "bpf/record.h"
#include "nl/nl.h"
#include "source/bpf_doubt.h"
#include "source/bpf_message.h"
#include "source/bpf_scan.h"
#include "source/source.h"

/* Of so many sockets looking ahead saves more than loading it takes, 5 ms. */
enum { BPF_AHEAD_FROM = 150000 };

struct bpf_walk_opts {
	uint64_t ask;                  /* ASK_*, of all dumps that will be opened */
	const struct fieldset *fields; /* what is read of the rows: anything else may be missing */
	int64_t n_expected;            /* sockets that will be passed; -1: not known */
	bool is_forced;                /* also where most sockets have to be asked for one by one */
	/*
	 * The sockets of all network namespaces that share the table; each message tells its own with
	 * K_INET_DIAG_X_NETNS. Those of others than the thread's that opens cannot be asked for one by one:
	 * what the walk cannot tell of them is not in their messages.
	 */
	bool is_everywhere;
	/* What the kernel counts in this network namespace, to hold against what was found; NULL: nothing is.
	 */
	struct proc_counters (*counters)(void *ctx);
	void *ctx; /* of .counters */
};

/* What there is to know about a program. */
struct bpf_walk_kind {
	const struct bpf_image *image;
	uint16_t protocol;  /* IPPROTO_* */
	uint8_t extensions; /* bits of a request that mean anything to sock_diag */
	bool looks_ahead;   /* it can */
	bool is_exact;      /* sock_diag can be asked for any one of the sockets */
};

/* A program that walks, loaded. */
struct bpf_walk {
	const struct bpf_walk_kind *kind;
	struct bpf_load *load;
	struct walk_run *run; /* what one run is to do and did */
	char *records;
	size_t stride;
	uint32_t max_records; /* of one run */
	struct bpf_message_form form;
	uint32_t exact_flags; /* of records that do not hold all that is asked for */
	bool want_cookie, is_forced, is_everywhere;
	int tell; /* the program that tells one table from another; -1: of one namespace there is but one */
	struct proc_counters (*counters)(void *ctx);
	void *ctx;
	bool is_doubtful; /* the last source, read to its end, may not have given all */
	struct err doubt; /* why */
	struct nl *nl;
};

/* A table that one walk after the other goes through, for one address family each. */
struct bpf_table {
	struct bpf_buckets others; /* those where the last walk saw sockets of the other address family */
	uint8_t af;                /* of that walk; 0: the buckets mean nothing */
	uint64_t id;               /* of the table that this is; 0: none yet */
};

/* Which sockets are to be given. */
struct bpf_walk_order {
	int program;             /* a descriptor */
	struct bpf_table *table; /* borrowed */
	bool is_listed;          /* only in the buckets .others of the table, which stay */
	bool is_dump_only;       /* sock_diag cannot be asked for one of these alone */
	bool is_counted;         /* TCP connections of this namespace: the kernel's counters are to agree */
	uint8_t af;              /* AF_* */
	uint32_t states;         /* bits 1 << K_TCP_* */
};

/*
 * Opens the program of @kind, to be loaded by bpf_walk_load(), with room for
 * @records of one run. Returns 0 or a negative errno; bpf_walk_done() is due
 * in any case.
 */
int bpf_walk_init(struct bpf_walk *b, const struct bpf_walk_kind *kind, const struct bpf_walk_opts *o,
		  uint32_t records, struct err *e);

/* Loads it. Returns 0 or a negative errno: -EPERM, or what this kernel lacks. */
int bpf_walk_load(struct bpf_walk *b, struct err *e);

void bpf_walk_done(struct bpf_walk *b);

/*
 * What the table number @which of the program is called in the network
 * namespace of the calling thread, while @b lives: two namespaces for which it
 * is the same share the table. Returns 0 or a negative errno.
 */
int bpf_walk_table(struct bpf_walk *b, uint64_t which, uint64_t *ret, struct err *e);

/*
 * Sees to it that @t means that table: what is known of another one is
 * forgotten. Returns 1 when it was another one, 0, or a negative errno.
 */
int bpf_table_choose(struct bpf_walk *b, struct bpf_table *t, uint64_t which, struct err *e);

/* Forgets what is known of the table: another run may find other sockets there. */
void bpf_table_forget(struct bpf_table *t);

/*
 * Opens the answer to @o, of which the program and the table have to live as
 * long as *@ret. One source of @b at a time. Returns 0 or a negative errno;
 * then no message was given.
 */
int bpf_walk_open(struct bpf_walk *b, const struct bpf_walk_order *o, struct source **ret, struct err *e);
