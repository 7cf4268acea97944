/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Inside the /proc source: reading lines, taking them apart, making messages.
 */

#include <linux/netlink.h>

#include "base/sv.h"
#include "source/source.h"

/* Longer lines are left out; no kernel makes one of a tenth of this. */
enum { PROC_LINE_MAX = 16384 };

struct proc_lines {
	int fd;
	char *name; /* of the file, for messages */
	bool is_end;
	bool in_long;     /* the rest of a line that is too long comes next */
	bool has_pending; /* .pending is to be read again */
	struct sv pending;
	size_t long_bytes;     /* of it gone by */
	size_t pos, seen, len; /* of .buf: read up to, searched up to, filled up to */
	uint64_t skipped;
	char buf[PROC_LINE_MAX];
};

/*
 * Sets *@ret to the next line without its end, valid until the next call.
 * Returns 1, 0 at the end, or a negative errno.
 */
int proc_lines_next(struct proc_lines *l, struct sv *ret, struct err *e);

/* Makes @line, the last one read, the next one again. */
static inline void proc_lines_unread(struct proc_lines *l, struct sv line)
{
	l->has_pending = true;
	l->pending = line;
}

/* A line being taken apart at blanks. Once something was not as expected, .is_bad stays. */
struct proc_cols {
	struct sv rest;
	bool is_bad;
};

/* The next column; there must be one. */
struct sv proc_col(struct proc_cols *c);

/* @s as a number; 0 when it is not one or exceeds @max. */
uint64_t proc_num_of(struct proc_cols *c, struct sv s, unsigned int base, uint64_t max);

static inline uint64_t proc_num(struct proc_cols *c, unsigned int base, uint64_t max)
{
	return proc_num_of(c, proc_col(c), base, max);
}

/* The next column, which must have a colon in it; returns what is before, *@ret is what is after. */
struct sv proc_pair(struct proc_cols *c, struct sv *ret);

/* The kernel's own address in memory as it lets us see it; 0 when it does not. */
uint64_t proc_pointer(struct proc_cols *c);

struct proc_unix;

struct proc {
	struct source source;
	/* Makes a message in .msg of @line; returns 1, 0 when its socket is not wanted, or -EBADMSG. */
	int (*convert)(struct proc *p, struct sv line);
	struct proc_unix *unix_; /* the run being sorted */
	uint8_t af;
	uint32_t states;
	uint64_t hz; /* clock ticks in a second */
	union {
		struct nlmsghdr nlh;
		uint8_t bytes[PROC_LINE_MAX + 1024];
	} msg;
	struct proc_lines lines;
};

static inline bool proc_wants(const struct proc *p, unsigned int state)
{
	return state < 32 && p->states >> state & 1;
}

/* Begins the message with the family's header; the attributes follow. */
void proc_msg(struct proc *p, const void *header, size_t len);
void proc_attr(struct proc *p, uint16_t type, const void *payload, size_t len);

int proc_tcp(struct proc *p, struct sv line);
int proc_udp(struct proc *p, struct sv line);
int proc_raw(struct proc *p, struct sv line);
int proc_packet(struct proc *p, struct sv line);
int proc_netlink(struct proc *p, struct sv line);

struct proc_unix *proc_unix_new(void);
void proc_unix_heading(struct proc_unix *u, struct sv heading); /* the first line: it tells the format */
int proc_unix_next(struct proc *p, struct err *e);              /* as source_next(), into p->msg */
