/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the environment puts in the place of the machine's files: TCPDIAG_FILE and PROC_*.
 */

#include "host/host.h"

/* Reads the environment, whose strings @ret borrows. A table that has a file of its own is read from there at
 * once. */
void faked_files(struct host_files *ret);

/* Has all tables that /proc/net has read from there, and leaves out those that only sock_diag has. */
void faked_only_text(struct host_files *f);
