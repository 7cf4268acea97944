/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Who held the sockets of a recording, and in which unit or container they were. */

#include <errno.h>

#include "base/num.h"
#include "host/recorded_impl.h"

enum { OWNERS_MAX = 1 << 20 }; /* of one socket: more is no fact */

struct recorded_tenant {
	struct recorded_tenant *next;
	struct fact_key key;
	enum fact kind;
	bool is_known;
	struct tenant tenant;
};

static size_t count_owners(struct sv value)
{
	size_t n = 0;
	uint8_t member;
	struct sv s;

	while (n < OWNERS_MAX && fact_take(&value, &member, &s))
		n += member == OWNER_ONE;
	return n;
}

static bool make_room(struct recorded *r, size_t n)
{
	struct owner *v;
	struct owner_texts *texts;

	if (n <= r->owners_cap)
		return true;
	v = reallocarray(r->owners, n, sizeof(*v));
	if (v)
		r->owners = v;
	texts = reallocarray(r->texts, n, sizeof(*texts));
	if (texts)
		r->texts = texts;
	if (!v || !texts)
		return false;
	r->owners_cap = n;
	return true;
}

/* The texts that are known of the process @pid; the first of them is the value. */
static struct sv read_process(const struct recorded *r, uint32_t pid, struct owner_texts *ret)
{
	const struct fact_key key = fact_key_u32(pid);
	struct sv rest = recorded_fact(r, FACT_PROCESS, &key), s, name = {};
	uint8_t member;

	*ret = (struct owner_texts){};
	while (fact_take(&rest, &member, &s)) {
		switch (member) {
		case PROCESS_NAME: name = s; break;
		case PROCESS_FULL_NAME: ret->full_name = s; break;
		case PROCESS_EXE: ret->exe = s; break;
		case PROCESS_CMDLINE: ret->cmdline = s; break;
		case PROCESS_USER: ret->user = s; break;
		case PROCESS_START: ret->start = s; break;
		case PROCESS_PARENT: ret->parent = s; break;
		case PROCESS_STATE: ret->state = s; break;
		case PROCESS_FILES_MAX: ret->files_max = s; break;
		case PROCESS_UNBOUND: ret->unbound = s; break;
		default: break;
		}
	}
	return name;
}

static struct owner read_owner(const struct recorded *r, struct sv value, struct owner_texts *texts)
{
	struct owner o = { .fd = OWNER_NO_FD, .texts = texts };
	struct sv rest = value, s, comm = {};
	uint8_t member;
	uint64_t fd = 0;

	while (fact_take(&rest, &member, &s)) {
		switch (member) {
		case OWNER_PID: o.pid = (uint32_t)fact_u64(s); break;
		case OWNER_TID: o.tid = (uint32_t)fact_u64(s); break;
		case OWNER_HOLDER: o.holder = (uint32_t)fact_u64(s); break;
		case OWNER_FD: fd = fact_u64(s); break;
		case OWNER_COMM: comm = s; break;
		default: break;
		}
	}
	if (fd)
		o.fd = (uint32_t)(fd - 1);
	o.comm = read_process(r, o.pid, texts);
	if (comm.p)
		o.comm = comm;
	return o;
}

struct owners recorded_owners(struct host *h, uint32_t inode)
{
	struct recorded *r = recorded_of(h);
	const struct fact_key key = fact_key_u32(inode);
	struct sv value = recorded_fact(r, FACT_OWNERS, &key), s;
	size_t n = count_owners(value), i = 0;
	uint8_t member;

	if (!n || !make_room(r, n))
		return (struct owners){};
	while (i < n && fact_take(&value, &member, &s)) {
		if (member != OWNER_ONE)
			continue;
		r->owners[i] = read_owner(r, s, &r->texts[i]);
		i++;
	}
	return (struct owners){ .v = r->owners, .n = n };
}

struct owners recorded_process(struct host *h, uint32_t pid, struct sv comm)
{
	struct recorded *r = recorded_of(h);

	if (!pid || !make_room(r, 1))
		return (struct owners){};
	r->owners[0] = (struct owner){ .pid = pid, .fd = OWNER_NO_FD, .comm = comm, .texts = &r->texts[0] };
	(void)read_process(r, pid, &r->texts[0]);
	return (struct owners){ .v = r->owners, .n = 1 };
}

void recorded_aside(struct host *h, uint32_t inode, bool *ret_in_ring, size_t *ret_in_flight)
{
	const struct fact_key key = fact_key_u32(inode);
	struct sv value = recorded_fact(recorded_of(h), FACT_ASIDE, &key);

	*ret_in_ring = fact_u64(fact_member(value, ASIDE_IN_RING));
	*ret_in_flight = (size_t)fact_u64(fact_member(value, ASIDE_IN_FLIGHT));
}

static struct tenant read_tenant(struct sv value)
{
	struct tenant t = {};
	uint8_t member;
	struct sv s;

	while (fact_take(&value, &member, &s)) {
		switch (member) {
		case TENANT_LACK: t.lack = (uint8_t)fact_u64(s); break;
		case TENANT_IS_ROOT: t.is_root = fact_u64(s); break;
		case TENANT_UNIT: t.unit = s; break;
		case TENANT_SLICE: t.slice = s; break;
		case TENANT_CONTAINER_NAME: t.name = s; break;
		case TENANT_CONTAINER_ID: t.id = s; break;
		case TENANT_CONTAINER_RUNTIME: t.runtime = s; break;
		case TENANT_POD_NAME: t.pod_name = s; break;
		case TENANT_POD_NAMESPACE: t.pod_namespace = s; break;
		case TENANT_POD_UID: t.pod_uid = s; break;
		default: break;
		}
	}
	return t;
}

/* There are few: each cgroup, or process without one, is asked for once in a while. */
static const struct tenant *find_tenant(struct recorded *r, enum fact kind, const struct fact_key *key)
{
	struct recorded_tenant *t = r->tenants;
	struct sv value;

	while (t && (t->kind != kind || !sv_eq(fact_key_sv(&t->key), fact_key_sv(key))))
		t = t->next;
	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return NULL;
		value = recorded_fact(r, kind, key);
		*t = (struct recorded_tenant){ .next = r->tenants,
					       .key = *key,
					       .kind = kind,
					       .is_known = value.p,
					       .tenant = read_tenant(value) };
		r->tenants = t;
	}
	return t->is_known ? &t->tenant : NULL;
}

const struct tenant *recorded_tenant(struct host *h, uint64_t id, bool)
{
	const struct fact_key key = fact_key_u64(id);

	return find_tenant(recorded_of(h), FACT_TENANT, &key);
}

const struct tenant *recorded_tenant_of(struct host *h, uint32_t pid, bool)
{
	const struct fact_key key = fact_key_u32(pid);

	return find_tenant(recorded_of(h), FACT_TENANT_OF, &key);
}

enum procs_sight recorded_sight(struct host *h, struct text *t)
{
	const struct recorded *r = recorded_of(h);
	struct sv why = recorded_word(r, FACT_MACHINE, "sight.why");
	uint64_t sight = PROCS_SIGHT_ALL;

	(void)num_read(recorded_word(r, FACT_MACHINE, "sight"), 10, PROCS_SIGHT_NONE, &sight);
	if (t && sight != PROCS_SIGHT_ALL) {
		text_str(t, "when it was recorded, ");
		text_sv(t, why);
	}
	return (enum procs_sight)sight;
}

void recorded_owners_forget(struct recorded *r, bool all)
{
	while (r->tenants) {
		struct recorded_tenant *t = r->tenants;

		r->tenants = t->next;
		free(t);
	}
	if (!all)
		return;
	free(r->owners);
	free(r->texts);
	r->owners = NULL;
	r->texts = NULL;
	r->owners_cap = 0;
}
