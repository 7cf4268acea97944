/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who has a port at which nobody listens: connections, what is left of them, sockets that only have the port,
 * and listeners in other network namespaces.
 */

#include "base/text.h"
#include "sink/sink.h"

struct port_rest;

/* @netns: the number of the namespace in which nobody listens; 0: not known. Returns 0 or -ENOMEM. */
int port_rest_new(uint32_t netns, struct port_rest **ret);
struct port_rest *port_rest_free(struct port_rest *p);

static inline void port_rest_freep(struct port_rest **p)
{
	if (*p)
		(void)port_rest_free(*p);
}

/* Where the rows go, as long as it lives. */
struct sink *port_rest_sink(struct port_rest *p);

/* Appends them: "2 connections (curl(812)), 1 in TIME-WAIT"; nothing when there is none. */
void port_rest_put(const struct port_rest *p, struct text *t);
