/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What holds up a TCP connection's sending, by what tcp_info tells.
 */

#include "model/field.h"

/* Those below; NULL after the last. */
extern const char *const limited_words[];

/*
 * "app", "rwnd", "sndbuf", "cwnd" or "network"; NULL when the row does not tell. It is about now, but for the
 * send buffer, of which the kernel tells the time that it was short, and so for the peer's window before
 * Linux 5.4: there the largest part of the busy time has to be that. The rules, in order, are in
 * docs/formats.md.
 */
const char *limited_by(const struct row *row);
