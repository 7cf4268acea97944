/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Loading the BPF programs that are embedded in this one.
 *
 * A program is opened, its maps are sized and its constants are set, then it
 * is loaded; the kernel checks it and may refuse. Nothing here prints. In a
 * build without libbpf or without the programs opening fails with
 * -EOPNOTSUPP, so that nobody else has to know.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* A compiled src/bpf/NAME.bpf.c: bpf_image_NAME. */
struct bpf_image {
	const char *name;
	const unsigned char *bytes;
	size_t len; /* 0: not in this build */
};

extern const struct bpf_image bpf_image_count, bpf_image_events, bpf_image_files, bpf_image_held,
	bpf_image_nets, bpf_image_task_file, bpf_image_tcp, bpf_image_udp, bpf_image_wake;

struct bpf_load;

/* Whether BPF programs are in this build at all. */
bool bpf_load_is_built(void);

/* Returns 0 with *@ret to be closed, or a negative errno. */
int bpf_load_open(const struct bpf_image *image, struct bpf_load **ret, struct err *e);

/* Unloads it, with all that it was asked for. NULL may be given, and is returned. */
struct bpf_load *bpf_load_close(struct bpf_load *l);

DEFINE_CLEANUP(struct bpf_load, bpf_load_close)

/*
 * Between opening and loading: the number of entries of the map @name, and the size of its values in bytes;
 * 0 leaves either. Returns 0 or a negative errno.
 */
int bpf_load_size(struct bpf_load *l, const char *name, uint32_t entries, uint32_t value_size, struct err *e);

/* Between opening and loading: the program @name is not needed, and is not loaded. */
int bpf_load_without(struct bpf_load *l, const char *name, struct err *e);

/*
 * Between opening and loading: the constants of the program, its section ".rodata", to be set. They live
 * until it is loaded. Returns NULL when there are not just @len bytes.
 */
void *bpf_load_constants(struct bpf_load *l, size_t len, struct err *e);

/* Loads it. Returns 0 or a negative errno: -EPERM without the privilege, others when the kernel lacks
 * something. */
int bpf_load_finish(struct bpf_load *l, struct err *e);

/* Since it was loaded: the descriptor of a map or a program, which @l keeps; or a negative errno. */
int bpf_load_map(struct bpf_load *l, const char *name, struct err *e);
int bpf_load_program(struct bpf_load *l, const char *name, struct err *e);

/*
 * Since it was loaded: maps the values of the map @name, an array with BPF_F_MMAPABLE or the variables
 * ".bss", into memory. They live as long as @l; *@ret_stride is the distance of two. Returns 0 or a negative
 * errno.
 */
int bpf_load_mmap(struct bpf_load *l, const char *name, void **ret, size_t *ret_stride, struct err *e);

/*
 * Runs the raw tracepoint program with the descriptor @program in this thread, with @arg as its ctx[0].
 * Returns 0, *@ret_value what the program returned; or a negative errno.
 */
int bpf_load_run(int program, uint64_t arg, uint32_t *ret_value, struct err *e);

/*
 * Attaches the program @name, which is at a tracepoint; until bpf_load_detach() or the end of @l it runs
 * whenever that is passed, by anybody. Returns 0 or a negative errno.
 */
int bpf_load_attach(struct bpf_load *l, const char *name, struct err *e);
void bpf_load_detach(struct bpf_load *l);

/*
 * How often the kernel left out a run of the attached programs, as one was under way on the same CPU. What is
 * not known counts as 0.
 */
uint64_t bpf_load_missed(const struct bpf_load *l);

/*
 * Starts the iterator program @name, over the files or the tasks of the process @pid only when that is not
 * 0. Returns a descriptor to read from, the caller's, or a negative errno.
 */
int bpf_load_iterate(struct bpf_load *l, const char *name, uint32_t pid, struct err *e);

/*
 * The next key of the hash map @map after @key, NULL for the first. Returns 1, 0 at the end, or a negative
 * errno. And the value of a key: of a per-CPU map one after the other, bpf_load_cpus() of them.
 */
int bpf_load_next_key(int map, const void *key, void *ret_next);
int bpf_load_value(int map, const void *key, void *ret);
int bpf_load_delete(int map, const void *key);

/* How many values a per-CPU map has for each key; a negative errno when that is not known. */
int bpf_load_cpus(void);
