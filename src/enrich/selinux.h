/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * SELinux contexts of processes and of their sockets.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/text.h"

struct selinux;

/* @proc_root, borrowed, stands for /proc unless it is NULL. NULL when memory ran out. */
struct selinux *selinux_new(const char *proc_root);
struct selinux *selinux_free(struct selinux *s);

DEFINE_CLEANUP(struct selinux, selinux_free)

/* Whether the kernel has SELinux and its file system is mounted: 1, 0, or a negative errno when the mounts
 * cannot be read. */
int selinux_is_enabled(struct selinux *s, struct err *e);

/* Appends the context of the process or thread @pid, 0 for the kernel; false, and nothing, when it cannot be
 * read. */
bool selinux_of_process(struct selinux *s, uint32_t pid, struct text *t);

/* The same of what the process @pid has open as @fd. */
bool selinux_of_socket(struct selinux *s, uint32_t pid, uint32_t fd, struct text *t);
