/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * containers/storage, where podman and CRI-O keep containers: a list of all with their names in
 * ROOT/DRIVER-containers/containers.json, those that end with the system in volatile-containers.json, and
 * what each was started with in RUN-ROOT/DRIVER-containers/ID/userdata/config.json.
 */

#include "enrich/runtimes_impl.h"

static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs" };

/* graphroot = "DIR" of storage.conf, which is TOML. */
static void read_conf(struct runtimes *r)
{
	static const char *const paths[] = { "/etc/containers/storage.conf",
					     "/usr/share/containers/storage.conf" };
	struct text conf = {};
	struct sv rest;

	for (size_t i = 0; i < ARRAY_SIZE(paths) && !conf.len; i++)
		(void)state_files_ask(r->files,
				      &(struct state_ask){ .source = STATE_CONF,
							   .what = STATE_FILE,
							   .path = paths[i],
							   .max = STATE_SMALL_MAX },
				      &conf);
	for (rest = text_view(&conf); rest.len;) {
		struct sv line = sv_take(&rest, '\n'), key = sv_word(&line), eq = sv_word(&line);
		struct sv value = sv_word(&line);

		if (!sv_is(key, "graphroot") || !sv_is(eq, "=") || value.len < 3 || value.p[0] != '"' ||
		    value.p[1] != '/' || value.p[value.len - 1] != '"')
			continue;
		r->storage_root.len = 0;
		text_put(&r->storage_root, value.p + 1, value.len - 2);
		text_char(&r->storage_root, '\0');
	}
	text_done(&conf);
}

/* One of the list; whether it is the container @id. Its first name goes to @ret. */
static bool read_one(struct json *j, struct sv id, struct text *ret)
{
	struct text key = {}, text = {};
	bool is_it = false;

	ret->len = 0;
	if (!json_enter(j, '{'))
		return false;
	while (json_key(j, &key)) {
		text.len = 0;
		if (sv_is(text_view(&key), "id")) {
			is_it = json_text(j, &text) && sv_eq(text_view(&text), id);
		} else if (sv_is(text_view(&key), "names") && json_enter(j, '[')) {
			while (json_item(j))
				if (ret->len)
					json_skip(j);
				else
					(void)json_text(j, ret);
		} else if (!sv_is(text_view(&key), "names")) {
			json_skip(j);
		}
	}
	text_done(&key);
	text_done(&text);
	return is_it && !j->failed;
}

static int find_in_list(struct sv doc, struct sv id, struct boxed *ret)
{
	struct json j = json_of(doc);
	struct text name = {};
	bool is_found = false;

	if (json_enter(&j, '['))
		while (json_item(&j)) {
			if (!read_one(&j, id, &name))
				continue;
			is_found = true;
			if (!ret->name.len)
				text_sv(&ret->name, text_view(&name));
		}
	text_done(&name);
	if (!json_end(&j))
		return -EBADMSG;
	return is_found ? 0 : -ENOENT;
}

/* What is kept at @place by @driver. */
static int find_at(struct runtimes *r, const struct state_place *place, const char *driver, struct sv id,
		   struct boxed *ret)
{
	static const char *const lists[] = { "", "volatile-" };
	const struct state_ask ask = { .what = STATE_FILE, .max = STATE_JSON_MAX };
	struct text doc = {};
	int result = -ENOENT, k;

	k = runtime_ask(r, place, &ask, &doc, "/%s-containers/%.*s/userdata/config.json", driver, SV_ARG(id));
	if (k == 0)
		k = runtime_oci_config(text_view(&doc), ret);
	/* Names are in the list; only pods have theirs here. */
	result = runtime_better(result, k == 0 && !ret->name.len ? -ENOENT : k);
	for (size_t i = 0; i < ARRAY_SIZE(lists) && result < 0; i++) {
		doc.len = 0;
		k = runtime_ask(r, place, &ask, &doc, "/%s-containers/%scontainers.json", driver, lists[i]);
		if (k == 0)
			k = find_in_list(text_view(&doc), id, ret);
		result = runtime_better(result, k);
	}
	text_done(&doc);
	return result;
}

static int find(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	const struct state_place places[] = {
		{ STATE_STORAGE, true, "/.local/share/containers/storage" },
		{ STATE_STORAGE, false, "/run/containers/storage" },
		{ STATE_STORAGE, false, r->storage_root.p },
		{ STATE_STORAGE, false, "/var/lib/containers/storage" },
	};
	int result = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(places) && result < 0; i++)
		for (size_t d = 0; d < ARRAY_SIZE(drivers) && result < 0 && places[i].path; d++)
			result = runtime_better(result,
						find_at(r, &places[i], drivers[d], shape->container, ret));
	return result;
}

int runtime_storage(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret)
{
	int k;

	if (!r->has_storage_conf)
		read_conf(r);
	r->has_storage_conf = true;
	k = find(r, shape, ret);
	if (k == 0 && shape->runtime == RUNTIME_UNKNOWN)
		ret->runtime = ret->pod_name.len ? RUNTIME_CRIO : RUNTIME_PODMAN;
	return k;
}
