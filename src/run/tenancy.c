/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/tenancy.h"

#include "base/cleanup.h"

/* The fields of one fact, of both ends. */
static const struct {
	enum field_id own, peer;
	bool is_name;
} members[] = {
#define TENANT(id, ...) { F_##id, F_PEER_##id, false },
#define NAMED(id, ...) { F_##id, F_PEER_##id, true },
#include "model/defs/tenant.def"
};

static struct tenancy_want wanted(const struct fieldset *set, bool of_peers)
{
	struct tenancy_want ret = {};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!fieldset_has(set, of_peers ? members[i].peer : members[i].own))
			continue;
		ret.any = true;
		ret.names |= members[i].is_name;
	}
	return ret;
}

struct tenancy_want tenancy_wanted(const struct fieldset *set)
{
	return wanted(set, false);
}

struct tenancy_want tenancy_wanted_of_peers(const struct fieldset *set)
{
	return wanted(set, true);
}

static bool is_same(const struct tenant *a, const struct tenant *b)
{
	return sv_eq(a->unit, b->unit) && sv_eq(a->id, b->id) && sv_eq(a->name, b->name) &&
	       sv_eq(a->slice, b->slice) && sv_eq(a->pod_uid, b->pod_uid);
}

const struct tenant *tenancy_of(struct host *host, struct owners owners, bool want_names)
{
	const struct tenant *found = NULL, *first = NULL;

	for (size_t i = 0; i < owners.n; i++) {
		const struct tenant *t = host_tenant_of(host, owners.v[i].pid, want_names);

		if (!t)
			continue;
		if (sv_is(t->unit, "init.scope"))
			first = t;
		else if (found && !is_same(found, t))
			return NULL;
		else
			found = t;
	}
	return found ? found : first;
}

struct tenancy_seen {
	struct seen_tenant {
		uint64_t cgroup; /* 0: none */
		const struct tenant *tenant;
		bool has_names;
	} v[256]; /* by cgroup */
};

const struct tenant *tenancy_find(struct tenancy_seen **s, struct host *host, uint64_t id, bool want_names)
{
	struct seen_tenant *t;

	if (!*s && !(*s = calloc(1, sizeof(**s))))
		return host_tenant(host, id, want_names);
	t = &(*s)->v[id % ARRAY_SIZE((*s)->v)];
	if (t->cgroup != id || t->has_names < want_names)
		*t = (struct seen_tenant){ id, host_tenant(host, id, want_names), want_names };
	return t->tenant;
}
