/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Docker: DATA-ROOT/containers/ID/config.v2.json, with the name, a slash in front, and the labels, among them
 * those of Kubernetes.
 */

#include "enrich/runtimes_impl.h"

/* "data-root" of /etc/docker/daemon.json. */
static void read_conf(struct runtimes *r)
{
	const struct state_ask ask = { .source = STATE_CONF,
				       .what = STATE_FILE,
				       .path = "/etc/docker/daemon.json",
				       .max = STATE_SMALL_MAX };
	struct text conf = {}, key = {};
	struct json j;

	if (state_files_ask(r->files, &ask, &conf) == 0) {
		j = json_of(text_view(&conf));
		if (json_enter(&j, '{')) {
			while (json_key(&j, &key)) {
				if (sv_is(text_view(&key), "data-root"))
					(void)json_text(&j, &r->docker_root);
				else
					json_skip(&j);
			}
		}
		if (!json_end(&j) || (r->docker_root.len && r->docker_root.p[0] != '/'))
			r->docker_root.len = 0;
	}
	if (r->docker_root.len)
		text_char(&r->docker_root, '\0');
	text_done(&conf);
	text_done(&key);
}

static void read_config(struct json *j, struct boxed *ret)
{
	struct text key = {};

	if (!json_enter(j, '{'))
		return;
	while (json_key(j, &key))
		if (sv_is(text_view(&key), "Labels"))
			runtime_annotations(j, ret);
		else
			json_skip(j);
	text_done(&key);
}

static int parse(struct sv doc, struct boxed *ret)
{
	struct json j = json_of(doc);
	struct text key = {}, name = {};

	if (json_enter(&j, '{')) {
		while (json_key(&j, &key)) {
			if (sv_is(text_view(&key), "Name") && !name.len)
				(void)json_text(&j, &name);
			else if (sv_is(text_view(&key), "Config"))
				read_config(&j, ret);
			else
				json_skip(&j);
		}
	}
	/* The containers of pods have made-up names. */
	if (!ret->name.len && name.len)
		text_sv(&ret->name, name.p[0] == '/' ? sv_from(text_view(&name), 1) : text_view(&name));
	text_done(&key);
	text_done(&name);
	return json_end(&j) ? 0 : -EBADMSG;
}

static int find(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	const struct state_place places[] = {
		{ STATE_DOCKER, true, "/.local/share/docker" },
		{ STATE_DOCKER, false, r->docker_root.p },
		{ STATE_DOCKER, false, "/var/lib/docker" },
		{ STATE_DOCKER, false, "/var/snap/docker/common/var-lib-docker" },
	};
	const struct state_ask ask = { .what = STATE_FILE, .max = STATE_JSON_MAX };
	struct text doc = {};
	int result = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(places) && result < 0; i++) {
		int k;

		doc.len = 0;
		if (!places[i].path)
			continue;
		k = runtime_ask(r, &places[i], &ask, &doc, "/containers/%.*s/config.v2.json",
				SV_ARG(shape->container));
		if (k == 0)
			k = parse(text_view(&doc), ret);
		result = runtime_better(result, k);
	}
	if (result == 0)
		ret->runtime = RUNTIME_DOCKER;
	text_done(&doc);
	return result;
}

int runtime_docker(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	if (!r->has_docker_conf)
		read_conf(r);
	r->has_docker_conf = true;
	return find(r, shape, ret);
}
