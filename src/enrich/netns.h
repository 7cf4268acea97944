/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The network namespaces of this machine, as far as a process or a mount of
 * ours leads to them, and going into one after the other.
 *
 * One that is kept by nothing but an open descriptor or a socket is not found
 * so: netns_seek.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct netns {
	uint32_t ino; /* its number: of its file under /proc/PID/ns */
	int fd;       /* keeps it; the negative errno when it cannot be opened */
	char *name;   /* as for people, in this order: "host", its name under /run/netns, of another mount, of
			 its   oldest process ("COMM:PID"); "net:[INO]" */
};

struct netns_list {
	struct netns
		*v; /* ours is the first; the others by name, and behind them those of netns_list_add() */
	size_t n;
	size_t *by_ino; /* indexes of .v, by number */

	/* What may be missing. */
	size_t n_hidden;     /* processes that do not tell which one they are in */
	bool has_some_only;  /* processes: those of a PID namespace, or that this user may know of */
	size_t n_unreached;  /* namespaces that are mounted where no path leads to, as below another mount */
	uint32_t *unreached; /* their numbers */
	struct err no_processes, no_mounts; /* why not all were looked at; .text is empty when they were */
	struct err no_names;                /* the same: why one may not have the name that it should have */
	struct err no_sockets;              /* why sockets were not looked at */
	size_t n_unasked;                   /* sockets of which it is not known where they are */
	size_t n_lost;                      /* namespaces that are there, and that nothing leads to */
};

/* Looks under @proc_root, NULL for /proc. Returns 0 or a negative errno. */
int netns_list_new(const char *proc_root, struct netns_list **ret, struct err *e);
struct netns_list *netns_list_free(struct netns_list *l);

DEFINE_CLEANUP(struct netns_list, netns_list_free)

/*
 * Adds the namespace with the number @ino, which is not in it, and which the descriptor @fd leads to: taken
 * over, also when it fails. What points into .v or .by_ino does so no more. Returns 0 or -ENOMEM.
 */
int netns_list_add(struct netns_list *l, uint32_t ino, int fd);

/* The index of the one with the number @ino; .n when it is not known. */
size_t netns_find(const struct netns_list *l, uint32_t ino);

/*
 * Moves this thread into namespace @i; 0 is home. Threads made meanwhile stay
 * there. Returns 0 or a negative errno: -EPERM without CAP_SYS_ADMIN here and
 * there, -ENOTRECOVERABLE when the way home is barred.
 */
int netns_visit(const struct netns_list *l, size_t i, struct err *e);

/* The number of the namespace that this thread is in; 0 when it cannot be told. */
uint32_t netns_own(void);
