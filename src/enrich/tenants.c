/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/tenants.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "enrich/runtimes.h"

/* A path, and who is there. */
struct at {
	struct tenant tenant; /* the texts of NAMED lines are its own */
	struct cgroup_shape shape;
	bool has_names;
	struct text pod_uid;
	struct boxed boxed;
	size_t len;
	char path[];
};

/* A cgroup or process that was asked for. */
struct asked {
	uint64_t key;
	struct at *at; /* NULL: not to be known */
	int r;         /* why */
};

struct tenants {
	struct tenants_opts o;
	struct runtimes *runtimes;
	bool has_tried_runtimes;
	struct hash paths, ids, pids;
	const struct asked *last; /* of the cgroups: sockets of one come together */
	bool has_looked, has_v1;
};

struct tenants *tenants_new(const struct tenants_opts *o)
{
	struct tenants *t = calloc(1, sizeof(*t));

	if (t)
		t->o = *o;
	return t;
}

static void free_items(struct hash *h)
{
	for (size_t i = 0; i < h->n_slots; i++)
		free(h->slot[i].item);
	hash_done(h);
}

struct tenants *tenants_free(struct tenants *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->paths.n_slots; i++) {
		struct at *at = t->paths.slot[i].item;

		if (!at)
			continue;
		text_done(&at->pod_uid);
		boxed_done(&at->boxed);
	}
	free_items(&t->paths);
	free_items(&t->ids);
	free_items(&t->pids);
	(void)runtimes_free(t->runtimes);
	free(t);
	return NULL;
}

static bool is_path(const void *item, const void *key)
{
	const struct at *at = item;
	const struct sv *path = key;

	return sv_eq(sv_n(at->path, at->len), *path);
}

static bool is_key(const void *item, const void *key)
{
	const struct asked *a = item;
	const uint64_t *k = key;

	return a->key == *k;
}

static struct sv view(const struct text *t)
{
	return sv_n(t->p, t->len);
}

/* What is known without names. */
static void describe(struct at *at)
{
	const struct cgroup_shape *s = &at->shape;
	struct tenant *n = &at->tenant;

	n->unit = s->unit;
	n->slice = s->slice;
	n->is_root = at->len <= 1;
	if (shape_has_id(s))
		n->id = s->container;
	shape_put_pod(s, &at->pod_uid);
	n->pod_uid = view(&at->pod_uid);
	if (s->runtime > RUNTIME_UNKNOWN)
		n->runtime = sv(runtime_names[s->runtime]);
}

static struct at *make_at(struct tenants *t, struct sv path)
{
	_cleanup_free_ struct at *at = calloc(1, sizeof(*at) + path.len + 1);

	if (!at)
		return NULL;
	memcpy(at->path, path.p, path.len);
	at->len = path.len;
	at->shape = shape_of(sv_n(at->path, at->len));
	describe(at);
	if (at->pod_uid.failed || hash_put(&t->paths, hash_bytes(path), at) < 0) {
		text_done(&at->pod_uid);
		return NULL;
	}
	return take_ptr(at);
}

/* Reads what its container is called. */
static void add_names(struct tenants *t, struct at *at)
{
	struct tenant *n = &at->tenant;
	int r;

	at->has_names = true;
	if (at->shape.runtime == RUNTIME_NONE && !at->shape.pod.len)
		return;
	if (!t->has_tried_runtimes)
		(void)runtimes_new(t->o.tree, &t->runtimes);
	t->has_tried_runtimes = true;
	at->boxed.runtime = at->shape.runtime;
	r = t->runtimes ? runtimes_find(t->runtimes, &at->shape, &at->boxed) : -EACCES;
	if (r != -ENOENT && r < 0)
		n->lack = r == -EACCES ? TENANT_BARRED : r == -ETIMEDOUT ? TENANT_LATE : TENANT_BROKEN;
	/* What has no id goes by the name that is in the path. */
	if (!at->boxed.name.len && !shape_has_id(&at->shape))
		shape_put_name(&at->shape, &at->boxed.name);
	n->name = view(&at->boxed.name);
	n->pod_name = view(&at->boxed.pod_name);
	n->pod_namespace = view(&at->boxed.pod_namespace);
	if (!n->pod_uid.len)
		n->pod_uid = view(&at->boxed.pod_uid);
	if (at->boxed.runtime > RUNTIME_UNKNOWN)
		n->runtime = sv(runtime_names[at->boxed.runtime]);
}

static struct at *find_at(struct tenants *t, struct sv path)
{
	struct at *at = hash_find(&t->paths, hash_bytes(path), is_path, &path);

	return at ? at : make_at(t, path);
}

static const struct tenant *tenant_of(struct tenants *t, struct at *at, bool want_names)
{
	if (!at)
		return NULL;
	if (want_names && !at->has_names)
		add_names(t, at);
	return &at->tenant;
}

const struct tenant *tenants_at(struct tenants *t, struct sv path, bool want_names)
{
	return tenant_of(t, find_at(t, path), want_names);
}

/* The entry of @key in @h, which is new when .at is NULL and .r is 0; NULL when memory ran out. */
static struct asked *find_asked(struct hash *h, uint64_t key)
{
	struct asked *a = hash_find(h, hash_u64(key), is_key, &key);

	if (a)
		return a;
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->key = key;
	if (hash_put(h, hash_u64(key), a) < 0) {
		free(a);
		return NULL;
	}
	return a;
}

const struct tenant *tenants_in(struct tenants *t, struct cgroups *c, uint64_t id, bool want_names)
{
	struct asked *a;
	struct sv path;

	if (t->last && t->last->key == id)
		return tenant_of(t, t->last->at, want_names);
	a = find_asked(&t->ids, id);
	if (!a)
		return NULL;
	if (!a->at && !a->r) {
		path = cgroups_path(c, id);
		a->at = path.len && path.p[0] == '/' ? find_at(t, path) : NULL;
		a->r = a->at ? 0 : -ENOENT;
	}
	t->last = a;
	return tenant_of(t, a->at, want_names);
}

/* How much a path tells. */
static int worth(const struct at *at)
{
	if (!at)
		return -1;
	return at->shape.runtime != RUNTIME_NONE || at->shape.pod.len ? 3
	       : at->shape.unit.len                                   ? 2
	       : at->len > 1                                          ? 1
								      : 0;
}

/* The best of the lines NUMBER:CONTROLLERS:PATH of v2, systemd's own, and others, in this order. */
static struct at *choose(struct tenants *t, struct sv lines)
{
	struct at *best = NULL;
	int best_rank = -1;

	while (lines.len) {
		struct sv line = sv_take(&lines, '\n'), number = sv_take(&line, ':');
		struct sv controllers = sv_take(&line, ':');
		bool is_v2 = sv_is(number, "0") && !controllers.len;
		struct at *at = line.len && line.p[0] == '/' ? find_at(t, line) : NULL;
		int rank = worth(at) * 3 + (is_v2 ? 2 : sv_is(controllers, "name=systemd"));

		if (!at || rank <= best_rank)
			continue;
		best = at;
		best_rank = rank;
	}
	return best;
}

int tenants_of(struct tenants *t, uint32_t pid, bool want_names, const struct tenant **ret)
{
	struct asked *a = find_asked(&t->pids, pid);
	struct text lines = {};
	char path[32];

	*ret = NULL;
	if (!a)
		return -ENOMEM;
	if (!a->at && !a->r) {
		(void)snprintf(path, sizeof(path), "%u/cgroup", pid);
		a->r = file_read_proc(t->o.proc_root, path, NULL, &lines);
		a->at = a->r == 0 ? choose(t, view(&lines)) : NULL;
		if (!a->at && a->r == 0)
			a->r = -ENOENT;
		text_done(&lines);
	}
	*ret = tenant_of(t, a->at, want_names);
	return a->r;
}

bool tenants_has_v1(struct tenants *t)
{
	struct text lines = {};
	struct sv rest;

	if (t->has_looked)
		return t->has_v1;
	t->has_looked = true;
	(void)file_read_proc(t->o.proc_root, "self/cgroup", NULL, &lines);
	if (!lines.len) /* another's /proc has no self */
		(void)file_read_proc(t->o.proc_root, "1/cgroup", NULL, &lines);
	for (rest = view(&lines); rest.len;)
		t->has_v1 |= !sv_is(sv_first(sv_take(&rest, '\n'), 3), "0::");
	text_done(&lines);
	return t->has_v1;
}
