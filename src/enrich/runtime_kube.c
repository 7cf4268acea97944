/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Kubernetes: the kubelet names logs so that everybody may see whose they are, POD_NAMESPACE_CONTAINER-ID.log
 * in /var/log/containers and NAMESPACE_POD_UID in /var/log/pods. Each directory is listed once.
 */

#include "enrich/runtimes_impl.h"

static int list(struct runtimes *r, struct state_list *l, const char *path)
{
	if (!l->has_read)
		l->r = state_files_ask(
			r->files,
			&(struct state_ask){ .source = STATE_LOGS, .what = STATE_DIR, .path = path },
			&l->names);
	l->has_read = true;
	return l->r;
}

/* Takes @end off the end of *@s where it is there. */
static bool strip_end(struct sv *s, struct sv end)
{
	if (s->len <= end.len || !sv_eq(sv_from(*s, s->len - end.len), end))
		return false;
	s->len -= end.len;
	return true;
}

/* Neither the name of a pod nor that of a namespace has an underscore. */
static bool split(struct sv s, struct sv *first, struct sv *second)
{
	*first = sv_take(&s, '_');
	*second = sv_take(&s, '_');
	return first->len && second->len && !s.len;
}

static int find_log(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	int k = list(r, &r->logs, "/var/log/containers");
	struct sv rest = text_view(&r->logs.names);

	while (rest.len) {
		struct sv name = runtime_next_name(&rest), pod, space;

		if (!strip_end(&name, sv(".log")) || !strip_end(&name, shape->container) ||
		    !strip_end(&name, sv("-")))
			continue;
		pod = sv_take(&name, '_');
		space = sv_take(&name, '_');
		if (!pod.len || !space.len || !name.len)
			return -EBADMSG;
		text_sv(&ret->pod_name, pod);
		text_sv(&ret->pod_namespace, space);
		text_sv(&ret->name, name);
		return 0;
	}
	return k < 0 ? k : -ENOENT;
}

/* The container that holds a pod together has no log. */
static int find_pod(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	int k = list(r, &r->pods, "/var/log/pods");
	struct sv rest = text_view(&r->pods.names);
	struct text uid = {};
	bool is_found = false;

	shape_put_pod(shape, &uid);
	while (rest.len && uid.len && !is_found) {
		struct sv name = runtime_next_name(&rest), pod, space;

		is_found = strip_end(&name, text_view(&uid)) && strip_end(&name, sv("_")) &&
			   split(name, &space, &pod);
		if (is_found) {
			text_sv(&ret->pod_name, pod);
			text_sv(&ret->pod_namespace, space);
		}
	}
	text_done(&uid);
	return is_found ? 0 : k < 0 ? k : -ENOENT;
}

int runtime_kube(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	int k;

	if (!shape->pod.len)
		return -ENOENT;
	k = shape_has_id(shape) ? find_log(r, shape, ret) : -ENOENT;
	return k == 0 ? 0 : runtime_better(k, find_pod(r, shape, ret));
}
