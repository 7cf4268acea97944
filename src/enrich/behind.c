/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/behind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/num.h"

/* The value of the word "-NAME=VALUE", or of "-NAME VALUE", after which @rest begins. */
static bool take_value(struct sv word, const char *name, struct sv *rest, struct sv *ret)
{
	size_t len = strlen(name);

	while (word.len && word.p[0] == '-')
		word = sv_from(word, 1);
	if (!sv_is(sv_first(word, len), name))
		return false;
	*ret = word.len == len ? sv_take(rest, ' ') : sv_from(word, len + 1);
	return word.len == len || word.p[len] == '=';
}

static bool read_addr(struct sv s, uint8_t ret[16])
{
	char text[INET6_ADDRSTRLEN], bytes[16];

	if (!s.len || s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	if (inet_pton(AF_INET, text, bytes) == 1)
		tuple_addr(ret, sv_n(bytes, 4));
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		tuple_addr(ret, sv_n(bytes, 16));
	else
		return false;
	return true;
}

bool behind_read(struct sv cmdline, struct bound *ret)
{
	bool has_addr = false, has_port = false, has_kind = false;
	uint64_t port;

	*ret = (struct bound){};
	while (cmdline.len) {
		struct sv word = sv_take(&cmdline, ' '), value;

		if (take_value(word, "container-ip", &cmdline, &value)) {
			has_addr = read_addr(value, ret->addr);
		} else if (take_value(word, "container-port", &cmdline, &value)) {
			has_port = num_read(value, 10, UINT16_MAX, &port) && port;
			ret->port = has_port ? htons((uint16_t)port) : 0;
		} else if (take_value(word, "proto", &cmdline, &value)) {
			has_kind = sv_is(value, "tcp") || sv_is(value, "udp");
			ret->kind = sv_is(value, "udp") ? TUPLE_UDP : TUPLE_TCP;
		}
	}
	return has_addr && has_port && has_kind;
}

void bounds_done(struct bounds *x)
{
	free(x->v);
	*x = (struct bounds){};
}

int bounds_add(struct bounds *x, const struct bound *b)
{
	if (x->n == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 64;
		struct bound *v = reallocarray(x->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		x->v = v;
		x->cap = cap;
	}
	x->v[x->n++] = *b;
	return 0;
}

static bool is_any(const uint8_t addr[16])
{
	static const uint8_t none[16], mapped[16] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, none, sizeof(none)) || !memcmp(addr, mapped, sizeof(mapped));
}

const struct bound *bounds_find(const struct bounds *x, const struct locals *l, const struct bound *to)
{
	const struct bound *found = NULL;

	if (locals_is_loopback(to->addr)) /* every namespace has that */
		return NULL;
	for (size_t i = 0; i < x->n; i++) {
		const struct bound *b = &x->v[i];

		if (b->kind != to->kind || b->port != to->port || !b->inode ||
		    (!is_any(b->addr) && memcmp(b->addr, to->addr, sizeof(b->addr)) != 0) ||
		    !locals_has(l, b->netns, to->addr))
			continue;
		if (found && found->netns != b->netns)
			return NULL;
		found = found ? found : b;
	}
	return found;
}
