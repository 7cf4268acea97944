/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Fits BPF programs to the running kernel: libbpf is given only those of the
 * kernel's types that they name, and what it cannot know then is put right
 * before a program is loaded.
 */

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/err.h"

struct fit;

/* Returns 0 with *@ret to be closed, or a negative errno. */
int fit_open(struct fit **ret, struct err *e);
struct fit *fit_close(struct fit *f);
DEFINE_CLEANUP(struct fit, fit_close)

/* The file of the kernel's types, for the object to be opened with; it is written by fit_load(). */
const char *fit_path(const struct fit *f);

/* Loads @o. Returns 0 or a negative errno. */
int fit_load(struct fit *f, struct bpf_object *o, struct err *e);
