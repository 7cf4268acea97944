/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who holds a socket: what the segment OWNERS of a row points to. What is known of an owner are its parts,
 * one line each in model/defs/part.def.
 *
 * The texts are the bytes the processes chose themselves: they are hostile,
 * and whoever shows them escapes them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

/* Texts that were asked for, the same for all descriptors of a process; part_is_hidden() tells why one is
 * empty. */
struct owner_texts {
#define READ(id, name, type, member, ...) struct sv member;
#include "model/defs/part.def"
};

/* Of an owner whose descriptor is not known. */
#define OWNER_NO_FD UINT32_MAX

struct owner {
	uint32_t pid, tid, fd; /* tid: 0 when threads were not asked for; a main thread's is its pid */
	uint32_t holder;       /* the thread whose table @fd is in; 0: that of the main thread */
	struct sv comm;        /* empty when the process vanished before it was read */
	const struct owner_texts *texts; /* NULL: none was asked for */
};

struct owners {
	union {
		const struct owner *v;
		const char
			*why; /* .n is 0, in a cell of a column that tells it: why nobody; NULL: not known */
	};
	size_t n;
};

/* Which part of each owner a field is; it has as many values as the socket has owners. */
enum part {
	PART_NONE,
#define PART(id, ...) PART_##id,
#include "model/defs/part.def"
	PART_MAX
};

_Static_assert(PART_MAX < 32, "sets of parts are 32 bits wide");

/* Sets of parts, bits 1 << enum part: those that are read of a process, and those told with every owner. */
#define READ(id, ...) | 1u << PART_##id
enum {
	PARTS_READ = 0
#include "model/defs/part.def"
};
enum { PARTS_TOLD = (1u << PART_MAX) - 2 - PARTS_READ };

/* Of those told with every owner the ones that are texts; the others are numbers. */
#define PART(id, name, type, member, ...) \
	| _Generic(((struct owner *)0)->member, struct sv : 1u, uint32_t : 0u) << PART_##id
#define READ(...)
enum {
	PARTS_TOLD_TEXTS = 0
#include "model/defs/part.def"
};

/* Where a part lies. */
struct part_at {
	const char *name; /* "pid", of the field process.pid */
	uint16_t off;
	bool is_text; /* a struct sv, else a uint32_t */
	bool is_read; /* in struct owner_texts, else in struct owner */
};

extern const struct part_at part_at[PART_MAX];

/* The text @part of @o, which is one. */
static inline struct sv owner_text(const struct owner *o, enum part part)
{
	const char *from = part_at[part].is_read ? (const char *)o->texts : (const char *)o;
	struct sv text = {};

	if (from)
		memcpy(&text, from + part_at[part].off, sizeof(text));
	return text;
}

/* Whether @part, one that is read, may not be read of @o: it is empty, but something. */
static inline bool part_is_hidden(const struct owner *o, enum part part)
{
	struct sv s = owner_text(o, part);

	return s.p && !s.len;
}
