/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * libbpf prints by a function that it keeps for the whole process. While one of our calls needs silence there
 * is none; then the one that was set before is there again.
 */

/* From any thread, and one in the other. */
void bpf_quiet_begin(void);
void bpf_quiet_end(void);
