/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What our BPF programs are marked with, for fit.c to know them by.
 *
 * If they named the kernel's function, or were in the sections that libbpf
 * knows, libbpf would read all of the kernel's type information for it.
 */

/* Programs to be run with bpf_load_run(), and iterators: what follows is the kernel's function for them. */
#define BPF_RUN "sockeye.run"
#define BPF_ITER "sockeye.iter/"
#define BPF_ITER_TASK BPF_ITER "bpf_iter_task"
#define BPF_ITER_TASK_FILE BPF_ITER "bpf_iter_task_file"

/* Called like a helper of this number: the kernel's function bpf_rdonly_cast(). */
#define BPF_CALL_RDONLY_CAST 0x50434b01
