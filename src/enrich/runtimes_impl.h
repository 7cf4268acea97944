/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the readers of the runtimes share: a file runtime_NAME.c for each way to keep containers.
 */

#include <errno.h>

#include "base/json.h"
#include "enrich/runtimes.h"
#include "enrich/state_files.h"

enum { STATE_JSON_MAX = 4 << 20, STATE_SMALL_MAX = 64 << 10 };

/* What was read of a directory once. */
struct state_list {
	struct text names;
	bool has_read;
	int r;
};

struct runtimes {
	struct state_files *files;
	struct text home; /* of the user in whose sessions the container is; empty: there is none */
	struct state_list logs, pods; /* of Kubernetes */
	struct text
		docker_root; /* where docker was told to keep its files, with a NUL; empty: nowhere else */
	struct text storage_root; /* the same of podman and CRI-O */
	bool has_docker_conf, has_storage_conf;
	struct text passwd;
	bool has_passwd;
};

/*
 * A reader: adds what it finds to @ret. Returns 0 when it knows the container, -ENOENT when it does not, or
 * another negative errno.
 */
typedef int runtime_read(struct runtimes *r, const struct cgroup_shape *shape, struct boxed *ret);

runtime_read runtime_docker;
runtime_read runtime_storage;    /* containers/storage: podman, CRI-O */
runtime_read runtime_containerd; /* its tasks; nerdctl's names */
runtime_read runtime_kube;       /* the names of logs */
runtime_read runtime_lxc;
runtime_read runtime_machine; /* systemd-machined: nspawn, libvirt */

/* A place where a runtime may keep its files. */
struct state_place {
	enum state_source source;
	bool is_of_user; /* .path is below the user's home */
	const char *path;
};

/* Asks for what the path of @place with @more, a format, behind it names. Returns as state_files_ask(). */
int runtime_ask(struct runtimes *r, const struct state_place *place, const struct state_ask *ask,
		struct text *ret, const char *more, ...) __attribute__((format(printf, 5, 6)));

/* Of two results the one that tells more: 0, else what kept us from looking, else -ENOENT. */
int runtime_better(int a, int b);

/* Reads the annotations of a config.json of the OCI runtime specification. Returns 0 or -EBADMSG. */
int runtime_oci_config(struct sv doc, struct boxed *ret);

/* Reads annotations, an object that comes next in @j, or labels like them. */
void runtime_annotations(struct json *j, struct boxed *ret);

/* What was read so far of @t, NUL by NUL: the next name in *@rest. */
struct sv runtime_next_name(struct sv *rest);

/* The text as a view. */
static inline struct sv text_view(const struct text *t)
{
	return sv_n(t->p, t->len);
}
