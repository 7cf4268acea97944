/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * One address family of sock_diag: how to ask for its sockets, and what the
 * answer is made of.
 */

#include "model/field.h"

struct nlmsghdr;

/* One question to the kernel: one table of one address family. */
struct dump {
	const struct family *family;
	struct seg_dump origin; /* goes into every row as its DUMP segment */
	uint8_t af;             /* AF_* to ask for */
	uint32_t states;        /* bits 1 << K_TCP_* */
	uint64_t ask;           /* ASK_* */
	const void *bytecode;   /* inet: filter program for the kernel, borrowed; NULL for none */
	size_t bytecode_len;
	const uint32_t *map_fds; /* inet: BPF storage maps to show, borrowed; none means all */
	size_t n_map_fds;
	bool is_timed; /* ages in the messages count: those of recordings are brought to the time of the
			  sample */
};

/* What an attribute is: a segment, or a nest of attributes. */
struct attr {
	uint8_t seg;       /* segment + 1; 0: none */
	bool is_padding;   /* known, and means nothing */
	bool is_unbounded; /* the last one; of its length, also beyond 64 KiB, the kernel tells 16 bits */
	uint16_t n_nest;
	const struct attr *nest;
	uint32_t tables; /* bits 1 << enum table: only of these; 0: of all of the family */
};

struct family {
	const char *name;
	uint8_t msg;      /* segment of the fixed header */
	uint16_t msg_len; /* its least length */
	uint16_t n_attrs;
	const struct attr *attrs; /* by attribute type */

	/* Writes the request body for @d into @buf of @cap bytes; returns its length, 0 when it does not fit.
	 */
	size_t (*request)(const struct dump *d, void *buf, size_t cap);

	/* May be NULL: completes the row from what only this family knows, e.g. attributes that depend on
	 * others. */
	void (*complete)(struct row *row);
};

#define FAMILY(n) extern const struct family family_##n;
#include "model/defs/all.def"

/* Whether a row of @fam can have the field @f, leaving aside what others than the kernel add to it. */
bool family_has(const struct family *fam, enum field_id f);

/* The same of a row of @table, which is one of @fam's. */
bool family_has_in(const struct family *fam, enum table table, enum field_id f);

/*
 * What to ask of @fam so that its rows have @set: a union of ASK_*. Of a
 * field that lies in several places, the first that the family has counts.
 */
uint64_t family_ask(const struct family *fam, const struct fieldset *set);

/* The same for all that its messages can have, but for what BPF programs store. */
uint64_t family_ask_all(const struct family *fam);

/*
 * Opens @row on the message @nlh that the dump @origin brought, which may be cut or wrong in any way but for
 * nlmsg_len, which must be the number of bytes that may be read.
 * Returns 0, or -EBADMSG when the message is shorter than the family's header
 * or an attribute does not fit; the row then holds what came before.
 */
int row_open(struct row *row, const struct family *fam, const struct seg_dump *origin,
	     const struct nlmsghdr *nlh);

enum { LAYOUT_ATTRS = 16, LAYOUTS = 8 };

/* Where the attributes are of a message that was opened, for the next one that is built alike. All 0: nothing
 * is known. */
struct layouts {
	struct layout {
		const struct family *fam; /* NULL: of none */
		uint32_t len;             /* of the message */
		uint32_t n;
		struct segs have;
		struct {
			uint32_t head;    /* as it lies in the message */
			uint16_t at, len; /* of what is behind the head */
			uint8_t seg;
		} attr[LAYOUT_ATTRS];
	} at[LAYOUTS];
};

/* The same as row_open(), sooner when it is one of many: heads of attributes are compared, and not looked up.
 */
int row_open_alike(struct row *row, struct layouts *known, const struct family *fam,
		   const struct seg_dump *origin, const struct nlmsghdr *nlh);
