/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the kernel says of a network namespace besides its sockets, at one time: counters and settings, by the
 * files that host/kept.h has.
 */

#include "base/cleanup.h"
#include "host/host.h"

struct reading {
	uint32_t netns;     /* its number; 0: not known */
	bool is_home;       /* where the doctor was called */
	char *name;         /* of the namespace */
	uint64_t at_us;     /* the machine's monotonic clock; 0: it has none */
	const char *unread; /* one of the files, that is there and could not be read; NULL: there is none */
	struct text bytes;  /* of the files: each a path, a NUL, its length, its contents */
};

struct readings {
	struct reading *v; /* the first is home */
	size_t n;
	int error; /* -ENOMEM, or 0 */
};

/* Reads those of @all, or where that is NULL of where @h is. Returns 0, -ENOMEM, or -ENOTRECOVERABLE. */
int readings_take(struct readings *r, struct host *h, const struct places *all);
void readings_done(struct readings *r);

/* Adds the file @path below /proc. Returns 0 or -ENOMEM. */
int reading_add(struct reading *r, const char *path, struct sv contents);

/* That of the network namespace with the number @netns, 0 for home; NULL: there is none. */
const struct reading *readings_find(const struct readings *r, uint32_t netns);

/* The file @path below /proc; .p is NULL: there is none. */
struct sv reading_file(const struct reading *r, struct sv path);

/*
 * The number called @name:
 *
 *	Tcp.RetransSegs, TcpExt.ListenDrops, Udp.RcvbufErrors, IpExt.InCEPkts	/proc/net/snmp and netstat
 *	sockstat.TCP.orphan, sockstat6.UDP6.inuse				/proc/net/sockstat, sockstat6
 *	softnet.dropped, softnet.squeezed, conntrack.insert_failed		added up over all processors
 *	net.ipv4.tcp_mem[2], fs.file-nr[0]					a setting, its first number or
 *another
 *
 * False: the kernel does not tell it.
 */
bool reading_number(const struct reading *r, struct sv name, double *ret);

/* Whether @name is one that the kernel counts, and not a setting. */
bool reading_is_counter(struct sv name);

/* A setting as it is written, without the line's end; .p is NULL: there is none. */
struct sv reading_setting(const struct reading *r, struct sv name);

/* Whether a file that is read when the machine starts sets @name. */
bool reading_is_configured(const struct reading *r, struct sv name);
