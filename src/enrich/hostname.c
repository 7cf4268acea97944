/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/hostname.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "enrich/namemap.h"

struct hostnames {
	struct namemap names;  /* by address, IPv4 in its mapped form */
	char last[NI_MAXHOST]; /* the one that there was no memory for in .names */
};

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

struct hostnames *hostnames_new(void)
{
	return calloc(1, sizeof(struct hostnames));
}

struct hostnames *hostnames_free(struct hostnames *h)
{
	if (!h)
		return NULL;
	namemap_done(&h->names);
	free(h);
	return NULL;
}

static bool ask(const uint8_t addr[16], char *name, socklen_t cap)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };

	if (memcmp(addr, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		memcpy(&sin.sin_addr, addr + 12, 4);
		return getnameinfo((void *)&sin, sizeof(sin), name, cap, NULL, 0, NI_NAMEREQD) == 0;
	}
	memcpy(&sin6.sin6_addr, addr, 16);
	return getnameinfo((void *)&sin6, sizeof(sin6), name, cap, NULL, 0, NI_NAMEREQD) == 0;
}

static bool resolve(const uint8_t addr[16], char *name, socklen_t cap)
{
	int work = progress_enter("asking for the name of a host", 0);
	bool is_named = ask(addr, name, cap);

	progress_leave(work);
	return is_named;
}

struct sv hostnames_name(struct hostnames *h, int af, const void *addr)
{
	struct namemap_key key;
	struct sv found = {};
	uint8_t full[16];

	if (af == AF_INET) {
		memcpy(full, mapped_prefix, 12);
		memcpy(full + 12, addr, 4);
	} else {
		memcpy(full, addr, 16);
	}
	memcpy(&key.hi, full, 8);
	memcpy(&key.lo, full + 8, 8);
	if (namemap_find(&h->names, key, &found))
		return found;
	if (resolve(full, h->last, sizeof(h->last)))
		found = sv(h->last);
	(void)namemap_add(&h->names, key, found, &found); /* else it is looked up once more */
	return found;
}

static bool read_address(const struct addrinfo *ai, struct host_addr *ret)
{
	struct sockaddr_in6 sin6;
	struct sockaddr_in sin;

	*ret = (struct host_addr){ .af = ai->ai_family };
	if (ai->ai_family == AF_INET && ai->ai_addrlen >= sizeof(sin)) {
		memcpy(&sin, ai->ai_addr, sizeof(sin));
		memcpy(ret->addr, &sin.sin_addr, 4);
		return true;
	}
	if (ai->ai_family == AF_INET6 && ai->ai_addrlen >= sizeof(sin6)) {
		memcpy(&sin6, ai->ai_addr, sizeof(sin6));
		memcpy(ret->addr, &sin6.sin6_addr, 16);
		return true;
	}
	return false;
}

static bool is_there(const struct host_addr *list, int n, const struct host_addr *one)
{
	for (int i = 0; i < n; i++) {
		if (list[i].af == one->af && memcmp(list[i].addr, one->addr, sizeof(one->addr)) == 0)
			return true;
	}
	return false;
}

int host_addresses(struct sv name, int af, struct host_addr **ret, struct err *e)
{
	const struct addrinfo hints = { .ai_family = af, .ai_socktype = SOCK_STREAM };
	_cleanup_free_ char *zname = strndup(name.p ? name.p : "", name.len);
	struct addrinfo *all = NULL;
	struct host_addr *list;
	size_t n_all = 0;
	int r, n = 0;

	if (!zname)
		return err_sys(e, -ENOMEM, "resolving a name");
	if (!*zname)
		return err_say(e, -ENOENT, "an empty name has no address");
	r = getaddrinfo(zname, NULL, &hints, &all);
	if (r != 0)
		return err_say(e, -ENOENT, "%s: %s", zname, gai_strerror(r));
	for (const struct addrinfo *ai = all; ai; ai = ai->ai_next)
		n_all++;
	list = n_all && n_all < INT_MAX ? calloc(n_all, sizeof(*list)) : NULL;
	if (!list) {
		freeaddrinfo(all);
		return err_sys(e, -ENOMEM, "resolving %s", zname);
	}
	for (const struct addrinfo *ai = all; ai; ai = ai->ai_next) {
		struct host_addr one;

		if (read_address(ai, &one) && !is_there(list, n, &one))
			list[n++] = one;
	}
	freeaddrinfo(all);
	if (!n) {
		free(list);
		return err_say(e, -ENOENT, "%s has no address", zname);
	}
	*ret = list;
	return n;
}
