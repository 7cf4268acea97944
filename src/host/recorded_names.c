/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What the numbers of a recording were called. Ports and protocols have the names of whoever looks. */

#include <errno.h>

#include "base/num.h"
#include "host/recorded_impl.h"

static struct sv iface_name(const struct recorded *r, uint32_t netns, uint32_t ifindex)
{
	struct fact_key key = fact_key_u32(netns);

	fact_key_add(&key, ifindex, 4);
	return recorded_fact(r, FACT_IFACE, &key);
}

static bool iface(void *ctx, struct text *t, uint32_t ifindex)
{
	const struct recorded *r = ctx;
	struct sv name = iface_name(r, r->names_of, ifindex);

	if (name.len)
		text_sv(t, name);
	else
		text_printf(t, "if%u", ifindex);
	return name.len;
}

static void enter(void *ctx, uint32_t ino)
{
	((struct recorded *)ctx)->names_of = ino;
}

static void netns(void *ctx, struct text *t, uint32_t ino)
{
	const struct fact_key key = fact_key_u32(ino);
	struct sv name = fact_member(recorded_fact(ctx, FACT_PLACE, &key), PLACE_NAME);

	if (name.len)
		text_sv(t, name);
	else
		text_printf(t, "net:[%u]", ino);
}

static bool has_cgroups(const struct recorded *r)
{
	return sv_is(recorded_word(r, FACT_MACHINE, "cgroups"), "1");
}

static bool cgroup_as(struct recorded *r, struct text *t, uint64_t id, uint8_t member)
{
	const struct fact_key key = fact_key_u64(id);
	struct sv value = recorded_fact(r, FACT_CGROUP, &key), path = fact_member(value, member);

	if (!has_cgroups(r) || (value.p && !path.p))
		return false;
	if (path.len)
		text_sv(t, path);
	else
		text_printf(t, "unreachable:%llx", (unsigned long long)id);
	return true;
}

static bool cgroup(void *ctx, struct text *t, uint64_t id)
{
	return cgroup_as(ctx, t, id, CGROUP_SHOWN);
}

static bool cgroup_path(void *ctx, struct text *t, uint64_t id)
{
	return cgroup_as(ctx, t, id, CGROUP_PATH);
}

static bool sees_cgroups(void *ctx)
{
	return has_cgroups(ctx) && sv_is(recorded_word(ctx, FACT_MACHINE, "cgroups.whole"), "1");
}

static void user(void *ctx, struct text *t, uint32_t uid)
{
	const struct fact_key key = fact_key_u32(uid);
	struct sv name = recorded_fact(ctx, FACT_USER, &key);

	if (name.len)
		text_sv(t, name);
	else
		text_u64(t, uid);
}

static bool process(void *ctx, struct text *t, uint32_t pid)
{
	const struct fact_key key = fact_key_u32(pid);
	struct sv name = recorded_fact(ctx, FACT_PID_NAME, &key);

	text_sv(t, name);
	return name.p;
}

static int find_iface(const struct recorded *r, struct sv name, uint64_t *ret)
{
	struct sv key, value;
	size_t at = 0;

	while (store_next_fact(r->reader, FACT_IFACE, &at, &key, &value) > 0) {
		if (fact_key_take(&key, 4) != r->home || !sv_eq(value, name))
			continue;
		*ret = fact_key_take(&key, 4);
		return 0;
	}
	if (name.len > 2 && !memcmp(name.p, "if", 2))
		name = sv_from(name, 2);
	return num_read(name, 10, UINT32_MAX, ret) ? 0 : -ENODEV;
}

static struct sv strip(struct sv path)
{
	while (path.len && path.p[0] == '/')
		path = sv_from(path, 1);
	while (path.len && path.p[path.len - 1] == '/')
		path.len--;
	return path;
}

static int find_cgroup(const struct recorded *r, struct sv path, uint64_t *ret)
{
	struct sv key, value;
	size_t at = 0;

	if (!has_cgroups(r))
		return -ENXIO;
	while (store_next_fact(r->reader, FACT_CGROUP, &at, &key, &value) > 0) {
		if (!sv_eq(strip(fact_member(value, CGROUP_PATH)), strip(path)))
			continue;
		*ret = fact_key_take(&key, 8);
		return 0;
	}
	return -ENOENT;
}

/* A user without sockets then is known by the name that he has now. */
static int find_user(const struct recorded *r, struct sv name, uint64_t *ret)
{
	struct sv key, value;
	size_t at = 0;

	while (store_next_fact(r->reader, FACT_USER, &at, &key, &value) > 0) {
		if (!sv_eq(value, name))
			continue;
		*ret = fact_key_take(&key, 4);
		return 0;
	}
	return users_number(r->users, name, ret);
}

static int number(void *ctx, enum filter_name kind, struct sv name, uint64_t *ret)
{
	switch (kind) {
	case FILTER_NAME_DEVICE: return find_iface(ctx, name, ret);
	case FILTER_NAME_CGROUP: return find_cgroup(ctx, name, ret);
	case FILTER_NAME_USER: return find_user(ctx, name, ret);
	default: return -ENOENT;
	}
}

static const struct names *here(void *ctx)
{
	return names_for_output(((struct recorded *)ctx)->host.names);
}

static bool service(void *ctx, struct text *t, uint16_t port, uint16_t proto)
{
	return here(ctx)->service(here(ctx)->ctx, t, port, proto);
}

static bool protocol(void *ctx, struct text *t, uint16_t proto)
{
	return here(ctx)->protocol(here(ctx)->ctx, t, proto);
}

static bool netlink(void *ctx, struct text *t, uint8_t proto)
{
	return here(ctx)->netlink(here(ctx)->ctx, t, proto);
}

/* The ports that the kernel chose from; 0, 0 where that is not known. */
static void read_port_range(const struct recorded *r, uint16_t *ret_lo, uint16_t *ret_hi)
{
	const struct fact_key key = fact_key_named(r->home, "sys/net/ipv4/ip_local_port_range");
	struct sv text = recorded_fact(r, FACT_FILE, &key);
	uint64_t lo, hi;

	if (!num_read(sv_word(&text), 10, UINT16_MAX, &lo) || !num_read(sv_word(&text), 10, UINT16_MAX, &hi))
		return;
	*ret_lo = (uint16_t)lo;
	*ret_hi = (uint16_t)hi;
}

int recorded_names_new(struct recorded *r)
{
	struct name_opts o = { .is_elsewhere = true, .number = number, .ctx = r };
	int k;

	read_port_range(r, &o.auto_lo, &o.auto_hi);
	r->users = users_new(NULL);
	k = r->users ? names_new(&o, &r->host.names) : -ENOMEM;
	if (k < 0)
		return k;
	r->names = *names_for_output(r->host.names); /* what is not known of another machine */
	r->names.ctx = r;
	r->names.service = service;
	r->names.protocol = protocol;
	r->names.netlink = netlink;
	r->names.iface = iface;
	r->names.enter = enter;
	r->names.netns = netns;
	r->names.cgroup = cgroup;
	r->names.cgroup_path = cgroup_path;
	r->names.sees_cgroups = sees_cgroups;
	r->names.user = user;
	r->names.process = process;
	r->host.output = &r->names;
	return 0;
}
