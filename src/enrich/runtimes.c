/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/runtimes.h"

#include "base/num.h"
#include "enrich/runtimes_impl.h"

enum { READERS = 5 };

/* Who may know a container of each kind, in the order of asking; all are asked until one knows. */
static runtime_read *const readers[RUNTIME_MAX][READERS] = {
	[RUNTIME_NONE] = { runtime_kube },
	[RUNTIME_UNKNOWN] = { runtime_kube, runtime_docker, runtime_storage, runtime_containerd },
	[RUNTIME_DOCKER] = { runtime_docker, runtime_kube },
	[RUNTIME_CONTAINERD] = { runtime_kube, runtime_containerd },
	[RUNTIME_CRIO] = { runtime_kube, runtime_storage },
	[RUNTIME_PODMAN] = { runtime_storage },
	[RUNTIME_KATA] = { runtime_kube, runtime_containerd, runtime_storage },
	[RUNTIME_LXC] = { runtime_lxc },
	[RUNTIME_NSPAWN] = { runtime_machine },
	[RUNTIME_MACHINED] = { runtime_machine },
	[RUNTIME_LIBVIRT] = { runtime_machine },
};

void boxed_done(struct boxed *b)
{
	text_done(&b->name);
	text_done(&b->pod_name);
	text_done(&b->pod_namespace);
	text_done(&b->pod_uid);
}

struct runtimes *runtimes_free(struct runtimes *r)
{
	if (!r)
		return NULL;
	(void)state_files_free(r->files);
	text_done(&r->home);
	text_done(&r->logs.names);
	text_done(&r->pods.names);
	text_done(&r->docker_root);
	text_done(&r->storage_root);
	text_done(&r->passwd);
	free(r);
	return NULL;
}

int runtimes_new(const char *tree, struct runtimes **ret)
{
	_cleanup_free_ struct runtimes *r = calloc(1, sizeof(*r));
	int k = r ? state_files_new(tree, &r->files) : -ENOMEM;

	if (k < 0)
		return k;
	*ret = take_ptr(r);
	return 0;
}

/* Sets .home to that of the user @uid as the machine's own file of users has it. */
static void find_home(struct runtimes *r, uint32_t uid)
{
	const struct state_ask ask = {
		.source = STATE_CONF, .what = STATE_FILE, .path = "/etc/passwd", .max = STATE_JSON_MAX
	};
	struct sv rest;

	if (!r->has_passwd)
		(void)state_files_ask(r->files, &ask, &r->passwd);
	r->has_passwd = true;
	for (rest = text_view(&r->passwd); rest.len;) {
		struct sv line = sv_take(&rest, '\n'), number;
		uint64_t n;

		(void)sv_take(&line, ':');
		(void)sv_take(&line, ':');
		number = sv_take(&line, ':');
		if (!num_read(number, 10, UINT32_MAX, &n) || n != uid)
			continue;
		(void)sv_take(&line, ':');
		(void)sv_take(&line, ':');
		text_sv(&r->home, sv_take(&line, ':'));
		break;
	}
	if (r->home.len && r->home.p[0] != '/')
		r->home.len = 0;
}

/* Adds to @ret what it has not. */
static void merge(struct boxed *ret, const struct boxed *more)
{
	const struct {
		struct text *to;
		const struct text *from;
	} texts[] = {
		{ &ret->name, &more->name },
		{ &ret->pod_name, &more->pod_name },
		{ &ret->pod_namespace, &more->pod_namespace },
		{ &ret->pod_uid, &more->pod_uid },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!texts[i].to->len)
			text_sv(texts[i].to, text_view(texts[i].from));
		if (texts[i].from->failed)
			text_fail(texts[i].to);
	}
	ret->runtime = more->runtime;
}

int runtimes_find(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	int result = -ENOENT;

	r->home.len = 0;
	if (shape->has_user && shape->user)
		find_home(r, shape->user);
	/* One that knows the pod only is not the last to be asked. */
	for (size_t i = 0; i < READERS && readers[shape->runtime][i] && !ret->name.len; i++) {
		struct boxed one = { .runtime = ret->runtime };
		int k = readers[shape->runtime][i](r, shape, &one);

		result = runtime_better(result, k);
		if (k == 0)
			merge(ret, &one);
		boxed_done(&one);
	}
	if (ret->name.failed || ret->pod_name.failed || ret->pod_namespace.failed || ret->pod_uid.failed)
		return -ENOMEM;
	return result == -EPERM ? -EACCES : result;
}
