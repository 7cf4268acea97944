/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * systemd-machined: /run/systemd/machines/unit:UNIT leads to a file that is called as the machine is, and
 * says who made it.
 */

#include "base/num.h"
#include "enrich/runtimes_impl.h"

static const struct state_place place = { STATE_MACHINES, false, "/run/systemd/machines" };

static void read_service(struct sv file, struct boxed *ret)
{
	static const struct {
		const char *service;
		enum runtime runtime;
	} known[] = {
		{ "systemd-nspawn", RUNTIME_NSPAWN },
		{ "libvirt-qemu", RUNTIME_LIBVIRT },
		{ "libvirt-lxc", RUNTIME_LIBVIRT },
	};

	while (file.len) {
		struct sv value = sv_take(&file, '\n'), key = sv_take(&value, '=');

		for (size_t i = 0; sv_is(key, "SERVICE") && i < ARRAY_SIZE(known); i++)
			if (sv_is(value, known[i].service))
				ret->runtime = known[i].runtime;
	}
}

/* libvirt's machines are called KIND-NUMBER-NAME. */
static struct sv domain_of(struct sv name)
{
	struct sv rest = name, kind = sv_take(&rest, '-'), number = sv_take(&rest, '-');
	uint64_t n;

	if ((!sv_is(kind, "qemu") && !sv_is(kind, "lxc")) || !num_read(number, 10, UINT32_MAX, &n) ||
	    !rest.len)
		return name;
	return rest;
}

int runtime_machine(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	const struct state_ask link = { .what = STATE_LINK },
			       file = { .what = STATE_FILE, .max = STATE_SMALL_MAX };
	struct text name = {}, doc = {};
	int k = -ENOENT;

	if (shape->machine.len)
		k = runtime_ask(r, &place, &link, &name, "/unit:%.*s", SV_ARG(shape->machine));
	if (k == 0 && sv_find(text_view(&name), '/') >= 0)
		k = -EBADMSG;
	if (k == 0 && runtime_ask(r, &place, &file, &doc, "/%.*s", SV_ARG(text_view(&name))) == 0)
		read_service(text_view(&doc), ret);
	if (k == 0)
		text_sv(&ret->name,
			ret->runtime == RUNTIME_LIBVIRT ? domain_of(text_view(&name)) : text_view(&name));
	else /* the path has it, if perhaps cut */
		shape_put_name(shape, &ret->name);
	text_done(&name);
	text_done(&doc);
	return 0;
}
