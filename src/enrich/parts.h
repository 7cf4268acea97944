/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is read of a process when somebody asks for it: the READ lines of model/defs/part.def. Each text is
 * read once for a process, however many sockets that holds, and kept.
 */

#include "base/cleanup.h"
#include "base/text.h"
#include "model/field.h"

struct loose;
struct users;

/* Whose text is wanted, and what there is to find it with. */
struct part_of {
	uint32_t pid;
	int root;            /* a directory that is a /proc */
	struct users *users; /* of that machine */
	struct loose *loose; /* looks at sockets; NULL: they are another machine's */
	uint64_t boot_s;     /* when it began, in seconds since 1970; 0: that is not known */
};

/*
 * The function of a READ line: appends what there is of a process to @ret. Returns 0 or a negative errno,
 * without which nothing need be appended: -EACCES and -EPERM say that it may not be read, all others that
 * there is none, as of a process that has vanished.
 */
#define READ(id, name, type, member, function, ...) int function(const struct part_of *of, struct text *ret);
#include "model/defs/part.def"

/* What is to be read of processes for the fields in @set, which follow @owners: bits 1 << enum part. */
uint32_t parts_wanted(const struct fieldset *set, enum field_id owners);

struct parts;

struct parts_opts {
	const char *proc_root; /* NULL: "/proc" */
	const char *tree;      /* of the machine's users, borrowed; NULL: "/" */
};

/* Nothing is read yet. Returns 0, or a negative errno when the processes cannot be opened. */
int parts_new(const struct parts_opts *o, struct parts **ret);
struct parts *parts_free(struct parts *p);

/*
 * The owners @o with the texts of @wanted, bits 1 << enum part. Returns what is valid until the next call,
 * its texts as long as @p; @o itself when there is nothing to be read.
 */
struct owners parts_add(struct parts *p, uint32_t wanted, struct owners o);

/* Whether anything so far is missing because there was no memory for it. */
bool parts_have_failed(const struct parts *p);

/* How many texts could not be read so far, though the process is there and memory was. */
size_t parts_unread(const struct parts *p);

DEFINE_CLEANUP(struct parts, parts_free)
