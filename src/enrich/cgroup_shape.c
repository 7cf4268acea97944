/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/cgroup_shape.h"

#include "base/cleanup.h"
#include "base/num.h"

const char *const runtime_names[RUNTIME_MAX] = {
#define RUNTIME(id, name) [RUNTIME_##id] = name,
#include "model/defs/runtime.def"
};

/* How the id of a container stands in a component, or behind a component of its own. */
static const struct {
	const char *before, *after; /* of the id; AFTER "/": .before is the component in front of it */
	enum runtime runtime;
} ids[] = {
	{ "docker-", ".scope", RUNTIME_DOCKER },
	{ "docker:", "", RUNTIME_DOCKER },
	{ "cri-containerd-", ".scope", RUNTIME_CONTAINERD },
	{ "cri-containerd:", "", RUNTIME_CONTAINERD },
	{ "nerdctl-", ".scope", RUNTIME_CONTAINERD },
	{ "nerdctl:", "", RUNTIME_CONTAINERD },
	{ "crio-", ".scope", RUNTIME_CRIO },
	{ "crio-", "", RUNTIME_CRIO },
	{ "crio:", "", RUNTIME_CRIO },
	{ "libpod-", ".scope", RUNTIME_PODMAN },
	{ "libpod-", "", RUNTIME_PODMAN },
	{ "libpod:", "", RUNTIME_PODMAN },
	{ "libpod-payload-", "", RUNTIME_PODMAN },
	{ "kata_", "", RUNTIME_KATA },
	{ "kata-", ".scope", RUNTIME_KATA },
	{ "docker", "/", RUNTIME_DOCKER },
	{ "default", "/", RUNTIME_CONTAINERD },
	{ "k8s.io", "/", RUNTIME_CONTAINERD },
	{ "moby", "/", RUNTIME_DOCKER },
};

/* Containers that have names: what is in front, and behind. */
static const struct {
	const char *before, *after;
	enum runtime runtime;
	bool is_machine; /* systemd-machined knows it by this unit */
} names[] = {
	{ "lxc.payload.", "", RUNTIME_LXC, false },
	{ "systemd-nspawn@", ".service", RUNTIME_NSPAWN, true },
	{ "machine-qemu\\x2d", ".scope", RUNTIME_LIBVIRT, true },
	{ "machine-lxc\\x2d", ".scope", RUNTIME_LIBVIRT, true },
	{ "machine-", ".scope", RUNTIME_MACHINED, true },
	{ "qemu-", ".libvirt-qemu", RUNTIME_LIBVIRT, false },
	{ "", ".libvirt-qemu", RUNTIME_LIBVIRT, false },
	{ "lxc-", ".libvirt-lxc", RUNTIME_LIBVIRT, false },
	{ "", ".libvirt-lxc", RUNTIME_LIBVIRT, false },
};

/* Takes @before off the front of *@s and @after off its end; false, and nothing, where they are not there. */
static bool strip(struct sv *s, const char *before, const char *after)
{
	size_t n = strlen(before), k = strlen(after);

	if (s->len <= n + k || !sv_is(sv_first(*s, n), before) || !sv_is(sv_from(*s, s->len - k), after))
		return false;
	*s = sv_n(s->p + n, s->len - n - k);
	return true;
}

static bool is_hex(struct sv s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.len > 0;
}

static bool is_id(struct sv s)
{
	return s.len == CONTAINER_ID_LEN && is_hex(s);
}

/* Whether it is a uid of Kubernetes: of 32 digits, or that in five groups. */
static bool is_pod_uid(struct sv s)
{
	static const size_t gaps[] = { 8, 13, 18, 23 };

	if (s.len == 32)
		return is_hex(s);
	if (s.len != 36)
		return false;
	for (size_t i = 0, gap = 0; i < s.len; i++) {
		bool is_gap = gap < ARRAY_SIZE(gaps) && i == gaps[gap];

		if (is_gap ? s.p[i] != '-' && s.p[i] != '_' : !is_hex(sv_n(s.p + i, 1)))
			return false;
		gap += is_gap;
	}
	return true;
}

/* What is behind the last @word in @s; empty when there is none. */
static struct sv after_last(struct sv s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = s.len; i-- > 0;)
		if (sv_is(sv_first(sv_from(s, i), n), word))
			return sv_from(s, i + n);
	return (struct sv){};
}

static bool has_suffix(struct sv s, const char *suffix)
{
	return strip(&s, "", suffix);
}

static bool is_slice(struct sv s)
{
	return has_suffix(s, ".slice");
}

static bool is_unit(struct sv s)
{
	return has_suffix(s, ".service") || has_suffix(s, ".scope") || has_suffix(s, ".socket") ||
	       has_suffix(s, ".mount") || has_suffix(s, ".swap");
}

/* The number of the user that @s, between @before and @after, is of. */
static void find_user(struct cgroup_shape *shape, struct sv s, const char *before, const char *after)
{
	uint64_t n;

	if (!strip(&s, before, after) || !num_read(s, 10, UINT32_MAX, &n))
		return;
	shape->has_user = true;
	shape->user = (uint32_t)n;
}

/* systemd puts a "_" in front of a name that the kernel might have a file of. */
static struct sv plain(struct sv component)
{
	return component.len > 1 && component.p[0] == '_' ? sv_from(component, 1) : component;
}

/*
 * The unit: behind slices that the path begins with. A user's own systemd is a unit of the system's, and has
 * its units below in the same way.
 */
static void find_unit(struct cgroup_shape *shape, struct sv rest, bool is_below_user)
{
	struct sv slice = {};

	while (rest.len) {
		struct sv c = plain(sv_take(&rest, '/')), user = c;

		if (is_slice(c)) {
			slice = c;
			find_user(shape, c, "user-", ".slice");
			continue;
		}
		if (!is_unit(c) || (is_below_user && sv_is(c, "init.scope")))
			return;
		shape->unit = c;
		shape->slice = slice.len ? slice : sv("-.slice");
		find_user(shape, c, "user@", ".service");
		if (!is_below_user && strip(&user, "user@", ".service"))
			find_unit(shape, rest, true);
		return;
	}
}

/* Services of systems whose init is another: Talos and OpenRC name a cgroup after each. */
static void find_service(struct cgroup_shape *shape, struct sv path)
{
	struct sv first = sv_take(&path, '/'), second = sv_take(&path, '/');

	if ((sv_is(first, "system") || sv_is(first, "podruntime") || sv_is(first, "openrc")) && second.len)
		shape->unit = second;
	else if (strip(&first, "openrc.", ""))
		shape->unit = first;
}

static void find_pod(struct cgroup_shape *shape, struct sv before, struct sv c)
{
	struct sv uid = c;

	if (strip(&uid, "pod", "") && is_pod_uid(uid) &&
	    (sv_is(before, "kubepods") || sv_is(before, "besteffort") || sv_is(before, "burstable") ||
	     sv_is(before, "guaranteed"))) {
		shape->pod = uid;
		return;
	}
	/* "kubepods-burstable-podUID.slice", which may have ":cri-containerd:ID" behind it. */
	uid = after_last(sv_take(&c, ':'), "-pod");
	if (strip(&uid, "", ".slice") && is_pod_uid(uid))
		shape->pod = uid;
}

/* Whether @c, behind @before, has the id of a container. */
static bool find_id(struct cgroup_shape *shape, struct sv before, struct sv c)
{
	struct sv colon = c;

	/* SLICE:PREFIX:ID is what is not told apart where systemd was meant to make it. */
	if (sv_find(colon, ':') >= 0)
		(void)sv_take(&colon, ':');
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct sv id = strchr(ids[i].before, ':') ? colon : c;

		if (strcmp(ids[i].after, "/") == 0 ? !sv_is(before, ids[i].before)
						   : !strip(&id, ids[i].before, ids[i].after))
			continue;
		if (!is_id(id))
			continue;
		shape->container = id;
		shape->runtime = ids[i].runtime;
		return true;
	}
	if (!is_id(c))
		return false;
	shape->container = c;
	shape->runtime = RUNTIME_UNKNOWN;
	return true;
}

/* "snap.NAME.APP.service", "snap.NAME.APP-UUID.scope", "snap.NAME.hook.X.scope" */
static bool find_snap(struct cgroup_shape *shape, struct sv c)
{
	struct sv rest = c, name;

	if (!is_unit(c) || !strip(&rest, "snap.", ""))
		return false;
	name = sv_take(&rest, '.');
	if (!name.len || sv_find(rest, '.') < 0)
		return false;
	shape->container = name;
	shape->runtime = RUNTIME_SNAP;
	return true;
}

/* "app-flatpak-org.example.App-1234.scope" */
static bool find_flatpak(struct cgroup_shape *shape, struct sv c)
{
	ptrdiff_t dash;

	if (!strip(&c, "app-flatpak-", ".scope"))
		return false;
	dash = sv_rfind(c, '-');
	shape->container = dash > 0 ? sv_first(c, (size_t)dash) : c;
	shape->runtime = RUNTIME_FLATPAK;
	return true;
}

/* Whether @c, behind @before, has the name of one. */
static bool find_name(struct cgroup_shape *shape, struct sv before, struct sv c)
{
	if ((sv_is(before, "lxc") || sv_is(before, "lxc.payload")) && c.len) {
		shape->container = c;
		shape->runtime = RUNTIME_LXC;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct sv name = c;

		if (!strip(&name, names[i].before, names[i].after))
			continue;
		shape->container = name;
		shape->runtime = names[i].runtime;
		shape->machine = names[i].is_machine ? c : (struct sv){};
		return true;
	}
	return find_snap(shape, c) || find_flatpak(shape, c);
}

struct cgroup_shape shape_of(struct sv path)
{
	struct cgroup_shape shape = {};
	struct sv rest, before = {};

	while (path.len && path.p[0] == '/')
		path = sv_from(path, 1);
	/* One outside of the cgroup namespace that it was read in. */
	while (sv_is(sv_first(path, 3), "../"))
		path = sv_from(path, 3);
	find_unit(&shape, path, false);
	if (!shape.unit.len)
		find_service(&shape, path);
	for (rest = path; rest.len && shape.runtime == RUNTIME_NONE;) {
		struct sv c = sv_take(&rest, '/');

		find_pod(&shape, before, c);
		if (!find_id(&shape, before, c))
			(void)find_name(&shape, before, c);
		before = c;
	}
	return shape;
}

bool shape_has_id(const struct cgroup_shape *s)
{
	return s->runtime != RUNTIME_NONE && is_id(s->container);
}

static bool get_hex(char c, unsigned int *v)
{
	uint64_t n;

	if (!num_read(sv_n(&c, 1), 16, 15, &n))
		return false;
	*v = *v * 16 + (unsigned int)n;
	return true;
}

void shape_put_unescaped(struct text *ret, struct sv s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned int v = 0;

		if (s.len - i >= 4 && s.p[i] == '\\' && s.p[i + 1] == 'x' && get_hex(s.p[i + 2], &v) &&
		    get_hex(s.p[i + 3], &v)) {
			text_char(ret, (char)v);
			i += 3;
		} else {
			text_char(ret, s.p[i]);
		}
	}
}

void shape_put_name(const struct cgroup_shape *s, struct text *ret)
{
	size_t from = ret->len;
	struct sv name, number;
	uint64_t id;

	if (s->runtime == RUNTIME_NSPAWN || s->runtime == RUNTIME_MACHINED || s->runtime == RUNTIME_LIBVIRT)
		shape_put_unescaped(ret, s->container);
	else
		text_sv(ret, s->container);
	if (s->runtime != RUNTIME_LIBVIRT || ret->failed)
		return;
	/* libvirt puts the number of the domain in front. */
	name = sv_n(ret->p + from, ret->len - from);
	number = sv_take(&name, '-');
	if (!name.len || !num_read(number, 10, UINT32_MAX, &id))
		return;
	memmove(ret->p + from, name.p, name.len);
	ret->len = from + name.len;
}

void shape_put_pod(const struct cgroup_shape *s, struct text *ret)
{
	for (size_t i = 0; i < s->pod.len; i++)
		text_char(ret, s->pod.p[i] == '_' ? '-' : s->pod.p[i]);
}
