/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/capture_facts.h"

#include <errno.h>
#include <stdio.h>

#include "host/names.h"
#include "host/totals.h"
#include "run/unseen.h"

enum { ASIDE_MAX = 1 << 16 };

void capture_facts_begin(struct capture_facts *f)
{
	for (size_t i = 0; i < FACT_KINDS; i++)
		hash_clear(&f->told[i]);
	f->error = 0;
}

void capture_facts_done(struct capture_facts *f)
{
	for (size_t i = 0; i < FACT_KINDS; i++)
		hash_done(&f->told[i]);
	hash_done(&f->aside);
	text_done(&f->value);
	text_done(&f->inner);
}

static void note_error(struct capture_facts *f, int r)
{
	if (r < 0 && !f->error)
		f->error = r;
}

/* Whether that of @kind with the number @n was not told yet. From now on it is. */
static bool is_new(struct capture_facts *f, enum fact kind, uint64_t n)
{
	struct hash *told = &f->told[kind];

	if (hash_find(told, hash_u64(n), NULL, NULL))
		return false;
	note_error(f, hash_put(told, hash_u64(n), f));
	return true;
}

void capture_put(struct capture_facts *f, enum fact kind, struct sv key, struct sv value)
{
	if (!f->held) {
		note_error(f, store_put_fact(f->writer, (uint8_t)kind, key, value));
		return;
	}
	fact_add(f->held, (uint8_t)kind, key);
	fact_add(f->held, 0, value);
}

void capture_put_word(struct capture_facts *f, enum fact kind, const char *word, struct sv value)
{
	capture_put(f, kind, sv(word), value);
}

void capture_put_number(struct capture_facts *f, enum fact kind, const char *word, uint64_t value)
{
	char digits[TEXT_U64_MAX];

	capture_put_word(f, kind, word, sv_n(digits, (size_t)(text_u64_at(digits, value) - digits)));
}

/* The value that was made in @t. */
static void put_made(struct capture_facts *f, enum fact kind, const struct fact_key *key,
		     const struct text *t)
{
	if (t->failed)
		note_error(f, -ENOMEM);
	else
		capture_put(f, kind, fact_key_sv(key), sv_n(t->p ? t->p : "", t->len));
}

static void put_part(struct text *t, uint8_t member, struct sv s)
{
	if (s.p)
		fact_add(t, member, s);
}

/* In the order of model/defs/part.def. */
static void put_process(struct capture_facts *f, const struct owner *o)
{
	const struct fact_key key = fact_key_u32(o->pid);
	struct text *t = &f->inner;

	if (!is_new(f, FACT_PROCESS, o->pid))
		return;
	t->len = 0;
	put_part(t, PROCESS_NAME, o->comm);
	if (o->texts) {
		put_part(t, PROCESS_FULL_NAME, o->texts->full_name);
		put_part(t, PROCESS_EXE, o->texts->exe);
		put_part(t, PROCESS_CMDLINE, o->texts->cmdline);
		put_part(t, PROCESS_USER, o->texts->user);
		put_part(t, PROCESS_START, o->texts->start);
		put_part(t, PROCESS_PARENT, o->texts->parent);
		put_part(t, PROCESS_STATE, o->texts->state);
		put_part(t, PROCESS_FILES_MAX, o->texts->files_max);
		put_part(t, PROCESS_UNBOUND, o->texts->unbound);
	}
	put_made(f, FACT_PROCESS, &key, t);
}

static void put_owner(struct text *t, const struct owner *o)
{
	fact_add_u64(t, OWNER_PID, o->pid);
	if (o->fd != OWNER_NO_FD)
		fact_add_u64(t, OWNER_FD, (uint64_t)o->fd + 1);
	if (o->tid)
		fact_add_u64(t, OWNER_TID, o->tid);
	if (o->holder)
		fact_add_u64(t, OWNER_HOLDER, o->holder);
	if (o->tid || o->holder)
		put_part(t, OWNER_COMM, o->comm);
}

/* Whether it is in a ring, and twice how many descriptors are under way. Looking for that is dear, and what
 * was found of a socket once is true as long as it has no owner. */
static uint64_t find_aside(struct capture_facts *f, uint32_t inode)
{
	const char *const base = (const char *)f; /* no item is NULL */
	const char *known = hash_find(&f->aside, hash_u64(inode), NULL, NULL);
	bool is_in_ring = false;
	size_t n_in_flight = 0;
	uint64_t found;

	if (known)
		return (uint64_t)(uintptr_t)(known - base);
	host_aside(f->host, inode, &is_in_ring, &n_in_flight);
	found = (uint64_t)n_in_flight << 1 | is_in_ring;
	if (f->aside.n > ASIDE_MAX)
		hash_clear(&f->aside);
	note_error(f, hash_put(&f->aside, hash_u64(inode), (void *)((uintptr_t)f + found)));
	return found;
}

/* Where a socket may be that nobody holds: what tells it is gone later. */
static void put_aside(struct capture_facts *f, const struct row *row, uint32_t inode)
{
	const struct fact_key key = fact_key_u32(inode);
	struct text *t = &f->value;
	uint64_t found;

	if (row_has(row, SEG_NETLINK_MSG) || !is_new(f, FACT_ASIDE, inode))
		return;
	found = find_aside(f, inode);
	if (!found)
		return;
	t->len = 0;
	fact_add_u64(t, ASIDE_IN_RING, found & 1);
	fact_add_u64(t, ASIDE_IN_FLIGHT, found >> 1);
	put_made(f, FACT_ASIDE, &key, t);
}

static void put_owners(struct capture_facts *f, const struct row *row, struct owners *ret)
{
	uint32_t inode = (uint32_t)field_u64(row, F_INODE, 0);
	const struct fact_key key = fact_key_u32(inode);
	struct text *t = &f->value;
	struct val v;

	*ret = (struct owners){};
	if (!inode)
		return;
	if (!field_get(row, F_OWNERS, &v) || !v.owners.n) {
		put_aside(f, row, inode);
		return;
	}
	*ret = v.owners;
	if (!is_new(f, FACT_OWNERS, inode))
		return;
	t->len = 0;
	for (size_t i = 0; i < v.owners.n; i++) {
		put_process(f, &v.owners.v[i]);
		f->inner.len = 0;
		put_owner(&f->inner, &v.owners.v[i]);
		fact_add(t, OWNER_ONE, sv_n(f->inner.p, f->inner.len));
	}
	if (f->inner.failed)
		note_error(f, -ENOMEM);
	put_made(f, FACT_OWNERS, &key, t);
}

static void put_tenant(struct capture_facts *f, enum fact kind, const struct fact_key *key,
		       const struct tenant *tenant)
{
	static const struct {
		uint8_t member;
		size_t off;
	} texts[] = {
		{ TENANT_UNIT, offsetof(struct tenant, unit) },
		{ TENANT_SLICE, offsetof(struct tenant, slice) },
		{ TENANT_CONTAINER_NAME, offsetof(struct tenant, name) },
		{ TENANT_CONTAINER_ID, offsetof(struct tenant, id) },
		{ TENANT_CONTAINER_RUNTIME, offsetof(struct tenant, runtime) },
		{ TENANT_POD_NAME, offsetof(struct tenant, pod_name) },
		{ TENANT_POD_NAMESPACE, offsetof(struct tenant, pod_namespace) },
		{ TENANT_POD_UID, offsetof(struct tenant, pod_uid) },
	};
	struct text *t = &f->value;

	t->len = 0;
	fact_add_u64(t, TENANT_LACK, tenant->lack);
	fact_add_u64(t, TENANT_IS_ROOT, tenant->is_root);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct sv s;

		memcpy(&s, (const char *)tenant + texts[i].off, sizeof(s));
		if (s.len)
			fact_add(t, texts[i].member, s);
	}
	put_made(f, kind, key, t);
}

/* Whether it is known who is in the cgroup with the number @id. */
static bool put_tenant_in(struct capture_facts *f, uint64_t id)
{
	const struct fact_key key = fact_key_u64(id);
	void *const known = f, *const unknown = &f->value;
	struct hash *told = &f->told[FACT_TENANT];
	const void *before = hash_find(told, hash_u64(id), NULL, NULL);
	const struct tenant *t;

	if (before)
		return before == known;
	t = host_tenant(f->host, id, true);
	if (t)
		put_tenant(f, FACT_TENANT, &key, t);
	note_error(f, hash_put(told, hash_u64(id), t ? known : unknown));
	return t;
}

/* As run/context.c looks for one: by the cgroup of the socket, or else by the processes that hold it. */
static void put_tenants(struct capture_facts *f, uint64_t cgroup, struct owners owners)
{
	if (cgroup && put_tenant_in(f, cgroup))
		return;
	for (size_t i = 0; i < owners.n; i++) {
		const struct fact_key pid = fact_key_u32(owners.v[i].pid);
		const struct tenant *of;

		if (!is_new(f, FACT_TENANT_OF, owners.v[i].pid))
			continue;
		of = host_tenant_of(f->host, owners.v[i].pid, true);
		if (of)
			put_tenant(f, FACT_TENANT_OF, &pid, of);
	}
}

static void put_cgroup(struct capture_facts *f, uint64_t id)
{
	const struct fact_key key = fact_key_u64(id);
	const struct names *n = f->host->output;
	struct text *t = &f->value;

	if (!id || !names_cgroups(f->host->names) || !is_new(f, FACT_CGROUP, id))
		return;
	t->len = f->inner.len = 0;
	if (n->cgroup_path(n->ctx, &f->inner, id))
		fact_add(t, CGROUP_PATH, sv_n(f->inner.p, f->inner.len));
	f->inner.len = 0;
	if (names_shows_cgroups(f->host->names) && n->cgroup(n->ctx, &f->inner, id))
		fact_add(t, CGROUP_SHOWN, sv_n(f->inner.p, f->inner.len));
	put_made(f, FACT_CGROUP, &key, t);
}

static void put_user(struct capture_facts *f, uint32_t uid)
{
	const struct fact_key key = fact_key_u32(uid);
	const struct names *n = f->host->output;

	if (!is_new(f, FACT_USER, uid))
		return;
	f->value.len = 0;
	n->user(n->ctx, &f->value, uid);
	put_made(f, FACT_USER, &key, &f->value);
}

/* The address of a netlink socket may be the number of a process. */
static void put_pid_name(struct capture_facts *f, uint32_t pid)
{
	const struct fact_key key = fact_key_u32(pid);
	const struct names *n = f->host->output;

	if (!pid || pid > INT32_MAX || !is_new(f, FACT_PID_NAME, pid))
		return;
	f->value.len = 0;
	if (n->process(n->ctx, &f->value, pid))
		put_made(f, FACT_PID_NAME, &key, &f->value);
}

/* All but who holds it. */
static void put_others(struct capture_facts *f, const struct row *row, struct owners owners)
{
	uint64_t cgroup = field_u64(row, F_CGROUP, 0);
	struct val v;

	put_tenants(f, cgroup, owners);
	put_cgroup(f, cgroup);
	if (field_get_sent(row, F_UID, &v))
		put_user(f, (uint32_t)v.u);
	put_pid_name(f, (uint32_t)field_u64(row, F_NETLINK_PORTID, 0));
}

void capture_row(struct capture_facts *f, const struct row *row)
{
	struct owners owners;

	put_owners(f, row, &owners);
	put_others(f, row, owners);
}

void capture_event_row(struct capture_facts *f, const struct row *row)
{
	struct owners owners = {};
	struct val v;

	if (field_get(row, F_OWNERS, &v))
		owners = v.owners;
	for (size_t i = 0; i < owners.n; i++)
		put_process(f, &owners.v[i]);
	put_others(f, row, owners);
}

static void put_totals(struct capture_facts *f, struct notes *notes)
{
	struct proc_counters c;

	note_error(f, totals_read(f->host, &c, notes));
	for (enum proc_counter i = 0; i < COUNTER_MAX; i++) {
		if (c.v[i] < 0)
			capture_put_word(f, FACT_TOTALS, totals_name(i), sv("-"));
		else
			capture_put_number(f, FACT_TOTALS, totals_name(i), (uint64_t)c.v[i]);
	}
}

void capture_machine(struct capture_facts *f, struct notes *notes)
{
	const struct names *n = f->host->output;
	bool has_cgroups = names_cgroups(f->host->names);
	char kernel[16];

	capture_put_word(f, FACT_MACHINE, "host", host_about(f->host, HOST_NAME));
	capture_put_word(f, FACT_MACHINE, "boot", host_about(f->host, HOST_BOOT));
	(void)snprintf(kernel, sizeof(kernel), "%u.%u", f->host->kernel >> 8, f->host->kernel & 0xff);
	capture_put_word(f, FACT_MACHINE, "kernel", sv(kernel));
	capture_put_number(f, FACT_MACHINE, "nobody", host_nobody(f->host));
	capture_put_number(f, FACT_MACHINE, "net_admin", unseen_has_net_admin());
	capture_put_number(f, FACT_MACHINE, "cgroups", has_cgroups);
	capture_put_number(f, FACT_MACHINE, "cgroups.whole",
			   has_cgroups && (!n->sees_cgroups || n->sees_cgroups(n->ctx)));
	put_totals(f, notes);
}
