/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * LXC, and what is built upon it: the cgroup has the name, where its files lie tells whose it is.
 */

#include "enrich/runtimes_impl.h"

int runtime_lxc(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	static const struct {
		struct state_place place;
		enum runtime runtime;
	} known[] = {
		{ { STATE_LXC, false, "/var/lib/incus/containers" }, RUNTIME_INCUS },
		{ { STATE_LXC, false, "/var/snap/lxd/common/lxd/containers" }, RUNTIME_LXD },
		{ { STATE_LXC, false, "/var/lib/lxd/containers" }, RUNTIME_LXD },
		{ { STATE_LXC, true, "/.local/share/lxc" }, RUNTIME_LXC },
		{ { STATE_LXC, false, "/var/lib/lxc" }, RUNTIME_LXC },
	};
	const struct state_ask ask = { .what = STATE_IS };
	struct text nothing = {};

	shape_put_name(shape, &ret->name);
	ret->runtime = RUNTIME_LXC;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (runtime_ask(r, &known[i].place, &ask, &nothing, "/%.*s", SV_ARG(shape->container)) < 0)
			continue;
		ret->runtime = known[i].runtime;
		break;
	}
	text_done(&nothing);
	return 0;
}
