/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What all BPF programs here share: how to read kernel memory.
 *
 * Kernel structures are declared by us, with only the members read: the
 * loader moves each access to where the running kernel has the member. A
 * member that another kernel has elsewhere gets a second declaration, with a
 * name ending in ___ and a word, and bpf_core_field_exists() decides.
 */

#include <linux/types.h>
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/marks.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
/* Begins with a number of the machine's word size. */
struct timespec64 {
	long tv_sec;
};
#pragma clang attribute pop

/* Linux 6.2: makes any number a pointer to read through; a bad one reads as 0. Under a name of our own:
 * since 1.5 libbpf declares the kernel's. */
static void *(*const cast_to_kernel)(const void *p, __u32 btf_id) = (void *)BPF_CALL_RDONLY_CAST;

/* The pointer or number @p as one to a kernel's TYPE, to read from. */
#define as_kernel(type, p) ((type *)cast_to_kernel((const void *)(p), bpf_core_type_id_kernel(type)))

/* The kernel's word at @p, also where the kernel has a pointer: it can be calculated with. */
static __always_inline unsigned long read_word(unsigned long p)
{
	return (unsigned long)as_kernel(struct timespec64, p)->tv_sec;
}

/* Where the kernel's TYPE at address @p has @member. */
#define member_at(p, type, member) ((unsigned long)(p) + bpf_core_field_offset(type, member))

/* A function that is not static is checked by the kernel once, on its own: loading takes a fraction of the
 * time. */
#define PART __attribute__((noinline)) int

/*
 * 1 unless @r, the result of a PART, is 0. clang 19 and later see what a PART can give, and drop a mere
 * comparison as done already; the kernel's verifier sees nothing of it, but takes no other numbers from what
 * bpf_loop() calls.
 */
static __always_inline long is_true(int r)
{
	barrier_var(r);
	return r != 0;
}
