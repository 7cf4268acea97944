/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What to do about a finding, and how to see its numbers again.
 */

#include "doctor/scope.h"

/*
 * Appends the lines of @dos that make sense here. One that begins with a setting in brackets is for kernels
 * that have it:
 *
 *	[net.core.somaxconn>={max(recvq)}] raise net.core.somaxconn
 *	[net.ipv4.tcp_mtu_probing=1] ...
 *	[net.ipv4.tcp_tw_reuse] ...
 *
 * and where the setting is so already, that is said in its place. Returns 0, or -ENOMEM.
 */
int advice_put(const struct scope *s, const char *dos, struct text *ret);

/* Appends the commands, a line each, that show the numbers which the rule of @s compares. */
void advice_put_command(const struct scope *s, struct text *ret);

/* Appends @word for a shell, in quotation marks where it needs them. */
void advice_put_quoted(struct text *t, struct sv word);
