/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/host.h"

#include <errno.h>

#include "source/file.h"

int host_open(struct host *h, const struct host_ask *q, struct source **ret, struct err *e)
{
	h->is_asked = !h->is_live; /* a recording answers in any case */
	return h->ops->open(h, q, ret, e);
}

int host_look_below(struct host *h, const char *tree, struct err *e)
{
	if (!h->ops->look_below)
		return err_say(e, -EOPNOTSUPP, "a recording is of one machine");
	return h->ops->look_below(h, tree, e);
}

bool host_ask_early(struct host *h, const struct host_ask *q)
{
	return h->ops->ask_early && h->ops->ask_early(h, q);
}

int host_open_text(struct host *h, const struct host_ask *q, struct source **ret, struct err *e)
{
	if (h->ops->open_text)
		return h->ops->open_text(h, q, ret, e);
	/* Nothing but the files that were named is its own. */
	if (h->files.text_tables >> q->dump->origin.table & 1)
		return proc_open(&h->files.net, q->dump, ret, e);
	return err_say(e, -EOPNOTSUPP, "the recording has no text");
}

int host_open_recording(struct host *h, struct source **ret, struct err *e)
{
	return file_open(h->files.tcp_recording, ret, e);
}

int host_read_owners(struct host *h, const struct procs_opts *o, struct procs **ret, struct err *e)
{
	if (!h->ops->read_owners)
		return err_say(e, -EOPNOTSUPP, "a recording does not tell them");
	return h->ops->read_owners(h, o, ret, e);
}

int host_held(struct host *h, const struct held_ask *ask, enum procs_way way, struct seg_held *ret)
{
	return h->ops->held ? h->ops->held(h, ask, way, ret) : -ENOENT;
}

int host_loose(struct host *h, const struct owners *owners, uint32_t inode, struct seg_unbound *ret)
{
	return h->ops->loose ? h->ops->loose(h, owners, inode, ret) : -EPERM;
}

bool host_has_many_files(struct host *h)
{
	return h->ops->has_many_files && h->ops->has_many_files(h);
}

void host_aside(struct host *h, uint32_t inode, bool *ret_in_ring, size_t *ret_in_flight)
{
	*ret_in_ring = false;
	*ret_in_flight = 0;
	if (h->ops->aside)
		h->ops->aside(h, inode, ret_in_ring, ret_in_flight);
}

const struct tenant *host_tenant(struct host *h, uint64_t id, bool want_names)
{
	return h->ops->tenant ? h->ops->tenant(h, id, want_names) : NULL;
}

const struct tenant *host_tenant_of(struct host *h, uint32_t pid, bool want_names)
{
	return h->ops->tenant_of ? h->ops->tenant_of(h, pid, want_names) : NULL;
}

struct facts host_facts(struct host *h, const struct places *all)
{
	struct facts ret = facts_unknown();

	ret.kernel = h->kernel;
	if (h->ops->facts)
		h->ops->facts(h, all, &ret);
	return ret;
}

int host_places(struct host *h, enum procs_way way, struct notes *notes, struct places **ret, struct err *e)
{
	if (!h->ops->places)
		return err_say(e, -EOPNOTSUPP, "a recording is of one network namespace");
	return h->ops->places(h, way, notes, ret, e);
}

void host_counters(struct host *h, struct proc_counters *ret, struct proc_counter_errors *ret_errors)
{
	*ret = proc_counters_none();
	*ret_errors = (struct proc_counter_errors){ -ENODATA, -ENODATA, -ENODATA };
	if (h->ops->counters)
		h->ops->counters(h, ret, ret_errors);
}

bool host_has_own_counters(const struct host *h)
{
	const struct proc_counter_paths *p = &h->files.counters;

	return !h->is_live || p->proc_root || p->sockstat || p->sockstat6 || p->snmp;
}

int host_find_locals(struct host *h, const struct place *p, uint32_t netns, struct locals *into,
		     struct err *e)
{
	return h->ops->locals ? h->ops->locals(h, p, netns, into, e) : 0;
}

int host_find_nat(struct host *h, const struct place *p, struct nat *into, struct err *e)
{
	return h->ops->nat ? h->ops->nat(h, p, into, e) : 0;
}

bool host_has_own_tables(const struct host *h)
{
	const struct proc_paths *p = &h->files.net;

	return (h->files.root && !h->files.tree) || h->files.tcp_recording || p->root || p->tcp || p->tcp6 ||
	       p->udp || p->udp6 || p->unix_;
}

uint32_t host_here(struct host *h)
{
	return h->ops->here ? h->ops->here(h) : 0;
}

int64_t host_protocol_sockets(struct host *h, const char *name)
{
	return h->ops->protocol_sockets ? h->ops->protocol_sockets(h, name) : -1;
}

struct sv host_about(struct host *h, enum host_about what)
{
	return h->ops->about ? h->ops->about(h, what) : (struct sv){};
}

int host_limit(struct host *h, const char *file, int64_t *ret)
{
	*ret = -1;
	return h->ops->limit ? h->ops->limit(h, file, ret) : 0;
}

uint64_t host_now_us(struct host *h)
{
	return h->ops->now_us ? h->ops->now_us(h) : 0;
}

uint64_t host_monotonic_us(struct host *h)
{
	return h->ops->monotonic_us ? h->ops->monotonic_us(h) : 0;
}

uint64_t host_nobody(struct host *h)
{
	return h->ops->nobody ? h->ops->nobody(h) : UINT64_MAX;
}

const char *host_root(const struct host *h)
{
	return h->files.root ? h->files.root : "/proc";
}

void host_begin(struct host *h, struct notes *notes)
{
	if (h->ops->begin)
		h->ops->begin(h, notes);
}

void host_end(struct host *h)
{
	if (h->ops->end)
		h->ops->end(h);
}

int host_kept(struct host *h, const struct places *all, const struct place *p, const struct kept_ops *ops,
	      void *ctx)
{
	return h->ops->kept ? h->ops->kept(h, all, p, ops, ctx) : 0;
}
