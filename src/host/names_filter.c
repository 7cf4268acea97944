/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What the names in a filter stand for. */

#include <errno.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "host/names_fixed.h"
#include "host/names_impl.h"

static int port_number(enum service_proto proto, struct sv name, uint64_t *ret)
{
	uint16_t port;
	int r = services_port(proto, name, &port);

	if (r < 0)
		return r;
	*ret = port;
	return 0;
}

static int program_number(struct name_tables *n, uint8_t protocol, struct sv name, uint64_t *ret)
{
	uint16_t port;
	int r = n->want_programs ? rpcbind_port(n->programs, protocol, name, &port) : -ENOENT;

	if (r < 0)
		return r;
	*ret = port;
	return 0;
}

static int iface_number(struct name_tables *n, struct sv name, uint64_t *ret)
{
	uint32_t ifindex;
	int r = ifaces_index(n->ifaces, name, &ifindex);

	if (r < 0)
		return r;
	*ret = ifindex;
	return 0;
}

static int netlink_number(struct name_tables *n, struct sv name, uint64_t *ret)
{
	struct sv unused;

	return names_nl_protos_find(n, NULL, name, &unused, ret) ? 0 : names_netlink_number(name, ret);
}

static int cgroup_number(struct name_tables *n, struct sv path, uint64_t *ret)
{
	int r = names_find_cgroups(n);

	if (r == 0)
		return cgroups_id(n->cgroups, path, ret, NULL);
	if (r != -ENODEV)
		return r;
	for (size_t i = 0; i < path.len; i++)
		if (path.p[i] != '/')
			return -ENXIO;
	notes_add(
		n->notes, NOTE_WARNING,
		"no cgroup2 file system is mounted here, so which sockets are in the filter's cgroup is not "
		"known: none is listed for being in it, or for not being in it");
	return -ENOMEDIUM;
}

static int number(void *ctx, enum filter_name kind, struct sv name, uint64_t *ret)
{
	struct name_tables *n = ctx;

	if (n->o.is_elsewhere && names_is_of_machine(kind))
		return n->o.number ? n->o.number(n->o.ctx, kind, name, ret) : -ENOENT;
	switch (kind) {
	case FILTER_NAME_TCP_PORT: return port_number(SERVICE_TCP, name, ret);
	case FILTER_NAME_UDP_PORT: return port_number(SERVICE_UDP, name, ret);
	case FILTER_NAME_TCP_PROGRAM: return program_number(n, IPPROTO_TCP, name, ret);
	case FILTER_NAME_UDP_PROGRAM: return program_number(n, IPPROTO_UDP, name, ret);
	case FILTER_NAME_DEVICE: return iface_number(n, name, ret);
	case FILTER_NAME_CGROUP: return cgroup_number(n, name, ret);
	case FILTER_NAME_ETHERTYPE: return names_ethertype(name, ret);
	case FILTER_NAME_NETLINK: return netlink_number(n, name, ret);
	case FILTER_NAME_USER: return users_number(n->users, name, ret);
	}
	return -ENOENT;
}

static int addresses(void *, struct sv name, sa_family_t family, struct filter_addr *ret, size_t cap)
{
	_cleanup_free_ struct host_addr *v = NULL;
	int n = host_addresses(name, family, &v, NULL);

	for (int i = 0; i < n && (size_t)i < cap; i++) {
		ret[i].family = (uint8_t)v[i].af;
		memcpy(ret[i].addr, v[i].addr, sizeof(ret[i].addr));
	}
	return n;
}

void names_for_filter(struct name_tables *n, struct filter_env *env)
{
	static const struct filter_names names = { .number = number, .host = addresses };
	struct port_range range = services_auto_ports(n->services);

	env->names = &names;
	env->ctx = n;
	env->auto_lo = range.first;
	env->auto_hi = range.last;
	env->is_auto_guessed = range.is_guessed;
}
