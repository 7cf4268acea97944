/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * containerd: what each container was started with, in RUN-ROOT/PLUGIN/NAMESPACE/ID/config.json, whose
 * annotations have the names of pods and of nerdctl; and nerdctl's own files,
 * DATA-ROOT/HASH/names/NAMESPACE/NAME, which hold the id.
 */

#include "enrich/runtimes_impl.h"

enum { NAMES_MAX = 4096 };

/* In whichever of containerd's namespaces it is. */
static int find_task(struct runtimes *r, const struct state_place *place, struct sv id, struct boxed *ret)
{
	const struct state_ask file = { .what = STATE_FILE, .max = STATE_JSON_MAX },
			       dir = { .what = STATE_DIR };
	struct text spaces = {}, doc = {};
	int result = runtime_ask(r, place, &dir, &spaces, "%s", "");
	struct sv rest = text_view(&spaces);

	if (result == 0)
		result = -ENOENT;
	while (rest.len && result < 0) {
		struct sv space = runtime_next_name(&rest);
		int k;

		doc.len = 0;
		k = runtime_ask(r, place, &file, &doc, "/%.*s/%.*s/config.json", SV_ARG(space), SV_ARG(id));
		if (k == 0)
			k = runtime_oci_config(text_view(&doc), ret);
		result = runtime_better(result, k);
	}
	text_done(&spaces);
	text_done(&doc);
	return result;
}

/* The file of the names in @space that holds @id. */
static int find_name_in(struct runtimes *r, const struct state_place *place, struct sv hash, struct sv space,
			const struct cgroup_shape *shape, struct boxed *ret)
{
	const struct state_ask file = { .what = STATE_FILE, .max = STATE_SMALL_MAX },
			       dir = { .what = STATE_DIR };
	struct text list = {}, id = {};
	int result = runtime_ask(r, place, &dir, &list, "/%.*s/names/%.*s", SV_ARG(hash), SV_ARG(space));
	struct sv rest = text_view(&list);

	if (result == 0)
		result = -ENOENT;
	for (unsigned int i = 0; rest.len && result < 0 && i < NAMES_MAX; i++) {
		struct sv name = runtime_next_name(&rest);
		int k;

		id.len = 0;
		k = runtime_ask(r, place, &file, &id, "/%.*s/names/%.*s/%.*s", SV_ARG(hash), SV_ARG(space),
				SV_ARG(name));
		if (k == 0 && !sv_eq(text_view(&id), shape->container))
			k = -ENOENT;
		if (k == 0)
			text_sv(&ret->name, name);
		result = runtime_better(result, k);
	}
	text_done(&list);
	text_done(&id);
	return result;
}

static int find_name(struct runtimes *r, const struct state_place *place, const struct cgroup_shape *shape,
		     struct boxed *ret)
{
	const struct state_ask dir = { .what = STATE_DIR };
	struct text hashes = {}, spaces = {};
	int result = runtime_ask(r, place, &dir, &hashes, "%s", "");
	struct sv rest = text_view(&hashes);

	if (result == 0)
		result = -ENOENT;
	while (rest.len && result < 0) {
		struct sv hash = runtime_next_name(&rest), left;

		spaces.len = 0;
		result = runtime_better(result,
					runtime_ask(r, place, &dir, &spaces, "/%.*s/names", SV_ARG(hash)));
		result = result == 0 ? -ENOENT : result;
		for (left = text_view(&spaces); left.len && result < 0;)
			result = runtime_better(
				result, find_name_in(r, place, hash, runtime_next_name(&left), shape, ret));
	}
	text_done(&hashes);
	text_done(&spaces);
	return result;
}

int runtime_containerd(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	static const struct state_place tasks[] = {
		{ STATE_CONTAINERD, false, "/run/containerd/io.containerd.runtime.v2.task" },
		{ STATE_CONTAINERD, false, "/run/k3s/containerd/io.containerd.runtime.v2.task" },
		{ STATE_CONTAINERD, false, "/run/k0s/containerd/io.containerd.runtime.v2.task" },
		{ STATE_CONTAINERD, false,
		  "/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task" },
		{ STATE_CONTAINERD, false, "/run/containerd/io.containerd.runtime.v1.linux" },
	};
	static const struct state_place names[] = {
		{ STATE_NERDCTL, true, "/.local/share/nerdctl" },
		{ STATE_NERDCTL, false, "/var/lib/nerdctl" },
	};
	int result = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(tasks) && result < 0; i++)
		result = runtime_better(result, find_task(r, &tasks[i], shape->container, ret));
	/* One that was started by hand has no annotations; then only nerdctl may know more. */
	for (size_t i = 0; i < ARRAY_SIZE(names) && !ret->name.len && !ret->pod_name.len; i++)
		result = runtime_better(result, find_name(r, &names[i], shape, ret));
	if (result == 0 && shape->runtime == RUNTIME_UNKNOWN)
		ret->runtime = RUNTIME_CONTAINERD;
	return result;
}
