/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The ports without which nothing matches: known from the tests that a socket without any of them comes by.
 */

#include <stdlib.h>

#include "base/cleanup.h"
#include "query/filter_impl.h"

/* Of a test that only sockets with one port pass; ranges are none. 0: it is another one. */
static uint16_t port_of(const struct leaf *l)
{
	return l->test == TEST_INET && l->number > 0 && l->number <= UINT16_MAX ? (uint16_t)l->number : 0;
}

static bool add_port(uint16_t port, uint16_t *v, size_t cap, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (v[i] == port)
			return true;
	if (*n == cap)
		return false;
	v[(*n)++] = port;
	return true;
}

static bool reach(bool *is_reached, uint32_t at)
{
	if (at < FILTER_ACCEPT)
		is_reached[at] = true;
	return at == FILTER_ACCEPT;
}

/* Whether a socket that has none of these ports can match. */
static bool others_match(const struct filter *f)
{
	_cleanup_(freep) bool *is_reached = calloc(f->n_leaves, sizeof(*is_reached));

	if (!is_reached)
		return true;
	*is_reached = true;
	for (uint32_t i = 0; i < f->n_leaves; i++) {
		const struct leaf *l = &f->leaf[i];

		if (!is_reached[i])
			continue;
		if (reach(is_reached, l->no) || (!port_of(l) && reach(is_reached, l->yes)))
			return true;
	}
	return false;
}

bool filter_ports(const struct filter *f, uint16_t *ret, size_t cap, size_t *ret_n)
{
	size_t n = 0;

	if (!f || !f->n_leaves)
		return false;
	for (uint32_t i = 0; i < f->n_leaves; i++) {
		uint16_t port = port_of(&f->leaf[i]);

		if (port && !add_port(port, ret, cap, &n))
			return false;
	}
	*ret_n = n;
	return n && !others_match(f);
}
