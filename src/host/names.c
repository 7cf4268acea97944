/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/file.h"
#include "base/num.h"
#include "enrich/netns_seek.h"
#include "enrich/proc_stat.h"
#include "host/names_fixed.h"
#include "host/names_impl.h"
#include "kernel/abi.h"

enum { NAME_FILE_MAX = 1 << 20 };

static bool put(struct text *t, struct sv s)
{
	text_sv(t, s);
	return s.len > 0;
}

/* A name that is empty only when memory ran out. */
static bool put_certain(struct text *t, struct sv s)
{
	if (!s.len)
		text_fail(t);
	return put(t, s);
}

/* A number in place of a name is told; @error is a positive errno, or 0: then nothing is. */
static void note_nameless(struct name_tables *n, const char *what, int error)
{
	if (error)
		notes_add(n->notes, NOTE_WARNING, "%s: %s", what, strerror(error));
}

static bool put_program(struct name_tables *n, struct text *t, uint16_t protocol, uint16_t port)
{
	if (protocol == K_IPPROTO_MPTCP)
		protocol = IPPROTO_TCP;
	if (protocol <= UINT8_MAX && rpcbind_put(n->programs, t, (uint8_t)protocol, port))
		return true;
	if (rpcbind_failed(n->programs))
		text_fail(t);
	return false;
}

static bool service(void *ctx, struct text *t, uint16_t port, uint16_t protocol)
{
	struct name_tables *n = ctx;
	enum service_proto proto = SERVICE_ANY;

	switch (protocol) {
	case IPPROTO_TCP:
	case K_IPPROTO_MPTCP: proto = SERVICE_TCP; break;
	case IPPROTO_UDPLITE:
	case IPPROTO_UDP: proto = SERVICE_UDP; break;
	case IPPROTO_SCTP: proto = SERVICE_SCTP; break;
	case IPPROTO_DCCP: proto = SERVICE_DCCP; break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6: return false; /* an identifier */
	}
	if (n->want_programs && put_program(n, t, protocol, port))
		return true;
	if (put(t, services_name(n->services, proto, port)))
		return true;
	if (services_failed(n->services))
		text_fail(t);
	note_nameless(n, "some ports are shown as numbers: their services cannot be looked up",
		      services_error(n->services));
	return false;
}

static bool protocol_name(void *ctx, struct text *t, uint16_t protocol)
{
	struct name_tables *n = ctx;

	if (protocol >= 256 || !put_certain(t, services_ipproto(n->services, (uint8_t)protocol)))
		return false;
	note_nameless(n, "some protocols are shown as numbers: they cannot be looked up",
		      services_error(n->services));
	return true;
}

static bool host(void *ctx, struct text *t, struct sv addr)
{
	struct name_tables *n = ctx;

	return put(t, hostnames_name(n->hosts, addr.len == 4 ? AF_INET : AF_INET6, addr.p));
}

static bool iface(void *ctx, struct text *t, uint32_t ifindex)
{
	struct name_tables *n = ctx;
	bool has_name =
		put_certain(t, n->ifaces_here ? ifaces_name(n->ifaces_here, ifindex) : (struct sv){}) &&
		ifaces_has_name(n->ifaces_here, ifindex);

	if (n->ifaces_here)
		note_nameless(n, "some interfaces are shown as numbers: they cannot be asked for",
			      ifaces_error(n->ifaces_here));
	return has_name;
}

static bool iface_has_port(void *ctx, uint16_t port)
{
	struct name_tables *n = ctx;

	return n->ifaces_here && ifaces_has_udp_port(n->ifaces_here, port);
}

static void note_misnamed(struct name_tables *n, const struct err *why)
{
	if (why->text[0])
		notes_add(n->notes, NOTE_WARNING,
			  "some network namespaces may be shown by another name, or by number: %s",
			  why->text);
}

/* Network namespaces, and interfaces but our own. */
static void forget_places(struct name_tables *n)
{
	for (size_t i = 0; i < n->n_ifaces; i++)
		(void)ifaces_free(n->ifaces_of[i]);
	free(n->ifaces_of);
	n->ifaces_of = NULL;
	n->n_ifaces = 0;
	n->ifaces_here = n->ifaces;
	n->netns = netns_list_free(n->netns);
	n->has_tried_netns = n->has_sought_netns = false;
	n->no_netns = 0;
}

/* Makes room for the interfaces of all of .netns. */
static int grow_ifaces(struct name_tables *n)
{
	struct ifaces **v = reallocarray(n->ifaces_of, n->netns->n, sizeof(struct ifaces *));

	if (!v)
		return -ENOMEM;
	n->ifaces_of = v;
	while (n->n_ifaces < n->netns->n)
		v[n->n_ifaces++] = NULL;
	return 0;
}

int names_find_netns(struct name_tables *n, const struct netns_list **ret, struct err *e)
{
	if (!n->has_tried_netns) {
		n->has_tried_netns = true;
		n->no_netns = netns_list_new(n->o.proc_root, &n->netns, &n->netns_why);
		if (n->netns && grow_ifaces(n) < 0) {
			n->netns = netns_list_free(n->netns);
			n->no_netns = err_sys(&n->netns_why, -ENOMEM, "network namespaces");
		}
	}
	if (n->no_netns < 0)
		return err_say(e, n->no_netns, "%s", n->netns_why.text);
	if (n->netns)
		note_misnamed(n, &n->netns->no_names);
	*ret = n->netns;
	return 0;
}

int names_seek_netns(struct name_tables *n, enum procs_way way, const struct netns_list **ret, struct err *e)
{
	const struct netns_seek how = { .calls = &netns_calls_live, .way = way };
	int r = names_find_netns(n, ret, e);

	/* Processes below another root are not those of this machine. */
	if (r < 0 || n->has_sought_netns || n->o.proc_root)
		return r;
	n->has_sought_netns = true;
	r = netns_seek(n->netns, &how, e);
	if (r >= 0 && grow_ifaces(n) < 0)
		r = err_sys(e, -ENOMEM, "network namespaces");
	if (r >= 0)
		return 0;
	forget_places(n);
	n->has_tried_netns = true;
	n->no_netns = err_say(&n->netns_why, r, "%s", e->text);
	return r;
}

/* The interfaces of one that is not known, or cannot be entered, have no names. */
static struct ifaces **ifaces_in(struct name_tables *n, uint32_t ino)
{
	size_t i = n->netns ? netns_find(n->netns, ino) : 0;

	if (!n->netns || i == 0)
		return &n->ifaces;
	return i == n->netns->n ? &n->ifaces_unknown : &n->ifaces_of[i];
}

static void enter(void *ctx, uint32_t ino)
{
	struct name_tables *n = ctx;
	struct ifaces **table = ifaces_in(n, ino);

	if (!*table) {
		size_t i = netns_find(n->netns, ino);
		int fd = i < n->netns->n ? n->netns->v[i].fd : -1;

		*table = ifaces_new(fd < 0 ? IFACES_NOWHERE : fd);
	}
	n->ifaces_here = *table;
}

static void netns_name(void *ctx, struct text *t, uint32_t ino)
{
	struct name_tables *n = ctx;
	const struct netns_list *l = NULL;
	struct err e;
	size_t i;

	int r = names_find_netns(n, &l, &e);

	if (r < 0 && r != -ENOMEM)
		notes_add(n->notes, NOTE_WARNING, "%s: they are shown by number", e.text);
	if (r == -ENOMEM)
		text_fail(t);
	else if (r == 0 && l && (i = netns_find(l, ino)) < l->n)
		text_str(t, l->v[i].name);
	else
		text_printf(t, "net:[%u]", ino);
	if (l) {
		note_misnamed(n, &l->no_processes);
		note_misnamed(n, &l->no_mounts);
	}
}

static void user(void *ctx, struct text *t, uint32_t uid)
{
	struct name_tables *n = ctx;

	(void)put_certain(t, users_name(n->users, uid));
}

int names_find_cgroups(struct name_tables *n)
{
	struct err e;

	if (!n->has_tried_cgroups) {
		n->has_tried_cgroups = true;
		n->no_cgroups = cgroups_open(NULL, n->o.tree, &n->cgroups, &e);
	}
	return n->no_cgroups;
}

struct cgroups *names_cgroups(struct name_tables *n)
{
	if (!n->has_tried_cgroups)
		(void)names_find_cgroups(n);
	return n->cgroups;
}

bool names_shows_cgroups(struct name_tables *n)
{
	return names_cgroups(n) && cgroups_is_own(n->cgroups);
}

static void note_no_cgroups(struct name_tables *n)
{
	notes_add(n->notes, NOTE_WARNING,
		  "no cgroup2 file system is mounted here, so cgroups have numbers and no paths");
}

static bool cgroup_path(void *ctx, struct text *t, uint64_t id)
{
	struct name_tables *n = ctx;
	int r = names_find_cgroups(n);
	bool is_put;

	if (r == 0) {
		is_put = put_certain(t, cgroups_path(n->cgroups, id));
		note_nameless(n, "some cgroups are shown as numbers: they cannot be found",
			      cgroups_error(n->cgroups));
		return is_put;
	}
	if (r == -ENOMEM)
		text_fail(t);
	else
		note_no_cgroups(n);
	return false;
}

/* iproute2 looks no further than its own mount namespace, which "ip netns exec" leaves without the tree. */
static bool cgroup(void *ctx, struct text *t, uint64_t id)
{
	struct name_tables *n = ctx;

	if (names_find_cgroups(n) != 0 || cgroups_is_own(n->cgroups))
		return cgroup_path(ctx, t, id);
	note_no_cgroups(n);
	return false;
}

static bool sees_cgroups(void *ctx)
{
	struct name_tables *n = ctx;

	return names_find_cgroups(n) == 0 && cgroups_is_whole(n->cgroups);
}

bool names_nl_protos_find(struct name_tables *n, const uint64_t *number, struct sv name, struct sv *ret_name,
			  uint64_t *ret_number)
{
	struct sv rest;
	bool found = false;

	if (!n->has_read_netlink) {
		n->has_read_netlink = true;
		if (file_read("/etc/iproute2/nl_protos", NAME_FILE_MAX, &n->netlink) < 0)
			(void)file_read("/usr/share/iproute2/nl_protos", NAME_FILE_MAX, &n->netlink);
	}
	for (rest = sv_n(n->netlink.p, n->netlink.len); rest.len;) {
		struct sv line = sv_take(&rest, '\n'), key = sv_word(&line), value = sv_word(&line);
		uint64_t v;

		if (!key.len || key.p[0] == '#' || !value.len || value.p[0] == '#' ||
		    !num_read(key, 0, 255, &v))
			continue;
		if (number ? v != *number : !sv_eq(value, name))
			continue;
		*ret_name = value;
		*ret_number = v;
		found = true;
	}
	return found;
}

static bool netlink_name(void *ctx, struct text *t, uint8_t protocol)
{
	struct name_tables *n = ctx;
	uint64_t number = protocol;
	struct sv name;

	if (names_nl_protos_find(n, &number, sv(""), &name, &number))
		return put(t, name);
	if (n->netlink.failed)
		text_fail(t);
	return put(t, sv(names_netlink(protocol)));
}

static bool proc_file(struct name_tables *n, uint32_t pid, const char *file, struct text *ret)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%u/%s", pid, file);
	return file_read_proc(n->o.proc_root, path, NULL, ret) >= 0 && !ret->failed;
}

static bool process(void *ctx, struct text *t, uint32_t pid)
{
	struct text line = {};
	struct proc_stat stat;
	bool found = proc_file(ctx, pid, "stat", &line) && proc_stat_parse(sv_n(line.p, line.len), &stat);

	if (found)
		text_sv(t, stat.comm);
	if (line.failed)
		text_fail(t);
	text_done(&line);
	return found;
}

static bool context(void *ctx, struct text *t, uint32_t pid)
{
	struct name_tables *n = ctx;

	return selinux_of_process(n->selinux, pid, t);
}

static bool socket_context(void *ctx, struct text *t, uint32_t pid, uint32_t fd)
{
	struct name_tables *n = ctx;

	return selinux_of_socket(n->selinux, pid, fd, t);
}

static int storage(void *ctx, struct text *t, uint32_t map_id, struct sv value, bool is_oneline)
{
	struct name_tables *n = ctx;
	int r = n->storages ? storages_put(n->storages, t, map_id, value, is_oneline) : -ENOENT;

	if (r == -ENOENT)
		notes_add(n->notes, NOTE_WARNING, "BPF map %u: what it holds cannot be found out", map_id);
	if (r == -EBADMSG)
		notes_add(n->notes, NOTE_WARNING,
			  "BPF map %u: a value of %zu bytes is not what the map holds, and is not shown",
			  map_id, value.len);
	return r;
}

void names_want_programs(struct name_tables *n)
{
	n->want_programs = !n->o.is_elsewhere;
}

int names_has_contexts(struct name_tables *n, struct err *e)
{
	return n->o.is_elsewhere ? 0 : selinux_is_enabled(n->selinux, e);
}

int names_want_storage(struct name_tables *n, struct err *e)
{
	return n->storages || n->o.is_elsewhere ? 0 : storages_new(&n->storages, e);
}

int names_open_map(struct name_tables *n, uint32_t id, struct err *e)
{
	if (!n->storages)
		return err_say(e, -ENOENT, "BPF map %u: a recording has no maps", id);
	return storages_open(n->storages, id, e);
}

void names_tell(struct name_tables *n, struct notes *notes)
{
	n->notes = notes;
}

void names_begin(struct name_tables *n, struct notes *notes)
{
	struct ifaces *fresh;

	names_tell(n, notes);
	if (!n->has_begun) {
		n->has_begun = true; /* what the filter asked for is as new as can be */
		return;
	}
	forget_places(n);
	fresh = ifaces_new(IFACES_HERE);
	if (fresh) {
		(void)ifaces_free(n->ifaces);
		n->ifaces = fresh;
	}
	n->ifaces_here = n->ifaces;
}

struct name_tables *names_free(struct name_tables *n)
{
	if (!n)
		return NULL;
	(void)services_free(n->services);
	forget_places(n);
	notes_done(&n->untold);
	(void)ifaces_free(n->ifaces_unknown);
	(void)ifaces_free(n->ifaces);
	(void)hostnames_free(n->hosts);
	(void)cgroups_free(n->cgroups);
	(void)selinux_free(n->selinux);
	(void)rpcbind_free(n->programs);
	storages_free(n->storages);
	users_free(n->users);
	text_done(&n->netlink);
	free(n);
	return NULL;
}

int names_new(const struct name_opts *o, struct name_tables **ret)
{
	const struct service_opts so = { .proc_root = o->proc_root,
					 .port_range = o->port_range,
					 .is_elsewhere = o->is_elsewhere,
					 .auto_lo = o->auto_lo,
					 .auto_hi = o->auto_hi };
	_cleanup_(names_freep) struct name_tables *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->o = *o;
	n->notes = &n->untold;
	n->services = services_new(&so);
	n->ifaces = n->ifaces_here = ifaces_new(IFACES_HERE);
	n->hosts = hostnames_new();
	n->selinux = selinux_new(o->proc_root);
	n->users = users_new(o->tree);
	n->programs = rpcbind_new(NULL);
	if (!n->services || !n->ifaces || !n->hosts || !n->selinux || !n->users || !n->programs)
		return -ENOMEM;
	n->output = (struct names){
		.ctx = n,
		.service = service,
		.protocol = protocol_name,
		.host = host,
		.iface = iface,
		.iface_has_port = iface_has_port,
		.enter = enter,
		.netns = netns_name,
		.cgroup = cgroup,
		.cgroup_path = cgroup_path,
		.sees_cgroups = sees_cgroups,
		.user = user,
		.netlink = netlink_name,
		.process = process,
		.context = context,
		.socket_context = socket_context,
		.storage = storage,
	};
	if (o->is_elsewhere)
		names_forget_machine(&n->output);
	*ret = take_ptr(n);
	return 0;
}

const struct names *names_for_output(struct name_tables *n)
{
	return &n->output;
}
