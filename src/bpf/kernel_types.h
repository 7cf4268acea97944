/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The kernel's type information (BTF), cut down to what some programs name.
 *
 * The whole has 150,000 types in 6 MiB, which libbpf would keep, index, and
 * search from end to end for each type that a program reads. Of the few that
 * are left only the members that are named stay, with the types these lead
 * to; pointers lead nowhere. Sizes and offsets are the kernel's, numbers of
 * types are new: .id tells the kernel's own. Values of enumerations are left
 * out, so programs that are loaded with this must not ask for them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Names of types and members, each at most once. Zeroed it is empty. */
struct kernel_names {
	struct kernel_name {
		const char *name; /* borrowed; NULL: a free slot */
		uint32_t len;
		uint32_t from, to; /* where it is in the kernel's strings, and in ours; 0: it is not */
		uint32_t target;   /* the kernel's number of the function, or typedef, of that name; 0: it has
				      none */
	} * v;
	size_t n, slots; /* a power of two, more than .n */
};

struct kernel_types {
	struct text bytes; /* BTF, like the kernel's */
	struct text id;    /* uint32_t: for each of its types, from 0 (void) on, the kernel's number */
};

/* Adds @name, without what follows "___" in it. Returns 0 or -ENOMEM. */
int kernel_names_add(struct kernel_names *s, const char *name);
void kernel_names_done(struct kernel_names *s);

/* The entry of @name; NULL when it was not added. */
struct kernel_name *kernel_names_find(const struct kernel_names *s, const char *name);

/*
 * Cuts down the @len bytes of BTF at @btf, which may be anything, and finds the functions and typedefs in @s.
 * Returns 0 with *@ret to be freed by kernel_types_done(), -EBADMSG or -E2BIG when they are not what we know,
 * or -ENOMEM.
 */
int kernel_types_cut(const void *btf, size_t len, struct kernel_names *s, struct kernel_types *ret);
void kernel_types_done(struct kernel_types *t);

/* The kernel's number of the type @type; 0 when there is none of that number. */
uint32_t kernel_types_id(const struct kernel_types *t, uint32_t type);
